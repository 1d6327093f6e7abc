"""Strategies as classes: rows of dials that a student can subclass, and the read-only view that they decide on."""

from __future__ import annotations

import inspect
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from ana_sim.dials import strategy_dials
from ana_sim.errors import AnaSimError, suggestion
from ana_sim.parameters import Dials
from ana_sim.rules.deal import NOBODY
from ana_sim.scenario import Scenario

if TYPE_CHECKING:
    from ana_sim.agents.state import SmallState

Offers = Mapping[str, float]
"""Who offers, and the price of a full share (before need), by the power's name."""


class StrategyError(AnaSimError):
    """A user's strategy did what the rules do not allow."""


class Demand(NamedTuple):
    """What a power demands: that the state give up its rivals' shares."""

    power: str
    """Who presses (the best of several to give in to)."""
    issue: str
    standing: bool
    """Whether a deal already in force is meant, rather than this year's project."""
    sting: float
    """Expected cost of resisting everyone who presses, per unit of size."""
    margin: float
    """By how much giving in to this power is better than resisting everyone."""


class View:
    """What a state knows when it decides: read-only.

    All money is per unit of the state's own size; 1 is the hegemon's budget per state and year at the start.
    """

    __slots__ = ("_state",)

    def __init__(self, state: SmallState) -> None:
        self._state = state

    @property
    def state(self) -> str:
        """The state's name."""
        return self._state.name

    @property
    def year(self) -> int:
        """Calendar year."""
        return self._state.model.calendar_year

    @property
    def step(self) -> int:
        """Years since the start."""
        return self._state.model.year

    @property
    def issue(self) -> str:
        """Issue of this year's project."""
        return self._state.model.conditions.issues[self._state.issue].name

    @property
    def kind(self) -> str:
        """``compatible``, ``divisible`` or ``exclusive``."""
        return self._state.model.conditions.issues[self._state.issue].kind

    @property
    def size(self) -> float:
        """Size y, mean 1 over states."""
        return float(self._state.size)

    @property
    def need(self) -> float:
        """Need n this year, about 1."""
        return float(self._state.need)

    @property
    def diplomatic_capacity(self) -> float:
        """Diplomatic capacity kappa in (0.1, 1]."""
        return float(self._state.capacity)

    @property
    def risk_aversion(self) -> float:
        """Risk aversion rho."""
        return float(self._state.aversion)

    @property
    def new_government(self) -> bool:
        """Whether the government changed this year."""
        return bool(self._state.turnover)

    @property
    def affinity(self) -> dict[str, float]:
        """The government's affinity to each power."""
        return self._by_power(self._state.affinity)

    @property
    def belief(self) -> dict[str, float]:
        """Believed probability that each power delivers."""
        return self._by_power(self._state.belief)

    @property
    def exposure(self) -> dict[str, float]:
        """Exposure to each power over all issues, 0..1."""
        return self._by_power(self._state.exposure)

    @property
    def held(self) -> dict[str, dict[str, float]]:
        """Shares in force, by issue and power."""
        names = [issue.name for issue in self._state.model.conditions.issues]
        return {name: self._by_power(row) for name, row in zip(names, self._state.held, strict=True)}

    @property
    def can_ask(self) -> tuple[str, ...]:
        """Powers that can still be asked this year."""
        return tuple(self._name(g) for g in self._state.unasked())

    @property
    def asked(self) -> tuple[str, ...]:
        """Powers asked so far this year, in order."""
        return tuple(self._name(g) for g in self._state.asked)

    @property
    def refused(self) -> tuple[str, ...]:
        """Powers that refused this year."""
        return tuple(self._name(g) for g in self._state.refusals)

    @property
    def winner(self) -> str | None:
        """Power that won the counter-bids: without it the project is not placed; None where none were held."""
        won = self._state.winner
        return None if won == NOBODY else self._name(won)

    @property
    def chance(self) -> dict[str, float]:
        """Probability that each power accepts to bid, were it asked."""
        return {name: self._state.chance(g) for g, name in enumerate(self._names)}

    @property
    def expected_offer(self) -> dict[str, float]:
        """Posted price that is to be expected of each power for a full share."""
        return {name: float(self._state.expected_post(g)) for g, name in enumerate(self._names)}

    @property
    def ask_cost(self) -> float:
        """Cost of asking one more power."""
        return self._state.ask_cost()

    def asking_gain(self, power: str) -> float:
        """What asking a power is worth before its cost, by the rule of an optimal search (Weitzman 1979)."""
        return self._state.gain_from_asking(self._index(power))

    def utility(self, shares: Mapping[str, float], offers: Offers) -> float:
        """Utility of taking these shares at these prices, expected penalties included."""
        return self._state.utility_of(self._state.shares_of(shares), offers)

    @property
    def _names(self) -> tuple[str, ...]:
        return self._state.model.power_names

    def _name(self, g: int) -> str:
        return self._names[g]

    def _index(self, power: str) -> int:
        return self._state.model.power_index(power, f"strategy {self._state.strategy.name!r}")

    def _by_power(self, row: object) -> dict[str, float]:
        return {name: float(value) for name, value in zip(self._names, row, strict=True)}  # type: ignore[call-overload]


class Strategy:
    """How a state deals with the powers: dials, and three decisions that a subclass may take itself.

    The class attributes are the dials, as in ``[strategies.custom]`` of a scenario; the methods as they stand act on
    them. A subclass overrides one, two or all three, and may call ``super()``.

    Examples
    --------
    >>> class Cautious(Strategy):
    ...     '''Takes half of the best offer, and gives in to whoever presses.'''
    ...
    ...     def choose(self, view, offers):
    ...         best = max(offers, key=offers.get, default=None)
    ...         return {best: 0.5} if best and view.kind == "divisible" else super().choose(view, offers)
    ...
    ...     def comply(self, view, demand):
    ...         return True
    """

    asks: ClassVar[str] = "all"
    patron: ClassVar[str | None] = None
    order: ClassVar[str] = "expected"
    search: ClassVar[str] = "all"
    counter_bids: ClassVar[bool] = False
    splits: ClassVar[bool] = False
    declares: ClassVar[bool] = False
    caution: ClassVar[float] = 1.0
    allocation: ClassVar[str] = "best"

    def __init__(self, name: str | None = None, dials: Dials | None = None) -> None:
        self.name = name or type(self).__name__
        self.dials = dials or Dials(**{key: getattr(type(self), key) for key in Dials.model_fields})

    def next_ask(self, view: View, offers: Offers) -> str | None:
        """Name of the power to ask next, or None to ask no more."""
        return view._state.usual_ask()

    def choose(self, view: View, offers: Offers) -> dict[str, float]:
        """Shares to take, by power: at most 1 in all on a divisible issue, 0 or 1 on the others.

        After counter-bids the winner has an eighth at least, or nobody has anything.
        """
        return view._state.usual_choice()

    def comply(self, view: View, demand: Demand) -> bool:
        """Whether to give in: by the rule, iff giving in costs no more than resisting."""
        return demand.margin >= 0.0

    def decides(self, method: str) -> bool:
        """Whether a subclass takes this decision itself."""
        return getattr(type(self), method) is not getattr(Strategy, method)

    @property
    def scripted(self) -> bool:
        """Whether a subclass takes any decision itself; such a strategy runs in the Mesa engine only."""
        return any(self.decides(method) for method in ("next_ask", "choose", "comply"))


def find_strategy(word: str | Strategy | type[Strategy], scenario: Scenario) -> Strategy:
    """The strategy that a user names: a built-in or custom name, ``file.py:Class``, a class or an instance.

    Raises
    ------
    ScenarioError
        If there is no strategy of that name in the scenario.
    StrategyError
        If the file cannot be read, or has no such strategy.
    """
    if isinstance(word, type):
        word = _made(word, word.__name__)
    if isinstance(word, Strategy):
        return _with_patron(word, scenario)
    path, colon, name = word.rpartition(":")
    if colon and path.endswith(".py"):
        return _with_patron(_made(_class_in(Path(path), name), name), scenario)
    return Strategy(word, strategy_dials(word, scenario))


def _with_patron(strategy: Strategy, scenario: Scenario) -> Strategy:
    """Resolve the role or name of a class's patron to a power of the scenario."""
    patron = strategy.dials.patron
    if patron is not None:
        name = scenario.roster.find(patron)
        if name is None:
            raise StrategyError(f"strategy {strategy.name}: there is no power {patron!r} to be its patron")
        strategy.dials = strategy.dials.model_copy(update={"patron": name})
    return strategy


def _made(cls: type, name: str) -> Strategy:
    if not issubclass(cls, Strategy):
        raise StrategyError(f"{name} is not a subclass of ana_sim.Strategy")
    try:
        return cls()
    except Exception as error:
        raise StrategyError(f"strategy {name} cannot be made: {error}") from error


def line_of(error: Exception, strategy: Strategy) -> str:
    """Where in the user's own file an error came up or was let through, `` (mine.py, line 5)``; nothing if nowhere."""
    own = [kind for kind in type(strategy).__mro__ if issubclass(kind, Strategy) and kind is not Strategy]
    files = {getattr(sys.modules.get(kind.__module__), "__file__", None) for kind in own}
    lines = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename in files]
    return f" ({Path(lines[-1].filename).name}, line {lines[-1].lineno})" if lines else ""


def _class_in(path: Path, name: str) -> type:
    if not path.is_file():
        raise StrategyError(f"{path}: there is no such file of strategies")
    module = ModuleType(f"ana_sim_user_{path.stem}")
    module.__file__ = str(path)
    sys.modules[module.__name__] = module
    try:
        exec(compile(path.read_bytes(), str(path), "exec"), vars(module))
    except Exception as error:
        raise StrategyError(f"{path}: {type(error).__name__}: {error}") from error
    found = {key: value for key, value in vars(module).items() if inspect.isclass(value)}
    own = {key: value for key, value in found.items() if issubclass(value, Strategy) and value is not Strategy}
    if name not in own:
        raise StrategyError(f"{path}: there is no strategy {name!r}{suggestion(name, own)}")
    return own[name]
