"""Giving all to one power, and prices: posted, by counter-bids that compete in utility, of an exclusion clause."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ana_sim.compiled import compiled, compiled_inline
from ana_sim.rules.deal import (
    NOBODY,
    Case,
    delivery_variance,
    fear_each,
    hurt_by_whole,
    nothing_value,
    objection,
    penalty_on_whole,
    quote,
    risk_weight,
    threatens,
    whole_value,
)


@compiled_inline
def posted_price(valuation: float, posted_share: float, pool: float, demand: float) -> float:
    """What a power offers unasked for more: min(V, max(phi V, r, the bloc's demand)).

    The outside-option principle: an outside pool r, or a bloc's common demand, raises the price only where it binds.
    """
    return min(valuation, max(posted_share * valuation, pool, demand))


@compiled_inline
def competes(power: Any, real: bool) -> bool:
    """Whether a power is in the running: it offers; or, for what could really be had, it has not refused."""
    if real:
        return bool(power.open)
    return bool(power.offers)


@compiled_inline
def spare_nothing(case: Case) -> float:
    """U0 of placing nothing, which no power objects to; minus infinity where somebody must stay the holder."""
    nothing = nothing_value(case.project) if case.project.incumbent == NOBODY else -np.inf
    for g in range(case.power.size):
        case.power[g].spared = nothing
    return nothing


@compiled_inline
def weigh_whole(g: int, case: Case) -> None:
    """Value giving all to a power at the price it has quoted, for the state and for those who would not object."""
    power = case.power
    power[g].whole = whole_value(g, case)
    for h in range(power.size):
        if power[g].whole > power[h].spared and hurt_by_whole(h, g, case) == 0.0:
            power[h].spared = power[g].whole


@compiled
def corner_utilities(case: Case, real: bool) -> None:
    """U_g(V_g) of giving the whole project to one power at its full valuation, for each in the running.

    Fills ``appeal``, the U0 ``whole``, and by power ``spared``, U0 of the best corner that it would not object to.

    Parameters
    ----------
    real : bool
        Whether all who have not refused are in the running, with their real bids, instead of those who offer.
    """
    project, power = case.project, case.power
    spare_nothing(case)
    for g in range(power.size):
        if competes(power[g], real):
            quote(power[g], power[g].bid if real else power[g].valuation, project)
            weigh_whole(g, case)
    for g in range(power.size):
        if competes(power[g], real):
            power[g].appeal = power[g].whole - penalty_on_whole(power[g].whole, g, case)


@compiled
def best_corner(case: Case, winner: int) -> float:
    """The best utility of placing nothing, or all with one power at the price it has quoted.

    Parameters
    ----------
    winner : int
        Who has won a round of counter-bids, or NOBODY: the others are then passed over.
    """
    project, power = case.project, case.power
    best = spare_nothing(case)
    for c in range(project.bidders):
        weigh_whole(case.who[c], case)
    for c in range(project.bidders):
        g = case.who[c]
        if winner == NOBODY or g == winner:
            best = max(best, power[g].whole - penalty_on_whole(power[g].whole, g, case))
    return best


@compiled
def least_value(g: int, target: float, low: float, high: float, case: Case) -> float:
    """The least U0 in [low, high] of giving all to ``g`` whose utility, net of expected penalties, reaches ``target``.

    U = U0 - E[penalty] is piecewise linear in U0, with a kink where a penalty starts and where it saturates: the
    kinks are walked in order.
    """
    value = low
    for _ in range(2 * case.power.size + 1):
        gap = target - (value - penalty_on_whole(value, g, case))
        if gap <= 0.0:
            return value
        slope, kink = 1.0, np.inf
        for h in range(case.power.size):
            power = case.power[h]
            if threatens(power):
                start = power.spared + case.project.loosen
                if value < start:
                    kink = min(kink, start)
                elif value < start + power.sting:
                    kink = min(kink, start + power.sting)
                    slope -= case.project.caution * objection(hurt_by_whole(h, g, case), power)
        if slope > 0.0 and value + gap / slope <= kink:
            return min(high, value + gap / slope)
        if kink >= high:
            return high
        value = kink
    return high


@compiled
def least_price(g: int, target: float, low: float, high: float, case: Case) -> float:
    """The least price in [low, high] at which giving all to ``g`` is worth ``target`` to the state, else ``high``.

    U0 is quadratic in the price, U0(b) = U0(0) + n mu b - (rho/2) n^2 mu (1 - mu) b^2; its smaller root is taken. The
    price is still to be quoted.
    """
    power, project = case.power[g], case.project
    quote(power, 0.0, project)
    fixed = whole_value(g, case)
    slope = project.need * power.belief
    curve = risk_weight(project) * delivery_variance(power.belief)
    at_low = fixed + slope * low - curve * low * low
    at_high = fixed + slope * high - curve * high * high
    if at_low - penalty_on_whole(at_low, g, case) >= target:
        return low
    value = least_value(g, target, at_low, at_high, case)
    root = slope * slope - 4.0 * curve * (value - fixed)
    if slope <= 0.0 or root < 0.0:
        return high
    return min(high, max(low, 2.0 * (value - fixed) / (slope + math.sqrt(root))))


@compiled
def counter_bids(case: Case) -> int:
    """Let those who offer outbid each other; returns the winner, NOBODY without a contest, and quotes their prices.

    They compete in utility: the winner w = argmax U_g(V_g) pays the least price in [posted_w, V_w] that leaves the
    state no worse off than the best rival's full valuation; the rivals' shares, in a split, are paid their full
    valuation. Friends do not bid against each other. Without a rival the posted price stands.

    Sources: Bernheim & Whinston (1986); Bueno de Mesquita & Smith (2016).
    """
    power, winner, target = case.power, NOBODY, -np.inf
    corner_utilities(case, False)
    for g in range(power.size):
        if power[g].offers and (
            winner == NOBODY
            or power[g].appeal > power[winner].appeal
            or (power[g].appeal == power[winner].appeal and power[g].luck > power[winner].luck)
        ):
            winner = g
    for g in range(power.size):
        if power[g].offers and g != winner:
            if case.contest[winner, g] > 0.0:
                target = max(target, power[g].appeal)
            else:
                quote(power[g], power[g].posted, case.project)
    if target == -np.inf:
        if winner != NOBODY:
            quote(power[winner], power[winner].posted, case.project)
        return NOBODY
    price = least_price(winner, target, power[winner].posted, power[winner].valuation, case)
    quote(power[winner], price, case.project)
    return winner


@compiled_inline
def contested(case: Case) -> bool:
    """Whether two of those who offer bid against each other."""
    for c in range(case.project.bidders):
        for d in range(c):
            if case.contest[case.who[c], case.who[d]] > 0.0:
                return True
    return False


@compiled_inline
def patience(need: float) -> float:
    """Discount on what is forgone, delta = 1 / (1 + n): need makes the present press."""
    return 1.0 / (1.0 + need)


@compiled
def strongest_rival(g: int, case: Case) -> int:
    """The rival whose full valuation is worth most to the state, or NOBODY; by the real bids' corner utilities."""
    rival = NOBODY
    for h in range(case.power.size):
        if (
            case.power[h].open
            and case.contest[g, h] > 0.0
            and (rival == NOBODY or case.power[h].appeal > case.power[rival].appeal)
        ):
            rival = h
    return rival


@compiled
def clause_price(g: int, case: Case, discount: float, rival: int) -> float:
    """Price of shutting ``rival`` out: the least b in [posted_g, V_g] with U_g(b) >= delta U_rival(V_rival).

    The state that declines still has the power's posted offer. By the real bids' corner utilities.

    Parameters
    ----------
    discount : float
        delta, by :func:`patience`.

    Returns
    -------
    float
        The price, or -1 where even the full valuation does not buy the clause.
    """
    target = discount * case.power[rival].appeal
    if case.power[g].appeal < target:
        return -1.0
    return least_price(g, target, case.power[g].posted, case.power[g].bid, case)


@compiled
def exclusion(case: Case, need: float, threshold: float) -> tuple[int, int, float]:
    """The exclusion clause that a state accepts: who pays for it, whom it shuts out, and the price; or nobody.

    It is offered by powers that have offered and whose stake reaches ``threshold``; of several the one worth most
    is taken.
    """
    best, shut_out, best_price, best_value = NOBODY, NOBODY, 0.0, -np.inf
    known = False
    for g in range(case.power.size):
        power = case.power[g]
        if not power.offers or power.stake <= 0.0 or power.stake < threshold:
            continue
        if not known:
            fear_each(case)
            corner_utilities(case, True)
            known = True
        rival = strongest_rival(g, case)
        if rival == NOBODY:
            continue
        price = clause_price(g, case, patience(need), rival)
        if price < 0.0:
            continue
        quote(power, price, case.project)
        value = whole_value(g, case)
        if value > best_value or (value == best_value and best != NOBODY and power.luck > case.power[best].luck):
            best, shut_out, best_price, best_value = g, rival, price, value
    return best, shut_out, best_price
