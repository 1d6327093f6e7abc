"""Whom to ask next, and which of the offers to take."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ana_sim.compiled import compiled, compiled_inline
from ana_sim.philox import wraps_around
from ana_sim.rules.bargain import best_corner, contested, counter_bids
from ana_sim.rules.deal import (
    LISTED,
    NOBODY,
    Case,
    Floats,
    Ways,
    appraise,
    line_up,
    nothing_value,
    pass_over,
    quote,
    threatens,
)

EIGHTHS = 8
"""A split is chosen on a grid of eighths."""


@compiled
def prospect(case: Case, outbid: bool, ways: Ways) -> float:
    """U(S): utility of the best deal with those who offer, after counter-bids where the state holds them.

    Where all or nothing goes to one power, the options are not written out.
    """
    line_up(case)
    winner = NOBODY
    if case.project.bidders == 0:
        return nothing_value(case.project)
    if outbid and contested(case):
        winner = counter_bids(case)
    else:
        for c in range(case.project.bidders):
            power = case.power[case.who[c]]
            quote(power, power.posted, case.project)
    bidders = case.project.bidders
    if ways.first[bidders + 1] - ways.first[bidders] == bidders + 2:
        return best_corner(case, winner)
    pass_over(case)
    return appraise(case, ways, LISTED, winner)


@compiled_inline
def acceptance_gain(g: int, chance: float, now: float, case: Case, outbid: bool, ways: Ways) -> float:
    """What it is worth that g may accept: p [U(S + g at E V_g) - U(S)].

    Parameters
    ----------
    g : int
        The power to ask; ``valuation`` and ``posted`` are its expected ones.
    chance : float
        p, the probability that it accepts.
    now : float
        U(S), by :func:`prospect`.
    """
    if chance <= 0.0:
        return 0.0
    case.power[g].offers = True
    then = prospect(case, outbid, ways)
    case.power[g].offers = False
    return chance * (then - now)


@compiled_inline
def refusal_gain(g: int, chance: float, now: float, case: Case, outbid: bool, excuses: bool, ways: Ways) -> float:
    """What it is worth that g may refuse: (1 - p) [U(S | g cannot object) - U(S)].

    Who has refused cannot well object to another's offer.

    Parameters
    ----------
    excuses : bool
        Whether a refusal is remembered at all.
    g, chance, now, case, outbid, ways
        As for :func:`acceptance_gain`.
    """
    power = case.power[g]
    if chance >= 1.0 or not excuses or power.justification <= 0.0 or not threatens(power) or offers(case) == 0:
        return 0.0
    claim = power.justification
    power.justification = 0.0
    then = prospect(case, outbid, ways)
    power.justification = claim
    return (1.0 - chance) * (then - now)


@compiled
def asking_gain(
    g: int,
    chance: float,
    now: float,
    case: Case,
    outbid: bool,
    excuses: bool,
    enough: float,
    ways: Ways,
) -> float:
    """What asking g is worth: p [U(S + g at E V_g) - U(S)] + (1 - p) [U(S | g cannot object) - U(S)].

    An optimal search asks as long as this exceeds the cost of asking (Weitzman 1979); the second term is what a refusal
    is worth.

    Parameters
    ----------
    enough : float
        If the first term exceeds this it is returned alone, unless two bid against each other by now: else a refusal
        is never worth less than nothing. Infinity where the gains of several powers are to be compared.
    g, chance, now, case, outbid, excuses, ways
        As for :func:`refusal_gain`.
    """
    gain = acceptance_gain(g, chance, now, case, outbid, ways)
    if gain > enough and not (outbid and offers(case) > 1):
        return gain
    return gain + refusal_gain(g, chance, now, case, outbid, excuses, ways)


@compiled_inline
def offers(case: Case) -> int:
    """How many powers have offered."""
    count = 0
    for g in range(case.power.size):
        if case.power[g].offers:
            count += 1
    return count


@compiled
def standard_gumbel(luck: float) -> float:
    """Standard Gumbel draw of a uniform one, by inversion: noise that makes a best reply a logit."""
    return -math.log(-math.log(luck))


@wraps_around
@compiled
def option_code(q: Floats, case: Case, names: NDArray[np.uint64]) -> np.uint64:
    """Address of an option's luck, from what it is: the shares in eighths by the hashes of the powers' names."""
    code = np.uint64(0)
    for c in range(case.project.bidders):
        code += np.uint64(EIGHTHS * q[c]) * names[case.who[c]]
    return code


@compiled
def pick(utility: Floats, ways: Ways, case: Case, rationality: float, gumbel: Floats) -> int:
    """Option taken: best reply, or logit with precision ``rationality`` by Gumbel draws; ties by addressed draws.

    After :func:`ana_sim.rules.deal.appraise`.

    Parameters
    ----------
    utility : array, shape (n,) or longer
        Minus infinity where an option is not open.
    ways : Ways
        The ways to place a project; of equal options the one with more of the powers with high draws is taken.
    gumbel : array, shape (n,) or longer
        Standard Gumbel draws; not read under best reply.
    """
    best, best_score, best_tie = -1, -np.inf, -np.inf
    begin, end = ways.first[case.project.bidders], ways.first[case.project.bidders + 1] - 1
    if rationality == np.inf:
        option, equals = 0, 0
        while option < end - begin - 1 and utility[option] != case.project.best:
            option += 1
        for o in range(option, end - begin):
            equals += utility[o] == case.project.best
        if equals == 1:
            return option
    for o in range(end - begin):
        if utility[o] == -np.inf:
            continue
        score = utility[o]
        if rationality < np.inf:
            score = rationality * score + gumbel[o]
        if best >= 0 and score < best_score:
            continue
        drawn = 0.0
        for c in range(case.project.bidders):
            drawn += ways.shares[begin + o, c] * case.power[case.who[c]].luck
        if best < 0 or score > best_score or drawn > best_tie:
            best, best_score, best_tie = o, score, drawn
    return best


@compiled
def even_shares(q: Floats, case: Case) -> None:
    """Fill ``q`` with equal shares for all who offer: the control ``equidistant``."""
    for c in range(case.project.bidders):
        q[c] = 1.0 / case.project.bidders


@compiled
def all_offers(q: Floats, case: Case) -> None:
    """Fill ``q`` with all that is offered, in full."""
    for c in range(case.project.bidders):
        q[c] = 1.0


@compiled
def random_offer(q: Floats, case: Case) -> None:
    """Fill ``q`` with one of the offers by chance, in full: the control ``random``; the largest draw decides."""
    drawn = 0
    for c in range(case.project.bidders):
        if case.power[case.who[c]].luck > case.power[case.who[drawn]].luck:
            drawn = c
    for c in range(case.project.bidders):
        q[c] = 1.0 if c == drawn else 0.0
