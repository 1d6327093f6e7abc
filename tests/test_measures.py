"""Measures: their values against plain Python and NumPy, and one line for whatever is no measure."""

from __future__ import annotations

import math
import pickle
import warnings
from functools import reduce
from operator import add

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from numpy.typing import NDArray

from ana_sim.errors import AnaSimError
from ana_sim.sweeps.measures import Measure
from ana_sim.sweeps.spec import SweepError
from ana_sim.tally import REPORTED, payoff_columns

STRATEGIES = ("ana", "hedge", "align_hegemon")
POWERS = ("hegemon", "rising")
RUNS = 4

Key = tuple[str, str, str]


def made(text: str, name: str = "premium", **names: tuple[str, ...]) -> Measure:
    return Measure(name, text, **{"strategies": STRATEGIES, "powers": POWERS} | names)


def column(table: str, column: str, entry: str) -> NDArray[np.float64]:
    """Numbers that differ for every place in the tables: quarters, so that sums of them are exact."""
    rng = np.random.default_rng([*table.encode(), *column.encode(), *entry.encode()])
    return rng.integers(-8, 9, RUNS) / 4.0


def value(text: str) -> NDArray[np.float64]:
    return made(text).value(column)


P = {entry: column("payoffs", "payoff", entry) for entry in STRATEGIES}
C = {entry: column("powers", "capability", entry) for entry in POWERS}


class TestValues:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("payoff[ana] - payoff[align_hegemon]", P["ana"] - P["align_hegemon"]),
            ("100 * (payoff[ana] - payoff[hedge]) / 8", 100 * (P["ana"] - P["hedge"]) / 8),
            ("-payoff[ana] ** 2", -(P["ana"] ** 2)),
            ("abs(payoff[ana])", np.abs(P["ana"])),
            ("sqrt(abs(payoff[ana]))", np.sqrt(np.abs(P["ana"]))),
            ("log(exp(payoff[ana]) + 1e-3)", np.log(np.exp(P["ana"]) + 0.001)),
            ("mean(payoff[ana], payoff[hedge], 2)", (P["ana"] + P["hedge"] + 2.0) / 3.0),
            ("min(payoff[ana], payoff[hedge], 0)", np.minimum(np.minimum(P["ana"], P["hedge"]), 0.0)),
            ("max(payoff[ana], payoff[hedge])", np.maximum(P["ana"], P["hedge"])),
            ("capability[hegemon] / (capability[rising] + 10)", C["hegemon"] / (C["rising"] + 10.0)),
            ("payoff[ana] > payoff[hedge]", (P["ana"] > P["hedge"]).astype(float)),
            ("-1 < payoff[ana] <= 1", ((P["ana"] > -1.0) & (P["ana"] <= 1.0)).astype(float)),
            ("payoff[ana] and payoff[hedge]", ((P["ana"] != 0.0) & (P["hedge"] != 0.0)).astype(float)),
            ("payoff[ana] * 0 or 0.25", np.ones(RUNS)),
            ("not payoff[ana] * 0", np.ones(RUNS)),
            ("payoff[ana] == payoff[ana] and payoff[ana] != payoff[ana]", np.zeros(RUNS)),
        ],
    )
    def test_against_numpy(self, text: str, expected: NDArray[np.float64]) -> None:
        assert_allclose(value(text), expected, rtol=1e-14, atol=0.0)

    def test_entries_may_stand_in_quotes_and_lines_may_break(self) -> None:
        assert_array_equal(value("payoff['ana']\n  - payoff[\"hedge\"]"), P["ana"] - P["hedge"])
        assert made("payoff['ana'] + payoff[ana]").reads == (("payoffs", "payoff", "ana"),)

    def test_every_number_of_the_tables_can_be_read(self) -> None:
        for name in payoff_columns(POWERS):
            assert made(f"{name}[ana]").reads == (("payoffs", name, "ana"),)
        for name in REPORTED:
            assert made(f"{name}[rising]").reads == (("powers", name, "rising"),)

    def test_reads_are_distinct_and_in_order(self) -> None:
        measure = made("payoff[hedge] / capability[rising] - payoff[ana] / capability[rising] + payoff[hedge]")
        assert measure.reads == (
            ("payoffs", "payoff", "hedge"),
            ("powers", "capability", "rising"),
            ("payoffs", "payoff", "ana"),
        )
        asked: list[Key] = []
        measure.value(lambda *key: asked.append(key) or np.ones(RUNS))
        assert tuple(asked) == measure.reads

    def test_a_column_of_both_tables_is_told_apart_by_its_entry(self) -> None:
        assert made("public_goods[ana]").reads == (("payoffs", "public_goods", "ana"),)
        assert made("public_goods[rising]").reads == (("powers", "public_goods", "rising"),)
        with pytest.raises(SweepError, match="a strategy and a power of this name"):
            made("public_goods[rising]", strategies=("rising",))
        assert made("payoff[rising]", strategies=("rising",)).reads == (("payoffs", "payoff", "rising"),)

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("1 / 0 + payoff[ana]", math.inf),
            ("payoff[ana] / 0 * 0", math.nan),
            ("0 * payoff[ana] / 0", math.nan),
            ("log(payoff[ana] * 0)", -math.inf),
            ("sqrt(payoff[ana] * 0 - 1)", math.nan),
            ("(payoff[ana] * 0 - 8) ** 0.5", math.nan),
            ("exp(payoff[ana] * 0 + 1e6)", math.inf),
            ("(payoff[ana] * 0) ** -1", math.inf),
            ("max(0, 0 * payoff[ana] / 0)", math.nan),
            ("min(0 * payoff[ana] / 0, 0)", math.nan),
        ],
    )
    def test_what_has_no_value_is_not_finite_and_silent(self, text: str, expected: float) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert_array_equal(made(text).value(lambda *key: np.ones(RUNS)), np.full(RUNS, expected))

    def test_what_was_read_is_neither_changed_nor_handed_on(self) -> None:
        kept = np.arange(RUNS, dtype=np.float64)
        made("payoff[ana]").value(lambda *key: kept)[:] = -1.0
        assert_array_equal(kept, np.arange(RUNS))

    def test_goes_to_another_process(self) -> None:
        measure = made("max(payoff[ana], 0 < payoff[hedge] < 1, 2)")
        again = pickle.loads(pickle.dumps(measure))
        assert (again.name, again.text, again.reads) == (measure.name, measure.text, measure.reads)
        assert_array_equal(again.value(column), measure.value(column))


LEAVES = ["0", "2", "0.5", "1e1", "payoff[ana]", "payoff[hedge]", "capability[rising]", "share_rising[ana]"]


@st.composite
def numbers(draw: st.DrawFn, depth: int = 4) -> str:
    """Expressions, many without brackets, so that precedence counts; `and` and `or` of truths, as in Python 0 or 1."""
    shapes = ["{n} + {n}", "{n} - {n}", "{n} * {n}", "{n} / {n}", "{leaf} ** 2", "{leaf} ** 0", "-{n}", "({n})"]
    shapes += ["abs({n})", "sqrt({n})", "min({n}, {n})", "max({n}, {n}, {n})", "mean({n}, {n}, {n})", "({truth})"]
    return filled(draw, draw(st.sampled_from([*shapes, "{leaf}"])) if depth else "{leaf}", depth)


@st.composite
def truths(draw: st.DrawFn, depth: int) -> str:
    shapes = ["{n} < {n}", "{n} >= {n}", "{n} == {n}", "{n} != {n}", "{n} > {n} <= {n}"]
    nested = ["{truth} and {truth}", "{truth} or {truth}", "(not {truth})"]
    return filled(draw, draw(st.sampled_from([*shapes, *nested] if depth else shapes)), depth)


def filled(draw: st.DrawFn, shape: str, depth: int) -> str:
    smaller = max(depth - 1, 0)
    parts = {"{n}": numbers(smaller), "{truth}": truths(smaller), "{leaf}": st.sampled_from(LEAVES)}
    for part, choice in parts.items():
        while part in shape:
            shape = shape.replace(part, draw(choice), 1)
    return shape


@given(numbers())
def test_any_expression_is_what_python_makes_of_it(text: str) -> None:
    text += " + 0 * payoff[ana]"
    found = made(text).value(column)
    tables = {"payoff": "payoffs", "share_rising": "payoffs", "capability": "powers"}
    entries = STRATEGIES + POWERS
    functions = {"sqrt": math.sqrt, "mean": lambda *values: reduce(add, values) / len(values)}
    for run in range(RUNS):
        world = {name: {entry: column(t, name, entry)[run].item() for entry in entries} for name, t in tables.items()}
        try:
            expected = eval(text, {**world, **functions, **{entry: entry for entry in entries}})
        except (ZeroDivisionError, ValueError):
            continue
        assert_allclose(found[run], float(expected), rtol=1e-15, atol=0.0)


class TestRefused:
    @pytest.mark.parametrize(
        ("text", "line"),
        [
            ("payoff[anna]", "there is no strategy 'anna'; did you mean 'ana'?"),
            ("capability[rizing]", "there is no power 'rizing'; did you mean 'rising'?"),
            ("public_goods[rizing]", "there is no strategy or power 'rizing'; did you mean 'rising'?"),
            ("payof[ana]", "there is no column 'payof'; did you mean 'payoff'?"),
            ("share_risin[ana]", "there is no column 'share_risin'; did you mean 'share_rising'?"),
            ("strategy[ana]", "there is no column 'strategy'"),
            ("payoff[rising]", "payoff[rising]: payoff is that of a strategy, and rising is a power"),
            ("office[ana]", "office[ana]: office is that of a power, and ana is a strategy"),
            ("payoff", "'payoff' says not whose: write payoff[ana]"),
            ("2 * office", "'office' says not whose: write office[hegemon]"),
            ("maxi(payoff[ana], 0)", "there is no function 'maxi'; did you mean 'max'?"),
            ("median(payoff[ana], 0)", "there is no function 'median'; did you mean 'mean'?"),
            ("abs(payoff[ana], 1)", "abs takes one value, not 2"),
            ("mean(payoff[ana])", "mean takes two values or more of the same run, not 1"),
            ("max()", "max takes two values or more of the same run, not 0"),
            ("payoff[ana] ^ 2", "'payoff[ana] ^ 2' cannot be read; did you mean '**'?"),
            ("payoff[ana] & 1", "'payoff[ana] & 1' cannot be read; did you mean 'and'?"),
            ("2 + 2 / 4", "'2 + 2 / 4' reads no table: write column[name], as in payoff[ana]"),
            ("payoff[ana] + 1e999", "'inf' is too large a number"),
            ("payoff[ana] = 1", "is no expression: it cannot be read at '= 1'"),
            ("payoff[ana]  # all of it", "has a comment (#): leave it out"),
            ("  \n ", "is empty"),
        ],
    )
    def test_in_one_line(self, text: str, line: str) -> None:
        with pytest.raises(SweepError) as error:
            made(text)
        assert str(error.value) == f"outputs.measures.premium: {line}"

    @pytest.mark.parametrize(
        "text",
        [
            *("payoff[ana, hedge]", "payoff[1:2]", "payoff[*]", "payoff[None]", "payoff[-ana]", "payoff[ana][ana]"),
            *("payoff.ana", "'payoff'", "payoff[ana] if 1 else 2", "[payoff[ana]]", "{1: payoff[ana]}", "ana"),
            *("max(*payoff[ana])", "max(payoff[ana], 1, key=abs)", "(lambda: payoff[ana])()", "(x := payoff[ana])"),
            *("payoff[ana] // 2", "payoff[ana] % 2", "payoff[ana] in 2", "payoff[ana] is 2", "~payoff[ana]"),
            *("payoff[ana] + True", "payoff[ana] * 1j", "payoff[ana] + ...", "f'{payoff[ana]}'", "await payoff[ana]"),
            *("payoff[ana] payoff[hedge]", "(payoff[ana]", "payoff[ana])", "payoff[ana] +", "payoff[ana]; 1", "é[ü]"),
            *(
                "__import__('os').getcwd()",
                "payoff.__class__",
                "exec('1')",
                "print",
                "5and payoff[ana]",
                "\0",
                "\ud800",
            ),
            *("9" * 400 + " * payoff[ana]", "9" * 1990 + "*payoff[ana]", "payoff[ana]" * 300),
        ],
    )
    def test_whatever_else_python_allows(self, text: str) -> None:
        with pytest.raises(SweepError) as error:
            made(text)
        line = str(error.value)
        assert line.startswith("outputs.measures.premium: ")
        assert len(line.splitlines()) == 1
        assert len(line) < 250

    @pytest.mark.parametrize(
        "text",
        [
            "-" * 1980 + "payoff[ana]",
            "abs(" * 150 + "payoff[ana]" + ")" * 150,
            "(" * 900 + "payoff[ana]" + ")" * 900,
            " + ".join(["n[ana]"] * 150),
        ],
    )
    def test_what_is_nested_too_deeply(self, text: str) -> None:
        def below(frames: int) -> Measure:
            return below(frames - 1) if frames else made(text)

        for frames in (0, 500):
            with pytest.raises(SweepError, match=r"^outputs.measures.premium: (is nested|is no expression)"):
                below(frames)

    def test_what_is_nested_as_deeply_as_it_may_be(self) -> None:
        total = " + ".join(["payoff[ana]"] * 99)
        assert_allclose(value(total), 99.0 * P["ana"])

    @pytest.mark.parametrize("name", ["point", "replicate", "seed", "", "two words", "1st", "a-b", "a.b", "é", "a\nb"])
    def test_a_name_that_is_no_column(self, name: str) -> None:
        with pytest.raises(AnaSimError) as error:
            made("payoff[ana]", name)
        assert len(str(error.value).splitlines()) == 1
        assert made("payoff[ana]", "point_2").name == "point_2"
