"""The errors that a user can cause, each one clear line with the nearest right name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from itertools import takewhile
from pathlib import Path
from typing import Final

__all__ = ["AnaSimError", "ScenarioError", "nearest", "short", "suggestion"]

_ABSENT: Final = object()
_LONGEST_VALUE: Final = 60


def nearest(name: str, options: Iterable[str]) -> str | None:
    """Return the option that `name` was probably meant to be, or None.

    Parameters
    ----------
    name
        What was written.
    options
        What would have been right.

    Examples
    --------
    >>> nearest("rizing", ["hegemon", "rising"])
    'rising'
    >>> nearest("zebra", ["hegemon", "rising"]) is None
    True
    """
    folded = name.casefold()
    by_folded = {option.casefold(): option for option in options}
    found = difflib.get_close_matches(folded, by_folded, n=5, cutoff=0.5)
    if not found:
        return None

    def closeness(option: str) -> tuple[float, int]:
        same = takewhile(lambda pair: pair[0] == pair[1], zip(option, folded, strict=False))
        return difflib.SequenceMatcher(None, option, folded).ratio(), len(list(same))

    return by_folded[max(found, key=closeness)]


def suggestion(name: str, options: Iterable[str]) -> str:
    """Return the end of a message that names the nearest right name, or nothing where there is none near.

    Examples
    --------
    >>> suggestion("rizing", ["hegemon", "rising"])
    "; did you mean 'rising'?"
    """
    hint = nearest(name, options)
    return f"; did you mean {hint!r}?" if hint else ""


class AnaSimError(Exception):
    """Anything that the user can put right; its text is one line."""


class ScenarioError(AnaSimError):
    """Something is wrong with a scenario, a setting or a table of states.

    Parameters
    ----------
    reason
        What is wrong, in words.
    file
        The file in which it stands, where there is one.
    path
        The dotted path of the parameter, or the row and column of a table.
    value
        The value that is refused, where there is one.
    nearest
        The nearest right name, where there is one.
    """

    def __init__(
        self,
        reason: str,
        *,
        file: str | Path | None = None,
        path: str | None = None,
        value: object = _ABSENT,
        nearest: str | None = None,
    ) -> None:
        self.reason = reason
        self.file = None if file is None else str(file)
        self.path = path
        self.value = None if value is _ABSENT else value
        self.nearest = nearest
        where = path or ""
        if value is not _ABSENT:
            where = f"{where} = {short(value)}" if where else short(value)
        line = ": ".join(part for part in (self.file, where, reason) if part)
        if nearest is not None:
            line += f"; did you mean {nearest}?"
        super().__init__(" ".join(line.split()))


def short(value: object) -> str:
    """Write a value as it would stand in a file, cut in the middle where it is long."""
    text = str(value).lower() if isinstance(value, bool) else repr(value)
    half = _LONGEST_VALUE // 2
    return text if len(text) <= _LONGEST_VALUE else f"{text[:half]}...{text[-half:]}"
