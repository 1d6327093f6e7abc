"""What non-alignment is not (equidistance, neutrality), when hedging pays, and how it spreads."""

from __future__ import annotations

import numpy as np

from ana_sim.facts.fact import Ablation, Part, Settings, fact
from ana_sim.facts.lab import ISSUES, Lab, both, mean, typical
from ana_sim.facts.offers import MANY_AT_FIRST
from ana_sim.facts.rivalry import RENEWED
from ana_sim.panel import Floats, Panel
from ana_sim.population import strategies_in

ALIKE: dict[str, object] = {
    **{f"issue.{issue}.acceptance.{power}": 0.8 for issue in ISSUES for power in ("hegemon", "rising")},
    **{f"issue.{issue}.stake.{power}": 0.3 for issue in ISSUES for power in ("hegemon", "rising")},
    **both("power.*.reliability", 0.95),
    **both("power.*.channel", 0.3),
    **both("power.*.pressure.severity", 0.6),
    **both("power.*.pressure.cost", 0.05),
    "states.exposure": {"hegemon": 0.25, "rising": 0.25},
}
"""Powers that are alike, on issues that are alike to them."""


@fact(
    "B",
    "e",
    "Non-alignment is not equidistance: nearer one power on some issues, the other on others",
    source="H",
    vary="forced halves against ANA",
    expect="ANA above; spread over issues > 0",
    falsified="as good",
    reading="who deals with both by what each offers and forbids ends up nearer one here and the other there",
    ablation=Ablation("powers and issues do not differ from one another", ALIKE),
)
def not_equidistance(lab: Lab) -> list[Part]:
    """ANA against forced equal shares, for those who change; and the spread of ANA's lean over issues.

    The lean is q_H - q_R in force after each state's first projects (60 states, three years). Its variance over issues
    is that of the issues, without that of luck: the covariance of the means of two halves of the states.
    """
    gain, terms = lab.lead("ana", "equidistant")
    return [
        Part("payoff: ana - equidistant", gain, terms),
        Part("variance of ana's lean over issues", spread(lab.run(MANY_AT_FIRST, play="ana"))),
    ]


def spread(panel: Panel) -> Floats:
    """Covariance over issues of the mean lean in force at the end, of one half of the states and the other; (R,)."""
    means = []
    for half in (slice(0, None, 2), slice(1, None, 2)):
        lean = []
        for issue in panel.columns.issues:
            hegemon, rising = (panel["held", power, issue][:, -1, half] for power in ("hegemon", "rising"))
            holds = (hegemon + rising > 0.0).sum(axis=1)
            lean.append((hegemon - rising).sum(axis=1) / np.maximum(holds, 1))
        means.append(np.stack(lean, axis=1))
    first, second = (of - of.mean(axis=1, keepdims=True) for of in means)
    found: Floats = (first * second).mean(axis=1)
    return found


@fact(
    "B",
    "e",
    "Non-alignment is not neutrality: it is active, and does not abstain",
    source="H",
    vary="abstain against ANA, over severity",
    expect="ANA above; report where it changes sign",
    falsified="abstaining as good at default severity",
    reading="who abstains is left alone, and left without: pressure must be harsh before that pays",
    ablation=Ablation("to ask is beyond anybody's means", {"world.ask_cost": 10.0}),
)
def not_neutrality(lab: Lab) -> list[Part]:
    """ANA against abstaining for those who change, at H's default severity (.6).

    In units of the mean terms of all. Remarked upon: the same at the 10th and 90th percentiles of severity (.15, 1.35)
    and far beyond, where the sign would change if anywhere.
    """

    def gain(severity: float) -> tuple[Floats, float]:
        own = {"power.hegemon.pressure.severity": severity}
        active, neutral = (lab.changed(play, own) for play in ("ana", "abstain"))
        who = lab.panel(active.size.shape[1])
        return mean(active, "payoff", who) - mean(neutral, "payoff", who), typical(active, "terms")

    lead, terms = gain(0.6)
    remarks = [Part(f"(remark) the same at {tau:g}", gain(tau)[0], terms, counts=False) for tau in (0.15, 1.35, 5.0)]
    return [Part("payoff: ana - abstain at severity .6", lead, terms), *remarks]


@fact(
    "B",
    "e",
    "Uncertainty makes hedging imperative",
    source="H",
    vary="delivery risk, its correlation",
    expect="gain of splitting (ANA minus field) up in risk; with abandonment 0, none at correlation 1",
    falsified="gain without risk",
    reading="splitting is an insurance: it pays by the risk that a power fails, if the other does not fail with it",
    ablation=Ablation("nobody minds risk or being left alone", {"states.risk_aversion": 0.0, "world.abandonment": 0.0}),
)
def uncertainty_hedging(lab: Lab) -> list[Part]:
    """Reliability, and the belief in it, of both powers at .73 against .97 (10th and 90th percentiles).

    On issues whose deals end, since a split on an issue for good would close it to both. The gain is of the payoff net
    of the ex-ante charge for risk: what a state that dislikes risk would pay.
    """

    def gain(reliability: float, settings: Settings) -> tuple[Floats, float]:
        sure = {**both("power.*.reliability", reliability), **both("power.*.belief_initial", reliability)}
        return lab.lead("ana", "play_field", {**RENEWED, **sure, **settings}, "bipolar", "payoff", "risk")

    (safe, terms), (risky, _) = gain(0.97, {}), gain(0.73, {})
    together, _ = gain(0.73, {"world.abandonment": 0.0, "world.delivery_correlation": 1.0})
    return [
        Part("gain of splitting: reliability .73 - .97", risky - safe, terms),
        Part("gain at correlation 1, abandonment 0", together, terms, "none"),
    ]


@fact(
    "B",
    "e",
    "Powers want position, states want development: that is what makes deals possible",
    source="H",
    vary="overlap of stakes and needs",
    expect="gains from deals down as they coincide",
    falsified="none",
    reading="a state gains most where it needs what the powers do not fight over",
    ablation=Ablation("no power ever objects", both("power.*.pressure.cost", float("inf"))),
)
def different_stakes(lab: Lab) -> list[Part]:
    """Needs of .5 and 1.5 on two issues with stakes of .7 and .1 for both powers, or the reverse; default mix.

    Both issues are alike in all else, and their deals end, so that needs are met by whom a state chooses. The sum of
    needs and the sum of stakes are the same in both worlds.
    """
    world = {**RENEWED, "issue.loan.arrival": 0.0, "issue.infrastructure.arrival": 0.5, "issue.network.arrival": 0.5}
    for power in ("hegemon", "rising"):
        for issue, stake in (("infrastructure", 0.1), ("network", 0.7)):
            world |= {f"issue.{issue}.stake.{power}": stake, f"issue.{issue}.acceptance.{power}": 0.9}

    def gain(play: str | None, what: str, *, counts: bool = True) -> Part:
        apart, same = (
            lab.run({**world, "issue.infrastructure.need": low, "issue.network.need": high}, play=play)
            for low, high in ((1.5, 0.5), (0.5, 1.5))
        )
        return Part(what, mean(apart, "payoff") - mean(same, "payoff"), typical(apart, "terms"), counts=counts)

    return [
        gain(None, "payoff: apart - coinciding"),
        gain("ana", "(remark) the same, all active non-aligned", counts=False),
    ]


@fact(
    "B",
    "e",
    "2022, the year of non-alignment: it spreads",
    source="H",
    vary="learning on, s_R rising",
    expect="non-aligned share rises, S-shaped; slower with local imitation",
    falsified="falls",
    reading="states take to non-alignment by looking at each other once a rising power makes it pay",
    ablation=Ablation("states imitate whomever they look at, whatever it earns", {"world.learning.strength": 0.0}),
)
def diffusion(lab: Lab) -> list[Part]:
    """24 states, of which 85% are H's allies, learn while R grows from .3 towards 1.5.

    Each looks at another every second year, and sometimes (.02) tries what nobody showed it, without which the few
    non-aligned are gone before R is worth asking. As that alone lifts their share, the rise is against a world in
    which R does not grow. S-shaped: growth in the middle third of the years is above that of the outer thirds; 60
    years, since after 40 (the first pilot) it has not yet slowed down.
    """

    def path(growth: float, network: str = "complete") -> Floats:
        own: dict[str, object] = {"states.count": 24, "years": 60, "world.network": network}
        own |= {"power.rising.capability": 0.3, "power.rising.growth": growth, "power.rising.ceiling": 1.5}
        own |= {"world.learning.rate": 0.5, "world.learning.mutation": 0.02}
        own |= {"strategies.mix": {"align_hegemon": 0.85, "hedge": 0.05, "play_field": 0.05, "ana": 0.05}}
        return non_aligned(lab.run(own))

    wide, still, local = path(0.12), path(0.0), path(0.12, "ring")
    growth = np.diff(wide[:, [0, 20, 40, 59]], axis=1)
    return [
        Part("non-aligned share: rise, R growing", wide[:, -1] - wide[:, 0]),
        Part("non-aligned share at the end: R growing - not", wide[:, -1] - still[:, -1]),
        Part("S: rise in the middle third - in the outer", growth[:, 1] - (growth[:, 0] + growth[:, 2]) / 2.0),
        Part("mean share: complete network - ring", (wide - local).mean(axis=1)),
    ]


def non_aligned(panel: Panel) -> Floats:
    """Share of the states that declare for nobody, by year, shape (R, T)."""
    names = [str(word) for word in strategies_in(panel.scenario)]
    free = [number for number, name in enumerate(names) if not name.startswith("align_")]
    found: Floats = np.isin(panel["playing"], free).mean(axis=2)
    return found
