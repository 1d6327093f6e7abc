"""A sweep's folder survives kills, damage and full disks, says what is wrong, and never holds a mixture."""

import itertools
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stored import (
    FAILED,
    FILES,
    OPENNESS,
    PARTS,
    POINTS,
    PREMIUM,
    TABLES,
    fill,
    opened,
    points,
    record,
    request,
    tables,
    written,
)

import ana_sim
from ana_sim.provenance import MANIFEST, FolderError, Results, file_digest
from ana_sim.sweeps.layout import Inventory
from ana_sim.sweeps.lock import LOCK, Lock
from ana_sim.sweeps.spec import SweepError
from ana_sim.sweeps.store import MOST_PARTS, cut, merge
from ana_sim.tables import columns_of

SCRIPT = Path(__file__).with_name("stored.py")
PATHS = {**os.environ, "PYTHONPATH": str(Path(ana_sim.__file__).parents[1])}
FAILED_PART = next(number for number, part in enumerate(PARTS) if FAILED in part)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The sweep, run without a break."""
    return written(tmp_path_factory.mktemp("whole") / "sweep")


@pytest.fixture
def copy(whole, tmp_path):
    return Path(shutil.copytree(whole, tmp_path / "sweep"))


def files(folder):
    """All files of a folder, but for its manifest."""
    found = (path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}


def manifest_of(folder):
    return json.loads((folder / MANIFEST).read_text(encoding="utf-8"))


def change_manifest(folder, **changes):
    (folder / MANIFEST).write_text(json.dumps({**manifest_of(folder), **changes}), encoding="utf-8")


def never(line):
    raise AssertionError(f"nothing was to be said: {line}")


# -- parts -----------------------------------------------------------------------------------------


@given(runs=st.integers(1, 10**7), each=st.integers(1, 10**4))
def test_parts_are_bounded_even_and_whole(runs, each):
    made = cut(runs, each)
    sizes = [len(part) for part in made]
    assert len(made) <= MOST_PARTS
    assert made[0].start == 0
    assert made[-1].stop == runs
    assert all(one.stop == other.start for one, other in itertools.pairwise(made))
    assert max(sizes) - min(sizes) <= 1
    assert min(sizes) >= min(each, runs)
    assert len(made) == MOST_PARTS or len(made) * each + each > runs


# -- what is written -------------------------------------------------------------------------------


def test_a_sweep_is_kept_in_a_bounded_number_of_files_each_vouched_for(whole):
    there = files(whole)
    assert len(there) == FILES
    made = manifest_of(whole)
    assert made["state"] == "complete"
    assert made["shard"] is None
    assert made["outputs"].keys() == there.keys()
    for name, entry in made["outputs"].items():
        assert entry == {
            "sha256": file_digest(whole / name),
            "bytes": len(there[name]),
            "rows": parquet.read_metadata(whole / name).num_rows,
        }
    assert [name for name in there if name.startswith("failures/")] == [f"failures/part-{FAILED_PART:04d}.parquet"]
    assert made["request"] == request()
    assert made["strategies"] == ["ana", "hedge"]
    assert {"command", "arguments", "versions", "platform", "sources", "seed", "scenario"} <= made.keys()


def test_every_column_says_what_it_holds_and_what_is_missing_is_null(whole):
    for name in files(whole):
        columns_of(parquet.read_schema(whole / name))
    payoffs = parquet.read_table(whole / "payoffs")
    first = pa.compute.equal(payoffs["replicate"], 0)
    assert payoffs.filter(first)["leverage"].null_count == len(payoffs.filter(first)) > 0
    assert payoffs["leverage"].null_count == len(payoffs.filter(first))


def test_not_a_number_is_stored_as_missing(tmp_path):
    made, failures = tables(0)
    schema = made["measures"].schema
    numbers = pa.array(np.full(len(made["measures"]), np.nan))
    assert numbers.null_count == 0
    columns = [*made["measures"].columns[:-1], numbers]
    with opened(tmp_path) as store:
        store.put(0, {**made, "measures": pa.Table.from_arrays(columns, schema=schema)}, failures)
    assert parquet.read_table(tmp_path / "measures/part-0000.parquet")["premium"].null_count == len(numbers)


def test_a_table_without_words_about_its_columns_is_refused(tmp_path):
    made, failures = tables(0)
    bare = made["measures"].replace_schema_metadata()
    bare = bare.rename_columns(bare.column_names).cast(pa.schema([(f.name, f.type) for f in bare.schema]))
    with opened(tmp_path) as store:
        with pytest.raises(KeyError, match="not documented"):
            store.put(0, {**made, "measures": bare}, failures)
        with pytest.raises(ValueError, match="payoffs, powers, measures"):
            store.put(0, {"payoffs": made["payoffs"]}, failures)
        assert store.missing == list(range(len(PARTS)))


def test_the_order_of_parts_and_a_break_leave_no_trace(whole, tmp_path):
    order = [5, 0, 7, 2]
    with opened(tmp_path) as store:
        fill(store, order)
        assert store.missing == [1, 3, 4, 6]
        assert not store.complete
    with opened(tmp_path, say=never) as store:
        assert store.missing == [1, 3, 4, 6]
        with pytest.raises(ValueError, match=r"\[1, 3, 4, 6\]"):
            store.finish()
        with pytest.raises(ValueError, match="part 5 is not missing"):
            store.put(5, *tables(5))
        fill(store, [6, 4, 3, 1])
        assert store.complete
    assert files(tmp_path) == files(whole)
    assert manifest_of(tmp_path) == manifest_of(whole)


def test_a_sweep_that_is_there_is_not_touched(copy):
    before = {path: path.stat().st_mtime_ns for path in copy.rglob("*") if path.is_file()}
    with opened(copy, say=never) as store:
        assert store.complete
        assert store.missing == []
        store.finish()
    assert before == {path: path.stat().st_mtime_ns for path in copy.rglob("*") if path.is_file()}


# -- kills -----------------------------------------------------------------------------------------


def kill_after(folder, *arguments, wait, delay):
    """Run the sweep in a process of its own; kill it a moment after it says `wait`; return the parts it has done."""
    process = subprocess.Popen(
        [sys.executable, str(SCRIPT), str(folder), *arguments], stdout=subprocess.PIPE, text=True, env=PATHS
    )
    said = []
    for line in process.stdout:
        said.append(line.strip())
        if said[-1] == wait:
            break
    time.sleep(delay)
    process.send_signal(signal.SIGKILL)
    said += [line.strip() for line in process.stdout if line.endswith("\n")]
    process.wait()
    return [int(line) for line in said if line.isdecimal()]


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_kill_at_any_moment_loses_nothing_that_was_done(whole, tmp_path):
    chance = random.Random(1)
    done, left_behind = set(), 0
    for attempt in range(12):
        if len(done) == len(PARTS):
            break
        done |= set(kill_after(tmp_path, wait="open", delay=chance.uniform(0, 0.02)))
        left_behind += sum(1 for path in tmp_path.rglob(".ana_sim-*"))
        held = Inventory.read(tmp_path)
        assert not list(held.damages()), attempt
        assert done <= set(held.done), attempt
        done = set(held.done)
    assert left_behind > 0
    with opened(tmp_path, say=never) as store:
        assert set(store.missing) == set(range(len(PARTS))) - done
        assert [path.name for path in tmp_path.rglob(".ana_sim-*")] == [LOCK]
        fill(store)
    assert files(tmp_path) == files(whole)
    assert manifest_of(tmp_path) == manifest_of(whole)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_kill_while_a_sweep_is_replaced_leaves_one_that_goes_on(whole, tmp_path):
    chance = random.Random(2)
    for attempt in range(4):
        kill_after(tmp_path, "--again", wait="open", delay=chance.uniform(0.1, 0.2))
        with opened(tmp_path, say=lambda line: None) as store:
            fill(store)
        assert files(tmp_path) == files(whole), attempt


def test_a_kill_before_anything_was_written_leaves_a_folder_to_begin_in(tmp_path, whole):
    for name in (LOCK, ".ana_sim-123-manifest.json"):
        (tmp_path / name).write_text("half", encoding="utf-8")
    written(tmp_path, say=never)
    assert files(tmp_path) == files(whole)


def test_files_that_the_manifest_does_not_know_count_for_nothing(copy, whole):
    parts = manifest_of(copy)["outputs"]
    known = {name: entry for name, entry in parts.items() if not name.endswith(("0001.parquet", "0003.parquet"))}
    change_manifest(copy, outputs=known, state="running")
    (copy / "payoffs/part-0003.parquet").write_bytes(b"half")
    (copy / "powers/.ana_sim-123-part-0003.parquet").write_bytes(b"half")
    shutil.copy(copy / f"failures/part-{FAILED_PART:04d}.parquet", copy / "failures/part-0003.parquet")
    with opened(copy, say=never) as store:
        assert store.missing == [1, 3]
        fill(store)
    assert files(copy) == files(whole)


# -- damage ----------------------------------------------------------------------------------------


def flip(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def cut_off(path):
    path.write_bytes(path.read_bytes()[:-100])


def swap(path):
    other = path.with_name("part-0006.parquet")
    both = path.read_bytes(), other.read_bytes()
    other.write_bytes(both[0])
    path.write_bytes(both[1])


DAMAGES = {flip: "its checksum differs", cut_off: "bytes of", Path.unlink: "missing", swap: "damaged"}


@pytest.mark.parametrize("harm", DAMAGES, ids=lambda harm: harm.__name__)
@pytest.mark.parametrize("table", TABLES)
def test_a_damaged_part_is_found_named_and_run_again(copy, whole, table, harm):
    harm(copy / table / "part-0003.parquet")
    said = []
    with opened(copy, say=said.append) as store:
        assert store.missing == ([3, 6] if harm is swap else [3])
        assert not store.complete
        assert manifest_of(copy)["state"] == "running"
        fill(store)
    assert len(said) == len(store.missing) + (2 if harm is swap else 1)
    assert all(DAMAGES[harm] in line and line.endswith("it will be run again") for line in said)
    assert said[0].startswith(f"{table}/part-0003.parquet: ")
    assert files(copy) == files(whole)
    assert manifest_of(copy) == manifest_of(whole)


def test_failures_that_were_lost_are_run_again(copy, whole):
    (copy / f"failures/part-{FAILED_PART:04d}.parquet").unlink()
    with opened(copy, say=lambda line: None) as store:
        assert store.missing == [FAILED_PART]
        fill(store)
    assert files(copy) == files(whole)


def test_failures_of_a_part_that_fails_no_more_are_gone(copy):
    flip(copy / f"payoffs/part-{FAILED_PART:04d}.parquet")
    with opened(copy, say=lambda line: None) as store:
        made, failures = tables(FAILED_PART)
        store.put(FAILED_PART, made, failures.slice(0, 0))
        store.finish()
    assert not (copy / "failures").exists()
    with opened(copy, say=never) as store:
        assert store.complete


@pytest.mark.parametrize("harm", [flip, Path.unlink])
def test_damaged_points_are_written_again(copy, whole, harm):
    harm(copy / "points.parquet")
    said = []
    with opened(copy, say=said.append) as store:
        assert store.complete
    assert len(said) == 1
    assert said[0].startswith("points.parquet: ")
    assert said[0].endswith("it is written again")
    assert files(copy) == files(whole)


def test_much_damage_is_said_in_few_lines(copy):
    for table in TABLES:
        shutil.rmtree(copy / table)
    said = []
    with opened(copy, say=said.append) as store:
        assert len(store.missing) == len(PARTS)
    assert len(said) == 11
    assert said[-1] == f"and {len(TABLES) * len(PARTS) - 10} more files"


def test_the_same_request_with_other_points_is_refused(copy):
    with pytest.raises(FolderError, match=r"other points .*--out.*--force"):
        opened(copy, points=points(first=0.01))
    assert opened(copy, points=points(first=0.01), force=True).missing == list(range(len(PARTS)))


# -- another sweep ---------------------------------------------------------------------------------


def nested(data, keys, value):
    """Return data with another value at a path of keys."""
    if not keys:
        return value
    changed = list(data) if isinstance(data, list) else dict(data)
    changed[keys[0]] = nested(data[keys[0]], keys[1:], value)
    return changed


OTHERS = {
    ("replicates",): (40, "replicates = 4 there, 40 here"),
    ("outputs", "deviator"): ("all", "outputs.deviator = 'each' there, 'all' here"),
    ("outputs", "by_state"): (True, "outputs.by_state = false there, true here"),
    ("outputs", "from_year"): (0.0, "outputs.from_year = 0 there, 0.0 here"),
    ("outputs", "measures"): ({}, f"outputs.measures.premium = '{PREMIUM}' there, none here"),
    ("scenario", "power", 1, "openness"): (0.25, "scenario.power.rising.openness = "),
    ("factors", 0, "high"): (0.5, f"factors.{OPENNESS}.high = 1.0 there, 0.5 here"),
    ("strategies",): (["hedge", "ana"], "strategies = ['ana', 'hedge'] there, ['hedge', 'ana'] here"),
}


@pytest.mark.parametrize("keys", OTHERS, ids=lambda keys: ".".join(map(str, keys)))
def test_another_request_is_refused_and_says_what_differs(copy, whole, keys):
    value, said = OTHERS[keys]
    with pytest.raises(FolderError) as caught:
        opened(copy, request=nested(request(), keys, value), say=never)
    line = str(caught.value)
    assert line.startswith(f"{copy}: holds another sweep: {said}")
    assert line.endswith("choose another --out, or replace with --force")
    assert "\n" not in line
    assert files(copy) == files(whole)


def test_the_order_of_a_mix_is_part_of_the_request(copy):
    mix = request()["scenario"]["strategies"]["mix"]
    other = nested(request(), ("scenario", "strategies", "mix"), mix[::-1])
    with pytest.raises(FolderError, match=r"scenario\.strategies\.mix = "):
        opened(copy, request=other)


def test_many_differences_are_cut_short(copy):
    changed = {"replicates": 5, "seed": 2, "factors": [], "strategies": ["ana"]}
    with pytest.raises(FolderError, match=r"replicates = .*; seed = .*; factors = .*; and 1 more; choose"):
        opened(copy, request={**request(), **changed})


def test_force_replaces_what_the_sweep_wrote_and_nothing_else(copy, whole):
    mine = [copy / "thesis.txt", copy / "payoffs" / "notes.txt"]
    for path in mine:
        path.write_text("mine", encoding="utf-8")
    for stray in ("part-0200.parquet", ".ana_sim-7-part-0000.parquet"):  # of a time when it had more parts
        (copy / "powers" / stray).write_bytes(b"old")
    changed = request(replicates=40)
    with opened(copy, request=changed, tables=["payoffs"], parts=2, force=True, say=never) as store:
        assert store.missing == [0, 1]
    assert sorted(files(copy)) == ["payoffs/notes.txt", "points.parquet", "thesis.txt"]
    assert not (copy / "powers").exists()
    assert manifest_of(copy)["request"] == changed


@pytest.mark.parametrize("content", ["", "[]", "{", '{"command": "compare", "outputs": {}}', "\x00"])
def test_a_folder_with_anything_else_is_refused(tmp_path, content):
    (tmp_path / MANIFEST).write_text(content, encoding="utf-8")
    with pytest.raises(FolderError, match=r"(is not empty|something else than a sweep); choose another --out"):
        opened(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [MANIFEST]


@pytest.mark.parametrize(
    "broken",
    [
        {"outputs": {}},
        {"outputs": {"points.parquet": "0" * 64}},
        {"parts": 0},
        {"parts": 10**9},
        {"tables": ["../payoffs"]},
        {"shard": [1]},
        {"versions": None},
        {"strategies": None},
    ],
    ids=str,
)
def test_a_manifest_that_is_no_sweeps_is_refused(copy, broken):
    change_manifest(copy, **broken)
    with pytest.raises(FolderError, match="something else than a sweep"):
        opened(copy)


def test_a_manifest_cannot_vouch_for_files_elsewhere(copy):
    outputs = manifest_of(copy)["outputs"]
    change_manifest(copy, outputs={**outputs, "../precious.parquet": outputs["points.parquet"]})
    with pytest.raises(FolderError, match="something else than a sweep"):
        opened(copy)
    (copy.parent / "precious.parquet").write_bytes(b"mine")
    opened(copy, force=True).close()
    assert (copy.parent / "precious.parquet").read_bytes() == b"mine"


def test_a_sweep_takes_the_place_of_other_results_only_with_force(tmp_path):
    results = Results(tmp_path, "key")
    record_ = {"request_hash": "key", "outputs": {"a.txt": ""}, "state": "complete"}
    results.write({"a.txt": lambda path: path.write_text("A")}, lambda digests, state: record_)
    with pytest.raises(FolderError, match="something else than a sweep"):
        opened(tmp_path)
    written(tmp_path, force=True)
    assert not (tmp_path / "a.txt").exists()


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "a").write_text("mine", encoding="utf-8")
    with pytest.raises(FolderError, match="is a file, not a folder"):
        opened(tmp_path / "a" / "b")


# -- other versions --------------------------------------------------------------------------------


def of(**versions):
    made = record()
    return {**made, "versions": {**made["versions"], **versions}}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"record": record(sources="0" * 64)}, "was begun by other sources of ana_sim"),
        ({"record": of(numpy="0.1", SALib="9")}, r"was begun by numpy \S+ \(here 0\.1\), SALib \S+ \(here 9\)"),
    ],
    ids=["sources", "packages"],
)
def test_parts_of_two_versions_are_not_mixed(tmp_path, copy, whole, changed, said):
    with opened(tmp_path / "new") as store:
        fill(store, [0, 1])
    before = files(tmp_path / "new")
    with pytest.raises(FolderError, match=f"{said}, and a table must not mix the two; choose another --out"):
        opened(tmp_path / "new", say=never, **changed)
    assert files(tmp_path / "new") == before
    with opened(tmp_path / "new", force=True, say=never, **changed) as store:
        assert store.missing == list(range(len(PARTS)))

    with opened(copy, say=never, **changed) as store:
        assert store.complete  # nothing is run
    flip(copy / "points.parquet")
    with opened(copy, say=lambda line: None, **changed) as store:
        assert store.complete  # the points are the same
    flip(copy / "points.parquet")
    with pytest.raises(FolderError, match=r"points\.parquet: damaged .* must not mix"):
        opened(copy, points=points(first=0.1), say=never, **changed)
    opened(copy, say=lambda line: None).close()
    flip(copy / "powers/part-0002.parquet")
    with pytest.raises(FolderError, match=r"powers/part-0002\.parquet: damaged .* must not mix"):
        opened(copy, say=never, **changed)


def test_packages_that_no_number_depends_on_may_change(tmp_path):
    with opened(tmp_path) as store:
        fill(store, [0])
    with opened(tmp_path, record=of(pandas="0.1", matplotlib="0.1"), say=never) as store:
        fill(store)
        assert store.complete


# -- one writer ------------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="locks of POSIX")
def test_one_process_writes_a_folder_at_a_time_and_a_killed_one_does_not(tmp_path):
    command = [sys.executable, str(SCRIPT), str(tmp_path), "--hold"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=PATHS) as process:
        assert process.stdout.readline() == "open\n"
        for force in (False, True):
            with pytest.raises(FolderError, match="another sweep is writing here; wait for it"):
                opened(tmp_path, force=force)
        process.kill()
    assert (tmp_path / LOCK).exists()
    opened(tmp_path).close()
    assert not (tmp_path / LOCK).exists()


def test_one_thread_of_a_process_has_it_open_at_a_time(tmp_path):
    with opened(tmp_path):
        assert (tmp_path / LOCK).exists()
        with pytest.raises(FolderError, match="another sweep is writing here"):
            opened(tmp_path / ".")
        assert (tmp_path / LOCK).exists()
    assert not (tmp_path / LOCK).exists()
    store = opened(tmp_path)
    store.close()
    store.close()


class _Late(Lock):
    """A lock that is opened just before its last holder removes it."""

    late = True

    def _take(self, say):
        if self.late:
            self._path.unlink()
            self.late = False
        super()._take(say)


def test_a_lock_that_was_removed_meanwhile_is_none(tmp_path):
    lock = _Late(tmp_path, never)
    assert (tmp_path / LOCK).exists()
    lock.release()
    assert not (tmp_path / LOCK).exists()


def test_a_refusal_keeps_no_lock(copy):
    for _ in range(2):
        with pytest.raises(FolderError, match="holds another sweep"):
            opened(copy, request=request(seed=2))
    assert not (copy / LOCK).exists()


# -- disks -----------------------------------------------------------------------------------------

LIMITED = """
import resource, sys
sys.path.insert(0, {tests!r})
import stored
limit = int(sys.argv[2])
points = stored.points(count=int(sys.argv[3]))
begun = len(sys.argv) > 4
if begun:
    store = stored.opened(sys.argv[1], points=points)
    stored.fill(store, [0, 1])
try:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    if not begun:
        store = stored.opened(sys.argv[1], points=points)
    made, failures = stored.tables(2)
    store.put(2, made, failures)
except OSError as error:
    print(error.filename, error.strerror, sep="|")
    if begun:
        assert 2 in store.missing
        store.close()
        sys.exit()
"""


def on_a_full_disk(folder, limit, *begun, count=POINTS):
    """Write where files cannot grow beyond a limit; return the file and the reason of the error."""
    script = LIMITED.format(tests=str(SCRIPT.parent))
    command = [sys.executable, "-c", script, str(folder), str(limit), str(count), *begun]
    done = subprocess.run(command, capture_output=True, text=True, env=PATHS, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip().split("|")


@pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX")
def test_a_full_disk_is_one_line_and_what_was_done_is_kept(tmp_path, whole):
    sizes = {path.name: path.stat().st_size for path in (whole / "powers").iterdir()}
    assert sizes["part-0002.parquet"] > 500
    file, reason = on_a_full_disk(tmp_path, 500, "begun")
    assert file == str(tmp_path / "payoffs/part-0002.parquet")
    assert reason == os.strerror(27)
    assert not list(tmp_path.rglob(".ana_sim-*"))
    with opened(tmp_path, say=never) as store:
        assert store.missing == [2, 3, 4, 5, 6, 7]
        fill(store)
    assert files(tmp_path) == files(whole)


@pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX")
def test_a_disk_too_full_for_the_manifest_keeps_the_old_one(tmp_path, whole):
    with opened(tmp_path) as store:
        fill(store, [0, 1])
    room = (tmp_path / MANIFEST).stat().st_size + 100  # for any part, and not for a longer manifest
    assert room > max(len(content) for content in files(whole).values())
    shutil.rmtree(tmp_path)
    file, _ = on_a_full_disk(tmp_path, room, "begun")
    assert file == str(tmp_path / MANIFEST)
    with opened(tmp_path, say=never) as store:
        assert store.missing == [2, 3, 4, 5, 6, 7]
        fill(store)
    assert files(tmp_path) == files(whole)


@pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX")
def test_a_disk_too_full_to_begin_gets_nothing(tmp_path):
    folder = tmp_path / "deep" / "er"
    assert on_a_full_disk(folder, 500) == [str(folder / MANIFEST), os.strerror(27)]
    assert not (tmp_path / "deep").exists()
    assert on_a_full_disk(folder, 30_000, count=10_000) == [str(folder / "points.parquet"), os.strerror(27)]
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_place_of_a_table_is_one_line(tmp_path):
    with opened(tmp_path) as store:
        (tmp_path / "powers").write_text("mine", encoding="utf-8")
        with pytest.raises(OSError, match="powers"):
            store.put(0, *tables(0))
        assert store.missing == list(range(len(PARTS)))


# -- shards ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shards(tmp_path_factory):
    """The sweep in three shards, counted from 1."""
    folder = tmp_path_factory.mktemp("shards")
    return [written(folder / f"s{number}", shard=(number, 3)) for number in (1, 2, 3)]


def test_shards_counted_from_0_or_from_1_are_the_whole(shards, tmp_path):
    done = [Inventory.read(folder).done for folder in shards]
    assert done == [[1, 4, 7], [2, 5], [0, 3, 6]]
    with opened(shards[2], shard=(0, 3), say=never) as store:
        assert store.complete


@pytest.mark.parametrize("shard", [(4, 3), (-1, 3), (0, 0), (1, -1)])
def test_there_is_no_such_shard(tmp_path, shard):
    with pytest.raises(SweepError, match=f"--shard = {shard[0]}/{shard[1]}: must be"):
        opened(tmp_path / "a", shard=shard)
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize(("shard", "said"), [(None, "the whole sweep"), ((2, 3), "shard 2/3"), ((1, 4), "shard 1/4")])
def test_the_folder_of_another_shard_is_refused(shards, shard, said):
    with pytest.raises(FolderError, match=f"s1: holds shard 1/3, and this is {said}; choose another --out"):
        opened(shards[0], shard=shard)


def test_shards_put_together_are_the_same_files(shards, whole, tmp_path):
    before = [files(folder) for folder in shards]
    merge([shards[1], shards[2], shards[0]], tmp_path / "out", say=never)
    assert files(tmp_path / "out") == files(whole)
    made = manifest_of(tmp_path / "out")
    assert [one["shard"] for one in made.pop("merged")] == [[2, 3], [0, 3], [1, 3]]
    assert made == manifest_of(whole)
    assert [files(folder) for folder in shards] == before
    with opened(tmp_path / "out", say=never) as store:
        assert store.complete


def test_a_whole_sweep_and_shards_of_two_kinds_may_be_among_them(shards, whole, tmp_path):
    merge([whole], tmp_path / "a", say=never)
    merge([shards[0], whole, shards[0]], tmp_path / "b", say=never)
    halves = [written(tmp_path / f"h{number}", shard=(number, 2)) for number in (0, 1)]
    merge([halves[0], shards[0], shards[1], shards[2]], tmp_path / "c", say=never)
    assert files(tmp_path / "a") == files(tmp_path / "b") == files(tmp_path / "c") == files(whole)


def test_a_shard_that_is_absent_is_named(shards, tmp_path):
    with pytest.raises(FolderError, match=r"^shard 2/3: in none of the folders; run the sweep with --shard 2/3"):
        merge([shards[0], shards[2]], tmp_path / "out", say=never)
    with pytest.raises(FolderError, match=r"^shard 3/3, shard 1/3: in none of the folders; .* --shard 3/3"):
        merge([shards[1]], tmp_path / "out", say=never)
    assert not (tmp_path / "out").exists()


def test_a_shard_that_is_not_finished_is_named(shards, tmp_path):
    with opened(tmp_path / "half", shard=(2, 3)) as store:
        fill(store, [5])
    with pytest.raises(FolderError, match=r"half: lacks 1 of the 2 parts of shard 2/3; run it again to finish it"):
        merge([shards[0], tmp_path / "half", shards[2]], tmp_path / "out", say=never)


def test_a_damaged_shard_is_named_unless_another_folder_has_the_part(shards, whole, tmp_path):
    bad = Path(shutil.copytree(shards[0], tmp_path / "bad"))
    flip(bad / "powers/part-0004.parquet")
    flip(bad / "points.parquet")
    said = []
    with pytest.raises(FolderError, match=r"bad: lacks 1 of the 3 parts of shard 1/3"):
        merge([bad, *shards[1:]], tmp_path / "out", say=said.append)
    assert [line.split(": ")[0] for line in said] == [
        str(bad / "points.parquet"),
        str(bad / "powers/part-0004.parquet"),
    ]
    merge([bad, *shards], tmp_path / "out", say=said.append)
    assert files(tmp_path / "out") == files(whole)
    alone = Path(shutil.copytree(whole, tmp_path / "alone"))
    flip(alone / "points.parquet")
    with pytest.raises(FolderError, match=r"points\.parquet: damaged"):
        merge([alone], tmp_path / "other", say=said.append)


def test_an_interrupted_merge_goes_on(shards, whole, tmp_path):
    merge(shards, tmp_path / "out", say=never)
    outputs = {name: entry for name, entry in manifest_of(whole)["outputs"].items() if "0005" not in name}
    change_manifest(tmp_path / "out", outputs=outputs, state="running")
    merge(shards, tmp_path / "out", say=never)
    assert files(tmp_path / "out") == files(whole)
    assert manifest_of(tmp_path / "out")["state"] == "complete"


def test_shards_of_two_sweeps_or_versions_are_refused(shards, tmp_path):
    others = {
        "seeds": ({"request": request(seed=2)}, r"seeds: is of another sweep than \S+s1: seed = 1 there, 2 here"),
        "sources": ({"record": record(sources="0")}, r"sources: \S+s1 was made by other sources of ana_sim, and a"),
        "numpy": ({"record": of(numpy="0.1")}, r"numpy: \S+s1 was made by numpy \S+ \(here 0\.1\), and a table"),
        "points": ({"points": points(first=0.1)}, r"points: \S+s1 has the same sweep with other points"),
        "parts": ({"parts": 7}, r"parts: \S+s1 has the same sweep with 8 parts of payoffs, powers, measures \(7 of"),
    }
    for name, (changed, said) in others.items():
        opened(tmp_path / name, shard=(2, 3), **changed).close()
        with pytest.raises(FolderError, match=said):
            merge([shards[0], tmp_path / name, shards[2]], tmp_path / "out", say=never)
    assert not (tmp_path / "out").exists()


def test_two_results_of_one_part_are_refused(shards, tmp_path):
    with opened(tmp_path / "odd", shard=(1, 3)) as store:
        made, failures = tables(1)
        store.put(1, {**made, "powers": made["powers"].slice(1)}, failures)
        fill(store)
    with pytest.raises(FolderError, match=r"odd/powers/part-0001\.parquet: is another in \S+s1, though each"):
        merge([*shards, tmp_path / "odd"], tmp_path / "out", say=never)


def test_what_cannot_be_merged_is_refused(shards, tmp_path):
    with pytest.raises(SweepError, match="names no folder"):
        merge([], tmp_path / "out", say=never)
    with pytest.raises(SweepError, match=f"{tmp_path}: holds no sweep"):
        merge([shards[0], tmp_path], tmp_path / "out", say=never)
    with pytest.raises(FolderError, match="s2: is one of the folders to be merged"):
        merge(shards, shards[1].parent / "." / "s2", force=True, say=never)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(FolderError, match="is not empty"):
        merge(shards, tmp_path / "out", say=never)
    merge(shards, tmp_path / "out", force=True, say=never)
    assert (tmp_path / "out" / "thesis.txt").read_text(encoding="utf-8") == "mine"


def test_the_record_must_be_that_of_a_sweep(tmp_path):
    with pytest.raises(ValueError, match="sources"):
        opened(tmp_path / "a", record={"strategies": []})
    with pytest.raises(ValueError, match="JSON"):
        opened(tmp_path / "a", request=request(seed=float("inf")))
    assert not (tmp_path / "a").exists()
