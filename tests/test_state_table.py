"""Tables of states: read, and refused cell by cell."""

import math

import numpy as np
import pytest

from ana_sim.errors import ScenarioError
from ana_sim.roster import Roster
from ana_sim.scenario import Scenario
from ana_sim.state_table import read_state_table

ROLES = {"usa": "hegemon", "china": "rising", "taipei": "third"}
ISSUES = ("trade", "loan", "recognition")


def read(tmp_path, text, roles=ROLES):
    file = tmp_path / "states.csv"
    file.write_text(text, encoding="utf-8")
    return read_state_table(file, Roster(roles), ISSUES)


def test_all_columns(tmp_path):
    table = read(
        tmp_path,
        "name,full_name,size,size_flag,need,resources,strategic,diplomatic_capacity,risk_aversion,ideology_usa,"
        "exposure_usa,exposure_rising,recognises,deal_trade,deal_loan,region,bloc,strategy,any_note\n"
        "ARG,Argentina,10,,1.1,2,0.5,0.9,3,-0.2,0.3,0.4,china,usa; china,,south,yes,ana,x\n"
        "\n"
        "BRA,Brazil,20,imputed,,,,,,,,,,,hegemon,,false,,\n",
    )
    assert table.names == ("ARG", "BRA")
    assert len(table.size) == 2
    assert list(table.size) == [10.0, 20.0]
    assert table.need[0] == 1.1
    assert math.isnan(table.need[1])
    assert table.resources[0] == 2.0
    assert table.strategic[0] == 0.5
    assert table.diplomatic_capacity[0] == 0.9
    assert table.risk_aversion[0] == 3.0
    assert set(table.ideology) == {"usa"}
    assert set(table.exposure) == {"usa", "china"}  # a role serves as a name
    assert table.exposure["china"][0] == 0.4
    assert math.isnan(table.exposure["usa"][1])
    assert table.recognises == ("china", None)
    assert table.deals == {"trade": (("usa", "china"), ()), "loan": ((), ("usa",))}
    assert table.region == ("south", None)
    assert table.bloc == (True, False)
    assert table.strategy == ("ana", None)
    with pytest.raises(ValueError, match="read-only"):
        table.size[0] = 1.0


def test_only_name_and_size_are_required(tmp_path):
    table = read(tmp_path, "\ufeffname,size\nA,1\n")
    assert np.isnan(table.need).all()
    assert np.isnan(table.risk_aversion).all()
    assert table.ideology == {}
    assert table.recognises == (None,)
    assert table.deals == {}
    assert table.bloc == (None,)


BAD = {
    "no size": ("name,siz\nA,1\n", "column size: this column is required; did you mean siz?"),
    "no name": ("nam,size\nA,1\n", "column name: this column is required"),
    "no rows": ("name,size\n", "has no states"),
    "twice": ("name,size\nA,1\nA,2\n", "row 2, column name = 'A': this state comes twice"),
    "nameless": ("name,size\n,1\n", "row 1, column name: a state needs a name"),
    "sizeless": ("name,size\nA,\n", "A, column size = '': is missing"),
    "zero": ("name,size\nA,0\n", "A, column size = '0': must be above 0"),
    "negative": ("name,size\nA,-1\n", "A, column size = '-1': must be above 0"),
    "nan": ("name,size\nA,nan\n", "A, column size = 'nan': must be a finite number"),
    "inf": ("name,size\nA,inf\n", "A, column size = 'inf': must be a finite number"),
    "text": ("name,size\nA,big\n", "A, column size = 'big': must be a number"),
    "exposure": ("name,size,exposure_usa\nA,1,1.2\n", "A, column exposure_usa = '1.2': must be at most 1"),
    "below": ("name,size,exposure_usa\nA,1,-0.1\n", "A, column exposure_usa = '-0.1': must be at least 0"),
    "capacity": ("name,size,diplomatic_capacity\nA,1,0\n", "must be above 0"),
    "capacity high": ("name,size,diplomatic_capacity\nA,1,1.1\n", "must be at most 1"),
    "column": (
        "name,size,exposre_usa\nA,1,0\n",
        "column exposre_usa: there is no such column; did you mean exposure_usa?",
    ),
    "power": (
        "name,size,exposure_chna\nA,1,0\n",
        "the scenario has no power chna; did you mean exposure_china?",
    ),
    "issue": ("name,size,deal_lon\nA,1,usa\n", "the scenario has no issue lon; did you mean deal_loan?"),
    "deal": (
        "name,size,deal_loan\nA,1,usa;chna\n",
        "A, column deal_loan = 'chna': the scenario has no such power",
    ),
    "recognises": ("name,size,recognises\nA,1,chna\n", "did you mean china?"),
    "bloc": ("name,size,bloc\nA,1,maybe\n", "A, column bloc = 'maybe': must be true or false"),
    "same power": (
        "name,size,exposure_usa,exposure_hegemon\nA,1,0,0\n",
        "is the same as column exposure_usa",
    ),
    "same column": ("name,size,size\nA,1,1\n", "column size: this column comes twice"),
    "ragged": ("name,size\nA,1,2\n", "row 1 (A): has 3 cells where the header has 2"),
    "quote": ('name,size\n"A,1\n', "is not a CSV"),
    "empty": ("", "is empty"),
    "blank": (" \n \n", "is empty"),
    "commas": (",,\n,,\n", "is empty"),
}


@pytest.mark.parametrize("case", BAD)
def test_refused(tmp_path, case):
    text, line = BAD[case]
    with pytest.raises(ScenarioError) as caught:
        read(tmp_path, text)
    assert line in str(caught.value)
    assert "states.csv" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_files_that_are_no_texts(tmp_path):
    def refused(path, reason):
        with pytest.raises(ScenarioError, match=reason):
            read_state_table(path, Roster({}), ())

    (tmp_path / "binary.csv").write_bytes(b"\x89PNG\r\n\x1a\n\xff")
    (tmp_path / "zero.csv").write_bytes(b"name,size\0\n")
    refused(tmp_path / "binary.csv", "not a text file")
    refused(tmp_path / "zero.csv", "not a text file")
    refused(tmp_path, "is a folder")
    refused(tmp_path / "none.csv", "there is no such file")
    refused("/dev/zero", "not an ordinary file")


def test_a_changed_file_is_read_again(tmp_path):
    assert read(tmp_path, "name,size\nA,1\n").names == ("A",)
    assert read(tmp_path, "name,size\nA,1\nB,2\n").names == ("A", "B")


@pytest.mark.parametrize("name", ["latin_america", "latin_america_2000"])
def test_the_built_in_tables(name):
    table = read_state_table(name, Roster(ROLES), ISSUES)
    assert len(table.names) == 33
    assert "BRA" in table.names
    assert set(table.exposure) == {"usa", "china"}
    assert "taipei" in table.recognises


def test_a_built_in_table_serves_without_the_powers_it_speaks_of():
    table = read_state_table("latin_america", Roster({"hegemon": "hegemon"}), ())
    assert table.exposure == {}
    assert table.deals == {}
    assert set(table.recognises) == {None}


def test_a_scenario_checks_what_only_it_knows(tmp_path):
    file = tmp_path / "s.csv"

    def scenario(text):
        file.write_text(text)
        return Scenario.load("bipolar").replace({"states.source": str(file)})

    assert scenario("name,size,strategy\nA,1,align_rising\n").state_names == ("A",)
    with pytest.raises(ScenarioError, match=r"s.csv: A, column strategy: .*did you mean play_field"):
        scenario("name,size,strategy\nA,1,play_feild\n")
    with pytest.raises(ScenarioError, match="recognition is exclusive: one power at most"):
        scenario("name,size,deal_recognition\nA,1,hegemon;rising\n")
