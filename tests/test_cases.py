"""The cases of the literature as scenarios: all there, told with their source, and each about what it says."""

import re
import shlex
from functools import cache

import pytest
from conftest import fewer

from ana_sim import AnaModel, Scenario
from ana_sim.compiled import JIT_ENABLED
from ana_sim.scenario import builtin_cases, parse_setting

# The rows of part A of FACTS.md, in its order, each with the issue that it is about.
CASES = {
    "argentina_swap": "loan",
    "structure_over_ideology": "loan",
    "ecuador_fta": "trade",
    "refusal_diverts": "trade",
    "brazil_5g": "network",
    "brazil_vaccines": "network",
    "chile_both": "trade",
    "both_summits": "membership",
    "panama_bridge": "infrastructure",
    "valparaiso_cable": "cable",
    "dfc_exclusion": "network",
    "chancay_port": "port",
    "bri_pgii": "infrastructure",
    "gao_finance": "infrastructure",
    "idb_presidency": "loan",
    "bloc_exit": "loan",
    "pool_bank": "loan",
    "nieo_1981": "loan",
    "small_states_too": "infrastructure",
    "skill": "infrastructure",
    "jf17_f16": "arms",
    "insults": "trade",
    "winner_from_quarrels": "infrastructure",
    "quiet_diplomacy": "lithium",
    "envoys_not_presidents": "infrastructure",
    "absent_hegemon": "arms",
    "regional_forums": "infrastructure",
    "recognition": "recognition",
    "commerce_under_recognition": "trade",
}
TOLD = {
    "ecuador_fta": [("refused", "usa"), ("accepted", "china")],
    "panama_bridge": [("accepted", "china"), ("complied", "usa"), ("cancelled", "china")],
    "valparaiso_cable": [("complied", "usa"), ("cancelled", "china")],
    "dfc_exclusion": [("accepted", "china"), ("excluded", "usa")],
    "chancay_port": [("accepted", "china"), ("pressed", "usa"), ("resisted", "usa")],
    "chile_both": [("accepted", "usa"), ("accepted", "china")],
    "recognition": [("switched", "china")],
}
"""What the run that the notes tell to follow has on the case's issue; where it has not, they need another seed."""
CORRECTIONS = {
    "dfc_exclusion": "lender was the U.S. International Development Finance Corporation (DFC)",
    "gao_finance": "reported as $76bn",
    "bri_pgii": "Elmau in 2022. Correction: so it came nine years after the Belt and Road",
}


def lines(name, head):
    """What stands in the lines of a case's notes that begin with a word."""
    return re.findall(rf"^{head}: (.+)$", Scenario.load(name).notes, re.MULTILINE)


def words(line, command, name):
    """The options of a command in the notes, by name, as lists."""
    program, verb, scenario, *rest = shlex.split(line)
    assert (program, verb, scenario) == ("ana-sim", command, name)
    options = {}
    for option, value in zip(rest[::2], rest[1::2], strict=True):
        options.setdefault(option, []).append(value)
    return options


def followed(name):
    """The state that the notes tell to follow, and the seed."""
    options = words(lines(name, "Follow")[0], "run", name)
    return options["--story"][0], int(options.get("--seed", ["1"])[0])


@cache
def happened(name, years):
    """The events of the first years of the run to follow."""
    scenario = Scenario.load(name)
    shorter = scenario.replace({"years": min(years, scenario.years)})
    return AnaModel(shorter, rng=followed(name)[1], record=True, collect=False).run().record.events()


def test_there_is_a_case_for_each_row():
    assert set(builtin_cases()) == set(CASES)


@pytest.mark.parametrize("name", CASES)
def test_notes_say_what_happened_and_where_that_is_from(name):
    scenario = Scenario.load(name)
    assert scenario.title
    assert scenario.notes.startswith("What happened. ")
    assert "\nIn the model. " in scenario.notes
    assert "\nLook " in scenario.notes
    for head in ("Source", "Counterfactual", "Follow"):
        assert lines(name, head), head


@pytest.mark.parametrize("name", CORRECTIONS)
def test_corrections_are_made(name):
    assert CORRECTIONS[name] in " ".join(Scenario.load(name).notes.split())


@pytest.mark.parametrize("name", CASES)
def test_counterfactuals_are_other_worlds(name):
    scenario = Scenario.load(name)
    for line in lines(name, "Counterfactual"):
        options = words(line, "compare", name)
        assert set(options) <= {"--set", "--deviator"}
        assert set(options.get("--deviator", ())) <= set(scenario.state_names)
        assert scenario.replace(dict(map(parse_setting, options["--set"]))).digest != scenario.digest


@pytest.mark.parametrize("name", CASES)
def test_the_state_to_follow_is_dealt_with_by_two_powers(name):
    scenario = Scenario.load(name)
    for line in lines(name, "Follow"):
        options = words(line, "run", name)
        assert set(options) <= {"--story", "--seed", "--strategies"}
        (state,) = options["--story"]
        assert state in scenario.state_names
        dealing = [
            power.name
            for power in scenario.power
            if state not in power.excluded
            and any(issue.interest.get(power.name, 0.0) > 0.0 for issue in scenario.issue)
        ]
        assert len(dealing) >= 2


@pytest.mark.parametrize("name", CASES)
def test_the_issue_of_the_case_comes_up(name):
    events = happened(name, fewer(6, 2))
    assert (events[events["issue"] == CASES[name]]["kind"] == "accepted").any()


@pytest.mark.skipif(not JIT_ENABLED, reason="runs whole worlds")
@pytest.mark.parametrize("name", CASES)
def test_the_state_to_follow_has_to_do_with_the_issue(name):
    events = happened(name, 1000)
    own = events[(events["state"] == followed(name)[0]) & (events["issue"] == CASES[name])]
    assert "accepted" in set(own["kind"])
    assert set(TOLD.get(name, ())) <= set(zip(own["kind"], own["power"], strict=True))
