"""What decides a measure: known indices, exact where they can be."""

import warnings

import numpy as np
import pandas as pd
import pytest
from made_sweeps import (
    ISHIGAMI,
    ISHIGAMI_S1,
    ISHIGAMI_ST,
    at,
    crossed,
    ishigami,
    latin,
    listed,
    make_sweep,
    one_at_a_time,
    ranged,
    saltelli,
    trajectories,
    with_luck,
)
from numpy.testing import assert_allclose
from pictures import assert_legible, words_of
from scipy import stats

from ana_sim.figures.labels import axis_label, factor_label
from ana_sim.figures.sensitivity import sensitivity_data
from ana_sim.sweeps.analysis.outcomes import noise_share
from ana_sim.sweeps.analysis.sensitivity import sensitivity
from ana_sim.sweeps.spec import Factor, SweepError

NUMBERS = (ranged("power.rising.openness"), ranged("world.posted_share", 0.0, 10.0))
WORDS = listed("world.network", "complete", "ring", "regions")
FACTORS = (*NUMBERS, WORDS)


def effect(points):
    """2 along the first factor, -3 along the second, and half a unit off the first word."""
    first, second = (points[own.name].to_numpy() for own in NUMBERS)
    word = (points[WORDS.name] != "complete").to_numpy() if WORDS.name in points else 0.0
    return 2.0 * first - 0.3 * second + 0.5 * word


def values(result, index, measure="y"):
    own = result.table[(result.table["index"] == index) & (result.table["measure"] == measure)]
    return own.set_index("factor")["value"].to_dict()


# -- sobol -----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def ishigami_points():
    return saltelli(ISHIGAMI, 1024, second_order=True)


@pytest.fixture(scope="module")
def known(tmp_path_factory, ishigami_points):
    options = {"base_samples": 1024, "second_order": True}
    measures = {"y": with_luck(ishigami(ishigami_points))}
    folder = tmp_path_factory.mktemp("known")
    return sensitivity(make_sweep(folder, ISHIGAMI, ishigami_points, kind="sobol", options=options, measures=measures))


def test_sobol_indices_of_the_ishigami_function(known):
    for index, right in (("S1", ISHIGAMI_S1), ("ST", ISHIGAMI_ST)):
        found = values(known, index)
        for factor, share in right.items():
            assert found[factor] == pytest.approx(share, abs=0.04), (index, factor)
    second = known.table[known.table["index"] == "S2"].set_index(["factor", "other"])["value"]
    assert second["x1", "x3"] == pytest.approx(0.2437, abs=0.06)
    assert second["x1", "x2"] == pytest.approx(0.0, abs=0.06)
    inside = known.table[known.table["index"] == "ST"]
    assert ((inside["low"] <= inside["value"]) & (inside["value"] <= inside["high"])).all()
    assert known.table["factor"].head(3).tolist() == ["x1", "x2", "x3"]
    assert known.table["points"].unique().tolist() == [8 * 1024]


def test_the_same_sweep_gives_the_same_intervals(tmp_path, ishigami_points):
    options = {"base_samples": 1024, "second_order": True}
    measures = {"y": with_luck(ishigami(ishigami_points))}
    for name in ("one", "two"):
        make_sweep(tmp_path / name, ISHIGAMI, ishigami_points, kind="sobol", options=options, measures=measures)
    from ana_sim.sweeps.reading import read_sweep

    one, two = (sensitivity(read_sweep(tmp_path / name)).table for name in ("one", "two"))
    pd.testing.assert_frame_equal(one, two, check_exact=True)


def test_a_hole_takes_its_whole_base_sample_with_it(tmp_path):
    points = saltelli(FACTORS, 64)
    options, measures = {"base_samples": 64}, {"y": with_luck(effect(points), own=0.1)}
    size = len(FACTORS) + 2
    holed = sensitivity(
        make_sweep(
            tmp_path / "holed", FACTORS, points, kind="sobol", options=options, measures=measures, gone=(7, 8, 21)
        )
    )
    left = ~np.isin(np.arange(64), [7 // size, 21 // size]).repeat(size)
    whole = points[left].assign(point=range(int(left.sum())))
    measures = {"y": measures["y"][left]}
    plain = sensitivity(
        make_sweep(tmp_path / "plain", FACTORS, whole, kind="sobol", options=options, measures=measures)
    )
    columns = ["measure", "index", "factor", "value", "low", "high", "points"]
    pd.testing.assert_frame_equal(holed.table[columns], plain.table[columns])
    assert "3 of 320 points have no value: 2 of 64 base samples are left out" in holed.notes


def test_wide_intervals_and_luck_are_said(tmp_path):
    points = saltelli(FACTORS, 16)
    measures = {"y": with_luck(effect(points), own=1.0)}
    result = sensitivity(
        make_sweep(tmp_path, FACTORS, points, kind="sobol", options={"base_samples": 16}, measures=measures)
    )
    said = " ".join(result.notes)
    assert "3 of 3 total indices have intervals wider than 0.1" in said
    assert "luck makes" in said
    assert "adds up to as much to each total index" in said
    noise = result.table["noise"].unique()
    assert noise.size == 1
    assert noise[0] == pytest.approx(noise_share(measures["y"]))


def test_a_measure_that_nothing_moves(tmp_path):
    points = saltelli(FACTORS, 16)
    measures = {"y": np.full((len(points), 3), 0.1), "z": with_luck(effect(points), 3)}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = sensitivity(
            make_sweep(tmp_path, FACTORS, points, kind="sobol", options={"base_samples": 16}, measures=measures)
        )
    assert np.isnan(list(values(result, "ST").values())).all()
    assert np.isfinite(list(values(result, "ST", "z").values())).all()
    assert any(note.startswith("y: is the same at all points") for note in result.notes)
    assert result.text
    assert_legible(result.figure())


# -- morris ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("gone", [(), (5,)])
def test_elementary_effects_of_a_plane_are_its_slopes(tmp_path, gone):
    points = trajectories(NUMBERS, 10)
    sweep = make_sweep(
        *(tmp_path, NUMBERS, points), kind="morris", measures={"y": with_luck(effect(points), common=1.0)}, gone=gone
    )
    result = sensitivity(sweep)
    first, second = (own.name for own in NUMBERS)
    assert values(result, "mu") == pytest.approx({second: -3.0, first: 2.0})
    assert values(result, "mu_star") == pytest.approx({second: 3.0, first: 2.0})
    assert values(result, "sigma") == pytest.approx({second: 0.0, first: 0.0}, abs=1e-9)
    if gone:
        assert "1 of 30 points have no value: 1 of 10 trajectories are left out" in result.notes


def test_words_have_elementary_effects_too(tmp_path):
    points = trajectories(FACTORS, 20)
    measures = {"y": with_luck(effect(points))}
    result = sensitivity(make_sweep(tmp_path, FACTORS, points, kind="morris", measures=measures))
    assert values(result, "mu_star")["power.rising.openness"] == pytest.approx(2.0)
    assert 0.0 < values(result, "mu_star")[WORDS.name] <= 1.0  # half a unit over half the list
    assert values(result, "sigma")[WORDS.name] > 0.1


@pytest.mark.parametrize("levels", [2, 4, 6])
def test_equal_effects_are_equal_whatever_the_values(tmp_path, levels):
    factors = (
        listed("flag", False, True),
        listed("three", "a", "b", "c"),
        listed("five", "a", "b", "c", "d", "e"),
        listed("uneven", 1.0, 2.0, 10.0),
        listed("endless", 4.0, np.inf),
        Factor("whole", ("whole",), low=0.0, high=2.0, whole=True),
        ranged("range", -3.0, 5.0),
    )
    points = trajectories(factors, 12, levels)
    y = 1.5 * points["whole"].to_numpy() / 2.0 + 1.5 * (points["range"].to_numpy() + 3.0) / 8.0
    for own in factors:
        if own.values:
            y = y + 1.5 * np.array([own.values.index(value) for value in points[own.name]]) / (len(own.values) - 1)
    options = {"trajectories": 12, "levels": levels}
    made = make_sweep(tmp_path, factors, points, kind="morris", options=options, measures={"y": with_luck(y)})
    result = sensitivity(made)
    equal = {own.name: 1.5 for own in factors}
    assert values(result, "mu_star") == pytest.approx(equal)
    assert values(result, "mu") == pytest.approx(equal)
    assert values(result, "sigma") == pytest.approx(dict.fromkeys(equal, 0.0), abs=1e-9)


def test_the_interval_of_effects_is_over_trajectories(tmp_path):
    points = trajectories(NUMBERS, 40)
    first, second = (points[own.name].to_numpy() for own in NUMBERS)
    measures = {"y": with_luck(first * second)}
    result = sensitivity(make_sweep(tmp_path, NUMBERS, points, kind="morris", measures=measures))
    table = result.table.set_index(["index", "factor"])
    for own in NUMBERS:  # no effect is below 0, so that sigma is the spread of mu_star too
        star = table.loc["mu_star", own.name]
        half = stats.norm.ppf(0.975) * table.loc[("sigma", own.name), "value"] / np.sqrt(40)
        assert star["high"] - star["value"] == pytest.approx(half, rel=0.1)
        assert star["value"] - star["low"] == pytest.approx(half, rel=0.1)


# -- one factor at a time --------------------------------------------------------------------------

BASE = {"power.rising.openness": 0.3, "world.posted_share": 5.0, "world.network": "ring"}


@pytest.fixture
def ofat_points():
    return one_at_a_time(FACTORS, BASE, 5)


def test_curves_pass_through_the_base_point_and_pairs_know_differences_better(tmp_path, ofat_points):
    measures = {"y": with_luck(effect(ofat_points), 10, common=1.0)}
    result = sensitivity(make_sweep(tmp_path, FACTORS, ofat_points, kind="ofat", measures=measures))
    assert values(result, "swing") == pytest.approx(
        {"world.posted_share": 3.0, "power.rising.openness": 2.0, "world.network": 0.5}
    )
    curve = result.curves[result.curves["factor"] == "power.rising.openness"]
    assert curve["at"].tolist() == [0.0, 0.25, 0.3, 0.5, 0.75, 1.0]
    assert curve["base"].tolist() == [False, False, True, False, False, False]
    assert_allclose(curve["difference"], 2.0 * (curve["at"] - 0.3), atol=1e-12)
    assert_allclose(curve["difference_high"], curve["difference_low"], atol=1e-9)
    assert (curve["high"] - curve["low"] > 0.5).all()
    t = stats.ttest_1samp(measures["y"][0], 0.0).confidence_interval()
    assert_allclose(curve.loc[curve["base"], ["low", "high"]].to_numpy()[0], t)
    posted = result.curves[result.curves["factor"] == "world.posted_share"]
    assert len(posted) == 5  # the base point's value is a level
    words = result.curves[result.curves["factor"] == "world.network"]
    assert words["level"].tolist() == ["complete", "ring", "regions"]
    assert words["base"].tolist() == [False, True, False]


def test_a_level_without_results_is_missing_and_said(tmp_path, ofat_points):
    measures = {"y": with_luck(effect(ofat_points))}
    result = sensitivity(make_sweep(tmp_path, FACTORS, ofat_points, kind="ofat", measures=measures, gone=(2,)))
    assert len(result.curves[result.curves["factor"] == "power.rising.openness"]) == 5
    assert "power.rising.openness: 1 of 6 levels have no results" in result.notes


def test_without_the_base_point_nothing_can_be_compared(tmp_path, ofat_points):
    measures = {"y": with_luck(effect(ofat_points))}
    sweep = make_sweep(tmp_path, FACTORS, ofat_points, kind="ofat", measures=measures, gone=(0,))
    with pytest.raises(SweepError, match="y: the base point has no results"):
        sensitivity(sweep)


# -- grid ------------------------------------------------------------------------------------------


def test_shares_over_a_grid_are_exact(tmp_path):
    factors = (ranged("a"), ranged("b"))
    points = crossed(factors, 2)
    both = (points["a"] * points["b"]).to_numpy()  # means of rows 0, 1/2; variance 3/16, of the means 1/16
    result = sensitivity(
        make_sweep(tmp_path, factors, points, kind="grid", measures={"y": with_luck(both, common=1.0)})
    )
    assert values(result, "S1") == pytest.approx({"a": 1 / 3, "b": 1 / 3})
    assert values(result, "ST") == pytest.approx({"a": 2 / 3, "b": 2 / 3})
    assert_allclose(result.table["low"], result.table["high"], atol=1e-9)


def test_the_grid_may_come_in_any_order_and_its_intervals_are_over_luck(tmp_path):
    points = crossed(FACTORS, 4)
    shuffled = points.sample(frac=1.0, random_state=3).assign(point=range(len(points)))
    y = with_luck(effect(shuffled), 8, own=0.3)
    result = sensitivity(make_sweep(tmp_path, FACTORS, shuffled, kind="grid", measures={"y": y}))
    variances = {
        own.name: effect(
            points.assign(**{other.name: points[other.name].iloc[0] for other in FACTORS if other is not own})
        ).var()
        for own in FACTORS
    }
    total = sum(variances.values())
    luck = noise_share(y)
    for factor, variance in variances.items():
        share = variance / total
        assert values(result, "S1")[factor] == pytest.approx(share, abs=0.02)
        assert values(result, "ST")[factor] == pytest.approx(share + luck, abs=0.03)
    widths = (result.table["high"] - result.table["low"]).to_numpy()
    assert (widths > 0.0).all()
    assert widths.max() < 0.1


def test_a_grid_with_a_hole_is_refused(tmp_path):
    points = crossed(FACTORS, 3)
    sweep = make_sweep(tmp_path, FACTORS, points, kind="grid", measures={"y": with_luck(effect(points))}, gone=(4,))
    with pytest.raises(SweepError, match="y: 1 of 27 points have no value, and a grid with holes"):
        sensitivity(sweep)


# -- given data ------------------------------------------------------------------------------------


def test_shares_from_a_latin_hypercube(tmp_path):
    factors = (*FACTORS, ranged("idle"), listed("idle_words", "a", "b", "c", "d"))
    points = latin(factors, 1000)
    measures = {"y": with_luck(effect(points), own=0.01)}
    result = sensitivity(make_sweep(tmp_path, factors, points, measures=measures))
    parts = {"power.rising.openness": 4.0 / 12.0, "world.posted_share": 9.0 / 12.0, WORDS.name: 0.25 * 2.0 / 9.0}
    found = values(result, "S1")
    for factor, variance in parts.items():
        assert found[factor] == pytest.approx(variance / sum(parts.values()), abs=0.05)
    table = result.table.set_index("factor")
    for idle in ("idle", "idle_words"):
        assert abs(found[idle]) < 0.02
        assert table.loc[idle, "low"] < 0.0 < table.loc[idle, "high"]
    assert result.table["factor"].iloc[0] == "world.posted_share"
    assert not [note for note in result.notes if "together" in note]


def test_the_correlation_ratio_of_words_is_that_of_an_analysis_of_variance(tmp_path):
    points = at((WORDS,), np.random.default_rng(2).random((200, 1)))
    y = with_luck((points[WORDS.name] == "ring").to_numpy() * 1.0, own=0.5)
    result = sensitivity(make_sweep(tmp_path, (WORDS,), points, kind="file", measures={"y": y}))
    groups = [y.mean(axis=1)[(points[WORDS.name] == word).to_numpy()] for word in WORDS.values]
    f = stats.f_oneway(*groups).statistic
    assert values(result, "S1")[WORDS.name] == pytest.approx((f - 1.0) * 2.0 / (f * 2.0 + 197.0))


def test_what_factors_do_together_is_said_to_be_left(tmp_path):
    factors = (ranged("a", -1.0, 1.0), ranged("b", -1.0, 1.0))
    points = latin(factors, 400)
    measures = {"y": with_luck((points["a"] * points["b"]).to_numpy())}
    result = sensitivity(make_sweep(tmp_path, factors, points, measures=measures))
    assert any("of the variance is left to what factors do together" in note for note in result.notes)


def test_holes_are_left_out_and_few_points_refused(tmp_path):
    points = latin(FACTORS, 60)
    measures = {"y": with_luck(effect(points))}
    result = sensitivity(make_sweep(tmp_path / "some", FACTORS, points, measures=measures, gone=(3, 4)))
    assert "2 of 60 points have no value and are left out" in result.notes
    assert result.table["points"].unique().tolist() == [58]
    sweep = make_sweep(tmp_path / "most", FACTORS, points, measures=measures, gone=tuple(range(15)))
    with pytest.raises(SweepError, match="y: 45 points have results, and shares of variance need at least 50"):
        sensitivity(sweep)


# -- all -------------------------------------------------------------------------------------------


def test_luck_shared_by_all_points_is_no_noise():
    rng = np.random.default_rng(5)
    means, shared, own = rng.normal(size=(20000, 1)), rng.normal(size=(1, 6)), rng.normal(size=(20000, 6))
    assert noise_share(means + 10.0 * shared) == pytest.approx(0.0, abs=1e-12)
    assert noise_share(means + 10.0 * shared + own) == pytest.approx((1 / 6) / (1 + 1 / 6), abs=0.005)
    assert np.isnan(noise_share(means))
    assert np.isnan(noise_share(0.1 + 0.0 * own))


def test_without_measures_the_payoffs_are_explained(tmp_path):
    points = latin(NUMBERS, 80)
    payoffs = {"ana": with_luck(effect(points)), "hedge": with_luck(-points["power.rising.openness"].to_numpy())}
    result = sensitivity(make_sweep(tmp_path, NUMBERS, points, payoffs=payoffs))
    assert dict.fromkeys(result.table["measure"]) == dict.fromkeys(["payoff[ana]", "payoff[hedge]"])
    assert values(result, "S1", "payoff[hedge]")["power.rising.openness"] > 0.9


def test_measures_may_be_chosen(tmp_path):
    points = latin(NUMBERS, 80)
    measures = {"y": with_luck(effect(points)), "z": with_luck(-effect(points))}
    sweep = make_sweep(tmp_path, NUMBERS, points, measures=measures, payoffs={"ana": with_luck(effect(points))})
    assert set(sensitivity(sweep).table["measure"]) == {"y", "z"}
    assert set(sensitivity(sweep, ["z", "payoff[ana]"]).table["measure"]) == {"z", "payoff[ana]"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("payoff[anna]", r"measure 'payoff\[anna\]': .*did you mean"),
        ("payoff[ana] -", r"measure 'payoff\[ana\] -': is no expression"),
        ("1 + 1", r"measure '1 \+ 1': '1 \+ 1' reads no table"),
    ],
)
def test_a_wrong_measure_is_named_as_it_was_typed(tmp_path, text, said):
    points = latin(NUMBERS, 60)
    sweep = make_sweep(tmp_path, NUMBERS, points, payoffs={"ana": with_luck(effect(points))})
    with pytest.raises(SweepError, match=said) as caught:
        sensitivity(sweep, [text])
    assert "outputs.measures" not in str(caught.value)


def test_a_sweep_that_varies_nothing_has_nothing_to_rank(tmp_path):
    points = pd.DataFrame({"point": [0]})
    sweep = make_sweep(tmp_path, (), points, kind="grid", payoffs={"ana": np.zeros((1, 3))})
    with pytest.raises(SweepError, match="varies nothing but the strategy"):
        sensitivity(sweep)


def test_one_replicate_says_nothing_about_luck(tmp_path):
    points = crossed(NUMBERS, 3)
    result = sensitivity(
        make_sweep(tmp_path, NUMBERS, points, kind="grid", measures={"y": with_luck(effect(points), 1)})
    )
    assert result.table[["low", "high", "noise"]].isna().all(axis=None)
    assert "one replicate a point: how much of this is luck cannot be told" in result.notes
    assert "n/a" not in result.text


# -- pictures --------------------------------------------------------------------------------------


def made(kind, factors, folder):
    points = {
        "sobol": lambda: saltelli(factors, 32),
        "morris": lambda: trajectories(factors, 8),
        "ofat": lambda: one_at_a_time(factors, {own.name: own.at(0.4) for own in factors}, 5),
        "lhs": lambda: latin(factors, 100),
    }[kind]()
    options = {"base_samples": 32} if kind == "sobol" else {}
    rng = np.random.default_rng(1)
    slopes = rng.exponential(size=len(factors))
    y = sum(slope * points[own.name].to_numpy() for slope, own in zip(slopes, factors, strict=True))
    measures = {"premium": with_luck(y, own=0.1), "payoff[ana]": with_luck(y**2, own=0.1)}
    return sensitivity(make_sweep(folder, factors, points, kind=kind, options=options, measures=measures))


PATHS = (
    "world.ask_cost",
    "power.hegemon.pressure.legitimacy_weight",
    "issue.infrastructure.acceptance.hegemon",
    "rivals",
)


@pytest.mark.parametrize("kind", ["sobol", "morris", "ofat", "lhs"])
@pytest.mark.parametrize("count", [1, 12])
def test_pictures_are_legible(tmp_path, kind, count):
    factors = tuple(ranged(f"{PATHS[i % 4]}{i // 4 or ''}") for i in range(count))
    result = made(kind, factors, tmp_path)
    fig = result.figure()
    words = words_of(fig)
    assert {"premium", "payoff[ana]"} <= set(words)
    assert_legible(fig)


def test_the_ranking_drawn_is_that_of_the_table(known):
    data = sensitivity_data(known.table, "ST")
    assert data[data["index"] == "ST"].sort_values("row")["factor"].tolist() == ["x1", "x2", "x3"]
    assert set(data["index"]) == {"S1", "ST"}
    shown = data[data["index"] == "S1"].set_index("factor")["value"].to_dict()
    assert shown == values(known, "S1")


def test_factors_in_words():
    assert factor_label("power.rising.pressure.severity") == "rising: pressure severity"
    assert factor_label("world.posted_share") == "posted share"
    assert factor_label("states.count") == "states: count"
    assert factor_label("both_powers") == "both powers"
    assert axis_label("power.rising.openness") == (
        "rising: share of capability open to deals\npower.rising.openness, share"
    )
    assert axis_label("issue.loan.acceptance.china").startswith("loan: chance that a power that is asked accepts\n")
    assert axis_label("both_powers") == "both powers"
