"""Plan: what each power can offer this year."""

from __future__ import annotations

from typing import Any

from ana_sim.compiled import compiled, compiled_inline
from ana_sim.kernel.layout import REGION, RISING, Floats, Today
from ana_sim.rules import powers
from ana_sim.rules.deal import NOBODY


@compiled_inline
def plan(today: Today, outdone: Floats, demonstrates: bool) -> None:
    """Capabilities, shares, budgets, clubs, imitation, and who supplies public goods."""
    world, player, power = today.world, today.player, today.power
    all_capability = 0.0
    for g in range(player.size):
        clear(player[g])
        if today.year == 0 or power[g].stated:
            player[g].capability = power[g].capability
        else:
            player[g].capability = powers.grown(player[g].capability, power[g].growth, power[g].ceiling)
        if power[g].role != REGION:
            all_capability += player[g].capability
    for g in range(player.size):
        me, spec = player[g], power[g]
        me.share_before = me.share
        me.share = me.capability / all_capability if all_capability > 0.0 and spec.role != REGION else 0.0
        if today.year == 0:
            me.share_before = me.share_at_start = me.share
        me.engagement = powers.retrenchment(spec.inward_turn, me.share, me.share_at_start)
        offerable = me.capability
        if spec.role == REGION:
            offerable = powers.pooled_capability(
                me.capability, today.common[0].coordination, today.common[0].mean_quarrel, today.people.members_part
            )
        me.budget = powers.budget(spec.openness, spec.generosity, me.engagement, offerable)
        allied = 0.0
        for i in range(today.state.size):
            if today.state[i].ally == g:
                allied += today.person[i].y
        me.rent = powers.club_rent(world.club_cap, spec.club_share, me.budget, today.people.all_size, allied)
        me.club_cost = powers.club_outlay(me.rent, me.budget, today.people.all_size, allied)
        me.bidding_share = 1.0 - me.club_cost
    if demonstrates:
        watch_rivals(today, outdone)
    supply_public_goods(today)


@compiled_inline
def clear(player: Any) -> None:
    """Forget what was counted in the year before."""
    player.spent = player.public_good = player.reproach = player.influence = player.ahead = 0.0
    player.deals = player.pressings = player.complied = player.pressed_states = player.forced = player.office = 0


@compiled
def watch_rivals(today: Today, outdone: Floats) -> None:
    """Respond, with a lag, to being outdone in the deals in force."""
    world, powers_n, issues = today.world, today.player.size, today.issue.size
    shares = today.deal_share
    shares[:] = 0.0
    for i in range(today.state.size):
        if today.person[i].present:
            for k in range(issues):
                for g in range(powers_n):
                    shares[g, k] += today.tie[i, k, g].held
    for k in range(issues):
        total = 0.0
        for g in range(powers_n):
            total += shares[g, k]
        for g in range(powers_n):
            shares[g, k] = powers.part(shares[g, k], total)
    then = today.year - world.demonstration_lag
    for g in range(powers_n):
        for k in range(issues):
            best = 0.0
            for h in range(powers_n):
                if today.contest[g, h] > 0.0:
                    best = max(best, shares[h, k])
            outdone[today.year, g, k] = powers.excess(shares[g, k], best, world.demonstration_trigger)
    for g in range(powers_n):
        for k in range(issues):
            seen = outdone[then, g, k] if then >= 0 else 0.0
            today.response[g, k] = powers.demonstrated(today.response[g, k], world.demonstration_rate, seen)


@compiled_inline
def supply_public_goods(today: Today) -> None:
    """Let the power with the largest sigma supply the public good of the year; at parity, by role."""
    world, best, best_sigma = today.world, NOBODY, 0.0
    for g in range(today.player.size):
        status = world.public_goods_status if today.power[g].role == RISING else 0.0
        sigma = powers.standing(today.player[g].share, today.player[g].share_before, status)
        if (
            best == NOBODY
            or sigma > best_sigma
            or (sigma == best_sigma and today.power[g].role < today.power[best].role)
        ):
            best, best_sigma = g, sigma
    today.common[0].public_good = powers.public_good(world.public_goods_scale, best_sigma)
    if best != NOBODY:
        today.player[best].public_good = today.common[0].public_good
