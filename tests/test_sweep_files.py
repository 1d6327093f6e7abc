"""A sweep's file: what is refused and in which words, and the files that it names."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ana_sim.provenance import file_digest
from ana_sim.scenario import Scenario
from ana_sim.sweeps.design import factors_of_file, points_of
from ana_sim.sweeps.spec import Design, Factor, Spec, SweepError, described

STRATEGY = "from ana_sim import Strategy\n\n\nclass Mine(Strategy):\n    pass\n"
EDGES = "from,to\nS0001,S0002\n"


def spec(scenario: str | Scenario = "bipolar", kind: str = "grid", **tables: Any) -> Spec:
    return Spec.load({"scenario": scenario, "design": {"kind": kind}, **tables})


def refused(scenario: str | Scenario = "bipolar", kind: str = "grid", **tables: Any) -> str:
    with pytest.raises(SweepError) as error:
        spec(scenario, kind, **tables)
    text = str(error.value)
    assert len(text.splitlines()) == 1
    return text


def written(folder: Path, text: str, name: str = "sweep.toml") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


class TestFactors:
    @pytest.mark.parametrize("power", ["usa", "hegemon", "china"])
    def test_what_a_time_path_sets_from_the_start(self, power: str) -> None:
        path = f"power.{power}.capability"
        reason = "a time path of the scenario sets it from the first year on"
        assert refused("latin_america", uncertainties={path: {"low": 0.5, "high": 1.0}}).endswith(f'"{path}": {reason}')

    def test_what_a_time_path_sets_later_may_vary(self, tmp_path: Path) -> None:
        text = 'name = "later"\n[[change]]\npath = "power.rising.openness"\nyear = 3\nvalue = 0.5\n'
        path = "power.rising.openness"
        later = written(tmp_path, text, "later.toml")
        assert spec(str(later), uncertainties={path: {"low": 0.0, "high": 1.0}}).factors[0].paths == (path,)
        written(tmp_path, text.replace("year = 3", "year = 0"), "later.toml")
        assert "a time path" in refused(str(later), uncertainties={path: {"low": 0.0, "high": 1.0}})

    @pytest.mark.parametrize("path", ["power.rising.role", "power.rising.name", "issue.loan.name"])
    def test_names_are_not_varied(self, path: str) -> None:
        assert refused(uncertainties={path: {"values": ["a"]}}) == f'uncertainties."{path}": cannot be varied'

    @pytest.mark.parametrize(
        ("table", "path", "right"),
        [
            ("uncertainties", "strategies.custom.mine.caution", "levers"),
            ("levers", "world.sunk", "uncertainties"),
        ],
    )
    def test_levers_and_uncertainties_are_told_apart(self, table: str, path: str, right: str, tmp_path: Path) -> None:
        own = str(written(tmp_path, 'name = "own"\n[strategies.custom.mine]\ncaution = 2.0\n', "own.toml"))
        entry = {path: {"low": 0.5, "high": 1.0}}
        assert refused(own, **{table: entry}).endswith(f"it stands under [{right}]")
        assert spec(own, **{right: entry}).factors[0].name == path

    @pytest.mark.parametrize("table", ["uncertainties", "levers"])
    def test_the_mix_is_either(self, table: str) -> None:
        entries = {"strategies.mix.ana": {"low": 0.1, "high": 0.5}, "strategies.assignment": {"values": ["size"]}}
        assert len(spec(**{table: entries}).factors) == 2

    def test_tied_values_are_checked_together(self) -> None:
        ends = [f"states.exposure.hegemon.{end}" for end in ("low", "high")]
        tied = spec(uncertainties={"exposure": {"paths": ends, "values": [0.1, 0.6]}})
        assert tied.factors[0].values == (0.1, 0.6)
        text = refused(uncertainties={"exposure": {"paths": ends, "values": [0.1, 1.5]}})
        assert text.startswith("uncertainties.exposure.values = 1.5: states.exposure.hegemon")

    def test_an_ofat_design_starts_from_the_scenario(self) -> None:
        tied = {"stake": {"paths": ["issue.loan.stake.hegemon", "world.sunk"], "low": 0.0, "high": 1.0}}
        differ = "(issue.loan.stake.hegemon = 0.15, world.sunk = 0.1)"
        text = refused(kind="ofat", uncertainties=tied)
        assert text == (
            f"uncertainties.stake: its paths have different values in the scenario {differ}; an ofat design needs one"
        )
        assert spec(kind="lhs", uncertainties=tied).factors
        assert spec(kind="ofat", uncertainties=tied, set={"world.sunk": 0.15}).factors

    def test_unit_and_meaning(self) -> None:
        world = Scenario.load("bipolar")

        def of(*paths: str) -> tuple[str, str]:
            return described(Factor("own", paths, low=0.0, high=1.0), world)

        assert of("world.sunk") == ("money/size", "what breaking a standing deal costs beside its terms")
        assert of("world.legitimacy.press")[0] == "1"
        assert of("years") == ("years", "length of a run")
        assert of("strategies.mix.ana") == ("weight", "weights of the strategies in the population")
        assert of("states.exposure.hegemon.low") == of("states.exposure.hegemon.high")
        assert of("states.exposure.hegemon.low")[1]
        assert of("world.sunk", "world.loosen") == ("money/size", "value of world.sunk and world.loosen")


class TestMessages:
    def test_a_path_is_put_in_quotes(self, tmp_path: Path) -> None:
        text = 'scenario = "bipolar"\ndesign.kind = "grid"\n[uncertainties]\npower.rising.openness = {low = 0.0}\n'
        file = written(tmp_path, text)
        with pytest.raises(SweepError) as error:
            Spec.load(file)
        assert str(error.value) == f'{file}: uncertainties.power: a path is put in quotes: "power.rising.openness"'
        assert '"states.exposure.hegemon.low"' in refused(
            uncertainties={"states": {"exposure": {"hegemon": {"low": {"low": 0.0, "high": 0.1}}}}}
        )

    def test_strategies_are_given_under_strategy(self) -> None:
        text = refused(levers={"strategies": ["ana"]})
        assert text == "levers.strategies: there is no such key; did you mean strategy?"

    def test_outputs_that_do_nothing(self) -> None:
        assert "outputs.sample = 3: does nothing" in refused(outputs={"deviator": "all", "sample": 3})
        assert "outputs.by_state = true: does nothing" in refused(outputs={"deviator": "mixed", "by_state": True})
        kept = spec(outputs={"deviator": "mixed"}, levers={"strategy": ["ana"]})
        assert kept.strategies == ("ana",)
        assert spec(outputs={"sample": 3}).outputs.sample == 3

    def test_what_cannot_be_planned_names_the_file(self, tmp_path: Path) -> None:
        head = 'scenario = "bipolar"\nlevers.strategy = ["ana", "align_hegemon"]\n'
        vary = '"world.sunk" = { low = 0.0, high = 1.0 }\n'
        cases = {
            f'{head}design = {{ kind = "sobol", base_samples = 100 }}\n[uncertainties]\n{vary}': (
                "design.base_samples = 100: must be a power of two; the nearest are 64 and 128"
            ),
            f'{head}design.kind = "grid"\n[outputs.measures]\ngain = "payoff[hedge]"\n': (
                "outputs.measures.gain: 'hedge' is not compared here; levers.strategy names ana, align_hegemon"
            ),
        }
        for text, reason in cases.items():
            file = written(tmp_path, text)
            with pytest.raises(SweepError) as error:
                Spec.load(file)
            assert str(error.value) == f"{file}: {reason}"


class TestFiles:
    @pytest.fixture
    def networks(self, tmp_path: Path) -> Path:
        text = 'scenario = "bipolar"\ndesign.kind = "grid"\n[uncertainties]\n'
        file = written(tmp_path / "a", f'{text}"world.network" = {{ values = ["ring", "net.csv"] }}\n')
        written(tmp_path / "a", EDGES, "net.csv")
        return file

    def test_are_beside_the_sweep_and_known_by_their_contents(self, networks: Path) -> None:
        found = Spec.load(networks)
        edges = networks.parent / "net.csv"
        assert found.factors[0].values == ("ring", str(edges.resolve()))
        request = found.request()
        assert request["factors"][0]["values"] == ["ring", file_digest(edges)]
        assert str(networks.parent) not in json.dumps(request)
        edges.write_text(EDGES + "S0002,S0003\n", encoding="utf-8")
        assert Spec.load(networks).request() != request

    def test_of_settings(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        written(tmp_path / "a", EDGES, "net.csv")
        written(tmp_path / "b", EDGES, "net.csv")
        for how in ('"world.network" = "net.csv"', 'world.network = "net.csv"'):
            file = written(tmp_path / "a", f'scenario = "bipolar"\ndesign.kind = "grid"\n[set]\n{how}\n')
            monkeypatch.chdir(tmp_path)
            assert Spec.load(file).scenario.world.network == str((tmp_path / "a/net.csv").resolve())
            monkeypatch.chdir(tmp_path / "b")
            changed = Spec.load(file, {"set": {"world.network": "net.csv"}})
            assert changed.scenario.world.network == str((tmp_path / "b/net.csv").resolve())

    def test_of_strategies(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        text = 'scenario = "bipolar"\ndesign.kind = "grid"\nlevers.strategy = ["mine.py:Mine"]\n'
        file = written(tmp_path / "a", text)
        for name in "ab":
            written(tmp_path / name, STRATEGY, "mine.py")
        monkeypatch.chdir(tmp_path / "b")
        assert Spec.load(file).strategies == (f"{(tmp_path / 'a/mine.py').resolve()}:Mine",)
        changes = {"levers.strategy": ["mine.py:Mine", "ana"]}
        assert Spec.load(file, changes).strategies == (f"{(tmp_path / 'b/mine.py').resolve()}:Mine", "ana")
        (tmp_path / "b/mine.py").unlink()
        with pytest.raises(SweepError, match="there is no such file"):
            Spec.load(file, changes)


class TestPoints:
    def test_a_request_does_not_grow_with_the_file(self, tmp_path: Path) -> None:
        values = np.random.default_rng(1).random(2000)
        rows = "".join(f"{value},{row % 7},{row % 2 == 0},{'ring'}\n" for row, value in enumerate(values.tolist()))
        header = "world.sunk,world.memory_years,world.linkage,world.network\n"
        file = written(tmp_path, header + rows, "points.csv")
        found = Spec.load({"scenario": "bipolar", "design": {"kind": "file", "path": str(file)}})
        sunk, memory, linkage, network = found.factors
        assert (sunk.low, sunk.high, sunk.whole, sunk.values) == (values.min(), values.max(), False, None)
        assert (memory.low, memory.high, memory.whole) == (0.0, 6.0, True)
        assert (linkage.values, network.values) == ((True, False), ("ring",))
        points = points_of(found.design, found.factors, 1)
        assert points["world.sunk"].tolist() == values.tolist()
        assert points["world.memory_years"].dtype == np.int64
        request = json.dumps({key: value for key, value in found.request().items() if key != "scenario"})
        assert len(request) < 2000

    def test_a_fraction_among_many_is_found(self, tmp_path: Path) -> None:
        years = [*map(str, range(150)), "7.5", *map(str, range(150, 300))]
        file = written(tmp_path, "\n".join(["world.memory_years", *years, ""]), "points.csv")
        with pytest.raises(SweepError, match=r"row 151, column world.memory_years = 7.5: must be a whole number"):
            factors_of_file(file, Scenario.load("bipolar"))

    def test_files_are_beside_the_points(self, tmp_path: Path) -> None:
        edges = written(tmp_path, EDGES, "net.csv")
        file = written(tmp_path, "world.network\nring\nnet.csv\n", "points.csv")
        found = factors_of_file(file, Scenario.load("bipolar"))
        points = points_of(Design("file", {"path": str(file)}), found, 1)
        assert points["world.network"].tolist() == ["ring", str(edges.resolve())]
