"""A sweep is read as it was written, wherever it lies, and never from a damaged file."""

import json
import math
import shutil
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import csv
from stored import (
    FAILED,
    OPENNESS,
    PARTS,
    POINTS,
    PREMIUM,
    REPLICATES,
    STRATEGIES,
    TABLES,
    fill,
    opened,
    record,
    request,
    tables,
    written,
)

from ana_sim.provenance import MANIFEST
from ana_sim.scenario import Scenario
from ana_sim.sweeps.reading import Sweep, read_sweep
from ana_sim.sweeps.spec import Spec, SweepError
from ana_sim.tables import to_arrow

RUNS = [divmod(run, REPLICATES) for run in range(POINTS * REPLICATES) if run != FAILED]
ALL = ("points", *TABLES, "failures")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return written(tmp_path_factory.mktemp("whole") / "sweep")


@pytest.fixture(scope="module")
def sweep(folder):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return read_sweep(folder)


@pytest.fixture
def copy(folder, tmp_path):
    return Path(shutil.copytree(folder, tmp_path / "sweep"))


def put_together(table):
    """The table as it was handed to the store."""
    made = [tables(part) for part in range(len(PARTS))]
    return pa.concat_tables([failures if table == "failures" else own[table] for own, failures in made])


# -- tables ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", [*TABLES, "failures"])
def test_a_table_is_what_was_written_in_the_order_of_runs(sweep, table):
    pd.testing.assert_frame_equal(getattr(sweep, table), put_together(table).to_pandas(), check_exact=True)
    assert list(dict.fromkeys(zip(sweep.payoffs["point"], sweep.payoffs["replicate"], strict=True))) == RUNS


def test_points_and_factors(sweep):
    assert list(sweep.points.columns) == ["point", OPENNESS, "world.network"]
    assert sweep.points[OPENNESS].tolist() == [n / 10 for n in range(POINTS)]
    spec = Spec.load({**_spec_of(sweep), "scenario": sweep.scenario})
    assert sweep.factors == spec.factors
    assert sweep.design == spec.design
    assert sweep.strategies == STRATEGIES
    assert sweep.tables == TABLES
    assert sweep.complete


def _spec_of(sweep):
    design = {"kind": sweep.design.kind, **sweep.design.options}
    varied = {
        own.name: {"low": own.low, "high": own.high} if own.values is None else {"values": own.values}
        for own in sweep.factors
    }
    return {"design": design, "uncertainties": varied}


def test_wide_has_the_factors_of_each_point(sweep):
    wide = sweep.wide()
    assert list(wide.columns) == [*sweep.payoffs.columns, OPENNESS, "world.network"]
    assert wide["payoff"].tolist() == sweep.payoffs["payoff"].tolist()
    assert wide[OPENNESS].tolist() == [point / 10 for point in wide["point"]]


def test_a_factor_named_as_a_column_of_the_payoffs_does_not_hide_it(sweep, monkeypatch):
    monkeypatch.setitem(sweep.__dict__, "points", sweep.points.rename(columns={OPENNESS: "payoff"}))
    wide = sweep.wide()
    assert wide["payoff"].tolist() == sweep.payoffs["payoff"].tolist()
    assert wide["payoff_factor"].tolist() == [point / 10 for point in wide["point"]]


@pytest.mark.parametrize("table", ALL)
def test_a_dataset_has_the_same_rows(sweep, table):
    found = sweep.dataset(table).to_table().to_pandas()
    pd.testing.assert_frame_equal(found, getattr(sweep, table), check_exact=True)


def test_a_table_that_was_not_kept_is_named(tmp_path):
    with opened(tmp_path, tables=["payoffs"]) as store:
        for part in store.missing:
            made, failures = tables(part)
            store.put(part, {"payoffs": made["payoffs"]}, failures)
        store.finish()
    sweep = read_sweep(tmp_path)
    for table in ("powers", "measures"):
        with pytest.raises(SweepError, match=rf"{tmp_path}: keeps no {table} \(it keeps payoffs\)"):
            getattr(sweep, table)
    with pytest.raises(SweepError, match=r"keeps no payofs .*did you mean 'payoffs'"):
        sweep.dataset("payofs")
    with pytest.raises(SweepError, match="keeps no measures"):
        sweep.measure("premium")


def test_a_sweep_without_failures_has_none(tmp_path):
    with opened(tmp_path) as store:
        for part in store.missing:
            made, failures = tables(part)
            store.put(part, made, failures.slice(0, 0))
        store.finish()
    sweep = read_sweep(tmp_path)
    assert list(sweep.failures.columns) == ["point", "replicate", "seed", "stage", "reason"]
    assert len(sweep.failures) == 0
    assert sweep.dataset("failures").schema.names == list(sweep.failures.columns)
    sweep.to_csv(tmp_path / "csv")
    assert csv.read_csv(tmp_path / "csv/failures.csv").column_names == list(sweep.failures.columns)


# -- measures --------------------------------------------------------------------------------------


def test_a_measure_that_was_kept_goes_by_its_name(sweep):
    found = sweep.measure("premium")
    assert list(found.columns) == ["point", "replicate", "value"]
    assert found["value"].tolist() == sweep.measures["premium"].tolist()
    assert list(zip(found["point"], found["replicate"], strict=True)) == RUNS


def test_an_expression_is_computed_from_the_tables(sweep):
    pytest.importorskip("ana_sim.sweeps.measures")
    pd.testing.assert_frame_equal(sweep.measure(PREMIUM), sweep.measure("premium"), check_exact=True)
    both = sweep.measure("payoff[ana] * influence[rising] + influence[hegemon]")
    assert list(zip(both["point"], both["replicate"], strict=True)) == RUNS
    payoff = sweep.payoffs[sweep.payoffs["strategy"] == "ana"].set_index(["point", "replicate"])["payoff"]
    mean = sweep.powers.groupby(["power", "point", "replicate"])["influence"].mean()
    expected = payoff * mean["rising"] + mean["hegemon"]
    np.testing.assert_allclose(both["value"], expected, rtol=1e-14)


def test_what_a_strategy_has_is_the_mean_over_those_who_deviate(tmp_path):
    pytest.importorskip("ana_sim.sweeps.measures")
    rows = {
        "point": [0, 0, 0, 0, 0, 1, 1],
        "replicate": [0, 0, 0, 0, 1, 0, 0],
        "strategy": ["ana", "ana", "hedge", "hedge", "ana", "ana", "hedge"],
        "state": ["a", "b", "a", "b", "a", "a", "a"],
        "payoff": [1.0, 4.0, 0.25, 0.5, 8.0, math.nan, 2.0],
    }
    with opened(tmp_path, tables=["payoffs"], parts=1) as store:
        store.put(0, {"payoffs": to_arrow(rows, "payoffs")}, to_arrow({}, "failures"))
        store.finish()
    found = read_sweep(tmp_path).measure(PREMIUM)
    expected = {"point": [0, 0, 1], "replicate": [0, 1, 0], "value": [2.5 - 0.375, math.nan, math.nan]}
    pd.testing.assert_frame_equal(found, pd.DataFrame(expected))


def test_what_no_run_has_is_missing(tmp_path):
    pytest.importorskip("ana_sim.sweeps.measures")
    rows = {"point": [0], "replicate": [0], "strategy": ["ana"], "payoff": [1.0]}
    with opened(tmp_path, tables=["payoffs"], parts=1) as store:
        store.put(0, {"payoffs": to_arrow(rows, "payoffs")}, to_arrow({}, "failures"))
        store.finish()
    assert read_sweep(tmp_path).measure(PREMIUM)["value"].isna().tolist() == [True]


def test_an_expression_that_cannot_be_read_is_refused(sweep):
    pytest.importorskip("ana_sim.sweeps.measures")
    with pytest.raises(SweepError, match="payof"):
        sweep.measure("payof[ana]")
    with pytest.raises(SweepError, match="its payoffs have no column 'regret'"):
        sweep.measure("regret[ana]")


# -- places ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["point=7", "a b%20#é", "~"])
def test_a_sweep_reads_the_same_wherever_it_is_moved(sweep, folder, tmp_path, name, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copytree(folder, tmp_path / name)
    moved = read_sweep(Path(".") / name) if name != "~" else read_sweep(tmp_path / name)
    for table in ALL:
        pd.testing.assert_frame_equal(getattr(moved, table), getattr(sweep, table), check_exact=True)
        assert moved.dataset(table).count_rows() == len(getattr(sweep, table))
    assert moved.scenario == sweep.scenario
    assert moved.verify() == []


def test_another_reader_reads_a_table_as_a_folder(sweep, folder):
    found = pd.read_parquet(folder / "payoffs")
    pd.testing.assert_frame_equal(found, sweep.payoffs, check_exact=True)


def test_what_other_programs_leave_beside_the_parts_is_not_read(sweep, copy):
    (copy / "payoffs" / ".DS_Store").write_bytes(b"x")
    shutil.copy(copy / "payoffs/part-0000.parquet", copy / "payoffs/part-0999.parquet")
    assert len(read_sweep(copy).payoffs) == len(sweep.payoffs)


# -- the scenario ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["bipolar", "latin_america"])
def test_the_scenario_comes_back_with_its_infinities(tmp_path, name):
    scenario = Scenario.load(name).replace({"years": 3})
    assert math.inf in {scenario.world.rationality}
    begin(tmp_path, scenario)
    back = unfinished(tmp_path).scenario
    assert back == scenario
    assert back.digest == scenario.digest
    assert back.to_dict() == unfinished(tmp_path).request["scenario"]


def test_a_scenario_whose_table_of_states_is_gone_says_so_and_the_rest_is_read(tmp_path):
    states = tmp_path / "states.csv"
    states.write_text("name,size\nA,1\nB,2\n", encoding="utf-8")
    begin(tmp_path / "sweep", Scenario.load("bipolar").replace({"states.source": str(states), "years": 3}))
    states.unlink()
    sweep = unfinished(tmp_path / "sweep")
    assert len(sweep.points) == POINTS
    with pytest.raises(SweepError, match=r"sweep: its scenario cannot be loaded: .*states\.csv"):
        _ = sweep.scenario


def begin(folder, scenario):
    made = {"name": scenario.name, "digest": scenario.digest, "toml": scenario.to_toml()}
    opened(folder, request=request(scenario=scenario.to_dict()), record=record(scenario=made)).close()


def unfinished(folder):
    with pytest.warns(UserWarning, match="parts are missing"):
        return read_sweep(folder)


# -- sweeps that are not whole ---------------------------------------------------------------------


def test_what_there_is_of_an_unfinished_sweep_is_read_with_a_warning(sweep, tmp_path):
    with opened(tmp_path) as store:
        fill(store, [0, 3])
    with pytest.warns(UserWarning, match=rf"^{tmp_path}: 6 of 8 parts are missing; the command"):
        part = read_sweep(tmp_path)
    assert not part.complete
    runs = [*PARTS[0], *PARTS[3]]
    expected = sweep.measures[(sweep.measures["point"] * REPLICATES + sweep.measures["replicate"]).isin(runs)]
    pd.testing.assert_frame_equal(part.measures, expected.reset_index(drop=True))
    assert len(part.points) == POINTS
    part.to_csv(tmp_path / "csv")


def test_a_sweep_of_which_nothing_is_done_says_so(tmp_path):
    opened(tmp_path).close()
    sweep = unfinished(tmp_path)
    with pytest.raises(SweepError, match="none of its payoffs have been computed yet"):
        _ = sweep.payoffs
    assert len(sweep.failures) == 0


def test_a_shard_is_read_with_a_warning(tmp_path):
    written(tmp_path, shard=(1, 3))
    with pytest.warns(UserWarning, match="is shard 1/3 alone; ana-sim merge"):
        shard = read_sweep(tmp_path)
    assert not shard.complete
    assert len(shard.measures) == sum(len(PARTS[part]) - (FAILED in PARTS[part]) for part in (1, 4, 7))


def test_a_folder_without_a_sweep_is_refused(tmp_path):
    with pytest.raises(SweepError, match=f"{tmp_path}: holds no sweep"):
        read_sweep(tmp_path)
    with pytest.raises(SweepError, match="gone: there is no such folder"):
        read_sweep(tmp_path / "gone")
    opened(tmp_path, request={}).close()
    with pytest.raises(SweepError, match="holds no sweep that this version can read"):
        Sweep(tmp_path)


# -- damage ----------------------------------------------------------------------------------------


def test_nothing_is_read_from_a_damaged_file(copy):
    path = copy / "payoffs/part-0003.parquet"
    content = bytearray(path.read_bytes())
    content[50] ^= 1
    path.write_bytes(content)
    (copy / "powers/part-0001.parquet").unlink()
    sweep = read_sweep(copy)
    line = r"part-0003\.parquet: damaged \(its checksum differs\); run the sweep again"
    for read in (lambda: sweep.payoffs, sweep.wide, lambda: sweep.dataset("payoffs"), lambda: sweep.to_csv(copy / "a")):
        with pytest.raises(SweepError, match=line):
            read()
    with pytest.raises(SweepError, match=r"powers/part-0001\.parquet: missing; run"):
        _ = sweep.powers
    assert len(sweep.measures) == len(RUNS)
    assert sweep.verify() == ["payoffs/part-0003.parquet", "powers/part-0001.parquet"]


# -- other programs --------------------------------------------------------------------------------


def test_csv_holds_the_same_numbers(sweep, tmp_path):
    sweep.to_csv(tmp_path / "deep" / "csv")
    files = tmp_path / "deep" / "csv"
    assert sorted(path.name for path in files.iterdir()) == sorted(f"{name}.csv" for name in (*ALL, "columns"))
    for table in ALL:
        frame = getattr(sweep, table)
        back = csv.read_csv(files / f"{table}.csv").to_pandas()
        pd.testing.assert_frame_equal(back, frame, check_exact=True, check_dtype=False)
    assert "nan" not in (files / "payoffs.csv").read_text(encoding="utf-8")
    said = pd.read_csv(files / "columns.csv", keep_default_na=False)
    pd.testing.assert_frame_equal(said, sweep.columns(), check_dtype=False)


def test_csv_is_written_a_piece_at_a_time(tmp_path):
    rows = 1_500_000
    data = {"point": np.zeros(rows, int), "replicate": np.arange(rows), "payoff": np.sqrt(np.arange(rows))}
    with opened(tmp_path / "sweep", tables=["payoffs"], parts=1) as store:
        store.put(0, {"payoffs": to_arrow(data, "payoffs")}, to_arrow({}, "failures"))
        store.finish()
    sweep = read_sweep(tmp_path / "sweep")
    usual = pa.default_memory_pool()
    watched = pa.proxy_memory_pool(usual)
    pa.set_memory_pool(watched)
    try:
        sweep.to_csv(tmp_path / "csv")
    finally:
        pa.set_memory_pool(usual)
    assert 0 < watched.max_memory() < rows * len(data) * 8 / 3
    with (tmp_path / "csv/payoffs.csv").open("rb") as file:
        assert sum(1 for _ in file) == rows + 1


def test_every_column_is_documented(sweep):
    said = sweep.columns()
    assert list(said.columns) == ["table", "column", "type", "unit", "meaning"]
    assert list(dict.fromkeys(said["table"])) == list(ALL)
    for table, own in said.groupby("table"):
        assert own["column"].tolist() == list(getattr(sweep, table).columns)
    rows = said.set_index(["table", "column"])
    assert rows.loc[("points", OPENNESS)].tolist() == ["float", "share", "openness to small states"]
    assert rows.loc[("measures", "premium")].tolist() == ["float", "", PREMIUM]
    assert rows.loc[("payoffs", "payoff"), "unit"] == "budget"


def test_the_manifest_is_there_to_be_read(sweep, folder):
    recorded = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    assert sweep.manifest == {key: value for key, value in recorded.items() if key not in ("outputs", "state")}
    assert sweep.request == recorded["request"]
