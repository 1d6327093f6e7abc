"""Whom to ask next, and which of the offers to take."""

from __future__ import annotations

import numpy as np

from ana_sim.compiled import compiled
from ana_sim.rules.bargain import counter_bids
from ana_sim.rules.deal import NOBODY, Case, Floats, Mask, appraise


@compiled
def prospect(
    case: Case,
    valuation: Floats,
    posted: Floats,
    offered: Mask,
    tie: Floats,
    outbid: bool,
    options: Floats,
    value: Floats,
    utility: Floats,
) -> float:
    """U(S): utility of the best deal with those who offer, after counter-bids where the state holds them."""
    prices, alternative, winner = posted.copy(), np.empty(posted.size), NOBODY
    if outbid:
        winner = counter_bids(case, valuation, posted, offered, tie, prices)
    return appraise(case, prices, offered, options, winner, value, utility, alternative)


@compiled
def asking_gain(
    g: int,
    chance: float,
    case: Case,
    valuation: Floats,
    posted: Floats,
    offered: Mask,
    tie: Floats,
    outbid: bool,
    excuses: bool,
    options: Floats,
    value: Floats,
    utility: Floats,
) -> float:
    """What asking g is worth: p [U(S + g at E V_g) - U(S)] + (1 - p) [U(S | g cannot object) - U(S)].

    The second term is what a refusal is worth: who has refused cannot well object to another's offer. An optimal
    search asks as long as this exceeds the cost of asking (Weitzman 1979).

    Parameters
    ----------
    g : int
        The power to ask; ``valuation`` and ``posted`` hold its expected ones.
    chance : float
        p, the probability that it accepts.
    excuses : bool
        Whether a refusal is remembered at all.
    """
    now = prospect(case, valuation, posted, offered, tie, outbid, options, value, utility)
    gain = 0.0
    if chance > 0.0:
        offered[g] = True
        gain += chance * (prospect(case, valuation, posted, offered, tie, outbid, options, value, utility) - now)
        offered[g] = False
    if chance < 1.0 and excuses:
        claim = case.power[g].justification
        case.power[g].justification = 0.0
        gain += (1.0 - chance) * (
            prospect(case, valuation, posted, offered, tie, outbid, options, value, utility) - now
        )
        case.power[g].justification = claim
    return gain


@compiled
def pick(utility: Floats, options: Floats, tie: Floats, rationality: float, gumbel: Floats) -> int:
    """Option taken: best reply, or logit with precision ``rationality`` by Gumbel draws; ties by addressed draws.

    Parameters
    ----------
    utility : array, shape (n,)
        Minus infinity where an option is not feasible.
    tie : array, shape (G,)
        A draw per power; of equal options the one with more of the drawn powers is taken.
    gumbel : array, shape (n,)
        Standard Gumbel draws; not read under best reply.
    """
    best, best_score, best_tie = -1, -np.inf, -np.inf
    for o in range(utility.size):
        if utility[o] == -np.inf:
            continue
        score = utility[o]
        if rationality < np.inf:
            score = rationality * score + gumbel[o]
        if score < best_score:
            continue
        drawn = 0.0
        for g in range(tie.size):
            drawn += options[o, g] * tie[g]
        if best < 0 or score > best_score or drawn > best_tie:
            best, best_score, best_tie = o, score, drawn
    return best


@compiled
def even_shares(offered: Mask) -> Floats:
    """Equal shares for all who offer: the control ``equidistant``."""
    q = np.zeros(offered.size)
    count = 0
    for g in range(offered.size):
        count += offered[g]
    for g in range(offered.size):
        if offered[g]:
            q[g] = 1.0 / count
    return q


@compiled
def random_offer(offered: Mask, tie: Floats) -> Floats:
    """One of the offers by chance, in full: the control ``random``; the largest of the powers' draws decides."""
    q = np.zeros(offered.size)
    drawn = NOBODY
    for g in range(offered.size):
        if offered[g] and (drawn == NOBODY or tie[g] > tie[drawn]):
            drawn = g
    if drawn != NOBODY:
        q[drawn] = 1.0
    return q
