"""Scenarios: files, bases, merging, paths, time."""

import json
import math
import os
import pickle
import subprocess
import sys
import tomllib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ana_sim.dials import BUILT_IN, strategy_dials, strategy_info, strategy_names
from ana_sim.errors import ScenarioError
from ana_sim.names import all_paths
from ana_sim.scenario import Scenario, builtin_scenarios, parse_setting

BIPOLAR = Scenario.load("bipolar")


@pytest.fixture
def load(tmp_path):
    """Load a scenario from a text."""

    def load(text, name="mine.toml"):
        file = tmp_path / name
        file.write_text(text, encoding="utf-8")
        return Scenario.load(file)

    return load


def power(scenario, name):
    return next(power for power in scenario.power if power.name == name)


def issue(scenario, name):
    return next(issue for issue in scenario.issue if issue.name == name)


# -- what is built in ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(builtin_scenarios()))
def test_built_in_scenarios_load_and_come_back_from_their_own_file(name, load):
    scenario = Scenario.load(name)
    again = load(scenario.to_toml())
    assert scenario.name == name
    assert again == scenario
    assert again.digest == scenario.digest
    assert again.to_dict() == scenario.to_dict()
    json.dumps(scenario.to_dict(), allow_nan=False)


def test_bipolar_is_the_trial():
    hegemon, rising = BIPOLAR.power
    assert (hegemon.role, rising.role) == ("hegemon", "rising")
    assert (hegemon.reliability, rising.reliability, rising.belief_initial) == (0.95, 0.9, 0.9)
    assert (hegemon.pressure.severity, hegemon.pressure.cost) == (0.6, 0.05)
    assert (rising.pressure.severity, rising.pressure.cost) == (0.4, 0.1)
    assert (hegemon.side, rising.side) == (1.0, -1.0)
    assert BIPOLAR.issue_names == ("trade", "loan", "infrastructure", "network", "recognition")
    assert [one.kind for one in BIPOLAR.issue] == ["compatible", *["divisible"] * 3, "exclusive"]
    assert [one.term for one in BIPOLAR.issue] == [0, 5, 0, 0, 0]
    assert [one.arrival for one in BIPOLAR.issue] == [0.25, 0.25, 0.3, 0.15, 0.05]
    assert [one.stake["hegemon"] for one in BIPOLAR.issue] == [0.2, 0.15, 0.4, 0.8, 0.9]
    assert [one.stake["rising"] for one in BIPOLAR.issue] == [0.1, 0.1, 0.2, 0.4, 0.9]
    assert [one.acceptance["hegemon"] for one in BIPOLAR.issue] == [0.4, 0.8, 0.7, 0.8, 1.0]
    assert {one.acceptance["rising"] for one in BIPOLAR.issue} == {0.95}
    assert BIPOLAR.states.exposure == {"hegemon": 0.4, "rising": 0.1}
    assert (BIPOLAR.years, BIPOLAR.start, len(BIPOLAR.power)) == (40, 2010, 2)
    assert BIPOLAR.state_names[0] == "S0001"
    assert len(BIPOLAR.state_names) == 24
    assert BIPOLAR.table is None


def test_the_other_small_worlds():
    assert Scenario.load("blank").power == ()
    assert Scenario.load("blank").issue == ()
    unipolar = Scenario.load("unipolar")
    assert unipolar.power_names == ("hegemon",)
    assert set(unipolar.strategies.mix) == {"align_hegemon", "hedge", "play_field", "ana"}
    assert all("rising" not in one.interest for one in unipolar.issue)
    assert "rising" not in unipolar.states.exposure
    assert power(Scenario.load("cold_war"), "rising").openness == 0.1
    third = power(Scenario.load("three_powers"), "third")
    assert (third.role, third.side) == ("third", 0.0)
    assert builtin_scenarios()["bipolar"]


def test_latin_america_speaks_of_its_own_powers():
    scenario = Scenario.load("latin_america")
    assert scenario.power_names == ("usa", "china", "taipei")
    assert (scenario.role("hegemon"), scenario.role("rising"), scenario.role("region")) == (
        "usa",
        "china",
        None,
    )
    assert issue(scenario, "loan").interest == {"usa": 1.0, "china": 1.0}
    assert len(scenario.state_names) == 33


def test_adding_a_state_renames_none():
    assert BIPOLAR.replace({"states.count": 100}).state_names[:24] == BIPOLAR.state_names


def test_loading_takes_no_heavy_library():
    code = (
        "import sys; from ana_sim.scenario import Scenario; Scenario.load('bipolar').digest;"
        "print([m for m in ('numpy', 'pandas', 'numba', 'mesa', 'matplotlib', 'scipy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# -- building on a base ----------------------------------------------------------------------------


def test_a_file_states_what_differs(load):
    scenario = load("[world]\nposted_share = 0.4\nshocks = { size = 2.0 }\n")
    assert scenario.name == "mine"
    assert scenario.base == "bipolar"
    assert scenario.title == ""
    assert scenario.world.posted_share == 0.4
    assert scenario.world.shocks.size == 2.0
    assert scenario.world.shocks.own == BIPOLAR.world.shocks.own
    assert scenario.power == BIPOLAR.power


def test_powers_and_issues_merge_by_name_and_links_by_their_ends(load, tmp_path):
    load(
        '[[link]]\nfrom = "loan"\nto = "trade"\nweight = 0.5\n[[link]]\nfrom = "trade"\nto = "loan"\n',
        "a.toml",
    )
    scenario = load(
        'base = "a.toml"\n'
        '[[power]]\nname = "rising"\npressure = { severity = 1.0 }\n'
        '[[power]]\nname = "russia"\nrole = "third"\n'
        '[[issue]]\nname = "trade"\nacceptance = { rising = 0.5, russia = 0.1 }\n'
        '[[issue]]\nname = "arms"\ninstrument = "arms"\n'
        '[[link]]\nfrom = "loan"\nto = "trade"\nweight = 0.7\n'
        '[[link]]\nfrom = "trade"\nto = "loan"\nremove = true\n'
        '[[link]]\nfrom = "arms"\nto = "loan"\nweight = -1\n'
    )
    assert scenario.power_names == ("hegemon", "rising", "russia")
    assert power(scenario, "rising").pressure.severity == 1.0
    assert power(scenario, "rising").pressure.cost == 0.1
    assert issue(scenario, "trade").acceptance == {"hegemon": 0.4, "rising": 0.5, "russia": 0.1}
    assert scenario.issue_names[-1] == "arms"
    assert [(link.from_, link.to, link.weight) for link in scenario.link] == [
        ("loan", "trade", 0.7),
        ("arms", "loan", -1.0),
    ]


def test_what_is_removed_takes_its_mentions_along(load):
    load(
        '[[issue]]\nname = "trade"\nstake = { rising = 0.3 }\n'
        '[[power]]\nname = "hegemon"\nrivalry = { rising = 2 }\nfriends = ["rising"]\n'
        '[[link]]\nfrom = "loan"\nto = "trade"\n'
        '[[change]]\npath = "power.rising.openness"\nyear = 3\nvalue = 0.5\n'
        '[[change]]\npath = "issue.trade.need"\nyear = 3\nvalue = 0.5\n'
        '[[change]]\npath = "issue.loan.stake.rising"\nyear = 3\nvalue = 0.5\n'
        '[[change]]\npath = "world.sunk"\nyear = 3\nvalue = 0.5\n'
        "[strategies]\nmix = { align_rising = 1, mine = 1, ana = 1 }\n"
        '[strategies.custom.mine]\npatron = "rising"\nasks = "patron"\n',
        "a.toml",
    )
    scenario = load(
        'base = "a.toml"\n[[power]]\nname = "rising"\nremove = true\n[[issue]]\nname = "trade"\nremove = true\n'
    )
    assert scenario.power_names == ("hegemon",)
    assert "trade" not in scenario.issue_names
    assert power(scenario, "hegemon").rivalry == {}
    assert power(scenario, "hegemon").friends == ()
    assert scenario.link == ()
    assert [change.path for change in scenario.change] == ["world.sunk"]
    assert scenario.strategies.mix == {"ana": 1.0}
    assert scenario.strategies.custom == {}


def test_a_base_speaks_of_the_power_that_has_the_role_now(load):
    load(
        '[[change]]\npath = "power.hegemon.openness"\nyear = 3\nvalue = 0.5\n'
        '[[change]]\npath = "issue.loan.stake.rising"\nyear = 3\nvalue = 0.5\n'
        "[strategies]\nmix = { align_mine = 1, align_hegemon = 2 }\n"
        '[strategies.custom.align_mine]\npatron = "rising"\nasks = "patron"\n',
        "a.toml",
    )
    scenario = load(
        'base = "a.toml"\n'
        '[[power]]\nname = "hegemon"\nremove = true\n[[power]]\nname = "usa"\nrole = "hegemon"\n'
        '[[power]]\nname = "rising"\nremove = true\n[[power]]\nname = "china"\nrole = "rising"\n'
        '[[issue]]\nname = "trade"\nstake = { hegemon = 0.33 }\nacceptance = { usa = 0.44 }\n'
    )
    assert scenario.power_names == ("usa", "china")
    assert issue(scenario, "loan").interest == {"usa": 1.0, "china": 1.0}
    assert issue(scenario, "trade").stake == {"usa": 0.33, "china": 0.1}
    assert issue(scenario, "trade").acceptance == {"usa": 0.44, "china": 0.95}
    assert scenario.states.exposure == {"usa": 0.4, "china": 0.1}
    assert [change.path for change in scenario.change] == ["power.usa.openness", "issue.loan.stake.china"]
    assert strategy_dials("align_mine", scenario).patron == "china"
    assert scenario.strategies.mix == {"align_mine": 1.0, "align_hegemon": 2.0}


def test_a_role_serves_wherever_a_power_is_named(load):
    scenario = load(
        'base = "latin_america"\n'
        '[[power]]\nname = "rising"\nopenness = 0.5\nfriends = ["third"]\nrivalry = { hegemon = 0.5 }\n'
        '[[issue]]\nname = "loan"\nstake = { hegemon = 0.7 }\n'
        "[states]\nexposure = { rising = { low = 0.0, high = 0.2 } }\n"
        '[[change]]\npath = "power.hegemon.inward_turn"\nyear = 2015\nvalue = 0.5\n'
        '[strategies.custom.first]\nasks = "patron_first"\npatron = "hegemon"\n'
    )
    assert scenario.power_names == ("usa", "china", "taipei")
    china = power(scenario, "china")
    assert (china.openness, china.friends, china.rivalry) == (0.5, ("taipei",), {"usa": 0.5})
    assert issue(scenario, "loan").stake == {"usa": 0.7, "china": 0.1}
    assert scenario.states.exposure["china"].high == 0.2
    assert scenario.change[-1].path == "power.usa.inward_turn"
    assert scenario.strategies.custom["first"].patron == "usa"
    assert power(scenario.replace({"power.rising.openness": 0.2}), "china").openness == 0.2


def test_a_power_that_takes_over_a_role_keeps_its_own_values(load):
    load(
        '[[power]]\nname = "usa"\nrole = "third"\n[[issue]]\nname = "trade"\nstake = { usa = 0.77 }\n',
        "a.toml",
    )
    scenario = load(
        'base = "a.toml"\n[[power]]\nname = "hegemon"\nremove = true\n[[power]]\nname = "usa"\nrole = "hegemon"\n'
    )
    assert issue(scenario, "trade").stake == {"usa": 0.77, "rising": 0.1}
    assert issue(scenario, "loan").stake == {"usa": 0.15, "rising": 0.1}


def test_a_role_that_two_powers_have_names_neither(load):
    two = '[[power]]\nname = "a"\n[[power]]\nname = "b"\n'
    assert load(two).role("third") is None
    assert strategy_names(load(two))[2:4] == ["align_a", "align_b"]
    with pytest.raises(ScenarioError, match="there is no power third"):
        load(two + '[[issue]]\nname = "trade"\nstake = { third = 0.1 }\n')
    with pytest.raises(ScenarioError, match=r"strategies.mix.align_third: several powers have the role third"):
        load(two + "[strategies]\nmix = { align_third = 1 }\n")


def test_a_mix_takes_the_place_of_the_base_s_and_keeps_its_weights(load):
    scenario = load("[strategies]\nmix = { ana = 3, hedge = 0, align_third = 1 }\n")
    assert scenario.strategies.mix == {"ana": 3.0, "hedge": 0.0}


def test_states_that_are_gone_are_not_excluded_any_more(load):
    load('[[power]]\nname = "hegemon"\nexcluded = ["S0002", "S0020"]\n', "a.toml")
    scenario = load('base = "a.toml"\n[states]\ncount = 10\n[world]\nbloc = { members = ["S0001"] }\n')
    assert power(scenario, "hegemon").excluded == ("S0002",)
    assert scenario.world.bloc.members == ("S0001",)
    assert scenario.replace({"states.source": "latin_america"}).world.bloc.members == ()


def test_a_range_may_be_stated_in_part_over_a_range(load):
    scenario = load("[states]\ndiplomatic_capacity = { low = 0.2 }\n")
    assert (scenario.states.diplomatic_capacity.low, scenario.states.diplomatic_capacity.high) == (0.2, 1.0)
    assert load("[states]\ndiplomatic_capacity = 1\n").states.diplomatic_capacity == 1.0


def test_a_base_stands_beside_the_file_that_names_it(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.toml").write_text('[states]\nsource = "s.csv"\n')
    (tmp_path / "sub" / "s.csv").write_text("name,size\nA,1\n")
    (tmp_path / "b.toml").write_text('base = "sub/a.toml"\n')
    assert Scenario.load(tmp_path / "b.toml").state_names == ("A",)


# -- what is refused -------------------------------------------------------------------------------

REFUSED = {
    "key": ("yeers = 3\n", "yeers: there is no such key; did you mean years?"),
    "nested key": ("[world]\nposted_shar = 1\n", "world.posted_shar: there is no such parameter"),
    "power key": (
        '[[power]]\nname = "rising"\nopennes = 1\n',
        "power.rising.opennes: there is no such parameter; did you mean openness?",
    ),
    "type": ('[world]\nposted_share = "a"\n', "world.posted_share = 'a': must be a number"),
    "bool": ("[world]\nposted_share = true\n", "world.posted_share = true: must be a number"),
    "nan": ("[world]\nposted_share = nan\n", "world.posted_share = nan: must be"),
    "range": ('[[power]]\nname = "rising"\nopenness = 2\n', "power.rising.openness = 2.0: must be"),
    "years": ("years = 0\n", "years = 0: must be at least 1 and at most 1000"),
    "years float": ("years = 2.5\n", "years = 2.5: must be a whole number"),
    "no states": ("[states]\ncount = 0\n", "states.count = 0: must be at least 1"),
    "world": ("world = 3\n", "world = 3: must be a table"),
    "one power": ('[power]\nname = "a"\n', "power: must be a list of tables, each under [[power]]"),
    "nameless": ("[[power]]\nopenness = 1\n", "power number 1: needs a name"),
    "bad name": ('[[power]]\nname = "a b"\n', "power number 1, name = 'a b': a name has letters"),
    "power twice": ('[[power]]\nname = "a"\n[[power]]\nname = "a"\n', "power.a: this power comes twice"),
    "issue twice": ('[[issue]]\nname = "a"\n[[issue]]\nname = "a"\n', "issue.a: this issue comes twice"),
    "link twice": (
        '[[link]]\nfrom = "loan"\nto = "trade"\n[[link]]\nfrom = "loan"\nto = "trade"\n',
        "link.loan.trade: this link comes twice",
    ),
    "two hegemons": ('[[power]]\nname = "usa"\nrole = "hegemon"\n', "two powers have the role hegemon"),
    "two risers": ('[[power]]\nname = "china"\nrole = "rising"\n', "two powers have the role rising"),
    "role": ('[[power]]\nname = "a"\nrole = "risin"\n', "power.a.role = 'risin': must be one of"),
    "role list": ('[[power]]\nname = "a"\nrole = ["rising"]\n', "power.a.role"),
    "unknown power": (
        '[[issue]]\nname = "trade"\ninterest = { risng = 1 }\n',
        "issue.trade.interest.risng: there is no power risng; did you mean rising?",
    ),
    "unknown friend": ('[[power]]\nname = "rising"\nfriends = ["hegemn"]\n', "did you mean hegemon?"),
    "own friend": ('[[power]]\nname = "rising"\nfriends = ["rising"]\n', "not its own friend"),
    "unknown rival": ('[[power]]\nname = "rising"\nrivalry = { x = 1 }\n', "there is no power x"),
    "exposure": ("[states]\nexposure = { us = 1 }\n", "states.exposure.us: there is no power us"),
    "patron": (
        '[strategies.custom.a]\nasks = "patron"\npatron = "usa"\n',
        "strategies.custom.a.patron: there is no",
    ),
    "named twice": (
        'base = "latin_america"\n[[issue]]\nname = "loan"\nstake = { usa = 1, hegemon = 0 }\n',
        "usa is named twice",
    ),
    "called twice": (
        'base = "latin_america"\n[[power]]\nname = "usa"\n[[power]]\nname = "hegemon"\n',
        "this power comes twice, as usa and hegemon",
    ),
    "unknown state": (
        '[[power]]\nname = "rising"\nexcluded = ["S0025"]\n',
        "power.rising.excluded: there is no state S0025; did you mean S0",
    ),
    "bloc member": ('[world]\nbloc = { members = ["X"] }\n', "world.bloc.members: there is no state X"),
    "link end": ('[[link]]\nfrom = "lone"\nto = "trade"\n', "there is no issue lone; did you mean loan?"),
    "link to itself": ('[[link]]\nfrom = "loan"\nto = "loan"\n', "an issue is not linked to itself"),
    "link without end": ('[[link]]\nfrom = "loan"\n', "link number 1, to: must name an issue"),
    "remove unknown": (
        '[[power]]\nname = "risin"\nremove = true\n',
        "there is no power risin to remove; did you mean rising?",
    ),
    "remove link": ('[[link]]\nfrom = "loan"\nto = "trade"\nremove = true\n', "no such link to remove"),
    "remove and state": ('[[power]]\nname = "rising"\nremove = true\nopenness = 1\n', "states nothing else"),
    "remove what": (
        '[[power]]\nname = "rising"\nremove = 1\n',
        "power.rising.remove = 1: must be true or false",
    ),
    "mix": (
        "[strategies]\nmix = { anna = 1 }\n",
        "strategies.mix.anna: there is no strategy anna; did you mean ana?",
    ),
    "mix align": ("[strategies]\nmix = { align_usa = 1 }\n", "there is no power usa to align with"),
    "mix negative": ("[strategies]\nmix = { ana = -1 }\n", "strategies.mix.ana = -1.0: must be at least 0"),
    "mix zero": (
        "[strategies]\nmix = { ana = 0 }\n",
        "no strategy that can be played has a weight above zero",
    ),
    "mix empty": ("[strategies]\nmix = {}\n", "no strategy that can be played has a weight above zero"),
    "mix dropped": ("[strategies]\nmix = { align_third = 1 }\n", "no strategy that can be played"),
    "mix type": ("[strategies]\nmix = 1\n", "strategies.mix = 1: must be a table"),
    "custom name": ('[strategies.custom."a b"]\nasks = "all"\n', "a name has letters"),
    "network": ('[world]\nnetwork = "rng"\n', "there is no such file; did you mean ring?"),
    "source": ('[states]\nsource = "latin_amrica"\n', "there is no such file; did you mean latin_america?"),
    "change path": (
        '[[change]]\npath = "power.rising.opennes"\nyear = 1\nvalue = 1\n',
        "power.rising.opennes: there is no such parameter; did you mean power.rising.openness?",
    ),
    "change no path": ("[[change]]\nyear = 1\nvalue = 1\n", "change number 1: needs the path"),
    "change value": (
        '[[change]]\npath = "power.rising.openness"\nyear = 1\nvalue = 7\n',
        "power.rising.openness: a change in time sets it to 7.0: must be",
    ),
    "change beyond the end": (
        '[[change]]\npath = "power.rising.openness"\nyear = 900\nvalue = 7\n',
        "power.rising.openness: a change in time sets it to 7.0: must be",
    ),
    "change friends": (
        '[[change]]\npath = "power.rising.friends"\nyear = 1\nvalue = ["x"]\n',
        "there is no power x",
    ),
    "change excluded": (
        '[[change]]\npath = "power.rising.excluded"\nyear = 1\nvalue = ["x"]\n',
        "no state x",
    ),
    "change nothing": ('[[change]]\npath = "power.rising.openness"\n', "needs either a year and a value"),
    "change file": (
        '[[change]]\npath = "power.rising.openness"\nfile = "no.csv"\n',
        "no.csv: there is no such file",
    ),
    "toml": ("name = \n", "is not valid TOML: Invalid value (at line 1"),
    "toml line": ("years = 3\n\n[world\n", "line 3"),
    "empty": ("", "is empty"),
    "comment": ("# nothing\n", "is empty"),
    "base unknown": ('base = "bipolr"\n', "base = 'bipolr': there is no built-in scenario"),
    "base itself": ('base = "mine.toml"\n', "base: builds on itself (mine.toml -> mine.toml)"),
    "base type": ("base = 3\n", "base = 3: must be a text in quotes"),
    "name": ('name = "../x"\n', "name = '../x': a name has letters"),
    "name type": ("name = 3\n", "name = 3: must be a text in quotes"),
    "title": ('title = "a\\nb"\n', "must be one line"),
    "deep": ("x = " + "[" * 3000 + "]" * 3000, "nested too deeply"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused_in_one_line(load, case):
    text, line = REFUSED[case]
    with pytest.raises(ScenarioError) as caught:
        load(text)
    said = str(caught.value)
    assert line in said
    assert "\n" not in said
    assert ".toml" in said or ".csv" in said


@pytest.mark.parametrize(
    "path",
    [
        "world.network", "world.bloc.members", "world.demonstration.lag", "world.legitimacy.initial",
        "states.count", "states.source", "states.exposure.hegemon", "states.need.sigma", "years", "start",
        "name",
        "strategies.mix.ana", "strategies.assignment", "power.rising.role", "power.rising.name",
        "power.rising.belief_initial", "power.rising.side", "power.rising.pressure.success_initial",
        "issue.trade.kind", "world", "world.shocks", "power.rising", "power.rising.pressure",
        "issue.trade.stake",
    ],
)  # fmt: skip
def test_what_cannot_vary_in_time(load, path):
    with pytest.raises(ScenarioError, match=f"{path}: cannot be changed"):
        load(f'[[change]]\npath = "{path}"\nyear = 1\nvalue = 1\n')


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("world.sunk", 0.2),
        ("world.linkage", False),
        ("power.hegemon.pressure.severity", 1),
        ("power.hegemon.excluded", ["S0001"]),
        ("power.hegemon.rivalry.rising", 0.5),
        ("issue.trade.acceptance.hegemon", 0.1),
        ("issue.trade.project.mean", 2),
        ("states.need.mean", 2),
        ("states.ideology.sigma", 0.2),
    ],
)
def test_what_can_vary_in_time(load, path, value):
    text = json.dumps(value)
    scenario = load(f'[[change]]\npath = "{path}"\nyear = 1\nvalue = {text}\n')
    assert scenario.changes_at(1) == {path: value}
    assert scenario.at(1) != scenario


def test_a_base_s_own_error_names_the_base(load):
    with pytest.raises(ScenarioError) as caught:
        load("years = 0\n", "a.toml")
    with pytest.raises(ScenarioError) as again:
        load('base = "a.toml"\n')
    assert "a.toml" in str(caught.value)
    assert "a.toml" in str(again.value)
    assert "years = 0" in str(again.value)


def test_a_loop_of_bases(load, tmp_path):
    (tmp_path / "a.toml").write_text('base = "mine.toml"\n')
    with pytest.raises(ScenarioError, match=r"builds on itself \(mine.toml -> a.toml -> mine.toml\)"):
        load('base = "a.toml"\n')


def test_what_is_no_scenario_file(tmp_path):
    def refused(source, line):
        with pytest.raises(ScenarioError) as caught:
            Scenario.load(source)
        assert line in str(caught.value)
        assert "\n" not in str(caught.value)

    (tmp_path / "binary.toml").write_bytes(b"\x89PNG\xff\xfe")
    (tmp_path / "latin1.toml").write_bytes('title = "Santa Fé"\n'.encode("latin-1"))
    refused(tmp_path / "binary.toml", "not a text file")
    refused(tmp_path / "latin1.toml", "not a text file")
    refused(tmp_path, "is a folder")
    refused("bipolr", "bipolr: there is no built-in scenario and no file of this name; did you mean bipolar?")
    refused(tmp_path / "unipolr.toml", "there is no such file; did you mean unipolar?")
    refused("x" * 5000, "there is no built-in scenario")
    refused("a\0b", "there is no built-in scenario")
    refused("", "a scenario is named by a built-in name or a file")
    secret = tmp_path / "secret.toml"
    secret.write_text("years = 3\n")
    secret.chmod(0)
    if not os.access(secret, os.R_OK):
        refused(secret, "cannot be read")


def test_a_byte_order_mark_and_windows_line_ends_are_no_error(tmp_path):
    file = tmp_path / "w.toml"
    file.write_bytes(b"\xef\xbb\xbfyears = 3\r\n[world]\r\nsunk = 0.2\r\n")
    assert Scenario.load(file).years == 3


# -- settings --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "value", "read"),
    [
        ("world.posted_share", 0.3, lambda s: s.world.posted_share),
        ("world.rationality", 7.0, lambda s: s.world.rationality),
        ("world.legitimacy.return", 0.3, lambda s: s.world.legitimacy.return_),
        ("power.rising.openness", 0.4, lambda s: s.power[1].openness),
        ("power.hegemon.pressure.severity", 1.0, lambda s: s.power[0].pressure.severity),
        ("issue.trade.acceptance.hegemon", 0.9, lambda s: s.issue[0].acceptance["hegemon"]),
        ("states.count", 7, lambda s: len(s.state_names)),
        ("states.exposure.hegemon", 0.9, lambda s: s.states.exposure["hegemon"]),
        ("states.diplomatic_capacity.low", 0.1, lambda s: s.states.diplomatic_capacity.low),
        ("strategies.mix.ana", 0.9, lambda s: s.strategies.mix["ana"]),
        ("strategies.mix.shop", 0.9, lambda s: s.strategies.mix["shop"]),
        ("strategies.custom.x", {"caution": 2.0}, lambda s: {"caution": s.strategies.custom["x"].caution}),
        ("years", 12, lambda s: s.years),
        ("start", 1999, lambda s: s.start),
    ],
)
def test_replace(path, value, read):
    before = BIPOLAR.to_dict()
    scenario = BIPOLAR.replace({path: value})
    assert read(scenario) == value
    assert BIPOLAR.to_dict() == before
    assert scenario.digest != BIPOLAR.digest
    assert scenario.base == BIPOLAR.base


def test_replacing_tables_lists_and_several(load):
    scenario = BIPOLAR.replace(
        {
            "world.shocks": {"own": 0.2},
            "power.rising.friends": ["hegemon"],
            "states.exposure.hegemon": {"low": 0.0, "high": 1.0},
            "strategies.mix.ana": 0.0,
            "strategies.mix.hedge": 1,
        }
    )
    assert (scenario.world.shocks.own, scenario.world.shocks.common) == (0.2, 0.03)
    assert scenario.power[1].friends == ("hegemon",)
    assert scenario.states.exposure["hegemon"].high == 1.0
    assert list(scenario.strategies.mix.values()) == [0.2, 0.2, 1.0, 0.2, 0.0]
    assert BIPOLAR.replace({"strategies.mix": {"ana": 1}}).strategies.mix == {"ana": 1.0}
    linked = load('[[link]]\nfrom = "loan"\nto = "trade"\n')
    assert linked.replace({"link.loan.trade.weight": 2}).link[0].weight == 2.0
    assert BIPOLAR.replace({}) is BIPOLAR
    assert BIPOLAR.replace({"years": 40}) == BIPOLAR


def test_numpy_s_numbers_are_numbers():
    scenario = BIPOLAR.replace({"world.sunk": np.float32(0.5), "years": np.int64(9)})
    assert (scenario.world.sunk, scenario.years) == (0.5, 9)


def test_belief_goes_on_following_reliability(load):
    for scenario in (BIPOLAR, load(BIPOLAR.to_toml())):
        assert scenario.replace({"power.rising.reliability": 0.7}).power[1].belief_initial == 0.7


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("world.posted_shar", "did you mean world.posted_share?"),
        ("power.risng.openness", "did you mean power.rising.openness?"),
        ("power.rising.opennes", "did you mean power.rising.openness?"),
        ("issue.trade.acceptance.hegemn", "did you mean issue.trade.acceptance.hegemon?"),
        ("issue.trad.need", "did you mean issue.trade.need?"),
        ("link.loan.trade.weight", "there is no such parameter"),
        ("posted_share", "did you mean world.posted_share?"),
        ("world.sunk.x", "there is no such parameter"),
        ("power", "there is no such parameter"),
        ("base", "there is no such parameter"),
        ("", "there is no such parameter"),
        ("world.", "there is no such parameter"),
        ("power.rising.name", "is the name of an entry"),
        ("strategies.custom.x.caution", "the scenario defines no strategy x"),
    ],
)
def test_unknown_paths(path, line):
    with pytest.raises(ScenarioError) as caught:
        BIPOLAR.replace({path: 1})
    assert line in str(caught.value)


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("world.sunk=0.5", 0.5),
        ("world.sunk = inf", math.inf),
        ("years=5", 5),
        ("world.network=ring", "ring"),
        ("states.source=../my states.csv", "../my states.csv"),
        ("world.linkage=false", False),
        ('power.rising.friends=["a","b"]', ["a", "b"]),
        ("world.shocks={ own = 0.1 }", {"own": 0.1}),
        ('title="a = b"', "a = b"),
        ("title=a = b", "a = b"),
    ],
)
def test_settings_are_read_as_toml_and_bare_words_as_text(setting, value):
    path, read = parse_setting(setting)
    assert path == setting.partition("=")[0].strip()
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize("setting", ["", "x", "x=", "=3", "x=[1", 'x="a', "x=1\ny=2", "x={a"])
def test_broken_settings(setting):
    with pytest.raises(ScenarioError):
        parse_setting(setting)


@given(st.text(max_size=30))
def test_any_setting_gives_a_value_or_one_line(text):
    try:
        path, value = parse_setting(text)
        BIPOLAR.replace({path: value})
    except ScenarioError as error:
        said = str(error)
    else:
        said = ""
    assert "\n" not in said


JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=5),
    st.lists(st.text(max_size=3), max_size=2),
    st.dictionaries(st.sampled_from(["low", "rising", "ana", "remove", ""]), st.floats(), max_size=2),
)
PATHS = [*all_paths(BIPOLAR.roster, BIPOLAR.issue_names, ()), "world", "power.rising", "states", "strategies"]


@given(st.sampled_from(PATHS), JUNK)
def test_any_value_is_taken_or_refused_in_one_line(path, value):
    try:
        scenario = BIPOLAR.replace({path: value})
    except ScenarioError as error:
        scenario, said = BIPOLAR, str(error)
    else:
        said = ""
    assert "\n" not in said
    json.dumps(scenario.to_dict(), allow_nan=False)


# -- time ------------------------------------------------------------------------------------------


def test_a_value_from_a_year_on(load):
    scenario = load(
        '[[change]]\npath = "power.hegemon.openness"\nyear = 8\nvalue = 0.3\n'
        '[[change]]\npath = "power.hegemon.openness"\nyear = 2025\nvalue = 0.6\n'
        '[[change]]\npath = "world.sunk"\nyear = 1990\nvalue = 0.5\n'
    )
    at = [power(scenario.at(year), "hegemon").openness for year in range(20)]
    assert at == [1.0] * 8 + [0.3] * 7 + [0.6] * 5
    assert scenario.at(0).world.sunk == 0.5  # from before the start
    assert scenario.world.sunk == 0.1
    assert scenario.at(3) is scenario.at(7)
    assert scenario.at(8) is scenario.at(14)
    assert scenario.at(7) is not scenario.at(8)
    assert scenario.at(39) is scenario.at(500)
    assert scenario.at(8).at(15) is scenario.at(15)
    assert scenario.changes_at(9) == {"power.hegemon.openness": 0.3, "world.sunk": 0.5}
    assert BIPOLAR.at(5) is BIPOLAR
    assert BIPOLAR.changes_at(5) == {}


def test_a_series_from_a_csv(load, tmp_path):
    (tmp_path / "gdp.csv").write_text("year,value,source\n2012,0.5,x\n2012.0,0.5,\n".replace("2012.0,0.5,\n", ""))
    (tmp_path / "gdp.csv").write_text("year,value,source\n2015,0.7,a\n2012,0.5,b\n2016,0.7,c\n")
    scenario = load('[[change]]\npath = "power.rising.capability"\nfile = "gdp.csv"\n')
    at = [power(scenario.at(year), "rising").capability for year in range(9)]
    assert at == [1.0, 1.0, 0.5, 0.5, 0.5, 0.7, 0.7, 0.7, 0.7]
    assert scenario.at(5) is scenario.at(6)  # the same value again changes nothing
    assert scenario.at(0) is scenario
    shifted = scenario.replace({"start": 2012})
    assert power(shifted.at(0), "rising").capability == 0.5


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("year,val\n2012,1\n", "column value: this column is required"),
        ("year,value\n", "has no rows"),
        ("year,value\n2012,\n", "must be a number"),
        ("year,value\n2012,x\n", "must be a number"),
        ("year,value\n2012,nan\n", "must be a number"),
        ("year,value\n2012.5,1\n", "row 1, column year = '2012.5': must be a year"),
        ("year,value\n2012,1\n2012,2\n", "this year comes twice"),
        ("year,value\n2012,-1\n", "power.rising.capability: a change in time sets it to -1.0"),
    ],
)
def test_a_broken_series(load, tmp_path, text, line):
    (tmp_path / "gdp.csv").write_text(text)
    with pytest.raises(ScenarioError) as caught:
        load('[[change]]\npath = "power.rising.capability"\nfile = "gdp.csv"\n')
    assert line in str(caught.value)


def test_thirty_years_are_a_prefix_of_forty(load):
    scenario = load('[[change]]\npath = "world.sunk"\nyear = 12\nvalue = 0.5\n')
    longer = scenario.replace({"years": 60})
    assert [scenario.changes_at(year) for year in range(40)] == [longer.changes_at(year) for year in range(40)]


# -- the same world --------------------------------------------------------------------------------


def test_the_digest_is_that_of_the_world(load, tmp_path):
    (tmp_path / "s.csv").write_text("name,size\nA,1\nB,2\n")
    (tmp_path / "gdp.csv").write_text("year,value\n2012,0.5\n")
    (tmp_path / "edges.txt").write_text("A B\n")
    text = (
        '[states]\nsource = "s.csv"\n[world]\nnetwork = "edges.txt"\n'
        '[[change]]\npath = "power.rising.capability"\nfile = "gdp.csv"\n'
    )
    digests = {load(text).digest}
    for file, content in [
        ("s.csv", "name,size\nA,1\nB,3\n"),
        ("gdp.csv", "year,value\n2012,0.6\n"),
        ("edges.txt", "B A\n"),
    ]:
        (tmp_path / file).write_text(content)
        digests.add(load(text).digest)
    assert len(digests) == 4
    assert load("title = 'other words'\n", "other.toml").digest == BIPOLAR.digest
    assert load("years = 41\n").digest != BIPOLAR.digest
    assert BIPOLAR.replace({"strategies.mix": {"ana": 1, "hedge": 1}}).digest != (
        BIPOLAR.replace({"strategies.mix": {"hedge": 1, "ana": 1}}).digest
    )


def test_a_full_file_keeps_everything(load, tmp_path):
    (tmp_path / "s.csv").write_text("name,size\nA,1\nB,2\n")
    scenario = load(
        'title = "Quotes \\" and é"\nnotes = """\nTwo\nlines\\t\\u007f"""\n'
        '[states]\nsource = "s.csv"\nexposure = { hegemon = { low = 0, high = 1 } }\n'
        '[[power]]\nname = "rising"\nexcluded = ["B"]\nbelief_initial = 1.1\npressure = { cost = inf }\n'
        '[[link]]\nfrom = "loan"\nto = "trade"\nweight = 1e-7\n'
        '[[change]]\npath = "world.sunk"\nyear = 3\nvalue = 0.5\n'
        '[strategies.custom.mine]\nasks = "patron"\npatron = "rising"\n'
    )
    assert load(scenario.to_toml(), "again.toml") == scenario
    plain = scenario.to_dict()
    assert plain["world"]["rationality"] == "inf"
    assert plain["base"] == ""
    assert plain["link"] == [{"from": "loan", "to": "trade", "weight": 1e-7}]
    assert tomllib.loads(scenario.to_toml())["world"]["rationality"] == math.inf


def test_scenarios_travel_between_processes():
    scenario = Scenario.load("latin_america")
    again = pickle.loads(pickle.dumps(scenario))
    assert again == scenario
    assert hash(again) == hash(scenario)
    assert again.at(3).changes_at(3) == scenario.changes_at(3)
    assert "latin_america" in repr(again)
    assert Scenario.load(scenario) is scenario


# -- strategies ------------------------------------------------------------------------------------


def test_the_strategies_are_the_rows_of_the_model():
    def row(name):
        dials = strategy_dials(name, BIPOLAR)
        return dials.asks, dials.search, dials.counter_bids, dials.splits, dials.declares, dials.allocation

    assert row("align_hegemon") == ("patron", "all", False, False, True, "best")
    assert row("shop") == ("all", "all", False, False, False, "best")
    assert row("hedge") == ("all", "all", False, True, False, "best")
    assert row("play_field") == ("all", "stepwise", True, False, False, "best")
    assert row("ana") == ("all", "stepwise", True, True, False, "best")
    assert row("abstain")[0] == "none"
    assert row("equidistant")[-1] == "equal"
    assert row("random")[-1] == "random"
    assert all(one.description and one.source for one in BUILT_IN.values())


def test_alignment_by_role_and_by_name():
    scenario = Scenario.load("latin_america")
    assert strategy_dials("align_hegemon", scenario) == strategy_dials("align_usa", scenario)
    assert strategy_dials("align_usa", scenario).patron == "usa"
    assert strategy_dials("align_third", scenario).patron == "taipei"
    assert strategy_names(scenario)[:3] == ["align_hegemon", "align_rising", "align_taipei"]
    assert "usa" in strategy_info("align_hegemon", scenario).description


def test_one_s_own_strategies_come_first(load):
    scenario = load('[strategies.custom.ana]\nasks = "none"\n[strategies.custom.mine]\nsplits = true\n')
    assert strategy_dials("ana", scenario).asks == "none"
    assert strategy_names(scenario)[-1] == "mine"
    assert strategy_names(scenario).count("ana") == 1


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("anna", "there is no strategy anna; did you mean ana?"),
        ("align_hegemn", "did you mean align_hegemon?"),
        ("align_third", "no power has the role third"),
    ],
)
def test_unknown_strategies(name, line):
    with pytest.raises(ScenarioError) as caught:
        strategy_dials(name, BIPOLAR)
    assert line in str(caught.value)


@pytest.mark.parametrize("name", ["bipolar", "latin_america", "three_powers"])
def test_other_numbers_give_the_scenario_that_a_full_reading_gives(name):
    # A setting of `years` makes `replace` read everything anew; numbers alone share what they do not touch.
    scenario = Scenario.load(name)
    years = {"years": scenario.years}
    ends = [(link.from_, link.to) for link in scenario.link]
    for path in all_paths(scenario.roster, scenario.issue_names, ends):
        for value in (0.5, 1, True) if path != "years" else ():
            quick, full = (changed_or_refused(scenario, {path: value, **more}) for more in ({}, years))
            assert quick == full
            if isinstance(quick, Scenario):
                assert quick._raw == full._raw
                assert [quick.at(year) for year in range(years["years"])] == [
                    full.at(year) for year in range(years["years"])
                ]


def changed_or_refused(scenario, settings):
    try:
        return scenario.replace(settings)
    except ScenarioError as error:
        return str(error)


def test_other_numbers_share_the_tables_that_they_do_not_touch():
    scenario = Scenario.load("latin_america")
    other = scenario.replace({"world.posted_share": 0.1})
    assert other.power[0] is scenario.power[0]
    assert other.at(5).power[0] is scenario.at(5).power[0]
    assert other.at(5).world is other.world
    assert other.at(5).world.posted_share == 0.1
