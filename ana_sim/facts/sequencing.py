"""Whom to ask first, and what a refusal is worth."""

from __future__ import annotations

from ana_sim.facts.fact import Ablation, Part, fact
from ana_sim.facts.lab import Lab, count, mean, only, ratio, typical
from ana_sim.panel import Floats, Panel

ONCE = {"states.count": 60, "years": 1}
"""Many states, each with its first project: what deals for good leave to do does not hide whom it turns to."""


@fact(
    "A",
    "e",
    "Ecuador asked Washington for a trade agreement, was refused, and then asked Beijing: no credible objection",
    source="H",
    vary="order x severity x acceptance",
    expect="hegemon-first minus rising-first up in severity at high stake; pressed less after refusal",
    falsified="order irrelevant",
    reading="who asks the hegemon first has its deal or its silence; the harsher the hegemon, the more that is worth",
    ablation=Ablation("nobody remembers a refusal", {"world.memory_years": 0}),
)
def ecuador_fta(lab: Lab) -> list[Part]:
    """One year of trade projects at a stake of .9, all asked in a fixed order until the first acceptance.

    A high stake is the 90th percentile of 0 to 1. Severity of the hegemon at .15 and 1.35. Pressed: its demands for
    each deal that the rival was chosen for. Remarked upon: order by the hegemon's acceptance, half against double; and
    both parts at a stake of .4, double the default, since what it minds most the hegemon presses on anyway.
    """

    def asked(severity: float, acceptance: float = 0.4, stake: float = 0.9) -> dict[str, Panel]:
        own = {"issue.trade.stake.hegemon": stake, "power.hegemon.pressure.severity": severity}
        own["issue.trade.acceptance.hegemon"] = acceptance
        dials = {"asks": "all", "search": "first"}
        return {
            first: lab.run(
                {**only("trade"), **ONCE, **own, "strategies.custom.asker": {**dials, "order": f"{first}_first"}},
                play="asker",
            )
            for first in ("hegemon", "rising")
        }

    def gain(by_order: dict[str, Panel]) -> Floats:
        return mean(by_order["hegemon"], "payoff") - mean(by_order["rising"], "payoff")

    def spared(by_order: dict[str, Panel]) -> Floats:
        asked_first, asked_last = (
            ratio(count(panel["pressed", "hegemon"]), count(panel["chosen", "rising"])) for panel in by_order.values()
        )
        return asked_last - asked_first

    low, high, seldom, often = asked(0.15), asked(1.35), asked(1.35, 0.2), asked(1.35, 0.8)
    mild, harsh = asked(0.15, stake=0.4), asked(1.35, stake=0.4)
    terms, its = (typical(pair["rising"], "terms") for pair in (high, harsh))
    return [
        Part("H first - R first: severity 1.35 - .15", gain(high) - gain(low), terms),
        Part("pressed per R deal: R first - H first", spared(high)),
        Part("(remark) order at a stake of .4: severity 1.35 - .15", gain(harsh) - gain(mild), its, counts=False),
        Part("(remark) pressed per R deal at a stake of .4", spared(harsh), counts=False),
        Part("(remark) H first - R first: acceptance .8 - .2", gain(often) - gain(seldom), terms, counts=False),
    ]


@fact(
    "A",
    "i",
    "The United States no longer signs free-trade agreements",
    source="H",
    vary="H's acceptance in trade",
    expect="R's share of deals up, more for the field than for alignment",
    falsified="alignment diverts as much",
    reading="a hegemon that refuses sends those who ask around to its rival, and not its allies",
)
def refusal_diverts(lab: Lab) -> list[Part]:
    """The hegemon's acceptance in trade at half and at double its default; each state's first trade project."""

    def diverted(play: str) -> Floats:
        share = []
        for chance in (0.2, 0.8):
            panel = lab.changed(play, {**only("trade"), **ONCE, "issue.trade.acceptance.hegemon": chance})
            who = lab.panel(panel.size.shape[1])
            hegemon, rising = (mean(panel, ("share", power), who) for power in ("hegemon", "rising"))
            share.append(ratio(rising, hegemon + rising))
        return share[0] - share[1]

    field, aligned = diverted("play_field"), diverted("align_hegemon")
    return [
        Part("R's share of deals: acceptance .2 - .8, field", field),
        Part("the same: field - aligned with H", field - aligned),
    ]
