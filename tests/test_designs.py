"""Designs: the structure that each promises, the same bits for the same seed, and one line for what is wrong."""

from __future__ import annotations

import itertools
import random
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from pandas.testing import assert_frame_equal
from SALib.analyze import morris as morris_analysis
from SALib.analyze import sobol as sobol_analysis

from ana_sim.scenario import Scenario
from ana_sim.sweeps.design import base_values, count_points, factors_of_file, points_of
from ana_sim.sweeps.spec import DESIGNS, Design, Factor, Spec, SweepError
from ana_sim.world import Conditions

SHARE = Factor("world.posted_share", ("world.posted_share",), low=0.1, high=0.7)
MEMORY = Factor("memory", ("world.memory_years",), low=2.0, high=9.0, whole=True)
SUNK = Factor("world.sunk", ("world.sunk",), values=(0.5, 0, 0.25))
TERM = Factor("issue.loan.term", ("issue.loan.term",), values=(1, 5, 9))
LINKAGE = Factor("world.linkage", ("world.linkage",), values=(True, False))
NETWORK = Factor("world.network", ("world.network",), values=("complete", "ring", "regions"))
FACTORS = (SHARE, MEMORY, SUNK, TERM, LINKAGE, NETWORK)
BASE = (0.4, 5, 0.25, 5, True, "complete")

SMALL: dict[str, dict[str, Any]] = {
    "grid": {"levels": 3},
    "lhs": {"samples": 30},
    "sobol": {"base_samples": 8},
    "morris": {"trajectories": 5},
    "ofat": {"levels": 4},
}


def design(kind: str, **options: Any) -> Design:
    return Design(kind, {**DESIGNS[kind], **SMALL.get(kind, {}), **options})


def made(kind: str, factors: tuple[Factor, ...] = FACTORS, seed: int = 1, **options: Any) -> pd.DataFrame:
    return points_of(design(kind, **options), factors, seed, BASE[: len(factors)])


def unit(many: int) -> tuple[Factor, ...]:
    return tuple(Factor(f"x{n}", (f"x{n}",), low=0.0, high=1.0) for n in range(many))


def line(error: pytest.ExceptionInfo[SweepError]) -> str:
    text = str(error.value)
    assert len(text.splitlines()) == 1
    return text


def written(folder: Path, text: str, name: str = "points.csv") -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return Scenario.load("bipolar")


@pytest.fixture(scope="module")
def rich(tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    """A world with a link, a strategy of its own and an issue that names no power."""
    text = """
    name = "rich"
    issue = [{ name = "bare" }]
    link = [{ from = "trade", to = "loan", weight = 0.25 }]
    strategies.custom.mine = { caution = 2.0 }
    """
    return Scenario.load(written(tmp_path_factory.mktemp("rich"), text, "rich.toml"))


@pytest.mark.parametrize("kind", SMALL)
class TestAll:
    def test_a_row_per_point_and_a_column_per_factor(self, kind: str) -> None:
        points = made(kind)
        own = ["varied"] if kind == "ofat" else []
        assert list(points.columns) == ["point", *(factor.name for factor in FACTORS), *own]
        assert_array_equal(points["point"], np.arange(len(points)))
        assert len(points) == count_points(design(kind), FACTORS, BASE)
        for factor in FACTORS:
            if factor.values is None:
                assert points[factor.name].between(*factor.ends).all()
            else:
                assert set(points[factor.name]) == set(factor.values)

    def test_types_do_not_depend_on_the_sample(self, kind: str) -> None:
        for options in ({}, {"samples": 1}, {"base_samples": 1}, {"trajectories": 1}, {"levels": 2}):
            known = {name: value for name, value in options.items() if name in DESIGNS[kind]}
            types = made(kind, **known).dtypes
            assert types["point"] == types["memory"] == types["issue.loan.term"] == np.int64
            assert types["world.posted_share"] == types["world.sunk"] == np.float64
            assert types["world.linkage"] == np.bool_
            assert types["world.network"] == pd.Series(["a"]).dtype

    def test_the_same_seed_gives_the_same_bits(self, kind: str) -> None:
        np.random.seed(7)  # noqa: NPY002 (it is the global state that is meant)
        random.seed(7)
        before = np.random.get_state()[1].copy(), random.getstate()  # noqa: NPY002
        once = made(kind)
        assert_array_equal(np.random.get_state()[1], before[0])  # noqa: NPY002
        assert random.getstate() == before[1]
        np.random.seed(8)  # noqa: NPY002
        random.seed(8)
        assert_frame_equal(made(kind), once, check_exact=True)
        differs = not made(kind, seed=2).equals(once)
        assert differs is (kind in ("lhs", "sobol", "morris"))

    def test_any_seed_of_a_sweep_is_taken(self, kind: str) -> None:
        seeds = [made(kind, seed=seed) for seed in (0, 2**32, 2**63 - 1)]
        if kind in ("lhs", "sobol", "morris"):
            assert not any(one.equals(other) for one, other in itertools.combinations(seeds, 2))

    def test_one_factor_is_enough(self, kind: str) -> None:
        for factor, own in zip(FACTORS, BASE, strict=True):
            points = points_of(design(kind), (factor,), 1, (own,))
            assert len(points) == count_points(design(kind), (factor,), (own,))
            assert points[factor.name].nunique() > 1

    def test_a_point_is_what_a_scenario_takes(self, kind: str, scenario: Scenario) -> None:
        for row in made(kind).iloc[:: 7 if kind != "grid" else 97].to_dict("records"):
            changed = scenario.replace({factor.paths[0]: row[factor.name] for factor in FACTORS})
            assert changed.world.posted_share == row["world.posted_share"]
            assert changed.world.network == row["world.network"]


class TestGrid:
    def test_all_combinations_with_the_first_factor_slowest(self) -> None:
        points = made("grid", (SHARE, TERM, LINKAGE), levels=3)
        expected = list(itertools.product([0.1, 0.4, 0.7], [1, 5, 9], [True, False]))
        assert len(points) == 3 * 3 * 2
        assert_allclose(points["world.posted_share"], [row[0] for row in expected], rtol=1e-15)
        assert list(zip(points["issue.loan.term"], points["world.linkage"], strict=True)) == [r[1:] for r in expected]

    def test_without_factors_it_is_one_point(self) -> None:
        assert count_points(design("grid"), ()) == 1
        assert_frame_equal(made("grid", ()), pd.DataFrame({"point": [0]}))

    def test_too_many_points_are_counted_and_not_made(self) -> None:
        many = unit(20)
        assert count_points(design("grid", levels=5), many) == 5**20
        with pytest.raises(SweepError) as error:
            points_of(design("grid", levels=5), many, 1)
        assert line(error) == "design.kind = 'grid': makes 95,367,431,640,625 points, of at most 10,000,000"

    @pytest.mark.parametrize("kind", ["grid", "morris", "ofat"])
    def test_too_many_levels_are_not_even_counted(self, kind: str) -> None:
        with pytest.raises(SweepError) as error:
            count_points(design(kind, levels=2**40), FACTORS, BASE)
        assert line(error) == "design.levels = 1099511627776: must be at most 10,000"


class TestLatinHypercube:
    @given(samples=st.integers(1, 40), many=st.integers(1, 6), seed=st.integers(0, 2**63 - 1))
    def test_every_column_is_stratified(self, samples: int, many: int, seed: int) -> None:
        points = points_of(design("lhs", samples=samples), unit(many), seed)
        for factor in unit(many):
            strata = np.floor(points[factor.name] * samples).astype(int)
            assert sorted(strata) == list(range(samples))

    def test_each_whole_number_and_each_value_gets_an_equal_part(self) -> None:
        points = made("lhs", samples=48)
        assert set(points["memory"].value_counts()) == {48 // 8}
        for factor in (SUNK, TERM, LINKAGE, NETWORK):
            assert factor.values is not None
            assert set(points[factor.name].value_counts()) == {48 // len(factor.values)}

    def test_a_range_is_read_as_a_factor_reads_it(self) -> None:
        (plain,) = unit(1)
        places = made("lhs", (plain,))["x0"]
        assert_array_equal(made("lhs", (SHARE,))["world.posted_share"], [SHARE.at(u) for u in places])


class TestSobol:
    @pytest.mark.parametrize("many", [1, 2, 5])
    @pytest.mark.parametrize("samples", [1, 2, 16])
    def test_counts(self, samples: int, many: int) -> None:
        for second, points in ((False, samples * (many + 2)), (True, samples * (2 * many + 2))):
            own = design("sobol", base_samples=samples, second_order=second)
            assert count_points(own, unit(many)) == len(points_of(own, unit(many), 1)) == points

    def test_blocks_go_from_one_sample_to_the_other_by_one_factor(self) -> None:
        block = made("sobol", unit(3), second_order=False).drop(columns="point").to_numpy().reshape(8, 5, 3)
        first, last = block[:, 0], block[:, -1]
        assert (first != last).all()
        for k in range(3):
            assert_array_equal(block[:, 1 + k, k], last[:, k])
            assert_array_equal(np.delete(block[:, 1 + k], k, 1), np.delete(first, k, 1))

    def test_indices_of_a_sum_are_the_shares_of_its_variance(self) -> None:
        points = made("sobol", unit(3), base_samples=512)
        problem = {"num_vars": 3, "names": ["x0", "x1", "x2"], "bounds": [[0.0, 1.0]] * 3}
        outcome = (points["x0"] + 2.0 * points["x1"]).to_numpy()
        indices = sobol_analysis.analyze(problem, outcome, calc_second_order=False, num_resamples=2, seed=1)
        assert_allclose(indices["S1"], [0.2, 0.8, 0.0], atol=0.01)
        assert_allclose(indices["ST"], [0.2, 0.8, 0.0], atol=0.01)

    @pytest.mark.parametrize(("samples", "near"), [(3, "2 and 4"), (100, "64 and 128"), (1025, "1024 and 2048")])
    def test_base_samples_are_a_power_of_two(self, samples: int, near: str) -> None:
        own = design("sobol", base_samples=samples)
        for refused in (lambda: count_points(own, FACTORS), lambda: points_of(own, FACTORS, 1)):
            with pytest.raises(SweepError) as error:
                refused()
            assert line(error) == f"design.base_samples = {samples}: must be a power of two; the nearest are {near}"


class TestMorris:
    @pytest.mark.parametrize("levels", [2, 4, 6, 8, 10, 22])
    def test_trajectories_change_one_factor_at_a_time_and_each_once(self, levels: int) -> None:
        points = made("morris", trajectories=20, levels=levels)
        many = len(FACTORS)
        assert len(points) == 20 * (many + 1)
        for _, path in points.drop(columns="point").groupby(points["point"] // (many + 1)):
            moved = (path != path.shift()).iloc[1:]
            assert (moved.sum(axis=1) == 1).all()
            assert (moved.sum(axis=0) == 1).all()

    @given(half=st.integers(1, 15), count=st.integers(2, 40), whole=st.booleans(), seed=st.integers(0, 99))
    def test_lists_and_whole_numbers_move_too(self, half: int, count: int, whole: bool, seed: int) -> None:
        ends: dict[str, Any] = {"low": 3.0, "high": count + 2.0, "whole": True}
        own = Factor("x0", ("x0",), **ends if whole else {"values": tuple(range(3, count + 3))})
        plan = design("morris", levels=2 * half, trajectories=8)
        values = points_of(plan, (own, *unit(2)[1:]), seed)["x0"]
        assert (np.ptp(values.to_numpy().reshape(8, 3), axis=1) > 0).all()
        places = points_of(plan, unit(2), seed)["x0"]
        steps = own.levels(2 * half)
        assert set(values[places == 0.0]) <= {steps[0]}
        assert set(values[places == 1.0]) <= {steps[-1]}
        taken = {round(place * (2 * half - 1)): value for place, value in zip(places, values, strict=True)}
        for level, value in taken.items():
            mirrored = taken.get(2 * half - 1 - level)
            assert mirrored in (None, steps[-1 - steps.index(value)])

    def test_values_are_the_levels_to_the_last_bit(self) -> None:
        for levels in (4, 8, 10):
            points = made("morris", trajectories=40, levels=levels)
            assert set(points["world.posted_share"]) == set(SHARE.levels(levels))
            assert set(points["memory"]) == set(MEMORY.levels(levels))

    def test_three_values_at_four_levels(self) -> None:
        """The first, the middle one for both levels between, the last; never by chance of rounding."""
        places = made("morris", unit(2), trajectories=60)["x1"]
        terms = made("morris", (SHARE, TERM), trajectories=60)["issue.loan.term"]
        assert set(zip(places, terms, strict=True)) == {(0.0, 1), (1 / 3, 5), (2 / 3, 5), (1.0, 9)}

    def test_effects_of_a_sum_are_its_weights(self) -> None:
        points = made("morris", unit(3), trajectories=6, levels=8).drop(columns="point").to_numpy()
        problem = {"num_vars": 3, "names": ["x0", "x1", "x2"], "bounds": [[0.0, 1.0]] * 3}
        outcome = points @ [3.0, -1.0, 0.0]
        effects = morris_analysis.analyze(problem, points, outcome, num_levels=8, num_resamples=10, seed=1)
        assert_allclose(effects["mu"], [3.0, -1.0, 0.0], atol=1e-12)
        assert_allclose(effects["sigma"], 0.0, atol=1e-12)

    def test_a_single_value_cannot_move(self) -> None:
        with pytest.raises(SweepError) as error:
            made("morris", (Factor("a", ("world.sunk",), values=(0.5,)), SHARE))
        assert line(error) == "a: has one value, and a Morris design moves every factor"


class TestOneAtATime:
    def test_a_base_and_then_each_factor_over_its_other_levels(self) -> None:
        points = made("ofat", levels=4)
        base = points.iloc[0]
        assert base["varied"] == ""
        assert tuple(base[factor.name] for factor in FACTORS) == BASE
        assert list(points["varied"].iloc[1:]) == list(
            itertools.chain.from_iterable([name] * many for name, many in self.levels_off_base().items())
        )
        for row in points.iloc[1:].to_dict("records"):
            differing = [factor.name for factor in FACTORS if row[factor.name] != base[factor.name]]
            assert differing == [row["varied"]]
        assert list(points.loc[points["varied"] == "issue.loan.term", "issue.loan.term"]) == [1, 9]

    def levels_off_base(self) -> dict[str, int]:
        return {factor.name: len(set(factor.levels(4)) - {own}) for factor, own in zip(FACTORS, BASE, strict=True)}

    def test_a_level_that_is_the_base_but_for_rounding_is_not_run_twice(self) -> None:
        fifth = Factor("a", ("a",), low=0.1, high=0.5)
        assert 0.3 not in fifth.levels(5)
        assert len(points_of(design("ofat", levels=5), (fifth,), 1, (0.3,))) == 5
        wide = Factor("a", ("a",), low=-1e6, high=1e6)
        assert len(points_of(design("ofat", levels=3), (wide,), 1, (1e-3,))) == 4

    def test_a_base_outside_the_range_or_list_is_the_base_all_the_same(self) -> None:
        factors = (SHARE, TERM, NETWORK, Factor("b", ("b",), low=0.0, high=1.0))
        points = points_of(design("ofat", levels=2), factors, 1, (0.9, 2.5, "edges.csv", float("inf")))
        assert list(points.iloc[0]) == [0, 0.9, 2.5, "edges.csv", np.inf, ""]
        assert len(points) == 1 + 2 + 3 + 3 + 2

    def test_a_base_for_each_factor(self) -> None:
        with pytest.raises(ValueError, match="zip"):
            points_of(design("ofat"), FACTORS, 1, BASE[:-1])


class TestBase:
    @pytest.mark.parametrize(
        ("path", "expected"),
        [
            ("years", 40),
            ("world.posted_share", 0.5),
            ("world.rationality", float("inf")),
            ("world.linkage", True),
            ("world.network", "complete"),
            ("world.legitimacy.return", 0.1),
            ("power.rising.reliability", 0.9),
            ("power.rising.belief_initial", 0.9),
            ("power.rising.side", -1.0),
            ("power.hegemon.pressure.severity", 0.6),
            ("power.rising.rivalry.hegemon", 1.0),
            ("issue.trade.interest.rising", 1.0),
            ("issue.bare.interest.rising", 0.0),
            ("issue.bare.stake.hegemon", 0.0),
            ("issue.bare.acceptance.hegemon", 1.0),
            ("link.trade.loan.weight", 0.25),
            ("states.exposure.hegemon", 0.4),
            ("states.exposure.rising", 0.1),
            ("states.need.mean", 1.0),
            ("strategies.mix.ana", 0.2),
            ("strategies.mix.shop", 0.0),
            ("strategies.custom.mine.caution", 2.0),
            ("strategies.custom.mine.search", "all"),
        ],
    )
    def test_is_the_scenarios_own_value(self, path: str, expected: object, rich: Scenario) -> None:
        (found,) = base_values(rich, [Factor("a", (path,), values=(-5,))])
        assert (found, type(found)) == (expected, type(expected))

    @pytest.mark.parametrize("field", ["interest", "stake", "acceptance", "rivalry"])
    def test_what_is_not_named_is_what_the_model_takes(self, field: str, rich: Scenario) -> None:
        path = "power.hegemon.rivalry.rising" if field == "rivalry" else f"issue.bare.{field}.rising"
        (own,) = base_values(rich, [Factor(path, (path,), low=0.0, high=1.0)])
        stated = Conditions.of(rich.replace({path: own}))
        assert_array_equal(getattr(stated, field), getattr(Conditions.of(rich), field))
        other = Conditions.of(rich.replace({path: 0.5}))
        assert (getattr(other, field) != getattr(stated, field)).any()

    def test_roles_are_names(self) -> None:
        real = Scenario.load("latin_america")
        power = real.role("hegemon")
        by_role, by_name = (f"power.{word}.capability" for word in ("hegemon", power))
        factors = [Factor(path, (path,), low=0.0, high=1.0) for path in (by_role, by_name)]
        assert base_values(real, factors) == [next(own.capability for own in real.power if own.name == power)] * 2

    def test_where_there_is_no_single_value(self, rich: Scenario) -> None:
        path = "states.diplomatic_capacity"
        ranged = Factor(path, (path,), low=0.2, high=0.6)
        listed = Factor(path, (path,), values=(0.7, 0.9))
        patron = Factor("p", ("strategies.custom.mine.patron",), values=("rising", "hegemon"))
        assert base_values(rich, [ranged, listed, patron]) == [pytest.approx(0.4), 0.7, "rising"]

    def test_of_several_paths_the_first(self, scenario: Scenario) -> None:
        tied = Factor("a", ("issue.loan.stake.hegemon", "issue.trade.stake.hegemon"), low=0.0, high=1.0)
        assert base_values(scenario, [tied]) == [0.15]


class TestFile:
    @pytest.mark.parametrize("kind", ["lhs", "morris", "grid"])
    @pytest.mark.parametrize("ending", ["csv", "parquet"])
    def test_takes_the_points_of_another_design(self, tmp_path: Path, kind: str, ending: str) -> None:
        points, file = made(kind), tmp_path / f"points.{ending}"
        points.to_csv(file, index=False) if ending == "csv" else points.to_parquet(file, index=False)
        own = Design("file", {"path": str(file)})
        assert_frame_equal(points_of(own, FACTORS, 1), points, check_exact=True)
        assert count_points(own, FACTORS) == len(points)

    def test_columns_come_in_any_order_and_numbers_in_any_form(self, tmp_path: Path) -> None:
        file = written(tmp_path, "world.linkage, issue.loan.term ,memory\nTRUE,5.0,3\nfalse,1,4.0\n\n")
        points = points_of(Design("file", {"path": str(file)}), (MEMORY, TERM, LINKAGE), 1)
        expected = {"point": [0, 1], "memory": [3, 4], "issue.loan.term": [5, 1], "world.linkage": [True, False]}
        assert_frame_equal(points, pd.DataFrame(expected))

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            ("memory,world.network\n3,ring\n", "column issue.loan.term: this column is required"),
            (
                "memory,world.netwrk,issue.loan.term\n3,ring,5\n",
                "column world.netwrk: is no factor of the sweep; did you mean world.network?",
            ),
            ("3,ring,5\n", "has no rows"),
            (
                "memory,world.network,issue.loan.term\n3,ring,5\n10,ring,5\n",
                "row 2, column memory = 10: must be a whole number from 2 to 9",
            ),
            (
                "memory,world.network,issue.loan.term\n3.5,ring,5\n",
                "row 1, column memory = 3.5: must be a whole number from 2 to 9",
            ),
            (
                "memory,world.network,issue.loan.term\ntrue,ring,5\n",
                "row 1, column memory = true: must be a whole number from 2 to 9",
            ),
            (
                "memory,world.network,issue.loan.term\n3,rang,5\n",
                "row 1, column world.network = 'rang': must be one of complete, ring, regions; did you mean ring?",
            ),
            (
                "memory,world.network,issue.loan.term\n3,ring,true\n",
                "row 1, column issue.loan.term = true: must be one of 1, 5, 9",
            ),
            ("memory,world.network,issue.loan.term\n3,,5\n", "row 1, column world.network: is missing"),
            ("memory,world.network,issue.loan.term\nnan,ring,5\n", "row 1, column memory: is missing"),
            (
                "memory,world.network,issue.loan.term\n3,ring\n",
                "row 1 (3): has 2 cells where the header has 3",
            ),
            (
                "point,memory,world.network,issue.loan.term\n0,3,ring,5\n2,3,ring,5\n",
                "row 2, column point = 2: must be 1: points are numbered from 0, in order",
            ),
            ("memory,memory\n3,3\n", "column memory: this column comes twice"),
            ("", "is empty"),
        ],
    )
    def test_says_what_is_wrong_and_where(self, tmp_path: Path, text: str, reason: str) -> None:
        file = written(tmp_path, text)
        with pytest.raises(SweepError) as error:
            points_of(Design("file", {"path": str(file)}), (MEMORY, NETWORK, TERM), 1)
        assert line(error) == f"{file}: {reason}"

    def test_parquet_with_gaps_or_something_else_in_it(self, tmp_path: Path) -> None:
        file = tmp_path / "points.parquet"
        cases = [
            ([3.0, None], "row 2, column memory: is missing"),
            ([pd.Timestamp(2010, 1, 1)], "must be a number, a word, or true or false"),
            ([[1, 2]], "must be a number, a word, or true or false"),
        ]
        for values, reason in cases:
            pd.DataFrame({"memory": values}).to_parquet(file)
            with pytest.raises(SweepError) as error:
                points_of(Design("file", {"path": str(file)}), (MEMORY,), 1)
            assert reason in line(error)
        pd.DataFrame({"memory": pd.array([3, None], dtype="Int64")}).to_parquet(file)
        with pytest.raises(SweepError, match="row 2, column memory: is missing"):
            points_of(Design("file", {"path": str(file)}), (MEMORY,), 1)

    def test_no_file_or_not_of_its_kind(self, tmp_path: Path) -> None:
        broken = written(tmp_path, "no parquet", "points.parquet")
        for path in (tmp_path, tmp_path / "none.csv", tmp_path / "none.parquet", broken):
            with pytest.raises(SweepError) as error:
                points_of(Design("file", {"path": str(path)}), (MEMORY,), 1)
            assert line(error).startswith(f"{path}: ")


class TestFactorsOfFile:
    def test_columns_are_paths(self, tmp_path: Path, scenario: Scenario) -> None:
        text = "point,strategies.mix.ana,world.sunk,world.network,world.linkage\n"
        file = written(tmp_path, f"{text}0,0.5,1,ring,true\n1,0.5,0.25,ring,false\n2,1,1.0,complete,true\n")
        found = factors_of_file(file, scenario)
        assert found == (
            Factor("world.sunk", ("world.sunk",), low=0.25, high=1.0),
            Factor("world.network", ("world.network",), values=("ring", "complete")),
            Factor("world.linkage", ("world.linkage",), values=(True, False)),
            Factor("strategies.mix.ana", ("strategies.mix.ana",), "lever", low=0.5, high=1.0),
        )
        points = points_of(Design("file", {"path": str(file)}), found, 1)
        assert list(points["world.sunk"]) == [1.0, 0.25, 1.0]

    def test_a_sweep_takes_them(self, tmp_path: Path) -> None:
        written(tmp_path, "world.sunk,power.rising.openness\n0.5,0.25\n0.5,0.75\n")
        sweep = written(tmp_path, 'scenario = "bipolar"\n[design]\nkind = "file"\npath = "points.csv"\n', "sweep.toml")
        spec = Spec.load(sweep)
        sunk, openness = spec.factors
        assert (sunk.values, openness.values, openness.ends) == ((0.5,), None, (0.25, 0.75))
        points = points_of(spec.design, spec.factors, spec.seed)
        assert list(points["power.rising.openness"]) == [0.25, 0.75]

    def test_declared_factors_come_first(self, tmp_path: Path) -> None:
        file = written(tmp_path, "memory\n3\n")
        spec = Spec.load(
            {
                "scenario": "bipolar",
                "design": {"kind": "file", "path": str(file)},
                "uncertainties": {"memory": {"low": 2, "high": 9, "paths": ["world.memory_years"]}},
            }
        )
        assert spec.factors == (MEMORY,)

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            (
                "world.sunk,world.posted_shar\n0.5,0.5\n",
                "column world.posted_shar: there is no such parameter; did you mean world.posted_share?",
            ),
            ("start\n2010\n", "column start: cannot be varied"),
            ("world.sunk\n0.5\n0.5\n-1\n", "row 3, column world.sunk = -1: must be at least 0 and at most 100"),
            ("world.memory_years\n2\n2.5\n", "row 2, column world.memory_years = 2.5: must be a whole number"),
            ("world.linkage\n1\n", "row 1, column world.linkage = 1: must be true or false"),
            ("point\n0\n1\n", "has no column of a parameter"),
        ],
    )
    def test_says_what_is_wrong_and_where(self, tmp_path: Path, text: str, reason: str, scenario: Scenario) -> None:
        file = written(tmp_path, text)
        with pytest.raises(SweepError) as error:
            factors_of_file(file, scenario)
        assert line(error) == f"{file}: {reason}"

    def test_one_parameter_under_two_names(self, tmp_path: Path) -> None:
        file = written(tmp_path, "power.rising.openness,power.usa.growth,power.hegemon.growth\n0.5,0.1,0.1\n")
        world = """
        name = "own"
        base = "blank"
        power = [{ name = "usa", role = "hegemon" }, { name = "china", role = "rising" }]
        """
        own = str(written(tmp_path, world, "own.toml"))
        with pytest.raises(
            SweepError, match=r"^power.hegemon.growth: varies power.hegemon.growth, as power.usa.growth"
        ):
            Spec.load({"scenario": own, "design": {"kind": "file", "path": str(file)}})


def test_a_name_is_that_of_one_factor() -> None:
    levers = {"sunk": {"values": [1.0, 2.0], "paths": ["strategies.mix.ana"]}}
    world = {"sunk": {"values": [0.5, 0.25], "paths": ["world.sunk"]}}
    with pytest.raises(SweepError, match=r"^sunk: is the name of two factors$"):
        Spec.load({"scenario": "bipolar", "design": {"kind": "grid"}, "uncertainties": world, "levers": levers})


@pytest.mark.parametrize("kind", ["lhs", "sobol", "morris", "ofat"])
def test_a_sample_of_nothing_is_refused(kind: str) -> None:
    with pytest.raises(SweepError, match=f"a {kind} design varies at least one"):
        Spec.load({"scenario": "bipolar", "design": {"kind": kind}})
