"""The chronicle: hand-made tables told in known sentences, and no event of a run lost or invented."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from functools import cache

import pandas as pd
import pytest
from conftest import first_fast

from ana_sim import AnaModel, Scenario
from ana_sim.errors import ScenarioError
from ana_sim.record import EVENT_COLUMNS, EVENTS
from ana_sim.story import chronicle
from ana_sim.tally import COMPONENTS

NAN = float("nan")
NO_EVENTS = pd.DataFrame([], columns=list(EVENT_COLUMNS))
Row = tuple[object, ...]


def event(
    kind: str,
    power: str = "",
    issue: str = "",
    offer: float = NAN,
    share: float = NAN,
    detail: str = "",
    *,
    year: int = 2010,
    state: str = "ECU",
) -> Row:
    return (year, state, kind, power, issue, offer, share, detail)


def rows_of_states(years: range, **columns: object) -> pd.DataFrame:
    """A row a year of ECU, without anything happening."""
    still = {"state": "ECU", "strategy": "ana", "need": 1.0, "lean": 0.0, "issue": "", "payoff": 0.5}
    return pd.DataFrame(
        [{"year": year, **still, **dict.fromkeys(COMPONENTS, 0.0), "terms": 0.5, **columns} for year in years]
    )


def flat(text: str) -> str:
    """The chronicle with every paragraph on a line."""
    return re.sub(r"\n {6}", " ", text)


def told(*events: Row, states: pd.DataFrame | None = None, settings: Mapping[str, object] | None = None) -> str:
    """The years that events are told in, without heading and sums."""
    scenario = Scenario.load("latin_america").replace(settings or {})
    table = pd.DataFrame(list(events), columns=list(EVENT_COLUMNS))
    text = chronicle(table, pd.DataFrame() if states is None else states, scenario, "ECU")
    return flat(text).split("\n\n")[1]


# -- sentences -----------------------------------------------------------------------------------------------------


def test_who_was_asked_in_which_order_and_what_was_paid() -> None:
    text = told(
        event("asked", "usa", "infrastructure"),
        event("refused", "usa", "infrastructure"),
        event("asked", "china", "infrastructure"),
        event("offered", "china", "infrastructure", 0.31),
        event("accepted", "china", "infrastructure", 0.31, 1.0),
    )
    assert text == (
        "2010: For an infrastructure project Ecuador asked first the United States, which refused, then Beijing, "
        "which offered 0.31. The infrastructure project went to Beijing, at 0.31 as offered."
    )


def test_a_split_after_counter_bids() -> None:
    text = told(
        event("asked", "china", "loan", year=2011),
        event("offered", "china", "loan", 0.3, year=2011),
        event("asked", "usa", "loan", year=2011),
        event("offered", "usa", "loan", 0.5, year=2011),
        event("accepted", "usa", "loan", 0.5, 0.375, year=2011),
        event("accepted", "china", "loan", 0.45, 0.5, year=2011),
        event("undelivered", "china", "loan", 0.45, 0.5, year=2011),
    )
    assert text == (
        "2011: Ecuador sought a loan. China was asked first and offered 0.30; Washington was asked next and offered "
        "0.50. The loan was split: three eighths from Washington (0.50, the price offered) and half from Beijing "
        "(0.45, bid up from 0.30); the rest was left open; it was to run until 2016. Beijing failed to deliver "
        "that year."
    )


def test_a_clause_shuts_the_rival_out_and_is_remembered() -> None:
    text = told(
        event("asked", "usa", "network"),
        event("offered", "usa", "network", 0.4),
        event("excluded", "usa", "network", 0.55, 1.0, "china"),
        event("accepted", "usa", "network", 0.55, 1.0),
        event("asked", "usa", "network", year=2014),
        event("refused", "usa", "network", year=2014),
        event("asked", "usa", "network", year=2015),
        event("refused", "usa", "network", year=2015),
        settings={"world.clause_term": 5},
    )
    first, second, third = text.splitlines()
    assert "at 0.55 instead of 0.40; for that, Beijing was shut out of telecoms networks until 2015." in first
    assert "was still shut out by the clause of 2010" in second
    assert "shut out" not in third


def test_pressure_that_is_yielded_to() -> None:
    text = told(
        event("asked", "china", "network"),
        event("offered", "china", "network", 0.3),
        event("pressed", "usa", "network", NAN, 0.5, "new deal"),
        event("complied", "usa", "network"),
        event("cancelled", "china", "network", 0.3, 0.5, "given up"),
        event("accepted", "china", "network", 0.3, 0.25),
    )
    assert "Half of the telecoms network was to be Beijing's, at 0.30 as offered. " in text
    assert "Washington objected and pressed Ecuador over Beijing's part; it gave in. " in text
    assert "Beijing's part was cut to a quarter. A quarter of the telecoms network went to Beijing" in text


@pytest.mark.parametrize(("pressure", "words"), [(-0.05, "Resisting cost it 0.05."), (-0.0, "No penalty followed.")])
def test_pressure_that_is_resisted(pressure: float, words: str) -> None:
    text = told(
        event("pressed", "usa", "loan", NAN, 1.0, "new deal"),
        event("resisted", "usa", "loan"),
        event("accepted", "china", "loan", 0.3, 1.0),
        states=rows_of_states(range(2010, 2011), issue="loan", pressure=pressure),
    )
    assert text == (
        "2010: The loan came from China, at 0.30; it was to run until 2015. "
        f"Washington objected and pressed Ecuador over Beijing's part; it held firm. {words}"
    )


def test_old_quarrels_under_a_new_government() -> None:
    states = rows_of_states(range(2010, 2012), holds_loan="china")
    states.loc[0, "lean"] = -0.2
    text = told(
        event("turnover", detail="lean +0.31", year=2011),
        event("cancelled", "china", "loan", 0.4, 1.0, "for usa", year=2011),
        event("pressed", "usa", "loan", detail="standing deal", year=2011),
        event("complied", "usa", "loan", year=2011),
        event("undelivered", "usa", "loan", 0.2, 1.0, year=2011),
        event("accepted", "usa", "loan", 0.2, 1.0, "substitute", year=2011),
        states=states,
    )
    assert text.splitlines() == [
        "2010: a quiet year.",
        "2011: The government changed, leaning towards the United States (lean +0.31, after -0.20). "
        "Washington pressed the new government of Ecuador over the loan with Beijing; it yielded. "
        "The loan with Beijing, at 0.40, was cancelled. Washington took over, at 0.20. "
        "Washington failed to deliver that year.",
    ]


def test_force() -> None:
    text = told(
        event("forced", "usa", "infrastructure", NAN, 1.0, "project of size 2.57"),
        event("cancelled", "china", "infrastructure", 0.3, 1.0, "by force"),
    )
    assert "The infrastructure project was to be China's, at 0.30." in text
    assert "Washington used force against the infrastructure project (a project of size 2.57)." in text
    assert "What Beijing had been given was cancelled by force." in text


def test_loans_fall_due_and_are_renewed_or_not() -> None:
    text = told(
        event("accepted", "china", "loan", 0.3, 1.0),
        event("expired", "china", "loan", 0.3, 1.0, year=2015),
        event("asked", "usa", "loan", year=2015),
        event("offered", "usa", "loan", 0.2, year=2015),
        event("accepted", "usa", "loan", 0.2, 1.0, year=2015),
        event("expired", "usa", "loan", 0.2, 1.0, year=2020),
        event("asked", "usa", "loan", year=2020),
        event("refused", "usa", "loan", year=2020),
    ).splitlines()
    assert text[1].startswith("2015: The loan of 2010 with China fell due. Seeking to renew it, Ecuador turned only to")
    assert "The loan came from Washington, at 0.20, the price offered; it was to run until 2020." in text[1]
    assert text[2].startswith("2020: The loan of 2015 with the United States fell due.")
    assert text[2].endswith("and it was not renewed.")


def test_switching_and_staying() -> None:
    text = told(
        event("asked", "taipei", "recognition"),
        event("offered", "taipei", "recognition", 0.2),
        event("switched", "taipei", "recognition", detail="from china"),
        event("accepted", "taipei", "recognition", 0.2, 1.0),
        event("accepted", "taipei", "recognition", 0.1, 1.0, "stays", year=2011),
    ).splitlines()
    assert text[0].endswith("Recognition passed from Beijing to Taipei, at 0.20 as offered.")
    assert text[1] == "2011: Recognition stayed with Taipei, at 0.10."


def test_insults_go_both_ways_and_names_are_full() -> None:
    text = told(
        event("insult", detail="PER"),
        event("insult", "usa"),
        event("insult", detail="ECU", state="PER"),
        event("insult", detail="BHS", state="PER"),
        event("insult", detail="ECU", state="BHS"),
    )
    assert text == "2010: Ecuador traded insults with Peru (twice), the United States and the Bahamas."


def test_quiet_years_are_told_together() -> None:
    text = told(event("shock", detail="common", year=2013), states=rows_of_states(range(2010, 2016)))
    assert text.splitlines() == [
        "2010-2012: quiet years.",
        "2013: A shock hit all states alike; its need was 1.00, after 1.00.",
        "2014-2015: quiet years.",
    ]


def test_a_quiet_year_says_why() -> None:
    signed = rows_of_states(range(2010, 2012), issue="trade", holds_trade="usa;china")
    assert told(states=signed).endswith("; free trade was already agreed with all who bid for it.")
    unasked = rows_of_states(range(2010, 2012), issue="loan")
    assert told(states=unasked) == "2010-2011: quiet years; nobody was asked about a loan."
    pool = told(states=unasked, settings={"world.outside_floor": 0.1})
    assert pool.endswith("nobody was asked about a loan, and the outside pool paid 0.10 instead.")


def test_a_change_of_strategy_is_not_quiet() -> None:
    states = rows_of_states(range(2010, 2012))
    states.loc[1, "strategy"] = "align_usa"
    assert told(states=states).endswith("2011: Ecuador changed its strategy: align with the United States.")


def test_heading_and_sums() -> None:
    events = pd.DataFrame(
        [
            event("asked", "china", "loan"),
            event("offered", "china", "loan", 0.3),
            event("accepted", "china", "loan", 0.3, 1.0),
            event("accepted", "china", "recognition", 0.1, 1.0, "stays", year=2011),
        ],
        columns=list(EVENT_COLUMNS),
    )
    scenario = Scenario.load("latin_america")
    text = flat(chronicle(events, rows_of_states(range(2010, 2013)), scenario, "ECU")).replace("\n", " ")
    assert text.startswith("Ecuador, 2010-2012 One run of the scenario latin_america")
    assert "Strategy: active non-alignment (ANA)." in text
    assert "1 = the hegemon's yearly budget per state" in text
    assert "In 3 years, deals struck: 1 with China. Powers asked: 1; refusals: 0. Times pressed: 0." in text
    assert text.endswith("Mean payoff a year: 0.50 (terms +0.50).")


def test_issues_that_share_an_instrument_are_told_apart() -> None:
    scenario = Scenario.load("bipolar")
    same = scenario.replace({"issue.infrastructure.instrument": "loan"})
    events = pd.DataFrame([event("asked", "rising", "infrastructure", state="S0001")], columns=list(EVENT_COLUMNS))
    assert "a loan (infrastructure)" in chronicle(events, pd.DataFrame(), same, "S0001")
    assert "for a loan" not in chronicle(events, pd.DataFrame(), scenario, "S0001").lower()


# -- what is refused, and what is empty ----------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "near"), [("EKU", "ECU"), ("Ecuadro", "ECU"), ("per", "PER"), ("Bahamas", "BHS")])
def test_a_wrong_state_names_the_nearest(name: str, near: str) -> None:
    with pytest.raises(ScenarioError, match=rf"there is no such state in latin_america; did you mean {near}\?"):
        chronicle(NO_EVENTS, pd.DataFrame(), Scenario.load("latin_america"), name)


def test_an_empty_run() -> None:
    text = chronicle(NO_EVENTS, pd.DataFrame(), Scenario.load("latin_america"), "DOM")
    assert text == "The Dominican Republic\nNo year of it has been run."


# -- nothing lost, nothing invented --------------------------------------------------------------------------------

ALONE: Mapping[str, Row] = {
    "shock": event("shock", detail="own"),
    "turnover": event("turnover", detail="lean -0.50"),
    "insult": event("insult", "usa"),
    "forced": event("forced", "usa", "loan", NAN, 1.0, "project of size 2.00"),
    "excluded": event("excluded", "usa", "loan", 0.4, 1.0, "china"),
    "switched": event("switched", "taipei", "recognition", detail="from china"),
    "pressed": event("pressed", "usa", "loan", NAN, 1.0, "standing deal"),
}


@pytest.mark.parametrize("kind", EVENTS)
def test_every_kind_is_told_even_alone(kind: str) -> None:
    text = told(ALONE.get(kind, event(kind, "china", "loan", 0.3, 1.0)))
    assert len(text) > len("2010: ")
    assert "quiet" not in text


def test_an_unknown_kind_is_told_in_short() -> None:
    assert told(event("toasted", "china", "loan")) == "2010: Also on record: toasted (China, loan)."


WORLDS: Mapping[str, tuple[str, dict[str, object]]] = {
    "latin_america": ("latin_america", {"years": 15, "world.insults": 5.0}),
    "pressed": (
        "bipolar",
        {
            "years": 20,
            "world.turnover": 0.6,
            "world.shocks.common": 0.1,
            "power.hegemon.pressure.force_threshold": 0.5,
            "power.hegemon.pressure.cost": 0.0,
            "power.rising.reliability": 0.6,
        },
    ),
    "three_powers": ("three_powers", {"years": 20, "world.learning.rate": 0.1, "world.outside_floor": 0.1}),
}

SAID = {
    "asked": r"\bwhich (?:offered|refused|declined|would not bid)|\bwas asked (?:first|next|last) and|alone was asked",
    "offered": r"\boffered \d[\d.]*(?=[.,;])",
    "refused": r"\b(?:refused|declined|would not bid)\b",
    "excluded": r"\bwas shut out of\b",
    "pressed": r"\bpressed (?!and)",
    "complied": r"; it (?:gave in|yielded|bowed to the demand)",
    "resisted": r"; it (?:held firm|stood its ground|would not budge)",
    "forced": r"\bforce against\b",
    "turnover": r"government (?:took office|changed|came in)",
    "shock": r"(?:shock hit|hard times came to|Hard times came to|crisis struck)",
    "undelivered": r"(?:did not deliver|failed to deliver|broke its word)",
    "switched": r"\bpassed from\b",
}


@cache
def world(name: str) -> tuple[pd.DataFrame, pd.DataFrame, Scenario]:
    source, settings = WORLDS[name]
    scenario = Scenario.load(source).replace(settings)
    model = AnaModel(scenario, rng=1, record=True).run()
    assert model.record is not None
    return model.record.events(), model.record.states(), scenario


@pytest.mark.parametrize("name", first_fast(*WORLDS))
def test_no_event_is_lost_or_invented(name: str) -> None:
    events, states, scenario = world(name)
    for state in scenario.state_names:
        text = chronicle(events, states, scenario, state)
        body = flat(text).split("\n\n")[1]
        own = events[events["state"] == state]
        assert "on record" not in body.lower()
        for year in body.splitlines():
            if re.match(r"\d+: [A-Z]", year):
                happened = own[own["year"] == int(year[:4])]["kind"]
                for kind, pattern in SAID.items():
                    assert len(re.findall(pattern, year)) == (happened == kind).sum(), (state, kind, year)
        quiet = re.findall(r"^(\d+)(?:-(\d+))?: (?:a quiet year|quiet years)", body, re.MULTILINE)
        for first, last in quiet:
            assert not own["year"].between(int(first), int(last or first)).any()


@pytest.mark.parametrize("name", WORLDS)
def test_years_are_told_once_in_order_on_narrow_lines(name: str) -> None:
    events, states, scenario = world(name)
    for state in scenario.state_names:
        text = chronicle(events, states, scenario, state)
        assert max(map(len, text.splitlines())) <= 100
        spans = re.findall(r"^(\d{4})(?:-(\d{4}))?: ", flat(text), re.MULTILINE)
        years = [year for first, last in spans for year in range(int(first), int(last or first) + 1)]
        assert years == list(range(scenario.start, scenario.start + scenario.years))
        assert "nan" not in text
        assert "None" not in text


def test_tables_from_a_file_tell_the_same() -> None:
    events, states, scenario = world("latin_america")

    def reread(table: pd.DataFrame) -> pd.DataFrame:
        return pd.read_csv(io.StringIO(table.to_csv(index=False)))

    for state in ("ECU", "HTI", "CUB"):
        told_before = chronicle(events, states, scenario, state)
        assert chronicle(reread(events), reread(states), scenario, state) == told_before
