"""No foregone conclusion: which strategy is best where, over a Latin hypercube of the frozen test ranges.

In each point of the hypercube one state of ``bipolar`` changes its strategy while the others keep theirs (another state
in each replicate); all strategies see the same luck, and so do all points. A strategy is best in a point if its mean
payoff is the highest; it is significantly best if the 95% interval of its paired lead over the runner-up excludes 0.
Each share of points stands with its 95% interval (Wilson), which covers the sampling of points only.

    python experiments/no_foregone.py --points 1000 --replicates 20 --out no_foregone.csv
    python experiments/no_foregone.py --points 10 --check 2     # and compare 2 points, exactly, with the Mesa engine
    python experiments/no_foregone.py --set issue.network.term=10      # in another world

With ``--out`` a row per point is written: the values, each strategy's mean payoff, the best and the runner-up, the mean
lead between them and half the width of its 95% interval. Exit status: 0 done; 1 the engines differ.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import binomtest, qmc, t
from tqdm import tqdm

from ana_sim import AnaModel, Scenario
from ana_sim.errors import AnaSimError
from ana_sim.kernel.arms import deviations
from ana_sim.kernel.engine import Engine, Replicates, Room
from ana_sim.luck import Lucks
from ana_sim.parameters import parameter_table
from ana_sim.scenario import parse_setting
from ana_sim.simulation import warm_up

SCENARIO = "bipolar"
STRATEGIES = ("align_hegemon", "align_rising", "hedge", "play_field", "ana")
RIVALS = ("hegemon", "rising")
RISING_ONLY = ("capability", "openness")

Floats = NDArray[np.float64]
Point = Mapping[str, float]


def frozen_ranges() -> dict[str, tuple[float, float]]:
    """Paths and ranges of the test; a range of powers holds for each of the two rivals alike."""
    ranges: dict[str, tuple[float, float]] = {}
    for info in parameter_table():
        if info.test_low is None or info.test_high is None:
            continue
        powers = ("rising",) if info.path.rpartition(".")[2] in RISING_ONLY else RIVALS
        for power in powers if ".NAME." in info.path else ("",):
            ranges[info.path.replace("NAME", power)] = (info.test_low, info.test_high)
    return ranges


def latin_hypercube(points: int, seed: int) -> list[dict[str, float]]:
    """Values of each point by path."""
    ranges = frozen_ranges()
    low, high = np.array(list(ranges.values())).T
    unit = qmc.LatinHypercube(len(ranges), rng=np.random.default_rng(seed)).random(points)
    return [dict(zip(ranges, row, strict=True)) for row in qmc.scale(unit, low, high).tolist()]


def filled_luck(scenario: Scenario, seed: int, replicates: int) -> Lucks:
    """The luck of the replicates, filled before threads share it; the same in all points."""
    return Lucks(seed, range(replicates), scenario.years, scenario.state_names, scenario.power_names).fill()


def payoffs(values: Point, scenario: Scenario, luck: Lucks) -> Floats:
    """Payoffs of the deviating state in one point, shape (replicates, strategies)."""
    engine, states = Engine(scenario.replace(values), STRATEGIES), len(scenario.state_names)
    replicates, turns = Replicates(engine, luck), [[number % states] for number in luck.replicates]
    counters = deviations(engine, replicates, Room(engine), range(len(turns)), STRATEGIES, turns)
    return engine.tally.payoffs(counters)[:, 0]


def payoffs_in_mesa(values: Point, scenario: Scenario, luck: Lucks) -> Floats:
    """The same by the Mesa engine."""
    changed = scenario.replace(values)
    table = np.empty((len(luck.replicates), len(STRATEGIES)))
    for row, number in zip(table, luck.replicates, strict=True):
        place = number % len(changed.state_names)
        for column, strategy in enumerate(STRATEGIES):
            model = AnaModel(
                changed,
                rng=luck.seed,
                replicate=number,
                play={changed.state_names[place]: strategy},
                by_state=True,
                collect=False,
            ).run()
            row[column] = model.tally.rows(model.counters)["payoff"][place]
    return table


def outcome(table: Floats) -> dict[str, object]:
    """Mean payoffs of one point, who is best in it, and by how much."""
    mean = table.mean(axis=0)
    *_, second, first = np.argsort(mean, kind="stable")
    lead = table[:, first] - table[:, second]
    margin = t.ppf(0.975, len(lead) - 1) * lead.std(ddof=1) / np.sqrt(len(lead))
    return {
        **{f"payoff_{name}": float(value) for name, value in zip(STRATEGIES, mean, strict=True)},
        "best": STRATEGIES[first],
        "runner_up": STRATEGIES[second],
        "lead": float(lead.mean()),
        "margin": float(margin),
        "significant": bool(lead.mean() > margin),
    }


def share(hits: int, total: int) -> str:
    """A share with its 95% interval."""
    interval = binomtest(hits, total).proportion_ci(method="wilson")
    return f"{hits / total:6.1%} [{interval.low:5.1%}, {interval.high:5.1%}]"


def report(outcomes: pd.DataFrame, replicates: int) -> str:
    """Shares of the points in which each strategy is best."""
    lines = [f"{len(frozen_ranges())} ranges, {len(outcomes)} points, {replicates} replicates each"]
    for name in STRATEGIES:
        best = outcomes["best"] == name
        clear = best & outcomes["significant"]
        every = len(outcomes)
        lines.append(
            f"{name:15s} best in {share(int(best.sum()), every)}   significantly {share(int(clear.sum()), every)}"
        )
    return "\n".join(lines)


def main() -> int:
    """Sample, run, print the shares; write the points and compare the engines if asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, default=1000)
    parser.add_argument("--replicates", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--set", action="append", default=[], metavar="PATH=VALUE", help="another value; repeatable")
    parser.add_argument("--workers", type=int, default=2, help="number of threads")
    parser.add_argument("--out", type=Path, help="CSV file to write the points and outcomes to")
    parser.add_argument("--check", type=int, default=0, metavar="N", help="points to compare with the Mesa engine")
    arguments = parser.parse_args()
    if arguments.points < 1 or arguments.replicates < 2 or not 0 <= arguments.check <= arguments.points:
        parser.error("needs at least 1 point and 2 replicates, and no more points to check than there are")

    try:
        scenario = Scenario.load(SCENARIO).replace(dict(parse_setting(text) for text in arguments.set))
    except AnaSimError as error:
        parser.error(str(error))
    points = latin_hypercube(arguments.points, arguments.seed)
    luck = filled_luck(scenario, arguments.seed, arguments.replicates)
    warm_up()
    with ThreadPoolExecutor(arguments.workers) as pool:
        work = pool.map(partial(payoffs, scenario=scenario, luck=luck), points)
        tables = list(tqdm(work, total=len(points), unit="point", disable=None))
    outcomes = pd.DataFrame([{**values, **outcome(table)} for values, table in zip(points, tables, strict=True)])
    print(report(outcomes, arguments.replicates))
    if arguments.out:
        outcomes.to_csv(arguments.out, index_label="point")

    differing = 0
    for place in np.linspace(0, len(points) - 1, arguments.check).astype(int):
        same = np.array_equal(payoffs_in_mesa(points[place], scenario, luck), tables[place])
        print(f"point {place}: the Mesa engine's payoffs are {'the same' if same else 'DIFFERENT'}")
        differing += not same
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
