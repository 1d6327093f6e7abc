"""The tables of runs and analyses: every column with its type, unit and meaning, and how a table is written.

Names in capitals stand for names of the scenario: ``share_POWER`` is ``share_hegemon``, ``share_rising``, ... A sweep's
points and measures have columns that the user names; whoever makes such a table says what they hold (``own``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from ana_sim.provenance import replacing

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from numpy.typing import ArrayLike

__all__ = [
    "FORMATS",
    "TABLES",
    "Column",
    "columns_of",
    "describe",
    "read_table",
    "schema",
    "to_arrow",
    "write_parquet",
    "write_table",
]

FORMATS: Final = ("parquet", "csv")
"""Formats that a table is written in."""

BUDGET: Final = "budget"
"""The unit of money: the hegemon's offerable budget per state and year at the start."""

Type = Literal["int", "float", "text", "bool"]


@dataclass(frozen=True)
class Column:
    """What is said about a column.

    Attributes
    ----------
    name
        Its name, or a stem with `POWER` or `ISSUE` for a family of columns.
    type
        ``int``, ``float``, ``text`` or ``bool``; any value may be missing.
    unit
        ``budget`` (see `BUDGET`), ``share``, ``rate``, ``year``, ``count``, ...; "" for names and words.
    meaning
        What it holds.
    """

    name: str
    type: Type
    unit: str
    meaning: str

    @property
    def stem(self) -> str | None:
        """What the names of a family of columns begin with; None for a single column."""
        for ending in ("POWER", "ISSUE"):
            if self.name.endswith(ending):
                return self.name.removesuffix(ending)
        return None


_POINT: Final = Column("point", "int", "", "point of a sweep; 0 in a single world")
_REPLICATE: Final = Column("replicate", "int", "", "number of the replicate: its own luck under the seed")
_SEED: Final = Column("seed", "int", "", "seed of all luck")
_YEAR: Final = Column("year", "int", "year", "calendar year")
_STATE: Final = Column("state", "text", "", "name of the state")
_COMPONENTS: Final = (
    Column("terms", "float", BUDGET, "terms of deals delivered, times need; with links and switching costs"),
    Column("affinity", "float", BUDGET, "affinity of the government to the powers that it deals with"),
    Column("club", "float", BUDGET, "rent of a declared ally, and payment for a vote"),
    Column("public_goods", "float", BUDGET, "public goods that the leading power supplies"),
    Column("duplication", "float", BUDGET, "cost of what two powers build side by side"),
    Column("asks", "float", BUDGET, "cost of asking, of rounds of counter-bids and of contested splits"),
    Column("pressure", "float", BUDGET, "penalties, what was sunk in deals given up, and force"),
    Column("shock", "float", BUDGET, "shocks to need, deals not renewed, and a power that failed to deliver"),
)
_PAYOFF: Final = "payoff per unit of the state's own size: the sum of its components, all realised"

PAYOFFS: Final = (
    _POINT,
    _REPLICATE,
    _SEED,
    Column("strategy", "text", "", "strategy played"),
    Column("deviator", "text", "", "who changes its strategy: a state, or all"),
    Column("state", "text", "", "state whose payoff it is, or all"),
    Column("payoff", "float", BUDGET, f"mean {_PAYOFF}"),
    *_COMPONENTS,
    Column("risk", "float", BUDGET, "charge for risk beforehand, -(rho/2) Var; not part of the payoff"),
    Column("regret", "float", BUDGET, "payoff of the best strategy under the same luck, less this one"),
    Column("offer_value", "float", BUDGET, "mean terms per project, placed or not, before need"),
    Column("leverage", "float", "share", "gain of the price over the posted one, (b - phi V)/V, over prices paid"),
    Column("pressed", "float", "rate", "state-years in which a power pressed"),
    Column("complied", "float", "rate", "state-years in which the state gave in"),
    Column("forced", "float", "rate", "state-years in which a deal was cancelled by force"),
    Column("refused", "float", "rate", "state-years in which a power that was asked refused"),
    Column("share_POWER", "float", "share", "mean share of the year's project that the power has"),
    Column("exposure_POWER", "float", "share", "mean exposure to the power over all issues"),
    Column("concentration", "float", "1", "Herfindahl index of exposure"),
    Column("equidistance", "float", "1", "1 - |mean share of the hegemon - mean share of the rising power|"),
    Column("issue_spread", "float", "1", "variance over issues of the hegemon's share less the rising power's"),
    Column("n", "int", "state-years", "number of state-years that the means are over"),
)
"""Columns of ``payoffs``: means over state-years of a strategy, or of a deviating state."""

POWERS: Final = (
    _POINT,
    _REPLICATE,
    _YEAR,
    Column("power", "text", "", "name of the power"),
    Column("capability", "float", "hegemon at the start", "capability"),
    Column("share", "float", "share", "share of all capability"),
    Column("openness", "float", "share", "openness to small states"),
    Column("budget", "float", BUDGET, "offerable budget per unit of size"),
    Column("spent", "float", BUDGET, "what was paid out, per unit of size; never above the budget"),
    Column("club_rent", "float", BUDGET, "rent of each declared ally, per unit of its size"),
    Column("public_goods", "float", BUDGET, "public goods that it supplies to each state"),
    Column("legitimacy", "float", "share", "legitimacy"),
    Column("influence", "float", "1", "size-weighted lead in shares times stake, plus legitimacy, less spending"),
    Column("deals", "int", "count", "deals struck this year"),
    Column("pressings", "int", "count", "times it pressed a state this year"),
    Column("force", "int", "count", "times it used force this year"),
    Column("office", "int", "count", "1 if it bought the vote on the office this year"),
)
"""Columns of ``powers``: a row per power and year."""

STATES: Final = (
    _REPLICATE,
    _YEAR,
    _STATE,
    Column("strategy", "text", "", "strategy that it plays this year"),
    Column("size", "float", "mean of all states", "size"),
    Column("need", "float", "1", "need for projects"),
    Column("lean", "float", "1", "ideology of the government: above 0 to the hegemon, below 0 to the rising power"),
    Column("issue", "text", "", "issue of this year's project; empty for none"),
    Column("payoff", "float", BUDGET, _PAYOFF),
    *_COMPONENTS,
    Column("pressed", "bool", "", "whether a power pressed"),
    Column("complied", "bool", "", "whether it gave in"),
    Column("forced", "bool", "", "whether a deal was cancelled by force"),
    Column("refused", "bool", "", "whether a power that it asked refused"),
    Column("share_POWER", "float", "share", "share of this year's project that the power has"),
    Column("exposure_POWER", "float", "share", "exposure to the power over all issues, at the end of the year"),
    Column("belief_POWER", "float", "probability", "believed reliability of the power"),
    Column("affinity_POWER", "float", "1", "affinity of the government to the power"),
    Column("holds_ISSUE", "text", "", "powers with a deal in force on the issue, joined by semicolons"),
)
"""Columns of ``states``: a row per state and year."""

DEALS: Final = (
    _REPLICATE,
    _YEAR,
    _STATE,
    Column("strategy", "text", "", "strategy of the state"),
    Column("power", "text", "", "power that it is struck with"),
    Column("issue", "text", "", "issue"),
    Column("instrument", "text", "", "instrument of the issue: loan, fta, ..."),
    Column("kind", "text", "", "compatible, divisible or exclusive"),
    Column("share", "float", "share", "share of the project"),
    Column("price", "float", BUDGET, "price of a full share, per unit of size and before need"),
    Column("amount", "float", BUDGET, "share times price times size: what the power owes"),
    Column("delivered", "bool", "", "whether the power delivered"),
    Column("until", "int", "year", "calendar year in which it falls due; missing for a deal for good"),
    Column("detail", "text", "", "what is particular about it"),
)
"""Columns of ``deals``: a row per power in a deal struck."""

EVENTS: Final = (
    _REPLICATE,
    _YEAR,
    _STATE,
    Column("kind", "text", "", "what happened: asked, refused, offered, accepted, pressed, ..."),
    Column("power", "text", "", "power that it happened with; empty for none"),
    Column("issue", "text", "", "issue; empty for none"),
    Column("offer", "float", BUDGET, "price offered or agreed for a full share, where there is one"),
    Column("share", "float", "share", "share of the project; of a pressing, the rivals' share that hurts"),
    Column("detail", "text", "", "what is particular about it"),
)
"""Columns of ``events``, in the order in which they happened within a year and state."""

COMPARE: Final = (
    Column("strategy", "text", "", "strategy"),
    Column("n_replicates", "int", "count", "independent replicates"),
    Column("n_pairs", "int", "count", "paired cases: deviating states in replicates"),
    Column("payoff", "float", BUDGET, "mean payoff per state, year and unit of size"),
    Column("difference", "float", BUDGET, "mean paired difference from the baseline under the same luck"),
    Column("low", "float", BUDGET, "lower end of the BCa bootstrap interval of the difference"),
    Column("high", "float", BUDGET, "upper end of the BCa bootstrap interval of the difference"),
    Column("p", "float", "probability", "p of the paired t-test over replicates"),
    Column("p_holm", "float", "probability", "p adjusted by Holm over all strategies but the baseline"),
    Column("effect_size", "float", "standard deviations", "Hedges g_av over pairs"),
    Column("superiority", "float", "share", "pairs that do better than with the baseline, ties half"),
    Column("certainty_equivalent", "float", BUDGET, "sure payoff that a risk-averse state would take instead"),
    Column("tail_5", "float", BUDGET, "mean payoff of the worst 5% of pairs"),
    Column("regret", "float", BUDGET, "mean over pairs of the best strategy's payoff less its own"),
    *(
        column
        for part in _COMPONENTS
        for column in (
            part,
            Column(f"d_{part.name}", "float", BUDGET, f"difference from the baseline in: {part.meaning}"),
        )
    ),
    Column("baseline", "text", "", "strategy that the differences are from"),
    Column("level", "float", "share", "nominal coverage of the interval"),
)
"""Columns of ``compare``: a row per strategy."""

POINTS: Final = (
    _POINT,
    Column("varied", "text", "", "factor that is varied here; missing where none is"),
)
"""Columns of ``points``, a row per point of a sweep; besides, a column per factor."""

MEASURES: Final = (_POINT, _REPLICATE, _SEED)
"""Columns of ``measures``, a row per point and replicate; besides, a column per measure."""

FAILURES: Final = (
    _POINT,
    _REPLICATE,
    _SEED,
    Column("stage", "text", "", "what was being done"),
    Column("reason", "text", "", "why it failed"),
)
"""Columns of ``failures``: a row per run that failed."""

_MEASURE: Final = Column("measure", "text", "", "what is explained: a measure's name, or an expression")
_FACTOR: Final = Column("factor", "text", "", "what is varied: the path of a parameter, or a name for several")

SENSITIVITY: Final = (
    _MEASURE,
    Column(
        "index",
        "text",
        "",
        "S1, ST, S2: share of the variance of point means, alone, with all interactions, as a pair; mu_star, mu, "
        "sigma: mean absolute, mean and spread of elementary effects over the whole range; swing: largest less "
        "smallest mean",
    ),
    _FACTOR,
    Column("other", "text", "", "the other factor of a pair; empty for none"),
    Column("value", "float", "share or measure", "the index: a share for S1, ST, S2, else in the measure's unit"),
    Column("low", "float", "share or measure", "lower end of its 95% interval, where there is one"),
    Column("high", "float", "share or measure", "upper end of its 95% interval, where there is one"),
    Column("points", "int", "count", "points with results that the index rests on"),
    Column("replicates", "int", "count", "replicates of each point"),
    Column("noise", "float", "share", "share of the variance between point means that is luck"),
)
"""Columns of ``sensitivity``: a row per measure, index and factor."""

CURVES: Final = (
    _MEASURE,
    _FACTOR,
    Column("level", "text", "", "value of the factor, as it is written"),
    Column("at", "float", "", "the same as a number; missing for words"),
    Column("base", "bool", "", "whether it is the value at the base point"),
    Column("mean", "float", "measure", "mean over replicates"),
    Column("low", "float", "measure", "lower end of its 95% interval over replicates"),
    Column("high", "float", "measure", "upper end of its 95% interval over replicates"),
    Column("difference", "float", "measure", "mean paired difference from the base point under the same luck"),
    Column("difference_low", "float", "measure", "lower end of its 95% interval over replicates"),
    Column("difference_high", "float", "measure", "upper end of its 95% interval over replicates"),
    Column("replicates", "int", "count", "replicates with results"),
)
"""Columns of ``curves``: a row per measure, factor and level of an OFAT design."""

_X: Final = Column("x", "float", "", "value of the first factor, or the middle of the bin")
_Y: Final = Column("y", "float", "", "value of the second factor, or the middle of the bin; missing without one")

REGIMES: Final = (
    Column("x_factor", "text", "", "first factor"),
    Column("y_factor", "text", "", "second factor; empty for none"),
    _X,
    Column("x_low", "float", "", "lower end of the cell along the first factor"),
    Column("x_high", "float", "", "upper end of the cell along the first factor"),
    _Y,
    Column("y_low", "float", "", "lower end of the cell along the second factor"),
    Column("y_high", "float", "", "upper end of the cell along the second factor"),
    Column("points", "int", "count", "points with results in the cell"),
    Column("replicates", "int", "count", "replicates with results"),
    Column("best", "text", "", "strategy with the highest mean payoff"),
    Column("second", "text", "", "strategy with the next"),
    Column("lead", "float", BUDGET, "mean paired difference between them under the same luck"),
    Column("low", "float", BUDGET, "lower end of its 95% interval over replicates"),
    Column("high", "float", BUDGET, "upper end of its 95% interval over replicates"),
    Column("p", "float", "probability", "largest p of the paired t-tests of the best against each other strategy"),
    Column("p_fdr", "float", "probability", "p adjusted for the number of cells (false discovery rate)"),
    Column("significant", "bool", "", "whether the adjusted p is below 0.05"),
)
"""Columns of ``regimes``: a row per cell with results."""

REGIME_PAYOFFS: Final = (
    _X,
    _Y,
    Column("strategy", "text", "", "strategy"),
    Column("payoff", "float", BUDGET, "mean payoff in the cell, per state, year and unit of size"),
    Column("low", "float", BUDGET, "lower end of its 95% interval over replicates"),
    Column("high", "float", BUDGET, "upper end of its 95% interval over replicates"),
)
"""Columns of ``regime_payoffs``: a row per cell and strategy."""

REGIME_SHARES: Final = (
    Column("strategy", "text", "", "strategy"),
    Column("cells", "int", "count", "cells with results"),
    Column("best", "float", "share", "share of the cells in which it is best"),
    Column("significant", "float", "share", "share of the cells in which it is best by a significant lead"),
)
"""Columns of ``regime_shares``: a row per strategy."""

BREAK_EVEN: Final = (
    Column("kind", "text", "", "break_even: ana against the best alignment; boundary: between the regions of two"),
    Column("strategy", "text", "", "one of the two that pay the same"),
    Column("other", "text", "", "the other; align_* for whichever aligned strategy pays best there"),
    Column("line", "int", "", "number of the line that the point lies on, in its order"),
    Column("x", "float", "", "value of the first factor"),
    Column("y", "float", "", "value of the second factor; missing without one"),
)
"""Columns of ``break_even``: a row per point of a line."""

ROBUSTNESS: Final = (
    Column("strategy", "text", "", "strategy"),
    Column("points", "int", "count", "futures: points with results"),
    Column("replicates", "int", "count", "replicates of each point"),
    Column("payoff", "float", BUDGET, "mean payoff over futures, per state, year and unit of size"),
    Column("worst", "float", BUDGET, "its payoff in the worst future for it"),
    Column("worst_point", "int", "", "the point where that is"),
    Column("max_regret", "float", BUDGET, "largest regret: what the best strategy of a future pays more"),
    Column("max_regret_point", "int", "", "the point where that is"),
    Column("mean_regret", "float", BUDGET, "mean regret over futures"),
    Column("regret_90", "float", BUDGET, "regret that is not exceeded in 90% of futures"),
    Column(
        "satisfices", "float", "share", "share of futures in which it is good enough; missing if it sets the threshold"
    ),
    Column("low", "float", "share", "lower end of its 95% Wilson interval over futures"),
    Column("high", "float", "share", "upper end of its 95% Wilson interval over futures"),
    Column("best", "float", "share", "share of futures in which none pays more"),
    Column("significant", "float", "share", "share of futures in which it is best by a significant lead"),
    Column("threshold", "text", "", "what is good enough: a payoff, or the strategy whose payoff must be equalled"),
)
"""Columns of ``robustness``: a row per strategy, the least maximum regret first."""

FUTURES: Final = (
    Column("point", "int", "", "point of the sweep"),
    Column("strategy", "text", "", "strategy"),
    Column("payoff", "float", BUDGET, "mean payoff over replicates, per state, year and unit of size"),
    Column("regret", "float", BUDGET, "what the best strategy of the future pays more"),
    Column("threshold", "float", BUDGET, "payoff that is good enough"),
    Column("satisfices", "bool", "", "whether it is good enough; missing if it sets the threshold"),
)
"""Columns of ``futures``: a row per future and strategy."""

_PART: Final = (
    Column(
        "estimate", "float", "budget or rate", "mean of the contrast over replicates; missing if nothing was comparable"
    ),
    Column("low", "float", "budget or rate", "lower end of its 95% interval (Student's t over replicates)"),
    Column("high", "float", "budget or rate", "upper end of its 95% interval"),
    Column("delta", "float", "budget or rate", "effect size of interest: 5% of mean terms, or 5 points of a rate"),
    Column("replicates", "int", "count", "replicates in which there was something to compare"),
)

FACTS: Final = (
    Column("fact", "text", "", "name of the stylised fact"),
    Column("section", "text", "", "A: the cases; B: the system"),
    Column("kind", "text", "", "emergent (evidence), near-identity (verification) or conjecture (beyond its source)"),
    Column("family", "text", "", "module of ana_sim.facts that it stands in"),
    Column("claim", "text", "", "the case or claim"),
    Column("vary", "text", "", "what is varied"),
    Column("expect", "text", "", "what should follow"),
    Column("falsified_by", "text", "", "what would falsify it"),
    Column("verdict", "text", "", "holds (all parts do), fails (one does) or undecided"),
    Column("deciding_part", "text", "", "of the parts with the worst verdict, the one that falls short most"),
    Column("part_expects", "text", "", "more: above delta; none: within it; no less: not below it; zero: 0 exactly"),
    *_PART,
    Column("ablation", "text", "", "mechanism switched off that must break it; blank where it is no evidence"),
    Column("ablated_part", "text", "", "the part that decides with the ablation"),
    Column("ablated_estimate", "float", "budget or rate", "its mean over replicates"),
    Column("ablated_delta", "float", "budget or rate", "its effect size of interest"),
    Column("ablated_verdict", "text", "", "verdict with the ablation"),
    Column("ablation_breaks", "text", "", "yes if a fact that holds no longer does with the ablation, else no"),
    Column("source", "text", "", "where it is claimed"),
    Column("reading", "text", "", "what a reader takes from it"),
)
"""Columns of ``facts``: a row per fact."""

FACTS_PARTS: Final = (
    Column("fact", "text", "", "name of the stylised fact"),
    Column("world", "text", "", "as it is, or ablated"),
    Column("part", "text", "", "what is compared with what"),
    Column("expects", "text", "", "more: above delta; none: within it; no less: not below it; zero: 0 exactly"),
    Column("counts", "bool", "", "whether the verdict depends on it"),
    *_PART,
    Column("verdict", "text", "", "holds, fails or undecided"),
)
"""Columns of ``facts_parts``: a row per part of a fact, as it is and with the ablation."""

DISPUTES: Final = (
    Column("dispute", "text", "", "name of the dispute"),
    Column("curve", "text", "", "which of its curves"),
    Column("x", "float", "", "value of the parameter that decides it, in the unit that the figure states"),
    Column("estimate", "float", "", "mean of the outcome over replicates, in the unit that the figure states"),
    Column("low", "float", "", "lower end of its 95% interval (Student's t over replicates)"),
    Column("high", "float", "", "upper end of its 95% interval"),
    Column("replicates", "int", "count", "replicates"),
)
"""Columns of ``disputes``: a row per point of a curve."""
HINDCAST: Final = (
    _STATE,
    Column(
        "year", "int", "year", "calendar year; to 2010 judged, fitted on 2001-2005; after it forecast, on 2001-2010"
    ),
    Column(
        "quantity",
        "text",
        "",
        "china_trade_ratio: China's part of trade with the United States and China, exports and imports together; "
        "joins_club: whether it is a member of the Belt and Road at the year's end; recognises_rising: whether it "
        "recognises Beijing",
    ),
    Column("median", "float", "share or probability", "median of the ratio; or the probability: share of replicates"),
    Column(
        "low",
        "float",
        "share or probability",
        "lower end of the 80% interval: of the ratio, luck and noise together; of a probability, Wilson's over "
        "replicates",
    ),
    Column("high", "float", "share or probability", "upper end of the same"),
)
"""Columns of ``hindcast``: a row per state, year and quantity."""

HINDCAST_SCORES: Final = (
    Column("period", "text", "", "years that are judged: all, then each"),
    Column("states", "int", "count", "states that are judged"),
    Column("model", "float", "share", "mean absolute error of the median of china_trade_ratio, over states and years"),
    Column("persistence", "float", "share", "the same of the last year that is fitted on, 2005"),
    Column("trend", "float", "share", "the same of the state's least-squares line of 2001-2005, within 0 to 1"),
    Column("coverage", "float", "share", "share of the record within the 80% interval"),
    Column("under", "float", "share", "share of the record below it"),
    Column("over", "float", "share", "share of the record above it"),
    Column("width", "float", "share", "mean width of the interval"),
)
"""Columns of ``hindcast_scores``: a row per judged period."""

HINDCAST_FITS: Final = (
    Column("from_year", "int", "year", "first year of the fit"),
    Column("to_year", "int", "year", "last year of the fit"),
    Column("ties", "float", "1", "a: elasticity of the odds in relative exposure"),
    Column("size", "float", "1", "b: elasticity of the odds in relative capability"),
    Column("sigma", "float", "log-odds", "standard deviation of a year's noise"),
    Column("changes", "int", "count", "one-year changes that the elasticities rest on"),
    Column("covered", "float", "share", "share of the changes within the years of the fit that 80% intervals hold"),
)
"""Columns of ``hindcast_fits``: a row per fit."""

TABLES: Final[Mapping[str, tuple[Column, ...]]] = {
    "payoffs": PAYOFFS,
    "powers": POWERS,
    "states": STATES,
    "deals": DEALS,
    "events": EVENTS,
    "compare": COMPARE,
    "points": POINTS,
    "measures": MEASURES,
    "failures": FAILURES,
    "sensitivity": SENSITIVITY,
    "curves": CURVES,
    "regimes": REGIMES,
    "regime_payoffs": REGIME_PAYOFFS,
    "regime_shares": REGIME_SHARES,
    "break_even": BREAK_EVEN,
    "robustness": ROBUSTNESS,
    "futures": FUTURES,
    "facts": FACTS,
    "facts_parts": FACTS_PARTS,
    "disputes": DISPUTES,
    "hindcast": HINDCAST,
    "hindcast_scores": HINDCAST_SCORES,
    "hindcast_fits": HINDCAST_FITS,
}
"""All tables by name, with their columns."""


def describe(table: str, columns: Iterable[str], own: Iterable[Column] = ()) -> list[Column]:
    """Return what is said about the columns of a table, under the names that they have there.

    Parameters
    ----------
    table
        Name of the table (`TABLES`).
    columns
        Names of its columns.
    own
        Columns that the user named.

    Raises
    ------
    KeyError
        If there is no such table, or a column is not documented.

    Examples
    --------
    >>> [column.unit for column in describe("powers", ["budget", "deals"])]
    ['budget', 'count']
    """
    fixed = {column.name: column for column in TABLES[table] if column.stem is None}
    named = {column.name: column for column in own} | fixed
    return [named.get(name) or _of_family(table, name) for name in map(str, columns)]


def _of_family(table: str, name: str) -> Column:
    for column in TABLES[table]:
        if column.stem and name.startswith(column.stem) and name != column.stem:
            return Column(name, column.type, column.unit, column.meaning)
    raise KeyError(f"table {table}: column {name} is not documented")


def schema(table: str, columns: Iterable[str], own: Iterable[Column] = ()) -> pa.Schema:
    """Return the Arrow schema of a table: the type of each column, with its unit and meaning.

    Words are plain strings, not Arrow's dictionaries: a Parquet file holds each word once either way, and every
    reader knows strings.

    Parameters
    ----------
    table, columns, own
        As for `describe`.

    Raises
    ------
    KeyError
        If there is no such table, or a column is not documented.

    Examples
    --------
    >>> schema("measures", ["point", "premium"], [Column("premium", "float", "", "payoff[ana] - payoff[hedge]")]).types
    [DataType(int64), DataType(double)]
    """
    import pyarrow as pa

    types = _arrow_types()
    fields = [
        pa.field(column.name, types[column.type], metadata={"unit": column.unit, "meaning": column.meaning})
        for column in describe(table, columns, own)
    ]
    units = {"table": table, BUDGET: "1 = the hegemon's offerable budget per state and year at the start"}
    return pa.schema(fields, metadata=units)


def columns_of(schema: pa.Schema) -> list[Column]:
    """Return what a schema (`schema`) says about its columns.

    Raises
    ------
    KeyError
        If it says nothing about one, or has a type that no table has.
    """
    words = {type: word for word, type in _arrow_types().items()}
    found = []
    for field in schema:
        about = field.metadata or {}
        if b"meaning" not in about:
            raise KeyError(f"column {field.name} is not documented")
        found.append(Column(field.name, words[field.type], about[b"unit"].decode(), about[b"meaning"].decode()))
    return found


def to_arrow(data: pd.DataFrame | Mapping[str, ArrayLike], table: str, own: Iterable[Column] = ()) -> pa.Table:
    """Return a table in Arrow, with the type, unit and meaning of each column in its schema.

    What is missing is null there, in columns of numbers too: not every reader takes NaN for missing.

    Parameters
    ----------
    data
        The table, or its columns by name. One without columns (nothing happened) gets all that do not depend on names.
    table
        Its name (`TABLES`).
    own
        Columns that the user named.

    Raises
    ------
    KeyError
        If a column is not documented.
    """
    import pyarrow as pa

    names = [str(name) for name in data] or [column.name for column in TABLES[table] if column.stem is None]
    fields = schema(table, names, own)
    arrays = [pa.array(data.get(field.name, []), type=field.type, from_pandas=True) for field in fields]
    return pa.Table.from_arrays(arrays, schema=fields)


def write_parquet(table: pa.Table, sink: str | Path | pa.NativeFile) -> None:
    """Write a table as Parquet, the same bytes for the same table however it is held in memory.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    from pyarrow import parquet

    parquet.write_table(table, sink, compression="zstd")


def write_table(frame: pd.DataFrame, path: Path, format: str) -> None:
    """Write a table of a run, whole or not at all; no number is rounded.

    Parameters
    ----------
    frame
        The table.
    path
        Where to; its stem is the table's name (`TABLES`), and a file that is there is replaced.
    format
        ``parquet`` (units and meanings are in the schema) or ``csv``.

    Raises
    ------
    KeyError
        If a column is not documented, or there is no such table.
    ValueError
        If there is no such format.
    OSError
        If the file cannot be written.
    """
    if format not in FORMATS:
        raise ValueError(f"format = {format!r}: must be one of {', '.join(FORMATS)}")
    table = to_arrow(frame, path.stem)
    with replacing(path) as file:
        if format == "csv":
            from pyarrow import csv

            csv.write_csv(table, file, csv.WriteOptions(quoting_style="needed"))
        else:
            write_parquet(table, file)


def read_table(path: Path) -> pd.DataFrame:
    """Read a table that `write_table` wrote, with the values that it had.

    Raises
    ------
    OSError, ValueError
        If it cannot be read.
    """
    import pandas as pd

    if path.suffix == ".parquet":
        return pd.read_parquet(path)
    from pyarrow import csv

    names = pd.read_csv(path, nrows=0).columns
    types = {column.name: _arrow_types()[column.type] for column in describe(path.stem, names)}
    frame: pd.DataFrame = csv.read_csv(path, convert_options=csv.ConvertOptions(column_types=types)).to_pandas()
    return frame


def _arrow_types() -> dict[Type, pa.DataType]:
    import pyarrow as pa

    return {"int": pa.int64(), "float": pa.float64(), "text": pa.string(), "bool": pa.bool_()}
