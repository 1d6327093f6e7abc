"""What all commands share: the application, its commonest options, and where text and results go."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Never, TextIO

import typer

from ana_sim.errors import AnaSimError, nearest

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from ana_sim.provenance import Results, Write
    from ana_sim.scenario import Scenario
    from ana_sim.simulation import Progress

_WIDEST: Final = 80  # characters of a column; what is longer juts out


class OptionError(AnaSimError):
    """An option or an argument that is refused."""


class RunError(AnaSimError):
    """A run that failed though the request was right as far as one could tell."""


class Interruption(AnaSimError):
    """A run that was interrupted, and how it goes on."""


app = typer.Typer(
    name="ana-sim",
    help="How small states fare between a declining hegemon and a rising power: strategies compared.",
    epilog="Exit status: 0 done; 1 the run failed; 2 the request was wrong; 130 it was interrupted.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


# -- options ---------------------------------------------------------------------------------------


def whole(option: str, least: int = 1) -> Callable[[str], int]:
    """Return what reads the number of an option."""

    def read(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = least - 1
        if number < least:
            raise OptionError(f"{option} = {text}: must be a whole number of at least {least}")
        return number

    return read


Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PATH=VALUE", help="Another value, as in power.rising.openness=0.4; repeatable."),
]
Workers = Annotated[
    int | None,
    typer.Option(
        "--workers",
        metavar="N",
        parser=whole("--workers"),
        help="Threads, or processes of Mesa's engine; results do not depend on it [default: cores].",
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say how many runs and how long, and write nothing.")]
Format = Annotated[str, typer.Option("--format", metavar="NAME", help="Of the tables: parquet or csv.")]
Out = Annotated[str | None, typer.Option("--out", metavar="DIR", help="[default: results/COMMAND-SCENARIO-HASH].")]
Force = Annotated[bool, typer.Option("--force", help="Replace what is in the folder.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print the result alone.")]


def listed(text: str | None) -> list[str] | None:
    """Split the names of strategies."""
    if text is None:
        return None
    words = [word.strip() for word in text.split(",")]
    if not all(words):
        raise OptionError(f"--strategies = {text!r}: a name is missing")
    return words


@dataclass(frozen=True)
class Output:
    """Where results go and how, as the options say."""

    folder: str | None
    force: bool
    quiet: bool
    format: str = "csv"

    def __post_init__(self) -> None:
        from ana_sim.tables import FORMATS

        if self.format not in FORMATS:
            raise OptionError(
                f"--format = {self.format!r}: must be one of {', '.join(FORMATS)}{hint(self.format, FORMATS)}"
            )
        if self.folder is not None and not self.folder.strip():
            raise OptionError("--out: names no folder")

    def results(self, command: str, request: Mapping[str, Any], scenario: Scenario) -> Results:
        """Return the folder of a request, checked."""
        from ana_sim.provenance import Results, request_hash

        key = request_hash(command, request, scenario)
        usual = Path("results") / f"{command}-{scenario.name}-{key}"
        folder = usual if self.folder is None else Path(self.folder).expanduser()
        return Results(folder, key, force=self.force)

    def tell(self, text: str) -> None:
        """Say something beside the result."""
        if not self.quiet:
            put(text, sys.stderr)

    def tell_again(self, results: Results) -> None:
        """Print the summary of results that are there already."""
        self.tell(f"already in {results.folder}, from the same request; --force runs it again")
        say((results.folder / "summary.txt").read_text(encoding="utf-8").rstrip("\n"))


# -- what comes of it ------------------------------------------------------------------------------


def write_results(
    results: Results, command: str, request: Mapping[str, Any], world: Scenario, files: Mapping[str, Write]
) -> None:
    """Write the files and their manifest."""
    results.write(files, _recorder(command, request, world))


def begin_results(results: Results, command: str, request: Mapping[str, Any], world: Scenario) -> None:
    """Claim the folder for the request before there are files, so that the same command goes on after a stop."""
    results.begin(_recorder(command, request, world))


def _recorder(command: str, request: Mapping[str, Any], world: Scenario) -> Callable[[Mapping[str, str], str], object]:
    """Return what makes the manifest of the files' SHA-256 and the state."""
    from ana_sim.provenance import manifest

    def record(digests: Mapping[str, str], state: str) -> object:
        return manifest(command, request, world, digests, arguments=sys.argv[1:], state=state)

    return record


def write_frame(frame: pd.DataFrame, format: str, path: Path) -> None:
    """Write a table of results."""
    from ana_sim.tables import write_table

    write_table(frame, path, format)


def write_text(text: str, path: Path) -> None:
    """Write a text of results."""
    from ana_sim.provenance import replacing

    with replacing(path) as file:
        file.write_text(text.rstrip("\n") + "\n", encoding="utf-8", newline="\n")


def write_figure(figure: Figure, path: Path) -> None:
    """Write a picture of results, in the format that the path's ending names."""
    from ana_sim.figures import save_figure
    from ana_sim.provenance import replacing

    with replacing(path) as file:
        save_figure(figure, file)


# -- words -----------------------------------------------------------------------------------------


def aligned(rows: Sequence[Sequence[str]], *, numbers: bool = False) -> str:
    """Set rows in columns, the last one ragged; with `numbers` all but the first column to the right."""
    sizes = [[len(row[column]) for row in rows] for column in range(len(rows[0]))]
    widths = [max(size for size in column if size <= _WIDEST or size == min(column)) for column in sizes]
    lines = []
    for row in rows:
        cells = [
            cell.rjust(width) if numbers and column else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def how_many(number: int, noun: str) -> str:
    """Say a number of things."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def hint(word: str, options: Iterable[str]) -> str:
    """End a message with the nearest right name, or with nothing where there is none near."""
    found = nearest(word, options)
    return f"; did you mean {found}?" if found else ""


def one_line(error: object) -> str:
    """Write the text of an error as one line."""
    return " ".join(str(error).split())


def duration(seconds: float) -> str:
    """Say a time in words, roughly.

    Examples
    --------
    >>> duration(0.2), duration(95.0), duration(7400.0)
    ('1 s', '2 min', '2 h 5 min')
    """
    if seconds < 60.0:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60.0)
    if minutes < 60:
        return f"{minutes} min"
    minutes = 5 * round(seconds / 300.0)
    return f"{minutes // 60:,} h {minutes % 60} min" if minutes % 60 else f"{minutes // 60:,} h"


# -- in and out ------------------------------------------------------------------------------------


def say(text: str) -> None:
    """Print what was asked for."""
    put(text, sys.stdout)


def complain(text: str) -> None:
    """Print what is wrong."""
    put(f"ana-sim: {text}", sys.stderr)


def put(text: str, stream: TextIO | None) -> None:
    """Print; where nobody reads any more, as in `| head`, go on in silence."""
    if stream is None:  # closed by the shell
        return
    try:
        print(text, file=stream)
    except BrokenPipeError:
        silence(stream)


def silence(stream: TextIO) -> None:
    """Let what is still to come go nowhere, so that Python does not complain about it at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


@contextmanager
def progress_bar(quiet: bool, unit: str = "part") -> Iterator[Progress | None]:
    """Give what shows progress: a bar on a terminal, with rate and time left; nothing in a pipe."""
    if quiet or sys.stderr is None or not sys.stderr.isatty():
        yield None
        return
    from tqdm import tqdm

    with ExitStack() as stack:
        bars: list[tqdm[Never]] = []

        def show(done: int, total: int) -> None:
            if not bars:  # what was done before does not count for the rate
                columns, rows = _size()
                bar = tqdm(total=total, initial=done, leave=False, unit=unit, ncols=columns, nrows=rows)
                bars.append(stack.enter_context(bar))
            bars[0].update(done - bars[0].n)
            if done == total:  # however fast it went
                bars[0].refresh()

        yield show


def _size() -> tuple[int | None, int | None]:
    """Give a terminal that does not know its size, as in a container, the usual one; tqdm asks the others itself."""
    try:
        columns, _ = os.get_terminal_size(sys.stderr.fileno())
    except OSError:
        return None, None
    return (None, None) if columns else (80, 24)
