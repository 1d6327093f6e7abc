"""Where items are made: the sweeps that they ask for, run once and kept, or quickly for a look."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ana_sim.paper.item import Item, PaperError
from ana_sim.scenario import Scenario
from ana_sim.statistics import t_means
from ana_sim.sweeps.analysis.outcomes import ordered_points, read_measures
from ana_sim.sweeps.runner import SweepPlan, plan_sweep, sweep

if TYPE_CHECKING:
    from ana_sim.simulation import Progress
    from ana_sim.sweeps.reading import Sweep

__all__ = ["Bench", "estimates", "request_file", "with_means"]

_PLACES: Final = (
    Path(__file__).parents[1] / "data" / "experiments",  # of an installed package
    Path(__file__).parents[2] / "experiments",  # of a checkout
)

QUICK: Final[Mapping[str, Mapping[str, Any]]] = {
    "payoffs_by_regime": {"replicates": 96},
    "regime_map": {"replicates": 48, "design": {"kind": "grid", "levels": 5}},
    "dials_by_regime": {"replicates": 48},
    "sequencing": {"replicates": 60},
    "pressure": {"replicates": 80},
    "demonstration": {"replicates": 60},
    "size": {"replicates": 20},
    "skill": {"replicates": 96},
    "global_sensitivity": {"replicates": 24, "design": {"kind": "sobol", "base_samples": 8}},
}
"""What takes the place of a sweep's own values when everything is made small, by the stem of its file."""

SEED: Final = 1
"""Seed of the luck of what is no sweep; a sweep states its own."""


def request_file(name: str) -> Path:
    """Find a file of ``experiments/``.

    Raises
    ------
    PaperError
        If it is missing.
    """
    for place in _PLACES:
        if (place / name).is_file():
            return place / name
    raise PaperError(f"experiments/{name}: not found beside the package, though a figure is made from it")


@dataclass(frozen=True)
class Bench:
    """A workbench.

    Attributes
    ----------
    sweeps : Path
        The folder in which sweeps are kept; one that was interrupted is continued.
    quick : bool
        Whether everything is made small, for a look.
    workers : int, optional
        Number of threads; results do not depend on it.
    force : bool
        Whether another sweep of the same name may be replaced.
    progress : callable, optional
        Called with the number of runs done and their total.
    say : callable
        Told what is worth knowing, in a line each.
    """

    sweeps: Path
    quick: bool = False
    workers: int | None = None
    force: bool = False
    progress: Progress | None = None
    say: Callable[[str], None] = field(default=lambda _: None)

    def plan(self, name: str) -> SweepPlan:
        """Read a sweep of ``experiments/`` by its stem."""
        return plan_sweep(request_file(f"{name}.toml"), QUICK[name] if self.quick else None)

    def plans(self, one: Item) -> list[SweepPlan]:
        """The sweeps that an item asks for."""
        stems = [file.removesuffix(".toml") for file in one.files]
        return [self.plan(stem) for stem in stems if stem in QUICK]

    def sweep(self, name: str) -> Sweep:
        """Run a sweep, or what is missing of it.

        Raises
        ------
        PaperError
            If runs of it failed: a figure of the others would say nothing about them.
        """
        folder = self.sweeps / name
        done = sweep(
            self.plan(name),
            folder,
            workers=self.workers,
            force=self.force,
            progress=self.progress,
            say=self.say,
        )
        if len(done.failures):
            raise PaperError(f"{folder}: {len(done.failures):,} runs failed: {done.failures['reason'].iloc[0]}")
        return done

    def scenario(self, name: str) -> Scenario:
        """Load a scenario of ``experiments/`` by its stem."""
        return Scenario.load(str(request_file(f"{name}.toml")))


def estimates(sweep: Sweep, measures: Sequence[str]) -> pd.DataFrame:
    """Means of measures at each point of a sweep, with their intervals over replicates.

    Parameters
    ----------
    sweep : Sweep
        Its results.
    measures : sequence of str
        Names of measures that were kept, or expressions.

    Returns
    -------
    DataFrame
        A row per measure and point: ``measure``, the factors, ``estimate``, ``low``, ``high`` (Student's 95% interval)
        and ``replicates`` in which there was something to measure.
    """
    points = ordered_points(sweep)[[factor.name for factor in sweep.factors if factor.name in sweep.points]]
    tables = []
    for measure, values in read_measures(sweep, measures).items():
        table = with_means(points, values)
        table.insert(0, "measure", measure)
        tables.append(table)
    return pd.concat(tables, ignore_index=True)


def with_means(rows: pd.DataFrame, values: NDArray[np.float64]) -> pd.DataFrame:
    """Rows with the means of their values, shape (rows, R), Student's 95% intervals, and the replicates behind them."""
    means = t_means(values)
    numbers = {"estimate": means.mean, "low": means.low, "high": means.high}
    return rows.assign(**numbers, replicates=np.isfinite(values).sum(axis=1))
