"""Paired inference on payoffs, clustered by replicate.

Every strategy of a comparison meets the same luck, so the unit of evidence is a *difference* between two
strategies in the same *pair* (a replicate and a deviating state). States of one replicate share its luck and
are not independent: differences are averaged within a replicate first, and the replicates are the sample.
Every replicate weighs the same, however many states were tried in it.

All functions are pure; the only random draws are those of the bootstrap, from a given seed. Rows are sorted
first, so the result does not depend on their order.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import pandas as pd
from scipy.special import gammaln, logsumexp, ndtr, ndtri, stdtr, stdtrit

from ana_sim.tally import COMPONENTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray


__all__ = [
    "Means",
    "bca_interval",
    "certainty_equivalent",
    "expected_shortfall",
    "hedges_g_av",
    "holm",
    "paired_regret",
    "paired_t",
    "summarise",
    "superiority",
    "t_means",
    "wilson_interval",
]

RISK_AVERSION: Final = 4.0
"""Absolute risk aversion of the certainty equivalent, per unit of payoff: the model's default rho."""

FEW_REPLICATES: Final = 20
"""Below so many replicates a BCa interval is noticeably too narrow (see `bca_interval`)."""

_PAIR: Final = ("point", "replicate", "deviator", "state")
ROUNDING: Final = 1e-12
_BLOCK: Final = 4_000_000


# ---------------------------------------------------------------------------------------------------------
# one sample of paired differences


def bca_interval(
    values: ArrayLike, *, level: float = 0.95, resamples: int = 2000, seed: int = 0
) -> tuple[float, float]:
    r"""Bias-corrected and accelerated bootstrap interval for a mean.

    .. math::
        \alpha_{1,2} = \Phi\!\left(\hat z_0 + \frac{\hat z_0 \mp z}{1 - \hat a(\hat z_0 \mp z)}\right),\quad
        \hat z_0 = \Phi^{-1}\{P^*(\bar d^* < \bar d) + \tfrac12 P^*(\bar d^* = \bar d)\},\quad
        \hat a = \frac{\sum_i (d_i - \bar d)^3}{6\,[\sum_i (d_i - \bar d)^2]^{3/2}}

    with :math:`z = \Phi^{-1}(1 - (1 - level)/2)`. The acceleration is the jackknife's, which has this closed
    form for a mean.

    Like every interval that resamples few values it is too narrow in small samples: of 95% intervals for
    normal data 84% cover the mean at 5 replicates, 90% at 10, 93% at 20, 94% at 50 (6,000 trials each); at 2
    replicates it is only the range of the two values and covers it half the time.

    Parameters
    ----------
    values : array_like, shape (n,)
        One value per independent unit (replicate), in any unit.
    level : float
        Nominal coverage, strictly between 0 and 1.
    resamples : int
        Number of bootstrap samples, at least 1.
    seed : int
        Seed of the resampling; the same seed resamples the same units for every strategy.

    Returns
    -------
    (float, float)
        Low and high end, in the unit of `values`; both the mean if all values are equal up to rounding, both
        NaN for fewer than two values.

    Raises
    ------
    ValueError
        If `values` is not one-dimensional or not finite, or `level` or `resamples` is out of range.

    References
    ----------
    Efron (1987), Better bootstrap confidence intervals, JASA 82, 171-185; Efron & Tibshirani (1993), An
    Introduction to the Bootstrap, ch. 14.
    """
    d = sample_of(values)
    if not 0.0 < level < 1.0:
        raise ValueError(f"level = {level}: a confidence level lies strictly between 0 and 1, such as 0.95")
    if resamples < 1:
        raise ValueError(f"resamples = {resamples}: at least 1 bootstrap sample is needed, such as 2000")
    if d.size < 2:
        return math.nan, math.nan
    mean = float(d.mean())
    spread = float(np.ptp(d))
    if spread <= _tolerance(d):
        return mean, mean

    centred = d - mean
    boot = _bootstrap_means(centred, resamples, seed)
    tie = ROUNDING * spread
    below = float(np.mean(boot < -tie) + 0.5 * np.mean(np.abs(boot) <= tie))
    z0 = float(ndtri(np.clip(below, 0.5 / resamples, 1.0 - 0.5 / resamples)))
    acceleration = float(np.sum(centred**3) / (6.0 * np.sum(centred**2) ** 1.5))
    z = z0 + ndtri(np.array([0.5 - level / 2.0, 0.5 + level / 2.0]))
    low, high = np.quantile(boot, ndtr(z0 + z / (1.0 - acceleration * z)))
    return mean + float(low), mean + float(high)


def paired_t(values: ArrayLike) -> float:
    r"""Two-sided p of Student's paired t-test that the mean difference is 0.

    .. math:: t = \bar d \sqrt{n} / s_d, \qquad p = 2\,T_{n-1}(-|t|)

    Preferred to a sign-flip permutation test: a replicate's difference is itself a mean over states, so t is
    close to exact from a handful of replicates on, where sign flips cannot go below :math:`2^{1-n}`; and it
    has no Monte Carlo floor, which Holm's correction would multiply.

    Parameters
    ----------
    values : array_like, shape (n,)
        Paired differences, one per independent unit (replicate).

    Returns
    -------
    float
        p in [0, 1]: 1 if all differences are 0, 0 if they are all equal to another number (no luck left),
        both up to rounding; NaN for fewer than two.

    Raises
    ------
    ValueError
        If `values` is not one-dimensional or not finite.

    References
    ----------
    Student (1908), The probable error of a mean, Biometrika 6, 1-25.
    """
    d = sample_of(values)
    if d.size < 2:
        return math.nan
    mean = float(d.mean())
    if float(np.ptp(d)) <= _tolerance(d):
        return 1.0 if abs(mean) <= ROUNDING else 0.0
    t = mean * math.sqrt(d.size) / float(d.std(ddof=1))
    return float(2.0 * stdtr(d.size - 1, -abs(t)))


class Means(NamedTuple):
    """Means of rows of values, each with its interval and the p that it is 0."""

    mean: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    p: NDArray[np.float64]


def t_means(values: ArrayLike, *, level: float = 0.95) -> Means:
    r"""Mean of each row with Student's interval and the p of `paired_t`, for many rows at once.

    .. math:: \bar d \pm T^{-1}_{n-1}(1 - \tfrac{1 - level}2)\, s_d / \sqrt n

    An interval excludes 0 exactly when its p is below ``1 - level``. Sweeps have few replicates a point, where it holds
    its level and `bca_interval` is too narrow.

    Parameters
    ----------
    values : array_like, shape (m, n)
        A row per mean, a column per independent unit (replicate), in any unit; NaN where there is none.
    level : float
        Nominal coverage, strictly between 0 and 1.

    Returns
    -------
    Means
        Of arrays of shape (m,): the mean, NaN for a row without values; its ends and p, NaN for fewer than two.

    Raises
    ------
    ValueError
        If `values` is not two-dimensional, or `level` is out of range.

    References
    ----------
    Student (1908), The probable error of a mean, Biometrika 6, 1-25.
    """
    d = np.asarray(values, dtype=np.float64)
    if d.ndim != 2:
        raise ValueError(f"rows of numbers are needed, of shape (m, n), not {d.shape}")
    if not 0.0 < level < 1.0:
        raise ValueError(f"level = {level}: a confidence level lies strictly between 0 and 1, such as 0.95")
    known = np.isfinite(d)
    n = known.sum(axis=1)
    filled = np.where(known, d, 0.0)
    mean = np.divide(filled.sum(axis=1), n, out=np.full(n.shape, np.nan), where=n > 0)
    centred = np.where(known, d - np.where(n > 0, mean, 0.0)[:, None], 0.0)
    rounding = ROUNDING * np.maximum(1.0, np.abs(filled).max(axis=1, initial=0.0))
    same = (centred.max(axis=1, initial=0.0) - centred.min(axis=1, initial=0.0)) <= rounding
    enough = n > 1
    freedom = np.where(enough, n - 1, 1)
    error = np.where(same, 0.0, np.sqrt((centred**2).sum(axis=1) / freedom / np.maximum(n, 1)))
    half = stdtrit(freedom, 0.5 + level / 2.0) * error
    t = np.divide(np.abs(mean), error, out=np.full(n.shape, np.inf), where=error > 0.0)
    p = np.where(same & (np.abs(mean) <= ROUNDING), 1.0, 2.0 * stdtr(freedom, -t))
    low, high, p = (np.where(enough, ends, np.nan) for ends in (mean - half, mean + half, p))
    return Means(mean, low, high, p)


def wilson_interval(share: float, size: float, *, level: float = 0.95) -> tuple[float, float]:
    r"""Wilson's interval for a share.

    .. math::
        \frac{\hat p + \frac{z^2}{2n} \pm z \sqrt{\frac{\hat p (1 - \hat p)}{n} + \frac{z^2}{4 n^2}}}{1 + z^2 / n}

    Parameters
    ----------
    share : float
        The share observed, in [0, 1].
    size : float
        n, how many independent cases it was observed in, above 0; an effective size need not be whole.
    level : float
        Nominal coverage, strictly between 0 and 1.

    Returns
    -------
    (float, float)
        Low and high end, in [0, 1]; not empty even for a share of 0 or 1.

    Raises
    ------
    ValueError
        If an argument is out of range.

    References
    ----------
    Wilson (1927), Probable inference, the law of succession, and statistical inference, JASA 22, 209-212.
    """
    if not (0.0 <= share <= 1.0 and size > 0.0 and 0.0 < level < 1.0):
        raise ValueError(f"share = {share} of {size} at {level}: a share in [0, 1] of more than 0 cases is needed")
    z = float(ndtri(0.5 + level / 2.0))
    middle = share + z**2 / (2.0 * size)
    half = z * math.sqrt(share * (1.0 - share) / size + z**2 / (4.0 * size**2))
    scale = 1.0 + z**2 / size
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)


def holm(p: ArrayLike) -> NDArray[np.float64]:
    r"""Holm's step-down adjustment of a family of p-values.

    .. math:: \tilde p_{(i)} = \max_{j \le i} \min\{1, (m - j + 1)\, p_{(j)}\}

    Parameters
    ----------
    p : array_like, shape (m,)
        p-values in [0, 1]; a NaN stays NaN and does not count towards m.

    Returns
    -------
    ndarray, shape (m,)
        Adjusted p-values in the order given; rejecting those below alpha keeps the chance of any false
        rejection below alpha, whatever the dependence.

    Raises
    ------
    ValueError
        If a p-value lies outside [0, 1].

    References
    ----------
    Holm (1979), A simple sequentially rejective multiple test procedure, Scand. J. Statist. 6, 65-70.
    """
    raw = np.asarray(p, dtype=np.float64)
    if raw.ndim != 1 or bool(np.any((raw < 0.0) | (raw > 1.0))):
        raise ValueError(f"p = {raw.tolist()}: a list of p-values between 0 and 1 is needed")
    adjusted = np.full(raw.shape, np.nan)
    known = np.flatnonzero(~np.isnan(raw))
    order = known[np.argsort(raw[known], kind="stable")]
    steps = np.minimum(1.0, np.arange(order.size, 0, -1) * raw[order])
    adjusted[order] = np.maximum.accumulate(steps)
    return adjusted


# ---------------------------------------------------------------------------------------------------------
# two strategies over pairs


def hedges_g_av(own: ArrayLike, other: ArrayLike, *, difference: float | None = None) -> float:
    r"""Hedges' g_av: a paired difference in average standard deviations of a payoff.

    .. math::
        g_{av} = J(n - 1)\, \frac{\bar d}{\sqrt{(s_1^2 + s_2^2)/2}}, \qquad
        J(\nu) = \frac{\Gamma(\nu/2)}{\sqrt{\nu/2}\;\Gamma((\nu - 1)/2)}

    Not d_z, which divides by the standard deviation of the differences: common random numbers shrink that at
    will, so d_z would measure the experiment, where g_av measures the world (how large the advantage is
    against what luck and a state's own circumstances do to its payoff).

    Parameters
    ----------
    own, other : array_like, shape (n,)
        Payoffs of the two strategies over the same pairs.
    difference : float, optional
        The mean difference, if not the plain mean of ``own - other``.

    Returns
    -------
    float
        Dimensionless; 0 if the difference is exactly 0, NaN for fewer than three pairs or if payoffs do not
        vary.

    Raises
    ------
    ValueError
        If the two differ in shape or are not finite.

    References
    ----------
    Hedges (1981), J. Educ. Statist. 6, 107-128 (J); Cumming (2012), Understanding the New Statistics, ch. 11;
    Lakens (2013), Front. Psychol. 4:863 (g_av).
    """
    x, y = _two_samples(own, other)
    mean = float(np.mean(x - y)) if difference is None else difference
    if mean == 0.0:
        return 0.0
    if x.size < 3 or max(float(np.ptp(x)), float(np.ptp(y))) <= _tolerance(np.concatenate([x, y])):
        return math.nan
    scale = math.sqrt((float(x.var(ddof=1)) + float(y.var(ddof=1))) / 2.0)
    freedom = x.size - 1
    log_j = float(gammaln(freedom / 2.0) - gammaln((freedom - 1) / 2.0)) - 0.5 * math.log(freedom / 2.0)
    return math.exp(log_j) * mean / scale


def superiority(own: ArrayLike, other: ArrayLike, *, weights: ArrayLike | None = None) -> float:
    r"""Probability of superiority in pairs: how often a strategy beats another under the same luck.

    .. math:: A = P(x > y) + \tfrac12 P(x = y)

    Parameters
    ----------
    own, other : array_like, shape (n,)
        Payoffs of the two strategies over the same pairs.
    weights : array_like, shape (n,), optional
        Weights of the pairs; equal if not given.

    Returns
    -------
    float
        Share in [0, 1]; 0.5 if neither is better, and exactly 0.5 for identical payoffs.

    Raises
    ------
    ValueError
        If the two differ in shape or are not finite.

    References
    ----------
    Vargha & Delaney (2000), J. Educ. Behav. Statist. 25, 101-132 (A); Grissom & Kim (2012), Effect Sizes for
    Research, ch. 5 (dependent pairs).
    """
    x, y = _two_samples(own, other)
    w = _weights(weights, x.size)
    share = 0.5 + 0.5 * float(np.sum(w * np.sign(x - y)))
    return min(1.0, max(0.0, share))


def certainty_equivalent(
    payoffs: ArrayLike, *, risk_aversion: float = RISK_AVERSION, weights: ArrayLike | None = None
) -> float:
    r"""Find the sure payoff worth as much as a lottery, under constant absolute risk aversion.

    .. math:: CE = -\frac1a \ln \sum_j w_j e^{-a x_j} \approx \bar x - \frac a2 \operatorname{Var}(x)

    Computed by a log-sum-exp, so that nothing overflows. Constant *absolute* risk aversion, because payoffs
    may be negative, where constant relative risk aversion is undefined.

    Parameters
    ----------
    payoffs : array_like, shape (n,)
        Payoffs per state and year.
    risk_aversion : float
        a, per unit of payoff; 0 gives the mean. The default is the model's default rho.
    weights : array_like, shape (n,), optional
        Weights of the payoffs; equal if not given.

    Returns
    -------
    float
        In the unit of the payoffs; never above their mean, save for rounding.

    Raises
    ------
    ValueError
        If `payoffs` is not one-dimensional or not finite, or `risk_aversion` is negative.

    References
    ----------
    Pratt (1964), Risk aversion in the small and in the large, Econometrica 32, 122-136.
    """
    x = sample_of(payoffs)
    if not risk_aversion >= 0.0:
        raise ValueError(f"risk_aversion = {risk_aversion}: it is 0 or above (0 gives the mean)")
    w = _weights(weights, x.size)
    if risk_aversion == 0.0:
        return float(np.sum(w * x))
    return -float(logsumexp(-risk_aversion * x, b=w)) / risk_aversion


def expected_shortfall(payoffs: ArrayLike, share: float = 0.05, *, weights: ArrayLike | None = None) -> float:
    r"""Mean of the worst `share` of payoffs.

    .. math:: ES_\alpha = \frac1\alpha \int_0^\alpha F^{-1}(u)\,du

    The payoff at which the share is reached counts with the fraction that is still missing.

    Parameters
    ----------
    payoffs : array_like, shape (n,)
        Payoffs per state and year.
    share : float
        alpha, above 0 and at most 1.
    weights : array_like, shape (n,), optional
        Weights of the payoffs; equal if not given.

    Returns
    -------
    float
        In the unit of the payoffs.

    Raises
    ------
    ValueError
        If `payoffs` is not one-dimensional or not finite, or `share` is out of range.

    References
    ----------
    Acerbi & Tasche (2002), On the coherence of expected shortfall, J. Banking & Finance 26, 1487-1503.
    """
    x = sample_of(payoffs)
    if not 0.0 < share <= 1.0:
        raise ValueError(f"share = {share}: a tail is above 0 and at most 1, such as 0.05")
    w = _weights(weights, x.size)
    order = np.argsort(x, kind="stable")
    before = np.concatenate([[0.0], np.cumsum(w[order])[:-1]])
    counted = np.clip(share - before, 0.0, w[order])
    return float(np.sum(counted * x[order]) / np.sum(counted))


def paired_regret(payoffs: pd.DataFrame) -> pd.Series[float]:
    """Say what each row's strategy left on the table: the best payoff under the same luck, less its own.

    Parameters
    ----------
    payoffs : DataFrame
        Rows with `strategy`, `payoff`, `replicate` and, where there are any, `point`, `deviator`, `state`.

    Returns
    -------
    Series
        Named `regret`, with the index of `payoffs`; at least 0, in the unit of a payoff.

    Raises
    ------
    ValueError
        If a needed column is missing.

    References
    ----------
    Savage (1951), The theory of statistical decision, JASA 46, 55-67.
    """
    require_columns(payoffs, ("replicate", "strategy", "payoff"))
    keys = [payoffs[key] for key in _PAIR if key in payoffs.columns]
    best = payoffs["payoff"].groupby(keys, dropna=False, observed=True).transform("max")
    regret = best.to_numpy(dtype=np.float64) - payoffs["payoff"].to_numpy(dtype=np.float64)
    return pd.Series(regret, index=payoffs.index, name="regret")


# ---------------------------------------------------------------------------------------------------------
# all strategies at once


def summarise(
    payoffs: pd.DataFrame,
    baseline: str,
    *,
    level: float = 0.95,
    resamples: int = 2000,
    seed: int = 0,
    risk_aversion: float = RISK_AVERSION,
) -> pd.DataFrame:
    """Compare strategies under common random numbers with a baseline.

    Parameters
    ----------
    payoffs : DataFrame
        One row per (`replicate`, `deviator`, `state`, `strategy`), and `point` where there are several, with
        `payoff` and its components (`COMPONENTS`). Every pair must have every strategy, once.
    baseline : str
        The strategy that the others are compared with.
    level : float
        Nominal coverage of the intervals.
    resamples, seed : int
        Number of bootstrap samples and seed of the bootstrap.
    risk_aversion : float
        Absolute risk aversion of the certainty equivalent, per unit of payoff.

    Returns
    -------
    DataFrame
        One row per strategy, highest payoff first (ties by name). Payoffs are per state and year, 1 = the
        hegemon's offerable budget per state and year at the start.

        ==========================  ==========================================================================
        `strategy`, `baseline`      names
        `n_replicates`, `n_pairs`   independent replicates; (replicate, deviating state) pairs in them
        `payoff`                    mean over replicates
        `difference`                mean paired difference from the baseline
        `low`, `high`, `level`      `bca_interval` of it over replicates, at `level`
        `p`, `p_holm`               `paired_t` over replicates; adjusted over all but the baseline by `holm`
        `effect_size`               `hedges_g_av` over pairs
        `superiority`               `superiority` over pairs
        `certainty_equivalent`      `certainty_equivalent` of a state's payoff over pairs
        `tail_5`                    `expected_shortfall` of a state's payoff over pairs, worst 5%
        `regret`                    mean over pairs of the best strategy's payoff less the own
        component `c`, `d_c`        mean of the component, and of its difference from the baseline
        ==========================  ==========================================================================

    Raises
    ------
    ValueError
        If the baseline or a column is missing, a value is not finite, or a pair lacks a strategy or has one
        twice.
    """
    pairs = _pairs(payoffs)
    if baseline not in pairs.strategies:
        known = ", ".join(pairs.strategies)
        raise ValueError(f"baseline {baseline!r} is not among the strategies compared: {known}")
    reference = pairs.strategies.index(baseline)
    payoff = pairs.values["payoff"]
    best = payoff.max(axis=0)

    rows: list[dict[str, object]] = []
    for index, strategy in enumerate(pairs.strategies):
        own, other = payoff[index], payoff[reference]
        differences = pairs.by_replicate(own - other)
        difference = float(differences.mean())
        low, high = bca_interval(differences, level=level, resamples=resamples, seed=seed)
        row: dict[str, object] = {
            "strategy": strategy,
            "n_replicates": differences.size,
            "n_pairs": own.size,
            "payoff": pairs.mean(own),
            "difference": difference,
            "low": low,
            "high": high,
            "p": paired_t(differences),
            "p_holm": math.nan,
            "effect_size": hedges_g_av(own, other, difference=difference),
            "superiority": superiority(own, other, weights=pairs.weights),
            "certainty_equivalent": certainty_equivalent(own, risk_aversion=risk_aversion, weights=pairs.weights),
            "tail_5": expected_shortfall(own, 0.05, weights=pairs.weights),
            "regret": pairs.mean(best - own),
        }
        for component in COMPONENTS:
            part = pairs.values[component]
            row[component] = pairs.mean(part[index])
            row[f"d_{component}"] = pairs.mean(part[index] - part[reference])
        row["baseline"] = baseline
        row["level"] = level
        rows.append(row)

    summary = pd.DataFrame(rows)
    others = summary["strategy"].ne(baseline).to_numpy()
    adjusted = summary["p"].to_numpy(dtype=np.float64, copy=True)
    adjusted[others] = holm(adjusted[others])
    summary["p_holm"] = adjusted
    return summary.sort_values(["payoff", "strategy"], ascending=[False, True], ignore_index=True)


@dataclass(frozen=True)
class _Pairs:
    """Payoffs as arrays of shape (strategies, pairs), with the replicate and the weight of each pair."""

    strategies: tuple[str, ...]
    values: dict[str, NDArray[np.float64]]
    replicate: NDArray[np.intp]
    weights: NDArray[np.float64]

    def by_replicate(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Means within each replicate, in the replicates' order."""
        sums = np.bincount(self.replicate, weights=values)
        return np.asarray(sums / np.bincount(self.replicate), dtype=np.float64)

    def mean(self, values: NDArray[np.float64]) -> float:
        """Mean over replicates of the means within them."""
        return float(self.by_replicate(values).mean())


def _pairs(payoffs: pd.DataFrame) -> _Pairs:
    """Sort, check and reshape a table of payoffs."""
    columns = ["payoff", *COMPONENTS]
    require_columns(payoffs, ("replicate", "strategy", *columns))
    if payoffs.empty:
        raise ValueError("the table of payoffs is empty: nothing to compare")
    keys = [key for key in _PAIR if key in payoffs.columns]
    frame = payoffs[[*keys, "strategy", *columns]].copy()
    for key in (*keys, "strategy"):
        if not pd.api.types.is_numeric_dtype(frame[key]):
            frame[key] = frame[key].astype(str)
    frame["strategy"] = frame["strategy"].astype(str)

    finite = np.isfinite(frame[columns].to_numpy(dtype=np.float64))
    if not finite.all():
        row, column = np.argwhere(~finite)[0]
        where = _where(frame.iloc[int(row)], [*keys, "strategy"])
        raise ValueError(f"{columns[int(column)]} is not a finite number at {where}")
    twice = frame.duplicated([*keys, "strategy"])
    if twice.any():
        where = _where(frame[twice].iloc[0], [*keys, "strategy"])
        raise ValueError(f"two payoffs for the same pair and strategy: {where}")

    frame = frame.sort_values([*keys, "strategy"], kind="stable")
    strategies = tuple(sorted(set(frame["strategy"])))
    sizes = frame.groupby(keys, dropna=False, sort=False)["strategy"].transform("size")
    lacking = sizes.to_numpy() != len(strategies)
    if lacking.any():
        first = frame[lacking].iloc[0]
        present = frame.loc[(frame[keys] == first[keys]).all(axis=1), "strategy"]
        missing = ", ".join(sorted(set(strategies) - set(present)))
        raise ValueError(f"strategy {missing} has no payoff at {_where(first, keys)}: pairs must be complete")

    width = len(strategies)
    values = {c: frame[c].to_numpy(dtype=np.float64).reshape(-1, width).T.copy() for c in columns}
    _, replicate = np.unique(frame["replicate"].to_numpy()[::width], return_inverse=True)
    counts = np.bincount(replicate)
    weights = 1.0 / (counts.size * counts[replicate])
    return _Pairs(strategies, values, replicate, weights)


# ---------------------------------------------------------------------------------------------------------
# checks and small helpers


def sample_of(values: ArrayLike) -> NDArray[np.float64]:
    sample = np.asarray(values, dtype=np.float64)
    if sample.ndim != 1 or not bool(np.isfinite(sample).all()):
        raise ValueError(f"a list of finite numbers is needed (shape {sample.shape}, or a value is not finite)")
    return sample


def _two_samples(own: ArrayLike, other: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    x, y = sample_of(own), sample_of(other)
    if x.shape != y.shape:
        raise ValueError(f"payoffs must be paired: {x.size} values against {y.size}")
    return x, y


def _weights(weights: ArrayLike | None, size: int) -> NDArray[np.float64]:
    if size == 0:
        raise ValueError("at least one payoff is needed")
    if weights is None:
        return np.full(size, 1.0 / size)
    given = sample_of(weights)
    if given.size != size or bool(np.any(given < 0.0)) or not given.sum() > 0.0:
        raise ValueError(f"{size} weights of 0 or above are needed, not all 0")
    return np.asarray(given / given.sum(), dtype=np.float64)


def _tolerance(values: NDArray[np.float64]) -> float:
    """Below this a spread is rounding: payoffs are of order 1."""
    return ROUNDING * max(1.0, float(np.abs(values).max()))


def _bootstrap_means(values: NDArray[np.float64], resamples: int, seed: int) -> NDArray[np.float64]:
    """Means of resampled values, drawn in blocks of bounded memory."""
    rng = np.random.default_rng(seed)
    block = max(1, _BLOCK // values.size)
    means = np.empty(resamples)
    for start in range(0, resamples, block):
        stop = min(start + block, resamples)
        means[start:stop] = values[rng.integers(0, values.size, (stop - start, values.size))].mean(axis=1)
    return means


def require_columns(frame: pd.DataFrame, columns: Sequence[str]) -> None:
    missing = [column for column in columns if column not in frame.columns]
    if missing:
        raise ValueError(f"column missing from the table: {', '.join(missing)}")


def _where(row: pd.Series[float], keys: Sequence[str]) -> str:
    return ", ".join(f"{key} {row[key]}" for key in keys)
