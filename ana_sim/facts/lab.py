"""The worlds that facts are tried in, and what is measured in them, replicate by replicate."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ana_sim.panel import Cast, Floats, Mask, Panel, watch
from ana_sim.scenario import Scenario, builtin_scenarios

Settings = Mapping[str, object]

WORLDS = Path(__file__).parent.parent / "data" / "facts"
"""Worlds with issues or powers of their own; the others are built in."""

SMALL: Settings = {"states.count": 12, "years": 20}
"""The size of a generated world, unless a fact needs another."""

ISSUES = ("trade", "loan", "infrastructure", "network", "recognition")
"""The issues of `bipolar`."""

ALIGNED = ("align_hegemon", "align_rising")


class Lab:
    """Runs worlds under the same luck, with one mechanism switched off if asked.

    Parameters
    ----------
    replicates : int
        Number of replicates, R.
    seed : int
        Seed of all luck.
    settings : mapping
        Values that are set in every world after its own (an ablation).
    play : mapping
        What is played instead of a strategy (an ablation).
    defaults : mapping
        Values that are set in every world before its own (a calibration), but for those of powers that it has not.
    """

    def __init__(
        self,
        replicates: int,
        seed: int,
        settings: Settings | None = None,
        play: Mapping[str, str] | None = None,
        defaults: Settings | None = None,
    ) -> None:
        self.replicates, self.seed = replicates, seed
        self._settings, self._play, self._defaults = dict(settings or {}), dict(play or {}), dict(defaults or {})

    def world(self, settings: Settings | None = None, base: str = "bipolar") -> Scenario:
        """A world: small if its states are generated, with these settings, then with those of the ablation."""
        found = _loaded(base)
        size = SMALL if found.states.source == "generated" else {"years": SMALL["years"]}
        there = {path: value for path, value in self._defaults.items() if _has_power_of(found, path)}
        return found.replace({**there, **size, **(settings or {}), **self._settings})

    def run(
        self, settings: Settings | None = None, base: str = "bipolar", play: str | None = None, who: Mask | None = None
    ) -> Panel:
        """Run all replicates of a world.

        Parameters
        ----------
        settings : mapping
            Values by dotted path.
        base : str
            A built-in scenario, or a file of `WORLDS` by its stem.
        play : str, optional
            The strategy of all states, or of those in `who`; the scenario's own mix by default.
        who : array of bool, shape (R, N), optional
            Who plays it.
        """
        cast = None if play is None else Cast(self._play.get(play, play), who)
        return watch(self.world(settings, base), range(self.replicates), self.seed, cast)

    def panel(self, states: int) -> Mask:
        """A quarter of the states, in turn over the replicates: those who change their strategy; shape (R, N)."""
        turn = np.arange(self.replicates)[:, None] + np.arange(states)
        chosen: Mask = turn % 4 == 0
        return chosen

    def changed(self, strategy: str, settings: Settings | None = None, base: str = "bipolar") -> Panel:
        """Run a world in which a quarter of the states change their strategy, while the others keep the mix."""
        states = len(self.world(settings, base).state_names)
        return self.run(settings, base, strategy, self.panel(states))

    def lead(
        self, own: str, other: str, settings: Settings | None = None, base: str = "bipolar", *columns: str
    ) -> tuple[Floats, float]:
        """Lead of one strategy over another for those who change, summed over columns; and their mean terms."""
        first, second = (self.changed(strategy, settings, base) for strategy in (own, other))
        who = self.panel(first.size.shape[1])
        gain = sum(mean(first, name, who) - mean(second, name, who) for name in columns or ("payoff",))
        return np.asarray(gain), typical(first, "terms", who)


def _has_power_of(scenario: Scenario, path: str) -> bool:
    """Whether a path is not one of a power, or of a power that there is, by its role."""
    table, _, rest = path.partition(".")
    return table != "power" or scenario.role(rest.partition(".")[0]) is not None


@cache
def _loaded(base: str) -> Scenario:
    return Scenario.load(base if base in builtin_scenarios() else WORLDS / f"{base}.toml")


def only(*issues: str) -> dict[str, object]:
    """Settings that let projects be on some of the issues of `bipolar` only, equally often."""
    return {f"issue.{name}.arrival": 1.0 if name in issues else 0.0 for name in ISSUES}


def both(path: str, value: object) -> dict[str, object]:
    """Settings that hold for both rivals: `path` with ``*`` in the place of the power."""
    return {path.replace("*", power): value for power in ("hegemon", "rising")}


# -- what is measured: one number a replicate ------------------------------------------------------------------


def over(values: NDArray[np.generic], where: Mask | None = None) -> Floats:
    """Mean over years and states of an array of shape (R, T, N), where a mask of that shape holds; NaN if nowhere."""
    holds = np.broadcast_to(True if where is None else where, values.shape)
    return ratio(count(values, holds), holds.sum(axis=(1, 2)))


def mean(panel: Panel, column: str | tuple[str, ...], who: Mask | None = None) -> Floats:
    """Mean of a column over years and states, or over the states in `who`, shape (R, N); shape (R,)."""
    return over(panel[column], None if who is None else who[:, None, :])


def typical(panel: Panel, column: str | tuple[str, ...], who: Mask | None = None) -> float:
    """Mean of a column over everything: what a contrast is measured in."""
    return float(np.nanmean(mean(panel, column, who)))


def ratio(above: NDArray[np.generic], below: NDArray[np.generic]) -> Floats:
    """``above / below`` by replicate, NaN where there is nothing below."""
    whole, parts = np.asarray(above, dtype=np.float64), np.asarray(below, dtype=np.float64)
    found: Floats = np.divide(whole, parts, out=np.full(whole.shape, np.nan), where=parts > 0.0)
    return found


def count(values: NDArray[np.generic], where: Mask | None = None) -> Floats:
    """Sum over years and states, shape (R,)."""
    found: Floats = np.where(True if where is None else where, values, 0.0).sum(axis=(1, 2))
    return found


def price(panel: Panel, power: str, where: Mask | None = None) -> Floats:
    """Mean price of a full share in a power's deals, shape (R,)."""
    struck = panel["share", power] > 0.0
    return over(panel["price", power], struck if where is None else struck & where)


def repriced(before: Panel, after: Panel, power: str, where: Mask | None = None) -> Floats:
    """Mean rise of the price that a power pays, where it has a deal in both of two worlds; shape (R,)."""
    struck = (before["share", power] > 0.0) & (after["share", power] > 0.0)
    return over(after["price", power] - before["price", power], struck if where is None else struck & where)


def holding(panel: Panel, issue: str, *powers: str, year: int = -1) -> Floats:
    """Share of the states that have deals in force with all of the powers at a year's end, shape (R,)."""
    held = [panel["held", power, issue][:, year] > 0.0 for power in powers]
    found: Floats = np.logical_and.reduce(held).mean(axis=1)
    return found


def complied(panel: Panel, power: str, where: Mask | None = None) -> Floats:
    """Share of a power's demands that are met, shape (R,)."""
    return ratio(count(panel["complied", power], where), count(panel["pressed", power], where))
