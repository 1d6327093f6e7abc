"""What strategies and factors are called in pictures, and how strategies are drawn."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ana_sim.listing import ParameterInfo

__all__ = [
    "COMPONENT_LOOKS",
    "ComponentLook",
    "StrategyLook",
    "axis_label",
    "factor_label",
    "parameter_of",
    "strategy_label",
    "strategy_looks",
]


class StrategyLook(NamedTuple):
    """How a strategy is drawn: told apart by hatch, line and marker in grey."""

    colour: str
    hatch: str
    line: str | tuple[float, tuple[float, ...]]
    marker: str
    ink: str


class ComponentLook(NamedTuple):
    """How a component of the payoff is named and drawn."""

    label: str
    short: str
    colour: str
    hatch: str
    ink: str


COMPONENT_LOOKS: Final = {
    "terms": ComponentLook("terms", "terms", "#0072B2", "", "white"),
    "affinity": ComponentLook("affinity", "affinity", "#56B4E9", "////", "#222222"),
    "club": ComponentLook("club rent", "club", "#E69F00", "", "#222222"),
    "public_goods": ComponentLook("public goods", "public goods", "#F0E442", "....", "#222222"),
    "duplication": ComponentLook("duplication", "duplication", "#BBBBBB", "xxxx", "#222222"),
    "asks": ComponentLook("asking, bidding", "asks", "#009E73", "\\\\\\\\", "white"),
    "pressure": ComponentLook("pressure", "pressure", "#D55E00", "----", "white"),
    "shock": ComponentLook("shocks", "shocks", "#CC79A7", "||||", "#222222"),
}
"""By the component's name (`ana_sim.tally.COMPONENTS`)."""

_LOOKS: Final = {
    "align_hegemon": StrategyLook("#0072B2", "", "-", "s", "white"),
    "align_rising": StrategyLook("#D55E00", "////", "--", "D", "white"),
    "hedge": StrategyLook("#E69F00", "....", ":", "v", "#222222"),
    "play_field": StrategyLook("#56B4E9", "\\\\\\\\", "-.", "^", "#222222"),
    "ana": StrategyLook("#009E73", "xxxx", "-", "o", "white"),
}
_SPARE: Final = (
    StrategyLook("#CC79A7", "||||", (0.0, (1.0, 1.0)), "P", "white"),
    StrategyLook("#F0E442", "----", (0.0, (5.0, 1.0)), "X", "#222222"),
    StrategyLook("#BBBBBB", "++++", (0.0, (3.0, 1.0, 1.0, 1.0)), "*", "#222222"),
    StrategyLook("#999933", "oo", (0.0, (7.0, 2.0)), "h", "white"),
    StrategyLook("#882255", "///", (0.0, (2.0, 3.0)), "<", "white"),
)
_PLACEHOLDER: Final = re.compile(r"[A-Z]+")

_LABELS: Final = {
    "align_hegemon": "align with the hegemon",
    "align_rising": "align with the rising power",
    "align_third": "align with the third power",
    "align_region": "align with the region",
    "shop": "ask around (shop)",
    "hedge": "hedge",
    "play_field": "play the field",
    "ana": "active non-alignment (ANA)",
    "abstain": "abstain",
    "equidistant": "equidistant",
    "random": "choose at random",
}


def strategy_label(name: str) -> str:
    """Name a strategy in words.

    Parameters
    ----------
    name : str
        A built-in strategy, ``align_<power>``, or one of the user's own.

    Returns
    -------
    str
        Such as "active non-alignment (ANA)" for ``ana``, "align with china" for ``align_china``; another name
        with its underscores as spaces.
    """
    if name in _LABELS:
        return _LABELS[name]
    if name.startswith("align_"):
        return "align with " + name.removeprefix("align_").replace("_", " ")
    return name.replace("_", " ")


def strategy_looks(names: Sequence[str]) -> dict[str, StrategyLook]:
    """Give each strategy its look: the best known always the same, others in their order."""
    others = [name for name in names if name not in _LOOKS]
    return {name: _LOOKS.get(name) or _SPARE[others.index(name) % len(_SPARE)] for name in names}


def factor_label(name: str) -> str:
    """Name a factor shortly.

    Parameters
    ----------
    name : str
        The path of a parameter, or a name of the user's.

    Examples
    --------
    >>> factor_label("power.rising.pressure.severity"), factor_label("world.posted_share")
    ('rising: pressure severity', 'posted share')
    """
    head, *rest = name.split(".")
    if head == "world" and rest:
        return " ".join(rest).replace("_", " ")
    if head in ("power", "issue") and len(rest) > 1:
        head, *rest = rest
    text = " ".join(rest)
    return (f"{head}: {text}" if text else head).replace("_", " ")


def axis_label(name: str) -> str:
    """Name a factor in the words of its parameter, and below it by its path and unit.

    Parameters
    ----------
    name : str
        The path of a parameter, or a name of the user's.

    Returns
    -------
    str
        Two lines for a parameter, such as "rising: share of capability open to deals" over its path; else one.
    """
    row = parameter_of(name)
    if row is None:
        return factor_label(name)
    words = re.sub(r"^\w+: ", "", row.meaning).split(";")[0]
    head, *rest = name.split(".")
    entity = f"{rest[0]}: ".replace("_", " ") if head in ("power", "issue") else ""
    unit = f", {row.unit}" if row.unit not in ("", "1") else ""
    return f"{entity}{words}\n{name}{unit}"


def parameter_of(name: str) -> ParameterInfo | None:
    """Find the parameter of a path, whatever the names of powers and issues in it; None where there is none."""
    parts = name.split(".")
    for own, row in _parameters():
        if len(own) == len(parts) and all(
            _PLACEHOLDER.fullmatch(mine) or mine == theirs for mine, theirs in zip(own, parts, strict=True)
        ):
            return row
    return None


@cache
def _parameters() -> tuple[tuple[list[str], ParameterInfo], ...]:
    from ana_sim.parameters import parameter_table

    return tuple((row.path.split("."), row) for row in parameter_table())
