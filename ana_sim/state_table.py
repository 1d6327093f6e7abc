"""A table of states: read from CSV and checked cell by cell."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ana_sim.errors import ScenarioError, nearest
from ana_sim.reading import read_rows
from ana_sim.roster import Roster

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

__all__ = ["BUILT_IN_TABLES", "GENERATED", "StateTable", "generated_names", "read_state_table"]

_DATA: Final = Path(__file__).parent / "data"
BUILT_IN_TABLES: Final[Mapping[str, Path]] = {
    "latin_america": _DATA / "latin_america_2010.csv",
    "latin_america_2000": _DATA / "latin_america_2000.csv",
}

GENERATED: Final = "generated"
"""The source of states that stand in no table."""

_IGNORED_ENDINGS: Final = ("_flag", "_note")
_IGNORED: Final = ("full_name",)
_PER_POWER: Final = ("ideology", "exposure")
_PLAIN: Final = (
    "name",
    "size",
    "need",
    "resources",
    "strategic",
    "diplomatic_capacity",
    "risk_aversion",
    "recognises",
    "region",
    "bloc",
    "strategy",
)
_TRUTH: Final = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


@dataclass(frozen=True, eq=False)
class StateTable:
    """The states of a table, one entry per row; NaN and None stand for blank cells, to be drawn.

    Attributes
    ----------
    names
        Name of each state, shape (n,).
    size
        Raw size, any unit, shape (n,).
    need, resources, strategic, diplomatic_capacity, risk_aversion
        Shape (n,), NaN where not given.
    ideology, exposure
        By power, each of shape (n,), NaN where not given; a power without a column has no entry.
    recognises
        The power that each state recognises.
    deals
        By issue: the powers with which each state has a deal in force.
    region, bloc, strategy
        Region; whether a member of the bloc; name of the strategy.
    """

    names: tuple[str, ...]
    size: Floats
    need: Floats
    resources: Floats
    strategic: Floats
    diplomatic_capacity: Floats
    risk_aversion: Floats
    ideology: Mapping[str, Floats]
    exposure: Mapping[str, Floats]
    recognises: tuple[str | None, ...]
    deals: Mapping[str, tuple[tuple[str, ...], ...]]
    region: tuple[str | None, ...]
    bloc: tuple[bool | None, ...]
    strategy: tuple[str | None, ...]


@dataclass(frozen=True)
class _Limits:
    """The validity range of a column."""

    low: float = -math.inf
    high: float = math.inf
    above_low: bool = False

    def objection(self, value: float) -> str | None:
        """Say what is wrong with a value, or None."""
        if not math.isfinite(value):
            return "must be a finite number"
        if value < self.low or (self.above_low and value == self.low):
            return f"must be {'above' if self.above_low else 'at least'} {self.low:g}"
        if value > self.high:
            return f"must be at most {self.high:g}"
        return None


_LIMITS: Final = {
    "size": _Limits(0.0, above_low=True),
    "need": _Limits(0.0, 100.0),
    "resources": _Limits(0.0),
    "strategic": _Limits(0.0),
    "diplomatic_capacity": _Limits(0.0, 1.0, above_low=True),
    "risk_aversion": _Limits(0.0, 1000.0),
    "ideology": _Limits(-10.0, 10.0),
    "exposure": _Limits(0.0, 1.0),
}


def generated_names(count: int) -> tuple[str, ...]:
    """Return the names of states that stand in no table: S0001, S0002, ..."""
    return tuple(f"S{number:04d}" for number in range(1, count + 1))


def read_state_table(path: str | Path, powers: Roster, issues: Iterable[str]) -> StateTable:
    """Read and check a table of states.

    Parameters
    ----------
    path
        A CSV, or the name of a built-in table. Columns of a built-in table that speak of a power or an issue
        that the scenario lacks are left out; in any other table they are an error.
    powers
        The powers; a unique role serves as a name.
    issues
        Names of the issues.

    Raises
    ------
    ScenarioError
        With file, row, column, value and reason, for the first thing that is wrong.
    """
    built_in = BUILT_IN_TABLES.get(str(path))
    file = built_in or Path(path)
    try:
        stamp = file.stat().st_mtime_ns, file.stat().st_size
    except (OSError, ValueError):
        stamp = (0, 0)
    return _read(file, str(path), stamp, built_in is not None, tuple(powers.roles.items()), tuple(issues))


@lru_cache(maxsize=16)
def _read(
    file: Path,
    shown: str,
    stamp: tuple[int, int],
    built_in: bool,
    powers: tuple[tuple[str, str], ...],
    issues: tuple[str, ...],
) -> StateTable:
    """Read a table once for each state of its file (`stamp`)."""
    return _Reader(file, shown, built_in, Roster(dict(powers)), issues).table()


class _Reader:
    """One reading of one table."""

    def __init__(self, file: Path, shown: str, built_in: bool, powers: Roster, issues: tuple[str, ...]) -> None:
        self.shown, self.lenient = shown, built_in
        self.powers, self.issues = powers, issues
        self.header, self.rows = read_rows(file)
        self.columns = {column: index for index, column in enumerate(self.header)}

    def table(self) -> StateTable:
        for column in ("name", "size"):
            if column not in self.columns:
                near = nearest(column, [own for own in self.header if own not in _PLAIN])
                raise self._error("this column is required", f"column {column}", nearest=near)
        if not self.rows:
            raise self._error("has no states")
        self.names = self._names()
        by_power, deals = self._families()
        return StateTable(
            names=self.names,
            size=self._numbers("size", required=True),
            need=self._numbers("need"),
            resources=self._numbers("resources"),
            strategic=self._numbers("strategic"),
            diplomatic_capacity=self._numbers("diplomatic_capacity"),
            risk_aversion=self._numbers("risk_aversion"),
            ideology={power: self._numbers(column, "ideology") for power, column in by_power["ideology"].items()},
            exposure={power: self._numbers(column, "exposure") for power, column in by_power["exposure"].items()},
            recognises=tuple(self._powers("recognises")),
            deals={issue: self._deals(column) for issue, column in deals.items()},
            region=tuple(self._cells("region")),
            bloc=tuple(self._truths("bloc")),
            strategy=tuple(self._cells("strategy")),
        )

    def _error(self, reason: str, path: str | None = None, **about: Any) -> ScenarioError:
        return ScenarioError(reason, file=self.shown, path=path, **about)

    def _cell_error(self, row: int, column: str, value: str, reason: str, near: str | None = None) -> ScenarioError:
        return self._error(reason, f"{self.names[row]}, column {column}", value=value, nearest=near)

    def _cells(self, column: str) -> list[str | None]:
        """Return a column's cells, None where blank or where there is no such column."""
        index = self.columns.get(column)
        return [None] * len(self.rows) if index is None else [row[index] or None for row in self.rows]

    def _names(self) -> tuple[str, ...]:
        names: list[str] = []
        for number, name in enumerate(self._cells("name"), start=1):
            if name is None:
                raise self._error("a state needs a name", f"row {number}, column name")
            if name in names:
                raise self._error("this state comes twice", f"row {number}, column name", value=name)
            names.append(name)
        return tuple(names)

    def _families(self) -> tuple[dict[str, dict[str, str]], dict[str, str]]:
        """Sort the columns `ideology_<power>`, `exposure_<power>`, `deal_<issue>`; refuse unknown ones."""
        by_power: dict[str, dict[str, str]] = {family: {} for family in _PER_POWER}
        deals: dict[str, str] = {}
        for column in self.header:
            if column in _PLAIN or column in _IGNORED or column.endswith(_IGNORED_ENDINGS):
                continue
            family, _, word = column.partition("_")
            if family == "deal":
                found, options, target = (word if word in self.issues else None), list(self.issues), deals
            elif family in by_power:
                found, options, target = self.powers.find(word), self.powers.words(), by_power[family]
            else:
                raise self._error("there is no such column", f"column {column}", nearest=self._nearest_column(column))
            if found is None:
                if self.lenient:
                    continue
                what = "issue" if family == "deal" else "power"
                near = nearest(word, options)
                raise self._error(
                    f"the scenario has no {what} {word}",
                    f"column {column}",
                    nearest=None if near is None else f"{family}_{near}",
                )
            if found in target:
                raise self._error(f"is the same as column {target[found]}", f"column {column}")
            target[found] = column
        return by_power, deals

    def _nearest_column(self, column: str) -> str | None:
        families = [f"{family}_{power}" for family in _PER_POWER for power in self.powers.words()]
        return nearest(column, [*_PLAIN, *families, *(f"deal_{issue}" for issue in self.issues)])

    def _numbers(self, column: str, family: str | None = None, *, required: bool = False) -> Floats:
        import numpy as np

        limits = _LIMITS[family or column]
        values = np.full(len(self.rows), np.nan)
        for row, cell in enumerate(self._cells(column)):
            if cell is None:
                if required:
                    raise self._cell_error(row, column, "", "is missing")
                continue
            try:
                value = float(cell)
            except ValueError:
                raise self._cell_error(row, column, cell, "must be a number") from None
            if (reason := limits.objection(value)) is not None:
                raise self._cell_error(row, column, cell, reason)
            values[row] = value
        values.flags.writeable = False
        return values

    def _powers(self, column: str) -> Iterator[str | None]:
        for row, cell in enumerate(self._cells(column)):
            yield None if cell is None else self._named(row, column, cell)

    def _named(self, row: int, column: str, word: str) -> str | None:
        found = self.powers.find(word)
        if found is None and not self.lenient:
            near = nearest(word, self.powers.words())
            raise self._cell_error(row, column, word, "the scenario has no such power", near)
        return found

    def _deals(self, column: str) -> tuple[tuple[str, ...], ...]:
        held = []
        for row, cell in enumerate(self._cells(column)):
            words = [word.strip() for word in (cell or "").split(";") if word.strip()]
            names = [name for word in words if (name := self._named(row, column, word)) is not None]
            held.append(tuple(dict.fromkeys(names)))
        return tuple(held)

    def _truths(self, column: str) -> Iterator[bool | None]:
        for row, cell in enumerate(self._cells(column)):
            if cell is not None and cell.lower() not in _TRUTH:
                raise self._cell_error(row, column, cell, "must be true or false")
            yield None if cell is None else _TRUTH[cell.lower()]
