"""The picture of a comparison: which strategy pays against a baseline, and why."""

from __future__ import annotations

import math
import textwrap
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from ana_sim.figures.labels import COMPONENT_LOOKS, strategy_label
from ana_sim.figures.style import (
    BLUE,
    INK,
    QUIET,
    RULE,
    figure_of,
    house_style,
    limits_with_zero,
    signed,
    text_width,
)
from ana_sim.statistics import FEW_REPLICATES
from ana_sim.summary_text import decimals
from ana_sim.tally import COMPONENTS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["compare_data", "compare_figure"]


_PAYOFF_AXIS: Final = (
    "\N{LEFTWARDS ARROW} worse  |  payoff per state and year  |  better \N{RIGHTWARDS ARROW}\n"
    "(1 = the hegemon's initial budget per state)"
)

_WIDTH: Final = 11.0  # inches, as are all lengths of the layout
_ROW: Final = 0.46
_ROWS_AT_LEAST: Final = 3
_MARGIN: Final = 0.25
_COLUMN: Final = 1.75
_HEAD: Final = 1.04
_FOOT: Final = 1.14
_WRAP: Final = 28


def compare_data(summary: pd.DataFrame, baseline: str) -> pd.DataFrame:
    """Give the numbers that `compare_figure` draws.

    Parameters
    ----------
    summary : DataFrame
        As returned by `ana_sim.statistics.summarise`.
    baseline : str
        The strategy that the differences are from.

    Returns
    -------
    DataFrame
        A row per strategy, largest difference first, with `strategy`, `label` (in words), `difference`,
        `low`, `high`, `clear` (the interval excludes 0), `superiority` and the components' differences under
        the components' names. All but `superiority` (a share) are per state and year, 1 = the
        hegemon's budget per state and year at the start.

    Raises
    ------
    ValueError
        If a column or the baseline is missing, or `summary` was made against another baseline.
    """
    parts = [f"d_{component}" for component in COMPONENTS]
    needed = ["strategy", "payoff", "difference", "low", "high", "superiority", *parts]
    missing = [column for column in needed if column not in summary.columns]
    if missing:
        raise ValueError(f"column missing from the summary: {', '.join(missing)}")
    own = summary.loc[summary["strategy"] == baseline, "difference"]
    if own.empty:
        known = ", ".join(str(name) for name in summary["strategy"])
        raise ValueError(f"baseline {baseline!r} is not among the strategies compared: {known}")
    if float(own.iloc[0]) != 0.0:
        raise ValueError(f"the summary's differences are not from {baseline!r}")

    table = summary.sort_values(["difference", "strategy"], ascending=[False, True], ignore_index=True)
    data = table[["strategy", "difference", "low", "high", "superiority"]].copy()
    data.insert(1, "label", [strategy_label(str(name)) for name in table["strategy"]])
    data.insert(5, "clear", (table["low"] > 0.0) | (table["high"] < 0.0))
    for component in COMPONENTS:
        data[component] = table[f"d_{component}"]
    return data


def compare_figure(summary: pd.DataFrame, *, title: str, subtitle: str, baseline: str) -> Figure:
    """Draw which strategy pays, against a baseline, and why.

    On the left the mean paired difference in payoff from the baseline with its interval, best strategy on
    top; on the right the components that the difference is made of, gains to the right of zero and losses to
    the left, with the difference itself as a diamond.

    Parameters
    ----------
    summary : DataFrame
        As returned by `ana_sim.statistics.summarise`.
    title, subtitle : str
        What is compared (a line), and in which world (a line or two).
    baseline : str
        The strategy that the differences are from.

    Returns
    -------
    Figure
        Of a fixed width of 11 inches, as high as the number of strategies needs.

    Raises
    ------
    ValueError
        As `compare_data`.
    """
    data = compare_data(summary, baseline)
    with house_style():
        return _draw_compare(data, summary, title, subtitle, baseline)


# ---------------------------------------------------------------------------------------------------------


def _draw_compare(data: pd.DataFrame, summary: pd.DataFrame, title: str, subtitle: str, baseline: str) -> Figure:
    from matplotlib.figure import Figure

    labels = ["\n".join(textwrap.wrap(str(label), _WRAP, max_lines=2, placeholder=" ...")) for label in data["label"]]
    titles = textwrap.wrap(title, 95)
    subtitles = textwrap.wrap(subtitle, 140)
    notes = textwrap.wrap(_compare_note(summary), 185)
    head = _HEAD + 0.27 * (len(titles) - 1) + 0.2 * len(subtitles)
    foot = _FOOT + 0.16 * len(notes)
    body = _ROW * max(len(data), _ROWS_AT_LEAST)
    height = head + body + foot
    fig = Figure(figsize=(_WIDTH, height))

    def write(x: float, from_top: float, text: str, **look: Any) -> None:
        fig.text(x / _WIDTH, 1.0 - from_top / height, text, **{"va": "top", **look})

    for line, text in enumerate(titles):
        write(_MARGIN, 0.2 + 0.27 * line, text, fontsize=14, fontweight="bold")
    for line, text in enumerate(subtitles):
        write(_MARGIN, 0.52 + 0.27 * (len(titles) - 1) + 0.2 * line, text, fontsize=10, color=QUIET)
    for line, text in enumerate(notes):
        write(_MARGIN, height - 0.14 - 0.16 * (len(notes) - line), text, fontsize=8, color=QUIET)

    names = max(text_width(fig, label) for label in labels) + 0.15
    room = _WIDTH - 2 * _MARGIN - names - _COLUMN
    start, width = _MARGIN + names, 0.4 * room
    beside = start + width + _COLUMN

    def panel(x: float, wide: float) -> Axes:
        return fig.add_axes((x / _WIDTH, foot / height, wide / _WIDTH, body / height))

    left, right = panel(start, width), panel(beside, room - width)
    against = f"difference from: {strategy_label(baseline)}"
    if text_width(fig, against) > width + 0.2:
        against = "difference from the baseline"
    _draw_bands(fig, len(data), (foot / height, body / height))
    for axes, heading, sub in (
        (left, "Does it pay?", against),
        (right, "Why?", "what the difference is made of"),
    ):
        _style_panel(axes, len(data))
        x = axes.get_position().x0 * _WIDTH
        write(x, head - 0.46, heading, fontsize=10.5, fontweight="bold")
        write(x, head - 0.26, sub, color=QUIET)
    left.set_yticks(range(len(data)), labels, multialignment="right")
    _draw_differences(left, data, baseline)
    write(start + width + 0.78, head - 0.26, "mean", ha="right", color=QUIET)
    write(start + width + 1.42, head - 0.26, "better in", ha="right", color=QUIET)
    places = decimals(data["difference"])
    for row, (_, one) in enumerate(data.iterrows()):
        at = head + body * (row + 0.5) / len(data)
        own = one["strategy"] == baseline
        mean = "baseline" if own else f"{one['difference']:+.{places}f}".replace("-", "\N{MINUS SIGN}")
        write(start + width + 0.78, at, mean, ha="right", va="center_baseline", color=QUIET if own else INK)
        if not own:
            often = f"{100.0 * one['superiority']:.0f}%"
            write(start + width + 1.42, at, often, ha="right", va="center_baseline")
    visible = _draw_components(right, data, baseline)
    _draw_legend(fig, visible, (0.28 + 0.16 * len(notes)) / height)
    return fig


def _compare_note(summary: pd.DataFrame) -> str:
    """Say in a line what was counted and how to read the marks."""
    first = summary.iloc[0]
    replicates, pairs = int(first["n_replicates"]), int(first["n_pairs"])
    percent = f"{100.0 * float(first['level']) if 'level' in summary else 95.0:g}%"
    cases = f"n = {replicates:,} replicate{'s' * (replicates != 1)}, {pairs:,} paired case{'s' * (pairs != 1)}"
    if replicates < 2:
        return f"{cases}, same luck; one replicate gives no interval."
    few = " (few, so too narrow)" if replicates < FEW_REPLICATES else ""
    return (
        f"{cases}, same luck. Line: {percent} BCa interval over replicates{few}; hollow dot: "
        "it includes 0. Better in: share of cases that beat the baseline."
    )


def _draw_bands(fig: Figure, rows: int, extent: tuple[float, float]) -> None:
    """Shade every other row over the whole width, to lead the eye from a name to its numbers."""
    from matplotlib.patches import Rectangle

    bottom, height = extent
    x = 0.5 * _MARGIN / _WIDTH
    for row in range(0, rows, 2):
        y = bottom + height * (rows - row - 1) / rows
        band = Rectangle((x, y), 1.0 - 2.0 * x, height / rows, transform=fig.transFigure)
        band.set(facecolor="#F4F4F4", edgecolor="none", zorder=-1)
        fig.add_artist(band)


def _style_panel(axes: Axes, rows: int) -> None:
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axes.set_ylim(rows - 0.5, -0.5)
    axes.patch.set_visible(False)
    for side in ("left", "right", "top"):
        axes.spines[side].set_visible(False)
    axes.tick_params(axis="y", length=0, labelcolor=INK, labelsize=9.5, pad=8)
    axes.set_yticks([])
    axes.tick_params(axis="x", labelsize=9, color=RULE)
    axes.xaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(signed))
    axes.axvline(0.0, color=INK, linewidth=0.9, zorder=1)


def _draw_differences(axes: Axes, data: pd.DataFrame, baseline: str) -> None:
    for row, (_, one) in enumerate(data.iterrows()):
        if one["strategy"] == baseline:
            axes.plot([0.0], [row], marker="s", markersize=5, color=QUIET, zorder=3)
            continue
        if not math.isnan(one["low"]):
            axes.plot([one["low"], one["high"]], [row, row], color=BLUE, linewidth=2.2, zorder=2)
        fill = BLUE if one["clear"] else "white"
        axes.plot([one["difference"]], [row], marker="o", markersize=6.5, color=BLUE, mfc=fill, mew=1.6, zorder=3)
    ends = np.nan_to_num(data[["difference", "low", "high"]].to_numpy(dtype=np.float64)).ravel()
    axes.set_xlim(*limits_with_zero(float(ends.min()), float(ends.max())))
    axes.set_xlabel(_PAYOFF_AXIS, fontsize=9)


def _draw_components(axes: Axes, data: pd.DataFrame, baseline: str) -> list[int]:
    """Stack gains and losses; give the components that are wide enough to be seen in some row."""
    parts = data[list(COMPONENTS)].to_numpy(dtype=np.float64)
    gains = np.clip(parts, 0.0, None).sum(axis=1)
    losses = np.clip(parts, None, 0.0).sum(axis=1)
    low, high = limits_with_zero(float(losses.min()), float(gains.max()))
    axes.set_xlim(low, high)
    visible = [index for index in range(len(COMPONENTS)) if np.abs(parts[:, index]).max() >= 0.003 * (high - low)]
    inches = axes.get_position().width * _WIDTH / (high - low)
    for row in range(len(data)):
        ends = {1: 0.0, -1: 0.0}
        net = float(data["difference"].iloc[row])
        for index in visible:
            value = float(parts[row, index])
            if value == 0.0:
                continue
            side = 1 if value > 0.0 else -1
            _draw_segment(axes, COMPONENTS[index], row, (ends[side], value), inches, net)
            ends[side] += value
        if data["strategy"].iloc[row] != baseline:
            axes.plot(
                [net],
                [row],
                marker="D",
                markersize=6.5,
                color="black",
                mec="white",
                zorder=5,
            )
    axes.set_xlabel("payoff per state and year, same unit", fontsize=9)
    return visible


def _draw_segment(axes: Axes, component: str, row: int, part: tuple[float, float], inches: float, net: float) -> None:
    """Draw a part of a bar (its start and length), with its name in it where it fits beside the diamond."""
    look = COMPONENT_LOOKS[component]
    start, value = part
    axes.barh(
        row,
        value,
        left=start,
        height=0.56,
        color=look.colour,
        hatch=look.hatch,
        edgecolor="white",
        linewidth=0.6,
        zorder=2,
    )
    low, high = min(start, start + value), max(start, start + value)
    half = 0.06 / inches
    free = [(low, min(high, net - half)), (max(low, net + half), high)]
    if net + half <= low or net - half >= high:
        free = [(low, high)]
    low, high = max(free, key=lambda ends: ends[1] - ends[0])
    if text_width(figure_of(axes), look.short, fontsize=7.5) + 0.08 <= (high - low) * inches:
        box = {"boxstyle": "square,pad=0.12", "facecolor": look.colour, "edgecolor": "none"}
        axes.text(
            (low + high) / 2.0,
            row,
            look.short,
            fontsize=7.5,
            color=look.ink,
            ha="center",
            va="center",
            bbox=box,
            zorder=3,
        )


def _draw_legend(fig: Figure, visible: list[int], bottom: float) -> None:
    """Name the components in a line over the whole width, its lower edge at `bottom` of the figure."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    looks = [COMPONENT_LOOKS[COMPONENTS[index]] for index in visible]
    handles: list[Patch | Line2D] = [
        Patch(facecolor=look.colour, hatch=look.hatch, edgecolor="white", linewidth=0.6, label=look.label)
        for look in looks
    ]
    net = Line2D([], [], marker="D", color="black", markersize=6.5, linestyle="", label="their sum: the difference")
    net.set_markeredgecolor("white")
    handles.append(net)
    fig.legend(
        handles=handles,
        loc="lower right",
        bbox_to_anchor=(1.0 - _MARGIN / _WIDTH, bottom),
        ncols=len(handles),
        frameon=False,
        fontsize=8.5,
        handlelength=1.5,
        handleheight=1.0,
        columnspacing=1.1,
        handletextpad=0.5,
        borderaxespad=0.0,
        borderpad=0.0,
    )
