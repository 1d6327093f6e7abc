"""The powers, issues and links of a scenario: added, changed or removed by name."""

from __future__ import annotations

import copy
from collections.abc import Collection, Mapping

from ana_sim.declare import plain
from ana_sim.errors import ScenarioError, nearest
from ana_sim.parameters import Issue, Link, Power
from ana_sim.roster import ROLES, Roster
from ana_sim.scenario.raw import Raw, merged

__all__ = ["check_roles", "entries_on", "links_on", "names_on", "own_names"]


def own_names(entries: Mapping[str, Raw], powers: Roster, shown: str | None) -> dict[str, Raw]:
    """Return the entries under the powers' names, where they were called by their role."""
    gone = {name for name, entry in entries.items() if entry.get("remove") is True}
    named: dict[str, Raw] = {}
    for word, entry in entries.items():
        name = powers.find(word) or word
        if name != word and name in gone:  # its place is taken under the name of its role
            name = word
        if name in named:
            raise ScenarioError(f"this power comes twice, as {name} and {word}", file=shown, path=f"power.{word}")
        named[name] = entry
    return named


def names_on(kind: str, base: Mapping[str, Raw], layer: Mapping[str, Raw], shown: str | None) -> dict[str, None]:
    """Return the names that there are after a layer has added and removed some, in order."""
    names = dict.fromkeys(base)
    for name, entry in layer.items():
        if _removes(entry, f"{kind}.{name}", {"name"}, shown):
            if name not in base:
                reason = f"there is no {kind} {name} to remove"
                raise ScenarioError(reason, file=shown, path=f"{kind}.{name}", nearest=nearest(name, base))
            del names[name]
        else:
            names[name] = None
    return names


def check_roles(powers: Roster, shown: str | None) -> None:
    """Refuse roles that do not exist, and a second hegemon or rising power."""
    for name, role in powers.roles.items():
        if role not in ROLES:
            reason = f"must be one of {', '.join(ROLES)}"
            near = nearest(role, ROLES)
            raise ScenarioError(reason, file=shown, path=f"power.{name}.role", value=role, nearest=near)
    for role in ("hegemon", "rising"):
        having = [name for name, own in powers.roles.items() if own == role]
        if len(having) > 1:
            reason = f"two powers have the role {role}: {having[0]} and {having[1]} (remove = true removes one)"
            raise ScenarioError(reason, file=shown, path=f"power.{having[1]}.role")


def entries_on(
    table: type[Power] | type[Issue], base: Mapping[str, Raw], layer: Mapping[str, Raw], names: Collection[str]
) -> dict[str, Raw]:
    """Return the entries of these names: the layer's values on the base's, or on the defaults."""
    entries = {}
    for name in names:
        old = base.get(name) or plain(table(name=name))
        entries[name] = _without_remove({**merged(old, layer.get(name, {})), "name": name})
    return entries


def links_on(base: Raw, layer: Mapping[str, Raw], issues: Collection[str], shown: str | None) -> Raw:
    """Return the links: the layer's values on the base's, or on the defaults."""
    links = copy.deepcopy(base)
    for start, targets in layer.items():
        for end, entry in targets.items():
            path = f"link.{start}.{end}"
            if _removes(entry, path, {"from", "to"}, shown):
                if links.get(start, {}).pop(end, None) is None:
                    raise ScenarioError("there is no such link to remove", file=shown, path=path)
                continue
            for name in (start, end):
                if name not in issues:
                    raise ScenarioError(
                        f"there is no issue {name}", file=shown, path=path, nearest=nearest(name, issues)
                    )
            if start == end:
                raise ScenarioError("an issue is not linked to itself", file=shown, path=path)
            old = links.setdefault(start, {}).get(end) or plain(Link.model_validate({"from": start, "to": end}))
            links[start][end] = _without_remove({**merged(old, entry), "from": start, "to": end})
    return {start: targets for start, targets in links.items() if targets}


def _removes(entry: Raw, path: str, identity: set[str], shown: str | None) -> bool:
    remove = entry.get("remove", False)
    if not isinstance(remove, bool):
        raise ScenarioError("must be true or false", file=shown, path=f"{path}.remove", value=remove)
    if remove and (others := [key for key in entry if key not in {*identity, "remove"}]):
        raise ScenarioError("what is removed states nothing else", file=shown, path=f"{path}.{others[0]}")
    return remove


def _without_remove(entry: Raw) -> Raw:
    return {key: value for key, value in entry.items() if key != "remove"}
