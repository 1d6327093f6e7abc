"""Which strategy pays, where, through which of its dials, and what decides it."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd

from ana_sim.paper.bench import Bench, estimates
from ana_sim.paper.item import Made, item
from ana_sim.statistics import t_means
from ana_sim.sweeps.analysis.leaders import leaders
from ana_sim.sweeps.analysis.outcomes import ordered_points, read_payoffs
from ana_sim.sweeps.reading import Sweep
from ana_sim.tally import COMPONENTS

CAPABILITY: Final = "power.rising.capability"
OPENNESS: Final = "power.rising.openness"

_REGIMES: Final = "Rival: weak .3 of the hegemon's capability, equal 1; closed .2 of it open to deals, open all"

DIALS: Final = {
    "asking": "ask both powers",
    "fielding": "let them bid (field)",
    "hedging": "split projects (hedge)",
    "both": "both together, beyond their sum",
    "joining": "declare for the hegemon (club)",
}
"""The measures of ``dials_by_regime``, in words."""


def regime(capability: float, openness: float) -> str:
    """Name a regime by the rising power's capability and openness.

    Examples
    --------
    >>> regime(0.3, 0.2), regime(1.0, 1.0)
    ('weak and closed rival', 'equal and open rival')
    """
    return f"{'weak' if capability < 0.7 else 'equal'} and {'closed' if openness < 0.6 else 'open'} rival"


@item(2, "Payoffs of the strategies and their components, in four regimes", "payoffs_by_regime.toml")
def payoffs(bench: Bench) -> Made:
    """What each strategy earns if one state plays it, and whether it can be told from the best."""
    from ana_sim.figures.payoffs import payoffs_figure

    sweep = bench.sweep("payoffs_by_regime")
    table = payoff_table(sweep)
    world = sweep.scenario
    subtitle = f"{world.title}: {len(world.state_names)} states, {world.years} years; one state at a time deviates"
    notes = [_same_luck(sweep), _REGIMES]
    return Made({"payoffs_by_regime": table}, payoffs_figure(table, subtitle=subtitle, notes=notes))


def payoff_table(sweep: Sweep) -> pd.DataFrame:
    """Payoffs by regime and strategy, with the components that they are the sum of.

    Returns
    -------
    DataFrame
        A row per point and strategy: ``regime``, both factors, ``strategy``, ``payoff`` with its interval ``low`` and
        ``high``, ``behind``: the mean paired distance from the best of the regime, with its interval ``behind_low`` and
        ``behind_high``, whether it is ``among_best`` (the interval reaches 0), and the components.
    """
    outcome = read_payoffs(sweep)
    points = ordered_points(sweep)
    best = leaders(outcome.values).best
    parts = sweep.payoffs.astype({"strategy": str}).groupby(["point", "strategy"])[list(COMPONENTS)].mean()
    rows = []
    for place, point in enumerate(points["point"]):
        values = outcome.values[place].T
        means, behind = t_means(values), t_means(values - values[best[place]])
        at = points.iloc[place]
        for s, strategy in enumerate(outcome.strategies):
            rows.append(
                {
                    "regime": regime(at[CAPABILITY], at[OPENNESS]),
                    CAPABILITY: at[CAPABILITY],
                    OPENNESS: at[OPENNESS],
                    "strategy": strategy,
                    "payoff": means.mean[s],
                    "low": means.low[s],
                    "high": means.high[s],
                    "behind": behind.mean[s],
                    "behind_low": behind.low[s],
                    "behind_high": behind.high[s],
                    "among_best": bool(behind.high[s] >= 0.0),
                    "replicates": int(np.isfinite(values[s]).sum()),
                    **parts.loc[point].loc[strategy],
                }
            )
    return pd.DataFrame(rows)


@item(3, "Which strategy is best, over the rising power's capability and openness", "regime_map.toml")
def regime_map(bench: Bench) -> Made:
    """The map of regimes, with the lines on which ANA breaks even with the best alignment."""
    from ana_sim.sweeps.analysis.regimes import regimes

    found = regimes(bench.sweep("regime_map"))
    return Made(found.tables, found.figure())


@item(4, "What each dial earns, by regime", "dials_by_regime.toml", "dials.toml")
def dials(bench: Bench) -> Made:
    """Paired differences between strategies that differ in one dial."""
    from ana_sim.figures.dials import dials_figure

    sweep = bench.sweep("dials_by_regime")
    table = estimates(sweep, list(DIALS))
    table.insert(1, "dial", table["measure"].map(DIALS))
    table.insert(2, "regime", [regime(*at) for at in table[[CAPABILITY, OPENNESS]].itertuples(index=False)])
    world = sweep.scenario
    subtitle = f"bipolar: {len(world.state_names)} states, {world.years} years; one state at a time deviates"
    return Made({"dials": table}, dials_figure(table, subtitle=subtitle, notes=[_same_luck(sweep), _REGIMES]))


@item(9, "What decides the premium of active non-alignment: Sobol indices", "global_sensitivity.toml")
def sobol(bench: Bench) -> Made:
    """Shares of the variance of ANA's premium over the better alignment."""
    from ana_sim.sweeps.analysis.sensitivity import sensitivity

    sweep = bench.sweep("global_sensitivity")
    found = sensitivity(sweep, ["premium"])
    premium = sweep.request["outputs"]["measures"]["premium"]
    sampling = "Of a small index the estimate may lie below 0, or alone above total: sampling error"
    found = replace(found, notes=(f"premium: {premium}", sampling, *found.notes))
    return Made(found.tables, found.figure())


def _same_luck(sweep: Sweep) -> str:
    many = int(sweep.request["replicates"])
    return f"{many} replicates of each regime, all strategies under the same luck; seed {sweep.request['seed']}"
