"""Settings: values by dotted path, put into a layer."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ana_sim.declare import Table, plain
from ana_sim.errors import ScenarioError, nearest
from ana_sim.names import Keys, table_keys
from ana_sim.parameters import ROOTS
from ana_sim.scenario.raw import Raw, locate_in, with_value

__all__ = ["layer_of_settings", "numbers_among", "parse_setting"]


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


def layer_of_settings(raw: Raw, settings: Mapping[str, object]) -> Raw:
    """Return settings as a layer on the scenario `raw`.

    Raises
    ------
    ScenarioError
        If a path does not exist or may not be set.
    """
    layer: Raw = {}
    for path, value in settings.items():
        keys = _settable(raw, path)
        if keys[:2] == ("strategies", "mix") and len(keys) > 2:
            whole = layer.get("strategies", {}).get("mix", raw["strategies"]["mix"])
            layer = with_value(layer, keys[:2], whole)
        value = _plain(value)
        if keys[0] in ROOTS and keys == table_keys(keys) and not isinstance(value, dict):
            raise ScenarioError("must be a table", path=path, value=value)
        layer = with_value(layer, keys, value)
    return layer


def numbers_among(raw: Raw, known: dict[str, Keys], settings: Mapping[str, object]) -> dict[str, object] | None:
    """Return settings by the path in full if all are numbers or flags that no name depends on; None otherwise.

    Paths that are `known` are not looked up again; those that were not are added.

    Raises
    ------
    ScenarioError
        If a path does not exist or may not be set.
    """
    values: dict[str, object] = {}
    for path, value in settings.items():
        keys = known.get(path) or known.setdefault(path, _settable(raw, path))
        value = _plain(value)
        inside = keys[0] in ROOTS and keys != table_keys(keys)
        if not inside or keys[0] == "strategies" or keys == ("states", "count"):
            return None
        if not isinstance(value, bool | int | float):
            return None
        values[".".join(keys)] = value
    return values


def _settable(raw: Raw, path: str) -> Keys:
    """Return the keys of a path that a setting may name."""
    keys = locate_in(raw, path)
    head, *rest = keys
    if (head in ("power", "issue") and rest[1:] == ["name"]) or (head == "link" and rest[2:] in (["from"], ["to"])):
        raise ScenarioError("is the name of an entry, not a setting", path=path)
    custom = raw["strategies"]["custom"]
    if keys[:2] == ("strategies", "custom") and len(keys) > 3 and keys[2] not in custom:
        reason = f"the scenario defines no strategy {keys[2]}"
        raise ScenarioError(reason, path=path, nearest=nearest(keys[2], custom))
    return keys


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
