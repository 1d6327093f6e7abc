"""Which strategy is best where, over two factors of a sweep, and where strategies break even."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ana_sim.errors import suggestion
from ana_sim.statistics import ROUNDING, t_means
from ana_sim.sweeps.analysis.leaders import Leaders, leaders
from ana_sim.sweeps.analysis.outcomes import Floats, is_numeric, mean_of_known, ordered_points, read_payoffs
from ana_sim.sweeps.spec import Factor, SweepError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ana_sim.sweeps.reading import Sweep

__all__ = ["BEST_ALIGNMENT", "BREAK_EVEN", "Regimes", "regimes"]

BEST_ALIGNMENT: Final = "align_*"
"""Stands for whichever aligned strategy pays best there, where several are compared."""

BREAK_EVEN, BOUNDARY = "break_even", "boundary"
"""Kinds of lines: active non-alignment against the best alignment; the border of two strategies' regions."""

_FINER: Final = 8  # parts that a cell is cut into for the lines


@dataclass(frozen=True)
class Regimes:
    """Which strategy is best where.

    Attributes
    ----------
    x, y : Factor
        What the axes are; no `y` for a sweep along one factor.
    cells : DataFrame
        A row per cell with results (`ana_sim.tables.REGIMES`).
    payoffs : DataFrame
        A row per cell and strategy (`ana_sim.tables.REGIME_PAYOFFS`).
    shares : DataFrame
        A row per strategy: the share of cells in which it is best (`ana_sim.tables.REGIME_SHARES`).
    break_even : DataFrame
        The points of the break-even lines (`ana_sim.tables.BREAK_EVEN`).
    notes : tuple of str
        What the reader should know.
    subtitle : str
        What was analysed, in a line or two.
    """

    x: Factor
    y: Factor | None
    cells: pd.DataFrame
    payoffs: pd.DataFrame
    shares: pd.DataFrame
    break_even: pd.DataFrame
    notes: tuple[str, ...]
    subtitle: str

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Its tables, by name."""
        return {
            "regimes": self.cells,
            "regime_payoffs": self.payoffs,
            "regime_shares": self.shares,
            "break_even": self.break_even,
        }

    @property
    def text(self) -> str:
        """All this for a terminal."""
        from ana_sim.sweeps.analysis.text import regimes_text

        return regimes_text(self)

    def figure(self) -> Figure:
        """The map of regimes with its break-even lines; along one factor the payoffs."""
        from ana_sim.figures.regimes import regimes_figure

        return regimes_figure(
            self.cells, self.payoffs, self.shares, self.break_even, subtitle=self.subtitle, notes=self.notes
        )


def regimes(sweep: Sweep, x: str | None = None, y: str | None = None, *, bins: int = 8) -> Regimes:
    """Say which strategy is best where, over two factors.

    Other factors are averaged over. Where a factor takes few values, or the design crosses them, a cell is a pair of
    values; else points are put into bins of equal width. Payoffs are averaged over the points of a cell within each
    replicate first, since replicates share their luck across points: the replicates are the sample.

    Parameters
    ----------
    sweep : Sweep
        Its results, with at least two strategies.
    x, y : str, optional
        Names of numeric factors; the first two by default. An OFAT design, and one that varies a single number, is
        shown along one.
    bins : int
        Number of bins along each axis.

    Raises
    ------
    SweepError
        If there is no such factor, no number is varied, or there is nothing to compare.
    """
    if bins < 2:
        raise SweepError(f"bins = {bins}: at least 2 are needed")
    payoffs = read_payoffs(sweep)
    if len(payoffs.strategies) < 2:
        raise SweepError(f"{sweep.folder}: has one strategy, {payoffs.strategies[0]}: there is nothing to compare")
    points = ordered_points(sweep)
    x_factor, y_factor = _axes(sweep, points, x, y)
    notes = payoffs.remarks
    rows = np.ones(len(points), dtype=np.bool_)
    if sweep.design.kind == "ofat":
        rows = points["varied"].fillna("").isin(["", x_factor.name]).to_numpy()
    points, values, done = points[rows], payoffs.values[rows], payoffs.done[rows]

    along_x = _axis(sweep, x_factor, points, y_factor, bins)
    along_y = _axis(sweep, y_factor, points, x_factor, bins) if y_factor else _NO_AXIS
    shape = along_x.centres.size, along_y.centres.size
    place = along_x.index * shape[1] + along_y.index
    cells = _by_cell(values, place, math.prod(shape))
    counts = np.bincount(place[done], minlength=len(cells))
    found = leaders(cells)
    means = mean_of_known(cells, axis=1)
    if not (found.best >= 0).any():
        raise SweepError(f"{sweep.folder}: no point has results")
    if values.shape[1] < 2:
        notes.append("one replicate a point: nothing is known about luck, and no lead is called significant")
    if (found.best < 0).any():
        notes.append(f"{int((found.best < 0).sum()):,} of {found.best.size:,} cells have no point with results")

    table = _table(payoffs.strategies, found, counts, (cells, along_x, along_y))
    return Regimes(
        x=x_factor,
        y=y_factor,
        cells=table.assign(x_factor=x_factor.name, y_factor=y_factor.name if y_factor else "")[list(_CELLS)],
        payoffs=_payoff_table(payoffs.strategies, cells, along_x, along_y),
        shares=_shares(payoffs.strategies, found),
        break_even=_break_even(
            payoffs.strategies, means.reshape(*shape, -1), found.best.reshape(shape), along_x, along_y
        ),
        notes=tuple(notes),
        subtitle=_subtitle(sweep, (x_factor, y_factor), len(table), values.shape[1]),
    )


_CELLS: Final = (
    *("x_factor", "y_factor", "x", "x_low", "x_high", "y", "y_low", "y_high"),
    *("points", "replicates", "best", "second", "lead", "low", "high", "p", "p_fdr", "significant"),
)


# -- axes ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Axis:
    """The cells along a factor: their centres, their ends, and the cell of each point."""

    centres: Floats
    ends: Floats  # shape (cells + 1,)
    index: NDArray[np.intp]


_NO_AXIS: Final = _Axis(np.array([np.nan]), np.array([np.nan, np.nan]), np.zeros(1, dtype=np.intp))


def _axes(sweep: Sweep, points: pd.DataFrame, x: str | None, y: str | None) -> tuple[Factor, Factor | None]:
    """Choose the factors of the axes."""
    numeric = [own for own in sweep.factors if is_numeric(own) and points[own.name].nunique() > 1]
    names = [own.name for own in numeric]
    for axis, asked in (("x", x), ("y", y)):
        if asked is None or asked in names:
            continue
        if asked in (own.name for own in sweep.factors):
            raise SweepError(f"{axis} = {asked!r}: is not varied in numbers, and an axis needs them")
        near = suggestion(asked, names) or f"; there are {', '.join(names)}"
        raise SweepError(f"{axis} = {asked!r}: the sweep varies no such number{near}")
    if not numeric:
        raise SweepError(f"{sweep.folder}: varies no number, and an axis needs one")
    if x is not None and x == y:
        raise SweepError(f"x = y = {x!r}: two axes need two factors")
    first = next(own for own in numeric if own.name == x or (x is None and own.name != y))
    others = [own for own in numeric if own is not first]
    if sweep.design.kind == "ofat":
        if y is not None:
            raise SweepError(f"y = {y!r}: an OFAT design varies one factor at a time, so there is one axis")
        return first, None
    second = [own for own in others if y is None or own.name == y]
    return first, second[0] if second else None


def _axis(sweep: Sweep, factor: Factor, points: pd.DataFrame, other: Factor | None, bins: int) -> _Axis:
    """Cut an axis into cells: a factor's values where they are few or crossed, else bins of equal width."""
    column = points[factor.name].to_numpy(dtype=np.float64)
    levels, index = np.unique(column, return_inverse=True)
    listed = factor.values is not None or sweep.design.kind in ("grid", "ofat", "morris")
    if sweep.design.kind == "file":  # whose factors all have lists, of what stands in the file
        listed = levels.size * (points[other.name].nunique() if other else 1) <= len(points)
    if listed or levels.size <= bins:
        middles = (levels[1:] + levels[:-1]) / 2.0
        first, last = 2.0 * levels[0] - middles[0], 2.0 * levels[-1] - middles[-1]
        return _Axis(levels, np.concatenate([[first], middles, [last]]), index)
    margin = 0.5 if factor.whole else 0.0
    low = min(levels[0], math.inf if factor.low is None else factor.low) - margin
    high = max(levels[-1], -math.inf if factor.high is None else factor.high) + margin
    ends = np.linspace(low, high, bins + 1)
    index = np.clip(np.searchsorted(ends, column, side="right") - 1, 0, bins - 1)
    return _Axis((ends[1:] + ends[:-1]) / 2.0, ends, index)


def _by_cell(values: Floats, place: NDArray[np.intp], cells: int) -> Floats:
    """Average over the points of a cell within each replicate; shape (cells, replicates, strategies)."""
    known = np.isfinite(values)
    sums = np.zeros((cells, *values.shape[1:]))
    counts = np.zeros(sums.shape, dtype=np.int64)
    np.add.at(sums, place, np.where(known, values, 0.0))
    np.add.at(counts, place, known)
    means = np.full(sums.shape, np.nan)
    np.divide(sums, counts, out=means, where=counts > 0)
    return means


# -- tables ----------------------------------------------------------------------------------------


def _table(
    strategies: Sequence[str],
    found: Leaders,
    counts: NDArray[np.intp],
    parts: tuple[Floats, _Axis, _Axis],
) -> pd.DataFrame:
    cells, along_x, along_y = parts
    names = np.array([*strategies, None], dtype=object)
    table = pd.DataFrame(
        {
            **_places(along_x, along_y),
            "points": counts,
            "replicates": np.isfinite(cells).all(axis=2).sum(axis=1),
            "best": names[found.best],
            "second": names[found.second],
            "lead": found.lead,
            "low": found.low,
            "high": found.high,
            "p": found.p,
            "p_fdr": found.p_fdr,
            "significant": found.significant,
        }
    )
    return table[found.best >= 0].reset_index(drop=True)


def _places(along_x: _Axis, along_y: _Axis) -> dict[str, Floats]:
    """The middle and the ends of each cell, y fastest."""
    across, up = along_x.centres.size, along_y.centres.size
    return {
        "x": np.repeat(along_x.centres, up),
        "x_low": np.repeat(along_x.ends[:-1], up),
        "x_high": np.repeat(along_x.ends[1:], up),
        "y": np.tile(along_y.centres, across),
        "y_low": np.tile(along_y.ends[:-1], across),
        "y_high": np.tile(along_y.ends[1:], across),
    }


def _payoff_table(strategies: Sequence[str], cells: Floats, along_x: _Axis, along_y: _Axis) -> pd.DataFrame:
    places = _places(along_x, along_y)
    frames = []
    for column, strategy in enumerate(strategies):
        own = t_means(cells[:, :, column])
        frame = pd.DataFrame({"x": places["x"], "y": places["y"], "strategy": strategy})
        frames.append(frame.assign(payoff=own.mean, low=own.low, high=own.high))
    table = pd.concat(frames).dropna(subset="payoff")
    return table.sort_values(["x", "y"], kind="stable", ignore_index=True)


def _shares(strategies: Sequence[str], found: Leaders) -> pd.DataFrame:
    known = found.best >= 0
    best = [float((found.best[known] == place).mean()) for place in range(len(strategies))]
    sure = [float((found.significant & (found.best == place))[known].mean()) for place in range(len(strategies))]
    table = pd.DataFrame({"strategy": strategies, "cells": int(known.sum()), "best": best, "significant": sure})
    return table.sort_values("best", ascending=False, kind="stable", ignore_index=True)


def _subtitle(sweep: Sweep, axes: tuple[Factor, Factor | None], cells: int, replicates: int) -> str:
    others = [own.name for own in sweep.factors if own not in axes]
    held = "the others as in the base point" if sweep.design.kind == "ofat" else f"averaged over {', '.join(others)}"
    return "; ".join(
        [
            sweep.title,
            f"{cells:,} {'cells' if axes[1] else 'levels'} of {len(sweep.points):,} points ({sweep.design.kind}), "
            f"{replicates:,} replicates",
            *([held] if others else []),
        ]
    )


# -- break-even ------------------------------------------------------------------------------------


def _break_even(
    strategies: Sequence[str], means: Floats, best: NDArray[np.intp], along_x: _Axis, along_y: _Axis
) -> pd.DataFrame:
    """Find where active non-alignment breaks even with the best alignment, and the borders between regions.

    Payoffs are interpolated linearly between the centres of the cells.

    Parameters
    ----------
    strategies : sequence of str
        Names.
    means : ndarray, shape (x, y, strategies)
        Mean payoff in each cell, NaN for an empty one.
    best : ndarray, shape (x, y)
        The best strategy's place, -1 for an empty cell.
    """
    flat = best.shape[1] == 1
    aligned = [place for place, name in enumerate(strategies) if name.startswith("align_")]
    finer = _finer((along_x.centres,), means[:, 0]) if flat else _finer((along_x.centres, along_y.centres), means)
    trace = _crossings if flat else _contours
    lines: list[tuple[str, str, str, Floats]] = []
    if "ana" in strategies and aligned:
        other = strategies[aligned[0]] if len(aligned) == 1 else BEST_ALIGNMENT
        gap = finer.values[..., strategies.index("ana")] - finer.values[..., aligned].max(axis=-1)
        lines += [(BREAK_EVEN, "ana", other, line) for line in trace(finer.nodes, gap)]
    for one, second in _neighbours(best):
        third = np.delete(finer.values, [one, second], axis=-1).max(axis=-1, initial=-math.inf)
        pair = finer.values[..., [one, second]]
        gap = np.where(third > pair.max(axis=-1) + ROUNDING, np.nan, pair[..., 0] - pair[..., 1])
        lines += [(BOUNDARY, strategies[one], strategies[second], line) for line in trace(finer.nodes, gap)]
    frames = [
        pd.DataFrame({"kind": kind, "strategy": own, "other": other, "line": number, "x": line[:, 0], "y": line[:, 1]})
        for number, (kind, own, other, line) in enumerate(lines)
    ]
    columns = ("kind", "strategy", "other", "line", "x", "y")
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=list(columns))


@dataclass(frozen=True)
class _Surface:
    """Payoffs on a finer grid: nodes along each axis, values of shape (nodes, ..., strategies)."""

    nodes: tuple[Floats, ...]
    values: Floats


def _finer(centres: tuple[Floats, ...], means: Floats) -> _Surface:
    from scipy.interpolate import RegularGridInterpolator

    if min(own.size for own in centres) < 2:
        return _Surface(centres, means)
    nodes = tuple(
        np.interp(np.arange((own.size - 1) * _FINER + 1) / _FINER, np.arange(own.size), own) for own in centres
    )
    at = np.stack(np.meshgrid(*nodes, indexing="ij"), axis=-1)
    return _Surface(nodes, RegularGridInterpolator(centres, means)(at))


def _neighbours(best: NDArray[np.intp]) -> Iterable[tuple[int, int]]:
    """Return the pairs of strategies whose regions touch."""
    sides = [(best[1:], best[:-1]), (best[:, 1:], best[:, :-1])]
    found = {
        (int(min(pair)), int(max(pair)))
        for one, other in sides
        for pair in zip(one.ravel(), other.ravel(), strict=True)
        if pair[0] != pair[1] and min(pair) >= 0
    }
    return sorted(found)


def _contours(nodes: tuple[Floats, ...], gap: Floats) -> list[Floats]:
    """Lines on which a surface is zero, each of shape (points, 2)."""
    from contourpy import contour_generator

    x, y = nodes
    if min(x.size, y.size) < 2:
        return []
    surface = np.ma.masked_invalid(np.where(np.abs(gap) <= ROUNDING, 0.0, gap))
    lines = contour_generator(x, y, surface.T).lines(0.0)
    return [np.asarray(line, dtype=np.float64) for line in lines if len(line) > 1]


def _crossings(nodes: tuple[Floats, ...], gap: Floats) -> list[Floats]:
    """Places at which a curve crosses zero, each of shape (1, 2), without a second coordinate."""
    (x,) = nodes
    found = []
    for left in range(x.size - 1):
        low, high = gap[left], gap[left + 1]
        if np.isfinite(low) and np.isfinite(high) and (low < 0.0 <= high or high < 0.0 <= low):
            found.append(np.array([[x[left] + (x[left + 1] - x[left]) * low / (low - high), np.nan]]))
    return found
