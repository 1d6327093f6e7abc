"""Checks of what the parts of a scenario say about each other."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from ana_sim.dials import ALIGN, find_strategy, unknown_strategy
from ana_sim.errors import ScenarioError, nearest
from ana_sim.names import check_identifier
from ana_sim.parameters import Strategies
from ana_sim.reading import read_text
from ana_sim.roster import ROLES, Roster
from ana_sim.scenario.files import NETWORKS, SOURCES
from ana_sim.state_table import StateTable

if TYPE_CHECKING:
    from ana_sim.scenario.scenario import Scenario

__all__ = ["check_files", "check_names", "playable"]


def playable(strategies: Strategies, powers: Roster, shown: str | None) -> Strategies:
    """Return the strategies without alignment with roles that nobody has; refuse those that there are not."""
    custom, mix = strategies.custom, {}
    for name in custom:
        check_identifier(name, "strategies.custom", shown)
    for name, weight in strategies.mix.items():
        if find_strategy(name, custom, powers) is not None:
            mix[name] = weight
        elif name.removeprefix(ALIGN) not in ROLES or name.removeprefix(ALIGN) in powers.roles.values():
            raise unknown_strategy(name, custom, powers, path=f"strategies.mix.{name}", file=shown)
    if not any(weight > 0 for weight in mix.values()):
        reason = "no strategy that can be played has a weight above zero"
        raise ScenarioError(reason, file=shown, path="strategies.mix", value=strategies.mix)
    return strategies.model_copy(update={"mix": mix})


def check_files(scenario: Scenario, shown: str | None) -> None:
    """Read the files that a scenario names."""
    _check_file(scenario.world.network, NETWORKS, "world.network", shown)
    _check_file(scenario.states.source, SOURCES, "states.source", shown)
    if scenario.table is not None:
        _check_table(scenario, scenario.table)


def _check_file(path: str, words: Collection[str], where: str, shown: str | None) -> None:
    """Read a file, unless one of the words stands in its place."""
    if path in words:
        return
    try:
        read_text(Path(path))
    except ScenarioError as error:
        near = nearest(Path(path).name, words)
        raise ScenarioError(error.reason, file=shown, path=where, value=path, nearest=near) from None


def _check_table(scenario: Scenario, table: StateTable) -> None:
    """Check that a table's deals and strategies are possible in the scenario."""
    file, custom = scenario.states.source, scenario.strategies.custom
    for issue in scenario.issue:
        held = table.deals.get(issue.name, ()) if issue.kind == "exclusive" else ()
        for state, powers in zip(table.names, held, strict=False):
            if len(powers) > 1:
                reason = f"{issue.name} is exclusive: one power at most"
                where = f"{state}, column deal_{issue.name}"
                raise ScenarioError(reason, file=file, path=where, value=";".join(powers))
    for state, name in zip(table.names, table.strategy, strict=True):
        if name is not None and find_strategy(name, custom, scenario.roster) is None:
            raise unknown_strategy(name, custom, scenario.roster, path=f"{state}, column strategy", file=file)


def check_names(scenario: Scenario, shown: str | None) -> None:
    """Check that the states and friends that are named exist."""
    named = [(f"power.{power.name}.excluded", power.excluded) for power in scenario.power]
    if scenario.world.bloc.members != "all":
        named.append(("world.bloc.members", scenario.world.bloc.members))
    there = set(scenario.state_names) if any(names for _, names in named) else set()
    for path, names in named:
        for name in names:
            if name not in there:
                raise ScenarioError(f"there is no state {name}", file=shown, path=path, nearest=nearest(name, there))
    for power in scenario.power:
        if power.name in (*power.friends, *power.rivalry):
            raise ScenarioError("a power is not its own friend or rival", file=shown, path=f"power.{power.name}")
