"""The command about the stylised facts."""

from __future__ import annotations

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
    from ana_sim.provenance import Write

BASE: Final = "bipolar"
"""The scenario that nearly all worlds of facts build on; it stands for them in names and manifests."""


def facts(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME]...", help="Facts; all by default.")] = None,
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

    from ana_sim.facts import REPLICATES, SCORING_SEED, card_table, fact_of, parts_table, scored
    from ana_sim.facts.text import card_rows, fact_text, totals
    from ana_sim.scenario import Scenario

    chosen = [fact_of(name).name for name in names or ()]
    number, luck = replicates or REPLICATES, SCORING_SEED if seed is None else seed
    world = Scenario.load(BASE)
    request = {"facts": chosen, "replicates": number, "seed": luck}
    results = output.results("facts", request, world)
    if dry_run:
        what = how_many(len(chosen), "fact") if chosen else "the whole card"
        say(f"{what}, {how_many(number, 'replicate')} of each world, as they are and with their ablations")
        say(f"would write to {results.folder}")
        return
    if results.complete:
        output.tell(f"already in {results.folder}, from the same request; --force runs it again")
        say((results.folder / "summary.txt").read_text(encoding="utf-8").rstrip("\n"))
        return
    with progress_bar(quiet, unit="fact") as progress:
        done = scored(chosen, replicates=number, seed=luck, workers=workers, progress=progress, say=output.tell)

    from ana_sim.figures.facts import card_figure, fact_figure

    card, parts = card_table(done), parts_table(done)
    files: dict[str, Write] = {
        "facts.csv": partial(write_frame, card, "csv"),
        "facts_parts.csv": partial(write_frame, parts, "csv"),
    }
    if len(done) == 1:
        text, fact = fact_text(done[0]), done[0].fact
        figure = fact_figure(parts, name=fact.name, claim=fact.claim, reading=fact.reading)
    else:
        text = "\n".join([aligned(card_rows(done)), "", *totals(done)])
        figure = card_figure(card, subtitle=". ".join(totals(done)[:2]), notes=[f"{number} replicates, seed {luck}"])
    files["summary.txt"] = partial(write_text, text)
    for ending in ("png", "pdf"):
        files[f"facts.{ending}"] = partial(write_figure, figure)
    write_results(results, "facts", request, world, files)
    say(text)
    if not quiet:
        say(f"\nwritten to {results.folder}")


COMMANDS: Final = (facts,)
