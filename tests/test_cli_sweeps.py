"""The commands about sweeps: what they print and write, and that they refuse in one line with status 2."""

import json
import warnings

import pandas as pd
import pytest
from made_sweeps import latin, make_sweep, one_at_a_time, ranged, with_luck
from test_cli import ana_sim, assert_refused, everything

from ana_sim.provenance import file_digest
from ana_sim.sweeps.runner import sweep
from ana_sim.tables import describe, read_table

FACTORS = (ranged("power.rising.openness"), ranged("world.posted_share"))
WRITTEN = {
    "sensitivity": {"sensitivity.csv"},
    "regimes": {"regimes.csv", "regime_payoffs.csv", "regime_shares.csv", "break_even.csv"},
    "robustness": {"robustness.csv", "futures.csv"},
}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    points = latin(FACTORS, 60)
    x = points[FACTORS[0].name].to_numpy()
    payoffs = {"align_hegemon": with_luck(0.4 - 0.2 * x, own=0.01), "ana": with_luck(0.2 + 0.2 * x, own=0.01)}
    measures = {"premium": payoffs["ana"] - payoffs["align_hegemon"]}
    make_sweep(folder / "sweep", FACTORS, points, measures=measures, payoffs=payoffs)
    return folder / "sweep"


@pytest.mark.parametrize("command", WRITTEN)
def test_an_analysis_prints_a_table_and_writes_all_that_is_behind_it(made, tmp_path, command):
    outcome = ana_sim(command, made, folder=tmp_path)
    assert outcome.status == 0, outcome
    assert outcome.err == ""
    (results,) = (tmp_path / "results").iterdir()
    assert results.name.startswith(f"{command}-bipolar-")
    files = WRITTEN[command] | {f"{command}.png", f"{command}.pdf", "summary.txt"}
    assert {path.name for path in results.iterdir()} == files | {"manifest.json"}
    assert (results / f"{command}.png").read_bytes().startswith(b"\x89PNG")
    assert (results / f"{command}.pdf").read_bytes().startswith(b"%PDF")
    assert outcome.out.startswith((results / "summary.txt").read_text(encoding="utf-8").rstrip("\n"))
    assert "A made world" in outcome.out
    manifest = json.loads((results / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["state"] == "complete"
    assert manifest["command"] == command
    assert manifest["seed"] == 1
    assert manifest["request"]["sweep"] == file_digest(made / "manifest.json")
    assert manifest["outputs"] == {name: file_digest(results / name) for name in files}
    assert "SALib" in manifest["versions"]
    for name in WRITTEN[command]:
        frame = read_table(results / name)
        assert len(frame)
        assert all(column.meaning for column in describe(name.removesuffix(".csv"), frame.columns))


def test_what_is_printed_is_to_the_point(made, tmp_path):
    assert "premium: 60 points; luck makes" in ana_sim("sensitivity", made, folder=tmp_path).out
    mapped = ana_sim("regimes", made, "--bins", "4", folder=tmp_path).out
    assert "ana breaks even with align_hegemon: power.rising.openness 0." in mapped
    assert "good enough: at least the payoff of align_hegemon there" in ana_sim("robustness", made, folder=tmp_path).out


@pytest.mark.parametrize("command", WRITTEN)
def test_the_same_request_again_shows_what_is_there(made, tmp_path, command):
    first = ana_sim(command, made, "--out", "mine", folder=tmp_path)
    before = everything(tmp_path)
    again = ana_sim(command, made, "--out", "mine", folder=tmp_path)
    assert again.status == 0
    assert "already in mine, from the same request" in again.err
    assert first.out.startswith(again.out.rstrip("\n"))
    assert everything(tmp_path) == before
    forced = ana_sim(command, made, "--out", "mine", "--force", "--quiet", folder=tmp_path)
    assert forced.err == ""
    assert "written" not in forced.out
    assert {path.name: data for path, data in everything(tmp_path).items() if path.suffix != ".json"} == {
        path.name: data for path, data in before.items() if path.suffix != ".json"
    }


def test_another_request_does_not_overwrite(made, tmp_path):
    assert ana_sim("robustness", made, "--out", "mine", folder=tmp_path).status == 0
    before = everything(tmp_path)
    other = ("robustness", made, "--at-least", "0.3", "--out", "mine")
    assert_refused(ana_sim(*other, folder=tmp_path), "mine: holds the results of another request", "--force")
    assert everything(tmp_path) == before
    assert ana_sim(*other, "--force", folder=tmp_path).status == 0
    assert set(read_table(tmp_path / "mine" / "robustness.csv")["threshold"]) == {"0.3"}


def test_options_reach_the_analysis(made, tmp_path):
    assert ana_sim("sensitivity", made, "--measure", "payoff[ana]", "--out", "s", folder=tmp_path).status == 0
    assert set(pd.read_csv(tmp_path / "s" / "sensitivity.csv")["measure"]) == {"payoff[ana]"}
    axes = ("--x", "world.posted_share", "--y", "power.rising.openness", "--bins", "3")
    assert ana_sim("regimes", made, *axes, "--out", "r", folder=tmp_path).status == 0
    cells = pd.read_csv(tmp_path / "r" / "regimes.csv")
    assert set(cells["x_factor"]) == {"world.posted_share"}
    assert len(cells) == 9
    assert ana_sim("robustness", made, "--at-least", "ana", "--out", "b", folder=tmp_path).status == 0
    table = pd.read_csv(tmp_path / "b" / "robustness.csv").set_index("strategy")
    assert table["satisfices"].isna().to_dict() == {"ana": True, "align_hegemon": False}


def test_the_curves_of_an_ofat_design_are_written_too(tmp_path):
    points = one_at_a_time(FACTORS, {own.name: 0.5 for own in FACTORS}, 4)
    measures = {"y": with_luck(points[FACTORS[0].name])}
    made = make_sweep(tmp_path / "sweep", FACTORS, points, kind="ofat", measures=measures)
    assert ana_sim("sensitivity", made.folder, "--out", "mine", folder=tmp_path).status == 0
    assert len(read_table(tmp_path / "mine" / "curves.csv")) == 10


def test_a_real_sweep_is_analysed_and_one_that_is_not_finished_says_so(tmp_path):
    asked = {
        "scenario": "bipolar",
        "set": {"states.count": 4},
        "years": 3,
        "replicates": 4,
        "design": {"kind": "ofat", "levels": 3},
        "uncertainties": {
            "power.rising.openness": {"low": 0.2, "high": 0.8},
            "world.network": {"values": ["complete", "ring"]},
        },
        "levers": {"strategy": ["align_hegemon", "ana"]},
        "outputs": {"deviator": "rotate"},
    }
    whole, part = tmp_path / "whole", tmp_path / "part"
    sweep(asked, whole)
    measured = ("sensitivity", whole, "--measure", "payoff[ana] - payoff[align_hegemon]", "--out", "s")
    assert ana_sim(*measured, folder=tmp_path).status == 0
    curves = read_table(tmp_path / "s" / "curves.csv")
    assert curves["level"].tolist() == ["0.2", "0.5", "0.8", "1", "complete", "ring"]
    assert ana_sim("regimes", whole, "--out", "r", folder=tmp_path).status == 0
    assert ana_sim("robustness", whole, "--out", "b", folder=tmp_path).status == 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        sweep(asked, part, shard=(1, 1))
    outcome = ana_sim("robustness", part, "--out", "p", folder=tmp_path)
    assert outcome.status == 0
    assert outcome.err.count("\n") == 1
    assert "ana-sim merge puts shards together" in outcome.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("regimes", "nowhere"), ("nowhere: there is no such folder",)),
        (("sensitivity",), ("sensitivity: missing argument 'DIR'",)),
        (("regimes", "SWEEP", "--x", "power.rising.opennes"), ("did you mean 'power.rising.openness'?",)),
        (("regimes", "SWEEP", "--bins", "1"), ("--bins = 1: must be a whole number of at least 2",)),
        (("regimes", "SWEEP", "--bin", "4"), ("regimes: there is no option --bin; did you mean --bins?",)),
        (("robustness", "SWEEP", "--at-least", "anna"), ("at_least = 'anna'", "did you mean 'ana'?")),
        (("robustness", "SWEEP", "--at-least", "nan"), ("must be a finite payoff",)),
        (("robustness", "SWEEP", "--out", " "), ("--out: names no folder",)),
        (("sensitvity", "SWEEP"), ("there is no command 'sensitvity'; did you mean sensitivity?",)),
    ],
)
def test_what_is_wrong_is_refused_in_a_line(made, tmp_path, arguments, words):
    asked = [made if word == "SWEEP" else word for word in arguments]
    assert_refused(ana_sim(*asked, folder=tmp_path), *words)
    assert everything(tmp_path) == {}


def test_help_lists_the_commands(tmp_path):
    text = ana_sim("--help", folder=tmp_path).out
    for command in WRITTEN:
        assert f"\n  {command} " in text
        assert "--out DIR" in ana_sim(command, "--help", folder=tmp_path).out
