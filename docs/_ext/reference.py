"""Pages of reference that the package writes about itself, anew at each build: they cannot be out of date.

They go to `reference/generated/`, which is not kept. A file is written only where its text has changed, so that a
second build has nothing to do.
"""

from __future__ import annotations

import re
import tomllib
import typing
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import typer
from pygments.lexers.special import TextLexer
from sphinx.application import Sphinx

import ana_sim
from ana_sim.cli import app as command_line
from ana_sim.declare import fields_of
from ana_sim.dials import strategy_info, strategy_names
from ana_sim.facts import FACTS
from ana_sim.facts.disputes import DISPUTES
from ana_sim.facts.fact import KINDS, SOURCES
from ana_sim.listing import ParameterInfo
from ana_sim.parameters import Dials, parameter_table
from ana_sim.scenario import Scenario, builtin_cases, builtin_scenarios, stated_by
from ana_sim.scenario.toml_text import toml_text
from ana_sim.sweeps.spec import DESIGNS
from ana_sim.tables import TABLES

FOLDER = "reference/generated"

OUTSIDE = {"../experiments/calibration/report.md": f"{FOLDER}/calibration.md"}
"""Files of the repository that pages link to: each becomes a page of the site (`pages.py`)."""

# -- Markdown --


def plain(text: str) -> str:
    """Return a text of which Markdown changes nothing."""
    return re.sub(r"([\\`*_<>\[\]$|#{}])", r"\\\1", text)


def code(text: str) -> str:
    """Return a text in code type, for a cell of a table too."""
    return f"`{text.replace('|', chr(92) + '|')}`"


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """Yield the lines of a table."""
    head = list(head)
    yield ""
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield "| " + " | ".join(cell.replace("\n", " ") for cell in row) + " |"
    yield ""


def fenced(text: str, language: str = "text") -> Iterator[str]:
    """Yield the lines of a block of code."""
    yield from ("", f"````{language}", text.rstrip("\n"), "````", "")


# -- the command line --


def command_page() -> Iterator[str]:
    """Yield the page on the command line: the help of every command, from the commands themselves."""
    top = typer.main.get_command(command_line)
    yield from ("# Command line", "")
    yield "Every command, as its `--help` states it. `python -m ana_sim` is the same program."
    yield from ("", plain(top.help), "")
    yield f"{plain(top.epilog)} More on that: [exit statuses](../exit-status.md)."
    yield ""
    yield from table(
        ("command", "what it does"),
        ((f"[`{name}`](#ana-sim-{name})", plain(_first_line(own.help))) for name, own in top.commands.items()),
    )
    for name, own in top.commands.items():
        yield from _command(name, own)


def _command(name: str, own: typer.core.TyperCommand) -> Iterator[str]:
    context = own.make_context(name, [], resilient_parsing=True)
    usage = " ".join(["ana-sim", name, *own.collect_usage_pieces(context)])
    yield from (f"(ana-sim-{name})=", "", f"## ana-sim {name}", "", plain(own.help.strip()))
    yield from fenced(usage)
    yield from (f":::{{program}} ana-sim {name}", ":::", "")
    for parameter in own.params:
        word = parameter.metavar if parameter.param_type_name == "argument" else ", ".join(parameter.opts)
        if parameter.param_type_name == "option" and not parameter.is_flag:
            word += f" {parameter.metavar}"
        yield from (f":::{{option}} {word}", plain(_explained(parameter)), ":::", "")


def _explained(parameter: typer.core.TyperOption | typer.core.TyperArgument) -> str:
    """Return what a parameter's help says, with its default."""
    text = parameter.help or "Show the help and exit."
    stated = parameter.default
    if stated in (None, False, ()) or callable(stated) or "[default" in text:
        return text
    return f"{text} [default: {stated}]"


def _first_line(text: str) -> str:
    return text.strip().split("\n\n")[0].replace("\n", " ")


# -- parameters --

HEADS = {
    "": ("The run", "Keys at the top of a scenario's file."),
    "world": ("`[world]`", "What holds for everybody."),
    "power": (
        "`[[power]]`",
        "A table for each power. `NAME` is the power's own name or, where only one has it, its role.",
    ),
    "issue": ("`[[issue]]`", "A table for each issue; `NAME` is its name, `POWER` a power's name or role."),
    "link": ("`[[link]]`", "What is expected on one issue counts on another."),
    "states": ("`[states]`", "Where the states come from, and what is drawn for them."),
    "strategies": ("`[strategies]`", "Who plays what, and strategies of the scenario's own."),
}


def parameter_page() -> Iterator[str]:
    """Yield the page on all parameters."""
    yield from ("# Parameters", "")
    yield """\
Every parameter, from the declarations that also check a file. A path is what `--set`, `[[change]]` and a sweep's
factors take; names in capitals stand for names that you choose. *Test* is the range over which the claim of
[no foregone conclusion](../../trace.md) was tested; it is frozen. The wider range is what a file may state. A source of
*trial* is a bare assumption. The same list on a terminal: `ana-sim scenarios --parameters`."""
    yield ""
    found = parameter_table()
    for head, (title, words) in HEADS.items():
        rows = [row for row in found if (row.path.split(".")[0] if "." in row.path else "") == head]
        yield from (f"## {title}", "", words)
        yield from table(("path", "default", "range and unit", "meaning"), map(_parameter, rows))
    assert {row.path.split(".")[0] for row in found if "." in row.path} <= set(HEADS)


def _parameter(row: ParameterInfo) -> tuple[str, ...]:
    span = _span(row.low, row.high)
    unit = f", {plain(row.unit)}" if row.unit and row.unit != "1" else ""
    test = f"; test {_span(row.test_low, row.test_high)}" if row.test_low is not None else ""
    limits = f"{span}{unit}{test}".lstrip(", ") or "-"
    return code(row.path), _default(row.default), limits, f"{plain(row.meaning)} *({plain(row.source)})*"


def _span(low: float | None, high: float | None) -> str:
    return "" if low is None and high is None else f"{_default(low)} .. {_default(high)}"


def _default(value: object) -> str:
    if value is None or value == {} or value == ():
        return "-"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, Mapping):
        return ", ".join(f"{plain(str(key))} {_default(entry)}" for key, entry in value.items())
    return plain(str(value))


# -- strategies --


def strategy_page() -> Iterator[str]:
    """Yield the page on strategies and dials."""
    world = Scenario.load("three_powers")
    found = [strategy_info(name, world) for name in strategy_names(world)]
    switch = {True: "yes", False: "no"}
    yield from ("# Strategies and their dials", "")
    yield """\
A strategy is a row of dials. None has a payoff or a rule of its own beyond them, so that what each dial earns can be
told apart. `align_<power>` is there for each power of a scenario; here those of `three_powers`. What they stand for in
the literature: [the strategies](../../explanation/strategies.md)."""
    yield from ("", "## Built-in strategies")
    yield from table(
        ("name", "what it does", "source"), ((code(s.name), plain(s.description), plain(s.source)) for s in found)
    )
    usual = Dials()
    differs = {key: any(getattr(s.dials, key) != getattr(usual, key) for s in found) for key in fields_of(Dials)}
    dials = [key for key, shown in differs.items() if shown and key != "patron"]
    same = ", ".join(code(key) for key, shown in differs.items() if not shown)
    yield f"Their dials; {same} are at their defaults in all."
    yield from table(
        ("name", *map(code, dials)),
        ([code(s.name), *(_asked(s.dials, key, switch) for key in dials)] for s in found),
    )
    yield from ("## The dials", "")
    yield """\
Keys of `[strategies.custom.NAME]` in a scenario's file, and class attributes of a {py:class}`~ana_sim.Strategy` in
Python."""
    rows = {row.path.rpartition(".")[2]: row for row in parameter_table() if row.path.startswith("strategies.custom.")}
    yield from table(
        ("dial", "values", "default", "meaning", "source"),
        (
            (code(key), _values(field.annotation, row), _default(row.default), plain(row.meaning), plain(row.source))
            for key, field in fields_of(Dials).items()
            for row in [rows[key]]
        ),
    )


def _asked(dials: Dials, key: str, switch: Mapping[bool, str]) -> str:
    value = getattr(dials, key)
    if key == "asks" and value in ("patron", "patron_first"):
        return f"{value}: {dials.patron}".replace("_", r"\_")
    return switch[value] if isinstance(value, bool) else _default(value)


def _values(annotation: object, row: ParameterInfo) -> str:
    words = typing.get_args(annotation)
    if words and all(isinstance(word, str) for word in words):
        return ", ".join(map(code, words))
    if row.low is not None:
        return _span(row.low, row.high)
    return "true, false" if isinstance(row.default, bool) else "a power's name or role"


# -- scenarios --


def scenario_page() -> Iterator[str]:
    """Yield the page on the built-in scenarios."""
    cases, titles = builtin_cases(), builtin_scenarios()
    worlds = [name for name in titles if name not in cases]
    yield from ("# Built-in scenarios", "")
    yield """\
As their files in `ana_sim/data/scenarios` state them: `ana-sim scenarios NAME` prints the same. A case illustrates an
episode of the literature. Its numbers are chosen so that the case can occur; it is no evidence for the model, and
what it shows is read as in any other world, with its interval."""
    for title, names in (("Worlds", worlds), ("Cases", cases)):
        yield from ("", f"## {title}")
        yield from table(("name", "title"), ((f"[`{name}`](#scenario-{name})", plain(titles[name])) for name in names))
    for name in (*worlds, *cases):
        yield from _scenario(name)


def _scenario(name: str) -> Iterator[str]:
    world = Scenario.load(name)
    # underscores would be lost in the anchor that a heading gets
    yield from (f"(scenario-{name})=", "", f"## {name}", "", f"*{plain(world.title)}*", "")
    for line in world.notes.strip().splitlines():
        label, found, command = line.partition(": ana-sim ")
        yield f"- {label}: `ana-sim {command}`" if found else plain(line)
    count = ", ".join(
        (
            _many(len(world.state_names), "state"),
            _many(len(world.power), "power"),
            _many(len(world.issue), "issue"),
            _many(world.years, "year"),
        )
    )
    on = f"builds on [`{world.base}`](#scenario-{world.base})" if world.base else "builds on nothing"
    yield from ("", f"{count} from {world.start}; {on}, and states:")
    yield from fenced(toml_text(stated_by(name)) or "# nothing", "toml")


def _many(count: int, word: str) -> str:
    return f"{count} {word}" + ("" if count == 1 else "s")


# -- facts and disputes --


def fact_page() -> Iterator[str]:
    """Yield the page on the stylised facts, and on the disputes."""
    yield from ("# Stylised facts and disputes", "")
    yield """\
What `ana-sim facts` scores, and `ana-sim facts --disputes` draws. Whether a fact holds at the defaults is in
[how the model was tested](../../trace.md#4-the-score-card); what that is worth, in
[what the score card is](../../explanation/score-card.md). The *ablation* is the mechanism that must break a fact when
it is switched off. Sources of the claims, by letter:"""
    yield from ("", *(f"- {key}: {plain(source)}" for key, source in SOURCES.items()))
    for section, title in (("A", "The cases"), ("B", "The system")):
        yield from ("", f"## {title}")
        rows = [fact for fact in FACTS.values() if fact.section == section]
        yield from table(
            ("fact", "claim and source", "varied", "expected; falsified by", "ablation"),
            (
                (
                    f"{code(own.name)} {KINDS[own.kind]}",
                    f"{plain(own.claim)} ({plain(own.source)})",
                    plain(own.vary),
                    f"{plain(own.expect)}; *{plain(own.falsified) or '-'}*",
                    plain(own.ablation.what) if own.ablation else "-",
                )
                for own in rows
            ),
        )
    yield from ("## Where the literature disagrees", "")
    yield "The outcome is drawn over the parameter that decides it; no side is assumed."
    for own in DISPUTES.values():
        yield from ("", f"### {plain(own.title)}", "")
        yield f"{code(own.name)}: over {plain(own.parameter)} ({code(own.path)}), {plain(own.outcome)}"
        yield ""
        for claim in own.claims:
            yield f"- *{plain(claim.who)}*: {plain(claim.says)} ({plain(claim.source)}): {plain(claim.expects)}"


# -- tables, designs --


def table_page() -> Iterator[str]:
    """Yield the page on all tables and their columns."""
    yield from ("# Tables and columns", "")
    yield """\
Every table that a command writes, with the unit of each column. Money is in budgets: 1 is the hegemon's offerable
budget per state and year at the start, and payoffs are per unit of a state's size. `POWER` and `ISSUE` in a name
stand for the scenario's own: `share_POWER` is `share_hegemon`, `share_rising`, and so on. In Parquet, unit and
meaning are in the file's schema; with `--format csv`, `columns.csv` of a sweep has them. Where a sweep names columns
itself (factors, measures), the file says what they hold."""
    yield ""
    for name, columns in TABLES.items():
        yield from (f"(table-{name})=", "", f"## {name}")
        yield from table(
            ("column", "type", "unit", "meaning"),
            ((code(c.name), c.type, plain(c.unit) or "-", plain(c.meaning)) for c in columns),
        )


def design_part() -> Iterator[str]:
    """Yield the table of designs, a part of the page on the sweep's file."""
    yield from table(
        ("`kind`", "its options, with their defaults"),
        (
            (code(kind), ", ".join(code(f"{key} = {_toml(value)}") for key, value in options.items()))
            for kind, options in DESIGNS.items()
        ),
    )


def _toml(value: object) -> str:
    text = toml_text({"x": value}).strip().removeprefix("x = ")
    assert tomllib.loads(f"x = {text}")["x"] == value
    return text


PAGES = {
    "command-line.md": command_page,
    "parameters.md": parameter_page,
    "strategies.md": strategy_page,
    "scenarios.md": scenario_page,
    "facts.md": fact_page,
    "tables.md": table_page,
    "designs.inc": design_part,
}


def write_pages(app: Sphinx) -> None:
    """Write all pages that have changed."""
    folder = Path(app.srcdir) / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    texts = {folder / name: "\n".join(page()) + "\n" for name, page in PAGES.items()}
    for source, copy in OUTSIDE.items():
        text = (Path(app.srcdir) / source).read_text(encoding="utf-8")
        texts[Path(app.srcdir) / copy] = f"---\norphan: true\n---\n\n{text}"  # no contents list it
    for file in folder.iterdir():
        if file not in texts:
            file.unlink()  # of an earlier version
    for file, text in texts.items():
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            file.write_text(text, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, bool | str]:
    """Write the pages before the sources are looked for."""
    app.add_lexer("csv", TextLexer)
    app.connect("builder-inited", write_pages)
    return {"version": ana_sim.__version__, "parallel_read_safe": True, "parallel_write_safe": True}
