"""The scenario: a world to be simulated, as one frozen object."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache, cached_property, reduce
from operator import getitem
from pathlib import Path
from typing import Any, Final

from ana_sim.declare import Table, fields_of, plain
from ana_sim.errors import ScenarioError
from ana_sim.names import HEAD, Keys, table_keys
from ana_sim.parameters import ROOTS, Change, Horizon, Issue, Link, Power, States, Strategies, World
from ana_sim.roster import Roster
from ana_sim.scenario.checks import check_files, check_names, playable
from ana_sim.scenario.digest import world_digest, world_identity
from ana_sim.scenario.files import anchored, find_file, layer_of, read_toml
from ana_sim.scenario.layers import extended
from ana_sim.scenario.raw import Raw, finite, nothing, with_value
from ana_sim.scenario.settings import layer_of_settings, numbers_among
from ana_sim.scenario.time_paths import values_in_force
from ana_sim.scenario.toml_text import toml_text
from ana_sim.state_table import GENERATED, StateTable, generated_names, read_state_table
from ana_sim.validation import validate

__all__ = ["Scenario"]

_DEFAULT_BASE: Final = "bipolar"
_OF_NAMES: Final = ("roster", "power_names", "issue_names", "state_names", "table", "_settable")
"""What follows from names alone, and not from numbers."""


@dataclass(frozen=True, repr=False)
class Scenario:
    """A world to be simulated: its parameters, with everything that files left unsaid filled in.

    Made by `Scenario.load`, changed by `replace`; nothing in it can be changed in place.

    Attributes
    ----------
    name, title, notes
        What it is called, in a word, a line and at length.
    base
        The scenario that its file builds on; "" for none.
    years
        Number of steps.
    start
        Calendar year of the first step.
    world, states, strategies
        Their parameters.
    power, issue, link, change
        One entry each.
    """

    name: str
    title: str
    notes: str
    base: str = field(compare=False)
    years: int
    start: int
    world: World
    power: tuple[Power, ...]
    issue: tuple[Issue, ...]
    link: tuple[Link, ...]
    change: tuple[Change, ...]
    states: States
    strategies: Strategies
    _stated: Raw | _Behind = field(compare=False)

    # -- making ------------------------------------------------------------------------------------

    @classmethod
    def load(cls, source: str | Path | Scenario) -> Scenario:
        """Load a built-in scenario by its name, or one from a file.

        Parameters
        ----------
        source
            A built-in name (see `builtin_scenarios`) or the path of a TOML file; a scenario is returned
            as it is.

        Raises
        ------
        ScenarioError
            One line, for the first thing that is wrong.
        """
        if isinstance(source, Scenario):
            return source
        file, shown = find_file(source, Path.cwd())
        return _loaded(file, shown, ())

    def replace(self, settings: Mapping[str, object]) -> Scenario:
        """Return the scenario with other values.

        Parameters
        ----------
        settings
            Values by dotted path, as in `{"power.rising.openness": 0.4}`. Entries of a table that are not
            named stay, but a whole `strategies.mix` takes the place of the old one. Time paths stay in force.

        Raises
        ------
        ScenarioError
            If a path does not exist or a value is refused.
        """
        if not settings:
            return self
        values = numbers_among(self._raw, self._settable, settings)
        if values is not None:
            with suppress(ScenarioError):  # it is said in full below
                return self._varied(values)
        layer = anchored(layer_of_settings(self._raw, settings), Path.cwd())
        return _built(extended(self._raw, layer, None), self.base, None)

    # -- reading -----------------------------------------------------------------------------------

    @cached_property
    def roster(self) -> Roster:
        """The powers by name and role."""
        return Roster({power.name: power.role for power in self.power})

    @cached_property
    def power_names(self) -> tuple[str, ...]:
        """Names of the powers."""
        return tuple(power.name for power in self.power)

    @cached_property
    def issue_names(self) -> tuple[str, ...]:
        """Names of the issues."""
        return tuple(issue.name for issue in self.issue)

    @cached_property
    def state_names(self) -> tuple[str, ...]:
        """Names of the states: the table's, or S0001, S0002, ... for generated ones."""
        return self.table.names if self.table is not None else generated_names(self.states.count)

    @cached_property
    def table(self) -> StateTable | None:
        """The table of states, or None where they are generated."""
        if self.states.source == GENERATED:
            return None
        return read_state_table(self.states.source, self.roster, self.issue_names)

    def role(self, role: str) -> str | None:
        """Return the name of the one power with this role, or None."""
        return self.roster.holder(role)

    # -- time --------------------------------------------------------------------------------------

    def changes_at(self, year: int) -> dict[str, object]:
        """Return the values that time paths have put in force by step `year`, by path."""
        return dict(self._phase(year)[1])

    def at(self, year: int) -> Scenario:
        """Return the scenario as it is in step `year`; the same object for years in which nothing changes."""
        return self._phase(year)[2]

    def _phase(self, year: int) -> _Phase:
        reached = [phase for phase in self._phases if phase[0] <= year]
        return reached[-1] if reached else (0, {}, self)

    @cached_property
    def _phases(self) -> tuple[_Phase, ...]:
        """The stretches of years between changes: first step, values in force, the scenario with them."""
        changes = values_in_force(self.change, self.start)
        phases = tuple((step, values, self._with(values)) for step, values in changes)
        for _, _, scenario in phases:
            scenario.__dict__["_phases"] = phases
        return phases

    def _varied(self, values: Mapping[str, object]) -> Scenario:
        """Return the scenario with other numbers, sharing every table that they do not touch: `replace`, but quick."""
        changed, put = self._with(values), {_field_of(path) for path in values}
        new = {keys: changed._tables[keys] for keys in {own[:-1] for own in put}}
        news = {keys: table.news_since(self._tables[keys]) for keys, table in new.items()}
        phases = []
        for step, stated, then in self._phases:
            fields = {_field_of(path) for path in stated}
            moved: dict[Keys, Table | None] = dict(new)
            for keys in new.keys() & {own[:-1] for own in fields}:
                twice = any(own[:-1] == keys for own in fields & put)
                moved[keys] = None if twice else then._tables[keys].with_news(news[keys])
            behind = _Behind(changed, stated)
            tables = {keys: table or _valid(behind.raw(), keys) for keys, table in moved.items()}
            phases.append((step, stated, then._twin(tables, behind)))
        for scenario in (changed, *(phase[2] for phase in phases)):
            scenario.__dict__["_phases"] = tuple(phases)
        return changed

    def _with(self, values: Mapping[str, object]) -> Scenario:
        """Return the scenario with other values, validating only the tables that they touch."""
        behind = _Behind(self, values)
        raw = behind.raw()
        changed = self._twin({keys: _valid(raw, keys) for keys in {_field_of(path)[:-1] for path in values}}, behind)
        check_names(changed, None)
        return changed

    def _twin(self, tables: Mapping[Keys, Table], behind: _Behind) -> Scenario:
        """Return the scenario with other tables, by their keys."""
        twin = object.__new__(Scenario)  # quicker than by its fields, and there are many to a point of a sweep
        twin.__dict__.update({name: self.__dict__[name] for name in (*_FIELDS, *_OF_NAMES) if name in self.__dict__})
        twin.__dict__["_stated"] = behind
        for kind in {keys[0] for keys in tables}:
            several = tuple(tables.get(keys, table) for keys, table in self._tables.items() if keys[0] == kind)
            twin.__dict__[kind] = several if ROOTS[kind][1] else several[0]
        return twin

    @cached_property
    def _raw(self) -> Raw:
        """The scenario as plain data."""
        return self._stated.raw() if isinstance(self._stated, _Behind) else self._stated

    @cached_property
    def _settable(self) -> dict[str, Keys]:
        """Paths that settings have named, with their keys: filled as they come, and shared by scenarios alike."""
        return {}

    @cached_property
    def _tables(self) -> dict[Keys, Table]:
        """Return the tables that numbers stand in, by their keys."""
        return {
            ("world",): self.world,
            ("states",): self.states,
            **{("power", power.name): power for power in self.power},
            **{("issue", issue.name): issue for issue in self.issue},
            **{("link", link.from_, link.to): link for link in self.link},
        }

    # -- writing -----------------------------------------------------------------------------------

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain data that JSON can hold (infinity as "inf"), standing on no base."""
        jsonable: dict[str, Any] = finite(self._plain_dict())
        return jsonable

    def to_toml(self) -> str:
        """Return a complete scenario file; it loads back equal."""
        return toml_text(self._plain_dict())

    def _plain_dict(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "title": self.title,
            "notes": self.notes,
            "base": "",
            "years": self.years,
            "start": self.start,
            "world": plain(self.world),
            "power": [plain(power) for power in self.power],
            "issue": [plain(issue) for issue in self.issue],
            "link": [plain(link) for link in self.link],
            "change": [plain(change) for change in self.change],
            "states": plain(self.states),
            "strategies": plain(self.strategies),
        }

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the world: all parameters and the contents of the files named.

        Name, title, notes and base are left out: scenarios of one digest are the same world.
        """
        return world_digest(self.identity)

    @property
    def identity(self) -> dict[str, Any]:
        """What the digest is of, as data that JSON can hold: two worlds can be compared by it, key by key."""
        return world_identity(self.to_dict())

    def __hash__(self) -> int:
        return hash(self.digest)

    def __repr__(self) -> str:
        return (
            f"Scenario({self.name!r}: {len(self.power)} powers, {len(self.issue)} issues, "
            f"{len(self.state_names)} states, {self.years} years)"
        )


@dataclass(frozen=True)
class _Behind:
    """What a scenario's plain data is, made only where it is wanted: that of another one, with other values."""

    scenario: Scenario
    values: Mapping[str, object]

    def raw(self) -> Raw:
        raw = self.scenario._raw
        for path, value in self.values.items():
            raw = with_value(raw, tuple(path.split(".")), value)
        return raw


def _valid(raw: Raw, keys: Keys) -> Table:
    """Return a table of a scenario's plain data, validated."""
    return validate(ROOTS[keys[0]][0], reduce(getitem, keys, raw), ".".join(keys))


_FIELDS: Final = tuple(own.name for own in dataclasses.fields(Scenario))

_Phase = tuple[int, dict[str, object], Scenario]


@cache
def _field_of(path: str) -> Keys:
    """Return the keys of the field of a table in which a path lies: those of the table, and one more."""
    keys = tuple(path.split("."))
    return keys[: len(table_keys(keys)) + 1]


def _loaded(file: Path, shown: str, trail: tuple[Path, ...]) -> Scenario:
    """Load a file on top of what it builds on; `trail` holds the files that build on it."""
    here = file.resolve()
    if here in trail:
        loop = " -> ".join(step.name for step in (*trail[trail.index(here) :], here))
        raise ScenarioError(f"builds on itself ({loop})", file=shown, path="base")
    data = read_toml(file, shown)
    base = data.pop("base", _DEFAULT_BASE)
    if not isinstance(base, str):
        raise ScenarioError("must be a text in quotes", file=shown, path="base", value=base)
    ground = nothing()
    if base:
        try:
            base_file, base_shown = find_file(base, file.parent)
        except ScenarioError as error:
            raise ScenarioError(error.reason, file=shown, path="base", value=base, nearest=error.nearest) from None
        ground = _loaded(base_file, base_shown, (*trail, here))._raw
    raw = extended({**ground, "title": "", "notes": ""}, layer_of(data, file, shown), shown)
    return _built(raw, base, shown)


def _built(raw: Raw, base: str, shown: str | None) -> Scenario:
    """Validate plain data and everything that its parts say about each other."""
    horizon = validate(Horizon, {key: raw[key] for key in fields_of(Horizon)}, "", shown)
    _check_head(raw, shown)
    power = tuple(validate(Power, entry, f"power.{own}", shown) for own, entry in raw["power"].items())
    scenario = Scenario(
        name=raw["name"],
        title=raw["title"],
        notes=raw["notes"],
        base=base,
        years=horizon.years,
        start=horizon.start,
        world=validate(World, raw["world"], "world", shown),
        power=power,
        issue=tuple(validate(Issue, entry, f"issue.{own}", shown) for own, entry in raw["issue"].items()),
        link=tuple(
            validate(Link, entry, f"link.{start}.{end}", shown)
            for start, targets in raw["link"].items()
            for end, entry in targets.items()
        ),
        change=tuple(validate(Change, entry, f"change of {entry['path']}", shown) for entry in raw["change"]),
        states=validate(States, raw["states"], "states", shown),
        strategies=playable(
            validate(Strategies, raw["strategies"], "strategies", shown),
            Roster({own.name: own.role for own in power}),
            shown,
        ),
        _stated=raw,
    )
    check_files(scenario, shown)
    check_names(scenario, shown)
    try:
        _ = scenario._phases
    except ScenarioError as error:
        if error.file is not None:
            raise
        reason = f"a change in time sets it to {error.value!r}: {error.reason}"
        raise ScenarioError(reason, file=shown, path=error.path, nearest=error.nearest) from None
    return scenario


def _check_head(raw: Raw, shown: str | None) -> None:
    """Check what a scenario is called."""
    for key in HEAD:
        if not isinstance(raw[key], str):
            raise ScenarioError("must be a text in quotes", file=shown, path=key, value=raw[key])
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", raw["name"]):
        raise ScenarioError("a name has letters, digits, _ . - only", file=shown, path="name", value=raw["name"])
    if len(raw["title"].splitlines()) > 1:
        raise ScenarioError("must be one line", file=shown, path="title", value=raw["title"])
