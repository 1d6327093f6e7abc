"""Parameters: each stated once, and validated as stated."""

import math

import pytest

from ana_sim.errors import ScenarioError, nearest
from ana_sim.parameters import (
    Change,
    Dials,
    Issue,
    Link,
    Power,
    Range,
    States,
    Strategies,
    World,
    parameter_table,
    plain,
    validate,
)

TABLE = {row.path: row for row in parameter_table()}

# The ranges that INTERFACES.md freezes for the no-foregone-conclusion test.
FROZEN = {
    "world.posted_share": (0.1, 0.9),
    "world.valuation_spread": (0.5, 1.0),
    "world.ask_cost": (0.0, 0.04),
    "world.bid_cost": (0.0, 0.05),
    "world.split_cost": (0.0, 0.01),
    "world.abandonment": (0.0, 1.5),
    "world.duplication": (0.0, 0.03),
    "world.club_cap": (0.0, 0.2),
    "world.delivery_correlation": (0.0, 0.5),
    "power.NAME.capability": (0.3, 1.5),
    "power.NAME.openness": (0.2, 1.0),
    "power.NAME.inward_turn": (0.0, 1.0),
    "power.NAME.club_share": (0.0, 0.4),
    "power.NAME.reliability": (0.7, 1.0),
    "power.NAME.pressure.severity": (0.0, 1.5),
    "power.NAME.pressure.cost": (0.0, 0.2),
    "power.NAME.pressure.legitimacy_weight": (0.0, 0.8),
    "states.ideology.sigma": (0.0, 0.3),
    "states.risk_aversion": (0.0, 8.0),
}


def test_the_frozen_ranges_are_those_of_the_interface_and_no_others():
    stated = {row.path: (row.test_low, row.test_high) for row in TABLE.values() if row.test_low is not None}
    assert stated == FROZEN


def test_every_parameter_says_what_it_is_and_who_says_so():
    assert len(TABLE) == len(parameter_table()) > 100
    for row in TABLE.values():
        assert row.meaning, row.path
        assert row.source, row.path


def test_defaults_and_test_ranges_lie_within_validity():
    for row in TABLE.values():
        if row.low is not None and isinstance(row.default, float | int):
            assert row.low <= row.default <= row.high, row.path
        if row.test_low is not None:
            assert row.low <= row.test_low < row.test_high <= row.high, row.path


@pytest.mark.parametrize(
    ("path", "default"),
    [
        ("world.posted_share", 0.5),
        ("world.rationality", math.inf),
        ("world.clause_stake", 0.5),
        ("world.legitimacy.return", 0.1),
        ("power.NAME.pressure.severity", 0.6),
        ("power.NAME.reliability", 0.95),
        ("issue.NAME.project.sigma", 0.5),
        ("states.count", 24),
        ("states.diplomatic_capacity", {"low": 0.5, "high": 1.0}),
        ("strategies.custom.STRATEGY.caution", 1.0),
        ("strategies.assignment", "rotate"),
    ],
)
def test_defaults_are_those_of_the_interface(path, default):
    assert TABLE[path].default == default


def test_belief_and_side_follow_unless_stated():
    power = Power(name="r", role="rising", reliability=0.8)
    assert (power.belief_initial, power.side) == (0.8, -1.0)
    assert Power(name="h", role="hegemon").side == 1.0
    assert Power(name="t", role="third").side == 0.0
    stated = Power(name="r", role="rising", reliability=0.8, belief_initial=1.2, side=0.5)
    assert (stated.belief_initial, stated.side) == (1.2, 0.5)
    assert "belief_initial" not in plain(power)
    assert plain(stated)["belief_initial"] == 1.2


def test_plain_is_the_inverse_of_validate():
    link = Link.model_validate({"from": "loan", "to": "trade", "weight": 0.5})
    assert plain(link) == {"from": "loan", "to": "trade", "weight": 0.5}
    world = World(rationality=3, bloc={"members": ["a"]})
    assert validate(World, plain(world), "world") == world
    assert plain(world)["legitimacy"]["return"] == 0.1


@pytest.mark.parametrize("value", [0, 1, 0.5])
def test_whole_numbers_serve_as_numbers(value):
    assert World(posted_share=value).posted_share == value
    assert isinstance(World(posted_share=value).posted_share, float)


@pytest.mark.parametrize(
    ("table", "data"),
    [
        (World, {"rationality": math.inf}),
        (Power, {"name": "a", "ceiling": math.inf}),
        (Power, {"name": "a", "pressure": {"force_threshold": math.inf, "cost": math.inf}}),
        (States, {"exposure": {"a": {"low": 0.0, "high": 1.0}}}),
        (States, {"risk_aversion": {"low": 0, "high": 8}}),
        (Change, {"path": "x", "year": 3, "value": False}),
    ],
)
def test_accepted(table, data):
    validate(table, data, "")


BAD = [
    (World, {"posted_share": 1.5}, "x.posted_share = 1.5: must be at least 0 and at most 1"),
    (World, {"posted_share": True}, "x.posted_share = true: must be a number"),
    (World, {"posted_share": "0.5"}, "x.posted_share = '0.5': must be a number"),
    (World, {"posted_share": math.nan}, "x.posted_share = nan: must be at least 0 and at most 1"),
    (World, {"sunk": math.inf}, "x.sunk = inf: must be at least 0 and at most 100"),
    (World, {"rationality": -1}, "x.rationality = -1.0: must be at least 0 (inf is allowed)"),
    (World, {"rationality": math.nan}, "x.rationality = nan: must be at least 0 (inf is allowed)"),
    (World, {"sunk": 10**400}, "must be a number"),
    (World, {"memory_years": 2.0}, "x.memory_years = 2.0: must be a whole number"),
    (World, {"memory_years": True}, "x.memory_years = true: must be a whole number"),
    (World, {"linkage": 1}, "x.linkage = 1: must be true or false"),
    (World, {"posted_shar": 1}, "x.posted_shar: there is no such parameter; did you mean posted_share?"),
    (World, {"shocks": {"ow": 1}}, "x.shocks.ow: there is no such parameter; did you mean own?"),
    (World, {"shocks": 3}, "x.shocks = 3: must be a table"),
    (World, {"bloc": {"members": "al"}}, "x.bloc.members = 'al': must be all or a list; did you mean all?"),
    (World, {"bloc": {"members": [1]}}, "must be a text in quotes"),
    (World, {"learning": {"smoothing": 0}}, "x.learning.smoothing = 0.0: must be above 0 and at most 1"),
    (Power, {"name": "a", "role": "risin"}, "did you mean rising?"),
    (Power, {"name": "a", "friends": "b"}, "x.friends = 'b': must be a list"),
    (Power, {"name": "a", "rivalry": {"b": -1}}, "x.rivalry.b = -1.0: must be at least 0 and at most 10"),
    (Issue, {"name": "a", "kind": "divisble"}, "did you mean divisible?"),
    (Issue, {"name": "a", "interest": {"h": 2}}, "x.interest.h = 2.0: must be at least 0 and at most 1"),
    (Issue, {"name": "a", "project": {"mean": 0}}, "x.project.mean = 0.0: must be above 0"),
    (States, {"exposure": {"h": {"low": 0.5, "high": 0.2}}}, "x.exposure.h: low must not be above high"),
    (States, {"exposure": {"h": {"low": 0, "high": 2}}}, "x.exposure.h.high = 2.0: must be at least 0"),
    (States, {"exposure": {"h": {"lo": 0}}}, "x.exposure.h.low: is missing"),
    (States, {"exposure": {"h": "much"}}, "x.exposure.h = 'much': must be a number"),
    (States, {"diplomatic_capacity": 0}, "x.diplomatic_capacity = 0.0: must be above 0 and at most 1"),
    (States, {"count": 0}, "x.count = 0: must be at least 1"),
    (Strategies, {"mix": {"ana": -0.1}}, "x.mix.ana = -0.1: must be at least 0"),
    (Strategies, {"custom": {"c": {"asks": "patron"}}}, "x.custom.c: asks or declares for a patron"),
    (Strategies, {"custom": {"c": {"askz": "all"}}}, "did you mean asks?"),
    (Dials, {"declares": True}, "asks or declares for a patron"),
    (Change, {"path": "p"}, "needs either a year and a value, or a file"),
    (Change, {"path": "p", "value": 1}, "needs a year beside its value"),
    (Change, {"path": "p", "file": "f", "year": 1}, "needs a year beside its value, and none beside a file"),
    (Link, {"to": "a"}, "x.from: is missing"),
]


@pytest.mark.parametrize(("table", "data", "line"), BAD)
def test_refused_in_one_line_in_the_users_terms(table, data, line):
    with pytest.raises(ScenarioError) as caught:
        validate(table, data, "x", "file.toml")
    text = str(caught.value)
    assert text.startswith("file.toml: x")
    assert line in text
    assert "\n" not in text


def test_tables_are_frozen():
    with pytest.raises(ValueError, match="frozen"):
        World().posted_share = 0.1
    with pytest.raises(ValueError, match="low must not be above high"):
        Range(low=1, high=0)


def test_nearest():
    assert nearest("Hegemn", ["hegemon", "rising"]) == "hegemon"
    assert nearest("xyz", ["hegemon"]) is None


def test_an_error_is_one_line_and_survives_a_process_boundary():
    import pickle

    error = ScenarioError("is wrong", file="a\nb", path="p", value="x" * 500, nearest="q")
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == str(error)
    assert again.nearest == "q"
    assert "\n" not in str(error)
    assert len(str(error)) < 120
