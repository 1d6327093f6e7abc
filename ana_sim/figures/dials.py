"""What each dial of a strategy earns, in several regimes: a panel of dots with intervals for each."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from ana_sim.figures.page import MARGIN, NOTE, WIDTH, new_page
from ana_sim.figures.style import BLUE, INK, QUIET, RULE, house_style, limits_with_zero, signed

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["dials_figure"]

_NAMES: Final = 1.55
_GAP: Final = 0.14
_HEAD, _ROW, _FOOT = 0.38, 0.34, 0.5


def dials_figure(table: pd.DataFrame, *, subtitle: str, notes: Sequence[str]) -> Figure:
    """Draw what each dial earns, regime by regime.

    Parameters
    ----------
    table : DataFrame
        Columns ``dial`` (in words), ``regime``, ``estimate``, ``low``, ``high``; rows in the order of the picture.
    subtitle : str
        In which world.
    notes : sequence of str
        What the reader should know.

    Returns
    -------
    Figure
        Of a fixed width of 7.2 inches, a row of panels on the same scale.
    """
    from matplotlib.ticker import FuncFormatter

    regimes, dials = (list(dict.fromkeys(table[name])) for name in ("regime", "dial"))
    width = (WIDTH - 2 * MARGIN - _NAMES - _GAP * (len(regimes) - 1)) / len(regimes)
    limits = limits_with_zero(float(table["low"].min()), float(table["high"].max()))
    body = _ROW * len(dials)
    with house_style():
        page = new_page(
            _HEAD + body + _FOOT,
            title="What each dial earns",
            subtitle=subtitle,
            notes=[
                "Dots: mean difference under the same luck between two strategies that differ in this dial alone; to "
                "ask both is against asking the hegemon alone, the others are added to asking both. Lines: 95% "
                "intervals over replicates; a hollow dot's reaches 0.",
                *notes,
            ],
        )
        for row, dial in enumerate(dials):
            text = "\n".join(textwrap.wrap(dial, 25))
            at = _HEAD + _ROW * (row + 0.5)
            page.write(MARGIN + _NAMES - 0.1, at, text, ha="right", va="center", fontsize=8, linespacing=0.95)
        for column, regime in enumerate(regimes):
            x = MARGIN + _NAMES + column * (width + _GAP)
            page.write(
                x + width / 2,
                _HEAD - 0.08,
                "\n".join(textwrap.wrap(regime[:1].upper() + regime[1:], 18)),
                ha="center",
                va="bottom",
                fontsize=8.5,
                fontweight="bold",
                linespacing=1.0,
            )
            axes = page.panel(x, _HEAD, width, body)
            _draw(axes, table[table["regime"] == regime].set_index("dial").loc[dials], limits)
            axes.locator_params(axis="x", nbins=4)
            axes.xaxis.set_major_formatter(FuncFormatter(signed))
        page.write(
            MARGIN + _NAMES + (WIDTH - 2 * MARGIN - _NAMES) / 2,
            _HEAD + body + 0.26,
            "gain in payoff per state and year (1 = the hegemon's initial budget per state)",
            ha="center",
            fontsize=NOTE + 0.5,
        )
        return page.figure


def _draw(axes: Axes, rows: pd.DataFrame, limits: tuple[float, float]) -> None:
    axes.set_xlim(*limits)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_yticks([])
    for place in range(0, len(rows), 2):
        axes.axhspan(place - 0.5, place + 0.5, color="#F4F4F4", linewidth=0.0, zorder=0)
    for side in ("left", "right", "top"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(RULE)
    axes.tick_params(labelsize=7.5, color=QUIET)
    axes.axvline(0.0, color=INK, linewidth=0.9, zorder=1)
    for place, (estimate, low, high) in enumerate(rows[["estimate", "low", "high"]].to_numpy(dtype=np.float64)):
        clear = low > 0.0 or high < 0.0
        axes.plot([low, high], [place, place], color=BLUE, linewidth=2.0, zorder=2)
        axes.plot([estimate], [place], "o", markersize=5, color=BLUE, mfc=BLUE if clear else "white", mew=1.4)
