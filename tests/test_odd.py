"""The ODD document does not go stale: parameters, equations, luck, strategies, schedule and outputs are all in it.

``python tests/test_odd.py`` writes the table of parameters anew.
"""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from pathlib import Path

import pytest

import ana_sim.rules
from ana_sim.dials import BUILT_IN, align
from ana_sim.luck import PURPOSES
from ana_sim.model import AnaModel
from ana_sim.parameters import Change, fields_of, parameter_table
from ana_sim.record import EVENTS
from ana_sim.scenario import Scenario
from ana_sim.tally import payoff_columns

DOCUMENT = Path(__file__).parent.parent / "docs" / "odd.md"
TEXT = DOCUMENT.read_text(encoding="utf-8")
BEGIN, END = "<!-- parameters: begin -->\n", "<!-- parameters: end -->"
RULES = Path(ana_sim.rules.__file__).parent
DIALS = ("asks", "order", "search", "counter_bids", "splits", "declares", "allocation")


def section(heading: str) -> str:
    """Text from a heading up to the next one of its level or above."""
    level = heading.split(" ")[0]
    start = TEXT.index(f"\n{heading}") + 1
    end = re.compile(rf"^#{{1,{len(level)}}} ", re.MULTILINE).search(TEXT, start + len(heading))
    return TEXT[start : end.start() if end else len(TEXT)]


def rows(text: str) -> list[list[str]]:
    """Cells of all table rows, heads and rules left out."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    rules = [place for place, line in enumerate(lines) if re.fullmatch(r"[|-]+", line)]
    skipped = {place + shift for place in rules for shift in (-1, 0)}
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for place, line in enumerate(lines)
        if place not in skipped
    ]


def named(text: str) -> list[str]:
    """What stands in code type."""
    return re.findall(r"`([^`]+)`", text)


def in_words(value: object) -> str:
    if value is None or value == {} or value == ():
        return "-"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, dict):
        return ", ".join(f"{key} {in_words(entry)}" for key, entry in value.items())
    return str(value)


def span(low: float | None, high: float | None) -> str:
    if low is None and high is None:
        return "-"
    return f"{in_words(low)} .. {in_words(high)}"


def parameters_in_words() -> str:
    """The table of parameters as it should stand in the document."""
    lines = ["| path | default | unit | range | test range | meaning | source |", "|---|---|---|---|---|---|---|"]
    for info in parameter_table():
        cells = (
            *(f"`{info.path}`", in_words(info.default), info.unit or "-", span(info.low, info.high)),
            *(span(info.test_low, info.test_high), info.meaning, info.source),
        )
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def compiled_functions() -> dict[str, list[str]]:
    """Public functions under ``@compiled``, by module of the rulebook."""
    found = {}
    for file in sorted(RULES.glob("*.py")):
        functions = [node for node in ast.parse(file.read_text(encoding="utf-8")).body if hasattr(node, "name")]
        found[file.stem] = [
            node.name
            for node in functions
            if isinstance(node, ast.FunctionDef)
            and not node.name.startswith("_")
            and any(isinstance(mark, ast.Name) and mark.id.startswith("compiled") for mark in node.decorator_list)
        ]
    return {module: names for module, names in found.items() if names}


# -- parameters --


def test_the_table_of_parameters_is_the_packages():
    stated = TEXT[TEXT.index(BEGIN) + len(BEGIN) : TEXT.index(END)]
    assert stated == parameters_in_words(), "run: python tests/test_odd.py"


def test_every_key_is_named():
    mentioned = set(named(TEXT))
    assert [info.path for info in parameter_table() if info.path not in mentioned] == []
    assert set(fields_of(Change)) <= set(named(section("## Appendix B")))


# -- equations --


def test_every_equation_has_its_section():
    stated: dict[str, list[str]] = {}
    for module, functions, number in rows(section("## Appendix A")):
        assert re.search(rf"^##+ {re.escape(number)} ", TEXT, re.MULTILINE), number
        stated.setdefault(module.strip("`"), []).extend(named(functions))
    assert {module: sorted(names) for module, names in stated.items()} == {
        module: sorted(names) for module, names in compiled_functions().items()
    }


def test_the_rulebook_is_found():
    assert sum(map(len, compiled_functions().values())) > 50


# -- luck, strategies, the scenario that others build on --


def test_luck_is_listed_in_the_order_of_its_addresses():
    stated = [(scope.strip("`"), tuple(named(purposes))) for scope, _, purposes in rows(section("## Appendix C"))]
    assert stated == list(PURPOSES.items())


def test_strategies_are_those_built_in():
    stated = {named(cells[0])[0]: tuple(cells[1:]) for cells in rows(section("### 7.27"))}
    built_in = {name: strategy.dials for name, strategy in BUILT_IN.items()}
    built_in["align_<power>"] = align("hegemon", "hegemon").dials
    switch = {True: "yes", False: "no"}
    assert stated == {
        name: tuple(switch.get(getattr(dials, dial), getattr(dials, dial)) for dial in DIALS)
        for name, dials in built_in.items()
    }
    assert all(dials.caution == 1.0 for dials in built_in.values())


def test_bipolar_is_as_stated():
    scenario, text = Scenario.load("bipolar"), section("## 5")
    stated = [[cells[0].strip("`"), *cells[1:]] for cells in rows(text)]
    assert stated == [
        [
            *(issue.name, issue.instrument, issue.kind, str(issue.arrival), str(issue.term)),
            *(str(issue.stake[power]) for power in ("hegemon", "rising")),
            *(str(issue.acceptance[power]) for power in ("hegemon", "rising")),
        ]
        for issue in scenario.issue
    ]
    for issue in scenario.issue:
        assert (issue.need, issue.strategic, issue.project.mean, issue.project.sigma) == (1.0, 1.0, 1.0, 0.5)
        assert issue.interest == {"hegemon": 1.0, "rising": 1.0}
    assert [(p.reliability, p.pressure.severity, p.pressure.cost) for p in scenario.power] == [
        (0.95, 0.6, 0.05),
        (0.9, 0.4, 0.1),
    ]
    assert (scenario.years, scenario.start, scenario.states.count) == (40, 2010, 24)
    assert scenario.states.exposure == {"hegemon": 0.4, "rising": 0.1}


# -- schedule and outputs --


def test_the_year_is_told_in_its_order():
    body = ast.parse(textwrap.dedent(inspect.getsource(AnaModel.step))).body[0]
    called = []
    for node in body.body:
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            call = node.value
            name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
            called.append(ast.literal_eval(call.args[0]) if name == "do" else name)
    told = [named(cells[0])[0] for cells in rows(section("## 3")) if cells[0]]
    assert told == [name for name in called if name]


@pytest.mark.parametrize("wanted", ["payoffs", "powers", "events"])
def test_outputs_are_listed(wanted):
    mentioned = set(named(section("## 8")))
    if wanted == "payoffs":
        assert {name.replace("_P1", "_<power>") for name in payoff_columns(["P1"])} <= mentioned
    elif wanted == "powers":
        model = AnaModel("bipolar", {"years": 1, "states.count": 2}, rng=1, collect=False).run()
        assert set(model.power_rows[0]) - {"year", "power"} <= mentioned
    else:
        assert set(EVENTS) <= mentioned


# -- the text itself --


def test_references_within_the_text_lead_somewhere():
    numbers = {int(n) for n in re.findall(r"^(\d+)\. ", section("## 9"), re.MULTILINE)}
    assert numbers == set(range(1, max(numbers) + 1))
    assert {int(n) for n in re.findall(r"decision (\d+)", TEXT)} <= numbers
    headings = set(re.findall(r"^### (7\.\d+) ", TEXT, re.MULTILINE))
    assert set(re.findall(r"\b7\.\d+\b", TEXT)) <= headings


def test_formulas_close_on_their_line():
    assert [line for line in TEXT.splitlines() if line.count("$") % 2] == []


if __name__ == "__main__":
    head, tail = TEXT[: TEXT.index(BEGIN) + len(BEGIN)], TEXT[TEXT.index(END) :]
    DOCUMENT.write_text(head + parameters_in_words() + tail, encoding="utf-8")
