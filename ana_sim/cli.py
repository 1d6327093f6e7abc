"""The command line: what is asked, done or refused in one line."""

from __future__ import annotations

import os
import signal
import sys
import time
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, NoReturn

import typer

from ana_sim import cli_facts, cli_figures, cli_hindcast, cli_sweep_runs, cli_sweeps
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
    aligned,
    app,
    complain,
    duration,
    hint,
    how_many,
    listed,
    one_line,
    progress_bar,
    say,
    silence,
    whole,
    write_figure,
    write_frame,
    write_results,
    write_text,
)
from ana_sim.errors import AnaSimError, ScenarioError

if TYPE_CHECKING:
    import pandas as pd

    from ana_sim.comparison import Plan
    from ana_sim.provenance import Write
    from ana_sim.scenario import Scenario
    from ana_sim.simulation import Run

DEFAULT_SCENARIO: Final = "latin_america"
DONE, FAILED, WRONG, INTERRUPTED = 0, 1, 2, 130
_TRIAL_YEARS: Final = 3
_TRIAL_STATE_YEARS: Final = 20_000
_PROCESS_START: Final = 2.0  # seconds
_SUMMARY: Final = 2.0  # seconds for intervals and the picture


# -- options ---------------------------------------------------------------------------------------

ScenarioName = Annotated[str, typer.Argument(metavar="SCENARIO", help="Name of a built-in scenario, or a file.")]
StrategyNames = Annotated[
    str | None,
    typer.Option("--strategies", metavar="A,B,...", help="Names, or mine.py:Class [default: the scenario's mix]."),
]
Replicates = Annotated[
    int,
    typer.Option("--replicates", metavar="N", parser=whole("--replicates"), help="Replicates, each with its own luck."),
]
Years = Annotated[
    int | None,
    typer.Option("--years", metavar="N", parser=whole("--years"), help="Length of a run [default: the scenario's]."),
]
Seed = Annotated[int, typer.Option("--seed", metavar="N", parser=whole("--seed", 0), help="Seed of all luck.")]
Engine = Annotated[
    str,
    typer.Option(
        "--engine",
        metavar="NAME",
        help="compiled (threads) or mesa (processes): the same results, the first hundreds of times faster.",
    ),
]


# -- commands --------------------------------------------------------------------------------------


def _show_version(asked: bool) -> None:
    if asked:
        from ana_sim import __version__

        say(f"ana-sim {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    pass


@app.command()
def compare(
    scenario: ScenarioName = DEFAULT_SCENARIO,
    settings: Settings = None,
    strategies: StrategyNames = None,
    replicates: Replicates = 200,
    years: Years = None,
    seed: Seed = 1,
    deviator: Annotated[
        str,
        typer.Option(
            "--deviator",
            metavar="each|all|NAME",
            help="Who changes strategy: each state at a time while the others keep theirs, all at once, or one state.",
        ),
    ] = "each",
    sample: Annotated[
        int | None,
        typer.Option(
            "--sample",
            metavar="N",
            parser=whole("--sample"),
            help="States that deviate, under each [default: all of up to 64, else 32].",
        ),
    ] = None,
    baseline: Annotated[
        str, typer.Option("--baseline", metavar="NAME", help="Strategy that the others are measured against.")
    ] = "align_hegemon",
    workers: Workers = None,
    engine: Engine = "compiled",
    out: Out = None,
    format: Format = "parquet",
    force: Force = False,
    dry_run: DryRun = False,
    quiet: Quiet = False,
) -> None:
    """Compare what strategies pay, and why.

    Under the same luck: a table, a figure, and what the difference from the baseline is made of.
    """
    output = Output(out, force, quiet, format)
    words = listed(strategies)
    world = _world(scenario, settings, years)

    from ana_sim.comparison import plan
    from ana_sim.simulation import check_request, engine_for

    check_request(replicates=replicates, workers=workers, engine=engine, seed=seed)
    made = plan(world, words, replicates=replicates, seed=seed, deviator=deviator, baseline=baseline, sample=sample)
    _, word = engine_for(engine, made.scripted)
    parts = made.by_engine(engine)
    request = {
        "strategies": [str(word) for word in made.strategies],
        "strategy_files": _files_of(made.strategies),
        "replicates": replicates,
        "years": world.years,
        "seed": seed,
        "deviator": deviator,
        "sample": sample,
        "deviators": list(made.deviators),
        "baseline": baseline,
        "engine": list(parts),
        "format": format,
    }
    results = output.results("compare", request, world)
    what = _worlds_of(made)
    if dry_run:
        _make_ready(parts, output)
        say(f"{what}; {_estimate(parts, workers)}")
        say(f"would write to {results.folder}")
        return
    if results.complete:
        from ana_sim.summary_text import format_table
        from ana_sim.tables import read_table

        output.tell(f"already in {results.folder}, from the same request; --force runs it again")
        say(format_table(read_table(results.folder / "compare.csv")))
        return
    if word:
        output.tell(word)
    _make_ready(parts, output)
    if not quiet:
        output.tell(f"{what}; {_estimate(parts, workers)}")

    from ana_sim.comparison import compare as run_comparison
    from ana_sim.summary_text import format_table

    with _running(), progress_bar(quiet) as progress:
        done = run_comparison(
            world,
            words,
            replicates=replicates,
            seed=seed,
            deviator=deviator,
            baseline=baseline,
            sample=sample,
            workers=workers,
            engine=engine,
            progress=progress,
        )

    write_results(
        results,
        "compare",
        request,
        world,
        {
            "compare.csv": partial(write_frame, done.summary, "csv"),
            "compare.png": partial(write_figure, done.figure()),
            f"payoffs.{format}": partial(write_frame, done.payoffs, format),
        },
    )
    say(format_table(done.summary))
    if not quiet:
        say(f"\nwritten to {results.folder}")


@app.command()
def run(
    scenario: ScenarioName = DEFAULT_SCENARIO,
    story: Annotated[
        str | None, typer.Option("--story", metavar="STATE", help="Tell the years of a state as a chronicle in words.")
    ] = None,
    settings: Settings = None,
    strategies: StrategyNames = None,
    replicates: Replicates = 1,
    years: Years = None,
    seed: Seed = 1,
    workers: Workers = None,
    engine: Engine = "compiled",
    out: Out = None,
    format: Format = "parquet",
    force: Force = False,
    dry_run: DryRun = False,
    quiet: Quiet = False,
) -> None:
    """Run one world and keep all that happens.

    Its states, powers, deals and events, year by year; with --story, as a chronicle too.
    """
    output = Output(out, force, quiet, format)
    words = listed(strategies)
    world = _world(scenario, settings, years)
    if story is not None and story not in world.state_names:
        raise OptionError(f"--story = {story!r}: there is no such state{hint(story, world.state_names)}")

    from ana_sim.simulation import check_request, prepared, run_world

    check_request(replicates=replicates, workers=workers, engine=engine, seed=seed)
    prepared(world, None)
    world, play = _cast(world, words)
    request = {
        "strategies": words,
        "strategy_files": _files_of(words or ()),
        "replicates": replicates,
        "years": world.years,
        "seed": seed,
        "story": story,
        "engine": "mesa",  # it alone keeps deals and events; the results are the same
        "format": format,
    }
    results = output.results("run", request, world)
    if dry_run:
        _make_ready(["mesa"], output)
        what = f"{world.name}: {how_many(replicates, 'world')} of {how_many(world.years, 'year')}"
        seconds = replicates * world.years * len(world.state_names) * _seconds_per_state_year(world, "mesa")
        say(f"{what}, about {duration(seconds)}")
        say(f"would write to {results.folder}")
        return
    shown = ["summary.txt"] if story is None else ["story.txt", "summary.txt"]
    if results.complete:
        output.tell(f"already in {results.folder}, from the same request; --force runs it again")
        say("\n\n".join((results.folder / name).read_text(encoding="utf-8").rstrip("\n") for name in shown))
        return
    _make_ready(["mesa"], output)
    runs = []
    with _running(), progress_bar(quiet) as progress:
        for replicate in range(replicates):
            runs.append(run_world(world, seed=seed, replicate=replicate, play=play, engine=engine))
            if progress:
                progress(replicate + 1, replicates)
        texts = {"summary.txt": _summary(runs, seed)}
        if story is not None:
            from ana_sim.story import chronicle

            texts["story.txt"] = chronicle(runs[0].events, runs[0].states, world, story)

    files: dict[str, Write] = {}
    for name in ("states", "powers", "deals", "events", "payoffs"):
        files[f"{name}.{format}"] = partial(write_frame, _stacked(runs, name), format)
    for name, text in texts.items():
        files[name] = partial(write_text, text)
    write_results(results, "run", request, world, files)
    say("\n\n".join(texts[name].rstrip("\n") for name in shown))
    if not quiet:
        say(f"\nwritten to {results.folder}")


@app.command()
def scenarios(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Show this one: what it is about, and what it states.")
    ] = None,
    parameters: Annotated[bool, typer.Option("--parameters", help="The table of all parameters instead.")] = False,
) -> None:
    """List the built-in scenarios, or show one."""
    if name is not None:
        if parameters:
            raise OptionError("--parameters: the table is the same for all scenarios; leave NAME out")
        say(_shown(name))
        return
    if not parameters:
        say(_all_scenarios())
        return
    from ana_sim.parameters import parameter_table

    rows = [("path", "default", "unit", "range", "test range", "meaning", "source")]
    for row in parameter_table():
        default = "-" if row.default is None else _toml(row.default)
        tested = _range(row.test_low, row.test_high)
        rows.append((row.path, default, row.unit, _range(row.low, row.high), tested, row.meaning, row.source))
    say(aligned(rows))


@app.command()
def strategies(scenario: ScenarioName = DEFAULT_SCENARIO, settings: Settings = None) -> None:
    """List the strategies and their dials."""
    from ana_sim.dials import strategy_info, strategy_names

    world = _world(scenario, settings, None)
    rows: list[tuple[str, ...]] = [
        ("name", "asks", "order", "search", "counter_bids", "splits", "declares", "allocation", "what it does")
    ]
    for name in strategy_names(world):
        found = strategy_info(name, world)
        dials = found.dials
        leans = dials.patron is not None and dials.asks in ("patron", "patron_first")
        asks = f"{dials.asks}: {dials.patron}" if leans else dials.asks
        order, search = (dials.order, dials.search) if dials.asks in ("all", "patron_first") else ("-", "-")
        flags = ("yes" if flag else "no" for flag in (dials.counter_bids, dials.splits, dials.declares))
        rows.append((name, asks, order, search, *flags, dials.allocation, found.description))
    say(aligned(rows))


@app.command()
def validate(files: Annotated[list[str], typer.Argument(metavar="FILE...", help="Scenario files.")]) -> None:
    """Check scenario files.

    With all that they name; what is wrong is said in a line, and where.
    """
    from ana_sim.scenario import Scenario

    wrong = 0
    for file in files:
        try:
            world = Scenario.load(file)
            _check_network(world)
        except AnaSimError as error:
            wrong += 1
            text = one_line(error)
            complain(text if text.startswith(file) else f"{file}: {text}")
        else:
            counts = (
                how_many(len(world.state_names), "state"),
                how_many(len(world.power), "power"),
                how_many(len(world.issue), "issue"),
                how_many(world.years, "year"),
            )
            say(f"{file}: valid ({world.name}: {', '.join(counts)} from {world.start})")
    if wrong:
        raise typer.Exit(WRONG)


for _command in (
    *cli_sweep_runs.COMMANDS,
    *cli_sweeps.COMMANDS,
    *cli_facts.COMMANDS,
    *cli_figures.COMMANDS,
    *cli_hindcast.COMMANDS,
):
    app.command()(_command)


# -- what is asked ---------------------------------------------------------------------------------


def _world(source: str, settings: Iterable[str] | None, years: int | None) -> Scenario:
    """Return the scenario with all settings made."""
    from ana_sim.scenario import Scenario, parse_setting

    world = Scenario.load(source)
    try:
        world = world.replace(dict(parse_setting(setting) for setting in settings or ()))
    except ScenarioError as error:
        raise OptionError(f"--set: {error}") from None
    if years is not None:
        try:
            world = world.replace({"years": years})
        except ScenarioError as error:
            raise OptionError(f"--years = {years}: {error.reason}") from None
    _check_network(world)
    return world


def _check_network(world: Scenario) -> None:
    """Read an edge list, which a scenario only names."""
    if world.world.network not in ("complete", "ring", "regions"):
        from ana_sim.network import Network

        names = world.state_names
        Network(names, range(len(names)), world.world.network, [None] * len(names))


def _cast(world: Scenario, words: list[str] | None) -> tuple[Scenario, dict[str, Any] | str | None]:
    """Return the scenario and who plays what in it: names share the states as a mix, classes by turns."""
    from ana_sim.strategy import find_strategy

    for word in words or ():
        find_strategy(word, world)
    if not words or len(words) == 1:
        return world, words[0] if words else None
    if not _files_of(words):
        return world.replace({"strategies.mix": dict.fromkeys(words, 1.0)}), None
    return world, {name: words[i % len(words)] for i, name in enumerate(world.state_names)}


def _files_of(words: Iterable[object]) -> dict[str, str]:
    """Return the SHA-256 of the files that strategies are taken from."""
    from ana_sim.provenance import file_digest

    files = (str(word).rpartition(":")[0] for word in words)
    return {file: file_digest(Path(file)) for file in files if file.endswith(".py")}


# -- how long it takes -----------------------------------------------------------------------------


def _worlds_of(made: Plan) -> str:
    """Say how many worlds a comparison runs."""
    factors = [how_many(made.replicates, "replicate")]
    if len(made.deviators) > 1:
        factors.append(f"{len(made.deviators)} deviating states")
    factors.append("1 strategy" if len(made.strategies) == 1 else f"{len(made.strategies)} strategies")
    worlds = f"{how_many(made.runs, 'world')} of {how_many(made.scenario.years, 'year')}"
    return f"{made.scenario.name}: {' x '.join(factors)} = {worlds}"


def _estimate(parts: Mapping[str, Plan], workers: int | None) -> str:
    """Say how long a comparison takes at most, given what each engine runs."""
    from ana_sim.simulation import STATE_YEARS_WORTH_A_PROCESS

    count = workers or os.cpu_count() or 1
    total, hands = _SUMMARY, []
    for engine, part in parts.items():
        seconds = part.state_years * _seconds_per_state_year(part.scenario, engine)
        if engine == "compiled":
            total += seconds / count
            hands.append(how_many(count, "thread"))
        elif count == 1 or part.state_years < STATE_YEARS_WORTH_A_PROCESS:
            total += seconds
        else:
            total += _PROCESS_START + seconds / count
            hands.append(f"{count} processes")
    return f"at most about {duration(total)}{' in ' * bool(hands)}{', then '.join(hands)}"


def _seconds_per_state_year(world: Scenario, engine: str) -> float:
    """Time a few years; the first run, which compiles the rules or loads them, is not counted."""
    from ana_sim.compiled import JIT_ENABLED
    from ana_sim.model import AnaModel
    from ana_sim.simulation import simulate

    states = len(world.state_names)
    if engine == "compiled":  # by how much longer more replicates take: tables are made once
        several = max(1, _TRIAL_STATE_YEARS // (states * world.years)) if JIT_ENABLED else 1
        times = []
        for replicates in (1, several, 2 * several):
            begun = time.perf_counter()
            simulate(world, replicates=replicates, workers=1)
            times.append(time.perf_counter() - begun)
        return max(times[2] - times[1], 0.1 * times[1]) / (several * states * world.years)
    years = min(_TRIAL_YEARS, world.years)
    short = world.replace({"years": years})
    begun = 0.0
    for _ in range(2):
        begun = time.perf_counter()
        AnaModel(short, rng=0, collect=False).run()
    return (time.perf_counter() - begun) / (years * states)


def _make_ready(engines: Iterable[str], output: Output) -> None:
    """Say why the first run on a machine takes longer: the engine, or the rules alone, are compiled."""
    from ana_sim.compiled import JIT_ENABLED, cache_directory

    if "compiled" in engines:
        from ana_sim.simulation import warm_up

        warm_up(output.tell)
    elif JIT_ENABLED and not any(cache_directory().rglob("*.nbi")):
        output.tell("compiling the rules, once; this takes about 20 s")


@contextmanager
def _running() -> Iterator[None]:
    """Tell a strategy that breaks the rules during a run from one that cannot be loaded; warn of nothing twice."""
    from ana_sim.strategy import StrategyError

    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=".*: decides in Python")
            yield
    except StrategyError as error:
        raise RunError(one_line(error)) from error


# -- what comes of it ------------------------------------------------------------------------------


def _stacked(runs: Sequence[Run], table: str) -> pd.DataFrame:
    """Put the replicates' tables below one another, with the replicate in front."""
    import pandas as pd

    frames = []
    for replicate, done in enumerate(runs):
        frame: pd.DataFrame = getattr(done, table)
        if len(frame.columns) and "replicate" not in frame:
            frame = frame.copy()
            frame.insert(0, "replicate", replicate)
        frames.append(frame)
    return pd.concat(frames, ignore_index=True) if len(frames) > 1 else frames[0]


def _summary(runs: Sequence[Run], seed: int) -> str:
    """Say in a few lines what happened."""
    from ana_sim.record import EVENTS

    world = runs[0].scenario
    years = f"{world.start}-{world.start + world.years - 1}"
    many = f", {how_many(len(runs), 'replicate')}" if len(runs) > 1 else ""
    lines = [f"{world.title or world.name}: {how_many(len(world.state_names), 'state')}, {years}, seed {seed}{many}"]

    payoffs = _stacked(runs, "payoffs")
    rows: list[tuple[str, ...]] = [("strategy", "state-years", "payoff", "terms", "pressed", "complied", "refused")]
    for name, own in payoffs.groupby("strategy", sort=False):
        weights = own["n"] / own["n"].sum()
        means = {key: float((own[key] * weights).sum()) for key in ("payoff", "terms", *_RATES)}
        rates = (f"{100.0 * means[key]:.0f}%" for key in _RATES)
        rows.append((str(name), f"{int(own['n'].sum()):,}", f"{means['payoff']:.3f}", f"{means['terms']:.3f}", *rates))
    lines += ["", aligned(rows, numbers=True)]

    powers, events = _stacked(runs, "powers"), _stacked(runs, "events")
    if len(powers):
        rows = [("power", "share of capability", "deals", "pressings", "force", "spent of its budget", "influence")]
        for name, own in powers.groupby("power", sort=False):
            first, last = own["share"].iloc[0], own["share"].iloc[-1]
            budget = float(own["budget"].sum())
            spent = f"{100.0 * float(own['spent'].sum()) / budget:.0f}%" if budget > 0.0 else "-"
            counts = (f"{int(own[key].sum()):,}" for key in ("deals", "pressings", "force"))
            rows.append((str(name), f"{first:.2f} to {last:.2f}", *counts, spent, f"{own['influence'].mean():.2f}"))
        lines += ["", aligned(rows, numbers=True)]
    kinds = events["kind"].value_counts(sort=False)
    counted = [f"{kind} {int(kinds[kind]):,}" for kind in EVENTS if kind in kinds]
    if counted:
        lines += ["", f"events: {', '.join(counted)}"]
    lines += ["", "payoff, terms: per state, year and unit of size; 1 = the hegemon's budget per state at the start"]
    return "\n".join(lines)


_RATES: Final = ("pressed", "complied", "refused")


# -- words -----------------------------------------------------------------------------------------


def _all_scenarios() -> str:
    """List the built-in scenarios: worlds, then cases."""
    from ana_sim.scenario import builtin_cases, builtin_scenarios

    titles, cases = builtin_scenarios(), builtin_cases()
    worlds = [row for row in titles.items() if row[0] not in cases]
    return aligned([("world", "title"), *worlds, ("", ""), ("case", "title"), *((own, titles[own]) for own in cases)])


def _shown(source: str) -> str:
    """Show a scenario: its title and notes, what it builds on, and what it states itself, as a file has it."""
    from ana_sim.scenario import Scenario, stated_by
    from ana_sim.scenario.toml_text import toml_text

    world, own = Scenario.load(source), stated_by(source)
    ground = f"builds on {world.base}" if world.base else "builds on nothing"
    parts = [f"{world.name}: {world.title}" if world.title else world.name, world.notes.strip("\n")]
    parts += (
        [f"It {ground} and states:", toml_text(own).strip("\n")] if own else [f"It {ground} and states nothing else."]
    )
    return "\n\n".join(part for part in parts if part)


def _range(low: float | None, high: float | None) -> str:
    if low is None and high is None:
        return ""
    return f"{'' if low is None else f'{low:g}'} .. {'' if high is None else f'{high:g}'}".strip()


def _toml(value: object) -> str:
    """Write a default as it would stand in a file."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, Mapping):
        entries = ", ".join(f"{key} = {_toml(entry)}" for key, entry in value.items())
        return f"{{ {entries} }}" if entries else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(_toml(entry) for entry in value)}]"
    return str(value)


# -- in and out ------------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit: 0 done, 1 the run failed, 2 the request was wrong, 130 interrupted.

    Parameters
    ----------
    arguments
        What follows the name of the program; by default as it was typed.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    status = _status(list(sys.argv[1:] if arguments is None else arguments))
    if status == INTERRUPTED:  # threads may still be at work: who interrupts once more waits for nothing
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    if sys.stdout is not None:
        try:
            sys.stdout.flush()
        except BrokenPipeError:
            silence(sys.stdout)
        except OSError as error:
            silence(sys.stdout)
            if status == DONE:  # else the one line has been said
                complain(f"standard output cannot be written: {error.strerror or error}")
                status = FAILED
    raise SystemExit(status)


def _status(arguments: list[str]) -> int:
    """Run a command; turn whatever goes wrong into one line and a status."""
    try:
        _check_command(arguments)
        status = app(arguments or ["--help"], prog_name="ana-sim", standalone_mode=False)
        if status == INTERRUPTED:
            raise KeyboardInterrupt
        return status if isinstance(status, int) else DONE
    except RunError as error:
        complain(one_line(error))
        return FAILED
    except Interruption as error:
        complain(one_line(error))
        return INTERRUPTED
    except AnaSimError as error:
        complain(one_line(error))
        return WRONG
    except SystemExit:  # typer's way out when nobody reads any more
        return DONE
    except KeyboardInterrupt:
        complain("interrupted")
        return INTERRUPTED
    except OSError as error:
        complain(f"{error.filename or 'output'}: {error.strerror or error}")
        return FAILED
    except MemoryError:
        complain("not enough memory; fewer --replicates or --workers need less")
        return FAILED
    except Exception as error:
        if hasattr(error, "format_message"):
            complain(_usage(error))
            return WRONG
        if type(error).__name__ == "Abort":
            complain("interrupted")
            return INTERRUPTED
        if os.environ.get("ANA_SIM_TRACEBACK"):
            raise
        complain(_unforeseen(error))
        return FAILED


def _check_command(arguments: Sequence[str]) -> None:
    """Refuse a command that there is not."""
    commands = [command.callback.__name__ for command in app.registered_commands if command.callback]
    if arguments and not arguments[0].startswith("-") and arguments[0] not in commands:
        there = f"; there are {', '.join(commands)}"
        raise OptionError(f"there is no command {arguments[0]!r}{hint(arguments[0], commands) or there}")


def _usage(error: Any) -> str:
    """Say what typer refused, in one line, with the nearest option.

    Known by their shape: some versions of typer stand on click, others on a copy of their own.
    """
    context = getattr(error, "ctx", None)
    command = f"{context.info_name}: " if context is not None and context.parent is not None else ""
    option = getattr(error, "option_name", None)
    if type(error).__name__ == "NoSuchOption":
        known = [name for option_ in context.command.params for name in option_.opts] if context else []
        return f"{command}there is no option {option}{hint(str(option), [*known, '--help'])}"
    parameter = getattr(error, "param", None)
    if type(error).__name__ == "BadParameter" and parameter is not None:
        name = parameter.opts[0] if parameter.opts[0].startswith("-") else parameter.human_readable_name
        return f"{command}{name}: {one_line(error.message).rstrip('.')}"
    text = one_line(error.format_message()).rstrip(".")
    return f"{command}{text[:1].lower()}{text[1:]}"


def _unforeseen(error: Exception) -> str:
    """Name an error that nobody thought of, and where it arose."""
    import re
    import traceback

    text = f"{type(error).__name__}: {one_line(error)}"
    frames = traceback.extract_tb(error.__traceback__)
    where = (frames[-1].filename, frames[-1].lineno) if frames else None
    remote = re.findall(r'File "(.+)", line (\d+)', str(error.__cause__ or ""))
    if remote:
        where = remote[-1]
    at = f" (at {where[0]}, line {where[1]})" if where else ""
    return f"the run failed: {text}{at}; ANA_SIM_TRACEBACK=1 shows more"
