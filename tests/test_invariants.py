"""What must hold in any world: properties over generated scenarios with every mechanism on."""

from __future__ import annotations

import math

import numpy as np
import pytest
from generated import STATES, made, worlds
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import plain, run

from ana_sim.population import Population
from ana_sim.scenario import Scenario
from ana_sim.tally import COMPONENTS

SLACK = 1e-9


@settings(max_examples=60)
@given(worlds(), st.integers(0, 5))
def test_the_books_balance(data, replicate):
    scenario = made(data)
    model = run(scenario, replicate=replicate)
    table, names = model.record.states(), model.power_names
    numbers = table.select_dtypes("number")
    assert np.isfinite(numbers.to_numpy()).all()

    # Components sum to payoffs; the counters are their sums.
    assert table[list(COMPONENTS)].sum(axis=1).to_numpy() == pytest.approx(table["payoff"].to_numpy(), abs=1e-12)
    rows = model.tally.rows(model.counters)
    present = [Population.draw(scenario.at(year), model.luck).present for year in range(scenario.years)]
    counted = table[np.concatenate(present)]
    assert rows["n"].sum() == len(counted)
    total = (rows["payoff"] * rows["n"]).sum()
    assert total == pytest.approx(counted["payoff"].sum(), abs=1e-9)
    assert all(np.isfinite(column).all() for column in rows.values())

    # Shares as the issue's kind has them.
    kinds = {issue["name"]: issue["kind"] for issue in data["issue"]}
    shares = table[[f"share_{name}" for name in names]].to_numpy()
    assert ((shares >= 0.0) & (shares <= 1.0)).all()
    for q, issue in zip(shares, table["issue"], strict=True):
        kind = kinds.get(issue)
        if kind is None:
            assert not q.any()
        elif kind == "divisible":
            assert q.sum() <= 1.0 + SLACK
        else:
            assert set(q) <= {0.0, 1.0}
            assert kind == "compatible" or q.sum() <= 1.0
    for state in model.state_list:
        for k, issue in enumerate(data["issue"]):
            held = state.held[k]
            assert ((held >= 0.0) & (held <= 1.0)).all()
            assert issue["kind"] == "compatible" or held.sum() <= 1.0 + SLACK
            assert issue["kind"] == "divisible" or set(held) <= {0.0, 1.0}

    # Exposures, beliefs, need.
    exposure = table[[f"exposure_{name}" for name in names]].to_numpy()
    assert ((exposure >= -SLACK) & (exposure <= 1.0 + SLACK)).all()
    start = {power["name"]: power["belief_initial"] for power in data["power"]}
    for name in names:
        belief = table[f"belief_{name}"]
        assert belief.between(0.0 - SLACK, max(1.0, start[name]) + SLACK).all()
    assert (table["need"] >= 0.0).all()

    # Powers: budgets, legitimacy, shares.
    for row in model.power_rows:
        assert all(math.isfinite(value) for value in row.values() if isinstance(value, float))
        assert -SLACK <= row["spent"] <= row["budget"] + SLACK
        assert 0.0 <= row["legitimacy"] <= 1.0
        assert 0.0 <= row["share"] <= 1.0 + SLACK
        assert row["capability"] >= 0.0
        assert row["club_rent"] <= data["world"]["club_cap"] + SLACK


@given(worlds())
def test_nobody_deals_with_or_presses_whom_it_excludes(data):
    scenario = made(data)
    excluded = {
        (scenario.start + year, power.name, state)
        for year in range(scenario.years)
        for power in scenario.at(year).power
        for state in power.excluded
    }
    table = run(scenario).record.events()
    new = table["kind"].isin(["asked", "refused", "offered", "excluded", "pressed", "complied", "resisted", "forced"])
    new |= (table["kind"] == "accepted") & (table["detail"] != "stays")  # a deal struck before may stay, and end
    table = table[new]
    assert not excluded & set(zip(table["year"], table["power"], table["state"], strict=True))


@given(worlds())
def test_events_tell_one_story(data):
    model = run(made(data))
    table, deals = model.record.events(), model.record.deals()
    count = table.groupby("kind").size().to_dict()
    assert count.get("asked", 0) == count.get("offered", 0) + count.get("refused", 0)
    assert count.get("pressed", 0) == count.get("complied", 0) + count.get("resisted", 0)
    assert len(deals) == count.get("accepted", 0)
    assert table["year"].is_monotonic_increasing
    if len(deals):
        assert (deals["price"] >= 0.0).all()
    taken = table[table["kind"] == "accepted"].merge(
        table[table["kind"] == "offered"], on=["year", "state", "power", "issue"], suffixes=("", "_first")
    )
    outbid = data["world"]["posted_share"]
    clauses = set(zip(*(table[table["kind"] == "excluded"][key] for key in ("year", "state")), strict=True))
    for row in taken.itertuples():
        if (row.year, row.state) not in clauses and row.detail != "substitute":
            assert row.offer >= row.offer_first - SLACK, outbid


@given(worlds(), st.sampled_from(STATES[:3]))
def test_strategies_of_one_kind_differ_by_exactly_nothing(data, state):
    scenario = made(data)
    one, twin = (run(scenario, play={state: word}, by_state=True) for word in ("ana", "twin"))
    if data["world"]["learning"]["rate"] == 0.0:
        assert (one.counters == twin.counters).all()
    assert one.record.states()["payoff"].equals(twin.record.states()["payoff"])


@given(worlds())
def test_one_seed_makes_one_world(data):
    one, two = run(made(data)), run(made(data))
    assert one.record.states().equals(two.record.states())
    assert one.record.events().equals(two.record.events())
    assert one.power_rows == two.power_rows


@given(worlds())
def test_a_shorter_run_is_a_prefix(data):
    longer = {**data, "years": data["years"] + 2}
    short, long = run(made(data)), run(made(longer))
    table = short.record.states()
    assert long.record.states()[: len(table)].equals(table)
    assert long.power_rows[: len(short.power_rows)] == short.power_rows


ORDERED = ("shop", "hedge", "play_field", "ana", "abstain", "equidistant", "twin")
"""Strategies that are not asked in a fixed order of powers."""


@given(worlds(), st.randoms(use_true_random=False))
def test_the_order_of_the_powers_in_the_file_does_not_matter(data, random):
    mix = {name: 1.0 for name in data["strategies"]["mix"] if name in ORDERED or name.startswith("align_")}
    data = {**data, "strategies": {**data["strategies"], "mix": mix or {"ana": 1.0}}}
    powers = list(data["power"])
    random.shuffle(powers)
    here, there = run(made(data)), run(made({**data, "power": powers}))
    one, other = here.record.states(), there.record.states()
    for column in one.columns:
        if one[column].dtype.kind == "f":
            assert other[column].to_numpy() == pytest.approx(one[column].to_numpy(), abs=1e-7)
        elif not column.startswith("holds_"):
            assert (other[column] == one[column]).all()
    rows = {(row["year"], row["power"]): row for row in there.power_rows}
    for row in here.power_rows:
        same = rows[row["year"], row["power"]]
        for key in ("budget", "spent", "legitimacy", "influence", "deals", "pressings"):
            assert same[key] == pytest.approx(row[key], abs=1e-7)


def reversed_powers(**changes):
    """Bipolar with three alike third powers, in both orders, under one strategy."""
    data = plain(Scenario.load("three_powers").replace({"states.count": 6, "years": 10, **changes}))
    for key in ("interest", "stake", "acceptance"):
        for issue in data["issue"]:
            issue[key]["fourth"] = issue[key].get("third", 0.0)
    third = next(power for power in data["power"] if power["name"] == "third")
    data["power"].append({**third, "name": "fourth"})
    return made(data), made({**data, "power": data["power"][::-1]})


def payoffs_by_state(scenario, play):
    return run(scenario, play=play).record.states()["payoff"].to_numpy()


def test_random_offers_do_not_depend_on_the_order_of_the_powers():
    here, there = (payoffs_by_state(scenario, "random") for scenario in reversed_powers())
    assert here == pytest.approx(there, abs=1e-9)


def test_a_fixed_order_of_asking_does_not_depend_on_the_order_of_the_powers():
    custom = {"strategies.custom": {"walk": {"asks": "all", "order": "hegemon_first", "search": "first"}}}
    acceptance = {f"issue.{name}.acceptance.hegemon": 0.1 for name in ("trade", "loan", "infrastructure", "network")}
    acceptance |= {f"issue.{name}.acceptance.rising": 0.1 for name in ("trade", "loan", "infrastructure", "network")}
    here, there = (payoffs_by_state(scenario, "walk") for scenario in reversed_powers(**custom, **acceptance))
    assert here == pytest.approx(there, abs=1e-9)


def test_at_parity_public_goods_do_not_depend_on_the_order_of_the_powers():
    data = plain(Scenario.load("bipolar").replace({"states.count": 2, "years": 1}))
    rows = [
        {row["power"]: row["public_goods"] for row in run(made({**data, "power": powers})).power_rows}
        for powers in (data["power"], data["power"][::-1])
    ]
    assert rows[0] == rows[1]


@pytest.mark.slow
@settings(max_examples=300)
@given(worlds(), st.integers(0, 100))
def test_the_books_balance_in_many_worlds(data, replicate):
    test_the_books_balance.hypothesis.inner_test(data, replicate)
