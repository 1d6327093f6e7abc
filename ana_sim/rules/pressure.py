"""When a power objects, what it costs, and when a state gives in."""

from __future__ import annotations

import numpy as np

from ana_sim.compiled import compiled, compiled_inline, compiled_with_arrays
from ana_sim.rules.deal import NOBODY, Case, Floats, Mask, Ways, deal_value, hurt, quote


@compiled_inline
def stake(theta: float, strategic: float) -> float:
    """A power's stake in a state's deal, theta_igk = min(1, theta_gk strategic_i)."""
    return min(1.0, theta * strategic)


@compiled_with_arrays
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


@compiled_inline
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


@compiled_inline
def sting(execution: float, severity: float, exposure: float) -> float:
    """Expected cost of resisting, eps tau A: dependence as power (Hirschman 1945)."""
    return execution * severity * exposure


@compiled_inline
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


@compiled_inline
def legitimacy_after(legitimacy: float, initial: float, back: float, pressing: float, forcing: float) -> float:
    """Legitimacy after a year: it returns towards its start and loses what pressing and force cost, within 0..1."""
    return min(1.0, max(0.0, legitimacy + back * (initial - legitimacy) - pressing - forcing))


@compiled
def answer(case: Case, ways: Ways, value: Floats, chosen: int, pressed: Mask) -> tuple[int, int, float]:
    """Best way to comply with one of the demands of a year, and how it compares with resisting all.

    With one demand: comply iff eps tau A_g >= U0(q) - max U0(q | no share of g's rivals) - loosen. With several, both
    sides are net of what remains: the stings of those who press and would still be hurt.

    Parameters
    ----------
    ways : Ways
        The ways to place a project.
    value : array, shape (n,) or longer
        U0 of each option; minus infinity where it is not open.
    chosen : int
        The option that is pressed against; the spare row is an option if it was chosen.
    pressed : array of bool, shape (G,)
        Who presses; at least one.

    Returns
    -------
    tuple
        The best option that complies, the power complied with, and by how much that is better than resisting.
    """
    resist = value[chosen]
    for g in range(pressed.size):
        if pressed[g]:
            resist -= case.power[g].sting
    begin, end = ways.first[case.project.bidders], ways.first[case.project.bidders + 1] - 1
    final, master, best, best_tie = NOBODY, NOBODY, -np.inf, -np.inf
    for g in range(pressed.size):
        if not pressed[g]:
            continue
        for o in range(max(end - begin, chosen + 1)):
            q = ways.shares[begin + o]
            if value[o] == -np.inf or hurt(g, q, case) > 0.0:
                continue
            comply, drawn = value[o] + case.project.loosen, case.power[g].luck
            for c in range(case.project.bidders):
                drawn += q[c] * case.power[case.who[c]].luck
            for h in range(pressed.size):
                if pressed[h] and hurt(h, q, case) > 0.0:
                    comply -= case.power[h].sting
            if master == NOBODY or comply > best or (comply == best and drawn > best_tie):
                final, master, best, best_tie = o, g, comply, drawn
    return final, master, best - resist


@compiled
def surrender(g: int, case: Case, standing: Floats, q: Floats) -> tuple[float, int]:
    """What giving up a standing deal costs the state before sunk costs, and who would take its place.

    dU0 = U0(Q) - max(U0(Q without g's rivals), U0(best posted offer that g does not mind)).

    Parameters
    ----------
    case : Case
        All powers gathered; ``price`` is what the deals in force were struck at, ``posted`` what each would post, and
        ``open`` says who would accept.
    standing : array, shape (G,)
        Shares in force.
    q : array, shape (G,)
        Room for a deal.

    Returns
    -------
    tuple
        dU0, and the substitute's index or NOBODY.
    """
    substitute, as_it_is = NOBODY, deal_value(standing, case)
    for h in range(q.size):
        q[h] = 0.0 if case.rivalry[g, h] > 0.0 else standing[h]
    best = deal_value(q, case)
    for h in range(q.size):
        if case.power[h].open and case.rivalry[g, h] == 0.0:
            for other in range(q.size):
                kept = case.project.adds and case.rivalry[g, other] <= 0.0
                q[other] = standing[other] if kept else 0.0
            q[h] = 1.0
            old = case.power[h].price
            quote(case.power[h], case.power[h].posted, case.project)
            worth = deal_value(q, case)
            quote(case.power[h], old, case.project)
            if worth > best:
                best, substitute = worth, h
    return as_it_is - best, substitute
