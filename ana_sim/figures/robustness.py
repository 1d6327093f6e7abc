"""The picture of how strategies do in all futures: their regrets, and how often they are good enough."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from ana_sim.figures.labels import strategy_label
from ana_sim.figures.page import MARGIN, WIDTH, Page, new_page
from ana_sim.figures.style import BLUE, INK, QUIET, RULE, house_style, text_width
from ana_sim.summary_text import decimals

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["robustness_data", "robustness_figure"]

_ROW: Final = 0.44
_HEAD: Final = 0.46
_AXIS: Final = 0.62
_GAP: Final = 0.5
_BEST: Final = 0.72
_DOTS: Final = 300  # futures shown as dots, of a strategy
_PALE_BLUE: Final = "#9CC7E0"


def robustness_data(table: pd.DataFrame, futures: pd.DataFrame) -> pd.DataFrame:
    """Give the numbers that `robustness_figure` draws.

    Parameters
    ----------
    table, futures : DataFrame
        As in `ana_sim.sweeps.analysis.robustness.Robustness`.

    Returns
    -------
    DataFrame
        A row per strategy, the least maximum regret first: `strategy`, `label`, `mean_regret`, `regret_10`,
        `regret_90`, `max_regret` (in the unit of a payoff), `satisfices`, `low`, `high` and `best` (shares of futures).
    """
    data = table[["strategy", "mean_regret", "regret_90", "max_regret", "satisfices", "low", "high", "best"]].copy()
    least = futures.groupby("strategy")["regret"].quantile(0.1)
    data.insert(2, "regret_10", data["strategy"].map(least))
    data.insert(1, "label", [strategy_label(str(name)) for name in data["strategy"]])
    return data


def robustness_figure(
    table: pd.DataFrame, futures: pd.DataFrame, *, threshold: str, subtitle: str, notes: Sequence[str]
) -> Figure:
    """Draw how strategies do in all futures.

    On the left the regret of each strategy, the least maximum on top; on the right the share of futures in which it is
    good enough.

    Parameters
    ----------
    table, futures : DataFrame
        As in `ana_sim.sweeps.analysis.robustness.Robustness`.
    threshold : str
        What is good enough: a strategy or a payoff.
    subtitle : str
        What was analysed.
    notes : sequence of str
        What the reader should know.

    Returns
    -------
    Figure
        Of a fixed width of 7.2 inches.
    """
    with house_style():
        return _draw(robustness_data(table, futures), futures, threshold, subtitle, notes)


def _draw(data: pd.DataFrame, futures: pd.DataFrame, threshold: str, subtitle: str, notes: Sequence[str]) -> Figure:
    body = _ROW * max(len(data), 2)
    page = new_page(
        _HEAD + body + _AXIS,
        title="Which strategy is robust?",
        subtitle=subtitle,
        notes=[
            "Regret: what the best strategy of a future pays more. Dots: futures; bar: the middle 80% of them; "
            "line: mean; diamond and number: the worst future. Right: with 95% Wilson intervals.",
            *notes,
        ],
    )
    labels = ["\n".join(textwrap.wrap(str(label), 22, max_lines=2, placeholder=" ...")) for label in data["label"]]
    names = max(text_width(page.figure, label, fontsize=8.5) for label in labels) + 0.12
    room = WIDTH - 2 * MARGIN - names - _GAP - _BEST
    left = page.panel(MARGIN + names, _HEAD, 0.58 * room, body)
    right = page.panel(MARGIN + names + 0.58 * room + _GAP, _HEAD, 0.42 * room, body)
    for axes in (left, right):
        _rows(axes, len(data))
    left.set_yticks(range(len(data)), labels, fontsize=8.5, multialignment="right")
    _headings(page, MARGIN + names, "How wrong can it go?", "regret over futures")
    beside = MARGIN + names + 0.58 * room + _GAP
    of_strategy = threshold in set(data["strategy"])
    enough = f"threshold: {strategy_label(threshold)}" if of_strategy else f"threshold: a payoff of {threshold}"
    _headings(page, beside, "How often is it good enough?", textwrap.shorten(enough, 40, placeholder=" ..."))
    _draw_regrets(left, data, futures)
    _draw_shares(right, data)
    edge = WIDTH - MARGIN
    page.write(edge, 0.3, "best in", fontsize=8, color=QUIET, ha="right")
    for row, share in enumerate(data["best"]):
        at = _HEAD + body * (row + 0.5) / len(data)
        page.write(edge, at, f"{100.0 * float(share):.0f}%", fontsize=8.5, ha="right", va="center_baseline")
    return page.figure


def _headings(page: Page, x: float, heading: str, sub: str) -> None:
    page.write(x, 0.0, heading, fontsize=9.5, fontweight="bold")
    page.write(x, 0.18, sub, fontsize=8, color=QUIET)


def _rows(axes: Axes, rows: int) -> None:
    axes.set_ylim(rows - 0.5, -0.5)
    axes.patch.set_visible(False)
    for side in ("left", "right", "top"):
        axes.spines[side].set_visible(False)
    axes.set_yticks([])
    axes.tick_params(axis="y", length=0, labelcolor=INK, pad=5)
    axes.tick_params(axis="x", labelsize=8, color=RULE)
    for band in range(0, rows, 2):
        axes.axhspan(band - 0.5, band + 0.5, color="#F4F4F4", linewidth=0.0, zorder=0)


def _draw_regrets(axes: Axes, data: pd.DataFrame, futures: pd.DataFrame) -> None:
    from matplotlib.ticker import MaxNLocator

    most = float(data["max_regret"].max()) or 0.01
    places = decimals(data["max_regret"])
    for row, one in enumerate(data.to_dict("records")):
        regrets = np.sort(futures.loc[futures["strategy"] == one["strategy"], "regret"].to_numpy(dtype=np.float64))
        shown = regrets[np.unique(np.linspace(0, regrets.size - 1, min(regrets.size, _DOTS)).round().astype(int))]
        spread = 0.3 * (np.arange(shown.size) * 0.618034 % 1.0 - 0.5)
        axes.plot(
            shown, row + spread, linestyle="", marker=".", markersize=2.4, color=QUIET, alpha=0.45, mew=0, zorder=3
        )
        axes.barh(
            row, one["regret_90"] - one["regret_10"], left=one["regret_10"], height=0.5, color=_PALE_BLUE, zorder=2
        )
        axes.plot([one["mean_regret"]] * 2, [row - 0.32, row + 0.32], color=BLUE, linewidth=2.2, zorder=4)
        axes.plot([one["max_regret"]], [row], marker="D", markersize=5.5, color=INK, mec="white", mew=0.6, zorder=5)
        text = f"{one['max_regret']:.{places}f}"
        axes.annotate(
            text, (one["max_regret"], row), xytext=(6, 0), textcoords="offset points", va="center", fontsize=8
        )
    axes.axvline(0.0, color=INK, linewidth=0.8, zorder=1)
    axes.set_xlim(-0.02 * most, 1.2 * most)
    axes.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    axes.set_xlabel("regret: payoff lost per state and year\n(1 = the hegemon's initial budget per state)", fontsize=8)


def _draw_shares(axes: Axes, data: pd.DataFrame) -> None:
    for row, one in enumerate(data.to_dict("records")):
        if math.isnan(one["satisfices"]):
            axes.text(0.02, row, "sets the threshold", fontsize=8, color=QUIET, va="center", style="italic")
            continue
        axes.plot([one["low"], one["high"]], [row, row], color=BLUE, linewidth=2.0, clip_on=False, zorder=2)
        axes.plot([one["satisfices"]], [row], marker="o", markersize=6, color=BLUE, clip_on=False, zorder=3)
    axes.set_xlim(0.0, 1.0)
    axes.set_xticks([0.0, 0.25, 0.5, 0.75, 1.0], ["0%", "25%", "50%", "75%", "100%"])
    axes.grid(axis="x", color=RULE, linewidth=0.6, zorder=1)
    axes.set_axisbelow(True)
    axes.set_xlabel("share of futures", fontsize=8)
