"""The paper's figures and tables: that each is what its request says, told in its tables, and made again alike."""

import json
import re
from dataclasses import replace
from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from pictures import assert_legible, words_of
from test_cli import ana_sim

from ana_sim.compiled import JIT_ENABLED
from ana_sim.paper import ITEMS, Bench, PaperError, item_of
from ana_sim.paper import bench as bench_module
from ana_sim.paper.bench import QUICK, estimates, request_file
from ana_sim.paper.columns import described
from ana_sim.paper.society import SHORT, strategy_shares
from ana_sim.paper.strategies import payoff_table, regime
from ana_sim.paper.world import PHASES
from ana_sim.provenance import file_digest
from ana_sim.scenario import Scenario
from ana_sim.sweeps.runner import plan_sweep
from ana_sim.tally import COMPONENTS

ROOT = Path(__file__).resolve().parent.parent
NAMES = {
    1: "year",
    2: "payoffs",
    3: "regime_map",
    4: "dials",
    5: "sequencing",
    6: "pressure",
    7: "demonstration",
    8: "skill",
    9: "sobol",
    10: "diffusion",
    11: "facts",
    12: "hindcast",
    13: "strategies",
    14: "parameters",
    15: "states",
}
SWEPT = ("payoffs", "regime_map", "dials", "sequencing", "pressure", "demonstration", "skill", "sobol")

compiled = pytest.mark.skipif(not JIT_ENABLED, reason="takes minutes without the compiler")


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    """A workbench whose sweeps have four replicates and few points."""
    patch = pytest.MonkeyPatch()
    usual = bench_module.plan_sweep

    def small(source, changes):
        few = {**(changes or {}), "replicates": 4}
        if "global_sensitivity" in str(source):
            few["design"] = {"kind": "sobol", "base_samples": 4}
        return usual(source, few)

    patch.setattr(bench_module, "plan_sweep", small)
    yield Bench(tmp_path_factory.mktemp("paper"), quick=True, workers=1)
    patch.undo()


@pytest.fixture(scope="module")
def made(bench):
    """What an item comes to, made once."""
    kept = {}

    def make(name):
        if name not in kept:
            kept[name] = item_of(name).make(bench)
        return kept[name]

    return make


# -- what there is ---------------------------------------------------------------------------------


def test_the_items_are_those_of_the_paper_in_its_order():
    assert {number: one.name for number, one in sorted(ITEMS.items())} == NAMES


@pytest.mark.parametrize("word", ["regime_map", "3", "03", "03_regime_map"])
def test_an_item_is_found_by_name_number_or_file(word):
    assert item_of(word).name == "regime_map"


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("regime_mpa", "did you mean regime_map"),
        ("99", "there are: year"),
        ("04_regime_map", "did you mean"),
        ("x/y", "no"),
    ],
)
def test_an_unknown_item_is_refused_with_the_nearest_name(word, says):
    with pytest.raises(PaperError, match=re.escape(says)):
        item_of(word)


@pytest.mark.parametrize("file", sorted({file for one in ITEMS.values() for file in one.files}))
def test_every_request_is_a_committed_file_that_is_valid(file):
    text = request_file(file).read_text(encoding="utf-8")
    if "[design]" in text:
        assert plan_sweep(request_file(file)).runs > 0
    else:
        assert Scenario.load(str(request_file(file)))


def test_a_missing_request_is_named():
    with pytest.raises(PaperError, match=r"experiments/nothing\.toml: not found"):
        request_file("nothing.toml")


# -- tables ----------------------------------------------------------------------------------------


@compiled
@pytest.mark.parametrize("name", [*SWEPT, "diffusion", "year", "strategies", "parameters", "states"])
def test_every_column_of_every_table_is_documented(name, made):
    for kind, table in made(name).tables.items():
        assert len(table) > 0
        for column in described(kind, table):
            assert column.meaning.strip()


@compiled
def test_components_sum_to_the_payoff_and_the_best_is_not_behind(made):
    table = made("payoffs").tables["payoffs_by_regime"]
    assert len(table) == 4 * 5
    assert np.allclose(table[list(COMPONENTS)].sum(axis=1), table["payoff"], atol=1e-12)
    for _, own in table.groupby("regime"):
        best = own.loc[own["payoff"].idxmax()]
        assert best["behind"] == 0.0
        assert best["among_best"]
        assert np.allclose(own["payoff"] - own["payoff"].max(), own["behind"])
    clear = table["behind_high"] < 0.0
    assert not table.loc[clear, "among_best"].any()


@compiled
def test_payoffs_of_regimes_are_those_of_the_sweep(bench, made):
    sweep = bench.sweep("payoffs_by_regime")
    table = payoff_table(sweep)
    pd.testing.assert_frame_equal(table, made("payoffs").tables["payoffs_by_regime"])
    own = sweep.payoffs[(sweep.payoffs["point"] == 0) & (sweep.payoffs["strategy"] == "ana")]
    assert table.loc[4, "strategy"] == "ana"
    assert table.loc[4, "payoff"] == pytest.approx(own["payoff"].mean(), abs=1e-15)


@compiled
def test_estimates_are_means_with_students_interval(bench):
    from scipy import stats

    sweep = bench.sweep("sequencing")
    table = estimates(sweep, ["first"])
    values = sweep.measure("first")
    own = values[values["point"] == 5]["value"]
    low, high = stats.t.interval(0.95, len(own) - 1, own.mean(), stats.sem(own))
    row = table.iloc[5]
    assert (row["estimate"], row["low"], row["high"]) == pytest.approx((own.mean(), low, high))
    assert row["replicates"] == 4


@compiled
def test_premiums_by_state_are_paired_and_quarters_are_their_means(made):
    tables = made("skill").tables
    states, quarters = tables["premiums"], tables["quarters"]
    assert len(states) == 33
    assert states["size"].is_monotonic_increasing
    assert states["size"].mean() == pytest.approx(1.0)
    assert list(states.groupby("quarter").size()) == [9, 8, 8, 8]
    assert np.allclose(states.groupby("quarter")["estimate"].mean(), quarters["estimate"])


@compiled
def test_demonstration_differs_only_after_the_lag(made):
    table = made("demonstration").tables["demonstration"]
    wide = table.pivot_table(index=["column", "power", "year"], columns="world.demonstration.rate", values="estimate")
    years = wide.index.get_level_values("year")
    same = np.isclose(wide[0.0], wide[0.5], rtol=0.0, atol=0.0)
    assert same[years < 2018].all()
    assert not same[years > 2020].all()


@compiled
def test_shares_of_strategies_sum_to_one_and_begin_with_the_mix(bench):
    world = bench.scenario("diffusion").replace({"years": 5})
    table = strategy_shares(world, 3)
    assert set(table["strategy"]) == set(SHORT)
    wide = table.pivot_table(index="year", columns="strategy", values="estimate")
    assert np.allclose(wide.sum(axis=1), 1.0)
    still = strategy_shares(world.replace({"world.learning.rate": 0.0, "world.learning.mutation": 0.0}), 3)
    assert (still.groupby("strategy")["estimate"].nunique() == 1).all()


@pytest.mark.parametrize(("at", "words"), [((0.3, 0.2), "weak and closed"), ((1.0, 1.0), "equal and open")])
def test_regimes_are_named(at, words):
    assert regime(*at).startswith(words)


def test_the_phases_are_those_of_the_odd():
    odd = (request_file("regime_map.toml").parents[1] / "docs" / "odd.md").read_text(encoding="utf-8")
    for _, _, _, _, sections in PHASES:
        for section in sections.split("-"):
            assert re.search(rf"^#+ {re.escape(section)}\b", odd, re.MULTILINE), section


# -- pictures --------------------------------------------------------------------------------------


@compiled
@pytest.mark.parametrize("name", [*SWEPT, "diffusion", "year"])
def test_pictures_are_legible_and_say_what_they_show(name, made):
    figure = made(name).figure
    assert isinstance(figure, Figure)
    assert figure.get_figwidth() == pytest.approx(7.2)
    assert_legible(figure)
    assert len(words_of(figure)) > 8


# -- the command -----------------------------------------------------------------------------------

FEW = ("figures", "year", "5", "parameters", "--quick")


@compiled
def test_the_command_writes_pictures_tables_and_a_manifest(tmp_path):
    done = ana_sim(*FEW, "--out", "out", folder=tmp_path)
    assert done.status == 0, done.err
    out = tmp_path / "out"
    recorded = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert recorded["state"] == "complete"
    assert recorded["request"]["figures"] == ["year", "sequencing", "parameters"]
    assert set(recorded["request"]["files"]) == {"askers.toml", "sequencing.toml"}
    pictures = {f"{stem}.{ending}" for stem in ("01_year", "05_sequencing") for ending in ("png", "pdf")}
    tables = {"01_year.csv", "05_sequencing.csv", "14_parameters.csv", "columns.csv"}
    assert set(recorded["outputs"]) == pictures | tables | {"summary.txt"}
    for name, digest in recorded["outputs"].items():
        assert file_digest(out / name) == digest
    columns = pd.read_csv(out / "columns.csv")
    for file in tables - {"columns.csv"}:
        assert list(columns.loc[columns["file"] == file, "column"]) == list(pd.read_csv(out / file).columns)


@compiled
def test_pdfs_are_vectors(tmp_path):
    assert ana_sim("figures", "year", "--out", "out", folder=tmp_path).status == 0
    text = (tmp_path / "out" / "01_year.pdf").read_bytes()
    assert text.startswith(b"%PDF")
    assert b"/Subtype /Image" not in text


@compiled
def test_the_same_request_gives_the_same_bytes_and_is_not_run_again(tmp_path):
    for folder, workers in (("a", 1), ("b", 2)):
        assert ana_sim(*FEW, "--out", folder, "--workers", workers, folder=tmp_path).status == 0
    names = [path.name for path in (tmp_path / "a").iterdir() if path.is_file() and path.name != "manifest.json"]
    for name in names:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name
    again = ana_sim(*FEW, "--out", "a", folder=tmp_path)
    assert again.status == 0
    assert "already in a" in again.err


@compiled
def test_an_interrupted_set_is_continued_by_the_same_command(tmp_path, monkeypatch):
    def interrupted(bench):
        raise KeyboardInterrupt

    # the sweep of figure 5 is run before the interruption, and is what it was afterwards
    monkeypatch.setitem(ITEMS, 13, replace(ITEMS[13], make=interrupted))
    words = ("figures", "5", "strategies", "--quick", "--out", "out")
    assert ana_sim(*words, folder=tmp_path).status != 0
    kept = (tmp_path / "out" / "sweeps" / "sequencing" / "manifest.json").stat().st_mtime_ns
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["state"] == "writing"
    monkeypatch.undo()
    assert ana_sim(*words, folder=tmp_path).status == 0
    assert (tmp_path / "out" / "sweeps" / "sequencing" / "manifest.json").stat().st_mtime_ns == kept
    assert (tmp_path / "out" / "13_strategies.csv").exists()


def test_every_sweep_has_a_quick_form():
    stems = {file.removesuffix(".toml") for one in ITEMS.values() for file in one.files}
    assert set(QUICK) < stems
    for stem in stems - set(QUICK):  # what is no sweep is a scenario
        assert Scenario.load(str(request_file(f"{stem}.toml")))


@compiled
def test_a_dry_run_writes_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(bench_module, "plan_sweep", plan_sweep)  # the sweeps as they are, not those of `bench`
    done = ana_sim("figures", "year", "5", "--quick", "--dry-run", folder=tmp_path)
    assert done.status == 0
    assert re.search(
        r"^05_sequencing +2,520 runs +sequencing\.toml, askers\.toml +Whom to ask first$", done.out, re.MULTILINE
    )
    assert re.search(r"^the sweeps take about .+ on \d+ cores?$", done.out, re.MULTILINE)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("figures", "regime_mpa"), "did you mean regime_map"),
        (("figures", "--out", ""), "names no folder"),
        (("figures", "--workers", "0"), "--workers = 0"),
    ],
)
def test_bad_requests_are_refused_in_a_line(words, says, tmp_path):
    done = ana_sim(*words, folder=tmp_path)
    assert done.status == 2
    assert says in done.err
    assert done.err.count("\n") == 1
    assert not list(tmp_path.iterdir())


@compiled
@pytest.mark.slow
def test_the_quick_set_is_whole(tmp_path):
    done = ana_sim("figures", "--quick", "--out", "out", folder=tmp_path)
    assert done.status == 0, done.err
    recorded = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    stems = {name.split(".")[0] for name in recorded["outputs"]}
    assert {one.stem for one in ITEMS.values()} <= stems


@compiled
@pytest.mark.slow
def test_the_picture_in_the_readme_is_what_the_command_makes(tmp_path):
    locked = re.search(r"^matplotlib==(\S+)", (ROOT / "requirements.lock").read_text(encoding="utf-8"), re.MULTILINE)
    if matplotlib.__version__ != locked.group(1):
        pytest.skip("another matplotlib than the locked one draws other bytes")
    assert ana_sim("figures", "regime_map", "--out", "out", folder=tmp_path).status == 0
    shown = ROOT / "docs" / "_static" / "main_result.png"
    assert (tmp_path / "out" / "03_regime_map.png").read_bytes() == shown.read_bytes()
