"""What the compiled engine computes on: records with the names of the scenario file, and the arrays they make up."""

from __future__ import annotations

from collections.abc import Mapping
from operator import attrgetter
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ana_sim.luck import PURPOSES
from ana_sim.parameters import Issue, Power, World
from ana_sim.philox import WORDS
from ana_sim.records import record
from ana_sim.rules.deal import Ways
from ana_sim.tally import BESIDE, COMPONENTS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]
Records = Any
"""An array of records: a field of one is read and set by its name, in Python and in machine code."""


def _numbers(table: Any, prefix: str = "", path: str = "") -> dict[str, tuple[str, type]]:
    """Numbers and flags of a table: ``pressure_severity`` with its path, ``pressure.severity``, and its type."""
    found: dict[str, tuple[str, type]] = {}
    for key in type(table).model_fields:
        value, name, at = getattr(table, key), prefix + key.rstrip("_"), path + key
        if hasattr(type(value), "model_fields"):
            found |= _numbers(value, f"{name}_", f"{at}.")
        elif isinstance(value, bool | int | float):
            found[name] = (at, type(value))
    return found


_KINDS: Mapping[type, type] = {bool: np.bool_, int: np.int64, float: np.float64}
_TABLES = (World(), Power(name="power"), Issue(name="issue"))
_READERS = {type(table): attrgetter(*(at for at, _ in _numbers(table).values())) for table in _TABLES}


def _parameters(table: Any) -> dict[str, type]:
    return {name: _KINDS[kind] for name, (_, kind) in _numbers(table).items()}


def filled(like: np.dtype[Any], table: World | Power | Issue, **others: object) -> tuple[object, ...]:
    """The fields of a record of this layout, in order: the table's parameters, then what else there is, by name."""
    parameters = _READERS[type(table)](table)
    return (*parameters, *(others[name] for name in (like.names or ())[len(parameters) :]))


# -- what is given: the parameters of a year, and the states of a replicate --

WORLD = record(
    {
        **_parameters(_TABLES[0]),
        "need_innovation": float,
        "ideology_sigma": float,
        "arrivals": float,  # the last of the cumulated arrivals
        "last_issue": np.int64,  # the last issue that arrives at all
    }
)
"""The parameters ``[world]`` of a year."""

POWER = record(
    {
        **_parameters(_TABLES[1]),
        "role": np.int64,  # a place in ROLES
        "stated": np.bool_,  # whether a time path states its capability
    }
)
"""The parameters of a power."""

LARGE, BEYOND = 0.95, 0.96
"""A draw of a project's size above which it is large, and the draw whose size says what is: the gap is for rounding."""

ISSUE = record(
    {
        **_parameters(_TABLES[2]),
        "kind": np.int64,  # COMPATIBLE, DIVISIBLE or EXCLUSIVE
        "pool": float,  # r, what the outside pool pays on it
        "weight": float,  # w_k, its part of all arrivals
        "arrivals": float,  # cumulated
        "linked": np.bool_,  # whether what is expected elsewhere counts for siding on it
        "large": float,  # a size that a project exceeds only if its draw is above LARGE
    }
)
"""The parameters of an issue."""

INTEREST = record({"interest": float, "stake": float, "acceptance": float})
"""v_gk, theta_gk, p_gk: what a power makes of an issue."""

DIALS = record(
    {
        "asks": np.int64,
        "patron": np.int64,
        "order": np.int64,
        "search": np.int64,
        "counter_bids": np.bool_,
        "splits": np.bool_,
        "declares": np.bool_,
        "caution": float,
        "allocation": np.int64,
    }
)
"""A strategy."""

PERSON = record(
    {
        "present": np.bool_,
        "member": np.bool_,
        "captured": np.bool_,
        "y": float,  # size
        "pull": float,
        "weight": float,  # w_i, its weight in the powers' bids but on exclusive issues
        "need_mean": float,
        "strategic": float,
        "capacity": float,
        "aversion": float,
        "place": np.int64,  # among the states present; NOBODY for the others
    }
)
"""A state as it is drawn or read: :class:`ana_sim.population.Population`."""

PARTNER = record({"stated": float, "excluded": np.bool_})
"""What a table says of a state and a power."""

PEOPLE = record(
    {
        "all_size": float,
        "members_part": float,
        "members": np.int64,
        "present": np.int64,
        "complete": np.bool_,  # whether every state present is every other's neighbour
    }
)
"""Sums over the states."""

# -- what changes from year to year --

STATE = record(
    {
        "need": float,
        "score": float,
        "lean": float,
        "quarrel": float,
        "smoothed": float,  # payoff, smoothed
        "project": float,  # z, size of the year's project
        "issue": np.int64,
        "ally": np.int64,  # the patron that it has declared for
        "playing": np.int64,
        "revised": np.int64,  # the strategy of next year, or NOBODY
        "turnover": np.bool_,
        "due": np.bool_,  # whether deals fall due this year
        "next_due": np.int64,  # no deal falls due before this year
        "free": np.bool_,  # whether it acts for a bloc that has its quorum
        "insulted": np.bool_,
    }
)
"""A state."""

REGARD = record(
    {
        "affinity": float,  # d_g
        "cooling": float,  # how much less that is than under the last government, before this one
        "belief": float,  # mu_ig
        "exposure": float,  # A_g
        "hostility": float,
        "bid": float,  # V_igk on the year's project, as far as it can be borne
        "expected": float,  # E V_igk
        "share": float,  # of the year's project, in the end
        "heard": np.bool_,  # whether it has offered
        "demands": np.int64,  # how often it has pressed this year
        "met": np.int64,  # how many of these demands were met
        "client": np.bool_,  # whether there is a deal in force
        "insulted": np.bool_,
    }
)
"""A state and a power."""

TIE = record(
    {
        "held": float,  # Q_igk
        "tie": float,  # A_igk
        "price": float,  # at which the deal in force was struck
        "stake": float,  # theta_igk
        "expires": np.int64,
        "objects_until": np.int64,
        "locked_until": np.int64,
    }
)
"""A state and a power on an issue."""

PLAYER = record(
    {
        "capability": float,
        "share": float,
        "share_before": float,
        "share_at_start": float,
        "engagement": float,
        "budget": float,
        "rent": float,
        "club_cost": float,
        "bidding_share": float,
        "scale": float,
        "success": float,
        "pressed_last_year": float,
        "legitimacy": float,
        "spent": float,
        "public_good": float,
        "reproach": float,
        "influence": float,
        "ahead": float,  # sum of y theta (q_g - max other q) so far
        "deals": np.int64,
        "pressings": np.int64,
        "complied": np.int64,
        "pressed_states": np.int64,
        "forced": np.int64,
        "office": np.int64,
        "delivers": np.bool_,
    }
)
"""A power."""

FLOW = record(dict.fromkeys((*COMPONENTS, *BESIDE, "leverage", "priced"), float))
"""What is counted of a state-year."""

COMMON = record(
    {
        "public_good": float,
        "coordination": float,
        "cohesion": float,
        "mean_quarrel": float,
    }
)
"""What holds for all."""


def _luck(scope: str) -> np.dtype[Any]:
    purposes = PURPOSES[scope]
    spare = [f"spare_{n}" for n in range(-len(purposes) % WORDS)]
    return record(dict.fromkeys((*purposes, *spare), float))


LUCK = {scope: _luck(scope) for scope in ("year", "power", "state", "state_power")}
"""The draws of a year by purpose."""

COMPATIBLE, DIVISIBLE, EXCLUSIVE = range(3)
KINDS = ("compatible", "divisible", "exclusive")

ROLES = ("hegemon", "rising", "third", "region")
HEGEMON, RISING, THIRD, REGION = range(4)

ASKS = ("all", "patron", "patron_first", "none")
ASKS_ALL, ASKS_PATRON, ASKS_PATRON_FIRST, ASKS_NOBODY = range(4)

ORDERS = ("expected", "hegemon_first", "rising_first")
BY_EXPECTATION, HEGEMON_FIRST, RISING_FIRST = range(3)

SEARCHES = ("all", "first", "stepwise")
SEARCH_ALL, SEARCH_FIRST, STEPWISE = range(3)

ALLOCATIONS = ("best", "equal", "random")
BEST, EQUAL, RANDOM = range(3)


class Menu(NamedTuple):
    """The ways to place a project, by the kind of issue and whether the strategy splits."""

    corner: Ways
    subset: Ways
    split: Ways


class Terms(NamedTuple):
    """The parameters of all years: U different years, G powers, K issues."""

    of_year: Ints
    """Shape (T,): which of the U."""
    world: Records
    """Shape (U,)."""
    power: Records
    """Shape (U, G)."""
    issue: Records
    """Shape (U, K)."""
    interest: Records
    """Shape (U, K, G)."""
    rivalry: Floats
    """Shape (U, G, G)."""
    contest: Floats
    """Shape (U, G, G)."""
    links: Floats
    """Shape (U, K, K)."""
    dials: Records
    """Shape (S,): strategies."""
    mix: Ints
    """The strategies of the mix."""
    hegemon: int
    """Index of the hegemon, or NOBODY."""
    rising: int
    """Index of the rising power, or NOBODY."""
    demonstrates: bool
    """Whether powers ever respond to what the others hold."""
    since: int
    """The first step that is counted."""


class People(NamedTuple):
    """The states of R replicates: P different populations over the years, N states."""

    of_year: Ints
    """Shape (T,): which of the P."""
    all: Records
    """Shape (R, P)."""
    person: Records
    """Shape (R, P, N)."""
    partner: Records
    """Shape (R, P, N, G)."""
    present: Ints
    """Shape (R, P, N): the states present, in order."""
    exposure: Floats
    """Shape (R, N, G): at the start."""
    score: Floats
    """Shape (R, N): at the start."""
    held: Floats
    """Shape (N, K, G): at the start."""
    first: Ints
    """Shape (P, N + 1): where a state's neighbours begin."""
    neighbour: Ints
    """All neighbours, one state after another."""


class Draws(NamedTuple):
    """The luck of R replicates: of all years, or (R and T are then 1) of the one that has come."""

    year: Records
    """Shape (R, T)."""
    power: Records
    """Shape (R, T, G)."""
    state: Records
    """Shape (R, T, N)."""
    pair: Records
    """Shape (R, T, N, G)."""
    key: NDArray[np.uint64]
    """Shape (R, 2), R all replicates in any case."""
    state_hash: NDArray[np.uint64]
    """Shape (N,)."""
    power_hash: NDArray[np.uint64]
    """Shape (G,)."""


class Words(NamedTuple):
    """The draws of the year that has come, as numbers; empty where the luck of all years is given."""

    year: Floats
    """Shape (1, 1, n)."""
    power: Floats
    """Shape (G, 1, n)."""
    state: Floats
    """Shape (N, 1, n)."""
    pair: Floats
    """Shape (N, G, n)."""


class Life(NamedTuple):
    """All that changes in a run."""

    state: Records
    """Shape (N,)."""
    regard: Records
    """Shape (N, G)."""
    tie: Records
    """Shape (N, K, G)."""
    owed: Floats
    """Shape (N, K): what fell due this year, or below 0."""
    flow: Records
    """Shape (N,): what is counted of the year."""
    player: Records
    """Shape (G,)."""
    response: Floats
    """Shape (G, K): the demonstration effect x_gk."""
    outdone: Floats
    """Shape (T, G, K): how far a power was outdone, by year."""
    deal_share: Floats
    """Shape (G, K): a power's part of the deals in force."""
    dissent: Floats
    """Shape (N,): draws of those who vote with the bloc."""
    demand: Floats
    """Shape (K, G): the bloc's floor for bids."""
    contested: Floats
    """Shape (K, G): sum of the pulls of the states whose exclusive issue a power does not hold."""
    common: Records
    """Shape (1,)."""


class Desk(NamedTuple):
    """Room for one state's deliberations; overwritten by the next."""

    project: Records
    """Shape (2,): what is weighed of the year's project, and of a standing deal."""
    power: Records
    """Shape (2, G): what is weighed of each power, for the one and for the other."""
    who: Ints
    """Shape (2, G): the powers that offer."""
    q: Floats
    """Shape (G,): the shares taken, by the powers that offer."""
    shares: Floats
    """Shape (G,): the shares taken, by power."""
    standing: Floats
    """Shape (G,): shares in force on an issue that is pressed on."""
    other: Floats
    """Shape (G,): room for another deal."""
    gain: Floats
    """Shape (G,): what asking each power is worth."""
    asked: Mask
    refused: Mask
    pressed: Mask
    demand: Ints
    """Shape (G,): the issue of each power's demand on a standing deal, or NOBODY."""
    value: Floats
    """Shape (rows,): U0 of each option."""
    utility: Floats
    """Shape (rows,): U of each option."""
    gumbel: Floats
    """Shape (rows,): noise that makes a best reply a logit."""


class Today(NamedTuple):
    """A year: what holds in it, and all that changes."""

    year: int
    world: Records
    power: Records
    issue: Records
    interest: Records
    rivalry: Floats
    contest: Floats
    links: Floats
    dials: Records
    hegemon: int
    rising: int
    people: Records
    person: Records
    partner: Records
    present: Ints
    first: Ints
    neighbour: Ints
    draw: Records
    draw_power: Records
    draw_state: Records
    draw_pair: Records
    state_hash: NDArray[np.uint64]
    power_hash: NDArray[np.uint64]
    key: NDArray[np.uint64]
    state: Records
    regard: Records
    tie: Records
    owed: Floats
    flow: Records
    player: Records
    response: Floats
    deal_share: Floats
    dissent: Floats
    demand: Floats
    contested: Floats
    common: Records
    menu: Menu
    desk: Desk
