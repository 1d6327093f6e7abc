"""Which strategy does well in all futures: regret, and the share of futures in which it does well enough."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ana_sim.errors import suggestion
from ana_sim.statistics import ROUNDING, wilson_interval
from ana_sim.sweeps.analysis.leaders import leaders
from ana_sim.sweeps.analysis.outcomes import Floats, Payoffs, mean_of_known, ordered_points, read_payoffs
from ana_sim.sweeps.spec import SweepError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ana_sim.sweeps.reading import Sweep

__all__ = ["BASELINE", "Robustness", "robustness"]

BASELINE: Final = "align_hegemon"
"""The strategy that the others should at least equal, unless something else is asked for."""


@dataclass(frozen=True)
class Robustness:
    """How strategies do over all points of a sweep, each taken as a future.

    Attributes
    ----------
    table : DataFrame
        A row per strategy, the least maximum regret first (`ana_sim.tables.ROBUSTNESS`).
    futures : DataFrame
        A row per point with results and strategy (`ana_sim.tables.FUTURES`).
    threshold : str
        What is good enough, in words.
    notes : tuple of str
        What the reader should know.
    subtitle : str
        What was analysed, in a line.
    """

    table: pd.DataFrame
    futures: pd.DataFrame
    threshold: str
    notes: tuple[str, ...]
    subtitle: str

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Its tables, by name."""
        return {"robustness": self.table, "futures": self.futures}

    @property
    def text(self) -> str:
        """All this for a terminal."""
        from ana_sim.sweeps.analysis.text import robustness_text

        return robustness_text(self)

    def figure(self) -> Figure:
        """The regrets of each strategy, and how often it is good enough."""
        from ana_sim.figures.robustness import robustness_figure

        return robustness_figure(
            self.table, self.futures, threshold=self.threshold, subtitle=self.subtitle, notes=self.notes
        )


def robustness(sweep: Sweep, at_least: float | str | None = None) -> Robustness:
    """Say how strategies do over all points of a sweep, each taken as a future.

    Regret is what the best strategy of a future pays more, on the means over replicates: the loss from not having known
    the future, though not the luck; what luck is left in the means biases it upwards, and a note says where that
    matters. What else a state may choose than its strategy (the sweep's other levers) is taken
    as part of the future.

    Parameters
    ----------
    sweep : Sweep
        Its results, with at least two strategies.
    at_least : float or str, optional
        What is good enough: a payoff, or the payoff of a strategy in the same future; by default that of
        ``align_hegemon``, or of the first strategy where that is not compared.

    Raises
    ------
    SweepError
        If there is no such strategy, or nothing to compare.

    References
    ----------
    Savage (1951), The theory of statistical decision, JASA 46, 55-67 (maximum regret); Simon (1956), Psychol. Rev. 63,
    129-138 (satisficing); Starr (1963), Product Design and Decision Theory (the domain criterion); Lempert, Popper &
    Bankes (2003), Shaping the Next One Hundred Years; McPhail et al. (2018), Earth's Future 6, 169-191.
    """
    payoffs = read_payoffs(sweep)
    names = payoffs.strategies
    if len(names) < 2:
        raise SweepError(f"{sweep.folder}: has one strategy, {names[0]}: there is nothing to compare")
    done = payoffs.done
    if not done.any():
        raise SweepError(f"{sweep.folder}: no point has results")
    means = payoffs.means[done]
    numbers = ordered_points(sweep)["point"].to_numpy()[done]
    threshold, own, needed = _threshold(at_least, payoffs, means)
    enough = means >= needed[:, None] - ROUNDING
    regret = means.max(axis=1, keepdims=True) - means
    regret[regret <= ROUNDING] = 0.0
    found = leaders(payoffs.values[done])
    size = _independent(sweep, int(done.sum()))

    rows = []
    for place, name in enumerate(names):
        share, low, high = math.nan, math.nan, math.nan
        if place != own:
            share = float(enough[:, place].mean())
            low, high = wilson_interval(share, size)
        rows.append(
            {
                "strategy": name,
                "points": len(means),
                "replicates": payoffs.values.shape[1],
                "payoff": float(means[:, place].mean()),
                "worst": float(means[:, place].min()),
                "worst_point": int(numbers[means[:, place].round(12).argmin()]),
                "max_regret": float(regret[:, place].max()),
                "max_regret_point": int(numbers[regret[:, place].round(12).argmax()]),
                "mean_regret": float(regret[:, place].mean()),
                "regret_90": float(np.quantile(regret[:, place], 0.9)),
                "satisfices": share,
                "low": low,
                "high": high,
                "best": float((regret[:, place] == 0.0).mean()),
                "significant": float((found.significant & (found.best == place)).mean()),
                "threshold": threshold,
            }
        )
    regrets = ["max_regret", "mean_regret"]
    table = pd.DataFrame(rows).sort_values(regrets, key=lambda own: own.round(12), kind="stable", ignore_index=True)
    return Robustness(
        table=table,
        futures=_futures(names, numbers, (means, regret, enough), needed, own),
        threshold=threshold,
        notes=_notes(sweep, payoffs),
        subtitle=_subtitle(sweep, payoffs),
    )


def _threshold(at_least: float | str | None, payoffs: Payoffs, means: Floats) -> tuple[str, int | None, Floats]:
    """Return what is good enough: in words, the strategy that sets it, and its value in each future."""
    names = payoffs.strategies
    if at_least is None:
        at_least = BASELINE if BASELINE in names else names[0]
    if isinstance(at_least, str):
        if at_least not in names:
            near = suggestion(at_least, names)
            raise SweepError(f"at_least = {at_least!r}: must be a payoff or a strategy of the sweep{near}")
        own = names.index(at_least)
        return at_least, own, means[:, own]
    if not math.isfinite(at_least):
        raise SweepError(f"at_least = {at_least}: must be a finite payoff, or a strategy of the sweep")
    return f"{at_least:g}", None, np.full(len(means), float(at_least))


def _independent(sweep: Sweep, points: int) -> float:
    """How many independent futures a design holds: those of a base sample or a trajectory differ in one factor each."""
    count = len(sweep.factors)
    if sweep.design.kind == "sobol":
        return 2.0 * points / (2 * count + 2 if sweep.design["second_order"] else count + 2)
    if sweep.design.kind == "morris":
        return points / (count + 1)
    return float(points)


def _futures(
    names: tuple[str, ...],
    numbers: NDArray[np.int64],
    parts: tuple[Floats, Floats, NDArray[np.bool_]],
    needed: Floats,
    own: int | None,
) -> pd.DataFrame:
    means, regret, enough = parts
    frame = pd.DataFrame(
        {
            "point": np.repeat(numbers, len(names)),
            "strategy": np.tile(np.array(names, dtype=object), len(numbers)),
            "payoff": means.ravel(),
            "regret": regret.ravel(),
            "threshold": np.repeat(needed, len(names)),
            "satisfices": enough.ravel(),
        }
    )
    if own is not None:
        frame["satisfices"] = frame["satisfices"].astype(object).mask(frame["strategy"] == names[own], None)
    return frame


def _notes(sweep: Sweep, payoffs: Payoffs) -> tuple[str, ...]:
    notes = payoffs.remarks
    if payoffs.values.shape[1] < 2:
        notes.append("one replicate a point: luck and regret cannot be told apart")
    notes += _luck(payoffs)
    if sweep.design.kind in ("grid", "ofat", "file"):
        notes.append(
            f"the points of a {sweep.design.kind} design are no random sample of futures; "
            "the intervals take them for one"
        )
    return tuple(notes)


def _luck(payoffs: Payoffs) -> list[str]:
    r"""Say of which strategies' largest regret luck may make half or more.

    The best of a future is picked with its luck, so that regret is biased upwards (Smith & Winkler 2006), and the
    largest over futures the more so, the more there are. Of strategies that do not differ, the largest of :math:`m`
    differences from one another is at most

    .. math:: \sigma_d \sqrt{2 \ln m}

    on average, for normal luck however it is shared by futures. Here :math:`\sigma_d` is the standard error of the
    mean paired difference between a strategy and the best of its future, the root mean square over the futures in which
    it is not best: of few replicates that is less wide of the mark than a median. There are as many differences as
    futures times other strategies.

    References
    ----------
    Smith & Winkler (2006), The optimizer's curse, Management Science 52, 311-322.
    """
    values, means = payoffs.values[payoffs.done], payoffs.means[payoffs.done]
    best = means.argmax(axis=1)
    behind = values[np.arange(best.size), :, best][:, :, None] - values
    many = math.sqrt(2.0 * math.log(max(2, best.size * (means.shape[1] - 1))))
    doubted, errors = [], []
    for place, name in enumerate(payoffs.strategies):
        own = behind[:, :, place]
        replicates = np.isfinite(own).sum(axis=1)
        regret = mean_of_known(own, axis=1)
        rows = (replicates > 1) & (regret > ROUNDING)
        if not rows.any():
            continue
        variances = np.nanvar(own[rows], axis=1, ddof=1) / replicates[rows]
        error = math.sqrt(float(variances.mean()))
        if regret.max() <= 2.0 * many * error:
            doubted.append(name)
            errors.append(error)
    if not doubted:
        return []
    return [
        f"regret is biased upwards by luck, which may make half or more of the largest of {', '.join(doubted)}: "
        f"the standard error of a paired difference is {max(errors):.2g}; more replicates would lessen it"
    ]


def _subtitle(sweep: Sweep, payoffs: Payoffs) -> str:
    count = f"{int(payoffs.done.sum()):,} futures ({sweep.design.kind}), {payoffs.values.shape[1]:,} replicates each"
    return f"{sweep.title}: {count}"
