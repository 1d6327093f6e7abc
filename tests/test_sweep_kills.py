"""A sweep that is killed or interrupted, at whatever moment, loses nothing that was done, and goes on."""

import os
import random
import shutil
import signal
import sys
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import psutil
import pytest
from commands import (
    in_a_process,
    outcome_of,
    parts_done,
    parts_in,
    started,
    unfinished,
    vouched_for,
    wait_until,
    written,
)

from ana_sim import sweep
from ana_sim.compiled import JIT_ENABLED
from ana_sim.sweeps.lock import LOCK
from ana_sim.sweeps.runner import plan_sweep
from ana_sim.sweeps.spec import SweepError

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")

COMPILED = """
scenario = "bipolar"
years = 91                          # so long that each run is a part of its own
replicates = 4
[design]
kind = "lhs"
samples = {samples}
[uncertainties]
"power.rising.openness" = {{ low = 0.2, high = 1.0 }}
[levers]
strategy = ["align_hegemon", "align_rising", "hedge", "play_field", "ana"]
[outputs]
deviator = "each"
tables = ["payoffs", "powers"]
measures = {{ premium = "payoff[ana] - payoff[hedge]" }}
"""

IN_PYTHON = """
scenario = "bipolar"
set = {{ "states.count" = 4 }}
years = 40
replicates = 2
[design]
kind = "lhs"
samples = {samples}
[uncertainties]
"power.rising.openness" = {{ low = 0.2, high = 1.0 }}
[levers]
strategy = ["hedge", "mine.py:Mine"]
[outputs]
deviator = "each"
tables = ["payoffs", "powers"]
"""

MINE = """
from ana_sim import Strategy


class Mine(Strategy):
    def comply(self, view, demand):
        return True
"""


def asked(folder, text, samples):
    """Write a sweep's file; return how many parts it has."""
    (folder / "mine.py").write_text(MINE, encoding="utf-8")
    (folder / "sweep.toml").write_text(text.format(samples=samples), encoding="utf-8")
    made = plan_sweep(folder / "sweep.toml")
    assert made.chunk == 1
    assert len(made.parts) == made.runs
    return made.runs


def uninterrupted(folder):
    """The same sweep, run to its end in this process."""
    with ThreadPoolExecutor(1) as here:
        sweep(folder / "sweep.toml", folder / "whole", executor=here, say=lambda line: None)
    return written(folder / "whole")


COMMAND = ("sweep", "sweep.toml", "--out", "out", "--quiet")


# -- kills -----------------------------------------------------------------------------------------


def killed(folder, chance, moment):
    """Run the sweep and kill it at a moment; return whether it was still running then."""
    out = folder / "out"
    before = len(parts_in(out))
    with started(*COMMAND, folder=folder) as process:
        if moment == "start":
            time.sleep(chance.uniform(0.0, 2.0))
        elif moment == "between files":  # a part has a file in each of three tables
            files = before + chance.randint(1, 7)
            wait_until(lambda: len(parts_in(out)) >= files, process)
        else:
            files = before + chance.randint(1, 4)
            wait_until(lambda: len(parts_in(out)) >= files, process)
            time.sleep(chance.uniform(0.0, 0.2))
        process.kill()
        status = outcome_of(process).status
    assert status in (0, -signal.SIGKILL)
    return status != 0


def killed_at_the_end(folder, files):
    """Run the sweep and kill it when its last part is being written."""
    with started(*COMMAND, folder=folder) as process:
        wait_until(lambda: len(parts_in(folder / "out")) >= files, process)
        process.kill()
        return outcome_of(process).status == -signal.SIGKILL


MOMENTS = ("start", "between files", "amid a part")


@pytest.mark.slow
@pytest.mark.parametrize(("kills", "samples"), [(20, 25)])
def test_kills_at_random_moments_leave_no_trace(tmp_path, kills, samples):
    out, chance = tmp_path / "out", random.Random(kills)
    parts = asked(tmp_path, COMPILED, samples)
    kept, locks, done = {}, 0, 0
    while done < kills:
        if done < kills - 1:
            done += killed(tmp_path, chance, MOMENTS[done % len(MOMENTS)])
        else:
            done += killed_at_the_end(tmp_path, 3 * parts - 1)
        locks += LOCK in unfinished(out)
        now = vouched_for(out)
        assert kept.items() <= now.items()  # none was lost, and none was run again
        kept = now
        if parts_done(out) == parts and done < kills:  # it was faster than the kills
            shutil.rmtree(out)
            kept = {}
    assert locks
    assert parts_done(out)
    ended = in_a_process(*COMMAND, folder=tmp_path)
    assert (ended.status, ended.err) == (0, "")
    assert kept.items() <= vouched_for(out).items()
    assert unfinished(out) == []
    assert len(written(out)) == 3 * parts + 2
    assert written(out) == uninterrupted(tmp_path)


# -- interruptions ---------------------------------------------------------------------------------


def stopped(folder, how, *, group=False):
    """Run the sweep and send it a signal once it has finished another part; return what came of it."""
    out = folder / "out"
    before = parts_done(out)
    with started(*COMMAND, folder=folder) as process:
        assert wait_until(lambda: parts_done(out) > before, process)
        (os.killpg if group else os.kill)(process.pid, how)  # all processes of a terminal get its Ctrl-C
        return outcome_of(process)


def assert_interrupted(outcome):
    line = "ana-sim: interrupted; what was done is kept in out: the same command goes on\n"
    assert outcome == (130, "", line)


def assert_goes_on(folder):
    """The same command finishes the sweep, and runs nothing again that was done."""
    out = folder / "out"
    kept = vouched_for(out)
    assert parts_done(out)
    ended = in_a_process(*COMMAND, folder=folder)
    assert (ended.status, ended.err) == (0, "")
    assert kept.items() <= vouched_for(out).items()
    assert unfinished(out) == []
    assert written(out) == uninterrupted(folder)


@pytest.mark.skipif(not JIT_ENABLED, reason="takes minutes without the compiler")
@pytest.mark.parametrize("how", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)])
def test_a_stopped_sweep_in_threads_goes_on(tmp_path, how):
    asked(tmp_path, COMPILED, 3)
    outcome = stopped(tmp_path, how)
    if how == signal.SIGINT:
        assert_interrupted(outcome)
        assert unfinished(tmp_path / "out") == []
    else:
        assert outcome == (-how, "", "")
    assert_goes_on(tmp_path)


@pytest.mark.slow
def test_who_insists_on_an_interruption_gets_out_without_a_traceback(tmp_path):
    asked(tmp_path, COMPILED, 10)
    with started(*COMMAND, folder=tmp_path) as process:
        assert wait_until(lambda: parts_in(tmp_path / "out"), process)
        while process.poll() is None:
            process.send_signal(signal.SIGINT)
            time.sleep(0.01)
        outcome = outcome_of(process)
    assert outcome.status in (130, -signal.SIGINT)  # of which a shell makes 130
    assert outcome.out == ""
    assert "Traceback" not in outcome.err
    assert "ana-sim: interrupted" in outcome.err


@pytest.mark.slow
@pytest.mark.parametrize("then", [(), (signal.SIGTERM, signal.SIGKILL)])
def test_a_stopped_sweep_in_processes_leaves_none_of_them_and_goes_on(tmp_path, then):
    """`outcome_of` waits for them all."""
    out = tmp_path / "out"
    asked(tmp_path, IN_PYTHON, 2 + len(then))
    assert_interrupted(stopped(tmp_path, signal.SIGINT, group=True))
    for how in then:
        kept = vouched_for(out)
        outcome = stopped(tmp_path, how)
        assert (outcome.status, outcome.out) == (-how, "")
        assert "Traceback" not in outcome.err  # Python's own word about semaphores may be there
        assert kept.items() <= vouched_for(out).items()
    assert_goes_on(tmp_path)


# -- workers that die ------------------------------------------------------------------------------


def workers_of(process):
    """The processes in which a sweep runs its chunks."""
    return [child for child in psutil.Process(process.pid).children() if "spawn_main" in " ".join(child.cmdline())]


@pytest.mark.slow
def test_a_worker_that_is_killed_is_one_line_and_the_same_command_goes_on(tmp_path):
    out = tmp_path / "out"
    asked(tmp_path, IN_PYTHON, 2)
    with started(*COMMAND, folder=tmp_path) as process:
        assert wait_until(lambda: parts_done(out), process)
        workers_of(process)[0].kill()
        outcome = outcome_of(process)
    assert (outcome.status, outcome.out) == (1, "")
    assert outcome.err.count("\n") == 1
    assert outcome.err.startswith("ana-sim: a worker died (BrokenProcessPool: ")
    assert outcome.err.endswith("; what was done is kept, and the same command goes on\n")
    assert_goes_on(tmp_path)


@pytest.mark.slow
def test_an_executor_whose_worker_is_killed_is_one_error_and_the_sweep_goes_on(tmp_path):
    out = tmp_path / "out"
    parts = asked(tmp_path, IN_PYTHON, 2)
    done = []

    def kill(runs, total):
        done.append(runs)
        if runs:
            next(iter(executor._processes.values())).kill()

    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as executor:
        with pytest.raises(SweepError, match=r"^a worker died \(Broken.*\); what was done is kept, and the same") as e:
            sweep(tmp_path / "sweep.toml", out, executor=executor, progress=kill, say=print)
        assert "\n" not in str(e.value)
    assert 0 < done[-1] < parts
    kept = vouched_for(out)
    with ThreadPoolExecutor(1) as here:
        sweep(tmp_path / "sweep.toml", out, executor=here, say=print)
    assert kept.items() <= vouched_for(out).items()
    assert unfinished(out) == []
