"""The score card as a forest plot: every fact's deciding part against the effect size it is held to."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pandas as pd

from ana_sim.figures.page import MARGIN, WIDTH, new_page
from ana_sim.figures.style import INK, QUIET, RULE, house_style, text_width

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["card_figure", "fact_figure", "forest_data"]

_ROW: Final = 0.185
_HEAD, _AXIS = 0.1, 0.62
_LIMIT: Final = 60.0
"""Deltas beyond which an estimate is drawn at the edge."""
_TICKS: Final = (-30, -10, -3, -1, 0, 1, 3, 10, 30)
_LOOKS: Final = {"holds": ("#009E73", "o"), "undecided": ("#E69F00", "s"), "fails": ("#D55E00", "X")}
_BAND: Final = "#EAF3F8"


class _Line(NamedTuple):
    """A line of the plot: a heading without numbers, or a part."""

    label: str
    part: pd.Series | None = None
    hollow: bool = False


def forest_data(card: pd.DataFrame) -> pd.DataFrame:
    """Give the numbers that `card_figure` draws.

    Parameters
    ----------
    card : DataFrame
        As of :func:`ana_sim.facts.card_table`.

    Returns
    -------
    DataFrame
        A row per fact: `fact`, `section`, `kind`, `expects`, `verdict`, `breaks`; in deltas `estimate`, `low`, `high`,
        `ablated`.
    """
    columns = {name: card[name] / card["delta"] for name in ("estimate", "low", "high")}
    return pd.DataFrame(
        {
            "fact": card["fact"],
            "section": card["section"],
            "kind": card["kind"],
            "expects": card["part_expects"],
            "verdict": card["verdict"],
            **columns,
            "ablated": card["ablated_estimate"] / card["ablated_delta"],
            "breaks": card["ablation_breaks"],
        }
    )


def card_figure(card: pd.DataFrame, *, subtitle: str, notes: Sequence[str] = ()) -> Figure:
    """Draw the score card.

    Parameters
    ----------
    card : DataFrame
        As of :func:`ana_sim.facts.card_table`.
    subtitle : str
        What it comes to.
    notes : sequence of str
        What the reader should know.

    Returns
    -------
    Figure
        Of a fixed width of 7.2 inches.
    """
    data = forest_data(card)
    lines: list[_Line] = []
    for title, chosen in (
        ("Cases (part A), emergent", (data["section"] == "A") & (data["kind"] == "emergent")),
        ("System (part B), emergent", (data["section"] == "B") & (data["kind"] == "emergent")),
        ("Near-identities and conjectures", data["kind"] != "emergent"),
    ):
        if chosen.any():
            lines.append(_Line(title))
            lines += [_Line(str(row["fact"]), row) for _, row in data[chosen].iterrows()]
    return _forest(
        lines,
        title="Which patterns does the model show?",
        subtitle=subtitle,
        notes=[
            "Each line is the part that decides a fact: mean and 95% interval over replicates, in units of delta, "
            "the effect size fixed beforehand (5% of mean terms, or 5 points of a rate). Shaded: where it holds.",
            "Rings: the part that decides with the fact's ablation, a mechanism switched off that should break it; a "
            "cross on the right marks an ablation that leaves the fact standing. Beyond the frame: at it.",
            *notes,
        ],
    )


def fact_figure(parts: pd.DataFrame, *, name: str, claim: str, reading: str) -> Figure:
    """Draw one fact, part by part, as it is and with its ablation.

    Parameters
    ----------
    parts : DataFrame
        Its rows of :func:`ana_sim.facts.parts_table`.
    name, claim, reading : str
        What it is called, what is claimed, and what a reader takes from it.
    """
    lines: list[_Line] = []
    for world, rows in parts.groupby("world", sort=False):
        lines.append(_Line("as it is" if world == "as it is" else "with the ablation"))
        for _, row in rows.iterrows():
            scaled = row.copy()
            for column in ("estimate", "low", "high"):
                scaled[column] = row[column] / row["delta"]
            scaled["ablated"], scaled["breaks"] = math.nan, ""
            lines.append(_Line(str(row["part"]), scaled, world != "as it is"))
    units = "In units of delta; shaded: where a part holds."
    if not parts["counts"].all():
        units += " A part that begins with a bracket does not count."
    return _forest(lines, title=name, subtitle=claim, notes=[reading, units])


def _forest(lines: Sequence[_Line], *, title: str, subtitle: str, notes: Sequence[str]) -> Figure:
    with house_style():
        body = _ROW * len(lines)
        page = new_page(_HEAD + body + _AXIS, title=title, subtitle=subtitle, notes=notes)
        labels = [textwrap.shorten(line.label, 60, placeholder=" ...") for line in lines]
        weights = ["bold" if line.part is None else "normal" for line in lines]
        sizes = [
            text_width(page.figure, label, fontsize=8, fontweight=weight)
            for label, weight in zip(labels, weights, strict=True)
        ]
        names = max(sizes) + 0.15
        axes = page.panel(MARGIN + names, _HEAD, WIDTH - 2 * MARGIN - names - 0.75, body)
        _frame(axes, len(lines))
        for row, (line, label, weight) in enumerate(zip(lines, labels, weights, strict=True)):
            axes.annotate(
                label,
                (0.0, row),
                (-6, 0),
                xycoords=("axes fraction", "data"),
                textcoords="offset points",
                ha="right",
                va="center_baseline",
                fontsize=8,
                fontweight=weight,
                color=INK,
            )
            if line.part is not None:
                _draw(axes, row, line.part, line.hollow)
        axes.set_xlabel("estimate in deltas (symmetric logarithmic scale)", fontsize=8.5)
        return page.figure


def _frame(axes: Axes, rows: int) -> None:
    axes.set_xscale("symlog", linthresh=3.0, linscale=1.2)
    axes.set_xlim(-_LIMIT, _LIMIT)
    axes.set_ylim(rows - 0.4, -0.6)
    axes.set_xticks(_TICKS, [str(tick).replace("-", "\N{MINUS SIGN}") for tick in _TICKS], fontsize=8)
    axes.minorticks_off()
    axes.set_yticks([])
    for side in ("left", "right", "top"):
        axes.spines[side].set_visible(False)
    axes.axvline(0.0, color=RULE, linewidth=1.0, zorder=0)


def _draw(axes: Axes, row: int, part: pd.Series, hollow: bool) -> None:
    expects, verdict = str(part["expects"]), str(part["verdict"])
    left, right = {"more": (1.0, _LIMIT), "no less": (-1.0, _LIMIT)}.get(expects, (-1.0, 1.0))
    axes.fill_betweenx([row - 0.42, row + 0.42], left, right, color=_BAND, linewidth=0.0, zorder=-1)
    colour, marker = _LOOKS[verdict]
    estimate, low, high = (max(-_LIMIT, min(_LIMIT, float(part[name]))) for name in ("estimate", "low", "high"))
    if not math.isnan(estimate):
        axes.plot([low, high], [row, row], color=colour, linewidth=1.4, solid_capstyle="butt")
        axes.plot(
            estimate, row, marker, color=colour, markersize=4.6, markerfacecolor="white" if hollow else colour, zorder=3
        )
    ablated = float(part["ablated"])
    if not math.isnan(ablated):
        at = max(-_LIMIT, min(_LIMIT, ablated))
        ring: dict[str, Any] = {
            "color": QUIET, "markersize": 4.2, "markerfacecolor": "none", "markeredgewidth": 0.8,
        }  # fmt: skip
        axes.plot(at, row, "o", zorder=2, clip_on=False, **ring)
    stays = " \N{MULTIPLICATION SIGN}" if part["breaks"] == "no" else ""
    axes.annotate(
        f"{verdict}{stays}",
        (1.0, row),
        (5, 0),
        xycoords=("axes fraction", "data"),
        textcoords="offset points",
        va="center_baseline",
        fontsize=7.5,
        color=colour,
    )
