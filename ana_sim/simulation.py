"""Replicates of a world, as tables; and the jobs that any executor can run."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import pandas as pd

from ana_sim.errors import AnaSimError, nearest
from ana_sim.model import SEED, AnaModel, StrategyLike
from ana_sim.scenario import Scenario
from ana_sim.tally import payoff_columns

Progress = Callable[[int, int], None]
Job = TypeVar("Job")
Done = TypeVar("Done")

ENGINES = ("mesa",)
STATE_YEARS_WORTH_A_PROCESS = 40_000
"""Below this many state-years in all, starting processes costs more than it saves."""


class RequestError(AnaSimError):
    """A request that cannot be met as it stands."""


@dataclass(frozen=True)
class Simulation:
    """Replicates of a scenario in its own mix of strategies.

    Attributes
    ----------
    payoffs : DataFrame
        A row per replicate and strategy: the payoff per state, year and unit of size, its components, and what stands
        beside it.
    powers : DataFrame
        A row per replicate, year and power.
    scenario : Scenario
        What was run.
    """

    payoffs: pd.DataFrame
    powers: pd.DataFrame
    scenario: Scenario


@dataclass(frozen=True)
class Run:
    """One world with all that happened in it.

    Attributes
    ----------
    states, powers, deals, events : DataFrame
        A row per state and year; per power and year; per power in a deal; per event.
    payoffs : DataFrame
        A row per strategy.
    scenario : Scenario
        What was run.
    model : AnaModel
        The world after its last year.
    """

    states: pd.DataFrame
    powers: pd.DataFrame
    deals: pd.DataFrame
    events: pd.DataFrame
    payoffs: pd.DataFrame
    scenario: Scenario
    model: AnaModel


def simulate(
    scenario: Scenario | str,
    replicates: int = 200,
    seed: int = SEED,
    *,
    years: int | None = None,
    workers: int | None = None,
    engine: str = "mesa",
    progress: Progress | None = None,
    executor: Executor | None = None,
) -> Simulation:
    """Run replicates of a scenario as its file states it.

    Parameters
    ----------
    scenario : Scenario or str
        A scenario, the name of a built-in one, or a path.
    replicates : int
        Number of replicates, each with its own luck.
    seed : int
        Seed of all luck.
    years : int, optional
        Length of the run instead of the scenario's.
    workers : int, optional
        Number of processes; as many as there are cores by default. Results do not depend on it.
    engine : str
        ``mesa``.
    progress : callable, optional
        Called with the number of replicates done and their total.
    executor : concurrent.futures.Executor, optional
        Where to run instead of processes of its own.

    Returns
    -------
    Simulation
        Tables ``payoffs`` and ``powers``.

    Raises
    ------
    AnaSimError
        If the scenario or the request is wrong.
    """
    scenario = prepared(scenario, years)
    check_request(replicates=replicates, workers=workers, engine=engine, seed=seed)
    jobs = [(scenario, seed, replicate) for replicate in range(replicates)]
    cost = replicates * scenario.years * len(scenario.state_names)
    done = list(run_jobs(_replicate, jobs, workers=workers, cost=cost, progress=progress, executor=executor))
    payoffs = pd.concat([payoffs for payoffs, _ in done], ignore_index=True)
    powers = pd.concat([powers for _, powers in done], ignore_index=True)
    return Simulation(payoffs, powers, scenario)


def run_world(
    scenario: Scenario | str,
    *,
    seed: int = SEED,
    replicate: int = 0,
    years: int | None = None,
    play: Mapping[str, StrategyLike] | StrategyLike | None = None,
    engine: str = "mesa",
) -> Run:
    """Run one world and keep all that happens.

    Parameters
    ----------
    scenario : Scenario or str
        A scenario, the name of a built-in one, or a path.
    seed, replicate : int
        The luck.
    years : int, optional
        Length of the run instead of the scenario's.
    play : mapping or strategy, optional
        Strategies of named states, or one for all.
    engine : str
        ``mesa``.

    Returns
    -------
    Run
        Tables ``states``, ``powers``, ``deals``, ``events`` and ``payoffs``.

    Raises
    ------
    AnaSimError
        If the scenario or the request is wrong.
    """
    scenario = prepared(scenario, years)
    check_request(replicates=1, workers=1, engine=engine, seed=seed)
    model = AnaModel(scenario, rng=seed, replicate=replicate, play=play, collect=False, record=True).run()
    assert model.record is not None
    return Run(
        states=model.record.states(),
        powers=_powers_table(model, seed, replicate),
        deals=model.record.deals(),
        events=model.record.events(),
        payoffs=payoffs_table(model, seed, replicate),
        scenario=scenario,
        model=model,
    )


def prepared(scenario: Scenario | str, years: int | None) -> Scenario:
    """The scenario loaded, and cut to a length."""
    if isinstance(scenario, str):
        scenario = Scenario.load(scenario)
    if years is not None:
        scenario = scenario.replace({"years": years})
    if not scenario.state_names:
        raise RequestError(f"scenario {scenario.name}: there are no states to simulate")
    return scenario


def check_request(*, replicates: object, workers: object, engine: str, seed: object) -> None:
    """Refuse counts below one, seeds below zero, and engines that there are not.

    Raises
    ------
    RequestError
        Naming the value and the reason.
    """
    for name, value in (("replicates", replicates), ("workers", 1 if workers is None else workers)):
        if not _is_whole(value, at_least=1):
            raise RequestError(f"{name} = {value!r}: must be a whole number of at least 1")
    if not _is_whole(seed, at_least=0):
        raise RequestError(f"seed = {seed!r}: must be a whole number from 0 to 2**63 - 1")
    if engine == "compiled":
        raise RequestError("engine = 'compiled': there is no compiled engine yet; 'mesa' runs the same world")
    if engine not in ENGINES:
        hint = nearest(engine, ENGINES)
        raise RequestError(f"engine = {engine!r}: there is none of that name; did you mean {hint or 'mesa'!r}?")


def _is_whole(value: object, at_least: int) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        return False
    return at_least <= int(value) < 2**63


def payoffs_table(model: AnaModel, seed: int, replicate: int) -> pd.DataFrame:
    """Table ``payoffs`` of one world: a row per strategy that was played."""
    rows = {name: column.copy() for name, column in model.tally.rows(model.counters).items()}
    table = pd.DataFrame(rows)
    table["strategy"] = [strategy.name for strategy in model.strategies]
    table = table[table["n"] > 0.0].reset_index(drop=True)
    table["regret"] = table["payoff"].max() - table["payoff"]
    return keyed(table, model.power_names, point=0, replicate=replicate, seed=seed)


def keyed(table: pd.DataFrame, powers: Sequence[str], **keys: int) -> pd.DataFrame:
    """A table of payoffs with its keys in front and its columns in their order."""
    table = table.assign(**keys, n=table["n"].astype(np.int64))
    front = [name for name in ("point", "replicate", "seed", "strategy", "deviator", "state") if name in table]
    return table[[*front, *payoff_columns(powers)]]


def run_jobs(
    work: Callable[[Job], Done],
    jobs: Sequence[Job],
    *,
    workers: int | None,
    cost: int,
    progress: Progress | None = None,
    executor: Executor | None = None,
    portable: bool = True,
) -> Iterator[Done]:
    """Run jobs here, in processes, or on any executor; results come in the order of the jobs.

    Parameters
    ----------
    work : callable
        A function of a module, so that it can be sent to another process.
    jobs : sequence
        Its arguments.
    workers : int or None
        Number of processes; None for one per core.
    cost : int
        State-years in all: a small request is run here.
    progress : callable, optional
        Called with the number of jobs done and their total.
    executor : Executor, optional
        Where to run instead.
    portable : bool
        Whether the jobs can be sent to another process (a class typed into a notebook cannot).

    Yields
    ------
    object
        What ``work`` returned.
    """
    workers = min(workers or os.cpu_count() or 1, len(jobs))
    here = not portable or (executor is None and (workers == 1 or cost < STATE_YEARS_WORTH_A_PROCESS))
    if here:
        for done, job in enumerate(jobs, start=1):
            yield work(job)
            if progress:
                progress(done, len(jobs))
        return
    if executor is not None:
        yield from _gather(executor, work, jobs, progress)
        return
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        try:
            yield from _gather(pool, work, jobs, progress)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for process in multiprocessing.active_children():
                process.terminate()
            raise


def _gather(
    executor: Executor, work: Callable[[Job], Done], jobs: Sequence[Job], progress: Progress | None
) -> Iterable[Done]:
    with _interrupts_held():
        futures = [executor.submit(work, job) for job in jobs]
    try:
        for done, future in enumerate(as_completed(futures), start=1):
            future.result()
            if progress:
                progress(done, len(jobs))
        return [future.result() for future in futures]
    except BaseException:
        for future in futures:
            future.cancel()
        raise


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Start processes that leave Ctrl-C to this one: they inherit that the signal is ignored."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _replicate(job: tuple[Scenario, int, int]) -> tuple[pd.DataFrame, pd.DataFrame]:
    scenario, seed, replicate = job
    model = AnaModel(scenario, rng=seed, replicate=replicate, collect=False).run()
    return payoffs_table(model, seed, replicate), _powers_table(model, seed, replicate)


def _powers_table(model: AnaModel, seed: int, replicate: int) -> pd.DataFrame:
    table = pd.DataFrame(model.power_rows)
    table.insert(0, "point", 0)
    table.insert(1, "replicate", replicate)
    return table
