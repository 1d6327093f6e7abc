"""Whether two sweeps are the same, and if not, what differs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from ana_sim.errors import short
from ana_sim.provenance import NUMERIC
from ana_sim.sweeps.layout import Inventory

__all__ = ["differences", "other_form", "other_versions"]

_MOST_NAMED: Final = 3
_ABSENT: Final = object()


def differences(there: Mapping[str, Any], here: Mapping[str, Any]) -> str:
    """Say in what two requests differ, as JSON has them: the first few keys, with both values; "" if in nothing.

    Lists of things with names are compared by the names. The order of keys counts: states take the strategies of a mix
    by turns.

    Examples
    --------
    >>> differences({"replicates": 20, "design": {"kind": "lhs"}}, {"replicates": 40, "design": {"kind": "grid"}})
    "replicates = 20 there, 40 here; design.kind = 'lhs' there, 'grid' here"
    """
    found = [f"{key} = {_shown(old)} there, {_shown(new)} here" for key, old, new in _different(there, here, "")]
    more = len(found) - _MOST_NAMED
    return "; ".join([*found[:_MOST_NAMED], *([f"and {more} more"] if more > 0 else [])])


def _shown(value: object) -> str:
    return "none" if value is _ABSENT else short(value)


def _different(there: object, here: object, path: str) -> Iterator[tuple[str, object, object]]:
    """Yield the dotted paths at which data differ, with both values."""
    old, new = _by_name(there), _by_name(here)
    if isinstance(old, dict) and isinstance(new, dict):
        for key in {**old, **new}:
            yield from _different(old.get(key, _ABSENT), new.get(key, _ABSENT), f"{path}.{key}".lstrip("."))
        if old.keys() == new.keys() and list(old) != list(new):
            yield f"order of {path or 'all'}", list(old), list(new)
    elif there is _ABSENT or here is _ABSENT or json.dumps(there) != json.dumps(here):
        yield path, there, here


def _by_name(value: object) -> object:
    if isinstance(value, list) and value and all(isinstance(item, dict) and "name" in item for item in value):
        named = {str(item["name"]): item for item in value}
        return named if len(named) == len(value) else value
    return value


def other_versions(there: Inventory, here: Inventory) -> str | None:
    """Say which versions of two sweeps differ, so that their parts may not stand in one table; None if none does.

    Examples
    --------
    The words follow "was made by": ``numpy 2.1.0 (here 2.4.6)``.
    """
    if there.recorded["sources"] != here.recorded["sources"]:
        return "other sources of ana_sim"
    old, new = _made_by(there), _made_by(here)
    changed = [name for name in (*NUMERIC, "machine") if old.get(name) != new.get(name)]
    return ", ".join(f"{name} {old.get(name, 'absent')} (here {new.get(name, 'absent')})" for name in changed) or None


def _made_by(held: Inventory) -> dict[str, str]:
    return {**held.recorded["versions"], "machine": held.recorded.get("platform", {}).get("machine", "")}


def other_form(there: Inventory, here: Inventory) -> str | None:
    """Say what differs between two sweeps beside the request and the versions; None if nothing does."""
    if there.points != here.points:
        return "other points (a file that it takes has changed)"
    if (there.tables, there.parts) != (here.tables, here.parts):
        return f"{there.parts} parts of {', '.join(there.tables)} ({here.parts} of {', '.join(here.tables)} here)"
    return None
