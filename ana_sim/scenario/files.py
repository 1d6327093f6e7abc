"""Scenario files: found, read, and sorted by the names of powers, issues and links."""

from __future__ import annotations

import copy
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from ana_sim.declare import fields_of
from ana_sim.errors import ScenarioError, nearest
from ana_sim.names import HEAD, check_identifier
from ana_sim.parameters import ROOTS, Horizon
from ana_sim.reading import read_text
from ana_sim.scenario.raw import Raw
from ana_sim.state_table import BUILT_IN_TABLES, GENERATED

__all__ = [
    "NETWORKS",
    "SOURCES",
    "anchored",
    "builtin_cases",
    "builtin_scenarios",
    "find_file",
    "layer_of",
    "read_toml",
    "stated_by",
]

NETWORKS: Final = ("complete", "ring", "regions")
"""Values of `world.network` that are not files."""
SOURCES: Final = (GENERATED, *BUILT_IN_TABLES)
"""Values of `states.source` that are not files."""

_FOLDER: Final = Path(__file__).parent.parent / "data" / "scenarios"
_TOP: Final = (*HEAD, "base", *fields_of(Horizon), *ROOTS, "change")
_ENDS: Final = ("from", "to")
_COUNTERFACTUAL: Final = "Counterfactual: "


def builtin_scenarios() -> dict[str, str]:
    """Return the title of each built-in scenario, by name."""
    titles = {}
    for file in sorted(_FOLDER.glob("*.toml")):
        titles[file.stem] = str(read_toml(file, file.stem).get("title", ""))
    return titles


def builtin_cases() -> tuple[str, ...]:
    """Return the names of the built-in scenarios that are cases: those whose notes name a counterfactual."""
    files = sorted(_FOLDER.glob("*.toml"))
    return tuple(file.stem for file in files if _COUNTERFACTUAL in str(read_toml(file, file.stem).get("notes", "")))


def stated_by(source: str | Path) -> Raw:
    """Return what the file of a scenario states beyond what the scenario is called and builds on."""
    data = read_toml(*find_file(source, Path.cwd()))
    return {key: value for key, value in data.items() if key not in (*HEAD, "base")}


def find_file(source: str | Path, folder: Path) -> tuple[Path, str]:
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


def read_toml(file: Path, shown: str) -> Raw:
    """Read a TOML file; `shown` is how to call it in messages."""
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


def layer_of(data: Raw, file: Path, shown: str) -> Raw:
    """Return what a file states: entries by name, paths of files absolute, named after the file unless stated."""
    layer = anchored(_shaped(data, shown), file.parent)
    layer.setdefault("name", re.sub(r"[^A-Za-z0-9_.-]", "_", file.stem))
    return layer


def anchored(layer: Raw, folder: Path) -> Raw:
    """Return a layer in which the paths of files are absolute."""
    layer = copy.deepcopy(layer)
    _anchor(layer.get("states", {}), "source", SOURCES, folder)
    _anchor(layer.get("world", {}), "network", NETWORKS, folder)
    for change in layer.get("change", ()):
        _anchor(change, "file", (), folder)
    return layer


def _anchor(table: Raw, key: str, words: Iterable[str], folder: Path) -> None:
    value = table.get(key)
    if isinstance(value, str) and value not in words:
        table[key] = str((folder / Path(value).expanduser()).resolve())


def _shaped(data: Raw, shown: str) -> Raw:
    """Return a file's tables with `[[power]]`, `[[issue]]` by name and `[[link]]` by from and to."""
    for key, value in data.items():
        _check_shape(key, value, shown)
    layer = dict(data)
    for kind in ("power", "issue"):
        if kind in data:
            layer[kind] = _by_name(kind, data[kind], shown)
    if "link" in data:
        layer["link"] = _by_ends(data["link"], shown)
    return layer


def _check_shape(key: str, value: Any, shown: str) -> None:
    if key not in _TOP:
        raise ScenarioError("there is no such key", file=shown, path=key, nearest=nearest(key, _TOP))
    several = key == "change" or (key in ROOTS and ROOTS[key][1])
    if several and not (isinstance(value, list) and all(isinstance(entry, dict) for entry in value)):
        raise ScenarioError(f"must be a list of tables, each under [[{key}]]", file=shown, path=key)
    if key in ROOTS and not several and not isinstance(value, dict):
        raise ScenarioError("must be a table", file=shown, path=key, value=value)


def _by_name(kind: str, entries: Iterable[Raw], shown: str) -> dict[str, Raw]:
    named: dict[str, Raw] = {}
    for number, entry in enumerate(entries, start=1):
        name = entry.get("name")
        if not isinstance(name, str):
            raise ScenarioError("needs a name in quotes", file=shown, path=f"{kind} number {number}")
        check_identifier(name, f"{kind} number {number}, name", shown)
        if name in named:
            raise ScenarioError(f"this {kind} comes twice", file=shown, path=f"{kind}.{name}")
        named[name] = entry
    return named


def _by_ends(entries: Iterable[Raw], shown: str) -> dict[str, dict[str, Raw]]:
    links: dict[str, dict[str, Raw]] = {}
    for number, entry in enumerate(entries, start=1):
        for end in _ENDS:
            if not isinstance(entry.get(end), str):
                raise ScenarioError("must name an issue", file=shown, path=f"link number {number}, {end}")
        start, target = (entry[end] for end in _ENDS)
        if target in links.setdefault(start, {}):
            raise ScenarioError("this link comes twice", file=shown, path=f"link.{start}.{target}")
        links[start][target] = entry
    return links
