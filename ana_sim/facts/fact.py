"""A stylised fact: what the literature claims, how it is turned into a contrast, and what must break it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ana_sim.facts.lab import Lab

Floats = NDArray[np.float64]
Settings = Mapping[str, object]

Kind = Literal["e", "i", "c"]
KINDS: Mapping[Kind, str] = {"e": "emergent", "i": "near-identity", "c": "conjecture"}
"""What a fact is: evidence; a verification, since it follows from one equation; or it goes beyond its source."""

Expect = Literal["more", "none", "no less", "zero"]
"""What a part expects: above delta; within it (equivalence); not below it; or 0 to the last bit."""

SOURCES = {
    "H": "Heine (2024), Active Non-Alignment and Great Power Competition in Our Time, CARI",
    "S": "Sanchez & Carreno (2009), Moscow, Beijing and Latin America: Testing smart power diplomacy",
    "M": "Milei's Cold War Diplomacy Divides Latin America (2024)",
}


class Part(NamedTuple):
    """One thing that a fact claims, replicate by replicate.

    Parameters
    ----------
    what : str
        What is compared with what, in a few words.
    values : array, shape (R,)
        The contrast in each replicate; NaN where nothing happened that could be compared.
    scale : float
        Mean terms (or the price) that the contrast is measured in; 1 for a rate or a share. Delta is 5% of it.
    expect : str
        ``more``, ``none``, ``no less`` or ``zero``.
    counts : bool
        Whether the verdict depends on it; not on conjectures and remarks.
    """

    what: str
    values: Floats
    scale: float = 1.0
    expect: Expect = "more"
    counts: bool = True


@dataclass(frozen=True)
class Ablation:
    """A mechanism switched off in every world of a fact, named before the fact is scored.

    Parameters
    ----------
    what : str
        The mechanism, in words.
    settings : mapping
        Values by dotted path, set after all of the row's own.
    play : mapping
        What is played instead of a strategy.
    """

    what: str
    settings: Settings = field(default_factory=dict)
    play: Mapping[str, str] = field(default_factory=dict)


Contrast = Callable[[Lab], list[Part]]


@dataclass(frozen=True)
class Fact:
    """A row of the score card.

    Attributes
    ----------
    name, section, kind
        Its name; ``A`` for the cases, ``B`` for the system; what it is worth (see `KINDS`).
    claim, source
        The case or claim, and where it is made: a key of `SOURCES`, or several joined by ``, ``.
    vary, expect, falsified
        What is varied, what should follow, and what would falsify it: the specification's words.
    reading
        One line that says what a reader takes from it, whatever the verdict.
    ablation
        What must break it; None for a fact that is no evidence.
    parts
        The contrasts, by a function over worlds.
    family
        The module that it stands in.
    """

    name: str
    section: Literal["A", "B"]
    kind: Kind
    claim: str
    source: str
    vary: str
    expect: str
    falsified: str
    reading: str
    ablation: Ablation | None
    parts: Contrast
    family: str


FACTS: dict[str, Fact] = {}
"""All facts, in the order in which their modules are read."""


def fact(
    section: Literal["A", "B"],
    kind: Kind,
    claim: str,
    *,
    source: str,
    vary: str,
    expect: str,
    falsified: str,
    reading: str,
    ablation: Ablation | None = None,
) -> Callable[[Contrast], Contrast]:
    """Register a function over worlds as the fact of its name; see `Fact` for what is stated of it.

    Raises
    ------
    ValueError
        If evidence names no ablation, a source is unknown, or a name comes twice.
    """

    def register(parts: Contrast) -> Contrast:
        name = parts.__name__
        if name in FACTS:
            raise ValueError(f"there are two facts {name}")
        if kind == "e" and ablation is None:
            raise ValueError(f"{name}: evidence must name what would break it")
        if unknown := [key for key in source.split(", ") if key not in SOURCES]:
            raise ValueError(f"{name}: there is no source {unknown[0]}")
        family = parts.__module__.rpartition(".")[2]
        FACTS[name] = Fact(
            name, section, kind, claim, source, vary, expect, falsified, reading, ablation, parts, family
        )
        return parts

    return register
