"""The command line: what it does, and that it refuses in one line, with status 2 and nothing written."""

import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pytest

from ana_sim import cli
from ana_sim.parameters import parameter_table
from ana_sim.provenance import file_digest
from ana_sim.scenario import Scenario, builtin_cases, builtin_scenarios, stated_by
from ana_sim.simulation import simulate

SMALL = ("bipolar", "--set", "states.count=4", "--years", "3")
COMPARE = ("compare", *SMALL, "--replicates", "2")
MINE = """
from ana_sim import Strategy

class Cautious(Strategy):
    def choose(self, view, offers):
        return {max(offers, key=offers.get): 1.0} if offers else {}

class Cheating(Strategy):
    def choose(self, view, offers):
        return {"nobody": 1.0}
"""


class Outcome(NamedTuple):
    status: int
    out: str
    err: str


def ana_sim(*arguments, folder, stderr=None):
    """Run the command line in a folder, within this process."""
    interrupts = signal.getsignal(signal.SIGINT)
    out, err = io.StringIO(), stderr or io.StringIO()
    with (
        contextlib.chdir(folder),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        pytest.raises(SystemExit) as exit,
    ):
        cli.main([str(argument) for argument in arguments])
    signal.signal(signal.SIGINT, interrupts)
    return Outcome(exit.value.code, out.getvalue(), err.getvalue())


def in_a_process(*arguments, folder, **options):
    command = [sys.executable, "-m", "ana_sim", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, **options)


def everything(folder):
    """All files and folders, with the files' contents."""
    return {path: path.read_bytes() if path.is_file() else None for path in Path(folder).rglob("*")}


def assert_refused(outcome, *words):
    """One line on stderr, which says the words."""
    assert outcome.status == 2, outcome
    assert outcome.out == ""
    assert outcome.err.count("\n") == 1
    assert outcome.err.startswith("ana-sim: ")
    assert "Traceback" not in outcome.err
    for word in words:
        assert word in outcome.err


@pytest.fixture(scope="module")
def compared(tmp_path_factory):
    """A comparison, in its usual place."""
    folder = tmp_path_factory.mktemp("compared")
    outcome = ana_sim(*COMPARE, folder=folder)
    assert outcome.status == 0, outcome
    (results,) = (folder / "results").iterdir()
    return folder, results, outcome


# -- help ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [(), ("--help",), ("-h",)])
def test_help_lists_the_commands(tmp_path, arguments):
    outcome = ana_sim(*arguments, folder=tmp_path)
    assert outcome.status == 0
    for command in ("compare", "run", "scenarios", "strategies", "validate"):
        assert f"\n  {command} " in outcome.out


def test_help_of_compare_names_all_common_options(tmp_path):
    text = ana_sim("compare", "--help", folder=tmp_path).out
    common = "--set --strategies --replicates --years --seed --workers --engine --out --format --dry-run --quiet"
    for option in (*common.split(), "--deviator", "--baseline", "--sample", "--force"):
        assert f"  {option} " in text


def test_help_loads_nothing_heavy(tmp_path):
    check = (
        "import sys\nfrom ana_sim.cli import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        "heavy = {'numpy', 'pandas', 'numba', 'mesa', 'matplotlib', 'scipy', 'pyarrow', 'pydantic', 'tqdm'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", check], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.stderr.strip() == "[]"


def test_help_takes_less_than_half_a_second(tmp_path):
    """Of the processor, so that other work on the machine does not count."""
    times = []
    for _ in range(3):
        before = os.times()
        assert in_a_process("--help", folder=tmp_path).returncode == 0
        after = os.times()
        times.append(after.children_user - before.children_user + after.children_system - before.children_system)
    assert min(times) < 0.5


def test_version(tmp_path):
    assert ana_sim("--version", folder=tmp_path).out == "ana-sim 0.1.0\n"


# -- compare ---------------------------------------------------------------------------------------


def test_compare_prints_a_table_and_writes_table_figure_and_manifest(compared):
    _, results, outcome = compared
    assert results.name.startswith("compare-bipolar-")
    assert {path.name for path in results.iterdir()} == {
        "compare.csv",
        "compare.png",
        "payoffs.parquet",
        "manifest.json",
    }
    for name in ("align_hegemon", "align_rising", "hedge", "play_field", "ana"):
        assert f"\n{name} " in outcome.out
    assert str(Path("results") / results.name) in outcome.out
    assert (results / "compare.png").read_bytes().startswith(b"\x89PNG")
    payoffs = pd.read_parquet(results / "payoffs.parquet")
    assert len(payoffs) == 2 * 4 * 5


def test_the_manifest_says_what_was_asked_and_what_came_of_it(compared):
    _, results, _ = compared
    manifest = json.loads((results / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["state"] == "complete"
    assert results.name.endswith(manifest["request_hash"])
    assert manifest["request"]["replicates"] == 2
    assert manifest["request"]["deviators"] == ["S0001", "S0002", "S0003", "S0004"]
    names = ("compare.csv", "compare.png", "payoffs.parquet")
    assert manifest["outputs"] == {name: file_digest(results / name) for name in names}


def test_the_same_request_again_shows_what_is_there(compared):
    folder, results, first = compared
    before = everything(folder)
    times = {path: path.stat().st_mtime_ns for path in results.iterdir()}
    again = ana_sim(*COMPARE, folder=folder)
    assert again.status == 0
    assert first.out.startswith(again.out.rstrip("\n"))
    assert again.err.count("\n") == 1
    assert "already" in again.err
    assert everything(folder) == before
    assert times == {path: path.stat().st_mtime_ns for path in results.iterdir()}


def test_the_same_request_elsewhere_gives_the_same_bytes(compared, tmp_path):
    _, results, _ = compared
    assert ana_sim(*COMPARE, "--out", "elsewhere", "--workers", "1", folder=tmp_path).status == 0
    for name in ("compare.csv", "compare.png", "payoffs.parquet"):
        assert (tmp_path / "elsewhere" / name).read_bytes() == (results / name).read_bytes()


def test_nothing_is_overwritten_unasked(tmp_path):
    assert ana_sim("run", *SMALL, "--out", "mine", folder=tmp_path).status == 0
    before = everything(tmp_path)
    other = ("run", *SMALL, "--seed", "2", "--format", "csv", "--out", "mine")
    assert_refused(ana_sim(*other, folder=tmp_path), "mine: holds the results of another request", "--force")
    assert everything(tmp_path) == before
    assert ana_sim(*other, "--force", folder=tmp_path).status == 0
    assert not (tmp_path / "mine" / "states.parquet").exists()
    assert (tmp_path / "mine" / "states.csv").exists()


def test_a_folder_of_other_things_is_left_alone(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("mine", encoding="utf-8")
    before = everything(tmp_path)
    assert_refused(ana_sim(*COMPARE, "--out", "mine", folder=tmp_path), "mine: is not empty")
    assert everything(tmp_path) == before


def test_an_interrupted_result_is_done_again(tmp_path):
    assert ana_sim("run", *SMALL, "--out", "mine", folder=tmp_path).status == 0
    whole = everything(tmp_path)
    manifest = tmp_path / "mine" / "manifest.json"
    manifest.write_text(manifest.read_text(encoding="utf-8").replace('"complete"', '"writing"'), encoding="utf-8")
    (tmp_path / "mine" / "states.parquet").write_bytes(b"half")
    assert ana_sim("run", *SMALL, "--out", "mine", folder=tmp_path).status == 0
    assert {path: data for path, data in everything(tmp_path).items() if path != manifest} == {
        path: data for path, data in whole.items() if path != manifest
    }


def test_a_dry_run_tells_runs_and_time_and_writes_nothing(tmp_path):
    outcome = ana_sim(*COMPARE, "--dry-run", folder=tmp_path)
    assert outcome.status == 0
    assert "2 replicates x 4 deviating states x 5 strategies = 40 worlds of 3 years; at most about" in outcome.out
    assert everything(tmp_path) == {}
    assert ana_sim("run", *SMALL, "--dry-run", folder=tmp_path).status == 0
    assert everything(tmp_path) == {}


def test_quiet_prints_the_result_alone(compared, tmp_path):
    _, _, loud = compared
    outcome = ana_sim(*COMPARE, "--quiet", folder=tmp_path)
    assert outcome.err == ""
    assert loud.out.startswith(outcome.out.rstrip("\n"))
    assert "written" not in outcome.out


def test_deviator_baseline_sample_and_ones_own_strategy(tmp_path):
    (tmp_path / "mine.py").write_text(MINE, encoding="utf-8")
    strategies = ("--strategies", "ana,mine.py:Cautious", "--baseline", "ana", "--format", "csv")
    assert ana_sim(*COMPARE, *strategies, "--deviator", "S0002", "--out", "one", folder=tmp_path).status == 0
    payoffs = pd.read_csv(tmp_path / "one" / "payoffs.csv")
    assert set(payoffs["strategy"]) == {"ana", "Cautious"}
    assert set(payoffs["deviator"]) == {"S0002"}
    assert ana_sim(*COMPARE, *strategies, "--sample", "2", "--out", "two", folder=tmp_path).status == 0
    assert pd.read_csv(tmp_path / "two" / "payoffs.csv")["deviator"].nunique() == 2
    assert ana_sim(*COMPARE, *strategies, "--deviator", "all", "--out", "all", folder=tmp_path).status == 0
    assert set(pd.read_csv(tmp_path / "all" / "payoffs.csv")["deviator"]) == {"all"}


@pytest.mark.parametrize("engine", ["compiled", "mesa"])
def test_both_engines_print_the_same(compared, tmp_path, engine):
    _, results, outcome = compared
    again = ana_sim(*COMPARE, "--engine", engine, "--out", "out", "--quiet", folder=tmp_path)
    assert again.status == 0
    assert outcome.out.startswith(again.out.rstrip("\n"))
    for name in ("compare.csv", "payoffs.parquet"):
        assert (tmp_path / "out" / name).read_bytes() == (results / name).read_bytes()


def test_a_strategy_in_python_runs_in_mesa_and_says_so(tmp_path):
    (tmp_path / "mine.py").write_text(MINE, encoding="utf-8")
    strategies = ("--strategies", "ana,mine.py:Cautious", "--baseline", "ana", "--format", "csv")
    outcome = ana_sim(*COMPARE, *strategies, "--out", "one", folder=tmp_path)
    assert outcome.status == 0
    assert [line for line in outcome.err.splitlines() if "Cautious: decides in Python" in line] == [
        outcome.err.splitlines()[0]
    ]
    assert "Warning" not in outcome.err
    asked = ana_sim(*COMPARE, *strategies, "--engine", "mesa", "--out", "two", folder=tmp_path)
    assert "decides in Python" not in asked.err
    assert (tmp_path / "one" / "payoffs.csv").read_bytes() == (tmp_path / "two" / "payoffs.csv").read_bytes()


def test_a_changed_strategy_is_another_request(tmp_path):
    request = ("run", *SMALL, "--strategies", "mine.py:Cautious")
    for text in (MINE, MINE.replace("1.0", "0.0")):
        (tmp_path / "mine.py").write_text(text, encoding="utf-8")
        assert ana_sim(*request, folder=tmp_path).status == 0
    assert len(list((tmp_path / "results").iterdir())) == 2


# -- run -------------------------------------------------------------------------------------------


def test_run_writes_all_that_happened(tmp_path):
    outcome = ana_sim("run", *SMALL, folder=tmp_path)
    assert outcome.status == 0
    (results,) = (tmp_path / "results").iterdir()
    tables = {name: pd.read_parquet(results / f"{name}.parquet") for name in ("states", "powers", "deals", "events")}
    assert len(tables["states"]) == 4 * 3
    assert len(tables["powers"]) == 2 * 3
    assert (tables["events"]["kind"] == "accepted").sum() == len(tables["deals"]) > 0
    for word in ("payoff", "pressings", "hegemon", "events: asked"):
        assert word in outcome.out
    again = ana_sim("run", *SMALL, folder=tmp_path)
    assert again.status == 0
    assert outcome.out.startswith(again.out.rstrip("\n"))


def test_run_tells_a_story(tmp_path):
    outcome = ana_sim("run", "--story", "ECU", "--years", "3", "--out", "story", folder=tmp_path)
    assert outcome.status == 0
    assert "Ecuador" in outcome.out
    story = (tmp_path / "story" / "story.txt").read_text(encoding="utf-8")
    assert outcome.out.startswith(story.rstrip("\n"))
    again = ana_sim("run", "--story", "ECU", "--years", "3", "--out", "story", folder=tmp_path)
    assert again.out.startswith(story.rstrip("\n"))


def test_run_of_several_replicates_tells_them_apart(tmp_path):
    assert ana_sim("run", *SMALL, "--replicates", "2", "--out", "two", folder=tmp_path).status == 0
    for name in ("states", "powers", "deals", "events", "payoffs"):
        assert set(pd.read_parquet(tmp_path / "two" / f"{name}.parquet")["replicate"]) == {0, 1}


@pytest.mark.parametrize(
    ("strategies", "played"),
    [("ana", {"ana"}), ("ana,hedge", {"ana", "hedge"}), ("ana,mine.py:Cautious", {"ana", "Cautious"})],
)
def test_run_with_given_strategies(tmp_path, strategies, played):
    (tmp_path / "mine.py").write_text(MINE, encoding="utf-8")
    assert ana_sim("run", *SMALL, "--strategies", strategies, "--out", "out", folder=tmp_path).status == 0
    assert set(pd.read_parquet(tmp_path / "out" / "states.parquet")["strategy"]) == played


def test_run_of_a_world_without_powers(tmp_path):
    assert ana_sim("run", "blank", "--years", "2", "--out", "out", folder=tmp_path).status == 0
    assert len(pd.read_parquet(tmp_path / "out" / "deals.parquet")) == 0


# -- what there is ---------------------------------------------------------------------------------


def test_scenarios_are_listed_with_their_titles(tmp_path):
    worlds, cases = (group.splitlines() for group in ana_sim("scenarios", folder=tmp_path).out.split("\n\n"))
    assert [line.split()[0] for line in cases] == ["case", *builtin_cases()]
    assert [line.split()[0] for line in worlds] == ["world", *sorted({*builtin_scenarios()} - {*builtin_cases()})]
    assert any(line.startswith("latin_america ") and "33 states" in line for line in worlds)


@pytest.mark.parametrize("name", ["bloc_exit", "latin_america"])
def test_a_scenario_is_shown_with_what_it_states(name, tmp_path):
    scenario = Scenario.load(name)
    about, _, own = ana_sim("scenarios", name, folder=tmp_path).out.partition(
        f"It builds on {scenario.base} and states:"
    )
    assert about.startswith(f"{name}: {scenario.title}\n\n{scenario.notes.strip()}")
    assert tomllib.loads(own) == stated_by(name)


def test_a_scenario_that_states_nothing_is_shown(tmp_path):
    assert ana_sim("scenarios", "blank", folder=tmp_path).out.endswith(
        "It builds on nothing and states nothing else.\n"
    )


def test_every_parameter_is_listed_with_its_facts(tmp_path):
    lines = ana_sim("scenarios", "--parameters", folder=tmp_path).out.splitlines()
    assert lines[0].split("  ")[0] == "path"
    for row, line in zip(parameter_table(), lines[1:], strict=True):
        assert line.split()[0] == row.path
        assert row.meaning in line
        assert line.endswith(row.source)
    (share,) = (line for line in lines if line.startswith("world.posted_share "))
    assert "0.5" in share
    assert "0 .. 1" in share
    assert "0.1 .. 0.9" in share


def test_strategies_are_listed_with_their_dials(tmp_path):
    out = ana_sim("strategies", folder=tmp_path).out
    assert "patron: usa" in out
    assert "active non-alignment" in out
    (tmp_path / "own.toml").write_text("[strategies.custom.wary]\nasks = 'all'\ncaution = 2.0\n", encoding="utf-8")
    assert "\nwary " in ana_sim("strategies", "own.toml", folder=tmp_path).out


def test_validate_says_what_is_right_and_what_is_wrong(tmp_path):
    (tmp_path / "good.toml").write_text("years = 5\n", encoding="utf-8")
    (tmp_path / "bad.toml").write_text("years = 0\n", encoding="utf-8")
    outcome = ana_sim("validate", "good.toml", folder=tmp_path)
    assert outcome == (0, "good.toml: valid (good: 24 states, 2 powers, 5 issues, 5 years from 2010)\n", "")
    outcome = ana_sim("validate", "good.toml", "bad.toml", "bipolar", folder=tmp_path)
    assert outcome.status == 2
    assert outcome.out.count("valid (") == 2
    assert outcome.err.count("\n") == 1
    assert "bad.toml: years = 0" in outcome.err


# -- bad input -------------------------------------------------------------------------------------

BAD_FILES = {
    "unknown key": ("[world]\nposted_shar = 0.4\n", ("world.posted_shar", "posted_share")),
    "unknown table": ("[wrold]\nposted_share = 0.4\n", ("wrold", "world")),
    "wrong type": ("[world]\nposted_share = 'much'\n", ("world.posted_share = 'much'", "must be a number")),
    "flag for a number": ("[world]\nposted_share = true\n", ("world.posted_share = true",)),
    "out of range": ("[world]\nposted_share = 1.5\n", ("world.posted_share = 1.5", "at most 1")),
    "NaN": ("[world]\nposted_share = nan\n", ("world.posted_share = nan",)),
    "infinite": ("[world]\nposted_share = inf\n", ("world.posted_share = inf",)),
    "no weight above zero": ("[strategies]\nmix = { ana = 0.0 }\n", ("strategies.mix", "above zero")),
    "negative weight": ("[strategies]\nmix = { ana = 1.0, hedge = -0.5 }\n", ("strategies.mix.hedge = -0.5",)),
    "unknown strategy": ("[strategies]\nmix = { hegde = 1.0 }\n", ("hegde", "did you mean hedge?")),
    "unknown word": ("[[issue]]\nname = 'trade'\nkind = 'divisibel'\n", ("issue.trade.kind", "divisible")),
    "empty": ("", ("empty",)),
    "not TOML": ("years = = 3\n", ("not valid TOML", "line 1")),
    "base that loops": ("base = 'bad.toml'\n", ("base", "builds on itself")),
    "unknown base": ("base = 'bipola'\n", ("base = 'bipola'", "did you mean bipolar?")),
    "no states": ("[states]\ncount = 0\n", ("states.count = 0",)),
    "no table of states": ("[states]\nsource = 'none.csv'\n", ("states.source", "no such file")),
    "table without states": ("[states]\nsource = 'header.csv'\n", ("header.csv",)),
    "table with a bad cell": ("[states]\nsource = 'cell.csv'\n", ("cell.csv", "many")),
    "unknown power": (
        "[[issue]]\nname = 'trade'\ninterest = { rizing = 1.0 }\n",
        ("issue.trade.interest.rizing", "did you mean rising?"),
    ),
    "unknown friend": ("[[power]]\nname = 'rising'\nfriends = ['hegemom']\n", ("power.rising", "hegemon?")),
    "unknown state": (
        "[[power]]\nname = 'rising'\nexcluded = ['S001']\n",
        ("power.rising.excluded", "did you mean S00"),
    ),
    "unknown issue": ("[[link]]\nfrom = 'laon'\nto = 'trade'\n", ("link.laon.trade", "did you mean loan?")),
    "unknown path of a change": (
        "[[change]]\npath = 'power.rising.opennes'\nyear = 3\nvalue = 0.5\n",
        ("power.rising.opennes", "did you mean power.rising.openness?"),
    ),
    "change out of range": (
        "[[change]]\npath = 'world.posted_share'\nyear = 3\nvalue = 2.0\n",
        ("world.posted_share", "change in time", "2.0"),
    ),
    "series that is not there": ("[[change]]\npath = 'world.posted_share'\nfile = 'gdp.csv'\n", ("gdp.csv",)),
    "unknown state in a network": ("[world]\nnetwork = 'edges.csv'\n", ("edges.csv", "S004", "did you mean S00")),
    "two hegemons": ("[[power]]\nname = 'second'\nrole = 'hegemon'\n", ("power.second.role", "hegemon")),
}


@pytest.fixture
def surroundings(tmp_path):
    """Files that bad files name."""
    (tmp_path / "header.csv").write_text("name,size\n", encoding="utf-8")
    (tmp_path / "cell.csv").write_text("name,size\nA,1.0\nB,many\n", encoding="utf-8")
    (tmp_path / "edges.csv").write_text("from,to\nS0001,S0002\nS0003,S004\n", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("command", ["validate", "compare", "run"])
@pytest.mark.parametrize("case", BAD_FILES)
def test_a_bad_file_is_refused_in_one_line(surroundings, command, case):
    text, words = BAD_FILES[case]
    (surroundings / "bad.toml").write_text(text, encoding="utf-8")
    before = everything(surroundings)
    assert_refused(ana_sim(command, "bad.toml", folder=surroundings), *words)
    assert everything(surroundings) == before


@pytest.mark.parametrize("command", ["validate", "compare", "run", "strategies"])
@pytest.mark.parametrize(
    ("name", "content"),
    [("binary.toml", b"\x00\xff\xfe\x80" * 100), ("folder.toml", None), ("none.toml", ...), ("bipola", ...)],
)
def test_what_is_no_text_file_is_refused(tmp_path, command, name, content):
    if content is None:
        (tmp_path / name).mkdir()
    elif content is not ...:
        (tmp_path / name).write_bytes(content)
    before = everything(tmp_path)
    hint = ("did you mean bipolar?",) if name == "bipola" else ()
    assert_refused(ana_sim(command, name, folder=tmp_path), name, *hint)
    assert everything(tmp_path) == before


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read anything")
def test_a_file_that_may_not_be_read_is_refused(tmp_path):
    (tmp_path / "secret.toml").write_text("years = 3\n", encoding="utf-8")
    (tmp_path / "secret.toml").chmod(0)
    assert_refused(ana_sim("compare", "secret.toml", folder=tmp_path), "secret.toml")


BAD_OPTIONS = {
    "comapre": ("'comapre'", "did you mean compare?"),
    "xyzzy": ("there are compare, run",),
    "--nonsense": ("--nonsense",),
    "compare --replicats 3": ("compare:", "--replicats", "did you mean --replicates?"),
    "compare --replicates": ("--replicates", "requires an argument"),
    "compare --replicates 0": ("--replicates = 0", "at least 1"),
    "compare --replicates -3": ("--replicates = -3", "at least 1"),
    "compare --replicates many": ("--replicates = many", "whole number"),
    "compare --replicates 1.5": ("--replicates = 1.5", "whole number"),
    "compare --years 0": ("--years = 0", "at least 1"),
    "compare --years 1000000": ("--years = 1000000", "at most 1000"),
    "compare --seed -1": ("--seed = -1", "at least 0"),
    "compare --seed 99999999999999999999999": ("seed = 99999999999999999999999",),
    "compare --workers 0": ("--workers = 0", "at least 1"),
    "compare --sample 0": ("--sample = 0", "at least 1"),
    "compare --engine msea": ("engine = 'msea'", "did you mean 'mesa'?"),
    "compare --engine compield": ("engine = 'compield'", "did you mean 'compiled'?"),
    "compare --format parqet": ("--format = 'parqet'", "did you mean parquet?"),
    "compare --deviator ECX": ("ECX", "did you mean"),
    "compare --baseline hegde": ("hegde", "did you mean hedge?"),
    "compare --strategies ana,hegde": ("hegde", "did you mean hedge?"),
    "compare --strategies ana,,hedge": ("--strategies = 'ana,,hedge'",),
    "compare --strategies ana,ana": ("'ana'", "twice"),
    "compare --strategies align_usb": ("usb", "did you mean align_usa?"),
    "compare --strategies none.py:Mine": ("none.py",),
    "compare --strategies mine.py:Cautios": ("mine.py", "Cautious"),
    "compare --strategies empty.py:Mine": ("empty.py",),
    "compare --strategies broken.py:Mine": ("broken.py", "SyntaxError"),
    "compare --set world.posted_shar=0.4": ("--set", "world.posted_shar", "did you mean world.posted_share?"),
    "compare --set world.posted_share=2": ("--set", "world.posted_share = 2", "at most 1"),
    "compare --set world.posted_share=nan": ("--set", "world.posted_share = nan"),
    "compare --set world.posted_share=much": ("--set", "'much'", "must be a number"),
    "compare --set world.posted_share": ("--set", "PATH=VALUE"),
    "compare --set power.usaa.openness=1": ("--set", "did you mean power.usa.openness?"),
    "compare --set states.count=0": ("--set", "states.count = 0"),
    "compare --set strategies.mix.anaa=1": ("--set", "did you mean ana?"),
    "compare --out thesis.txt": ("thesis.txt", "is a file"),
    "compare --out thesis.txt/results": ("thesis.txt", "is a file"),
    "compare --out=": ("--out",),
    "compare bipolar extra": ("extra",),
    "run --story ECX": ("--story = 'ECX'", "did you mean"),
    "run bipolar --story S001": ("--story = 'S001'", "did you mean S00"),
    "run --strategies hegde": ("hegde", "did you mean hedge?"),
    "run --replicates 0": ("--replicates = 0",),
    "run --deviator each": ("--deviator",),
    "run --engine fast": ("engine = 'fast'",),
    "strategies bipola": ("did you mean bipolar?",),
    "scenarios --parameter": ("did you mean --parameters?",),
    "scenarios equador_fta": ("equador_fta", "did you mean ecuador_fta?"),
    "scenarios blank --parameters": ("--parameters", "leave NAME out"),
    "validate": ("FILE",),
}


@pytest.mark.parametrize("line", BAD_OPTIONS)
def test_a_bad_request_is_refused_in_one_line(tmp_path, monkeypatch, line):
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    for name, text in {"mine.py": MINE, "empty.py": "", "broken.py": "class Mine(:\n", "thesis.txt": "mine"}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    before = everything(tmp_path)
    assert_refused(ana_sim(*line.split(), folder=tmp_path), *BAD_OPTIONS[line])
    assert everything(tmp_path) == before


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="needs a folder that nobody can write")
def test_a_folder_that_cannot_be_written_is_refused(tmp_path):
    assert_refused(ana_sim(*COMPARE, "--out", "/proc/results", folder=tmp_path), "/proc/results", "cannot be written")


@pytest.mark.parametrize("line", ["compare bipola", "compare --replicates x", "validate bad.toml", "--nonsense"])
def test_a_process_that_refuses_says_one_line(tmp_path, line):
    (tmp_path / "bad.toml").write_bytes(b"\xff\x00")
    done = in_a_process(*line.split(), folder=tmp_path)
    assert_refused(Outcome(done.returncode, done.stdout, done.stderr))
    assert [path.name for path in tmp_path.iterdir()] == ["bad.toml"]


# -- runs that fail --------------------------------------------------------------------------------


def assert_failed(outcome, *words, status=1):
    assert outcome.status == status, outcome
    assert outcome.out == ""
    assert outcome.err.splitlines()[-1].startswith("ana-sim: ")
    assert outcome.err.count("ana-sim: ") == 1
    assert "Traceback" not in outcome.err
    for word in words:
        assert word in outcome.err


def test_a_strategy_that_breaks_the_rules_fails_the_run(tmp_path):
    (tmp_path / "mine.py").write_text(MINE, encoding="utf-8")
    before = everything(tmp_path)
    for command in (("run", *SMALL), COMPARE):
        outcome = ana_sim(*command, "--strategies", "mine.py:Cheating", folder=tmp_path)
        assert_failed(outcome, "Cheating", "nobody")
    assert everything(tmp_path) == before


def test_a_full_disk_is_one_line_and_leaves_nothing(tmp_path, monkeypatch):
    def full(path):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("ana_sim.provenance.file_digest", full)
    assert_failed(ana_sim("run", *SMALL, folder=tmp_path), "No space left on device")
    assert everything(tmp_path) == {}


@pytest.mark.skipif(sys.platform == "win32", reason="needs limits on the size of files")
def test_a_file_that_cannot_grow_is_one_line_and_leaves_nothing(tmp_path, tmp_path_factory):
    import resource

    def limited():
        resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, 2_000))

    elsewhere = tmp_path_factory.mktemp("compiled")
    assert ana_sim("run", *SMALL, folder=elsewhere).status == 0  # so that no compiled code is left to be written
    done = in_a_process("run", *SMALL, folder=tmp_path, preexec_fn=limited)
    assert_failed(Outcome(done.returncode, done.stdout, done.stderr), "results", "File too large")
    assert everything(tmp_path) == {}


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (KeyboardInterrupt(), 130, ("interrupted",)),
        (MemoryError(), 1, ("memory",)),
        (ValueError("odd\nthing"), 1, ("the run failed: ValueError: odd thing", "test_cli.py, line")),
    ],
)
def test_what_nobody_thought_of_is_one_line(tmp_path, monkeypatch, error, status, words):
    def fail(*_, **__):
        raise error

    monkeypatch.setattr("ana_sim.simulation.run_world", fail)
    assert_failed(ana_sim("run", *SMALL, folder=tmp_path), *words, status=status)
    assert everything(tmp_path) == {}


def test_a_reader_that_leaves_is_no_error(tmp_path):
    command = [sys.executable, "-m", "ana_sim", "scenarios", "--parameters"]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(timeout=60) == 0


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
@pytest.mark.parametrize("command", ["scenarios", "--help"])
def test_output_that_cannot_be_written_is_one_line(tmp_path, command):
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "ana_sim", command], cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, text=True
        )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "No space left on device" in done.stderr


def test_a_narrow_encoding_is_no_error(tmp_path):
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = in_a_process("scenarios", "--parameters", folder=tmp_path, env=environment)
    assert done.returncode == 0
    assert done.stderr == ""


# -- on a terminal ---------------------------------------------------------------------------------


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_progress_is_shown_on_a_terminal_only(compared, tmp_path):
    _, _, piped = compared
    assert "%|" not in piped.err
    shown = ana_sim(*COMPARE, "--out", "a", folder=tmp_path, stderr=Terminal())
    assert "100%|" in shown.err
    assert shown.out == piped.out.replace(piped.out.split()[-1], "a")
    quiet = ana_sim(*COMPARE, "--out", "b", "--quiet", folder=tmp_path, stderr=Terminal())
    assert quiet.err == ""


def test_compiling_is_announced_once(tmp_path, monkeypatch, capsys):
    (tmp_path / "cache").mkdir()
    for module in ("ana_sim.compiled", "ana_sim.kernel.engine"):
        monkeypatch.setattr(f"{module}.cache_directory", lambda: tmp_path / "cache")
        monkeypatch.setattr(f"{module}.JIT_ENABLED", True)
    monkeypatch.setattr("ana_sim.cli._TRIAL_STATE_YEARS", 1)  # it may be plain Python all the same
    assert "compiling the rules, once" in ana_sim("run", *SMALL, "--out", "a", folder=tmp_path).err
    assert "compiling the engine, once" in ana_sim(*COMPARE, "--out", "b", folder=tmp_path).err
    assert "compiling" not in ana_sim(*COMPARE, "--out", "c", folder=tmp_path).err
    (tmp_path / "cache" / "rule.nbi").touch()
    assert "compiling" not in ana_sim("run", *SMALL, "--out", "d", folder=tmp_path).err
    (tmp_path / "cache" / "compiled").unlink()
    for times in (1, 0):
        simulate("bipolar", replicates=1, years=1)
        assert capsys.readouterr().err.count("compiling the engine, once") == times
