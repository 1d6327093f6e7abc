"""What the runs of a sweep gave, as arrays over points and replicates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real
from textwrap import shorten
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from ana_sim.statistics import ROUNDING
from ana_sim.sweeps.spec import MIXED, Factor, SweepError

if TYPE_CHECKING:
    import pandas as pd

    from ana_sim.sweeps.reading import Sweep

__all__ = [
    "Payoffs",
    "coded",
    "default_measures",
    "is_numeric",
    "mean_of_known",
    "noise_share",
    "ordered_points",
    "read_measures",
    "read_payoffs",
]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_UNNAMED: Final = "outputs.measures.value: "
"""What `Sweep.measure` puts before the errors of an expression that has no name."""
_LONGEST_NAMED: Final = 80


@dataclass(frozen=True)
class Payoffs:
    """The payoffs of strategies, paired under common random numbers.

    Attributes
    ----------
    strategies : tuple of str
        In the order of the sweep.
    values : ndarray, shape (points, replicates, strategies)
        Mean payoff per state, year and unit of size, 1 = the hegemon's budget per state and year at the start. A
        replicate of a point in which a strategy is missing counts for none: NaN for all.
    played : ndarray of bool, shape (points, replicates, strategies)
        Whether a run has a payoff of a strategy. A run that failed or is missing has none of any.
    mixed : bool
        Whether the strategies were played side by side, in the scenario's own mix.
    """

    strategies: tuple[str, ...]
    values: Floats
    played: NDArray[np.bool_]
    mixed: bool

    @property
    def done(self) -> NDArray[np.bool_]:
        """Whether a point has results: shape (points,)."""
        return np.asarray(np.isfinite(self.means).all(axis=1))

    @property
    def means(self) -> Floats:
        """Means over replicates, shape (points, strategies); NaN for a point without results."""
        return mean_of_known(self.values, axis=1)

    @property
    def remarks(self) -> list[str]:
        """What is missing, and whether the strategies may be compared at all, in words."""
        ran: NDArray[np.bool_] = np.asarray(self.played.any(axis=2))
        ever: NDArray[np.bool_] = np.asarray(self.played.any(axis=1))
        some: NDArray[np.bool_] = np.asarray(ran.any(axis=1))
        total, told = self.done.size, []
        if self.mixed:
            told.append(
                "in a mixed sweep different states play the strategies side by side: "
                "differences are no causal effect of the strategy"
            )
        if not some.all():
            told.append(f"{int((~some).sum()):,} of {total:,} points have no results and are left out")
        never = (some[:, None] & ~ever).sum(axis=0)
        told += [
            f"{name} is not played in {count:,} of {total:,} points, which are left out"
            for name, count in zip(self.strategies, never.tolist(), strict=True)
            if count
        ]
        apart = int((ever.all(axis=1) & ~self.done).sum())
        if apart:
            told.append(f"{apart:,} of {total:,} points have no run in which all strategies are played: left out")
        lost = int((~ran[self.done]).sum())
        if lost:
            told.append(f"{lost:,} runs are missing at points with results")
        runs = int(ran[self.done].sum())
        gone = (ran[:, :, None] & ~self.played)[self.done].sum(axis=(0, 1))
        told += [
            f"{name} died out in {count:,} of {runs:,} runs or nobody played it; "
            "they are left out, which selects on the outcome"
            for name, count in zip(self.strategies, gone.tolist(), strict=True)
            if count
        ]
        return told


def mean_of_known(values: Floats, axis: int) -> Floats:
    """Mean of the values that are not NaN; NaN where there is none."""
    known = np.isfinite(values)
    sums, counts = np.where(known, values, 0.0).sum(axis=axis), known.sum(axis=axis)
    return np.asarray(np.divide(sums, counts, out=np.full(sums.shape, np.nan), where=counts > 0))


# -- reading ---------------------------------------------------------------------------------------


def ordered_points(sweep: Sweep) -> pd.DataFrame:
    """Return the sweep's points in the order of the design."""
    return sweep.points.sort_values("point", kind="stable", ignore_index=True)


def read_payoffs(sweep: Sweep) -> Payoffs:
    """Read the payoffs of a sweep, a batch of rows at a time; of several states in a run the mean.

    Raises
    ------
    SweepError
        If the sweep keeps no payoffs, or none of a strategy.
    """
    import pyarrow as pa
    from pyarrow import compute

    names = pa.array(sweep.strategies, type=pa.string())
    shape = (*_shape(sweep), len(sweep.strategies))
    index = _Index(sweep, len(sweep.strategies))
    for batch in sweep.dataset("payoffs").to_batches(columns=["point", "replicate", "strategy", "payoff"]):
        strategy = compute.index_in(batch.column("strategy").cast(pa.string()), value_set=names).fill_null(-1)
        columns = (batch.column(name) for name in ("point", "replicate", "payoff"))
        index.add(*(column.to_numpy(zero_copy_only=False) for column in (*columns, strategy)))
    values = index.means().reshape(shape)
    known = np.isfinite(values).any(axis=(0, 1))
    if not known.any():
        raise SweepError(f"{sweep.folder}: holds no payoffs: no run gave any")
    values = values[:, :, known]
    played = np.isfinite(values)
    values[~played.all(axis=2)] = np.nan
    return Payoffs(
        strategies=tuple(np.array(sweep.strategies, dtype=object)[known]),
        values=values,
        played=played,
        mixed=sweep.request["outputs"]["deviator"] == MIXED,
    )


def read_measures(sweep: Sweep, texts: Sequence[str]) -> dict[str, Floats]:
    """Read measures of each run.

    Parameters
    ----------
    sweep : Sweep
        The sweep.
    texts : sequence of str
        Names of measures that were kept, ``payoff[STRATEGY]``, or any other expressions that `Sweep.measure` takes.

    Returns
    -------
    dict
        By text an array of shape (points, replicates), NaN for a run without a finite value.

    Raises
    ------
    SweepError
        If there is no such measure.
    """
    of_strategy = {f"payoff[{strategy}]": strategy for strategy in sweep.strategies}
    payoffs: Payoffs | None = None
    found: dict[str, Floats] = {}
    for text in texts:
        if text in of_strategy and text not in _kept_measures(sweep):
            payoffs = payoffs or read_payoffs(sweep)
            if of_strategy[text] not in payoffs.strategies:
                raise SweepError(f"{text}: no run gave any payoff of {of_strategy[text]}")
            found[text] = payoffs.values[:, :, payoffs.strategies.index(of_strategy[text])]
        else:
            index, runs = _Index(sweep, 1), _measure(sweep, text)
            index.add(*(runs[name].to_numpy() for name in ("point", "replicate", "value")))
            found[text] = index.means().reshape(_shape(sweep))
    return found


def _measure(sweep: Sweep, text: str) -> pd.DataFrame:
    """Return a measure of each run; an error speaks of the expression as it was typed."""
    try:
        return sweep.measure(text)
    except SweepError as error:
        reason = str(error)
        if not reason.startswith(_UNNAMED):
            raise
        asked = shorten(text, _LONGEST_NAMED, placeholder=" ...")
        raise SweepError(f"measure {asked!r}: {reason.removeprefix(_UNNAMED)}") from None


def default_measures(sweep: Sweep) -> tuple[str, ...]:
    """Return all measures that were kept; without any, the payoff of each strategy."""
    return _kept_measures(sweep) or tuple(f"payoff[{strategy}]" for strategy in sweep.strategies)


def _kept_measures(sweep: Sweep) -> tuple[str, ...]:
    return tuple(sweep.request["outputs"]["measures"])


class _Index:
    """Sums values where they belong: at a point, a replicate and, where there are several, a strategy."""

    def __init__(self, sweep: Sweep, width: int) -> None:
        self.points = ordered_points(sweep)["point"].to_numpy()
        self.replicates, self.width = _shape(sweep)[1], width
        self.sums = np.zeros(self.points.size * self.replicates * width)
        self.counts = np.zeros(self.sums.size, dtype=np.int64)

    def add(self, point: Ints, replicate: Ints, value: Floats, entry: Ints | int = 0) -> None:
        """Add values; those that are not finite, and those of an entry below 0, count for nothing."""
        at = (np.searchsorted(self.points, point) * self.replicates + replicate) * self.width + entry
        known = np.isfinite(value) & (np.asarray(entry) >= 0)
        np.add.at(self.sums, at[known], value[known])
        np.add.at(self.counts, at[known], 1)

    def means(self) -> Floats:
        """Return the mean of each place, NaN where nothing was added."""
        means = np.full(self.sums.shape, np.nan)
        np.divide(self.sums, self.counts, out=means, where=self.counts > 0)
        return means


def _shape(sweep: Sweep) -> tuple[int, int]:
    return len(sweep.points), int(sweep.request["replicates"])


# -- what is varied --------------------------------------------------------------------------------


def is_numeric(factor: Factor) -> bool:
    """Whether a factor's values are numbers, not words or true and false."""
    return factor.values is None or all(
        isinstance(value, Real) and not isinstance(value, bool) for value in factor.values
    )


def coded(factor: Factor, points: pd.DataFrame) -> Floats:
    """Return a factor's values as numbers: its own, or for words their place in the list.

    Raises
    ------
    SweepError
        If a point has a value that is not in the list.
    """
    column = points[factor.name]
    if is_numeric(factor):
        return np.asarray(column, dtype=np.float64)
    assert factor.values is not None
    places = {str(value): float(place) for place, value in enumerate(factor.values)}
    codes = column.astype(str).map(places)
    if codes.isna().any():
        value = column[codes.isna()].iloc[0]
        raise SweepError(f"{factor.name} = {value}: is not one of the factor's values ({', '.join(places)})")
    return np.asarray(codes, dtype=np.float64)


# -- luck ------------------------------------------------------------------------------------------


def noise_share(values: Floats) -> float:
    r"""Share of the variance between point means that is luck, which more replicates would lessen.

    All points meet the same luck (common random numbers), so what a replicate does to all points alike moves no
    difference between them. What remains, :math:`e_{pr} = y_{pr} - \bar y_p - \bar y_r + \bar y`, is the noise:

    .. math::
        \frac{\hat\sigma_e^2 / R}{s^2(\bar y_p)}, \qquad
        \hat\sigma_e^2 = \frac{\sum_{pr} e_{pr}^2}{(P - 1)(R - 1)}

    which is 1/F of a two-way analysis of variance.

    Parameters
    ----------
    values : ndarray, shape (points, replicates)
        A measure; points with a missing run are left out.

    Returns
    -------
    float
        In [0, 1]; NaN for fewer than two points or replicates, or if points do not differ.

    References
    ----------
    Fisher (1925), Statistical Methods for Research Workers, ch. 7; Law (2015), Simulation Modeling and Analysis,
    ch. 11 (common random numbers).
    """
    y = values[np.isfinite(values).all(axis=1)]
    points, replicates = y.shape
    if points < 2 or replicates < 2:
        return float("nan")
    means: Floats = np.asarray(y.mean(axis=1))
    between = float(means.var(ddof=1))
    if float(np.ptp(means)) <= ROUNDING * max(1.0, float(np.abs(y).max())):
        return float("nan")
    rest = y - means[:, None] - y.mean(axis=0)[None, :] + y.mean()
    within = float((rest**2).sum()) / ((points - 1) * (replicates - 1))
    return float(min(1.0, within / replicates / between))
