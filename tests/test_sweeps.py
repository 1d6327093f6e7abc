"""Sweeps run: every row is that of the world run alone, whoever runs it and in whatever order."""

import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import numpy as np
import pandas as pd
import pytest
from conftest import fewer, first_fast

from ana_sim import Scenario, compare, read_sweep, simulate, sweep
from ana_sim.errors import AnaSimError
from ana_sim.sweeps import runner, worker
from ana_sim.sweeps.runner import plan_sweep
from ana_sim.sweeps.store import merge

SMALL = Scenario.load("bipolar").replace({"states.count": fewer(6, 3), "years": fewer(8, 4)})
STRATEGIES = ["align_hegemon", "hedge", "ana"]
OPENNESS = "power.rising.openness"
PREMIUM = "payoff[ana] - payoff[align_hegemon]"


def asked(**changes):
    """A small sweep as a mapping; outputs are given by their own names."""
    outputs = {
        key: changes.pop(key)
        for key in ("deviator", "sample", "by_state", "tables", "measures", "from_year")
        if key in changes
    }
    spec = {
        "scenario": SMALL,
        "replicates": 3,
        "seed": 5,
        "design": {"kind": "grid", "levels": 3},
        "uncertainties": {OPENNESS: {"low": 0.2, "high": 1.0}},
        "levers": {"strategy": STRATEGIES},
        "outputs": {"deviator": "each", **outputs},
    }
    return spec | changes


def tables_of(done):
    """All tables of a sweep by name."""
    return {name: done.dataset(name).to_table().to_pandas() for name in (*done.tables, "failures")}


def assert_same_tables(one, other):
    """Two sweeps hold the same tables, to the last bit and in the same order."""
    here, there = tables_of(one), tables_of(other)
    assert list(here) == list(there)
    for name in here:
        pd.testing.assert_frame_equal(here[name], there[name], check_exact=True)


# -- rows --


def test_a_mixed_sweep_has_the_rows_of_simulate(tmp_path):
    done = sweep(asked(deviator="mixed", levers={}, tables=["payoffs", "powers"]), tmp_path / "out")
    for point, openness in enumerate(done.points[OPENNESS]):
        alone = simulate(SMALL.replace({OPENNESS: openness}), replicates=3, seed=5)
        for name in ("payoffs", "powers"):
            table = getattr(done, name)
            own = table[table["point"] == point].reset_index(drop=True)
            pd.testing.assert_frame_equal(own, getattr(alone, name).assign(point=point), check_exact=True)


def test_a_sweep_by_state_has_the_rows_of_compare(tmp_path):
    done = sweep(asked(by_state=True), tmp_path / "out")
    alone = compare(SMALL.replace({OPENNESS: done.points[OPENNESS][1]}), STRATEGIES, replicates=3, seed=5).payoffs
    own = done.payoffs[done.payoffs["point"] == 1].reset_index(drop=True)
    pd.testing.assert_frame_equal(own, alone.assign(point=1), check_exact=True)


@pytest.mark.parametrize("deviator", ["all", "S0003"])
def test_other_deviators_are_those_of_compare(tmp_path, deviator):
    done = sweep(asked(deviator=deviator, by_state=True), tmp_path / "out")
    alone = compare(SMALL.replace({OPENNESS: 0.2}), STRATEGIES, replicates=3, seed=5, deviator=deviator).payoffs
    own = done.payoffs[done.payoffs["point"] == 0].reset_index(drop=True)
    pd.testing.assert_frame_equal(own, alone.assign(point=0), check_exact=True)


def test_one_state_after_another_deviates_in_turn(tmp_path):
    states = len(SMALL.state_names)
    done = sweep(asked(deviator="rotate", by_state=True, replicates=states + 2), tmp_path / "out").payoffs
    turns = done.groupby("replicate")["deviator"].unique()
    assert all(len(who) == 1 for who in turns)
    who = [one for (one,) in turns]
    assert sorted(who[:states]) == sorted(SMALL.state_names)
    assert who[:states] != list(SMALL.state_names)
    assert who[states:] == who[:2]
    each = compare(SMALL.replace({OPENNESS: 1.0}), STRATEGIES, replicates=states + 2, seed=5).payoffs
    keys = ["replicate", "deviator", "strategy"]
    both = done[done["point"] == 2].merge(each, on=keys, suffixes=("", "_alone"))
    assert len(both) == (states + 2) * len(STRATEGIES)
    assert (both["payoff"] == both["payoff_alone"]).all()


def test_a_row_is_the_mean_over_deviating_states(tmp_path):
    mean = sweep(asked(), tmp_path / "mean").payoffs
    each = sweep(asked(by_state=True), tmp_path / "each").payoffs
    columns = ["payoff", "terms", "asks", "pressure", "regret", "pressed", "share_rising", "concentration", "risk"]
    expected = each.groupby(["point", "replicate", "strategy"], sort=False)[columns].mean().reset_index()
    np.testing.assert_allclose(mean[columns], expected[columns], atol=1e-12)
    assert (mean["n"] == len(SMALL.state_names) * SMALL.years).all()


def test_strategies_meet_the_same_luck_and_the_same_states_in_every_point(tmp_path):
    # A factor without any effect leaves every number as it is: no draw depends on the point.
    spec = asked(uncertainties={"world.bloc.vote_price": {"values": [0.0, 0.1, 0.2]}})
    payoffs = sweep(spec, tmp_path / "out").payoffs
    points = [own.drop(columns="point").reset_index(drop=True) for _, own in payoffs.groupby("point")]
    for other in points[1:]:
        pd.testing.assert_frame_equal(points[0], other, check_exact=True)


def test_factors_that_change_who_the_states_are(tmp_path):
    spec = asked(
        uncertainties={
            "states.count": {"values": [3, 6]},
            "states.size_sigma": {"values": [0.0, 1.0]},
            "years": {"values": [3, 4]},
        },
        deviator="mixed",
        levers={},
        tables=["payoffs", "powers"],
    )
    done = sweep(spec, tmp_path / "out")
    for point in done.points.to_dict("records"):
        number = point.pop("point")
        alone = simulate(SMALL.replace(point), replicates=3, seed=5)
        own = done.payoffs[done.payoffs["point"] == number].reset_index(drop=True)
        pd.testing.assert_frame_equal(own, alone.payoffs.assign(point=number), check_exact=True)


def test_measures_are_what_their_text_says(tmp_path):
    texts = {"premium": PREMIUM, "lead": "influence[hegemon] - influence[rising]", "share": "share_rising[ana]"}
    done = sweep(asked(measures=texts, tables=["payoffs", "powers"], from_year=1), tmp_path / "out")
    wide = done.payoffs.pivot(index=["point", "replicate"], columns="strategy", values=["payoff", "share_rising"])
    means = done.powers.groupby(["point", "replicate", "power"])["influence"].mean().unstack()
    kept = done.measures.set_index(["point", "replicate"])
    np.testing.assert_array_equal(kept["premium"], wide["payoff"]["ana"] - wide["payoff"]["align_hegemon"])
    np.testing.assert_array_equal(kept["share"], wide["share_rising"]["ana"])
    np.testing.assert_allclose(kept["lead"], means["hegemon"] - means["rising"], atol=1e-12)
    assert (done.measure(PREMIUM)["value"].to_numpy() == kept["premium"].to_numpy()).all()


def test_rows_by_state_do_not_give_what_is_no_sum(tmp_path):
    done = sweep(asked(by_state=True, measures={"spread": "issue_spread[ana]"}), tmp_path / "out")
    assert len(done.measures) == 9
    assert len(done.measure("payoff[ana] - payoff[hedge]")) == 9
    with pytest.raises(AnaSimError, match="leverage is of all state-years together"):
        done.measure("leverage[ana]")


def test_large_worlds_make_small_chunks():
    spec = asked(deviator="mixed", levers={}, uncertainties={"states.count": {"low": 6, "high": 600}})
    assert plan_sweep(spec).chunk * 50 < plan_sweep(asked(deviator="mixed", levers={})).chunk


def test_a_measure_that_is_no_number_is_missing(tmp_path):
    done = sweep(asked(measures={"odd": "payoff[ana] / (payoff[ana] - payoff[ana])"}), tmp_path / "out")
    assert done.measures["odd"].isna().all()
    assert done.failures.empty


def test_years_count_from_the_year_that_is_asked_for(tmp_path):
    first = SMALL.start + 2
    done = sweep(asked(deviator="mixed", levers={}, tables=["payoffs", "powers"], from_year=first), tmp_path / "out")
    assert done.powers["year"].min() == first
    per_run = done.payoffs.groupby(["point", "replicate"])["n"].sum()
    assert (per_run == (SMALL.years - 2) * len(SMALL.state_names)).all()
    as_step = sweep(asked(deviator="mixed", levers={}, tables=["payoffs", "powers"], from_year=2), tmp_path / "step")
    assert_same_tables(done, as_step)


# -- the same whoever runs it --


@pytest.fixture(autouse=True)
def fresh_bench():
    """Nothing that an earlier sweep kept is used again."""
    worker._bench.cache_clear()


@pytest.mark.parametrize("deviator", first_fast("each", "all", "rotate", "mixed", "S0002"))
def test_both_engines_give_the_same_tables(tmp_path, deviator):
    spec = asked(
        scenario=SMALL.replace({"states.count": 3}),
        deviator=deviator,
        replicates=2,
        design={"kind": "lhs", "samples": 2},
        measures={"spread": "spent[hegemon] - spent[rising]"},
        tables=["payoffs", "powers"],
        from_year=1,
    )
    assert_same_tables(
        sweep(spec, tmp_path / "compiled"), sweep({**spec, "engine": "mesa"}, tmp_path / "mesa", workers=1)
    )


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    """A sweep with all tables, as it comes."""
    return sweep(whole(), tmp_path_factory.mktemp("reference") / "out")


def whole():
    return asked(
        design={"kind": "lhs", "samples": 7},
        deviator="rotate",
        tables=["payoffs", "powers"],
        measures={"premium": PREMIUM},
    )


@pytest.mark.parametrize("workers", [1, 3])
def test_results_do_not_depend_on_workers(tmp_path, reference, workers):
    assert_same_tables(reference, sweep(whole(), tmp_path / "out", workers=workers))


@pytest.mark.parametrize("seconds", [1e-9, 0.004, 10.0])
def test_results_do_not_depend_on_how_runs_are_cut(tmp_path, reference, seconds, monkeypatch):
    monkeypatch.setattr(runner, "SECONDS_A_CHUNK", seconds)
    assert_same_tables(reference, sweep(whole(), tmp_path / "out"))


def test_results_do_not_depend_on_the_executor(tmp_path, reference, monkeypatch):
    monkeypatch.setattr(runner, "SECONDS_A_CHUNK", 0.01)
    with ThreadPoolExecutor(2) as threads, ProcessPoolExecutor(2, mp_context=get_context("spawn")) as processes:
        for place, executor in enumerate((threads, processes)):
            assert_same_tables(reference, sweep(whole(), tmp_path / str(place), executor=executor))


class Late(ThreadPoolExecutor):
    """An executor that is done with some chunks later than with the next ones."""

    def submit(self, work, /, chunk):
        def late():
            time.sleep(0.02 * (chunk.runs.start * 7 % 5))
            return work(chunk)

        return super().submit(late)


def test_results_do_not_depend_on_the_order_in_which_chunks_come(tmp_path, reference, monkeypatch):
    monkeypatch.setattr(runner, "SECONDS_A_CHUNK", 1e-9)

    with Late(4) as executor:
        assert_same_tables(reference, sweep(whole(), tmp_path / "out", executor=executor))


def test_shards_put_together_are_the_sweep(tmp_path, reference, monkeypatch):
    monkeypatch.setattr(runner, "SECONDS_A_CHUNK", 1e-9)
    for number in (1, 2, 3):
        sweep(whole(), tmp_path / str(number), shard=(number, 3))
    folders = [tmp_path / str(number) for number in (3, 1, 2)]
    merge(folders, tmp_path / "out", force=False, say=print)
    assert_same_tables(reference, read_sweep(tmp_path / "out"))


def test_a_sweep_that_is_there_is_not_run_again(tmp_path):
    here = tmp_path / "out"
    sweep(asked(), here)
    before = {file: file.stat().st_mtime_ns for file in here.rglob("*.parquet")}
    seen = []
    sweep(asked(), here, progress=lambda done, total: seen.append((done, total)))
    assert seen == []
    assert before == {file: file.stat().st_mtime_ns for file in here.rglob("*.parquet")}


def test_what_is_missing_is_run_and_nothing_else(tmp_path, reference, monkeypatch):
    monkeypatch.setattr(runner, "SECONDS_A_CHUNK", 1e-9)
    here = tmp_path / "out"
    sweep(whole(), here)
    parts = sorted((here / "payoffs").iterdir())
    parts[2].write_bytes(b"damaged")
    parts[5].unlink()
    kept = {part: part.stat().st_mtime_ns for part in parts if part not in (parts[2], parts[5])}
    said = []
    done = sweep(whole(), here, say=said.append)
    assert_same_tables(reference, done)
    assert len([line for line in said if parts[2].name in line or parts[5].name in line]) == 2
    assert kept == {part: part.stat().st_mtime_ns for part in kept}


# -- what fails --


def test_a_point_that_is_no_world_is_recorded_and_the_rest_is_run(tmp_path):
    wide = SMALL.replace({"states.exposure.hegemon": {"low": 0.2, "high": 0.8}})
    ends = {"low": {"values": [0.1, 0.7]}, "high": {"values": [0.3, 0.9]}}
    spec = asked(
        scenario=wide,
        uncertainties={f"states.exposure.hegemon.{end}": values for end, values in ends.items()},
        tables=["payoffs", "powers"],
        measures={"premium": PREMIUM},
    )
    done = sweep(spec, tmp_path / "out")
    failures = done.failures
    assert failures["stage"].tolist() == ["scenario"] * 3
    assert failures[["point", "replicate", "seed"]].values.tolist() == [[2, number, 5] for number in range(3)]
    assert failures["reason"].str.contains("low must not be above high").all()
    for table in (done.payoffs, done.powers, done.measures):
        assert sorted(table["point"].unique()) == [0, 1, 3]


@pytest.mark.slow
def test_a_strategy_that_breaks_is_recorded_and_the_rest_is_run(tmp_path):
    text = """
from ana_sim import Strategy


class Brittle(Strategy):
    def comply(self, view, demand):
        if view.state == "S0002" and view.year > 2011:
            raise ValueError("no\\n idea")
        return True
"""
    (tmp_path / "mine.py").write_text(text, encoding="utf-8")
    spec = asked(
        levers={"strategy": ["ana", f"{tmp_path / 'mine.py'}:Brittle"]},
        deviator="each",
        uncertainties={"power.hegemon.pressure.severity": {"values": [0.0, 1.5]}},
        replicates=4,
    )
    said = []
    done = sweep(spec, tmp_path / "out", workers=1, say=said.append)
    assert "Brittle: decides in Python" in said[0]
    assert len(done.failures)
    assert set(done.failures["stage"]) == {"run"}
    assert done.failures["reason"].str.contains("Brittle").all()
    assert not done.failures["reason"].str.contains("\n").any()
    ran = set(zip(done.payoffs["point"], done.payoffs["replicate"], strict=True))
    failed = set(zip(done.failures["point"], done.failures["replicate"], strict=True))
    assert not ran & failed
    assert len(ran) + len(failed) == 8


def test_a_strategy_that_ends_the_program_ends_its_run_alone(tmp_path):
    text = """
from ana_sim import Strategy


class Quitter(Strategy):
    def choose(self, view, offers):
        raise SystemExit(0)
"""
    (tmp_path / "mine.py").write_text(text, encoding="utf-8")
    spec = asked(levers={"strategy": ["ana", f"{tmp_path / 'mine.py'}:Quitter"]}, deviator="S0001")
    done = sweep(spec, tmp_path / "out", workers=1, say=print)
    assert (done.failures["stage"] == "run").all()
    assert len(done.failures) == 9


def test_the_engine_that_is_asked_for_runs_the_sweep(tmp_path, monkeypatch):
    sweep(asked(deviator="mixed", levers={}), tmp_path / "compiled")
    called = []
    real = worker.mesa_arms.undisturbed
    monkeypatch.setattr(worker.mesa_arms, "undisturbed", lambda *given: called.append(given) or real(*given))
    with ThreadPoolExecutor(1) as executor:
        spec = {**asked(deviator="mixed", levers={}), "engine": "mesa"}
        assert sweep(spec, tmp_path / "mesa", executor=executor).manifest["engine"] == "mesa"
    assert len(called) == 9


def test_blocks_of_replicates_and_many_casts_leave_no_trace(tmp_path):
    # More replicates than are kept together, more ways to draw the states than are known apart.
    small = SMALL.replace({"states.count": 3, "years": 3})
    many = fewer(70, 5)
    spec = asked(
        scenario=small,
        replicates=many,
        deviator="mixed",
        levers={},
        design={"kind": "lhs", "samples": 12},
        uncertainties={"states.size_sigma": {"low": 0.0, "high": 1.5}},
    )
    done = sweep(spec, tmp_path / "out")
    for point, sigma in enumerate(done.points["states.size_sigma"]):
        alone = simulate(small.replace({"states.size_sigma": sigma}), replicates=many, seed=5)
        own = done.payoffs[done.payoffs["point"] == point].reset_index(drop=True)
        pd.testing.assert_frame_equal(own, alone.payoffs.assign(point=point), check_exact=True)


def test_what_is_wrong_is_said_before_anything_is_written(tmp_path):
    for changes, message in (
        ({"measures": {"premium": "payoff[anna] - 1"}}, "anna"),
        ({"levers": {"strategy": ["ana", "hedgehog"]}}, "hedge"),
        ({"uncertainties": {"power.rising.opennes": {"low": 0.0, "high": 1.0}}}, "power.rising.openness"),
        ({"uncertainties": {OPENNESS: {"low": 0.0, "high": 1.5}}}, "must be at least 0 and at most 1"),
        ({"design": {"kind": "gird"}}, "grid"),
        ({"deviator": "S0009"}, "S0009"),
        ({"from_year": 99}, "from_year"),
        ({"tables": ["payoff"]}, "payoffs"),
    ):
        with pytest.raises(AnaSimError, match=message):
            sweep(asked(**changes), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_plan_counts_before_anything_runs():
    made = plan_sweep(asked(design={"kind": "lhs", "samples": 11}))
    assert made.runs == 33
    assert made.worlds == 33 * len(SMALL.state_names) * len(STRATEGIES)
    assert [run for part in made.parts for run in part] == list(range(33))
    values = [value for part in range(len(made.parts)) for chunk in made.chunks(part) for value in chunk.values]
    assert len({value for (value,) in values}) == 11
