"""What the engines cost: the compiled kernel, the Mesa engine, Mesa's batch_run, threads, phases, size and memory.

    python experiments/benchmark.py [--quick] [--million] [--out FILE.csv] [--markdown docs/performance.md]

``--markdown`` replaces what stands between the two marker comments of the file. ``--quick`` repeats less, takes smaller
jobs, and leaves out what starts on an empty cache (parts h and i). ``--million`` adds part k, of several minutes.

What is compared, and how
-------------------------
All numbers of a table come from one run of this script on one machine. Where things are compared they take turns (A,
B, C, A, B, C, ...), so that the noise of a shared machine hits all alike. A row states the median over the turns and
the quartiles. A ratio is taken turn by turn, then its median. Times are wall times. They hold for the machine that is
named above the table; the ratios carry further than the nanoseconds.

A state-year is one state in one year. Worlds: `everything` is `bipolar` (24 states, 40 years, its own mix of five
strategies, best reply) with every mechanism on (`experiments/everything.toml`: insults, learning, demonstration, a bloc
with an office, links, shared delivery draws, the outside pool, the exclusion clause); `bipolar` and `latin_america` (33
real states, 30 years) are as their files state them.

Never in a time, but in parts h and i: starting Python, imports, compiling, reading the scenario. Always in a time:
drawing the states of a replicate, and all that runs in Python between two calls of the kernel.

a. The kernel on one core. "Fresh luck": each world has a replicate of its own, and its luck is filled in the time.
   "Shared luck", as `compare` has it: all worlds in which one state plays one other strategy share the luck and the
   states of their replicate, filled once, in the time. Only worlds that are really run are counted (a state's own
   strategy is run once for all states). Counters are filled; no tables are built.
b. One thread against two, on calls of `simulate` and `compare` as a user makes them: their tables are in the time.
   Above 1: two threads are faster. "kernel alone" is the same ratio for two long calls of the kernel with no
   Python in between: what the machine has to give. It is below 2 where other work is on the machine, or where two
   cores share their units or their way to memory, as virtual ones often do.
c. The Mesa engine against the kernel: `everything`, fresh luck on both sides, one world a turn in Mesa and many in the
   kernel, by the state-year. Both give the same counters to the last bit, which is checked on one replicate before
   anything is timed. Mesa's data collector is off.
d. Mesa's `batch_run` on the same model, one world a turn, in one process; it needs the data collector, so that is on.
e. Mesa's Boltzmann wealth example as Mesa ships it (100 agents, grid of 10 x 10, 100 steps; the Gini coefficient and
   all wealths are collected each step), against the same model written as plain loops, compiled by numba. Each is
   built and run in the time. They draw from different generators: they agree in distribution, not in their numbers.
   The last ratio is how many steps of such an agent, as compiled loops, a state-year of `everything` with fresh luck
   costs, in turns of their own. It carries further than nanoseconds, though not far: no two machines favour the same.
f. What the phases of a year cost in the kernel: the processor's counter is read between phases, and calibrated by the
   wall time of the same worlds. Reading it costs a few ns a phase. "luck" is filling the luck of a year, "states" is
   drawing the states of all replicates in Python, "count" holds what is counted, the start of a world and the call
   itself.
g. Linearity: `everything` with 10 to 10,000 generated states, and over 10 to 80 years; fresh luck. Memory:
   the peak of a process after `simulate` of one replicate, Python and packages included, and by how much it grows with
   one more call of so many replicates, results included.
h. A first and a second start of a small comparison (`ana-sim compare bipolar --replicates 1`), as a process, with an
   empty cache and with the cache that the first one filled: Python, imports, compiling, table and picture.
i. `ana-sim compare latin_america --replicates 200`, as a process: with an empty cache, then with a full one.
j. A sweep from its request to its files, on two threads, against the bare kernel: two threads that do nothing but call
   it for the same worlds, with engines, luck and states ready. Points are a Latin hypercube over four numbers of
   the world, with 20 replicates each, which all points share; nobody deviates (`mixed`), so that a run is one
   world, the least that a run can be. The ratio is the share of the bare kernel's rate that the sweep reaches.
k. `ana-sim sweep` of 1,000,000 runs of `latin_america` (33 states, 30 years, mixed; 50,000 points of 20 replicates), as
   a process with a full cache: seconds, and the peak of its memory.

Not claimed: that the Mesa engine is as fast as a Mesa model can be (it is written to be read, and calls the same
compiled rules one at a time); anything about other frameworks; anything about machines other than the one named.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import platform
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from threading import Thread
from time import perf_counter_ns
from typing import NamedTuple

import mesa
import numpy as np
from mesa.examples.basic.boltzmann_wealth_model.model import BoltzmannWealth
from numpy.typing import NDArray

from ana_sim import AnaModel, Scenario, compare, simulate
from ana_sim.compiled import compiled, compiled_with_arrays
from ana_sim.kernel import engine as kernel
from ana_sim.kernel.arms import deviations
from ana_sim.kernel.clock import PHASES, cycles
from ana_sim.simulation import compiled_replicates, warm_up
from ana_sim.sweeps.runner import plan_sweep, sweep
from ana_sim.sweeps.worker import CompiledWorld

HERE = Path(__file__).resolve().parent
EVERYTHING = HERE / "everything.toml"
SEED = 1
BATCH = 1_000_000
"""First replicate of `batch_run`: none whose luck is kept from the case before."""
GINIS = 40
"""Worlds whose Gini coefficients are compared."""
BEGIN, END = "<!-- benchmark: begin -->", "<!-- benchmark: end -->"
STATE_YEAR = "ns a state-year"
RATIO = "ratio"

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Case = Callable[[int], float]
"""What is measured: given the number of the turn, returns the number that was measured."""


@dataclass(frozen=True)
class Measurement:
    """One row of the table.

    Attributes
    ----------
    part : str
        The part of the declaration that it belongs to.
    what, unit : str
        What was measured, and in what.
    values : tuple of float
        One number a turn.
    note : str
        What else is to be said.
    """

    part: str
    what: str
    unit: str
    values: tuple[float, ...]
    note: str = ""

    @property
    def median(self) -> float:
        """The middle of the turns."""
        return float(np.median(self.values))

    @property
    def quartiles(self) -> tuple[float, float]:
        """The lower and the upper quartile of the turns."""
        low, high = np.quantile(self.values, (0.25, 0.75))
        return float(low), float(high)


@dataclass(frozen=True)
class Effort:
    """How much is measured.

    Attributes
    ----------
    turns : int
        Repetitions of each case.
    state_years : int
        State-years of the kernel in one repetition of a case.
    thread_jobs : int
        Jobs of each call in the part on threads.
    memory : tuple of int
        Replicates in the part on memory.
    processes : bool
        Whether the parts run that start on an empty cache.
    points : int
        Points of a sweep.
    """

    turns: int
    state_years: int
    thread_jobs: int
    memory: tuple[int, ...]
    processes: bool
    points: int


FULL = Effort(turns=15, state_years=100_000, thread_jobs=8, memory=(50, 400, 3_200), processes=True, points=1_000)
QUICK = Effort(turns=3, state_years=20_000, thread_jobs=2, memory=(50, 400), processes=False, points=50)


# -- measuring --


def nanoseconds(work: Callable[[], object]) -> int:
    """Wall time of one call."""
    start = perf_counter_ns()
    work()
    return perf_counter_ns() - start


def in_turns(part: str, unit: str, cases: Mapping[str, Case], turns: int) -> dict[str, Measurement]:
    """Measure all cases once a turn, one after another; a first turn is not counted."""
    values: dict[str, list[float]] = {what: [] for what in cases}
    for turn in range(turns + 1):
        for what, case in cases.items():
            value = case(turn)
            if turn > 0:
                values[what].append(value)
    return {what: Measurement(part, what, unit, tuple(found)) for what, found in values.items()}


def ratio(part: str, what: str, above: Measurement, below: Measurement) -> Measurement:
    """One measurement divided by another, turn by turn."""
    return Measurement(part, what, RATIO, tuple(a / b for a, b in zip(above.values, below.values, strict=True)))


def size_of(scenario: Scenario) -> int:
    """State-years of one world."""
    return scenario.years * len(scenario.state_names)


# -- a, c, d: the engines --


def fresh_luck(scenario: Scenario, state_years: int) -> Case:
    """Worlds of the kernel, each with a replicate of its own: ns a state-year."""
    worlds = max(1, state_years // size_of(scenario))

    def case(turn: int) -> float:
        numbers = range(turn * worlds, (turn + 1) * worlds)
        return nanoseconds(lambda: compiled_replicates((scenario, SEED, numbers))) / (worlds * size_of(scenario))

    return case


def shared_luck(scenario: Scenario) -> Case:
    """Worlds of the kernel that share a replicate, as in ``compare``: ns a state-year."""
    strategies = tuple(scenario.strategies.mix)
    deviators = range(len(scenario.state_names))
    engine = kernel.engine_of(scenario, strategies)
    places = [engine.place[word] for word in strategies]

    def case(turn: int) -> float:
        playing = kernel.Replicates(engine, engine.luck(SEED, turn)).playing[0]
        worlds: int = 1 + sum(place != own for own in playing.tolist() for place in places)

        def work() -> None:
            alone = kernel.Replicates(engine, engine.luck(SEED, turn))
            deviations(engine, alone, kernel.Room(engine), [0], strategies, [deviators])

        spent = nanoseconds(work)
        return spent / (worlds * size_of(scenario))

    return case


def mesa_engine(scenario: Scenario) -> Case:
    """One world of the Mesa engine: ns a state-year."""

    def case(turn: int) -> float:
        model = partial(AnaModel, scenario, rng=SEED, replicate=turn, collect=False)
        return nanoseconds(lambda: model().run()) / size_of(scenario)

    return case


def mesa_batch(scenario: Scenario) -> Case:
    """One world by Mesa's ``batch_run``: ns a state-year."""
    parameters = {"scenario": scenario, "overrides": [{"years": scenario.years}], "rng": SEED}

    def case(turn: int) -> float:
        run = partial(mesa.batch_run, AnaModel, number_processes=1, display_progress=False)
        return nanoseconds(lambda: run({**parameters, "replicate": BATCH + turn})) / size_of(scenario)

    return case


def check_engines(scenario: Scenario) -> None:
    """Refuse to compare engines that do not do the same."""
    model = AnaModel(scenario, rng=SEED, replicate=0, collect=False).run()
    counters, _ = compiled_replicates((scenario, SEED, range(1)))
    if not np.array_equal(model.counters, counters[0]):
        sys.exit("benchmark: the engines differ, so their times are not comparable")


def measure_engines(effort: Effort) -> list[Measurement]:
    """Parts a, c and d."""
    everything, bipolar, latin_america = (Scenario.load(name) for name in (EVERYTHING, "bipolar", "latin_america"))
    check_engines(everything)
    one_core = {
        "everything, fresh luck": fresh_luck(everything, effort.state_years),
        "everything, shared luck": shared_luck(everything),
        "bipolar, fresh luck": fresh_luck(bipolar, effort.state_years),
        "bipolar, shared luck": shared_luck(bipolar),
        "latin_america, fresh luck": fresh_luck(latin_america, effort.state_years),
        "latin_america, shared luck": shared_luck(latin_america),
    }
    slow = {"Mesa engine": mesa_engine(everything)}
    if hasattr(mesa, "batch_run"):
        slow["Mesa's batch_run"] = mesa_batch(everything)
    found = in_turns("a", STATE_YEAR, {**one_core, **slow}, effort.turns)
    rows = [found[what] for what in one_core]
    for part, what in zip("cd", slow, strict=False):
        own = found[what]
        rows.append(Measurement(part, f"{what}, everything", STATE_YEAR, own.values))
        rows.append(ratio(part, f"{what} / kernel", own, found["everything, fresh luck"]))
    return rows


# -- b: threads --


def kernel_alone(scenario: Scenario, worlds: int) -> list[Thread]:
    """Two threads of one long call of the kernel each, with no Python in between."""
    engine = kernel.engine_of(scenario)
    alone, whose = kernel.Replicates(engine, engine.luck(SEED, 0)), np.zeros(worlds, dtype=np.int64)
    playing, rows = alone.playing[whose], kernel.by_strategy(worlds)
    return [
        Thread(
            target=kernel.run,
            args=(
                *(engine, alone, kernel.Room(engine), whose, playing, rows),
                engine.counters(worlds, len(engine.strategies)),
            ),
        )
        for _ in range(2)
    ]


def one_by_one(threads: Sequence[Thread]) -> None:
    """Start each thread when the one before has come to its end."""
    for thread in threads:
        thread.start()
        thread.join()


def side_by_side(threads: Sequence[Thread]) -> None:
    """Start all threads at once."""
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def measure_threads(effort: Effort) -> list[Measurement]:
    """Part b."""
    scenario = Scenario.load(EVERYTHING)
    replicates = effort.thread_jobs * 208  # a job of `simulate` holds 208 replicates of this world
    worlds = effort.thread_jobs * 50

    def simulating(workers: int) -> Case:
        return lambda turn: nanoseconds(lambda: simulate(scenario, replicates, seed=turn, workers=workers))

    def comparing(workers: int) -> Case:
        jobs = 2 * effort.thread_jobs
        return lambda turn: nanoseconds(lambda: compare(scenario, replicates=jobs, seed=turn, workers=workers))

    cases = {
        "simulate, 1 thread": simulating(1),
        "simulate, 2 threads": simulating(2),
        "compare, 1 thread": comparing(1),
        "compare, 2 threads": comparing(2),
        "kernel alone, 1 thread": lambda turn: nanoseconds(partial(one_by_one, kernel_alone(scenario, worlds))),
        "kernel alone, 2 threads": lambda turn: nanoseconds(partial(side_by_side, kernel_alone(scenario, worlds))),
    }
    found = in_turns("b", "ns", cases, max(3, effort.turns // 3))
    return [
        ratio("b", f"{call}: 1 thread / 2 threads", found[f"{call}, 1 thread"], found[f"{call}, 2 threads"])
        for call in ("simulate", "compare", "kernel alone")
    ]


# -- e: a model that everybody knows --

AGENTS, SIDE, STEPS = 100, 10, 100


class Grid(NamedTuple):
    """Who is where; a cell is numbered x * SIDE + y."""

    cell: Ints
    """Shape (agents,): the cell of each agent."""
    agents: Ints
    """Shape (cells, agents): the agents in each cell, in its first places."""
    filled: Ints
    """Shape (cells,): how many they are."""


@compiled_with_arrays
def boltzmann(agents: int, side: int, steps: int, rng: np.random.Generator) -> tuple[Floats, Ints]:
    """Mesa's Boltzmann wealth model: the Gini coefficient and all wealths, at the start and after each step."""
    cells = side * side
    grid = Grid(np.zeros(agents, np.int64), np.zeros((cells, agents), np.int64), np.zeros(cells, np.int64))
    wealth, order = np.ones(agents, np.int64), np.arange(agents)
    ginis, wealths = np.empty(steps + 1), np.empty((steps + 1, agents), np.int64)
    for i in range(agents):
        enter(grid, i, below(cells, rng))
    ginis[0], wealths[0] = gini(wealth), wealth
    for step in range(steps):
        rng.shuffle(order)
        for place in range(agents):
            i = int(order[place])
            cell = neighbour(grid.cell[i], side, rng)
            leave(grid, i)
            enter(grid, i, cell)
            if wealth[i] > 0 and grid.filled[cell] > 1:
                # Agent i is the last in its cell, having just come.
                wealth[grid.agents[cell, below(grid.filled[cell] - 1, rng)]] += 1
                wealth[i] -= 1
        ginis[step + 1], wealths[step + 1] = gini(wealth), wealth
    return ginis, wealths


@compiled_with_arrays
def neighbour(cell: int, side: int, rng: np.random.Generator) -> int:
    """One of the up to eight cells around a cell; the grid has edges."""
    while True:
        to_x, to_y = cell // side + below(3, rng) - 1, cell % side + below(3, rng) - 1
        to = to_x * side + to_y
        if 0 <= to_x < side and 0 <= to_y < side and to != cell:
            return to


@compiled_with_arrays
def below(n: int, rng: np.random.Generator) -> int:
    """A whole number from 0 to n - 1."""
    return int(rng.random() * n)


@compiled_with_arrays
def enter(grid: Grid, i: int, cell: int) -> None:
    """Put agent ``i`` into a cell."""
    grid.cell[i] = cell
    grid.agents[cell, grid.filled[cell]] = i
    grid.filled[cell] += 1


@compiled_with_arrays
def leave(grid: Grid, i: int) -> None:
    """Take agent ``i`` out of its cell; the last one there takes its place."""
    cell, place = int(grid.cell[i]), 0
    while grid.agents[cell, place] != i:
        place += 1
    grid.filled[cell] -= 1
    grid.agents[cell, place] = grid.agents[cell, grid.filled[cell]]


@compiled_with_arrays
def gini(wealth: Ints) -> float:
    """The Gini coefficient, as Mesa's example computes it."""
    x, n, weighted = np.sort(wealth), wealth.size, 0.0
    for i in range(n):
        weighted += x[i] * (n - i)
    return float(1.0 + 1.0 / n - 2.0 * weighted / (n * x.sum()))


def measure_boltzmann(effort: Effort) -> list[Measurement]:
    """Part e."""
    worlds = 100  # of the compiled model, in a turn
    rng = np.random.default_rng(SEED)

    def run_in_mesa() -> float:
        model = BoltzmannWealth()  # the example's defaults are AGENTS and SIDE
        for _ in range(STEPS):
            model.step()
        return float(model.datacollector.model_vars["Gini"][-1])

    def in_mesa(turn: int) -> float:
        return nanoseconds(run_in_mesa) / (AGENTS * STEPS)

    def compiled(turn: int) -> float:
        def run() -> None:
            for _ in range(worlds):
                boltzmann(AGENTS, SIDE, STEPS, rng)

        return nanoseconds(run) / (worlds * AGENTS * STEPS)

    names = "Boltzmann wealth in Mesa", "Boltzmann wealth as compiled loops"
    found = in_turns("e", "ns an agent-step", {names[0]: in_mesa, names[1]: compiled}, effort.turns)
    own = fresh_luck(Scenario.load(EVERYTHING), effort.state_years)
    beside = in_turns("e", "ns", {"kernel": own, "loops": compiled}, effort.turns)
    mesa_ginis = [run_in_mesa() for _ in range(GINIS)]
    compiled_ginis = [float(boltzmann(AGENTS, SIDE, STEPS, rng)[0][-1]) for _ in range(GINIS)]
    last = f"Gini coefficient after {STEPS} steps"
    return [
        *found.values(),
        ratio("e", "Mesa / compiled loops", found[names[0]], found[names[1]]),
        ratio("e", "a state-year of the kernel / an agent-step of the loops", beside["kernel"], beside["loops"]),
        Measurement("e", f"{last}, in Mesa", "", tuple(mesa_ginis)),
        Measurement("e", f"{last}, compiled", "", tuple(compiled_ginis)),
    ]


# -- f: phases --


@compiled
def now() -> int:
    """The processor's counter, read as the kernel reads it."""
    return cycles()


def phases_of(scenario: Scenario, worlds: int, turn: int) -> dict[str, float]:
    """Nanoseconds a state-year by phase."""
    engine = kernel.engine_of(scenario)
    room, clock = kernel.Room(engine), np.zeros(len(PHASES) + 1, dtype=np.int64)
    whose, rows, counters = (
        np.arange(worlds),
        kernel.by_strategy(worlds),
        engine.counters(worlds, len(engine.strategies)),
    )
    start = perf_counter_ns()
    luck = engine.luck(SEED, *range(turn * worlds, (turn + 1) * worlds))
    block = kernel.Replicates(engine, luck, fleeting=True)
    began, clock[-1] = perf_counter_ns(), now()
    before = int(clock[-1])
    kernel.run(engine, block, room, whose, block.playing, rows, counters, clock=clock)
    all_cycles, all_ns = now() - before, perf_counter_ns() - began
    spent = {"states": float(began - start)}
    clock[PHASES.index("count")] += all_cycles - int(
        clock[:-1].sum()
    )  # what came before the first tick, after the last
    spent |= {phase: int(ticks) * all_ns / all_cycles for phase, ticks in zip(PHASES, clock[:-1], strict=True)}
    return {phase: ns / (worlds * size_of(scenario)) for phase, ns in spent.items()}


def measure_phases(effort: Effort) -> list[Measurement]:
    """Part f."""
    scenarios = [Scenario.load(EVERYTHING), Scenario.load("bipolar")]
    turns: list[list[dict[str, float]]] = [[] for _ in scenarios]
    for turn in range(effort.turns + 1):
        for scenario, found in zip(scenarios, turns, strict=True):
            found.append(phases_of(scenario, max(1, effort.state_years // size_of(scenario)), turn))
    rows = []
    for scenario, (_, *found) in zip(scenarios, turns, strict=True):
        whole = [sum(spent.values()) for spent in found]
        for phase in found[0]:
            own = tuple(spent[phase] for spent in found)
            part = float(np.median(np.divide(own, whole)))
            rows.append(Measurement("f", f"{scenario.name}: {phase}", STATE_YEAR, own, f"{part:.1%} of all"))
        rows.append(Measurement("f", f"{scenario.name}: all", STATE_YEAR, tuple(whole)))
    return rows


# -- g: size --


def measure_size(effort: Effort) -> list[Measurement]:
    """Part g, time."""
    everything = Scenario.load(EVERYTHING)
    by_states = {
        f"{count:,} states": fresh_luck(everything.replace({"states.count": count}), effort.state_years)
        for count in (10, 100, 1_000, 10_000)
    }
    by_years = {
        f"{years} years": fresh_luck(everything.replace({"years": years}), effort.state_years)
        for years in (10, 20, 40, 80)
    }
    return list(in_turns("g", STATE_YEAR, {**by_states, **by_years}, max(3, effort.turns // 3)).values())


MEMORY = """
import sys
from ana_sim import Scenario, simulate

def peak():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))

scenario = Scenario.load(sys.argv[1])
simulate(scenario, replicates=1, workers=1)
before = peak()
simulate(scenario, replicates=int(sys.argv[2]), workers=1)
print(before, peak() - before)
"""


def measure_memory(effort: Effort) -> list[Measurement]:
    """Part g, memory; Linux only (`getrusage` would do elsewhere, but counts what the parent process had)."""
    if not sys.platform.startswith("linux"):
        return []
    found: dict[str, list[float]] = {}
    for _ in range(3):
        for replicates in effort.memory:
            command = [sys.executable, "-c", MEMORY, str(EVERYTHING), str(replicates)]
            told = subprocess.run(command, capture_output=True, check=True, text=True).stdout
            before, growth = (float(word) / 1024.0 for word in told.split())
            found.setdefault("peak of a process, 1 replicate", []).append(before)
            found.setdefault(f"growth of it, {replicates:,} replicates", []).append(growth)
    return [Measurement("g", what, "MB", tuple(values)) for what, values in found.items()]


# -- h, i: whole processes --


def seconds_of(command: Sequence[str], cache: Path) -> float:
    """Wall time of a process of ``ana_sim`` whose caches are in ``cache``."""
    with tempfile.TemporaryDirectory() as out:
        whole = [sys.executable, "-m", "ana_sim", *command, "--quiet", "--out", str(Path(out) / "results")]
        environment = {**os.environ, "XDG_CACHE_HOME": str(cache)}
        run = partial(subprocess.run, whole, env=environment, capture_output=True, check=True)
        return nanoseconds(run) / 1e9


def measure_processes() -> list[Measurement]:
    """Parts h and i."""
    commands = {
        "h": ("compare", "bipolar", "--replicates", "1"),
        "i": ("compare", "latin_america", "--replicates", "200"),
    }
    rows = []
    for part, command in commands.items():
        with tempfile.TemporaryDirectory() as cache:
            first = seconds_of(command, Path(cache))
            then = tuple(seconds_of(command, Path(cache)) for _ in range(3))
        line = " ".join(("ana-sim", *command))
        rows.append(Measurement(part, f"{line}, first start", "s", (first,)))
        rows.append(Measurement(part, f"{line}, later", "s", then))
    return rows


# -- j, k: sweeps --

REPLICATES = 20
BARE_POINTS = 200
"""Points whose worlds are made ready for the bare kernel."""


def swept(scenario: str, points: int) -> dict[str, object]:
    """A sweep's request."""
    ranges = {
        "power.rising.openness": (0.2, 1.0),
        "power.rising.generosity": (0.5, 1.5),
        "world.posted_share": (0.1, 0.9),
        "world.abandonment": (0.0, 1.5),
    }
    return {
        "scenario": scenario,
        "replicates": REPLICATES,
        "seed": SEED,
        "design": {"kind": "lhs", "samples": points},
        "uncertainties": {path: {"low": low, "high": high} for path, (low, high) in ranges.items()},
        "outputs": {"deviator": "mixed"},
    }


def bare_kernel(scenario: str, points: int) -> Case:
    """Worlds of a sweep by two threads that call the kernel and do nothing else: ns a run."""
    made = plan_sweep(swept(scenario, points))
    values = made.points[[factor.name for factor in made.spec.factors]].head(BARE_POINTS).itertuples(index=False)
    ready = []
    for point, own in enumerate(values):
        world = made.bench.world(point, own)
        assert isinstance(world, CompiledWorld)
        (block, chosen), *_ = made.bench.shelf.blocks(world.engine, world.cast, range(REPLICATES))
        ready.append((world, block, np.array(chosen)))

    def work(own: Sequence[tuple[CompiledWorld, kernel.Replicates, Ints]]) -> None:
        for world, block, whose in own:
            counters = world.engine.counters(len(whose), len(world.engine.strategies))
            rows = kernel.by_strategy(len(whose))
            kernel.run(world.engine, block, world.room, whose, block.playing[whose], rows, counters)

    def case(turn: int) -> float:
        threads = [Thread(target=work, args=(ready[half::2],)) for half in (0, 1)]
        return nanoseconds(partial(side_by_side, threads)) / (len(ready) * REPLICATES)

    return case


def whole_sweep(scenario: str, points: int) -> Case:
    """A sweep on two threads, from its request to its files: ns a run."""

    def case(turn: int) -> float:
        with tempfile.TemporaryDirectory() as folder:
            work = partial(sweep, swept(scenario, points), Path(folder) / "out", workers=2)
            return nanoseconds(work) / (points * REPLICATES)

    return case


def measure_sweeps(effort: Effort) -> list[Measurement]:
    """Part j."""
    rows = []
    for name in ("bipolar", "latin_america"):
        cases = {
            f"{name}, sweep on 2 threads": whole_sweep(name, effort.points),
            f"{name}, bare kernel on 2 threads": bare_kernel(name, effort.points),
        }
        found = in_turns("j", "ns a run", cases, max(3, effort.turns // 3))
        of_sweep, of_kernel = found.values()
        rows += [of_sweep, of_kernel, ratio("j", f"{name}, sweep's share of the kernel's rate", of_kernel, of_sweep)]
    return rows


def measure_million() -> list[Measurement]:
    """Part k; the peak of memory where the system tells it."""
    with tempfile.TemporaryDirectory() as folder:
        file, out = Path(folder) / "million.toml", Path(folder) / "out"
        asked = swept("latin_america", 1_000_000 // REPLICATES)
        lines = [f"{key} = {json.dumps(value)}" for key, value in asked.items() if not isinstance(value, dict)]
        for key, table in asked.items():
            if isinstance(table, dict):
                lines += [f"[{key}]", *(f'"{name}" = {inline(value)}' for name, value in table.items())]
        file.write_text("\n".join(lines), encoding="utf-8")
        command = [sys.executable, "-m", "ana_sim", "sweep", str(file), "--out", str(out), "--quiet"]
        seconds = nanoseconds(partial(subprocess.run, command, check=True, capture_output=True)) / 1e9
        rows = [Measurement("k", "1,000,000 runs of latin_america", "s", (seconds,))]
        if sys.platform.startswith("linux"):
            import resource

            peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024.0
            rows.append(Measurement("k", "peak of its memory, at most", "MB", (peak,), "of all processes started here"))
    return rows


def inline(value: object) -> str:
    """A value as TOML, tables in a line."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {inline(entry)}" for key, entry in value.items()) + " }"
    return json.dumps(value)


# -- telling --


def declaration() -> str:
    """What is compared and how: the docstring from there on."""
    text = __doc__ or ""
    return text[text.index("What is compared, and how") :].strip()


def machine() -> str:
    """Where the numbers are from."""
    cpu, listing = platform.processor() or platform.machine(), Path("/proc/cpuinfo")
    for line in listing.read_text().splitlines() if listing.exists() else []:
        if line.startswith("model name"):
            cpu = line.partition(":")[2].strip()
    packages = ", ".join(f"{name} {version(name)}" for name in ("numba", "numpy", "mesa"))
    load = f"; load at the end {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return f"{cpu}, {os.cpu_count()} cores, {platform.system()}; Python {platform.python_version()}, {packages}{load}"


def number(value: float) -> str:
    """Three digits, and thousands set apart."""
    return f"{value:,.0f}" if abs(value) >= 100.0 else f"{value:.3g}"


def cells(row: Measurement) -> tuple[str, ...]:
    """One row of the table, as text."""
    spread = " to ".join(map(number, row.quartiles)) if len(row.values) > 1 else ""
    return row.part, row.what, number(row.median), spread, row.unit, row.note


HEADINGS = ("part", "what", "median", "quartiles", "unit", "")


def as_text(rows: Iterable[Measurement]) -> str:
    """The table for a terminal."""
    lines = [HEADINGS, *map(cells, rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def as_markdown(rows: Iterable[Measurement]) -> str:
    """The machine, the table and the declaration, between the markers."""
    lines = [HEADINGS, ("---",) * len(HEADINGS), *map(cells, rows)]
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    title, _, text = declaration().split("\n", 2)
    text = re.sub(r"^([a-k])\. ", r"- **\1.** ", text, flags=re.MULTILINE)
    return f"{BEGIN}\n\n{machine()}.\n\n{table}\n\n**{title}**\n\n{text}\n\n{END}"


def around_markers(file: Path) -> tuple[str, str]:
    """What stands before and after the markers of a file.

    Raises
    ------
    SystemExit
        If the file has no such markers, each once and in order.
    """
    before, begin, rest = file.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        sys.exit(f"benchmark: {file} needs a line {BEGIN} and, below it, a line {END}")
    return before, after


def write_csv(rows: Iterable[Measurement], file: Path) -> None:
    """One line a turn."""
    with file.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(("part", "what", "unit", "turn", "value"))
        for row in rows:
            writer.writerows((row.part, row.what, row.unit, turn, value) for turn, value in enumerate(row.values))


def main() -> int:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="repeat less, leave out what starts on an empty cache")
    parser.add_argument("--million", action="store_true", help="add a sweep of a million runs")
    parser.add_argument("--out", type=Path, help="CSV file, a line for each number measured")
    parser.add_argument("--markdown", type=Path, help="file with the marker comments")
    arguments = parser.parse_args()
    effort = QUICK if arguments.quick else FULL
    before, after = around_markers(arguments.markdown) if arguments.markdown else ("", "")

    warm_up()
    rows: list[Measurement] = []
    parts: list[tuple[str, Callable[[], list[Measurement]]]] = [
        ("the engines", lambda: measure_engines(effort)),
        ("threads", lambda: measure_threads(effort)),
        ("the Boltzmann example", lambda: measure_boltzmann(effort)),
        ("phases", lambda: measure_phases(effort)),
        ("size", lambda: measure_size(effort)),
        ("memory", lambda: measure_memory(effort)),
        ("sweeps", lambda: measure_sweeps(effort)),
    ]
    if effort.processes:
        parts.append(("whole processes", measure_processes))
    if arguments.million:
        parts.insert(0, ("a million runs", measure_million))  # before other processes are started, for its memory
    for name, measure in parts:
        print(f"measuring {name}", file=sys.stderr, flush=True)
        rows += measure()
    rows.sort(key=lambda row: row.part)
    print(f"{machine()}\n\n{as_text(rows)}\n\n{declaration()}")
    if arguments.out:
        write_csv(rows, arguments.out)
    if arguments.markdown:
        arguments.markdown.write_text(before + as_markdown(rows) + after, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
