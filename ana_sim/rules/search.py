"""Whom to ask next, and which of the offers to take."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ana_sim.compiled import compiled
from ana_sim.rules.bargain import contested, counter_bids
from ana_sim.rules.deal import NOBODY, Case, Floats, Ints, appraise, gather, quote, threatens

EIGHTHS = 8.0


@compiled
def prospect(case: Case, outbid: bool, options: Floats, first: Ints, value: Floats, utility: Floats) -> float:
    """U(S): utility of the best deal with those who offer, after counter-bids where the state holds them.

    Parameters
    ----------
    options : array, shape (rows, G)
        The ways to place a project with 0, 1, ... G powers that offer, each block with a spare last row.
    first : array of int, shape (G + 2,)
        Where each block begins, and where the last ends.
    value, utility : array
        Room for as many numbers as the longest block has rows.
    """
    gather(case)
    begin, end = first[case.project.bidders], first[case.project.bidders + 1] - 1
    winner = NOBODY
    if outbid and contested(case):
        winner = counter_bids(case)
    else:
        for c in range(case.project.bidders):
            power = case.power[case.who[c]]
            quote(power, power.posted, case.project)
    return appraise(case, options[begin:end], winner, value, utility)


@compiled
def asking_gain(
    g: int,
    chance: float,
    now: float,
    case: Case,
    outbid: bool,
    excuses: bool,
    options: Floats,
    first: Ints,
    value: Floats,
    utility: Floats,
) -> float:
    """What asking g is worth: p [U(S + g at E V_g) - U(S)] + (1 - p) [U(S | g cannot object) - U(S)].

    The second term is what a refusal is worth: who has refused cannot well object to another's offer. An optimal
    search asks as long as this exceeds the cost of asking (Weitzman 1979).

    Parameters
    ----------
    g : int
        The power to ask; ``valuation`` and ``posted`` are its expected ones.
    chance : float
        p, the probability that it accepts.
    now : float
        U(S), by :func:`prospect`.
    excuses : bool
        Whether a refusal is remembered at all.
    options, first, value, utility : array
        As for :func:`prospect`.
    """
    power, gain = case.power[g], 0.0
    if chance > 0.0:
        power.offers = True
        gain += chance * (prospect(case, outbid, options, first, value, utility) - now)
        power.offers = False
    if chance < 1.0 and excuses and power.justification > 0.0 and threatens(power):
        claim = power.justification
        power.justification = 0.0
        gain += (1.0 - chance) * (prospect(case, outbid, options, first, value, utility) - now)
        power.justification = claim
    return gain


@compiled
def standard_gumbel(luck: float) -> float:
    """Standard Gumbel draw of a uniform one, by inversion: noise that makes a best reply a logit."""
    return -math.log(-math.log(luck))


@compiled
def option_code(q: Floats, case: Case, names: NDArray[np.uint64]) -> np.uint64:
    """Address of an option's luck, from what it is: the shares in eighths by the hashes of the powers' names."""
    code = np.uint64(0)
    for c in range(case.project.bidders):
        code += np.uint64(EIGHTHS * q[c]) * names[case.who[c]]
    return code


@compiled
def pick(utility: Floats, options: Floats, case: Case, rationality: float, gumbel: Floats) -> int:
    """Option taken: best reply, or logit with precision ``rationality`` by Gumbel draws; ties by addressed draws.

    Parameters
    ----------
    utility : array, shape (n,) or longer
        Minus infinity where an option is not open.
    options : array, shape (n, G)
        Rows of shares; of equal options the one with more of the powers with high draws is taken.
    gumbel : array, shape (n,) or longer
        Standard Gumbel draws; not read under best reply.
    """
    best, best_score, best_tie = -1, -np.inf, -np.inf
    for o in range(options.shape[0]):
        if utility[o] == -np.inf:
            continue
        score = utility[o]
        if rationality < np.inf:
            score = rationality * score + gumbel[o]
        if best >= 0 and score < best_score:
            continue
        drawn = 0.0
        for c in range(case.project.bidders):
            drawn += options[o, c] * case.power[case.who[c]].luck
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
