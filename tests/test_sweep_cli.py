"""The commands sweep and merge: what they run, write and say, and what they refuse in one line."""

import contextlib
import os
import re
import subprocess
import sys

import pandas as pd
import pytest
from commands import needs_compiler, outcome_of, parts_done, started, unfinished, vouched_for, wait_until, written
from test_cli import ana_sim, assert_refused, everything
from test_sweep_kills import COMPILED, asked

from ana_sim import read_sweep
from ana_sim.sweeps import runner

SWEEP = """\
scenario = "bipolar"
years = 3
replicates = 2
set = { "states.count" = 2, "states.exposure.hegemon" = { low = 0.2, high = 0.8 } }
[design]
kind = "grid"
levels = 3
[uncertainties]
"power.rising.openness" = { low = 0.2, high = 1.0 }
[levers]
strategy = ["ana", "hedge"]
[outputs]
deviator = "rotate"
tables = ["payoffs", "powers"]
measures = { premium = "payoff[ana] - payoff[hedge]" }
"""
POINTS, REPLICATES, PARTS = 3, 2, 6
RUN = ("sweep", "sweep.toml", "--out", "out", "--quiet")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with a sweep's file; each run of it is a part of its own."""
    monkeypatch.setattr(runner, "SECONDS_A_CHUNK", 1e-9)
    (tmp_path / "sweep.toml").write_text(SWEEP, encoding="utf-8")
    return tmp_path


def change(folder, old, new):
    """Change a sweep's file."""
    assert SWEEP.count(old) == 1
    (folder / "sweep.toml").write_text(SWEEP.replace(old, new), encoding="utf-8")


def done(*arguments, folder):
    """Run a command that is to do what it is asked, and has nothing to complain of."""
    outcome = ana_sim(*arguments, folder=folder)
    assert outcome.status == 0, outcome
    assert "ana-sim: " not in outcome.err
    return outcome


# -- what is run -----------------------------------------------------------------------------------


def test_a_sweep_says_what_it_runs_and_where_its_tables_are(folder):
    outcome = done("sweep", "sweep.toml", folder=folder)
    (place,) = (folder / "results").iterdir()
    assert re.fullmatch(r"sweep-bipolar-[0-9a-f]{10}", place.name)
    assert outcome.out == (
        f"12 rows of payoffs, 36 rows of powers, 6 rows of measures in {place.relative_to(folder)}\n"
    )
    assert outcome.err == "bipolar: 3 points x 2 replicates = 6 runs of up to 2 worlds, 2 states and 3 years each\n"
    swept = read_sweep(place)
    assert swept.complete
    assert set(map(tuple, swept.payoffs[["point", "replicate"]].to_numpy())) == {
        (point, replicate) for point in range(POINTS) for replicate in range(REPLICATES)
    }


@pytest.mark.parametrize(
    ("options", "hands"),
    [
        ((), f"{os.cpu_count()} threads?"),
        (("--workers", "3", "--shard", "2/2"), "3 threads"),
        (("--engine", "mesa", "--workers", "1"), "1 process"),
    ],
)
def test_a_dry_run_tells_runs_and_time_and_writes_nothing(folder, options, hands):
    before = everything(folder)
    outcome = done("sweep", "sweep.toml", "--dry-run", *options, folder=folder)
    runs = "bipolar: 3 points x 2 replicates = 6 runs of up to 2 worlds, 2 states and 3 years each"
    place = r"would write to results/sweep-bipolar-[0-9a-f]{10}"
    assert re.fullmatch(rf"{re.escape(runs)}; about \d+ (s|min|h) on {hands}\n{place}\n", outcome.out)
    assert everything(folder) == before


def test_a_dry_run_of_a_long_sweep_takes_no_longer(folder):
    outcome = done("sweep", "sweep.toml", "--dry-run", "--replicates", "900000000", folder=folder)
    assert re.search(r" = 2,700,000,000 runs .*; about [\d,]+ h( \d+ min)? on ", outcome.out)


def test_the_same_request_again_runs_nothing(folder):
    first = done(*RUN, folder=folder)
    before = {path: (path.stat().st_mtime_ns, data) for path, data in everything(folder / "out").items()}
    again = done(*RUN, folder=folder)
    assert again == first
    assert before == {path: (path.stat().st_mtime_ns, data) for path, data in everything(folder / "out").items()}


def test_another_request_is_refused_unless_it_is_forced(folder):
    done(*RUN, "--format", "csv", folder=folder)
    (folder / "out" / "thesis.txt").write_text("mine", encoding="utf-8")
    before = everything(folder)
    words = ("out: holds another sweep: replicates = 2 there, 3 here", "--force")
    assert_refused(ana_sim(*RUN, "--replicates", "3", folder=folder), *words)
    change(folder, "high = 1.0", "high = 0.9")
    words = ("out: holds another sweep: factors.power.rising.openness.high = 1.0 there, 0.9 here",)
    assert_refused(ana_sim(*RUN, folder=folder), *words)
    (folder / "sweep.toml").write_text(SWEEP, encoding="utf-8")
    assert everything(folder) == before
    done(*RUN, "--replicates", "1", "--force", folder=folder)
    assert parts_done(folder / "out") == POINTS
    assert not (folder / "out" / "csv").exists()  # it would tell of another sweep
    assert (folder / "out" / "thesis.txt").read_text(encoding="utf-8") == "mine"
    (folder / "out" / "thesis.txt").unlink()
    done("sweep", "sweep.toml", "--replicates", "1", "--out", "fresh", "--quiet", folder=folder)
    assert written(folder / "out") == written(folder / "fresh")


def test_what_is_missing_is_run_and_what_was_being_written_is_gone(folder):
    done(*RUN, "--format", "csv", folder=folder)
    whole = written(folder / "out")
    (folder / "out" / "powers" / "part-0002.parquet").unlink()
    for stray in (".ana_sim-1-manifest.json", "payoffs/.ana_sim-1-part-0001.parquet", "csv/.ana_sim-1-payoffs.csv"):
        (folder / "out" / stray).write_text("half", encoding="utf-8")
    kept = {path: path.stat().st_mtime_ns for path in (folder / "out").glob("*/part-*") if "0002" not in path.name}
    outcome = done("sweep", "sweep.toml", "--out", "out", folder=folder)
    assert outcome.err.splitlines()[1:] == ["powers/part-0002.parquet: missing; it will be run again"]
    assert written(folder / "out") == whole
    assert kept == {path: path.stat().st_mtime_ns for path in kept}


# -- options ---------------------------------------------------------------------------------------


def swept_with(folder, *options):
    done(*RUN, *options, folder=folder)
    return read_sweep(folder / "out")


def test_replicates_seed_years_and_strategies_take_effect(folder):
    strategies = ("--strategies", "hedge,ana,align_rising")
    swept = swept_with(folder, "--replicates", "3", "--seed", "0", "--years", "2", *strategies)
    assert swept.request["replicates"] == 3
    assert swept.payoffs["replicate"].nunique() == 3
    assert swept.request["seed"] == 0
    assert set(swept.payoffs["seed"]) == {0}
    assert swept.request["scenario"]["years"] == 2
    assert sorted(swept.powers["year"].unique()) == [2010, 2011]
    assert swept.payoffs["strategy"].unique().tolist() == ["hedge", "ana", "align_rising"]


def test_the_seed_is_that_of_all_luck(folder):
    done(*RUN, folder=folder)
    done("sweep", "sweep.toml", "--seed", "1", "--out", "one", folder=folder)
    done("sweep", "sweep.toml", "--seed", "0", "--out", "zero", folder=folder)
    payoffs = {name: read_sweep(folder / name).payoffs["payoff"].tolist() for name in ("out", "one", "zero")}
    assert payoffs["out"] == payoffs["one"]
    assert not set(payoffs["zero"]) & set(payoffs["one"])


def test_settings_take_effect_and_overrule_those_of_the_file(folder):
    swept = swept_with(folder, "--set", "states.count=3", "--set", "world.posted_share=0.25")
    assert swept.scenario.world.posted_share == 0.25
    assert len(swept.scenario.state_names) == 3
    assert set(swept.payoffs["n"]) == {3}


def test_mesa_gives_the_same_tables(folder):
    done(*RUN, folder=folder)
    change(folder, 'scenario = "bipolar"', 'scenario = "bipolar"\nengine = "compiled"')
    done("sweep", "sweep.toml", "--engine", "mesa", "--workers", "1", "--out", "mesa", folder=folder)
    one, other = written(folder / "out"), written(folder / "mesa")
    assert (one.pop("manifest.json")["engine"], other.pop("manifest.json")["engine"]) == ("compiled", "mesa")
    assert one == other


def test_csv_is_read_back_exactly(folder):
    done(*RUN, "--format", "csv", folder=folder)
    swept = read_sweep(folder / "out")
    for table in ("points", "payoffs", "powers", "measures"):
        read = pd.read_csv(folder / "out" / "csv" / f"{table}.csv")
        pd.testing.assert_frame_equal(read, getattr(swept, table), check_exact=True, check_dtype=False)
    assert pd.read_csv(folder / "out" / "csv" / "failures.csv").columns.tolist() == list(swept.failures)
    about = pd.read_csv(folder / "out" / "csv" / "columns.csv", keep_default_na=False)
    premium = about[about["column"] == "premium"].iloc[0]
    assert premium.to_dict() == {
        "table": "measures",
        "column": "premium",
        "type": "float",
        "unit": "",
        "meaning": "payoff[ana] - payoff[hedge]",
    }


# -- shards ----------------------------------------------------------------------------------------


def test_shards_put_together_are_the_files_of_the_whole(folder):
    done(*RUN, folder=folder)
    for shard in ("1/2", "2/2"):
        outcome = done("sweep", "sweep.toml", "--shard", shard, "--out", f"s{shard[0]}", folder=folder)
        assert outcome.out == f"6 rows of payoffs, 18 rows of powers, 3 rows of measures in s{shard[0]}\n"
    assert_refused(ana_sim("merge", "s1", "--out", "merged", "--quiet", folder=folder), "shard 2/2: in none of the")
    assert not (folder / "merged").exists()
    outcome = done("merge", "s2", "s1", "--out", "merged", folder=folder)
    assert outcome.out == "12 rows of payoffs, 36 rows of powers, 6 rows of measures in merged\n"
    whole, merged = written(folder / "out"), written(folder / "merged")
    assert [one["shard"] for one in merged["manifest.json"].pop("merged")] == [[0, 2], [1, 2]]
    assert merged == whole
    assert done("merge", "s1", "s2", folder=folder).err == "2 folders put together\n"
    (usual,) = (folder / "results").iterdir()
    done("sweep", "sweep.toml", folder=folder)
    assert list((folder / "results").iterdir()) == [usual]  # it was there


def test_another_shard_is_refused(folder):
    done(*RUN, "--shard", "1/2", folder=folder)
    assert_refused(ana_sim(*RUN, "--shard", "2/2", folder=folder), "out: holds shard 1/2, and this is shard 2/2")
    assert_refused(ana_sim(*RUN, folder=folder), "out: holds shard 1/2, and this is the whole sweep")


@pytest.mark.parametrize("dry", [(), ("--dry-run",)], ids=["run", "dry run"])
@pytest.mark.parametrize("shard", ["3/2", "1/0", "0/0", "-1/2", "1/2/3", "half", "1", ""])
def test_there_is_no_such_shard(folder, shard, dry):
    before = everything(folder)
    assert_refused(ana_sim(*RUN, f"--shard={shard}", *dry, folder=folder), f"--shard = {shard}: ")
    assert everything(folder) == before


# -- what is wrong ---------------------------------------------------------------------------------

WRONG_FILES = {
    "unknown key": ("replicates", "replicats", ("replicats", "did you mean replicates?")),
    "unknown table": ("[levers]", "[lever]", ("lever", "did you mean levers?")),
    "unknown option": ("levels", "level", ("design.level", "did you mean levels?")),
    "unknown path": ("openness", "opennes", ('"power.rising.opennes"', "did you mean power.rising.openness?")),
    "unknown setting": ("states.count", "states.cuont", ("states.cuont", "did you mean states.count?")),
    "unknown scenario": ('"bipolar"', '"bipola"', ("scenario: bipola", "did you mean bipolar?")),
    "unknown design": ('"grid"', '"gird"', ("design.kind = 'gird'", "did you mean 'grid'?")),
    "unknown strategy": ('"hedge"]', '"hegde"]', ("levers.strategy", "did you mean hedge?")),
    "unknown table to keep": ('"payoffs",', '"payoff",', ("outputs.tables = 'payoff'", "did you mean 'payoffs'?")),
    "unknown name in a measure": ("payoff[ana]", "payoff[anna]", ("measures.premium", "did you mean 'ana'?")),
    "unknown column in a measure": ("payoff[ana]", "payof[ana]", ("measures.premium", "did you mean 'payoff'?")),
    "no measure": ("payoff[ana] -", "payoff[ana] - /", ("measures.premium", "is no expression")),
    "out of range": ("high = 1.0", "high = 1.5", ('.openness".high = 1.5', "at most 1")),
    "no range": (", high = 1.0", "", ('.openness".high', "is missing")),
    "wrong type": ("replicates = 2", "replicates = 'many'", ("replicates = 'many'", "whole number")),
    "no years": ("years = 3", "years = 0", ("years = 0", "at least 1")),
    "not TOML": ("[design]", "[design", ("is not valid TOML", "line 5")),
    "empty": (SWEEP, "", ("is empty",)),
}


@pytest.mark.parametrize("dry", [(), ("--dry-run",)], ids=["run", "dry run"])
@pytest.mark.parametrize("case", WRONG_FILES)
def test_a_wrong_file_is_refused_with_its_name_and_the_place(folder, case, dry):
    old, new, words = WRONG_FILES[case]
    change(folder, old, new)
    before = everything(folder)
    outcome = ana_sim("sweep", "sweep.toml", *dry, folder=folder)
    assert_refused(outcome, *words)
    assert outcome.err.startswith("ana-sim: sweep.toml: ")
    assert everything(folder) == before


WRONG_OPTIONS = {
    "none.toml": ("none.toml: there is no such file",),
    "folder.toml": ("folder.toml: is a folder",),
    "world.toml": ("world.toml: this is a scenario, not a sweep",),
    "binary.toml": ("binary.toml: is not a text file",),
    "": ("sweep: missing argument 'SPEC.toml'",),
    "sweep.toml --set states.cuont=3": ("states.cuont", "did you mean states.count?"),
    "sweep.toml --set states.count=-1": ("states.count = -1", "at least 1"),
    "sweep.toml --set states.count": ("--set", "PATH=VALUE"),
    "sweep.toml --strategies ana,hegde": ("hegde", "did you mean hedge?"),
    "sweep.toml --strategies ana,,hedge": ("--strategies = 'ana,,hedge'",),
    "sweep.toml --strategies none.py:Mine": ("none.py: there is no such file of strategies",),
    "sweep.toml --strategies hedge": ("measures.premium", "'ana' is not compared here; levers.strategy names hedge"),
    "sweep.toml --replicates 0": ("--replicates = 0", "at least 1"),
    "sweep.toml --years 0": ("--years = 0", "at least 1"),
    "sweep.toml --years 1001": ("years = 1001", "at most 1000"),
    "sweep.toml --seed -1": ("--seed = -1", "at least 0"),
    "sweep.toml --seed 9223372036854775808": ("seed = 9223372036854775808", "at most 9223372036854775807"),
    "sweep.toml --workers 0": ("--workers = 0", "at least 1"),
    "sweep.toml --engine msea": ("engine = 'msea'", "did you mean 'mesa'?"),
    "sweep.toml --format cvs": ("--format = 'cvs'", "did you mean csv?"),
    "sweep.toml --shards 1/2": ("there is no option --shards", "did you mean --shard?"),
    "sweep.toml --out binary.toml --quiet": ("binary.toml: is a file, not a folder",),
    "sweep.toml --out binary.toml/out --quiet": ("binary.toml: is a file, not a folder",),
    "sweep.toml --out folder.toml --quiet": ("folder.toml: is not empty", "--force"),
}


@pytest.mark.parametrize("line", WRONG_OPTIONS)
def test_a_wrong_request_is_refused_in_a_line(folder, line):
    (folder / "folder.toml").mkdir()
    (folder / "folder.toml" / "thesis.txt").write_text("mine", encoding="utf-8")
    (folder / "world.toml").write_text('name = "world"\nyears = 3\n', encoding="utf-8")
    (folder / "binary.toml").write_bytes(b"\x00\xff")
    before = everything(folder)
    assert_refused(ana_sim("sweep", *line.split(), folder=folder), *WRONG_OPTIONS[line])
    assert everything(folder) == before


@pytest.mark.parametrize("address", ["", "nonsense", "tcp://127.0.0.1", "127.0.0.1:port", "http://127.0.0.1:8786"])
def test_what_is_no_address_of_a_cluster_is_refused(folder, address):
    outcome = ana_sim(*RUN, f"--cluster={address}", folder=folder)
    assert_refused(outcome, f"--cluster = {address!r}: is no address of a scheduler, such as tcp://127.0.0.1:8786")


# -- runs that fail --------------------------------------------------------------------------------


def test_runs_that_fail_are_named_and_the_rest_is_there(folder):
    ends = {"low": "[0.1, 0.7]", "high": "[0.3, 0.9]"}  # a range from 0.7 to 0.3 is none
    factors = [f'"states.exposure.hegemon.{end}" = {{ values = {values} }}' for end, values in ends.items()]
    change(folder, "[levers]", "\n".join((*factors, "[levers]")))
    outcome = ana_sim(*RUN, folder=folder)
    assert outcome.status == 1
    swept = read_sweep(folder / "out")
    low, high = (swept.points[f"states.exposure.hegemon.{end}"] for end in ends)
    wrong = swept.points[low > high]["point"].tolist()
    runs = [(point, replicate) for point in wrong for replicate in range(REPLICATES)]
    assert len(runs) == 6
    assert list(swept.failures[["point", "replicate"]].itertuples(index=False, name=None)) == runs
    *named, total = outcome.err.splitlines()
    assert len(named) == 5
    for (point, replicate), line in zip(runs, named, strict=False):
        assert line.startswith(f"ana-sim: point {point}, replicate {replicate}, seed 1: scenario failed: states.expos")
        assert "low must not be above high" in line
    assert total == "ana-sim: 6 runs failed, 1 more than these; the rest is there, and the table failures names them"
    assert outcome.out == "36 rows of payoffs, 108 rows of powers, 18 rows of measures in out\n"
    assert not set(swept.payoffs["point"]) & set(wrong)
    before = {path: path.stat().st_mtime_ns for path in (folder / "out").rglob("*")}
    assert ana_sim(*RUN, folder=folder) == outcome
    assert {path: path.stat().st_mtime_ns for path in (folder / "out").rglob("*")} == before


# -- disks -----------------------------------------------------------------------------------------


@contextlib.contextmanager
def files_up_to(size):
    """Have no file of this process grow beyond a size."""
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX")
def test_files_that_cannot_grow_are_one_line_and_what_was_done_is_kept(folder):
    done("sweep", "sweep.toml", "--out", "whole", folder=folder)
    whole = written(folder / "whole")
    manifest = (folder / "whole" / "manifest.json").stat().st_size
    entry = len('"payoffs/part-0000.parquet": {"sha256": "", "bytes": 1000, "rows": 2}') + 64
    size = manifest - 2 * 3 * entry  # about two parts too small
    assert size > max(len(data) for name, data in whole.items() if name != "manifest.json")
    with files_up_to(size):
        outcome = ana_sim(*RUN, folder=folder)
    assert outcome.status == 1
    assert outcome.err == (
        f"ana-sim: out/manifest.json: {os.strerror(27)}; what was done is kept: the same command goes on\n"
    )
    assert_done_is_kept(folder, folder / "out", whole)


def assert_done_is_kept(folder, out, whole):
    """The same command runs what is missing, and nothing else."""
    assert unfinished(out) == []
    assert 0 < parts_done(out) < PARTS
    kept = vouched_for(out)
    done("sweep", "sweep.toml", "--out", out, folder=folder)
    assert kept.items() <= vouched_for(out).items()
    assert written(out) == whole


@pytest.fixture
def disk(tmp_path):
    """A disk of 100 kB."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=100k", "tmpfs", str(place)]
    if not sys.platform.startswith("linux") or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("may not mount a disk")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_is_one_line_and_what_was_done_is_kept(folder, disk):
    done("sweep", "sweep.toml", "--out", "whole", folder=folder)
    for _ in range(2):
        outcome = ana_sim("sweep", "sweep.toml", "--out", disk / "out", "--quiet", folder=folder)
        assert outcome.status == 1
        assert outcome.out == ""
        words = f"{os.strerror(28)}; what was done is kept: the same command goes on"
        assert re.fullmatch(rf"ana-sim: {disk}/out/\S+\.(parquet|json): {words}\n", outcome.err)
    subprocess.run(["mount", "-o", "remount,size=10m", str(disk)], check=True)
    assert_done_is_kept(folder, disk / "out", written(folder / "whole"))


# -- at the same time ------------------------------------------------------------------------------


@needs_compiler
def test_two_processes_do_not_write_one_folder(tmp_path):
    asked(tmp_path, COMPILED, 16)
    with started(*RUN, folder=tmp_path) as process:
        assert wait_until(lambda: parts_done(tmp_path / "out"), process)
        for force in ((), ("--force",)):
            outcome = ana_sim(*RUN, *force, folder=tmp_path)
            assert_refused(outcome, "out: another sweep is writing here; wait for it, or choose another --out")
        assert process.poll() is None
        done_before = parts_done(tmp_path / "out")
        assert wait_until(lambda: parts_done(tmp_path / "out") > done_before, process)


# -- on a terminal ---------------------------------------------------------------------------------


@pytest.mark.slow
@needs_compiler
@pytest.mark.skipif(sys.platform == "win32", reason="terminals of POSIX")
def test_progress_is_shown_on_a_terminal_with_rate_and_time_left(tmp_path):
    """On one without a size, as containers have them: most programs take that for 80 columns."""
    import pty

    asked(tmp_path, COMPILED, 4)
    terminal, end = pty.openpty()
    shown = b""
    with started("sweep", "sweep.toml", "--out", "out", folder=tmp_path, stderr=end) as process:
        os.close(end)
        with contextlib.suppress(OSError):  # the terminal is closed when nobody has it any more
            while data := os.read(terminal, 10_000):
                shown += data
        outcome = outcome_of(process)
    os.close(terminal)
    assert outcome.status == 0
    assert outcome.out.endswith(" in out\n")
    assert re.search(rb"\d+%\|.*\| \d+/\d+ \[\d\d:\d\d<\d\d:\d\d, +[\d.]+(run/s|s/run)\]", shown)
    assert b"100%|" in shown


def test_no_progress_is_shown_in_a_pipe(folder):
    assert done("sweep", "sweep.toml", "--out", "out", folder=folder).err.count("\n") == 1
