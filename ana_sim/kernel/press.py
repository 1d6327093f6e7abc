"""Object: powers press on the new deal and on standing ones; the state gives in or resists; force may strike."""

from __future__ import annotations

import numpy as np

from ana_sim.compiled import compiled, compiled_inline
from ana_sim.kernel.dealings import is_open, justification, sting, would_press
from ana_sim.kernel.layout import DIVISIBLE, LARGE, Today
from ana_sim.kernel.nature import stands, value
from ana_sim.kernel.seek import frame, post, readiness, take
from ana_sim.normal import standard_normal
from ana_sim.rules import deal, pressure, ties
from ana_sim.rules.deal import NOBODY, Case, Ways


@compiled_inline
def face_objections(today: Today, i: int, case: Case, ways: Ways, option: int) -> None:
    """Press for every power at once, on the same shares; the state takes the best answer."""
    desk, k, pressing = today.desk, today.state[i].issue, False
    for g in range(today.player.size):
        hurt = deal.hurt(g, desk.q, case)
        desk.pressed[g] = hurt > 0.0 and would_press(
            today.year, today.player[g], today.power[g], today.tie[i, k, g], hurt, today.draw_pair[i, g].press
        )
        pressing = pressing or desk.pressed[g]
    if not pressing:
        return
    final, _, margin = pressure.answer(case, ways, case.value, option, desk.pressed)
    if margin >= 0.0:
        take(today, case, ways, final)
    for g in range(today.player.size):
        if desk.pressed[g]:
            satisfied = deal.hurt(g, desk.q, case) == 0.0
            close_demand(today, i, k, g, satisfied, today.draw_pair[i, g].execute)


@compiled
def close_demand(today: Today, i: int, k: int, g: int, satisfied: bool, luck: float) -> None:
    """Count a demand and its outcome; who resists pays, if the threat is carried out, and the ties to g shrink."""
    world, player, rule, flow = today.world, today.player[g], today.power[g], today.flow[i]
    player.pressings += 1
    player.reproach += 1.0 - justification(today.year, today.tie[i, k, g])
    if today.regard[i, g].demands == 0:
        player.pressed_states += 1
    today.regard[i, g].demands += 1
    flow.pressed = 1.0
    if satisfied:
        player.complied += 1
        today.regard[i, g].met += 1
        flow.complied = 1.0
        return
    if luck >= rule.pressure_execution:
        return
    exposure = today.regard[i, g].exposure if world.linkage else today.tie[i, k, g].tie
    flow.pressure += -(rule.pressure_severity * exposure)
    for issue in range(today.issue.size):
        if world.linkage or issue == k:
            tie = today.tie[i, issue, g]
            tie.tie = deal.moved(tie.tie, 0.0, world.exposure_gain, world.exposure_loss)


@compiled
def suffer_force(today: Today, i: int, case: Case) -> None:
    """Lose the deal to force, where the project itself is too strategic.

    How large it is is asked only if it could be large enough.
    """
    desk, k, struck, luck = today.desk, today.state[i].issue, False, today.draw_state[i].project
    issue, size = today.issue[k], -1.0
    for g in range(today.player.size):
        if today.partner[i, g].excluded:
            continue
        hurt = deal.hurt(g, desk.q, case)
        theta = today.interest[k, g].stake
        if theta * hurt <= 0.0:
            continue
        threshold = today.power[g].pressure_force_threshold
        if luck <= LARGE and not pressure.forces(theta, hurt, issue.strategic, issue.large, threshold):
            continue
        if size < 0.0:
            size = ties.project_size(issue.project_mean, issue.project_sigma, standard_normal(luck))
        if pressure.forces(theta, hurt, issue.strategic, size, threshold):
            struck = True
            today.player[g].forced += 1
    if struck:
        today.flow[i].forced = 1.0
        today.flow[i].pressure += -today.world.force_cost
        for g in range(today.player.size):
            desk.q[g] = desk.shares[g] = 0.0


@compiled
def face_old_quarrels(today: Today, i: int, case: Case) -> tuple[int, int, int, float]:
    """Under a new government, let each power press on the standing deal that hurts it most (Panama).

    Returns
    -------
    tuple
        The issue on which a deal is given up, for whom, the substitute and its price; NOBODY if none is.
    """
    desk, pressing = today.desk, False
    for g in range(today.player.size):
        desk.demand[g], desk.other[g] = NOBODY, 0.0  # the worst harm so far
    for k in range(today.issue.size):
        if stands(today, i, k):
            for g in range(today.player.size):
                harm = today.tie[i, k, g].stake * hurts(today, i, k, g)
                if harm > desk.other[g]:
                    desk.demand[g], desk.other[g] = k, harm
    for g in range(today.player.size):
        k = desk.demand[g]
        if k != NOBODY:
            if would_press(
                today.year,
                today.player[g],
                today.power[g],
                today.tie[i, k, g],
                hurts(today, i, k, g),
                today.draw_pair[i, g].press_standing,
            ):
                pressing = True
            else:
                desk.demand[g] = NOBODY
    if not pressing:
        return NOBODY, NOBODY, NOBODY, 0.0
    return answer_old_quarrels(today, i, case)


@compiled_inline
def hurts(today: Today, i: int, k: int, g: int) -> float:
    """How much the shares in force on an issue hurt a power."""
    total = 0.0
    for h in range(today.player.size):
        total += today.rivalry[g, h] * today.tie[i, k, h].held
    return total


@compiled
def answer_old_quarrels(today: Today, i: int, case: Case) -> tuple[int, int, int, float]:
    """Resist all who press on standing deals, or give one of the deals up, net of what remains."""
    world, demand = today.world, today.desk.demand
    total, best, best_loss, substitute, price = 0.0, NOBODY, np.inf, NOBODY, 0.0
    for g in range(demand.size):
        if demand[g] != NOBODY:
            total += sting_of(today, i, demand[g], g)
    for g in range(demand.size):
        k = demand[g]
        if k == NOBODY:
            continue
        loss, replacement, offer = price_of_surrender(today, i, k, g, case)
        loss += world.sunk - world.loosen
        for h in range(demand.size):
            if demand[h] != NOBODY and h != g and (demand[h] != k or still_hurt(today, i, k, h, g, replacement) > 0.0):
                loss += sting_of(today, i, demand[h], h)
        if loss < best_loss or (loss == best_loss and best != NOBODY and tie_of(today, i, g) > tie_of(today, i, best)):
            best, best_loss, substitute, price = g, loss, replacement, offer
    complied, given_up = total - best_loss >= 0.0, demand[best]
    if complied:
        today.flow[i].pressure += -world.sunk
    for g in range(demand.size):
        k = demand[g]
        if k != NOBODY:
            satisfied = complied and k == given_up and still_hurt(today, i, k, g, best, substitute) == 0.0
            close_demand(today, i, k, g, satisfied, today.draw_pair[i, g].execute_standing)
    if not complied:
        return NOBODY, NOBODY, NOBODY, 0.0
    return given_up, best, substitute, price


@compiled_inline
def tie_of(today: Today, i: int, g: int) -> float:
    """The draw that decides ties between powers."""
    return today.draw_pair[i, g].tie


@compiled_inline
def sting_of(today: Today, i: int, k: int, g: int) -> float:
    """Expected cost of resisting g on issue k."""
    return sting(today.world.linkage, today.power[g], today.regard[i, g], today.tie[i, k, g])


@compiled_inline
def left(today: Today, i: int, k: int, h: int, g: int, substitute: int) -> float:
    """Share of h in force on issue k once the deals of g's rivals there are given up."""
    if h == substitute:
        return 1.0
    if substitute != NOBODY and today.issue[k].kind == DIVISIBLE:
        return 0.0
    return 0.0 if today.rivalry[g, h] > 0.0 else today.tie[i, k, h].held


@compiled_inline
def still_hurt(today: Today, i: int, k: int, who: int, g: int, substitute: int) -> float:
    """How much a power is hurt by what is left on issue k once the deals of g's rivals there are given up."""
    total = 0.0
    for h in range(today.player.size):
        total += today.rivalry[who, h] * left(today, i, k, h, g, substitute)
    return total


@compiled
def price_of_surrender(today: Today, i: int, k: int, g: int, case: Case) -> tuple[float, int, float]:
    """What giving up the standing deal on issue k costs, who replaces it, and at what price."""
    desk = today.desk
    frame(today, i, k, False, case)
    case.project.pool = 0.0  # what the pool lent beside the deal is not lent again
    for h in range(today.player.size):
        tie, draw, power = today.tie[i, k, h], today.draw_pair[i, h], case.power[h]
        desk.standing[h], power.offers, power.posted = tie.held, True, 0.0
        deal.quote(power, tie.price, case.project)
        power.open = is_open(
            today.year, today.partner[i, h], today.interest[k, h], today.issue[k], tie
        ) and draw.accept < readiness(today, i, k, h)
        if power.open:
            power.posted = post(today, i, k, h, today.player[h].scale * value(today, i, h, k, draw.bid))
    deal.gather(case)
    loss, substitute = pressure.surrender(g, case, desk.standing, desk.other)
    return loss, substitute, case.power[substitute].posted if substitute != NOBODY else 0.0
