"""Settle: book what was delivered, let ties, beliefs and hostility follow, close the powers' accounts."""

from __future__ import annotations

from ana_sim.compiled import compiled, compiled_inline
from ana_sim.kernel.layout import COMPATIBLE, DIVISIBLE, Today
from ana_sim.kernel.press import left
from ana_sim.kernel.seek import cost_of_default, leaning, linked_worth
from ana_sim.rules import deal, pressure, ties
from ana_sim.rules.deal import NOBODY, Case


@compiled_inline
def settle(
    today: Today, i: int, case: Case, met: bool, payer: int, rival: int, quarrel: tuple[int, int, int, float]
) -> None:
    """Book the year of a state, and let its ties follow the deals in force.

    Parameters
    ----------
    met : bool
        Whether the state sat down with anybody on the year's project, so that there is a case.
    payer, rival : int
        The exclusion clause that it took, or NOBODY.
    quarrel : tuple
        The standing deal that it gave up: issue, for whom, the substitute and its price.
    """
    world, desk, state, flow = today.world, today.desk, today.state[i], today.flow[i]
    asked = 0
    for g in range(today.player.size):
        asked += desk.asked[g]
    flow.asks += -asked * world.ask_cost / today.person[i].capacity
    if state.issue != NOBODY:
        book_project(today, i, case, met, payer, rival)
    if quarrel[0] != NOBODY:
        book_substitute(today, i, quarrel)
    placed = False
    for g in range(today.player.size):
        placed = placed or desk.shares[g] > 0.0
    if state.due:
        for k in range(today.issue.size):
            if today.owed[i, k] >= 0.0 and (k != state.issue or not placed):
                flow.shock += -cost_of_default(today, i, k)
    if state.ally != NOBODY:
        flow.club += today.player[state.ally].rent
    flow.public_goods += today.common[0].public_good
    follow(today, i)
    total = 0.0
    for g in range(today.player.size):
        total += today.regard[i, g].exposure
    for g in range(today.player.size):
        if not today.player[g].delivers:
            flow.shock += -world.abandonment * deal.dependence(today.regard[i, g].exposure, total)


@compiled_inline
def book_project(today: Today, i: int, case: Case, met: bool, payer: int, rival: int) -> None:
    """Book the year's project: terms, affinity, risk, the costs of sharing and switching, and the deal itself."""
    world, desk, state, flow = today.world, today.desk, today.state[i], today.flow[i]
    k, shares, q, powers = state.issue, today.desk.shares, today.desk.q, today.player.size
    issue, placed, squares = today.issue[k], 0.0, 0.0
    for g in range(powers):
        placed += shares[g]
        squares += shares[g] * shares[g]
        if desk.refused[g]:
            flow.refused = 1.0
    if issue.pool > 0.0 and powers > 0:
        flow.terms += state.need * issue.need * issue.pool * deal.unplaced(placed)
        flow.offer_value = issue.pool * deal.unplaced(placed)
    if not met or placed <= 0.0:
        return
    if case.project.incumbent != NOBODY and not deal.stays(q, case):
        flow.terms += -world.switch_cost
    for g in range(powers):
        if shares[g] > 0.0:
            book_terms(today, i, k, g, shares[g], case.power[g].price)
    flow.risk = -deal.risk_charge(q, case)
    for g in range(powers):
        if shares[g] > 0.0:
            mine = case.power[g]
            flow.affinity += shares[g] * mine.affinity
            if today.player[g].delivers:
                flow.terms += shares[g] * mine.link
            if mine.bid > 0.0:
                flow.leverage += (mine.price - world.posted_share * mine.bid) / mine.bid
                flow.priced += 1.0
    if issue.kind == DIVISIBLE:
        flow.duplication += -world.duplication * deal.overlap(placed, squares)
        if deal.contested_split(q, case):
            flow.asks += -world.split_cost
    if payer != NOBODY and shares[payer] > 0.0:
        today.tie[i, k, rival].locked_until = today.year + world.clause_term
    for g in range(powers):
        strike(today, i, k, g, shares[g], case.power[g].price if shares[g] > 0.0 else 0.0)


@compiled_inline
def book_terms(today: Today, i: int, k: int, g: int, share: float, price: float) -> None:
    """Terms of a deal, n q b if delivered; the power pays what it delivers."""
    player, flow, part = today.player[g], today.flow[i], share * price
    flow.offer_value += part
    player.deals += 1
    if player.delivers:
        flow.terms += today.state[i].need * today.issue[k].need * part
        player.spent += today.person[i].y * part


@compiled_inline
def strike(today: Today, i: int, k: int, g: int, share: float, price: float) -> None:
    """Put a power's part of a deal in force: it adds to what is held on a compatible issue, else replaces it."""
    tie, issue = today.tie[i, k, g], today.issue[k]
    if issue.kind != COMPATIBLE:
        tie.held, tie.price = share, price
    elif share > 0.0:
        tie.held, tie.price = max(tie.held, share), price
    if tie.held <= 0.0:
        tie.expires = NOBODY
    if share > 0.0 and issue.term > 0:
        tie.expires = today.year + issue.term
        today.state[i].next_due = min(today.state[i].next_due, tie.expires)


@compiled
def book_substitute(today: Today, i: int, quarrel: tuple[int, int, int, float]) -> None:
    """End the deals that were given up, and book what takes their place."""
    k, g, substitute, price = quarrel
    for h in range(today.player.size):
        tie = today.tie[i, k, h]
        tie.held = 0.0 if h == substitute else left(today, i, k, h, g, substitute)
        if tie.held <= 0.0:
            tie.expires = NOBODY
    if substitute != NOBODY:
        for h in range(today.player.size):
            strike(today, i, k, h, 1.0 if h == substitute else 0.0, price if h == substitute else 0.0)
        book_terms(today, i, k, substitute, 1.0, price)
        today.flow[i].affinity += 1.0 * leaning(today, i, substitute)
        if today.player[substitute].delivers:
            today.flow[i].terms += 1.0 * linked_worth(today, i, substitute, k)


@compiled_inline
def follow(today: Today, i: int) -> None:
    """Let exposure follow the shares in force, issue by issue and over all; and note who is ahead, and a client."""
    gain, loss, size, powers = (
        today.world.exposure_gain,
        today.world.exposure_loss,
        today.person[i].y,
        today.player.size,
    )
    for g in range(powers):
        today.regard[i, g].exposure, today.regard[i, g].client = 0.0, False
    for k in range(today.issue.size):
        most, next_most, weight = 0.0, 0.0, today.issue[k].weight
        for g in range(powers):
            held = today.tie[i, k, g].held
            most, next_most = max(most, held), max(next_most, min(most, held))
        for g in range(powers):
            tie, regard = today.tie[i, k, g], today.regard[i, g]
            held, moved = tie.held, deal.moved(tie.tie, tie.held, gain, loss)
            regard.client = regard.client or held > 0.0
            regard.exposure += weight * moved
            tie.tie = moved
            if tie.stake > 0.0:
                today.player[g].ahead += size * tie.stake * ties.lead(held, next_most if held == most else most)


@compiled_inline
def spread_news(today: Today) -> None:
    """Beliefs follow what was delivered to oneself and to one's neighbours."""
    world, people = today.world, today.people
    for g in range(today.player.size):
        delivered = 1.0 if today.player[g].delivers else 0.0
        count = 0
        for i in range(today.state.size):
            if today.regard[i, g].client and today.person[i].present:
                count += 1
        for i in range(today.state.size):
            regard, degree = today.regard[i, g], degree_of(today, i)
            marked = 0
            if people.complete:
                marked = count - regard.client
            else:
                for place in range(today.first[i], today.first[i + 1]):
                    marked += today.regard[today.neighbour[place], g].client
            regard.belief = ties.observed(
                regard.belief,
                world.belief_rate,
                world.belief_social if degree > 0 else 0.0,
                regard.client,
                marked / degree if degree > 0 else 0.0,
                delivered,
            )


@compiled_inline
def degree_of(today: Today, i: int) -> int:
    """Number of a state's neighbours."""
    if today.people.complete:
        return today.people.present - 1 if today.person[i].present else 0
    return today.first[i + 1] - today.first[i]


@compiled
def peer_of(today: Today, i: int, luck: float) -> int:
    """The neighbour drawn by luck, or NOBODY."""
    degree = degree_of(today, i)
    if degree == 0:
        return NOBODY
    drawn = int(luck * degree)
    if today.people.complete:
        return today.present[drawn + (1 if drawn >= today.person[i].place else 0)]
    return today.neighbour[today.first[i] + drawn]


@compiled_inline
def quarrel(today: Today) -> None:
    """Governments insult each other and powers, the more the farther apart; insults are returned, and fade."""
    rate, fade = today.world.insults, today.world.insult_fade
    for i in range(today.state.size if rate > 0.0 else 0):
        peer = peer_of(today, i, today.draw_state[i].insult_peer)
        if peer != NOBODY and today.draw_state[i].insult < ties.insult_chance(
            rate, abs(today.state[i].lean - today.state[peer].lean)
        ):
            today.state[i].insulted = today.state[peer].insulted = True
        for g in range(today.player.size):
            regard = today.regard[i, g]
            cooling = regard.cooling if today.state[i].turnover else 0.0
            distance = ties.estrangement(regard.affinity, cooling)
            if today.draw_pair[i, g].insult_power < ties.insult_chance(rate, distance):
                regard.insulted = True
    total, members = 0.0, 0
    for i in range(today.state.size):
        state = today.state[i]
        state.quarrel = ties.hostility_after(state.quarrel, fade, state.insulted)
        state.insulted = False
        for g in range(today.player.size):
            regard = today.regard[i, g]
            regard.hostility = ties.hostility_after(regard.hostility, fade, regard.insulted)
            regard.insulted = False
        if today.person[i].member:
            total += state.quarrel
            members += 1
    today.common[0].mean_quarrel = total / max(1, members)


@compiled_inline
def account(today: Today) -> None:
    """Close the powers' year: running success, fatigue, legitimacy, influence."""
    world, n, size = today.world, max(1, today.people.present), today.people.all_size
    per = size if size > 0.0 else 1.0
    for g in range(today.player.size):
        player, rule = today.player[g], today.power[g]
        player.success = pressure.running_success(
            player.success, rule.pressure_success_rate, player.pressings, player.complied
        )
        player.pressed_last_year = player.pressed_states / n
        player.legitimacy = pressure.legitimacy_after(
            player.legitimacy,
            world.legitimacy_initial,
            world.legitimacy_return,
            world.legitimacy_press * player.reproach / n,
            world.legitimacy_force * player.forced / n,
        )
        player.spent += player.club_cost * player.budget * size
        player.influence = player.ahead / per + player.legitimacy - player.spent / per
