"""Pictures of which strategy is best where: a map over two factors, or payoffs along one."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from ana_sim.figures.labels import StrategyLook, axis_label, parameter_of, strategy_label, strategy_looks
from ana_sim.figures.page import MARGIN, WIDTH, Page, new_page
from ana_sim.figures.style import INK, QUIET, RULE, apart, house_style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["regimes_figure"]

_LEFT: Final = 0.62
_MAP: Final = 3.7
_KEY: Final = 2.2
_PALE: Final = 0.68  # of white in the colour of a lead that is not significant


def regimes_figure(
    cells: pd.DataFrame,
    payoffs: pd.DataFrame,
    shares: pd.DataFrame,
    break_even: pd.DataFrame,
    *,
    subtitle: str,
    notes: Sequence[str],
) -> Figure:
    """Draw which strategy is best where, and where active non-alignment breaks even with alignment.

    Parameters
    ----------
    cells, payoffs, shares, break_even : DataFrame
        As in `ana_sim.sweeps.analysis.regimes.Regimes`.
    subtitle : str
        What was analysed.
    notes : sequence of str
        What the reader should know.

    Returns
    -------
    Figure
        Of a fixed width of 7.2 inches: a map, or curves where `cells` has no second factor.
    """
    with house_style():
        if (cells["y_factor"] == "").all():
            return _draw_line(cells, payoffs, shares, break_even, subtitle, notes)
        return _draw_map(cells, shares, break_even, subtitle, notes)


# -- a map -----------------------------------------------------------------------------------------


def _draw_map(
    cells: pd.DataFrame, shares: pd.DataFrame, break_even: pd.DataFrame, subtitle: str, notes: Sequence[str]
) -> Figure:
    across, up = _axis_lines(cells, "x_factor"), _axis_lines(cells, "y_factor")
    left = MARGIN + _beside(up)
    page = new_page(
        _MAP + _beside(across),
        title="Which strategy pays best where?",
        subtitle=subtitle,
        notes=[
            "Full colour: the best beats each other strategy under the same luck (paired t over replicates, false "
            "discovery rate 5%). Payoffs are interpolated between the middles of cells for the lines.",
            *notes,
        ],
    )
    axes = page.panel(left, 0.0, WIDTH - left - _KEY - MARGIN - 0.25, _MAP)
    present = [str(name) for name in shares["strategy"] if (cells["best"] == name).any()]
    looks = strategy_looks([str(name) for name in shares["strategy"]])
    _fill(axes, cells, looks)
    _draw_break_even(axes, break_even)
    axes.set_xlim(*_ends(cells, "x"))
    axes.set_ylim(*_ends(cells, "y"))
    axes.tick_params(labelsize=8.5, color=QUIET)
    for spine in axes.spines.values():
        spine.set_color(QUIET)
    axes.set_xlabel("\n".join(across), fontsize=8.5)
    axes.set_ylabel("\n".join(up), fontsize=8.5)
    _map_key(page, present, looks, shares, _lines_of(break_even))
    return page.figure


def _ends(cells: pd.DataFrame, axis: str) -> tuple[float, float]:
    """The ends of the map along an axis: those of the cells, but none that the parameter cannot have."""
    low, high = float(cells[f"{axis}_low"].min()), float(cells[f"{axis}_high"].max())
    row = parameter_of(str(cells[f"{axis}_factor"].iloc[0]))
    if row is None:
        return low, high
    return max(low, -math.inf if row.low is None else row.low), min(high, math.inf if row.high is None else row.high)


def _fill(axes: Axes, cells: pd.DataFrame, looks: Mapping[str, StrategyLook]) -> None:
    """Fill each cell with its best strategy's colour and hatch, pale where the lead may be luck."""
    from matplotlib.collections import PolyCollection

    for name, look in looks.items():
        for sure in (True, False):
            own = cells[(cells["best"] == name) & (cells["significant"] == sure)]
            if own.empty:
                continue
            corners = [
                own[[f"x_{x}", f"y_{y}"]].to_numpy(dtype=np.float64)
                for x, y in (("low", "low"), ("high", "low"), ("high", "high"), ("low", "high"))
            ]
            colour = look.colour if sure else _pale(look.colour)
            patches = PolyCollection(list(np.stack(corners, axis=1)), facecolor=colour, edgecolor=colour, linewidth=0.7)
            axes.add_collection(patches, autolim=False)
            if look.hatch:
                ink = look.ink if sure else _pale(INK, 0.45)
                hatched = PolyCollection(
                    list(np.stack(corners, axis=1)), facecolor="none", edgecolor=ink, hatch=look.hatch, linewidth=0.0
                )
                axes.add_collection(hatched, autolim=False)


def _pale(colour: str, white: float = _PALE) -> tuple[float, float, float]:
    from matplotlib.colors import to_rgb

    red, green, blue = ((1.0 - white) * part + white for part in to_rgb(colour))
    return red, green, blue


def _lines_of(break_even: pd.DataFrame) -> pd.DataFrame:
    return break_even[break_even["kind"] == "break_even"]


def _draw_break_even(axes: Axes, break_even: pd.DataFrame) -> None:
    for _, line in _lines_of(break_even).groupby("line", sort=False):
        at = line["x"].to_numpy(dtype=np.float64), line["y"].to_numpy(dtype=np.float64)
        axes.plot(*at, color="white", linewidth=4.6, zorder=4, solid_capstyle="butt")
        axes.plot(*at, color="black", linewidth=2.0, zorder=5, solid_capstyle="butt")


def _map_key(
    page: Page, present: Sequence[str], looks: Mapping[str, StrategyLook], shares: pd.DataFrame, lines: pd.DataFrame
) -> None:
    """Name the strategies that are best somewhere, with their share of the map, and the line."""
    from matplotlib.patches import Rectangle

    x, y = WIDTH - MARGIN - _KEY, 0.0
    page.write(x, y, "Best strategy", fontsize=9, fontweight="bold")
    y += 0.26
    by_name = shares.set_index("strategy")
    for name in present:
        look = looks[name]
        for part, sure in enumerate((True, False)):
            left, bottom = page.at(x + 0.17 * part, y + 0.3)
            size = 0.17 / WIDTH, 0.28 / page.height
            colour = look.colour if sure else _pale(look.colour)
            box: dict[str, Any] = {"transform": page.figure.transFigure, "linewidth": 0.0}
            page.figure.add_artist(Rectangle((left, bottom), *size, facecolor=colour, **box))
            ink = look.ink if sure else _pale(INK, 0.45)
            page.figure.add_artist(Rectangle((left, bottom), *size, fill=False, edgecolor=ink, hatch=look.hatch, **box))
        label = textwrap.wrap(strategy_label(name), 27)
        for text in label:
            page.write(x + 0.44, y, text, fontsize=8.5)
            y += 0.15
        best, sure_in = float(by_name.loc[name, "best"]), float(by_name.loc[name, "significant"])  # type: ignore[arg-type]
        page.write(
            x + 0.44, y + 0.005, f"in {_percent(best)}, for sure in {_percent(sure_in)}", fontsize=8, color=QUIET
        )
        y += 0.27
    if lines.empty:
        return
    y += 0.08
    from matplotlib.lines import Line2D

    start, end = page.at(x, y + 0.07), page.at(x + 0.34, y + 0.07)
    line = Line2D(
        [start[0], end[0]], [start[1], end[1]], color="black", linewidth=2.0, transform=page.figure.transFigure
    )
    page.figure.add_artist(line)
    for text in textwrap.wrap(_break_even_words(lines), 27):
        page.write(x + 0.44, y, text, fontsize=8.5)
        y += 0.15


def _break_even_words(lines: pd.DataFrame) -> str:
    other = str(lines["other"].iloc[0])
    named = "the best alignment" if other == "align_*" else strategy_label(other).replace("align ", "aligning ", 1)
    return f"ANA breaks even with {named}"


def _percent(share: float) -> str:
    percent = 100.0 * share
    return f"{percent:.1f}%" if 0.0 < percent < 0.95 else f"{percent:.0f}%"


def _axis_lines(cells: pd.DataFrame, axis: str) -> list[str]:
    """Say in lines what an axis is."""
    return [line for part in axis_label(str(cells[axis].iloc[0])).split("\n") for line in textwrap.wrap(part, 58)]


def _beside(lines: Sequence[str]) -> float:
    """Room for the numbers of an axis and so many lines."""
    return 0.5 + 0.145 * len(lines)


# -- along one factor ------------------------------------------------------------------------------


def _draw_line(
    cells: pd.DataFrame,
    payoffs: pd.DataFrame,
    shares: pd.DataFrame,
    break_even: pd.DataFrame,
    subtitle: str,
    notes: Sequence[str],
) -> Figure:
    across = _axis_lines(cells, "x_factor")
    page = new_page(
        _MAP + _beside(across),
        title="Which strategy pays best?",
        subtitle=subtitle,
        notes=[
            "Bands: 95% intervals of the mean over replicates. All strategies meet the same luck, so their differences "
            "are known better than the bands suggest.",
            *notes,
        ],
    )
    axes = page.panel(MARGIN + _LEFT, 0.0, WIDTH - 2 * MARGIN - _LEFT - _KEY - 0.1, _MAP)
    names = [str(name) for name in shares["strategy"]]
    looks = strategy_looks(names)
    ends = {}
    for name in names:
        own, look = payoffs[payoffs["strategy"] == name].sort_values("x"), looks[name]
        x, mean, least, most = (own[column].to_numpy(dtype=np.float64) for column in ("x", "payoff", "low", "high"))
        axes.fill_between(x, least, most, color=look.colour, alpha=0.16, linewidth=0.0)
        axes.plot(x, mean, color=look.colour, linestyle=look.line, linewidth=1.8, zorder=3)
        marks = np.unique(np.linspace(0, x.size - 1, min(x.size, 12)).round().astype(int))
        axes.plot(
            *(x[marks], mean[marks]),
            linestyle="",
            marker=look.marker,
            markersize=5,
            color=look.colour,
            mec=INK,
            mew=0.5,
            zorder=4,
            clip_on=False,
        )
        ends[name] = float(mean[-1])
    low, high = axes.get_ylim()
    for number, at in enumerate(_lines_of(break_even)["x"].astype(float)):
        axes.axvline(at, color=INK, linewidth=1.2, linestyle=(0, (4, 2)), zorder=2)
        words = f"{_break_even_words(_lines_of(break_even))}\nat {at:.3g}" if not number else f"at {at:.3g}"
        left = at > 0.55 * sum(axes.get_xlim())
        axes.annotate(
            *(words, (at, 0.985)),
            xycoords=("data", "axes fraction"),
            xytext=(-4 if left else 4, 0),
            textcoords="offset points",
            ha="right" if left else "left",
            va="top",
            fontsize=8,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.0, "alpha": 0.85},
        )
    axes.set_ylim(low, high + 0.16 * (high - low))
    axes.margins(x=0.0)
    for side in ("right", "top"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(QUIET)
    axes.tick_params(labelsize=8.5, color=QUIET)
    axes.grid(axis="y", color=RULE, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.set_xlabel("\n".join(across), fontsize=8.5)
    axes.set_ylabel("payoff per state and year\n(1 = the hegemon's initial budget per state)", fontsize=8.5)
    _end_labels(page, axes, ends, looks, shares)
    return page.figure


def _end_labels(
    page: Page, axes: Axes, ends: Mapping[str, float], looks: Mapping[str, StrategyLook], shares: pd.DataFrame
) -> None:
    """Name each curve at its end, moved apart where ends are close."""
    from matplotlib.lines import Line2D

    low, high = axes.get_ylim()
    order = sorted(ends, key=lambda name: -ends[name])
    step = 0.4 * (high - low) / _MAP
    places = apart([ends[name] for name in order], step, low + 0.4 * step, high - 0.4 * step)
    x = WIDTH - MARGIN - _KEY + 0.12
    by_name = shares.set_index("strategy")
    edge = axes.get_position().x1 * WIDTH
    for name, place in zip(order, places, strict=True):
        look = looks[name]
        y, end = ((high - value) / (high - low) * _MAP for value in (place, ends[name]))
        (x0, y0), (x1, y1) = page.at(edge + 0.03, end), page.at(x - 0.04, y)
        page.figure.add_artist(
            Line2D([x0, x1], [y0, y1], color=look.colour, linewidth=0.9, transform=page.figure.transFigure)
        )
        label = textwrap.shorten(strategy_label(name), 32, placeholder=" ...")
        page.write(x, y - 0.015, label, fontsize=8.5, va="bottom")
        best, sure = float(by_name.loc[name, "best"]), float(by_name.loc[name, "significant"])  # type: ignore[arg-type]
        words = f"best in {_percent(best)}, for sure in {_percent(sure)}" if best > 0.0 else "nowhere best"
        page.write(x, y + 0.005, words, fontsize=7.5, color=QUIET, va="top")
