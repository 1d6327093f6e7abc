"""A scenario as arrays: what holds for all states in one year, and the options that a state chooses from."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import product

import numpy as np
from numpy.typing import NDArray

from ana_sim.parameters import Issue, Link, Power, World
from ana_sim.rules.deal import Ways
from ana_sim.rules.search import EIGHTHS
from ana_sim.scenario import Scenario

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Conditions:
    """What holds in a year: the parameters, and those by power and issue as arrays (G powers, K issues).

    Attributes
    ----------
    interest, stake, acceptance : array, shape (G, K)
        v_gk, theta_gk, p_gk.
    rivalry : array, shape (G, G)
        How much h's share hurts g; 0 for itself and for friends.
    contest : array, shape (G, G)
        1 where g and h bid against each other.
    arrivals : list of float, length K
        Cumulative probabilities of the issues.
    weights : array, shape (K,)
        w_k, the issue's part of all arrivals.
    links : array, shape (K, K)
        Weight of what is expected on the row's issue for siding on the column's.
    ties : tuple of Link
        What ``links`` is made of.
    """

    world: World
    powers: tuple[Power, ...]
    issues: tuple[Issue, ...]
    interest: Floats
    stake: Floats
    acceptance: Floats
    rivalry: Floats
    contest: Floats
    arrivals: list[float]
    weights: Floats
    links: Floats
    ties: tuple[Link, ...]

    @classmethod
    def of(cls, scenario: Scenario) -> Conditions:
        """Arrays of a scenario as it holds in one year."""
        names = [power.name for power in scenario.power]
        issues = scenario.issue
        place = {issue.name: k for k, issue in enumerate(issues)}
        rivalry, contest = np.ones((len(names), len(names))), np.ones((len(names), len(names)))
        for g, power in enumerate(scenario.power):
            for h, other in enumerate(names):
                rivalry[g, h] = power.rivalry.get(other, 1.0)
                if g == h or other in power.friends or power.name in scenario.power[h].friends:
                    rivalry[g, h] = contest[g, h] = 0.0
        links = np.zeros((len(issues), len(issues)))
        for link in scenario.link:
            links[place[link.from_], place[link.to]] = link.weight
        arrival = np.array([issue.arrival for issue in issues])
        total = float(arrival.sum())
        weights = arrival / total if total > 0.0 else arrival

        def by_power(field: str, otherwise: float) -> Floats:
            rows = [[getattr(issue, field).get(name, otherwise) for issue in issues] for name in names]
            return np.array(rows, dtype=np.float64).reshape(len(names), len(issues))

        return cls(
            scenario.world,
            scenario.power,
            issues,
            by_power("interest", 0.0),
            by_power("stake", 0.0),
            by_power("acceptance", 1.0),
            rivalry,
            contest,
            np.cumsum(weights).tolist(),
            weights,
            links,
            scenario.link,
        )

    def hold_in(self, scenario: Scenario) -> bool:
        """Whether all arrays are those of the scenario too: tables that do not change stay the same objects."""
        return (
            all(mine is other for mine, other in zip(self.issues, scenario.issue, strict=True))
            and all(mine is other for mine, other in zip(self.ties, scenario.link, strict=True))
            and all(
                mine is other or (mine.rivalry == other.rivalry and mine.friends == other.friends)
                for mine, other in zip(self.powers, scenario.power, strict=True)
            )
        )

    def draw_issue(self, luck: float) -> int:
        """The issue whose arrival is drawn by ``luck`` in (0, 1), or -1 where none arrives."""
        if not self.issues or self.arrivals[-1] <= 0.0:
            return -1
        return min(bisect_right(self.arrivals, luck * self.arrivals[-1]), self.last_issue)

    @cached_property
    def last_issue(self) -> int:
        """The last issue that arrives at all."""
        return int(np.flatnonzero(self.weights)[-1])


def in_order(values: Iterable[float]) -> float:
    """Sum in order, as a loop does in both engines; Python's own sum makes up for rounding, from 3.12 on."""
    total = 0.0
    for value in values:
        total += float(value)
    return total


POOLED = ("loan", "infrastructure")
"""Instruments that the outside pool lends for."""


def pool_of(world: World, issue: Issue) -> float:
    """r: what the outside pool pays on an issue; it lends for divisible projects."""
    return world.outside_floor if issue.instrument in POOLED and issue.kind == "divisible" else 0.0


@cache
def ways_for(kind: str, splits: bool, powers: int) -> Ways:
    """The ways to place a project: any subset (compatible), one or none, or a split in eighths.

    Parameters
    ----------
    kind : str
        ``compatible``, ``divisible`` or ``exclusive``.
    splits : bool
        Whether the strategy divides a divisible project.
    powers : int
        Number of powers.
    """
    blocks, first, groups = [], [0], []
    for bidders in range(powers + 1):
        if kind == "compatible":
            eighths = list(product((0, EIGHTHS), repeat=bidders))
        elif kind == "divisible" and splits:
            eighths = _compositions(EIGHTHS, bidders)
        else:
            eighths = [(0,) * bidders, *(tuple(EIGHTHS * (c == d) for d in range(bidders)) for c in range(bidders))]
        eighths.sort(key=lambda row: (_group(row), row))
        block = np.zeros((len(eighths) + 1, powers))
        block[:-1, :bidders] = np.array(eighths, dtype=np.float64).reshape(len(eighths), bidders) / EIGHTHS
        blocks.append(block)
        first.append(first[-1] + len(block))
        groups.append(np.searchsorted([_group(row) for row in eighths], range(2**powers + 1)))
    shares = np.vstack(blocks)
    return Ways(shares, shares.T.copy(), np.array(first, dtype=np.int64), np.array(groups, dtype=np.int64))


def _group(row: tuple[int, ...]) -> int:
    """Number of the group of a row: a bit for each share that is not zero."""
    return sum(1 << place for place, share in enumerate(row) if share)


def _compositions(total: int, parts: int) -> list[tuple[int, ...]]:
    """All tuples of ``parts`` whole numbers that sum to at most ``total``, in lexical order."""
    if parts == 0:
        return [()]
    return [(head, *tail) for head in range(total + 1) for tail in _compositions(total - head, parts - 1)]
