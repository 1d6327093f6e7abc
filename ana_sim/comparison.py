"""Strategies compared under common random numbers: the same world, the same luck, one strategy changed."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ana_sim import mesa_arms, statistics
from ana_sim.dials import NamedStrategy
from ana_sim.errors import AnaSimError, suggestion
from ana_sim.luck import name_hash
from ana_sim.model import SEED, StrategyLike
from ana_sim.philox import words
from ana_sim.scenario import Scenario
from ana_sim.simulation import (
    ENGINES,
    Progress,
    RequestError,
    check_request,
    engine_for,
    keyed,
    prepared,
    run_jobs,
    warm_up,
)
from ana_sim.strategy import Strategy, find_strategy
from ana_sim.tally import Tally

if TYPE_CHECKING:
    from matplotlib.figure import Figure

BASELINE = "align_hegemon"
EVERYONE = "all"
ALL_UP_TO = 64
SAMPLE = 32
CHUNK = {"mesa": 8, "compiled": 64}
"""Deviators per job."""


@dataclass(frozen=True)
class Plan:
    """What a comparison will run.

    Attributes
    ----------
    scenario : Scenario
        The world.
    strategies : tuple
        What is compared, the baseline among them.
    rows : tuple of str or NamedStrategy
        The same as data: the names of the scenario's own, and the dials of classes.
    scripted : tuple of str
        Names of those that take decisions in Python.
    names : tuple of str
        Their names.
    baseline : str
        What the others are measured against.
    deviators : tuple of str
        The states that change their strategy one at a time; or ``("all",)``: all states do.
    replicates, seed : int
        The luck.
    """

    scenario: Scenario
    strategies: tuple[StrategyLike, ...]
    rows: tuple[str | NamedStrategy, ...]
    scripted: tuple[str, ...]
    names: tuple[str, ...]
    baseline: str
    deviators: tuple[str, ...]
    replicates: int
    seed: int

    @property
    def runs(self) -> int:
        """Number of worlds at most; a deviator's own strategy needs no world of its own."""
        return self.replicates * len(self.deviators) * len(self.strategies)

    @property
    def state_years(self) -> int:
        """Number of state-years at most."""
        return self.runs * self.scenario.years * len(self.scenario.state_names)

    def by_engine(self, engine: str) -> dict[str, Plan]:
        """What each engine runs, if one is asked for: strategies that decide in Python are left to Mesa's."""
        if engine == "mesa":
            return {engine: self}
        parts = {"compiled": self._only(scripted=False), "mesa": self._only(scripted=True)}
        return {name: part for name, part in parts.items() if part.names}

    def _only(self, scripted: bool) -> Plan:
        """The part of the plan with the strategies that decide in Python, or the others."""
        own = [place for place, name in enumerate(self.names) if (name in self.scripted) == scripted]
        return replace(
            self,
            strategies=tuple(self.strategies[place] for place in own),
            rows=tuple(self.rows[place] for place in own),
            names=tuple(self.names[place] for place in own),
            scripted=self.scripted if scripted else (),
        )


Job = tuple[Plan, int, tuple[str, ...]]
"""A plan, a replicate, and some deviators."""


@dataclass(frozen=True)
class Comparison:
    """Payoffs of strategies, paired under common random numbers.

    Attributes
    ----------
    payoffs : DataFrame
        A row per replicate, deviator and strategy.
    plan : Plan
        What was run.
    """

    payoffs: pd.DataFrame
    plan: Plan

    @property
    def scenario(self) -> Scenario:
        """The world."""
        return self.plan.scenario

    @cached_property
    def summary(self) -> pd.DataFrame:
        """A row per strategy: difference from the baseline, interval, tests, risk and components."""
        aversion = self.scenario.states.risk_aversion
        middle = aversion if isinstance(aversion, int | float) else (aversion.low + aversion.high) / 2
        return statistics.summarise(self.payoffs, self.plan.baseline, risk_aversion=float(middle))

    @property
    def title(self) -> str:
        """What is compared, in a line."""
        last = self.scenario.start + self.scenario.years - 1
        return f"How each strategy pays, {self.scenario.start}-{last}: {self.scenario.title or self.scenario.name}"

    @property
    def subtitle(self) -> str:
        """How it is compared, in a line."""
        plan = self.plan
        states = len(self.scenario.state_names)
        if plan.deviators == (EVERYONE,):
            who = f"all {states} states play the same strategy"
        elif len(plan.deviators) == 1:
            who = f"{plan.deviators[0]} alone changes its strategy among {states} states"
        else:
            number = f"{len(plan.deviators)}" if len(plan.deviators) == states else f"{len(plan.deviators)} of {states}"
            who = f"{number} states change their strategy, one at a time, while the others keep theirs"
        return f"{who}; {plan.replicates} replicates under common random numbers"

    def figure(self) -> Figure:
        """The differences with their intervals, and the components that explain them."""
        from ana_sim.figures import compare_figure

        return compare_figure(self.summary, title=self.title, subtitle=self.subtitle, baseline=self.plan.baseline)


def plan(
    scenario: Scenario | str,
    strategies: Sequence[StrategyLike] | None = None,
    *,
    replicates: int = 200,
    seed: int = SEED,
    deviator: str = "each",
    baseline: str = BASELINE,
    years: int | None = None,
    sample: int | None = None,
) -> Plan:
    """What :func:`compare` would run; the parameters are the same.

    Raises
    ------
    AnaSimError
        If the request is wrong.
    """
    scenario = prepared(scenario, years)
    check_request(replicates=replicates, workers=1, engine=ENGINES[0], seed=seed)
    chosen = list(strategies) if strategies is not None else list(scenario.strategies.mix)
    if not chosen:
        raise RequestError("strategies: there are none to compare")
    resolved = [find_strategy(word, scenario) for word in chosen]
    names = [strategy.name for strategy in resolved]
    for name in names:
        if names.count(name) > 1:
            raise RequestError(f"strategies: {name!r} is named twice")
    if baseline not in names:
        try:
            resolved.insert(0, find_strategy(baseline, scenario))
            names.insert(0, resolved[0].name)
        except AnaSimError as error:
            raise RequestError(f"baseline = {baseline!r}: {error}") from error
        chosen.insert(0, baseline)
    deviators = deviators_of(scenario, deviator, sample, seed)
    rows = tuple(as_data(word, strategy) for word, strategy in zip(chosen, resolved, strict=True))
    scripted = tuple(strategy.name for strategy in resolved if strategy.scripted)
    return Plan(scenario, tuple(chosen), rows, scripted, tuple(names), baseline, deviators, replicates, seed)


def compare(
    scenario: Scenario | str,
    strategies: Sequence[StrategyLike] | None = None,
    *,
    replicates: int = 200,
    seed: int = SEED,
    deviator: str = "each",
    baseline: str = BASELINE,
    years: int | None = None,
    sample: int | None = None,
    workers: int | None = None,
    engine: str = ENGINES[0],
    progress: Progress | None = None,
    executor: Executor | None = None,
) -> Comparison:
    """Compare strategies in a scenario, paired under common random numbers.

    Parameters
    ----------
    scenario : Scenario or str
        A scenario, the name of a built-in one, or a path.
    strategies : sequence, optional
        Names, ``"file.py:Class"``, or subclasses of :class:`ana_sim.Strategy`; those of the scenario's mix by default.
    replicates : int
        Number of replicates, each with its own luck.
    seed : int
        Seed of all luck.
    deviator : str
        ``each``: one state at a time changes its strategy while the others keep theirs, so that the difference is the
        causal effect for that state; ``all``: all states play the same strategy; or the name of one state.
    baseline : str
        The strategy that the others are measured against.
    years : int, optional
        Length of the run instead of the scenario's.
    sample : int, optional
        How many states deviate under ``each``; all of up to 64, and 32 of more, by default.
    workers : int, optional
        Number of threads (of processes for the Mesa engine); one per core by default. Results do not depend on it.
    engine : str
        ``compiled`` or ``mesa``; the results are the same. A strategy that decides in Python is run by the Mesa engine,
        with a warning; the others are not held up by it.
    progress : callable, optional
        Called with the number of jobs done and their total.
    executor : concurrent.futures.Executor, optional
        Where to run instead of processes of its own.

    Returns
    -------
    Comparison
        The paired payoffs, their summary and a figure.

    Raises
    ------
    AnaSimError
        If the scenario, a strategy or the request is wrong.
    """
    made = plan(
        scenario,
        strategies,
        replicates=replicates,
        seed=seed,
        deviator=deviator,
        baseline=baseline,
        years=years,
        sample=sample,
    )
    check_request(replicates=replicates, workers=workers, engine=engine, seed=seed)
    _, word = engine_for(engine, made.scripted)
    if word:
        warnings.warn(word, stacklevel=2)
    parts = made.by_engine(engine)
    if "compiled" in parts:
        warm_up()
    jobs = {name: _jobs(part, CHUNK[name]) for name, part in parts.items()}
    total, done = sum(map(len, jobs.values())), 0
    counters = np.empty((len(made.deviators) * replicates, len(made.names), len(Tally.of(made.scenario).columns)))
    for name, part in parts.items():
        found = run_jobs(
            _compiled_arms if name == "compiled" else _mesa_arms,
            jobs[name],
            workers=workers,
            cost=part.state_years,
            threads=name == "compiled",
            progress=_shifted(progress, done, total),
            executor=executor,
            portable=all(isinstance(word, str) for word in part.strategies),
        )
        counters[:, [made.names.index(own) for own in part.names]] = np.concatenate(list(found))
        done += len(jobs[name])
    payoffs = _table(made, counters.reshape(-1, counters.shape[-1]))
    payoffs["regret"] = statistics.paired_regret(payoffs)
    return Comparison(payoffs, made)


def as_data(word: StrategyLike, strategy: Strategy) -> str | NamedStrategy:
    """A strategy as data: the name of one of the scenario's own, or the dials of a class."""
    if isinstance(word, str) and word == strategy.name:
        return word
    return NamedStrategy(strategy.name, strategy.dials, "", "a class")


def _jobs(made: Plan, size: int) -> list[Job]:
    """Cut a plan into jobs of some deviators in one replicate, in order."""
    chunks = [made.deviators[start : start + size] for start in range(0, len(made.deviators), size)]
    return [(made, replicate, chunk) for replicate in range(made.replicates) for chunk in chunks]


def _shifted(progress: Progress | None, before: int, total: int) -> Progress | None:
    """Progress of a part of the jobs as that of all."""
    return None if progress is None else lambda done, _: progress(before + done, total)


def _table(made: Plan, counters: NDArray[np.float64]) -> pd.DataFrame:
    """Table of payoffs from the counters of all cases, a row per replicate, deviator and strategy."""
    tally = Tally.of(made.scenario)
    cases = product(range(made.replicates), made.deviators, made.names)
    keys = [(replicate, name, deviator) for replicate, deviator, name in cases]
    table = pd.DataFrame(tally.rows(counters))
    table["replicate"], table["strategy"], table["deviator"] = zip(*keys, strict=True)
    table["state"] = table["deviator"]
    table["regret"] = 0.0
    return keyed(table, tally.powers, point=0, seed=made.seed)


def deviators_of(scenario: Scenario, deviator: str, sample: int | None, seed: int) -> tuple[str, ...]:
    """Who changes its strategy; the parameters are those of :func:`compare`.

    Raises
    ------
    RequestError
        If there is no such state.
    """
    names = list(scenario.state_names)
    if deviator == EVERYONE:
        return (EVERYONE,)
    if deviator != "each":
        if deviator not in names:
            near = suggestion(deviator, ["each", EVERYONE, *names])
            raise RequestError(f"deviator = {deviator!r}: there is no such state{near}")
        return (deviator,)
    if sample is not None and sample < 1:
        raise RequestError(f"sample = {sample!r}: must be a whole number of at least 1")
    size = sample or (len(names) if len(names) <= ALL_UP_TO else SAMPLE)
    if size >= len(names):
        return tuple(names)
    kept = set(drawn_order(names, seed, "sample of deviators")[:size])
    return tuple(name for name in names if name in kept)


def drawn_order(names: Sequence[str], seed: int, purpose: str) -> tuple[str, ...]:
    """Names in an order that is drawn for a purpose, and has nothing to do with the one in which they stand."""
    hashes = np.array([name_hash(name) for name in names], dtype=np.uint64)
    nothing = np.zeros_like(hashes)
    drawn = words((nothing, hashes, nothing, nothing), (seed, name_hash(purpose)))[:, 0]
    return tuple(names[i] for i in np.argsort(drawn, kind="stable"))


def _compiled_arms(job: Job) -> NDArray[np.float64]:
    """Counters of some deviators in one replicate under each strategy, shape (D, S, columns); compiled."""
    from ana_sim.kernel import arms
    from ana_sim.kernel.engine import Replicates, Room, engine_of

    made, replicate, deviators = job
    engine = engine_of(made.scenario, made.rows)
    alone, room = Replicates(engine, engine.luck(made.seed, replicate)), Room(engine)
    if deviators == (EVERYONE,):
        return arms.unanimous(engine, alone, room, [0], made.rows)
    indices = [made.scenario.state_names.index(name) for name in deviators]
    counters: NDArray[np.float64] = arms.deviations(engine, alone, room, [0], made.rows, [indices])[0]
    return counters


def _mesa_arms(job: Job) -> NDArray[np.float64]:
    """Counters of some deviators in one replicate under each strategy, shape (D, S, columns); in Mesa."""
    made, replicate, deviators = job
    if deviators == (EVERYONE,):
        return mesa_arms.unanimous(made.scenario, made.strategies, made.seed, replicate)[None]
    counters, _ = mesa_arms.deviations(
        made.scenario, made.strategies, made.names, made.seed, replicate, deviators, reported=False
    )
    return counters
