"""What a deal is worth to a state before it is struck: terms, affinity, risk, dependence, expected penalties.

A deal is a row of shares q, one for each power that offers, in their order: ``case.who``.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ana_sim.compiled import compiled

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

NOBODY = -1


def record(fields: dict[str, type]) -> np.dtype[Any]:
    """Layout of a record with these fields: set and read by name, in Python and in machine code."""
    return np.dtype((np.record, np.dtype(list(fields.items()), align=True)))


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
        "spared": float,  # U0 of the best option that it would not object to
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


# -- exposure and dependence --


@compiled
def moved(tie: float, share: float, gain: float, loss: float) -> float:
    """Exposure after a year, A + alpha (q - A), with alpha = gain upwards, loss downwards."""
    return tie + (gain if share > tie else loss) * (share - tie)


@compiled
def dependence(exposure: float, all_exposure: float) -> float:
    """What a state loses if a power walks away, D_g = A_g^2 / sum_h A_h; 0 without ties (Snyder 1984)."""
    if all_exposure <= 0.0:
        return 0.0
    return exposure * exposure / all_exposure


@compiled
def doubt(belief: float) -> float:
    """Believed probability that a power fails to deliver, 1 - mu; a belief above 1 overstates and leaves no doubt."""
    return max(0.0, 1.0 - belief)


@compiled
def exposure_after(share: float, power: Any, project: Any) -> float:
    """Exposure to a power over all issues once a deal is settled: on this issue it adds to what is held, or replaces."""
    if project.adds:
        share = max(share, power.held)
    return power.elsewhere + project.weight * moved(power.tie, share, project.gain, project.loss)


@compiled
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
def feared_loss(fears: float, ties: float) -> float:
    """Expected loss from abandonment, sum_g (1 - mu_g) A_g^2 / sum_h A_h; 0 without ties."""
    if ties <= 0.0:
        return 0.0
    return fears / ties


# -- terms and risk --


@compiled
def delivery_variance(belief: float) -> float:
    """Variance of one power's delivery, mu (1 - mu); none where the belief overstates."""
    certain = min(1.0, belief)
    return certain * (1.0 - certain)


@compiled
def delivery_covariance(belief: float, other: float, correlation: float) -> float:
    """Covariance of two powers' deliveries, c (min(mu_g, mu_h) - mu_g mu_h): with probability c they share the draw."""
    mu, nu = min(1.0, belief), min(1.0, other)
    return correlation * (min(mu, nu) - mu * nu)


@compiled
def bearable_price(need: float, belief: float, aversion: float) -> float:
    """The price of a full share beyond which more is worth less, 1 / (rho n (1 - mu)), where the risk outweighs it.

    U0 is quadratic in the price. A divisible project is then taken in part; of an exclusive one no more is accepted.
    """
    slope = aversion * need * doubt(belief)
    if slope <= 0.0:
        return np.inf
    return 1.0 / slope


@compiled
def risk_weight(project: Any) -> float:
    """What a unit of variance costs, (rho / 2) n^2."""
    return 0.5 * project.aversion * project.need * project.need


@compiled
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


@compiled
def gather(case: Case) -> None:
    """Note who offers, and what is known whatever is taken of them."""
    project, n, ties, fears = case.project, 0, 0.0, 0.0
    for g in range(case.power.size):
        power = case.power[g]
        if power.offers:
            case.who[n] = g
            n += 1
        else:
            exposure = exposure_after(0.0, power, project)
            ties += exposure
            fears += feared(exposure, power)
    project.bidders, project.other_ties, project.other_fears = n, ties, fears


@compiled
def unplaced(placed: float) -> float:
    """Share of the project that no power has, max(0, 1 - sum q)."""
    return max(0.0, 1.0 - placed)


@compiled
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


@compiled
def stays(q: Floats, case: Case) -> bool:
    """Whether the incumbent of an exclusive issue keeps it."""
    for c in range(case.project.bidders):
        if case.who[c] == case.project.incumbent and q[c] > 0.0:
            return True
    return False


@compiled
def nothing_value(project: Any) -> float:
    """U0 of placing nothing, n r - rollover_cost owed."""
    return project.need * project.pool - project.rollover


@compiled
def deal_value(q: Floats, case: Case) -> float:
    """U0(q): what a deal is worth before penalties, per unit of the state's size.

    sum q (n mu b + d + link) + n r (1 - sum q) - (rho/2) n^2 Var - duplication overlap
    - abandonment [sum (1 - mu) D(q) - sum (1 - mu) D(0)] - split_cost [split] - switch_cost [switch].
    """
    project = case.project
    value, placed, squares, ties, fears = 0.0, 0.0, 0.0, project.other_ties, project.other_fears
    for c in range(project.bidders):
        power, share = case.power[case.who[c]], q[c]
        placed += share
        squares += share * share
        value += share * (power.worth - share * power.risk)
        exposure = exposure_after(share, power, project)
        ties += exposure
        fears += feared(exposure, power)
    if placed <= 0.0:
        return nothing_value(project)
    value += project.need * project.pool * unplaced(placed)
    value -= project.duplication * overlap(placed, squares)
    value -= project.abandonment * (feared_loss(fears, ties) - project.fear)
    if project.correlation > 0.0:
        value -= shared_risk(q, case)
    if project.split_cost > 0.0 and squares < placed * placed and contested_split(q, case):
        value -= project.split_cost
    if project.incumbent != NOBODY and not stays(q, case):
        value -= project.switch_cost
    return value


@compiled
def whole_value(g: int, case: Case) -> float:
    """U0 of giving the whole project to one power."""
    project, power = case.project, case.power[g]
    ties, fears = 0.0, 0.0
    for h in range(case.power.size):
        exposure = exposure_after(1.0 if h == g else 0.0, case.power[h], project)
        ties += exposure
        fears += feared(exposure, case.power[h])
    value = power.worth - power.risk - project.abandonment * (feared_loss(fears, ties) - project.fear)
    if project.incumbent != NOBODY and project.incumbent != g:
        value -= project.switch_cost
    return value


# -- objections --


@compiled
def hurt(g: int, q: Floats, case: Case) -> float:
    """How much a deal hurts g: its rivals' shares, sum_h rivalry_gh q_h; 0 where an incumbent just stays."""
    if case.project.incumbent != NOBODY and stays(q, case):
        return 0.0
    total = 0.0
    for c in range(case.project.bidders):
        total += case.rivalry[g, case.who[c]] * q[c]
    return total


@compiled
def hurt_by_whole(h: int, g: int, case: Case) -> float:
    """How much it hurts h if g has the whole project."""
    return 0.0 if g == case.project.incumbent else case.rivalry[h, g]


@compiled
def reproach(legitimacy_weight: float, justification: float) -> float:
    """What pressing without justification costs, psi (1 - J); nothing under a full claim, whatever the weight."""
    if justification >= 1.0:
        return 0.0
    return legitimacy_weight * (1.0 - justification)


@compiled
def weariness(fatigue: float, pressed: float) -> float:
    """What pressing many costs, psi0 h, with h the share of states pressed last year; nothing after none."""
    if pressed <= 0.0:
        return 0.0
    return fatigue * pressed


@compiled
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
    if damage <= 0.0:
        return 0.0
    slack = success * damage - reproach - weariness - cost * (1.0 - noise)
    spread = 2.0 * noise * cost
    if not 0.0 < spread < np.inf:
        return 1.0 if slack > 0.0 else 0.0
    return min(1.0, max(0.0, slack / spread))


@compiled
def threatens(power: Any) -> bool:
    """Whether a power's objections matter to the state at all."""
    return power.sting > 0.0 and power.stake > 0.0


@compiled
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


@compiled
def threat(value: float, hurt: float, power: Any, project: Any) -> float:
    """Expected cost of one power's pressure, caution Pr(press) min(eps tau A_g, max(0, dU0_g - loosen)).

    dU0_g = U0(q) - U0(best option that g does not object to).
    """
    surrender = value - power.spared - project.loosen
    if surrender <= 0.0 or hurt <= 0.0:
        return 0.0
    return project.caution * objection(hurt, power) * min(power.sting, surrender)


@compiled
def expected_penalty(value: float, q: Floats, case: Case) -> float:
    """Expected cost of pressure against a deal of U0 ``value``, sum over powers of :func:`threat`."""
    penalty = 0.0
    for g in range(case.power.size):
        if threatens(case.power[g]):
            penalty += threat(value, hurt(g, q, case), case.power[g], case.project)
    return penalty


@compiled
def penalty_on_whole(value: float, g: int, case: Case) -> float:
    """Expected cost of pressure if g has the whole project."""
    penalty = 0.0
    for h in range(case.power.size):
        if threatens(case.power[h]):
            penalty += threat(value, hurt_by_whole(h, g, case), case.power[h], case.project)
    return penalty


# -- all the ways to place a project --


@compiled
def share_with(g: int, q: Floats, case: Case) -> float:
    """Share of a power in a deal."""
    for c in range(case.project.bidders):
        if case.who[c] == g:
            return q[c]
    return 0.0


@compiled
def placed(q: Floats, case: Case) -> float:
    """Share of the project that is placed, sum q."""
    total = 0.0
    for c in range(case.project.bidders):
        total += q[c]
    return total


@compiled
def appraise(case: Case, options: Floats, winner: int, value: Floats, utility: Floats) -> float:
    """Value every option of a project, with and without expected penalties.

    Parameters
    ----------
    case : Case
        What the state weighs: gathered, and each price quoted.
    options : array, shape (n, G)
        Rows of shares; the first columns are read, one for each power that offers.
    winner : int
        Who has won a round of counter-bids, or NOBODY: then a project that is placed at all is not placed without it.
    value, utility : array, shape (n,) or longer
        Filled with U0 and U; minus infinity where an option is not open: somebody stays the holder of an exclusive
        issue, and a winner is not passed over.

    Returns
    -------
    float
        The best utility.
    """
    project, threatened = case.project, False
    for g in range(case.power.size):
        case.power[g].spared = -np.inf
        threatened = threatened or threatens(case.power[g])
    for o in range(options.shape[0]):
        q = options[o]
        value[o] = deal_value(q, case)
        if project.incumbent != NOBODY and placed(q, case) <= 0.0:
            value[o] = -np.inf
        if threatened:
            for g in range(case.power.size):
                power = case.power[g]
                if value[o] > power.spared and threatens(power) and hurt(g, q, case) == 0.0:
                    power.spared = value[o]
    best = -np.inf
    for o in range(options.shape[0]):
        q = options[o]
        utility[o] = value[o]
        if winner != NOBODY and share_with(winner, q, case) <= 0.0 and placed(q, case) > 0.0:
            utility[o] = -np.inf
        elif threatened and value[o] > -np.inf:
            utility[o] -= expected_penalty(value[o], q, case)
        best = max(best, utility[o])
    return best
