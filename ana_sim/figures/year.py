"""How a year runs, as a schematic: who deals with whom, and the phases in order with their main equations."""

from __future__ import annotations

import textwrap
from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

import pandas as pd

from ana_sim.figures.page import MARGIN, NOTE, WIDTH, Page, new_page
from ana_sim.figures.style import INK, QUIET, RULE, house_style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["year_figure"]

_BOX: Final = 1.2
_ACTORS: Final = 1.55
_ROW: Final = 0.66
_SIDE: Final = 0.3
_NAME: Final = 1.2
_WHAT: Final = 2.55
_COLOURS: Final = {"powers": "#0072B2", "states": "#009E73", "the world": "#666666", "states, powers": "#D55E00"}


def year_figure(phases: pd.DataFrame, *, subtitle: str, notes: Sequence[str]) -> Figure:
    """Draw the actors, and the phases of a year below them.

    Parameters
    ----------
    phases : DataFrame
        Columns ``phase``, ``who``, ``what`` and ``equation`` (in TeX, several parted by ``; ``), in order.
    subtitle : str
        What is shown.
    notes : sequence of str
        What the reader should know.

    Returns
    -------
    Figure
        Of a fixed width of 7.2 inches.
    """
    with house_style():
        page = new_page(
            _ACTORS + 0.2 + _ROW * len(phases) + 0.1, title="How a year runs", subtitle=subtitle, notes=notes
        )
        _draw_actors(page)
        top = _ACTORS + 0.2
        for number, row in enumerate(phases.astype(str).to_dict("records")):
            _draw_phase(page, top + _ROW * number, number + 1, row)
        _draw_return(page, top + 0.5 * _ROW - 0.06, top + _ROW * (len(phases) - 0.5) - 0.06)
        return page.figure


def _box(page: Page, x: float, y: float, width: float, height: float, colour: str, fill: str = "white") -> None:
    from matplotlib.patches import FancyBboxPatch

    left, bottom = page.at(x, y + height)
    shape = FancyBboxPatch(
        (left * WIDTH, bottom * page.height),
        width,
        height,
        boxstyle="round,pad=0,rounding_size=0.06",
        transform=page.figure.dpi_scale_trans,
        facecolor=fill,
        edgecolor=colour,
        linewidth=1.2,
    )
    page.figure.add_artist(shape)


def _arrow(page: Page, start: tuple[float, float], end: tuple[float, float], colour: str, line: str = "-") -> None:
    from matplotlib.patches import FancyArrowPatch

    places = [page.at(*place) for place in (start, end)]
    arrow = FancyArrowPatch(
        *[(x * WIDTH, y * page.height) for x, y in places],
        transform=page.figure.dpi_scale_trans,
        arrowstyle="-|>",
        mutation_scale=9,
        color=colour,
        linewidth=1.2,
        linestyle=line,
        shrinkA=0,
        shrinkB=0,
    )
    page.figure.add_artist(arrow)


def _draw_actors(page: Page) -> None:
    """The powers on the left and on the right, the states between them, and what passes."""
    height, y = 0.62, 0.42
    sides = {"Hegemon H": MARGIN, "Rising power R": WIDTH - MARGIN - _BOX}
    middle = (WIDTH - 1.75) / 2
    for name, x in sides.items():
        _box(page, x, y, _BOX, height, "#0072B2", "#EAF3F9")
        page.write(x + _BOX / 2, y + 0.14, name, ha="center", fontsize=9, fontweight="bold")
        page.write(x + _BOX / 2, y + 0.34, "capability, openness", ha="center", fontsize=NOTE, color=QUIET)
    _box(page, middle, y, 1.75, height, "#009E73", "#E8F5F0")
    page.write(WIDTH / 2, y + 0.1, "N small states", ha="center", fontsize=9, fontweight="bold")
    page.write(
        WIDTH / 2,
        y + 0.29,
        "need, exposure, ideology,\ndiplomatic capacity; a strategy",
        ha="center",
        fontsize=NOTE,
        color=QUIET,
        linespacing=1.05,
    )
    left, right = MARGIN + _BOX, WIDTH - MARGIN - _BOX
    ends = {"left": (left + 0.04, middle - 0.04), "right": (right - 0.04, middle + 1.75 + 0.04)}
    for near, far in ends.values():
        centre = (near + far) / 2
        _arrow(page, (far, y + 0.12), (near, y + 0.12), "#009E73")
        page.write(centre, y + 0.07, "asks", ha="center", va="bottom", fontsize=NOTE, color="#007A58")
        _arrow(page, (near, y + 0.31), (far, y + 0.31), "#0072B2")
        page.write(centre, y + 0.29, "offers", ha="center", va="bottom", fontsize=NOTE, color="#0072B2")
        _arrow(page, (near, y + 0.5), (far, y + 0.5), "#D55E00", "--")
        page.write(centre, y + 0.52, "pressure", ha="center", fontsize=NOTE, color="#B34700")
    page.write(
        WIDTH / 2,
        0.04,
        "a project a year for each state: a loan, a trade agreement, infrastructure, a network, a seat, recognition",
        ha="center",
        fontsize=NOTE + 0.5,
        color=INK,
    )
    page.write(
        WIDTH / 2,
        y + height + 0.2,
        "align: one patron, and its club's rent     hedge: split projects     play the field: let powers outbid each "
        "other     ANA: field and hedge",
        ha="center",
        fontsize=NOTE,
        color=QUIET,
    )


def _draw_phase(page: Page, y: float, number: int, row: Mapping[Hashable, str]) -> None:
    """A phase: its number and name, who acts, what happens, and the equation that decides."""
    colour = _COLOURS[row["who"]]
    x = MARGIN + _SIDE
    _box(page, x, y, WIDTH - 2 * MARGIN - _SIDE, _ROW - 0.12, RULE)
    _box(page, x, y, _NAME, _ROW - 0.12, colour, colour)
    page.write(x + 0.08, y + 0.1, f"{number}  {row['phase']}", fontsize=9, fontweight="bold", color="white")
    page.write(x + 0.08, y + 0.3, row["who"], fontsize=NOTE, color="white")
    page.write(
        x + _NAME + 0.1,
        y + (_ROW - 0.12) / 2,
        "\n".join(textwrap.wrap(row["what"], 44)),
        fontsize=NOTE,
        va="center",
        linespacing=1.1,
    )
    page.write(
        x + _NAME + 0.1 + _WHAT + 0.05,
        y + (_ROW - 0.12) / 2,
        "\n".join(f"${line}$" for line in row["equation"].split("; ")),
        fontsize=NOTE + 0.5,
        va="center",
        color=INK,
        linespacing=1.35,
        parse_math=True,
    )


def _draw_return(page: Page, first: float, last: float) -> None:
    """From the last phase back to the first: the next year."""
    from matplotlib.lines import Line2D

    x, side = MARGIN + 0.08, MARGIN + _SIDE
    line = [page.at(side, last), page.at(x, last), page.at(x, first)]
    page.figure.add_artist(Line2D(*zip(*line, strict=True), color=QUIET, linewidth=1.2))
    _arrow(page, (x, first), (side - 0.02, first), QUIET)
    page.write(
        x - 0.02, (first + last) / 2, "next year", rotation=90, ha="right", va="center", fontsize=NOTE, color=QUIET
    )
