"""Sweeps run: chunks of runs handed out, gathered into parts, and kept."""

from __future__ import annotations

import gc
import os
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Executor, Future, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any, Final

import pandas as pd
import pyarrow as pa

from ana_sim.provenance import manifest
from ana_sim.simulation import Progress, RequestError, check_request, crew, engine_for, warm_up
from ana_sim.sweeps.design import base_values, points_of
from ana_sim.sweeps.reading import Sweep
from ana_sim.sweeps.spec import ROTATE, Spec, SweepError, described, recorded, request_digest
from ana_sim.sweeps.store import Store, cut
from ana_sim.sweeps.worker import Bench, Chunk, Failure, Outcome, in_a_line, made_by, run_chunk
from ana_sim.tables import Column, Type, to_arrow

__all__ = ["SweepPlan", "WorkerError", "plan_sweep", "sweep"]

NANOSECONDS_PER_STATE_YEAR: Final = {True: 500.0, False: 100_000.0}
"""What a state-year costs roughly, in the compiled engine and in Mesa: how runs are cut depends on it, no result."""

SECONDS_A_CHUNK: Final = 0.25
"""What a chunk should take, so that handing it out costs nothing."""

_SIZES: Final = ("years", "states.count")
"""Parameters that say how large a world is."""

_KINDS: Final[Mapping[str, Type]] = {"i": "int", "f": "float", "b": "bool"}

SECONDS_FOR_WORKERS: Final = 30
"""How long a cluster may take until a worker is there."""

AHEAD: Final = 2
"""Chunks that wait for each worker."""


class WorkerError(SweepError):
    """The workers were lost during a sweep; what was done is kept."""

    def __init__(self, what: str, error: BaseException) -> None:
        super().__init__(f"{what} ({in_a_line(error)}); what was done is kept, and the same command goes on")


@dataclass(frozen=True)
class SweepPlan:
    """What a sweep will run.

    Attributes
    ----------
    spec : Spec
        What was asked for.
    points : DataFrame
        A row per point.
    """

    spec: Spec
    points: pd.DataFrame
    bench: Bench = field(repr=False)

    @property
    def runs(self) -> int:
        """Number of runs: points times replicates."""
        return len(self.points) * self.spec.replicates

    @property
    def worlds(self) -> int:
        """Number of worlds at most: a run takes one for each deviating state and strategy."""
        return self.runs * self.bench.worlds

    @property
    def state_years(self) -> int:
        """Number of state-years at most, of the world as it stands before anything is varied."""
        return self.worlds * self.spec.scenario.years * len(self.spec.scenario.state_names)

    @property
    def engine(self) -> str:
        """The engine that runs it."""
        return "compiled" if self.bench.compiled else "mesa"

    @property
    def uneven(self) -> str:
        """A word about states that deviate more often than others, where they take turns; else nothing."""
        states, several = len(self.spec.scenario.state_names), self.spec.replicates
        if self.spec.outputs.deviator != ROTATE or several % states == 0:
            return ""
        return f"{several} replicates of {states} states: some deviate more often than others; a multiple is even"

    @cached_property
    def request(self) -> dict[str, Any]:
        """All that the results depend on."""
        return self.spec.request()

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the request."""
        return request_digest(self.request)

    @property
    def chunk(self) -> int:
        """Runs in a chunk."""
        world = self.spec.scenario
        most = {
            path: int(self.points[own.name].max()) for own in self.spec.factors for path in own.paths if path in _SIZES
        }
        years, states = most.get("years", world.years), most.get("states.count", len(world.state_names))
        each = self.bench.worlds * years * states
        seconds = each * NANOSECONDS_PER_STATE_YEAR[self.bench.compiled] * 1e-9
        return max(1, int(SECONDS_A_CHUNK / seconds))

    @cached_property
    def parts(self) -> list[range]:
        """The runs of each part of the results."""
        return cut(self.runs, self.chunk)

    def chunks(self, part: int) -> Iterator[Chunk]:
        """Cut a part into chunks."""
        runs = self.parts[part]
        for start in range(runs.start, runs.stop, self.chunk):
            yield self._chunk(range(start, min(start + self.chunk, runs.stop)))

    def chunks_in(self, part: int) -> int:
        """Return the number of chunks of a part."""
        return -(-len(self.parts[part]) // self.chunk)

    def _chunk(self, runs: range) -> Chunk:
        several = self.spec.replicates
        points = range(runs.start // several, (runs.stop - 1) // several + 1)
        rows = self.points.iloc[points.start : points.stop][[own.name for own in self.spec.factors]]
        values = tuple(rows.itertuples(index=False, name=None)) if len(rows.columns) else ((),) * len(points)
        return Chunk(self.spec, self.digest, made_by(), runs, values)

    def points_table(self) -> pa.Table:
        """The points in Arrow, with what each column is."""
        own, points = [], self.points.copy()
        for each in self.spec.factors:
            kind = _KINDS.get(points[each.name].dtype.kind, "text")
            own.append(Column(each.name, kind, *described(each, self.spec.scenario)))
            if kind == "text":
                points[each.name] = [recorded(each.paths[0], value) for value in points[each.name]]
        return to_arrow(points, "points", own)

    def seconds(self, tell: Callable[[str], None] | None = None) -> float:
        """Time a few runs, and say how long all would take on one core."""
        if self.bench.compiled:
            warm_up(tell)
        several = self.spec.replicates
        each = min(several, self.chunk)  # of a point, since its runs share what is made for it
        points = sorted({0, len(self.points) // 2, len(self.points) - 1})
        trials = [self._chunk(range(point * several, point * several + each)) for point in points]
        try:
            run_chunk(trials[0])  # makes everything ready
            begun = time.perf_counter()
            for trial in trials:
                run_chunk(trial)
        finally:
            gc.unfreeze()
        return (time.perf_counter() - begun) / (len(trials) * each) * self.runs


def plan_sweep(source: str | Path | Mapping[str, Any] | Spec, changes: Mapping[str, Any] | None = None) -> SweepPlan:
    """Read a sweep's file and choose its points: everything is checked, and nothing runs.

    Parameters
    ----------
    source, changes
        See :meth:`ana_sim.sweeps.spec.Spec.load`.

    Raises
    ------
    AnaSimError
        If anything is wrong.
    """
    spec = Spec.load(source, changes)
    try:
        bench = Bench(spec)
    except SweepError as error:  # a measure that cannot be
        raise (SweepError(f"{source}: {error}") if isinstance(source, str | Path) else error) from None
    points = points_of(spec.design, spec.factors, spec.seed, base_values(spec.scenario, spec.factors))
    return SweepPlan(spec, points, bench)


def sweep(
    source: str | Path | Mapping[str, Any] | Spec | SweepPlan,
    out: str | Path,
    *,
    workers: int | None = None,
    executor: Executor | None = None,
    cluster: str | None = None,
    shard: tuple[int, int] | None = None,
    force: bool = False,
    progress: Progress | None = None,
    say: Callable[[str], None] | None = None,
    arguments: Sequence[str] = (),
) -> Sweep:
    """Run a sweep, or what is missing of it, and keep it in a folder.

    Parameters
    ----------
    source : str, Path, mapping, Spec or SweepPlan
        A sweep's file, or the same in Python.
    out : str or Path
        The folder. One that holds a part of this very sweep is continued; any other is refused.
    workers : int, optional
        Number of threads (of processes for strategies written in Python); one per core by default. The results depend
        neither on it nor on where the sweep is run.
    executor : concurrent.futures.Executor, optional
        Where to run instead: any executor, such as one of ``mpi4py.futures``.
    cluster : str, optional
        Address of a Dask scheduler, ``tcp://...``, to run on its workers instead.
    shard : tuple of int, optional
        Number of a shard, from 1 (or 0), and how many there are: only its parts are run, for ``merge`` to put together.
    force : bool
        Whether another sweep that is in the folder may be replaced.
    progress : callable, optional
        Called with the number of runs done and their total.
    say : callable, optional
        Told what is worth knowing, in a line each; warnings by default.
    arguments : sequence of str
        The command line, for the manifest.

    Returns
    -------
    Sweep
        What is in the folder; runs that failed are among its ``failures``.

    Raises
    ------
    AnaSimError
        If the sweep or the folder is wrong, or no worker is there; a `WorkerError` if they are lost.
    OSError
        If the folder cannot be written; what was done is kept.
    """
    made = source if isinstance(source, SweepPlan) else plan_sweep(source)
    check_request(replicates=made.spec.replicates, workers=workers, engine=made.spec.engine, seed=made.spec.seed)
    tell = say or (lambda line: warnings.warn(line, stacklevel=3))
    if executor is not None and cluster is not None:
        raise RequestError("executor and cluster are both named: leave one out")
    record = {
        **manifest("sweep", made.request, made.spec.scenario, {}, arguments=arguments, state="running"),
        "strategies": list(made.bench.names),
        "engine": made.engine,
    }
    folder = Path(out)
    with Store.open(
        folder,
        made.request,
        made.points_table(),
        made.bench.tables,
        len(made.parts),
        record=record,
        shard=shard,
        force=force,
        say=tell,
    ) as store:
        if not store.complete:
            _, word = engine_for(made.spec.engine, made.bench.scripted)
            if word:
                tell(word)
            if made.uneven:
                tell(made.uneven)
            if made.bench.compiled:
                warm_up(tell)
            with _executor(made, workers, executor, cluster) as (pool, ahead):
                _run(made, store, pool, ahead, progress)
            store.finish()
    return Sweep(folder)


@contextmanager
def _executor(
    made: SweepPlan, workers: int | None, executor: Executor | None, cluster: str | None
) -> Iterator[tuple[Executor, int]]:
    """Give where chunks are run, and how many of them to hand out at a time."""
    count = workers or os.cpu_count() or 1
    if executor is not None:
        yield executor, AHEAD * max(count, getattr(executor, "_max_workers", 1))
    elif cluster is not None:
        with _dask(cluster) as (pool, threads):
            yield pool, AHEAD * max(threads, 1)
    else:
        with crew(count, threads=made.bench.compiled) as pool:
            yield pool, AHEAD * count


@contextmanager
def _dask(address: str) -> Iterator[tuple[Executor, int]]:
    try:
        from distributed import Client, KilledWorker
        from distributed.comm.addressing import resolve_address
    except ImportError:
        raise RequestError('--cluster needs Dask: pip install "ana-sim[cluster]"') from None
    try:
        resolve_address(address)  # a client that is refused its address would go on trying to close
    except (OSError, ValueError) as error:
        reason = f"is no address of a scheduler, such as tcp://127.0.0.1:8786 ({in_a_line(error)})"
        raise RequestError(f"--cluster = {address!r}: {reason}") from None
    try:
        client = Client(address, timeout="10s", set_as_default=False)
    except OSError as error:
        raise RequestError(f"--cluster = {address!r}: no scheduler answers there ({in_a_line(error)})") from None
    with client:
        try:
            client.wait_for_workers(1, timeout=SECONDS_FOR_WORKERS)
        except TimeoutError:
            reason = f"no worker has come to it within {SECONDS_FOR_WORKERS} s"
            raise RequestError(f"--cluster = {address!r}: {reason}") from None
        threads = sum(client.nthreads().values())
        try:
            yield client.get_executor(pure=False), threads
        except KilledWorker as error:
            raise WorkerError("workers died again and again", error) from None


def _run(made: SweepPlan, store: Store, pool: Executor, ahead: int, progress: Progress | None) -> None:
    """Hand out the chunks of the missing parts, a few at a time, and keep each part that is whole."""
    done = sum(len(made.parts[part]) for part in store.done)
    total = done + sum(len(made.parts[part]) for part in store.missing)
    waiting = ((part, place, chunk) for part in store.missing for place, chunk in enumerate(made.chunks(part)))
    handed: dict[Future[Outcome], tuple[int, int, int]] = {}
    gathered: dict[int, dict[int, Outcome]] = {}
    try:
        while True:
            for part, place, chunk in islice(waiting, ahead - len(handed)):
                handed[pool.submit(run_chunk, chunk)] = part, place, len(chunk.runs)
            if progress:
                progress(done, total)
            if not handed:
                break
            for future in wait(handed, return_when=FIRST_COMPLETED).done:
                part, place, runs = handed.pop(future)
                outcomes = gathered.setdefault(part, {})
                outcomes[place] = future.result()
                done += runs
                if len(outcomes) == made.chunks_in(part):
                    _keep(store, part, [outcome for _, outcome in sorted(gathered.pop(part).items())])
    except BrokenExecutor as error:
        raise WorkerError("a worker died", error) from None
    except CancelledError as error:
        raise WorkerError("the workers went away", error) from None
    finally:
        for future in handed:
            future.cancel()
        gc.unfreeze()


def _keep(store: Store, part: int, outcomes: Sequence[Outcome]) -> None:
    """Put a part that is whole into the store."""
    names = outcomes[0].tables
    tables = {name: pa.concat_tables([outcome.tables[name] for outcome in outcomes]) for name in names}
    failures = [failure for outcome in outcomes for failure in outcome.failures]
    columns = dict(zip(Failure._fields, zip(*failures, strict=True), strict=True)) if failures else {}
    store.put(part, tables, to_arrow(columns, "failures"))
