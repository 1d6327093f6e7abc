"""Which strategy leads, and how sure that is, cluster by replicate."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import false_discovery_control

from ana_sim.statistics import t_means
from ana_sim.sweeps.analysis.outcomes import Floats, mean_of_known

__all__ = ["FALSE_DISCOVERIES", "Leaders", "leaders"]

FALSE_DISCOVERIES: Final = 0.05
"""Expected share of wrong ones among the leads that are called significant."""


@dataclass(frozen=True)
class Leaders:
    """The leading strategy of each case: a point of a sweep, or a cell of several.

    Attributes
    ----------
    best, second : ndarray of int, shape (cases,)
        Places of the strategies with the highest and the next mean payoff; -1 for a case without results.
    lead, low, high : ndarray, shape (cases,)
        Mean paired lead of the best over the second, with Student's 95% interval over replicates; in the payoff's unit.
    p : ndarray, shape (cases,)
        That the best is no better than some other strategy: the largest p of its paired t-tests against all others.
    p_fdr : ndarray, shape (cases,)
        The same, adjusted for the number of cases.
    significant : ndarray of bool, shape (cases,)
        Whether `p_fdr` is below `FALSE_DISCOVERIES`.
    """

    best: NDArray[np.intp]
    second: NDArray[np.intp]
    lead: Floats
    low: Floats
    high: Floats
    p: Floats
    p_fdr: Floats
    significant: NDArray[np.bool_]


def leaders(values: Floats) -> Leaders:
    """Find the leading strategy of each case, and whether its lead may be luck.

    The best must beat each other strategy (an intersection-union test, Berger 1982), since the one that is closest on
    average need not be the one that is hardest to tell apart. Maps of many tests overstate what is known unless they
    are adjusted for it: the false discovery rate is controlled over the cases (Wilks 2016), which is valid here, as
    luck shared by all cases makes them depend on each other positively.

    Parameters
    ----------
    values : ndarray, shape (cases, replicates, strategies)
        Payoffs; a replicate is the unit of independence. A replicate is known for all strategies or NaN for all.

    References
    ----------
    Berger (1982), Multiparameter hypothesis testing and acceptance sampling, Technometrics 24, 295-300; Benjamini &
    Hochberg (1995), J. R. Statist. Soc. B 57, 289-300; Wilks (2016), "The stippling shows statistically significant
    grid points", Bull. Amer. Meteor. Soc. 97, 2263-2273.
    """
    means = mean_of_known(values, axis=1)
    known = np.isfinite(means).all(axis=1)
    cases, strategies = means.shape
    order = np.argsort(-means, axis=1, kind="stable")
    best = np.where(known, order[:, 0], -1)
    second = np.where(known, order[:, 1], -1) if strategies > 1 else np.full(cases, -1)
    rows = np.arange(cases)
    own = values[rows, :, order[:, 0]]
    p = np.full(cases, -math.inf)
    lead, low, high = (np.full(cases, np.nan) for _ in range(3))
    for place in range(1, strategies):
        apart = t_means(own - values[rows, :, order[:, place]])
        p = np.maximum(p, apart.p)
        if place == 1:
            lead, low, high = apart.mean, apart.low, apart.high
    tested = known & np.isfinite(p)
    p = np.where(tested, p, np.nan)
    adjusted = np.full(cases, np.nan)
    if tested.any():
        adjusted[tested] = false_discovery_control(p[tested])
    return Leaders(best, second, lead, low, high, p, adjusted, tested & (adjusted < FALSE_DISCOVERIES))
