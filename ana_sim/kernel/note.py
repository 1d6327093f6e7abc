"""Note: what is kept of each state-year where sums do not suffice; its columns, and how they are filled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ana_sim.compiled import compiled, compiled_inline
from ana_sim.kernel.layout import Floats, Today
from ana_sim.rules.deal import NOBODY, Case
from ana_sim.tally import BESIDE, COMPONENTS

if TYPE_CHECKING:
    from ana_sim.scenario import Scenario

OF_FLOW = (*COMPONENTS, *BESIDE, "leverage", "priced")
"""What is counted of a state-year: sums of these make up the payoffs."""

OF_STATE = ("need", "lean", "issue", "playing", "turnover", "due", "given_up", "given_up_to")
"""What is noted of a state: need n_i, lean, the project's issue, the strategy by its number, whether there is a new
government, whether deals fell due, the issue of a standing deal that is given up, and for which power; -1 for none."""

OF_POWER = (
    *("asked", "refused", "chosen", "share", "price", "clause", "pressed", "pressed_standing", "complied"),
    *("exposure", "belief", "affinity", "hostility"),
)
"""What is noted of a state and a power: whether it was asked, and refused; the share chosen, and that settled after
objections and force; the price of a full share, and of an exclusion clause that was struck (0: none); its demands
(0 to 2), whether one was on a standing deal, and how many were met; A_ig, mu_ig, d_ig and hostility at the end."""

OF_TIE = ("held", "struck")
"""What is noted of a state and a power on an issue: the share in force at the year's end, and the price it has."""

OF_STATES = (*OF_FLOW, *OF_STATE)
FLOWS, FIRST, POWERS, TIES = len(OF_FLOW), len(OF_STATES), len(OF_POWER), len(OF_TIE)


@dataclass(frozen=True)
class Notes:
    """The places of the columns, for given powers and issues.

    Parameters
    ----------
    powers, issues : tuple of str
        Their names, G and K of them.
    """

    powers: tuple[str, ...]
    issues: tuple[str, ...]

    @classmethod
    def of(cls, scenario: Scenario) -> Notes:
        """The columns of a scenario's notes."""
        return cls(tuple(scenario.power_names), tuple(issue.name for issue in scenario.issue))

    @property
    def columns(self) -> int:
        """How many there are."""
        return FIRST + len(self.powers) * (POWERS + len(self.issues) * TIES)

    def place(self, name: str, power: str = "", issue: str = "") -> int:
        """Place of a column: by its name, and that of a power and an issue where it is noted of them.

        Raises
        ------
        KeyError
            If there is no such column, power or issue.
        """
        of = OF_STATES if not power else OF_TIE if issue else OF_POWER
        if name not in of or (power and power not in self.powers) or (issue and issue not in self.issues):
            raise KeyError((name, power, issue))
        if not power:
            return of.index(name)
        g = self.powers.index(power)
        if not issue:
            return FIRST + g * POWERS + of.index(name)
        pair = self.issues.index(issue) * len(self.powers) + g
        return FIRST + len(self.powers) * POWERS + pair * TIES + of.index(name)


@compiled_inline
def note_choice(today: Today, i: int, case: Case, payer: int, row: Floats) -> None:
    """Note whom a state asked, who refused, and what it chose before anybody objected."""
    desk = today.desk
    for g in range(today.player.size):
        at = FIRST + g * POWERS
        row[at], row[at + 1], row[at + 2] = desk.asked[g], desk.refused[g], desk.shares[g]
        row[at + 5] = case.power[g].price if g == payer else 0.0


@compiled_inline
def note_outcome(today: Today, i: int, case: Case, given_up: tuple[int, int, int, float], row: Floats) -> None:
    """Note what was settled, at what price, and what came of demands and standing deals."""
    desk, state = today.desk, today.state[i]
    for g in range(today.player.size):
        at = FIRST + g * POWERS
        row[at + 3] = desk.shares[g]
        row[at + 4] = case.power[g].price if desk.shares[g] > 0.0 else 0.0
        standing = 1.0 if state.turnover and desk.demand[g] != NOBODY else 0.0
        row[at + 6], row[at + 7], row[at + 8] = today.regard[i, g].demands, standing, today.regard[i, g].met
    row[FLOWS + 6], row[FLOWS + 7] = given_up[0], given_up[1]


@compiled
def note_states(today: Today, flow: Floats, notes: Floats) -> None:
    """Note how the year leaves the states: what was counted, needs, ties and deals in force; shape (N, columns)."""
    powers, issues = today.player.size, today.issue.size
    for i in range(today.state.size):
        row, state = notes[i], today.state[i]
        for column in range(FLOWS):
            row[column] = flow[i, column]
        row[FLOWS], row[FLOWS + 1], row[FLOWS + 2], row[FLOWS + 3] = state.need, state.lean, state.issue, state.playing
        row[FLOWS + 4], row[FLOWS + 5] = state.turnover, state.due
        for g in range(powers):
            at, regard = FIRST + g * POWERS, today.regard[i, g]
            row[at + 9], row[at + 10], row[at + 11] = regard.exposure, regard.belief, regard.affinity
            row[at + 12] = regard.hostility
            for k in range(issues):
                tie, pair = today.tie[i, k, g], FIRST + powers * POWERS + (k * powers + g) * TIES
                row[pair], row[pair + 1] = tie.held, tie.price if tie.held > 0.0 else 0.0
