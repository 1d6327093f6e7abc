"""The two simulated worlds, and what is watched in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ana_sim.errors import AnaSimError
from ana_sim.hindcast.gravity import log_ratio
from ana_sim.panel import watch
from ana_sim.scenario import Scenario
from ana_sim.simulation import STATE_YEARS_A_JOB, Progress, run_jobs, warm_up

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

PAST: Final = "latin_america_2000"
"""The world that is fitted on the record, and judged by it."""

FUTURE: Final = "latin_america_forecast"
"""The world of the forecast."""

HEGEMON, RISING, RECOGNITION, CLUB = "usa", "china", "recognition", "belt_and_road"

FIXED: Final = ("name", "title", "base", "years", "start", "states.source", "states.count")
"""What the record settles."""


class HindcastError(AnaSimError):
    """A request that a hindcast cannot meet."""


@dataclass(frozen=True)
class Watched:
    """What R replicates of a world did, at the ends of T years.

    Attributes
    ----------
    years : tuple of int
        Calendar years.
    ties : array, shape (R, T, N)
        x = ln(A_R / A_H), exposure to the rising power over that to the hegemon.
    size : array, shape (T,)
        g = ln(C_R / C_H), capabilities, the same in all replicates.
    recognises, joined : array of bool, shape (R, T, N)
        Whether a state recognises the rising power; whether it is a member of its club, where there is one.
    """

    years: tuple[int, ...]
    ties: Floats
    size: Floats
    recognises: Mask
    joined: Mask

    def between(self, first: int, last: int) -> Watched:
        """The years from `first` to `last`."""
        some = slice(self.years.index(first), self.years.index(last) + 1)
        return Watched(
            self.years[some], self.ties[:, some], self.size[some], self.recognises[:, some], self.joined[:, some]
        )


def worlds(settings: Mapping[str, object], last: int, states: tuple[str, ...]) -> tuple[Scenario, Scenario]:
    """The two worlds with settings made in both; those of the club, which only the future has, in that alone.

    Parameters
    ----------
    settings : mapping
        Values by dotted path.
    last : int
        The record's last year, in which the first world ends.
    states : tuple of str
        The states of the record.

    Raises
    ------
    AnaSimError
        If a setting is wrong, or would make it another world than that of the record.
    """
    for path in settings:
        if path in FIXED:
            raise HindcastError(f"{path}: is settled by the record, and cannot be set")
    past, future = Scenario.load(PAST), Scenario.load(FUTURE)
    future = future.replace(settings)
    past = past.replace({path: value for path, value in settings.items() if not path.startswith(f"issue.{CLUB}")})
    past = past.replace({"years": last + 1 - past.start})
    for world in (past, future):
        if tuple(world.state_names) != states:
            raise HindcastError(f"{world.name}: its states are not those of the record of trade")
    return past, future


def watched(
    scenario: Scenario,
    replicates: int,
    seed: int,
    *,
    workers: int | None = None,
    progress: Progress | None = None,
    executor: Executor | None = None,
) -> Watched:
    """Run replicates of a world and keep what is watched; results depend neither on workers nor on the executor.

    Parameters
    ----------
    scenario : Scenario
        One of the two worlds.
    replicates, seed : int
        How many, from 0 on, and the seed of all luck.
    workers, progress, executor
        As in :func:`ana_sim.simulation.simulate`; progress is of state-years.
    """
    each = scenario.years * len(scenario.state_names)
    at_once = max(1, STATE_YEARS_A_JOB // (4 * each))
    jobs = [(scenario, seed, range(start, min(start + at_once, replicates))) for start in range(0, replicates, at_once)]
    warm_up()
    done = run_jobs(
        watch_some, jobs, workers=workers, cost=replicates * each, threads=True, progress=progress, executor=executor
    )
    return _together(list(done))


def watch_some(job: tuple[Scenario, int, range]) -> Watched:
    """Watch some replicates: a world, the seed, their numbers."""
    scenario, seed, numbers = job
    panel = watch(scenario, numbers, seed)
    club = CLUB in (issue.name for issue in scenario.issue)
    recognises = panel["held", RISING, RECOGNITION] > 0.0
    member = panel["held", RISING, CLUB] > 0.0 if club else np.zeros_like(recognises)
    capability = [panel.power("capability", power)[0] for power in (RISING, HEGEMON)]
    return Watched(
        years=tuple(range(scenario.start, scenario.start + scenario.years)),
        ties=log_ratio(panel["exposure", RISING], panel["exposure", HEGEMON]),
        size=log_ratio(*capability),
        recognises=recognises,
        joined=member & recognises,  # Beijing signs with those who recognise it
    )


def _together(parts: Iterable[Watched]) -> Watched:
    first, *_ = parts = list(parts)
    kept = {name: np.concatenate([getattr(part, name) for part in parts]) for name in ("ties", "recognises", "joined")}
    return Watched(years=first.years, size=first.size, **kept)
