"""The look that all pictures share, and how they are written.

Figures are built on `Figure` directly, never through pyplot, so that they neither need a display nor share a
state. Colours are those of Okabe & Ito (2008), told apart by colour-blind readers; hatches and direct labels
carry the same distinction in grey.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from os import PathLike

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BLUE: Final = "#0072B2"
INK: Final = "#222222"
QUIET: Final = "#666666"
RULE: Final = "#DDDDDD"


def house_style() -> AbstractContextManager[None]:
    """Give matplotlib's defaults, whatever the user's own settings, with our few changes."""
    from matplotlib import style

    changes: dict[str, Any] = {
        "font.family": "DejaVu Sans",
        "font.size": 9.5,
        "text.color": INK,
        "axes.edgecolor": RULE,
        "axes.labelcolor": INK,
        "xtick.color": QUIET,
        "hatch.linewidth": 0.5,
        "text.parse_math": False,
        "svg.hashsalt": "ana_sim",
        "path.simplify": False,
    }
    return style.context(["default", changes])


def save_figure(fig: Figure, path: str | PathLike[str]) -> None:
    """Write a figure so that the same figure gives the same bytes.

    Parameters
    ----------
    fig : Figure
        The figure.
    path : path
        Ending in ``.png`` (150 dots per inch), ``.pdf`` or ``.svg``; an existing file is replaced.

    Raises
    ------
    ValueError
        For another ending.
    OSError
        If the file cannot be written.
    """
    from pathlib import Path

    target = Path(path)
    metadata: dict[str, dict[str, Any]] = {
        ".png": {"Software": None},
        ".pdf": {"CreationDate": None, "Creator": None, "Producer": None},
        ".svg": {"Date": None, "Creator": None},
    }
    ending = target.suffix.lower()
    if ending not in metadata:
        raise ValueError(f"{target}: a figure is written as .png, .pdf or .svg, not {ending or 'without ending'}")
    with house_style():
        fig.savefig(target, dpi=150, metadata=metadata[ending], facecolor="white")


def text_width(fig: Figure, text: str, **look: Any) -> float:
    """Measure a text in inches."""
    probe = fig.text(0.0, 0.0, text, **look)
    width = float(probe.get_window_extent().width) / fig.dpi
    probe.remove()
    return width


def figure_of(axes: Axes) -> Figure:
    """Give the figure that axes stand in."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    return figure


def rule(axes: Axes, along: Literal["x", "y"]) -> None:
    """Leave an axis with its values, pale lines across the panel at each, and nothing else round it."""
    bare = ("right", "top", "bottom") if along == "y" else ("right", "top", "left")
    for side in bare:
        axes.spines[side].set_visible(False)
    axes.spines["left" if along == "y" else "bottom"].set_color(QUIET)
    axes.grid(axis=along, color=RULE, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(labelsize=7.5, color=QUIET)


def signed(value: float, _: int | None = None) -> str:
    """Format a tick: a sign unless 0, no more decimals than needed."""
    text = f"{abs(value):.6f}".rstrip("0").rstrip(".")
    return "0" if text == "0" else ("+" if value > 0 else "\N{MINUS SIGN}") + text


def limits_with_zero(low: float, high: float) -> tuple[float, float]:
    """Limits that show zero and leave a margin; symmetric round zero if all is zero."""
    low, high = min(low, 0.0), max(high, 0.0)
    margin = 0.06 * (high - low) or 0.01
    return low - margin, high + margin


def apart(wanted: Sequence[float], step: float, low: float, high: float) -> list[float]:
    """Move places, from the highest to the lowest, at least a step apart and into a range, as little as needed."""
    blocks: list[tuple[float, int]] = []

    def ends(block: tuple[float, int]) -> tuple[float, float]:
        middle, half = block[0], (block[1] - 1) * step / 2
        middle = min(max(middle, low + half), high - half)
        return middle + half, middle - half

    for place in wanted:
        blocks.append((place, 1))
        while len(blocks) > 1 and ends(blocks[-2])[1] - step < ends(blocks[-1])[0]:
            (upper, many), (lower, few) = blocks[-2:]
            blocks[-2:] = [((upper * many + lower * few) / (many + few), many + few)]
    return [ends(block)[0] - step * place for block in blocks for place in range(block[1])]
