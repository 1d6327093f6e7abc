"""What is counted of each state-year, in fixed-size counters, and how counters become rows of ``payoffs``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from ana_sim.scenario import Scenario

Floats = NDArray[np.float64]

COMPONENTS = ("terms", "affinity", "club", "public_goods", "duplication", "asks", "pressure", "shock")
"""What a payoff is made of: they sum to it, and all are realised."""

BESIDE = ("risk", "offer_value", "pressed", "complied", "forced", "refused", "concentration")
"""Means per state-year that stand beside the payoff."""

COUNTED = ("deals", "pressings", "force", "office")
"""What is counted of a power in a year."""

REPORTED = (
    *("capability", "share", "openness", "budget", "spent", "club_rent", "public_goods", "legitimacy", "influence"),
    *COUNTED,
)
"""What is reported of a power and year."""


@dataclass(frozen=True)
class Tally:
    """The columns of the counters for given powers and issues.

    Parameters
    ----------
    powers : tuple of str
        Names of the powers, G of them.
    issues : tuple of str
        Names of the issues, K of them.
    hegemon, rising : int or None
        Indices of the two rivals, where there are any.
    """

    powers: tuple[str, ...]
    issues: tuple[str, ...]
    hegemon: int | None
    rising: int | None

    @classmethod
    def of(cls, scenario: Scenario) -> Tally:
        """The columns of a scenario's counters."""
        names = list(scenario.power_names)
        rivals = (scenario.role("hegemon"), scenario.role("rising"))
        hegemon, rising = (None if name is None else names.index(name) for name in rivals)
        return cls(tuple(names), tuple(issue.name for issue in scenario.issue), hegemon, rising)

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Names of the counters."""
        return (
            *COMPONENTS,
            *BESIDE,
            *(f"share_{name}" for name in self.powers),
            *(f"exposure_{name}" for name in self.powers),
            *("leverage", "priced"),
            *(f"lean_{name}" for name in self.issues),
            *(f"projects_{name}" for name in self.issues),
            "n",
        )

    @cached_property
    def place(self) -> dict[str, int]:
        """Place of each counter."""
        return {name: place for place, name in enumerate(self.columns)}

    def counters(self, cells: int) -> Floats:
        """Counters at zero, shape (cells, columns)."""
        return np.zeros((cells, len(self.columns)))

    def payoffs(self, counters: Floats) -> Floats:
        """Payoffs alone: counters of shape (..., columns) give the shape (...); 0 for cells with no state-years."""
        n, payoff = counters[..., self.place["n"]], np.zeros(counters.shape[:-1])
        for name in COMPONENTS:
            payoff = payoff + ratio(counters[..., self.place[name]], n)
        return payoff

    def rows(self, counters: Floats) -> dict[str, Floats]:
        """Columns of ``payoffs`` from counters, one value per cell.

        Parameters
        ----------
        counters : array, shape (cells, columns)
            Sums over state-years; cells with none are to be dropped by their ``n``.
        """

        def total(name: str) -> Floats:
            return counters[:, self.place[name]]

        n = total("n")
        mean = {name: ratio(total(name), n) for name in (*COMPONENTS, *BESIDE)}
        columns = {"payoff": self.payoffs(counters), **mean}
        for stem in ("share", "exposure"):
            for power in self.powers:
                columns[f"{stem}_{power}"] = ratio(total(f"{stem}_{power}"), n)
        columns["leverage"] = ratio(total("leverage"), total("priced"))
        columns["equidistance"] = 1.0 - np.abs(self._share(columns, self.hegemon) - self._share(columns, self.rising))
        columns["issue_spread"] = self._issue_spread(counters)
        columns["n"] = n
        return columns

    def _share(self, columns: dict[str, Floats], power: int | None) -> Floats:
        return np.zeros_like(columns["payoff"]) if power is None else columns[f"share_{self.powers[power]}"]

    def _issue_spread(self, counters: Floats) -> Floats:
        """Variance over issues of the mean of q_H - q_R, over the issues that had a project."""
        leans, drawn = [], []
        for name in self.issues:
            projects = counters[:, self.place[f"projects_{name}"]]
            leans.append(ratio(counters[:, self.place[f"lean_{name}"]], projects))
            drawn.append(np.where(projects > 0.0, 1.0, 0.0))
        nothing = np.zeros(len(counters))
        count = sum(drawn, nothing)
        mean = ratio(sum(leans, nothing), count)
        squares = [known * (lean - mean) * (lean - mean) for lean, known in zip(leans, drawn, strict=True)]
        return ratio(sum(squares, nothing), count)


def ratio(above: Floats, below: Floats) -> Floats:
    """``above / below``, and 0 where there is nothing below."""
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0.0)


def payoff_columns(powers: Sequence[str]) -> tuple[str, ...]:
    """Columns of ``payoffs`` after its keys, in order."""
    return (
        "payoff",
        *COMPONENTS,
        *("risk", "regret", "offer_value", "leverage", "pressed", "complied", "forced", "refused"),
        *(f"share_{name}" for name in powers),
        *(f"exposure_{name}" for name in powers),
        *("concentration", "equidistance", "issue_spread", "n"),
    )
