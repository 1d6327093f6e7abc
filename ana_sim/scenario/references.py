"""Mentions of powers in plain data, replaced by the names that the powers have."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from ana_sim.declare import Table, facts_of, fields_of
from ana_sim.dials import ALIGN
from ana_sim.errors import ScenarioError
from ana_sim.parameters import Issue, Power, States
from ana_sim.roster import ROLES
from ana_sim.scenario.raw import Raw

__all__ = ["Find", "each_found", "followed", "resolved"]

Find = Callable[[str, str], "str | None"]
"""From a mention of a power, and the path at which it stands, to the power's name; None leaves it out."""


def resolved(layer: Raw, find: Find, shown: str | None) -> Raw:
    """Return a copy of a layer in which each mention of a power is replaced by what `find` says."""
    return _renamed(layer, find, lenient=False, shown=shown)


def followed(base: Raw, find: Find) -> Raw:
    """Return a copy of a base in which mentions, mix and time paths follow a power to what `find` says."""
    base = _renamed(base, find, lenient=True, shown=None)
    base["strategies"]["mix"] = _moved_mix(base["strategies"]["mix"], base["strategies"]["custom"], find)
    base["change"] = [_moved_change(change, find) for change in base["change"]]
    return base


def each_found(words: list[Any], find: Find, path: str) -> list[Any]:
    """Return what `find` says about each word, without those of which it says None."""
    found = [find(word, path) if isinstance(word, str) else word for word in words]
    return [word for word in found if word is not None]


def _renamed(raw: Raw, find: Find, *, lenient: bool, shown: str | None) -> Raw:
    raw = copy.deepcopy(raw)
    for issue, entry in raw.get("issue", {}).items():
        _rekey(Issue, entry, f"issue.{issue}", find, lenient, shown)
    for power, entry in raw.get("power", {}).items():
        _rekey(Power, entry, f"power.{power}", find, lenient, shown)
        if isinstance(friends := entry.get("friends"), list):
            entry["friends"] = each_found(friends, find, f"power.{power}.friends")
    _rekey(States, raw.get("states", {}), "states", find, lenient, shown)
    _follow_patrons(raw.get("strategies", {}), find)
    return raw


def _rekey(table: type[Table], entry: Raw, path: str, find: Find, lenient: bool, shown: str | None) -> None:
    """Replace the keys of an entry's values by power; where two are one power, its own name goes first."""
    for key, field in fields_of(table).items():
        values = entry.get(key)
        if facts_of(field).keyed_by != "power" or not isinstance(values, dict):
            continue
        found: Raw = {}
        for word, value in values.items():
            name = find(word, f"{path}.{key}.{word}")
            if name is None:
                continue
            if name in found and not lenient:
                raise ScenarioError(f"{name} is named twice", file=shown, path=f"{path}.{key}.{word}")
            if name not in found or name == word:
                found[name] = value
        entry[key] = found


def _follow_patrons(strategies: Raw, find: Find) -> None:
    """Replace the patrons of a scenario's own strategies; a strategy without its patron goes, from the mix too."""
    custom = strategies.get("custom", {})
    for name, dials in list(custom.items()) if isinstance(custom, dict) else ():
        if isinstance(dials, dict) and isinstance(patron := dials.get("patron"), str):
            dials["patron"] = find(patron, f"strategies.custom.{name}.patron")
            if dials["patron"] is None:
                del custom[name]
                strategies.get("mix", {}).pop(name, None)


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
