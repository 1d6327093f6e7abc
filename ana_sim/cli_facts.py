"""The command about the stylised facts."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated, Final

import typer

from ana_sim.cli_shared import (
    DryRun,
    Force,
    Out,
    Output,
    Quiet,
    Workers,
    aligned,
    how_many,
    progress_bar,
    say,
    whole,
    write_figure,
    write_frame,
    write_results,
    write_text,
)

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from ana_sim.provenance import Write

BASE: Final = "bipolar"
"""The scenario that nearly all worlds of facts build on; it stands for them in names and manifests."""


def facts(
    names: Annotated[list[str] | None, typer.Argument(metavar="NAME", help="Facts; all by default.")] = None,
    disputes: Annotated[
        bool, typer.Option("--disputes", help="The curves of the disputes instead: where the literature disagrees.")
    ] = False,
    replicates: Annotated[
        int | None,
        typer.Option(
            "--replicates", metavar="N", parser=whole("--replicates", 2), help="Of each world [default: 100]."
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(
            "--seed", metavar="N", parser=whole("--seed", 0), help="Seed of all luck [default: that of scoring]."
        ),
    ] = None,
    workers: Workers = None,
    out: Out = None,
    force: Force = False,
    dry_run: DryRun = False,
    quiet: Quiet = False,
) -> None:
    """Score the stylised facts that the model is judged by.

    Each with its interval, its verdict, and the ablation that must break it; one alone is told at length.
    """
    output = Output(out, force, quiet)

    from ana_sim.facts import REPLICATES, SCORING_SEED, fact_of
    from ana_sim.facts.disputes import dispute_of
    from ana_sim.scenario import Scenario

    of, noun = (dispute_of, "dispute") if disputes else (fact_of, "fact")
    chosen = [of(name).name for name in names or ()]
    number, luck = replicates or REPLICATES, SCORING_SEED if seed is None else seed
    world = Scenario.load(BASE)
    request = {f"{noun}s": chosen, "replicates": number, "seed": luck}
    results = output.results(f"{noun}s", request, world)
    if dry_run:
        what = how_many(len(chosen), noun) if chosen else f"all {noun}s"
        say(f"{what}, {how_many(number, 'replicate')} of each world")
        say(f"would write to {results.folder}")
        return
    if results.complete:
        output.tell_again(results)
        return
    work = _curves if disputes else _card
    text, tables, figure = work(chosen, number, luck, workers, output)
    files: dict[str, Write] = {name: partial(write_frame, table, "csv") for name, table in tables.items()}
    files["summary.txt"] = partial(write_text, text)
    for ending in ("png", "pdf"):
        files[f"{noun}s.{ending}"] = partial(write_figure, figure)
    write_results(results, f"{noun}s", request, world, files)
    say(text)
    if not quiet:
        say(f"\nwritten to {results.folder}")


def _card(
    names: Sequence[str], replicates: int, seed: int, workers: int | None, output: Output
) -> tuple[str, dict[str, pd.DataFrame], Figure]:
    """The score card, or one fact at length: the text, the tables by file, the picture."""
    from ana_sim.facts import card_table, parts_table, scored
    from ana_sim.facts.text import card_rows, fact_text, totals
    from ana_sim.figures.facts import card_figure, fact_figure

    with progress_bar(output.quiet, unit="fact") as progress:
        done = scored(names, replicates=replicates, seed=seed, workers=workers, progress=progress, say=output.tell)
    card, parts = card_table(done), parts_table(done)
    tables = {"facts.csv": card, "facts_parts.csv": parts}
    if len(done) == 1:
        fact = done[0].fact
        figure = fact_figure(parts, name=fact.name, claim=fact.claim, reading=fact.reading)
        return fact_text(done[0]), tables, figure
    text = "\n".join([aligned(card_rows(done)), "", *totals(done)])
    notes = [f"{replicates} replicates, seed {seed}"]
    return text, tables, card_figure(card, subtitle=". ".join(totals(done)[:2]), notes=notes)


def _curves(
    names: Sequence[str], replicates: int, seed: int, workers: int | None, output: Output
) -> tuple[str, dict[str, pd.DataFrame], Figure]:
    """The curves of the disputes: the text, the table by file, the picture."""
    from ana_sim.facts.disputes import DISPUTES, curves
    from ana_sim.figures.disputes import disputes_figure

    with progress_bar(output.quiet, unit="point") as progress:
        table = curves(names, replicates=replicates, seed=seed, workers=workers, progress=progress)
    figure = disputes_figure(table, DISPUTES, subtitle=f"{replicates} replicates, seed {seed}")
    lines = []
    for name in table["dispute"].unique():
        lines += ["", f"{name}: {DISPUTES[name].title}"]
        lines += [f"  {claim.who}: {claim.says}" for claim in DISPUTES[name].claims]
        own = table[table["dispute"] == name]
        rows = [("curve", "x", "estimate", "95% interval")]
        for row in own.itertuples():
            rows.append((str(row.curve), f"{row.x:g}", f"{row.estimate:+.3f}", f"[{row.low:+.3f}, {row.high:+.3f}]"))
        lines += ["  " + line for line in aligned(rows).splitlines()]
    return "\n".join(lines[1:]), {"disputes.csv": table}, figure


COMMANDS: Final = (facts,)
