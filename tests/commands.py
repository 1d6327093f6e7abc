"""Sweeps as commands in processes of their own: to be watched, interrupted and killed."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from test_cli import Outcome

import ana_sim
from ana_sim.compiled import JIT_ENABLED
from ana_sim.provenance import MANIFEST, PREFIX, file_digest
from ana_sim.sweeps.layout import Inventory

PATHS = {**os.environ, "PYTHONPATH": str(Path(ana_sim.__file__).parents[1])}
LONGEST = 300
"""Seconds after which a command is held to hang: no matter how busy the machine is."""

needs_compiler = pytest.mark.skipif(not JIT_ENABLED, reason="takes minutes without the compiler")


@contextmanager
def started(*arguments, folder, **options):
    """Run a command in a group of processes of its own, of which none is left in the end."""
    command = [sys.executable, "-m", "ana_sim", *map(str, arguments)]
    usual = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "env": PATHS}
    with subprocess.Popen(command, cwd=folder, text=True, start_new_session=True, **(usual | options)) as process:
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def outcome_of(process):
    """Wait until a command, and every process that it started, has ended: all of them hold the pipes open."""
    out, err = process.communicate(timeout=LONGEST)
    return Outcome(process.returncode, out, err)


def in_a_process(*arguments, folder, **options):
    """Run a command to its end."""
    with started(*arguments, folder=folder, **options) as process:
        return outcome_of(process)


def wait_until(holds, process):
    """Wait until something holds; return False if the process ends before it does."""
    while process.poll() is None:
        if holds():
            return True
        time.sleep(0.002)
    return False


def parts_in(folder):
    """The part files that are there, vouched for or not."""
    return list(folder.glob("*/part-*.parquet"))


def parts_done(folder):
    """How many parts the manifest vouches for."""
    held = Inventory.read(folder)
    return len(held.done) if held else 0


def vouched_for(folder):
    """The files that the manifest vouches for, each with the time when it was written; all are what they were."""
    if not (folder / MANIFEST).exists():
        return {}
    listed = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["outputs"]
    for name, entry in listed.items():
        if name != "points.parquet" or (folder / name).exists():  # the manifest is written before them
            assert file_digest(folder / name) == entry["sha256"], name
    return {name: (folder / name).stat().st_mtime_ns for name in listed if (folder / name).exists()}


def unfinished(folder):
    """The files that a killed process left: what it was writing, and its lock."""
    return [path.name for path in folder.rglob(f"{PREFIX}*")]


def written(folder):
    """All files of a sweep: the bytes of the tables, and the manifest but for the command line."""
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    recorded = json.loads(files.pop(MANIFEST).read_text(encoding="utf-8"))
    return {name: path.read_bytes() for name, path in files.items()} | {MANIFEST: {**recorded, "arguments": None}}
