"""Seek: a state asks powers, hears their prices, and chooses."""

from __future__ import annotations

import numpy as np

from ana_sim.compiled import compiled, compiled_inline
from ana_sim.kernel.dealings import adds, chance, is_open, justification, posted, sting
from ana_sim.kernel.layout import (
    ASKS_NOBODY,
    ASKS_PATRON,
    ASKS_PATRON_FIRST,
    BY_EXPECTATION,
    COMPATIBLE,
    DIVISIBLE,
    EQUAL,
    EXCLUSIVE,
    HEGEMON,
    HEGEMON_FIRST,
    RANDOM,
    RISING,
    SEARCH_ALL,
    SEARCH_FIRST,
    Today,
)
from ana_sim.kernel.nature import value
from ana_sim.luck import option_luck
from ana_sim.rules import bargain, deal, search, ties
from ana_sim.rules.deal import NOBODY, Case, Ways

UNORDERED = 3


@compiled_inline
def sit_down(today: Today, i: int, case: Case) -> bool:
    """Clear the desk; returns whether there is anybody to deal with."""
    desk, k, someone, held = today.desk, today.state[i].issue, False, False
    for g in range(today.player.size):
        desk.q[g] = desk.shares[g] = 0.0
        desk.asked[g] = desk.refused[g] = False
        case.power[g].offers = today.regard[i, g].heard = False
        if k != NOBODY:
            tie = today.tie[i, k, g]
            case.power[g].open = is_open(today.year, today.partner[i, g], today.interest[k, g], today.issue[k], tie)
            someone |= case.power[g].open
            held |= tie.held > 0.0
    return someone or (held and today.issue[k].kind == EXCLUSIVE)


@compiled_inline
def lay_the_desk(today: Today, case: Case) -> None:
    """What is weighed in all states' cases of a year."""
    world, project = today.world, case.project
    project.abandonment = world.abandonment
    project.switch_cost = world.switch_cost
    project.correlation = world.delivery_correlation
    project.gain, project.loss = world.exposure_gain, world.exposure_loss
    for g in range(today.player.size):
        rule, player, mine = today.power[g], today.player[g], case.power[g]
        mine.success = player.success
        mine.cost, mine.noise = rule.pressure_cost, rule.pressure_noise
        mine.legitimacy_weight = rule.pressure_legitimacy_weight
        mine.weariness = deal.weariness(rule.pressure_fatigue, player.pressed_last_year)


@compiled_inline
def frame(today: Today, i: int, k: int, new: bool, case: Case) -> None:
    """Lay out what the state weighs on issue k: a new project, or its standing deals as if it held none."""
    world, issue, state, project = today.world, today.issue[k], today.state[i], case.project
    divisible = issue.kind == DIVISIBLE
    project.need = state.need * issue.need
    project.pool = issue.pool
    project.aversion = today.person[i].aversion
    project.duplication = world.duplication if divisible else 0.0
    project.split_cost = world.split_cost if divisible else 0.0
    project.rollover = 0.0
    if state.due and today.owed[i, k] >= 0.0:
        project.rollover = cost_of_default(today, i, k)
    project.weight = issue.weight
    project.loosen = world.loosen if state.turnover else 0.0
    project.caution = today.dials[state.playing].caution
    project.adds = adds(issue)
    project.incumbent = NOBODY
    most = 0.0
    for g in range(today.player.size):
        tie, regard, mine = today.tie[i, k, g], today.regard[i, g], case.power[g]
        mine.affinity = leaning(today, i, g)
        mine.belief = regard.belief
        mine.link = linked_worth(today, i, g, k) if issue.linked else 0.0
        mine.tie = tie.tie
        mine.elsewhere = regard.exposure - issue.weight * tie.tie
        mine.held = tie.held if new else 0.0
        mine.sting = sting(world.linkage, today.power[g], regard, tie)
        mine.stake = tie.stake
        mine.justification = justification(today.year, tie)
        if issue.kind == EXCLUSIVE and mine.held > most:
            project.incumbent, most = g, mine.held
    project.fear = deal.fear_as_it_is(case)


@compiled_inline
def leaning(today: Today, i: int, g: int) -> float:
    """Affinity of the government to a power, with the power's legitimacy."""
    return ties.legitimate(today.regard[i, g].affinity, today.world.legitimacy_affinity, today.player[g].legitimacy)


@compiled_inline
def cost_of_default(today: Today, i: int, k: int) -> float:
    """What it costs not to renew deals that have fallen due; nothing where the outside pool lends."""
    return 0.0 if today.issue[k].pool > 0.0 else today.world.rollover_cost * today.owed[i, k]


@compiled
def linked_worth(today: Today, i: int, g: int, k: int) -> float:
    """What siding with a power on issue k is worth on the issues linked to it, sum l n_k' E[b_gk']."""
    total = 0.0
    for other in range(today.issue.size):
        if today.links[other, k] != 0.0 and is_open(
            today.year, today.partner[i, g], today.interest[other, g], today.issue[other], today.tie[i, other, g]
        ):
            expected = today.world.posted_share * value(today, i, g, other, 0.5)
            need = today.state[i].need * today.issue[other].need
            total += today.links[other, k] * need * expected
    return total


@compiled_inline
def post(today: Today, i: int, k: int, g: int, valuation: float) -> float:
    """What a power offers the state unasked for more."""
    return posted(valuation, today.world.posted_share, today.issue[k].pool, today.demand[k, g], today.state[i].free)


@compiled_inline
def seek(today: Today, i: int, case: Case, ways: Ways) -> tuple[int, int, int]:
    """Ask, hear prices, choose; returns the option, and the payer and the rival of an exclusion clause."""
    k = today.state[i].issue
    outbids = today.dials[today.state[i].playing].counter_bids and today.issue[k].kind != COMPATIBLE
    open_case(today, i, k, case)
    ask_around(today, i, k, case, outbids, ways)
    payer, rival, winner = hear_prices(today, i, k, case, outbids)
    return choose(today, i, k, case, winner, payer, ways), payer, rival


@compiled_inline
def open_case(today: Today, i: int, k: int, case: Case) -> None:
    """What each power would pay, as far as it is known; on an exclusive issue no more than can be borne."""
    dials, kind = today.dials[today.state[i].playing], today.issue[k].kind
    weighs = dials.search != SEARCH_ALL
    if weighs or dials.counter_bids:
        deal.fear_each(case)
    for g in range(today.player.size):
        regard, mine = today.regard[i, g], case.power[g]
        if kind == EXCLUSIVE:
            bearable = deal.bearable_price(case.project.need, regard.belief, case.project.aversion)
            regard.bid, regard.expected = min(regard.bid, bearable), min(regard.expected, bearable)
        mine.bid, mine.luck = regard.bid, today.draw_pair[i, g].tie
        if weighs:
            mine.valuation = regard.expected
            mine.posted = post(today, i, k, g, regard.expected)
    if case.project.incumbent != NOBODY:
        hear_offer(today, i, k, case.project.incumbent, case)


@compiled_inline
def hear_offer(today: Today, i: int, k: int, g: int, case: Case) -> None:
    """Learn what a power's bid really is."""
    mine = case.power[g]
    mine.offers = True
    mine.valuation = mine.bid
    mine.posted = post(today, i, k, g, mine.bid)


@compiled_inline
def ask_around(today: Today, i: int, k: int, case: Case, outbids: bool, ways: Ways) -> None:
    """Ask powers one after another until the strategy asks no more."""
    while True:
        g = next_ask(today, i, k, case, outbids, ways)
        if g == NOBODY:
            return
        ask(today, i, k, g, case)


@compiled_inline
def ask(today: Today, i: int, k: int, g: int, case: Case) -> None:
    """Ask a power: it offers or refuses, and who refuses cannot object for some years."""
    desk, memory = today.desk, today.world.memory_years
    desk.asked[g] = True
    if today.draw_pair[i, g].accept < readiness(today, i, k, g):
        hear_offer(today, i, k, g, case)
        return
    desk.refused[g] = True
    case.power[g].open = False
    if memory > 0:
        today.tie[i, k, g].objects_until = today.year + memory
        case.power[g].justification = 0.0


@compiled_inline
def readiness(today: Today, i: int, k: int, g: int) -> float:
    """Probability that a power accepts to bid for the state's project."""
    return chance(
        today.interest[k, g].acceptance,
        today.player[g],
        today.power[g],
        today.regard[i, g].hostility,
        today.state[i].quarrel,
    )


@compiled_inline
def may_ask(today: Today, i: int, g: int, case: Case) -> bool:
    """Whether the strategy may still ask a power."""
    dials = today.dials[today.state[i].playing]
    if dials.asks == ASKS_NOBODY or not case.power[g].open or today.desk.asked[g] or g == case.project.incumbent:
        return False
    return not (dials.asks == ASKS_PATRON and g != dials.patron)


@compiled_inline
def next_ask(today: Today, i: int, k: int, case: Case, outbids: bool, ways: Ways) -> int:
    """Whom to ask next by the dials: all, until the first acceptance, or as long as asking pays (Weitzman)."""
    desk, dials = today.desk, today.dials[today.state[i].playing]
    free, heard = 0, False
    for g in range(today.player.size):
        if may_ask(today, i, g, case):
            if dials.search == SEARCH_ALL:
                return g
            free += 1
        heard = heard or (desk.asked[g] and not desk.refused[g])
    if free == 0 or (dials.search == SEARCH_FIRST and heard):
        return NOBODY
    ordered = dials.asks == ASKS_PATRON_FIRST or dials.order != BY_EXPECTATION
    if dials.search == SEARCH_FIRST and ordered:
        turn = next_in_turn(today, i, case, NOBODY)
        if turn != NOBODY:
            return turn
    cost = today.world.ask_cost / today.person[i].capacity
    enough = cost if free == 1 and dials.search != SEARCH_FIRST else np.inf
    weigh_asking(today, i, k, case, outbids, enough, ways)
    if dials.search == SEARCH_FIRST:
        return most_promising(today, i, case)
    turn = NOBODY
    while ordered:
        turn = next_in_turn(today, i, case, turn)
        if turn == NOBODY:
            break
        if desk.gain[turn] > cost:
            return turn
    best = most_promising(today, i, case)
    return best if desk.gain[best] > cost else NOBODY


@compiled
def most_promising(today: Today, i: int, case: Case) -> int:
    """The power that is most worth asking; equals by luck."""
    gain, best = today.desk.gain, NOBODY
    for g in range(today.player.size):
        if may_ask(today, i, g, case) and (
            best == NOBODY
            or gain[g] > gain[best]
            or (gain[g] == gain[best] and case.power[g].luck > case.power[best].luck)
        ):
            best = g
    return best


@compiled
def next_in_turn(today: Today, i: int, case: Case, last: int) -> int:
    """Whom a fixed order of asking names after ``last``: the patron first, or by role, equals by luck."""
    best = NOBODY
    for g in range(today.player.size):
        if may_ask(today, i, g, case) and turn_of(today, i, g) < UNORDERED:
            if last != NOBODY and not comes_after(today, i, case, g, last):
                continue
            if best == NOBODY or comes_after(today, i, case, best, g):
                best = g
    return best


@compiled
def turn_of(today: Today, i: int, g: int) -> int:
    """Place of a power in a fixed order of asking; UNORDERED for those that no order names."""
    dials, role = today.dials[today.state[i].playing], today.power[g].role
    if dials.asks == ASKS_PATRON_FIRST and g == dials.patron:
        return -1
    if dials.order == BY_EXPECTATION:
        return UNORDERED
    if role not in (HEGEMON, RISING):
        return 2
    return 0 if (role == HEGEMON) == (dials.order == HEGEMON_FIRST) else 1


@compiled
def comes_after(today: Today, i: int, case: Case, g: int, h: int) -> bool:
    """Whether g is asked after h."""
    turn, other, luck, its = turn_of(today, i, g), turn_of(today, i, h), case.power[g].luck, case.power[h].luck
    return turn > other or (turn == other and (luck < its or (luck == its and g > h)))


@compiled_inline
def weigh_asking(today: Today, i: int, k: int, case: Case, outbids: bool, enough: float, ways: Ways) -> None:
    """What asking each power is worth before its cost, if it matters how much more than enough."""
    desk = today.desk
    now = search.prospect(case, outbids, ways)
    for g in range(today.player.size):
        if may_ask(today, i, g, case):
            desk.gain[g] = search.asking_gain(
                g,
                readiness(today, i, k, g),
                now,
                case,
                outbids,
                today.world.memory_years > 0,
                enough,
                ways,
            )


@compiled_inline
def hear_prices(today: Today, i: int, k: int, case: Case, outbids: bool) -> tuple[int, int, int]:
    """Quote what is offered: posted, or after a round of counter-bids; an exclusion clause comes first.

    Returns
    -------
    tuple
        Who pays for a clause, whom it shuts out, and who has won the counter-bids; or NOBODY.
    """
    world, power = today.world, case.power
    payer, rival, price, winner = NOBODY, NOBODY, 0.0, NOBODY
    for g in range(power.size):
        today.regard[i, g].heard = power[g].offers
    if world.clause_term > 0 and today.issue[k].kind == DIVISIBLE:
        payer, rival, price = bargain.exclusion(case, today.state[i].need, world.clause_stake)
    if payer != NOBODY:
        for g in range(power.size):
            power[g].offers = g == payer
    deal.gather(case)
    if outbids and payer == NOBODY and bargain.contested(case):
        winner = bargain.counter_bids(case)
        today.flow[i].asks += -world.bid_cost / today.person[i].capacity
    else:
        for g in range(power.size):
            if power[g].offers:
                deal.quote(power[g], price if g == payer else power[g].posted, case.project)
    return payer, rival, winner


@compiled_inline
def choose(today: Today, i: int, k: int, case: Case, winner: int, payer: int, ways: Ways) -> int:
    """Take shares: the best reply (or logit), a control's fixed rule, or the clause; returns the option."""
    desk, world, dials, kind = today.desk, today.world, today.dials[today.state[i].playing], today.issue[k].kind
    begin, end, own = ways.first[case.project.bidders], ways.first[case.project.bidders + 1], True
    spare = ways.shares[end - 1]
    if payer != NOBODY or (dials.allocation == EQUAL and kind == COMPATIBLE):
        search.all_offers(spare, case)
    elif dials.allocation == EQUAL and kind != EXCLUSIVE:
        search.even_shares(spare, case)
    elif dials.allocation == RANDOM:
        search.random_offer(spare, case)
    else:
        own = False
    if own:
        for c in range(case.project.bidders):
            ways.columns[c, end - 1] = spare[c]
    rational = world.rationality == np.inf
    deal.appraise(case, ways, own, winner)
    if own:
        return end - 1 - begin
    if not rational:
        for o in range(end - 1 - begin):
            code = search.option_code(ways.shares[begin + o], case, today.power_hash)
            luck = option_luck(today.year, today.state_hash[i], code, today.key[0], today.key[1])
            desk.gumbel[o] = search.standard_gumbel(luck)
    return search.pick(case.utility, ways, case, world.rationality, desk.gumbel)


@compiled_inline
def take(today: Today, case: Case, ways: Ways, option: int) -> None:
    """Fix the shares that are taken."""
    desk, row = today.desk, ways.first[case.project.bidders] + option
    for c in range(case.project.bidders):
        desk.q[c] = ways.shares[row, c]
        desk.shares[case.who[c]] = ways.shares[row, c]
