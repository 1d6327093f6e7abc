"""Replicates of a world, as tables; and the jobs that any executor can run."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ana_sim.errors import AnaSimError, nearest
from ana_sim.mesa_arms import power_reports, undisturbed
from ana_sim.model import SEED, AnaModel, StrategyLike
from ana_sim.population import strategies_in
from ana_sim.scenario import Scenario
from ana_sim.tally import COUNTED, REPORTED, Tally, payoff_columns

Floats = NDArray[np.float64]

Progress = Callable[[int, int], None]
Job = TypeVar("Job")
Done = TypeVar("Done")

ENGINES = ("compiled", "mesa")
"""The engines, the default first: they give the same results to the last bit."""

STATE_YEARS_WORTH_A_PROCESS = 40_000
"""Below this many state-years in all, starting processes costs more than it saves."""

STATE_YEARS_A_JOB = 200_000
"""State-years in one job of the compiled engine: about 0.1 s, so that handing jobs out costs nothing."""


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
    engine: str = ENGINES[0],
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
        Number of threads (of processes for the Mesa engine); as many as there are cores by default. Results do not
        depend on it.
    engine : str
        ``compiled`` or ``mesa``; the results are the same.
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
    each = scenario.years * len(scenario.state_names)
    size = max(1, STATE_YEARS_A_JOB // each) if engine == "compiled" else 1
    jobs = [(scenario, seed, range(start, min(start + size, replicates))) for start in range(0, replicates, size)]
    if engine == "compiled":
        warm_up()
    done = list(
        run_jobs(
            compiled_replicates if engine == "compiled" else mesa_replicates,
            jobs,
            workers=workers,
            cost=replicates * each,
            threads=engine == "compiled",
            progress=progress,
            executor=executor,
        )
    )
    counters, reports = (np.concatenate(parts) for parts in zip(*done, strict=True))
    tally, names = Tally.of(scenario), strategies_in(scenario)
    return Simulation(
        payoffs_table(tally, names, counters, seed, range(replicates)),
        powers_table(scenario, reports, range(replicates)),
        scenario,
    )


def run_world(
    scenario: Scenario | str,
    *,
    seed: int = SEED,
    replicate: int = 0,
    years: int | None = None,
    play: Mapping[str, StrategyLike] | StrategyLike | None = None,
    engine: str = ENGINES[0],
) -> Run:
    """Run one world and keep all that happens.

    Deals and events are kept by the Mesa engine, which runs it whatever ``engine`` is: the results are the same.

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
        ``compiled`` or ``mesa``.

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
        powers=powers_table(scenario, np.array([power_reports(model)]), [replicate]),
        deals=model.record.deals(),
        events=model.record.events(),
        payoffs=payoffs_table(
            model.tally, [strategy.name for strategy in model.strategies], model.counters[None], seed, [replicate]
        ),
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
    if engine not in ENGINES:
        hint = nearest(engine, ENGINES)
        raise RequestError(f"engine = {engine!r}: there is none of that name; did you mean {hint or 'mesa'!r}?")


def _is_whole(value: object, at_least: int) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        return False
    return at_least <= int(value) < 2**63


def warm_up(say: Callable[[str], None] | None = None) -> None:
    """Have the compiled engine ready; a first call says, on the standard error by default, that it compiles."""
    from ana_sim.kernel import engine

    engine.warm_up(say or (lambda line: print(line, file=sys.stderr, flush=True)))


def engine_for(engine: str, scripted: Sequence[str]) -> tuple[str, str]:
    """The engine that will run, and a word about it where it is not the one asked for.

    Strategies that take decisions in Python, here by name, are run by the Mesa engine.
    """
    if engine == "mesa" or not scripted:
        return engine, ""
    who = ", ".join(scripted)
    return "mesa", f"{who}: decides in Python, so the Mesa engine runs it, hundreds of times slower"


def payoffs_table(
    tally: Tally, names: Sequence[str], counters: Floats, seed: int, replicates: Sequence[int]
) -> pd.DataFrame:
    """Table ``payoffs``: a row per replicate and strategy that was played.

    Parameters
    ----------
    tally : Tally
        The columns of the counters.
    names : sequence of str
        The strategies.
    counters : array, shape (R, strategies, columns)
        Sums over state-years.
    seed : int
        Seed of the luck.
    replicates : sequence of int
        The replicates' numbers.
    """
    table = pd.DataFrame(tally.rows(counters.reshape(-1, counters.shape[-1])))
    table["strategy"] = list(names) * len(replicates)
    table["replicate"] = np.repeat(np.array(replicates, dtype=np.int64), len(names))
    table = table[table["n"] > 0.0].reset_index(drop=True)
    table["regret"] = table.groupby("replicate")["payoff"].transform("max") - table["payoff"]
    return keyed(table, tally.powers, point=0, seed=seed)


def powers_table(scenario: Scenario, reports: Floats, replicates: Sequence[int]) -> pd.DataFrame:
    """Table ``powers``: a row per replicate, year and power.

    Parameters
    ----------
    scenario : Scenario
        The world.
    reports : array, shape (R, T, G, len(REPORTED))
        What is reported of each power and year.
    replicates : sequence of int
        The replicates' numbers.
    """
    runs, years, powers = reports.shape[:3]
    columns: dict[str, object] = {
        "point": np.zeros(runs * years * powers, dtype=np.int64),
        "replicate": np.repeat(np.array(replicates, dtype=np.int64), years * powers),
        "year": np.tile(np.repeat(scenario.start + np.arange(years), powers), runs),
        "power": list(scenario.power_names) * (runs * years),
    }
    for place, name in enumerate(REPORTED):
        column = reports[..., place].ravel()
        columns[name] = column.astype(np.int64) if name in COUNTED else column
    return pd.DataFrame(columns)


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
    threads: bool = False,
    progress: Progress | None = None,
    executor: Executor | None = None,
    portable: bool = True,
) -> Iterator[Done]:
    """Run jobs here, in threads or processes, or on any executor; results come in the order of the jobs.

    Parameters
    ----------
    work : callable
        A function of a module, so that it can be sent to another process.
    jobs : sequence
        Its arguments.
    workers : int or None
        Number of threads or processes; None for one per core.
    cost : int
        State-years in all: a small request is not worth a process.
    threads : bool
        Whether the work runs without the interpreter lock, so that threads do.
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
    small = not threads and cost < STATE_YEARS_WORTH_A_PROCESS
    here = not portable or (executor is None and (workers == 1 or small))
    if here:
        for done, job in enumerate(jobs, start=1):
            yield work(job)
            if progress:
                progress(done, len(jobs))
        return
    if executor is not None:
        yield from _gather(executor, work, jobs, progress)
        return
    with crew(workers, threads=threads) as pool:
        yield from _gather(pool, work, jobs, progress)


@contextmanager
def crew(workers: int, *, threads: bool) -> Iterator[Executor]:
    """Give threads, or processes that leave Ctrl-C to this one; what they have not begun is dropped on an error.

    Parameters
    ----------
    workers : int
        How many.
    threads : bool
        Whether the work runs without the interpreter lock, so that threads do.
    """
    if threads:
        with ThreadPoolExecutor(workers) as pool:
            try:
                yield pool
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_end_with_parent) as processes:
        try:
            with _interrupts_held():
                for _ in range(workers):
                    processes.submit(os.getpid)  # each finds none idle, and starts one
            yield processes
        except BaseException:
            processes.shutdown(wait=False, cancel_futures=True)
            for process in multiprocessing.active_children():
                process.terminate()
            raise


def _end_with_parent() -> None:
    """Have this process end with the one that started it, however that ends: killed, it cannot say so."""
    parent = multiprocessing.parent_process()
    assert parent is not None

    def wait() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def _gather(
    executor: Executor, work: Callable[[Job], Done], jobs: Sequence[Job], progress: Progress | None
) -> Iterable[Done]:
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


def mesa_replicates(job: tuple[Scenario, int, range]) -> tuple[Floats, Floats]:
    """Counters by strategy and reports of the powers, by the Mesa engine."""
    scenario, seed, replicates = job
    done = [undisturbed(scenario, seed, number) for number in replicates]
    counters, reports = (np.array(parts) for parts in zip(*done, strict=True))
    return counters, reports


def compiled_replicates(job: tuple[Scenario, int, range]) -> tuple[Floats, Floats]:
    """Counters by strategy and reports of the powers, by the compiled engine."""
    from ana_sim.kernel import arms
    from ana_sim.kernel.engine import Replicates, Room, engine_of

    scenario, seed, numbers = job
    engine = engine_of(scenario)
    room, reports = Room(engine), engine.reports(len(numbers))
    replicates = Replicates(engine, engine.luck(seed, *numbers), fleeting=True)
    return arms.undisturbed(engine, replicates, room, range(len(numbers)), reports), reports
