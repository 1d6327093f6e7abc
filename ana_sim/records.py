"""Records: rows of an array whose fields are read and set by name, alike in Python and in what numba compiles."""

from __future__ import annotations

from collections.abc import Mapping
from operator import itemgetter
from typing import Any

import numpy as np


def record(fields: Mapping[str, type]) -> np.dtype[Any]:
    """Layout of a record with these fields, which numba compiles like any of NumPy's.

    NumPy's own records look a field up anew each time that Python asks for it, which the Mesa engine does a hundred
    times a state-year. Here each field is a property of the record's class, several times as fast.

    Parameters
    ----------
    fields : mapping
        The type of each field, by its name.
    """
    kind = type("Record", (np.void,), {name: _field(name) for name in fields})
    return np.dtype((kind, np.dtype(list(fields.items()), align=True)))


def _field(name: str) -> property:
    def put(self: Any, value: object) -> None:
        self[name] = value

    return property(itemgetter(name), put)
