"""A scenario: files that build on each other, dotted paths and time paths."""

from __future__ import annotations

import copy
import dataclasses
import hashlib
import json
import math
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from ana_sim.dials import ALIGN, find_strategy, unknown_strategy
from ana_sim.errors import ScenarioError, nearest
from ana_sim.names import IDENTIFIER, ROLES, Find, Keys, Raw, Roster, each_found, locate, refer, why_fixed
from ana_sim.parameters import (
    Change,
    Horizon,
    Issue,
    Link,
    Power,
    States,
    Strategies,
    Table,
    World,
    fields_of,
    plain,
    validate,
)
from ana_sim.state_table import BUILT_IN_TABLES, StateTable, read_series, read_state_table, read_text

__all__ = ["Scenario", "builtin_scenarios", "parse_setting"]

_FOLDER: Final = Path(__file__).parent / "data" / "scenarios"
_DEFAULT_BASE: Final = "bipolar"
_TOP: Final = (
    "name", "title", "notes", "base", "years", "start",
    "world", "power", "issue", "link", "change", "states", "strategies",
)  # fmt: skip
_NETWORKS: Final = ("complete", "ring", "regions")
_GENERATED: Final = "generated"
_CALENDAR: Final = 1000  # years below it are steps
_ROOTS: Final = {
    "world": 1,
    "states": 1,
    "strategies": 1,
    "power": 2,
    "issue": 2,
    "link": 3,
}  # keys of a table
_ENDS: Final = (["from"], ["to"])


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
    _raw: Raw = field(compare=False)

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
        file, shown = _find(source, Path.cwd())
        return _load(file, shown, ())

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
        layer: Raw = {}
        for path, value in settings.items():
            keys = self._settable(path)
            if keys[:2] == ("strategies", "mix") and len(keys) > 2:
                whole = layer.get("strategies", {}).get("mix", self._raw["strategies"]["mix"])
                layer = _set(layer, keys[:2], whole)
            value = _plain(value)
            if len(keys) == _ROOTS.get(keys[0]) and not isinstance(value, dict):
                raise ScenarioError("must be a table", path=path, value=value)
            layer = _set(layer, keys, value)
        raw = _extended(self._raw, _anchored(layer, Path.cwd()), None)
        return _build(raw, self.base, None)

    # -- reading -----------------------------------------------------------------------------------

    @cached_property
    def roster(self) -> Roster:
        """The powers by name and role."""
        return Roster({power.name: power.role for power in self.power})

    @property
    def n_powers(self) -> int:
        """Number of powers."""
        return len(self.power)

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
        return self.table.names if self.table is not None else _generated_names(self.states.count)

    @cached_property
    def table(self) -> StateTable | None:
        """The table of states, or None where they are generated."""
        if self.states.source == _GENERATED:
            return None
        return read_state_table(self.states.source, self.power_names, self.roster.roles, self.issue_names)

    def role(self, role: str) -> str | None:
        """Return the name of the one power with this role, or None."""
        having = [power.name for power in self.power if power.role == role]
        return having[0] if len(having) == 1 else None

    # -- time --------------------------------------------------------------------------------------

    def changes_at(self, year: int) -> dict[str, object]:
        """Return the values that time paths have put in force by step `year`, by path."""
        return dict(self._phase(year)[1])

    def at(self, year: int) -> Scenario:
        """Return the scenario as it is in step `year`; the same object for years in which nothing changes."""
        return self._phase(year)[2]

    def _phase(self, year: int) -> _Phase:
        current: _Phase = (0, {}, self)
        for phase in self._phases:
            if phase[0] > year:
                break
            current = phase
        return current

    @cached_property
    def _phases(self) -> tuple[_Phase, ...]:
        """The stretches of years between changes: first step, values in force, the scenario with them."""
        points = sorted(_points(self.change, self.start), key=lambda point: point[0])
        phases: list[_Phase] = []
        values: dict[str, object] = {}
        for step in sorted({max(0, point[0]) for point in points}):
            now = dict(values)
            now.update({path: value for first, path, value in points if max(0, first) == step})
            if now != values or not phases:
                values = now
                phases.append((step, now, self._with(now)))
        for _, _, scenario in phases:
            scenario.__dict__["_phases"] = tuple(phases)
        return tuple(phases)

    def _with(self, values: Mapping[str, object]) -> Scenario:
        """Return the scenario with the values of time paths, validating only the tables that they touch."""
        raw = self._raw
        touched: dict[str, set[Keys]] = {}
        for path, value in values.items():
            keys = tuple(path.split("."))
            raw = _set(raw, keys, value)
            touched.setdefault(keys[0], set()).add(keys)
        parts: dict[str, Any] = {"_raw": raw}
        if "world" in touched:
            parts["world"] = validate(World, raw["world"], "world")
        if "states" in touched:
            parts["states"] = validate(States, raw["states"], "states")
        for head, table in (("power", Power), ("issue", Issue)):
            if head in touched:
                names = {keys[1] for keys in touched[head]}
                parts[head] = tuple(
                    validate(table, raw[head][old.name], f"{head}.{old.name}") if old.name in names else old
                    for old in getattr(self, head)
                )
        if "link" in touched:
            parts["link"] = _links(raw, None)
        changed = dataclasses.replace(self, **parts)
        _check_names(changed, None)
        return changed

    # -- writing -----------------------------------------------------------------------------------

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain data that JSON can hold (infinity as "inf"), standing on no base."""
        jsonable: dict[str, Any] = _finite(self._plain_dict())
        return jsonable

    def to_toml(self) -> str:
        """Return a complete scenario file; it loads back equal."""
        return _toml(self._plain_dict())

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
        world = self.to_dict()
        for key in ("name", "title", "notes", "base"):
            del world[key]
        world["strategies"]["mix"] = list(world["strategies"]["mix"].items())  # the order of the mix matters
        if self.states.source != _GENERATED:
            world["states"]["source"] = _file_digest(BUILT_IN_TABLES.get(self.states.source, self.states.source))
        if self.world.network not in _NETWORKS:
            world["world"]["network"] = _file_digest(self.world.network)
        for change in world["change"]:
            if "file" in change:
                change["file"] = _file_digest(change["file"])
        return hashlib.sha256(json.dumps(world, sort_keys=True).encode()).hexdigest()

    def __hash__(self) -> int:
        return hash(self.digest)

    def __repr__(self) -> str:
        return (
            f"Scenario({self.name!r}: {len(self.power)} powers, {len(self.issue)} issues, "
            f"{len(self.state_names)} states, {self.years} years)"
        )

    def _settable(self, path: str) -> Keys:
        """Return the keys of a path that `replace` may set."""
        links = [(link.from_, link.to) for link in self.link]
        keys = locate(path, self.roster, self.issue_names, links)
        head, *rest = keys
        if (head in ("power", "issue") and rest[1:] == ["name"]) or (head == "link" and rest[2:3] in _ENDS):
            raise ScenarioError("is the name of an entry, not a setting", path=path)
        custom = self.strategies.custom
        if keys[:2] == ("strategies", "custom") and len(keys) > 3 and keys[2] not in custom:
            reason = f"the scenario defines no strategy {keys[2]}"
            raise ScenarioError(reason, path=path, nearest=nearest(keys[2], custom))
        return keys


_Phase = tuple[int, dict[str, object], Scenario]


def builtin_scenarios() -> dict[str, str]:
    """Return the title of each built-in scenario, by name."""
    titles = {}
    for file in sorted(_FOLDER.glob("*.toml")):
        titles[file.stem] = str(_read_toml(file, file.stem).get("title", ""))
    return titles


def parse_setting(setting: str) -> tuple[str, object]:
    """Split `PATH=VALUE`; the value is read as TOML, and bare words as text.

    Raises
    ------
    ScenarioError
        If there is no path or no value, or the value is broken.

    Examples
    --------
    >>> parse_setting("world.posted_share=0.4")
    ('world.posted_share', 0.4)
    >>> parse_setting("world.network=ring")
    ('world.network', 'ring')
    """
    path, equals, text = setting.partition("=")
    path, text = path.strip(), text.strip()
    if not (path and equals and text):
        raise ScenarioError("a setting is written PATH=VALUE", value=setting)
    if "\n" not in text and "\r" not in text:
        try:
            return path, tomllib.loads(f"value = {text}")["value"]
        except (ValueError, RecursionError):
            if text[0] not in "[{\"'":
                return path, text
    raise ScenarioError("is not a value as TOML writes it", path=path, value=text)


# -- files -----------------------------------------------------------------------------------------


def _find(source: str | Path, folder: Path) -> tuple[Path, str]:
    """Return the file of a built-in name or a path, and how to call it in messages."""
    shown = str(source)
    if not shown.strip():
        raise ScenarioError("a scenario is named by a built-in name or a file", value=shown)
    built_in = [file.stem for file in _FOLDER.glob("*.toml")]
    if shown in built_in:
        return _FOLDER / f"{shown}.toml", shown
    file = folder / Path(source).expanduser()
    try:
        if file.exists():
            return file, shown
    except OSError:
        pass
    reason = "there is no such file" if file.suffix else "there is no built-in scenario and no file of this name"
    raise ScenarioError(reason, file=shown, nearest=nearest(file.stem, built_in))


def _load(file: Path, shown: str, trail: tuple[Path, ...]) -> Scenario:
    """Load a file on top of what it builds on; `trail` holds the files that build on it."""
    here = file.resolve()
    if here in trail:
        loop = " -> ".join(step.name for step in (*trail[trail.index(here) :], here))
        raise ScenarioError(f"builds on itself ({loop})", file=shown, path="base")
    data = _read_toml(file, shown)
    base = data.pop("base", _DEFAULT_BASE)
    if not isinstance(base, str):
        raise ScenarioError("must be a text in quotes", file=shown, path="base", value=base)
    ground = _nothing()
    if base:
        try:
            base_file, base_shown = _find(base, file.parent)
        except ScenarioError as error:
            raise ScenarioError(error.reason, file=shown, path="base", value=base, nearest=error.nearest) from None
        ground = _load(base_file, base_shown, (*trail, here))._raw
    layer = _anchored(_shaped(data, shown), file.parent)
    layer.setdefault("name", re.sub(r"[^A-Za-z0-9_.-]", "_", file.stem))
    raw = _extended({**ground, "title": "", "notes": ""}, layer, shown)
    return _build(raw, base, shown)


def _read_toml(file: Path, shown: str) -> Raw:
    text = read_text(file, shown)
    try:
        data = tomllib.loads(text)
    except RecursionError:
        raise ScenarioError("is nested too deeply", file=shown) from None
    except ValueError as error:
        raise ScenarioError(f"is not valid TOML: {error}", file=shown) from None
    if not data:
        raise ScenarioError("is empty: it states nothing", file=shown)
    return data


def _shaped(data: Raw, shown: str) -> Raw:
    """Return a file's tables with `[[power]]`, `[[issue]]` by name and `[[link]]` by from and to."""
    layer = dict(data)
    for key, value in data.items():
        if key not in _TOP:
            raise ScenarioError("there is no such key", file=shown, path=key, nearest=nearest(key, _TOP))
        if key in ("world", "states", "strategies") and not isinstance(value, dict):
            raise ScenarioError("must be a table", file=shown, path=key, value=value)
        if key in ("power", "issue", "link", "change") and not (
            isinstance(value, list) and all(isinstance(entry, dict) for entry in value)
        ):
            raise ScenarioError(f"must be a list of tables, each under [[{key}]]", file=shown, path=key)
    for kind in ("power", "issue"):
        if kind in data:
            layer[kind] = _by_name(kind, data[kind], shown)
    if "link" in data:
        links: Raw = {}
        for number, entry in enumerate(data["link"], start=1):
            ends = [entry.get(end) for end in ("from", "to")]
            for end, name in zip(("from", "to"), ends, strict=True):
                if not isinstance(name, str):
                    raise ScenarioError("must name an issue", file=shown, path=f"link number {number}, {end}")
            if ends[1] in links.setdefault(ends[0], {}):
                raise ScenarioError("this link comes twice", file=shown, path=f"link.{ends[0]}.{ends[1]}")
            links[ends[0]][ends[1]] = entry
        layer["link"] = links
    return layer


def _by_name(kind: str, entries: Iterable[Raw], shown: str) -> dict[str, Raw]:
    named: dict[str, Raw] = {}
    for number, entry in enumerate(entries, start=1):
        name = entry.get("name")
        if not isinstance(name, str):
            raise ScenarioError("needs a name in quotes", file=shown, path=f"{kind} number {number}")
        if not IDENTIFIER.fullmatch(name):
            reason = "a name has letters, digits and _ only, and starts with no digit"
            raise ScenarioError(reason, file=shown, path=f"{kind} number {number}, name", value=name)
        if name in named:
            raise ScenarioError(f"this {kind} comes twice", file=shown, path=f"{kind}.{name}")
        named[name] = entry
    return named


def _anchored(layer: Raw, folder: Path) -> Raw:
    """Return a layer in which the paths of files are absolute."""
    layer = copy.deepcopy(layer)

    def anchor(table: Raw, key: str, words: Iterable[str]) -> None:
        value = table.get(key)
        if isinstance(value, str) and value not in words:
            table[key] = str((folder / Path(value).expanduser()).resolve())

    anchor(layer.get("states", {}), "source", (_GENERATED, *BUILT_IN_TABLES))
    anchor(layer.get("world", {}), "network", _NETWORKS)
    for change in layer.get("change", ()):
        anchor(change, "file", ())
    return layer


# -- layers: what a file states, on top of what it builds on ---------------------------------------


def _nothing() -> Raw:
    """Return the scenario without powers and issues, everything at its default."""
    horizon = plain(Horizon())
    return {
        **horizon,
        "world": plain(World()),
        "power": {},
        "issue": {},
        "link": {},
        "change": [],
        "states": plain(States()),
        "strategies": plain(Strategies()),
    }


def _extended(base: Raw, layer: Raw, shown: str | None) -> Raw:
    """Put a layer on a base: names first, so that both speak of the same powers, then values."""
    layer = dict(layer)
    before = _roster(base["power"])
    layer["power"] = _own_names(layer.get("power", {}), before, shown)
    power = _named("power", base["power"], layer["power"], shown)
    issue = _named("issue", base["issue"], layer.get("issue", {}), shown)
    after = _roster({name: {**base["power"].get(name, {}), **layer["power"].get(name, {})} for name in power})
    _check_roles(after, shown)

    def moved(word: str, _path: str) -> str | None:
        return word if word in power else after.find(before.roles[word]) if word in before.roles else None

    def known(word: str, path: str) -> str | None:
        if (name := after.find(word)) is None:
            reason = f"there is no power {word}"
            raise ScenarioError(reason, file=shown, path=path, nearest=nearest(word, after.words()))
        return name

    base = _without_issues(refer(base, moved, lenient=True), issue)
    layer = refer(layer, known, lenient=False, shown=shown)
    base = _without_states(base, layer, after, issue)
    raw = _merged(base, {key: layer[key] for key in layer if key not in ("power", "issue", "link", "change")})
    if "mix" in (mixed := layer.get("strategies", {})):
        raw["strategies"]["mix"] = mixed["mix"]
    for kind, names, table in (("power", power, Power), ("issue", issue, Issue)):
        raw[kind] = {
            name: {
                **_merged(base[kind].get(name) or plain(table(name=name)), layer.get(kind, {}).get(name, {})),
                "name": name,
            }
            for name in names
        }
        for entry in raw[kind].values():
            entry.pop("remove", None)
    raw["link"] = _linked(base["link"], layer.get("link", {}), list(issue), shown)
    ends = [(start, end) for start, targets in raw["link"].items() for end in targets]
    inherited = [change for change in base["change"] if _still_there(change["path"], after, issue, ends)]
    stated = [
        _own_change(change, number, after, issue, ends, known, shown)
        for number, change in enumerate(layer.get("change", ()), start=1)
    ]
    raw["change"] = inherited + stated
    return raw


def _roster(powers: Mapping[str, Raw]) -> Roster:
    return Roster({name: str(entry.get("role", "third")) for name, entry in powers.items()})


def _check_roles(powers: Roster, shown: str | None) -> None:
    for name, role in powers.roles.items():
        if role not in ROLES:
            reason = f"must be one of {', '.join(ROLES)}"
            near = nearest(role, ROLES)
            raise ScenarioError(reason, file=shown, path=f"power.{name}.role", value=role, nearest=near)
    for role in ("hegemon", "rising"):
        having = [name for name, own in powers.roles.items() if own == role]
        if len(having) > 1:
            reason = f"two powers have the role {role}: {having[0]} and {having[1]} (remove = true removes one)"
            raise ScenarioError(reason, file=shown, path=f"power.{having[1]}.role")


def _own_names(entries: Mapping[str, Raw], powers: Roster, shown: str | None) -> dict[str, Raw]:
    """Return the entries under the powers' names, where they were called by their role."""
    gone = {name for name, entry in entries.items() if entry.get("remove") is True}
    named: dict[str, Raw] = {}
    for word, entry in entries.items():
        name = powers.find(word) or word
        if name != word and name in gone:  # its place is taken under the name of its role
            name = word
        if name in named:
            raise ScenarioError(f"this power comes twice, as {name} and {word}", file=shown, path=f"power.{word}")
        named[name] = entry
    return named


def _named(kind: str, base: Mapping[str, Raw], layer: Mapping[str, Raw], shown: str | None) -> dict[str, None]:
    """Return the names that there are after a layer has added and removed some, in order."""
    names = dict.fromkeys(base)
    for name, entry in layer.items():
        if _removes(entry, f"{kind}.{name}", {"name"}, shown):
            if name not in base:
                reason = f"there is no {kind} {name} to remove"
                raise ScenarioError(reason, file=shown, path=f"{kind}.{name}", nearest=nearest(name, base))
            del names[name]
        else:
            names[name] = None
    return names


def _removes(entry: Raw, path: str, identity: set[str], shown: str | None) -> bool:
    remove = entry.get("remove", False)
    if not isinstance(remove, bool):
        raise ScenarioError("must be true or false", file=shown, path=f"{path}.remove", value=remove)
    if remove and (others := [key for key in entry if key not in {*identity, "remove"}]):
        raise ScenarioError("what is removed states nothing else", file=shown, path=f"{path}.{others[0]}")
    return remove


def _still_there(path: str, powers: Roster, issues: Iterable[str], links: list[tuple[str, str]]) -> bool:
    try:
        locate(path, powers, issues, links)
    except ScenarioError:
        return False
    return True


def _own_change(
    change: Raw,
    number: int,
    powers: Roster,
    issues: Iterable[str],
    links: list[tuple[str, str]],
    known: Find,
    shown: str | None,
) -> Raw:
    """Return a layer's time path, by the powers' names; refuse what cannot vary in time."""
    path = change.get("path")
    if not isinstance(path, str):
        raise ScenarioError("needs the path of a parameter in quotes", file=shown, path=f"change number {number}")
    keys = locate(path, powers, issues, links, shown)
    if (reason := why_fixed(keys)) is not None:
        raise ScenarioError(f"cannot be changed: {reason}", file=shown, path=path)
    change = {**change, "path": ".".join(keys)}
    if keys[-1] == "friends" and isinstance(change.get("value"), list):
        change["value"] = each_found(change["value"], known, path)
    return change


def _without_issues(base: Raw, issues: Iterable[str]) -> Raw:
    """Return a base without the links of issues that are gone."""
    there = set(issues)
    links = {
        start: {end: entry for end, entry in targets.items() if end in there}
        for start, targets in base["link"].items()
        if start in there
    }
    return {**base, "link": links}


def _without_states(base: Raw, layer: Raw, powers: Roster, issues: Iterable[str]) -> Raw:
    """Return a base in which only states are named that the layer's own choice of states leaves there."""
    stated = layer.get("states", {})
    if not {"source", "count"} & set(stated):
        return base
    states = {**base["states"], **stated}
    try:
        names = _state_names(states["source"], states["count"], powers, issues)
    except ScenarioError:
        return base  # `_check_files` says what is wrong with the table
    base = copy.deepcopy(base)
    for power in base["power"].values():
        power["excluded"] = [name for name in power["excluded"] if name in names]
    members = base["world"]["bloc"]["members"]
    if isinstance(members, list):
        base["world"]["bloc"]["members"] = [name for name in members if name in names]
    return base


def _state_names(source: object, count: object, powers: Roster, issues: Iterable[str]) -> tuple[str, ...]:
    if source == _GENERATED:
        return _generated_names(count) if isinstance(count, int) and 0 < count <= 100_000 else ()
    if not isinstance(source, str):
        return ()
    return read_state_table(source, tuple(powers.roles), powers.roles, tuple(issues)).names


def _generated_names(count: int) -> tuple[str, ...]:
    return tuple(f"S{number:04d}" for number in range(1, count + 1))


def _linked(base: Raw, layer: Mapping[str, Raw], issues: list[str], shown: str | None) -> Raw:
    links = copy.deepcopy(base)
    for start, targets in layer.items():
        for end, entry in targets.items():
            path = f"link.{start}.{end}"
            if _removes(entry, path, {"from", "to"}, shown):
                if links.get(start, {}).pop(end, None) is None:
                    raise ScenarioError("there is no such link to remove", file=shown, path=path)
                continue
            for name in (start, end):
                if name not in issues:
                    raise ScenarioError(
                        f"there is no issue {name}", file=shown, path=path, nearest=nearest(name, issues)
                    )
            if start == end:
                raise ScenarioError("an issue is not linked to itself", file=shown, path=path)
            old = links.setdefault(start, {}).get(end) or plain(Link.model_validate({"from": start, "to": end}))
            links[start][end] = {**_merged(old, entry), "from": start, "to": end}
            links[start][end].pop("remove", None)
    return {start: targets for start, targets in links.items() if targets}


def _merged(base: Raw, over: Raw) -> Raw:
    """Merge tables key by key; anything but a table is replaced."""
    merged = dict(base)
    for key, value in over.items():
        old = merged.get(key)
        merged[key] = _merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return merged


def _set(raw: Raw, keys: Keys, value: object) -> Raw:
    """Return nested tables with one value set; the original is left as it is."""
    head, *rest = keys
    if not rest:
        return {**raw, head: value}
    inner = raw.get(head)
    return {**raw, head: _set(inner if isinstance(inner, dict) else {}, tuple(rest), value)}


def _plain(value: object) -> Any:
    """Return plain Python data for what a script may hand over: NumPy scalars and arrays, tuples, tables."""
    if isinstance(value, Table):
        return plain(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(entry) for entry in value]
    if isinstance(value, Path):
        return str(value)
    return _plain(value.tolist()) if hasattr(value, "tolist") else value


# -- from plain data to a scenario -----------------------------------------------------------------


def _build(raw: Raw, base: str, shown: str | None) -> Scenario:
    """Validate plain data and everything that its parts say about each other."""
    horizon = validate(Horizon, {key: raw[key] for key in fields_of(Horizon)}, "", shown)
    name, title, notes = (_text(raw, key, shown) for key in ("name", "title", "notes"))
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", name):
        raise ScenarioError("a name has letters, digits, _ . - only", file=shown, path="name", value=name)
    if len(title.splitlines()) > 1:
        raise ScenarioError("must be one line", file=shown, path="title", value=title)
    power = tuple(validate(Power, entry, f"power.{own}", shown) for own, entry in raw["power"].items())
    scenario = Scenario(
        name=name,
        title=title,
        notes=notes,
        base=base,
        years=horizon.years,
        start=horizon.start,
        world=validate(World, raw["world"], "world", shown),
        power=power,
        issue=tuple(validate(Issue, entry, f"issue.{own}", shown) for own, entry in raw["issue"].items()),
        link=_links(raw, shown),
        change=tuple(validate(Change, entry, f"change of {entry['path']}", shown) for entry in raw["change"]),
        states=validate(States, raw["states"], "states", shown),
        strategies=_playable(raw, Roster({own.name: own.role for own in power}), shown),
        _raw=raw,
    )
    _check_files(scenario, shown)
    _check_names(scenario, shown)
    try:
        _ = scenario._phases
    except ScenarioError as error:
        if error.file is not None:
            raise
        reason = f"a change in time sets it to {error.value!r}: {error.reason}"
        raise ScenarioError(reason, file=shown, path=error.path, nearest=error.nearest) from None
    return scenario


def _text(raw: Raw, key: str, shown: str | None) -> str:
    value = raw[key]
    if not isinstance(value, str):
        raise ScenarioError("must be a text in quotes", file=shown, path=key, value=value)
    return value


def _links(raw: Raw, shown: str | None) -> tuple[Link, ...]:
    return tuple(
        validate(Link, entry, f"link.{start}.{end}", shown)
        for start, targets in raw["link"].items()
        for end, entry in targets.items()
    )


def _playable(raw: Raw, powers: Roster, shown: str | None) -> Strategies:
    """Return the strategies without alignment with roles that nobody has."""
    strategies = validate(Strategies, raw["strategies"], "strategies", shown)
    for name in strategies.custom:
        if not IDENTIFIER.fullmatch(name):
            reason = "a name has letters, digits and _ only, and starts with no digit"
            raise ScenarioError(reason, file=shown, path="strategies.custom", value=name)
    mix = {}
    for name, weight in strategies.mix.items():
        if find_strategy(name, strategies.custom, powers) is not None:
            mix[name] = weight
        elif name.removeprefix(ALIGN) not in ROLES or name.removeprefix(ALIGN) in powers.roles.values():
            raise unknown_strategy(name, strategies.custom, powers, path=f"strategies.mix.{name}", file=shown)
    if not any(weight > 0 for weight in mix.values()):
        reason = "no strategy that can be played has a weight above zero"
        raise ScenarioError(reason, file=shown, path="strategies.mix", value=strategies.mix)
    return strategies.model_copy(update={"mix": mix})


def _check_files(scenario: Scenario, shown: str | None) -> None:
    """Read the files that a scenario names."""
    source, network = scenario.states.source, scenario.world.network
    if network not in _NETWORKS:
        _check_file(network, _NETWORKS, "world.network", shown)
    if source == _GENERATED:
        return
    if source not in BUILT_IN_TABLES:
        _check_file(source, (_GENERATED, *BUILT_IN_TABLES), "states.source", shown)
    table = scenario.table
    if table is None:
        return
    for issue in scenario.issue:
        held = table.deals.get(issue.name, ()) if issue.kind == "exclusive" else ()
        for state, powers in zip(table.names, held, strict=False):
            if len(powers) > 1:
                reason = f"{issue.name} is exclusive: one power at most"
                where = f"{state}, column deal_{issue.name}"
                raise ScenarioError(reason, file=source, path=where, value=";".join(powers))
    for state, name in zip(table.names, table.strategy, strict=True):
        if name is not None and find_strategy(name, scenario.strategies.custom, scenario.roster) is None:
            where = f"{state}, column strategy"
            raise unknown_strategy(name, scenario.strategies.custom, scenario.roster, path=where, file=source)


def _check_file(path: str, words: Iterable[str], where: str, shown: str | None) -> None:
    try:
        read_text(Path(path))
    except ScenarioError as error:
        near = nearest(Path(path).name, words)
        raise ScenarioError(error.reason, file=shown, path=where, value=path, nearest=near) from None


def _check_names(scenario: Scenario, shown: str | None) -> None:
    """Check that the states and friends that are named exist."""
    named = [(f"power.{power.name}.excluded", power.excluded) for power in scenario.power]
    if scenario.world.bloc.members != "all":
        named.append(("world.bloc.members", scenario.world.bloc.members))
    there = set(scenario.state_names) if any(names for _, names in named) else set()
    for path, names in named:
        for name in names:
            if name not in there:
                raise ScenarioError(f"there is no state {name}", file=shown, path=path, nearest=nearest(name, there))
    for power in scenario.power:
        if power.name in (*power.friends, *power.rivalry):
            raise ScenarioError("a power is not its own friend or rival", file=shown, path=f"power.{power.name}")


def _points(changes: Iterable[Change], start: int) -> list[tuple[int, str, object]]:
    """Return the values of time paths: from which step on, of which parameter, which value."""
    points: list[tuple[int, str, object]] = []
    for change in changes:
        if change.file is None:
            rows: Iterable[tuple[int, object]] = [(change.year or 0, change.value)]
        else:
            rows = read_series(Path(change.file))
        points += [(year if year < _CALENDAR else year - start, change.path, value) for year, value in rows]
    return points


# -- writing ---------------------------------------------------------------------------------------


def _finite(value: Any) -> Any:
    """Return plain data in which infinity is a word."""
    if isinstance(value, dict):
        return {key: _finite(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_finite(entry) for entry in value]
    return str(value) if isinstance(value, float) and math.isinf(value) else value


def _file_digest(path: str | Path) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def _toml(plain: Raw) -> str:
    """Write a scenario's plain data as TOML."""
    lines = [f"{key} = {_inline(value)}" for key, value in plain.items() if not isinstance(value, (dict, list))]
    for key, value in plain.items():
        if isinstance(value, dict):
            lines += ["", f"[{key}]", *_entries(value)]
        elif isinstance(value, list):
            for entry in value:
                lines += ["", f"[[{key}]]", *_entries(entry)]
    return "\n".join(lines) + "\n"


def _entries(table: Raw) -> list[str]:
    return [f"{_key(key)} = {_inline(value)}" for key, value in table.items()]


def _inline(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, dict):
        return "{ " + ", ".join(_entries(value)) + " }" if value else "{}"
    if isinstance(value, list):
        return "[" + ", ".join(_inline(entry) for entry in value) + "]"
    return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else _inline(key)
