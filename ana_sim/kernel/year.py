"""The year in order: plan, nature, seek, object, settle, coordinate, learn; and the years of many runs."""

from __future__ import annotations

from typing import cast

import numpy as np

from ana_sim.compiled import compiled, compiled_inline
from ana_sim.handle import handle
from ana_sim.kernel.chance import draw_luck
from ana_sim.kernel.clock import PHASES, tick
from ana_sim.kernel.count import count_states, report_powers
from ana_sim.kernel.layout import (
    COMPATIBLE,
    DIVISIBLE,
    Desk,
    Draws,
    Floats,
    Ints,
    Life,
    Menu,
    People,
    Terms,
    Today,
    Words,
)
from ana_sim.kernel.nature import face_nature, take_office
from ana_sim.kernel.note import note_choice, note_outcome, note_states
from ana_sim.kernel.plan import plan
from ana_sim.kernel.press import face_objections, face_old_quarrels, suffer_force
from ana_sim.kernel.seek import frame, lay_the_desk, seek, sit_down, take
from ana_sim.kernel.settle import account, quarrel, settle, spread_news
from ana_sim.kernel.society import coordinate, gather_free_members, learn, measure_coordination
from ana_sim.rules import pressure
from ana_sim.rules.deal import NOBODY, Case

LUCK, PLAN, NATURE, SEEK, OBJECT, SETTLE, ACCOUNT, COORDINATE, LEARN, COUNT = (
    cast(int, n) for n in np.arange(len(PHASES))
)


@compiled
def run_arms(
    terms: Terms,
    people: People,
    draws: Draws,
    words: Words,
    menu: Menu,
    life: Life,
    flow: Floats,
    desk: Desk,
    whose: Ints,
    playing: Ints,
    rows: Ints,
    counters: Floats,
    reports: Floats,
    notes: Floats,
    clock: Ints,
) -> None:
    """Run worlds that differ in their replicate, the luck and the states, and in the states' strategies only.

    Parameters
    ----------
    terms, people, draws : Terms, People, Draws
        What is given; only read, but for draws that come year by year.
    words : Words
        Those draws as numbers; empty if all are given.
    menu, life, flow, desk : Menu, Life, array, Desk
        Room for one world; ``flow`` is ``life.flow`` as numbers.
    whose : array of int, shape (A,)
        The replicate of each arm, by its place among those that are given.
    playing : array of int, shape (A, N)
        The strategy of each state at the start, by arm.
    rows : array of int, shape (A, N) or (A, 0)
        The row of the arm's counters that a state's years are added to, NOBODY for none; by strategy if empty.
    counters : array, shape (A, cells, columns)
        Sums over state-years, from the first that is counted; added to.
    reports : array, shape (A, T, G, len(REPORTED)) or (A, 0, G, len(REPORTED))
        Filled with what is reported of the powers, if there is room.
    notes : array, shape (A, T, N, columns of :class:`ana_sim.kernel.note.Notes`) or (A, T, 0, columns)
        Filled with what is kept of each state-year, if there is room.
    clock : array of int
        Time by phase (:func:`ana_sim.kernel.clock.tick`), or empty.
    """
    given, states, luck = handle(terms), handle(people), handle(draws)
    numbers, world, ways, room = (
        handle(words),
        handle(life),
        handle(Menu(handle(menu.corner), handle(menu.subset), handle(menu.split))),
        handle(desk),
    )
    for arm in range(playing.shape[0]):
        for year in range(terms.of_year.size):
            mine, cells, sums, kept = playing[arm], rows[arm], counters[arm], notes[arm, year]
            live(
                year, whose[arm], given, states, luck, numbers, ways, world, flow, room, mine, cells, sums, kept, clock
            )
            if reports.shape[1] > 0:
                now, everyone = terms.power[terms.of_year[year]], people.all[whose[arm], people.of_year[year]]
                report_powers(life.player, now, everyone, reports[arm, year])


@compiled
def live(
    year: int,
    r: int,
    terms: Terms,
    people: People,
    draws: Draws,
    words: Words,
    menu: Menu,
    life: Life,
    flow: Floats,
    desk: Desk,
    playing: Ints,
    rows: Ints,
    counters: Floats,
    notes: Floats,
    clock: Ints,
) -> None:
    """Live through a year of one world, in replicate `r`; the first begins with putting the world at its start."""
    u, p, fleeting = terms.of_year[year], people.of_year[year], words.year.size > 0
    row, column = (0, 0) if fleeting else (r, year)
    today = handle(
        Today(
            year,
            terms.world[u],
            terms.power[u],
            terms.issue[u],
            terms.interest[u],
            terms.rivalry[u],
            terms.contest[u],
            terms.links[u],
            terms.dials,
            terms.hegemon,
            terms.rising,
            people.all[r, p],
            people.person[r, p],
            people.partner[r, p],
            people.present[r, p],
            people.first[p],
            people.neighbour,
            draws.year[row, column],
            draws.power[row, column],
            draws.state[row, column],
            draws.pair[row, column],
            draws.state_hash,
            draws.power_hash,
            draws.key[r],
            life.state,
            life.regard,
            life.tie,
            life.owed,
            life.flow,
            life.player,
            life.response,
            life.deal_share,
            life.dissent,
            life.demand,
            life.contested,
            life.common,
            menu,
            desk,
        )
    )
    if year == 0:
        begin(today, people.exposure[r], people.held, people.score[r], playing)
    if year == 0 or u != terms.of_year[year - 1] or p != people.of_year[year - 1]:
        take_stock(today)
    flow[:] = 0.0
    tick(clock, COUNT)
    if fleeting:
        draw_luck(year, r, today.world, draws, words)
    tick(clock, LUCK)
    for i in range(today.state.size):
        declare(today, i)
    plan(today, life.outdone, terms.demonstrates)
    tick(clock, PLAN)
    face_nature(today)
    tick(clock, NATURE)
    case = handle(
        Case(desk.project[0], desk.power[0], desk.who[0], today.rivalry, today.contest, desk.value, desk.utility)
    )
    old = handle(
        Case(desk.project[1], desk.power[1], desk.who[1], today.rivalry, today.contest, desk.value, desk.utility)
    )
    lay_the_desk(today, case)
    lay_the_desk(today, old)
    for i in range(today.state.size):
        deal_with_powers(today, i, case, old, notes, clock)
    spread_news(today)
    quarrel(today)
    account(today)
    tick(clock, ACCOUNT)
    coordinate(today)
    tick(clock, COORDINATE)
    learn(today, terms.mix)
    tick(clock, LEARN)
    if year >= terms.since:
        count_states(today, flow, counters, rows)
    if notes.shape[0] > 0:
        note_states(today, flow, notes)
    for i in range(today.state.size):
        if today.state[i].revised != NOBODY:
            today.state[i].playing = today.state[i].revised


@compiled
def begin(today: Today, exposure: Floats, held: Floats, score: Floats, playing: Ints) -> None:
    """Put the world at its start."""
    for i in range(today.state.size):
        state = today.state[i]
        state.need, state.quarrel, state.smoothed = today.person[i].need_mean, 0.0, 0.0
        state.playing, state.revised, state.issue, state.ally = playing[i], NOBODY, NOBODY, NOBODY
        state.turnover = state.due = state.insulted = False
        state.next_due = 0
        take_office(today, i, score[i])
        for g in range(today.player.size):
            regard = today.regard[i, g]
            regard.belief, regard.hostility = today.power[g].belief_initial, 0.0
            regard.insulted = False
            for k in range(today.issue.size):
                tie = today.tie[i, k, g]
                tie.held, tie.tie, tie.price = held[i, k, g], exposure[i, g], 0.0
                tie.expires = today.issue[k].term if today.issue[k].term > 0 and tie.held > 0.0 else NOBODY
                tie.objects_until = tie.locked_until = 0
    for g in range(today.player.size):
        player = today.player[g]
        player.capability, player.success = today.power[g].capability, today.power[g].pressure_success_initial
        player.share = player.share_before = player.share_at_start = player.pressed_last_year = 0.0
        player.legitimacy = today.world.legitimacy_initial
    today.response[:] = 0.0
    today.demand[:] = 0.0
    today.contested[:] = 0.0
    today.common[0].mean_quarrel = 0.0
    gather_free_members(today)
    measure_coordination(today)


@compiled
def take_stock(today: Today) -> None:
    """Let stakes and exposures follow the conditions of the year, where these have changed."""
    for i in range(today.state.size):
        for g in range(today.player.size):
            total = 0.0
            for k in range(today.issue.size):
                tie = today.tie[i, k, g]
                theta = today.interest[k, g].stake
                tie.stake = 0.0
                if not today.partner[i, g].excluded:
                    tie.stake = pressure.stake(theta, today.person[i].strategic)
                total += today.issue[k].weight * tie.tie
            today.regard[i, g].exposure = total


@compiled_inline
def declare(today: Today, i: int) -> None:
    """Declare for a patron, if the strategy does and the patron has dealings with the state."""
    state = today.state[i]
    dials = today.dials[state.playing]
    state.ally = NOBODY
    if dials.declares and dials.patron != NOBODY and not today.partner[i, dials.patron].excluded:
        state.ally = dials.patron
    for g in range(today.player.size):
        today.regard[i, g].demands = today.regard[i, g].met = 0


@compiled_inline
def deal_with_powers(today: Today, i: int, case: Case, old: Case, notes: Floats, clock: Ints) -> None:
    """Seek, object, settle: one state's year. All states move at once, on the state of the world at its start."""
    state, desk, menu = today.state[i], today.desk, today.menu
    k = state.issue
    option, payer, rival, taken = 0, NOBODY, NOBODY, False
    ways = menu.corner
    met = sit_down(today, i, case)
    if met:
        if today.issue[k].kind == COMPATIBLE:
            ways = menu.subset
        elif today.issue[k].kind == DIVISIBLE and today.dials[state.playing].splits:
            ways = menu.split
        frame(today, i, k, True, case)
        option, payer, rival = seek(today, i, case, ways)
        take(today, case, ways, option)
    if notes.shape[0] > 0:
        note_choice(today, i, case, payer, notes[i])
    tick(clock, SEEK)
    for g in range(today.player.size):
        taken = taken or desk.shares[g] > 0.0
    if taken:
        face_objections(today, i, case, ways, option)
        suffer_force(today, i, case)
    given_up = face_old_quarrels(today, i, old) if state.turnover else (NOBODY, NOBODY, NOBODY, 0.0)
    tick(clock, OBJECT)
    settle(today, i, case, met, payer, rival, given_up)
    tick(clock, SETTLE)
    for g in range(today.player.size):
        today.regard[i, g].share = desk.shares[g]
    if notes.shape[0] > 0:
        note_outcome(today, i, case, given_up, notes[i])
