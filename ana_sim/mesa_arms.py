"""The runs of a replicate by the Mesa engine: those of :mod:`ana_sim.kernel.arms`, to the last bit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ana_sim.model import AnaModel, StrategyLike
from ana_sim.population import strategies_in
from ana_sim.scenario import Scenario
from ana_sim.tally import REPORTED

Floats = NDArray[np.float64]


def undisturbed(scenario: Scenario, seed: int, number: int, since: int = 0) -> tuple[Floats, Floats]:
    """Run the world in its own mix of strategies.

    Parameters
    ----------
    scenario : Scenario
        The world.
    seed, number : int
        The luck.
    since : int
        The first step that is counted.

    Returns
    -------
    tuple of array
        Sums over state-years by strategy, shape (S, columns of the tally), in the order of
        :func:`ana_sim.population.strategies_in`; and what is reported of the powers, shape (T, G, len(REPORTED)).
    """
    model = lived(scenario, seed, number, since)
    place = {strategy.name: row for row, strategy in enumerate(model.strategies)}
    nothing = np.zeros(model.counters.shape[1])
    rows = [model.counters[place[name]] if name in place else nothing for name in strategies_in(scenario)]
    return np.array(rows), power_reports(model)


def deviations(
    scenario: Scenario,
    strategies: Sequence[StrategyLike],
    names: Sequence[str],
    seed: int,
    number: int,
    deviators: Sequence[str],
    since: int = 0,
    *,
    reported: bool = True,
) -> tuple[Floats, Floats]:
    """Let states change their strategy one at a time, while the others keep theirs.

    Parameters
    ----------
    scenario, seed, number, since
        As in :func:`undisturbed`.
    strategies, names : sequence
        What each deviator plays in turn, S of them, and what these are called.
    deviators : sequence of str
        Names of the states, D of them.
    reported : bool
        Whether the powers are reported of; if not, the world in which nobody changes is only run where a deviator
        plays its own strategy.

    Returns
    -------
    tuple of array
        The deviator's sums over its years under each strategy, shape (D, S, columns of the tally); and what is
        reported of the powers where nobody changes, shape (T, G, len(REPORTED)), or (0, G, len(REPORTED)).
    """
    base = AnaModel(scenario, rng=seed, replicate=number, by_state=True, collect=False)
    as_they_are = [base.strategies[playing].name for playing in base.playing]
    indices = [scenario.state_names.index(deviator) for deviator in deviators]
    own_words = {word for word in strategies if isinstance(word, str) and word in scenario.strategies.mix}
    own = {(i, name) for i in indices for name in names if as_they_are[i] == name and name in own_words}
    if reported or own:
        count_from(base, since)
    rows = []
    for i, deviator in zip(indices, deviators, strict=True):
        for word, name in zip(strategies, names, strict=True):
            changed = (i, name) not in own
            model = lived(scenario, seed, number, since, {deviator: word}, by_state=True) if changed else base
            rows.append(model.counters[i])
    nothing = np.empty((0, len(base.power_names), len(REPORTED)))
    return np.array(rows).reshape(len(deviators), len(strategies), -1), power_reports(base) if reported else nothing


def unanimous(scenario: Scenario, strategies: Sequence[StrategyLike], seed: int, number: int, since: int = 0) -> Floats:
    """Let all states play the same strategy, one strategy after another.

    Returns
    -------
    array, shape (S, columns of the tally)
        Sums over all state-years under each strategy.
    """
    return np.array([lived(scenario, seed, number, since, word).counters.sum(axis=0) for word in strategies])


def lived(
    scenario: Scenario,
    seed: int,
    number: int,
    since: int,
    play: Mapping[str, StrategyLike] | StrategyLike | None = None,
    *,
    by_state: bool = False,
) -> AnaModel:
    """A world after its last year, with the years counted from ``since`` on."""
    model = AnaModel(scenario, rng=seed, replicate=number, play=play, by_state=by_state, collect=False)
    return count_from(model, since)


def count_from(model: AnaModel, since: int) -> AnaModel:
    """Run a world to its end, and count its years from ``since`` on."""
    for _ in range(since):
        model.step()
    model.counters[:] = 0.0
    return model.run()


def power_reports(model: AnaModel) -> Floats:
    """What a run in Mesa reports of its powers, shape (T, G, len(REPORTED))."""
    rows = [[row[name] for name in REPORTED] for row in model.power_rows]
    shape = (model.blueprint.years, len(model.power_names), len(REPORTED))
    return np.array(rows, dtype=np.float64).reshape(shape)
