"""What a deal is worth to a state before it is struck: terms, affinity, risk, dependence, expected penalties."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ana_sim.compiled import compiled

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

NOBODY = -1


PROJECT = np.dtype(
    (
        np.record,
        np.dtype(
            [
                ("need", float),  # n_ik, the state's need times the issue's
                (
                    "pool",
                    float,
                ),  # r, what the outside pool pays for what is not placed; 0 where it does not lend
                ("aversion", float),  # rho, risk aversion
                (
                    "duplication",
                    float,
                ),  # cost of two suppliers of one project; 0 where projects are not shared
                ("abandonment", float),  # weight on what is lost when a power walks away
                ("fear", float),  # sum_g (1 - mu_g) D_g without a new deal
                ("split_cost", float),  # cost of a contested split; 0 where projects are not shared
                ("switch_cost", float),  # cost of leaving the incumbent of an exclusive issue
                ("rollover", float),  # cost of not renewing a deal that has fallen due
                ("correlation", float),  # probability that the powers share the draw of delivery
                ("gain", float),  # alpha upwards: speed at which exposure follows a larger share
                ("loss", float),  # alpha downwards
                ("weight", float),  # w_k, the part of all arrivals
                (
                    "loosen",
                    float,
                ),  # what a new government lets go more lightly; 0 without a turnover this year
                ("caution", float),  # weight on expected penalties
                ("incumbent", np.int64),  # the power that holds an exclusive issue, else NOBODY
                ("adds", np.bool_),  # a new deal adds to those held (compatible) instead of replacing them
            ],
            align=True,
        ),
    )
)
"""What a state weighs when it places one project, whoever it deals with."""

POWER = np.dtype(
    (
        np.record,
        np.dtype(
            [
                ("affinity", float),  # d_g, with legitimacy
                ("belief", float),  # mu_g, believed probability of delivery
                ("link", float),  # what siding with g here is worth on the linked issues
                ("tie", float),  # A_igk, exposure to g on this issue
                ("elsewhere", float),  # exposure to g on all other issues, sum over k' of w_k' A_igk'
                ("held", float),  # Q_igk, share in force on this issue
                ("sting", float),  # eps tau A_g, expected cost of resisting g
                ("stake", float),  # theta_igk
                ("justification", float),  # J_igk: theta_igk, or 0 for some years after g has refused
                ("success", float),  # P_g, running success of g's pressure
                ("cost", float),  # c_P, cost of pressing
                ("noise", float),  # s, spread of that cost
                ("legitimacy_weight", float),  # psi, weight on pressing without justification
                ("weariness", float),  # psi0 h, fatigue times the share of states pressed last year
            ],
            align=True,
        ),
    )
)
"""What a state weighs about each power when it places one project."""


class Case(NamedTuple):
    """What one state weighs in one year: its project, and each power's part in it."""

    project: Any
    """A record of :data:`PROJECT`."""
    power: Any
    """Records of :data:`POWER`, shape (G,)."""
    rivalry: Floats
    """How much h's share hurts g, shape (G, G); 0 for itself and for friends."""
    contest: Floats
    """1 where g and h bid against each other, shape (G, G); 0 for itself and for friends."""


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
def position(q: Floats, g: int, taken: bool, case: Case) -> float:
    """Share that g holds on the issue once ``q`` is settled: what adds, replaces, or stays."""
    if case.project.adds:
        return max(case.power[g].held, q[g])
    return q[g] if taken else case.power[g].held


@compiled
def feared_loss(q: Floats, case: Case) -> float:
    """Expected loss from abandonment, sum_g (1 - mu_g) D_g(q)."""
    taken = False
    for g in range(q.size):
        taken = taken or q[g] > 0.0
    total = 0.0
    for g in range(q.size):
        total += case.power[g].elsewhere + case.project.weight * moved(
            case.power[g].tie, position(q, g, taken, case), case.project.gain, case.project.loss
        )
    loss = 0.0
    for g in range(q.size):
        exposure = case.power[g].elsewhere + case.project.weight * moved(
            case.power[g].tie, position(q, g, taken, case), case.project.gain, case.project.loss
        )
        loss += doubt(case.power[g].belief) * dependence(exposure, total)
    return loss


@compiled
def delivery_variance(belief: float) -> float:
    """Variance of one power's delivery, mu (1 - mu); none where the belief overstates."""
    certain = min(1.0, belief)
    return certain * (1.0 - certain)


@compiled
def terms_variance(q: Floats, b: Floats, case: Case) -> float:
    """Var(sum_g q_g b_g delivered_g), in squared units of terms.

    Powers that share the draw of delivery (with probability c) covary by c (min(mu_g, mu_h) - mu_g mu_h).
    """
    variance = 0.0
    for g in range(q.size):
        part = q[g] * b[g]
        if part != 0.0:
            mu_g = min(1.0, case.power[g].belief)
            variance += part * part * delivery_variance(mu_g)
            for h in range(g):
                mu_h = min(1.0, case.power[h].belief)
                shared = case.project.correlation * (min(mu_g, mu_h) - mu_g * mu_h)
                variance += 2.0 * part * q[h] * b[h] * shared
    return variance


@compiled
def risk_charge(q: Floats, b: Floats, case: Case) -> float:
    """Ex-ante charge for risk, (rho / 2) n^2 Var(sum q b)."""
    return 0.5 * case.project.aversion * case.project.need * case.project.need * terms_variance(q, b, case)


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
def overlap(q: Floats) -> float:
    """4 sum over pairs of q_g q_h: 1 for two halves, 0 for a single supplier."""
    pairs = 0.0
    for g in range(q.size):
        for h in range(g):
            pairs += 4.0 * q[g] * q[h]
    return pairs


@compiled
def contested_split(q: Floats, contest: Floats) -> bool:
    """Whether two powers that bid against each other share the project."""
    for g in range(q.size):
        for h in range(q.size):
            if q[g] > 0.0 and q[h] > 0.0 and contest[g, h] > 0.0:
                return True
    return False


@compiled
def unplaced(q: Floats) -> float:
    """Share of the project that no power has, max(0, 1 - sum q)."""
    placed = 0.0
    for g in range(q.size):
        placed += q[g]
    return max(0.0, 1.0 - placed)


@compiled
def switches(q: Floats, incumbent: int) -> bool:
    """Whether ``q`` leaves the incumbent of an exclusive issue for another power."""
    if incumbent == NOBODY or q[incumbent] > 0.0:
        return False
    for g in range(q.size):
        if q[g] > 0.0:
            return True
    return False


@compiled
def deal_value(q: Floats, b: Floats, case: Case) -> float:
    """U0(q): what a deal is worth before penalties, per unit of the state's size.

    n sum mu q b + n r (1 - sum q) + sum q d + sum q link - (rho/2) n^2 Var - duplication overlap
    - abandonment [sum (1 - mu) D(q) - sum (1 - mu) D(0)] - split_cost [split] - switch_cost [switch]
    - rollover_cost owed [not renewed].
    """
    value = case.project.need * case.project.pool * unplaced(q)
    for g in range(q.size):
        value += q[g] * (case.project.need * case.power[g].belief * b[g] + case.power[g].affinity + case.power[g].link)
    value -= risk_charge(q, b, case)
    if case.project.duplication > 0.0:
        value -= case.project.duplication * overlap(q)
    if case.project.abandonment > 0.0:
        value -= case.project.abandonment * (feared_loss(q, case) - case.project.fear)
    if case.project.split_cost > 0.0 and contested_split(q, case.contest):
        value -= case.project.split_cost
    if switches(q, case.project.incumbent):
        value -= case.project.switch_cost
    if case.project.rollover > 0.0 and unplaced(q) == 1.0:
        value -= case.project.rollover
    return value


@compiled
def rivals_share(g: int, q: Floats, rivalry: Floats) -> float:
    """Rivals' shares as they hurt g, sum_h rivalry_gh q_h."""
    total = 0.0
    for h in range(q.size):
        total += rivalry[g, h] * q[h]
    return total


@compiled
def hurt(g: int, q: Floats, case: Case) -> float:
    """How much a choice hurts g: its rivals' shares; 0 where an incumbent of an exclusive issue just stays."""
    if case.project.incumbent != NOBODY and q[case.project.incumbent] > 0.0:
        return 0.0
    return rivals_share(g, q, case.rivalry)


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
    slack = success * damage - reproach - weariness
    if cost <= 0.0 or noise <= 0.0:
        return 1.0 if slack > cost else 0.0
    return min(1.0, max(0.0, (slack / cost - (1.0 - noise)) / (2.0 * noise)))


@compiled
def objection(g: int, q: Floats, case: Case) -> float:
    """Probability, as the state sees it, that g presses against ``q``."""
    return press_probability(
        case.power[g].success,
        case.power[g].stake * hurt(g, q, case),
        case.power[g].cost,
        case.power[g].noise,
        reproach(case.power[g].legitimacy_weight, case.power[g].justification),
        case.power[g].weariness,
    )


@compiled
def expected_penalty(value: float, q: Floats, alternative: Floats, case: Case) -> float:
    """Expected cost of pressure, caution sum_g Pr(press) min(eps tau A_g, max(0, dU0_g - loosen)).

    dU0_g = U0(q) - U0(best option without g's rivals).

    Parameters
    ----------
    value : float
        U0(q).
    alternative : array, shape (G,)
        U0 of the best option that g would not object to.
    """
    penalty = 0.0
    for g in range(q.size):
        if case.power[g].sting > 0.0 and case.power[g].stake > 0.0:
            surrender = max(0.0, value - alternative[g] - case.project.loosen)
            penalty += objection(g, q, case) * min(case.power[g].sting, surrender)
    return case.project.caution * penalty


@compiled
def feasible(q: Floats, offered: Mask, case: Case) -> bool:
    """Whether an option takes from those who offer only; on an exclusive issue somebody stays the holder."""
    taken = False
    for g in range(q.size):
        if q[g] > 0.0:
            taken = True
            if not offered[g]:
                return False
    return taken or case.project.incumbent == NOBODY


@compiled
def appraise(
    case: Case,
    prices: Floats,
    offered: Mask,
    options: Floats,
    winner: int,
    value: Floats,
    utility: Floats,
    alternative: Floats,
) -> float:
    """Value every option of a project, with and without expected penalties.

    Parameters
    ----------
    case : Case
        What the state weighs.
    prices : array, shape (G,)
        b_g, the price of a full share.
    offered : array of bool, shape (G,)
        Who offers.
    options : array, shape (n, G)
        Shares of each option.
    winner : int
        Who has won a round of counter-bids, or NOBODY: then a project that is placed at all is not placed without it.
    value, utility : array, shape (n,)
        Filled with U0 and U; minus infinity where an option is not feasible, or not open after the counter-bids.
    alternative : array, shape (G,)
        Filled with U0 of the best option that each power would not object to.

    Returns
    -------
    float
        The best utility.
    """
    alternative[:] = -np.inf
    for o in range(options.shape[0]):
        q = options[o]
        value[o] = -np.inf
        if feasible(q, offered, case):
            value[o] = deal_value(q, prices, case)
            for g in range(q.size):
                if value[o] > alternative[g] and hurt(g, q, case) == 0.0:
                    alternative[g] = value[o]
    best = -np.inf
    for o in range(options.shape[0]):
        q = options[o]
        utility[o] = -np.inf
        if value[o] > -np.inf and (winner == NOBODY or q[winner] > 0.0 or unplaced(q) == 1.0):
            utility[o] = value[o] - expected_penalty(value[o], q, alternative, case)
            best = max(best, utility[o])
    return best
