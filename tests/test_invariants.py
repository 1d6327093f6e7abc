"""What must hold in any world: properties over generated scenarios with every mechanism on."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import loaded, plain, run, toml

from ana_sim.scenario import Scenario
from ana_sim.tally import COMPONENTS

unit = st.floats(0.0, 1.0)
POWERS = ("alpha", "beta", "gamma", "delta")
KINDS = ("compatible", "divisible", "exclusive")
INSTRUMENTS = ("loan", "infrastructure", "network", "fta", "recognition")
STATES = ("S0001", "S0002", "S0003", "S0004")
SLACK = 1e-9


def some(strategy):
    """A value, or 0 a good part of the time."""
    return st.just(0.0) | strategy


@st.composite
def pressures(draw):
    return {
        "severity": draw(some(st.floats(0.0, 1.5))),
        "cost": draw(st.sampled_from([0.0, 0.02, 0.1, math.inf])),
        "legitimacy_weight": draw(st.floats(0.0, 0.8)),
        "fatigue": draw(st.floats(0.0, 0.3)),
        "execution": draw(unit),
        "noise": draw(unit),
        "force_threshold": draw(st.sampled_from([0.3, 1.0, math.inf])),
        "success_rate": draw(unit),
    }


@st.composite
def all_powers(draw):
    """One to four powers, of all roles, some friends, some that exclude a state."""
    count = draw(st.integers(1, 4))
    names = POWERS[:count]
    roles = draw(st.permutations(["hegemon", "rising", "third", "region"]))
    powers = []
    for g, name in enumerate(names):
        others = [other for other in names if other != name]
        powers.append(
            {
                "name": name,
                "role": roles[g],
                "capability": draw(some(st.floats(0.1, 2.0))),
                "growth": draw(st.floats(-0.2, 0.2)),
                "ceiling": draw(st.sampled_from([3.0, math.inf])),
                "openness": draw(unit),
                "generosity": draw(st.floats(0.0, 2.0)),
                "inward_turn": draw(some(st.floats(0.0, 5.0))),
                "club_share": draw(unit),
                "reliability": draw(unit),
                "belief_initial": draw(st.floats(0.0, 1.3)),
                "channel": draw(unit),
                "rivalry": {other: draw(st.floats(0.0, 2.0)) for other in others if draw(st.booleans())},
                "friends": [other for other in others if draw(st.integers(0, 3)) == 0],
                "excluded": [state for state in STATES[:3] if draw(st.integers(0, 4)) == 0],
                "pressure": draw(pressures()),
            }
        )
    return powers


@st.composite
def all_issues(draw, names):
    issues = []
    for k in range(draw(st.integers(1, 4))):
        issues.append(
            {
                "name": f"issue{k}",
                "kind": draw(st.sampled_from(KINDS)),
                "instrument": draw(st.sampled_from(INSTRUMENTS)),
                "arrival": draw(some(st.floats(0.1, 1.0))),
                "need": draw(st.floats(0.0, 2.0)),
                "term": draw(st.integers(0, 3)),
                "strategic": draw(st.floats(0.0, 3.0)),
                "project": {"sigma": draw(unit)},
                "interest": {name: draw(some(unit)) for name in names if draw(st.integers(0, 4))},
                "stake": {name: draw(some(unit)) for name in names},
                "acceptance": {name: draw(unit) for name in names},
            }
        )
    return issues


@st.composite
def mixes(draw, names):
    words = ["shop", "hedge", "play_field", "ana", "abstain", "equidistant", "random", "twin", "first", "loyal"]
    words += [f"align_{name}" for name in names]
    chosen = draw(st.lists(st.sampled_from(words), min_size=1, max_size=5, unique=True))
    return dict.fromkeys(chosen, 1.0)


@st.composite
def all_changes(draw, names):
    paths = ["world.posted_share", "world.turnover", "world.outside_floor", f"power.{names[0]}.openness"]
    paths += [f"power.{names[-1]}.reliability", "issue.issue0.acceptance." + names[0], "world.bloc.coordination"]
    chosen = draw(st.lists(st.sampled_from(paths), max_size=3, unique=True))
    return [{"path": path, "year": draw(st.integers(0, 4)), "value": draw(unit)} for path in chosen]


@st.composite
def worlds(draw):
    """Plain data of a small scenario: anything may be on."""
    powers = draw(all_powers())
    names = [power["name"] for power in powers]
    issues = draw(all_issues(names))
    numbers = [issue["name"] for issue in issues]
    links = []
    if len(numbers) > 1 and draw(st.booleans()):
        links = [{"from": numbers[0], "to": numbers[1], "weight": draw(st.floats(-1.0, 1.0))}]
    return {
        "name": "generated",
        "base": "blank",
        "years": draw(st.integers(1, 6)),
        "world": {
            "posted_share": draw(unit),
            "outside_floor": draw(some(unit)),
            "valuation_spread": draw(unit),
            "rationality": draw(st.sampled_from([0.0, 5.0, math.inf, math.inf])),
            "linkage": draw(st.booleans()),
            "memory_years": draw(st.integers(0, 3)),
            "clause_term": draw(st.integers(0, 3)),
            "ask_cost": draw(st.floats(0.0, 0.04)),
            "bid_cost": draw(st.floats(0.0, 0.05)),
            "split_cost": draw(st.floats(0.0, 0.01)),
            "abandonment": draw(st.floats(0.0, 1.5)),
            "duplication": draw(st.floats(0.0, 0.03)),
            "club_cap": draw(st.floats(0.0, 0.2)),
            "size_pull": draw(st.floats(0.0, 2.0)),
            "exposure_gain": draw(unit),
            "exposure_loss": draw(unit),
            "belief_rate": draw(unit),
            "belief_social": draw(unit),
            "delivery_correlation": draw(unit),
            "turnover": draw(unit),
            "insults": draw(some(st.floats(0.0, 5.0))),
            "network": draw(st.sampled_from(["complete", "ring", "regions"])),
            "demonstration": {"rate": draw(some(unit)), "lag": draw(st.integers(0, 2)), "trigger": draw(unit)},
            "public_goods": {"scale": draw(unit), "status": draw(st.floats(0.0, 3.0))},
            "shocks": {"own": draw(unit), "common": draw(unit), "size": draw(unit)},
            "bloc": {
                "members": draw(st.just("all") | st.lists(st.sampled_from(STATES[:3]), max_size=3, unique=True)),
                "quorum": draw(unit),
                "coordination": draw(some(unit)),
                "captured": draw(unit),
                "office_value": draw(some(st.floats(0.0, 2.0))),
                "vote_price": draw(unit),
            },
            "learning": {"rate": draw(some(unit)), "mutation": draw(unit)},
        },
        "states": {
            "count": draw(st.integers(3, 4)),
            "size_sigma": draw(st.floats(0.0, 2.0)),
            "need": {"mean": draw(st.floats(0.0, 2.0)), "innovation": draw(st.floats(0.0, 0.5))},
            "strategic": {"low": 0.0, "high": draw(st.floats(0.0, 3.0))},
            "exposure": {name: {"low": 0.0, "high": draw(unit)} for name in names},
            "ideology": {"sigma": draw(st.floats(0.0, 0.3))},
            "diplomatic_capacity": {"low": 0.1, "high": 1.0},
            "risk_aversion": draw(st.floats(0.0, 8.0)),
        },
        "strategies": {
            "mix": draw(mixes(names)),
            "custom": {
                "twin": {"asks": "all", "search": "stepwise", "counter_bids": True, "splits": True},
                "first": {"asks": "all", "search": "first", "counter_bids": True, "splits": True},
                "loyal": {"asks": "patron_first", "patron": names[0], "search": "first", "declares": True},
            },
        },
        "power": powers,
        "issue": issues,
        "link": links,
        "change": draw(all_changes(names)),
    }


def made(data):
    return loaded(toml(data))


@settings(max_examples=60)
@given(worlds(), st.integers(0, 5))
def test_the_books_balance(data, replicate):
    model = run(made(data), replicate=replicate)
    table, names = model.record.states(), model.power_names
    numbers = table.select_dtypes("number")
    assert np.isfinite(numbers.to_numpy()).all()

    # Components sum to payoffs; the counters are their sums.
    assert table[list(COMPONENTS)].sum(axis=1).to_numpy() == pytest.approx(table["payoff"].to_numpy(), abs=1e-12)
    rows = model.tally.rows(model.counters)
    counted = table[table["state"].isin(np.array(model.population.names)[model.population.present])]
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
    excluded = {(power["name"], state) for power in data["power"] for state in power["excluded"]}
    table = run(made(data)).record.events()
    table = table[table["kind"] != "insult"]  # an insult is no dealing
    assert not excluded & set(zip(table["power"], table["state"], strict=True))


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
