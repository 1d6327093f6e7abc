"""Pictures of what decides a measure: rankings with intervals, and curves along each factor."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from itertools import product
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ana_sim.figures.labels import factor_label
from ana_sim.figures.page import MARGIN, NOTE, WIDTH, Page, new_page
from ana_sim.figures.style import BLUE, INK, QUIET, RULE, house_style, text_width

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

__all__ = ["sensitivity_data", "sensitivity_figure"]

_ROW, _TALL_ROW = 0.23, 0.31  # of one line, and of two
_LABEL: Final = 26  # characters of a line
_HEAD: Final = 0.42
_AXIS: Final = 0.55
_GAP: Final = 0.2
_LEGEND: Final = 0.28
_MOST: Final = 20  # factors shown of a measure
_MOST_CURVES: Final = 9
_ACROSS: Final = 3  # curves in a row
_CURVE: Final = 1.25


def sensitivity_data(table: pd.DataFrame, leading: str) -> pd.DataFrame:
    """Give the numbers that a ranking draws.

    Parameters
    ----------
    table : DataFrame
        As in `ana_sim.sweeps.analysis.sensitivity.Sensitivity`.
    leading : str
        The index that factors are ranked by.

    Returns
    -------
    DataFrame
        The rows without pairs, with `row`, the factor's place from the top within its measure, and `label`, in a line
        or two.
    """
    alone = table[table["other"] == ""].copy()
    first = alone[alone["index"] == leading]
    places = first.assign(row=first.groupby("measure", sort=False).cumcount())[["measure", "factor", "row"]]
    data = alone.merge(places, on=["measure", "factor"], how="left", validate="many_to_one")
    data["label"] = [
        "\n".join(textwrap.wrap(factor_label(str(name)), _LABEL, max_lines=2, placeholder=" ..."))
        for name in data["factor"]
    ]
    return data


def sensitivity_figure(
    table: pd.DataFrame, curves: pd.DataFrame | None, *, leading: str, subtitle: str, notes: Sequence[str]
) -> Figure:
    """Draw what decides each measure.

    Parameters
    ----------
    table, curves : DataFrame
        As in `ana_sim.sweeps.analysis.sensitivity.Sensitivity`.
    leading : str
        The index that factors are ranked by: ``ST``, ``S1``, ``mu_star`` or ``swing``.
    subtitle : str
        What was analysed.
    notes : sequence of str
        What the reader should know.

    Returns
    -------
    Figure
        Of a fixed width of 7.2 inches.
    """
    data = sensitivity_data(table, leading)
    most = _MOST if curves is None else _MOST_CURVES
    data = data[data["row"] < most]
    hidden = table["factor"].nunique() - data["factor"].nunique()
    said = list(notes)
    if hidden > 0:
        said.append(f"The {most} most important factors are shown.")
    with house_style():
        if curves is not None:
            return _draw_curves(curves, data, subtitle, said)
        if leading == "mu_star":
            return _draw_morris(data, subtitle, said)
        return _draw_shares(data, leading, subtitle, said)


# -- shares of variance ----------------------------------------------------------------------------


def _draw_shares(data: pd.DataFrame, leading: str, subtitle: str, notes: list[str]) -> Figure:
    measures = list(dict.fromkeys(data["measure"]))
    across = min(2, len(measures))
    rows = [measures[start : start + across] for start in range(0, len(measures), across)]
    high = _row_height(data)
    heights = [high * max(int(data.loc[data["measure"].isin(row), "row"].max()) + 1, 3) for row in rows]
    both = leading == "ST"
    how = {
        True: "Lines: 95% intervals. What a factor makes together with others counts for each of them in the total.",
        False: "Lines: 95% bootstrap intervals. What factors make only together is in none of the shares.",
    }
    page = new_page(
        _LEGEND * both + sum(heights) + (_HEAD + _AXIS) * len(rows) + _GAP * (len(rows) - 1),
        title="What decides the outcome? Shares of the variance",
        subtitle=subtitle,
        notes=[how[both], *notes],
    )
    if both:
        _shares_legend(page)
    limits = _share_limits(data)
    y = _LEGEND * both
    for row, height in zip(rows, heights, strict=True):
        y += _HEAD
        for place, measure in enumerate(row):
            own = data[data["measure"] == measure]
            names = max(text_width(page.figure, str(label), fontsize=8.5) for label in data["label"]) + 0.12
            room = (WIDTH - 2 * MARGIN - _GAP * (across - 1)) / across
            x = MARGIN + place * (room + _GAP)
            count = int(own["row"].max()) + 1
            axes = page.panel(x + names, y, room - names, high * count)
            _heading(page, x, y, str(measure), own, room)
            _draw_ranking(axes, own, (leading, "S1") if both else (leading,), limits)
            axes.set_xlabel("share of the variance", fontsize=8.5)
        y += height + _AXIS + _GAP
    return page.figure


def _row_height(data: pd.DataFrame) -> float:
    return _TALL_ROW if any("\n" in str(label) for label in data["label"]) else _ROW


def _share_limits(data: pd.DataFrame) -> tuple[float, float]:
    values = data.loc[data["index"].isin(["S1", "ST"]), ["value", "low", "high"]].to_numpy(dtype=np.float64)
    known = values[np.isfinite(values)]
    low, high = (min(0.0, float(known.min())), float(known.max())) if known.size else (0.0, 1.0)
    return max(low, -0.25) - 0.02, min(max(1.06 * high, 0.1), 1.5)


def _heading(page: Page, x: float, y: float, measure: str, own: pd.DataFrame, room: float = WIDTH) -> None:
    noise = float(own["noise"].iloc[0])
    luck = "" if math.isnan(noise) else f"luck makes {100.0 * noise:.0f}% of the variance"
    if 0.0 < noise < 0.01:
        luck = "luck makes less than 1% of the variance"
    name = textwrap.shorten(measure, int(room / 0.093), placeholder=" ...")
    page.write(x, y - 0.36, name, fontsize=9.5, fontweight="bold")
    page.write(x, y - 0.19, luck, fontsize=8, color=QUIET)


def _draw_ranking(axes: Axes, own: pd.DataFrame, indices: Sequence[str], limits: tuple[float, float]) -> None:
    """Draw a dot and an interval for each factor and index, the most important on top."""
    from matplotlib.ticker import MaxNLocator

    count = int(own["row"].max()) + 1
    labels = own.drop_duplicates("row").sort_values("row")["label"]
    _plain(axes)
    axes.set_ylim(count - 0.5, -0.5)
    axes.set_xlim(*limits)
    axes.set_yticks(range(count), [str(label) for label in labels], fontsize=8.5)
    axes.tick_params(axis="y", length=0, labelcolor=INK, pad=5)
    axes.tick_params(axis="x", labelsize=8, color=RULE)
    axes.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    axes.axvline(0.0, color=INK, linewidth=0.8, zorder=1)
    for band in range(0, count, 2):
        axes.axhspan(band - 0.5, band + 0.5, color="#F4F4F4", linewidth=0.0, zorder=0)
    for place, index in enumerate(indices):
        shift = 0.0 if len(indices) == 1 else (-0.17, 0.17)[place]
        for one in own[own["index"] == index].to_dict("records"):
            colour, fill = (BLUE, BLUE) if place == 0 else (INK, "white")
            at = one["row"] + shift
            if math.isfinite(one["low"]):
                axes.plot([one["low"], one["high"]], [at, at], color=colour, linewidth=1.4, zorder=2)
            axes.plot([one["value"]], [at], marker="o", markersize=4.6, color=colour, mfc=fill, mew=1.1, zorder=3)


def _shares_legend(page: Page) -> None:
    from matplotlib.lines import Line2D

    handles = [
        Line2D(
            [], [], marker="o", color=BLUE, mfc=BLUE, markersize=5, linewidth=1.4, label="total: alone and with others"
        ),
        Line2D([], [], marker="o", color=INK, mfc="white", markersize=5, linewidth=1.4, label="first order: alone"),
    ]
    _legend(page, handles, 0.0)


def _legend(page: Page, handles: Sequence[Line2D | Patch], y: float) -> None:
    page.figure.legend(
        handles=list(handles),
        loc="upper left",
        bbox_to_anchor=page.at(MARGIN, y),
        ncols=len(handles),
        frameon=False,
        fontsize=8.5,
        borderaxespad=0.0,
        borderpad=0.0,
        handlelength=1.8,
        columnspacing=1.6,
    )


def _plain(axes: Axes) -> None:
    axes.patch.set_visible(False)
    for side in ("left", "right", "top"):
        axes.spines[side].set_visible(False)


# -- elementary effects ----------------------------------------------------------------------------


def _draw_morris(data: pd.DataFrame, subtitle: str, notes: list[str]) -> Figure:
    measures = list(dict.fromkeys(data["measure"]))
    counts = [int(data.loc[data["measure"] == measure, "row"].max()) + 1 for measure in measures]
    row = _row_height(data)
    heights = [max(2.3, row * count) for count in counts]
    page = new_page(
        sum(heights) + (_HEAD + _AXIS) * len(measures) + _GAP * (len(measures) - 1),
        title="What decides the outcome? Elementary effects",
        subtitle=subtitle,
        notes=[
            "Left: mean absolute effect of a factor over its whole range, with 95% bootstrap intervals. Right: against "
            "its spread; above the dashed line (\N{GREEK SMALL LETTER SIGMA} = \N{GREEK SMALL LETTER MU}*) an effect "
            "turns round or depends on other factors.",
            *notes,
        ],
    )
    names = max(text_width(page.figure, str(label), fontsize=8.5) for label in data["label"]) + 0.14
    room = WIDTH - 2 * MARGIN - names - 0.75
    y = 0.0
    for measure, count, height in zip(measures, counts, heights, strict=True):
        y += _HEAD
        own = data[data["measure"] == measure]
        ranking = page.panel(MARGIN + names, y, 0.45 * room, row * count)
        _heading(page, MARGIN, y, str(measure), own)
        first = own[own["index"] == "mu_star"]
        high = float(np.nanmax(first[["value", "high"]].to_numpy(dtype=np.float64))) or 1.0
        low = min(0.0, float(np.nanmin(first["low"].to_numpy(dtype=np.float64), initial=0.0)))
        _draw_ranking(ranking, own, ("mu_star",), (low - 0.02 * high, 1.05 * high))
        ranking.set_xlabel("mean absolute effect, \N{GREEK SMALL LETTER MU}*", fontsize=8.5)
        scatter = page.panel(MARGIN + names + 0.45 * room + 0.75, y, 0.55 * room - 0.02, height)
        _draw_scatter(page, scatter, own)
        y += height + _AXIS + _GAP
    return page.figure


def _draw_scatter(page: Page, axes: Axes, own: pd.DataFrame) -> None:
    from matplotlib.ticker import MaxNLocator

    wide = own.pivot(index="label", columns="index", values="value")
    across, up = wide["mu_star"].to_numpy(dtype=np.float64), wide["sigma"].to_numpy(dtype=np.float64)
    right, top = 1.12 * (across.max() or 1.0), 1.18 * max(up.max(), 0.25 * across.max(), 1e-12)
    for side in ("right", "top"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(QUIET)
    axes.set_xlim(0.0, right)
    axes.set_ylim(0.0, top)
    axes.tick_params(labelsize=8, color=QUIET)
    axes.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    axes.plot(
        [0.0, min(right, top)], [0.0, min(right, top)], color=QUIET, linewidth=0.9, linestyle=(0, (4, 3)), zorder=1
    )
    axes.plot(across, up, linestyle="", marker="o", markersize=5, color=BLUE, mec="white", mew=0.6, zorder=3)
    axes.set_xlabel("mean absolute effect, \N{GREEK SMALL LETTER MU}*", fontsize=8.5)
    axes.set_ylabel("spread of the effect, \N{GREEK SMALL LETTER SIGMA}", fontsize=8.5)
    _label_apart(page, axes, [" ".join(str(label).split()) for label in wide.index], np.column_stack([across, up]))


def _label_apart(page: Page, axes: Axes, labels: Sequence[str], places: NDArray[np.float64]) -> None:
    """Write each label beside its point where it hits neither another label nor a point; else not at all.

    Points far from the origin come first: they matter most, and have the most room.
    """
    room = axes.get_window_extent().extents
    dots = axes.transData.transform(places)
    point = page.figure.dpi / 72.0
    taken = [(x - 3.5 * point, y - 3.5 * point, x + 3.5 * point, y + 3.5 * point) for x, y in dots]
    importance = np.hypot(*(places / np.maximum(places.max(axis=0), 1e-12)).T)
    height = 9.0 * point
    for place in np.argsort(-importance, kind="stable"):
        width = 1.04 * text_width(page.figure, labels[place], fontsize=NOTE) * page.figure.dpi
        x, y = dots[place]
        for reach, (side, rise) in product((5.0, 9.0, 14.0, 20.0), _SIDES):
            left = x + side * reach * point - (0.0, 0.5, 1.0)[1 - side] * width
            low = y + rise * (reach * point + 0.5 * height) - 0.5 * height
            box = (left, low, left + width, low + height)
            if _is_free(box, taken, room):
                break
        else:
            continue
        taken.append(box)
        anchor = axes.transData.inverted().transform((x + side * reach * point, low + 0.5 * height))
        align = ("right", "center", "left")[1 + side]
        axes.text(anchor[0], anchor[1], labels[place], fontsize=NOTE, color=INK, va="center", ha=align, zorder=4)
        if reach > 9.0:
            axes.plot(*np.array([places[place], anchor]).T, color=QUIET, linewidth=0.6, zorder=2)


_SIDES: Final = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1))
"""Where a label may stand: to the right or left of its point (1, -1), above or below it (1, -1)."""


def _is_free(box: tuple[float, float, float, float], taken: Sequence[tuple[float, ...]], room: Sequence[float]) -> bool:
    inside = box[0] >= room[0] and box[1] >= room[1] and box[2] <= room[2] and box[3] <= room[3]
    return inside and all(
        box[2] < other[0] or other[2] < box[0] or box[3] < other[1] or other[3] < box[1] for other in taken
    )


# -- curves ----------------------------------------------------------------------------------------


def _draw_curves(curves: pd.DataFrame, data: pd.DataFrame, subtitle: str, notes: list[str]) -> Figure:
    """Draw small multiples: the most important factors first, one scale for all of a measure."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    measures = list(dict.fromkeys(data["measure"]))
    ranked = {measure: list(data.loc[data["measure"] == measure].sort_values("row")["factor"]) for measure in measures}
    lines = {measure: math.ceil(len(ranked[measure]) / _ACROSS) for measure in measures}
    below = 0.62 if _row_height(data) == _ROW else 0.76
    names = dict(zip(data["factor"], data["label"], strict=True))
    page = new_page(
        _LEGEND + 0.05 + sum(_HEAD + lines[measure] * (_CURVE + below) for measure in measures),
        title="What changes the outcome? One factor at a time",
        subtitle=subtitle,
        notes=["All other factors as in the base point. Intervals over replicates.", *notes],
    )
    handles: list[Line2D | Patch] = [
        Patch(facecolor=BLUE, alpha=0.18, label="95% interval of the mean"),
        Patch(facecolor=BLUE, alpha=0.5, label="of the difference from the base point, same luck"),
        Line2D([], [], marker="s", linestyle="", color=INK, markersize=5, label="base point"),
    ]
    _legend(page, handles, 0.0)
    left, gap = 0.55, 0.28
    width = (WIDTH - 2 * MARGIN - left - gap * (_ACROSS - 1)) / _ACROSS
    y = _LEGEND + 0.05
    for measure in measures:
        y += _HEAD
        _heading(page, MARGIN, y, str(measure), data[data["measure"] == measure])
        own = curves[curves["measure"] == measure]
        ends = own[["mean", "low", "high"]].to_numpy(dtype=np.float64)
        low, high = float(np.nanmin(ends)), float(np.nanmax(ends))
        margin = 0.06 * (high - low) or 0.01
        for place, factor in enumerate(ranked[measure]):
            row, column = divmod(place, _ACROSS)
            axes = page.panel(MARGIN + left + column * (width + gap), y + row * (_CURVE + below), width, _CURVE)
            axes.set_ylim(low - margin, high + margin)
            _draw_curve(axes, own[own["factor"] == factor])
            axes.set_xlabel(names[factor], fontsize=8.5)
            if column:
                axes.set_yticklabels([])
        y += lines[measure] * (_CURVE + below)
    return page.figure


def _draw_curve(axes: Axes, own: pd.DataFrame) -> None:
    from matplotlib.ticker import MaxNLocator

    for side in ("right", "top"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(QUIET)
    axes.tick_params(labelsize=8, color=QUIET)
    axes.yaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 5, 10]))
    axes.grid(axis="y", color=RULE, linewidth=0.6)
    axes.set_axisbelow(True)
    words = bool(own["at"].isna().all())
    at = np.arange(len(own), dtype=np.float64) if words else own["at"].to_numpy(dtype=np.float64)
    column = {name: own[name].to_numpy(dtype=np.float64) for name in ("mean", "low", "high")}
    reference = column["mean"] - own["difference"].to_numpy(dtype=np.float64)
    apart = [reference + own[f"difference_{end}"].to_numpy(dtype=np.float64) for end in ("low", "high")]
    base = own["base"].to_numpy(dtype=bool)
    if words:
        axes.set_xticks(at, [str(level) for level in own["level"]], fontsize=8)
        axes.set_xlim(-0.5, len(own) - 0.5)
        axes.vlines(at, column["low"], column["high"], color=BLUE, alpha=0.18, linewidth=9)
        axes.vlines(at, *apart, color=BLUE, alpha=0.5, linewidth=4)
        axes.plot(at, column["mean"], linestyle="", marker="_", markersize=10, mew=1.6, color=BLUE)
    else:
        axes.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]))
        axes.fill_between(at, column["low"], column["high"], color=BLUE, alpha=0.18, linewidth=0.0)
        axes.fill_between(at, *apart, color=BLUE, alpha=0.5, linewidth=0.0)
        axes.plot(at, column["mean"], color=BLUE, linewidth=1.6)
    axes.plot(at[base], column["mean"][base], linestyle="", marker="s", markersize=4.5, color=INK, zorder=4)
