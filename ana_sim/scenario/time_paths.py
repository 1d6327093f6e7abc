"""Time paths: the values that parameters take from a year on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Final

from ana_sim.errors import ScenarioError
from ana_sim.names import why_fixed
from ana_sim.parameters import Change
from ana_sim.reading import read_series
from ana_sim.scenario.raw import Raw, locate_in
from ana_sim.scenario.references import Find, each_found

__all__ = ["changes_on", "values_in_force"]

_CALENDAR: Final = 1000  # years below it are steps


def changes_on(raw: Raw, layer: Iterable[Raw], known: Find, shown: str | None) -> list[Raw]:
    """Return a scenario's time paths as far as their parameters are there, and after them the layer's."""
    inherited = [change for change in raw["change"] if _still_there(raw, change["path"])]
    return inherited + [_stated(raw, change, number, known, shown) for number, change in enumerate(layer, start=1)]


def _still_there(raw: Raw, path: str) -> bool:
    try:
        locate_in(raw, path)
    except ScenarioError:
        return False
    return True


def _stated(raw: Raw, change: Raw, number: int, known: Find, shown: str | None) -> Raw:
    """Return a layer's time path, by the powers' names; refuse what cannot vary in time."""
    path = change.get("path")
    if not isinstance(path, str):
        raise ScenarioError("needs the path of a parameter in quotes", file=shown, path=f"change number {number}")
    keys = locate_in(raw, path, shown)
    if (reason := why_fixed(keys)) is not None:
        raise ScenarioError(f"cannot be changed: {reason}", file=shown, path=path)
    change = {**change, "path": ".".join(keys)}
    if keys[-1] == "friends" and isinstance(change.get("value"), list):
        change["value"] = each_found(change["value"], known, path)
    return change


def values_in_force(changes: Iterable[Change], start: int) -> Iterator[tuple[int, dict[str, object]]]:
    """Yield the steps at which values change, each with all values in force from then on, by path.

    Parameters
    ----------
    changes
        Time paths; of several values for one year the last counts.
    start
        Calendar year of the first step.
    """
    points = sorted(_points(changes, start), key=lambda point: point[0])
    before: dict[str, object] | None = None
    for step, group in groupby(points, key=lambda point: max(0, point[0])):
        now = {**(before or {}), **{path: value for _, path, value in group}}
        if now != before:
            before = now
            yield step, now


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
