"""compare and simulate: pairs under the same luck, whatever the number of workers."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest

from ana_sim import AnaModel, Scenario, Strategy, compare, simulate
from ana_sim.comparison import plan
from ana_sim.errors import AnaSimError
from ana_sim.simulation import run_world
from ana_sim.tally import COMPONENTS, payoff_columns

SMALL = Scenario.load("bipolar").replace({"states.count": 5, "years": 4})


def test_tables_have_the_promised_columns():
    result = simulate(SMALL, replicates=2)
    assert list(result.payoffs.columns) == [
        "point",
        "replicate",
        "seed",
        "strategy",
        *payoff_columns(("hegemon", "rising")),
    ]
    assert not result.payoffs.isna().any().any()
    assert (result.payoffs.n.groupby(result.payoffs.replicate).sum() == 5 * 4).all()
    assert list(result.powers.columns)[:4] == ["point", "replicate", "year", "power"]
    assert len(result.powers) == 2 * 4 * 2
    paired = compare(SMALL, ["align_hegemon", "ana"], replicates=2)
    assert list(paired.payoffs.columns)[:6] == ["point", "replicate", "seed", "strategy", "deviator", "state"]


def test_components_sum_to_the_payoff():
    payoffs = simulate(SMALL, replicates=3).payoffs
    np.testing.assert_allclose(payoffs.payoff, payoffs[list(COMPONENTS)].sum(axis=1), atol=1e-12)


def test_results_do_not_depend_on_workers_or_executor():
    alone = compare(SMALL, replicates=2, workers=1).payoffs
    with ThreadPoolExecutor(2) as executor:
        threads = compare(SMALL, replicates=2, executor=executor).payoffs
    pd.testing.assert_frame_equal(alone, threads, check_exact=True)


@pytest.mark.slow
def test_results_do_not_depend_on_processes():
    scenario = Scenario.load("bipolar").replace({"years": 12})
    asked = {"replicates": 2, "sample": 12, "engine": "mesa"}
    one, two = (compare(scenario, ["align_hegemon", "ana"], workers=workers, **asked).payoffs for workers in (1, 2))
    pd.testing.assert_frame_equal(one, two, check_exact=True)


def test_each_row_is_the_world_in_which_one_state_deviates():
    payoffs = compare(SMALL, ["align_hegemon", "hedge", "ana"], replicates=2).payoffs
    for row in payoffs.sample(6, random_state=1).itertuples():
        model = AnaModel(
            SMALL, rng=1, replicate=row.replicate, play={row.deviator: row.strategy}, by_state=True, collect=False
        ).run()
        i = SMALL.state_names.index(row.deviator)
        assert model.tally.rows(model.counters)["payoff"][i] == row.payoff


def test_two_names_for_one_strategy_differ_by_exactly_nothing():
    class Twin(Strategy):
        search = "stepwise"
        counter_bids = True
        splits = True

    summary = compare(SMALL, ["ana", Twin], replicates=3, baseline="ana").summary.set_index("strategy")
    assert summary.loc["Twin", "difference"] == 0.0
    assert summary.loc["Twin", "p"] == 1.0


def test_everyone_may_deviate_at_once():
    result = compare(SMALL, ["align_hegemon", "ana"], replicates=2, deviator="all")
    assert set(result.payoffs.deviator) == {"all"}
    assert len(result.payoffs) == 4
    everyone = AnaModel(SMALL, rng=1, replicate=0, play="ana", collect=False).run()
    rows = everyone.tally.rows(everyone.counters)
    ana = [strategy.name for strategy in everyone.strategies].index("ana")
    mine = result.payoffs.query("replicate == 0 and strategy == 'ana'").payoff.item()
    assert mine == pytest.approx(rows["payoff"][ana], abs=1e-12)


def test_baseline_is_always_among_the_compared():
    result = compare(SMALL, ["ana"], replicates=2)
    assert set(result.payoffs.strategy) == {"align_hegemon", "ana"}


def test_sample_is_the_same_every_time_and_grows_with_states():
    scenario = Scenario.load("bipolar").replace({"states.count": 70})
    assert len(plan(scenario).deviators) == 32
    assert plan(scenario, sample=5).deviators == plan(scenario, sample=5).deviators
    assert set(plan(scenario, sample=5).deviators) <= set(plan(scenario, sample=6).deviators)
    assert len(plan(SMALL).deviators) == 5


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"deviator": "S0009"}, "S0001|no such state"),
        ({"baseline": "anna"}, "ana"),
        ({"strategies": ["hedgee"]}, "hedge"),
        ({"strategies": ["ana", "ana"]}, "twice"),
        ({"strategies": []}, "none"),
        ({"replicates": 0}, "at least 1"),
        ({"replicates": 2.5}, "whole number"),
        ({"seed": -1}, "seed"),
        ({"workers": 0}, "workers"),
        ({"engine": "fast"}, "engine = 'fast'"),
        ({"engine": "msea"}, "did you mean 'mesa'"),
        ({"sample": 0}, "sample"),
        ({"years": 0}, "years"),
    ],
)
def test_a_wrong_request_is_refused_in_one_line(arguments, reason):
    with pytest.raises(AnaSimError, match=reason) as caught:
        compare(SMALL, **arguments)
    assert "\n" not in str(caught.value)


def test_a_run_keeps_all_that_happened():
    run = run_world(SMALL, seed=2, play={"S0001": "ana"})
    assert len(run.states) == 5 * 4
    assert set(run.states.query("state == 'S0001'").strategy) == {"ana"}
    assert len(run.powers) == 4 * 2
    assert not run.events.empty
    assert set(run.payoffs.strategy) == set(run.states.strategy)


def test_summary_explains_the_difference():
    summary = compare(SMALL, replicates=4).summary
    parts = summary[[f"d_{name}" for name in COMPONENTS]].sum(axis=1)
    np.testing.assert_allclose(parts, summary.difference, atol=1e-12)
