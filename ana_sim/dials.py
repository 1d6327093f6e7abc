"""The strategies of a scenario, built in or its own, as rows of dials."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ana_sim.errors import ScenarioError, nearest
from ana_sim.parameters import Dials
from ana_sim.roster import ROLES, Roster

if TYPE_CHECKING:
    from ana_sim.scenario import Scenario

__all__ = [
    "ALIGN",
    "BUILT_IN",
    "NamedStrategy",
    "find_strategy",
    "strategy_dials",
    "strategy_info",
    "strategy_names",
    "unknown_strategy",
]

ALIGN: Final = "align_"


@dataclass(frozen=True)
class NamedStrategy:
    """A strategy with what is said about it."""

    name: str
    dials: Dials
    description: str
    source: str


_ROWS: Final = (
    NamedStrategy(
        "shop",
        Dials(asks="all", search="all"),
        "asks every power and takes the best offer: neither outbidding nor splitting",
        "the missing cell of the typology",
    ),
    NamedStrategy(
        "hedge",
        Dials(asks="all", search="all", splits=True),
        "asks every power and takes partial, adjustable positions issue by issue",
        "Kuik 2008; Heine 2024",
    ),
    NamedStrategy(
        "play_field",
        Dials(asks="all", order="expected", search="stepwise", counter_bids=True),
        "asks around in order, while it pays, and lets the powers outbid each other",
        "Heine 2024; Kassab 2020; Weitzman 1979",
    ),
    NamedStrategy(
        "ana",
        Dials(asks="all", order="expected", search="stepwise", counter_bids=True, splits=True),
        "active non-alignment: plays the field and hedges",
        "Heine 2024; Fortin, Heine & Ominami 2020, 2023",
    ),
    NamedStrategy(
        "abstain",
        Dials(asks="none"),
        "control: asks nobody (neutrality)",
        "Heine 2024: not neutrality",
    ),
    NamedStrategy(
        "equidistant",
        Dials(asks="all", search="all", splits=True, allocation="equal"),
        "control: equal shares for all who offer",
        "Heine 2024: not equidistance",
    ),
    NamedStrategy(
        "random",
        Dials(asks="all", search="all", allocation="random"),
        "control: takes one of the offers by chance",
        "convention",
    ),
)

BUILT_IN: Final[Mapping[str, NamedStrategy]] = {row.name: row for row in _ROWS}


def align(word: str, power: str) -> NamedStrategy:
    """Return alignment with `power` under the name `align_<word>`."""
    return NamedStrategy(
        ALIGN + word,
        Dials(asks="patron", patron=power, search="all", declares=True),
        f"asks {power} alone, declares itself its ally and has the club's rent",
        "Snyder 1984; Kikuchi & Liu; Heine 2024",
    )


def find_strategy(name: str, custom: Mapping[str, Dials], powers: Roster) -> NamedStrategy | None:
    """Return the strategy called `name`: one's own first, then the built-in ones; None if there is none."""
    if name in custom:
        return NamedStrategy(name, custom[name], "defined in the scenario", "the scenario")
    if name in BUILT_IN:
        return BUILT_IN[name]
    if name.startswith(ALIGN) and (power := powers.find(name.removeprefix(ALIGN))) is not None:
        return align(name.removeprefix(ALIGN), power)
    return None


def names_of(custom: Mapping[str, Dials], powers: Roster) -> list[str]:
    """Return the strategies, alignment by role for the two rivals and by name for the others."""
    rivals = ("hegemon", "rising")
    words = [role if role in rivals else name for name, role in powers.roles.items()]
    return list(dict.fromkeys([*(ALIGN + word for word in words), *BUILT_IN, *custom]))


def unknown_strategy(
    name: str,
    custom: Mapping[str, Dials],
    powers: Roster,
    *,
    path: str | None = None,
    file: str | None = None,
) -> ScenarioError:
    """Return the error for a strategy that there is not."""
    reason = f"there is no strategy {name}"
    if name.startswith(ALIGN):
        word = name.removeprefix(ALIGN)
        if word not in ROLES:
            reason = f"there is no power {word} to align with"
        elif word in powers.roles.values():
            reason = f"several powers have the role {word}"
        else:
            reason = f"no power has the role {word}"
    options = [*names_of(custom, powers), *(ALIGN + word for word in powers.words())]
    return ScenarioError(reason, file=file, path=path, nearest=nearest(name, options))


def strategy_info(name: str, scenario: Scenario) -> NamedStrategy:
    """Return a strategy of a scenario with its description and source.

    Raises
    ------
    ScenarioError
        If there is none of this name; names the nearest.
    """
    custom = scenario.strategies.custom
    found = find_strategy(name, custom, scenario.roster)
    if found is None:
        raise unknown_strategy(name, custom, scenario.roster)
    return found


def strategy_dials(name: str, scenario: Scenario) -> Dials:
    """Return the dials of the strategy called `name` in a scenario; its patron is the name of a power.

    Raises
    ------
    ScenarioError
        If there is none of this name; names the nearest.
    """
    return strategy_info(name, scenario).dials


def strategy_names(scenario: Scenario) -> list[str]:
    """Return the strategies of a scenario: alignment with each power, the built-in ones, one's own."""
    return names_of(scenario.strategies.custom, scenario.roster)
