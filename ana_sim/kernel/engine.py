"""The compiled engine as Python sees it: a scenario's arrays, a replicate's arrays, and runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cached_property, lru_cache

import numpy as np

from ana_sim.compiled import JIT_ENABLED, cache_directory
from ana_sim.dials import NamedStrategy, strategy_info
from ana_sim.kernel import layout
from ana_sim.kernel.layout import Desk, Draws, Floats, Ints, Life, Menu, People, Terms, Words
from ana_sim.kernel.note import Notes
from ana_sim.kernel.year import run_arms
from ana_sim.luck import Lucks
from ana_sim.network import Network
from ana_sim.normal import standard_normal
from ana_sim.population import Population, Settled, assign_strategies, population_key, strategies_in
from ana_sim.rules import ties
from ana_sim.rules.deal import NOBODY, POWER, PROJECT, Ways
from ana_sim.rules.powers import bid_weights
from ana_sim.scenario import Scenario
from ana_sim.tally import REPORTED, Tally
from ana_sim.world import Conditions, pool_of, ways_for

Word = str | NamedStrategy
"""A strategy: the name of one of the scenario's, or a row of dials."""

NO_CLOCK = np.zeros(0, dtype=np.int64)
"""No time is kept."""


def by_strategy(arms: int) -> Ints:
    """Rows that count each state with the strategy that it plays, shape (arms, 0)."""
    return np.zeros((arms, 0), dtype=np.int64)


class Engine:
    """A scenario made ready for the compiled engine.

    Parameters
    ----------
    scenario : Scenario
        The world.
    strategies : sequence of str or NamedStrategy
        Strategies beside those of its mix and its states: by name, or as a row of dials.
    since : int
        The first step that is counted.
    """

    def __init__(self, scenario: Scenario, strategies: Sequence[Word] = (), since: int = 0) -> None:
        self.scenario, self.since = scenario, since
        self.phases: list[Scenario] = []
        self.phase_of_year: list[int] = []
        for year in range(scenario.years):
            current = scenario.at(year)
            if not self.phases or self.phases[-1] is not current:
                self.phases.append(current)
            self.phase_of_year.append(len(self.phases) - 1)
        self.casts: list[Scenario] = []
        cast_of_phase = []
        for phase in self.phases:
            if not self.casts or population_key(self.casts[-1]) != population_key(phase):
                self.casts.append(phase)
            cast_of_phase.append(len(self.casts) - 1)
        self.cast_of_year = np.array([cast_of_phase[u] for u in self.phase_of_year], dtype=np.int64)
        self.conditions: list[Conditions] = []
        for phase in self.phases:
            alike = bool(self.conditions) and self.conditions[-1].hold_in(phase)
            self.conditions.append(self.conditions[-1] if alike else Conditions.of(phase))
        words: dict[Word, None] = dict.fromkeys([*strategies_in(scenario), *strategies])
        self.strategies = [word if isinstance(word, NamedStrategy) else strategy_info(word, scenario) for word in words]
        self.place = {word: place for place, word in enumerate(words)}
        self.tally = Tally.of(scenario)
        self.terms = self._terms()
        powers = len(scenario.power_names)
        self.menu = Menu(
            ways_for("exclusive", False, powers),
            ways_for("compatible", False, powers),
            ways_for("divisible", True, powers),
        )

    @property
    def cast(self) -> tuple[object, ...]:
        """What a replicate is made from beside its luck: engines that share it share their replicates."""
        scenario = self.scenario
        return (
            tuple(population_key(cast) for cast in self.casts),
            tuple(self.cast_of_year.tolist()),
            scenario.world.network,
            tuple((power.name, power.role) for power in scenario.power),
            tuple((issue.name, issue.kind, issue.instrument) for issue in scenario.issue),
            tuple(scenario.strategies.mix.items()),
            scenario.strategies.assignment,
            tuple(self.place.items()),
        )

    @cached_property
    def settled(self) -> list[tuple[Scenario, Settled]]:
        """The scenarios that states are drawn from, with what no luck decides of them."""
        return [(cast, Settled.of(cast)) for cast in self.casts]

    # -- what is given --

    def _terms(self) -> Terms:
        scenario, names = self.scenario, list(self.scenario.power_names)
        phases, powers, issues = len(self.phases), len(names), len(scenario.issue)
        world = np.zeros(phases, layout.WORLD)
        power = np.zeros((phases, powers), layout.POWER)
        issue = np.zeros((phases, issues), layout.ISSUE)
        interest = np.zeros((phases, issues, powers), layout.INTEREST)
        for u, (phase, holds) in enumerate(zip(self.phases, self.conditions, strict=True)):
            paths = scenario.changes_at(self.phase_of_year.index(u))
            for g, spec in enumerate(phase.power):
                power[u, g] = layout.filled(
                    layout.POWER,
                    spec,
                    role=layout.ROLES.index(spec.role),
                    stated=f"power.{spec.name}.capability" in paths,
                )
            before = self.phases[u - 1]
            if u and phase.world is before.world and phase.states is before.states and holds is self.conditions[u - 1]:
                world[u], issue[u], interest[u] = world[u - 1], issue[u - 1], interest[u - 1]
                continue
            world[u] = layout.filled(
                layout.WORLD,
                phase.world,
                need_innovation=phase.states.need.innovation,
                ideology_sigma=phase.states.ideology.sigma,
                arrivals=holds.arrivals[-1] if holds.arrivals else 0.0,
                last_issue=holds.last_issue if holds.arrivals and holds.arrivals[-1] > 0.0 else NOBODY,
            )
            linked = [bool(column.any()) for column in holds.links.T]
            for k, own in enumerate(phase.issue):
                issue[u, k] = layout.filled(
                    layout.ISSUE,
                    own,
                    kind=layout.KINDS.index(own.kind),
                    pool=pool_of(phase.world, own),
                    weight=holds.weights[k],
                    arrivals=holds.arrivals[k],
                    linked=linked[k],
                    large=ties.project_size(own.project.mean, own.project.sigma, standard_normal(layout.BEYOND)),
                )
            interest[u]["interest"], interest[u]["stake"] = holds.interest.T, holds.stake.T
            interest[u]["acceptance"] = holds.acceptance.T
        dials = np.zeros(len(self.strategies), layout.DIALS)
        for row, strategy in enumerate(self.strategies):
            chosen = strategy.dials
            dials[row] = (
                layout.ASKS.index(chosen.asks),
                NOBODY if chosen.patron is None else names.index(chosen.patron),
                layout.ORDERS.index(chosen.order),
                layout.SEARCHES.index(chosen.search),
                chosen.counter_bids,
                chosen.splits,
                chosen.declares,
                chosen.caution,
                layout.ALLOCATIONS.index(chosen.allocation),
            )
        return Terms(
            np.array(self.phase_of_year, dtype=np.int64),
            world,
            power,
            issue,
            interest,
            np.stack([holds.rivalry for holds in self.conditions]),
            np.stack([holds.contest for holds in self.conditions]),
            np.stack([holds.links for holds in self.conditions]),
            dials,
            np.array([self.place[word] for word in scenario.strategies.mix], dtype=np.int64),
            NOBODY if self.tally.hegemon is None else self.tally.hegemon,
            NOBODY if self.tally.rising is None else self.tally.rising,
            any(phase.world.demonstration.rate > 0.0 for phase in self.phases),
            self.since,
        )

    def reports(self, runs: int) -> Floats:
        """Room for what is reported of the powers, shape (runs, T, G, len(REPORTED))."""
        return np.zeros((runs, self.scenario.years, len(self.scenario.power_names), len(REPORTED)))

    def notes(self, runs: int, states: int) -> Floats:
        """Room for what is kept of each state-year, shape (runs, T, states, columns of the notes)."""
        return np.zeros((runs, self.scenario.years, states, Notes.of(self.scenario).columns))

    def counters(self, arms: int, cells: int) -> Floats:
        """Counters at zero, shape (arms, cells, columns of the tally)."""
        return np.zeros((arms, cells, len(self.tally.columns)))

    def luck(self, seed: int, *replicates: int) -> Lucks:
        """The luck of some replicates; not kept."""
        names = self.scenario
        return Lucks(seed, replicates, names.years, names.state_names, names.power_names)


class Replicates:
    """The luck and the states of some replicates; only read, and shared by all runs under that luck.

    Parameters
    ----------
    engine : Engine
        The world.
    luck : Lucks
        The luck of the replicates, R of them.
    fleeting : bool
        Whether the luck of a year is drawn when the year comes, and not kept: for replicates that are run once.

    Attributes
    ----------
    playing : array of int, shape (R, N)
        The strategy of each state at the start.
    luck : Lucks
        As given.
    people, draws : People, Draws
        The states, and the luck of all years; None where it is fleeting.
    """

    def __init__(self, engine: Engine, luck: Lucks, fleeting: bool = False) -> None:
        scenario, several, casts = engine.scenario, len(luck.replicates), len(engine.casts)
        n, powers = len(scenario.state_names), len(scenario.power_names)
        distinct = [Population.draw(cast, luck, settled) for cast, settled in engine.settled]
        self.playing = assign_strategies(scenario, luck, distinct[0])
        everyone = np.zeros((several, casts), layout.PEOPLE)
        person = np.zeros((several, casts, n), layout.PERSON)
        partner = np.zeros((several, casts, n, powers), layout.PARTNER)
        present = np.full((several, casts, n), NOBODY, dtype=np.int64)
        for p, drawn in enumerate(distinct):
            members, people, total = np.flatnonzero(drawn.present), person[:, p], everyone[:, p]
            all_size, all_pull = in_turn(drawn.size[:, drawn.present]), in_turn(drawn.pull[:, drawn.present])
            total["all_size"] = all_size
            total["members_part"] = parts(in_turn(drawn.size[:, drawn.member]), all_size)
            total["members"], total["present"] = drawn.member.sum(), len(members)
            total["complete"] = scenario.world.network == "complete"
            for name in ("present", "member", "captured", "pull", "need_mean", "strategic", "capacity"):
                people[name] = getattr(drawn, name)
            people["y"], people["aversion"] = drawn.size, drawn.aversion
            people["place"] = NOBODY
            people["place"][:, members] = np.arange(len(members))
            people["weight"] = bid_weights(drawn.pull, drawn.size, all_size, all_pull)
            partner["stated"][:, p], partner["excluded"][:, p] = drawn.base, drawn.excluded
            present[:, p, : len(members)] = members
        first, neighbour = linked(scenario, distinct)  # alike in all replicates: no draw decides who is present
        self.people = People(
            engine.cast_of_year,
            everyone,
            person,
            partner,
            present,
            distinct[0].exposure,
            distinct[0].score,
            distinct[0].held,
            first,
            neighbour,
        )
        self.luck, self.draws = luck, None if fleeting else draws_of(luck)

    @property
    def size(self) -> int:
        """Bytes that they take."""
        return sum(part.nbytes for part in (*self.people, *(self.draws or ())))


def draws_of(luck: Lucks) -> Draws:
    """The luck of replicates as records; not copied."""
    year, power, state, pair = (luck.table(scope).view(kind)[..., 0] for scope, kind in layout.LUCK.items())
    return Draws(year, power, state, pair, luck.keys, luck.state_hashes, luck.power_hashes)


def words_for(states: int, powers: int) -> Words:
    """Room for the draws of a year."""
    entities = ((1, 1), (powers, 1), (states, 1), (states, powers))
    return Words(
        *(np.zeros((*own, len(kind.names or ()))) for own, kind in zip(entities, layout.LUCK.values(), strict=True))
    )


NO_WORDS = words_for(0, 0)._replace(year=np.zeros((0, 1, len(layout.LUCK["year"].names or ()))))
"""The luck of all years is given."""


def in_turn(values: Floats) -> Floats:
    """Sums of rows, each in order (:func:`ana_sim.world.in_order`), shape (R,)."""
    return np.cumsum(values, axis=1)[:, -1] if values.shape[1] else np.zeros(len(values))


def parts(amounts: Floats, totals: Floats) -> Floats:
    """Parts of totals; 0 of nothing."""
    return np.divide(amounts, totals, out=np.zeros_like(amounts), where=totals > 0.0)


def linked(scenario: Scenario, populations: Sequence[Population]) -> tuple[Ints, Ints]:
    """Who hears of whom in each of P populations: where each state's neighbours begin, and all neighbours."""
    first = np.zeros((len(populations), len(scenario.state_names) + 1), dtype=np.int64)
    if scenario.world.network == "complete":  # where they need no list
        return first, np.zeros(0, dtype=np.int64)
    neighbours: list[Ints] = [np.zeros(0, dtype=np.int64)]
    for row, drawn in zip(first, populations, strict=True):
        members = [int(i) for i in np.flatnonzero(drawn.present)]
        adjacency = Network(drawn.names, members, scenario.world.network, drawn.regions).adjacency()
        if adjacency:
            row[1:] = np.cumsum([len(each) for each in adjacency])
        row += sum(map(len, neighbours))
        neighbours += adjacency
    return first, np.concatenate(neighbours)


class Room:
    """Room for one world at a time."""

    def __init__(self, engine: Engine) -> None:
        scenario = engine.scenario
        n, k, g, years = len(scenario.state_names), len(scenario.issue), len(scenario.power_names), scenario.years
        flow = np.zeros(n, layout.FLOW)
        self.flow = flow.view(np.float64).reshape(n, len(layout.FLOW.names or ()))
        self.life = Life(
            np.zeros(n, layout.STATE),
            np.zeros((n, g), layout.REGARD),
            np.zeros((n, k, g), layout.TIE),
            np.zeros((n, k)),
            flow,
            np.zeros(g, layout.PLAYER),
            np.zeros((g, k)),
            np.zeros((years, g, k)),
            np.zeros((g, k)),
            np.zeros(n),
            np.zeros((k, g)),
            np.zeros((k, g)),
            np.zeros(1, layout.COMMON),
        )
        self.words = words_for(n, g)
        self.menu = Menu(*(own_copy(ways) for ways in engine.menu))
        rows = max(int(np.diff(ways.first).max()) for ways in self.menu)
        self.desk = Desk(
            project=np.zeros(2, PROJECT),
            power=np.zeros((2, g), POWER),
            who=np.zeros((2, g), dtype=np.int64),
            q=np.zeros(g),
            shares=np.zeros(g),
            standing=np.zeros(g),
            other=np.zeros(g),
            gain=np.zeros(g),
            asked=np.zeros(g, dtype=np.bool_),
            refused=np.zeros(g, dtype=np.bool_),
            pressed=np.zeros(g, dtype=np.bool_),
            demand=np.zeros(g, dtype=np.int64),
            value=np.zeros(rows),
            utility=np.zeros(rows),
            gumbel=np.zeros(rows),
        )

    def draws(self, luck: Lucks) -> Draws:
        """The draws of the year that has come, by purpose."""
        numbers, pairs = zip(self.words, layout.LUCK.values(), strict=True), self.words.pair.shape[:2]
        year, power, state, pair = (each.view(kind).reshape(1, 1, -1) for each, kind in numbers)
        hashes = luck.state_hashes, luck.power_hashes
        return Draws(year[0], power, state, pair.reshape(1, 1, *pairs), luck.keys, *hashes)


def own_copy(ways: Ways) -> Ways:
    """Ways to place a project with spare rows of one's own."""
    return Ways(ways.shares.copy(), ways.columns.copy(), ways.first, ways.group)


def run(
    engine: Engine,
    replicates: Replicates,
    room: Room,
    whose: Ints,
    playing: Ints,
    rows: Ints,
    counters: Floats,
    reports: Floats | None = None,
    clock: Ints = NO_CLOCK,
    notes: Floats | None = None,
) -> None:
    """Run arms of some replicates, without the interpreter lock; see :func:`ana_sim.kernel.year.run_arms`."""
    if notes is None:
        notes = engine.notes(len(playing), 0)
    if reports is None:
        reports = np.zeros((len(playing), 0, len(engine.scenario.power_names), len(REPORTED)))
    kept = replicates.draws
    run_arms(
        engine.terms,
        replicates.people,
        room.draws(replicates.luck) if kept is None else kept,
        room.words if kept is None else NO_WORDS,
        room.menu,
        room.life,
        room.flow,
        room.desk,
        whose,
        playing,
        rows,
        counters,
        reports,
        notes,
        clock,
    )


@lru_cache(maxsize=8)
def engine_of(scenario: Scenario, strategies: tuple[Word, ...] = ()) -> Engine:
    """The engine of a scenario, made once in each process."""
    return Engine(scenario, strategies)


def warm_up(say: Callable[[str], None]) -> None:
    """Compile the engine, or load what was compiled before; a first call says so, since it takes its time."""
    if not JIT_ENABLED:
        return
    mark = cache_directory() / "compiled"
    if not mark.exists():
        say("compiling the engine, once; this takes about half a minute")
    tiny = {"years": 1, "states.count": 1}
    engine = Engine(Scenario.load("blank").replace(tiny))
    alone, counters = Replicates(engine, engine.luck(0, 0)), engine.counters(1, len(engine.strategies))
    run(engine, alone, Room(engine), np.zeros(1, dtype=np.int64), alone.playing, by_strategy(1), counters)
    with suppress(OSError):
        mark.touch()
