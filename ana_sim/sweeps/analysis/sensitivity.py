"""What decides a measure: the indices of sensitivity that a sweep's design allows.

=================  ===========================================================================================
design             indices of each factor
=================  ===========================================================================================
``sobol``          S1, ST (S2 where sampled): shares of variance (Sobol 1993; Saltelli et al. 2010)
``grid``           S1, ST: the same over the levels of the grid, exactly (a functional analysis of variance)
``lhs``, ``file``  S1 from given data: the correlation ratio (Pearson 1905; Plischke, Borgonovo & Smith 2013)
``morris``         mu, mu_star, sigma: elementary effects (Morris 1991; Campolongo, Cariboni & Saltelli 2007)
``ofat``           swing: largest less smallest mean along a factor's curve, all else as in the base point
=================  ===========================================================================================

Everything is computed on the means over replicates. Luck that is left in them (`outcomes.noise_share`) adds to the
variance that the indices share out, and to each total index.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri, stdtrit
from scipy.stats import rankdata

from ana_sim.statistics import ROUNDING, t_means
from ana_sim.sweeps.analysis.outcomes import (
    Floats,
    coded,
    default_measures,
    is_numeric,
    mean_of_known,
    noise_share,
    ordered_points,
    read_measures,
)
from ana_sim.sweeps.spec import Factor, SweepError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ana_sim.sweeps.reading import Sweep

__all__ = ["LEADING", "Sensitivity", "sensitivity"]

LEADING: Final = {"sobol": "ST", "grid": "ST", "lhs": "S1", "file": "S1", "morris": "mu_star", "ofat": "swing"}
"""The index that factors are ranked by, by the kind of design."""

LEVEL: Final = 0.95
WIDE: Final = 0.1
"""A total index whose interval is wider than this is not known well."""
NOISY: Final = 0.05
"""Where more of the variance than this is luck, more replicates are needed."""
FEWEST: Final = 50
"""Points that a method for given data needs."""

_SEED: Final = 1
_RESAMPLES: Final = 1000
_DRAWN: Final = 4_000_000  # base samples drawn in one bootstrap, which bounds its memory
_POINTS_A_GROUP: Final = 25
_GROUPS: Final = (5, 20)

_Row = tuple[str, str, str, float, float, float]
"""Index, factor, other factor, value, low and high end."""


@dataclass(frozen=True)
class Sensitivity:
    """What decides the measures of a sweep.

    Attributes
    ----------
    design : str
        Kind of the sweep's design.
    table : DataFrame
        A row per measure, index and factor (`ana_sim.tables.SENSITIVITY`), the most important factor first.
    curves : DataFrame or None
        Of an OFAT design, a row per measure, factor and level (`ana_sim.tables.CURVES`).
    notes : tuple of str
        What the reader should know: points that are left out, wide intervals, luck.
    subtitle : str
        What was analysed, in a line.
    """

    design: str
    table: pd.DataFrame
    curves: pd.DataFrame | None
    notes: tuple[str, ...]
    subtitle: str

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Its tables, by name."""
        return {"sensitivity": self.table} | ({} if self.curves is None else {"curves": self.curves})

    @property
    def text(self) -> str:
        """All this for a terminal."""
        from ana_sim.sweeps.analysis.text import sensitivity_text

        return sensitivity_text(self)

    def figure(self) -> Figure:
        """The ranking of the factors with its intervals; of an OFAT design, the curves."""
        from ana_sim.figures.sensitivity import sensitivity_figure

        leading = LEADING[self.design]
        return sensitivity_figure(self.table, self.curves, leading=leading, subtitle=self.subtitle, notes=self.notes)


def sensitivity(sweep: Sweep, measures: Sequence[str] | None = None) -> Sensitivity:
    """Say what decides the measures of a sweep.

    Parameters
    ----------
    sweep : Sweep
        Its results.
    measures : sequence of str, optional
        Names of measures that were kept, or expressions; all that were kept by default, and without any the payoff of
        each strategy.

    Raises
    ------
    SweepError
        If there is no such measure, nothing is varied, or too few points have results.

    References
    ----------
    Saltelli et al. (2008), Global Sensitivity Analysis: The Primer; Iwanaga, Usher & Herman (2022), Toward SALib 2.0,
    Socio-Environmental Systems Modelling 4, 18155.
    """
    if not sweep.factors:
        raise SweepError(f"{sweep.folder}: varies nothing but the strategy: there is nothing to rank")
    texts = tuple(dict.fromkeys(measures or default_measures(sweep)))
    points = ordered_points(sweep)
    codes = np.column_stack([coded(factor, points) for factor in sweep.factors])
    remarks = _Remarks(texts)
    tables, curves = [], []
    for text, values in read_measures(sweep, texts).items():
        case = _Case(sweep, text, points, codes, values, remarks)
        rows = _METHODS[case.design](case)
        if case.curves is not None:
            curves.append(case.curves)
        table = pd.DataFrame(rows, columns=["index", "factor", "other", "value", "low", "high"])
        table.insert(0, "measure", text)
        table["points"], table["replicates"] = case.used, values.shape[1]
        table["noise"] = case.noise
        tables.append(_ranked(table, LEADING[case.design]))
        case.remark_on_luck()
    many = len(points), int(sweep.request["replicates"])
    return Sensitivity(
        design=sweep.design.kind,
        table=pd.concat(tables, ignore_index=True),
        curves=pd.concat(curves, ignore_index=True) if curves else None,
        notes=remarks.texts,
        subtitle=f"{sweep.title}: {many[0]:,} points ({sweep.design.kind}), {many[1]:,} replicates each",
    )


# -- one measure -----------------------------------------------------------------------------------


class _Remarks:
    """What is to be said, each remark once, with the measures that it is about unless it is about all."""

    def __init__(self, measures: Sequence[str]) -> None:
        self.measures = measures
        self.about: dict[str, list[str]] = {}

    def add(self, measure: str, text: str) -> None:
        self.about.setdefault(text, []).append(measure)

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(
            text if len(measures) == len(self.measures) else f"{', '.join(measures)}: {text}"
            for text, measures in self.about.items()
        )


@dataclass
class _Case:
    """A measure at the points of a sweep."""

    sweep: Sweep
    measure: str
    points: pd.DataFrame
    codes: Floats  # shape (points, factors)
    values: Floats  # shape (points, replicates)
    remarks: _Remarks
    used: int = field(init=False)
    curves: pd.DataFrame | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.means = mean_of_known(self.values, axis=1)
        self.noise = noise_share(self.values)
        self.used = int(np.isfinite(self.means).sum())
        if not self.used:
            raise SweepError(f"{self.measure}: no point has results")
        lost = int((~np.isfinite(self.values[np.isfinite(self.means)])).sum())
        if lost:
            self.remark(f"{lost:,} runs have no value at points that have one, whose means are over fewer replicates")

    @property
    def design(self) -> str:
        return self.sweep.design.kind

    @property
    def factors(self) -> tuple[Factor, ...]:
        return self.sweep.factors

    @property
    def names(self) -> list[str]:
        return [factor.name for factor in self.factors]

    @property
    def problem(self) -> dict[str, Any]:
        """The factors, as SALib has them."""
        return {"num_vars": len(self.names), "names": self.names, "bounds": [[0.0, 1.0]] * len(self.names)}

    def remark(self, text: str) -> None:
        self.remarks.add(self.measure, text)

    def blocks(self, size: int, blocks: str) -> NDArray[np.intp]:
        """Return the points of each whole block of a design, shape (blocks, size); a block with a hole is left out."""
        total = self.means.size
        if total % size or not total:
            raise SweepError(f"{self.sweep.folder}: {total:,} points are no whole number of {blocks} of {size} points")
        places = np.arange(total).reshape(-1, size)
        holes = ~np.isfinite(self.means)[places]
        whole = ~holes.any(axis=1)
        if not whole.all():
            self.remark(
                f"{int(holes.sum()):,} of {total:,} points have no value: "
                f"{int((~whole).sum()):,} of {whole.size:,} {blocks} are left out"
            )
        if whole.sum() < 2:
            raise SweepError(
                f"{self.measure}: {int(whole.sum())} of {whole.size:,} {blocks} are whole; at least 2 are needed"
            )
        self.used = int(whole.sum()) * size
        return places[whole]

    def remark_on_luck(self) -> None:
        """Say whether more replicates are needed."""
        if self.values.shape[1] < 2:
            self.remark("one replicate a point: how much of this is luck cannot be told")
        elif self.noise > NOISY:
            adds = ", and adds up to as much to each total index" if LEADING[self.design] == "ST" else ""
            percent = f"{100.0 * self.noise:.0f}%"
            self.remark(f"luck makes {percent} of the variance between points{adds}; more replicates would lessen it")


def _ranked(table: pd.DataFrame, leading: str) -> pd.DataFrame:
    """Put the most important factor first, within each index."""
    first = table[table["index"] == leading].set_index("factor")["value"]
    order = first.sort_values(ascending=False, kind="stable").index
    indices = [leading, *(index for index in dict.fromkeys(table["index"]) if index != leading)]
    keys = pd.DataFrame(
        {
            "index": table["index"].map({index: place for place, index in enumerate(indices)}),
            "factor": table["factor"].map({factor: place for place, factor in enumerate(order)}),
            "other": table["other"].map({factor: place for place, factor in enumerate(order)}).fillna(-1),
        }
    )
    return table.loc[keys.sort_values(["index", "factor", "other"], kind="stable").index]


def _is_flat(means: Floats) -> bool:
    return float(np.ptp(means)) <= ROUNDING * max(1.0, float(np.abs(means).max()))


# -- sobol -----------------------------------------------------------------------------------------


def _sobol(case: _Case) -> list[_Row]:
    """First, total and second-order indices, with the bootstrap intervals of SALib over base samples."""
    from SALib.analyze import sobol

    second, count = bool(case.sweep.design["second_order"]), len(case.names)
    places = case.blocks(2 * count + 2 if second else count + 2, "base samples")
    means = case.means[places].ravel()
    pairs = [(one, other) for one in range(count) for other in range(one + 1, count)] if second else []
    if _is_flat(means):
        case.remark("is the same at all points: there is nothing to share out")
        nothing = (math.nan, math.nan, math.nan)
        rows: list[_Row] = [(index, name, "", *nothing) for index in ("ST", "S1") for name in case.names]
        return [*rows, *(("S2", case.names[one], case.names[other], *nothing) for one, other in pairs)]
    resamples = min(_RESAMPLES, max(100, _DRAWN // len(places)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = sobol.analyze(
            case.problem,
            means,
            calc_second_order=second,
            num_resamples=resamples,
            conf_level=LEVEL,
            seed=_SEED,
        )
    rows = [
        (index, name, "", *_interval(found[index][place], found[f"{index}_conf"][place]))
        for index in ("ST", "S1")
        for place, name in enumerate(case.names)
    ]
    wide = [name for index, name, _, _, low, high in rows if index == "ST" and high - low > WIDE]
    if wide:
        case.remark(
            f"{len(wide)} of {count} total indices have intervals wider than {WIDE:g}; "
            "more base samples would narrow them"
        )
    for one, other in pairs:
        value, half = found["S2"][one, other], found["S2_conf"][one, other]
        rows.append(("S2", case.names[one], case.names[other], *_interval(value, half)))
    return rows


def _interval(value: float, half: float) -> tuple[float, float, float]:
    return float(value), float(value - half), float(value + half)


# -- morris ----------------------------------------------------------------------------------------


def _morris(case: _Case) -> list[_Row]:
    """Elementary effects over the whole range of a factor, in the measure's unit.

    Each is the change of the measure over the move that was made. SALib's own analysis takes all moves to be
    p/(2 (p-1)) of the range, which those of a list or of few whole numbers are not. The interval is the normal
    bootstrap's over trajectories.
    """
    effects = _elementary_effects(case)
    count, factors = effects.shape
    star = np.abs(effects)
    rng = np.random.default_rng(_SEED)
    rows: list[_Row] = []
    for place, name in enumerate(case.names):
        boot = star[rng.integers(0, count, (_RESAMPLES, count)), place].mean(axis=1)
        half = float(ndtri(0.5 + LEVEL / 2.0)) * float(boot.std(ddof=1))
        rows.append(("mu_star", name, "", *_interval(star[:, place].mean(), half)))
    for index, values in (("mu", effects.mean(axis=0)), ("sigma", effects.std(axis=0, ddof=1))):
        rows += [(index, case.names[place], "", float(values[place]), math.nan, math.nan) for place in range(factors)]
    return rows


def _elementary_effects(case: _Case) -> Floats:
    """Return what each factor does in each whole trajectory, shape (trajectories, factors)."""
    trajectories = case.blocks(len(case.names) + 1, "trajectories")
    columns = [_places(factor, column) for factor, column in zip(case.factors, case.codes.T, strict=True)]
    moves = np.diff(np.column_stack(columns)[trajectories], axis=1)
    step = np.abs(moves).argmax(axis=1)
    changes = np.diff(case.means[trajectories], axis=1)
    made = np.take_along_axis(moves, step[:, None, :], axis=1)[:, 0, :]
    return np.asarray(np.take_along_axis(changes, step, axis=1) / made)


def _places(factor: Factor, codes: Floats) -> Floats:
    """Return the places of a factor's values in [0, 1]: along its range, or evenly along its list."""
    if factor.values is None:
        low, high = factor.ends
        return (codes - low) / (high - low)
    last = len(factor.values) - 1
    if not is_numeric(factor):
        return codes / last
    return np.asarray((codes[:, None] == np.array(factor.values, dtype=np.float64)).argmax(axis=1) / last)


# -- ofat ------------------------------------------------------------------------------------------


def _base(case: _Case) -> int:
    """Return the place of the base point."""
    places = np.flatnonzero(case.points["varied"].fillna("").astype(str).to_numpy() == "")
    if places.size != 1:
        raise SweepError(f"{case.sweep.folder}: an OFAT design has one base point, not {places.size}")
    if not np.isfinite(case.means[places[0]]):
        raise SweepError(f"{case.measure}: the base point has no results, so nothing can be compared with it")
    return int(places[0])


def _curves(case: _Case) -> pd.DataFrame:
    """Mean along each factor, and the difference from the base point under the same luck."""
    base, frames = _base(case), []
    for column, factor in enumerate(case.factors):
        own = np.flatnonzero((case.points["varied"] == factor.name).to_numpy())
        if not np.isin(case.codes[base, column], case.codes[own, column]):
            own = np.append(own, base)
        own = own[np.argsort(case.codes[own, column], kind="stable")]
        missing = int((~np.isfinite(case.means[own])).sum())
        if missing:
            case.remark(f"{factor.name}: {missing} of {own.size} levels have no results")
            own = own[np.isfinite(case.means[own])]
        levels = t_means(case.values[own], level=LEVEL)
        apart = t_means(case.values[own] - case.values[base], level=LEVEL)
        numeric = is_numeric(factor)
        frames.append(
            pd.DataFrame(
                {
                    "measure": case.measure,
                    "factor": factor.name,
                    "level": [f"{value:g}" if numeric else str(value) for value in case.points[factor.name].iloc[own]],
                    "at": case.codes[own, column] if numeric else math.nan,
                    "base": case.codes[own, column] == case.codes[base, column],
                    "mean": levels.mean,
                    "low": levels.low,
                    "high": levels.high,
                    "difference": apart.mean,
                    "difference_low": apart.low,
                    "difference_high": apart.high,
                    "replicates": np.isfinite(case.values[own]).sum(axis=1),
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def _swings(case: _Case) -> list[_Row]:
    """Largest less smallest mean along each curve."""
    case.curves = _curves(case)
    by_factor = case.curves.groupby("factor", sort=False)["difference"]
    swings = by_factor.max() - by_factor.min()
    return [("swing", str(name), "", float(swing), math.nan, math.nan) for name, swing in swings.items()]


# -- grid ------------------------------------------------------------------------------------------


def _grid(case: _Case) -> list[_Row]:
    r"""Shares of the variance over the levels of a full grid, each level equally likely.

    .. math:: S_j = V[E(y | x_j)] / V(y), \qquad S_{Tj} = 1 - V[E(y | x_{-j})] / V(y)

    Nothing is sampled but luck, so the intervals are the jackknife's over replicates (Efron & Stein 1981).
    """
    levels = [np.unique(case.codes[:, column]) for column in range(len(case.names))]
    shape = tuple(own.size for own in levels)
    places = np.ravel_multi_index(
        tuple(np.searchsorted(own, case.codes[:, column]) for column, own in enumerate(levels)), shape
    )
    if np.unique(places).size != math.prod(shape) or places.size != math.prod(shape):
        raise SweepError(f"{case.sweep.folder}: the points are no full grid of {' x '.join(map(str, shape))} levels")
    holes = int((~np.isfinite(case.means)).sum())
    if holes:
        raise SweepError(
            f"{case.measure}: {holes:,} of {places.size:,} points have no value, and a grid with holes cannot be "
            "shared out; regimes and robustness take it as it is"
        )
    cube = np.empty((*shape, case.values.shape[1]))
    cube.reshape(-1, cube.shape[-1])[places] = case.values
    means = mean_of_known(cube, axis=-1)
    if _is_flat(means):
        case.remark("is the same at all points: there is nothing to share out")
        return [(index, name, "", math.nan, math.nan, math.nan) for index in ("ST", "S1") for name in case.names]
    value = _shares_of_variance(means)
    half = np.full(value.shape, math.nan)
    replicates = cube.shape[-1]
    if replicates > 1:
        without = [mean_of_known(np.delete(cube, one, axis=-1), axis=-1) for one in range(replicates)]
        left_out = np.stack([_shares_of_variance(part) for part in without if np.isfinite(part).all()])
        spread = ((left_out - left_out.mean(axis=0)) ** 2).sum(axis=0)
        count = len(left_out)
        half = stdtrit(count - 1, 0.5 + LEVEL / 2.0) * np.sqrt(spread * (count - 1) / count)
    return [
        (index, name, "", *_interval(value[row, place], half[row, place]))
        for row, index in enumerate(("ST", "S1"))
        for place, name in enumerate(case.names)
    ]


def _shares_of_variance(cube: Floats) -> Floats:
    """Total and first-order shares of a full grid of means: shape (2, factors)."""
    axes = range(cube.ndim)
    total = cube.var()
    alone = [cube.mean(axis=tuple(other for other in axes if other != axis)).var() / total for axis in axes]
    without = [1.0 - cube.mean(axis=axis).var() / total for axis in axes]
    return np.array([without, alone])


# -- given data ------------------------------------------------------------------------------------


def _given(case: _Case) -> list[_Row]:
    r"""First-order shares of variance from points as they are: the correlation ratio.

    Points are put into groups alike in the factor, by its values or into equally many, and

    .. math::
        \hat S_j = 1 - \frac{N - 1}{N - M}\,
        \frac{\sum_m \sum_{i \in m} (y_i - \bar y_m)^2}{\sum_i (y_i - \bar y)^2}

    which takes off what M groups of N points would share by chance (Kelley 1935): a factor without effect is 0 on
    average. Chosen over the methods for given data in SALib 1.6 because it also holds for words and whole numbers,
    where RBD-FAST falls short, and has no bias upwards, as delta and PAWN have. The intervals are the normal
    bootstrap's over points. What a factor does together with others shows in no index of this kind.
    """
    known = np.isfinite(case.means)
    if not known.all():
        case.remark(f"{int((~known).sum()):,} of {known.size:,} points have no value and are left out")
    y = case.means[known]
    if y.size < FEWEST:
        raise SweepError(
            f"{case.measure}: {y.size} points have results, and shares of variance need at least {FEWEST}; "
            "regimes and robustness take fewer"
        )
    if _is_flat(y):
        case.remark("is the same at all points: there is nothing to share out")
        return [("S1", name, "", math.nan, math.nan, math.nan) for name in case.names]
    drawn = np.random.default_rng(_SEED).integers(0, y.size, (min(_RESAMPLES, max(100, _DRAWN // y.size)), y.size))
    rows: list[_Row] = []
    for column, name in enumerate(case.names):
        group = _groups(case.codes[known, column])
        boot = [_correlation_ratio(y[sample], group[sample]) for sample in drawn]
        half = float(ndtri(0.5 + LEVEL / 2.0)) * float(np.std(boot, ddof=1))
        rows.append(("S1", name, "", *_interval(_correlation_ratio(y, group), half)))
    luck = 0.0 if math.isnan(case.noise) else case.noise
    rest = 1.0 - sum(max(0.0, row[3]) for row in rows) - luck
    if case.design == "lhs" and rest > WIDE:
        case.remark(
            f"{100.0 * rest:.0f}% of the variance is left to what factors do together; "
            "a sobol design tells which of them"
        )
    return rows


def _groups(x: Floats) -> NDArray[np.intp]:
    """Number the groups of points alike in a factor: its values where they are few, else equally many points."""
    fewest, most = _GROUPS
    count = min(most, max(fewest, x.size // _POINTS_A_GROUP))
    levels, by_value = np.unique(x, return_inverse=True)
    if levels.size <= count:
        return by_value
    place = (rankdata(x, method="average") - 0.5) / x.size
    return np.asarray(place * count, dtype=np.intp)


def _correlation_ratio(y: Floats, group: NDArray[np.intp]) -> float:
    """The share of variance between groups, less what they share by chance (Kelley's epsilon squared)."""
    sizes = np.bincount(group)
    groups = int((sizes > 0).sum())
    total = float(((y - y.mean()) ** 2).sum())
    if y.size <= groups or total == 0.0:
        return math.nan
    between = float((np.bincount(group, weights=y - y.mean()) ** 2 / np.maximum(sizes, 1)).sum())
    return 1.0 - (y.size - 1) / (y.size - groups) * (total - between) / total


_METHODS: Final[dict[str, Callable[[_Case], list[_Row]]]] = {
    "sobol": _sobol,
    "grid": _grid,
    "lhs": _given,
    "file": _given,
    "morris": _morris,
    "ofat": _swings,
}
