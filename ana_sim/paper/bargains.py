"""How a bargain goes: whom to ask first, who is pressed and gives in, and what a rival's lead brings about."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from ana_sim.paper.bench import Bench, estimates, with_means
from ana_sim.paper.item import Made, item
from ana_sim.sweeps.reading import Sweep

STAKE: Final = "issue.trade.stake.hegemon"
SEVERITY: Final = "power.hegemon.pressure.severity"
ACCEPTANCE: Final = "issue.trade.acceptance.hegemon"
EXPOSURE: Final = "states.exposure.hegemon"
NETWORK_STAKE: Final = "issue.network.stake.hegemon"
RATE: Final = "world.demonstration.rate"

_BUDGET: Final = "Payoff per state and year; 1: the hegemon's initial budget per state"
_BANDS: Final = "Bands: 95% intervals of means over replicates"


@item(5, "Whom to ask first", "sequencing.toml", "askers.toml")
def sequencing(bench: Bench) -> Made:
    """Payoff of asking the hegemon before its rival, over how harshly it presses."""
    from ana_sim.figures.lines import Curve, Panel, curves_figure

    sweep = bench.sweep("sequencing")
    table = estimates(sweep, ["first", "pressed"])
    own = table[table["measure"] == "first"]
    panels = [
        Panel(
            title=f"The hegemon's stake is {words} ({stake:g})",
            x_label="severity of the hegemon's pressure (money per size and exposure)",
            y_label="payoff, hegemon first less rising first (1 = a budget)",
            curves=[
                Curve(f"it accepts {chance:.0%}", _over(part, SEVERITY))
                for chance, part in one.groupby(ACCEPTANCE, sort=True)
            ],
        )
        for (stake, one), words in zip(own.groupby(STAKE, sort=True), ("low", "high"), strict=True)
    ]
    figure = curves_figure(
        panels,
        title="Whom to ask first",
        subtitle="One year of trade projects; each state takes the first acceptance. Above 0: ask the hegemon first",
        notes=[
            _BUDGET,
            f"{_BANDS} ({_replicates(sweep)}). A power that refused has no objection to a deal with its rival",
        ],
        same_scale=True,
    )
    return Made({"sequencing": table}, figure)


@item(6, "Pressure and compliance, over exposure and stake", "pressure.toml")
def pressure(bench: Bench) -> Made:
    """How often states that play ANA are pressed, and how often they give in."""
    from ana_sim.figures.lines import Curve, Panel, curves_figure

    sweep = bench.sweep("pressure")
    table = estimates(sweep, ["pressed", "met", "cost", "rival"])
    shown = {
        "pressed": ("Who is pressed?", "share of state-years with a demand"),
        "met": ("Who gives in?", "share of demands that are met"),
        "rival": ("What remains of the rival?", "the rising power's share of projects"),
    }
    panels = [
        Panel(
            title=title,
            x_label="the hegemon's stake in networks",
            y_label=label,
            curves=[
                Curve(f"exposure {exposure:g}", _over(part, NETWORK_STAKE))
                for exposure, part in table[table["measure"] == measure].groupby(EXPOSURE, sort=True)
            ],
        )
        for measure, (title, label) in shown.items()
    ]
    figure = curves_figure(
        panels,
        title="Pressure and compliance",
        subtitle="Network projects, all states play active non-alignment; exposure: to the hegemon, at the start",
        notes=[
            f"{_BANDS} ({_replicates(sweep)}). Where nobody is pressed nobody can give in",
            "Deals of five years; the rival does not press, and no exclusion clauses are on offer",
        ],
        columns=3,
    )
    return Made({"pressure": table}, figure)


@item(7, "The demonstration effect in time", "demonstration.toml")
def demonstration(bench: Bench) -> Made:
    """What the hegemon does about a rival's lead, by year and by how fast it imitates."""
    from ana_sim.figures.lines import Curve, Panel, curves_figure

    sweep = bench.sweep("demonstration")
    table = by_year(sweep, ("deals", "spent"))
    world = sweep.scenario
    lag, states = world.world.demonstration.lag, len(world.state_names)
    names = ("does not imitate", "imitates slowly", "imitates fast")

    def curves(column: str, power: str) -> list[Curve]:
        own = table[(table["column"] == column) & (table["power"] == power)]
        return [
            Curve(f"{words} ({rate:g})", part.rename(columns={"year": "x"}))
            for words, (rate, part) in zip(names, own.groupby(RATE, sort=True), strict=True)
        ]

    marks = {float(world.start + lag): f"lag of {lag} years"}
    panels = [
        Panel(title, "year", label, curves(column, power), marks)
        for title, column, power, label in (
            ("The hegemon's deals", "deals", "hegemon", f"deals struck a year ({states} states)"),
            ("Its rival's deals", "deals", "rising", f"deals struck a year ({states} states)"),
            ("What the hegemon pays", "spent", "hegemon", "paid out, per unit of size (1 = a budget)"),
            ("What its rival pays", "spent", "rising", "paid out, per unit of size (1 = a budget)"),
        )
    ]
    figure = curves_figure(
        panels,
        title="Years of a rival's lead, then imitation",
        subtitle="Infrastructure; the rising power outbids the hegemon from the start. In brackets: speed of imitation",
        notes=[f"{_BANDS} ({_replicates(sweep)}). Before the lag is over all three are the same, since luck is"],
    )
    return Made({"demonstration": table}, figure)


def by_year(sweep: Sweep, columns: tuple[str, ...]) -> pd.DataFrame:
    """Means over replicates of what is reported of the powers, year by year.

    Returns
    -------
    DataFrame
        A row per column, factor value, power and year: ``column``, the factors, ``power``, ``year``, ``estimate``,
        ``low``, ``high``, ``replicates``.
    """
    factors = [factor.name for factor in sweep.factors]
    reported = sweep.powers.merge(sweep.points[["point", *factors]], on="point", validate="many_to_one")
    keys = [*factors, "power", "year"]
    tables = []
    for column in columns:
        wide = reported.pivot_table(index=keys, columns="replicate", values=column, observed=True)
        table = with_means(wide.index.to_frame(index=False), wide.to_numpy(np.float64))
        table.insert(0, "column", column)
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def _over(rows: pd.DataFrame, factor: str) -> pd.DataFrame:
    return rows.rename(columns={factor: "x"}).sort_values("x")


def _replicates(sweep: Sweep) -> str:
    return f"{sweep.request['replicates']} replicates of each point, seed {sweep.request['seed']}"
