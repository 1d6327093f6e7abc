"""Small worlds for tests: everything that is not under test is switched off."""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from ana_sim.model import AnaModel
from ana_sim.scenario import Scenario

QUIET: dict[str, Any] = {
    "years": 1,
    "world": {
        **dict.fromkeys(("ask_cost", "bid_cost", "split_cost", "switch_cost", "rollover_cost"), 0.0),
        **dict.fromkeys(("abandonment", "duplication", "club_cap", "belief_rate", "turnover"), 0.0),
        **dict.fromkeys(("legitimacy_affinity", "sunk", "loosen", "outside_floor", "posted_share"), 0.0),
        "clause_term": 0,
        "valuation_spread": 1.0,
        "public_goods": {"scale": 0.0},
        "shocks": {"own": 0.0, "common": 0.0},
    },
    "states": {
        "count": 1,
        "size_sigma": 0.0,
        "need": {"mean": 1.0, "sigma": 0.0, "innovation": 0.0},
        "ideology": {"sigma": 0.0},
        "diplomatic_capacity": 1.0,
        "risk_aversion": 0.0,
    },
}
"""No costs, shocks, elections, beliefs, clubs or public goods; states alike, of size 1; bids are B U(0, 1)."""

CALM: dict[str, Any] = {
    "reliability": 1.0,
    "club_share": 0.0,
    "pressure": {"severity": 0.0, "cost": math.inf, "force_threshold": math.inf},
}
"""A power that always delivers, and never presses."""

FIELD = {"asks": "all", "search": "all", "counter_bids": True}
SHOP = {"asks": "all", "search": "all"}
HEDGE = {"asks": "all", "search": "all", "splits": True}


def power(name: str, role: str, **settings: Any) -> dict[str, Any]:
    """A calm power, but for ``settings``."""
    return merged({"name": name, "role": role, **CALM}, settings)


def issue(name: str = "works", kind: str = "divisible", **settings: Any) -> dict[str, Any]:
    """An issue in which both rivals are interested, without stakes; a divisible one is dealt out anew each year."""
    plain = {"name": name, "kind": kind, "instrument": "network", "interest": {"h": 1.0, "r": 1.0}}
    if kind == "divisible":
        plain["term"] = 1
    return merged(plain, settings)


def rivals(h: Mapping[str, Any] | None = None, r: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    """The powers h and r, calm but for the settings given."""
    return [power("h", "hegemon", **(h or {})), power("r", "rising", **(r or {}))]


def merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Tables merged key by key."""
    result = dict(base)
    for key, value in over.items():
        old = result.get(key)
        result[key] = merged(old, value) if isinstance(old, dict) and isinstance(value, Mapping) else value
    return result


def world(
    powers: list[dict[str, Any]] | None = None,
    issues: list[dict[str, Any]] | None = None,
    custom: Mapping[str, Mapping[str, Any]] | None = None,
    **settings: Any,
) -> Scenario:
    """A quiet world of these powers and issues, in which all play the first of the ``custom`` strategies."""
    custom = custom or {"field": FIELD}
    data = merged(QUIET, settings)
    mix = data.get("strategies", {}).get("mix", {next(iter(custom)): 1.0})
    data["strategies"] = {"custom": custom, **data.get("strategies", {}), "mix": mix}
    data["power"] = rivals() if powers is None else powers
    data["issue"] = [issue()] if issues is None else issues
    return loaded(toml({"name": "test", "base": "blank", **data}))


def run(scenario: Scenario, **options: Any) -> AnaModel:
    """A world run to its end, with its record."""
    return AnaModel(scenario, **{"rng": 1, "record": True, "collect": False, **options}).run()


def plain(scenario: Scenario, **changes: Any) -> dict[str, Any]:
    """A scenario as plain data that stands on no base, but for ``changes``; back by ``loaded(toml(...))``."""
    return {**_finite(scenario.to_dict()), "base": "blank", **changes}


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_finite(entry) for entry in value]
    return math.inf if value == "inf" else value


@cache
def loaded(text: str) -> Scenario:
    """A scenario from a text."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "test.toml"
        file.write_text(text, encoding="utf-8")
        return Scenario.load(file)


def toml(data: Mapping[str, Any]) -> str:
    """Plain data as TOML: values first, then tables, then lists of tables."""
    lines = [f"{key} = {inline(value)}" for key, value in data.items() if not isinstance(value, dict | list)]
    for key, value in data.items():
        if isinstance(value, dict):
            lines += [f"[{key}]", *(f"{name} = {inline(entry)}" for name, entry in value.items())]
        elif isinstance(value, list):
            for table in value:
                lines += [f"[[{key}]]", *(f"{name} = {inline(entry)}" for name, entry in table.items())]
    return "\n".join(lines)


def inline(value: Any) -> str:
    """A value as TOML."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {inline(entry)}" for key, entry in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(inline(entry) for entry in value) + "]"
    return json.dumps(value) if isinstance(value, str) else repr(value)
