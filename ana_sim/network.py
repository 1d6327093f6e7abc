"""Who hears of whom: the network over which states learn and compare themselves."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ana_sim.errors import ScenarioError, nearest

Floats = NDArray[np.float64]


class Network:
    """Neighbours of each state: complete, a ring, complete within regions, or an edge list.

    Parameters
    ----------
    names : sequence of str
        All states, in order.
    members : sequence of int
        Indices of the states that take part; the others have no neighbours.
    kind : str
        ``complete``, ``ring``, ``regions``, or the path of a CSV file of pairs of names.
    regions : sequence of str or None
        Region of each state; states without one are in no region.

    Raises
    ------
    ScenarioError
        If an edge list cannot be read or names an unknown state.
    """

    def __init__(self, names: Sequence[str], members: Sequence[int], kind: str, regions: Sequence[str | None]) -> None:
        self._members = np.array(members, dtype=np.int64)
        self._place = {int(i): place for place, i in enumerate(members)}
        self._neighbours: list[NDArray[np.int64]] | None = None
        if kind == "complete":
            return
        n, taking_part = len(names), set(members)
        links: list[set[int]] = [set() for _ in range(n)]
        if kind == "ring":
            for place, i in enumerate(members):
                if len(members) > 1:
                    links[i] |= {members[place - 1], members[(place + 1) % len(members)]} - {i}
        elif kind == "regions":
            for i in members:
                links[i] = {j for j in members if j != i and regions[i] is not None and regions[j] == regions[i]}
        else:
            for i, j in _read_edges(Path(kind), names):
                if i != j and i in taking_part and j in taking_part:
                    links[i].add(j)
                    links[j].add(i)
        self._neighbours = [np.array(sorted(linked), dtype=np.int64) for linked in links]

    @property
    def complete(self) -> bool:
        """Whether all who take part are neighbours of each other."""
        return self._neighbours is None

    def adjacency(self) -> list[NDArray[np.int64]]:
        """Neighbours of each state, ascending; none for a complete network, where they need no list."""
        return self._neighbours or []

    def degree(self, i: int) -> int:
        """Number of neighbours of state ``i``."""
        if self._neighbours is not None:
            return len(self._neighbours[i])
        return len(self._members) - 1 if i in self._place else 0

    def peer(self, i: int, luck: float) -> int:
        """The neighbour drawn by ``luck`` in (0, 1), or -1 for a state without neighbours."""
        degree = self.degree(i)
        if degree == 0:
            return -1
        drawn = int(luck * degree)
        if self._neighbours is not None:
            return int(self._neighbours[i][drawn])
        return int(self._members[drawn + (drawn >= self._place[i])])

    def neighbours_mean(self, marks: NDArray[np.bool_]) -> Floats:
        """Share of each state's neighbours that are marked, shape (N,); 0 without neighbours."""
        mean = np.zeros(marks.size)
        if self._neighbours is None:
            if len(self._members) > 1:
                count = int(marks[self._members].sum())
                for i in self._members:
                    mean[i] = (count - int(marks[i])) / (len(self._members) - 1)
            return mean
        for i, linked in enumerate(self._neighbours):
            if linked.size:
                mean[i] = int(marks[linked].sum()) / linked.size
        return mean


def _read_edges(path: Path, names: Sequence[str]) -> list[tuple[int, int]]:
    index = {name: i for i, name in enumerate(names)}
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = [[cell.strip() for cell in row] for row in csv.reader(file) if row]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ScenarioError(f"the edge list cannot be read ({error})", file=path, path="world.network") from error
    edges = []
    for number, row in enumerate(rows, start=1):
        if number == 1 and [cell.lower() for cell in row] in (["from", "to"], ["source", "target"]):
            continue
        if len(row) != 2:
            raise ScenarioError("not a pair of states", file=path, path=f"line {number}", value=row)
        for name in row:
            if name not in index:
                raise ScenarioError(
                    f"there is no state {name!r}", file=path, path=f"line {number}", nearest=nearest(name, names)
                )
        edges.append((index[row[0]], index[row[1]]))
    return edges
