"""The summary of a comparison as a table for the terminal, that a reader grasps without a manual."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from ana_sim.statistics import FEW_REPLICATES, ROUNDING, require_columns, sample_of
from ana_sim.tally import COMPONENTS

_HEADS: Final = {"public_goods": ("public", "goods"), "duplication": ("dupli-", "cation")}


def format_table(summary: pd.DataFrame) -> str:
    """Write a summary as plain text for a terminal, about 100 columns wide.

    The first block says which strategy pays and how sure that is, the second where the difference comes from.

    Parameters
    ----------
    summary : DataFrame
        As returned by `summarise`; rows are shown in the order given.

    Returns
    -------
    str
        Lines without a closing line break.

    Raises
    ------
    ValueError
        If a needed column is missing or the summary is empty.
    """
    parts = [f"d_{component}" for component in COMPONENTS]
    sizes = ("n_replicates", "n_pairs", "level")
    results = ("payoff", "difference", "low", "high", "p_holm", "superiority", "tail_5", "regret")
    require_columns(summary, ("strategy", "baseline", *sizes, *results, "certainty_equivalent", *parts))
    if summary.empty:
        raise ValueError("the summary is empty: nothing to show")
    first = summary.iloc[0]
    baseline, percent = str(first["baseline"]), f"{100.0 * float(first['level']):g}%"
    replicates, pairs = int(first["n_replicates"]), int(first["n_pairs"])
    number = _number_format(summary)

    lines = [
        f"Payoff against {baseline} under the same luck, per state and year",
        f"{_count(replicates, 'replicate')}, {_count(pairs, 'paired case')} (a state in a replicate)",
        "1 = the hegemon's budget per state and year at the start",
        "",
    ]
    head = [
        "strategy",
        "payoff",
        "difference",
        f"[{percent} interval]",
        "p (Holm)",
        "better in",
        "certain",
        "worst 5%",
        "regret",
    ]
    body = []
    for row in summary.to_dict("records"):
        own = str(row["strategy"]) == baseline
        low, high = float(row["low"]), float(row["high"])
        interval = "no interval" if math.isnan(low) else f"[{number(low, True)}, {number(high, True)}]"
        body.append(
            [
                str(row["strategy"]),
                number(float(row["payoff"]), False),
                "baseline" if own else number(float(row["difference"]), True),
                "" if own else interval,
                "" if own else _p_format(float(row["p_holm"])),
                "" if own else f"{100.0 * float(row['superiority']):.0f}%",
                number(float(row["certainty_equivalent"]), False),
                number(float(row["tail_5"]), False),
                number(float(row["regret"]), False),
            ]
        )
    lines += align([head], body)
    notes = (
        f"difference: mean over replicates, with its {percent} BCa bootstrap interval. p: paired t-test, "
        "adjusted by Holm. better in: share of cases that do better than with the baseline (ties half). "
        "certain: the sure payoff that a risk-averse state would take instead. worst 5%: mean payoff there. "
        "regret: what the best strategy of each case would have added."
    )
    lines += ["", *textwrap.wrap(notes, 100, break_on_hyphens=False)]
    if replicates < 2:
        lines += ["One replicate says nothing about luck: no interval, no p."]
    elif replicates < FEW_REPLICATES:
        warning = (
            f"Only {replicates} replicates: below about {FEW_REPLICATES} the intervals are too narrow; "
            "go by p, or run more."
        )
        lines += textwrap.wrap(warning, 100)

    lines += ["", f"Why: parts of the difference from {baseline} (they add up to it)", ""]
    heads = [_HEADS.get(component, ("", component)) for component in COMPONENTS]
    upper = ["", "", *(head for head, _ in heads)]
    lower = ["strategy", "difference", *(head for _, head in heads)]
    body = [
        [
            str(row["strategy"]),
            number(float(row["difference"]), True),
            *(number(float(row[part]), True) for part in parts),
        ]
        for row in summary.to_dict("records")
        if str(row["strategy"]) != baseline
    ]
    lines += align([upper, lower], body)
    return "\n".join(lines)


def decimals(differences: ArrayLike) -> int:
    """Give the decimals to show: three, or as many more (at most six) as two digits of the largest need.

    Parameters
    ----------
    differences : array_like, shape (n,)
        The differences shown together.

    Returns
    -------
    int
        From 3 to 6.

    Raises
    ------
    ValueError
        If there are none, or one is not finite.
    """
    largest = float(np.abs(sample_of(differences)).max())
    return 3 if largest <= ROUNDING else min(6, max(3, 1 - math.floor(math.log10(largest))))


def _number_format(summary: pd.DataFrame) -> Callable[[float, bool], str]:
    places = decimals(summary["difference"])

    def number(value: float, signed: bool) -> str:
        if math.isnan(value):
            return "n/a"
        if value == 0.0:
            return "0"
        text = f"{value:+.{places}f}" if signed else f"{value:.{places}f}"
        return text if float(text) != 0.0 else f"{0.0:.{places}f}"

    return number


def _p_format(p: float) -> str:
    return "n/a" if math.isnan(p) else "<0.001" if p < 0.001 else f"{p:.3f}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def align(head: Sequence[Sequence[str]], body: Sequence[Sequence[str]]) -> list[str]:
    """Columns two spaces apart, the first to the left, the others to the right, a rule under the head."""
    rows = [*head, *body]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head[0]))]
    lines = [
        "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    rule = "-" * (sum(widths) + 2 * (len(widths) - 1))
    return [*lines[: len(head)], rule, *lines[len(head) :]]
