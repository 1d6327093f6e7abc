"""Who can play: small states, unskilled ones, and those that learn from others."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from ana_sim.panel import watch_in_turn
from ana_sim.paper.bench import SEED, Bench, estimates, with_means
from ana_sim.paper.item import Made, item
from ana_sim.population import strategies_in
from ana_sim.scenario import Scenario
from ana_sim.statistics import t_means
from ana_sim.sweeps.reading import Sweep

SHORT: Final = {
    "align_hegemon": "allies of H",
    "align_rising": "allies of R",
    "hedge": "hedge",
    "play_field": "field",
    "ana": "ANA",
}
"""What strategies are called beside a curve: H the hegemon, R the rising power."""

GROUPS: Final = ("smallest quarter", "second quarter", "third quarter", "largest quarter")


@item(8, "Small states and skill", "size.toml", "skill.toml")
def skill(bench: Bench) -> Made:
    """ANA's premium by the size of 33 real states, and the strategies' by diplomatic capacity."""
    from ana_sim.figures.skill import skill_figure

    real, made = bench.sweep("size"), bench.sweep("skill")
    states = premium_by_state(real)
    tables = {
        "premiums": states,
        "quarters": by_quarter(real, states),
        "capacity": estimates(made, ["hedge", "play_field", "ana"]),
    }
    notes = [
        "Intervals: 95%, of means over replicates "
        f"({real.request['replicates']} on the left, {made.request['replicates']} on the right), same luck; "
        f"seed {real.request['seed']}"
    ]
    return Made(tables, skill_figure(states, tables["quarters"], tables["capacity"], notes=notes))


def premium_by_state(sweep: Sweep) -> pd.DataFrame:
    """What ANA earns a state above the better of both alignments.

    Returns
    -------
    DataFrame
        A row per state: ``state``, ``size`` (mean 1), ``quarter`` (0: smallest), ``better`` alignment, and the paired
        ``estimate`` with ``low``, ``high`` and ``replicates``.
    """
    wide = _premiums(sweep)
    real = sweep.scenario.table
    assert real is not None
    sizes = dict(zip(real.names, real.size / real.size.mean(), strict=True))
    rows = []
    for state in wide.index.get_level_values("state").unique():
        own = wide.loc[state]
        aligned = [name for name in own.columns if name.startswith("align_")]
        better = max(aligned, key=lambda name: float(own[name].mean()))
        means = t_means((own["ana"] - own[better]).to_numpy()[None])
        rows.append((state, sizes[state], better, means.mean[0], means.low[0], means.high[0], len(own)))
    table = pd.DataFrame(rows, columns=["state", "size", "better", "estimate", "low", "high", "replicates"])
    table = table.sort_values(["size", "state"], ignore_index=True)
    table.insert(2, "quarter", np.arange(len(table)) * len(GROUPS) // len(table))
    return table


def by_quarter(sweep: Sweep, states: pd.DataFrame) -> pd.DataFrame:
    """The same by quarters of the states: each replicate gives the mean over a quarter's states."""
    wide = _premiums(sweep)
    gains = {
        state: (wide.loc[state]["ana"] - wide.loc[state][better]).to_numpy(dtype=np.float64)
        for state, better in states[["state", "better"]].to_numpy(dtype=str)
    }
    means = t_means(
        np.stack([np.mean([gains[state] for state in own["state"]], axis=0) for _, own in states.groupby("quarter")])
    )
    ends = states.groupby("quarter")["size"]
    return pd.DataFrame(
        {
            "quarter": range(len(GROUPS)),
            "group": GROUPS,
            "size_low": ends.min().to_numpy(),
            "size_high": ends.max().to_numpy(),
            "estimate": means.mean,
            "low": means.low,
            "high": means.high,
            "states": ends.count().to_numpy(),
        }
    )


def _premiums(sweep: Sweep) -> pd.DataFrame:
    """Payoffs with a row per state and replicate, a column per strategy."""
    return sweep.payoffs.astype({"state": str, "strategy": str}).pivot(
        index=["state", "replicate"], columns="strategy", values="payoff"
    )


@item(10, "Diffusion of non-alignment among states that learn", "diffusion.toml")
def diffusion(bench: Bench) -> Made:
    """Who plays what, year by year, if states learn from all others or from neighbours alone."""
    from ana_sim.figures.labels import strategy_looks
    from ana_sim.figures.lines import Curve, CurveLook, Panel, curves_figure

    replicates = 40 if bench.quick else 400
    world = bench.scenario("diffusion")
    worlds: dict[str, dict[str, object]] = {
        "The rival does not grow": {"power.rising.growth": 0.0},
        "All hear of neighbours only": {"world.network": "ring"},
        "All hear of all": {},
    }
    tables = []
    for name, settings in worlds.items():
        one = strategy_shares(world.replace(settings), replicates)
        one.insert(0, "world", name)
        tables.append(one)
    table = pd.concat(tables, ignore_index=True)
    names = list(dict.fromkeys(table["strategy"]))
    looks = strategy_looks(names)

    def curve(strategy: str, rows: pd.DataFrame) -> Curve:
        look = looks[strategy]
        return Curve(
            SHORT[strategy], rows.rename(columns={"year": "x"}), CurveLook(look.colour, look.line, look.marker)
        )

    panels = [
        Panel(
            title=str(name),
            x_label="year",
            y_label="share of the states",
            curves=[curve(strategy, own[own["strategy"] == strategy]) for strategy in names],
        )
        for name, own in table.groupby("world", sort=False)
    ]
    learning = world.world.learning
    figure = curves_figure(
        panels,
        title="Diffusion of non-alignment",
        subtitle="States learn from one another while the rising power grows from .3 of the hegemon's weight to 1.5",
        notes=[
            "H: the hegemon, R: the rising power",
            f"Bands: 95% intervals of means over replicates ({replicates} of each world, seed {SEED}). Each looks at "
            f"another with probability {learning.rate:g} a year, and tries anything with {learning.mutation:g}",
        ],
        columns=3,
        same_scale=True,
    )
    return Made({"diffusion": table}, figure)


def strategy_shares(world: Scenario, replicates: int) -> pd.DataFrame:
    """Share of the states that play each strategy, by year.

    Returns
    -------
    DataFrame
        A row per strategy and year: ``strategy``, ``year``, ``estimate``, ``low``, ``high``, ``replicates``.
    """
    names = strategies_in(world)
    watched = [
        np.stack([(panel["playing"] == s).mean(axis=2) for s in range(len(names))])
        for panel in watch_in_turn(world, replicates, SEED)
    ]
    tables = []
    for strategy, shares in zip(names, np.concatenate(watched, axis=1), strict=True):
        years = np.arange(world.start, world.start + world.years)
        tables.append(with_means(pd.DataFrame({"strategy": strategy, "year": years}), shares.T))
    return pd.concat(tables, ignore_index=True)
