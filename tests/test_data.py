"""The tables of real states: complete, in range, as COLUMNS.md states, and made by the script they name."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ana_sim.scenario import Scenario

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "ana_sim" / "data"
SCRIPT = ROOT / "experiments" / "derive_states.py"
SCENARIOS = ("latin_america", "latin_america_2000", "latin_america_ppp")
RATIOS = "china_trade_ratio_lac.csv"
SOURCE_VARIABLE = "ANA_SIM_SOURCE"

YEARS = (2000, 2010)


def codes(text: str) -> list[str]:
    return text.split()


NAMES = codes(
    "ARG ATG BHS BLZ BOL BRA BRB CHL COL CRI CUB DMA DOM ECU GRD GTM GUY "
    "HND HTI JAM KNA LCA MEX NIC PAN PER PRY SLV SUR TTO URY VCT VEN"
)
TAIPEI = {
    2000: codes("BLZ CRI DMA DOM GRD GTM HND HTI KNA NIC PAN PRY SLV VCT"),
    2010: codes("BLZ DOM GTM HND HTI KNA LCA NIC PAN PRY SLV VCT"),
}
DEALS = {
    2000: {"MEX": "usa"},
    2010: {
        **dict.fromkeys(codes("CRI DOM GTM HND MEX NIC SLV"), "usa"),
        **dict.fromkeys(codes("CHL PER"), "usa;china"),
    },
}
DERIVED = (
    *("size", "need", "resources", "strategic", "diplomatic_capacity", "ideology_usa", "ideology_china"),
    *("exposure_usa", "exposure_china", "recognises", "deal_trade", "region"),
)
NUMERIC = DERIVED[:-3]
PATHS = [
    f"capability_{power}_{year}{suffix}.csv" for power in ("usa", "china") for year in YEARS for suffix in ("", "_ppp")
]


def load(year: int, folder: Path = DATA) -> pd.DataFrame:
    table = pd.read_csv(folder / f"latin_america_{year}.csv", keep_default_na=False)
    return table.set_index("name", drop=False)


@pytest.fixture(params=YEARS)
def year(request: pytest.FixtureRequest) -> int:
    return int(request.param)


def test_table_is_complete(year: int) -> None:
    table = load(year)
    assert list(table["name"]) == NAMES
    assert set(table.columns) == {"name", "full_name", *DERIVED, *(f"{column}_flag" for column in DERIVED)}
    assert table["full_name"].is_unique
    for column in NUMERIC:
        assert pd.api.types.is_float_dtype(table[column]), column
        assert table[column].notna().all()
    assert (table[["full_name", "recognises", "region"]] != "").all().all()


def test_values_are_in_range(year: int) -> None:
    table = load(year)
    assert (table["size"] > 0).all()
    assert table["need"].mean() == pytest.approx(1.0, abs=1e-4)
    assert table["need"].std(ddof=0) == pytest.approx(0.2, abs=1e-3)
    assert table["need"].between(0.4, 1.6).all()
    assert table["diplomatic_capacity"].between(0.5, 1.0).all()
    assert table["diplomatic_capacity"].max() == 1.0
    assert table["ideology_usa"].mean() == pytest.approx(0.0, abs=1e-4)
    assert table["ideology_usa"].std(ddof=0) == pytest.approx(0.057, abs=1e-3)
    assert (table["ideology_china"] == -table["ideology_usa"]).all()


def test_size_and_need_are_ordered_as_the_world_is(year: int) -> None:
    table = load(year)
    assert table["size"].idxmax() == "BRA"
    assert table["need"].idxmax() == "HTI"


def test_trade_shares_are_shares(year: int) -> None:
    table = load(year)
    for column in ("exposure_usa", "exposure_china"):
        assert table[column].between(0.0, 1.0).all()
    assert (table["exposure_usa"] + table["exposure_china"] <= 1.0).all()
    assert table.loc["CUB", "exposure_usa"] == 0.0
    assert table.loc["CUB", "exposure_usa_flag"] == "coded: embargo"


def test_trade_of_2000_is_flagged_as_that_of_2001() -> None:
    table = load(2000)
    assert table["exposure_china_flag"].str.startswith("imputed: value of 2001").all()


def test_shares_above_one_are_imputed_and_flagged() -> None:
    flags = load(2010)["exposure_china_flag"]
    assert set(flags.index[flags != ""]) == {"ATG", "BHS"}


def test_china_gains_on_the_united_states() -> None:
    assert load(2010)["exposure_china"].median() > 2 * load(2000)["exposure_china"].median()


def test_recognition_is_as_stated(year: int) -> None:
    table = load(year)
    assert set(table["recognises"]) == {"china", "taipei"}
    assert list(table.index[table["recognises"] == "taipei"]) == TAIPEI[year]


def test_trade_agreements_are_those_in_force(year: int) -> None:
    deals = load(year)["deal_trade"]
    assert deals[deals != ""].to_dict() == DEALS[year]


def test_coded_values_are_flagged_and_documented(year: int) -> None:
    table = load(year)
    coded = table[table["strategic"] != 1.0]
    assert set(coded.index) == {"MEX", "PAN"}
    assert coded["strategic_flag"].str.startswith("coded: ").all()
    assert (table.loc[table["strategic"] == 1.0, "strategic_flag"] == "").all()
    text = (DATA / "COLUMNS.md").read_text(encoding="utf-8")
    for column in DERIVED:
        assert f"`{column}`" in text
    for flag in coded["strategic_flag"]:
        assert f"`{flag}`" in text


@pytest.mark.parametrize("name", PATHS)
def test_capability_paths(name: str) -> None:
    path = pd.read_csv(DATA / name)
    start = int(name.split("_")[2].removesuffix(".csv"))
    assert list(path.columns) == ["year", "value"]
    assert list(path["year"]) == list(range(start, 2025))
    assert (path["value"] > 0).all()
    if "usa" in name:
        assert path["value"].iloc[0] == 1.0
    else:
        assert 0.1 < path["value"].iloc[0] < 1.0


def ratios(folder: Path = DATA) -> pd.DataFrame:
    return pd.read_csv(folder / RATIOS, keep_default_na=False)


def test_record_of_trade_is_complete_and_ends_in_2010() -> None:
    table = ratios()
    assert list(table.columns) == ["state", "year", "ratio", "ratio_flag"]
    assert list(zip(table["state"], table["year"], strict=True)) == [(n, t) for n in NAMES for t in range(2001, 2011)]
    assert table["ratio"].between(0.0, 1.0, inclusive="neither").all()
    assert set(table["state"][table["ratio_flag"].str.startswith("embargo")]) == {"CUB"}
    odd = table[table["ratio_flag"].str.startswith("doubtful")]
    assert set(odd["state"]) <= {"ATG", "BHS"}


def test_record_of_trade_agrees_with_the_exposures(year: int) -> None:
    table = load(year).drop(["ATG", "BHS", "CUB"])
    record = ratios().set_index(["year", "state"])["ratio"][max(year, 2001)]
    usa, china = table["exposure_usa"], table["exposure_china"]
    assert record[table.index].tolist() == pytest.approx((china / (usa + china)).tolist(), abs=1e-6)


def test_derivation_records_the_committed_files() -> None:
    record = json.loads((DATA / "derivation.json").read_text(encoding="utf-8"))
    assert set(record) == {"inputs", "outputs"}
    assert set(record["outputs"]) == {*(f"latin_america_{year}.csv" for year in YEARS), *PATHS, RATIOS}
    for name, digest in record["outputs"].items():
        assert hashlib.sha256((DATA / name).read_bytes()).hexdigest() == digest, name


@pytest.mark.parametrize("name", SCENARIOS)
def test_scenarios_start_where_their_paths_do(name: str) -> None:
    folder = DATA / "scenarios"
    scenario = tomllib.loads((folder / f"{name}.toml").read_text(encoding="utf-8"))
    start = scenario.get("start", 2010)
    powers = {power["name"]: power for power in scenario["power"]}
    for change in scenario["change"]:
        path = pd.read_csv(folder / change["file"])
        assert path["year"].iloc[0] == start
        power = change["path"].split(".")[1]
        assert path["value"].iloc[0] == powers.get(power, {"capability": 1.0})["capability"]


@pytest.mark.parametrize("name", SCENARIOS)
def test_scenarios_load_with_their_states_and_powers(name: str) -> None:
    scenario = Scenario.load(name)
    assert list(scenario.state_names) == NAMES
    assert scenario.power_names == ("usa", "china", "taipei")
    assert [power.role for power in scenario.power] == ["hegemon", "rising", "third"]
    assert scenario.power[0].excluded == ("CUB",)
    assert len(scenario.issue) == 6
    for issue in scenario.issue:
        contenders = {power for power, interest in issue.interest.items() if interest > 0.0}
        assert contenders == ({"china", "taipei"} if issue.name == "recognition" else {"usa", "china"})
    assert scenario.table is not None
    assert scenario.table.recognises.count("taipei") == len(TAIPEI[scenario.start])


@pytest.mark.parametrize("name", SCENARIOS)
def test_capability_follows_the_series_of_the_scenario_then_holds(name: str) -> None:
    scenario = Scenario.load(name)
    suffix = "_ppp" if name.endswith("ppp") else ""
    for place, power in enumerate(("usa", "china")):
        path = pd.read_csv(DATA / f"capability_{power}_{scenario.start}{suffix}.csv")["value"].tolist()
        path += path[-1:] * (scenario.years - len(path))
        assert [scenario.at(year).power[place].capability for year in range(scenario.years)] == path


# The script itself, on a source that is made up: state n has a GDP of 1 + n billion, and so on.


def made_up_source(folder: Path) -> None:
    folder.mkdir()
    codes = [*NAMES, "USA", "CHN"]
    years = range(1999, 2012)
    pairs = [(n, code, t) for n, code in enumerate(codes) for t in years]
    gdp = {"USA": 100e9, "CHN": 25e9}
    pd.DataFrame(
        {
            "iso3": [code for _, code, _ in pairs],
            "year": [t for _, _, t in pairs],
            "population": 1000,
            # the year 2011 is poisoned for the states: no state column may see it
            "gdp_const_usd_wdi": [gdp.get(code, 1e20 if t > 2010 else (1 + n) * 1e9) for n, code, t in pairs],
            "gdp_ppp_gapminder_const2021intl": [
                gdp.get(code, 1e20 if t > 2010 else (1 + n) * 1e9) for n, code, t in pairs
            ],
        }
    ).to_csv(folder / "gdp_pop_lac.csv", index=False)
    trade = [(code, t) for code in NAMES for t in range(2001, 2012)]
    pd.DataFrame(
        {
            "iso3": [code for code, _ in trade],
            "year": [t for _, t in trade],
            "us_trade_share": [0.9 if t > 2010 else 0.4 for _, t in trade],
            "chn_trade_share": [1.4 if (code, t) == ("ATG", 2010) else (t - 2000) / 100 for code, t in trade],
            "flag_share_gt1": [int((code, t) == ("ATG", 2010)) for code, t in trade],
        }
    ).to_csv(folder / "trade_shares_lac_2001_2024.csv", index=False)
    votes = [(n, code, t) for n, code in enumerate(codes) for t in range(1990, 2012)]
    votes = [(n, code, t) for n, code, t in votes if (code, t) != ("DOM", 1995)]
    pd.DataFrame(
        {
            "iso3": [code for _, code, _ in votes],
            "session": [t - 1945 for _, _, t in votes],
            "year": [t for _, _, t in votes],
            "n_votes": [50 if code == "KNA" else 100 for _, code, _ in votes],
            "dist_usa": [3.0 - 0.05 * n + (t - 2000) for n, _, t in votes],
            "dist_chn": [0.0 + 0.05 * n for n, _, _ in votes],
        }
    ).to_csv(folder / "unga_idealpoints_lac_1990_2023.csv", index=False)
    pd.DataFrame(
        [
            ("MEX", "USA", 1994, "confirmed"),
            ("CHL", "USA", 2004, "confirmed"),
            ("CHL", "CHN", 2006, "partly_confirmed"),
            ("COL", "USA", 2011, "confirmed"),
            ("PAN", "TWN", 2004, "confirmed"),
        ],
        columns=["iso3", "partner", "in_force", "status"],
    ).to_csv(folder / "events_fta_lac.csv", index=False)
    pd.DataFrame(
        [
            ("BLZ", "1997", "PRC"),
            ("CRI", "2007-06-01", "PRC"),
            ("LCA", "2007-04-30", "ROC"),
            ("PAN", "2011", "PRC"),
        ],
        columns=["iso3", "date", "to"],
    ).to_csv(folder / "events_recognition_switches_lac.csv", index=False)


def derive(source: Path, out: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(SCRIPT), "--source", str(source), "--out", str(out)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def made_up(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with ``source``, made up, and ``out``, derived from it."""
    folder = tmp_path_factory.mktemp("derivation")
    made_up_source(folder / "source")
    done = derive(folder / "source", folder / "out")
    assert done.returncode == 0, done.stderr
    return folder


def test_script_follows_the_rules_of_each_column(made_up: Path) -> None:
    table = load(2010, made_up / "out")
    assert list(table["size"]) == [float(n + 1) for n in range(33)]
    assert table["need"].is_monotonic_decreasing
    assert table.loc["KNA", "diplomatic_capacity"] == 0.75
    assert table.loc["ARG", "diplomatic_capacity"] == 1.0
    # dist_chn - dist_usa = 0.1 n + a year's constant: demeaned, with a standard deviation of 0.057
    spread = np.std(np.arange(33))
    assert list(table["ideology_usa"]) == pytest.approx([0.057 * (n - 16) / spread for n in range(33)], abs=1e-4)
    assert table.loc["ATG", "exposure_china"] == 0.05  # median of 2001 to 2009
    assert "median of own 9 sound years" in str(table.loc["ATG", "exposure_china_flag"])
    assert table.loc["ARG", "exposure_china"] == 0.1
    assert table.loc["CHL", "deal_trade"] == "usa;china"
    assert str(table.loc["CHL", "deal_trade_flag"]).startswith("partly confirmed")
    assert table.loc["COL", "deal_trade"] == ""
    assert table.loc["PAN", "deal_trade"] == ""
    assert table.loc[["CRI", "LCA", "PAN"], "recognises"].tolist() == ["china", "taipei", "taipei"]


def test_script_takes_ratios_of_shares_and_nothing_after_2010(made_up: Path) -> None:
    table = ratios(made_up / "out").set_index(["state", "year"])
    assert len(table) == 330
    assert table.loc[("ARG", 2010), "ratio"] == 0.2  # 0.1 of 0.5
    assert table.loc[("ATG", 2010), "ratio"] == pytest.approx(1.4 / 1.8, abs=1e-6)
    assert table.loc[("ATG", 2010), "ratio_flag"] == "doubtful: trans-shipment (shares above 1)"
    assert (table.loc["CUB", "ratio_flag"] == "embargo: licensed sales only").all()


def test_script_refuses_a_record_of_trade_with_gaps(tmp_path: Path) -> None:
    made_up_source(tmp_path / "source")
    path = tmp_path / "source" / "trade_shares_lac_2001_2024.csv"
    table = pd.read_csv(path)
    table[(table["iso3"] != "BRA") | (table["year"] != 2004)].to_csv(path, index=False)
    done = derive(tmp_path / "source", tmp_path / "out")
    assert done.returncode == 2
    assert done.stderr.splitlines() == ["derive_states: BRA has no trade shares in 2004"]


def test_script_marks_a_missing_session(made_up: Path) -> None:
    table = load(2000, made_up / "out")
    assert table.loc["DOM", "diplomatic_capacity"] == pytest.approx(0.95)
    assert str(table.loc["DOM", "diplomatic_capacity_flag"]).startswith("imputed: 1 of 10 sessions")
    assert table.loc["BLZ", "recognises"] == "taipei"  # a switch before 2000 is in the list of 2000


def test_script_takes_the_last_earlier_value_where_one_is_missing(made_up: Path, tmp_path: Path) -> None:
    made_up_source(tmp_path / "source")
    path = tmp_path / "source" / "gdp_pop_lac.csv"
    table = pd.read_csv(path)
    table.loc[(table["iso3"] == "ARG") & (table["year"] == 2010), "gdp_const_usd_wdi"] = None
    table.loc[(table["iso3"] == "ARG") & (table["year"] == 2009), "gdp_const_usd_wdi"] = 7e9
    table.to_csv(path, index=False)
    assert derive(tmp_path / "source", tmp_path / "out").returncode == 0
    derived = load(2010, tmp_path / "out")
    assert derived.loc["ARG", "size"] == 7.0
    assert derived.loc["ARG", "size_flag"] == "imputed: value of 2009"
    assert derived.drop("ARG").equals(load(2010, made_up / "out").drop("ARG"))


def test_script_writes_the_same_bytes_again(made_up: Path, tmp_path: Path) -> None:
    assert derive(made_up / "source", tmp_path).returncode == 0
    first = {path.name: path.read_bytes() for path in (made_up / "out").iterdir()}
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == first
    assert str(made_up) not in (tmp_path / "derivation.json").read_text(encoding="utf-8")


def test_script_names_what_is_missing(tmp_path: Path) -> None:
    made_up_source(tmp_path / "source")
    path = tmp_path / "source" / "events_fta_lac.csv"
    pd.read_csv(path).drop(columns="in_force").to_csv(path, index=False)
    lacks = derive(tmp_path / "source", tmp_path / "out")
    path.unlink()
    missing = derive(tmp_path / "source", tmp_path / "out")
    for done, words in ((lacks, ("events_fta_lac.csv", "in_force")), (missing, ("events_fta_lac.csv",))):
        assert done.returncode == 2
        assert len(done.stderr.splitlines()) == 1
        assert all(word in done.stderr for word in words)
    assert not (tmp_path / "out").exists()


def test_committed_files_come_from_the_sources(tmp_path: Path) -> None:
    source = os.environ.get(SOURCE_VARIABLE)
    if not source:
        pytest.skip(f"the raw sources are not in the repository; set {SOURCE_VARIABLE} to their folder")
    done = derive(Path(source), tmp_path)
    assert done.returncode == 0, done.stderr
    for path in sorted(tmp_path.iterdir()):
        assert path.read_bytes() == (DATA / path.name).read_bytes(), path.name
