"""The record of trade: China's part of each state's trade with the United States and China, 2001 to 2010."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]

RECORD: Final = Path(__file__).parent.parent / "data" / "china_trade_ratio_lac.csv"

EMBARGOED: Final = ("CUB",)
"""States whose trade with the United States is embargoed: forecast, but neither fitted nor judged."""


@dataclass(frozen=True)
class Record:
    """Ratios by state and year.

    Parameters
    ----------
    states : tuple of str
        N names.
    years : tuple of int
        Y calendar years without a gap.
    ratio : array, shape (N, Y)
        China's part, 0 to 1.
    """

    states: tuple[str, ...]
    years: tuple[int, ...]
    ratio: Floats

    def of(self, year: int) -> Floats:
        """The ratios of a year, shape (N,).

        Raises
        ------
        ValueError
            If the record does not have it.
        """
        found: Floats = self.ratio[:, self.years.index(year)]
        return found

    def between(self, first: int, last: int) -> Record:
        """The years from `first` to `last`.

        Raises
        ------
        ValueError
            If the record does not have them all.
        """
        begin, end = self.years.index(first), self.years.index(last) + 1
        return Record(self.states, self.years[begin:end], self.ratio[:, begin:end])

    def places(self, without: Iterable[str] = EMBARGOED) -> NDArray[np.intp]:
        """Places of the states that are fitted and judged."""
        left_out = set(without)
        return np.array([place for place, state in enumerate(self.states) if state not in left_out], dtype=np.intp)


def read_record(path: Path = RECORD) -> Record:
    """Read the record: every state has every year.

    Raises
    ------
    ValueError
        If a state lacks a year.
    """
    table = pd.read_csv(path).pivot(index="state", columns="year", values="ratio")
    if bool(table.isna().to_numpy().any()):
        raise ValueError(f"{path.name}: a state lacks a year")
    return Record(tuple(map(str, table.index)), tuple(map(int, table.columns)), table.to_numpy(dtype=np.float64))
