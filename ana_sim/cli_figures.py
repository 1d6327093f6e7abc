"""The command that makes the figures and tables of a paper."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from ana_sim.cli_shared import (
    DryRun,
    Force,
    Interruption,
    Out,
    Output,
    Quiet,
    Workers,
    aligned,
    begin_results,
    duration,
    how_many,
    progress_bar,
    say,
    write_figure,
    write_results,
    write_text,
)

if TYPE_CHECKING:
    import pandas as pd

    from ana_sim.paper import Bench, Item, Made
    from ana_sim.provenance import Write

BASE: Final = "bipolar"
"""The scenario that stands for all those of the figures in names and manifests."""

SWEEPS: Final = "sweeps"
"""The folder inside that of the results in which the sweeps behind them are kept."""


def figures(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME", help="Figures and tables, by name or number; all by default."),
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="A look in two minutes: fewer points, fewer replicates.")
    ] = False,
    workers: Workers = None,
    out: Out = None,
    force: Force = False,
    dry_run: DryRun = False,
    quiet: Quiet = False,
) -> None:
    """Make the figures and tables of a paper.

    From the files of experiments/: each figure as PNG and PDF, with the tables behind it as CSV, and a manifest of
    checksums. After an interruption the same command goes on.
    """
    output = Output(out, force, quiet)

    from ana_sim.paper import ITEMS, Bench, item_of
    from ana_sim.paper.bench import request_file
    from ana_sim.provenance import file_digest
    from ana_sim.scenario import Scenario

    chosen = sorted({item_of(name).number for name in names or ()}) or sorted(ITEMS)
    items = [ITEMS[number] for number in chosen]
    sources = sorted({file for one in items for file in one.files})
    request: dict[str, Any] = {
        "figures": [one.name for one in items],
        "quick": quick,
        "files": {file: file_digest(request_file(file)) for file in sources},
    }
    world = Scenario.load(BASE)
    results = output.results("figures", request, world)
    bench = Bench(results.folder / SWEEPS, quick, workers, force, say=output.tell)
    if dry_run:
        _rehearse(items, bench)
        say(f"would write to {results.folder}")
        return
    if results.complete:
        output.tell_again(results)
        return

    from ana_sim.simulation import warm_up

    begin_results(results, "figures", request, world)
    warm_up(output.tell)
    try:
        text, files = _make(items, bench, quiet)
    except KeyboardInterrupt:
        kept = f"interrupted; what was done is kept in {results.folder}: the same command goes on"
        raise Interruption(kept) from None
    write_results(results, "figures", request, world, files)
    say(text)
    if not quiet:
        say(f"\nwritten to {results.folder}")


COMMANDS: Final = (figures,)
"""In the order of the help."""


def _rehearse(items: Sequence[Item], bench: Bench) -> None:
    """Say what would be run for each item, and how long the sweeps take."""
    rows, plans = [], []
    for one in items:
        own = bench.plans(one)
        plans += own
        runs = sum(plan.runs for plan in own)
        rows.append((one.stem, how_many(runs, "run") if runs else "-", ", ".join(one.files) or "-", one.title))
    say(aligned(rows))
    cores = bench.workers or os.cpu_count() or 1
    if plans:  # one is timed, the others by the state-years that they run
        seconds = plans[0].seconds(bench.say) * sum(plan.state_years for plan in plans) / plans[0].state_years
        say(f"the sweeps take about {duration(seconds / cores)} on {how_many(cores, 'core')}")


def _make(items: Sequence[Item], bench: Bench, quiet: bool) -> tuple[str, dict[str, Write]]:
    """Make items one by one; give a summary, and what writes each file."""
    import pandas as pd

    from ana_sim.paper.columns import described

    files: dict[str, Write] = {}
    rows, columns = [], []
    for place, one in enumerate(items, start=1):
        bench.say(f"{place} of {len(items)}: {one.title}")
        with progress_bar(quiet, unit="run") as progress:
            made = one.make(replace(bench, progress=progress))
        own = _files(one, made)
        files |= own
        rows.append((one.stem, one.title, how_many(len(own), "file")))
        columns += [
            (name, column.name, column.unit, column.meaning)
            for (kind, table), name in zip(made.tables.items(), _table_files(one, made), strict=True)
            for column in described(kind, table)
        ]
    text = aligned(rows)
    files["summary.txt"] = partial(write_text, text)
    files["columns.csv"] = partial(_write_csv, pd.DataFrame(columns, columns=["file", "column", "unit", "meaning"]))
    return text, files


def _files(one: Item, made: Made) -> dict[str, Write]:
    """The files of an item, each with what writes it."""
    files: dict[str, Write] = {}
    if made.figure is not None:
        files |= {f"{one.stem}.{ending}": partial(write_figure, made.figure) for ending in ("png", "pdf")}
    for name, table in zip(_table_files(one, made), made.tables.values(), strict=True):
        files[name] = partial(_write_csv, table)
    return files


def _table_files(one: Item, made: Made) -> list[str]:
    """Names of the files of an item's tables: the main one has the item's own."""
    return [f"{one.stem}{'' if place == 0 else f'_{kind}'}.csv" for place, kind in enumerate(made.tables)]


def _write_csv(frame: pd.DataFrame, path: Path) -> None:
    """Write a table, whole or not at all; no number is rounded."""
    import pyarrow as pa
    from pyarrow import csv

    from ana_sim.provenance import replacing

    table = pa.Table.from_pandas(frame, preserve_index=False)
    with replacing(path) as file:
        csv.write_csv(table, file, csv.WriteOptions(quoting_style="needed"))
