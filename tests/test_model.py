"""The world as a Mesa model: usable from Mesa, the same to the last bit, and telling what happened."""

import gc
import inspect
import weakref

import mesa
import numpy as np
import pandas as pd
import pytest

from ana_sim import AnaModel, Scenario
from ana_sim.agents import GreatPower, Hegemon, Region, RisingPower, SmallState, ThirdPower
from ana_sim.errors import AnaSimError
from ana_sim.record import EVENT_COLUMNS, EVENTS
from ana_sim.tally import COMPONENTS

SMALL = {"states.count": 6, "years": 5}


def test_signature_is_explicit_and_positional_arguments_are_those_promised():
    parameters = inspect.signature(AnaModel.__init__).parameters
    assert list(parameters)[:4] == ["self", "scenario", "overrides", "rng"]
    assert not any(p.kind in (p.VAR_KEYWORD, p.VAR_POSITIONAL) for p in parameters.values())


def test_promised_use():
    model = AnaModel("bipolar", overrides={"years": 20}, rng=1)
    model.step()
    assert model.year == 0
    assert model.calendar_year == 2010
    assert len(model.agents) == 24 + 2
    assert len(model.states) == 24
    assert isinstance(model, mesa.Model)
    assert list(model.datacollector.get_model_vars_dataframe().year) == [2010]


def test_datacollector_has_a_row_per_state_and_year():
    model = AnaModel("bipolar", overrides=SMALL, rng=1).run()
    states = model.datacollector.get_agenttype_vars_dataframe(SmallState)
    assert len(states) == 6 * 5
    assert set(states.columns) == {"state", "strategy", "need", "payoff"}
    world = model.datacollector.get_model_vars_dataframe()
    np.testing.assert_allclose(world.payoff, states.payoff.groupby(level="Step").mean().to_numpy())


def test_batch_run_of_mesa_takes_it():
    rows = mesa.batch_run(
        AnaModel,
        parameters={"scenario": ["bipolar"], "overrides": [SMALL, SMALL | {"world.posted_share": 0.9}]},
        max_steps=5,
        data_collection_period=1,
        display_progress=False,
        number_processes=1,
    )
    table = pd.DataFrame(rows)
    assert table.payoff.notna().all()
    assert table.groupby("RunId").payoff.mean().nunique() == 2


def test_the_run_ends_with_its_years():
    model = AnaModel("bipolar", SMALL, rng=1).run()
    assert model.year == 4
    assert not model.running
    with pytest.raises(AnaSimError, match="over after its 5 years"):
        model.step()


def test_a_world_that_nobody_holds_is_forgotten():
    world = weakref.ref(AnaModel("bipolar", SMALL, rng=1).run())
    gc.collect()
    assert world() is None


def test_mesas_generator_is_not_used():
    one, other = (AnaModel("bipolar", overrides=SMALL, rng=1, collect=False) for _ in range(2))
    other.random.seed(99)
    other.random.random()
    np.testing.assert_array_equal(one.run().counters, other.run().counters)


@pytest.mark.parametrize("scenario", ["bipolar", "three_powers", "latin_america", "cold_war", "unipolar", "blank"])
def test_same_seed_same_world(scenario):
    overrides = {"years": 4}
    first = AnaModel(scenario, overrides, rng=5, collect=False).run()
    again = AnaModel(scenario, overrides, rng=5, collect=False).run()
    other = AnaModel(scenario, overrides, rng=6, collect=False).run()
    np.testing.assert_array_equal(first.counters, again.counters)
    assert first.power_rows == again.power_rows
    assert not np.array_equal(first.counters, other.counters)


def test_roles_make_the_agents():
    overrides = SMALL | {"world.bloc.coordination": 1.0}
    model = AnaModel("three_powers", overrides, rng=1)
    kinds = {type(power) for power in model.powers}
    assert {Hegemon, RisingPower, ThirdPower} <= kinds
    assert all(isinstance(power, GreatPower) for power in model.powers)
    assert issubclass(Region, GreatPower)


def test_record_tells_kinds_and_columns_as_promised():
    overrides = {"years": 15, "world.insults": 5.0, "issue.network.project.mean": 3.0}
    model = AnaModel("latin_america", overrides, rng=1, record=True, collect=False).run()
    events = model.record.events()
    assert tuple(events.columns) == EVENT_COLUMNS
    assert set(events.kind) <= set(EVENTS)
    assert {"asked", "refused", "offered", "accepted", "pressed", "expired", "turnover", "shock", "insult"} <= set(
        events.kind
    )
    states = model.record.states()
    assert len(states) == 33 * 15
    np.testing.assert_allclose(states.payoff, states[list(COMPONENTS)].sum(axis=1), atol=1e-12)
    deals = model.record.deals()
    assert (events.kind == "accepted").sum() == len(deals)
    assert deals.share.between(0, 1).all()


def test_asked_is_answered_by_an_offer_or_a_refusal():
    model = AnaModel("bipolar", {"years": 10}, rng=2, record=True, collect=False).run()
    counts = model.record.events().kind.value_counts()
    assert counts["asked"] == counts["offered"] + counts["refused"]
    assert counts["pressed"] == counts["complied"] + counts["resisted"]


def test_counters_by_state_and_by_strategy_agree():
    by_strategy = AnaModel("bipolar", SMALL, rng=4, collect=False).run()
    by_state = AnaModel("bipolar", SMALL, rng=4, by_state=True, collect=False).run()
    for place in range(len(by_strategy.strategies)):
        mine = by_state.counters[by_state.playing == place].sum(axis=0)
        np.testing.assert_allclose(by_strategy.counters[place], mine, atol=1e-12)


def test_mix_is_rotated_over_replicates():
    played = {
        AnaModel("bipolar", SMALL, rng=1, replicate=replicate).state_list[0].strategy.name for replicate in range(40)
    }
    assert played == {"align_hegemon", "align_rising", "hedge", "play_field", "ana"}


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"scenario": "bipolarr"}, "bipolar"),
        ({"overrides": {"power.rizing.openness": 1.0}}, "rising"),
        ({"overrides": {"world.posted_share": 2.0}}, "posted_share"),
        ({"play": {"S001": "ana"}}, "did you mean 'S"),
        ({"play": "anna"}, "ana"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(arguments, reason):
    with pytest.raises(AnaSimError, match=reason) as caught:
        AnaModel(**({"scenario": "bipolar"} | arguments))
    assert "\n" not in str(caught.value)


def test_a_world_in_which_nobody_takes_part_goes_its_way():
    names = [f"S{i:04d}" for i in range(1, 7)]
    overrides = SMALL | {f"power.{power}.excluded": names for power in ("hegemon", "rising")}
    overrides |= {"world.bloc.office_value": 1.0, "world.bloc.coordination": 1.0, "world.insults": 1.0}
    model = AnaModel("bipolar", overrides | {"world.learning.rate": 1.0}, rng=1, by_state=True, collect=False).run()
    assert np.isfinite(model.counters).all()
    assert model.participants == 0


def test_an_incumbent_that_bids_nothing_stays_where_nobody_else_offers():
    overrides = SMALL | {"years": 30, "issue.recognition.acceptance": {"hegemon": 1.0, "rising": 0.0}}
    overrides |= {f"issue.{name}.arrival": 0.0 for name in ("trade", "loan", "infrastructure", "network")}
    overrides |= {"issue.recognition.interest.hegemon": 0.5, "world.rationality": 10.0}
    model = AnaModel("bipolar", overrides, rng=1, record=True, collect=False)
    for _ in range(10):
        model.step()
    assert (model.held[:, 4, 0] == 1.0).any()
    held = model.held[:, 4].copy()
    model.population.excluded[:, 0] = True
    for _ in range(5):
        model.step()
    np.testing.assert_array_equal(model.held[:, 4], held)


def test_on_an_issue_for_good_only_powers_not_yet_held_are_asked():
    overrides = {"years": 25, "states.count": 4}
    model = AnaModel("bipolar", overrides, rng=3, play="shop", record=True, collect=False).run()
    events, states = model.record.events(), model.record.states().set_index(["year", "state"])
    for issue in ("trade", "infrastructure", "network"):
        for event in events.query("kind == 'asked' and issue == @issue").itertuples():
            if event.year > 2010:
                before = states.loc[(event.year - 1, event.state), f"holds_{issue}"]
                assert event.power not in before.split(";")
    loans = events.query("kind == 'asked' and issue == 'loan'")
    again = [
        event
        for event in loans.itertuples()
        if event.year > 2010 and event.power in states.loc[(event.year - 1, event.state), "holds_loan"].split(";")
    ]
    assert again


def test_time_path_changes_the_world_from_its_year_on(tmp_path):
    path = tmp_path / "closing.toml"
    path.write_text("[[change]]\npath = 'power.hegemon.openness'\nyear = 3\nvalue = 0.0\n")
    plain = AnaModel("bipolar", SMALL, rng=1, collect=False).run()
    model = AnaModel(Scenario.load(str(path)), SMALL, rng=1, collect=False).run()
    before, after = pd.DataFrame(plain.power_rows), pd.DataFrame(model.power_rows)
    early = before.year < 2013
    pd.testing.assert_frame_equal(before[early], after[early])
    late = after[~early & (after.power == "hegemon")]
    assert (late.budget == 0.0).all()
    assert (before[~early & (before.power == "hegemon")].budget > 0.0).all()
