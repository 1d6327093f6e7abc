"""Every parameter once: default, unit, ranges, meaning and source beside each other."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf
from typing import Any, Final, Literal, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from ana_sim.declare import (
    AllOrNames,
    Flag,
    Number,
    NumberOrRange,
    Range,
    Table,
    Text,
    Texts,
    Whole,
    fields_of,
    par,
    plain,
)
from ana_sim.listing import ParameterInfo, rows_of
from ana_sim.validation import validate

__all__ = [
    "ROOTS",
    "Bloc",
    "Change",
    "Demonstration",
    "Dials",
    "Horizon",
    "IdeologyDraw",
    "Issue",
    "Learning",
    "Legitimacy",
    "Link",
    "NeedDraw",
    "ParameterInfo",
    "Power",
    "Pressure",
    "Project",
    "PublicGoods",
    "Range",
    "Role",
    "Shocks",
    "States",
    "Strategies",
    "World",
    "fields_of",
    "parameter_table",
    "plain",
    "validate",
]

Role = Literal["hegemon", "rising", "third", "region"]
Instrument = Literal[
    "loan", "fta", "infrastructure", "network", "membership", "investment", "arms", "health", "recognition"
]
Kind = Literal["compatible", "divisible", "exclusive"]

AT_START: Final = "it is used once, at the start, and cannot vary in time"
TRIAL: Final = "trial"


# fmt: off
class Horizon(Table):
    """How long a world lasts."""

    years: Whole = par(
        40, unit="years", low=1, high=1000, fixed=AT_START, source=TRIAL, meaning="length of a run",
    )
    start: Whole = par(
        2010, unit="calendar year", low=1000, high=9999, fixed=AT_START, source="convention",
        meaning="calendar year of the first step, for axes and chronicles",
    )


class Demonstration(Table):
    """A power imitates a rival that is ahead of it, after a lag."""

    rate: Number = par(
        0.0, unit="share/year", low=0, high=1, source="Zeitz 2021; 0 is the null of Gibilisco et al.",
        meaning="eta: speed at which bids answer a rival's lead in deals; 0 switches imitation off",
    )
    lag: Whole = par(
        8, unit="years", low=0, high=1000, fixed=AT_START, source="Heine 2024: BRI 2013, PGII 2022",
        meaning="years between a rival's lead and the first answer",
    )
    trigger: Number = par(
        0.2, unit="share of deals", low=0, high=1, source=TRIAL,
        meaning="lead below which there is no answer",
    )


class PublicGoods(Table):
    """What the strongest supplier gives to all."""

    scale: Number = par(
        0.2, unit="money/size/year", low=0, high=100, source="Kindleberger 1973; Snidal 1985",
        meaning="kappa_G: public goods per unit of the supplier's standing",
    )
    status: Number = par(
        0.0, unit="years", low=0, high=100, source="Heine 2024",
        meaning="weight of the rising power's growth in share on what it supplies",
    )


class Shocks(Table):
    """Jumps of need."""

    own: Number = par(
        0.05, unit="per year", low=0, high=1, source=TRIAL, meaning="chance of a state's own shock",
    )
    common: Number = par(
        0.03, unit="per year", low=0, high=1, source=TRIAL, meaning="chance of a shock to all states",
    )
    size: Number = par(1.0, unit="need", low=0, high=100, source=TRIAL, meaning="jump of need in a shock")


class Bloc(Table):
    """The states' own coordination: a floor under bids, and votes."""

    members: AllOrNames = par(
        "all", fixed=AT_START, source="Heine 2024", meaning="states of the bloc, or all",
    )
    quorum: Number = par(
        0.5, unit="share of members", low=0, high=1, source="Heine 2024",
        meaning="free members that the bloc needs to act and to block a vote",
    )
    coordination: Number = par(
        0.0, unit="1", low=0, high=1, source=TRIAL,
        meaning="share of the highest losing bid that the bloc enforces",
    )
    captured: Number = par(
        0.0, unit="share of members", low=0, high=1, source="Heine 2024: the IDB presidency of 2020",
        meaning="members that vote and act with the hegemon",
    )
    office_value: Number = par(
        0.0, unit="money", low=0, high=inf, source="Heine 2024",
        meaning="what the office is worth to the hegemon",
    )
    vote_price: Number = par(
        0.0, unit="money/vote", low=0, high=inf, source=TRIAL, meaning="price of one vote",
    )
    ideology_slope: Number = par(
        1.0, unit="1/ideology", low=0, high=100, source="Milei's Cold War Diplomacy 2024",
        meaning="fall of coordination per unit of ideological spread",
    )


class Legitimacy(Table):
    """A power's standing among the states, lost by pressing."""

    initial: Number = par(
        0.5, unit="1", low=0, high=1, fixed=AT_START, source=TRIAL, meaning="Lambda at the start",
    )
    return_: Number = par(
        0.1, alias="return", unit="share/year", low=0, high=1, source=TRIAL,
        meaning="speed at which legitimacy returns to its initial value",
    )
    press: Number = par(
        0.2, unit="1", low=0, high=10, source=TRIAL, meaning="loss from pressing all states once",
    )
    force: Number = par(
        0.5, unit="1", low=0, high=10, source=TRIAL, meaning="loss from using force on all once",
    )


class Learning(Table):
    """States copy strategies that pay."""

    rate: Number = par(0.0, unit="per year", low=0, high=1, source=TRIAL, meaning="chance to look at a peer")
    strength: Number = par(
        5.0, unit="1/payoff", low=0, high=1e6, source="Traulsen, Nowak & Pacheco 2006 (Fermi rule)",
        meaning="b: steepness of copying in the difference of payoffs",
    )
    mutation: Number = par(
        0.0, unit="per year", low=0, high=1, source=TRIAL, meaning="chance to pick a strategy at random",
    )
    smoothing: Number = par(
        0.3, unit="share/year", low=0, above_low=True, high=1, source=TRIAL,
        meaning="weight of the last year's payoff",
    )


class World(Table):
    """The rules of the market for deals and of pressure: what no state and no power chooses."""

    posted_share: Number = par(
        0.5, unit="share of V", low=0, high=1, test_range=(0.1, 0.9),
        source="trial; Bernheim & Whinston 1986",
        meaning="phi: posted price as a share of the power's valuation",
    )
    outside_floor: Number = par(
        0.0, unit="money/size", low=0, high=100, source="Heine 2024: NDB, AIIB",
        meaning="r: terms of a pool for loans and infrastructure",
    )
    valuation_spread: Number = par(
        0.6, unit="1", low=0, high=1, test_range=(0.5, 1.0), source=TRIAL,
        meaning="xi = 1 - spread + spread U(0,1) multiplies valuations",
    )
    rationality: Number = par(
        inf, unit="1/payoff", low=0, high=inf, source="McFadden 1974 (logit)",
        meaning="precision of choices; inf is the best reply",
    )
    linkage: Flag = par(
        True, source="Hirschman 1945; Drezner 1999; false is the null of Wagner 1988",
        meaning="whether a threat draws on the exposure in all issues, not the issue's own alone",
    )
    memory_years: Whole = par(
        5, unit="years", low=0, high=1000, source="Heine 2024: Ecuador",
        meaning="years for which a power that refused has no objection",
    )
    clause_term: Whole = par(
        5, unit="years", low=0, high=1000, source="trial; DFC-Ecuador 2021",
        meaning="years for which an exclusion clause shuts the rival out of an issue",
    )
    clause_stake: Number = par(
        0.5, unit="share", low=0, high=1, source="trial; DFC-Ecuador 2021",
        meaning="least stake of a power in a state's issue at which it offers an exclusion clause",
    )
    ask_cost: Number = par(
        0.02, unit="money/size", low=0, high=100, test_range=(0.0, 0.04), source="trial; Weitzman 1979",
        meaning="cost of asking one power, divided by diplomatic capacity",
    )
    bid_cost: Number = par(
        0.02, unit="money/size", low=0, high=100, test_range=(0.0, 0.05), source=TRIAL,
        meaning="cost of a round of counter-bids, divided by diplomatic capacity",
    )
    split_cost: Number = par(
        0.005, unit="money/size", low=0, high=100, test_range=(0.0, 0.01), source=TRIAL,
        meaning="cost of a contested split",
    )
    switch_cost: Number = par(
        0.1, unit="money/size", low=0, high=100, source=TRIAL,
        meaning="cost of leaving an incumbent on exclusive issues",
    )
    rollover_cost: Number = par(
        0.1, unit="share of the old price", low=0, high=100, source="trial; Heine 2024: Argentina's swap",
        meaning="cost of an expired deal that is not renewed, times need",
    )
    abandonment: Number = par(
        1.0, unit="money/size", low=0, high=100, test_range=(0.0, 1.5), source="Snyder 1984",
        meaning="loss per unit of dependence when a power walks away",
    )
    duplication: Number = par(
        0.005, unit="money/size", low=0, high=100, test_range=(0.0, 0.03), source=TRIAL,
        meaning="cost of an even split of a divisible project",
    )
    club_cap: Number = par(
        0.1, unit="money/size/year", low=0, high=100, test_range=(0.0, 0.2), source="trial; Kikuchi & Liu",
        meaning="highest club rent per ally and size",
    )
    size_pull: Number = par(
        0.8, unit="exponent", low=0, high=3, source="trial; Friedman 1958",
        meaning="how a state's weight in a power's bids grows with its size",
    )
    exposure_gain: Number = par(
        0.10, unit="share/year", low=0, high=1, source=TRIAL, meaning="alpha when exposure rises",
    )
    exposure_loss: Number = par(
        0.05, unit="share/year", low=0, high=1, source=TRIAL, meaning="alpha when exposure falls",
    )
    belief_rate: Number = par(
        0.2, unit="share/year", low=0, high=1, source="trial; DeGroot 1974",
        meaning="speed at which believed delivery tracks what was delivered",
    )
    belief_social: Number = par(
        0.3, unit="share", low=0, high=1, source="trial; DeGroot 1974",
        meaning="weight of the neighbours' experience",
    )
    delivery_correlation: Number = par(
        0.0, unit="1", low=0, high=1, test_range=(0.0, 0.5), source=TRIAL,
        meaning="chance that the powers share the draw of delivery",
    )
    need_persistence: Number = par(
        0.7, unit="1/year", low=0, high=1, source=TRIAL,
        meaning="share of need's distance from its mean that stays",
    )
    demonstration: Demonstration = par(Demonstration(), source="Zeitz 2021", meaning="imitation")
    public_goods: PublicGoods = par(PublicGoods(), source="Kindleberger 1973", meaning="public goods")
    shocks: Shocks = par(Shocks(), source=TRIAL, meaning="shocks")
    turnover: Number = par(
        0.2, unit="per year", low=0, high=1, source=TRIAL, meaning="chance that a government changes",
    )
    insults: Number = par(
        0.0, unit="per year and ideological distance", low=0, high=10,
        source="Milei's Cold War Diplomacy 2024", meaning="rate of insults",
    )
    sunk: Number = par(
        0.1, unit="money/size", low=0, high=100, source="trial; Heine 2024: Panama's bridge",
        meaning="what breaking a standing deal costs beside its terms",
    )
    loosen: Number = par(
        0.1, unit="money/size", low=0, high=100, source="trial; Heine 2024: Panama's bridge",
        meaning="what a new government is readier to give up",
    )
    legitimacy_affinity: Number = par(
        0.1, unit="money/size", low=0, high=10, source=TRIAL,
        meaning="affinity per unit of legitimacy above one half",
    )
    network: Text = par(
        "complete", fixed="the network is drawn once, at the start", source="convention",
        meaning="who sees whom: complete, ring, regions or an edge list's path",
    )
    bloc: Bloc = par(Bloc(), source="Heine 2024", meaning="the states' coordination")
    legitimacy: Legitimacy = par(Legitimacy(), source=TRIAL, meaning="legitimacy")
    force_cost: Number = par(
        1.0, unit="money/size", low=0, high=100, source=TRIAL,
        meaning="what the use of force costs the state",
    )
    insult_fade: Number = par(
        0.5, unit="share/year", low=0, high=1, source=TRIAL,
        meaning="share of an insult that fades in a year",
    )
    learning: Learning = par(Learning(), source="Traulsen, Nowak & Pacheco 2006", meaning="learning")


class Pressure(Table):
    """How a power presses."""

    severity: Number = par(
        0.6, unit="money/size per exposure", low=0, high=10, test_range=(0.0, 1.5),
        source="trial; Hirschman 1945", meaning="tau: loss that pressure inflicts per unit of exposure",
    )
    cost: Number = par(
        0.05, unit="damage", low=0, high=inf, test_range=(0.0, 0.2), source="trial; Drezner 1999",
        meaning="c_P: damage below which pressing is not worth it; inf never presses",
    )
    legitimacy_weight: Number = par(
        0.3, unit="damage", low=0, high=inf, test_range=(0.0, 0.8), source="trial; Heine 2024: Ecuador",
        meaning="psi: weight of a missing objection",
    )
    fatigue: Number = par(
        0.1, unit="damage", low=0, high=inf, source=TRIAL,
        meaning="psi0: weight of the share of states just pressed",
    )
    execution: Number = par(
        0.8, unit="probability", low=0, high=1, source=TRIAL,
        meaning="epsilon: chance that a threat is carried out",
    )
    noise: Number = par(
        1.0, unit="1", low=0, high=1, source=TRIAL,
        meaning="s: spread of the cost of pressing, 1 - s + 2 s U(0,1)",
    )
    force_threshold: Number = par(
        2.0, unit="strategic weight", low=0, high=inf, source="Heine 2024: Chancay",
        meaning="K_F: a project's own strategic weight above which force is used; inf never",
    )
    success_initial: Number = par(
        0.5, unit="probability", low=0, high=1, fixed=AT_START, source=TRIAL, meaning="P at the start",
    )
    success_rate: Number = par(
        0.05, unit="share/pressing", low=0, high=1, source=TRIAL,
        meaning="speed at which P tracks compliance",
    )


_SIDES = {"hegemon": 1.0, "rising": -1.0}


class Power(Table):
    """A power that bids, refuses, attaches strings and presses."""

    name: Text = par(fixed=AT_START, source="convention", meaning="its name")
    role: Role = par("third", fixed=AT_START, source="Heine 2024", meaning="hegemon, rising, third or region")
    capability: Number = par(
        1.0, unit="hegemon's at the start", low=0, high=1e6, test_range=(0.3, 1.5), source="convention",
        meaning="C: economic weight; the hegemon's is the unit, so the test varies the rising power's",
    )
    growth: Number = par(
        0.0, unit="per year", low=-1, high=10, source=TRIAL, meaning="logistic growth rate of C",
    )
    ceiling: Number = par(
        inf, unit="C", low=0, above_low=True, high=inf, source=TRIAL, meaning="capability's ceiling",
    )
    openness: Number = par(
        1.0, unit="share", low=0, high=1, test_range=(0.2, 1.0),
        source="Heine 2024: a closed rival gives no leverage",
        meaning="omega: share of capability open to deals; the test varies the rising power's",
    )
    generosity: Number = par(
        1.0, unit="1", low=0, high=100, source=TRIAL, meaning="beta: budget per open capability",
    )
    inward_turn: Number = par(
        0.0, unit="1", low=0, high=100, test_range=(0.0, 1.0), source="Kindleberger 1973; Heine 2024",
        meaning="retrenchment of budget and acceptances per relative loss of share",
    )
    club_share: Number = par(
        0.2, unit="share of half the budget", low=0, high=1, test_range=(0.0, 0.4),
        source="trial; Kikuchi & Liu", meaning="lambda: what its declared allies share",
    )
    reliability: Number = par(
        0.95, unit="probability", low=0, high=1, test_range=(0.7, 1.0), source=TRIAL,
        meaning="pi: chance that it delivers this year",
    )
    channel: Number = par(
        0.3, unit="share", low=0, high=1, source="Milei's Cold War Diplomacy 2024: quiet diplomacy",
        meaning="chi: share of hostility that working channels absorb",
    )
    belief_initial: Number = par(
        unit="probability", low=0, high=2, follows=lambda given: given.get("reliability", 0.95),
        fixed=AT_START, source="Sanchez & Carreno 2009",
        meaning="what states first believe its reliability to be (its reliability unless stated); "
        "above 1 it overstates",
    )
    side: Number = par(
        unit="ideology", low=-1, high=1, follows=lambda given: _SIDES.get(given.get("role", "third"), 0.0),
        fixed=AT_START, source="convention", meaning="its pole: hegemon 1, rising -1, others 0 unless stated",
    )
    rivalry: dict[str, Number] = par(
        {}, unit="1", low=0, high=10, keyed_by="power", source=TRIAL,
        meaning="how much another power's share hurts it: 1 unless stated",
    )
    excluded: Texts = par(
        (), source="Milei's Cold War Diplomacy 2024", meaning="states it has no dealings with",
    )
    friends: Texts = par(
        (), source="Sanchez & Carreno 2009", meaning="powers whose gains do not hurt it; they bid as one",
    )
    pressure: Pressure = par(Pressure(), source="Drezner 1999", meaning="how it presses")


class Project(Table):
    """Size of a year's project: lognormal."""

    mean: Number = par(
        1.0, unit="project", low=0, above_low=True, high=1e6, source=TRIAL, meaning="mean of z",
    )
    sigma: Number = par(0.5, unit="log", low=0, high=5, source=TRIAL, meaning="sigma of log z")


class Issue(Table):
    """A field in which states place projects."""

    name: Text = par(fixed=AT_START, source="convention", meaning="its name")
    instrument: Instrument = par("fta", fixed=AT_START, source="Heine 2024", meaning="what is dealt in")
    kind: Kind = par(
        "compatible", fixed=AT_START,
        source="Heine 2024: Chile, Brazil; Sanchez & Carreno 2009: recognition",
        meaning="whether deals exclude each other, share a project, or neither",
    )
    arrival: Number = par(
        1.0, unit="weight", low=0, high=1e6, source=TRIAL, meaning="weight in the draw of projects",
    )
    need: Number = par(1.0, unit="1", low=0, high=100, source=TRIAL, meaning="multiplies a state's need")
    term: Whole = par(
        0, unit="years", low=0, high=1000, source=TRIAL, meaning="length of a deal; 0 is for good",
    )
    strategic: Number = par(
        1.0, unit="strategic weight", low=0, high=1e6, source="Heine 2024: Chancay",
        meaning="strategic weight of one project, against the force threshold",
    )
    project: Project = par(Project(), source=TRIAL, meaning="size of projects")
    interest: dict[str, Number] = par(
        {}, unit="1", low=0, high=1, keyed_by="power", source=TRIAL,
        meaning="v_gk: a power not named has none",
    )
    stake: dict[str, Number] = par(
        {}, unit="1", low=0, high=1, keyed_by="power", source="trial; Heine 2024",
        meaning="theta_gk: how much a rival's share hurts; a power not named has none",
    )
    acceptance: dict[str, Number] = par(
        {}, unit="probability", low=0, high=1, keyed_by="power", source="trial; Heine 2024",
        meaning="p_gk: chance that a power that is asked accepts; 1 for a power not named",
    )


class Link(Table):
    """What a power is expected to deliver on one issue counts for siding with it on another."""

    from_: Text = par(
        ..., alias="from", fixed=AT_START, source="Heine 2024: vaccines and networks", meaning="issue",
    )
    to: Text = par(
        ..., fixed=AT_START, source="Heine 2024: vaccines and networks", meaning="issue on which it counts",
    )
    weight: Number = par(0.0, unit="1", low=-100, high=100, source=TRIAL, meaning="l: weight of the link")


class Change(Table):
    """A time path of one parameter: a value from a year on, or a series from a CSV."""

    path: Text
    year: Whole | None = par(
        None, unit="step below 1000, else calendar year", low=0, high=9999, source="convention",
        meaning="first year",
    )
    value: Any = None
    file: Text | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.value is None) == (self.file is None):
            raise PydanticCustomError(
                "change", "needs either a year and a value, or a file with columns year, value"
            )
        if (self.year is None) != (self.value is None):
            raise PydanticCustomError("change", "needs a year beside its value, and none beside a file")
        return self


class NeedDraw(Table):
    """Need: a mean per state, and its yearly innovations."""

    mean: Number = par(1.0, unit="need", low=0, high=100, source=TRIAL, meaning="mean over states")
    sigma: Number = par(
        0.2, unit="need", low=0, high=10, fixed=AT_START, source=TRIAL, meaning="spread over states",
    )
    innovation: Number = par(
        0.1, unit="need/year", low=0, high=10, source=TRIAL, meaning="spread of yearly changes",
    )


class IdeologyDraw(Table):
    """Ideology of governments."""

    sigma: Number = par(
        0.057, unit="money/size", low=0, high=10, test_range=(0.0, 0.3),
        source="calibrated; Heine 2024: structure over ideology",
        meaning="spread of a government's score; affinity to a power is its side times the score",
    )


class States(Table):
    """The small states: generated, or a table."""

    source: Text = par(
        "generated", fixed=AT_START, source="convention",
        meaning="generated, a built-in table or the path of a CSV",
    )
    count: Whole = par(
        24, unit="states", low=1, high=100_000, fixed=AT_START, source=TRIAL,
        meaning="number of generated states",
    )
    size_sigma: Number = par(
        1.0, unit="log", low=0, high=5, fixed=AT_START, source=TRIAL,
        meaning="spread of log size; the mean size is 1",
    )
    need: NeedDraw = par(NeedDraw(), source=TRIAL, meaning="need")
    resources: NumberOrRange = par(
        1.0, unit="1", low=0, high=1e6, fixed=AT_START, source="Sanchez & Carreno 2009", meaning="draws bids",
    )
    strategic: NumberOrRange = par(
        1.0, unit="1", low=0, high=1e6, fixed=AT_START, source="Sanchez & Carreno 2009: the Canal",
        meaning="strategic location: multiplies stakes",
    )
    exposure: dict[str, NumberOrRange] = par(
        {}, unit="share", low=0, high=1, keyed_by="power", fixed=AT_START, source="trial; Hirschman 1945",
        meaning="A_ig at the start; 0 for a power not named",
    )
    ideology: IdeologyDraw = par(IdeologyDraw(), source=TRIAL, meaning="ideology")
    diplomatic_capacity: NumberOrRange = par(
        Range(low=0.5, high=1.0), unit="1", low=0, above_low=True, high=1, fixed=AT_START,
        source="Heine 2024: diplomatic skill",
        meaning="kappa: divides the costs of asking and bidding",
    )
    risk_aversion: NumberOrRange = par(
        4.0, unit="1/payoff", low=0, high=1000, test_range=(0.0, 8.0), fixed=AT_START,
        source="trial; Arrow 1965, Pratt 1964", meaning="rho: dislike of the variance of what is delivered",
    )


class Dials(Table):
    """A strategy: how a state asks, chooses and declares itself."""

    asks: Literal["all", "patron", "patron_first", "none"] = par(
        "all", source="Heine 2024", meaning="which powers are asked",
    )
    patron: Text | None = par(None, source="Heine 2024", meaning="the power it leans on: a name or a role")
    order: Literal["expected", "hegemon_first", "rising_first"] = par(
        "expected", source="Weitzman 1979; Heine 2024: Ecuador", meaning="in which order powers are asked",
    )
    search: Literal["all", "first", "stepwise"] = par(
        "all", source="Weitzman 1979",
        meaning="when asking stops: never, at the first acceptance, or when it pays no more",
    )
    counter_bids: Flag = par(
        False, source="Bernheim & Whinston 1986", meaning="lets the powers outbid each other",
    )
    splits: Flag = par(False, source="Kuik 2008: hedging", meaning="divides a project on a grid of eighths")
    declares: Flag = par(
        False, source="Kikuchi & Liu", meaning="declares itself its patron's ally, and has the rent",
    )
    caution: Number = par(
        1.0, unit="1", low=0, high=1e6, source=TRIAL, meaning="weight on expected penalties",
    )
    allocation: Literal["best", "equal", "random"] = par(
        "best", source="convention",
        meaning="best reply, forced equal shares, or one of the offers by chance",
    )

    @model_validator(mode="after")
    def _has_patron(self) -> Self:
        if self.patron is None and (self.asks in ("patron", "patron_first") or self.declares):
            raise PydanticCustomError(
                "patron", 'asks or declares for a patron, but names none: patron = "hegemon"'
            )
        return self


class Strategies(Table):
    """Who plays what."""

    mix: dict[str, Number] = par(
        dict.fromkeys(("align_hegemon", "align_rising", "hedge", "play_field", "ana"), 0.2), unit="weight",
        low=0, high=1e9, keyed_by="strategy", fixed=AT_START, source="convention",
        meaning="weights of the strategies in the population",
    )
    custom: dict[str, Dials] = par(
        {}, keyed_by="strategy", source="convention", meaning="strategies of one's own",
    )
    assignment: Literal["rotate", "size"] = par(
        "rotate", fixed=AT_START, source="convention", meaning="over states by rotation, or by size",
    )


# fmt: on


ROOTS: Final[Mapping[str, tuple[type[Table], tuple[str, ...]]]] = {
    "world": (World, ()),
    "power": (Power, ("NAME",)),
    "issue": (Issue, ("NAME",)),
    "link": (Link, ("FROM", "TO")),
    "states": (States, ()),
    "strategies": (Strategies, ()),
}
"""The first words of paths: the table that each stands for, and the words after it that name one of several."""


def parameter_table() -> list[ParameterInfo]:
    """Return all parameters, in the order of the file.

    Names that a user chooses stand in capitals: `power.NAME.openness`, `link.FROM.TO.weight`.
    """
    rows = list(rows_of("", Horizon))
    for head, (table, naming) in ROOTS.items():
        rows += rows_of(".".join((head, *naming)), table)
    return rows
