"""Prices: the posted price, counter-bids that compete in utility, the exclusion clause."""

from __future__ import annotations

import numpy as np

from ana_sim.compiled import compiled
from ana_sim.rules.deal import (
    NOBODY,
    Case,
    Floats,
    Mask,
    deal_value,
    delivery_variance,
    expected_penalty,
    hurt,
    objection,
)


@compiled
def posted_price(valuation: float, posted_share: float, pool: float, demand: float) -> float:
    """What a power offers unasked for more: min(V, max(phi V, r, the bloc's demand)).

    The outside-option principle: an outside pool r, or a bloc's common demand, raises the price only where it binds.
    """
    return min(valuation, max(posted_share * valuation, pool, demand))


@compiled
def corner_utilities(case: Case, valuation: Floats, offered: Mask, utility: Floats, alternative: Floats) -> None:
    """U_g(V_g) of giving the whole project to one power at its full valuation, for each that offers.

    Fills ``utility`` (minus infinity for those who do not offer) and, by power, U0 of the best corner that it would
    not object to.
    """
    n = valuation.size
    q = np.zeros(n)
    value = np.full(n, -np.inf)
    empty = deal_value(q, valuation, case) if case.project.incumbent == NOBODY else -np.inf
    alternative[:] = empty
    for g in range(n):
        if offered[g]:
            q[g] = 1.0
            value[g] = deal_value(q, valuation, case)
            for h in range(n):
                if value[g] > alternative[h] and hurt(h, q, case) == 0.0:
                    alternative[h] = value[g]
            q[g] = 0.0
    for g in range(n):
        utility[g] = -np.inf
        if offered[g]:
            q[g] = 1.0
            utility[g] = value[g] - expected_penalty(value[g], q, alternative, case)
            q[g] = 0.0


@compiled
def least_value(target: float, low: float, high: float, q: Floats, alternative: Floats, case: Case) -> float:
    """The least U0 in [low, high] whose utility, net of expected penalties, reaches ``target``.

    U = U0 - E[penalty] is piecewise linear in U0, with a kink where a penalty starts and where it saturates: the
    kinks are walked in order.
    """
    value = low
    for _ in range(2 * q.size + 1):
        gap = target - (value - expected_penalty(value, q, alternative, case))
        if gap <= 0.0:
            return value
        slope, kink = 1.0, np.inf
        for g in range(q.size):
            if case.power[g].sting > 0.0 and case.power[g].stake > 0.0:
                start = alternative[g] + case.project.loosen
                if value < start:
                    kink = min(kink, start)
                elif value < start + case.power[g].sting:
                    kink = min(kink, start + case.power[g].sting)
                    slope -= case.project.caution * objection(g, q, case)
        if slope > 0.0 and value + gap / slope <= kink:
            return min(high, value + gap / slope)
        if kink >= high:
            return high
        value = kink
    return high


@compiled
def least_price(w: int, target: float, low: float, high: float, alternative: Floats, case: Case) -> float:
    """The least price in [low, high] at which giving all to ``w`` is worth ``target`` to the state, else ``high``.

    U0 is quadratic in the price, U0(b) = U0(0) + n mu b - (rho/2) n^2 mu (1 - mu) b^2; its smaller root is taken.
    """
    n = case.power.size
    q, b = np.zeros(n), np.zeros(n)
    q[w] = 1.0
    fixed = deal_value(q, b, case)
    b[w] = low
    at_low = deal_value(q, b, case)
    b[w] = high
    at_high = deal_value(q, b, case)
    if at_low - expected_penalty(at_low, q, alternative, case) >= target:
        return low
    value = least_value(target, at_low, at_high, q, alternative, case)
    slope = case.project.need * case.power[w].belief
    curve = (
        0.5 * case.project.aversion * case.project.need * case.project.need * delivery_variance(case.power[w].belief)
    )
    root = slope * slope - 4.0 * curve * (value - fixed)
    if slope <= 0.0 or root < 0.0:
        return high
    return min(high, max(low, 2.0 * (value - fixed) / (slope + np.sqrt(root))))


@compiled
def counter_bids(case: Case, valuation: Floats, posted: Floats, offered: Mask, tie: Floats, prices: Floats) -> int:
    """Let those who offer outbid each other; returns the winner (NOBODY without a contest) and fills ``prices``.

    They compete in utility: the winner w = argmax U_g(V_g) pays the least price in [posted_w, V_w] that leaves the
    state no worse off than the best rival's full valuation; the rivals' shares, in a split, are paid their full
    valuation. Friends do not bid against each other. Without a rival the posted price stands.

    Sources: Bernheim & Whinston (1986); Bueno de Mesquita & Smith (2016).
    """
    n = valuation.size
    utility, alternative = np.empty(n), np.empty(n)
    corner_utilities(case, valuation, offered, utility, alternative)
    winner = NOBODY
    for g in range(n):
        prices[g] = posted[g]
        if offered[g] and (
            winner == NOBODY or utility[g] > utility[winner] or (utility[g] == utility[winner] and tie[g] > tie[winner])
        ):
            winner = g
    target = -np.inf
    for g in range(n):
        if winner != NOBODY and offered[g] and case.contest[winner, g] > 0.0:
            target = max(target, utility[g])
            prices[g] = valuation[g]
    if target == -np.inf:
        return NOBODY
    prices[winner] = least_price(winner, target, posted[winner], valuation[winner], alternative, case)
    return winner


@compiled
def patience(need: float) -> float:
    """Discount on what is forgone, delta = 1 / (1 + n): need makes the present press."""
    return 1.0 / (1.0 + need)


@compiled
def clause_price(
    g: int, case: Case, valuation: Floats, post: float, available: Mask, discount: float, rival: int
) -> float:
    """Price of shutting ``rival`` out: the least b in [post, V_g] with U_g(b) >= delta U_rival(V_rival).

    Parameters
    ----------
    post : float
        What g offers without the clause: the state that declines still has that offer.
    discount : float
        delta, by :func:`patience`.

    Returns
    -------
    float
        The price, or -1 where even the full valuation does not buy the clause.
    """
    n = valuation.size
    utility, alternative = np.empty(n), np.empty(n)
    corner_utilities(case, valuation, available, utility, alternative)
    target = discount * utility[rival]
    if utility[g] < target:
        return -1.0
    return least_price(g, target, post, valuation[g], alternative, case)


@compiled
def strongest_rival(g: int, case: Case, valuation: Floats, available: Mask) -> int:
    """The rival whose full valuation is worth most to the state, or NOBODY."""
    n = valuation.size
    utility, alternative = np.empty(n), np.empty(n)
    corner_utilities(case, valuation, available, utility, alternative)
    rival = NOBODY
    for h in range(n):
        if available[h] and case.contest[g, h] > 0.0 and (rival == NOBODY or utility[h] > utility[rival]):
            rival = h
    return rival
