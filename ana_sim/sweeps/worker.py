"""A stretch of a sweep's runs, made by either engine."""

from __future__ import annotations

import gc
import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa

from ana_sim import mesa_arms
from ana_sim.comparison import EVERYONE, as_data, deviators_of, drawn_order
from ana_sim.errors import AnaSimError
from ana_sim.population import strategies_in
from ana_sim.provenance import NUMERIC, sources_digest, versions
from ana_sim.scenario import Scenario
from ana_sim.strategy import find_strategy
from ana_sim.sweeps.measures import Measure
from ana_sim.sweeps.rows import Run, measure_table, payoff_table, power_table, unsound
from ana_sim.sweeps.spec import MIXED, ROTATE, Spec, SweepError, step_of
from ana_sim.tally import Tally

if TYPE_CHECKING:
    from ana_sim.kernel.engine import Engine, Replicates, Room
    from ana_sim.kernel.shelf import Shelf

__all__ = ["Bench", "Chunk", "Failure", "Outcome", "run_chunk"]

MOST_WORLDS = 512
"""Worlds that the compiled engine runs in one go at most: for some tenths of a second, and in bounded memory."""

NOBODY = ("nobody",)
"""The deviators of a run in which no state changes its strategy."""


@dataclass(frozen=True)
class Chunk:
    """Runs that follow one another, and all that is needed to make them.

    Attributes
    ----------
    spec : Spec
        The sweep.
    digest : str
        The request's hash, by which a worker knows the sweep again.
    made_by : mapping
        What numbers depend on to the last bit (:func:`made_by`): a worker on another machine must have the same.
    runs : range
        Flat indices: point times replicates, plus replicate.
    values : tuple of tuple
        The factors' values at each point from ``runs.start // spec.replicates`` on.
    """

    spec: Spec
    digest: str
    made_by: Mapping[str, str]
    runs: range
    values: tuple[tuple[Any, ...], ...]

    def points(self) -> Iterator[tuple[int, range, tuple[Any, ...]]]:
        """Yield each point with the replicates that are to be run, and its values."""
        several = self.spec.replicates
        for point, values in enumerate(self.values, start=self.runs.start // several):
            start, stop = max(self.runs.start, point * several), min(self.runs.stop, (point + 1) * several)
            yield point, range(start - point * several, stop - point * several), values


class Failure(NamedTuple):
    """A run that failed."""

    point: int
    replicate: int
    seed: int
    stage: str
    """What was being done: ``scenario``, ``run``, ``result`` or ``measure``."""
    reason: str


class Outcome(NamedTuple):
    """What became of a chunk: its tables by name, and the runs that failed."""

    tables: dict[str, pa.Table]
    failures: list[Failure]


def run_chunk(chunk: Chunk) -> Outcome:
    """Make the runs of a chunk.

    A run that fails is among the failures and in no table; the others do not depend on it.

    Raises
    ------
    SweepError
        If this worker has other sources, packages or another kind of machine.
    MemoryError, OSError
        If the machine lets the worker down: that is no fault of the run's.
    """
    here = made_by()
    other = [
        f"{name} ({here.get(name)}, not {there})" for name, there in chunk.made_by.items() if here.get(name) != there
    ]
    if other:
        raise SweepError(f"the worker on {platform.node()} has another {', '.join(other)}: install the same everywhere")
    return _bench(_Known(chunk.digest, chunk.spec)).run(chunk)


@lru_cache(maxsize=1)
def made_by() -> Mapping[str, str]:
    """What numbers depend on to the last bit: sources, packages, the kind of machine."""
    found = versions()
    numeric: dict[str, str] = {name: found[name] for name in NUMERIC}
    return {"ana_sim": sources_digest()[:10], **numeric, "machine": platform.machine()}


@dataclass(frozen=True, eq=False)
class _Known:
    """A sweep that is told from others by the hash of its request, and by its engine, alone."""

    digest: str
    spec: Spec

    def __hash__(self) -> int:
        return hash((self.digest, self.spec.engine))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Known) and (self.digest, self.spec.engine) == (other.digest, other.spec.engine)


@lru_cache(maxsize=2)
def _bench(known: _Known) -> Bench:
    bench = Bench(known.spec)
    # Worlds come and go by the thousand, and are cyclic: without this the collector walks over all that was there
    # before with each of them, for a tenth of the time. The runner undoes it in its own process.
    gc.collect()
    gc.freeze()
    return bench


class Bench:
    """What a worker keeps of a sweep from chunk to chunk.

    Parameters
    ----------
    spec : Spec
        The sweep.

    Raises
    ------
    AnaSimError
        If a strategy or a measure of it cannot be.
    """

    def __init__(self, spec: Spec) -> None:
        scenario, outputs = spec.scenario, spec.outputs
        self.spec, self.outputs = spec, outputs
        self.mixed = outputs.deviator == MIXED
        self.tally = Tally.of(scenario)
        self.words: tuple[str, ...] = () if self.mixed else spec.strategies
        found = [find_strategy(word, scenario) for word in self.words]
        self.rows = tuple(as_data(word, strategy) for word, strategy in zip(self.words, found, strict=True))
        self.scripted = tuple(strategy.name for strategy in found if strategy.scripted)
        self.names = tuple(strategies_in(scenario)) if self.mixed else tuple(strategy.name for strategy in found)
        self.measures = [
            Measure(name, text, strategies=self.names, powers=self.tally.powers)
            for name, text in outputs.measures.items()
        ]
        self.tables = (*outputs.tables, *(["measures"] if self.measures else []))
        self.reports = "powers" in self.tables or any(
            table == "powers" for measure in self.measures for table, _, _ in measure.reads
        )
        self.compiled = spec.engine == "compiled" and not self.scripted

    @property
    def worlds(self) -> int:
        """Worlds that a run takes at most."""
        if self.mixed:
            return 1
        several = len(self.deviators(self.spec.scenario, 0)) * len(self.words)
        return several + (1 if self.outputs.deviator == EVERYONE and self.reports else 0)

    @cached_property
    def shelf(self) -> Shelf:
        """The luck and the states that points share."""
        from ana_sim.kernel.shelf import Shelf

        return Shelf(self.spec.seed, self.spec.replicates)

    def deviators(self, scenario: Scenario, number: int) -> tuple[str, ...]:
        """Return who changes its strategy in a replicate."""
        if self.mixed:
            return NOBODY
        if self.outputs.deviator == ROTATE:
            turns = rotation(tuple(scenario.state_names), self.spec.seed)
            return (turns[number % len(turns)],)
        return deviators_of(scenario, self.outputs.deviator, self.outputs.sample, self.spec.seed)

    def run(self, chunk: Chunk) -> Outcome:
        """Make the runs of a chunk; see :func:`run_chunk`."""
        runs: list[Run] = []
        failures: list[Failure] = []

        def fail(point: int, number: int, stage: str, error: BaseException) -> None:
            failures.append(Failure(point, number, self.spec.seed, stage, in_a_line(error)))

        for point, numbers, values in chunk.points():
            try:
                world = self.world(point, values)
            except AnaSimError as error:
                for number in numbers:
                    fail(point, number, "scenario", error)
                continue
            for together in world.stretches(numbers):
                try:
                    runs += world.run(together)
                except (MemoryError, OSError):
                    raise
                except (Exception, SystemExit) as error:  # a strategy may do what it likes
                    for number in together:
                        fail(point, number, "run", error)
        sound = []
        for run, strategy in zip(runs, unsound(runs, self.tally), strict=True):
            if strategy is None:
                sound.append(run)
            else:
                fail(run.point, run.replicate, "result", SweepError(f"the payoff of {strategy} is not a finite number"))
        return Outcome(self._tables(sound), sorted(failures))

    def world(self, point: int, values: Sequence[Any]) -> CompiledWorld | MesaWorld:
        """Make the world of a point.

        Raises
        ------
        AnaSimError
            If there is no such world.
        """
        scenario = self.spec.scenario.replace(self.spec.settings(values))
        since = step_of(self.outputs.from_year, scenario)
        if not 0 <= since < scenario.years:
            raise SweepError(f"outputs.from_year = {self.outputs.from_year}: the run has {scenario.years} years")
        return (CompiledWorld if self.compiled else MesaWorld)(self, point, scenario, since)

    def _tables(self, runs: Sequence[Run]) -> dict[str, pa.Table]:
        seed = self.spec.seed
        make = {
            "payoffs": lambda: payoff_table(runs, self.tally, seed, by_state=self.outputs.by_state),
            "powers": lambda: power_table(runs, self.tally),
            "measures": lambda: measure_table(runs, self.tally, seed, self.measures),
        }
        return {name: make[name]() for name in self.tables}


@dataclass
class CompiledWorld:
    """The world of a point in the compiled engine."""

    bench: Bench
    point: int
    scenario: Scenario
    since: int

    def __post_init__(self) -> None:
        from ana_sim.kernel.engine import Engine, Room

        self.engine: Engine = Engine(self.scenario, self.bench.rows, self.since)
        self.room: Room = Room(self.engine)
        self.cast = self.bench.shelf.cast(self.engine)
        own = tuple(strategy.name for strategy in self.engine.strategies)
        self.names = own if self.bench.mixed else self.bench.names

    def stretches(self, numbers: range) -> list[range]:
        """Cut replicates into those that are run together: in one go, without the interpreter's lock."""
        most = max(1, MOST_WORLDS // self.bench.worlds)
        return [numbers[start : start + most] for start in range(0, len(numbers), most)]

    def run(self, numbers: range) -> list[Run]:
        """Run replicates."""
        runs: list[Run] = []
        for block, chosen in self.bench.shelf.blocks(self.engine, self.cast, numbers):
            own = numbers[len(runs) : len(runs) + len(chosen)]
            runs += self._run(block, chosen, own)
        return runs

    def _run(self, block: Replicates, chosen: range, numbers: range) -> list[Run]:
        """Run replicates of a block, at their places in it."""
        from ana_sim.kernel import arms

        bench, engine, room = self.bench, self.engine, self.room
        reports = engine.reports(len(chosen)) if bench.reports else None
        deviators = [bench.deviators(self.scenario, number) for number in numbers]
        if deviators[0] == NOBODY:
            counters = arms.undisturbed(engine, block, room, chosen, reports)[:, None]
        elif deviators[0] == (EVERYONE,):
            counters = arms.unanimous(engine, block, room, chosen, bench.rows)[:, None]
            if reports is not None:
                arms.undisturbed(engine, block, room, chosen, reports)
        else:
            indices = [[self.scenario.state_names.index(name) for name in names] for names in deviators]
            counters = arms.deviations(engine, block, room, chosen, bench.rows, indices, reports)
        when = self.scenario.start, self.since
        return [
            Run(self.point, number, self.names, names, counters[r], None if reports is None else reports[r], *when)
            for r, (number, names) in enumerate(zip(numbers, deviators, strict=True))
        ]


@dataclass
class MesaWorld:
    """The world of a point in the Mesa engine."""

    bench: Bench
    point: int
    scenario: Scenario
    since: int

    def stretches(self, numbers: range) -> list[range]:
        """Cut replicates into those that are run together: each alone, so that it fails alone."""
        return [range(number, number + 1) for number in numbers]

    def run(self, numbers: range) -> list[Run]:
        """Run replicates."""
        return [self._run(number) for number in numbers]

    def _run(self, number: int) -> Run:
        bench, scenario, seed = self.bench, self.scenario, self.bench.spec.seed
        deviators = bench.deviators(scenario, number)
        names, reports = bench.names, None
        if deviators == NOBODY:
            counters, reports = mesa_arms.undisturbed(scenario, seed, number, self.since)
            counters, names = counters[None], tuple(strategies_in(scenario))
        elif deviators == (EVERYONE,):
            counters = mesa_arms.unanimous(scenario, bench.words, seed, number, self.since)[None]
            if bench.reports:
                reports = mesa_arms.undisturbed(scenario, seed, number)[1]
        else:
            counters, reports = mesa_arms.deviations(
                scenario, bench.words, bench.names, seed, number, deviators, self.since
            )
        return Run(self.point, number, names, deviators, counters, reports, scenario.start, self.since)


@lru_cache(maxsize=64)
def rotation(names: tuple[str, ...], seed: int) -> tuple[str, ...]:
    """The order in which states take turns to deviate."""
    return drawn_order(names, seed, "turns to deviate")


def in_a_line(error: BaseException) -> str:
    """What went wrong, in a line; an error that is not this package's own with its kind."""
    text = " ".join(str(error).split())
    return text if isinstance(error, AnaSimError) else f"{type(error).__name__}: {text}".removesuffix(": ")
