"""A sweep's file: what is varied, what is compared and what is kept, checked before anything runs."""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

from ana_sim.declare import Range, Table, facts_of, fields_of, table_in
from ana_sim.errors import AnaSimError, ScenarioError, nearest, short, suggestion
from ana_sim.names import HEAD, table_keys
from ana_sim.parameters import ROOTS, Horizon
from ana_sim.provenance import file_digest
from ana_sim.scenario import Scenario
from ana_sim.scenario.files import NETWORKS, SOURCES, read_toml
from ana_sim.scenario.raw import finite, locate_in
from ana_sim.tables import TABLES as COLUMNS

__all__ = ["DESIGNS", "MIXED", "ROTATE", "Design", "Factor", "Outputs", "Spec", "SweepError", "described"]

Value = bool | int | float | str
Role = Literal["uncertainty", "lever"]

DESIGNS: Final[Mapping[str, Mapping[str, Value]]] = {
    "grid": {"levels": 5},
    "lhs": {"samples": 100},
    "sobol": {"base_samples": 256, "second_order": False},
    "morris": {"trajectories": 20, "levels": 4},
    "ofat": {"levels": 5},
    "file": {"path": ""},
}
"""The kinds of design, each with the options that it takes and their defaults."""

MIXED: Final = "mixed"
"""The deviator of a sweep in which nobody changes its strategy: worlds run in their own mix."""

ROTATE: Final = "rotate"
"""The deviator of a sweep in which one state changes its strategy, another in each replicate."""

TABLES: Final = ("payoffs", "powers")
"""What can be kept of each run; measures and failures are kept where there are any."""

_OF_A_SWEEP: Final = ("design", "uncertainties", "levers", "outputs")
_TOP: Final = ("scenario", "set", "years", "replicates", "seed", "engine", *_OF_A_SWEEP)
_OF_A_SCENARIO: Final = frozenset((*HEAD, "base", "start", *ROOTS, "change"))
_OUTPUTS: Final = ("deviator", "sample", "by_state", "tables", "measures", "from_year")
_FACTOR: Final = ("low", "high", "values", "paths")
_MOST_COUNT: Final = 2**40

_NAMES: Final = (("power", "name"), ("power", "role"), ("issue", "name"), ("link", "from"), ("link", "to"))
"""What rows are told apart by: the kind of an entry, and its key."""

_OF_THE_MIX: Final = ("strategies.mix.", "strategies.assignment")
"""What paths begin with that say who plays what: a part of the world, and of what states choose."""


FILES: Final[Mapping[str, tuple[str, ...]]] = {"world.network": NETWORKS, "states.source": SOURCES}
"""The parameters that name files, each with the words that are none."""


class SweepError(AnaSimError):
    """A sweep that cannot be run, continued or read as it stands."""


@dataclass(frozen=True)
class Factor:
    """What is varied.

    Attributes
    ----------
    name : str
        Its column in the points: the path of a parameter, or a name of the user's for several that vary together.
    paths : tuple of str
        The parameters, each set to the factor's value.
    role : {'uncertainty', 'lever'}
        Whether it belongs to the world or is what a state may choose.
    low, high : float, optional
        The range, ends included; none for a factor with values.
    whole : bool
        Whether only whole numbers of the range are taken.
    values : tuple, optional
        The values, in the order of the file.
    """

    name: str
    paths: tuple[str, ...]
    role: Role = "uncertainty"
    low: float | None = None
    high: float | None = None
    whole: bool = False
    values: tuple[Value, ...] | None = None

    @property
    def ends(self) -> tuple[float, float]:
        """The ends of the range, of a factor that has one."""
        assert self.low is not None
        assert self.high is not None
        return self.low, self.high

    def at(self, u: float) -> Value:
        """Return the value at `u` in [0, 1] of the factor: along the range, or the list of values.

        Each whole number, and each value of a list, takes an equal part of [0, 1].
        """
        if self.values is not None:
            return self.values[min(int(u * len(self.values)), len(self.values) - 1)]
        low, high = self.ends
        if self.whole:
            count = int(high) - int(low) + 1
            return int(low) + min(int(u * count), count - 1)
        return min(low + (high - low) * u, high)

    def levels(self, count: int) -> list[Value]:
        """Return all values of a list, or `count` evenly spaced of a range, its ends among them."""
        if self.values is not None:
            return list(self.values)
        low, high = self.ends
        if self.whole:
            count = min(count, int(high) - int(low) + 1)
        steps = [n / (count - 1) for n in range(count)] if count > 1 else [0.5]
        between = [min(low + (high - low) * step, high) for step in steps]
        return [round(value) for value in between] if self.whole else list(between)

    def as_dict(self) -> dict[str, Any]:
        """Return the factor as data, for the manifest: of files, what is in them."""
        ends: dict[str, Any] = {"low": self.low, "high": self.high}
        if self.values is not None:
            ends = {"values": finite([recorded(self.paths[0], value) for value in self.values])}
        return {"name": self.name, "paths": list(self.paths), "role": self.role, "whole": self.whole, **ends}


@dataclass(frozen=True)
class Design:
    """How points are chosen: a kind, and its options (`DESIGNS`)."""

    kind: str
    options: Mapping[str, Value]

    def __getitem__(self, option: str) -> Any:
        return self.options[option]


@dataclass(frozen=True)
class Outputs:
    """What is kept of each run.

    Attributes
    ----------
    deviator : str
        ``each``, ``all`` or a state's name, as in `compare`; ``rotate``: one state, another in each replicate;
        ``mixed``: nobody, one run of the scenario's own mix.
    sample : int, optional
        Under ``each``, how many states deviate.
    by_state : bool
        Whether ``payoffs`` has a row per deviating state instead of their mean.
    tables : tuple of str
        Of `TABLES`.
    measures : mapping
        Expressions over the tables by the name of the measure (:mod:`ana_sim.sweeps.measures`).
    from_year : int
        First step that counts; below 1000 a step, else a calendar year.
    """

    deviator: str = "each"
    sample: int | None = None
    by_state: bool = False
    tables: tuple[str, ...] = ("payoffs",)
    measures: Mapping[str, str] = field(default_factory=dict)
    from_year: int = 0


@dataclass(frozen=True)
class Spec:
    """A sweep as it is asked for: everything that its results depend on.

    Made by `load` from a file, or by `of` from the same tables in Python.

    Attributes
    ----------
    scenario : Scenario
        The world in which nothing is varied, with the file's own settings.
    replicates, seed : int
        Replicates of each point, and the seed of all luck and of the design.
    engine : str
        ``compiled`` or ``mesa``.
    design : Design
        How points are chosen.
    factors : tuple of Factor
        What is varied; uncertainties, then levers.
    strategies : tuple of str
        What a deviating state plays in turn; those of the scenario's mix by default.
    outputs : Outputs
        What is kept.
    """

    scenario: Scenario
    replicates: int
    seed: int
    engine: str
    design: Design
    factors: tuple[Factor, ...]
    strategies: tuple[str, ...]
    outputs: Outputs

    @classmethod
    def load(cls, source: str | Path | Mapping[str, Any] | Spec, changes: Mapping[str, Any] | None = None) -> Spec:
        """Load a sweep's file, or take the same as a mapping.

        Parameters
        ----------
        source
            Path of a TOML file; a mapping in its shape, where ``scenario`` may be a `Scenario`; or a spec, which is
            returned as it is.
        changes : mapping, optional
            Values that take the place of those at the top of the file (``replicates``, ``seed``, ...), of
            ``levers.strategy``, or of single entries of ``set``.

        Raises
        ------
        AnaSimError
            One line, for the first thing that is wrong.
        """
        if isinstance(source, Spec):
            return source
        if isinstance(source, Mapping):
            return _Reader("", Path.cwd()).spec(_changed(source, changes))
        file = Path(source).expanduser()
        try:
            data = read_toml(file, str(source))
        except ScenarioError as error:
            raise SweepError(str(error)) from None
        if _OF_A_SCENARIO & data.keys() and not {"scenario", *_OF_A_SWEEP} & data.keys():
            raise SweepError(f"{source}: this is a scenario, not a sweep: a sweep's file names one, scenario = ...")
        return _Reader(str(source), file.parent).spec(_changed(data, changes))

    @property
    def first_year(self) -> int:
        """The first step that counts, in the scenario as it stands."""
        return step_of(self.outputs.from_year, self.scenario)

    def settings(self, values: Sequence[object]) -> dict[str, object]:
        """Return what `Scenario.replace` takes, from a point's values in the order of the factors."""
        return {path: value for own, value in zip(self.factors, values, strict=True) for path in own.paths}

    def request(self) -> dict[str, Any]:
        """Return all that the results depend on, as data that JSON can hold: no folder of this machine, no engine."""
        options = dict(self.design.options)
        if "path" in options:
            options = {"file": file_digest(Path(str(options["path"])))}
        return {
            "scenario": self.scenario.identity,
            "replicates": self.replicates,
            "seed": self.seed,
            "design": {"kind": self.design.kind, **options},
            "factors": [factor.as_dict() for factor in self.factors],
            "strategies": [Path(path).name + colon + name for path, colon, name in self._words()],
            "strategy_files": {Path(path).name: file_digest(Path(path)) for path, colon, _ in self._words() if colon},
            "outputs": {
                "deviator": self.outputs.deviator,
                "sample": self.outputs.sample,
                "by_state": self.outputs.by_state,
                "tables": list(self.outputs.tables),
                "measures": dict(self.outputs.measures),
                "from_year": self.outputs.from_year,
            },
        }

    def _words(self) -> list[tuple[str, str, str]]:
        return [word.rpartition(":") for word in self.strategies]


def anchored(path: str, value: Any, folder: Path) -> Any:
    """Return the value of a parameter with the path of a file, should it name one, absolute."""
    if isinstance(value, Mapping):
        return {key: anchored(f"{path}.{key}", entry, folder) for key, entry in value.items()}
    if path not in FILES or not isinstance(value, str | os.PathLike) or value in FILES[path]:
        return value
    return str((folder / Path(value).expanduser()).resolve())


def recorded(path: str, value: Value) -> Value:
    """Return the value of a parameter, or the SHA-256 of the file that it names: what other machines know it by."""
    if path not in FILES or not isinstance(value, str) or value in FILES[path]:
        return value
    return file_digest(Path(value))


def request_digest(request: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a request (`Spec.request`)."""
    return hashlib.sha256(json.dumps(request).encode()).hexdigest()


def _changed(data: Mapping[str, Any], changes: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """Return a sweep's tables with other values, which name files from the working directory."""
    changed = dict(data)
    for key, value in (changes or {}).items():
        if key == "set":
            own = {path: anchored(path, entry, Path.cwd()) for path, entry in value.items()}
            changed["set"] = {**changed.get("set", {}), **own}
        elif key == "levers.strategy":
            words = [_strategy_in(Path.cwd(), word) for word in value]
            changed["levers"] = {**changed.get("levers", {}), "strategy": words}
        else:
            changed[key] = value
    return changed


def _strategy_in(folder: Path, word: str) -> str:
    """Return the word for a strategy with the path of its Python file, should it have one, absolute."""
    path, colon, name = word.rpartition(":")
    if not (colon and path.endswith(".py")):
        return word
    return f"{(folder / Path(path).expanduser()).resolve()}:{name}"


def step_of(year: int, scenario: Scenario) -> int:
    """Return the step of a year that is a step itself (below 1000) or a calendar year."""
    return year if year < 1000 else year - scenario.start


def described(factor: Factor, scenario: Scenario) -> tuple[str, str]:
    """Return the unit and the meaning of a factor: of several parameters, the first one's unit and their names."""
    keys = locate_in(scenario._raw, factor.paths[0])
    table: type[Table] | None = ROOTS[keys[0]][0] if keys[0] in ROOTS else Horizon
    rest = keys[len(table_keys(keys)) :] if keys[0] in ROOTS else keys
    unit = meaning = ""
    while rest and table is not None and table is not Range:
        field = fields_of(table)[rest[0]]
        facts = facts_of(field)
        unit, meaning = facts.unit, field.description or ""
        rest, table = rest[1 if facts.keyed_by is None else 2 :], table_in(field.annotation)
    return unit, meaning if len(factor.paths) == 1 else f"value of {' and '.join(factor.paths)}"


def why_not_varied(path: str, scenario: Scenario) -> str | None:
    """Return why a path cannot be a factor's, or None if it can."""
    try:
        keys = locate_in(scenario._raw, path)
    except ScenarioError as error:
        return "there is no such parameter" + (f"; did you mean {error.nearest}?" if error.nearest else "")
    if keys[0] in (*HEAD, "change", "start"):
        return "cannot be varied"
    if keys[0] in ROOTS and (keys[0], *keys[len(table_keys(keys)) :]) in _NAMES:
        return "cannot be varied"
    if ".".join(keys) in scenario.changes_at(0):
        return "a time path of the scenario sets it from the first year on"
    return None


def why_refused(paths: Sequence[str], value: object, scenario: Scenario) -> str | None:
    """Return why a scenario does not admit a value at all of the paths at once, or None if it does."""
    try:
        scenario.replace(dict.fromkeys(paths, value))
    except ScenarioError as error:
        return f"{error.path}: {error.reason}" if len(paths) > 1 and error.path else error.reason
    return None


def _why_elsewhere(path: str, role: Role) -> str | None:
    """Return why a path is no factor of this role, or None if it is."""
    if path.startswith(_OF_THE_MIX):
        return None
    if role == "lever":
        return None if path.startswith("strategies.") else "is a part of the world: it stands under [uncertainties]"
    return "is what a state may choose: it stands under [levers]" if path.startswith("strategies.") else None


def _place(factor: Factor) -> str:
    """Return where a factor stands in a sweep's file."""
    table = "levers" if factor.role == "lever" else "uncertainties"
    return f'{table}."{factor.name}"' if "." in factor.name else f"{table}.{factor.name}"


def _unquoted(path: str, entry: object) -> str:
    """Return the path that was meant where TOML has read its dots as tables in tables."""
    while isinstance(entry, Mapping) and entry:
        if any(key in _FACTOR and not isinstance(value, Mapping) for key, value in entry.items()):
            break
        key, entry = next(iter(entry.items()))
        path = f"{path}.{key}"
    return path


class _Reader:
    """Reads a sweep's tables and says what is wrong with them, and where."""

    def __init__(self, shown: str, folder: Path) -> None:
        self.shown, self.folder = shown, folder

    def wrong(self, where: str, reason: str, value: object = None) -> SweepError:
        place = f"{where} = {short(value)}" if value is not None else where
        return SweepError(" ".join(": ".join(part for part in (self.shown, place, reason) if part).split()))

    def spec(self, data: Mapping[str, Any]) -> Spec:
        self._known(data, _TOP, "")
        scenario = self._scenario(data)
        replicates = self._count(data, "replicates", 20, least=1)
        seed = self._count(data, "seed", 1, least=0, most=2**63 - 1)
        engine = data.get("engine", "compiled")
        self._one_of("engine", engine, ("compiled", "mesa"))
        design = self._design(self._table(data, "design"))
        levers = dict(self._table(data, "levers"))
        chosen = levers.pop("strategy", None)
        factors = [
            *self._factors("uncertainties", self._table(data, "uncertainties"), "uncertainty", scenario),
            *self._factors("levers", levers, "lever", scenario),
        ]
        if design.kind == "file" and not factors:
            from ana_sim.sweeps.design import factors_of_file

            factors = list(factors_of_file(design["path"], scenario))
        self._distinct(factors, scenario)
        if design.kind == "ofat":
            self._one_base(factors, scenario)
        if design.kind in ("lhs", "sobol", "morris", "ofat") and not factors:
            raise self.wrong("uncertainties", f"a {design.kind} design varies at least one")
        outputs = self._outputs(self._table(data, "outputs"), scenario)
        strategies, names = self._strategies(chosen, scenario)
        self._plannable(design, factors, outputs, names, scenario)
        return Spec(scenario, replicates, seed, engine, design, tuple(factors), strategies, outputs)

    # -- parts --

    def _scenario(self, data: Mapping[str, Any]) -> Scenario:
        source = data.get("scenario")
        if source is None:
            raise self.wrong("scenario", "is missing: a built-in name or a file")
        if isinstance(source, str):
            beside = self.folder / Path(source).expanduser()
            source = str(beside) if beside.suffix and beside.exists() else source
        elif not isinstance(source, Scenario):
            raise self.wrong("scenario", "must be a built-in name or a file, in quotes", source)
        try:
            scenario = Scenario.load(source)
            settings = self._table(data, "set")
            scenario = scenario.replace({path: anchored(path, settings[path], self.folder) for path in settings})
            if "years" in data:
                scenario = scenario.replace({"years": data["years"]})
        except ScenarioError as error:
            raise self.wrong("scenario", str(error)) from None
        if not scenario.state_names:
            raise self.wrong("scenario", f"{scenario.name} has no states to simulate")
        return scenario

    def _design(self, table: Mapping[str, Any]) -> Design:
        kind = table.get("kind")
        if kind is None:
            raise self.wrong("design.kind", f"is missing: one of {', '.join(DESIGNS)}")
        self._one_of("design.kind", kind, DESIGNS)
        defaults = DESIGNS[kind]
        self._known(table, ("kind", *defaults), "design")
        options: dict[str, Value] = {}
        for name, default in defaults.items():
            if isinstance(default, bool):
                options[name] = self._flag(table, name, default, "design.")
            elif isinstance(default, int):
                options[name] = self._count(table, name, default, least=2 if name == "levels" else 1, prefix="design.")
            else:
                value = table.get(name)
                if not isinstance(value, str | os.PathLike) or not str(value).strip():
                    raise self.wrong(f"design.{name}", "is missing: a CSV or Parquet file of points, in quotes")
                options[name] = str((self.folder / Path(value).expanduser()).resolve())
        if kind == "morris" and int(options["levels"]) % 2:
            raise self.wrong("design.levels", "must be even for a Morris design", options["levels"])
        return Design(kind, options)

    def _factors(self, table: str, entries: Mapping[str, Any], role: Role, scenario: Scenario) -> Iterable[Factor]:
        for name, entry in entries.items():
            where = f'{table}."{name}"' if "." in name else f"{table}.{name}"
            if table == "levers" and not isinstance(entry, Mapping) and nearest(name, ["strategy"]):
                raise self.wrong(where, "there is no such key; did you mean strategy?")
            if name in ROOTS and (path := _unquoted(name, entry)) != name:
                raise self.wrong(where, f'a path is put in quotes: "{path}"')
            if not isinstance(entry, Mapping):
                raise self.wrong(where, "must be { low = ..., high = ... } or { values = [...] }", entry)
            self._known(entry, _FACTOR, where)
            yield self._factor(name, where, entry, role, scenario)

    def _factor(self, name: str, where: str, entry: Mapping[str, Any], role: Role, scenario: Scenario) -> Factor:
        paths = entry.get("paths", [name])
        if not isinstance(paths, list | tuple) or not paths or not all(isinstance(path, str) for path in paths):
            raise self.wrong(f"{where}.paths", "must be a list of paths", paths)
        for path in paths:
            if (reason := why_not_varied(path, scenario) or _why_elsewhere(path, role)) is not None:
                raise self.wrong(where if path in where else f"{where}: {path}", reason)
        if "values" in entry:
            if "low" in entry or "high" in entry:
                raise self.wrong(where, "has both values and a range: leave one out")
            values = entry["values"]
            if not isinstance(values, list | tuple) or not values:
                raise self.wrong(f"{where}.values", "must be a list of values", values)
            values = [anchored(paths[0], value, self.folder) for value in values]
            for value in values:
                if not isinstance(value, bool | int | float | str):
                    raise self.wrong(f"{where}.values", "must be numbers, words, or true and false", value)
                self._admitted(f"{where}.values", paths, value, scenario)
            if len(set(map(repr, values))) < len(values):
                raise self.wrong(f"{where}.values", "names a value twice", list(values))
            return Factor(name, tuple(paths), role, values=tuple(values))
        ends = []
        for end in ("low", "high"):
            value = entry.get(end)
            if value is None:
                raise self.wrong(f"{where}.{end}", "is missing")
            if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
                raise self.wrong(f"{where}.{end}", "must be a finite number", value)
            ends.append(value)
        low, high = ends
        if not low < high:
            raise self.wrong(where, f"low must be below high ({low} and {high})")
        for end, value in (("low", low), ("high", high)):
            self._admitted(f"{where}.{end}", paths, value, scenario)
        whole = all(isinstance(value, int) for value in ends) and why_refused(paths, low + 0.5, scenario) is not None
        return Factor(name, tuple(paths), role, float(low), float(high), whole)

    def _admitted(self, where: str, paths: Sequence[str], value: object, scenario: Scenario) -> None:
        if (reason := why_refused(paths, value, scenario)) is not None:
            raise self.wrong(where, reason, value)

    def _distinct(self, factors: Sequence[Factor], scenario: Scenario) -> None:
        seen: dict[object, str] = {}
        for factor in factors:
            for path in factor.paths:
                keys = locate_in(scenario._raw, path)
                if keys in seen:
                    raise self.wrong(factor.name, f"varies {path}, as {seen[keys]} does")
                seen[keys] = factor.name
        for own in factors:
            if own.name in {column.name for table in ("payoffs", "points") for column in COLUMNS[table]}:
                raise self.wrong(own.name, "is the name of a column of every sweep; choose another")
            if [factor.name for factor in factors].count(own.name) > 1:
                raise self.wrong(own.name, "is the name of two factors")

    def _one_base(self, factors: Sequence[Factor], scenario: Scenario) -> None:
        """Refuse a factor whose paths differ in the scenario, where the base point is to be the scenario."""
        from ana_sim.sweeps.design import value_at

        for factor in factors:
            own = {path: value_at(scenario, path) for path in factor.paths}
            if any(value != own[factor.paths[0]] for value in own.values()):
                values = ", ".join(f"{path} = {short(value)}" for path, value in own.items())
                reason = f"its paths have different values in the scenario ({values}); an ofat design needs one"
                raise self.wrong(_place(factor), reason)

    def _plannable(
        self,
        design: Design,
        factors: Sequence[Factor],
        outputs: Outputs,
        compared: Sequence[str],
        scenario: Scenario,
    ) -> None:
        """Refuse measures that cannot be read, and a design that cannot be made."""
        from ana_sim.dials import strategy_names
        from ana_sim.population import strategies_in
        from ana_sim.sweeps.design import base_values, check_design
        from ana_sim.sweeps.measures import Measure

        names = tuple(strategy_names(scenario))
        own = strategies_in(scenario) if outputs.deviator == MIXED else compared
        try:
            for name, text in outputs.measures.items():
                Measure(name, text, strategies=tuple(own), powers=scenario.power_names, known=names)
            if design.kind != "file":  # whose file says what is wrong with it when it is read
                check_design(design, factors, base_values(scenario, factors))
        except SweepError as error:
            raise self.wrong("", str(error)) from None

    def _strategies(self, chosen: object, scenario: Scenario) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return how the strategies that are compared are named, and what they are called."""
        from ana_sim.strategy import find_strategy

        if chosen is None:
            return tuple(scenario.strategies.mix), tuple(scenario.strategies.mix)
        if not isinstance(chosen, list | tuple) or not chosen or not all(isinstance(word, str) for word in chosen):
            raise self.wrong("levers.strategy", "must be a list of names", chosen)
        words = [_strategy_in(self.folder, word) for word in chosen]
        names = []
        for word in words:
            try:
                names.append(find_strategy(word, scenario).name)
            except AnaSimError as error:
                raise self.wrong("levers.strategy", str(error)) from None
        for name in names:
            if names.count(name) > 1:
                raise self.wrong("levers.strategy", f"{name!r} is named twice")
        return tuple(words), tuple(names)

    def _outputs(self, table: Mapping[str, Any], scenario: Scenario) -> Outputs:
        self._known(table, _OUTPUTS, "outputs")
        deviator = table.get("deviator", "each")
        words = ("each", "all", ROTATE, MIXED)
        if not isinstance(deviator, str) or (deviator not in words and deviator not in scenario.state_names):
            near = suggestion(str(deviator), (*words, *scenario.state_names))
            raise self.wrong("outputs.deviator", f"must be {', '.join(words)} or a state{near}", deviator)
        sample = self._count(table, "sample", 0, least=1, prefix="outputs.") if "sample" in table else None
        if sample is not None and deviator != "each":
            raise self.wrong("outputs.sample", f'does nothing with deviator = "{deviator}": only with "each"', sample)
        by_state = self._flag(table, "by_state", False, "outputs.")
        if by_state and deviator == MIXED:
            raise self.wrong("outputs.by_state", f'does nothing with deviator = "{MIXED}": no state deviates', by_state)
        tables = table.get("tables", list(Outputs.tables))
        if not isinstance(tables, list | tuple) or not tables:
            raise self.wrong("outputs.tables", f"must be a list of {', '.join(TABLES)}", tables)
        for name in tables:
            self._one_of("outputs.tables", name, TABLES)
        measures = table.get("measures", {})
        if not isinstance(measures, Mapping) or not all(isinstance(text, str) for text in measures.values()):
            raise self.wrong("outputs.measures", 'must be a table such as { premium = "payoff[ana] - payoff[hedge]" }')
        from_year = self._count(table, "from_year", 0, least=0, prefix="outputs.")
        if not 0 <= step_of(from_year, scenario) < scenario.years:
            last = scenario.start + scenario.years - 1
            reason = f"must be a step below {scenario.years} or a year from {scenario.start} to {last}"
            raise self.wrong("outputs.from_year", reason, from_year)
        kept = tuple(name for name in TABLES if name in tables)
        return Outputs(deviator, sample, by_state, kept, dict(measures), from_year)

    # -- kinds of values --

    def _table(self, data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        table = data.get(key, {})
        if not isinstance(table, Mapping):
            raise self.wrong(key, "must be a table", table)
        return table

    def _known(self, table: Mapping[str, Any], keys: Iterable[str], where: str) -> None:
        for key in table:
            if key not in keys:
                near = nearest(str(key), keys)
                hint = f"; did you mean {near}?" if near else f"; there are {', '.join(keys)}"
                raise self.wrong(f"{where}.{key}".lstrip("."), f"there is no such key{hint}")

    def _one_of(self, where: str, value: object, options: Iterable[str]) -> None:
        options = list(options)
        if value not in options:
            reason = f"must be one of {', '.join(options)}{suggestion(str(value), options)}"
            raise self.wrong(where, reason, value)

    def _count(
        self,
        table: Mapping[str, Any],
        key: str,
        default: int,
        *,
        least: int,
        most: int = _MOST_COUNT,
        prefix: str = "",
    ) -> int:
        value = table.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            above = f" and at most {most}" if isinstance(value, int) and value > most else ""
            raise self.wrong(f"{prefix}{key}", f"must be a whole number of at least {least}{above}", value)
        return value

    def _flag(self, table: Mapping[str, Any], key: str, default: bool, prefix: str) -> bool:
        value = table.get(key, default)
        if not isinstance(value, bool):
            raise self.wrong(f"{prefix}{key}", "must be true or false", value)
        return value
