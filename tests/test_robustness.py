"""Regret and satisficing, worked out by hand."""

import numpy as np
import pytest
from made_sweeps import crossed, latin, make_sweep, ranged, saltelli, trajectories, with_luck
from numpy.testing import assert_allclose
from pictures import assert_legible, words_of
from scipy import stats

from ana_sim.figures.robustness import robustness_data
from ana_sim.statistics import wilson_interval
from ana_sim.sweeps.analysis.robustness import robustness
from ana_sim.sweeps.spec import SweepError

FACTORS = (ranged("power.rising.openness"), ranged("world.posted_share"))
BY_HAND = {  # payoffs in four futures
    "align_hegemon": [0.50, 0.30, 0.10, 0.20],
    "hedge": [0.40, 0.30, 0.20, 0.10],
    "ana": [0.20, 0.60, 0.50, 0.20],
}


def four(folder, replicates=4, **options):
    points = latin(FACTORS, 4)
    shared = with_luck([0.0] * 4, replicates, common=0.3)
    payoffs = {name: with_luck(values, replicates) + shared - shared.mean() for name, values in BY_HAND.items()}
    return make_sweep(folder, FACTORS, points, payoffs=payoffs, **options)


def test_by_hand(tmp_path):
    result = robustness(four(tmp_path))
    table = result.table.set_index("strategy")
    assert table.index.tolist() == ["ana", "hedge", "align_hegemon"]  # 0.3 and 0.3, then by the mean; 0.4
    by_hand = {
        "align_hegemon": (0.275, 0.10, 2, 0.40, 2, 0.175),
        "hedge": (0.25, 0.10, 3, 0.30, 1, 0.2),
        "ana": (0.375, 0.20, 0, 0.30, 0, 0.075),
    }
    columns = ["payoff", "worst", "worst_point", "max_regret", "max_regret_point", "mean_regret"]
    for name, right in by_hand.items():
        assert table.loc[name, columns].tolist() == pytest.approx(right), name
    assert table.loc["align_hegemon", "regret_90"] == pytest.approx(np.quantile([0.0, 0.3, 0.4, 0.0], 0.9))
    assert table["best"].to_dict() == pytest.approx({"align_hegemon": 0.5, "hedge": 0.0, "ana": 0.75})
    assert table["significant"].to_dict() == pytest.approx({"align_hegemon": 0.25, "hedge": 0.0, "ana": 0.5})
    assert set(table["points"]) == {4}


def test_the_usual_threshold_is_the_hegemons_ally_in_the_same_future(tmp_path):
    result = robustness(four(tmp_path))
    table = result.table.set_index("strategy")
    assert table["satisfices"].to_dict() == pytest.approx(
        {"align_hegemon": np.nan, "hedge": 0.5, "ana": 0.75}, nan_ok=True
    )
    right = stats.binomtest(3, 4).proportion_ci(method="wilson")
    assert_allclose(table.loc["ana", ["low", "high"]].astype(float), [right.low, right.high])
    assert set(table["threshold"]) == {"align_hegemon"}
    futures = result.futures.set_index(["point", "strategy"])["satisfices"]
    assert bool(futures[3, "ana"])  # a tie is good enough
    assert not futures[0, "ana"]
    assert futures.loc[(slice(None), "align_hegemon")].isna().all()


def test_other_thresholds(tmp_path):
    sweep = four(tmp_path)
    table = robustness(sweep, 0.3).table.set_index("strategy")
    assert table["satisfices"].to_dict() == pytest.approx({"align_hegemon": 0.5, "hedge": 0.5, "ana": 0.5})
    table = robustness(sweep, "hedge").table.set_index("strategy")
    assert table["satisfices"].to_dict() == pytest.approx(
        {"align_hegemon": 0.75, "hedge": np.nan, "ana": 0.75}, nan_ok=True
    )
    with pytest.raises(
        SweepError, match="at_least = 'hegde': must be a payoff or a strategy of the sweep; did you mean"
    ):
        robustness(sweep, "hegde")
    with pytest.raises(SweepError, match="must be a finite payoff"):
        robustness(sweep, float("nan"))


def test_without_the_hegemons_ally_the_first_strategy_sets_the_threshold(tmp_path):
    points = latin(FACTORS, 4)
    payoffs = {name: with_luck(BY_HAND[name]) for name in ("hedge", "ana")}
    assert robustness(make_sweep(tmp_path, FACTORS, points, payoffs=payoffs)).threshold == "hedge"


def test_points_of_a_design_that_differ_in_one_factor_are_no_independent_futures(tmp_path):
    for kind, points, options, size in (
        ("sobol", saltelli(FACTORS, 16), {"base_samples": 16}, 32.0),
        ("morris", trajectories(FACTORS, 10), {"trajectories": 10}, 10.0),
        ("grid", crossed(FACTORS, 5), {}, 25.0),
    ):
        x = points[FACTORS[0].name].to_numpy()
        payoffs = {"align_hegemon": with_luck(0.4 + 0.0 * x), "ana": with_luck(x)}
        result = robustness(make_sweep(tmp_path / kind, FACTORS, points, kind=kind, options=options, payoffs=payoffs))
        ana = result.table.set_index("strategy").loc["ana"]
        assert_allclose(ana[["low", "high"]].astype(float), wilson_interval(float(ana["satisfices"]), size))
        assert any("no random sample" in note for note in result.notes) == (kind == "grid")


def test_leads_within_luck_are_not_significant(tmp_path):
    points = latin(FACTORS, 50)
    rng = np.random.default_rng(3)
    payoffs = {name: rng.normal(0.3, 0.1, (50, 8)) for name in ("align_hegemon", "ana")}
    table = robustness(make_sweep(tmp_path, FACTORS, points, payoffs=payoffs)).table
    assert table["best"].sum() == pytest.approx(1.0)
    assert table["significant"].sum() == 0.0


def test_holes_are_left_out_and_points_keep_their_numbers(tmp_path):
    result = robustness(four(tmp_path, gone=(0,)))
    assert "1 of 4 points have no results and are left out" in result.notes
    table = result.table.set_index("strategy")
    assert table.loc["ana", "max_regret"] == 0.0
    assert table.loc["align_hegemon", "max_regret_point"] == 2
    assert set(result.futures["point"]) == {1, 2, 3}
    assert set(table["points"]) == {3}


def test_a_run_in_which_a_strategy_is_missing_counts_for_none(tmp_path):
    points = latin(FACTORS, 2)
    ana = np.array([[0.2, 0.4], [0.5, np.nan]])
    payoffs = {"align_hegemon": np.array([[0.3, 0.3], [0.2, 0.9]]), "ana": ana}
    result = robustness(make_sweep(tmp_path, FACTORS, points, payoffs=payoffs))
    futures = result.futures.set_index(["point", "strategy"])["payoff"]
    assert futures[1, "align_hegemon"] == pytest.approx(0.2)
    assert any(note.startswith("ana died out in 1 of 4 runs or nobody played it") for note in result.notes)
    assert not [note for note in result.notes if "missing" in note]


def test_a_mixed_sweep_says_what_is_not_played_and_claims_no_cause(tmp_path):
    points = latin(FACTORS, 16)
    ana, hedge = with_luck([0.6] * 16, 3), with_luck([0.2] * 16, 3)
    ana[:8] = np.nan
    ana[9, 1] = hedge[9, 2] = np.nan
    ana[10, :2] = hedge[10, 2] = np.nan
    payoffs = {"ana": ana, "hedge": hedge, "shop": with_luck([0.3] * 16, 3)}
    result = robustness(make_sweep(tmp_path, FACTORS, points, payoffs=payoffs, deviator="mixed", gone=(15,)))
    assert result.notes == (
        "in a mixed sweep different states play the strategies side by side: "
        "differences are no causal effect of the strategy",
        "1 of 16 points have no results and are left out",
        "ana is not played in 8 of 16 points, which are left out",
        "1 of 16 points have no run in which all strategies are played: left out",
        "ana died out in 1 of 18 runs or nobody played it; they are left out, which selects on the outcome",
        "hedge died out in 1 of 18 runs or nobody played it; they are left out, which selects on the outcome",
    )
    assert set(result.futures["point"]) == {8, 9, 11, 12, 13, 14}


def test_luck_that_is_taken_for_regret_is_said(tmp_path):
    points = latin(FACTORS, 500)
    rng = np.random.default_rng(4)
    alike = {name: rng.normal(0.3, 0.1, (500, 3)) for name in ("align_hegemon", "ana", "hedge")}
    result = robustness(make_sweep(tmp_path / "alike", FACTORS, points, payoffs=alike))
    assert result.table["max_regret"].min() > 0.15
    (note,) = result.notes
    assert "the largest of align_hegemon, ana, hedge: " in note
    error = float(note.split("a paired difference is ")[1].split(";")[0])
    assert error == pytest.approx(0.1 * np.sqrt(2.0 / 3.0), rel=0.15)
    assert_legible(result.figure())


def test_regret_well_beyond_luck_is_not_doubted(tmp_path):
    points = latin(FACTORS, 500)
    rng = np.random.default_rng(4)
    x = points[FACTORS[0].name].to_numpy()
    real = {"align_hegemon": x, "ana": 1.0 - x, "hedge": 0.3 + 0.0 * x}
    payoffs = {name: values[:, None] + rng.normal(0.0, 0.02, (500, 3)) for name, values in real.items()}
    assert robustness(make_sweep(tmp_path / "real", FACTORS, points, payoffs=payoffs)).notes == ()
    payoffs["twin"] = 1.0 - x[:, None] + rng.normal(0.0, 0.02, (500, 3))
    payoffs["hedge"] = 1.5 + rng.normal(0.0, 0.02, (500, 3))
    payoffs["shop"] = 1.5 + rng.normal(0.0, 0.02, (500, 3))
    (note,) = robustness(make_sweep(tmp_path / "both", FACTORS, points, payoffs=payoffs)).notes
    assert "the largest of hedge, shop: " in note


def test_luck_that_all_strategies_share_is_no_regret(tmp_path):
    points = latin(FACTORS, 50)
    shared = with_luck(np.zeros(50), 4, own=1.0)
    payoffs = {"align_hegemon": shared + 0.1, "ana": shared}
    assert robustness(make_sweep(tmp_path, FACTORS, points, payoffs=payoffs)).notes == ()


def test_one_strategy_is_refused(tmp_path):
    points = latin(FACTORS, 4)
    with pytest.raises(SweepError, match="has one strategy, ana: there is nothing to compare"):
        robustness(make_sweep(tmp_path, FACTORS, points, payoffs={"ana": with_luck(BY_HAND["ana"])}))


def test_the_figure_draws_the_table_and_is_legible(tmp_path):
    result = robustness(four(tmp_path))
    data = robustness_data(result.table, result.futures)
    assert data["strategy"].tolist() == result.table["strategy"].tolist()
    assert data["regret_10"].tolist() == pytest.approx(
        [np.quantile(regrets, 0.1) for regrets in ([0.3, 0.0, 0.0, 0.0], [0.1, 0.3, 0.3, 0.1], [0.0, 0.3, 0.4, 0.0])]
    )
    fig = result.figure()
    assert_legible(fig)
    words = words_of(fig)
    assert "active non-alignment\n(ANA)" in words
    assert "threshold: align with the hegemon" in words
    assert {"0.300", "0.400", "75%", "50%"} <= set(words)


def test_dots_at_the_ends_are_drawn_whole(tmp_path):
    points = latin(FACTORS, 40)
    payoffs = {"align_hegemon": with_luck([0.3] * 40), "ana": with_luck([0.6] * 40), "hedge": with_luck([0.1] * 40)}
    fig = robustness(make_sweep(tmp_path, FACTORS, points, payoffs=payoffs)).figure()
    shares = fig.axes[1]
    dots = [line for line in shares.lines if line.get_marker() == "o"]
    assert [line.get_xdata()[0] for line in dots] == [1.0, 0.0]
    assert not any(line.get_clip_on() for line in dots)
    assert_legible(fig)


@pytest.mark.parametrize("at_least", [None, 0.25, "mine_with_a_very_long_name_of_its_own"])
def test_pictures_of_many_strategies_are_legible(tmp_path, at_least):
    names = ("align_hegemon", "align_rising", "hedge", "play_field", "shop", "mine_with_a_very_long_name_of_its_own")
    points = latin(FACTORS, 600)
    rng = np.random.default_rng(1)
    payoffs = {name: rng.normal(0.3, 0.1, (600, 3)) for name in names}
    result = robustness(make_sweep(tmp_path, FACTORS, points, payoffs=payoffs), at_least)
    assert_legible(result.figure())
    assert len(result.futures) == 600 * len(names)
