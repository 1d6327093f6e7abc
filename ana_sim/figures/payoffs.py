"""What strategies earn in several regimes, and of what that is made: a panel of bars for each."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import pandas as pd

from ana_sim.figures.labels import COMPONENT_LOOKS, strategy_label
from ana_sim.figures.page import MARGIN, NOTE, WIDTH, Page, new_page
from ana_sim.figures.style import INK, house_style, rule
from ana_sim.tally import COMPONENTS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["payoffs_figure"]

_NAMES: Final = 1.35
_VALUES: Final = 0.62
_GAP: Final = 0.2
_HEAD, _ROW, _FOOT, _KEY = 0.34, 0.32, 0.42, 0.3
_SEEN: Final = 0.004
"""Share of the axis below which a part of a bar is not named in the key."""


def payoffs_figure(table: pd.DataFrame, *, subtitle: str, notes: Sequence[str]) -> Figure:
    """Draw the payoffs of strategies with their components, regime by regime.

    Parameters
    ----------
    table : DataFrame
        As of :func:`ana_sim.paper.strategies.payoff_table`.
    subtitle : str
        In which world.
    notes : sequence of str
        What the reader should know.

    Returns
    -------
    Figure
        Of a fixed width of 7.2 inches, two panels in a row.
    """
    regimes = list(dict.fromkeys(table["regime"]))
    strategies = list(dict.fromkeys(table["strategy"]))
    rows = -(-len(regimes) // 2)
    bars = _ROW * len(strategies)
    panel = (WIDTH - 2 * MARGIN - _NAMES - 2 * _VALUES - _GAP) / 2
    with house_style():
        page = new_page(
            rows * (_HEAD + bars + _FOOT) + _KEY,
            title="What the strategies earn, and of what it is made",
            subtitle=subtitle,
            notes=[
                "Payoff per state and year (1 = the hegemon's initial budget per state): bars to the right of 0 less "
                "those to the left. Diamond: their sum, with its 95% interval over replicates. Bold: the best of the "
                "regime, and all that cannot be told from it (paired, 95%). Parts too small to see are not named.",
                *notes,
            ],
        )
        limits = _limits(table)
        for number, regime in enumerate(regimes):
            row, column = divmod(number, 2)
            x = MARGIN + _NAMES + column * (panel + _VALUES + _GAP)
            y = row * (_HEAD + bars + _FOOT)
            axes = page.panel(x, y + _HEAD, panel, bars)
            own = table[table["regime"] == regime].set_index("strategy").loc[strategies]
            page.write(x, y + 0.08, regime[:1].upper() + regime[1:], fontsize=9, fontweight="bold")
            _frame(axes, len(strategies), limits)
            for place, (_, one) in enumerate(own.iterrows()):
                _draw_bar(axes, place, one)
                at = y + _HEAD + _ROW * (place + 0.5)
                weight = "bold" if one["among_best"] else "normal"
                text = f"{one['payoff']:.3f}".replace("-", "\N{MINUS SIGN}")
                page.write(x + panel + _VALUES - 0.1, at, text, ha="right", va="center", fontsize=8, fontweight=weight)
                if column == 0:
                    label = "\n".join(textwrap.wrap(strategy_label(str(own.index[place])), 20))
                    page.write(x - 0.08, at, label, ha="right", va="center", fontsize=7.5, linespacing=1.0)
        _draw_key(page, table, limits, rows * (_HEAD + bars + _FOOT))
        return page.figure


def _limits(table: pd.DataFrame) -> tuple[float, float]:
    parts = table[list(COMPONENTS)]
    low, high = float(parts.clip(upper=0.0).sum(axis=1).min()), float(parts.clip(lower=0.0).sum(axis=1).max())
    margin = 0.04 * (high - low)
    return low - margin, high + margin


def _frame(axes: Axes, rows: int, limits: tuple[float, float]) -> None:
    axes.set_ylim(rows - 0.5, -0.5)
    axes.set_xlim(*limits)
    axes.set_yticks([])
    rule(axes, "x")
    axes.locator_params(axis="x", nbins=5)
    axes.axvline(0.0, color=INK, linewidth=0.9, zorder=1)


def _draw_bar(axes: Axes, place: int, row: pd.Series[float]) -> None:
    ends = {True: 0.0, False: 0.0}
    for component in COMPONENTS:
        value = float(row[component])
        look = COMPONENT_LOOKS[component]
        axes.barh(
            place,
            value,
            left=ends[value > 0.0],
            height=0.66,
            color=look.colour,
            hatch=look.hatch,
            edgecolor="white",
            linewidth=0.5,
            zorder=2,
        )
        ends[value > 0.0] += value
    payoff = float(row["payoff"])
    axes.plot([row["low"], row["high"]], [place, place], color="black", linewidth=1.4, zorder=4)
    axes.plot([payoff], [place], marker="D", markersize=4.6, color="black", mec="white", mew=0.7, zorder=5)


def _draw_key(page: Page, table: pd.DataFrame, limits: tuple[float, float], y: float) -> None:
    """Name the components that are wide enough to be seen."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    seen = [name for name in COMPONENTS if table[name].abs().max() >= _SEEN * (limits[1] - limits[0])]
    looks = [COMPONENT_LOOKS[name] for name in seen]
    handles: list[Patch | Line2D] = [
        Patch(facecolor=look.colour, hatch=look.hatch, edgecolor="white", linewidth=0.5, label=look.label)
        for look in looks
    ]
    handles.append(
        Line2D([0.0], [0.0], marker="D", markersize=4.6, color="black", markeredgecolor="white", label="payoff")
    )
    page.figure.legend(
        handles=handles,
        loc="upper center",
        bbox_to_anchor=page.at(WIDTH / 2, y),
        ncols=len(handles),
        frameon=False,
        fontsize=NOTE,
        handlelength=1.4,
        columnspacing=0.9,
        handletextpad=0.4,
        borderpad=0.0,
    )
