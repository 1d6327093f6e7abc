"""The command that holds the model against the record of trade."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from ana_sim.cli_shared import (
    DryRun,
    Force,
    OptionError,
    Out,
    Output,
    Quiet,
    Settings,
    Workers,
    duration,
    how_many,
    progress_bar,
    say,
    whole,
    write_figure,
    write_frame,
    write_results,
    write_text,
)
from ana_sim.errors import ScenarioError

if TYPE_CHECKING:
    from ana_sim.provenance import Write

_STATE_YEARS_A_SECOND: Final = 100_000
_PICTURES: Final = 5.0  # seconds, with the fits


def hindcast(
    settings: Settings = None,
    replicates: Annotated[
        int,
        typer.Option(
            "--replicates", metavar="N", parser=whole("--replicates"), help="Replicates of each of the two worlds."
        ),
    ] = 500,
    seed: Annotated[int, typer.Option("--seed", metavar="N", parser=whole("--seed", 0), help="Seed of all luck.")] = 1,
    workers: Workers = None,
    out: Out = None,
    format: Annotated[
        str, typer.Option("--format", metavar="NAME", help="csv, or parquet for the tables in that format as well.")
    ] = "csv",
    force: Force = False,
    dry_run: DryRun = False,
    quiet: Quiet = False,
) -> None:
    """Hold the model against the record of trade, and carry it on to 2023.

    33 states: fitted on 2001-2005 and judged by 2006-2010; then fitted on 2001-2010, a forecast given American and
    Chinese GDP: China's part of trade, who joins the Belt and Road, who recognises Beijing.
    """
    output = Output(out, force, quiet, format)
    changes = _changes(settings)

    from ana_sim.hindcast.forecast import LAST
    from ana_sim.hindcast.forecast import hindcast as run_hindcast
    from ana_sim.hindcast.record import RECORD, read_record
    from ana_sim.hindcast.worlds import worlds
    from ana_sim.provenance import file_digest
    from ana_sim.simulation import check_request

    check_request(replicates=replicates, workers=workers, engine="compiled", seed=seed)
    try:
        past, future = worlds(changes, LAST, read_record().states)
    except ScenarioError as error:  # the worlds as they stand are sound
        raise OptionError(f"--set: {error}") from None
    request: dict[str, Any] = {
        "replicates": replicates,
        "seed": seed,
        "format": format,
        "record": file_digest(RECORD),
        "past": {"name": past.name, "digest": past.digest, "toml": past.to_toml()},
    }
    results = output.results("hindcast", request, future)
    sizes = [how_many(world.years, "year") for world in (past, future)]
    states = how_many(len(future.state_names), "state")
    what = f"{past.name} and {future.name}: {how_many(replicates, 'replicate')} of {states}, {' and '.join(sizes)}"
    if dry_run:
        state_years = replicates * (past.years + future.years) * len(future.state_names)
        say(f"{what}; about {duration(_PICTURES + state_years / _STATE_YEARS_A_SECOND)}")
        say(f"would write to {results.folder}")
        return
    if results.complete:
        output.tell_again(results)
        return

    from ana_sim.simulation import warm_up

    warm_up(output.tell)
    output.tell(what)
    with progress_bar(quiet) as progress:
        done = run_hindcast(changes, replicates=replicates, seed=seed, workers=workers, progress=progress)
    tables = {"hindcast": done.table, "hindcast_scores": done.scores, "hindcast_fits": done.fits}
    files: dict[str, Write] = {
        f"{name}.{ending}": partial(write_frame, frame, ending)
        for ending in dict.fromkeys(("csv", format))
        for name, frame in tables.items()
    }
    files["hindcast.png"] = partial(write_figure, done.figure())
    files["hindcast_states.png"] = partial(write_figure, done.states_figure())
    files["summary.txt"] = partial(write_text, done.text)
    write_results(results, "hindcast", request, future, files)
    say(done.text)
    if not quiet:
        say(f"\nwritten to {results.folder}")


COMMANDS: Final = (hindcast,)
"""In the order of the help."""


def _changes(settings: Iterable[str] | None) -> dict[str, object]:
    """Read the settings."""
    from ana_sim.scenario import parse_setting

    try:
        return dict(parse_setting(setting) for setting in settings or ())
    except ScenarioError as error:
        raise OptionError(f"--set: {error}") from None
