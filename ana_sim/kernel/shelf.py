"""Luck and states kept for the worlds that share them: the arms of a comparison, the points of a sweep."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

from ana_sim.kernel.engine import Engine, Replicate
from ana_sim.luck import Luck

Thing = TypeVar("Thing")

ROOM = 128 * 2**20
"""Bytes of luck, and of states, that are kept at most."""

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
    """The replicates of one seed.

    Parameters
    ----------
    seed : int
        Seed of all luck.
    """

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._lucks: Kept[Luck] = Kept(ROOM)
        self._replicates: Kept[Replicate] = Kept(ROOM)
        self._casts: list[tuple[int, tuple[object, ...]]] = []
        self._lock = Lock()

    def replicate(self, engine: Engine, cast: int, number: int) -> Replicate:
        """Return a replicate of an engine's world, shared with all worlds of the same `cast`."""

        def make() -> Replicate:
            return Replicate(engine, self._luck(engine, number))

        return self._replicates.get((cast, number), make, lambda made: made.size)

    def cast(self, engine: Engine) -> int:
        """Return a number for the way in which an engine draws its states."""
        with self._lock:
            for number, cast in reversed(self._casts):
                if cast == engine.cast:
                    return number
            number = self._casts[-1][0] + 1 if self._casts else 0
            self._casts = [*self._casts[1 - CASTS :], (number, engine.cast)]
            return number

    def _luck(self, engine: Engine, number: int) -> Luck:
        world = engine.scenario
        key = number, world.years, world.state_names, world.power_names
        return self._lucks.get(key, lambda: engine.luck(self._seed, number), lambda luck: luck.fill().size)
