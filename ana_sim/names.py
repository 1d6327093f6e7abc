"""The names of parameters: dotted paths, followed to where they lead."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final

from ana_sim.declare import Range, Table, facts_of, fields_of, table_in
from ana_sim.errors import ScenarioError, nearest
from ana_sim.parameters import ROOTS, Horizon
from ana_sim.roster import Roster

__all__ = ["HEAD", "Keys", "all_paths", "check_identifier", "locate", "table_keys", "why_fixed"]

Keys = tuple[str, ...]
HEAD: Final = ("name", "title", "notes")


def check_identifier(name: str, path: str, file: str | None = None) -> None:
    """Refuse a name that cannot be a part of a dotted path."""
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
        reason = "a name has letters, digits and _ only, and starts with no digit"
        raise ScenarioError(reason, file=file, path=path, value=name)


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
    keys = _located(tuple(path.split(".")), powers, _entries(powers, issues, links))
    if keys is None:
        options = all_paths(powers, issues, links)
        raise ScenarioError("there is no such parameter", file=file, path=path, nearest=nearest(path, options))
    return keys


def all_paths(powers: Roster, issues: Iterable[str], links: Iterable[tuple[str, str]]) -> list[str]:
    """Return the path of every parameter of a scenario with these powers, issues and links."""
    paths = list(fields_of(Horizon))
    for head, entries in _entries(powers, issues, links).items():
        for entry in entries:
            paths += _paths(".".join((head, *entry)), ROOTS[head][0], powers)
    return paths


def _entries(powers: Roster, issues: Iterable[str], links: Iterable[tuple[str, str]]) -> Mapping[str, Collection[Keys]]:
    """Return what may follow each first word of a path to name a table: nothing where there is but one."""
    several: dict[str, list[Keys]] = {
        "power": [(power,) for power in powers.roles],
        "issue": [(issue,) for issue in issues],
        "link": list(links),
    }
    return {head: several.get(head, [()]) for head in ROOTS}


def _located(parts: Keys, powers: Roster, entries: Mapping[str, Collection[Keys]]) -> Keys | None:
    head, rest = parts[0], parts[1:]
    if head not in ROOTS:
        return parts if parts in [(key,) for key in (*fields_of(Horizon), *HEAD)] else None
    table, naming = ROOTS[head]
    entry, rest = rest[: len(naming)], rest[len(naming) :]
    if head == "power":
        entry = tuple(powers.find(word) or word for word in entry)
    if entry not in entries[head]:
        return None
    tail = _inside(table, rest, powers)
    return None if tail is None else (head, *entry, *tail)


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
    keyed_by = facts_of(field).keyed_by
    if keyed_by is not None and rest:
        name = powers.find(rest[0]) if keyed_by == "power" else rest[0]
        if name is None:
            return None
        found, rest = (key, name), rest[1:]
    if not rest:
        return found
    tail = None if inner is None else _inside(inner, rest, powers)
    return None if tail is None else (*found, *tail)


def _paths(prefix: str, table: type[Table], powers: Roster) -> Iterator[str]:
    for key, field in fields_of(table).items():
        keyed_by = facts_of(field).keyed_by
        inner = table_in(field.annotation)
        path = f"{prefix}.{key}"
        if keyed_by == "power":
            yield from (f"{path}.{power}" for power in powers.roles)
        elif inner is None or inner is Range or keyed_by is not None:
            yield path
        else:
            yield from _paths(path, inner, powers)


def table_keys(keys: Keys) -> Keys:
    """Return the first of the keys (from `locate`): those of the table, or of the one of several that has a name."""
    return keys[: 1 + len(ROOTS[keys[0]][1])]


def why_fixed(keys: Keys) -> str | None:
    """Return why the parameter at these keys (from `locate`) cannot vary in time, or None if it can."""
    head = keys[0]
    if head not in ROOTS or head == "strategies":
        return "it is settled before the first year and cannot vary in time"
    table: type[Table] | None
    table, rest = ROOTS[head][0], keys[len(table_keys(keys)) :]
    while rest and table is not None:
        field = fields_of(table)[rest[0]]
        facts = facts_of(field)
        if facts.fixed is not None:
            return facts.fixed
        entry = 1 if facts.keyed_by is None else 2
        if len(rest) < entry:
            break
        rest, table = rest[entry:], table_in(field.annotation)
        if not rest and table is None:
            return None
    return "it is a table: name one of its parameters"
