"""Luck and states kept for the worlds that share them: the arms of a comparison, the points of a sweep."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from functools import partial
from threading import Lock
from typing import Generic, TypeVar

from ana_sim.kernel.engine import Engine, Replicates
from ana_sim.luck import Lucks

Thing = TypeVar("Thing")

ROOM = 64 * 2**20
"""Bytes of luck, and of states, that are kept at most."""

BLOCK = 32
"""Replicates that are kept, and run, together."""

CASTS = 8
"""Ways to draw the states that are known apart at most."""


class Kept(Generic[Thing]):
    """Things kept while there is room, the least recently used going first; several threads may use it."""

    def __init__(self, room: int) -> None:
        self._room, self._size = room, 0
        self._things: OrderedDict[Hashable, tuple[Thing, int]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable, make: Callable[[], Thing], size_of: Callable[[Thing], int]) -> Thing:
        """Return the thing of this key, made if it is not there: by each of two threads that ask at once, alike."""
        with self._lock:
            if key in self._things:
                self._things.move_to_end(key)
                return self._things[key][0]
        thing = make()
        size = size_of(thing)
        with self._lock:
            if key not in self._things:
                self._things[key] = thing, size
                self._size += size
                while self._size > self._room and len(self._things) > 1:
                    _, (_, gone) = self._things.popitem(last=False)
                    self._size -= gone
        return thing


class Shelf:
    """The replicates of one seed, some at a time.

    Parameters
    ----------
    seed : int
        Seed of all luck.
    replicates : int
        How many there are.
    """

    def __init__(self, seed: int, replicates: int) -> None:
        self._seed, self._count = seed, replicates
        self._lucks: Kept[Lucks] = Kept(ROOM)
        self._blocks: Kept[Replicates] = Kept(ROOM)
        self._casts: list[tuple[int, tuple[object, ...]]] = []
        self._lock = Lock()

    def blocks(self, engine: Engine, cast: int, numbers: range) -> Iterator[tuple[Replicates, range]]:
        """Go through replicates of an engine's world, shared with all worlds of the same `cast`.

        Yields
        ------
        tuple of Replicates and range
            A block of replicates, and the places in it of those that were asked for.
        """
        for first in range(numbers.start - numbers.start % BLOCK, numbers.stop, BLOCK):
            last = min(first + BLOCK, self._count)
            block = self._blocks.get((cast, first), partial(self._block, engine, first, last), size_of)
            yield block, range(max(numbers.start, first) - first, min(numbers.stop, last) - first)

    def cast(self, engine: Engine) -> int:
        """Return a number for the way in which an engine draws its states."""
        wanted = engine.cast
        with self._lock:
            for number, cast in reversed(self._casts):
                if cast == wanted:
                    return number
            number = self._casts[-1][0] + 1 if self._casts else 0
            self._casts = [*self._casts[1 - CASTS :], (number, wanted)]
            return number

    def _block(self, engine: Engine, first: int, last: int) -> Replicates:
        world = engine.scenario
        key = first, world.years, world.state_names, world.power_names
        luck = self._lucks.get(key, lambda: engine.luck(self._seed, *range(first, last)).fill(), size_of)
        return Replicates(engine, luck)


def size_of(thing: Lucks | Replicates) -> int:
    """Bytes that luck takes, or the states of replicates with theirs."""
    return thing.size
