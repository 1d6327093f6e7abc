"""Panels: the compiled engine's state-years are those that the Mesa engine records."""

import numpy as np
import pandas as pd
import pytest
from conftest import fewer

from ana_sim import Scenario, simulate
from ana_sim.kernel.note import OF_FLOW, OF_POWER, OF_STATE, OF_TIE, Notes
from ana_sim.model import AnaModel
from ana_sim.panel import Cast, watch, watch_in_turn
from ana_sim.population import strategies_in

ROUGH = {
    "states.count": fewer(10, 4),
    "years": fewer(15, 5),
    "world.insults": 4.0,
    "world.turnover": 0.5,
    "world.learning.rate": 0.2,
    "power.hegemon.pressure.force_threshold": 1.0,
    "issue.trade.stake.hegemon": 0.6,
}
WORLD = Scenario.load("bipolar").replace(ROUGH)
REAL = Scenario.load("latin_america").replace({"years": fewer(6, 2)})


@pytest.fixture(scope="module", params=[WORLD, REAL], ids=["generated", "real"])
def both(request):
    """A panel of two replicates, and the second in Mesa with all that it records."""
    return watch(request.param, range(2), 1), AnaModel(request.param, rng=1, replicate=1, collect=False, record=True)


def recorded(panel, events, kind, power, value=None):
    """Events of a kind with a power, by year and state: how many, or the sum of a value."""
    found = np.zeros(panel["need"].shape[1:])
    place = {name: i for i, name in enumerate(panel.scenario.state_names)}
    for row in events[(events["kind"] == kind) & (events["power"] == power)].itertuples():
        found[row.year - panel.scenario.start, place[row.state]] += 1.0 if value is None else getattr(row, value)
    return found


def test_panels_are_what_mesa_records(both):
    panel, model = both
    model.run()
    table, shape = model.record.states(), panel["need"].shape[1:]
    for column in (
        "need",
        "lean",
        "payoff",
        "terms",
        "affinity",
        "pressure",
        "shock",
        "pressed",
        "complied",
        "refused",
    ):
        np.testing.assert_array_equal(panel[column][1], table[column].to_numpy(float).reshape(shape), err_msg=column)
    for power in panel.columns.powers:
        for column in ("share", "exposure", "belief", "affinity"):
            there = table[f"{column}_{power}"].to_numpy(float).reshape(shape)
            np.testing.assert_array_equal(panel[column, power][1], there, err_msg=column)
    issues = np.array([*panel.columns.issues, ""])[panel["issue"][1].astype(int)]
    np.testing.assert_array_equal(issues, table["issue"].to_numpy().reshape(shape))
    names = [strategy.name for strategy in model.strategies]
    np.testing.assert_array_equal(
        np.array(names)[panel["playing"][1].astype(int)], table["strategy"].to_numpy().reshape(shape)
    )
    np.testing.assert_array_equal(held(panel), model.held.transpose(2, 1, 0))


def held(panel):
    """Shares in force at the end of the second replicate, shape (G, K, N)."""
    return np.array(
        [[panel["held", power, issue][1, -1] for issue in panel.columns.issues] for power in panel.columns.powers]
    )


def test_panels_count_the_events_that_mesa_records(both):
    panel, model = both
    model.run()
    events = model.record.events()
    seen = 0
    for power in panel.columns.powers:
        for kind in ("asked", "refused", "pressed", "complied"):
            there = recorded(panel, events, kind, power)
            np.testing.assert_array_equal(panel[kind, power][1], there, err_msg=f"{kind} {power}")
            seen += int(there.sum())
        standing = recorded(panel, events[events["detail"] == "standing deal"], "pressed", power)
        np.testing.assert_array_equal(panel["pressed_standing", power][1], standing)
        clauses = recorded(panel, events, "excluded", power, "offer")
        np.testing.assert_array_equal(panel["clause", power][1], clauses)
        due = recorded(panel, events, "expired", power)
        assert (panel["due"][1][due > 0] == 1.0).all()
    assert seen > 0


def test_prices_and_shares_are_those_of_the_deals(both):
    panel, model = both
    model.run()
    deals = model.record.deals()
    deals = deals[deals["detail"] != "substitute"]
    place = {name: i for i, name in enumerate(panel.scenario.state_names)}
    for power in panel.columns.powers:
        own = deals[deals["power"] == power]
        at = own["year"].to_numpy() - panel.scenario.start, own["state"].map(place).to_numpy(int)
        np.testing.assert_array_equal(panel["share", power][1][at], own["share"])
        np.testing.assert_array_equal(panel["price", power][1][at], own["price"])
        assert (panel["share", power][1] > 0.0).sum() == len(own)


def test_sums_of_a_panel_are_the_payoffs():
    panel, table = watch(WORLD, range(3), 1), simulate(WORLD, replicates=3, seed=1).payoffs
    names = strategies_in(WORLD)
    assert set(panel.playing.ravel()) <= set(names)
    for (name, number), own in table.groupby(["strategy", "replicate"]):
        mine = panel["playing"][number] == names.index(name)
        assert panel["payoff"][number][mine].mean() == pytest.approx(float(own["payoff"].iloc[0]), rel=1e-12)


def test_panels_do_not_depend_on_how_many_are_watched_at_once(monkeypatch):
    monkeypatch.setattr("ana_sim.panel.STATE_YEARS_AT_ONCE", 2 * WORLD.years * len(WORLD.state_names))
    parts = list(watch_in_turn(WORLD, 5, 1))
    assert [len(part.notes) for part in parts] == [2, 2, 1]
    np.testing.assert_array_equal(np.concatenate([part.notes for part in parts]), watch(WORLD, range(5), 1).notes)


def test_a_cast_plays_its_strategy_and_the_others_theirs():
    as_it_is = watch(WORLD, range(2), 1)
    who = np.zeros(as_it_is.size.shape, dtype=np.bool_)
    who[:, 0] = True
    some = watch(WORLD, range(2), 1, Cast("abstain", who))
    assert (some.playing[:, 0] == "abstain").all()
    np.testing.assert_array_equal(some.playing[:, 1:], as_it_is.playing[:, 1:])
    assert (watch(WORLD, range(2), 1, Cast("shop")).playing == "shop").all()


def test_columns_have_places_of_their_own():
    columns = Notes(("h", "r"), ("a", "b", "c"))
    names = [(name,) for name in (*OF_FLOW, *OF_STATE)]
    names += [(name, power) for power in columns.powers for name in OF_POWER]
    names += [(name, power, issue) for power in columns.powers for issue in columns.issues for name in OF_TIE]
    assert sorted(columns.place(*name) for name in names) == list(range(columns.columns))
    for wrong in (("held", "h"), ("share",), ("share", "x"), ("nothing",), ("held", "h", "x")):
        with pytest.raises(KeyError):
            columns.place(*wrong)


def test_powers_reports_are_those_of_simulate():
    panel, table = watch(WORLD, range(2), 1), simulate(WORLD, replicates=2, seed=1).powers
    for power in panel.columns.powers:
        own = table[table["power"] == power]
        for column in ("budget", "spent", "pressings"):
            there = own[column].to_numpy(float).reshape(2, -1)
            pd.testing.assert_series_equal(
                pd.Series(panel.power(column, power).ravel()), pd.Series(there.ravel()), check_exact=True
            )
