"""Curves with their intervals in small panels, each named at its end: an outcome over what decides it, or over time."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd

from ana_sim.figures.page import MARGIN, NOTE, WIDTH, Page, new_page
from ana_sim.figures.style import INK, QUIET, apart, house_style, rule

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["LOOKS", "Curve", "CurveLook", "Panel", "curves_figure"]

_GAP: Final = 0.3
_LEFT: Final = 0.4
_TITLE, _LINE, _Y_LABEL = 0.2, 0.135, 0.24
_AXES, _FOOT = 1.5, 0.58
_LABEL: Final = 8.0
"""Size of the names of curves, in points."""

_COLUMNS: Final = {1: (1.6, 24, 110), 2: (1.08, 16, 58), 3: (0.85, 12, 38)}
"""By the number of columns: room for the names of curves in inches, and the widths of their and of other lines.

Of three panels in a row only the last one's curves are named: they must be the same in all.
"""


class CurveLook(NamedTuple):
    """How a curve is drawn: told apart by line and marker in grey."""

    colour: str
    line: str | tuple[float, tuple[float, ...]]
    marker: str


LOOKS: Final = (
    CurveLook("#0072B2", "-", "o"),
    CurveLook("#D55E00", "--", "s"),
    CurveLook("#009E73", "-.", "^"),
    CurveLook("#444444", ":", "D"),
    CurveLook("#CC79A7", (0.0, (5.0, 1.0)), "v"),
)
"""In the order of a panel's curves."""


@dataclass(frozen=True)
class Curve:
    """A curve.

    Attributes
    ----------
    label : str
        Its name, beside its end.
    rows : DataFrame
        Columns ``x``, ``estimate``, ``low`` and ``high``, in the order of ``x``.
    look : CurveLook, optional
        How it is drawn; by its place in the panel if left out.
    """

    label: str
    rows: pd.DataFrame
    look: CurveLook | None = None


@dataclass(frozen=True)
class Panel:
    """Curves over one variable.

    Attributes
    ----------
    title : str
        Its heading.
    x_label, y_label : str
        What the axes hold, with units; the latter stands above the axis.
    curves : sequence of Curve
        Up to five.
    marks : mapping
        Places on the x-axis at which something is to be pointed out, each with what.
    remarks : sequence of str
        Lines below the heading.
    """

    title: str
    x_label: str
    y_label: str
    curves: Sequence[Curve]
    marks: Mapping[float, str] = field(default_factory=dict)
    remarks: Sequence[str] = ()


def curves_figure(
    panels: Sequence[Panel],
    *,
    title: str,
    subtitle: str,
    notes: Sequence[str],
    columns: int = 2,
    same_scale: bool = False,
) -> Figure:
    """Draw panels of curves with their intervals.

    Parameters
    ----------
    panels : sequence of Panel
        Row by row.
    title, subtitle : str
        What it shows, and in which world.
    notes : sequence of str
        What the reader should know.
    columns : int
        Panels in a row, 1 to 3.
    same_scale : bool
        Whether all panels have the same y-axis.

    Returns
    -------
    Figure
        Of a fixed width of 7.2 inches.
    """
    right, of_names, of_lines = _COLUMNS[columns]
    named = 1 if columns == 3 else columns
    width = (WIDTH - 2 * MARGIN - _GAP * (columns - 1) - _LEFT * columns - right * named) / columns
    cell = width + _LEFT + (right if named == columns else 0.0)
    rows = [panels[first : first + columns] for first in range(0, len(panels), columns)]
    remarks = {
        panel.title: [line for text in panel.remarks for line in textwrap.wrap(text, of_lines, subsequent_indent="   ")]
        for panel in panels
    }
    titles = {panel.title: textwrap.wrap(panel.title, round(0.72 * of_lines)) for panel in panels}
    heads = [
        max(_TITLE * len(titles[one.title]) + _LINE * len(remarks[one.title]) for one in row) + _Y_LABEL for row in rows
    ]
    limits = _limits(panels)
    with house_style():
        page = new_page(sum(heads) + (_AXES + _FOOT) * len(rows), title=title, subtitle=subtitle, notes=notes)
        y = 0.0
        for row, head in zip(rows, heads, strict=True):
            for column, panel in enumerate(row):
                x = MARGIN + (cell + _GAP) * column
                _write_head(page, (x, y), head, panel, titles[panel.title], remarks[panel.title])
                axes = page.panel(x + _LEFT, y + head, width, _AXES)
                ends = _draw(axes, panel)
                _frame(axes, panel, limits if same_scale else None, of_lines)
                if named == columns or column == columns - 1:
                    _name_curves(axes, panel, ends, of_names)
            y += head + _AXES + _FOOT
        return page.figure


def _limits(panels: Sequence[Panel]) -> tuple[float, float]:
    """The ends of all intervals."""
    tables = [curve.rows for panel in panels for curve in panel.curves]
    low, high = min(float(rows["low"].min()) for rows in tables), max(float(rows["high"].max()) for rows in tables)
    margin = 0.05 * (high - low) or 0.01
    return low - margin, high + margin


def _write_head(
    page: Page, at: tuple[float, float], head: float, panel: Panel, titles: Sequence[str], remarks: Sequence[str]
) -> None:
    x, y = at
    for line, text in enumerate(titles):
        page.write(x, y + _TITLE * line, text, fontsize=9, fontweight="bold")
    for line, text in enumerate(remarks):
        page.write(x, y + _TITLE * len(titles) + _LINE * line, text, fontsize=NOTE, color=QUIET)
    page.write(x, y + head - 0.06, panel.y_label, fontsize=NOTE, color=INK, va="bottom")


def _draw(axes: Axes, panel: Panel) -> list[tuple[Curve, CurveLook, float]]:
    """Draw the curves; give those that there are, with their looks and where they end."""
    ends = []
    for curve, usual in zip(panel.curves, LOOKS, strict=False):
        look = curve.look or usual
        rows = curve.rows[np.isfinite(curve.rows["estimate"])]
        if rows.empty:
            continue
        x, mean, low, high = (rows[name].to_numpy(dtype=np.float64) for name in ("x", "estimate", "low", "high"))
        axes.fill_between(x, low, high, color=look.colour, alpha=0.18, linewidth=0.0)
        axes.plot(x, mean, color=look.colour, linestyle=look.line, linewidth=1.6, zorder=3)
        if len(x) <= 16:
            axes.plot(x, mean, look.marker, color=look.colour, markersize=2.8, zorder=4, clip_on=False)
        ends.append((curve, look, float(mean[-1])))
    return ends


def _frame(axes: Axes, panel: Panel, limits: tuple[float, float] | None, of_lines: int) -> None:
    """Axes from zero, or through it, so that a small effect looks small."""
    low, high = limits or axes.get_ylim()
    low, high = min(low, 0.0), max(high, 0.0)
    axes.set_ylim(low, high + (0.14 * (high - low) if panel.marks else 0.0))
    places = pd.concat([curve.rows["x"] for curve in panel.curves])
    axes.set_xlim(float(places.min()), float(places.max()))
    axes.axhline(0.0, color=QUIET, linewidth=0.8, zorder=1)
    for at, words in panel.marks.items():
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
    rule(axes, "y")
    axes.locator_params(axis="y", nbins=5)
    axes.locator_params(axis="x", nbins=5 if of_lines > 40 else 4)
    axes.set_xlabel("\n".join(textwrap.wrap(panel.x_label, round(0.8 * of_lines))), fontsize=NOTE, labelpad=3)


def _name_curves(axes: Axes, panel: Panel, ends: Sequence[tuple[Curve, CurveLook, float]], of_names: int) -> None:
    """Name each curve beside its end, moved apart where ends are close."""
    if not ends:
        return
    order = sorted(ends, key=lambda end: -end[2])
    low, high = axes.get_ylim()
    names = [textwrap.wrap(curve.label, of_names) for curve, _, _ in order]
    step = 0.13 * max(len(lines) for lines in names) * (high - low) / _AXES
    places = apart([end for _, _, end in order], step, low + 0.4 * step, high - 0.4 * step)
    beside = axes.get_yaxis_transform()
    for (_, look, end), lines, place in zip(order, names, places, strict=True):
        axes.plot([1.025, 1.07], [end, place], transform=beside, clip_on=False, linewidth=0.7, color=look.colour)
        axes.text(
            1.08,
            place,
            "\n".join(lines),
            transform=beside,
            va="center",
            fontsize=_LABEL,
            linespacing=0.95,
            color=look.colour,
        )
