"""Every column of a run is documented, and a table comes back from its file as it was."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from made_sweeps import listed, make_sweep, one_at_a_time, ranged, with_luck

from ana_sim.comparison import compare
from ana_sim.record import EVENT_COLUMNS
from ana_sim.scenario import Scenario
from ana_sim.simulation import run_world, simulate
from ana_sim.sweeps.analysis.regimes import regimes
from ana_sim.sweeps.analysis.robustness import robustness
from ana_sim.sweeps.analysis.sensitivity import sensitivity
from ana_sim.tables import (
    FORMATS,
    TABLES,
    Column,
    columns_of,
    describe,
    read_table,
    schema,
    to_arrow,
    write_parquet,
    write_table,
)

SMALL = {"states.count": 4, "years": 3}
RUN_TABLES = ("payoffs", "powers", "states", "deals", "events")
PREMIUM = Column("premium", "float", "", "payoff[ana] - payoff[hedge]")
ANALYSES = (
    *("sensitivity", "curves", "robustness", "futures"),
    *("regimes", "regime_payoffs", "regime_shares", "break_even"),
)


@pytest.fixture(scope="module")
def world():
    return Scenario.load("bipolar").replace(SMALL)


@pytest.fixture(scope="module")
def frames(world, analyses):
    run = run_world(world)
    compared = compare(world, ["ana", "align_hegemon"], replicates=2)
    tables = {name: getattr(run, name) for name in RUN_TABLES}
    return {**tables, "compare": compared.summary, "paired": compared.payoffs, **analyses}


@pytest.fixture(scope="module")
def analyses(tmp_path_factory):
    """The tables that analyses of a sweep make."""
    factors = (ranged("power.rising.openness"), listed("world.network", "ring", "complete"))
    points = one_at_a_time(factors, {factors[0].name: 0.5, factors[1].name: "ring"}, 3)
    x = points[factors[0].name].to_numpy()
    payoffs = {"align_hegemon": with_luck(0.6 - x), "ana": with_luck(x)}
    sweep = make_sweep(tmp_path_factory.mktemp("sweep"), factors, points, kind="ofat", payoffs=payoffs)
    return {**sensitivity(sweep).tables, **regimes(sweep).tables, **robustness(sweep).tables}


def table_of(name):
    return "payoffs" if name == "paired" else name


@pytest.mark.parametrize("name", [*RUN_TABLES, "compare", "paired", *ANALYSES])
def test_every_column_of_a_real_table_is_documented(frames, name):
    frame = frames[name]
    documented = describe(table_of(name), frame.columns)
    assert [column.name for column in documented] == list(frame.columns)
    assert all(column.meaning for column in documented)
    for column in documented:
        assert (column.type == "text") == pd.api.types.is_string_dtype(frame[column.name]), column


def test_columns_of_real_states_and_a_third_power_are_documented():
    world = Scenario.load("latin_america").replace({"years": 2})
    run = run_world(world)
    for name in RUN_TABLES:
        describe(name, getattr(run, name).columns)
    for column in describe("powers", simulate(world, replicates=1).powers.columns):
        assert column.meaning


@pytest.mark.parametrize("table", [*RUN_TABLES, "compare", *ANALYSES])
def test_nothing_is_documented_that_no_table_has(frames, table):
    seen = set(frames[table].columns)
    if table == "payoffs":
        seen |= set(frames["paired"].columns)
    for column in TABLES[table]:
        if column.stem is not None:
            assert any(name.startswith(column.stem) for name in seen), column
        elif column.name != "replicate":
            assert column.name in seen, column


def test_events_have_their_documented_order():
    assert [column.name for column in TABLES["events"] if column.name != "replicate"] == list(EVENT_COLUMNS)


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("name", [*RUN_TABLES, *ANALYSES])
def test_a_table_comes_back_without_rounding(frames, tmp_path, name, format):
    path = tmp_path / f"{name}.{format}"
    write_table(frames[name], path, format)
    back = read_table(path)
    assert list(back.columns) == list(frames[name].columns)
    for column in describe(name, back.columns):
        ours, theirs = frames[name][column.name], back[column.name]
        if column.type == "text":
            assert pd.api.types.is_string_dtype(theirs)
            assert ours.fillna("").tolist() == theirs.fillna("").tolist()
        else:
            numbers = [one.astype("float64").to_numpy() for one in (ours, theirs)]
            np.testing.assert_array_equal(*numbers)
            assert ours.dtype == theirs.dtype


def test_a_summary_comes_back_from_csv_with_odd_names(frames, tmp_path):
    summary = frames["compare"].copy()
    summary["strategy"] = ["NA", "align_hegemon"]
    summary.loc[0, "low"] = np.nan
    write_table(summary, tmp_path / "compare.csv", "csv")
    pd.testing.assert_frame_equal(read_table(tmp_path / "compare.csv"), summary, check_dtype=False, check_exact=True)


def test_parquet_carries_units_and_meanings(frames, tmp_path):
    write_table(frames["powers"], tmp_path / "powers.parquet", "parquet")
    schema = parquet.read_schema(tmp_path / "powers.parquet")
    assert schema.field("budget").metadata[b"unit"] == b"budget"
    assert b"hegemon's offerable budget" in schema.metadata[b"budget"]
    assert all(schema.field(name).metadata[b"meaning"] for name in schema.names)


def test_the_same_table_gives_the_same_bytes(frames, tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        write_table(frames["states"], tmp_path / folder / "states.parquet", "parquet")
    assert (tmp_path / "a/states.parquet").read_bytes() == (tmp_path / "b/states.parquet").read_bytes()


def test_the_same_table_gives_the_same_bytes_however_it_is_held_in_memory(tmp_path):
    rows = np.arange(100_000)
    table = to_arrow({"point": rows, "strategy": np.array(["ana", "hedge"])[rows % 2], "payoff": rows**0.5}, "payoffs")
    pieces = pa.concat_tables([table.slice(0, 7), table.slice(7, 50_000), table.slice(50_007)])
    assert pieces.column(0).num_chunks == 3
    for name, held in (("a", table), ("b", pieces)):
        write_parquet(held, tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_table_of_nothing_has_its_columns(tmp_path):
    write_table(pd.DataFrame([]), tmp_path / "deals.parquet", "parquet")
    back = read_table(tmp_path / "deals.parquet")
    assert list(back.columns) == [column.name for column in TABLES["deals"]]
    assert len(back) == 0


def test_a_whole_number_may_be_missing():
    deals = pd.DataFrame({"year": [2010, 2011], "until": [2015.0, np.nan]})
    assert to_arrow(deals, "deals").column("until").to_pylist() == [2015, None]


def test_columns_that_a_user_names_say_what_they_hold():
    table = to_arrow({"point": np.array([0, 1]), "premium": np.array([0.5, np.nan])}, "measures", [PREMIUM])
    assert table.column("premium").to_pylist() == [0.5, None]
    assert columns_of(table.schema) == describe("measures", ["point", "premium"], [PREMIUM])
    assert table.schema.equals(schema("measures", ["point", "premium"], [PREMIUM]), check_metadata=True)
    with pytest.raises(KeyError, match="premium is not documented"):
        schema("measures", ["point", "premium"])


def test_a_name_of_the_user_does_not_hide_a_column_of_the_table():
    (column,) = describe("measures", ["seed"], [Column("seed", "float", "", "mine")])
    assert column.type == "int"


def test_a_schema_that_says_nothing_is_refused():
    with pytest.raises(KeyError, match="x is not documented"):
        columns_of(pa.schema([("x", pa.int64())]))


def test_what_is_not_documented_is_refused(frames):
    with pytest.raises(KeyError, match="odd is not documented"):
        describe("powers", ["year", "odd"])
    with pytest.raises(KeyError):
        describe("states", ["share_"])


def test_another_format_is_refused(frames, tmp_path):
    with pytest.raises(ValueError, match="parquet, csv"):
        write_table(frames["powers"], tmp_path / "powers.xlsx", "xlsx")
    assert not list(tmp_path.iterdir())
