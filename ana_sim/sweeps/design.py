"""The points of a sweep: which values its factors take together."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ana_sim.declare import Table
from ana_sim.errors import ScenarioError, nearest
from ana_sim.names import Keys, table_keys
from ana_sim.parameters import ROOTS
from ana_sim.reading import read_rows
from ana_sim.scenario import Scenario
from ana_sim.scenario.raw import locate_in
from ana_sim.sweeps.spec import FILES, Design, Factor, Role, SweepError, Value, anchored, why_not_varied, why_refused

__all__ = ["base_values", "check_design", "count_points", "factors_of_file", "points_of", "value_at"]

Floats = NDArray[np.float64]
Column = Sequence[Any] | Floats

_POINT: Final = "point"
_MOST_POINTS: Final = 10_000_000
_MOST_LEVELS: Final = 10_000
_MOST_NAMED: Final = 8
_MOST_CHECKED: Final = 50

_NOT_NAMED: Final[Mapping[str, float]] = {"acceptance": 1.0, "rivalry": 1.0}
"""What holds for a power that one of these tables does not name; 0 in all other tables keyed by names."""


def points_of(design: Design, factors: Sequence[Factor], seed: int, base: Sequence[object] = ()) -> pd.DataFrame:
    """Return the points of a design.

    Parameters
    ----------
    design : Design
        How points are chosen: ``grid``, all combinations of the factors' levels, the first factor slowest; ``lhs``, a
        Latin hypercube; ``sobol``, Saltelli's samples of a scrambled Sobol' sequence, N (D + 2) of them or N (2 D + 2)
        for second-order indices; ``morris``, trajectories of D + 1 points in which one factor moves at a time;
        ``ofat``, the base point, then each factor over its levels with the others at their base (a level that is the
        base is not run twice); ``file``, the rows of a CSV or Parquet file.
    factors : sequence of Factor, length D
        What is varied.
    seed : int
        Seed of the design: the same seed gives the same points. Global random states are neither used nor changed.
    base : sequence, length D
        Values of the base point (`base_values`); an OFAT design alone reads them.

    Returns
    -------
    DataFrame, P rows
        ``point``, 0..P-1 (int64); a column per factor under its name, float64 for a range, int64 for a range of whole
        numbers, else of the type of its values; of an OFAT design also ``varied``, the factor that differs from the
        base, "" at the base itself.

    Raises
    ------
    SweepError
        If the design cannot be made, or the points of a file are not the factors'.

    Notes
    -----
    SALib is given the unit cube, on which its own bounds do nothing: they know neither whole numbers nor lists. Values
    are taken from it here. A Latin hypercube and Saltelli's samples are read by `Factor.at`, in equal parts. A Morris
    design lives on p levels 0, 1/(p-1), .., 1, p even, and moves by p/(2 (p-1)); it takes its values from
    `Factor.levels`, evenly spaced with the ends among them; of k values instead of p, the nearest. No
    level lies half-way between two, so that SALib's rounding (levels come out an ulp apart) does not matter; mirrored
    levels get mirrored values; and every move changes the value, of two values too. `Factor.at` would put level 1/3 on
    the edge between the first and the second of three values.

    Sources: McKay, Beckman & Conover 1979 (Latin hypercube); Saltelli 2002; Morris 1991.
    """
    if design.kind == "file":
        return _points_in(_File.read(design["path"]), factors)
    count = check_design(design, factors, base)
    if design.kind == "ofat":
        return _one_at_a_time(factors, design["levels"], base)
    if design.kind == "grid":
        return _frame(factors, _product([factor.levels(design["levels"]) for factor in factors]), count)
    unit = _on_unit_cube(design, factors, seed).T
    if design.kind == "morris":
        columns = [_nearest(own.levels(design["levels"]), u) for own, u in zip(factors, unit, strict=True)]
    else:
        columns = [_along(own, u) for own, u in zip(factors, unit, strict=True)]
    return _frame(factors, columns, count)


def check_design(design: Design, factors: Sequence[Factor], base: Sequence[object] = ()) -> int:
    """Refuse a design that cannot be made; return its points as `count_points` does."""
    count = count_points(design, factors, base)
    if count > _MOST_POINTS:
        raise SweepError(f"design.kind = {design.kind!r}: makes {count:,} points, of at most {_MOST_POINTS:,}")
    return count


def count_points(design: Design, factors: Sequence[Factor], base: Sequence[object] = ()) -> int:
    """Return how many points a design has, without making them; arguments and errors as of `points_of`."""
    if design.kind == "file":
        return _File.read(design["path"]).length
    if "levels" in design.options and design["levels"] > _MOST_LEVELS:
        raise SweepError(f"design.levels = {design['levels']}: must be at most {_MOST_LEVELS:,}")
    if design.kind == "grid":
        return math.prod(len(factor.levels(design["levels"])) for factor in factors)
    if design.kind == "ofat":
        pairs = zip(factors, base, strict=True)
        return 1 + sum(len(list(_off_base(factor, design["levels"], own))) for factor, own in pairs)
    if design.kind == "lhs":
        return int(design["samples"])
    if design.kind == "morris":
        for factor in factors:
            if factor.values is not None and len(factor.values) < 2:
                raise SweepError(f"{factor.name}: has one value, and a Morris design moves every factor")
        return int(design["trajectories"]) * (len(factors) + 1)
    samples = int(design["base_samples"])
    below = 1 << (samples.bit_length() - 1)
    if samples != below:
        reason = f"must be a power of two; the nearest are {below} and {2 * below}"
        raise SweepError(f"design.base_samples = {samples}: {reason}")
    return samples * (2 * len(factors) + 2 if design["second_order"] else len(factors) + 2)


def base_values(scenario: Scenario, factors: Sequence[Factor]) -> list[object]:
    """Return the scenario's own value of each factor, of its first path where several vary together.

    A power or strategy that a table of values does not name has what the model takes for it. Where the scenario has no
    single value (a draw's range, a list, no patron), the middle of the factor's range or the first of its values
    stands in for it.

    Parameters
    ----------
    scenario : Scenario
        The world in which nothing is varied.
    factors : sequence of Factor
        What is varied.

    Raises
    ------
    ScenarioError
        If a path does not exist.
    """
    return [_base_value(scenario, factor) for factor in factors]


def factors_of_file(path: str | Path, scenario: Scenario) -> tuple[Factor, ...]:
    """Return the factors of a file whose columns are paths of parameters.

    Parameters
    ----------
    path : str or Path
        A CSV file, or Parquet by the ending of its name.
    scenario : Scenario
        The world in which nothing is varied; it must admit every value by itself, of numbers the least, the
        greatest and some between.

    Returns
    -------
    tuple of Factor
        One per column but ``point``: uncertainties, then levers (paths in ``strategies``). A column of several
        numbers has their range; any other its distinct values in the order in which they come.

    Raises
    ------
    SweepError
        With file, row, column, value and reason, for the first thing that is wrong.
    """
    file = _File.read(path)
    factors = []
    for column in file.columns:
        if column == _POINT:
            continue
        if (reason := why_not_varied(column, scenario)) is not None:
            raise file.wrong(reason, column)
        role: Role = "lever" if column.startswith("strategies.") else "uncertainty"
        factors.append(_factor_of_column(file, column, role, scenario))
    if not factors:
        raise file.wrong("has no column of a parameter")
    return tuple(sorted(factors, key=lambda factor: factor.role == "lever"))


# -- samples ---------------------------------------------------------------------------------------


def _on_unit_cube(design: Design, factors: Sequence[Factor], seed: int) -> Floats:
    """Return a sample of the unit cube, shape (P, D)."""
    many = len(factors)
    if design.kind == "lhs":
        from scipy.stats import qmc

        return qmc.LatinHypercube(many, rng=np.random.default_rng(seed)).random(design["samples"])
    unit: Floats
    problem = {"num_vars": many, "names": [factor.name for factor in factors], "bounds": [[0.0, 1.0]] * many}
    if design.kind == "morris":
        from SALib.sample import morris

        unit = morris.sample(problem, design["trajectories"], num_levels=design["levels"], seed=seed)
        return unit
    from SALib.sample import sobol

    unit = sobol.sample(problem, design["base_samples"], calc_second_order=design["second_order"], seed=seed)
    return unit


def _along(factor: Factor, unit: Floats) -> Column:
    """Return a factor's values at places in [0, 1], shape (P,)."""
    if factor.values is not None or factor.whole:
        return [factor.at(u) for u in unit.tolist()]
    low, high = factor.ends
    return np.minimum(low + (high - low) * unit, high)


def _nearest(steps: Sequence[Value], unit: Floats) -> Column:
    """Return the nearest of values spread evenly over [0, 1] at places in it, shape (P,)."""
    return [steps[place] for place in np.rint(unit * (len(steps) - 1)).astype(np.int64).tolist()]


# -- levels ----------------------------------------------------------------------------------------


def _product(levels: Sequence[Sequence[Value]]) -> list[Column]:
    """Return the columns of all combinations, the first factor slowest."""
    columns: list[Column] = []
    before, after = 1, math.prod(len(own) for own in levels)
    for own in levels:
        after //= len(own)
        columns.append([value for value in own for _ in range(after)] * before)
        before *= len(own)
    return columns


def _one_at_a_time(factors: Sequence[Factor], levels: int, base: Sequence[object]) -> pd.DataFrame:
    rows, varied = [tuple(base)], [""]
    for place, factor in enumerate(factors):
        for level in _off_base(factor, levels, base[place]):
            rows.append((*base[:place], level, *base[place + 1 :]))
            varied.append(factor.name)
    return _frame(factors, list(zip(*rows, strict=True)), len(rows)).assign(varied=varied)


def _off_base(factor: Factor, levels: int, own: object) -> Iterator[Value]:
    """Yield the levels of a factor but the one at its base, `own`."""
    span = 0.0 if factor.values is not None else factor.ends[1] - factor.ends[0]
    for level in factor.levels(levels):
        if isinstance(level, int | float) and isinstance(own, int | float):
            # 0.1 + 0.2 is no level of its own beside a base of 0.3.
            same = math.isclose(level, own, rel_tol=1e-12, abs_tol=1e-12 * span)
        else:
            same = level == own
        if not same:
            yield level


# -- the base --------------------------------------------------------------------------------------


def _base_value(scenario: Scenario, factor: Factor) -> object:
    value = value_at(scenario, factor.paths[0])
    if isinstance(value, bool | int | float | str):
        return value
    return factor.at(0.5) if factor.values is None else factor.values[0]


def value_at(scenario: Scenario, path: str) -> object:
    """Return what stands at a path in the validated tables, in which what follows another parameter has its value."""
    keys = locate_in(scenario._raw, path)
    if keys[0] not in ROOTS:
        return getattr(scenario, keys[0])
    own = table_keys(keys)
    value: object = _table_at(scenario, own)
    for before, key in zip(keys[len(own) - 1 :], keys[len(own) :], strict=False):
        if isinstance(value, Mapping):
            value = value.get(key, _NOT_NAMED.get(before, 0.0))
        elif isinstance(value, Table):  # a number is both ends of a draw, itself
            names = {field.alias or name: name for name, field in type(value).model_fields.items()}
            value = getattr(value, names[key])
    return value


def _table_at(scenario: Scenario, keys: Keys) -> Table:
    """Return the table of a scenario at the first keys of a path (`table_keys`)."""
    tables: dict[Keys, Table] = {
        ("world",): scenario.world,
        ("states",): scenario.states,
        ("strategies",): scenario.strategies,
        **{("power", power.name): power for power in scenario.power},
        **{("issue", issue.name): issue for issue in scenario.issue},
        **{("link", link.from_, link.to): link for link in scenario.link},
    }
    return tables[keys]


# -- files -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _File:
    """A file of points.

    Attributes
    ----------
    path : str
        As the user wrote it.
    columns : mapping
        By name; all of one length, at least 1, without missing values.
    """

    path: str
    columns: Mapping[str, Sequence[Value]]

    @classmethod
    def read(cls, path: str | Path) -> _File:
        """Read a CSV file, or Parquet by the ending of its name."""
        read = _read_parquet if Path(path).suffix.lower() in (".parquet", ".pq") else _read_csv
        try:
            columns = read(Path(path))
        except ScenarioError as error:
            raise SweepError(str(error)) from None
        folder = Path(path).parent
        for column in FILES.keys() & columns.keys():
            beside = {value: anchored(column, value, folder) for value in set(columns[column])}
            there = {value for value, file in beside.items() if isinstance(file, str) and Path(file).is_file()}
            columns[column] = [beside[value] if value in there else value for value in columns[column]]
        file = cls(str(path), columns)
        if not file.length:
            raise file.wrong("has no rows")
        for column, values in columns.items():
            for row, value in enumerate(values):
                if value is None or (isinstance(value, float) and math.isnan(value)):
                    raise SweepError(f"{path}: row {row + 1}, column {column}: is missing")
                if not isinstance(value, bool | int | float | str):
                    raise file.wrong("must be a number, a word, or true or false", column, row)
        for row, value in enumerate(file.columns.get(_POINT, ())):
            if _key(value) != _key(row):
                raise file.wrong(f"must be {row}: points are numbered from 0, in order", _POINT, row)
        return file

    @property
    def length(self) -> int:
        """Number of points."""
        return len(next(iter(self.columns.values()), ()))

    def distinct(self, column: str) -> dict[int, Value]:
        """Return the distinct values of a column by the row in which each comes first."""
        values = self.columns[column]
        rows: dict[object, int] = {}
        for row, value in enumerate(values):
            rows.setdefault(_key(value), row)
        return {row: values[row] for row in rows.values()}

    def wrong(self, reason: str, column: str = "", row: int | None = None, near: str | None = None) -> SweepError:
        """Return the error of a file, of one of its columns or of a cell."""
        where = f"column {column}" if column else ""
        about: dict[str, Any] = {}
        if row is not None:
            where, about["value"] = f"row {row + 1}, {where}", self.columns[column][row]
        return SweepError(str(ScenarioError(reason, file=self.path, path=where, nearest=near, **about)))


def _read_csv(path: Path) -> dict[str, list[Any]]:
    header, rows = read_rows(path)
    cells = list(zip(*rows, strict=True)) or [()] * len(header)
    return {column: [_value(cell) for cell in own] for column, own in zip(header, cells, strict=True)}


def _read_parquet(path: Path) -> dict[str, list[Any]]:
    if not path.is_file():
        raise ScenarioError("there is no such file", file=path)
    try:
        frame = pd.read_parquet(path)
    except (OSError, ValueError, NotImplementedError) as error:
        raise ScenarioError(f"cannot be read ({error})", file=path) from None
    columns = [str(column) for column in frame.columns]
    for column in columns:
        if columns.count(column) > 1:
            raise ScenarioError("this column comes twice", file=path, path=f"column {column}")
    return {column: [None if value is pd.NA else value for value in frame[column].tolist()] for column in columns}


def _value(cell: str) -> Value | None:
    """Return what a cell of a CSV says: a number, true or false, a word, or None where it is blank."""
    if cell.lower() in ("true", "false"):
        return cell.lower() == "true"
    for kind in (int, float):
        try:
            return kind(cell)
        except ValueError:
            continue
    return cell or None


def _key(value: Value) -> tuple[bool, Value]:
    """Return what tells values apart: 1 and 1.0 are one, 1 and true are two."""
    return isinstance(value, bool), value


def _points_in(file: _File, factors: Sequence[Factor]) -> pd.DataFrame:
    """Return a file's points, in the order and with the types of the factors."""
    names = [factor.name for factor in factors]
    for column in file.columns:
        if column not in (_POINT, *names):
            raise file.wrong("is no factor of the sweep", column, near=nearest(column, names))
    columns: list[Column] = []
    for factor in factors:
        if factor.name not in file.columns:
            raise file.wrong("this column is required", factor.name)
        columns.append(_admitted(file, factor))
    return _frame(factors, columns, file.length)


def _factor_of_column(file: _File, column: str, role: Role, scenario: Scenario) -> Factor:
    """Return the factor of a column that is the path of a parameter, its values admitted by the scenario."""
    distinct = file.distinct(column)
    numbers = {
        row: value for row, value in distinct.items() if not isinstance(value, bool | str) and math.isfinite(value)
    }
    whole = False
    ranged = len(numbers) == len(distinct) > 1
    least, greatest = (pick(numbers, key=lambda row: numbers[row]) for pick in (min, max)) if ranged else (0, 0)
    checked = list(distinct)
    if ranged:
        broken = next((row for row, value in numbers.items() if value != int(value)), least)
        checked = sorted({least, greatest, broken, *checked[:: -(-len(checked) // _MOST_CHECKED)]})
        whole = broken == least and numbers[least] == int(numbers[least])
        whole = whole and why_refused([column], int(numbers[least]) + 0.5, scenario) is not None
    for row in checked:
        value = int(distinct[row]) if whole else anchored(column, distinct[row], Path(file.path).parent)
        if (reason := why_refused([column], value, scenario)) is not None:
            raise file.wrong(reason, column, row)
    if ranged:
        return Factor(column, (column,), role, float(numbers[least]), float(numbers[greatest]), whole)
    return Factor(column, (column,), role, values=tuple(distinct.values()))


def _admitted(file: _File, factor: Factor) -> Column:
    """Return a factor's column of a file, every value its own."""
    values = file.columns[factor.name]
    if factor.values is not None:
        own = {_key(value): value for value in factor.values}
        for row, value in enumerate(values):
            if _key(value) not in own:
                words = [str(value).lower() if isinstance(value, bool) else str(value) for value in factor.values]
                few = f"one of {', '.join(words)}" if len(words) <= _MOST_NAMED else f"one of its {len(words)} values"
                near = nearest(value, words) if isinstance(value, str) else None
                raise file.wrong(f"must be {few}", factor.name, row, near)
        return [own[_key(value)] for value in values]
    low, high = factor.ends
    what = f"must be a {'whole ' if factor.whole else ''}number from {low:g} to {high:g}"
    for row, value in enumerate(values):
        if isinstance(value, bool | str) or not low <= value <= high or (factor.whole and value != int(value)):
            raise file.wrong(what, factor.name, row)
    return values


# -- tables ----------------------------------------------------------------------------------------


def _frame(factors: Sequence[Factor], columns: Sequence[Column], count: int) -> pd.DataFrame:
    own = {factor.name: _typed(factor, column) for factor, column in zip(factors, columns, strict=True)}
    return pd.DataFrame({_POINT: np.arange(count, dtype=np.int64), **own})


def _typed(factor: Factor, values: Column) -> Any:
    """Return a factor's column with the type that is promised, whichever of its values are in it."""
    if factor.values is None:
        return np.asarray(values, dtype=np.int64 if factor.whole else np.float64)
    return pd.Series(values, dtype=pd.Series([*factor.values, *values]).dtype)
