"""A page at the width of two columns of a journal: a heading, panels placed in inches, notes at the foot."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ana_sim.figures.style import QUIET

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["MARGIN", "NOTE", "WIDTH", "Page", "new_page"]

WIDTH: Final = 7.2
"""Width of a page, in inches, as are all lengths."""

MARGIN: Final = 0.15
NOTE: Final = 7.5
"""Size of small print, in points."""

_TITLE, _SUBTITLE, _LINE = 0.24, 0.17, 0.14


@dataclass(frozen=True)
class Page:
    """A figure on which things are placed in inches from its left and from the top of its body.

    Attributes
    ----------
    figure : Figure
        The figure.
    height : float
        Its height.
    top : float
        Where its body begins, from the top.
    """

    figure: Figure
    height: float
    top: float

    def write(self, x: float, y: float, text: str, **look: Any) -> None:
        """Write a text whose top left corner is at a place, unless `look` aligns it otherwise."""
        self.figure.text(x / WIDTH, 1.0 - (self.top + y) / self.height, text, **{"va": "top", **look})

    def panel(self, x: float, y: float, width: float, height: float) -> Axes:
        """Add axes with their top left corner at a place."""
        bottom = self.height - self.top - y - height
        return self.figure.add_axes((x / WIDTH, bottom / self.height, width / WIDTH, height / self.height))

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Return a place as shares of the figure, from its lower left corner."""
        return x / WIDTH, 1.0 - (self.top + y) / self.height


def new_page(body: float, *, title: str, subtitle: str, notes: Sequence[str]) -> Page:
    """Make a page with a body of a given height between its heading and its notes.

    Parameters
    ----------
    body : float
        Height of the body.
    title, subtitle : str
        The heading, of any length.
    notes : sequence of str
        What is to be said below, each set as a sentence.
    """
    from matplotlib.figure import Figure

    titles = textwrap.wrap(title, 68)
    subtitles = textwrap.wrap(subtitle, 104)
    small = [line for note in notes for line in textwrap.wrap(_sentence(note), 124)]
    top = 0.12 + _TITLE * len(titles) + _SUBTITLE * len(subtitles) + 0.12
    height = top + body + 0.12 + _LINE * len(small) + 0.08
    page = Page(Figure(figsize=(WIDTH, height)), height, top)
    y = 0.12 - top
    for text in titles:
        page.write(MARGIN, y, text, fontsize=12, fontweight="bold")
        y += _TITLE
    for text in subtitles:
        page.write(MARGIN, y, text, fontsize=9, color=QUIET)
        y += _SUBTITLE
    for line, text in enumerate(small):
        page.write(MARGIN, body + 0.12 + _LINE * line, text, fontsize=NOTE, color=QUIET)
    return page


def _sentence(note: str) -> str:
    """Write a note as a sentence; a measure or a factor that it begins with keeps its name."""
    begun = note[:1].upper() + note[1:] if note.split(" ")[0].isalpha() else note
    return begun if begun.endswith(".") else f"{begun}."
