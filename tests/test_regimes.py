"""Which strategy is best where: planes whose borders are known, and luck that replicates share."""

import numpy as np
import pandas as pd
import pytest
from made_sweeps import crossed, latin, listed, make_sweep, one_at_a_time, ranged, with_luck
from numpy.testing import assert_allclose
from pictures import assert_legible, words_of
from scipy import stats

from ana_sim.figures.labels import parameter_of
from ana_sim.figures.regimes import regimes_figure
from ana_sim.sweeps.analysis.leaders import leaders
from ana_sim.sweeps.analysis.regimes import regimes
from ana_sim.sweeps.spec import Factor, SweepError

X, Y = ranged("power.rising.openness"), ranged("power.hegemon.pressure.severity", 0.0, 1.5)
SHARE = ranged("world.posted_share")


def planes(points):
    """Payoffs that are linear: ana breaks even with the hegemon where 0.3 x - 0.2 y = 0.05."""
    x, y = points[X.name].to_numpy(), points[Y.name].to_numpy()
    return {"align_hegemon": 0.35 - 0.2 * x + 0.1 * y, "hedge": 0.2 + 0.0 * x, "ana": 0.3 + 0.1 * x - 0.1 * y}


def luckily(payoffs, replicates=6, own=0.0, common=0.2):
    """Luck that strategies and points share, and some of each run's own."""
    shared = with_luck([0.0], replicates, common=common)
    return {
        name: with_luck(values, replicates, own=own, seed=i) + shared
        for i, (name, values) in enumerate(payoffs.items())
    }


@pytest.fixture(scope="module")
def plane(tmp_path_factory):
    points = crossed((X, Y), 5)
    return regimes(
        make_sweep(tmp_path_factory.mktemp("plane"), (X, Y), points, kind="grid", payoffs=luckily(planes(points)))
    )


# -- cells -----------------------------------------------------------------------------------------


def test_the_best_strategy_of_each_cell_and_its_lead(plane):
    cells = plane.cells
    assert len(cells) == 25
    pay = planes(cells.rename(columns={"x": X.name, "y": Y.name}))
    matrix = np.column_stack(list(pay.values()))
    names = np.array(list(pay))
    assert cells["best"].tolist() == names[matrix.argmax(axis=1)].tolist()
    ordered = np.sort(matrix, axis=1)
    assert_allclose(cells["lead"], ordered[:, -1] - ordered[:, -2], atol=1e-12)
    assert_allclose(cells["low"], cells["high"], atol=1e-9)  # the luck is shared, so leads are known
    assert cells["significant"].all()
    shares = plane.shares.set_index("strategy")
    assert shares["best"].sum() == pytest.approx(1.0)
    for name in names:
        assert shares.loc[name, "best"] == pytest.approx((cells["best"] == name).mean())
        assert shares.loc[name, "significant"] == shares.loc[name, "best"]


def test_cells_of_a_grid_are_its_levels(plane):
    assert sorted(plane.cells["x"].unique()) == [0.0, 0.25, 0.5, 0.75, 1.0]
    middle = plane.cells[plane.cells["x"] == 0.25].iloc[0]
    assert (middle["x_low"], middle["x_high"]) == (0.125, 0.375)
    assert plane.cells["x_low"].min() == pytest.approx(-0.125)
    assert set(plane.cells["points"]) == {1}
    assert set(plane.cells["replicates"]) == {6}
    payoffs = plane.payoffs.merge(plane.cells[["x", "y", "best"]], on=["x", "y"])
    top = payoffs.sort_values("payoff").groupby(["x", "y"]).tail(1)
    assert (top["strategy"] == top["best"]).all()


def test_points_of_a_hypercube_are_put_into_bins(tmp_path):
    points = latin((X, Y, SHARE), 400)
    result = regimes(make_sweep(tmp_path, (X, Y, SHARE), points, payoffs=luckily(planes(points))), bins=4)
    assert len(result.cells) == 16
    assert result.cells["points"].sum() == 400
    assert result.cells["x_low"].min() == 0.0
    assert result.cells["y_high"].max() == 1.5
    assert result.cells["x"].unique().tolist() == [0.125, 0.375, 0.625, 0.875]
    assert "averaged over world.posted_share" in result.subtitle
    first = result.cells.iloc[0]
    inside = points[(points[X.name] < 0.25) & (points[Y.name] < 0.375)]
    pay = pd.DataFrame(planes(inside)).mean().sort_values()
    assert first["best"] == pay.index[-1]
    assert first["lead"] == pytest.approx(pay.iloc[-1] - pay.iloc[-2])


def test_axes_may_be_chosen_and_values_are_levels(tmp_path):
    few, whole = listed("few", 0.0, 0.5, 2.0), Factor("whole", ("whole",), "uncertainty", 1.0, 20.0, True)
    points = latin((X, few, whole), 300)
    x = points[X.name].to_numpy()
    payoffs = luckily({"hedge": 0.5 + 0.0 * x, "ana": x + points["few"].to_numpy()})
    sweep = make_sweep(tmp_path, (X, few, whole), points, payoffs=payoffs)
    result = regimes(sweep, "whole", "few", bins=5)
    assert (result.x.name, result.y.name) == ("whole", "few")
    assert result.cells["y"].unique().tolist() == [0.0, 0.5, 2.0]
    assert result.cells["x_low"].unique().tolist() == [0.5, 4.5, 8.5, 12.5, 16.5]
    assert regimes(sweep, y="few").x.name == X.name
    assert regimes(sweep, "few").y.name == X.name


def test_a_file_of_points_has_levels_where_it_crosses_them_and_bins_where_not(tmp_path):
    for name, points, shape in (("bins", latin((X, Y), 100), (3, 3)), ("levels", crossed((X, Y), 5), (5, 5))):
        factors = [listed(own.name, *points[own.name].unique().tolist()) for own in (X, Y)]
        sweep = make_sweep(tmp_path / name, factors, points, kind="file", payoffs=luckily(planes(points)))
        cells = regimes(sweep, bins=3).cells
        assert (cells["x"].nunique(), cells["y"].nunique()) == shape


# -- luck ------------------------------------------------------------------------------------------


def test_replicates_are_the_sample_and_not_points(tmp_path):
    """A lead that differs by replicate and not by point is no better known for many points."""
    points = latin((X, Y), 200)
    lead = np.array([0.3, -0.1, 0.2, 0.4, 0.05])
    payoffs = {"ana": np.tile(lead, (200, 1)), "align_hegemon": np.zeros((200, 5))}
    cells = regimes(make_sweep(tmp_path, (X, Y), points, payoffs=payoffs), bins=2).cells
    right = stats.ttest_1samp(lead, 0.0)
    assert_allclose(cells[["low", "high"]], [right.confidence_interval()] * 4)
    assert_allclose(cells["p"], right.pvalue)


def test_the_best_must_beat_each_other_strategy():
    rng = np.random.default_rng(4)
    steady, wild = rng.normal(0.0, 0.01, 12), rng.normal(-0.02, 0.5, 12)
    values = np.stack([np.column_stack([0.1 + steady, np.zeros(12), wild])] * 3)
    values[1, :, 2] = -1.0
    values[2] = np.nan
    found = leaders(values)
    assert found.best.tolist() == [0, 0, -1]
    p = [stats.ttest_rel(values[0, :, 0], values[0, :, other]).pvalue for other in (1, 2)]
    assert found.p[0] == pytest.approx(max(p))
    assert p[0] < 0.05 < p[1]
    assert found.p[1] == pytest.approx(stats.ttest_rel(values[1, :, 0], values[1, :, 1]).pvalue)
    assert found.significant.tolist() == [False, True, False]
    assert np.isnan(found.lead[2])


def test_leads_are_adjusted_for_the_number_of_cells():
    rng = np.random.default_rng(8)
    values = rng.normal(0.0, 1.0, (400, 10, 2))
    found = leaders(values)
    assert_allclose(found.p_fdr, stats.false_discovery_control(found.p))
    assert 5 <= (found.p < 0.05).sum() <= 40
    assert found.significant.sum() == 0


def test_one_replicate_calls_nothing_significant(tmp_path):
    points = crossed((X, Y), 3)
    result = regimes(make_sweep(tmp_path, (X, Y), points, kind="grid", payoffs=luckily(planes(points), 1)))
    assert not result.cells["significant"].any()
    assert result.cells[["low", "high", "p", "p_fdr"]].isna().all(axis=None)
    assert any("one replicate" in note for note in result.notes)
    assert_legible(result.figure())


def test_holes_are_left_out(tmp_path):
    points = crossed((X, Y), 3)
    sweep = make_sweep(tmp_path, (X, Y), points, kind="grid", payoffs=luckily(planes(points)), gone=(4,))
    result = regimes(sweep)
    assert len(result.cells) == 8
    assert not ((result.cells["x"] == 0.5) & (result.cells["y"] == 0.75)).any()
    assert result.notes[0] == "1 of 9 points have no results and are left out"
    assert_legible(result.figure())


def test_a_mixed_sweep_claims_no_cause(tmp_path):
    points = crossed((X, Y), 4)
    payoffs = luckily(planes(points))
    name = next(iter(payoffs))
    payoffs[name] = payoffs[name].copy()
    payoffs[name][:8] = np.nan
    sweep = make_sweep(tmp_path, (X, Y), points, kind="grid", payoffs=payoffs, deviator="mixed")
    result = regimes(sweep)
    assert "no causal effect" in result.notes[0]
    assert result.notes[1] == f"{name} is not played in 8 of 16 points, which are left out"
    assert not [note for note in result.notes if "points have no results" in note]
    assert_legible(result.figure())


# -- break-even ------------------------------------------------------------------------------------


def lines(result, kind, *pair):
    own = result.break_even[(result.break_even["kind"] == kind)]
    return own[(own["strategy"] == pair[0]) & (own["other"] == pair[1])] if pair else own


def test_the_break_even_line_of_planes_is_exact(plane):
    line = lines(plane, "break_even")
    assert set(line["strategy"]) == {"ana"}
    assert set(line["other"]) == {"align_hegemon"}
    assert line["line"].nunique() == 1
    assert_allclose(0.3 * line["x"] - 0.2 * line["y"], 0.05, atol=1e-12)
    assert line["y"].min() == pytest.approx(0.0)
    assert line["x"].max() == pytest.approx(1.0)


def test_borders_end_where_a_third_strategy_takes_over(tmp_path):
    points = crossed((X, Y), 7)
    pay = planes(points) | {"hedge": np.full(len(points), 0.305)}
    result = regimes(make_sweep(tmp_path, (X, Y), points, kind="grid", payoffs=luckily(pay)))
    assert {frozenset(pair) for pair in result.break_even.groupby(["strategy", "other"]).groups} == {
        frozenset(pair) for pair in (("ana", "align_hegemon"), ("align_hegemon", "hedge"), ("hedge", "ana"))
    }
    border = lines(result, "boundary", "align_hegemon", "ana")
    assert_allclose(0.3 * border["x"] - 0.2 * border["y"], 0.05, atol=1e-12)
    assert (0.3 + 0.1 * border["x"] - 0.1 * border["y"]).min() > 0.305 - 0.001  # within an eighth of a cell
    whole = lines(result, "break_even")
    assert len(whole) > len(border)
    other = lines(result, "boundary", "hedge", "ana")
    assert_allclose(0.3 + 0.1 * other["x"] - 0.1 * other["y"], 0.305, atol=1e-12)


def test_the_best_alignment_is_whichever_pays_best_there(tmp_path):
    points = crossed((X, Y), 9)
    x = points[X.name].to_numpy()
    pay = {"align_hegemon": 0.6 - x, "align_rising": x - 0.4, "ana": 0.35 + 0.0 * x}
    result = regimes(make_sweep(tmp_path, (X, Y), points, kind="grid", payoffs=luckily(pay)))
    line = lines(result, "break_even")
    assert set(line["other"]) == {"align_*"}
    assert sorted({round(x, 9) for x in line["x"]}) == [0.25, 0.75]
    assert "ANA breaks even with the" in " ".join(words_of(result.figure()))


def test_without_ana_there_are_borders_alone(tmp_path):
    points = crossed((X, Y), 4)
    x = points[X.name].to_numpy()
    result = regimes(
        make_sweep(tmp_path, (X, Y), points, kind="grid", payoffs=luckily({"hedge": x, "shop": 0.5 - 0.0 * x}))
    )
    assert set(result.break_even["kind"]) == {"boundary"}
    assert_allclose(result.break_even["x"], 0.5)
    assert_legible(result.figure())


def test_strategies_that_always_tie_have_no_border(tmp_path):
    points = crossed((X, Y), 4)
    same = planes(points)["ana"]
    result = regimes(
        make_sweep(tmp_path, (X, Y), points, kind="grid", payoffs=luckily({"align_hegemon": same, "ana": same}))
    )
    assert result.break_even.empty
    assert not result.cells["significant"].any()
    assert result.text


# -- along one factor ------------------------------------------------------------------------------


def test_along_one_factor_the_crossing_is_exact(tmp_path):
    points = crossed((X,), 6)
    x = points[X.name].to_numpy()
    pay = {"align_hegemon": 0.4 - 0.2 * x, "hedge": 0.1 + 0.0 * x, "ana": 0.27 + 0.3 * x}
    result = regimes(make_sweep(tmp_path, (X,), points, kind="grid", payoffs=luckily(pay)))
    assert result.y is None
    line = lines(result, "break_even")
    assert line["x"].tolist() == pytest.approx([0.26])
    assert line["y"].isna().all()
    assert lines(result, "boundary", "align_hegemon", "ana")["x"].tolist() == pytest.approx([0.26])
    assert (result.cells["y_factor"] == "").all()
    fig = result.figure()
    assert any("at 0.26" in text for text in words_of(fig))
    assert_legible(fig)


def test_an_ofat_design_is_shown_along_one_factor(tmp_path):
    base = {X.name: 0.5, Y.name: 1.0}
    points = one_at_a_time((X, Y), base, 5)
    sweep = make_sweep(tmp_path, (X, Y), points, kind="ofat", payoffs=luckily(planes(points)))
    result = regimes(sweep)
    assert result.y is None
    assert result.cells["points"].tolist() == [1, 1, 2, 1, 1]  # the base point and the level of the same value
    assert "the others as in the base point" in result.subtitle
    assert lines(result, "break_even")["x"].tolist() == pytest.approx([0.25 / 0.3])
    assert regimes(sweep, Y.name).x.name == Y.name
    with pytest.raises(SweepError, match="an OFAT design varies one factor at a time"):
        regimes(sweep, X.name, Y.name)


# -- refused ---------------------------------------------------------------------------------------


def test_what_cannot_be_mapped_is_refused_in_a_line(tmp_path):
    words = listed("world.network", "ring", "complete")
    points = latin((X, Y, words), 40)
    sweep = make_sweep(tmp_path / "a", (X, Y, words), points, payoffs=luckily(planes(points)))
    for asked, reason in (
        ({"x": "power.rising.opennes"}, "did you mean 'power.rising.openness'?"),
        ({"y": "world.network"}, "y = 'world.network': is not varied in numbers"),
        ({"x": X.name, "y": X.name}, "two axes need two factors"),
        ({"bins": 1}, "bins = 1: at least 2"),
    ):
        with pytest.raises(SweepError) as error:
            regimes(sweep, **asked)
        assert reason in str(error.value)
        assert "\n" not in str(error.value)
    one = make_sweep(tmp_path / "b", (X, Y), points, payoffs={"ana": with_luck(points[X.name])})
    with pytest.raises(SweepError, match="has one strategy, ana"):
        regimes(one)
    worded = make_sweep(tmp_path / "c", (words,), points, payoffs=luckily(planes(points)))
    with pytest.raises(SweepError, match="varies no number"):
        regimes(worded)
    unkept = make_sweep(tmp_path / "d", (X,), points, measures={"y": with_luck(points[X.name])})
    with pytest.raises(SweepError, match="keeps no payoffs"):
        regimes(unkept)


# -- pictures --------------------------------------------------------------------------------------


def test_pictures_of_maps_are_legible(plane, tmp_path):
    fig = plane.figure()
    assert_legible(fig)
    words = words_of(fig)
    assert "rising: share of capability open to deals\npower.rising.openness, share" in words
    present = set(plane.cells["best"])
    assert ("hedge" in words) == ("hedge" in present)
    assert "active non-alignment (ANA)" in words


@pytest.mark.parametrize("close", [0.0, 1e-3, 1.0])
def test_curves_are_named_apart_however_close_they_end(tmp_path, close):
    points = crossed((X,), 5)
    x = points[X.name].to_numpy()
    names = (
        "align_hegemon",
        "align_rising",
        "hedge",
        "play_field",
        "ana",
        "shop",
        "mine_with_a_very_long_name_of_its_own",
    )
    pay = {name: 0.3 + 0.1 * x + close * 0.05 * i for i, name in enumerate(names)}
    result = regimes(make_sweep(tmp_path, (X,), points, kind="grid", payoffs=luckily(pay)))
    assert_legible(result.figure())


def test_the_map_draws_the_cells_that_it_is_given(plane):
    fig = regimes_figure(plane.cells, plane.payoffs, plane.shares, plane.break_even, subtitle="", notes=())
    (axes,) = fig.axes
    drawn = [path for patches in axes.collections if not patches.get_hatch() for path in patches.get_paths()]
    assert len(drawn) == len(plane.cells)
    for axis, shown in (("x", axes.get_xlim()), ("y", axes.get_ylim())):
        row = parameter_of(plane.cells[f"{axis}_factor"].iloc[0])
        low, high = plane.cells[f"{axis}_low"].min(), plane.cells[f"{axis}_high"].max()
        assert shown == (max(low, row.low), min(high, row.high)) != (low, high)  # nothing beyond what there can be
