"""What need does to choices: debt that falls due, structure against ideology, one issue that turns another."""

from __future__ import annotations

import numpy as np

from ana_sim.facts.fact import Ablation, Part, fact
from ana_sim.facts.lab import ALIGNED, Lab, both, mean, only, over, typical
from ana_sim.panel import Floats

TERM = 5
"""Years of a loan in `bipolar`."""

DIVIDED = {"states.ideology.sigma": 0.27}
"""Ideology at the 90th percentile of its range."""


@fact(
    "A",
    "e",
    "A hostile government softens when a swap of $5bn falls due and debt presses",
    source="H",
    vary="need x H's counter-offer",
    expect="reversals near expiry up in need, down in H's offer",
    falsified="same rate away from expiry",
    reading="when the rival's loan falls due, a government that dislikes the rival renews it all the same",
    ablation=Ablation("loans are for good, so that nothing falls due", {"issue.loan.term": 0}),
)
def argentina_swap(lab: Lab) -> list[Part]:
    """R's share of the loans of governments that dislike it, five years after it has lent to the state and otherwise.

    Five years are a loan's term: what is still in force then falls due. A year without a loan counts as a share of 0:
    outside expiry such governments seldom come to it. Need at half and double its default, H's interest in loans at
    half and at its default (1, the most there is); all play `ana`. A first ablation, no cost of default, left the row
    standing: what is due must be dealt with even where leaving it is free.
    """

    def softened(settings: dict[str, object]) -> tuple[Floats, Floats, Floats]:
        panel = lab.run({**DIVIDED, "years": 25, **settings}, play="ana")
        hostile = panel["affinity", "rising"] < 0.0
        share = np.where(panel.on("loan"), panel["share", "rising"], 0.0)
        held = panel["held", "rising", "loan"] > 0.0
        due = np.zeros_like(held)
        due[:, TERM:] = (share[:, :-TERM] > 0.0) & held[:, TERM - 1 : -1]
        away = hostile & ~due
        return over(share, hostile & due), over(share, away), over(share, away & panel.on("loan"))

    near, away, otherwise = softened({})
    needy, calm = (softened({"states.need.mean": need})[0] for need in (2.0, 0.5))
    return [
        Part("near expiry - away", near - away),
        Part("near expiry: need 2 - .5", needy - calm),
        Part("near expiry: H's interest .5 - 1", softened({"issue.loan.interest.hegemon": 0.5})[0] - near),
        Part("(remark) near expiry - other loans", near - otherwise, counts=False),
    ]


@fact(
    "A",
    "e",
    "Governments of any colour meet the same imperatives",
    source="H",
    vary="need",
    expect="ideology's share of the variance of q falls; ranking of strategies same when mirrored",
    falsified="flat",
    reading="the more a state needs, the less it matters who governs it",
    ablation=Ablation("offers carry next to no money, so that need weighs nothing", both("power.*.generosity", 0.01)),
)
def structure_over_ideology(lab: Lab) -> list[Part]:
    """R2 of q_H - q_R on the government's lean, in loans, at needs of .5 and 2; and leads with the sides swapped.

    Loans: on issues with deals for good what a state holds already decides whom it can turn to. All play `ana`.
    """

    def explained(need: float) -> Floats:
        panel = lab.run({**DIVIDED, **only("loan"), "states.need.mean": need}, play="ana")
        return squared_correlation(panel["lean"], panel["share", "hegemon"] - panel["share", "rising"])

    mirror = {"power.hegemon.side": -1.0, "power.rising.side": 1.0}
    parts = [Part("R2 of the lean: need .5 - 2", explained(0.5) - explained(2.0))]
    for own, other in (*(("ana", aligned) for aligned in ALIGNED), ("play_field", "hedge")):
        leads = []
        for sides in ({}, mirror):
            first, second = (lab.run({**DIVIDED, **sides}, play=play) for play in (own, other))
            leads.append(mean(first, "payoff") - mean(second, "payoff"))
        parts.append(
            Part(f"{own} - {other}: as it is - mirrored", leads[0] - leads[1], typical(first, "terms"), "none")
        )
    return parts


def squared_correlation(x: Floats, y: Floats) -> Floats:
    """R2 of arrays of shape (R, T, N) over years and states, shape (R,); NaN where one of them never varies."""
    x, y = (each - each.mean(axis=(1, 2), keepdims=True) for each in (x, y))
    xy, xx, yy = ((one * other).sum(axis=(1, 2)) for one, other in ((x, y), (x, x), (y, y)))
    product = xx * yy
    found: Floats = np.divide(xy * xy, product, out=np.full(len(xy), np.nan), where=product > 0.0)
    return found


@fact(
    "A",
    "i",
    "The need for vaccines turned the telecoms decision",
    source="H",
    vary="need x issue link",
    expect="R's share elsewhere up with the link; none without",
    falsified="effect without link",
    reading="a power that alone can fill a need is favoured elsewhere, as far as the two are linked",
)
def brazil_vaccines(lab: Lab) -> list[Part]:
    """R's share of networks as the need for vaccines, which R alone supplies, goes from .5 to 2; link .5 or none."""

    def turned(link: float) -> Floats:
        share = []
        for need in (0.5, 2.0):
            panel = lab.run({"link.health.network.weight": link, "issue.health.need": need}, "vaccines", "ana")
            share.append(over(panel["share", "rising"], panel.on("network")))
        return share[1] - share[0]

    return [
        Part("R's share of networks: need 2 - .5, linked", turned(0.5)),
        Part("the same, not linked", turned(0.0), expect="zero"),
    ]
