"""The runs of a sweep as rows of its tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ana_sim.sweeps.measures import Measure
from ana_sim.tables import Column, to_arrow
from ana_sim.tally import COUNTED, REPORTED, Tally, payoff_columns

__all__ = ["Run", "measure_table", "payoff_table", "power_table", "unsound"]

Floats = NDArray[np.float64]
Columns = Mapping[str, Any]
"""Columns of a table by name: arrays of NumPy, or of Arrow for words."""


class Run(NamedTuple):
    """What is known of a run."""

    point: int
    replicate: int
    strategies: tuple[str, ...]
    """What was played: S strategies."""
    deviators: tuple[str, ...]
    """Who changed its strategy: D states, or all at once, or nobody."""
    counters: Floats
    """Sums over state-years, shape (D, S, columns of the tally)."""
    reports: Floats | None
    """What is reported of the powers, shape (T, G, len(REPORTED)), where it is kept."""
    start: int
    """Calendar year of the first step."""
    since: int
    """The first step that counts."""


class Block(NamedTuple):
    """Runs that follow one another, of the same strategies and the same number of deviators."""

    runs: list[Run]
    counters: Floats
    """Shape (R, D, S, columns of the tally)."""
    regret: Floats
    """Payoff of the best strategy in the same case, less that of this one; shape (R, D, S)."""

    @property
    def strategies(self) -> tuple[str, ...]:
        """The S strategies."""
        return self.runs[0].strategies

    def means(self) -> Block:
        """The same with a single case: the sums over the state-years of all deviators, and their mean regret."""
        return Block(self.runs, in_turn(self.counters), in_turn(self.regret) / self.counters.shape[1])

    def columns(self, tally: Tally) -> dict[str, Floats]:
        """Columns of ``payoffs``, a value per run, deviator and strategy."""
        rows = tally.rows(self.counters.reshape(-1, self.counters.shape[-1]))
        return rows | {"regret": self.regret.reshape(-1)}


def payoff_table(runs: Sequence[Run], tally: Tally, seed: int, *, by_state: bool) -> pa.Table:
    """Table ``payoffs``: a row per run and strategy that was played, and per deviating state if asked.

    Parameters
    ----------
    runs : sequence of Run
        The runs, in order.
    tally : Tally
        The columns of their counters.
    seed : int
        Seed of all luck.
    by_state : bool
        Whether each deviating state has a row of its own, rather than one for all their state-years together. The one
        is their mean, but in what is no sum: ``leverage``, ``equidistance`` and ``issue_spread``.
    """
    parts = []
    for block in blocks(runs, tally):
        block = block if by_state else block.means()
        some, cases, several = block.regret.shape
        rows = block.columns(tally)
        columns: dict[str, Any] = {
            "point": np.repeat([run.point for run in block.runs], cases * several),
            "replicate": np.repeat([run.replicate for run in block.runs], cases * several),
            "seed": np.full(some * cases * several, seed, dtype=np.int64),
            "strategy": words(block.strategies, np.tile(np.arange(several), some * cases)),
        }
        if by_state:
            names = [name for run in block.runs for name in run.deviators]
            columns["deviator"] = columns["state"] = words(names, np.repeat(np.arange(some * cases), several))
        for name in payoff_columns(tally.powers):
            columns[name] = rows[name].astype(np.int64) if name == "n" else rows[name]
        parts.append(only(columns, rows["n"] > 0.0))
    keys = ["point", "replicate", "seed", "strategy", *(["deviator", "state"] if by_state else [])]
    return to_arrow(stacked(parts, [*keys, *payoff_columns(tally.powers)]), "payoffs")


def power_table(runs: Sequence[Run], tally: Tally) -> pa.Table:
    """Table ``powers``: a row per run, year that counts and power, of the world in which nobody changes."""
    parts = []
    for (years, start, since), alike in groupby(runs, key=lambda run: (len(counted(run)), run.start, run.since)):
        members = list(alike)
        reports, powers = np.stack([counted(run) for run in members]), len(tally.powers)
        columns: dict[str, Any] = {
            "point": np.repeat([run.point for run in members], years * powers),
            "replicate": np.repeat([run.replicate for run in members], years * powers),
            "year": np.tile(np.repeat(start + since + np.arange(years), powers), len(members)),
            "power": words(tally.powers, np.tile(np.arange(powers), len(members) * years)),
        }
        for place, name in enumerate(REPORTED):
            column = reports[..., place].ravel()
            columns[name] = column.astype(np.int64) if name in COUNTED else column
        parts.append(columns)
    return to_arrow(stacked(parts, ["point", "replicate", "year", "power", *REPORTED]), "powers")


def measure_table(runs: Sequence[Run], tally: Tally, seed: int, measures: Sequence[Measure]) -> pa.Table:
    """Table ``measures``: a row per run, a column per measure; missing where it is no finite number."""
    read: dict[tuple[str, str, str], list[Floats]] = {address: [] for own in measures for address in own.reads}
    for block in blocks(runs, tally):
        means = block.means()
        rows = means.columns(tally)
        for (table, column, entry), values in read.items():
            if table == "powers":
                g, place = tally.powers.index(entry), REPORTED.index(column)
                values.append(np.array([counted(run)[:, g, place].mean() for run in block.runs]))
            elif entry in block.strategies:
                played = np.where(rows["n"] > 0.0, rows[column], np.nan)
                values.append(played.reshape(len(block.runs), -1)[:, block.strategies.index(entry)])
            else:
                values.append(np.full(len(block.runs), np.nan))
    known = {address: np.concatenate([np.zeros(0), *values]) for address, values in read.items()}
    columns: dict[str, Any] = {
        "point": np.array([run.point for run in runs], dtype=np.int64),
        "replicate": np.array([run.replicate for run in runs], dtype=np.int64),
        "seed": np.full(len(runs), seed, dtype=np.int64),
        **{own.name: number(own.value(lambda *address: known[address])) for own in measures},
    }
    return to_arrow(columns, "measures", [Column(own.name, "float", "", own.text) for own in measures])


def unsound(runs: Sequence[Run], tally: Tally) -> Iterator[str | None]:
    """Go through runs; yield a strategy whose payoff is not a finite number, or None where all are."""
    for block in blocks(runs, tally):
        for run, payoffs in zip(block.runs, tally.payoffs(block.counters), strict=True):
            if np.isfinite(payoffs).all():
                yield None
            else:
                yield run.strategies[np.argwhere(~np.isfinite(payoffs))[0][-1]]


def blocks(runs: Sequence[Run], tally: Tally) -> Iterator[Block]:
    """Put runs of the same shape together."""
    for _, alike in groupby(runs, key=lambda run: (run.strategies, len(run.deviators))):
        members = list(alike)
        counters = np.stack([run.counters for run in members])
        payoff, played = tally.payoffs(counters), counters[..., tally.place["n"]] > 0.0
        best = np.where(played, payoff, -np.inf).max(axis=-1, keepdims=True)
        yield Block(members, counters, best - payoff)


def number(values: Floats) -> Floats:
    """What is not a finite number is missing."""
    return np.where(np.isfinite(values), values, np.nan)


def counted(run: Run) -> Floats:
    """What is reported of the powers in the years that count."""
    assert run.reports is not None
    return run.reports[run.since :]


def in_turn(values: Floats) -> Floats:
    """Sum over the second axis, which stays, one after another: the same bits however many runs are summed at once."""
    total = np.zeros_like(values[:, :1])
    for case in range(values.shape[1]):
        total += values[:, case : case + 1]
    return total


def words(names: Sequence[str], codes: NDArray[np.int64]) -> pa.StringArray:
    """Names by their place."""
    return pa.DictionaryArray.from_arrays(codes, pa.array(names, pa.string())).cast(pa.string())


def only(columns: Columns, kept: NDArray[np.bool_]) -> Columns:
    """The rows that are kept."""
    if kept.all():
        return columns
    mask = pa.array(kept)
    return {
        name: column.filter(mask) if isinstance(column, pa.Array) else column[kept] for name, column in columns.items()
    }


def stacked(parts: Sequence[Columns], names: Sequence[str]) -> Columns:
    """Columns below one another; empty ones where there are no parts."""

    def below(name: str) -> Any:
        columns = [part[name] for part in parts]
        if len(columns) <= 1:
            return columns[0] if columns else []
        return pa.concat_arrays(columns) if isinstance(columns[0], pa.Array) else np.concatenate(columns)

    return {name: below(name) for name in names}
