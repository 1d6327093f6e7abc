"""The disputes of the literature as small multiples: an outcome over the parameter that decides, and who says what."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from ana_sim.figures.page import MARGIN, NOTE, WIDTH, Page, new_page
from ana_sim.figures.style import INK, QUIET, RULE, apart, house_style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ana_sim.facts.disputes import Dispute

__all__ = ["disputes_figure"]

_COLUMNS: Final = 2
_GAP: Final = 0.3
_CELL: Final = (WIDTH - 2 * MARGIN - _GAP) / _COLUMNS
_LEFT, _RIGHT = 0.4, 1.08
_TITLE, _LINE, _Y_LABEL = 0.2, 0.135, 0.24
_AXES, _FOOT = 1.5, 0.58
_LABEL: Final = 8.0
"""Size of the names of curves, in points."""

_LOOKS: Final = (("#0072B2", "-", "o"), ("#D55E00", "--", "s"), ("#009E73", "-.", "^"), ("#444444", ":", "D"))


def disputes_figure(
    table: pd.DataFrame, disputes: Mapping[str, Dispute], *, subtitle: str, notes: Sequence[str] = ()
) -> Figure:
    """Draw the curves of disputes, a panel each.

    Parameters
    ----------
    table : DataFrame
        As of :func:`ana_sim.facts.disputes.curves`.
    disputes : mapping
        The disputes by name: `ana_sim.facts.disputes.DISPUTES`.
    subtitle : str
        What it comes to.
    notes : sequence of str
        What the reader should know.

    Returns
    -------
    Figure
        Of a fixed width of 7.2 inches.
    """
    chosen = [disputes[str(name)] for name in table["dispute"].unique()]
    claims = {found.name: _claims(found) for found in chosen}
    rows = [chosen[first : first + _COLUMNS] for first in range(0, len(chosen), _COLUMNS)]
    heads = [_TITLE + _LINE * max(len(claims[found.name]) for found in row) + _Y_LABEL for row in rows]
    with house_style():
        page = new_page(
            sum(heads) + (_AXES + _FOOT) * len(rows),
            title="Where the literature disagrees: what the model says",
            subtitle=subtitle,
            notes=[
                "In brackets: how the curves would run if it were so. Bands: 95% intervals of means over replicates. "
                "All points of a panel meet the same luck.",
                *notes,
            ],
        )
        y = 0.0
        for row, head in zip(rows, heads, strict=True):
            for column, found in enumerate(row):
                x = MARGIN + (_CELL + _GAP) * column
                _write_head(page, x, y, head, found, claims[found.name])
                axes = page.panel(x + _LEFT, y + head, _CELL - _LEFT - _RIGHT, _AXES)
                _draw(axes, table[table["dispute"] == found.name], found)
            y += head + _AXES + _FOOT
        return page.figure


def _claims(found: Dispute) -> list[str]:
    """Who says what, in lines; those of a claim but the first are set in."""
    return [
        line
        for claim in found.claims
        for line in textwrap.wrap(f"{claim.who}: {claim.says} ({claim.expects}).", 58, subsequent_indent="   ")
    ]


def _write_head(page: Page, x: float, y: float, head: float, found: Dispute, claims: Sequence[str]) -> None:
    page.write(x, y, found.title, fontsize=9, fontweight="bold")
    for line, text in enumerate(claims):
        page.write(x, y + _TITLE + _LINE * line, text, fontsize=NOTE, color=QUIET)
    page.write(x, y + head - 0.06, found.y_label, fontsize=NOTE, color=INK, va="bottom")


def _draw(axes: Axes, table: pd.DataFrame, found: Dispute) -> None:
    ends = {}
    for curve, (colour, line, marker) in zip(found.curves, _LOOKS, strict=False):
        own = table[table["curve"] == curve]
        if own.empty:
            continue
        x, mean, low, high = (own[name].to_numpy(dtype=np.float64) for name in ("x", "estimate", "low", "high"))
        axes.fill_between(x, low, high, color=colour, alpha=0.18, linewidth=0.0)
        axes.plot(x, mean, color=colour, linestyle=line, linewidth=1.6, zorder=3)
        axes.plot(x, mean, marker, color=colour, markersize=2.8, zorder=4, clip_on=False)
        ends[curve] = float(mean[-1])
    _frame(axes, found)
    _name_curves(axes, found, ends)


def _frame(axes: Axes, found: Dispute) -> None:
    """Axes from zero, or through it, so that a small effect looks small."""
    low, high = axes.get_ylim()
    low, high = min(low, 0.0), max(high, 0.0)
    axes.set_ylim(low, high + (0.14 * (high - low) if found.marks else 0.0))
    axes.set_xlim(found.values[0], found.values[-1])
    axes.axhline(0.0, color=QUIET, linewidth=0.8, zorder=1)
    for at, words in found.marks.items():
        axes.axvline(at, color=QUIET, linewidth=0.7, linestyle=(0, (3, 3)), zorder=1)
        axes.annotate(
            words,
            (at, 1.0),
            (3, -2),
            xycoords=("data", "axes fraction"),
            textcoords="offset points",
            va="top",
            fontsize=NOTE - 0.5,
            color=QUIET,
        )
    for side in ("right", "top", "bottom"):
        axes.spines[side].set_visible(False)
    axes.spines["left"].set_color(QUIET)
    axes.grid(axis="y", color=RULE, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(labelsize=7.5, color=QUIET)
    axes.locator_params(nbins=5)
    unit = "" if found.unit in found.parameter else f" ({found.unit})"
    axes.set_xlabel("\n".join(textwrap.wrap(f"{found.parameter}{unit}", 46)), fontsize=NOTE, labelpad=3)


def _name_curves(axes: Axes, found: Dispute, ends: Mapping[str, float]) -> None:
    """Name each curve beside its end, moved apart where ends are close."""
    order = sorted(ends, key=lambda curve: -ends[curve])
    low, high = axes.get_ylim()
    names = {curve: textwrap.wrap(found.curves[curve], 16) for curve in order}
    step = 0.13 * max(len(lines) for lines in names.values()) * (high - low) / _AXES
    places = apart([ends[curve] for curve in order], step, low + 0.4 * step, high - 0.4 * step)
    for curve, place in zip(order, places, strict=True):
        colour = _LOOKS[list(found.curves).index(curve)][0]
        beside = axes.get_yaxis_transform()
        axes.plot([1.025, 1.07], [ends[curve], place], transform=beside, clip_on=False, linewidth=0.7, color=colour)
        axes.text(
            1.08,
            place,
            "\n".join(names[curve]),
            transform=beside,
            va="center",
            fontsize=_LABEL,
            linespacing=0.95,
            color=colour,
        )
