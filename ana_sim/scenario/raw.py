"""A scenario as plain data: nested tables, the powers, issues and links in them by name."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ana_sim.declare import plain
from ana_sim.names import Keys, locate
from ana_sim.parameters import Horizon, States, Strategies, World
from ana_sim.roster import Roster

__all__ = ["Raw", "finite", "locate_in", "merged", "nothing", "roster_of", "with_value"]

Raw = dict[str, Any]


def nothing() -> Raw:
    """Return the scenario without powers and issues, everything at its default."""
    return {
        **plain(Horizon()),
        "world": plain(World()),
        "power": {},
        "issue": {},
        "link": {},
        "change": [],
        "states": plain(States()),
        "strategies": plain(Strategies()),
    }


def roster_of(powers: Mapping[str, Raw]) -> Roster:
    """Return the powers by name and role."""
    return Roster({name: str(entry.get("role", "third")) for name, entry in powers.items()})


def locate_in(raw: Raw, path: str, shown: str | None = None) -> Keys:
    """Return the keys of a dotted path in a scenario; see `ana_sim.names.locate`."""
    links = [(start, end) for start, targets in raw["link"].items() for end in targets]
    return locate(path, roster_of(raw["power"]), raw["issue"], links, shown)


def merged(base: Raw, over: Raw) -> Raw:
    """Merge tables key by key; anything but a table is replaced."""
    both = dict(base)
    for key, value in over.items():
        old = both.get(key)
        both[key] = merged(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return both


def with_value(raw: Raw, keys: Keys, value: object) -> Raw:
    """Return nested tables with one value set; the original is left as it is."""
    head, rest = keys[0], keys[1:]
    if not rest:
        return {**raw, head: value}
    inner = raw.get(head)
    return {**raw, head: with_value(inner if isinstance(inner, dict) else {}, rest, value)}


def finite(value: Any) -> Any:
    """Return plain data in which infinity is a word, for JSON."""
    if isinstance(value, dict):
        return {key: finite(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [finite(entry) for entry in value]
    return str(value) if isinstance(value, float) and math.isinf(value) else value
