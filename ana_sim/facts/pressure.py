"""When powers press, whom they press, who gives in, and what force is used for."""

from __future__ import annotations

import numpy as np

from ana_sim.facts.fact import Ablation, Part, fact
from ana_sim.facts.lab import Lab, complied, count, mean, only, over, ratio
from ana_sim.facts.sequencing import ONCE
from ana_sim.panel import Floats

HARMLESS = Ablation("what the hegemon threatens with costs nothing", {"power.hegemon.pressure.severity": 0.0})


@fact(
    "A",
    "e",
    "A new government in Panama under pressure suspends an awarded bridge of $1.4bn",
    source="H",
    vary="exposure, turnover",
    expect="compliance up in exposure and just after turnover",
    falsified="independent",
    reading="those who depend on the hegemon give in, most readily when they have just taken office",
    ablation=HARMLESS,
)
def panama_bridge(lab: Lab) -> list[Part]:
    """Exposure to the hegemon at .2 and .8; its demands that are met, in years of turnover and in others.

    Infrastructure and networks, all play `ana`; demands on new deals and on standing ones.
    """
    issues = only("infrastructure", "network")
    low, high = (lab.run({**issues, "states.exposure.hegemon": level}, play="ana") for level in (0.2, 0.8))
    new, standing = high["turnover"] > 0.0, high["pressed_standing", "hegemon"] > 0.0
    before = complied(high, "hegemon", ~new)
    return [
        Part("H's demands met: exposure .8 - .2", complied(high, "hegemon") - complied(low, "hegemon")),
        Part("H's demands met: new government - old", complied(high, "hegemon", new) - before),
        Part("(remark) the same on new deals", complied(high, "hegemon", new & ~standing) - before, counts=False),
    ]


@fact(
    "A",
    "e",
    "A trans-Pacific cable is cancelled after a visit",
    source="H",
    vary="stake x exposure x substitute",
    expect="cancelled at high stake and exposure; a substitute raises it",
    falsified="low stake as often",
    reading="a deal with the rival is given up where the hegemon minds, where it can hurt, and where it offers instead",
    ablation=HARMLESS,
)
def valparaiso_cable(lab: Lab) -> list[Part]:
    """R's cables (networks) that are given up for H: stake and exposure at .2 or .8; H interested or not.

    Per cable at stake: one that R has just been chosen for, or one in force when a new government takes office. Given
    up: it is not settled, H's demand being met; or it is dropped for H. Stake and exposure are both needed, so each is
    taken away from the world that has both.
    """

    def cancelled(stake: float, exposure: float, interest: float) -> Floats:
        own = {"issue.network.stake.hegemon": stake, "issue.network.interest.hegemon": interest}
        panel = lab.run({**own, "states.exposure.hegemon": exposure})
        chosen = panel.on("network") & (panel["chosen", "rising"] > 0.0)
        dropped = chosen & (panel["share", "rising"] <= 0.0) & (panel["complied", "hegemon"] > 0.0)
        held = panel["held", "rising", "network"] > 0.0
        before = np.concatenate([np.zeros_like(held[:, :1]), held[:, :-1]], axis=1)
        standing = before & (panel["turnover"] > 0.0) & ~chosen
        network, hegemon = panel.columns.issues.index("network"), panel.columns.powers.index("hegemon")
        given_up = standing & (panel["given_up"] == network) & (panel["given_up_to"] == hegemon)
        return ratio(count(dropped | given_up), count(chosen | standing))

    high = cancelled(0.8, 0.8, 1.0)
    return [
        Part("cancelled: stake .8 - .2", high - cancelled(0.2, 0.8, 1.0)),
        Part("cancelled: exposure .8 - .2", high - cancelled(0.8, 0.2, 1.0)),
        Part("cancelled at high: substitute - none", high - cancelled(0.8, 0.8, 0.0)),
    ]


@fact(
    "A",
    "e",
    "$3.5bn for Ecuador in exchange for excluding Chinese telecoms (2021, by the DFC)",
    source="H",
    vary="R's terms, need",
    expect="price of exclusion up in R's terms, down in need; more struck in need",
    falsified="price independent of R",
    reading="exclusion costs the hegemon what its rival would have paid, less for a state that cannot wait",
    ablation=Ablation("powers post all they would pay, so that no rival moves a price", {"world.posted_share": 1.0}),
)
def dfc_exclusion(lab: Lab) -> list[Part]:
    """R's openness at .28 and .92, need at half and double its default: one year of networks, all play `ana`."""

    def clauses(settings: dict[str, object]) -> tuple[Floats, Floats]:
        """Mean price of a clause, and clauses per project."""
        panel = lab.run({**only("network"), **ONCE, **settings}, play="ana")
        struck = panel["clause", "hegemon"]
        return over(struck, struck > 0.0), over(struck > 0.0)

    poor, rich = (clauses({"power.rising.openness": openness})[0] for openness in (0.28, 0.92))
    (calm, few), (needy, many) = (clauses({"states.need.mean": need}) for need in (0.5, 2.0))
    return [
        Part("price: R's openness .92 - .28", rich - poor, float(np.nanmean(rich))),
        Part("price: need .5 - 2", calm - needy, float(np.nanmean(calm))),
        Part("struck: need 2 - .5", many - few),
    ]


@fact(
    "A",
    "i",
    "Chancay is disapproved of; but what can be done, bomb Lima?",
    source="H",
    vary="stake x project size around the threshold",
    expect="force exactly 0 below; splitting a project removes the reaction",
    falsified="force at low stake",
    reading="what is forced is the single large project on a minded issue, never the country or a sum of small ones",
)
def chancay_port(lab: Lab) -> list[Part]:
    """Infrastructure projects all of one size, at the hegemon's stake of .4 and a threshold of 2: above or below 5."""

    def forced(size: float, stake: float = 0.4) -> Floats:
        own = {"issue.infrastructure.project.mean": size, "issue.infrastructure.project.sigma": 0.0}
        panel = lab.run({**only("infrastructure"), **own, "issue.infrastructure.stake.hegemon": stake})
        return mean(panel, "forced")

    whole = forced(9.8)
    return [
        Part("force on projects of 9.8", whole),
        Part("force on halves of them", forced(4.9), expect="zero"),
        Part("force on projects of 9.8 at a stake of .2", forced(9.8, 0.2), expect="zero"),
    ]


@fact(
    "B",
    "i",
    "The Canal: a strategic place",
    source="S",
    vary="stake near it",
    expect="same project, more pressure",
    falsified="none",
    reading="what is let pass elsewhere is objected to near a chokepoint",
)
def chokepoint(lab: Lab) -> list[Part]:
    """Strategic location at half and double its default: the hegemon's demands per project that R is chosen for."""

    def pressed(place: float) -> Floats:
        panel = lab.run({**only("infrastructure"), **ONCE, "states.strategic": place})
        chosen = panel["chosen", "rising"] > 0.0
        return ratio(count(panel["pressed", "hegemon"], chosen), count(chosen))

    return [Part("pressed per R deal: strategic 2 - .5", pressed(2.0) - pressed(0.5))]


@fact(
    "B",
    "c",
    "No relations with Cuba, Nicaragua and Venezuela",
    source="M",
    vary="excluded set",
    expect="R's share there near 1; H's pressure finds no compliance",
    falsified="none",
    reading="who is excluded has one partner left, and nothing to lose with the excluder",
)
def exclusion_backfires(lab: Lab) -> list[Part]:
    """The hegemon has no dealings with three of twelve states, for 20 years; three powers, default mix.

    With a third power to turn to, so that it is not settled beforehand whose the excluded are.
    """
    out = [f"S000{number}" for number in (1, 2, 3)]
    panel = lab.run({"power.hegemon.excluded": out}, "three_powers")
    there = np.broadcast_to(np.isin(panel.scenario.state_names, out), panel["need"].shape)
    settled = [count(panel["share", power], there) for power in panel.columns.powers]
    rising = settled[panel.columns.powers.index("rising")]
    ties = [over(panel["exposure", "rising"], where) for where in (there, ~there)]
    return [
        Part("1 - R's part of deals of the excluded", 1.0 - ratio(rising, np.asarray(sum(settled))), expect="none"),
        Part("H's demands met by the excluded", over(panel["complied", "hegemon"], there), expect="zero"),
        Part("(remark) exposure to R: excluded - others", ties[0] - ties[1], counts=False),
    ]
