"""No foregone conclusion: which strategy is best where, over a Latin hypercube of the frozen test ranges.

In each point of the hypercube one state of ``bipolar`` changes its strategy while the others keep theirs (another state
in each replicate); all strategies see the same luck. A strategy is best in a point if its mean payoff is the highest;
it leads significantly if the 95% interval of its paired lead over the runner-up excludes 0.

    python experiments/no_foregone.py --points 100 --replicates 20
"""

from __future__ import annotations

import argparse
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
from numpy.typing import NDArray
from scipy.stats import qmc, t

from ana_sim import AnaModel, Scenario
from ana_sim.parameters import parameter_table

STRATEGIES = ("align_hegemon", "align_rising", "hedge", "play_field", "ana")
RIVALS = ("hegemon", "rising")
RISING_ONLY = ("capability", "openness")


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


def payoffs(job: tuple[dict[str, float], int, int]) -> NDArray[np.float64]:
    """Payoffs of the deviating state in one point, shape (replicates, strategies)."""
    values, replicates, seed = job
    scenario = Scenario.load("bipolar").replace(values)
    names = scenario.state_names
    table = np.empty((replicates, len(STRATEGIES)))
    for replicate in range(replicates):
        deviator = names[replicate % len(names)]
        for column, strategy in enumerate(STRATEGIES):
            model = AnaModel(
                scenario, rng=seed, replicate=replicate, play={deviator: strategy}, by_state=True, collect=False
            ).run()
            table[replicate, column] = model.tally.rows(model.counters)["payoff"][names.index(deviator)]
    return table


def main() -> None:
    """Sample, run, and print the shares."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, default=100)
    parser.add_argument("--replicates", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    ranges = frozen_ranges()
    low, high = np.array(list(ranges.values())).T
    unit = qmc.LatinHypercube(len(ranges), rng=np.random.default_rng(arguments.seed)).random(arguments.points)
    points = qmc.scale(unit, low, high)
    jobs = [
        (dict(zip(ranges, map(float, point), strict=True)), arguments.replicates, arguments.seed) for point in points
    ]
    with ProcessPoolExecutor(arguments.workers, mp_context=get_context("spawn")) as pool:
        tables = list(pool.map(payoffs, jobs))
    best, clear = np.zeros(len(STRATEGIES)), np.zeros(len(STRATEGIES))
    for table in tables:
        order = np.argsort(table.mean(axis=0))
        lead = table[:, order[-1]] - table[:, order[-2]]
        margin = t.ppf(0.975, len(lead) - 1) * lead.std(ddof=1) / np.sqrt(len(lead))
        best[order[-1]] += 1
        clear[order[-1]] += lead.mean() > margin
    print(f"{len(ranges)} ranges, {len(tables)} points, {arguments.replicates} replicates each")
    for name, wins, significant in zip(STRATEGIES, best, clear, strict=True):
        print(f"{name:15s} best in {wins / len(tables):6.1%}   significantly {significant / len(tables):6.1%}")


if __name__ == "__main__":
    main()
