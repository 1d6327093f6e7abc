"""Which mapping from exposure to trade foretells the end of 2001-2005 best, from what came before it.

    python experiments/choose_mapping.py [--replicates N] [--seed N]

Each candidate is fitted on the years up to 2002, 2003 and 2004, and foretells those that are left up to 2005: six mean
absolute errors, and their mean. Nothing after 2005 is read. The choice in ``ana_sim/hindcast/gravity.py`` was made by
the last column, before the years after 2005 were looked at; see 7.30 of docs/odd.md.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from ana_sim.hindcast.baselines import linear_trend, persistence
from ana_sim.hindcast.forecast import ANCHOR, FIRST, LAST, REPLICATES, SEED
from ana_sim.hindcast.gravity import least_absolute, log_odds
from ana_sim.hindcast.record import read_record
from ana_sim.hindcast.worlds import watched, worlds

Floats = NDArray[np.float64]
Forecast = Callable[[int], Floats]
"""From how many years are known, Y, what is foretold of the others: shape (5 - Y, N)."""


def least_squares(x: Floats, y: Floats) -> tuple[float, float]:
    slopes = np.linalg.lstsq(x, y, rcond=None)[0]
    return float(slopes[0]), float(slopes[1])


def candidates(ratio: Floats, ties: Floats, size: Floats, parts: Floats) -> Iterator[tuple[str, Forecast]]:
    """Names and forecasts, from the record (N, Y), mean x (N, Y), g (N, Y), and mean A_R / (A_R + A_H) (N, Y)."""
    odds, drift, none = log_odds(ratio), np.broadcast_to(np.arange(5.0), ratio.shape), np.zeros_like(ratio)
    ahead = ratio.shape[1]
    yield "persistence", lambda known: persistence(ratio[:, :known], ahead - known)
    yield "linear trend", lambda known: linear_trend(ratio[:, :known], ahead - known)

    def moved(
        target: Floats, first: Floats, second: Floats, slopes: Callable[[Floats, Floats], tuple[float, float]]
    ) -> Callable[[int], Floats]:
        def forecast(known: int) -> Floats:
            steps = np.stack([np.diff(each[:, :known], axis=1).ravel() for each in (first, second)], axis=1)
            a, b = slopes(steps, np.diff(target[:, :known], axis=1).ravel())
            moves = a * (first - first[:, [known - 1]]) + b * (second - second[:, [known - 1]])
            level: Floats = (target[:, [known - 1]] + moves)[:, known:].T
            return level

        return forecast

    def as_share(forecast: Forecast) -> Forecast:
        return lambda known: expit(forecast(known))

    def within(forecast: Forecast) -> Forecast:
        return lambda known: np.clip(forecast(known), 0.0, 1.0)

    yield "ties and size, at 1", as_share(moved(odds, ties, size, lambda x, y: (1.0, 1.0)))
    for how, slopes in (("squares", least_squares), ("absolute", least_absolute)):
        yield f"ties, {how}", as_share(moved(odds, ties, none, slopes))
        yield f"ties and size, one elasticity, {how}", as_share(moved(odds, ties + size, none, slopes))
        yield f"ties and size, two, {how}", as_share(moved(odds, ties, size, slopes))
        yield f"ties and a drift, {how}", as_share(moved(odds, ties, drift, slopes))
        yield f"size, {how}", as_share(moved(odds, size, none, slopes))
        yield f"a drift, {how}", as_share(moved(odds, drift, none, slopes))
        yield f"parts of exposure, in levels, {how}", within(moved(ratio, parts, none, slopes))


def main() -> None:
    parser = argparse.ArgumentParser(description="Compare mappings from exposure to trade on 2001-2005.")
    parser.add_argument("--replicates", type=int, default=REPLICATES)
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args()
    record = read_record()
    places = record.places()
    past, _ = worlds({}, LAST, record.states)
    world = watched(past, options.replicates, options.seed).between(FIRST, ANCHOR)
    ratio = record.between(FIRST, ANCHOR).ratio[places]
    ties = world.ties[:, :, places]
    size = np.broadcast_to(world.size, ratio.shape)
    print(f"{'':42}{'to 2002':>24}{'to 2003':>16}{'to 2004':>8}{'mean':>9}")
    for name, forecast in candidates(ratio, ties.mean(axis=0).T, size, expit(ties).mean(axis=0).T):
        errors = [
            float(each) for known in (2, 3, 4) for each in np.abs(forecast(known) - ratio[:, known:].T).mean(axis=1)
        ]
        print(f"{name:42}" + "".join(f"{each:8.4f}" for each in errors) + f"{np.mean(errors):9.4f}")


if __name__ == "__main__":
    main()
