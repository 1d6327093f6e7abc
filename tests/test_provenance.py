"""Results are written whole or not at all, never over anything else, with a record of how they were made."""

import json
import os
import re

import pytest

from ana_sim import provenance
from ana_sim.provenance import (
    MANIFEST,
    FolderError,
    Results,
    file_digest,
    listed_files,
    manifest,
    replacing,
    request_hash,
    sources_digest,
    versions,
)
from ana_sim.scenario import Scenario

REQUEST = {"strategies": ["ana"], "replicates": 2, "seed": 7}


@pytest.fixture(scope="module")
def world():
    return Scenario.load("bipolar").replace({"years": 3})


def put(text):
    def write(path):
        with replacing(path) as file:
            file.write_text(text, encoding="utf-8")

    return write


def fill(results, key, files):
    def record(digests, state):
        return {"request_hash": key, "outputs": dict(digests), "state": state}

    results.write({name: put(text) for name, text in files.items()}, record)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


# -- one file --------------------------------------------------------------------------------------


def test_a_file_is_replaced_at_once(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old", encoding="utf-8")
    with replacing(path) as file:
        file.write_text("new", encoding="utf-8")
        assert path.read_text(encoding="utf-8") == "old"
        assert file.suffix == path.suffix
    assert path.read_text(encoding="utf-8") == "new"
    assert names(tmp_path) == ["a.txt"]


@pytest.mark.skipif(os.name == "nt", reason="a file that is open cannot be replaced there")
def test_who_reads_a_file_while_it_is_replaced_reads_the_old_one(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old", encoding="utf-8")
    with path.open(encoding="utf-8") as reader:
        with replacing(path) as file:
            file.write_text("new", encoding="utf-8")
        assert reader.read() == "old"


@pytest.mark.parametrize("error", [ValueError("bad"), KeyboardInterrupt(), OSError(28, "No space left on device")])
def test_a_failed_write_leaves_what_was_there(tmp_path, error):
    path = tmp_path / "a.txt"
    path.write_text("old", encoding="utf-8")

    def half():
        with replacing(path) as file:
            file.write_text("half", encoding="utf-8")
            raise error

    with pytest.raises(type(error)):
        half()
    assert path.read_text(encoding="utf-8") == "old"
    assert names(tmp_path) == ["a.txt"]


def test_a_failed_write_names_the_file(tmp_path):
    with pytest.raises(OSError, match="No space") as caught, replacing(tmp_path / "a.txt"):
        raise OSError(28, "Error writing bytes to file. Detail: [errno 28] No space left on device")
    assert caught.value.filename == str(tmp_path / "a.txt")
    assert caught.value.strerror == "No space left on device"


# -- hashes and the manifest -----------------------------------------------------------------------


def test_the_hash_follows_the_request_the_world_and_the_code(world, monkeypatch):
    first = request_hash("compare", REQUEST, world)
    assert re.fullmatch("[0-9a-f]{10}", first)
    assert first == request_hash(
        "compare", dict(reversed(REQUEST.items())), Scenario.load("bipolar").replace({"years": 3})
    )
    others = [
        request_hash("run", REQUEST, world),
        request_hash("compare", {**REQUEST, "seed": 8}, world),
        request_hash("compare", REQUEST, world.replace({"world.posted_share": 0.4})),
        request_hash("compare", REQUEST, world.replace({"title": "Another title"})),
    ]
    monkeypatch.setattr(provenance, "sources_digest", lambda: "other sources")
    others.append(request_hash("compare", REQUEST, world))
    assert len({first, *others}) == 6


def test_the_manifest_holds_what_it_takes_to_do_it_again(world, tmp_path):
    made = manifest("compare", REQUEST, world, {"compare.csv": "0" * 64}, arguments=["compare", "bipolar"])
    json.dumps(made, allow_nan=False)
    assert made == manifest("compare", REQUEST, world, {"compare.csv": "0" * 64}, arguments=["compare", "bipolar"])
    assert made["state"] == "complete"
    assert made["seed"] == 7
    assert made["request"] == REQUEST
    assert made["sources"] == sources_digest()
    packages = {"numpy", "numba", "mesa", "pandas", "pyarrow", "scipy", "SALib", "matplotlib"}
    assert {"ana_sim", "python", *packages} <= set(versions())
    file = tmp_path / "again.toml"
    file.write_text(made["scenario"]["toml"], encoding="utf-8")
    assert Scenario.load(file).digest == made["scenario"]["digest"] == world.digest


# -- folders ---------------------------------------------------------------------------------------


def test_results_are_written_and_known_again(tmp_path):
    folder = tmp_path / "deep" / "er"
    results = Results(folder, "key")
    assert not results.complete
    assert not folder.exists()
    fill(results, "key", {"a.txt": "A", "b.txt": "B"})
    assert names(folder) == ["a.txt", "b.txt", MANIFEST]
    recorded = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    assert recorded["state"] == "complete"
    assert recorded["outputs"] == {name: file_digest(folder / name) for name in ("a.txt", "b.txt")}
    assert Results(folder, "key").complete


def test_the_results_of_another_request_are_safe(tmp_path):
    fill(Results(tmp_path, "key"), "key", {"a.txt": "A"})
    with pytest.raises(FolderError, match=r"another request.*--out.*--force"):
        Results(tmp_path, "other")
    fill(Results(tmp_path, "other", force=True), "other", {"b.txt": "B"})
    assert names(tmp_path) == ["b.txt", MANIFEST]


def test_anything_else_in_the_folder_is_safe(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(FolderError, match="is not empty"):
        Results(tmp_path, "key")
    fill(Results(tmp_path, "key", force=True), "key", {"a.txt": "A"})
    assert (tmp_path / "thesis.txt").read_text(encoding="utf-8") == "mine"


def test_results_that_were_changed_are_safe(tmp_path):
    fill(Results(tmp_path, "key"), "key", {"a.txt": "A"})
    (tmp_path / "a.txt").write_text("with my notes", encoding="utf-8")
    with pytest.raises(FolderError, match=r"a\.txt: was changed"):
        Results(tmp_path, "key")
    assert not Results(tmp_path, "key", force=True).complete


def test_results_that_are_not_whole_are_done_again(tmp_path):
    fill(Results(tmp_path, "key"), "key", {"a.txt": "A", "b.txt": "B"})
    (tmp_path / "b.txt").unlink()
    assert not Results(tmp_path, "key").complete
    fill(Results(tmp_path, "key"), "key", {"a.txt": "A", "b.txt": "B"})
    record = json.loads((tmp_path / MANIFEST).read_text(encoding="utf-8"))
    (tmp_path / MANIFEST).write_text(json.dumps({**record, "state": "writing"}), encoding="utf-8")
    assert not Results(tmp_path, "key").complete


def test_a_failure_takes_away_what_it_made(tmp_path):
    def fail(path):
        raise OSError(28, "No space left on device", str(path))

    results = Results(tmp_path / "results" / "one", "key")
    with pytest.raises(OSError, match="No space"):
        results.write({"a.txt": put("A"), "b.txt": fail}, lambda digests, state: {})
    assert names(tmp_path) == []


@pytest.mark.parametrize("broken", ["", "[]", "{", '{"request_hash": 3}', "\x00"])
def test_a_broken_manifest_is_no_licence_to_overwrite(tmp_path, broken):
    (tmp_path / MANIFEST).write_text(broken, encoding="utf-8")
    with pytest.raises(FolderError):
        Results(tmp_path, "key")


def test_a_manifest_cannot_point_outside_its_folder(tmp_path):
    outside = tmp_path / "precious.txt"
    outside.write_text("mine", encoding="utf-8")
    folder = tmp_path / "results"
    folder.mkdir()
    record = {"request_hash": "old", "outputs": {"../precious.txt": ""}, "state": "complete"}
    (folder / MANIFEST).write_text(json.dumps(record), encoding="utf-8")
    fill(Results(folder, "key", force=True), "key", {"a.txt": "A"})
    assert outside.read_text(encoding="utf-8") == "mine"


def test_force_removes_what_lies_in_folders_of_its_own(tmp_path):
    parts = tmp_path / "payoffs"
    notes = tmp_path / "notes"
    for folder in (parts, notes):
        folder.mkdir()
        (folder / "part-0000.parquet").write_text("P", encoding="utf-8")
    (notes / "mine.txt").write_text("mine", encoding="utf-8")
    listed = {"payoffs/part-0000.parquet": {}, "notes/part-0000.parquet": {}, "payoffs/part-0001.parquet": {}}
    record = {"request_hash": "old", "outputs": listed, "state": "complete"}
    (tmp_path / MANIFEST).write_text(json.dumps(record), encoding="utf-8")
    fill(Results(tmp_path, "key", force=True), "key", {"a.txt": "A"})
    assert names(tmp_path) == ["a.txt", MANIFEST, "notes"]
    assert names(notes) == ["mine.txt"]


@pytest.mark.parametrize("name", ["../a", "a/../b", "a/b/c", "/a", "./a", "a/", "", "a\\b", "c:a", ".ana_sim-lock"])
def test_a_manifest_lists_files_of_its_own_folder_alone(name):
    assert listed_files({"outputs": {name: "", "b.txt": "", "a/b.txt": ""}}) == ["b.txt", "a/b.txt"]


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "a.txt").write_text("A", encoding="utf-8")
    for folder in (tmp_path / "a.txt", tmp_path / "a.txt" / "b"):
        with pytest.raises(FolderError, match=r"a\.txt: is a file, not a folder"):
            Results(folder, "key")


def test_a_name_too_long_is_refused(tmp_path):
    with pytest.raises(FolderError, match="too long"):
        Results(tmp_path / ("x" * 300), "key")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_is_refused(tmp_path):
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(FolderError, match="cannot be written"):
            Results(tmp_path / "a", "key")
    finally:
        tmp_path.chmod(0o700)
