"""State-years of many replicates, as arrays: for what no sum over the years tells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ana_sim.dials import NamedStrategy
from ana_sim.kernel import engine as compiled
from ana_sim.kernel.note import Notes
from ana_sim.scenario import Scenario
from ana_sim.tally import COMPONENTS, REPORTED

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

STATE_YEARS_AT_ONCE = 100_000
"""State-years that are watched in one go by :func:`watch_in_turn`: some 50 MB."""


@dataclass(frozen=True)
class Panel:
    """What happened in R replicates of a world of N states, G powers and K issues over T years.

    Columns are those of :class:`ana_sim.kernel.note.Notes`: ``panel["terms"]``, ``panel["share", "rising"]``,
    ``panel["held", "rising", "loan"]``, each of shape (R, T, N). ``payoff`` is one more.

    Attributes
    ----------
    scenario : Scenario
        The world.
    notes : array, shape (R, T, N, columns)
        What is kept of each state-year.
    reports : array, shape (R, T, G, len(REPORTED))
        What is reported of the powers.
    counters : array, shape (R, N, columns of the tally)
        Sums over the years of each state.
    playing : array of str, shape (R, N)
        The strategy of each state at the start.
    size : array, shape (R, N)
        y_i at the start.
    """

    scenario: Scenario
    notes: Floats
    reports: Floats
    counters: Floats
    playing: NDArray[np.str_]
    size: Floats

    @cached_property
    def columns(self) -> Notes:
        """The places of the columns."""
        return Notes.of(self.scenario)

    def __getitem__(self, column: str | tuple[str, ...]) -> Floats:
        """A column, shape (R, T, N).

        Raises
        ------
        KeyError
            If there is no such column, power or issue.
        """
        name, *of = (column,) if isinstance(column, str) else column
        if name == "payoff":
            payoff = np.zeros(self.notes.shape[:-1])
            for component in COMPONENTS:
                payoff = payoff + self[component]
            return payoff
        found: Floats = self.notes[..., self.columns.place(name, *of)]
        return found

    def power(self, column: str, power: str) -> Floats:
        """What is reported of a power, shape (R, T): a column of the table ``powers``."""
        found: Floats = self.reports[:, :, self.columns.powers.index(power), REPORTED.index(column)]
        return found

    def on(self, *issues: str) -> Mask:
        """Whether the year's project is on one of these issues, shape (R, T, N)."""
        mask: Mask = np.isin(self["issue"], [self.columns.issues.index(issue) for issue in issues])
        return mask


class Cast(NamedTuple):
    """Who plays what beside the scenario's own mix.

    Parameters
    ----------
    strategy : str or NamedStrategy
        What is played.
    who : array of bool, shape (R, N), or None
        By whom; by all if None.
    """

    strategy: str | NamedStrategy
    who: Mask | None = None


def watch(scenario: Scenario, replicates: Sequence[int], seed: int, cast: Cast | None = None) -> Panel:
    """Run replicates of a world and keep every state-year.

    Parameters
    ----------
    scenario : Scenario
        The world.
    replicates : sequence of int
        Their numbers, R of them; all are kept at once: about 100 numbers a state-year.
    seed : int
        Seed of all luck.
    cast : Cast, optional
        Who plays what; the scenario's own mix by default.

    Returns
    -------
    Panel
    """
    words = () if cast is None else (cast.strategy,)
    engine = compiled.Engine(scenario, words)
    drawn = compiled.Replicates(engine, engine.luck(seed, *replicates), fleeting=True)
    playing, n, runs = drawn.playing.copy(), len(scenario.state_names), len(replicates)
    if cast is not None:
        playing[slice(None) if cast.who is None else cast.who] = engine.place[cast.strategy]
    notes, reports, counters = engine.notes(runs, n), engine.reports(runs), engine.counters(runs, n)
    everyone = np.tile(np.arange(n), (runs, 1))
    room, whose = compiled.Room(engine), np.arange(runs)
    compiled.run(engine, drawn, room, whose, playing, everyone, counters, reports, notes=notes)
    names = np.array([strategy.name for strategy in engine.strategies])
    return Panel(scenario, notes, reports, counters, names[playing], drawn.people.person["y"][:, 0])


def watch_in_turn(scenario: Scenario, replicates: int, seed: int, cast: Cast | None = None) -> Iterator[Panel]:
    """Watch replicates a few at a time, so that memory stays bounded; all but the last give the same number.

    Parameters
    ----------
    scenario, seed, cast
        As in :func:`watch`; ``cast.who`` is for all replicates.
    replicates : int
        Number of replicates, from 0 on.

    Yields
    ------
    Panel
        Of some replicates, in order.
    """
    size = max(1, STATE_YEARS_AT_ONCE // (scenario.years * len(scenario.state_names)))
    for first in range(0, replicates, size):
        some = range(first, min(first + size, replicates))
        own = cast if cast is None or cast.who is None else Cast(cast.strategy, cast.who[some.start : some.stop])
        yield watch(scenario, some, seed, own)
