"""What a deal is worth to a state before it is struck: terms, affinity, risk, dependence, expected penalties.

A deal is a row of shares q, one for each power that offers, in their order: ``case.who``.
"""

from __future__ import annotations

from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from ana_sim.compiled import compiled, compiled_inline
from ana_sim.records import record

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

NOBODY = cast(int, np.int64(-1))
"""No power. (Not a plain -1: functions would be compiled for that number by itself.)"""

LISTED = cast(bool, np.bool_(False))
"""Only the options that are listed count, not one of the state's own. (Not a plain False, for the same reason.)"""


PROJECT = record(
    {
        "need": float,  # n_ik, the state's need times the issue's
        "pool": float,  # r, what the outside pool pays for what is not placed; 0 where it does not lend
        "aversion": float,  # rho, risk aversion
        "duplication": float,  # cost of two suppliers of one project; 0 where projects are not shared
        "abandonment": float,  # weight on what is lost when a power walks away
        "fear": float,  # sum_g (1 - mu_g) D_g without a new deal
        "split_cost": float,  # cost of a contested split; 0 where projects are not shared
        "switch_cost": float,  # cost of leaving the incumbent of an exclusive issue
        "rollover": float,  # cost of not renewing a deal that has fallen due
        "correlation": float,  # probability that the powers share the draw of delivery
        "gain": float,  # alpha upwards: speed at which exposure follows a larger share
        "loss": float,  # alpha downwards
        "weight": float,  # w_k, the part of all arrivals
        "loosen": float,  # what a new government lets go more lightly; 0 without a turnover this year
        "caution": float,  # weight on expected penalties
        "incumbent": np.int64,  # the power that holds an exclusive issue, else NOBODY
        "adds": np.bool_,  # a new deal adds to those held (compatible) instead of replacing them
        "bidders": np.int64,  # how many powers offer
        "other_ties": float,  # sum of the exposures to the powers that do not offer, once a deal is settled
        "other_fears": float,  # sum of (1 - mu) A^2 over the powers that do not offer
        "best": float,  # the best utility found
    }
)
"""What a state weighs when it places one project, whoever it deals with."""

POWER = record(
    {
        "affinity": float,  # d_g, with legitimacy
        "belief": float,  # mu_g, believed probability of delivery
        "link": float,  # what siding with g here is worth on the linked issues
        "tie": float,  # A_igk, exposure to g on this issue
        "elsewhere": float,  # exposure to g on all other issues, sum over k' of w_k' A_igk'
        "held": float,  # Q_igk, share in force on this issue
        "sting": float,  # eps tau A_g, expected cost of resisting g
        "stake": float,  # theta_igk
        "justification": float,  # J_igk: theta_igk, or 0 for some years after g has refused
        "success": float,  # P_g, running success of g's pressure
        "cost": float,  # c_P, cost of pressing
        "noise": float,  # s, spread of that cost
        "legitimacy_weight": float,  # psi, weight on pressing without justification
        "weariness": float,  # psi0 h, fatigue times the share of states pressed last year
        "open": np.bool_,  # whether it could deal with the state, and has not refused
        "offers": np.bool_,  # whether it has offered
        "bid": float,  # V_g, what a full share is worth to it
        "valuation": float,  # V_g as the state knows it: expected until it has offered
        "posted": float,  # what it offers unasked for more
        "luck": float,  # the draw that decides between equals
        "price": float,  # b_g, price of a full share
        "worth": float,  # n mu b + d + link, worth of a full share before risk
        "risk": float,  # (rho / 2) n^2 b^2 mu (1 - mu), charge for a full share's risk
        "dread": float,  # sum_h (1 - mu_h) D_h once it has the whole project
        "spared": float,  # U0 of the best option that it would not object to, if it threatens
        "whole": float,  # U0 of giving it the whole project
        "appeal": float,  # U of giving it the whole project
    }
)
"""What a state weighs about each power when it places one project."""


class Case(NamedTuple):
    """What one state weighs in one year: its project, and each power's part in it."""

    project: Any
    """A record of :data:`PROJECT`."""
    power: Any
    """Records of :data:`POWER`, shape (G,)."""
    who: Ints
    """The powers that offer, in order: the first ``project.bidders`` entries; shape (G,)."""
    rivalry: Floats
    """How much h's share hurts g, shape (G, G); 0 for itself and for friends."""
    contest: Floats
    """1 where g and h bid against each other, shape (G, G); 0 for itself and for friends."""
    value: Floats
    """Room for U0 of each option, as many numbers as the longest block of the ways has rows."""
    utility: Floats
    """Room for U of each option."""


class Ways(NamedTuple):
    """The ways to place one project with 0, 1, ... G powers that offer, in one block each.

    A block begins with the row that places nothing; then come the rows that take of the first power only, of the second
    only, of the first two only, and so on by the bits of a group's number; its last row is to spare, for any other
    choice.
    """

    shares: Floats
    """Rows of shares, by the powers that offer; shape (rows, G)."""
    columns: Floats
    """The same, transposed; shape (G, rows)."""
    first: Ints
    """Where each block begins, and where the last ends; shape (G + 2,)."""
    group: Ints
    """Shape (G + 1, 2**G + 1): where each group begins within the block of so many offers, and where the last ends; the
    entries after that repeat it."""


# -- exposure and dependence --


@compiled_inline
def moved(tie: float, share: float, gain: float, loss: float) -> float:
    """Exposure after a year, A + alpha (q - A), with alpha = gain upwards, loss downwards."""
    return tie + (gain if share > tie else loss) * (share - tie)


@compiled_inline
def dependence(exposure: float, all_exposure: float) -> float:
    """What a state loses if a power walks away, D_g = A_g^2 / sum_h A_h; 0 without ties (Snyder 1984)."""
    if all_exposure <= 0.0:
        return 0.0
    return exposure * exposure / all_exposure


@compiled_inline
def doubt(belief: float) -> float:
    """Believed probability that a power fails to deliver, 1 - mu; a belief above 1 overstates and leaves no doubt."""
    return max(0.0, 1.0 - belief)


@compiled_inline
def exposure_after(share: float, power: Any, project: Any) -> float:
    """Exposure to a power over all issues after a deal, which adds to what is held on this one or replaces it."""
    if project.adds:
        share = max(share, power.held)
    return power.elsewhere + project.weight * moved(power.tie, share, project.gain, project.loss)


@compiled_inline
def feared(exposure: float, power: Any) -> float:
    """A power's part of what is feared, (1 - mu_g) A_g^2: over the sum of exposures it is (1 - mu_g) D_g."""
    return doubt(power.belief) * exposure * exposure


@compiled
def fear_as_it_is(case: Case) -> float:
    """Expected loss from abandonment without a new deal, sum_g (1 - mu_g) D_g."""
    ties, fears = 0.0, 0.0
    for g in range(case.power.size):
        exposure = exposure_after(case.power[g].held, case.power[g], case.project)
        ties += exposure
        fears += feared(exposure, case.power[g])
    return feared_loss(fears, ties)


@compiled
def fear_each(case: Case) -> None:
    """Note what is feared, sum_h (1 - mu_h) D_h, if one power has the whole project; whatever its price."""
    for g in range(case.power.size):
        ties, fears = 0.0, 0.0
        for h in range(case.power.size):
            exposure = exposure_after(1.0 if h == g else 0.0, case.power[h], case.project)
            ties += exposure
            fears += feared(exposure, case.power[h])
        case.power[g].dread = feared_loss(fears, ties)


@compiled_inline
def feared_loss(fears: float, ties: float) -> float:
    """Expected loss from abandonment, sum_g (1 - mu_g) A_g^2 / sum_h A_h; 0 without ties."""
    if ties <= 0.0:
        return 0.0
    return fears / ties


# -- terms and risk --


@compiled_inline
def delivery_variance(belief: float) -> float:
    """Variance of one power's delivery, mu (1 - mu); none where the belief overstates."""
    certain = min(1.0, belief)
    return certain * (1.0 - certain)


@compiled_inline
def delivery_covariance(belief: float, other: float, correlation: float) -> float:
    """Covariance of two powers' deliveries, c (min(mu_g, mu_h) - mu_g mu_h): with probability c they share the draw."""
    mu, nu = min(1.0, belief), min(1.0, other)
    return correlation * (min(mu, nu) - mu * nu)


@compiled_inline
def bearable_price(need: float, belief: float, aversion: float) -> float:
    """The price of a full share beyond which more is worth less, 1 / (rho n (1 - mu)), where the risk outweighs it.

    U0 is quadratic in the price. A divisible project is then taken in part; of an exclusive one no more is accepted.
    """
    slope = aversion * need * doubt(belief)
    if slope <= 0.0:
        return np.inf
    return 1.0 / slope


@compiled_inline
def risk_weight(project: Any) -> float:
    """What a unit of variance costs, (rho / 2) n^2."""
    return 0.5 * project.aversion * project.need * project.need


@compiled_inline
def quote(power: Any, price: float, project: Any) -> None:
    """Let b be a power's price of a full share: what the share is worth, and what its risk costs, follow."""
    power.price = price
    power.worth = project.need * power.belief * price + power.affinity + power.link
    power.risk = risk_weight(project) * price * price * delivery_variance(power.belief)


@compiled
def risk_charge(q: Floats, case: Case) -> float:
    """Ex-ante charge for risk, (rho / 2) n^2 Var(sum_g q_g b_g delivered_g)."""
    charge = 0.0
    for c in range(case.project.bidders):
        charge += q[c] * q[c] * case.power[case.who[c]].risk
    if case.project.correlation > 0.0:
        charge += shared_risk(q, case)
    return charge


@compiled
def shared_risk(q: Floats, case: Case) -> float:
    """The part of the charge for risk that comes of the powers' sharing the draw of delivery."""
    covariance = 0.0
    for c in range(case.project.bidders):
        one = case.power[case.who[c]]
        for d in range(c):
            two = case.power[case.who[d]]
            common = delivery_covariance(one.belief, two.belief, case.project.correlation)
            covariance += 2.0 * q[c] * one.price * q[d] * two.price * common
    return risk_weight(case.project) * covariance


# -- a deal --


@compiled_inline
def line_up(case: Case) -> None:
    """Note who offers."""
    n = 0
    for g in range(case.power.size):
        case.who[n] = g
        n += case.power[g].offers
    case.project.bidders = n


@compiled_inline
def pass_over(case: Case) -> None:
    """Note the exposures to those who do not offer, which are the same whatever is taken of the others."""
    project, ties, fears = case.project, 0.0, 0.0
    for g in range(case.power.size):
        power = case.power[g]
        if not power.offers:
            exposure = exposure_after(0.0, power, project)
            ties += exposure
            fears += feared(exposure, power)
    project.other_ties, project.other_fears = ties, fears


@compiled
def gather(case: Case) -> None:
    """Note who offers, and what is known whatever is taken of them."""
    line_up(case)
    pass_over(case)


@compiled_inline
def unplaced(placed: float) -> float:
    """Share of the project that no power has, max(0, 1 - sum q)."""
    return max(0.0, 1.0 - placed)


@compiled_inline
def overlap(placed: float, squares: float) -> float:
    """4 sum over pairs of q_g q_h = 2 [(sum q)^2 - sum q^2]: 1 for two halves, 0 for a single supplier."""
    return 2.0 * (placed * placed - squares)


@compiled
def contested_split(q: Floats, case: Case) -> bool:
    """Whether two powers that bid against each other share the project."""
    for c in range(case.project.bidders):
        for d in range(case.project.bidders):
            if q[c] > 0.0 and q[d] > 0.0 and case.contest[case.who[c], case.who[d]] > 0.0:
                return True
    return False


@compiled_inline
def stays(q: Floats, case: Case) -> bool:
    """Whether the incumbent of an exclusive issue keeps it."""
    for c in range(case.project.bidders):
        if case.who[c] == case.project.incumbent and q[c] > 0.0:
            return True
    return False


@compiled_inline
def nothing_value(project: Any) -> float:
    """U0 of placing nothing, n r - rollover_cost owed."""
    return project.need * project.pool - project.rollover


@compiled_inline
def settled_value(
    worth: float,
    placed: float,
    squares: float,
    fears: float,
    ties: float,
    pool: float,
    duplication: float,
    abandonment: float,
    fear: float,
) -> float:
    """U0 of a deal but for splits and switches.

    sum q (n mu b + d + link) - (rho/2) n^2 sum q^2 b^2 mu (1 - mu) + n r (1 - sum q) - duplication overlap
    - abandonment [sum (1 - mu) D(q) - sum (1 - mu) D(0)].

    Parameters
    ----------
    worth : float
        The first two terms.
    placed, squares : float
        sum q and sum q^2.
    fears, ties : float
        sum (1 - mu) A^2 and sum A over all powers, once the deal is settled.
    pool : float
        n r.
    duplication, abandonment, fear : float
        Of :data:`PROJECT`.
    """
    return (
        worth
        + pool * unplaced(placed)
        - duplication * overlap(placed, squares)
        - abandonment * (feared_loss(fears, ties) - fear)
    )


@compiled
def deal_value(q: Floats, case: Case) -> float:
    """U0(q): what a deal is worth before penalties, per unit of the state's size.

    :func:`settled_value` - shared risk - split_cost [split] - switch_cost [switch].
    """
    project = case.project
    worth, placed, squares, ties, fears = 0.0, 0.0, 0.0, project.other_ties, project.other_fears
    for c in range(project.bidders):
        power, share = case.power[case.who[c]], q[c]
        placed += share
        squares += share * share
        worth += share * (power.worth - share * power.risk)
        exposure = exposure_after(share, power, project)
        ties += exposure
        fears += feared(exposure, power)
    if placed <= 0.0:
        return nothing_value(project)
    value = settled_value(
        worth,
        placed,
        squares,
        fears,
        ties,
        project.need * project.pool,
        project.duplication,
        project.abandonment,
        project.fear,
    )
    if project.correlation > 0.0:
        value -= shared_risk(q, case)
    if project.split_cost > 0.0 and contested_split(q, case):
        value -= project.split_cost
    if project.incumbent != NOBODY and not stays(q, case):
        value -= project.switch_cost
    return value


@compiled
def single_values(case: Case, ways: Ways, rows: int) -> None:
    """U0 of every share that the one power that offers may have: :func:`deal_value`, laid out for the processor.

    But for placing nothing. Fills the first ``rows`` of ``case.value``.
    """
    project, g, value, begin = case.project, case.who[0], case.value, ways.first[1]
    shares = ways.columns[0, begin : begin + rows]
    pool, duplication, abandonment, fear, adds, weight, gain, loss = constants(project)
    other_ties, other_fears = project.other_ties, project.other_fears
    worth, risk, tie, elsewhere, held, fails = terms_of(case.power[g], adds)
    switch_cost = project.switch_cost if project.incumbent != NOBODY and project.incumbent != g else 0.0
    for o in range(shares.size):
        q = shares[o]
        x = elsewhere + weight * moved(tie, max(q, held), gain, loss)
        value[o] = (
            settled_value(
                q * (worth - q * risk),
                q,
                q * q,
                other_fears + fails * x * x,
                other_ties + x,
                pool,
                duplication,
                abandonment,
                fear,
            )
            - switch_cost
        )


@compiled
def pair_values(case: Case, ways: Ways, rows: int) -> None:
    """U0 of every way to share a project between two powers: :func:`deal_value`, laid out for the processor.

    But for placing nothing. (An exclusive issue, which has an incumbent, is not shared.) Fills the first ``rows`` of
    ``case.value``.
    """
    project, g, h, value, begin = case.project, case.who[0], case.who[1], case.value, ways.first[2]
    shares, others = ways.columns[0, begin : begin + rows], ways.columns[1, begin : begin + rows]
    pool, duplication, abandonment, fear, adds, weight, gain, loss = constants(project)
    other_ties, other_fears = project.other_ties, project.other_fears
    worth_g, risk_g, tie_g, elsewhere_g, held_g, fails_g = terms_of(case.power[g], adds)
    worth_h, risk_h, tie_h, elsewhere_h, held_h, fails_h = terms_of(case.power[h], adds)
    split_cost = project.split_cost if case.contest[g, h] > 0.0 or case.contest[h, g] > 0.0 else 0.0
    covariance = 0.0
    if project.correlation > 0.0:
        common = delivery_covariance(case.power[h].belief, case.power[g].belief, project.correlation)
        covariance = risk_weight(project) * (2.0 * case.power[h].price * case.power[g].price * common)
    leave_for_g = project.switch_cost if project.incumbent != NOBODY and project.incumbent != g else 0.0
    leave_for_h = project.switch_cost if project.incumbent != NOBODY and project.incumbent != h else 0.0
    for o in range(shares.size):
        q, r = shares[o], others[o]
        x = elsewhere_g + weight * moved(tie_g, max(q, held_g), gain, loss)
        y = elsewhere_h + weight * moved(tie_h, max(r, held_h), gain, loss)
        both = q > 0.0 and r > 0.0
        value[o] = (
            settled_value(
                q * (worth_g - q * risk_g) + r * (worth_h - r * risk_h),
                q + r,
                q * q + r * r,
                other_fears + fails_g * x * x + fails_h * y * y,
                other_ties + x + y,
                pool,
                duplication,
                abandonment,
                fear,
            )
            - q * r * covariance
            - (split_cost if both else 0.0)
            - (0.0 if both else (leave_for_g if q > 0.0 else leave_for_h))
        )


@compiled_inline
def constants(project: Any) -> tuple[float, float, float, float, bool, float, float, float]:
    """What is the same for all ways to place a project."""
    return (
        project.need * project.pool,
        project.duplication,
        project.abandonment,
        project.fear,
        project.adds,
        project.weight,
        project.gain,
        project.loss,
    )


@compiled_inline
def terms_of(power: Any, adds: bool) -> tuple[float, float, float, float, float, float]:
    """What is the same for all shares of a power: worth, risk, tie, elsewhere, what stays held, and 1 - mu."""
    return (
        power.worth,
        power.risk,
        power.tie,
        power.elsewhere,
        power.held if adds else 0.0,
        doubt(power.belief),
    )


@compiled_inline
def whole_value(g: int, case: Case) -> float:
    """U0 of giving the whole project to one power, after :func:`fear_each`."""
    project, power = case.project, case.power[g]
    value = power.worth - power.risk - project.abandonment * (power.dread - project.fear)
    if project.incumbent != NOBODY and project.incumbent != g:
        value -= project.switch_cost
    return value


# -- objections --


@compiled_inline
def hurt(g: int, q: Floats, case: Case) -> float:
    """How much a deal hurts g: its rivals' shares, sum_h rivalry_gh q_h; 0 where an incumbent just stays."""
    if case.project.incumbent != NOBODY and stays(q, case):
        return 0.0
    total = 0.0
    for c in range(case.project.bidders):
        total += case.rivalry[g, case.who[c]] * q[c]
    return total


@compiled_inline
def hurt_by_whole(h: int, g: int, case: Case) -> float:
    """How much it hurts h if g has the whole project."""
    return 0.0 if g == case.project.incumbent else case.rivalry[h, g]


@compiled_inline
def reproach(legitimacy_weight: float, justification: float) -> float:
    """What pressing without justification costs, psi (1 - J); nothing under a full claim, whatever the weight."""
    if justification >= 1.0:
        return 0.0
    return legitimacy_weight * (1.0 - justification)


@compiled_inline
def weariness(fatigue: float, pressed: float) -> float:
    """What pressing many costs, psi0 h, with h the share of states pressed last year; nothing after none."""
    if pressed <= 0.0:
        return 0.0
    return fatigue * pressed


@compiled_inline
def press_probability(
    success: float, damage: float, cost: float, noise: float, reproach: float, weariness: float
) -> float:
    """Pr over u of pressing: P D > c_P (1 - s + 2 s u) + psi (1 - J) + psi0 h, with u uniform in (0, 1).

    Parameters
    ----------
    success, damage : float
        P_g, the running success, and D, the damage.
    cost, noise : float
        c_P and s.
    reproach, weariness : float
        psi (1 - J) and psi0 h.
    """
    slack = success * damage - reproach - weariness - cost * (1.0 - noise)
    return min(1.0, max(0.0, slack * steepness(cost, noise)))


@compiled_inline
def steepness(cost: float, noise: float) -> float:
    """How fast the probability of pressing rises, 1 / (2 s c_P); infinite where the draw does not matter."""
    spread = 2.0 * noise * cost
    return 1.0 / spread if spread > 0.0 else np.inf


@compiled_inline
def threatens(power: Any) -> bool:
    """Whether a power's objections matter to the state at all."""
    return power.sting > 0.0 and power.stake > 0.0


@compiled_inline
def objection(hurt: float, power: Any) -> float:
    """Probability, as the state sees it, that a power presses against a deal that hurts it so much."""
    return press_probability(
        power.success,
        power.stake * hurt,
        power.cost,
        power.noise,
        reproach(power.legitimacy_weight, power.justification),
        power.weariness,
    )


@compiled_inline
def at_stake(value: float, power: Any, project: Any) -> float:
    """What giving in to a power would cost at most, min(eps tau A_g, dU0_g - loosen), above 0 if its pressure counts.

    dU0_g = U0(q) - U0(best option that g does not object to).
    """
    return min(power.sting, value - power.spared - project.loosen)


@compiled
def expected_penalty(value: float, q: Floats, case: Case) -> float:
    """Expected cost of pressure against a deal of U0 ``value``.

    caution sum_g Pr(press) min(eps tau A_g, max(0, dU0_g - loosen)).
    """
    penalty = 0.0
    for g in range(case.power.size):
        power = case.power[g]
        if threatens(power):
            loss = at_stake(value, power, case.project)
            if loss > 0.0:
                penalty += objection(hurt(g, q, case), power) * loss
    return case.project.caution * penalty


@compiled
def penalty_on_whole(value: float, g: int, case: Case) -> float:
    """Expected cost of pressure if g has the whole project."""
    penalty = 0.0
    for h in range(case.power.size):
        power = case.power[h]
        if threatens(power):
            loss = at_stake(value, power, case.project)
            if loss > 0.0:
                penalty += objection(hurt_by_whole(h, g, case), power) * loss
    return case.project.caution * penalty


# -- all the ways to place a project --


@compiled_inline
def value_all(case: Case, ways: Ways, rows: int) -> None:
    """Fill ``case.value`` with U0 of the first ``rows`` options of those who offer; see :func:`appraise`."""
    project, value, begin = case.project, case.value, ways.first[case.project.bidders]
    spare_row = ways.first[case.project.bidders + 1] - begin - 1
    if project.bidders == 1:
        single_values(case, ways, rows)
    elif project.bidders == 2:
        pair_values(case, ways, rows)
    else:
        for o in range(rows):
            value[o] = deal_value(ways.shares[begin + o], case)
    if rows > spare_row:
        value[spare_row] = deal_value(ways.shares[begin + spare_row], case)  # it may place nothing
    value[0] = nothing_value(project) if project.incumbent == NOBODY else -np.inf


@compiled_inline
def note_spared(case: Case, ways: Ways, rows: int) -> bool:
    """Note for each power that threatens U0 of the best option that it would not object to.

    An incumbent has corners only, so that what is taken of it hurts nobody.

    Returns
    -------
    bool
        Whether any objection matters.
    """
    n, value, begin, threatened = case.project.bidders, case.value, ways.first[case.project.bidders], False
    usual = ways.first[n + 1] - begin - 1
    for g in range(case.power.size):
        power = case.power[g]
        if not threatens(power):
            continue
        threatened = True
        best, hurtful = -np.inf, 0
        for c in range(n):
            if hurt_by_whole(g, case.who[c], case) > 0.0:
                hurtful |= 1 << c
        for group in range(1 << n):
            if group & hurtful == 0:
                for o in range(ways.group[n, group], ways.group[n, group + 1]):
                    best = max(best, value[o])
        if rows > usual and value[usual] > best and hurt(g, ways.shares[begin + usual], case) == 0.0:
            best = value[usual]
        power.spared = best
    return threatened


@compiled
def penalise(case: Case, ways: Ways, rows: int) -> None:
    """Fill ``case.utility`` with U0 less :func:`expected_penalty` of every option, laid out for the processor.

    After :func:`note_spared`; somebody offers.
    """
    project, value, utility = case.project, case.value, case.utility
    n, begin = project.bidders, ways.first[project.bidders]
    if project.incumbent != NOBODY or n > 2:
        for o in range(rows):
            utility[o] = value[o] - expected_penalty(value[o], ways.shares[begin + o], case)
        return
    for o in range(rows):
        utility[o] = 0.0
    shares, others = ways.columns[0, begin : begin + rows], ways.columns[n - 1, begin : begin + rows]
    for g in range(case.power.size):
        power = case.power[g]
        if threatens(power):
            mind = case.rivalry[g, case.who[0]]
            mind_other = case.rivalry[g, case.who[1]] if n == 2 else 0.0
            stung, spared, loosen = power.sting, power.spared, project.loosen
            success, stake, cost, noise, weary = power.success, power.stake, power.cost, power.noise, power.weariness
            blame = reproach(power.legitimacy_weight, power.justification)
            for o in range(shares.size):
                damage = stake * (mind * shares[o] + mind_other * others[o])
                loss = max(0.0, min(stung, value[o] - spared - loosen))
                utility[o] += loss * press_probability(success, damage, cost, noise, blame, weary)
    caution = project.caution
    for o in range(rows):
        utility[o] = value[o] - caution * utility[o]


@compiled
def weigh_corners(case: Case, ways: Ways) -> None:
    """Fill ``case.value`` and ``case.utility`` with U0 and U of placing nothing, and of all with one power.

    For each power, as :func:`note_spared` does, U0 of the best of these that it would not object to is noted.
    """
    project, power, value, utility = case.project, case.power, case.value, case.utility
    n, begin = project.bidders, ways.first[project.bidders]
    value[0] = utility[0] = nothing_value(project) if project.incumbent == NOBODY else -np.inf
    for g in range(power.size):
        power[g].spared = value[0]
    for c in range(n):
        value[c + 1] = deal_value(ways.shares[begin + c + 1], case)
        for g in range(power.size):
            if hurt_by_whole(g, case.who[c], case) == 0.0:
                power[g].spared = max(power[g].spared, value[c + 1])
    for c in range(n):
        utility[c + 1] = value[c + 1] - penalty_on_whole(value[c + 1], case.who[c], case)


@compiled_inline
def pass_losers(case: Case, ways: Ways, rows: int, winner: int) -> None:
    """Let no option that places something without the winner of a round of counter-bids be taken."""
    n, begin = case.project.bidders, ways.first[case.project.bidders]
    usual = ways.first[n + 1] - begin - 1
    for c in range(n):
        if case.who[c] == winner:
            for group in range(1, 1 << n):
                if group & (1 << c) == 0:
                    for o in range(ways.group[n, group], ways.group[n, group + 1]):
                        case.utility[o] = -np.inf
            if rows > usual and ways.shares[begin + usual, c] <= 0.0:
                case.utility[usual] = -np.inf


@compiled_inline
def greatest(numbers: Floats, n: int) -> float:
    """The greatest of the first n numbers: four in turn, so that none waits for the one before."""
    first, second, third, fourth, rest = -np.inf, -np.inf, -np.inf, -np.inf, n - n % 4
    for o in range(0, rest, 4):
        first, second = max(first, numbers[o]), max(second, numbers[o + 1])
        third, fourth = max(third, numbers[o + 2]), max(fourth, numbers[o + 3])
    for o in range(rest, n):
        first = max(first, numbers[o])
    return max(max(first, second), max(third, fourth))


@compiled
def appraise(case: Case, ways: Ways, own: bool, winner: int) -> float:
    """Value every option of a project, with and without expected penalties.

    Fills ``case.value`` and ``case.utility`` with U0 and U: minus infinity where somebody must stay the holder of an
    exclusive issue; and U where a winner is passed over.

    Parameters
    ----------
    case : Case
        What the state weighs: gathered, and each price quoted.
    ways : Ways
        The ways to place a project.
    own : bool
        Whether the spare row of the block counts too, or (LISTED) not.
    winner : int
        Who has won a round of counter-bids, or NOBODY: then a project that is placed at all is not placed without it.

    Returns
    -------
    float
        The best utility, which ``project.best`` holds too.
    """
    project, value, utility, n = case.project, case.value, case.utility, case.project.bidders
    begin, end = ways.first[n], ways.first[n + 1]
    rows = end - begin if own else end - begin - 1
    if rows == n + 1:
        weigh_corners(case, ways)
    else:
        value_all(case, ways, rows)
        if note_spared(case, ways, rows) and n > 0:
            penalise(case, ways, rows)
        else:
            for o in range(rows):
                utility[o] = value[o]
    if winner != NOBODY:
        pass_losers(case, ways, rows, winner)
    project.best = greatest(utility, rows)
    return float(project.best)
