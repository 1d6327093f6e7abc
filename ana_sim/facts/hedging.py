"""Being with both: on one issue in parts, on others in full."""

from __future__ import annotations

from ana_sim.facts.fact import Ablation, Part, fact
from ana_sim.facts.lab import Lab, holding, mean, only, over
from ana_sim.facts.sequencing import ONCE
from ana_sim.panel import Panel

RIVALS = ("hegemon", "rising")


@fact(
    "A",
    "e",
    "Brazil let Huawei in, and kept it out of the government's networks",
    source="H",
    vary="stake",
    expect="R's share shrinks smoothly with the stake; pressed less than the field at equal exposure",
    falsified="bang-bang",
    reading="who can split gives the rival less, the more the hegemon minds, and is left alone",
    ablation=Ablation("nobody can split a project", play={"ana": "play_field"}),
)
def brazil_5g(lab: Lab) -> list[Part]:
    """The hegemon's stake in networks at .4, .7 and 1: each state's first network, one year, all play `ana`.

    Half the default, 1 (the most there is, for the double), and the middle. Smoothly: R's share falls over each half
    of that range, and there are splits inside it. Exposures are those of the
    start, so equal. No exclusion clause is on the table, as it was not in Brazil: a pilot with clauses showed these,
    which powers offer from a stake of .5 on, and not the state's own answer.
    """

    def networks(stake: float, play: str) -> Panel:
        own = {"issue.network.stake.hegemon": stake, "world.clause_term": 0}
        return lab.run({**only("network"), **ONCE, **own}, play=play)

    low, middle, high = (networks(stake, "ana") for stake in (0.4, 0.7, 1.0))
    share = [mean(panel, ("share", "rising")) for panel in (low, middle, high)]
    inside = (middle["share", "rising"] > 0.0) & (middle["share", "rising"] < 1.0)
    field = networks(0.7, "play_field")
    return [
        Part("R's share: stake .4 - .7", share[0] - share[1]),
        Part("R's share: stake .7 - 1", share[1] - share[2]),
        Part("splits at .7", over(inside)),
        Part("pressed at .7: field - ana", mean(field, "pressed") - mean(middle, "pressed")),
    ]


@fact(
    "A",
    "e",
    "Chile has trade agreements with both and visits both, across governments",
    source="H",
    vary="stakes",
    expect="high share with both, pressure near 0 at low stake; survives turnover",
    falsified="penalised at low stake",
    reading="where nobody minds much and nothing excludes, a state is with both, whoever governs it",
    ablation=Ablation("an agreement with one rules out one with the other", {"issue.trade.kind": "exclusive"}),
)
def chile_both(lab: Lab) -> list[Part]:
    """The hegemon's stake in trade at .1 and .9, turnover at .1 and .4; trade alone, all play `ana`.

    High is more than half of the states at the end; near 0 and surviving are equivalence. Remarked upon: pressed at a
    stake of .4, double the default.
    """

    def at(stake: float, turnover: float) -> Panel:
        own = {"issue.trade.stake.hegemon": stake, "world.turnover": turnover}
        return lab.run({**only("trade"), **own}, play="ana")

    calm, restless, doubled, minded = at(0.1, 0.1), at(0.1, 0.4), at(0.4, 0.4), at(0.9, 0.4)
    both = [holding(panel, "trade", *RIVALS) for panel in (calm, restless)]
    return [
        Part("hold both at stake .1, above one half", both[1] - 0.5),
        Part("pressed at stake .1", mean(restless, "pressed"), expect="none"),
        Part("hold both: turnover .4 - .1", both[1] - both[0], expect="none"),
        Part("pressed: stake .9 - .1", mean(minded, "pressed") - mean(restless, "pressed")),
        Part("(remark) pressed: stake .4 - .1", mean(doubled, "pressed") - mean(restless, "pressed"), counts=False),
    ]


@fact(
    "A",
    "e",
    "China-CELAC and the Democracy Summit within a week",
    source="H",
    vary="membership issues",
    expect="joins both at no cost in pressure",
    falsified="pressed",
    reading="a seat at one table costs nothing at the other, as long as neither power makes it a choice",
    ablation=Ablation("a state has one seat", {"issue.membership.kind": "exclusive"}),
)
def both_summits(lab: Lab) -> list[Part]:
    """Seats in forums for 20 years, as they are (compatible) or exclusive; all play `ana`."""
    free, bound = (lab.run({"issue.membership.kind": kind}, "summits", "ana") for kind in ("compatible", "exclusive"))
    joined = [holding(panel, "membership", *RIVALS) for panel in (free, bound)]
    return [
        Part("joined both: compatible - exclusive", joined[0] - joined[1]),
        Part("pressed where both are joined", mean(free, "pressed"), expect="none"),
    ]
