"""A sweep's results, read when they are asked for."""

from __future__ import annotations

import json
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from ana_sim.provenance import MANIFEST
from ana_sim.scenario import Scenario
from ana_sim.sweeps.spec import Design, Factor, SweepError

if TYPE_CHECKING:
    from pyarrow import dataset

__all__ = ["Sweep", "read_sweep"]


class Sweep:
    """The results of a sweep; each table is read from its folder when it is first used.

    Parameters
    ----------
    folder : Path
        The sweep's folder.

    Raises
    ------
    SweepError
        If the folder holds no sweep.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        try:
            self.manifest: dict[str, Any] = json.loads((self.folder / MANIFEST).read_text(encoding="utf-8"))
            self.request: dict[str, Any] = self.manifest["request"]
            design = dict(self.request["design"])
        except (OSError, ValueError, KeyError, TypeError):
            raise SweepError(f"{self.folder}: holds no sweep") from None
        self.design = Design(design.pop("kind"), design)
        self.factors = tuple(factor_of(entry) for entry in self.request["factors"])
        self.strategies: tuple[str, ...] = tuple(self.manifest["strategies"])

    @cached_property
    def scenario(self) -> Scenario:
        """The world in which nothing is varied."""
        raise NotImplementedError

    @cached_property
    def points(self) -> pd.DataFrame:
        """A row per point: its number, and the value of each factor (and, of an OFAT design, the one ``varied``)."""
        return pd.read_parquet(self.folder / "points.parquet")

    @cached_property
    def payoffs(self) -> pd.DataFrame:
        """A row per point, replicate and strategy (and deviating state, where asked)."""
        return self._table("payoffs")

    @cached_property
    def powers(self) -> pd.DataFrame:
        """A row per point, replicate, year and power."""
        return self._table("powers")

    @cached_property
    def measures(self) -> pd.DataFrame:
        """A row per point and replicate, a column per measure."""
        return self._table("measures")

    @cached_property
    def failures(self) -> pd.DataFrame:
        """A row per run that failed: point, replicate, seed, stage, reason."""
        return self._table("failures")

    def dataset(self, table: str) -> dataset.Dataset:
        """A table as an Arrow dataset, for what does not fit into memory."""
        from pyarrow import dataset

        return dataset.dataset(self.folder / table, format="parquet")

    def measure(self, text: str) -> pd.DataFrame:
        """A measure of each run: one that was kept, by its name, or any expression.

        Returns
        -------
        DataFrame
            Columns ``point``, ``replicate``, ``value``.
        """
        raise NotImplementedError

    def wide(self) -> pd.DataFrame:
        """The payoffs with the factors of their point as columns."""
        return self.payoffs.merge(self.points, on="point", how="left", validate="many_to_one")

    def _table(self, table: str) -> pd.DataFrame:
        frame: pd.DataFrame = self.dataset(table).to_table().to_pandas()
        return frame


def factor_of(entry: dict[str, Any]) -> Factor:
    """A factor from the manifest's data."""
    values = entry.get("values")
    return Factor(
        entry["name"],
        tuple(entry["paths"]),
        entry["role"],
        entry.get("low"),
        entry.get("high"),
        entry["whole"],
        None if values is None else tuple(values),
    )


def read_sweep(folder: str | Path) -> Sweep:
    """Read a sweep's results.

    Parameters
    ----------
    folder : str or Path
        Where the sweep was written.

    Raises
    ------
    SweepError
        If the folder holds no sweep.
    """
    return Sweep(folder)
