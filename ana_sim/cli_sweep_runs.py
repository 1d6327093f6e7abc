"""The commands that run sweeps."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from ana_sim.cli_shared import (
    DryRun,
    Force,
    Format,
    Interruption,
    OptionError,
    Out,
    Output,
    Quiet,
    RunError,
    Settings,
    Workers,
    complain,
    duration,
    how_many,
    listed,
    one_line,
    progress_bar,
    say,
    whole,
)
from ana_sim.errors import ScenarioError

if TYPE_CHECKING:
    from ana_sim.sweeps.reading import Sweep
    from ana_sim.sweeps.runner import SweepPlan

FAILED: Final = 1
_MOST_FAILURES: Final = 5


def sweep(
    spec: Annotated[str, typer.Argument(metavar="SPEC.toml", help="What is varied, compared and kept.")],
    settings: Settings = None,
    strategies: Annotated[
        str | None, typer.Option("--strategies", metavar="A,B,...", help="Instead of the file's levers.strategy.")
    ] = None,
    replicates: Annotated[
        int | None,
        typer.Option("--replicates", metavar="N", parser=whole("--replicates"), help="Instead of the file's."),
    ] = None,
    years: Annotated[
        int | None, typer.Option("--years", metavar="N", parser=whole("--years"), help="Instead of the scenario's.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", metavar="N", parser=whole("--seed", 0), help="Instead of the file's.")
    ] = None,
    workers: Workers = None,
    engine: Annotated[
        str | None, typer.Option("--engine", metavar="NAME", help="compiled or mesa, instead of the file's.")
    ] = None,
    cluster: Annotated[
        str | None,
        typer.Option("--cluster", metavar="ADDRESS", help="Run on the workers of a Dask scheduler, tcp://..."),
    ] = None,
    shard: Annotated[
        str | None,
        typer.Option("--shard", metavar="I/N", help="Run only the I-th of N parts of it, for ana-sim merge."),
    ] = None,
    out: Out = None,
    format: Format = "parquet",
    force: Force = False,
    dry_run: DryRun = False,
    quiet: Quiet = False,
) -> None:
    """Run a sweep, or go on with it where it was stopped.

    Its results are kept part by part: interrupted, killed or out of disk, the same command runs what is missing and
    nothing else. They do not depend on workers, cluster or shards.
    """
    from ana_sim.sweeps.layout import COPIES
    from ana_sim.sweeps.runner import WorkerError, plan_sweep
    from ana_sim.sweeps.runner import sweep as run_sweep

    output = Output(out, force, quiet, format)
    changes = {
        "set": _settings(settings),
        "levers.strategy": listed(strategies),
        "replicates": replicates,
        "years": years,
        "seed": seed,
        "engine": engine,
    }
    part = _shard(shard)
    made = plan_sweep(spec, {key: value for key, value in changes.items() if value is not None})
    folder = _usual(made.spec.scenario.name, made.request) if out is None else Path(out).expanduser()
    what = _in_words(made)
    if dry_run:
        count = workers or os.cpu_count() or 1
        hands = how_many(count, "thread" if made.engine == "compiled" else "process")
        say(f"{what}; about {duration(made.seconds(output.tell) / (count * (part[1] if part else 1)))} on {hands}")
        say(f"would write to {folder}")
        return
    output.tell(what)
    try:
        with progress_bar(quiet, "run") as progress:
            done = run_sweep(
                made,
                folder,
                workers=workers,
                cluster=cluster,
                shard=part,
                force=force,
                progress=progress,
                say=output.tell,
                arguments=sys.argv[1:],
            )
        if format == "csv":
            done.to_csv(folder / COPIES)
    except KeyboardInterrupt:
        raise Interruption(f"interrupted; what was done is kept in {folder}: the same command goes on") from None
    except WorkerError as error:
        raise RunError(one_line(error)) from error
    except OSError as error:
        where = error.filename or folder
        reason = error.strerror or one_line(error)
        raise RunError(f"{where}: {reason}; what was done is kept: the same command goes on") from error
    _report(done, output)


def merge(
    folders: Annotated[list[str], typer.Argument(metavar="DIR...", help="Folders of the shards of one sweep.")],
    out: Out = None,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Put the shards of a sweep together.

    The files are those of a sweep that was run in one folder.
    """
    from ana_sim.sweeps.reading import Sweep
    from ana_sim.sweeps.store import merge as put_together

    output = Output(out, force, quiet)
    shards = [Path(folder).expanduser() for folder in folders]
    first = Sweep(shards[0])
    folder = _usual(first.scenario.name, first.request) if out is None else Path(out).expanduser()
    put_together(shards, folder, force=force, say=output.tell)
    output.tell(f"{how_many(len(shards), 'folder')} put together")
    _report(Sweep(folder), output)


COMMANDS: Final = (sweep, merge)
"""In the order of the help."""


# -- what is asked ---------------------------------------------------------------------------------


def _settings(settings: Iterable[str] | None) -> dict[str, object] | None:
    """Read the settings of a scenario."""
    from ana_sim.scenario import parse_setting

    try:
        return dict(parse_setting(setting) for setting in settings or ()) or None
    except ScenarioError as error:
        raise OptionError(f"--set: {error}") from None


def _shard(text: str | None) -> tuple[int, int] | None:
    """Read the number of a shard and how many there are."""
    from ana_sim.sweeps.store import residue

    if text is None:
        return None
    found = re.fullmatch(r"(\d{1,9})/(\d{1,9})", text)
    if found is None:
        raise OptionError(f"--shard = {text}: is written I/N, as in 1/4")
    return residue((int(found[1]), int(found[2])))


def _usual(name: str, request: Mapping[str, object]) -> Path:
    """Return where a sweep goes if nothing else is said."""
    from ana_sim.sweeps.spec import request_digest

    return Path("results") / f"sweep-{name}-{request_digest(request)[:10]}"


# -- what is said ----------------------------------------------------------------------------------


def _in_words(made: SweepPlan) -> str:
    """Say how much is to be run."""
    spec = made.spec
    runs = f"{how_many(len(made.points), 'point')} x {how_many(spec.replicates, 'replicate')}"
    each = "" if made.bench.worlds == 1 else f" of up to {how_many(made.bench.worlds, 'world')}"
    years = f"{how_many(len(spec.scenario.state_names), 'state')} and {how_many(spec.scenario.years, 'year')}"
    return f"{spec.scenario.name}: {runs} = {how_many(made.runs, 'run')}{each}, {years} each"


def _report(done: Sweep, output: Output) -> None:
    """Say what there is, and which runs failed."""
    rows = ", ".join(f"{how_many(done.dataset(table).count_rows(), 'row')} of {table}" for table in done.tables)
    say(f"{rows} in {done.folder}")
    failures = done.failures
    if failures.empty:
        return
    for row in failures.head(_MOST_FAILURES).itertuples():
        complain(f"point {row.point}, replicate {row.replicate}, seed {row.seed}: {row.stage} failed: {row.reason}")
    more = len(failures) - _MOST_FAILURES
    complain(
        f"{how_many(len(failures), 'run')} failed"
        + (f", {more:,} more than these" if more > 0 else "")
        + "; the rest is there, and the table failures names them"
    )
    raise typer.Exit(FAILED)
