"""The documentation does what it says: every block of code in it is run, or says why it is not.

The pages are README.md and all of docs/. A page is a story: its blocks are run in order, in one folder of their own and
one Python namespace, and a block that the text before it says to save as a file is written there. A block of `text`
is what the block before it prints: all of it, or the first lines and then a line `...`. A block that cannot be run here
has `<!-- not run: REASON -->` right above it, with one of REASONS; that its commands are spelt right is checked anyway.

``python tests/test_docs.py [PAGE ...]`` writes what is printed into the pages anew.
"""

from __future__ import annotations

import contextlib
import html
import io
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import textwrap
import tomllib
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

import pytest
import typer
from test_cli import ana_sim

from ana_sim.cli import app
from ana_sim.compiled import JIT_ENABLED
from ana_sim.dials import BUILT_IN
from ana_sim.facts import FACTS
from ana_sim.facts.disputes import DISPUTES
from ana_sim.parameters import parameter_table
from ana_sim.scenario import builtin_scenarios
from ana_sim.sweeps.spec import DESIGNS, Spec
from ana_sim.tables import TABLES

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = {
    page.relative_to(ROOT).as_posix(): page
    for page in [ROOT / "README.md", *sorted(DOCS.rglob("*.md"))]
    if not {"_build", "generated"} & set(page.relative_to(ROOT).parts)
}
QUICK = (
    "docs/how-to/cite.md",
    "docs/reference/scenario-file.md",
)
"""Pages that are run by the fast gate; the others run whole worlds again and again, and wait for the long one."""

REASONS = (
    "builds the environment",
    "installs packages",
    "needs Windows",
    "needs a SLURM cluster",
    "needs Stata",
    "needs the R package arrow",
    "takes minutes",
    "no code",
)
"""Why a block is not run: no other reason will do."""

RUN = ("bash", "python", "r", "sh")
KEPT = ("csv", "toml")
LANGUAGES = (*RUN, *KEPT, "text", "powershell", "stata", "bibtex")
LONGEST = 600
"""Seconds after which a block is held to hang: no matter how busy the machine is."""

needs_compiler = pytest.mark.skipif(not JIT_ENABLED, reason="takes minutes without the compiler")


class Block(NamedTuple):
    """A fenced block of a page."""

    language: str
    text: str
    line: int
    """Of its fence, counted from 0."""
    file: str | None
    """What the text before it says to save it as."""
    reason: str | None
    """Why it is not run."""

    @property
    def runs(self) -> bool:
        return self.language in RUN and self.reason is None


def blocks_of(text: str) -> list[Block]:
    """All fenced blocks but Sphinx's own directives."""
    found: list[Block] = []
    lines, place, since = text.splitlines(), 0, 0
    while place < len(lines):
        opened = re.match(r" *(`{3,})(\S*)", lines[place])
        if opened is None:
            place += 1
            continue
        fence, language = opened.groups()
        end = next(n for n in range(place + 1, len(lines)) if lines[n].strip() == fence)
        before = "\n".join(lines[since:place])
        saved = re.findall(r"\bsave\s+(?:this|it|these)\s+as\s+`([^`]+)`", before, re.IGNORECASE)
        mark = re.search(r"<!-- not run: (.+?) -->\s*$", before)
        if not language.startswith("{"):
            inside = textwrap.dedent("".join(f"{line}\n" for line in lines[place + 1 : end]))
            found.append(Block(language, inside, place, saved[-1] if saved else None, mark and mark[1]))
        place = since = end + 1
    return found


BLOCKS = {name: blocks_of(page.read_text(encoding="utf-8")) for name, page in PAGES.items()}


# -- running a page --


def environment(**more: str) -> dict[str, str]:
    """The programs of this Python first, and this package whatever the folder."""
    own = {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "PYTHONPATH": str(ROOT),
        "MPLBACKEND": "agg",
    }
    return {**os.environ, **own, **more}


def shell(command: list[str], folder: Path, **more: str) -> str:
    """What a command prints; it must succeed, and none of its processes is left in the end."""
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "encoding": "utf-8"}
    with subprocess.Popen(command, cwd=folder, env=environment(**more), start_new_session=True, **pipes) as process:
        try:
            out, err = process.communicate(timeout=LONGEST)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode == 0, f"status {process.returncode}\n{out}\n{err}"
    return out


def run_script(block: Block, folder: Path) -> str:
    """Run a script; one for a job array once for each of its tasks."""
    assert block.file
    array = re.search(r"^#SBATCH --array=(\d+)-(\d+)", block.text, re.MULTILINE)
    if array is None:
        return shell(["bash", block.file], folder)
    first, last = map(int, array.groups())
    printed = [
        shell(
            ["bash", block.file],
            folder,
            SLURM_ARRAY_TASK_ID=str(task),
            SLURM_ARRAY_TASK_COUNT=str(last - first + 1),
            SLURM_CPUS_PER_TASK="1",
            SLURM_SUBMIT_DIR=str(folder),
        )
        for task in range(first, last + 1)
    ]
    return "".join(printed)


def run_python(block: Block, folder: Path, names: dict[str, object]) -> str:
    """Run a block of Python in the page's namespace."""
    out = io.StringIO()
    code = compile(block.text, block.file or "<block>", "exec")
    with contextlib.chdir(folder), contextlib.redirect_stdout(out):
        exec(code, names)
    return out.getvalue()


def keep(block: Block, folder: Path) -> None:
    """Write a block's file; one that describes a world or a sweep must be right."""
    assert block.file
    file = folder / block.file
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(block.text, encoding="utf-8")
    if block.language == "toml":
        if {"scenario", "design"} & set(tomllib.loads(block.text)):
            with contextlib.chdir(folder):
                Spec.load(block.file)
        else:
            checked = ana_sim("validate", block.file, folder=folder)
            assert checked.status == 0, checked.err


def told(blocks: list[Block], folder: Path, leave: tuple[str, ...] = ()):
    """Run a page's blocks in order; give each block of text with what has been printed."""
    names: dict[str, object] = {"__name__": "__main__"}
    printed = None
    for block in blocks:
        if block.language == "text":
            if block.reason is None and printed is not None:
                yield block, printed
            continue
        printed = None
        if block.reason is not None or block.language in leave:
            continue
        if block.file:
            keep(block, folder)
        try:
            if block.language == "sh":
                printed = shell(["bash", "-e", "-c", block.text], folder)
            elif block.language == "bash":
                printed = run_script(block, folder)
            elif block.language == "python":
                printed = run_python(block, folder, names)
            elif block.language == "r":
                printed = shell(["Rscript", "-e", block.text], folder)
        except Exception as error:
            error.add_note(f"in the block at line {block.line + 1}:\n{block.text}")
            raise


def shown(printed: str, like: str) -> str:
    """What is printed, cut as a block of text is: behind a line `...` there is more."""
    out = [line.rstrip() for line in printed.strip("\n").splitlines()]
    wanted = like.strip("\n").splitlines()
    if wanted and wanted[-1] == "...":
        out = [*out[: len(wanted) - 1], "..."]
    return "\n".join(out) + "\n"


def assert_told(name: str, folder: Path, leave: tuple[str, ...] = ()) -> None:
    for block, printed in told(BLOCKS[name], folder, leave):
        assert shown(printed, block.text) == block.text, f"{name}, line {block.line + 1}"


# -- every block is accounted for --


def test_the_pages_are_found():
    assert {"README.md", "docs/odd.md", "docs/index.md"} <= set(PAGES)
    assert set(QUICK) <= set(PAGES)
    assert sum(block.runs for blocks in BLOCKS.values() for block in blocks) > 40


@pytest.mark.parametrize("name", PAGES)
def test_every_block_is_run_or_says_why_not(name):
    last = None
    for block in BLOCKS[name]:
        where = f"{name}, line {block.line + 1}"
        assert block.language in LANGUAGES, where
        assert block.reason is None or block.reason in REASONS, where
        if block.language in ("powershell", "stata", "bibtex"):
            assert block.reason is not None, where
        if block.language in (*KEPT, "bash") and block.reason is None:
            assert block.file, f"{where}: the text before it does not say to save it as a file"
        if block.language == "text" and block.reason is None:
            assert last is not None, f"{where}: nothing is run before it"
            assert last.runs or last.reason, f"{where}: nothing is run before it"
        last = block


def test_most_blocks_are_run():
    """Marks stay the exception."""
    code = [block for blocks in BLOCKS.values() for block in blocks if block.language in (*RUN, *KEPT)]
    assert sum(block.reason is not None for block in code) < len(code) / 5


def commands_in(block: Block) -> list[list[str]]:
    """The calls of ana-sim in a block for a shell, word by word."""
    lines = re.sub(r"\\\n\s*", "", block.text).splitlines()
    words = [shlex.split(line, comments=True) for line in lines if "ana-sim " in line]
    return [line[line.index("ana-sim") + 1 :] for line in words if "ana-sim" in line]


COMMANDS = [
    pytest.param(words, id=f"{name}:{block.line + 1} {' '.join(words)}")
    for name, blocks in BLOCKS.items()
    for block in blocks
    if block.language in ("sh", "bash")
    for words in commands_in(block)
]


@pytest.mark.parametrize("words", COMMANDS)
def test_commands_are_spelt_right(words):
    """Also where they are not run."""
    ends = [place for place, word in enumerate(words) if re.fullmatch(r"\d?>|[|&;]+", word)]
    words = [re.sub(r"\$\w+", "1", word) for word in words[: min(ends, default=None)]]
    top = typer.main.get_command(app)
    if words[0].startswith("-"):
        top.make_parser(typer.Context(top)).parse_args(list(words))
    else:
        assert words[0] in top.commands
        top.commands[words[0]].make_context(words[0], list(words[1:]))


@pytest.mark.parametrize("name", PAGES)
def test_links_to_files_lead_somewhere(name):
    text = re.sub(
        r"^( *)(`{3,}).*?^\1\2 *$", "", PAGES[name].read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE
    )
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        parts = urlsplit(target)
        if parts.scheme or not parts.path or "generated" in parts.path:
            continue
        assert (PAGES[name].parent / unquote(parts.path)).exists(), target


# -- pages that are run --


@needs_compiler
@pytest.mark.parametrize("name", QUICK)
def test_quick_pages_run(name, tmp_path):
    assert_told(name, tmp_path)


SLOW = [name for name, blocks in BLOCKS.items() if name not in QUICK and any(block.runs for block in blocks)]


@pytest.mark.slow
@needs_compiler
@pytest.mark.parametrize("name", SLOW)
def test_other_pages_run(name, tmp_path):
    assert_told(name, tmp_path, leave=("r",))


@pytest.mark.slow
@needs_compiler
@pytest.mark.skipif(shutil.which("Rscript") is None, reason="there is no Rscript")
@pytest.mark.parametrize("name", [name for name, blocks in BLOCKS.items() if any(b.language == "r" for b in blocks)])
def test_pages_with_r_run(name, tmp_path):
    assert_told(name, tmp_path)


@pytest.mark.parametrize("like", ["a\nb\n", "a\n...\n"])
def test_what_is_shown_is_what_is_printed(like):
    assert shown("a \nb\n", like) == like
    assert shown("c\nb\n", like) != like


# -- the site --


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The site, built strictly; a warning is an error."""
    folder = tmp_path_factory.mktemp("site")
    options = ["--builder", "html", "--fail-on-warning", "--keep-going", "--nitpicky", "--quiet", "--fresh-env"]
    command = [sys.executable, "-m", "sphinx", *options, "--doctree-dir", str(folder / "trees")]
    shell([*command, str(DOCS), str(folder / "html")], ROOT, NUMBA_DISABLE_JIT="1")
    return folder / "html"


class Anchors(HTMLParser):
    """What a page links to, and what can be linked to in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.targets: list[str] = []
        self.names: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        for key, value in attrs:
            if key == "id" and value:
                self.names.add(value)
            if value and (key, tag) in (("href", "a"), ("href", "link"), ("src", "img"), ("src", "script")):
                self.targets.append(value)


@pytest.mark.slow
def test_no_link_of_the_site_is_broken(site):
    pages = {page.resolve(): Anchors(page.read_text(encoding="utf-8")) for page in site.rglob("*.html")}
    broken = []
    for page, found in pages.items():
        for target in found.targets:
            parts = urlsplit(target)
            if parts.scheme or parts.netloc:
                continue
            file = (page.parent / unquote(parts.path)).resolve() if parts.path else page
            if not file.exists() or (
                parts.fragment and file in pages and unquote(parts.fragment) not in pages[file].names
            ):
                broken.append(f"{page.relative_to(site.resolve())}: {target}")
    assert not broken


@pytest.mark.slow
def test_a_page_needs_no_network(site):
    """Nothing is loaded from elsewhere: no script, no picture, no font."""
    loads = re.compile(r"""<(?:script|img|link)\b[^>]*\b(?:src|href)=["']?(?:https?:)?//""")
    assert [page.name for page in site.rglob("*.html") if loads.search(page.read_text(encoding="utf-8"))] == []


COMMAND_LINE = typer.main.get_command(app).commands
OPTIONS = [opt for command in COMMAND_LINE.values() for own in command.params for opt in own.opts if opt[0] == "-"]
COLUMNS = [column.name for columns in TABLES.values() for column in columns]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("page", "wanted"),
    [
        ("command-line", [*COMMAND_LINE, *OPTIONS]),
        ("parameters", [row.path for row in parameter_table()]),
        ("strategies", [*BUILT_IN, "align_hegemon", "align_rising"]),
        ("scenarios", list(builtin_scenarios())),
        ("facts", [*FACTS, *DISPUTES]),
        ("tables", [*TABLES, *COLUMNS]),
    ],
)
def test_the_reference_names_everything(site, page, wanted):
    text = html.unescape(
        re.sub(r"<[^>]+>", "", (site / f"reference/generated/{page}.html").read_text(encoding="utf-8"))
    )
    assert len(wanted) > 5
    assert [name for name in wanted if name not in text] == []


@pytest.mark.slow
def test_every_design_is_in_the_page_on_sweep_files(site):
    text = re.sub(r"<[^>]+>", "", (site / "reference" / "sweep-file.html").read_text(encoding="utf-8"))
    assert [kind for kind in DESIGNS if kind not in text] == []


def test_the_table_of_costs_is_told_as_it_is_measured(monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "experiments")
    import benchmark

    page = (DOCS / "performance.md").read_text(encoding="utf-8")
    told = benchmark.as_markdown([])
    assert told[told.index("**What is compared") :] in page


# -- writing what is printed --


def write_anew(name: str, folder: Path) -> None:
    """Write what is printed into a page; one that is right already is left alone."""
    told_now = [(block, shown(printed, block.text)) for block, printed in told(BLOCKS[name], folder)]
    changes = [(block, text) for block, text in told_now if text != block.text]
    lines = PAGES[name].read_text(encoding="utf-8").splitlines()
    for block, text in reversed(changes):
        indent = re.match(" *", lines[block.line])[0]
        lines[block.line + 1 : block.line + 1 + block.text.count("\n")] = textwrap.indent(text, indent).splitlines()
    if changes:
        PAGES[name].write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    import tempfile

    for chosen in sys.argv[1:] or PAGES:
        with tempfile.TemporaryDirectory() as scratch:
            write_anew(chosen, Path(scratch))
