"""From exposure to trade: trade goes with ties and with the size of the partner, as in a gravity equation.

With r the part of the rising power in a state's trade with both powers, A its exposure to each and C their economic
weight, the log-odds of r move by

    logit r_it - logit r_is = a [x_it - x_is] + b [g_t - g_s] + e,    x = ln(A_R / A_H),    g = ln(C_R / C_H),

with e normal of variance sigma^2 (t - s): a random walk. See 7.30 of docs/odd.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, ndtr

Floats = NDArray[np.float64]

LEVEL: Final = 0.8
"""Nominal coverage of intervals."""

RESOLUTION: Final = 1e-4
"""The last decimal of shares in the record: what is smaller counts as this."""

_PRECISION: Final = 1e-6
_REACH: Final = 10.0  # standard deviations of the noise


@dataclass(frozen=True)
class Gravity:
    """A fitted mapping.

    Parameters
    ----------
    ties, size : float
        Elasticities a, of relative ties, and b, of relative economic weight; at least 0.
    sigma : float
        Standard deviation of a year's noise in log-odds, at least 0.
    changes : int
        One-year changes that the elasticities rest on.
    covered : float
        Share of the changes over one and more years, within the years of the fit, that `LEVEL` intervals cover.
    """

    ties: float
    size: float
    sigma: float
    changes: int
    covered: float

    def shifts(self, ties: Floats, size: Floats) -> Floats:
        """What changes in x and g of the same shape make in log-odds."""
        return self.ties * ties + self.size * size


def log_odds(share: Floats) -> Floats:
    """ln(r / (1 - r)), with r kept `RESOLUTION` away from 0 and 1."""
    kept = np.clip(share, RESOLUTION, 1.0 - RESOLUTION)
    odds: Floats = np.log(kept / (1.0 - kept))
    return odds


def log_ratio(above: Floats, below: Floats) -> Floats:
    """ln(above / below), with both at least `RESOLUTION`."""
    ratio: Floats = np.log(np.maximum(above, RESOLUTION) / np.maximum(below, RESOLUTION))
    return ratio


def fit(ratio: Floats, ties: Floats, size: Floats) -> Gravity:
    """Fit the mapping on all the years that it is given.

    The elasticities make the sum of absolute errors of one-year changes smallest, with ties at their mean over
    replicates: a median forecast, which a leap of one state does not move. Sigma is the least at which
    `LEVEL` intervals, of luck and noise together, cover that share of the changes over 1, 2, ..., Y - 1 years.

    Parameters
    ----------
    ratio : array, shape (N, Y)
        The record, Y at least 2.
    ties : array, shape (R, Y, N)
        x in R replicates.
    size : array, shape (Y,)
        g.
    """
    odds, mean = log_odds(ratio), ties.mean(axis=0).T
    steps = np.diff(mean, axis=1), np.broadcast_to(np.diff(size), (len(odds), len(size) - 1))
    a, b = least_absolute(np.stack([each.ravel() for each in steps], axis=1), np.diff(odds, axis=1).ravel())
    pairs = [(s, t) for s in range(len(size)) for t in range(s + 1, len(size))]
    early, late = (np.array(each) for each in zip(*pairs, strict=True))
    spans = np.sqrt((late - early).astype(np.float64))[:, None]
    changes = (odds[:, late] - odds[:, early]).T
    shifts = a * (ties[:, late] - ties[:, early]) + b * (size[late] - size[early])[:, None]

    def covered(sigma: float) -> float:
        return float(np.mean(inside(below(changes, shifts, sigma * spans))))

    low, high = _PRECISION, 1.0
    while covered(high) < LEVEL:
        low, high = high, 2.0 * high
    while high - low > _PRECISION:
        middle = 0.5 * (low + high)
        low, high = (low, middle) if covered(middle) >= LEVEL else (middle, high)
    return Gravity(a, b, high, steps[0].size, covered(high))


def least_absolute(x: Floats, y: Floats) -> tuple[float, float]:
    """Slopes a, b >= 0 that make sum |y - a x_0 - b x_1| smallest, exactly.

    The sum is convex and linear between the lines on which a residual or a slope is 0, so that some pair at which two
    of these lines cross is best; all are tried.

    Parameters
    ----------
    x : array, shape (M, 2)
        The covariates.
    y : array, shape (M,)
        What is explained.
    """
    lines, levels = np.vstack([x, np.eye(2)]), np.concatenate([y, np.zeros(2)])
    best = float(np.abs(y).sum()), 0.0, 0.0
    for place in range(len(lines) - 1):
        first, others = lines[place], lines[place + 1 :]
        area = first[0] * others[:, 1] - first[1] * others[:, 0]
        crossing = area != 0.0
        others, own, area = others[crossing], levels[place + 1 :][crossing], area[crossing]
        a = (levels[place] * others[:, 1] - first[1] * own) / area
        b = (first[0] * own - levels[place] * others[:, 0]) / area
        allowed = (a >= 0.0) & (b >= 0.0)
        if not allowed.any():
            continue
        a, b = a[allowed], b[allowed]
        errors = np.abs(y - a[:, None] * x[:, 0] - b[:, None] * x[:, 1]).sum(axis=1)
        at = int(errors.argmin())
        best = min(best, (float(errors[at]), float(a[at]), float(b[at])))
    return best[1], best[2]


def below(change: Floats, shifts: Floats, spread: Floats) -> Floats:
    """Probability that a change in log-odds is at most this: the mean over replicates of normal distributions.

    Parameters
    ----------
    change : array, shape (..., N)
        The changes.
    shifts : array, shape (R, ..., N)
        What each replicate makes of ties and size.
    spread : array, shape (..., 1)
        Standard deviation of the noise.
    """
    probability: Floats = ndtr((change - shifts) / spread).mean(axis=0)
    return probability


def inside(probability: Floats, level: float = LEVEL) -> NDArray[np.bool_]:
    """Whether the central interval of a level holds what has these probabilities below it."""
    tail = 0.5 * (1.0 - level)
    held: NDArray[np.bool_] = (probability >= tail) & (probability <= 1.0 - tail)
    return held


def quantiles(
    mapping: Gravity, anchor: Floats, ties: Floats, size: Floats, probabilities: Sequence[float] = (0.5, 0.1, 0.9)
) -> Floats:
    """Quantiles of the ratio in the years after the record, of luck and noise together; nothing is drawn.

    Parameters
    ----------
    mapping : Gravity
        As fitted.
    anchor : array, shape (N,)
        The ratio in the last year of the record.
    ties : array, shape (R, 1 + T, N)
        x in R replicates: in that year, and in the T years after it.
    size : array, shape (1 + T,)
        g in the same years.
    probabilities : sequence of P floats
        Which.

    Returns
    -------
    array, shape (P, T, N)
    """
    shifts = mapping.shifts(ties[:, 1:] - ties[:, :1], (size[1:] - size[:1])[:, None])
    spread = mapping.sigma * np.sqrt(np.arange(1.0, len(size)))[:, None]
    found = []
    for probability in probabilities:
        low, high = shifts.min(axis=0) - _REACH * spread, shifts.max(axis=0) + _REACH * spread
        while float((high - low).max()) > _PRECISION:
            middle = 0.5 * (low + high)
            short = below(middle, shifts, spread) < probability
            low, high = np.where(short, middle, low), np.where(short, high, middle)
        found.append(expit(log_odds(anchor) + 0.5 * (low + high)))
    return np.array(found)
