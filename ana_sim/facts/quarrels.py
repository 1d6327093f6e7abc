"""What insults between governments cost, whom they serve, and what quiet channels save."""

from __future__ import annotations

import numpy as np

from ana_sim.facts.fact import Ablation, Part, fact
from ana_sim.facts.lab import Lab, both, mean, only, ratio, typical
from ana_sim.panel import Floats, Panel

LOUD = 9.0
"""Insults: the 90th percentile of the range, since the default is none."""


@fact(
    "A",
    "e",
    "Attacks on neighbours, recalled ambassadors, stalled talks",
    source="M",
    vary="insult rate",
    expect="both sides' regional deals and payoffs down",
    falsified="no spill-over",
    reading="insults are returned, and what neighbours would have done together is not done",
    ablation=Ablation("the region has nothing to do together: its pool is empty", {"world.bloc.coordination": 0.0}),
)
def insults(lab: Lab) -> list[Part]:
    """The region as a partner; insults at 9 or none. An insult is returned, so that both sides are among all states."""
    calm, loud = (lab.run({"world.insults": rate}, "region") for rate in (0.0, LOUD))
    return [
        Part("regional share lost", mean(calm, ("share", "pool")) - mean(loud, ("share", "pool"))),
        Part("payoff lost", mean(calm, "payoff") - mean(loud, "payoff"), typical(calm, "terms")),
    ]


@fact(
    "A",
    "e",
    "China is the big winner of the region's quarrels",
    source="M",
    vary="insult rate",
    expect="R's share up",
    falsified="not",
    reading="who gains from quarrels is whoever goes on dealing with all sides",
    ablation=Ablation("the channels of both powers absorb all insults", both("power.*.channel", 1.0)),
)
def winner_from_quarrels(lab: Lab) -> list[Part]:
    """The region as a partner; insults at 9 or none; powers' parts of all shares settled.

    R is the *winner* if its part rises by more than H's: what the region loses, both could gain. That was added after
    a pilot, in which the part of all who are not the region rose.
    """
    calm, loud = (lab.run({"world.insults": rate}, "region") for rate in (0.0, LOUD))
    rising, hegemon = (part_of(loud, power) - part_of(calm, power) for power in ("rising", "hegemon"))
    return [
        Part("R's part of deals: insults 9 - 0", rising),
        Part("the same: R's - H's", rising - hegemon),
    ]


def part_of(panel: Panel, power: str) -> Floats:
    """A power's part of all shares settled, shape (R,)."""
    total = sum(mean(panel, ("share", name)) for name in panel.columns.powers)
    return ratio(mean(panel, ("share", power)), np.asarray(total))


@fact(
    "A",
    "i",
    "A lithium plant goes on despite the rhetoric",
    source="M",
    vary="channel chi",
    expect="loss from insults falls to 0 as chi -> 1",
    falsified="irrelevant",
    reading="where technicians keep talking, what presidents say of each other costs nothing",
)
def quiet_diplomacy(lab: Lab) -> list[Part]:
    """Payoff lost to insults at channels of .1, .9 (the percentiles) and 1, of both powers; no region."""
    terms = typical(lab.run(), "terms")

    def lost(channel: float) -> Floats:
        calm, loud = (lab.run({**both("power.*.channel", channel), "world.insults": rate}) for rate in (0.0, LOUD))
        return mean(calm, "payoff") - mean(loud, "payoff")

    return [
        Part("payoff lost: chi .1 - .9", lost(0.1) - lost(0.9), terms),
        Part("payoff lost at chi 1", lost(1.0), terms, "zero"),
    ]


@fact(
    "A",
    "e",
    "Technicians against executive-level diplomacy",
    source="M",
    vary="chi_R - chi_H x turnover",
    expect="R's advantage up in turnover and ideology's spread",
    falsified="none",
    reading="the more often and the farther governments swing, the more a power gains that need not mind presidents",
    ablation=Ablation("nobody insults anybody", {"world.insults": 0.0}),
)
def envoys_not_presidents(lab: Lab) -> list[Part]:
    """R's lead in shares with channels of .9 (R) and .1 (H), less that with .5 and .5; insults at 9, default mix.

    Loans alone. Set anew after a pilot: on issues with deals for good, a state that is turned down asks again in the
    next year, so that refusals delay deals and hardly move shares; on loans, which come back, each counts.
    """

    def advantage(settings: dict[str, object]) -> Floats:
        ahead = []
        for rising, hegemon in ((0.9, 0.1), (0.5, 0.5)):
            own = {"power.rising.channel": rising, "power.hegemon.channel": hegemon, "world.insults": LOUD}
            panel = lab.run({**only("loan"), **own, **settings})
            ahead.append(mean(panel, ("share", "rising")) - mean(panel, ("share", "hegemon")))
        return ahead[0] - ahead[1]

    settled, restless = (advantage({"world.turnover": rate}) for rate in (0.1, 0.4))
    alike, divided = (advantage({"states.ideology.sigma": spread}) for spread in (0.03, 0.27))
    return [
        Part("R's advantage: turnover .4 - .1", restless - settled),
        Part("R's advantage: ideology .27 - .03", divided - alike),
    ]
