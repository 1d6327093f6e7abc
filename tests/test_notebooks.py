"""The notebooks of the class: built alike, stripped of outputs, and running from top to bottom without a warning."""

import json
import re
import sys
from functools import cache
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from ana_sim.compiled import JIT_ENABLED
from ana_sim.simulation import warm_up

FOLDER = Path(__file__).parent.parent / "notebooks"
NAMES = (
    "01_first_world",
    "02_three_doctrines",
    "03_ecuador_asks_first",
    "04_brazil_5g_and_chancay",
    "05_when_does_it_pay",
    "06_write_your_own_strategy",
    "07_from_sweep_to_paper_figure",
)
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
PARAMETERS = {"tags": ["parameters"]}
SOLUTION = {"tags": ["solution"], "jupyter": {"source_hidden": True, "outputs_hidden": True}, "cellView": "form"}
"""Folded in JupyterLab by `jupyter`, in Colab by `cellView` and the title in the first line."""

SMALL = "replicates = 4\nseed = 1"
"""The least with which intervals, quantiles and quarters are still there."""

OTHER_PROCESSES = re.compile(r"multiprocessing|subprocess|ProcessPool|joblib|distributed|workers\s*=\s*(?!1\b)")
WIDTH = 120


@cache
def text(name):
    return (FOLDER / f"{name}.ipynb").read_text(encoding="utf-8")


def cells(name, kind=None):
    return [cell for cell in nbformat.reads(text(name), 4).cells if kind in (None, cell.cell_type)]


def sections(name):
    """The cells of each section, by its heading; what stands before the first is left out."""
    found, heading = {}, None
    for cell in cells(name):
        if cell.cell_type == "markdown" and cell.source.startswith("## "):
            heading = cell.source.splitlines()[0].removeprefix("## ")
            assert heading not in found, heading
            found[heading] = []
        if heading is not None:
            found[heading].append(cell)
    return found


def test_these_notebooks_are_there_and_nothing_else():
    there = [path.name for path in FOLDER.iterdir() if path.name != ".ipynb_checkpoints"]
    assert sorted(there) == [f"{name}.ipynb" for name in NAMES]


@pytest.mark.parametrize("name", NAMES)
def test_the_file_is_as_jupyter_writes_it(name):
    notebook = nbformat.reads(text(name), 4)
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert text(name) == json.dumps(json.loads(text(name)), indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    assert notebook.metadata == METADATA


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_left_of_a_run(name):
    for cell in cells(name, "code"):
        assert cell.outputs == [], cell.id
        assert cell.execution_count is None, cell.id
        assert cell.metadata in ({}, PARAMETERS, SOLUTION), cell.id
    for cell in cells(name, "markdown"):
        assert cell.metadata == {}, cell.id
        assert "attachments" not in cell, cell.id


@pytest.mark.parametrize("name", NAMES)
def test_cells_have_ids_that_mean_something(name):
    ids = [cell.id for cell in cells(name)]
    assert len(set(ids)) == len(ids)
    stems = {re.fullmatch(r"([a-z0-9]+(?:-[a-z0-9]+)*)-\d\d", one).group(1) for one in ids}
    assert len(stems) == 1, stems


@pytest.mark.parametrize("name", NAMES)
def test_the_first_cells_say_what_is_to_be_learnt_and_set(name):
    title, parameters, imports = cells(name)[:3]
    assert title.cell_type == "markdown"
    assert title.source.startswith("# ")
    minutes = re.search(r"^Time: about (\d+) minutes of class", title.source, re.MULTILINE)
    assert 30 <= int(minutes.group(1)) <= 45
    goals = re.search(r"^\*\*Learning goals\*\*\n\n((?:(?:- |  ).+\n)+)", title.source, re.MULTILINE)
    assert goals.group(1).count("- ") >= 3
    assert re.search(r"^\*\*Before class:\*\* ", title.source, re.MULTILINE)

    assert parameters.metadata == PARAMETERS
    assert re.fullmatch(r"replicates = \d+\nseed = 1", parameters.source)
    assert [cell.id for cell in cells(name) if cell.metadata == PARAMETERS] == [parameters.id]
    first_code = imports if imports.cell_type == "code" else cells(name, "code")[1]
    assert first_code.source.startswith("%matplotlib inline\n")
    assert re.search(r"^from ana_sim import ", first_code.source, re.MULTILINE)


@pytest.mark.parametrize("name", NAMES)
def test_each_section_has_prose_code_and_a_question(name):
    *taught, exercises = sections(name)
    assert exercises == "Exercises"
    assert [int(re.match(r"(\d+)\. \S", heading).group(1)) for heading in taught] == list(range(1, len(taught) + 1))
    for heading in taught:
        own = sections(name)[heading]
        prose = "\n\n".join(cell.source for cell in own if cell.cell_type == "markdown")
        assert re.search(r"^[A-Z`*].{40,}", prose, re.MULTILINE), heading
        assert any(cell.cell_type == "code" for cell in own), heading
        assert re.search(r"^> \*\*Discuss\.\*\* .*\?", prose, re.MULTILINE | re.DOTALL), heading


@pytest.mark.parametrize("name", NAMES)
def test_each_exercise_is_followed_by_its_folded_solution(name):
    own = sections(name)["Exercises"]
    exercises = [place for place, cell in enumerate(own) if cell.source.startswith("### Exercise ")]
    assert len(exercises) >= 3
    for number, place in enumerate(exercises, start=1):
        question, solution = own[place : place + 2]
        assert question.cell_type == "markdown"
        assert question.source.startswith(f"### Exercise {number}\n\n")
        assert solution.cell_type == "code"
        assert solution.metadata == SOLUTION
        assert solution.source.startswith(f"# @title Solution {number}\n")
    assert sum(cell.metadata == SOLUTION for cell in cells(name)) == len(exercises)


@pytest.mark.parametrize("name", NAMES)
def test_code_starts_no_processes_and_names_no_place(name):
    for cell in cells(name, "code"):
        assert not OTHER_PROCESSES.search(cell.source), cell.id
        assert not re.search(r"""["'](?:/|~|[A-Z]:\\)""", cell.source), cell.id


@pytest.mark.parametrize("name", NAMES)
def test_lines_of_prose_are_short(name):
    for cell in cells(name, "markdown"):
        assert [line for line in cell.source.splitlines() if len(line) > WIDTH] == [], cell.id


@pytest.fixture
def kernel(tmp_path, monkeypatch):
    """A kernel of this Python, whatever others are installed, that leaves nothing in the user's folders."""
    spec = tmp_path / "jupyter" / "kernels" / "here" / "kernel.json"
    spec.parent.mkdir(parents=True)
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec.write_text(json.dumps({"argv": argv, "display_name": "here", "language": "python"}), encoding="utf-8")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    # A progress bar that Mesa imports asks for widgets, which are no part of this environment.
    monkeypatch.setenv("PYTHONWARNINGS", "ignore:IProgress not found")
    warm_up(lambda line: None)  # so that no notebook is the first to compile, and says so
    return "here"


def executed(name, kernel, folder):
    """All cells of a notebook after a run with few replicates in an empty folder."""
    notebook = nbformat.reads(text(name), 4)
    notebook.cells[1].source = SMALL
    folder.mkdir()
    NotebookClient(notebook, timeout=300, kernel_name=kernel, resources={"metadata": {"path": str(folder)}}).execute()
    return notebook.cells


def check_run(name, kernel, folder):
    outputs = [(cell.id, output) for cell in executed(name, kernel, folder) for output in cell.get("outputs", ())]
    for where, output in outputs:
        assert output.output_type != "error", where
        assert output.get("name") != "stderr", f"{where}: {output.text}"
    assert any("image/png" in output.get("data", {}) for _, output in outputs)
    assert list(folder.iterdir()) == []


needs_compiler = pytest.mark.skipif(
    not JIT_ENABLED, reason="runs whole notebooks, which takes too long without the compiler"
)


@needs_compiler
def test_the_first_notebook_runs(kernel, tmp_path):
    check_run(NAMES[0], kernel, tmp_path / "work")


@needs_compiler
@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES[1:])
def test_the_other_notebooks_run(name, kernel, tmp_path):
    check_run(name, kernel, tmp_path / "work")
