"""What the columns of the paper's tables hold, and their units."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pandas as pd

from ana_sim.figures.labels import parameter_of
from ana_sim.tables import BUDGET, TABLES, Column, describe
from ana_sim.tally import COMPONENTS

__all__ = ["OWN", "described"]

_UNIT: Final = "of what is measured"

OWN: Final[Mapping[str, Column]] = {
    column.name: column
    for column in (
        *describe("payoffs", COMPONENTS),
        Column("measure", "text", "", "what is measured, as the sweep's file defines it; a strategy: its lead"),
        Column("dial", "text", "", "the dial, in words"),
        Column("regime", "text", "", "regime of the rising power, in words"),
        Column("world", "text", "", "the world, in words"),
        Column("column", "text", "", "column of the table powers that is averaged"),
        Column("power", "text", "", "name of the power"),
        Column("strategy", "text", "", "name of the strategy"),
        Column("year", "int", "year", "calendar year"),
        Column("payoff", "float", BUDGET, "mean payoff per state, year and unit of size"),
        Column("estimate", "float", _UNIT, "mean over replicates"),
        Column("low", "float", _UNIT, "lower end of its 95% interval over replicates"),
        Column("high", "float", _UNIT, "upper end of its 95% interval over replicates"),
        Column("replicates", "int", "count", "replicates in which there was something to measure"),
        Column("behind", "float", BUDGET, "mean paired distance from the best strategy of the regime"),
        Column("behind_low", "float", BUDGET, "lower end of its 95% interval over replicates"),
        Column("behind_high", "float", BUDGET, "upper end of its 95% interval over replicates"),
        Column("among_best", "bool", "", "whether that interval reaches 0"),
        Column("state", "text", "", "the state that deviates"),
        Column("size", "float", "mean of all states", "GDP"),
        Column("quarter", "int", "", "quarter of the states by size, 0 the smallest"),
        Column("group", "text", "", "the quarter, in words"),
        Column("better", "text", "", "the alignment that is better for the state"),
        Column("size_low", "float", "mean of all states", "size of the smallest state of the quarter"),
        Column("size_high", "float", "mean of all states", "size of the largest state of the quarter"),
        Column("states", "int", "count", "states in the quarter"),
        Column("phase", "text", "", "phase of the year, in order"),
        Column("who", "text", "", "who acts in it"),
        Column("what", "text", "", "what happens"),
        Column("equation", "text", "", "the equations that decide"),
        Column("odd", "text", "", "sections of docs/odd.md"),
        Column("path", "text", "", "path of the parameter; names that a user chooses in capitals"),
        Column("valid_low", "float", "its own", "lower end of the validity range"),
        Column("valid_high", "float", "its own", "upper end of the validity range"),
        Column("default", "text", "its own", "default value"),
        Column("unit", "text", "", "unit"),
        Column("test_low", "float", "its own", "lower end of the frozen test range; missing without one"),
        Column("test_high", "float", "its own", "upper end of the frozen test range; missing without one"),
        Column("meaning", "text", "", "what it means"),
        Column("source", "text", "", "where it comes from"),
        Column("what_it_does", "text", "", "the strategy in a sentence"),
        Column("asks", "text", "", "whom it asks"),
        Column("patron", "text", "", "its patron"),
        Column("order", "text", "", "in which order it asks"),
        Column("search", "text", "", "how long it goes on asking"),
        Column("counter_bids", "bool", "", "whether it lets powers outbid each other"),
        Column("splits", "bool", "", "whether it splits projects"),
        Column("declares", "bool", "", "whether it declares for its patron, and has the club's rent"),
        Column("caution", "float", "1", "weight on expected penalties"),
        Column("allocation", "text", "", "how shares are chosen"),
        Column("name", "text", "", "the state, ISO 3166-1 alpha-3"),
        Column("full_name", "text", "", "its name in English"),
        Column("gdp", "float", "billion constant 2015 US$", "GDP of the year: what size is made of"),
        Column("need", "float", "mean of all states", "need: the poorer, the needier"),
        Column("resources", "float", "1 = average", "resources"),
        Column("strategic", "float", "1 = ordinary", "strategic location"),
        Column("diplomatic_capacity", "float", "share", "diplomatic capacity, kappa"),
        *(Column(f"ideology_{power}", "float", BUDGET, f"affinity to {power}") for power in ("usa", "china")),
        *(Column(f"exposure_{power}", "float", "share", f"trade with {power}") for power in ("usa", "china")),
        Column("recognises", "text", "", "the power that it recognises"),
        Column("deal_trade", "text", "", "powers with a trade agreement in force"),
        Column("region", "text", "", "region"),
    )
}
"""Columns that no table of a command has, by name."""


def described(kind: str, frame: pd.DataFrame) -> list[Column]:
    """What the columns of a table hold.

    Parameters
    ----------
    kind : str
        Name of a table of :mod:`ana_sim.tables`, or of one of the paper's own.
    frame : DataFrame
        The table.

    Raises
    ------
    KeyError
        If a column is not documented.
    """
    if kind in TABLES:
        return describe(kind, frame.columns)
    return [_described(str(name)) for name in frame.columns]


def _described(name: str) -> Column:
    """A column of the paper's own, a flag of the table of states, or a factor by its path."""
    if name in OWN:
        return OWN[name]
    if name.endswith("_flag"):
        return Column(name, "text", "", "how the value was come by; blank: the source's own")
    row = parameter_of(name)
    if row is None:
        raise KeyError(f"column {name} is not documented")
    return Column(name, "float", row.unit, row.meaning)
