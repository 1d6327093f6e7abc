"""The commands about sweeps."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Final, Protocol

import typer

from ana_sim.cli_shared import (
    Force,
    Out,
    Output,
    Quiet,
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
    from ana_sim.sweeps.reading import Sweep

SweepFolder = Annotated[str, typer.Argument(metavar="DIR", help="Folder of a sweep.")]


class Analysis(Protocol):
    """What came of an analysis of a sweep."""

    @property
    def text(self) -> str:
        """The result for a terminal."""

    @property
    def tables(self) -> Mapping[str, pd.DataFrame]:
        """The tables behind it, by name (`ana_sim.tables.TABLES`)."""

    def figure(self) -> Figure:
        """The result as a picture."""


def sensitivity(
    folder: SweepFolder,
    measures: Annotated[
        list[str] | None,
        typer.Option(
            "--measure",
            metavar="TEXT",
            help="What is to be explained, as payoff[ana] - payoff[hedge]; repeatable [default: all that were kept].",
        ),
    ] = None,
    out: Out = None,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Say what decides the measures of a sweep.

    By its design: Sobol's indices, elementary effects, curves along each factor, or shares of the variance.
    """

    def analyse(sweep: Sweep) -> Analysis:
        from ana_sim.sweeps.analysis.sensitivity import sensitivity

        return sensitivity(sweep, measures)

    _report("sensitivity", folder, {"measures": measures}, analyse, Output(out, force, quiet))


def regimes(
    folder: SweepFolder,
    x: Annotated[str | None, typer.Option("--x", metavar="FACTOR", help="Across [default: the first number].")] = None,
    y: Annotated[str | None, typer.Option("--y", metavar="FACTOR", help="Up [default: the next number].")] = None,
    bins: Annotated[
        int,
        typer.Option(
            "--bins", metavar="N", parser=whole("--bins", 2), help="Along an axis, where values are no levels."
        ),
    ] = 8,
    out: Out = None,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Map which strategy is best where, over two factors of a sweep.

    With what is significant, and the line on which active non-alignment breaks even with the best alignment.
    """

    def analyse(sweep: Sweep) -> Analysis:
        from ana_sim.sweeps.analysis.regimes import regimes

        return regimes(sweep, x, y, bins=bins)

    _report("regimes", folder, {"x": x, "y": y, "bins": bins}, analyse, Output(out, force, quiet))


def robustness(
    folder: SweepFolder,
    at_least: Annotated[
        str | None,
        typer.Option(
            "--at-least",
            metavar="X|STRATEGY",
            help="What is good enough: a payoff, or that of a strategy in the same future [default: align_hegemon].",
        ),
    ] = None,
    out: Out = None,
    force: Force = False,
    quiet: Quiet = False,
) -> None:
    """Say which strategy does well in all futures.

    The largest regret of each, and the share of futures, the sweep's points, in which it is good enough.
    """
    needed = _number_or_word(at_least)

    def analyse(sweep: Sweep) -> Analysis:
        from ana_sim.sweeps.analysis.robustness import robustness

        return robustness(sweep, needed)

    _report("robustness", folder, {"at_least": needed}, analyse, Output(out, force, quiet))


COMMANDS: Final = (sensitivity, regimes, robustness)
"""In the order of the help."""


def _number_or_word(text: str | None) -> float | str | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        return text


def _report(
    command: str, folder: str, options: Mapping[str, Any], analyse: Callable[[Sweep], Analysis], output: Output
) -> None:
    """Analyse a sweep, print what was found, and write it as text, tables and picture."""
    from ana_sim.provenance import MANIFEST, file_digest
    from ana_sim.sweeps.reading import read_sweep

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        sweep = read_sweep(folder)
    for warning in caught:
        output.tell(str(warning.message))
    request = {
        "sweep": file_digest(sweep.folder / MANIFEST),  # it names what was asked, and the checksums of what came of it
        "seed": sweep.request["seed"],
        **options,
    }
    results = output.results(command, request, sweep.scenario)
    if results.complete:
        output.tell_again(results)
        return
    found = analyse(sweep)
    figure = found.figure()
    files: dict[str, Write] = {
        f"{name}.csv": partial(write_frame, frame, "csv") for name, frame in found.tables.items()
    }
    for ending in ("png", "pdf"):
        files[f"{command}.{ending}"] = partial(write_figure, figure)
    files["summary.txt"] = partial(write_text, found.text)
    write_results(results, command, request, sweep.scenario, files)
    say(found.text)
    if not output.quiet:
        say(f"\nwritten to {results.folder}")
