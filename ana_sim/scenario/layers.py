"""Layers: what a file states, put on what it builds on."""

from __future__ import annotations

import copy
from collections.abc import Collection

from ana_sim.errors import ScenarioError, nearest
from ana_sim.parameters import Issue, Power
from ana_sim.roster import Roster
from ana_sim.scenario.entries import check_roles, entries_on, links_on, names_on, own_names
from ana_sim.scenario.raw import Raw, merged, roster_of
from ana_sim.scenario.references import followed, resolved
from ana_sim.scenario.time_paths import changes_on
from ana_sim.state_table import GENERATED, generated_names, read_state_table

__all__ = ["extended"]


def extended(base: Raw, layer: Raw, shown: str | None) -> Raw:
    """Put a layer on a base: names first, so that both speak of the same powers, then values."""
    layer = dict(layer)
    before = roster_of(base["power"])
    layer["power"] = own_names(layer.get("power", {}), before, shown)
    power = names_on("power", base["power"], layer["power"], shown)
    issue = names_on("issue", base["issue"], layer.get("issue", {}), shown)
    after = roster_of({name: {**base["power"].get(name, {}), **layer["power"].get(name, {})} for name in power})
    check_roles(after, shown)

    def moved(word: str, _path: str) -> str | None:
        return word if word in power else after.find(before.roles[word]) if word in before.roles else None

    def known(word: str, path: str) -> str | None:
        if (name := after.find(word)) is None:
            reason = f"there is no power {word}"
            raise ScenarioError(reason, file=shown, path=path, nearest=nearest(word, after.words()))
        return name

    base = _without_issues(followed(base, moved), issue)
    layer = resolved(layer, known, shown)
    base = _without_states(base, layer, after, issue)
    raw = merged(base, {key: layer[key] for key in layer if key not in ("power", "issue", "link", "change")})
    if "mix" in (mixed := layer.get("strategies", {})):
        raw["strategies"]["mix"] = mixed["mix"]
    raw["power"] = entries_on(Power, base["power"], layer["power"], power)
    raw["issue"] = entries_on(Issue, base["issue"], layer.get("issue", {}), issue)
    raw["link"] = links_on(base["link"], layer.get("link", {}), issue, shown)
    raw["change"] = changes_on(raw, layer.get("change", ()), known, shown)
    return raw


def _without_issues(base: Raw, issues: Collection[str]) -> Raw:
    """Return a base without the links of issues that are gone."""
    links = {
        start: {end: entry for end, entry in targets.items() if end in issues}
        for start, targets in base["link"].items()
        if start in issues
    }
    return {**base, "link": links}


def _without_states(base: Raw, layer: Raw, powers: Roster, issues: Collection[str]) -> Raw:
    """Return a base in which only states are named that the layer's own choice of states leaves there."""
    stated = layer.get("states", {})
    if not {"source", "count"} & set(stated):
        return base
    states = {**base["states"], **stated}
    try:
        names = _state_names(states["source"], states["count"], powers, issues)
    except ScenarioError:
        return base  # `check_files` says what is wrong with the table
    base = copy.deepcopy(base)
    for power in base["power"].values():
        power["excluded"] = [name for name in power["excluded"] if name in names]
    members = base["world"]["bloc"]["members"]
    if isinstance(members, list):
        base["world"]["bloc"]["members"] = [name for name in members if name in names]
    return base


def _state_names(source: object, count: object, powers: Roster, issues: Collection[str]) -> tuple[str, ...]:
    if source == GENERATED:
        return generated_names(count) if isinstance(count, int) and 0 < count <= 100_000 else ()
    if not isinstance(source, str):
        return ()
    return read_state_table(source, powers, issues).names
