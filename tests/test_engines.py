"""The two engines: the same results to the last bit, in any world, on any number of threads, in any order."""

import weakref
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from typing import get_args

import numpy as np
import pandas as pd
import pytest
from conftest import fewer
from generated import made, worlds
from hypothesis import Phase, given, seed, settings
from hypothesis import strategies as st
from worlds import loaded, plain, run, toml

from ana_sim import AnaModel, Scenario, Strategy, compare, comparison, mesa_arms, parameters, simulate, simulation
from ana_sim.compiled import JIT_ENABLED
from ana_sim.kernel import arms, count, engine, layout
from ana_sim.kernel.clock import PHASES
from ana_sim.luck import PURPOSES
from ana_sim.model import ROLES
from ana_sim.rules import deal
from ana_sim.scenario import builtin_cases, builtin_scenarios
from ana_sim.tally import BESIDE, COMPONENTS, Tally

SIZE = {"states.count": fewer(6, 3), "years": fewer(6, 3)}
SMALL = Scenario.load("bipolar").replace({**SIZE, "world.learning.rate": 0.3})
TABLE = Scenario.load("latin_america").replace({"years": fewer(3, 1)})
SHORT = fewer(12, 2)
"""Years that any built-in scenario runs in Mesa within about a second."""


# -- the same results to the last bit --------------------------------------------------------------


def compiled_by_state(scenario, seed, number, room=None, clock=engine.NO_CLOCK):
    """Counters by state and reports of the powers, by the compiled engine."""
    ready = engine.engine_of(scenario)
    alone = engine.Replicates(ready, ready.luck(seed, number))
    counters = ready.counters(1, len(scenario.state_names))
    reports = ready.reports(1)
    rows = np.arange(counters.shape[1])[None]
    room = room or engine.Room(ready)
    engine.run(ready, alone, room, np.zeros(1, np.int64), alone.playing, rows, counters, reports, clock)
    return counters[0], reports[0]


def assert_same(here, there):
    """Counters and reports are equal to the last bit."""
    for one, other in zip(here, there, strict=True):
        np.testing.assert_array_equal(one, other)


def assert_engines_agree(scenario, number=0, seed=1):
    """Both give the same counters, by strategy and by state, and report the same of the powers; the world in Mesa."""
    job = scenario, seed, range(number, number + 1)
    assert_same(simulation.compiled_replicates(job), simulation.mesa_replicates(job))
    model = run(scenario, rng=seed, replicate=number, by_state=True)
    assert_same(compiled_by_state(scenario, seed, number), (model.counters, mesa_arms.power_reports(model)))
    return model


@pytest.mark.parametrize("name", builtin_scenarios())
def test_engines_agree_in_the_first_years_of_each_scenario(name):
    scenario, case = Scenario.load(name), name in builtin_cases()
    if case and not JIT_ENABLED:
        pytest.skip("takes minutes without the compiler")
    for number in range(1 if case else fewer(2, 1)):
        assert_engines_agree(scenario.replace({"years": min(2 if case else SHORT, scenario.years)}), number)


@pytest.mark.slow
@pytest.mark.parametrize("name", builtin_scenarios())
def test_engines_agree_in_each_scenario(name):
    for number in range(1 if name in builtin_cases() else 2):
        assert_engines_agree(Scenario.load(name), number, seed=2)


def happenings(model):
    """What happened in a world, among what the engines must agree on."""
    events, states = model.record.events(), model.record.states()
    yield from events["kind"].unique()
    yield from deals_of_note(events)
    if any(row["office"] for row in model.power_rows):
        yield "office bought"
    learning = model.blueprint.world.learning
    if learning.rate > 0.0 == learning.mutation and (states.groupby("state")["strategy"].nunique() > 1).any():
        yield "copied"


def deals_of_note(events):
    """Substitutes for standing deals, and debts that were not renewed."""
    taken = events[(events["kind"] == "accepted") & (events["detail"] != "substitute")]
    if len(taken) < (events["kind"] == "accepted").sum():
        yield "substitute"
    owed = events[(events["kind"] == "expired") & (events["offer"] * events["share"] > 0.0)]
    keys = ["year", "state", "issue"]
    if len(owed.merge(taken[keys], how="left", indicator=True).query("_merge == 'left_only'")):
        yield "defaulted"


EVERYTHING = {
    *("pressed", "complied", "resisted", "forced", "refused", "excluded", "switched", "insult", "cancelled"),
    *("undelivered", "office bought", "copied", "substitute", "defaulted"),
}


@settings(max_examples=fewer(60, 10))
@given(worlds(least=0), st.integers(0, 5))
def test_engines_agree_in_generated_worlds(data, number):
    assert_engines_agree(made(data), number)


@pytest.mark.slow
@settings(max_examples=fewer(800, 200))
@given(worlds(least=0), st.integers(0, 1000))
def test_engines_agree_in_many_generated_worlds(data, number):
    assert_engines_agree(made(data), number)


@pytest.mark.skipif(not JIT_ENABLED, reason="says what is generated, which needs many worlds")
def test_engines_agree_where_everything_happens():
    seen = set()

    @settings(max_examples=2, phases=[Phase.generate])  # the first is the simplest of all, whatever the seed
    @given(worlds())
    def agree(data):
        seen.update(happenings(assert_engines_agree(made(data))))

    for number in range(400):
        seed(number)(agree)()
        if seen >= EVERYTHING:
            break
    assert seen >= EVERYTHING, EVERYTHING - seen


# -- whatever else runs, and wherever ---------------------------------------------------------------


def assert_same_tables(one, other):
    """Two simulations have the same tables to the last bit."""
    pd.testing.assert_frame_equal(one.payoffs, other.payoffs, check_exact=True)
    pd.testing.assert_frame_equal(one.powers, other.powers, check_exact=True)


def compared(**options):
    """Payoffs of a small comparison."""
    return compare(SMALL, ["align_hegemon", "ana"], replicates=fewer(3, 2), **options).payoffs


@pytest.fixture(scope="module")
def processes():
    """An executor whose processes know nothing of this one."""
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        yield pool


@pytest.mark.parametrize("state_years", [1, 100, 10**9])
def test_results_depend_neither_on_threads_nor_on_how_the_work_is_cut(monkeypatch, state_years):
    alone = simulate(SMALL, replicates=7, workers=1)
    monkeypatch.setattr(simulation, "STATE_YEARS_A_JOB", state_years)
    for workers in (1, 2, 3):
        assert_same_tables(alone, simulate(SMALL, replicates=7, workers=workers))


def test_comparisons_do_not_depend_on_threads(monkeypatch):
    alone = compared(workers=1)
    monkeypatch.setitem(comparison.CHUNK, "compiled", 2)
    for workers in (1, 2, 3):
        pd.testing.assert_frame_equal(alone, compared(workers=workers), check_exact=True)


def test_results_do_not_depend_on_the_executor(monkeypatch, processes):
    monkeypatch.setattr(simulation, "STATE_YEARS_A_JOB", 100)
    with ThreadPoolExecutor(2) as threads:
        for executor in (threads, processes):
            assert_same_tables(simulate(SMALL, replicates=7), simulate(SMALL, replicates=7, executor=executor))
            pd.testing.assert_frame_equal(compared(), compared(executor=executor), check_exact=True)


def test_a_file_of_strategies_goes_to_processes(tmp_path, processes):
    text = """
from ana_sim import Strategy

class Shopper(Strategy):
    caution = 0.5

class Yielding(Strategy):
    def comply(self, view, demand):
        return True
"""
    (tmp_path / "mine.py").write_text(text, encoding="utf-8")
    for name, run_by in (("Shopper", "compiled"), ("Yielding", "mesa")):
        words = ["ana", f"{tmp_path / 'mine.py'}:{name}"]
        asked = {"replicates": 2, "baseline": "ana", "engine": run_by}
        here, there = (compare(SMALL, words, **asked, executor=where).payoffs for where in (None, processes))
        pd.testing.assert_frame_equal(here, there, check_exact=True)


def test_a_replicate_does_not_depend_on_the_others():
    counters, reports = simulation.compiled_replicates((SMALL, 1, range(50)))
    for number in (0, 17, 49):
        alone, report = simulation.compiled_replicates((SMALL, 1, range(number, number + 1)))
        assert_same((counters[number], reports[number]), (alone[0], report[0]))


@pytest.mark.parametrize("since", [0, 1, SMALL.years - 1])
def test_years_count_from_one_on(since):
    model = AnaModel(SMALL, rng=1, collect=False)
    for _ in range(since):
        model.step()
    model.counters[:] = 0.0
    model.run()
    late = engine.Engine(SMALL, since=since)
    alone = engine.Replicates(late, late.luck(1, 0))
    counters = arms.undisturbed(late, alone, engine.Room(late), [0])[0]
    np.testing.assert_array_equal(counters, model.counters)
    assert counters[:, -1].sum() == (SMALL.years - since) * len(SMALL.state_names)


def test_thirty_years_are_the_first_of_forty():
    thirty, forty = (simulate(SMALL, replicates=2, years=years).powers for years in (30, 40))
    first = forty[forty["year"] < SMALL.start + 30].reset_index(drop=True)
    pd.testing.assert_frame_equal(thirty, first, check_exact=True)


def rough(scenario):
    """The same states and powers in a rougher world, where nothing is as it was."""
    return scenario.replace({"world.turnover": 1.0, "world.rationality": 2.0, "issue.loan.kind": "exclusive"})


def test_a_room_that_is_used_again_keeps_no_trace():
    room = engine.Room(engine.engine_of(SMALL))
    fresh = [compiled_by_state(world, 1, number) for world, number in ((SMALL, 0), (rough(SMALL), 1))]
    assert_same(fresh[0], compiled_by_state(SMALL, 1, 0, room))
    assert_same(fresh[1], compiled_by_state(rough(SMALL), 1, 1, room))
    assert_same(fresh[0], compiled_by_state(SMALL, 1, 0, room))


def test_whatever_lies_about_in_a_room_is_not_read():
    room = engine.Room(engine.engine_of(SMALL))
    for part in (*room.life, *room.desk):
        for name in part.dtype.names or [None]:
            field = part if name is None else part[name]
            field[...] = 1 if field.dtype.kind in "ib" else np.nan
    assert_same(compiled_by_state(SMALL, 1, 0), compiled_by_state(SMALL, 1, 0, room))


def test_no_luck_is_kept(monkeypatch):
    make, made_so_far = engine.Engine.luck, []

    def remembered(self, seed, *replicates):
        luck = make(self, seed, *replicates)
        made_so_far.append(weakref.ref(luck))
        return luck

    monkeypatch.setattr(engine.Engine, "luck", remembered)
    simulate(SMALL, replicates=20, workers=2)
    assert made_so_far
    assert sum(luck() is not None for luck in made_so_far) == 0


def test_the_luck_of_several_replicates_is_that_of_each():
    ready = engine.engine_of(SMALL)
    several = ready.luck(1, 3, 0, 5)
    together = engine.Replicates(ready, several)
    for place, number in enumerate(several.replicates):
        luck = ready.luck(1, number)
        for scope in PURPOSES:
            np.testing.assert_array_equal(several.table(scope)[place], luck.table(scope)[0])
        alone = engine.Replicates(ready, luck)
        np.testing.assert_array_equal(together.playing[place], alone.playing[0])
        for part in ("all", "person", "partner", "present", "exposure", "score"):
            here, there = getattr(together.people, part), getattr(alone.people, part)
            np.testing.assert_array_equal(here[place], there[0])


def test_the_clock_runs_and_changes_nothing():
    clock = np.zeros(len(PHASES) + 1, dtype=np.int64)
    quiet = compiled_by_state(SMALL, 1, 0)
    for _ in range(2):  # before the first year the clock has not been set
        clock[: len(PHASES)] = 0
        assert_same(quiet, compiled_by_state(SMALL, 1, 0, clock=clock))
    assert (clock > 0).all(), dict(zip(PHASES, clock, strict=False))


# -- compare ---------------------------------------------------------------------------------------


def with_own_dials():
    """Bipolar with strategies of its own."""
    custom = {
        "bold": {"asks": "all", "order": "rising_first", "search": "first", "counter_bids": True, "caution": 0.0},
        "loyal": {"asks": "patron_first", "patron": "hegemon", "search": "stepwise", "declares": True, "caution": 2.0},
        "fair": {"asks": "all", "search": "all", "splits": True, "allocation": "equal"},
    }
    strategies = {"custom": custom, "mix": {"bold": 1.0, "loyal": 2.0, "ana": 1.0}}
    return loaded(toml(plain(SMALL, strategies=strategies)))


WORLDS = {"own dials": (with_own_dials(), None, "S0002"), "table": (TABLE, fewer(3, 1), "CRI")}


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("deviator", ["each", "all", "one"])
def test_engines_agree_on_comparisons(world, deviator):
    scenario, sample, one = WORLDS[world]
    who = one if deviator == "one" else deviator
    compiled, mesa = (
        compare(scenario, replicates=2, sample=sample, deviator=who, engine=name).payoffs
        for name in ("compiled", "mesa")
    )
    pd.testing.assert_frame_equal(compiled, mesa, check_exact=True)


class Shopper(Strategy):
    """Dials alone."""

    counter_bids = True
    caution = 0.5


class Yielding(Strategy):
    """A decision in Python."""

    def comply(self, view, demand):
        return True


def test_a_class_of_dials_alone_is_compiled(recwarn):
    compiled, mesa = (
        compare(SMALL, ["ana", Shopper], replicates=2, engine=name, baseline="ana").payoffs
        for name in ("compiled", "mesa")
    )
    pd.testing.assert_frame_equal(compiled, mesa, check_exact=True)
    assert not recwarn


def test_a_changed_class_is_not_taken_for_the_old_one(tmp_path):
    means = []
    for caution in ("0.0", "100.0"):
        text = f"from ana_sim import Strategy\n\nclass Mine(Strategy):\n    caution = {caution}\n"
        (tmp_path / "mine.py").write_text(text, encoding="utf-8")
        payoffs = compare(SMALL, ["ana", f"{tmp_path / 'mine.py'}:Mine"], replicates=2, baseline="ana").payoffs
        means.append(payoffs.loc[payoffs["strategy"] == "Mine", "payoff"].mean())
    assert means[0] != means[1]


def test_a_strategy_in_python_is_run_by_mesa_with_a_warning_and_the_others_are_compiled(monkeypatch):
    words, run = [], mesa_arms.deviations

    def deviations(scenario, strategies, *rest, **options):
        words.append([getattr(word, "__name__", word) for word in strategies])
        return run(scenario, strategies, *rest, **options)

    monkeypatch.setattr(mesa_arms, "deviations", deviations)
    request = {"replicates": 2, "baseline": "ana", "workers": 1}
    with pytest.warns(UserWarning, match="Yielding: decides in Python, so the Mesa engine runs it"):
        fallen_back = compare(SMALL, ["ana", Yielding, "hedge"], **request).payoffs
    assert words
    assert all(word == ["Yielding"] for word in words)
    asked = compare(SMALL, ["ana", Yielding, "hedge"], engine="mesa", **request).payoffs
    pd.testing.assert_frame_equal(fallen_back, asked, check_exact=True)


def test_progress_of_both_engines_is_that_of_one():
    seen = []
    with pytest.warns(UserWarning, match="Yielding"):
        compare(SMALL, ["ana", Yielding], replicates=2, baseline="ana", workers=1, progress=lambda *at: seen.append(at))
    totals = {total for _, total in seen}
    assert len(totals) == 1
    assert seen[-1] == (*totals, *totals)
    assert [done for done, _ in seen] == sorted({done for done, _ in seen})


# -- the layout and its sources --------------------------------------------------------------------


def test_what_is_counted_lies_as_the_tally_has_it():
    counted = (*COMPONENTS, *BESIDE)
    assert layout.FLOW.names == (*counted, "leverage", "priced")
    assert len(counted) == count.SUMMED
    columns = engine.engine_of(SMALL).tally.columns
    assert columns[: count.SUMMED] == counted
    assert columns == Tally.of(SMALL).columns


@pytest.mark.parametrize("scope", layout.LUCK)
def test_luck_lies_as_its_purposes_stand(scope):
    record, purposes = layout.LUCK[scope], PURPOSES[scope]
    assert record.names[: len(purposes)] == purposes
    ready = engine.engine_of(SMALL)
    luck = ready.luck(1, 0)
    draws = getattr(engine.Replicates(ready, luck).draws, {"state_power": "pair"}.get(scope, scope))
    for purpose in purposes:
        np.testing.assert_array_equal(draws[purpose], luck.uniform(purpose))


def test_words_have_the_places_that_both_engines_know():
    assert layout.ROLES == ROLES == get_args(parameters.Role)
    assert get_args(parameters.Kind) == layout.KINDS
    for words, dial in (
        (layout.ASKS, "asks"),
        (layout.ORDERS, "order"),
        (layout.SEARCHES, "search"),
        (layout.ALLOCATIONS, "allocation"),
    ):
        assert words == get_args(parameters.Dials.model_fields[dial].annotation)


def test_no_field_hides_an_attribute_of_records():
    # A field comes first: NumPy itself might ask for an attribute of that name.
    kinds = [kind for kind in vars(layout).values() if isinstance(kind, np.dtype)]
    kinds += [*layout.LUCK.values(), deal.PROJECT, deal.POWER]
    assert len(kinds) > 15
    assert [name for kind in kinds for name in kind.names if name in (*dir(np.void), "field_names")] == []
