"""Nature: who delivers, needs and shocks, governments, deals that fall due, projects; then the powers bid."""

from __future__ import annotations

import numpy as np

from ana_sim.compiled import compiled_inline
from ana_sim.kernel.dealings import bid, is_open
from ana_sim.kernel.layout import EXCLUSIVE, Today
from ana_sim.normal import standard_normal
from ana_sim.rules import powers, ties
from ana_sim.rules.deal import NOBODY

NEVER = np.int64(2**62)
"""A year that does not come."""


@compiled_inline
def face_nature(today: Today) -> None:
    """Let nature act on powers and states, and the powers bid for the year's projects."""
    draw = today.draw
    shared = draw.delivery_shared < today.world.delivery_correlation
    for g in range(today.player.size):
        luck = draw.delivery_common if shared else today.draw_power[g].delivery
        today.player[g].delivers = luck < today.power[g].reliability
    for i in range(today.state.size):
        face_the_year(today, i)
    measure_prizes(today)
    value_projects(today)


@compiled_inline
def face_the_year(today: Today, i: int) -> None:
    """Need, shocks, elections, deals that fall due, and the project of the year."""
    world, me, mine, draw = today.world, today.state[i], today.person[i], today.draw_state[i]
    own, common = draw.own_shock < world.shocks_own, today.draw.common_shock < world.shocks_common
    innovation = world.need_innovation * standard_normal(draw.need) if world.need_innovation > 0.0 else 0.0
    me.need = ties.need_after(
        me.need,
        mine.need_mean,
        world.need_persistence,
        innovation,
        1.0 if own or common else 0.0,
        world.shocks_size,
    )
    if own or common:
        today.flow[i].shock += -ties.shock_cost(world.shocks_size, me.need, mine.need_mean)
    me.turnover = draw.turnover < world.turnover
    if me.turnover:
        take_office(today, i, world.ideology_sigma * standard_normal(draw.ideology))
    me.issue = draw_issue(today, draw.issue)
    fall_due(today, i)


@compiled_inline
def take_office(today: Today, i: int, score: float) -> None:
    """Let a government with this score take office: its affinity to each power follows."""
    me, position, weight = today.state[i], 0.0, 0.0
    me.score = score
    for g in range(today.power.size):
        side = today.power[g].side
        regard = today.regard[i, g]
        before, regard.affinity = regard.affinity, ties.affinity(today.partner[i, g].stated, side, score)
        regard.cooling = before - regard.affinity
        position += side * regard.affinity
        weight += abs(side)
    me.lean = ties.weighed(position, weight, score)


@compiled_inline
def draw_issue(today: Today, luck: float) -> int:
    """The issue whose arrival is drawn, or NOBODY where none arrives."""
    if today.world.arrivals <= 0.0:
        return NOBODY
    k, point = 0, luck * today.world.arrivals
    for earlier in range(today.world.last_issue):  # all of them: no branch to guess
        k += today.issue[earlier].arrivals <= point
    return k


@compiled_inline
def fall_due(today: Today, i: int) -> None:
    """Let deals expire; the largest is this year's project, whatever was drawn."""
    me, largest, soonest = today.state[i], -1.0, NEVER
    me.due = False
    if today.year < me.next_due:
        return
    for k in range(today.issue.size):
        today.owed[i, k] = -1.0
        owed, expired = 0.0, False
        for g in range(today.player.size):
            tie = today.tie[i, k, g]
            if tie.expires == today.year:
                owed += me.need * today.issue[k].need * tie.held * tie.price
                tie.held = 0.0
                tie.expires = NOBODY
                expired = True
            elif tie.expires > today.year:
                soonest = min(soonest, tie.expires)
        if expired:
            today.owed[i, k] = owed
            me.due = True
            if owed > largest:
                me.issue, largest = k, owed
    me.next_due = soonest


@compiled_inline
def measure_prizes(today: Today) -> None:
    """Sum of the pulls of the states whose exclusive issue a power does not hold."""
    for k in range(today.issue.size):
        if today.issue[k].kind == EXCLUSIVE:
            for g in range(today.player.size):
                today.contested[k, g] = 0.0
            for i in range(today.state.size):
                if today.person[i].present:
                    for g in range(today.player.size):
                        if today.tie[i, k, g].held <= 0.0:
                            today.contested[k, g] += today.person[i].pull


@compiled_inline
def value_projects(today: Today) -> None:
    """Value all projects of the year, scaled so that the budget surely suffices.

    A new government may swap a standing deal for a posted offer: what that could cost at most is set aside.
    """
    for g in range(today.player.size):
        player, claims = today.player[g], 0.0
        for i in range(today.state.size):
            state, regard, partner = today.state[i], today.regard[i, g], today.partner[i, g]
            k, size, bid, expected = state.issue, today.person[i].y, 0.0, 0.0
            luck = today.draw_pair[i, g].bid
            if k != NOBODY and is_open(today.year, partner, today.interest[k, g], today.issue[k], today.tie[i, k, g]):
                bid, expected = value(today, i, g, k, luck), value(today, i, g, k, 0.5)
                claims += size * bid
            if state.turnover:
                most = 0.0
                for other in range(today.issue.size):
                    if stands(today, i, other) and is_open(
                        today.year, partner, today.interest[other, g], today.issue[other], today.tie[i, other, g]
                    ):
                        most = max(most, value(today, i, g, other, luck))
                claims += size * most
            regard.bid, regard.expected = bid, expected
        player.scale = powers.budget_scale(player.bidding_share * player.budget * today.people.all_size, claims)
        for i in range(today.state.size if player.scale != 1.0 else 0):
            today.regard[i, g].bid *= player.scale
            today.regard[i, g].expected *= player.scale


@compiled_inline
def value(today: Today, i: int, g: int, k: int, luck: float) -> float:
    """V_igk before the budget's scale, with ``luck`` as the draw of xi (1/2: its mean)."""
    return bid(
        today.player[g],
        today.people,
        today.person[i],
        today.issue[k],
        today.contested[k, g],
        today.interest[k, g].interest,
        today.response[g, k],
        powers.eagerness(today.world.valuation_spread, luck),
    )


@compiled_inline
def stands(today: Today, i: int, k: int) -> bool:
    """Whether an issue other than the year's has deals in force that can be pressed against."""
    if k == today.state[i].issue or today.issue[k].kind == EXCLUSIVE:
        return False
    held = False
    for g in range(today.player.size):
        held = held or today.tie[i, k, g].held > 0.0
    return held
