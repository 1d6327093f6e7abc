"""Beijing or Taipei: who recognises whom, at what price, and who trades with whom all the same."""

from __future__ import annotations

import numpy as np

from ana_sim.facts.fact import Ablation, Part, fact
from ana_sim.facts.lab import Lab, holding, over, ratio
from ana_sim.panel import Floats, Mask, Panel

WORLD = "latin_america_2000"
"""The 33 states from 2000 on, 14 of which recognise Taipei."""

YEARS = 30
EARLY = np.arange(YEARS)[:, None] < YEARS // 2
"""The earlier half of the years, shape (T, 1)."""


@fact(
    "A",
    "e",
    "Central America and the Caribbean between Taipei and Beijing",
    source="S",
    vary="Beijing's budget",
    expect="flips cluster; the last holdouts' price rises",
    falsified="interior shares",
    reading="each state that flips leaves more for those that have not: the next flips sooner, and at a better price",
    ablation=Ablation("states may recognise both", {"issue.recognition.kind": "compatible"}),
)
def recognition(lab: Lab) -> list[Part]:
    """The states from 2000 for 30 years; Beijing's generosity at half and at double its default; all ask all.

    Flips cluster if each makes the next more likely: if a state that comes to choose (a project on recognition, and
    Beijing not held) goes over more often in the later half of the years than in the earlier, though nothing else
    grows. Prices: the last third of a run's flips against the first.

    Set anew after pilots, in `holdouts`. Beijing's capability stays at its value of 2000: growing sixfold, it decided
    when states flip, and let only lucky, that is dear, bids win early. Nobody is allied with Washington, since its
    allies never ask Beijing and pile up among the holdouts. And Taipei has dealings with the region that the row
    names: elsewhere, large states that dislike Beijing had gone over to Taipei, and drawn Beijing's bids.

    Remarked upon: at twice the default budget most states that come to choose go over in the earlier half too, so that
    there is little room to rise; hence the same at the default.
    """
    poor, usual, rich = (
        lab.run({"power.china.generosity": beta, "years": YEARS}, "holdouts", "shop") for beta in (0.5, 1.0, 2.0)
    )
    shares = [holding(panel, "recognition", "china") for panel in (poor, rich)]
    first, last = thirds(rich, flips(rich))
    return [
        Part("states that recognise Beijing: 2 - .5", shares[1] - shares[0]),
        Part("goes over: later years - earlier", goes_over(rich, ~EARLY) - goes_over(rich, EARLY)),
        Part("price: last third of flips - first", last - first, float(np.nanmean(first))),
        Part("(remark) goes over in the earlier years", goes_over(rich, EARLY), counts=False),
        Part(
            "(remark) later - earlier at the default", goes_over(usual, ~EARLY) - goes_over(usual, EARLY), counts=False
        ),
    ]


def goes_over(panel: Panel, when: Mask) -> Floats:
    """How often a state without Beijing that comes to choose goes over, in some years of shape (T, 1); shape (R,)."""
    return over(flips(panel), open_to_beijing(panel) & when)


def held_before(panel: Panel) -> Mask:
    """Whether a state recognised Beijing when the year began, shape (R, T, N); in the first year, at its end."""
    held = panel["held", "china", "recognition"] > 0.0
    return np.concatenate([held[:, :1], held[:, :-1]], axis=1)


def flips(panel: Panel) -> Mask:
    """State-years in which a state comes to recognise Beijing, shape (R, T, N)."""
    came: Mask = (panel["held", "china", "recognition"] > 0.0) & ~held_before(panel)
    return came


def open_to_beijing(panel: Panel) -> Mask:
    """State-years in which a state without Beijing comes to choose whom to recognise, shape (R, T, N)."""
    return panel.on("recognition") & ~held_before(panel)


def thirds(panel: Panel, came: Mask) -> tuple[Floats, Floats]:
    """Mean price in the first and in the last third of a run's flips, each of shape (R,); NaN below three of them."""
    rank = came.sum(axis=2, keepdims=True).cumsum(axis=1)
    flipped = rank[:, -1:]
    third = np.where(flipped >= 3, flipped // 3, -1)
    early, late = (rank <= third), (rank > flipped - third)
    return over(panel["price", "china"], came & early), over(panel["price", "china"], came & late)


@fact(
    "A",
    "i",
    "Trade with the side that is not recognised",
    source="S",
    vary="issue kinds",
    expect="recognition of one and trade with the other coexist",
    falsified="1:1",
    reading="where an issue excludes and another does not, a state can belong to one side and trade with the other",
)
def commerce_under_recognition(lab: Lab) -> list[Part]:
    """The 33 states from 2000 for 20 years, in which Beijing trades and Taipei does not; recognition excludes."""
    panel = lab.run(base=WORLD)
    taipei, china = (panel["held", power, "recognition"][:, -1] > 0.0 for power in ("taipei", "china"))
    trade = panel["held", "china", "trade"][:, -1] > 0.0

    def among(recognise: Mask) -> Floats:
        return ratio((trade & recognise).sum(axis=1), recognise.sum(axis=1))

    return [
        Part("trade with Beijing of those who recognise Taipei", among(taipei)),
        Part("states that recognise both", (taipei & china).mean(axis=1), expect="zero"),
        Part("(remark) the same trade: Beijing's - Taipei's", among(china) - among(taipei), counts=False),
    ]
