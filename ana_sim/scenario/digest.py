"""What tells worlds apart, and its digest."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from ana_sim.names import HEAD
from ana_sim.scenario.files import NETWORKS
from ana_sim.state_table import BUILT_IN_TABLES, GENERATED

__all__ = ["world_digest", "world_identity"]


def world_digest(identity: dict[str, Any]) -> str:
    """Return the SHA-256 of what tells a world from others (`world_identity`)."""
    return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()


def world_identity(data: dict[str, Any]) -> dict[str, Any]:
    """Return a scenario's plain data without what it is called, with the SHA-256 of its files in their place."""
    world = {key: value for key, value in data.items() if key not in (*HEAD, "base")}
    states, strategies = world["states"], world["strategies"]
    world["strategies"] = {**strategies, "mix": [[*entry] for entry in strategies["mix"].items()]}  # its order matters
    if states["source"] != GENERATED:
        file = BUILT_IN_TABLES.get(states["source"], states["source"])
        world["states"] = {**states, "source": _file_digest(file)}
    if world["world"]["network"] not in NETWORKS:
        world["world"] = {**world["world"], "network": _file_digest(world["world"]["network"])}
    world["change"] = [
        {**change, "file": _file_digest(change["file"])} if "file" in change else change for change in world["change"]
    ]
    return world


def _file_digest(path: str | Path) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()
