"""Count: what is kept of a year, in counters of a fixed size."""

from __future__ import annotations

from typing import Any

from ana_sim.compiled import compiled, compiled_inline
from ana_sim.kernel.layout import Floats, Ints, Records, Today
from ana_sim.rules import ties
from ana_sim.rules.deal import NOBODY

SUMMED = 15
"""The first columns of the counters, that are fields of FLOW: the components of payoff and what stands beside."""


@compiled_inline
def count_states(today: Today, flow: Floats, counters: Floats, rows: Ints) -> None:
    """Add the states' year to the counters.

    Parameters
    ----------
    flow : array, shape (N, fields of FLOW)
        What was counted of the year, as numbers.
    counters : array, shape (cells, columns of :class:`ana_sim.tally.Tally`)
        Sums over state-years.
    rows : array of int, shape (N,)
        Where to count each state; NOBODY for none. Without rows each is counted with its strategy.
    """
    powers, issues = today.player.size, today.issue.size
    shares, exposures = SUMMED, SUMMED + powers
    leverage, leans = SUMMED + 2 * powers, SUMMED + 2 * powers + 2
    projects, n = leans + issues, leans + 2 * issues
    for i in range(today.state.size):
        state, cell = today.state[i], NOBODY
        if rows.size > 0:
            cell = rows[i]
        elif today.person[i].present:
            cell = state.playing
        if cell == NOBODY:
            continue
        row = counters[cell]
        today.flow[i].concentration = concentration(today, i)
        for column in range(SUMMED):
            row[column] += flow[i, column]
        row[leverage] += today.flow[i].leverage
        row[leverage + 1] += today.flow[i].priced
        for g in range(powers):
            row[shares + g] += today.regard[i, g].share
            row[exposures + g] += today.regard[i, g].exposure
        if state.issue != NOBODY:
            hegemon = today.regard[i, today.hegemon].share if today.hegemon != NOBODY else 0.0
            rising = today.regard[i, today.rising].share if today.rising != NOBODY else 0.0
            row[leans + state.issue] += hegemon - rising
            row[projects + state.issue] += 1.0
        row[n] += 1.0


@compiled_inline
def concentration(today: Today, i: int) -> float:
    """Concentration of exposure, sum of squared parts; 0 without exposure."""
    total, squares = 0.0, 0.0
    for g in range(today.player.size):
        total += today.regard[i, g].exposure
    if total <= 0.0:
        return 0.0
    for g in range(today.player.size):
        squares += ties.squared_part(today.regard[i, g].exposure, total)
    return squares


@compiled
def report_powers(player: Records, power: Records, people: Any, rows: Floats) -> None:
    """Fill the row of each power, shape (G, len(REPORTED))."""
    size = people.all_size if people.all_size > 0.0 else 1.0
    for g in range(player.size):
        mine, row = player[g], rows[g]
        row[0], row[1], row[2] = mine.capability, mine.share, power[g].openness
        row[3], row[4], row[5] = mine.budget, mine.spent / size, mine.rent
        row[6], row[7], row[8] = mine.public_good, mine.legitimacy, mine.influence
        row[9], row[10], row[11], row[12] = mine.deals, mine.pressings, mine.forced, mine.office
