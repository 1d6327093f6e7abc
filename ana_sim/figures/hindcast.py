"""The pictures of the hindcast: a panel per state, and how good it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from ana_sim.figures.page import MARGIN, WIDTH, Page, new_page
from ana_sim.figures.style import BLUE, INK, QUIET, RULE, house_style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["hindcast_figure", "states_figure"]

GREEN: Final = "#009E73"
ORANGE: Final = "#D55E00"
_ACROSS: Final = 5
_HEAD: Final = 0.2  # of a panel, for the state's name
_FOOT: Final = 0.22
_TALL: Final = 0.78
_GAP: Final = 0.14
_ROW: Final = 0.145
_LINES: Final[dict[str, dict[str, Any]]] = {
    "record": {"color": INK, "linewidth": 1.1, "marker": ".", "markersize": 2.6},
    "persistence": {"color": QUIET, "linewidth": 0.9, "linestyle": ":"},
    "trend": {"color": ORANGE, "linewidth": 0.9, "linestyle": "--"},
    "judged": {"color": BLUE, "linewidth": 1.4},
    "forecast": {"color": GREEN, "linewidth": 1.4, "linestyle": "-"},
}
_WORDS: Final = {
    "record": "record",
    "persistence": "persistence from 2005",
    "trend": "linear trend of 2001-05",
    "judged": "median and 80% interval,\nfitted on 2001-05, judged",
    "forecast": "median and 80% interval,\nfitted on 2001-10, forecast",
}


def states_figure(table: pd.DataFrame, record: pd.DataFrame) -> Figure:
    """Draw each state's part of trade with China: record, baselines, judged run and forecast.

    Parameters
    ----------
    table : DataFrame
        As in `ana_sim.hindcast.forecast.Hindcast`.
    record : DataFrame
        A row per state and year: `state`, `year`, `ratio`, and in the judged years `persistence`, `trend`.

    Returns
    -------
    Figure
        Of a fixed width of 7.2 inches.
    """
    with house_style():
        return _draw_states(table[table["quantity"] == "china_trade_ratio"], record)


def _draw_states(trade: pd.DataFrame, record: pd.DataFrame) -> Figure:
    names = list(dict.fromkeys(record["state"]))
    rows = -(-(len(names) + 1) // _ACROSS)  # one place for the key
    each = _HEAD + _TALL + _FOOT
    page = new_page(
        rows * each,
        title="How much of a state's trade with the two powers is with China?",
        subtitle="China's part of trade with the United States and China, exports and imports together",
        notes=[
            "The judged run knows nothing of the states after 2005, the forecast nothing after 2010; both know the "
            "GDP of the United States and China. Cuba (embargo) is neither fitted nor judged."
        ],
    )
    left = 0.3
    wide = (WIDTH - MARGIN - left - (_ACROSS - 1) * _GAP - 0.1) / _ACROSS
    first, last = int(record["year"].min()), int(trade["year"].max())
    for place, name in enumerate(names):
        row, column = divmod(place, _ACROSS)
        axes = page.panel(left + column * (wide + _GAP), row * each + _HEAD, wide, _TALL)
        bottom = place + _ACROSS >= len(names)
        _frame(axes, first, last, outer=column == 0, bottom=bottom)
        page.write(left + column * (wide + _GAP), row * each + 0.03, name, fontsize=8, fontweight="bold")
        _draw_state(axes, trade[trade["state"] == name], record[record["state"] == name])
    row, column = divmod(len(names), _ACROSS)
    _draw_key(page, left + column * (wide + _GAP), row * each + 0.03)
    return page.figure


def _frame(axes: Axes, first: int, last: int, *, outer: bool, bottom: bool) -> None:
    axes.set_xlim(first - 0.7, last + 0.7)
    axes.set_ylim(0.0, 1.0)
    axes.set_yticks([0.0, 0.5, 1.0], ["0", ".5", "1"] if outer else ["", "", ""], fontsize=7)
    ticks = [2005, 2010, 2020]
    axes.set_xticks(ticks, [f"'{year % 100:02}" if bottom else "" for year in ticks], fontsize=7)
    axes.tick_params(length=2, color=RULE, pad=2)
    axes.grid(axis="y", color=RULE, linewidth=0.5)
    for year in (2005, 2010):
        axes.axvline(year, color=RULE, linewidth=0.7)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def _draw_state(axes: Axes, trade: pd.DataFrame, record: pd.DataFrame) -> None:
    end = int(record["year"].max())
    for name, part in (("judged", trade[trade["year"] <= end]), ("forecast", trade[trade["year"] > end])):
        anchor = record[record["year"] == int(part["year"].min()) - 1]
        start = float(anchor["ratio"].iloc[0])
        years = [int(anchor["year"].iloc[0]), *part["year"]]
        low, median, high = ([start, *part[column]] for column in ("low", "median", "high"))
        axes.fill_between(years, low, high, color=_LINES[name]["color"], alpha=0.2, linewidth=0.0)
        axes.plot(years, median, **_LINES[name])
    for name in ("persistence", "trend"):
        axes.plot(record["year"], record[name], **_LINES[name])
    axes.plot(record["year"], record["ratio"], **_LINES["record"])


def _draw_key(page: Page, x: float, y: float) -> None:
    for name, look in _LINES.items():
        axes = page.panel(x, y + 0.02, 0.3, 0.1)
        axes.set_axis_off()
        axes.set_xticks([])
        axes.set_yticks([])
        axes.set_xlim(0.0, 1.0)
        axes.set_ylim(0.0, 1.0)
        if name in ("judged", "forecast"):
            axes.axhspan(0.0, 1.0, color=look["color"], alpha=0.2, linewidth=0.0)
        axes.plot([0.0, 0.5, 1.0], [0.5, 0.5, 0.5], **look)
        page.write(x + 0.37, y, _WORDS[name], fontsize=7, linespacing=1.1)
        y += 0.16 + 0.12 * _WORDS[name].count("\n")


def hindcast_figure(table: pd.DataFrame, scores: pd.DataFrame) -> Figure:
    """Draw how good the judged run is, and the probabilities by state in the last year.

    Parameters
    ----------
    table, scores : DataFrame
        As in `ana_sim.hindcast.forecast.Hindcast`.

    Returns
    -------
    Figure
        Of a fixed width of 7.2 inches.
    """
    with house_style():
        return _draw_summary(table, scores)


def _draw_summary(table: pd.DataFrame, scores: pd.DataFrame) -> Figure:
    total, years = scores.iloc[0], scores.iloc[1:]
    last = int(table["year"].max())
    final = table[table["year"] == last]
    shares = {
        quantity: final[final["quantity"] == quantity].set_index("state")["median"]
        for quantity in ("recognises_rising", "joins_club")
    }
    order = shares["joins_club"].sort_values(kind="stable").index
    body = _ROW * len(order)
    page = new_page(
        0.5 + body + 0.55,
        title="How good is the hindcast, and what does it say?",
        subtitle=(
            f"{total['period']}, {int(total['states'])} states: mean absolute error {total['model']:.3f}, persistence "
            f"{total['persistence']:.3f}, linear trend {total['trend']:.3f}; the 80% interval holds "
            f"{100.0 * total['coverage']:.0f}%"
        ),
        notes=[
            "Left: China's part of trade with the United States and China, fitted on 2001-05. Right: shares of the "
            "replicates in which it is so at the year's end. The Belt and Road is there from 2013; who joins is "
            "forecast."
        ],
    )
    tall = (body - 0.95) / 2.0
    _heading(page, MARGIN + 0.45, "Mean absolute error")
    _draw_errors(page.panel(MARGIN + 0.45, 0.45, 2.35, tall), years)
    lower = page.panel(MARGIN + 0.45, 0.45 + tall + 0.95, 2.35, tall)
    page.write(MARGIN + 0.45, 0.45 + tall + 0.62, "Record within the 80% interval", fontsize=9.5, fontweight="bold")
    _draw_coverage(lower, years)
    _heading(page, 3.9, f"Probability in {last}")
    _draw_shares(page.panel(3.9, 0.45, WIDTH - MARGIN - 4.0, body), order, shares)
    return page.figure


def _heading(page: Page, x: float, text: str) -> None:
    page.write(x, 0.12, text, fontsize=9.5, fontweight="bold")


def _plain(axes: Axes) -> None:
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.tick_params(labelsize=8, color=RULE)
    axes.grid(axis="y", color=RULE, linewidth=0.6)
    axes.set_axisbelow(True)


def _draw_errors(axes: Axes, years: pd.DataFrame) -> None:
    x = [int(period) for period in years["period"]]
    looks = {"persistence": "persistence", "trend": "trend", "model": "judged"}
    words = {"persistence": "persistence", "trend": "linear trend", "model": "model"}
    markers = {"persistence": "s", "trend": "D", "model": "o"}
    for name, look in looks.items():
        axes.plot(x, years[name], **_LINES[look] | {"marker": markers[name], "markersize": 4}, label=words[name])
    axes.set_ylim(0.0, 1.15 * float(years[list(looks)].to_numpy().max()))
    axes.set_xlim(x[0] - 0.3, x[-1] + 0.3)
    axes.set_xticks(x)
    axes.legend(fontsize=7.5, frameon=False, loc="lower right")
    _plain(axes)


def _draw_coverage(axes: Axes, years: pd.DataFrame) -> None:
    x = [int(period) for period in years["period"]]
    axes.axhline(0.8, color=INK, linewidth=0.9, linestyle="--")
    axes.bar(x, years["coverage"], width=0.55, color=BLUE)
    axes.set_xlim(x[0] - 0.5, x[-1] + 0.5)
    axes.set_ylim(0.0, 1.0)
    axes.set_xticks(x)
    axes.set_yticks([0.0, 0.2, 0.4, 0.6, 0.8, 1.0], ["0%", "20%", "40%", "60%", "80%", "100%"])
    _plain(axes)


def _draw_shares(axes: Axes, order: pd.Index, shares: dict[str, pd.Series]) -> None:
    rows = np.arange(len(order))
    axes.plot(
        shares["recognises_rising"][order],
        rows,
        linestyle="",
        marker="D",
        markersize=4,
        markerfacecolor="white",
        color=QUIET,
        clip_on=False,
        label="recognises Beijing",
    )
    axes.plot(
        shares["joins_club"][order],
        rows,
        linestyle="",
        marker="o",
        markersize=4.5,
        color=GREEN,
        clip_on=False,
        label="member of the Belt and Road",
    )
    axes.set_yticks(rows, list(order), fontsize=7.5)
    axes.set_ylim(-0.7, len(order) - 0.3)
    axes.set_xlim(0.0, 1.0)
    axes.set_xticks([0.0, 0.25, 0.5, 0.75, 1.0], ["0%", "25%", "50%", "75%", "100%"])
    axes.legend(fontsize=7.5, frameon=False, loc="upper center", bbox_to_anchor=(0.5, -0.05), ncols=2)
    _plain(axes)
    axes.grid(axis="both", color=RULE, linewidth=0.5)
    axes.tick_params(axis="y", length=0, labelsize=7.5, labelcolor=INK)
