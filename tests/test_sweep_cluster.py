"""Sweeps on a Dask cluster of this machine: the same tables, whoever dies."""

import json
import os
import signal
import time
from threading import Thread

import pytest

from ana_sim import sweep
from ana_sim.compiled import JIT_ENABLED
from ana_sim.sweeps import runner
from ana_sim.sweeps.store import part_file

distributed = pytest.importorskip("distributed")
pytestmark = pytest.mark.skipif(not JIT_ENABLED, reason="takes minutes without the compiler")

SPEC = {
    "scenario": "bipolar",
    "years": 20,
    "replicates": 4,
    "design": {"kind": "lhs", "samples": 24},
    "uncertainties": {
        "power.rising.openness": {"low": 0.2, "high": 1.0},
        "world.posted_share": {"low": 0.1, "high": 0.9},
    },
    "levers": {"strategy": ["align_hegemon", "hedge", "ana"]},
    "outputs": {"deviator": "each", "tables": ["payoffs", "powers"]},
}


@pytest.fixture(scope="module")
def cluster():
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
    ) as started:
        yield started


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch):
    monkeypatch.setattr(runner, "SECONDS_A_CHUNK", 0.1)


def tables_of(done):
    return {name: done.dataset(name).to_table() for name in ("points", *done.tables, "failures")}


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runner, "SECONDS_A_CHUNK", 0.1)
        return tables_of(sweep(SPEC, tmp_path_factory.mktemp("reference") / "out", say=print))


@pytest.mark.slow
def test_a_cluster_gives_the_same_tables(tmp_path, cluster, reference):
    done = sweep(SPEC, tmp_path / "out", cluster=cluster.scheduler_address, say=print)
    assert tables_of(done) == reference


@pytest.mark.slow
def test_the_death_of_a_worker_leaves_no_trace(tmp_path, cluster, reference):
    out, killed = tmp_path / "out", []

    def kill():
        with distributed.Client(cluster, set_as_default=False) as client:
            pids = client.run(os.getpid)
            while not (out / part_file("payoffs", 0)).exists():
                time.sleep(0.01)
            os.kill(next(iter(pids.values())), signal.SIGKILL)
            killed.append(json.loads((out / "manifest.json").read_text(encoding="utf-8"))["state"])

    killer = Thread(target=kill)
    killer.start()
    done = sweep(SPEC, out, cluster=cluster.scheduler_address, say=print)
    killer.join()
    assert killed == ["running"]
    assert len(list((out / "payoffs").iterdir())) > 2
    assert tables_of(done) == reference
