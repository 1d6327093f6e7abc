"""When a power objects, what it costs, and when a state gives in."""

from __future__ import annotations

import numpy as np

from ana_sim.compiled import compiled
from ana_sim.rules.deal import NOBODY, Case, Floats, Mask, deal_value, feasible, hurt


@compiled
def stake(theta: float, strategic: float) -> float:
    """A power's stake in a state's deal, theta_igk = min(1, theta_gk strategic_i)."""
    return min(1.0, theta * strategic)


@compiled
def stakes(theta: Floats, strategic: Floats, excluded: Mask) -> Floats:
    """Stakes of all powers in all states, theta_igk, shape (N, K, G); 0 without dealings.

    Parameters
    ----------
    theta : array, shape (G, K)
    strategic : array, shape (N,)
    excluded : array of bool, shape (N, G)
    """
    out = np.zeros((strategic.size, theta.shape[1], theta.shape[0]))
    for i in range(strategic.size):
        for k in range(theta.shape[1]):
            for g in range(theta.shape[0]):
                if not excluded[i, g]:
                    out[i, k, g] = stake(theta[g, k], strategic[i])
    return out


@compiled
def presses(
    success: float, damage: float, cost: float, noise: float, luck: float, reproach: float, weariness: float
) -> bool:
    """Whether g presses: P D > c_P (1 - s + 2 s u) + psi (1 - J) + psi0 h.

    Parameters
    ----------
    success, damage : float
        P_g and D.
    cost, noise, luck : float
        c_P, s and the addressed draw u.
    reproach, weariness : float
        psi (1 - J) and psi0 h.
    """
    return damage > 0.0 and success * damage > cost * (1.0 - noise + 2.0 * noise * luck) + reproach + weariness


@compiled
def sting(execution: float, severity: float, exposure: float) -> float:
    """Expected cost of resisting, eps tau A: dependence as power (Hirschman 1945)."""
    return execution * severity * exposure


@compiled
def forces(theta: float, rivals_share: float, strategic: float, project: float, threshold: float) -> bool:
    """Whether a power uses force: theta_gk q (strategic weight) z > K_F, by the project's own size."""
    return theta * rivals_share * strategic * project > threshold


@compiled
def running_success(success: float, rate: float, pressed: int, complied: int) -> float:
    """P after a year of ``pressed`` demands of which ``complied`` were met.

    P += rate (outcome - P) once per demand; the outcomes of one year count alike, whatever their order.
    """
    if pressed == 0:
        return success
    mean = complied / pressed
    keep = 1.0
    for _ in range(pressed):
        keep *= 1.0 - rate
    return mean + keep * (success - mean)


@compiled
def legitimacy_after(legitimacy: float, initial: float, back: float, pressing: float, forcing: float) -> float:
    """Legitimacy after a year: it returns towards its start and loses what pressing and force cost, within 0..1."""
    return min(1.0, max(0.0, legitimacy + back * (initial - legitimacy) - pressing - forcing))


@compiled
def answer(
    case: Case,
    options: Floats,
    offered: Mask,
    value: Floats,
    chosen: int,
    pressed: Mask,
    tie: Floats,
) -> tuple[int, int, float]:
    """Best answer to the demands of a year: resist all, or comply with one, net of what remains.

    With one demand: comply iff eps tau A_g >= U0(q) - max U0(q | no share of g's rivals) - loosen.

    Parameters
    ----------
    value : array, shape (n,)
        U0 of each option.
    chosen : int
        The option that is pressed against.
    pressed : array of bool, shape (G,)
        Who presses.

    Returns
    -------
    tuple
        The option settled for, the power complied with (or NOBODY), and by how much complying is better than resisting
        (for the best demand; minus infinity without one).
    """
    resist = value[chosen]
    for g in range(pressed.size):
        if pressed[g]:
            resist -= case.power[g].sting
    final, master, best = chosen, NOBODY, -np.inf
    for g in range(pressed.size):
        if not pressed[g]:
            continue
        spared, spared_tie = NOBODY, -np.inf
        for o in range(value.size):
            if not feasible(options[o], offered, case) or hurt(g, options[o], case) > 0.0:
                continue
            drawn = 0.0
            for h in range(tie.size):
                drawn += options[o, h] * tie[h]
            if spared == NOBODY or value[o] > value[spared] or (value[o] == value[spared] and drawn > spared_tie):
                spared, spared_tie = o, drawn
        comply = value[spared] + case.project.loosen
        for h in range(pressed.size):
            if pressed[h] and h != g and hurt(h, options[spared], case) > 0.0:
                comply -= case.power[h].sting
        if comply > best or (comply == best and tie[g] > tie[master]):
            final, master, best = spared, g, comply
    if best < resist:
        return chosen, NOBODY, best - resist
    return final, master, best - resist


@compiled
def surrender(
    g: int, case: Case, standing: Floats, old_prices: Floats, posted: Floats, available: Mask
) -> tuple[float, int]:
    """What giving up a standing deal costs the state before sunk costs, and who would take its place.

    dU0 = U0(Q) - max(U0(nothing), U0(best posted offer that g does not mind)).

    Parameters
    ----------
    standing, old_prices : array, shape (G,)
        Shares in force and the prices they were struck at.
    posted : array, shape (G,)
        What each power would post for the project.
    available : array of bool, shape (G,)
        Who would accept.

    Returns
    -------
    tuple
        dU0, and the substitute's index or NOBODY.
    """
    n = posted.size
    q = np.zeros(n)
    best, substitute = deal_value(q, posted, case), NOBODY
    for h in range(n):
        if available[h] and case.rivalry[g, h] == 0.0:
            q[h] = 1.0
            worth = deal_value(q, posted, case)
            if worth > best:
                best, substitute = worth, h
            q[h] = 0.0
    return deal_value(standing, old_prices, case) - best, substitute
