"""A sweep's results, read when they are asked for."""

from __future__ import annotations

import tempfile
import tomllib
import warnings
from collections.abc import Sequence
from functools import cached_property, reduce
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.dataset as arrow_dataset
from numpy.typing import NDArray
from pyarrow import csv, parquet

from ana_sim.errors import ScenarioError, suggestion
from ana_sim.provenance import new_folder, replacing
from ana_sim.scenario import Scenario
from ana_sim.sweeps.layout import FAILURES, POINTS, Inventory, part_file, shard_in_words
from ana_sim.sweeps.spec import Design, Factor, SweepError
from ana_sim.tables import columns_of, to_arrow

__all__ = ["Sweep", "read_sweep"]

_INFINITIES = {"inf": float("inf"), "-inf": -float("inf")}
_RUN = ["point", "replicate"]
_ENTRIES = {"payoffs": "strategy", "powers": "power"}
"""What tells the rows of a run apart that a measure picks from."""
_NO_SUMS = ("leverage", "equidistance", "issue_spread", "n")
"""Columns of payoffs that are not the mean over deviating states."""


class Sweep:
    """The results of a sweep; each table is read from its folder when it is first used.

    Nothing is read from a file that is not what its checksum says.

    Parameters
    ----------
    folder : str or Path
        The sweep's folder, wherever it has been moved to.

    Attributes
    ----------
    folder : Path
        The same.
    manifest : dict
        What is recorded of how the sweep was made.
    request : dict
        All that its results depend on.
    design : Design
        How its points were chosen.
    factors : tuple of Factor
        What is varied.
    strategies : tuple of str
        What a deviating state plays in turn.
    tables : tuple of str
        What was kept of each run, failures aside.
    complete : bool
        Whether all runs are there.

    Raises
    ------
    SweepError
        If the folder holds no sweep.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder).expanduser()
        held = Inventory.read(self.folder)
        if held is None:
            raise SweepError(
                f"{self.folder}: {'holds no sweep' if self.folder.is_dir() else 'there is no such folder'}"
            )
        self._held = held
        self._found_intact: set[str] = set()
        self.manifest: dict[str, Any] = dict(held.recorded)
        self.request = held.request
        try:
            design = dict(self.request["design"])
            self.design = Design(design.pop("kind"), design)
            self.factors = tuple(factor_of(entry) for entry in self.request["factors"])
            self._kept_measures = tuple(self.request["outputs"]["measures"])
        except (KeyError, TypeError, ValueError):
            raise SweepError(f"{self.folder}: holds no sweep that this version can read") from None
        self.strategies: tuple[str, ...] = tuple(self.manifest["strategies"])
        self.tables = held.tables
        self.complete = held.shard is None and not held.missing

    @cached_property
    def scenario(self) -> Scenario:
        """The world in which nothing is varied.

        Raises
        ------
        SweepError
            If a file that it names, such as a table of states, is not on this machine.
        """
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "scenario.toml"
            file.write_text(self.manifest["scenario"]["toml"], encoding="utf-8")
            try:
                return Scenario.load(file)
            except ScenarioError as error:
                reason = str(error).removeprefix(f"{file}: ")
                raise SweepError(f"{self.folder}: its scenario cannot be loaded: {reason}") from None

    @property
    def idle(self) -> bool:
        """Whether this is a shard to which no part of the sweep belongs."""
        return not self._held.own

    @property
    def title(self) -> str:
        """The scenario's title, or its name where it has none."""
        told = tomllib.loads(self.manifest["scenario"]["toml"])
        return str(told.get("title") or told["name"])

    # -- tables --

    @cached_property
    def points(self) -> pd.DataFrame:
        """A row per point: its number, and the value of each factor (and, of an OFAT design, the one ``varied``)."""
        return self._frame("points")

    @cached_property
    def payoffs(self) -> pd.DataFrame:
        """A row per point, replicate and strategy (and deviating state, where asked)."""
        return self._frame("payoffs")

    @cached_property
    def powers(self) -> pd.DataFrame:
        """A row per point, replicate, year and power."""
        return self._frame("powers")

    @cached_property
    def measures(self) -> pd.DataFrame:
        """A row per point and replicate, a column per measure."""
        return self._frame("measures")

    @cached_property
    def failures(self) -> pd.DataFrame:
        """A row per run that failed: point, replicate, seed, stage, reason."""
        return self._frame(FAILURES)

    def wide(self) -> pd.DataFrame:
        """Return the payoffs with the factors of their point as columns.

        A factor that is named as a column of the payoffs has ``_factor`` added to its name.
        """
        return self.payoffs.merge(self.points, on="point", how="left", validate="many_to_one", suffixes=("", "_factor"))

    def dataset(self, table: str) -> arrow_dataset.Dataset:
        """Return a table as an Arrow dataset, for what does not fit into memory.

        Raises
        ------
        SweepError
            If the sweep did not keep it, or a file is damaged or missing.
        """
        files = [str(file) for file in self._files(table)]
        if not files:
            return arrow_dataset.dataset(to_arrow({}, table))
        return arrow_dataset.dataset(files, format="parquet")

    def measure(self, text: str) -> pd.DataFrame:
        """Return a measure of each run: one that was kept, by its name, or any expression over the tables kept.

        Parameters
        ----------
        text
            A name of ``outputs.measures``, or an expression such as ``payoff[ana] - payoff[hedge]``
            (:mod:`ana_sim.sweeps.measures`). What a strategy has is the mean over those who deviate to it, what a
            power has the mean over the years.

        Returns
        -------
        DataFrame
            Columns ``point``, ``replicate``, ``value``; a row per run, in order, and none for a run that failed.

        Raises
        ------
        SweepError
            If the expression is wrong, or reads what the sweep did not keep.
        """
        if text in self._kept_measures:
            kept: pd.DataFrame = self._table("measures", [*_RUN, text]).to_pandas()
            return kept.rename(columns={text: "value"})
        from ana_sim.sweeps.measures import Measure

        powers = [power["name"] for power in self.request["scenario"]["power"]]
        asked = Measure("value", text, strategies=self.strategies, powers=powers)
        columns: dict[str, dict[str, None]] = {}
        for table, column, _ in asked.reads:
            if column in _NO_SUMS and self.request["outputs"].get("by_state"):
                why = "is of all state-years together, and rows by state are not: keep it as a measure of the sweep"
                raise SweepError(f"{text}: {column} {why}")
            columns.setdefault(table, {})[column] = None
        means = {table: self._means(table, list(wanted)) for table, wanted in columns.items()}
        runs = reduce(pd.Index.union, (mean.index for mean in means.values()))

        def read(table: str, column: str, entry: str) -> NDArray[np.float64]:
            mean = means[table]
            if (column, entry) not in mean:
                return np.full(len(runs), np.nan)
            return mean[column, entry].reindex(runs).to_numpy(np.float64)

        return runs.to_frame(index=False).assign(value=asked.value(read))

    # -- for other programs --

    def columns(self) -> pd.DataFrame:
        """Return what every column of every table holds.

        Returns
        -------
        DataFrame
            Columns ``table``, ``column``, ``type``, ``unit``, ``meaning``.
        """
        rows = [
            (table, column.name, column.type, column.unit, column.meaning)
            for table in ("points", *self.tables, FAILURES)
            for column in columns_of(self._schema(table))
        ]
        return pd.DataFrame(rows, columns=["table", "column", "type", "unit", "meaning"])

    def to_csv(self, folder: str | Path) -> None:
        """Write each table to a CSV file, a piece at a time, no number rounded; ``columns.csv`` says what they hold.

        Parameters
        ----------
        folder
            Where to; files of these names are replaced.

        Raises
        ------
        SweepError
            If a file of the sweep is damaged or missing.
        OSError
            If a file cannot be written.
        """
        folder = Path(folder).expanduser()
        options = csv.WriteOptions(quoting_style="needed")
        with new_folder(folder):
            for table in ("points", *self.tables, FAILURES):
                with (
                    replacing(folder / f"{table}.csv") as file,
                    csv.CSVWriter(file, self._schema(table), write_options=options) as writer,
                ):
                    for part in self._files(table):
                        with parquet.ParquetFile(part) as opened:
                            for batch in opened.iter_batches():
                                writer.write(batch)
            with replacing(folder / "columns.csv") as file:
                csv.write_csv(pa.Table.from_pandas(self.columns(), preserve_index=False), file, options)

    def verify(self) -> list[str]:
        """Return the names of the files that are not what they were: damaged, or missing."""
        return [name for name, _ in self._held.damages()]

    # -- files --

    def _files(self, table: str) -> list[Path]:
        """Return the files of a table, in order, each checked; of failures there may be none."""
        known = ("points", *self.tables, FAILURES)
        if table not in known:
            kept = ", ".join(self.tables)
            raise SweepError(f"{self.folder}: keeps no {table} (it keeps {kept}){suggestion(table, known)}")
        names = [POINTS] if table == "points" else [part_file(table, part) for part in self._held.done]
        names = [name for name in names if name in self._held.files]
        if not names and table != FAILURES:
            raise SweepError(f"{self.folder}: none of its {table} have been computed yet")
        for name in names:
            if name not in self._found_intact:
                wrong = self._held.damage(name)
                if wrong:
                    raise SweepError(f"{self.folder / name}: {wrong}; run the sweep again: only this part is run")
                self._found_intact.add(name)
        return [self.folder / name for name in names]

    def _schema(self, table: str) -> pa.Schema:
        files = self._files(table)
        return parquet.read_schema(files[0]) if files else to_arrow({}, table).schema

    def _table(self, table: str, columns: Sequence[str]) -> pa.Table:
        files = self._files(table)
        if not files:
            return to_arrow({}, table).select(columns)
        pieces = []
        for file in files:
            with parquet.ParquetFile(file) as opened:
                pieces.append(opened.read(columns=columns))
        return pa.concat_tables(pieces)

    def _frame(self, table: str) -> pd.DataFrame:
        frame: pd.DataFrame = self._table(table, self._schema(table).names).to_pandas()
        return frame

    def _means(self, table: str, columns: Sequence[str]) -> pd.DataFrame:
        """Return the means over a run's rows of each strategy or power: a row per run, columns (column, name)."""
        there = self._schema(table).names
        for column in columns:
            if column not in there:
                raise SweepError(f"{self.folder}: its {table} have no column {column!r}{suggestion(column, there)}")
        entry = _ENTRIES[table]
        frame = self._table(table, [*_RUN, entry, *columns]).to_pandas()
        means: pd.DataFrame = frame.groupby([*_RUN, entry])[list(columns)].mean().unstack(entry)
        return means


def factor_of(entry: dict[str, Any]) -> Factor:
    """A factor from the manifest's data."""
    values = [_INFINITIES.get(value, value) for value in entry.get("values", ())]
    return Factor(
        entry["name"],
        tuple(entry["paths"]),
        entry["role"],
        entry.get("low"),
        entry.get("high"),
        entry["whole"],
        tuple(values) or None,
    )


def read_sweep(folder: str | Path) -> Sweep:
    """Read a sweep's results; of a sweep that is not finished what there is, with a warning.

    Parameters
    ----------
    folder : str or Path
        Where the sweep was written.

    Raises
    ------
    SweepError
        If the folder holds no sweep.
    """
    sweep = Sweep(folder)
    held = sweep._held
    if held.missing:
        lacking = f"{len(held.missing)} of {len(held.own)} parts are missing"
        warnings.warn(f"{sweep.folder}: {lacking}; the command that began the sweep finishes it", stacklevel=2)
    elif held.shard is not None:
        part = shard_in_words(held.shard)
        warnings.warn(f"{sweep.folder}: is {part} alone; ana-sim merge puts shards together", stacklevel=2)
    return sweep
