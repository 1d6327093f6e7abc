"""Records: rows of an array whose fields are read and set by name, alike in Python and in what numba compiles."""

from __future__ import annotations

import copyreg
from collections.abc import Mapping
from functools import cache
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
    return np.dtype((_class_of(tuple(fields)), np.dtype(list(fields.items()), align=True)))


class _Class(type):
    """A class of records: pickled by its fields, since no module has it by a name."""

    field_names: tuple[str, ...]


@cache
def _class_of(fields: tuple[str, ...]) -> _Class:
    return _Class(
        "Record", (np.void,), {name: _property(name) for name in fields} | {"field_names": fields, "__slots__": ()}
    )


def _property(name: str) -> property:
    def put(self: Any, value: object) -> None:
        self[name] = value

    return property(itemgetter(name), put)


copyreg.pickle(_Class, lambda kind: (_class_of, (kind.field_names,)))
