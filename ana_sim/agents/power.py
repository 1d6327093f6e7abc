"""The powers as Mesa agents: they plan a budget, bid, accept or refuse, and object to their rivals."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mesa
import numpy as np
from numpy.typing import NDArray

from ana_sim.parameters import Power
from ana_sim.rules import bargain, deal, pressure, ties
from ana_sim.rules import powers as rules
from ana_sim.rules.deal import NOBODY
from ana_sim.world import in_order

if TYPE_CHECKING:
    from ana_sim.agents.state import SmallState
    from ana_sim.model import AnaModel

Floats = NDArray[np.float64]


class GreatPower(mesa.Agent):
    """A power that bids for small states: it plans a budget, bids, accepts or refuses, and objects to its rivals.

    Parameters
    ----------
    model : AnaModel
        The world.
    index : int
        Its place g among the powers.
    """

    model: AnaModel

    def __init__(self, model: AnaModel, index: int) -> None:
        super().__init__(model)
        self.index = index
        self.name = self.spec.name
        self.capability = self.spec.capability
        self.share = self.share_before = self.share_at_start = 0.0
        self.engagement = 1.0
        self.budget = self.rent = self.bidding_share = 0.0
        self.success = self.spec.pressure.success_initial
        self.pressed_last_year = 0.0
        self.legitimacy = model.conditions.world.legitimacy.initial
        issues, states = len(model.conditions.issues), len(model.population.names)
        self.response = np.zeros(issues)
        self.outdone_by: list[Floats] = []
        self.valuation, self.expected = np.zeros(states), np.zeros(states)
        self.clear_the_year()

    @property
    def spec(self) -> Power:
        """Its parameters as they hold this year."""
        return self.model.conditions.powers[self.index]

    def clear_the_year(self) -> None:
        """Forget what was counted in the year before."""
        self.spent = self.public_good = self.reproach = self.influence = 0.0
        self.deals = self.pressings = self.complied = self.forced = 0
        self.pressed_states: set[int] = set()
        self.office = 0

    # -- plan --

    def grow(self) -> None:
        """Capability of the year: at the start as given, then grown, unless a time path states it."""
        if self.model.year == 0 or f"power.{self.name}.capability" in self.model.paths:
            self.capability = self.spec.capability
        else:
            self.capability = rules.grown(self.capability, self.spec.growth, self.spec.ceiling)

    @property
    def counted_capability(self) -> float:
        """Capability that counts in the powers' shares."""
        return self.capability

    def plan(self) -> None:
        """Share, retrenchment, budget, club and demonstration: what can be offered this year."""
        model, world = self.model, self.model.conditions.world
        self.share_before = self.share
        self.share = self.counted_capability / model.all_capability if model.all_capability > 0.0 else 0.0
        if model.year == 0:
            self.share_before = self.share_at_start = self.share
        self.engagement = rules.retrenchment(self.spec.inward_turn, self.share, self.share_at_start)
        self.budget = rules.budget(
            self.spec.openness, self.spec.generosity, self.engagement, self.offerable_capability()
        )
        allied = in_order(state.size for state in model.state_list if state.ally_of == self.index)
        self.rent = rules.club_rent(world.club_cap, self.spec.club_share, self.budget, model.all_size, allied)
        self.club_cost = rules.club_outlay(self.rent, self.budget, model.all_size, allied)
        self.bidding_share = 1.0 - self.club_cost
        if model.demonstrates:
            self.watch_rivals()

    def offerable_capability(self) -> float:
        """Capability that makes its budget."""
        return self.capability

    def watch_rivals(self) -> None:
        """Respond, with a lag, to being outdone in the deals in force."""
        demonstration, shares = self.model.conditions.world.demonstration, self.model.deal_shares
        rivals = [h for h in range(len(self.model.power_list)) if self.model.conditions.contest[self.index, h] > 0.0]
        excess = np.zeros(len(self.response))
        for k in range(excess.size):
            best = max((float(shares[k, h]) for h in rivals), default=0.0)
            excess[k] = rules.excess(float(shares[k, self.index]), best, demonstration.trigger)
        self.outdone_by.append(excess)
        then = self.model.year - demonstration.lag
        for k in range(excess.size):
            seen = float(self.outdone_by[then][k]) if then >= 0 else 0.0
            self.response[k] = rules.demonstrated(self.response[k], demonstration.rate, seen)

    # -- bid --

    def deals_with(self, state: SmallState) -> bool:
        """Whether it has dealings with a state at all."""
        return not self.model.population.excluded[state.index, self.index]

    def is_open(self, state: SmallState, k: int) -> bool:
        """Whether it can deal with a state on an issue now: interested, not shut out, and not already agreed."""
        if not self.deals_with(state) or self.model.conditions.interest[self.index, k] <= 0.0:
            return False
        if state.locked_until[k, self.index] > self.model.year:
            return False
        issue = self.model.conditions.issues[k]
        return not (issue.kind != "exclusive" and issue.term == 0 and state.held[k, self.index] > 0.0)

    def weight(self, state: SmallState, k: int) -> float:
        """Weight of a state in its bids; on an exclusive issue, relative to the states that it does not hold."""
        model = self.model
        if model.conditions.issues[k].kind != "exclusive":
            return state.weight
        contested = float(model.pull_not_held[k, self.index])
        return rules.bid_weight(state.pull, state.size, model.all_size, contested if contested > 0.0 else state.pull)

    def value(self, state: SmallState, k: int, luck: float) -> float:
        """V_igk before the budget's scale, with ``luck`` as the draw of xi (1/2: its mean)."""
        return rules.valuation(
            self.bidding_share,
            self.budget,
            self.weight(state, k),
            self.model.conditions.interest[self.index, k],
            self.response[k],
            rules.eagerness(self.model.conditions.world.valuation_spread, luck),
        )

    def bid(self) -> None:
        """Value all projects of the year, scaled so that the budget surely suffices.

        A new government may swap a standing deal for a posted offer (see :meth:`SmallState.face_old_quarrels`): what
        that could cost at most is set aside.
        """
        luck = self.model.draws("bid")[:, self.index]
        claims = 0.0
        for state in self.model.state_list:
            i, k = state.index, state.issue
            self.valuation[i] = self.expected[i] = 0.0
            if k != NOBODY and self.is_open(state, k):
                self.valuation[i] = self.value(state, k, luck[i])
                self.expected[i] = self.value(state, k, 0.5)
                claims += state.size * self.valuation[i]
            if state.turnover:
                values = [
                    self.value(state, other, luck[i]) for other in state.standing_issues() if self.is_open(state, other)
                ]
                claims += state.size * max(values, default=0.0)
        available = self.bidding_share * self.budget * self.model.all_size
        self.scale = rules.budget_scale(available, claims)
        self.valuation *= self.scale
        self.expected *= self.scale

    def posted(self, valuation: float, state: SmallState, k: int) -> float:
        """What it offers unasked for more."""
        return bargain.posted_price(
            valuation,
            self.model.conditions.world.posted_share,
            self.model.pool(k),
            self.model.common_demand(state, k, self.index),
        )

    def chance(self, state: SmallState, k: int) -> float:
        """Probability that it accepts to bid for a state's project."""
        return rules.acceptance(
            self.model.conditions.acceptance[self.index, k],
            self.engagement,
            self.spec.channel,
            self.hostility_with(state),
        )

    def hostility_with(self, state: SmallState) -> float:
        """Hostility between it and a government."""
        return float(state.hostility[self.index])

    # -- object --

    def would_press(self, state: SmallState, k: int, hurt: float, luck: float) -> bool:
        """Whether it presses a state over the rivals' shares ``hurt`` on an issue."""
        rule = self.spec.pressure
        stake = state.stake_of(self.index, k)
        claim = state.justification(self.index, k)
        return bool(
            pressure.presses(
                self.success,
                stake * hurt,
                rule.cost,
                rule.noise,
                luck,
                deal.reproach(rule.legitimacy_weight, claim),
                deal.weariness(rule.fatigue, self.pressed_last_year),
            )
        )

    def has_pressed(self, state: SmallState, k: int, satisfied: bool) -> None:
        """Count a demand and its outcome."""
        self.pressings += 1
        self.complied += satisfied
        self.pressed_states.add(state.index)
        self.reproach += 1.0 - state.justification(self.index, k)

    # -- settle --

    def account(self) -> None:
        """Close the year: running success, fatigue, legitimacy, influence."""
        model, rule = self.model, self.spec.pressure
        n = max(1, model.participants)
        legitimacy = model.conditions.world.legitimacy
        self.success = pressure.running_success(self.success, rule.success_rate, self.pressings, self.complied)
        self.pressed_last_year = len(self.pressed_states) / n
        self.legitimacy = pressure.legitimacy_after(
            self.legitimacy,
            legitimacy.initial,
            legitimacy.return_,
            legitimacy.press * self.reproach / n,
            legitimacy.force * self.forced / n,
        )
        self.spent += self.club_cost * self.budget * model.all_size
        ahead = ties.ahead(self.index, model.population.size, model.stakes, model.held)
        size = model.all_size if model.all_size > 0.0 else 1.0
        self.influence = ahead / size + self.legitimacy - self.spent / size


class Hegemon(GreatPower):
    """The incumbent first power, which may turn inward as its share declines."""


class RisingPower(GreatPower):
    """The challenger, whose status moves it to supply public goods as it rises."""


class ThirdPower(GreatPower):
    """Any other power that bids."""


class Region(GreatPower):
    """The states' own pool: it has capability as far as its members are coordinated, and deals with members only."""

    @property
    def counted_capability(self) -> float:
        """None: the pool is outside the powers' shares."""
        return 0.0

    def offerable_capability(self) -> float:
        """Coordination (1 - mean hostility) times the members' part of all size."""
        return rules.pooled_capability(
            self.capability, self.model.coordination, self.model.mean_quarrel, self.model.members_part
        )

    def hostility_with(self, state: SmallState) -> float:
        """How far a government quarrels with its neighbours."""
        return float(state.quarrel)


POWER_CLASSES: dict[str, type[GreatPower]] = {
    "hegemon": Hegemon,
    "rising": RisingPower,
    "third": ThirdPower,
    "region": Region,
}
