"""What analyses of a sweep found, as text for a terminal."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from ana_sim.summary_text import align, decimals
from ana_sim.sweeps.analysis.regimes import BEST_ALIGNMENT, BREAK_EVEN
from ana_sim.sweeps.analysis.sensitivity import LEADING

if TYPE_CHECKING:
    from ana_sim.sweeps.analysis.regimes import Regimes
    from ana_sim.sweeps.analysis.robustness import Robustness
    from ana_sim.sweeps.analysis.sensitivity import Sensitivity

__all__ = ["regimes_text", "robustness_text", "sensitivity_text"]

_WIDTH: Final = 100
_UNIT: Final = "1 = the hegemon's budget per state and year at the start"
_PAIRS: Final = 5
_METHODS: Final = {
    "sobol": (
        "ST: share of the variance that a factor makes, alone and with others; S1: alone (Sobol). "
        "Intervals: 95%, bootstrap over base samples."
    ),
    "grid": (
        "ST: share of the variance over the grid's levels that a factor makes, alone and with others; S1: alone. "
        "Intervals: 95%, jackknife over replicates, as nothing else is sampled."
    ),
    "given": (
        "S1: share of the variance that a factor makes alone (correlation ratio, corrected for chance). "
        "Intervals: 95%, bootstrap over points."
    ),
    "morris": (
        "mu_star, mu, sigma: mean absolute, mean and spread of the elementary effects over a factor's whole range "
        "(Morris), in the measure's unit. Intervals: 95%, bootstrap over trajectories."
    ),
    "ofat": (
        "swing: largest less smallest mean along a factor's curve, in the measure's unit, all else as in the base "
        "point. The curves and their intervals are in curves.csv."
    ),
}
_ODD: Final = {"S2": 1}


def sensitivity_text(result: Sensitivity) -> str:
    """Write the ranking of the factors for each measure."""
    leading = LEADING[result.design]
    lines: list[str] = [result.subtitle, ""]
    for measure, table in result.table.groupby("measure", sort=False):
        first = table.iloc[0]
        noise = float(first["noise"])
        luck = "" if math.isnan(noise) else f"; luck makes {_percent(noise)} of the variance between them"
        lines.append(f"{measure}: {int(first['points']):,} points{luck}")
        indices = [index for index in dict.fromkeys(table["index"]) if index not in _ODD]
        number = _number(table.loc[table["index"].isin(indices), "value"])
        head, body = ["factor"], [[str(name)] for name in table.loc[table["index"] == leading, "factor"]]
        for index in indices:
            own = table[table["index"] == index].set_index("factor").loc[[row[0] for row in body]]
            bounded = own["low"].notna().any()
            head += [index, "[95% interval]"] if bounded else [index]
            for row, one in zip(body, own.to_dict("records"), strict=True):
                row += [number(one["value"]), _ends(number, one)] if bounded else [number(one["value"])]
        if result.curves is not None:
            head += ["lowest at", "highest at"]
            curves = result.curves[result.curves["measure"] == measure].groupby("factor")
            for row in body:
                curve = curves.get_group(row[0]).set_index("level")["difference"]
                row += [str(curve.idxmin()), str(curve.idxmax())]
        lines += [*align([head], body), ""]
        pairs = table[table["index"] == "S2"].sort_values("value", ascending=False, kind="stable").head(_PAIRS)
        if len(pairs):
            rows = [
                [f"{one['factor']} x {one['other']}", number(one["value"]), _ends(number, one)]
                for one in pairs.to_dict("records")
            ]
            lines += [*align([["largest pairs", "S2", "[95% interval]"]], rows), ""]
    lines += textwrap.wrap(_METHODS.get(result.design, _METHODS["given"]), _WIDTH)
    return "\n".join([*lines, *_said(result.notes)])


def regimes_text(result: Regimes) -> str:
    """Write in how much of the map each strategy is best, and where the lines run."""
    cells = "cells" if result.y else "levels"
    lines = [*textwrap.wrap(result.subtitle, _WIDTH), ""]
    rows, number = [], _number(result.cells["lead"])
    for one in result.shares.to_dict("records"):
        leads = result.cells.loc[result.cells["best"] == one["strategy"], "lead"]
        rows.append(
            [
                str(one["strategy"]),
                _percent(one["best"]),
                _percent(one["significant"]),
                number(float(leads.mean())) if len(leads) else "",
            ]
        )
    axes = f"{result.x.name}" if result.y is None else f"{result.x.name} and {result.y.name}"
    lines += [f"Where each strategy is best, over {axes}", ""]
    lines += align([["strategy", "best in", "for sure in", "mean lead there"]], rows)
    lines += [""]
    for (kind, own, other), line in result.break_even.groupby(["kind", "strategy", "other"], sort=False):
        named = "the best alignment" if other == BEST_ALIGNMENT else other
        what = f"{own} breaks even with {named}" if kind == BREAK_EVEN else f"border of {own} and {named}"
        lines.append(f"{what}: {_where(line, result)}")
    if len(result.break_even):
        lines += [""]
    notes = (
        f"best in: share of {cells}. for sure: the best beats each other strategy under the same luck (paired t over "
        f"replicates, false discovery rate 5% over {cells}). mean lead: over the runner-up, {_UNIT}."
    )
    return "\n".join([*lines, *textwrap.wrap(notes, _WIDTH), *_said(result.notes)])


def _where(line: pd.DataFrame, result: Regimes) -> str:
    if result.y is None:
        return ", ".join(f"{result.x.name} = {value:.3g}" for value in line["x"])
    spans = (f"{name} {line[axis].min():.3g} .. {line[axis].max():.3g}" for name, axis in _named(result))
    return ", ".join(spans)


def _named(result: Regimes) -> list[tuple[str, str]]:
    return [(result.x.name, "x"), (result.y.name if result.y else "", "y")]


def robustness_text(result: Robustness) -> str:
    """Write regret and satisficing for each strategy."""
    number = _number(pd.concat([result.table[column] for column in ("payoff", "worst", "max_regret")]))
    head = ["strategy", "max regret", "at point", "90%", "mean", "good enough in", "[95% interval]"]
    head += ["best in", "for sure in", "payoff", "worst"]
    body = []
    for one in result.table.to_dict("records"):
        sets = math.isnan(float(one["satisfices"]))
        body.append(
            [
                str(one["strategy"]),
                number(one["max_regret"]),
                str(one["max_regret_point"]) if one["max_regret"] > 0.0 else "",
                number(one["regret_90"]),
                number(one["mean_regret"]),
                "threshold" if sets else _percent(one["satisfices"]),
                "" if sets else _ends(_percent, one),
                _percent(one["best"]),
                _percent(one["significant"]),
                number(one["payoff"]),
                number(one["worst"]),
            ]
        )
    of_strategy = result.threshold in set(result.table["strategy"])
    enough = (
        f"at least the payoff of {result.threshold} there" if of_strategy else f"a payoff of {result.threshold} or more"
    )
    notes = (
        "regret: what the best strategy of a future pays more, on means over replicates. 90%: regret not exceeded in "
        f"90% of futures. good enough: {enough}. for sure: best by a significant lead (paired t over replicates, false "
        f"discovery rate 5%). Payoffs per state and year, {_UNIT}."
    )
    return "\n".join(
        [result.subtitle, "", *align([head], body), "", *textwrap.wrap(notes, _WIDTH), *_said(result.notes)]
    )


def _ends(write: Callable[[float], str], row: Mapping[Hashable, Any]) -> str:
    return f"[{write(row['low'])}, {write(row['high'])}]"


def _number(values: Iterable[float]) -> Callable[[float], str]:
    known = [float(value) for value in values if math.isfinite(float(value))]
    places = decimals(known) if known else 3

    def number(value: float) -> str:
        if math.isnan(value):
            return "n/a"
        text = f"{value:.{places}f}"
        return text if float(text) != 0.0 else f"{0.0:.{places}f}"

    return number


def _percent(share: float) -> str:
    """Write a share, with a decimal where it is small."""
    percent = 100.0 * share
    return f"{percent:.1f}%" if 0.0 < percent < 9.95 else f"{percent:.0f}%"


def _said(notes: Sequence[str]) -> list[str]:
    return [line for note in notes for line in ("", *textwrap.wrap(f"Note: {note}.", _WIDTH))]
