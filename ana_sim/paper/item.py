"""What the paper shows: its items by name, in its order."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from ana_sim.errors import AnaSimError, nearest

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ana_sim.paper.bench import Bench

__all__ = ["ITEMS", "Item", "Made", "PaperError", "item", "item_of"]


class PaperError(AnaSimError):
    """An item that there is not, or a file of the paper that is missing."""


class Made(NamedTuple):
    """What an item comes to.

    Attributes
    ----------
    tables : mapping of str to DataFrame
        The tables behind it by their names: those of :mod:`ana_sim.tables`, or of the paper's own. The first is the
        main one.
    figure : Figure or None
        The picture; none for a table.
    """

    tables: Mapping[str, pd.DataFrame]
    figure: Figure | None = None


@dataclass(frozen=True)
class Item:
    """A figure or a table of the paper.

    Attributes
    ----------
    name : str
        Its name, a part of the names of its files.
    number : int
        Its place in the paper, from 1.
    title : str
        What it shows.
    files : tuple of str
        The files of ``experiments/`` that it runs.
    make : callable
        Makes it on a workbench.
    """

    name: str
    number: int
    title: str
    files: tuple[str, ...]
    make: Callable[[Bench], Made]

    @property
    def stem(self) -> str:
        """What the names of its files begin with."""
        return f"{self.number:02}_{self.name}"


ITEMS: dict[int, Item] = {}
"""All items by their numbers."""


def item(number: int, title: str, *files: str) -> Callable[[Callable[[Bench], Made]], Callable[[Bench], Made]]:
    """Register a function as the item of its name; see `Item`."""

    def register(make: Callable[[Bench], Made]) -> Callable[[Bench], Made]:
        assert number not in ITEMS, f"there are two items {number}"
        ITEMS[number] = Item(make.__name__, number, title, files, make)
        return make

    return register


def item_of(word: str) -> Item:
    """The item of a name, a number, or both as in the names of files.

    Raises
    ------
    PaperError
        If there is none.

    Examples
    --------
    >>> item_of("regime_map").number, item_of("3").name, item_of("03_regime_map").name
    (3, 'regime_map', 'regime_map')
    """
    names = {known.name: known for known in ITEMS.values()}
    number, name = _parts(word)
    if name in names and number in (None, names[name].number):
        return names[name]
    if name is None and number in ITEMS:
        return ITEMS[number]
    found = nearest(name or word, names)
    known: Sequence[str] = [ITEMS[place].name for place in sorted(ITEMS)]
    hint = f"did you mean {found}?" if found else f"there are: {', '.join(known)}"
    raise PaperError(f"there is no figure {word!r}; {hint}")


def _parts(word: str) -> tuple[int | None, str | None]:
    """Take a word apart: a number, a name, or both."""
    found = re.fullmatch(r"(?:(\d{1,3})(?:_|$))?(\w*)", word)
    if found is None:
        return None, word
    number, name = found.groups()
    return (int(number) if number else None), (name or None)
