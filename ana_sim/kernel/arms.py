"""The runs of replicates: in the world's own mix of strategies, with one state changing its strategy, or with all."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ana_sim.kernel.engine import Engine, Replicates, Room, Word, by_strategy, run
from ana_sim.kernel.layout import Floats
from ana_sim.rules.deal import NOBODY


def undisturbed(
    engine: Engine, replicates: Replicates, room: Room, chosen: Sequence[int], reports: Floats | None = None
) -> Floats:
    """Run the world in its own mix of strategies.

    Parameters
    ----------
    engine, replicates, room : Engine, Replicates, Room
        The world, its luck, and where it is run.
    chosen : sequence of int
        Which of the replicates, R of them.
    reports : array, shape (R, T, G, len(REPORTED)), optional
        Filled with what is reported of the powers.

    Returns
    -------
    array, shape (R, strategies of the engine, columns of the tally)
        Sums over state-years, by the strategy played.
    """
    whose = np.array(chosen, dtype=np.int64)
    counters = engine.counters(len(whose), len(engine.strategies))
    run(engine, replicates, room, whose, replicates.playing[whose], by_strategy(len(whose)), counters, reports)
    return counters


def deviations(
    engine: Engine,
    replicates: Replicates,
    room: Room,
    chosen: Sequence[int],
    strategies: Sequence[Word],
    deviators: Sequence[Sequence[int]],
    reports: Floats | None = None,
) -> Floats:
    """Let states change their strategy one at a time, while the others keep theirs.

    What a deviator earns by its own strategy is taken from one run in which nobody changes; so is what is reported of
    the powers.

    Parameters
    ----------
    engine, replicates, room, chosen, reports
        As in :func:`undisturbed`.
    strategies : sequence of str or NamedStrategy
        What each deviator plays in turn, S of them; all are among the engine's.
    deviators : sequence of sequence of int
        Indices of the states, D of them for each of the R replicates.

    Returns
    -------
    array, shape (R, D, S, columns of the tally)
        The deviator's sums over its years under each strategy.
    """
    whose, who = np.array(chosen, dtype=np.int64), np.array(deviators, dtype=np.int64).reshape(len(chosen), -1)
    n, places = len(engine.scenario.state_names), np.array([engine.place[word] for word in strategies], dtype=np.int64)
    as_they_are = replicates.playing[whose]
    base = engine.counters(len(whose), n)
    everyone = np.tile(np.arange(n), (len(whose), 1))
    run(engine, replicates, room, whose, as_they_are, everyone, base, reports)
    out = np.repeat(base[np.arange(len(whose))[:, None], who][:, :, None], len(places), axis=2)
    r, d, s = np.nonzero(as_they_are[np.arange(len(whose))[:, None], who][:, :, None] != places)
    arms, states = np.arange(len(r)), who[r, d]
    playing, rows = as_they_are[r], np.full((len(r), n), NOBODY, dtype=np.int64)
    playing[arms, states], rows[arms, states] = places[s], 0
    found = engine.counters(len(r), 1)
    run(engine, replicates, room, whose[r], playing, rows, found)
    out[r, d, s] = found[:, 0]
    return out


def unanimous(
    engine: Engine, replicates: Replicates, room: Room, chosen: Sequence[int], strategies: Sequence[Word]
) -> Floats:
    """Let all states play the same strategy, one strategy after another.

    Parameters
    ----------
    engine, replicates, room, chosen, strategies
        As in :func:`deviations`.

    Returns
    -------
    array, shape (R, S, columns of the tally)
        Sums over all state-years under each strategy.
    """
    n, places = len(engine.scenario.state_names), np.array([engine.place[word] for word in strategies], dtype=np.int64)
    whose = np.repeat(np.array(chosen, dtype=np.int64), len(places))
    playing = np.tile(np.repeat(places[:, None], n, axis=1), (len(chosen), 1))
    counters = engine.counters(len(whose), len(engine.strategies))
    run(engine, replicates, room, whose, playing, by_strategy(len(whose)), counters)
    total: Floats = counters.sum(axis=1).reshape(len(chosen), len(places), -1)
    return total
