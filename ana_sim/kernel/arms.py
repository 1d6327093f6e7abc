"""The runs of a replicate: in its own mix of strategies, with one state changing its strategy, or with all."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ana_sim.kernel.engine import BY_STRATEGY, Engine, Replicate, Room, Word, run
from ana_sim.kernel.layout import Floats
from ana_sim.rules.deal import NOBODY


def undisturbed(engine: Engine, replicate: Replicate, room: Room, reports: Floats | None = None) -> Floats:
    """Run the world in its own mix of strategies.

    Parameters
    ----------
    engine, replicate, room : Engine, Replicate, Room
        The world, its luck, and where it is run.
    reports : array, shape (T, G, len(REPORTED)), optional
        Filled with what is reported of the powers.

    Returns
    -------
    array, shape (strategies of the engine, columns of the tally)
        Sums over state-years, by the strategy played.
    """
    counters = engine.counters(1, len(engine.strategies))
    run(engine, replicate, room, replicate.playing[None], BY_STRATEGY, counters, one(reports))
    return counters[0]


def deviations(
    engine: Engine,
    replicate: Replicate,
    room: Room,
    strategies: Sequence[Word],
    deviators: Sequence[int],
    reports: Floats | None = None,
) -> Floats:
    """Let states change their strategy one at a time, while the others keep theirs.

    What a deviator earns by its own strategy is taken from one run in which nobody changes; so is what is reported of
    the powers.

    Parameters
    ----------
    engine, replicate, room, reports
        As in :func:`undisturbed`.
    strategies : sequence of str or NamedStrategy
        What each deviator plays in turn, S of them; all are among the engine's.
    deviators : sequence of int
        Indices of the states, D of them.

    Returns
    -------
    array, shape (D, S, columns of the tally)
        The deviator's sums over its years under each strategy.
    """
    n, places = len(engine.scenario.state_names), [engine.place[word] for word in strategies]
    base = engine.counters(1, n)
    run(engine, replicate, room, replicate.playing[None], np.arange(n)[None], base, one(reports))
    out = engine.counters(len(deviators), len(places))
    cells = [
        (d, s) for d, i in enumerate(deviators) for s, playing in enumerate(places) if replicate.playing[i] != playing
    ]
    playing = np.tile(replicate.playing, (len(cells), 1))
    rows = np.full((len(cells), n), NOBODY, dtype=np.int64)
    for arm, (d, s) in enumerate(cells):
        playing[arm, deviators[d]] = places[s]
        rows[arm, deviators[d]] = 0
    found = engine.counters(len(cells), 1)
    run(engine, replicate, room, playing, rows, found)
    for d, i in enumerate(deviators):
        out[d, :] = base[0, i]
    for arm, (d, s) in enumerate(cells):
        out[d, s] = found[arm, 0]
    return out


def unanimous(engine: Engine, replicate: Replicate, room: Room, strategies: Sequence[Word]) -> Floats:
    """Let all states play the same strategy, one strategy after another.

    Parameters
    ----------
    engine, replicate, room, strategies
        As in :func:`deviations`.

    Returns
    -------
    array, shape (S, columns of the tally)
        Sums over all state-years under each strategy.
    """
    n, several = len(engine.scenario.state_names), len(strategies)
    playing = np.array([[engine.place[word]] * n for word in strategies], dtype=np.int64).reshape(several, n)
    counters = engine.counters(several, len(engine.strategies))
    run(engine, replicate, room, playing, np.repeat(BY_STRATEGY, several, axis=0), counters)
    total: Floats = counters.sum(axis=1)
    return total


def one(reports: Floats | None) -> Floats | None:
    """Reports of a single run in the shape of those of several."""
    return None if reports is None else reports[None]
