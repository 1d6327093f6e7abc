"""What a hegemon in decline stops doing, and what the power that rises takes over."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ana_sim.facts.fact import Ablation, Part, fact
from ana_sim.facts.lab import Lab, count, ratio
from ana_sim.panel import Floats, Panel

LAST = slice(-5, None)
"""The last five years, when a decline has run its course."""


def rise(lab: Lab, growth: float, status: float = 0.0) -> Panel:
    """A rising power of half the hegemon's size that grows (to three times it in the end) or does not; default mix."""
    own = {"power.rising.capability": 0.5, "power.rising.growth": growth, "power.rising.ceiling": 3.0}
    return lab.run({**own, "power.hegemon.inward_turn": 0.5, "world.public_goods.status": status})


class Conduct(NamedTuple):
    """What a hegemon does in the last years, each of shape (R,)."""

    goods: Floats
    accepts: Floats
    presses: Floats


@fact(
    "B",
    "e",
    "A hegemon in decline stops supplying public goods, and closes up",
    source="H",
    vary="s_H falling",
    expect="public goods and acceptances down, pressings per unit spent up",
    falsified="flat",
    reading="a hegemon that loses ground gives less, opens fewer doors, and presses more for what it still gives",
    ablation=Ablation("the hegemon does not turn inward", {"power.hegemon.inward_turn": 0.0}),
)
def hegemon_turns_inward(lab: Lab) -> list[Part]:
    """R grows from half of H's capability by .12 a year, and passes it, against R as it was; inward turn .5.

    The inward turn is in the middle of its test range; its default is none. Statistics are of the last five years.
    """
    steady, falling = (conduct(rise(lab, growth)) for growth in (0.0, 0.12))
    return [
        Part("H's public goods: steady - falling", steady.goods - falling.goods, float(steady.goods.mean())),
        Part("H's acceptances: steady - falling", steady.accepts - falling.accepts),
        Part(
            "H's pressings per unit spent: falling - steady",
            falling.presses - steady.presses,
            float(steady.presses.mean()),
        ),
    ]


def conduct(panel: Panel) -> Conduct:
    """What the hegemon does in the last years: public goods, acceptances per asking, pressings per unit spent."""
    asked, refused = (count(panel[name, "hegemon"][:, LAST]) for name in ("asked", "refused"))
    pressings, spent = (panel.power(name, "hegemon")[:, LAST].sum(axis=1) for name in ("pressings", "spent"))
    return Conduct(
        panel.power("public_goods", "hegemon")[:, LAST].mean(axis=1),
        ratio(asked - refused, asked),
        ratio(pressings, spent),
    )


@fact(
    "B",
    "i",
    "A power supplies public goods to show that it rises",
    source="H",
    vary="s_R rising",
    expect="R's public goods up; handover near parity",
    falsified="free-rides",
    reading="the rising power supplies when it is the largest, and somewhat earlier where standing is what it wants",
)
def riser_supplies(lab: Lab) -> list[Part]:
    """R grows from half of H's capability by .12 a year, and passes it, against R as it was.

    Nobody supplies in its place once it has passed, and it has not supplied before: the handover is the first year in
    which R supplies, and is measured by R's part of both capabilities. Remarked upon: the handover where the growth of
    its share counts for two years.
    """
    steady, rising, proud = rise(lab, 0.0), rise(lab, 0.12), rise(lab, 0.12, status=2.0)
    goods = [panel.power("public_goods", "rising")[:, LAST].mean(axis=1) for panel in (steady, rising)]
    supplied = rising.power("public_goods", "hegemon") * rising.power("public_goods", "rising")
    scale = float(steady.power("public_goods", "hegemon").mean())
    return [
        Part("R's public goods: rising - steady", goods[1] - goods[0], scale),
        Part("R's share at the handover, from 1/2", handover(rising) - 0.5, expect="none"),
        Part("years in which both supply", (supplied > 0.0).mean(axis=1), expect="zero"),
        Part("(remark) the same with status: earlier by", handover(rising) - handover(proud), counts=False),
    ]


def handover(panel: Panel) -> Floats:
    """R's share in the first year in which it supplies public goods, shape (R,); NaN if it never does."""
    supplies = panel.power("public_goods", "rising") > 0.0
    share = panel.power("share", "rising")[np.arange(len(supplies)), supplies.argmax(axis=1)]
    found: Floats = np.where(supplies.any(axis=1), share, np.nan)
    return found
