"""Who can play: what active non-alignment earns by a state's size, and what strategies earn by diplomatic capacity."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from ana_sim.figures.labels import strategy_label, strategy_looks
from ana_sim.figures.page import MARGIN, NOTE, WIDTH, new_page
from ana_sim.figures.style import INK, QUIET, apart, house_style, limits_with_zero, rule, signed

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["skill_figure"]

_LEFT: Final = 0.5
_GAP: Final = 0.75
_NAMES: Final = 0.95
_HEAD, _AXES, _FOOT = 0.46, 2.35, 0.5


def skill_figure(
    states: pd.DataFrame, quarters: pd.DataFrame, capacity: pd.DataFrame, *, notes: Sequence[str]
) -> Figure:
    """Draw ANA's premium over size, and the strategies' over diplomatic capacity.

    Parameters
    ----------
    states, quarters : DataFrame
        As of :func:`ana_sim.paper.society.premium_by_state` and `by_quarter`.
    capacity : DataFrame
        Columns ``measure`` (a strategy), ``states.diplomatic_capacity``, ``estimate``, ``low``, ``high``.
    notes : sequence of str
        What the reader should know.

    Returns
    -------
    Figure
        Of a fixed width of 7.2 inches.
    """
    width = (WIDTH - 2 * MARGIN - 2 * _LEFT - _GAP - _NAMES + 0.3) / 2
    with house_style():
        page = new_page(
            _HEAD + _AXES + _FOOT,
            title="Small states and skill",
            subtitle="What playing both powers earns above an alignment (1 = the hegemon's initial budget per state)",
            notes=[
                "Left: a state's premium of active non-alignment over whichever alignment is better for it; one "
                "state at a time deviates. Bars: means of quarters by size. Right: over alignment with the hegemon.",
                *notes,
            ],
        )
        places = (MARGIN + _LEFT, MARGIN + 2 * _LEFT + width + _GAP - 0.3)
        headings = (
            ("Is it only for the large?", "latin_america: ANA less the better alignment"),
            ("Does it take skill?", "bipolar: strategies less aligning with the hegemon"),
        )
        for x, (heading, below) in zip(places, headings, strict=True):
            page.write(x - _LEFT, 0.0, heading, fontsize=9, fontweight="bold")
            page.write(x - _LEFT, 0.19, below, fontsize=NOTE, color=QUIET)
            axes = page.panel(x, _HEAD, width, _AXES)
            table = states if x == places[0] else capacity
            _frame(axes, limits_with_zero(float(table["low"].min()), float(table["high"].max())))
            if x == places[0]:
                _draw_sizes(axes, states, quarters)
            else:
                _draw_capacity(axes, capacity)
        return page.figure


def _frame(axes: Axes, limits: tuple[float, float]) -> None:
    from matplotlib.ticker import FuncFormatter

    axes.set_ylim(*limits)
    axes.axhline(0.0, color=INK, linewidth=0.9, zorder=1)
    rule(axes, "y")
    axes.yaxis.set_major_formatter(FuncFormatter(signed))


def _draw_sizes(axes: Axes, states: pd.DataFrame, quarters: pd.DataFrame) -> None:
    from matplotlib.ticker import FuncFormatter

    axes.set_xscale("log")
    columns = ["size_low", "size_high", "estimate", "low", "high"]
    for start, end, estimate, low, high in quarters[columns].to_numpy(dtype=np.float64):
        axes.fill_between([start, end], low, high, color="#009E73", alpha=0.25, linewidth=0.0)
        axes.plot([start, end], [estimate, estimate], color="#009E73", linewidth=2.2, zorder=3)
    axes.vlines(states["size"], states["low"], states["high"], color=QUIET, linewidth=0.8, zorder=2)
    axes.plot(states["size"], states["estimate"], "o", color=INK, markersize=3.2, zorder=4)
    for place in sorted({len(states) - 1, int(states["estimate"].argmin())}):
        axes.annotate(
            str(states["state"].iloc[place]),
            (float(states["size"].iloc[place]), float(states["high"].iloc[place])),
            (0, 2),
            textcoords="offset points",
            fontsize=NOTE,
            ha="center",
            color=INK,
        )
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.set_xlabel("size (GDP, mean 1; log scale)", fontsize=NOTE, labelpad=3)


def _draw_capacity(axes: Axes, capacity: pd.DataFrame) -> None:
    names = list(dict.fromkeys(capacity["measure"]))
    looks, ends = strategy_looks(names), {}
    for name in names:
        own, look = capacity[capacity["measure"] == name], looks[name]
        x, mean, low, high = (
            own[column].to_numpy(dtype=np.float64)
            for column in ("states.diplomatic_capacity", "estimate", "low", "high")
        )
        axes.fill_between(x, low, high, color=look.colour, alpha=0.2, linewidth=0.0)
        axes.plot(x, mean, color=look.colour, linestyle=look.line, marker=look.marker, markersize=3, linewidth=1.6)
        ends[name] = float(mean[-1])
    order = sorted(ends, key=lambda name: -ends[name])
    low_end, high_end = axes.get_ylim()
    step = 0.07 * (high_end - low_end)
    for name, place in zip(order, apart([ends[name] for name in order], step, low_end, high_end), strict=True):
        label = "ANA" if name == "ana" else strategy_label(name)
        axes.annotate(
            label,
            (1.04, place),
            xycoords=axes.get_yaxis_transform(),
            va="center",
            fontsize=8,
            color=looks[name].colour,
            annotation_clip=False,
        )
    axes.set_xlim(0.1, 1.0)
    axes.set_xlabel("diplomatic capacity, kappa (share)", fontsize=NOTE, labelpad=3)
