"""Names: of powers by name or role, and of parameters by dotted path."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ana_sim.errors import ScenarioError, nearest
from ana_sim.parameters import (
    Horizon,
    Issue,
    Link,
    Power,
    Range,
    States,
    Strategies,
    Table,
    World,
    facts_of,
    fields_of,
    table_in,
)

__all__ = [
    "ALIGN",
    "IDENTIFIER",
    "ROLES",
    "Find",
    "Keys",
    "Raw",
    "Roster",
    "all_paths",
    "each_found",
    "locate",
    "refer",
    "why_fixed",
]

Keys = tuple[str, ...]
Raw = dict[str, Any]
Find = Callable[[str, str], "str | None"]
ROLES: Final = ("hegemon", "rising", "third", "region")
ALIGN: Final = "align_"
HEAD: Final = ("name", "title", "notes")
IDENTIFIER: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PLAIN: Final[Mapping[str, type[Table]]] = {"world": World, "states": States, "strategies": Strategies}
_NAMED: Final[Mapping[str, type[Table]]] = {"power": Power, "issue": Issue}
_TABLES: Final[Mapping[str, type[Table]]] = {**_PLAIN, **_NAMED, "link": Link}


@dataclass(frozen=True)
class Roster:
    """The powers of a scenario, found by name, or by role where the role is unique.

    Parameters
    ----------
    roles
        The role of each power, by name.
    """

    roles: Mapping[str, str]

    def find(self, word: str) -> str | None:
        """Return the name of the power called `word`, or whose unique role is `word`, or None."""
        if word in self.roles:
            return word
        having = [name for name, role in self.roles.items() if role == word]
        return having[0] if len(having) == 1 else None

    def words(self) -> list[str]:
        """Return everything that `find` understands."""
        return [*self.roles, *(role for role in ROLES if self.find(role) is not None)]


def locate(
    path: str,
    powers: Roster,
    issues: Iterable[str],
    links: Iterable[tuple[str, str]],
    file: str | None = None,
) -> Keys:
    """Return the keys of a dotted path, with roles replaced by the names of the powers that have them.

    Raises
    ------
    ScenarioError
        If there is no such parameter; names the nearest one.

    Examples
    --------
    >>> locate("power.hegemon.openness", Roster({"usa": "hegemon"}), [], [])
    ('power', 'usa', 'openness')
    """
    keys = _located(tuple(path.split(".")), powers, set(issues), set(links))
    if keys is None:
        options = all_paths(powers, issues, links)
        raise ScenarioError("there is no such parameter", file=file, path=path, nearest=nearest(path, options))
    return keys


def _located(parts: Keys, powers: Roster, issues: set[str], links: set[tuple[str, str]]) -> Keys | None:
    head, rest = parts[0], parts[1:]
    if not rest:
        return parts if head in (*fields_of(Horizon), *HEAD, *_PLAIN) else None
    if head in _PLAIN:
        tail = _inside(_PLAIN[head], rest, powers)
        return None if tail is None else (head, *tail)
    if head in _NAMED:
        name = powers.find(rest[0]) if head == "power" else rest[0]
        if name is None or (head == "issue" and name not in issues):
            return None
        tail = _inside(_NAMED[head], rest[1:], powers)
        return None if tail is None else (head, name, *tail)
    if head == "link" and rest[:2] in links:
        tail = _inside(Link, rest[2:], powers)
        return None if tail is None else (head, *rest[:2], *tail)
    return None


def _inside(table: type[Table], parts: Keys, powers: Roster) -> Keys | None:
    """Follow the keys into a table; None where they lead nowhere."""
    if not parts:
        return ()
    key, rest = parts[0], parts[1:]
    field = fields_of(table).get(key)
    if field is None:
        return None
    inner = table_in(field.annotation)
    found: Keys = (key,)
    keyed_by = facts_of(field).get("keyed_by")
    if keyed_by is not None and rest:
        name = powers.find(rest[0]) if keyed_by == "power" else rest[0]
        if name is None:
            return None
        found, rest = (key, name), rest[1:]
    if not rest:
        return found
    tail = None if inner is None else _inside(inner, rest, powers)
    return None if tail is None else (*found, *tail)


def all_paths(powers: Roster, issues: Iterable[str], links: Iterable[tuple[str, str]]) -> list[str]:
    """Return the path of every parameter of a scenario with these powers, issues and links."""
    names = tuple(powers.roles)
    paths = list(fields_of(Horizon))
    for head, table in _PLAIN.items():
        paths += _paths(head, table, names)
    for power in names:
        paths += _paths(f"power.{power}", Power, names)
    for issue in issues:
        paths += _paths(f"issue.{issue}", Issue, names)
    for source, target in links:
        paths += _paths(f"link.{source}.{target}", Link, names)
    return paths


def _paths(prefix: str, table: type[Table], powers: Keys) -> Iterator[str]:
    for key, field in fields_of(table).items():
        keyed_by = facts_of(field).get("keyed_by")
        inner = table_in(field.annotation)
        path = f"{prefix}.{key}"
        if keyed_by == "power":
            yield from (f"{path}.{power}" for power in powers)
        elif inner is None or inner is Range or keyed_by is not None:
            yield path
        else:
            yield from _paths(path, inner, powers)


def why_fixed(keys: Keys) -> str | None:
    """Return why the parameter at these keys (from `locate`) cannot vary in time, or None if it can."""
    head = keys[0]
    if head not in _TABLES or head == "strategies":
        return "it is settled before the first year and cannot vary in time"
    table: type[Table] | None = _TABLES[head]
    rest = keys[{"world": 1, "states": 1, "link": 3}.get(head, 2) :]
    while rest and table is not None:
        field = fields_of(table)[rest[0]]
        facts = facts_of(field)
        if (reason := facts.get("fixed")) is not None:
            return str(reason)
        entry = 2 if facts.get("keyed_by") else 1
        if len(rest) < entry:
            break
        rest, table = rest[entry:], table_in(field.annotation)
        if not rest and table is None:
            return None
    return "it is a table: name one of its parameters"


def refer(raw: Raw, find: Find, *, lenient: bool, shown: str | None = None) -> Raw:
    """Return a copy of plain data in which each mention of a power is replaced by what `find` says.

    Where `find` says None the mention is left out. With `lenient`, the data is a base, whose mix and time
    paths follow their power to the one that has its role now.
    """
    raw = copy.deepcopy(raw)

    def rekey(table: object, key: str, path: str) -> None:
        if not isinstance(table, dict) or not isinstance(table.get(key), dict):
            return
        found: Raw = {}
        for word, value in table[key].items():
            name = find(word, f"{path}.{key}.{word}")
            if name is None:
                continue
            if name in found and not lenient:
                raise ScenarioError(f"{name} is named twice", file=shown, path=f"{path}.{key}.{word}")
            if name not in found or name == word:
                found[name] = value
        table[key] = found

    for issue, table in raw.get("issue", {}).items():
        for key in ("interest", "stake", "acceptance"):
            rekey(table, key, f"issue.{issue}")
    for power, table in raw.get("power", {}).items():
        rekey(table, "rivalry", f"power.{power}")
        if isinstance(friends := table.get("friends"), list):
            table["friends"] = each_found(friends, find, f"power.{power}.friends")
    rekey(raw.get("states"), "exposure", "states")
    strategies = raw.get("strategies", {})
    custom = strategies.get("custom")
    for name, dials in list(custom.items()) if isinstance(custom, dict) else ():
        if isinstance(dials, dict) and isinstance(patron := dials.get("patron"), str):
            dials["patron"] = find(patron, f"strategies.custom.{name}.patron")
            if dials["patron"] is None:
                del custom[name]
                strategies.get("mix", {}).pop(name, None)
    if lenient:
        strategies["mix"] = _moved_mix(strategies["mix"], strategies["custom"], find)
        raw["change"] = [_moved_change(change, find) for change in raw.get("change", ())]
    return raw


def each_found(words: list[Any], find: Find, path: str) -> list[Any]:
    """Return what `find` says about each word, without those of which it says None."""
    found = [find(word, path) if isinstance(word, str) else word for word in words]
    return [word for word in found if word is not None]


def _moved_mix(mix: Raw, custom: Raw, find: Find) -> Raw:
    """Return a base's mix in which alignment goes to the new holder of its power's role, or is gone."""
    moved: Raw = {}
    for name, weight in mix.items():
        word = name.removeprefix(ALIGN)
        if name != word and word not in ROLES and name not in custom:
            successor = find(word, name)
            if successor is None:
                continue
            name = ALIGN + successor
        moved.setdefault(name, weight)
    return moved


def _moved_change(change: Raw, find: Find) -> Raw:
    """Return a base's time path, its power replaced by the one that has its role now."""
    head, *rest = change["path"].split(".")
    if head == "power":
        rest[0] = find(rest[0], "") or rest[0]
    elif len(rest) > 1:
        rest[-1] = find(rest[-1], "") or rest[-1]
    return {**change, "path": ".".join([head, *rest])}
