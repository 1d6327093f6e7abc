"""Beijing or Taipei: who recognises whom, at what price, and who trades with whom all the same."""

from __future__ import annotations

import numpy as np

from ana_sim.facts.fact import Ablation, Part, fact
from ana_sim.facts.lab import Lab, holding, over, ratio
from ana_sim.panel import Floats, Mask, Panel

WORLD = "latin_america_2000"
"""The 33 states from 2000 on, 14 of which recognise Taipei."""


@fact(
    "A",
    "e",
    "Central America and the Caribbean between Taipei and Beijing",
    source="S",
    vary="Beijing's budget",
    expect="flips cluster; the last holdouts' price rises",
    falsified="interior shares",
    reading="each state that flips leaves more for those that have not: the last ones are dear, or none is left",
    ablation=Ablation("states may recognise both", {"issue.recognition.kind": "compatible"}),
)
def recognition(lab: Lab) -> list[Part]:
    """Beijing's generosity at half and at double its default, the 33 states from 2000 for 30 years, their own mix.

    Flips cluster as far as the spread of their years falls short of that of uniform ones. Prices are per unit of
    Beijing's budget of the year, so that its growth does not count; the last third of a run's flips against the first.
    """
    poor, rich = (lab.run({"power.china.generosity": beta, "years": 30}, WORLD) for beta in (0.5, 2.0))
    early, late = thirds(rich)
    shares = [holding(panel, "recognition", "china") for panel in (poor, rich)]
    return [
        Part("states that recognise Beijing: 2 - .5", shares[1] - shares[0]),
        Part("flips cluster: 1 - sd of years / uniform", 1.0 - spread(rich) / uniform(30)),
        Part("price per budget: last third of flips - first", late - early, float(np.nanmean(early))),
    ]


def flips(panel: Panel) -> Mask:
    """State-years in which a state comes to recognise Beijing, shape (R, T, N)."""
    held = panel["held", "china", "recognition"] > 0.0
    came: Mask = np.concatenate([np.zeros_like(held[:, :1]), held[:, 1:] & ~held[:, :-1]], axis=1)
    return came


def uniform(years: int) -> float:
    """Standard deviation of a year drawn from all of them alike."""
    return float(np.sqrt((years**2 - 1) / 12.0))


def spread(panel: Panel) -> Floats:
    """Standard deviation of the years of flips, shape (R,); NaN below three of them."""
    number = flips(panel).sum(axis=2).astype(np.float64)
    year, n = np.arange(number.shape[1]), number.sum(axis=1)
    middle = ratio((number * year).sum(axis=1), n)
    squares = (number * (year - middle[:, None]) ** 2).sum(axis=1)
    return np.sqrt(np.where(n > 2, ratio(squares, n - 1.0), np.nan))


def thirds(panel: Panel) -> tuple[Floats, Floats]:
    """Mean price per budget in the first and in the last third of a run's flips, each of shape (R,)."""
    came = flips(panel)
    rank = came.sum(axis=2).cumsum(axis=1)[:, :, None]
    third = np.maximum(1, rank[:, -1:] // 3)
    cost = panel["price", "china"] / panel.power("budget", "china")[:, :, None]
    return over(cost, came & (rank <= third)), over(cost, came & (rank > rank[:, -1:] - third))


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
