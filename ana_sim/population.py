"""The states of replicates as they are at the start: size, need, ties, governments, drawn or read from a table."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from ana_sim.luck import Lucks
from ana_sim.parameters import Range
from ana_sim.rules.powers import attractions
from ana_sim.scenario import Scenario
from ana_sim.world import in_order

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Population:
    """States of one replicate; N states, G powers, K issues. Of several: what luck decides has an axis for them first.

    Attributes
    ----------
    present : array of bool, shape (N,)
        States that at least one power deals with; the others are outside sizes, weights, budgets and networks.
    size : array, shape (N,)
        y_i, mean 1 over the states present.
    need_mean : array, shape (N,)
        The level that need reverts to.
    pull : array, shape (N,)
        c_i = resources y**size_pull.
    strategic, capacity, aversion : array, shape (N,)
        Strategic location, diplomatic capacity kappa, risk aversion rho.
    base, score : array, shapes (N, G) and (N,)
        The part of affinity that a table states, and the score of the government at the start.
    exposure : array, shape (N, G)
        Exposure to each power at the start, alike on all issues.
    held : array, shape (N, K, G)
        Shares in force at the start.
    excluded : array of bool, shape (N, G)
        Whether the power has no dealings with the state.
    member : array of bool, shape (N,)
        Members of the bloc.
    captured : array of bool, shape (N,)
        Members that no longer act for the bloc.
    regions : tuple of str or None
        Region of each state.
    """

    names: tuple[str, ...]
    present: Mask
    size: Floats
    need_mean: Floats
    pull: Floats
    strategic: Floats
    capacity: Floats
    aversion: Floats
    base: Floats
    score: Floats
    exposure: Floats
    held: Floats
    excluded: Mask
    member: Mask
    captured: Mask
    regions: tuple[str | None, ...]

    @classmethod
    def draw(cls, scenario: Scenario, luck: Lucks, settled: Settled | None = None) -> Population:
        """States of a scenario under the luck of a replicate, or of several.

        Parameters
        ----------
        scenario : Scenario
            As it holds in the year for which the states are wanted.
        luck : Lucks
            The luck of the replicate, or of the replicates.
        settled : Settled, optional
            What no luck decides of them, where it is known already.
        """
        states, table = scenario.states, scenario.table
        fixed = settled or Settled.of(scenario)
        present, member = fixed.present, fixed.member
        start = luck.uniform("exposure_start")
        shape = start.shape[:-1]

        def drawn(value: float | Range, purpose: str) -> Floats:
            if isinstance(value, Range):
                return value.low + (value.high - value.low) * luck.uniform(purpose)
            return np.full(shape, float(value))

        def stated(given: Floats | None, otherwise: Floats) -> Floats:
            return otherwise if given is None else np.where(np.isnan(given), otherwise, given)

        def column(name: str) -> Floats | None:
            return None if table is None else getattr(table, name)

        if table is None:
            size = np.exp(states.size_sigma * luck.normal("size"))
        else:
            size = np.broadcast_to(table.size, shape).copy()
        if present.any():
            size = size / size.compress(present, axis=-1).mean(axis=-1, keepdims=True)
        resources = stated(column("resources"), drawn(states.resources, "resources"))
        need = np.maximum(0.0, states.need.mean + states.need.sigma * luck.normal("need_mean"))
        exposure = np.zeros(start.shape)
        for g, name in enumerate(scenario.power_names):
            level = states.exposure.get(name, 0.0)
            if isinstance(level, Range):
                exposure[..., g] = level.low + (level.high - level.low) * start[..., g]
            else:
                exposure[..., g] = level
            if table is not None:
                exposure[..., g] = stated(table.exposure.get(name), exposure[..., g])
        score = np.where(fixed.placed, 0.0, states.ideology.sigma * luck.normal("ideology_start"))
        captured = np.zeros(shape, dtype=np.bool_)
        if fixed.bought:
            order = np.argsort(np.where(member, luck.uniform("captured"), np.inf), axis=-1, kind="stable")
            np.put_along_axis(captured, order[..., : fixed.bought], True, axis=-1)
        return cls(
            names=fixed.names,
            present=present,
            size=size,
            need_mean=stated(column("need"), need),
            pull=attractions(resources, size, scenario.world.size_pull),
            strategic=stated(column("strategic"), drawn(states.strategic, "strategic")),
            capacity=stated(column("diplomatic_capacity"), drawn(states.diplomatic_capacity, "diplomatic_capacity")),
            aversion=stated(column("risk_aversion"), drawn(states.risk_aversion, "risk_aversion")),
            base=fixed.base,
            score=score,
            exposure=exposure,
            held=fixed.held,
            excluded=fixed.excluded,
            member=member,
            captured=captured,
            regions=table.region if table is not None else (None,) * len(fixed.names),
        )


@dataclass(frozen=True, eq=False)
class Settled:
    """What no luck decides of the states; N states, G powers, K issues, as in :class:`Population`.

    Attributes
    ----------
    present, excluded, member, base, held
        As there.
    placed : array of bool, shape (N,)
        Whether a table states the government's affinity.
    bought : int
        How many members no longer act for the bloc.
    """

    names: tuple[str, ...]
    present: Mask
    excluded: Mask
    member: Mask
    base: Floats
    placed: Mask
    held: Floats
    bought: int

    @classmethod
    def of(cls, scenario: Scenario) -> Settled:
        """What no luck decides of a scenario's states."""
        table, names, powers = scenario.table, scenario.state_names, scenario.power_names
        n, columns = len(names), len(powers)
        excluded = np.zeros((n, columns), dtype=np.bool_)
        member = _members(scenario)
        for g, power in enumerate(scenario.power):
            if power.excluded:
                excluded[:, g] = [name in power.excluded for name in names]
            if power.role == "region":
                excluded[:, g] |= ~member
        present: Mask = np.array(~excluded.all(axis=1) if columns else np.ones(n), dtype=np.bool_)
        member &= present
        base, placed = np.zeros((n, columns)), np.zeros(n, dtype=np.bool_)
        for g, name in enumerate(powers):
            known = None if table is None else table.ideology.get(name)
            if known is not None:
                base[:, g] = np.where(np.isnan(known), 0.0, known)
                placed |= ~np.isnan(known)
        bought = round(scenario.world.bloc.captured * int(member.sum()))
        return cls(tuple(names), present, excluded, member, base, placed, _deals_at_start(scenario), bought)


def _members(scenario: Scenario) -> Mask:
    names, table = scenario.state_names, scenario.table
    members = scenario.world.bloc.members
    if members != "all":
        return np.array([name in members for name in names], dtype=np.bool_)
    if table is not None and any(mark is not None for mark in table.bloc):
        return np.array([bool(mark) for mark in table.bloc], dtype=np.bool_)
    return np.ones(len(names), dtype=np.bool_)


def _deals_at_start(scenario: Scenario) -> Floats:
    """Deals in force by the table: those named by issue, and whom each state recognises."""
    place = {name: g for g, name in enumerate(scenario.power_names)}
    table = scenario.table
    held = np.zeros((len(scenario.state_names), len(scenario.issue), len(place)))
    if table is None:
        return held
    for k, issue in enumerate(scenario.issue):
        holders: tuple[tuple[str, ...], ...] = table.deals.get(issue.name, ())
        if issue.instrument == "recognition" and not holders:
            holders = tuple((name,) if name else () for name in table.recognises)
        for i, powers in enumerate(holders):
            for name in powers:
                held[i, k, place[name]] = 1.0 if issue.kind != "divisible" else 1.0 / len(powers)
    return held


def assign_strategies(scenario: Scenario, luck: Lucks, population: Population) -> Ints:
    """Strategy of each state at the start: the table's, else the mix, rotated over states or by size.

    The mix's weights become whole numbers of states (largest remainders); strategies are interleaved evenly, and turned
    by an offset of the replicate's, so that each state plays each strategy over many replicates.

    Returns
    -------
    array of int, shape (N,), or (R, N) of several replicates
        Places in :func:`strategies_in`.
    """
    table, place = scenario.table, {name: place for place, name in enumerate(strategies_in(scenario))}
    fixed = table.strategy if table is not None else (None,) * len(population.names)
    free = np.array([i for i, name in enumerate(fixed) if name is None and population.present[i]], dtype=np.int64)
    slots = [place[name] for name in mix_slots(tuple(scenario.strategies.mix.items()), len(free))]
    playing = np.empty(population.size.shape, dtype=np.int64)
    playing[...] = [place[name] if name else 0 for name in fixed]
    if scenario.strategies.assignment == "size":
        largest_first = free[np.argsort(-population.size[..., free], axis=-1, kind="stable")]
        np.put_along_axis(playing, largest_first, np.sort(np.array(slots, dtype=np.int64)), axis=-1)
    elif slots:
        offset = (luck.uniform("mix_offset") * len(free)).astype(np.int64)
        playing[..., free] = np.array(slots)[(np.arange(len(free)) + offset[..., None]) % len(free)]
    return playing


def strategies_in(scenario: Scenario) -> list[str]:
    """Names of the strategies that a scenario's states play or take up: those of its mix, then those of its table."""
    fixed = scenario.table.strategy if scenario.table is not None else ()
    return list(dict.fromkeys([*scenario.strategies.mix, *(word for word in fixed if word)]))


@cache
def mix_slots(mix: tuple[tuple[str, float], ...], count: int) -> tuple[str, ...]:
    """``count`` strategies in the proportions of ``mix``, evenly interleaved; each name stands with its weight.

    Each slot goes to the strategy that lags most behind its quota, the first named of several.
    """
    total = in_order(weight for _, weight in mix)
    quota = {name: weight / total for name, weight in mix}
    given = dict.fromkeys(quota, 0)
    slots = []
    for place in range(1, count + 1):
        name = max(quota, key=lambda name: quota[name] * place - given[name])
        given[name] += 1
        slots.append(name)
    return tuple(slots)


def population_key(scenario: Scenario) -> tuple[object, ...]:
    """What the states of a year are drawn from: years that share it share their states."""
    excluded = tuple(power.excluded for power in scenario.power)
    return scenario.states, scenario.world.size_pull, scenario.world.bloc, excluded
