"""The disputes of the literature: what is stated of each, the table of their curves, and the picture."""

from dataclasses import replace

import numpy as np
import pytest
from conftest import fewer
from pandas.testing import assert_frame_equal
from pictures import assert_legible, words_of
from scipy import stats

from ana_sim.compiled import JIT_ENABLED
from ana_sim.facts import disputes
from ana_sim.facts.disputes import COLUMNS, DISPUTES, DisputeError, curves, dispute_of
from ana_sim.facts.lab import Lab
from ana_sim.figures.disputes import disputes_figure
from ana_sim.figures.style import apart
from ana_sim.scenario import Scenario

pytestmark = pytest.mark.skipif(not JIT_ENABLED, reason="takes minutes without the compiler")

NAMES = ["cold_war_leverage", "dependence", "demonstration", "decline", "hedging", "steady_supplier"]


@pytest.fixture(scope="module")
def few():
    """Two points a curve."""
    patch = pytest.MonkeyPatch()
    for name, found in DISPUTES.items():
        patch.setitem(disputes.DISPUTES, name, replace(found, values=(found.values[1], found.values[-2])))
    yield DISPUTES
    patch.undo()


@pytest.fixture(scope="module")
def table(few):
    return curves(replicates=3, seed=1, workers=1)


# -- what is stated --------------------------------------------------------------------------------


def test_there_are_the_disputes_of_the_specification():
    assert list(DISPUTES) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_disputes_state_what_a_reader_needs(name):
    found = DISPUTES[name]
    assert len(found.claims) == 2
    for claim in found.claims:
        assert all(text.strip() for text in claim)
    for text in (found.title, found.parameter, found.unit, found.outcome, found.y_label, found.measure.__doc__):
        assert text.strip()
    assert list(found.values) == sorted(set(found.values))
    assert 2 <= len(found.curves) <= 4
    assert all(found.values[0] <= at <= found.values[-1] for at in found.marks)


@pytest.mark.parametrize("name", NAMES)
def test_the_parameter_is_one_of_a_scenario(name):
    path = DISPUTES[name].path
    paths = [path] if "*" not in path else ["issue.loan.stake.rising", "issue.network.stake.hegemon"]
    for own in paths:
        assert Scenario.load("bipolar").replace({own: 0.25})


def test_an_unknown_dispute_is_refused_with_the_nearest_name():
    with pytest.raises(DisputeError, match="did you mean 'hedging'"):
        dispute_of("hedgin")
    with pytest.raises(DisputeError, match="no dispute 'xyz'"):
        curves(["xyz"], replicates=2)


# -- the table -------------------------------------------------------------------------------------


def test_a_row_per_point_in_the_order_of_the_disputes(table, few):
    assert tuple(table.columns) == COLUMNS
    expected = [(name, curve, x) for name in NAMES for curve in few[name].curves for x in few[name].values]
    assert list(table[["dispute", "curve", "x"]].itertuples(index=False, name=None)) == expected
    assert (table["replicates"] == 3).all()
    assert ((table["low"] <= table["estimate"]) & (table["estimate"] <= table["high"])).all()


@pytest.mark.parametrize("name", NAMES)
def test_points_are_means_over_replicates_with_students_interval(table, few, name):
    found = few[name]
    curve, x = list(found.curves)[-1], found.values[-1]
    values = found.measure(Lab(3, 1), curve, x)
    assert values.shape == (3,)
    half = stats.t.ppf(0.975, 2) * np.std(values, ddof=1) / np.sqrt(3)
    row = table[(table["dispute"] == name) & (table["curve"] == curve) & (table["x"] == x)].iloc[0]
    numbers = row[["estimate", "low", "high"]].tolist()
    assert numbers == pytest.approx([values.mean(), values.mean() - half, values.mean() + half], abs=1e-12)


def test_names_and_workers_change_nothing(table, few):
    names = ["decline", "cold_war_leverage"]
    some = curves(names, replicates=3, seed=1, workers=3)
    assert list(some["dispute"].unique()) == names
    own = table[table["dispute"].isin(names)]
    order = ["dispute", "curve", "x"]
    assert_frame_equal(
        some.sort_values(order).reset_index(drop=True), own.sort_values(order).reset_index(drop=True), check_exact=True
    )


def test_replicates_without_the_event_are_left_out(few, monkeypatch):
    found = replace(few["decline"], measure=lambda lab, curve, x: np.array([1.0, np.nan, 3.0]))
    monkeypatch.setitem(disputes.DISPUTES, "decline", found)
    some = curves(["decline"], replicates=3, seed=1)
    assert (some["estimate"] == 2.0).all()
    assert (some["replicates"] == 2).all()


# -- what follows from the equations ---------------------------------------------------------------


def lab():
    return Lab(fewer(6, 3), 1)


def test_without_imitation_nothing_is_imitated():
    assert (DISPUTES["demonstration"].measure(lab(), "8", 0.0) == 0.0).all()


def test_where_no_loans_come_up_their_end_is_not_felt():
    assert (DISPUTES["steady_supplier"].measure(lab(), "align_rising", 0.0) == 0.0).all()


@pytest.mark.parametrize(("x", "goods"), [(0.3, 0.14), (0.7, 0.14), (0.45, 0.11)])
def test_the_larger_power_supplies_by_its_share(x, goods):
    measure = DISPUTES["decline"].measure
    assert measure(lab(), "any", x) == pytest.approx(goods)
    assert measure(lab(), "hegemon", x) == pytest.approx(goods if x < 0.5 else 0.0)


# -- the picture -----------------------------------------------------------------------------------


def test_all_disputes_on_one_page(table, few):
    fig = disputes_figure(table, few, subtitle="six disputes")
    assert len(fig.axes) == len(NAMES)
    words = " ".join(" ".join(words_of(fig)).split())
    for found in few.values():
        assert found.title in words
        assert found.y_label in words
        for label in found.curves.values():
            assert label.replace("active non-alignment", "active non-") in words
    assert_legible(fig)


def test_some_disputes_with_many_or_no_replicates_in_a_point(table, few):
    some = table[table["dispute"].isin(NAMES[:3])].copy()
    some.loc[some.index[0], ["low", "high"]] = np.nan
    fig = disputes_figure(some, few, subtitle="x", notes=["y"])
    assert len(fig.axes) == 3
    for axes in fig.axes:
        low, high = axes.get_ylim()
        assert low <= 0.0 <= high


@pytest.mark.parametrize(
    ("wanted", "places"),
    [
        ([3.0, 1.0], [3.0, 1.0]),
        ([2.1, 1.9], [2.5, 1.5]),
        ([4.4, 2.5], [4.0, 2.5]),
        ([4.4, 3.2, 1.0], [4.0, 3.0, 1.0]),  # what the first is moved by, moves the second
        ([0.1, 0.1, 0.1], [2.0, 1.0, 0.0]),
    ],
)
def test_labels_are_moved_apart_and_into_the_axes(wanted, places):
    assert apart(wanted, 1.0, 0.0, 4.0) == pytest.approx(places)
