"""The small states as Mesa agents: they seek offers for a project, answer objections, and settle the year."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import mesa
import numpy as np
from numpy.typing import NDArray

from ana_sim.agents.power import GreatPower
from ana_sim.errors import AnaSimError
from ana_sim.rules import bargain, deal, powers, pressure, search, ties
from ana_sim.rules.deal import NOBODY, Case, Ways
from ana_sim.strategy import Demand, Offers, Strategy, StrategyError, View, line_of
from ana_sim.world import in_order, ways_for

if TYPE_CHECKING:
    from ana_sim.model import AnaModel

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

TOLERANCE = 1e-9
"""How far a user's shares may miss a bound before they are refused."""

LEAST_SHARE = 1.0 / search.EIGHTHS
"""What the winner of counter-bids has at least of a project that a user's strategy splits."""


def places(marked: NDArray[Any]) -> list[int]:
    """Indices of what is not zero."""
    found: list[int] = marked.nonzero()[0].tolist()
    return found


class SmallState(mesa.Agent):
    """A small state with a project to place each year.

    Parameters
    ----------
    model : AnaModel
        The world.
    index : int
        Its place i among the states.

    Attributes
    ----------
    size, pull, capacity, aversion : float
        y_i, c_i, diplomatic capacity kappa, risk aversion rho.
    weight : float
        Its weight in the powers' bids, but on exclusive issues.
    held, tie, price : array, shape (K, G)
        Shares in force Q_ik, exposure A_igk, and the prices that the deals in force were struck at.
    belief, exposure, hostility : array, shape (G,)
        mu_ig, exposure over all issues A_g, and hostility with each power.
    """

    model: AnaModel

    def __init__(self, model: AnaModel, index: int) -> None:
        super().__init__(model)
        self.index = index
        people, powers = model.population, model.conditions.powers
        self.name = people.names[index]
        issues = len(model.conditions.issues)
        self.held = model.held[index]
        self.tie = np.tile(people.exposure[index], (issues, 1))
        self.price = np.zeros((issues, len(powers)))
        self.expires = np.full((issues, len(powers)), NOBODY)
        for k, issue in enumerate(model.conditions.issues):
            if issue.term > 0:
                self.expires[k, self.held[k] > 0.0] = issue.term
        self.belief = np.array([power.belief_initial for power in powers], dtype=np.float64)
        self.hostility, self.quarrel = np.zeros(len(powers)), 0.0
        self.objects_until = np.zeros((issues, len(powers)), dtype=np.int64)
        self.locked_until = np.zeros((issues, len(powers)), dtype=np.int64)
        self.need, self.score = float(people.need_mean[index]), float(people.score[index])
        self.exposure = np.zeros(len(powers))
        ties.exposures(self.tie, model.conditions.weights, self.exposure)
        self.smoothed_payoff: float | None = None
        self.turnover = False
        self.issue = NOBODY
        self.ally_of = NOBODY
        self.flow: dict[str, float] = {}
        self.set_government(self.score)

    # -- who it is --

    @property
    def strategy(self) -> Strategy:
        """How it deals with the powers."""
        strategy: Strategy = self.model.strategies[self.model.playing[self.index]]
        return strategy

    def set_government(self, score: float) -> None:
        """Let a government with this score take office: its affinity to each power follows."""
        self.score = float(score)
        base, sides = self.model.population.base[self.index], self.model.sides
        self.affinity = np.array([ties.affinity(base[g], sides[g], self.score) for g in range(sides.size)])
        weight = float(np.abs(sides).sum())
        self.lean = ties.lean(self.affinity, sides) if weight > 0.0 else self.score

    def begin_year(self) -> None:
        """Take stock under the conditions of the year, and declare for a patron if the strategy does.

        A state is an ally only of a patron that has dealings with it.
        """
        model, people, i = self.model, self.model.population, self.index
        self.size, self.pull = float(people.size[i]), float(people.pull[i])
        self.capacity, self.aversion = float(people.capacity[i]), float(people.aversion[i])
        self.weight = powers.bid_weight(self.pull, self.size, model.all_size, model.all_pull)
        ties.exposures(self.tie, model.conditions.weights, self.exposure)
        dials = self.strategy.dials
        self.ally_of = NOBODY
        if dials.declares and dials.patron is not None:
            patron = model.power_list[model.power_names.index(dials.patron)]
            if patron.deals_with(self):
                self.ally_of = patron.index

    def stake_of(self, g: int, k: int) -> float:
        """theta_igk; 0 for a power without dealings with the state."""
        return float(self.model.stakes[self.index, k, g])

    def justification(self, g: int, k: int) -> float:
        """J_igk: how well g can object on the issue; not at all for some years after it has refused."""
        return 0.0 if self.objects_until[k, g] > self.model.year else self.stake_of(g, k)

    # -- nature --

    def face_the_year(self) -> None:
        """Need, shocks, elections, deals that fall due, and the project of the year."""
        model, i = self.model, self.index
        world, states, draws = model.conditions.world, model.year_scenario.states, model.draws
        self.flow = {}
        self.asked: list[int] = []
        self.refusals: list[int] = []
        mean = model.population.need_mean[i]
        own, common = draws("own_shock")[i] < world.shocks.own, draws("common_shock") < world.shocks.common
        self.need = ties.need_after(
            self.need,
            mean,
            world.need_persistence,
            states.need.innovation * model.normals("need")[i],
            1.0 if own or common else 0.0,
            world.shocks.size,
        )
        if own or common:
            self.add("shock", -ties.shock_cost(world.shocks.size, self.need, mean))
            model.note("shock", self, detail="common" if common else "own")
        self.turnover, before = bool(draws("turnover")[i] < world.turnover), self.affinity
        if self.turnover:
            self.set_government(states.ideology.sigma * model.normals("ideology")[i])
            model.note("turnover", self, detail=f"lean {self.lean:+.2f}")
        self.cooling = before - self.affinity
        self.issue = model.conditions.draw_issue(draws("issue")[i])
        self.fall_due()
        if self.issue != NOBODY:
            project = model.conditions.issues[self.issue].project
            self.project = ties.project_size(project.mean, project.sigma, model.normals("project")[i])

    def fall_due(self) -> None:
        """Let deals expire; the largest is this year's project, whatever was drawn."""
        self.due: list[tuple[int, float]] = []
        if not (self.expires == self.model.year).any():
            return
        for k, issue in enumerate(self.model.conditions.issues):
            owed, expired = 0.0, places(self.expires[k] == self.model.year)
            for g in expired:
                owed += self.need * issue.need * self.held[k, g] * self.price[k, g]
                self.model.note("expired", self, self.model.power_list[g], k, self.price[k, g], self.held[k, g])
                self.held[k, g] = 0.0
                self.expires[k, g] = NOBODY
            if expired:
                self.due.append((k, owed))
        if self.due:
            self.issue = max(self.due, key=lambda item: item[1])[0]

    def cost_of_default(self, k: int, owed: float) -> float:
        """What it costs not to renew deals on issue k that have fallen due; nothing where the outside pool lends."""
        return 0.0 if self.model.pool(k) > 0.0 else self.model.conditions.world.rollover_cost * owed

    # -- seek --

    def seek(self) -> None:
        """Ask, hear prices, and choose."""
        powers = len(self.model.power_list)
        self.shares, self.q = np.zeros(powers), np.zeros(powers)
        self.heard = np.zeros(powers, dtype=np.bool_)
        self.winner = self.incumbent = NOBODY
        self.option = 0
        self.clause: tuple[int, int] | None = None
        if self.issue == NOBODY:
            return
        available = [power.is_open(self, self.issue) for power in self.model.power_list]
        if not any(available) and not (self.is_exclusive and self.held[self.issue].any()):
            return
        self.open_case(available)
        self.ask_around()
        self.hear_prices()
        self.choose()

    def open_case(self, available: list[bool]) -> None:
        """Lay out what is weighed this year: what each power would pay, as far as it is known."""
        model, k = self.model, self.issue
        issue, dials = model.conditions.issues[k], self.strategy.dials
        self.case = self.frame(k, self.held[k])
        self.incumbent = int(self.case.project.incumbent)
        luck = model.draws("tie")[self.index]
        for g, power in enumerate(model.power_list):
            mine = self.case.power[g]
            bid, expected = float(power.valuation[self.index]), float(power.expected[self.index])
            if issue.kind == "exclusive":
                bearable = deal.bearable_price(self.case.project.need, self.belief[g], self.aversion)
                bid, expected = min(bid, bearable), min(expected, bearable)
            mine.open, mine.bid, mine.valuation, mine.luck = available[g], bid, expected, luck[g]
            mine.posted = power.posted(expected, self, k)
        self.outbids = dials.counter_bids and issue.kind != "compatible"
        self.ways = ways_for(issue.kind, dials.splits, len(model.power_list))
        if self.incumbent != NOBODY:
            self.hear_offer(self.incumbent)

    def frame(self, k: int, held: Floats) -> Case:
        """What the state weighs on issue k if ``held`` are the shares in force there."""
        model = self.model
        world, issue, dials = model.conditions.world, model.conditions.issues[k], self.strategy.dials
        divisible, exclusive = issue.kind == "divisible", issue.kind == "exclusive"
        powers = len(model.power_list)
        project, power = np.zeros(1, deal.PROJECT)[0], np.zeros(powers, deal.POWER)
        project.need = self.need * issue.need
        project.pool = model.pool(k)
        project.aversion = self.aversion
        project.duplication = world.duplication if divisible else 0.0
        project.abandonment = world.abandonment
        project.split_cost = world.split_cost if divisible else 0.0
        project.switch_cost = world.switch_cost
        project.rollover = in_order(self.cost_of_default(due, owed) for due, owed in self.due if due == k)
        project.correlation = world.delivery_correlation
        project.gain, project.loss = world.exposure_gain, world.exposure_loss
        project.weight = model.conditions.weights[k]
        project.loosen = world.loosen if self.turnover else 0.0
        project.caution = dials.caution
        project.incumbent = int(np.argmax(held)) if exclusive and held.any() else NOBODY
        project.adds = issue.kind == "compatible"
        for g, other in enumerate(model.power_list):
            self.regard(power[g], other, k, float(held[g]), project.weight)
        who = np.zeros(powers, dtype=np.int64)
        rows = int(np.diff(ways_for(issue.kind, dials.splits, powers).first).max())
        room = np.empty(rows), np.empty(rows)
        case = Case(project, power, who, model.conditions.rivalry, model.conditions.contest, *room)
        project.fear = deal.fear_as_it_is(case)
        deal.fear_each(case)
        return case

    def regard(self, mine: Any, power: GreatPower, k: int, held: float, weight: float) -> None:
        """Note what the state weighs about a power on issue k, in a record of :data:`ana_sim.rules.deal.POWER`."""
        g, rule = power.index, power.spec.pressure
        mine.affinity = self.leaning(power)
        mine.belief = self.belief[g]
        mine.link = self.linked_worth(power, k)
        mine.tie = self.tie[k, g]
        mine.elsewhere = self.exposure[g] - weight * self.tie[k, g]
        mine.held = held
        mine.sting = pressure.sting(rule.execution, rule.severity, self.leverage_of(g, k))
        mine.stake = self.stake_of(g, k)
        mine.justification = self.justification(g, k)
        mine.success = power.success
        mine.cost, mine.noise = rule.cost, rule.noise
        mine.legitimacy_weight = rule.legitimacy_weight
        mine.weariness = deal.weariness(rule.fatigue, power.pressed_last_year)

    def leaning(self, power: GreatPower) -> float:
        """Affinity of the government to a power, with the power's legitimacy."""
        weight = self.model.conditions.world.legitimacy_affinity
        return ties.legitimate(self.affinity[power.index], weight, power.legitimacy)

    def leverage_of(self, g: int, k: int) -> float:
        """Exposure that g can use on issue k: over all issues under linkage, else the issue's own."""
        return float(self.exposure[g] if self.model.conditions.world.linkage else self.tie[k, g])

    def linked_worth(self, power: GreatPower, k: int) -> float:
        """What siding with a power on issue k is worth on the issues linked to it, sum l n_k' E[b_gk']."""
        total = 0.0
        for other in self.model.linked[k]:
            if power.is_open(self, other):
                expected = self.model.conditions.world.posted_share * power.value(self, other, 0.5)
                need = self.need * self.model.conditions.issues[other].need
                total += self.model.conditions.links[other, k] * need * expected
        return total

    def unasked(self) -> list[int]:
        """Powers that the strategy may still ask."""
        dials = self.strategy.dials
        if dials.asks == "none":
            return []
        mine = self.case.power
        free = [g for g in range(mine.size) if mine[g].open and g not in self.asked and g != self.incumbent]
        if dials.asks == "patron":
            return [g for g in free if self.model.power_names[g] == dials.patron]
        return free

    def ask_around(self) -> None:
        """Ask powers one after another until the strategy asks no more."""
        scripted = self.strategy.decides("next_ask")
        while True:
            g = self.next_ask_scripted() if scripted else self.next_ask()
            if g == NOBODY:
                return
            self.ask(g)

    def next_ask_scripted(self) -> int:
        """The user's decision, checked."""
        name = self.consult("next_ask", self.offers())
        if name is None:
            return NOBODY
        g = self.model.power_index(name, self.who_decides)
        return g if g in self.unasked() else NOBODY

    def consult(self, decision: str, about: Offers | Demand) -> Any:
        """Let the user's strategy take a decision.

        Raises
        ------
        StrategyError
            If its code fails.
        """
        try:
            return getattr(self.strategy, decision)(View(self), about)
        except AnaSimError:
            raise
        except Exception as error:
            what = f"{type(error).__name__}: {error}{line_of(error, self.strategy)}"
            raise StrategyError(f"{self.who_decides}: {decision} failed: {what}") from error

    @property
    def who_decides(self) -> str:
        """The strategy, the state and the year, for messages."""
        return f"strategy {self.strategy.name!r}, {self.name} in {self.model.calendar_year}"

    def ask(self, g: int) -> None:
        """Ask a power: it offers or refuses, and who refuses cannot object for some years."""
        model, power, k = self.model, self.model.power_list[g], self.issue
        self.asked.append(g)
        model.note("asked", self, power, k)
        if model.draws("accept")[self.index, g] < power.chance(self, k):
            self.hear_offer(g)
            model.note("offered", self, power, k, self.case.power[g].posted)
        else:
            self.refusals.append(g)
            self.case.power[g].open = False
            if model.conditions.world.memory_years > 0:
                self.objects_until[k, g] = model.year + model.conditions.world.memory_years
                self.case.power[g].justification = 0.0
            model.note("refused", self, power, k)

    def hear_offer(self, g: int) -> None:
        """Learn what a power's bid really is."""
        mine = self.case.power[g]
        mine.offers = True
        mine.valuation = mine.bid
        mine.posted = self.model.power_list[g].posted(float(mine.bid), self, self.issue)

    def next_ask(self) -> int:
        """Whom to ask next by the dials: all, until the first acceptance, or as long as asking pays (Weitzman)."""
        free, dials = self.unasked(), self.strategy.dials
        if not free or (dials.search == "first" and len(self.asked) > len(self.refusals)):
            return NOBODY
        if dials.search == "all":
            return free[0]
        stepwise = dials.search == "stepwise"
        in_turn = [g for g in free if dials.asks == "patron_first" and self.model.power_names[g] == dials.patron]
        if dials.order != "expected":
            rest = [g for g in free if g not in in_turn]
            in_turn += sorted(rest, key=lambda g: (self.model.turn_of(g, dials.order), -self.tie_luck_of(g)))
        for g in in_turn:
            if not stepwise or self.gain_from_asking(g) > self.ask_cost():
                return g
        gains = [self.gain_from_asking(g) for g in free]
        best = max(range(len(free)), key=lambda place: (gains[place], self.tie_luck_of(free[place])))
        return NOBODY if stepwise and gains[best] <= self.ask_cost() else free[best]

    def usual_ask(self) -> str | None:
        """Name of the power that the dials would ask next."""
        g = self.next_ask()
        return None if g == NOBODY else self.model.power_names[g]

    def ask_cost(self) -> float:
        """Cost of asking once more, ask_cost / kappa."""
        return self.model.conditions.world.ask_cost / self.capacity

    def chance(self, g: int) -> float:
        """Probability that a power would accept to bid."""
        return float(self.model.power_list[g].chance(self, self.issue)) if self.case.power[g].open else 0.0

    def expected_post(self, g: int) -> float:
        """Posted price to be expected of a power, or its offer once heard."""
        return float(self.case.power[g].posted) if self.case.power[g].open else 0.0

    def gain_from_asking(self, g: int) -> float:
        """What asking a power is worth before its cost."""
        now = search.prospect(self.case, self.outbids, self.ways)
        return search.asking_gain(
            g,
            self.chance(g),
            now,
            self.case,
            self.outbids,
            self.model.conditions.world.memory_years > 0,
            np.inf,
            self.ways,
        )

    def hear_prices(self) -> None:
        """Quote what is offered: posted, or after a round of counter-bids; an exclusion clause comes first."""
        model, world, power = self.model, self.model.conditions.world, self.case.power
        self.heard = power["offers"].copy()
        payer, price = NOBODY, 0.0
        if world.clause_term > 0 and model.conditions.issues[self.issue].kind == "divisible":
            payer, rival, price = bargain.exclusion(self.case, self.need, world.clause_stake)
        if payer != NOBODY:
            self.clause = (payer, rival)
            power["offers"] = np.arange(power.size) == payer
        deal.gather(self.case)
        if self.outbids and self.clause is None and bargain.contested(self.case):
            self.winner = bargain.counter_bids(self.case)
            self.add("asks", -world.bid_cost / self.capacity)
        else:
            for g in self.who:
                deal.quote(power[g], price if g == payer else power[g].posted, self.case.project)

    @property
    def who(self) -> list[int]:
        """The powers that offer, in order."""
        return [int(g) for g in self.case.who[: self.case.project.bidders]]

    def choose(self) -> None:
        """Take shares: the best reply (or logit), a control's fixed rule, the user's own, or the clause."""
        dials, exclusive = self.strategy.dials, self.is_exclusive
        compatible = self.model.conditions.issues[self.issue].kind == "compatible"
        own = np.zeros(len(self.model.power_list))
        if self.clause is not None:
            search.all_offers(own, self.case)
        elif self.strategy.decides("choose"):
            own = self.shares_of(self.consult("choose", self.offers()))[self.who]
        elif dials.allocation == "equal" and compatible:
            search.all_offers(own, self.case)
        elif dials.allocation == "equal" and not exclusive:
            search.even_shares(own, self.case)
        elif dials.allocation == "random":
            search.random_offer(own, self.case)
        else:
            return self.settle_on(None)
        return self.settle_on(own)

    @property
    def is_exclusive(self) -> bool:
        """Whether this year's issue is exclusive."""
        return self.model.conditions.issues[self.issue].kind == "exclusive"

    def settle_on(self, own: Floats | None) -> None:
        """Fix the option: the best of the table, or ``own`` in its spare row."""
        world, rational = self.model.conditions.world, self.model.conditions.world.rationality == np.inf
        if own is not None:
            self.ways = self.ways_with(own)
        deal.appraise(self.case, self.ways, own is not None, self.winner)
        begin, end = self.block
        if own is not None:
            self.option = end - 1 - begin
        else:
            noise = self.case.value
            if not rational:
                luck, rows = self.model.luck, self.ways.shares[begin : end - 1]
                names = luck.power_hashes
                codes = np.array([search.option_code(q, self.case, names) for q in rows], dtype=np.uint64)
                noise = np.array([search.standard_gumbel(u) for u in luck.options(self.model.year, self.index, codes)])
            self.option = search.pick(self.case.utility, self.ways, self.case, world.rationality, noise)
        self.take(self.option)

    @property
    def block(self) -> tuple[int, int]:
        """Where the ways to place the project with those who offer begin and end, the spare row included."""
        bidders = int(self.case.project.bidders)
        return int(self.ways.first[bidders]), int(self.ways.first[bidders + 1])

    def ways_with(self, own: Floats) -> Ways:
        """The ways to place the project, with one's own in the spare row."""
        bidders, (_, end) = int(self.case.project.bidders), self.block
        shares = self.ways.shares.copy()
        shares[end - 1, :bidders] = own[:bidders]
        return self.ways._replace(shares=shares, columns=shares.T.copy())

    def take(self, option: int) -> None:
        """Take the shares of an option."""
        bidders = int(self.case.project.bidders)
        row = self.ways.shares[self.block[0] + option, :bidders]
        self.q[:bidders] = row
        self.shares[self.who] = row

    def usual_choice(self) -> dict[str, float]:
        """Shares that the dials would take."""
        self.settle_on(None)
        return {name: float(q) for name, q in zip(self.model.power_names, self.shares, strict=True) if q > 0.0}

    def offers(self) -> Offers:
        """Who offers, and the price of a full share: posted, until prices have been quoted.

        After counter-bids the losers still offer a share beside the winner to a strategy that splits, and no more.
        """
        names, power = self.model.power_names, self.case.power
        quoted = self.case.project.bidders > 0 and self.heard.any()
        divided = self.strategy.dials.splits and self.model.conditions.issues[self.issue].kind == "divisible"
        return {
            names[g]: float(power[g].price if quoted else power[g].posted)
            for g in range(len(names))
            if power[g].offers and (divided or self.winner in (NOBODY, g))
        }

    def utility_of(self, shares: Floats, offers: Offers) -> float:
        """Utility of shares at prices, expected penalties included."""
        deal.gather(self.case)
        before = self.case.power.copy()
        for name, price in offers.items():
            deal.quote(self.case.power[self.model.power_index(name, self.who_decides)], price, self.case.project)
        case = self.case._replace(value=np.empty_like(self.case.value), utility=np.empty_like(self.case.utility))
        deal.appraise(case, self.ways_with(shares[self.who]), True, NOBODY)
        self.case.power[:] = before
        begin, end = self.block
        return float(case.utility[end - 1 - begin])

    def shares_of(self, chosen: Mapping[str, Any]) -> Floats:
        """A user's shares, checked against the rules of the issue's kind.

        Raises
        ------
        StrategyError
            If a power is unknown or has not offered, the shares are out of range, or the winner of counter-bids is
            passed over.
        """
        who = self.who_decides
        if not isinstance(chosen, Mapping):
            raise StrategyError(f"{who}: choose must return {{power: share}}, not {chosen!r}")
        issue, shares = self.model.conditions.issues[self.issue], np.zeros(len(self.model.power_list))
        offers = self.offers()
        for name, share in chosen.items():
            g = self.model.power_index(name, who)
            if not isinstance(share, int | float) or not 0.0 <= share <= 1.0 + TOLERANCE:
                raise StrategyError(f"{who}: the share of {name} is {share!r}, not between 0 and 1")
            if share > 0.0 and self.model.power_names[g] not in offers:
                lost = self.case.power[g].offers
                raise StrategyError(f"{who}: {name} has {'lost the counter-bids' if lost else 'not offered'}")
            shares[g] = min(1.0, float(share))
        if issue.kind != "divisible" and not np.isin(shares, (0.0, 1.0)).all():
            raise StrategyError(f"{who}: {issue.name} is {issue.kind}, so shares are 0 or 1")
        if issue.kind != "compatible" and shares.sum() > 1.0 + TOLERANCE:
            raise StrategyError(f"{who}: the shares sum to {shares.sum():.6g}, more than 1")
        if self.winner != NOBODY and shares.sum() > shares[self.winner] < LEAST_SHARE:
            won = self.model.power_names[self.winner]
            raise StrategyError(f"{who}: {won} won the counter-bids, so others may have shares beside its eighth only")
        if self.incumbent != NOBODY and not shares.any() and self.case.power[self.incumbent].offers:
            shares[self.incumbent] = 1.0
        return shares

    # -- object --

    def face_objections(self) -> None:
        """Hear who objects to the deal, and give in to one or resist all; then force may strike."""
        self.flow_flag("pressed", False)
        self.given_up: list[tuple[int, Floats, Floats, Floats]] = []
        if self.shares.any():
            self.answer_pressure()
            self.suffer_force()
        if self.turnover and self.model.power_list:
            self.face_old_quarrels()

    def answer_pressure(self) -> None:
        """Press for every power at once, on the same shares; the state takes the best answer."""
        model, k = self.model, self.issue
        luck = model.draws("press")[self.index]
        pressed = np.zeros(len(self.shares), dtype=np.bool_)
        for g, power in enumerate(model.power_list):
            hurt = deal.hurt(g, self.q, self.case)
            pressed[g] = hurt > 0.0 and power.would_press(self, k, hurt, luck[g])
        if not pressed.any():
            return
        before, hurts = self.shares.copy(), [deal.hurt(g, self.q, self.case) for g in range(len(pressed))]
        option, master, margin = pressure.answer(self.case, self.ways, self.case.value, self.option, pressed)
        sting = in_order(self.case.power[g].sting for g in places(pressed))
        if self.gives_in(master, k, sting, margin, standing=False):
            self.option = option
            self.take(option)
        for g in places(pressed):
            power, satisfied = model.power_list[g], deal.hurt(g, self.q, self.case) == 0.0
            model.note("pressed", self, power, k, share=hurts[g], detail="new deal")
            power.has_pressed(self, k, satisfied)
            self.record_answer(power, k, 0.0 if satisfied else self.suffer_penalty(g, k, "execute"), satisfied)
        for h in places(before > self.shares):
            model.note("cancelled", self, model.power_list[h], k, self.price_of(h), before[h], detail="given up")

    def price_of(self, g: int) -> float:
        """Price of a full share that a power has quoted."""
        return float(self.case.power[g].price)

    def gives_in(self, master: int, k: int, sting: float, margin: float, standing: bool) -> bool:
        """Whether the state complies: by the rule where that is no worse than resisting, or by the user's own."""
        if not self.strategy.decides("comply"):
            return margin >= 0.0
        demand = Demand(self.model.power_names[master], self.model.conditions.issues[k].name, standing, sting, margin)
        return bool(self.consult("comply", demand))

    def record_answer(self, power: GreatPower, k: int, cost: float, satisfied: bool) -> None:
        """Note that a demand was met, or resisted at a cost."""
        self.flow_flag("pressed", True)
        if satisfied:
            self.flow_flag("complied", True)
        self.model.note("complied" if satisfied else "resisted", self, power, k, cost)

    def suffer_penalty(self, g: int, k: int, purpose: str) -> float:
        """Pay for resisting, if the threat is carried out: tau A_g, and the ties to g shrink; returns the cost."""
        rule, world = self.model.power_list[g].spec.pressure, self.model.conditions.world
        if self.model.draws(purpose)[self.index, g] >= rule.execution:
            return 0.0
        cost = rule.severity * self.leverage_of(g, k)
        self.add("pressure", -cost)
        issues = range(len(self.tie)) if world.linkage else (k,)
        for issue in issues:
            self.tie[issue, g] = deal.moved(self.tie[issue, g], 0.0, world.exposure_gain, world.exposure_loss)
        return cost

    def suffer_force(self) -> None:
        """Lose the deal to force, where the project itself is too strategic."""
        model, k = self.model, self.issue
        issue, struck = model.conditions.issues[k], False
        for g, power in enumerate(model.power_list):
            if not power.deals_with(self):
                continue
            hurt = deal.hurt(g, self.q, self.case)
            threshold = power.spec.pressure.force_threshold
            if pressure.forces(model.conditions.stake[g, k], hurt, issue.strategic, self.project, threshold):
                struck = True
                power.forced += 1
                model.note("forced", self, power, k, share=hurt, detail=f"project of size {self.project:.2f}")
        if struck:
            self.flow_flag("forced", True)
            self.add("pressure", -model.conditions.world.force_cost)
            for h in places(self.shares):
                model.note(
                    "cancelled", self, model.power_list[h], k, self.price_of(h), self.shares[h], detail="by force"
                )
            self.shares[:] = self.q[:] = 0.0

    def standing_issues(self) -> list[int]:
        """Issues other than the year's with deals in force that can be pressed against."""
        issues = self.model.conditions.issues
        return [
            k for k in range(len(issues)) if k != self.issue and issues[k].kind != "exclusive" and self.held[k].any()
        ]

    def face_old_quarrels(self) -> None:
        """Under a new government, let each power press on the standing deal that hurts it most (Panama)."""
        model, luck = self.model, self.model.draws("press_standing")[self.index]
        standing, demands = self.standing_issues(), {}
        for g, power in enumerate(model.power_list):
            harm = {k: self.stake_of(g, k) * self.hurts(g, self.held[k]) for k in standing}
            k = max(harm, key=lambda k: (harm[k], -k), default=NOBODY)
            if k == NOBODY or harm[k] <= 0.0:
                continue
            if power.would_press(self, k, self.hurts(g, self.held[k]), luck[g]):
                demands[g] = k
        if demands:
            self.answer_old_quarrels(demands)

    def answer_old_quarrels(self, demands: dict[int, int]) -> None:
        """Resist all who press on standing deals, or give one of the deals up, net of what remains."""
        model, world = self.model, self.model.conditions.world
        total = in_order(self.sting_of(g, k) for g, k in demands.items())
        best, best_loss, substitute, post = NOBODY, np.inf, NOBODY, 0.0
        for g, k in demands.items():
            loss, replacement, price = self.price_of_surrender(g, k)
            loss += world.sunk - world.loosen
            for h, other in demands.items():
                if h != g and (other != k or self.hurts(h, self.held_after(g, k, replacement)) > 0.0):
                    loss += self.sting_of(h, other)
            if loss < best_loss or (loss == best_loss and self.tie_luck_of(g) > self.tie_luck_of(best)):
                best, best_loss, substitute, post = g, loss, replacement, price
        complied = self.gives_in(best, demands[best], total, total - best_loss, standing=True)
        for g, k in demands.items():
            hurt = self.hurts(g, self.held[k])
            model.note("pressed", self, model.power_list[g], k, share=hurt, detail="standing deal")
        if complied:
            self.give_up(best, demands[best], substitute, post)
        for g, k in demands.items():
            left = self.held[k]
            if complied and k == demands[best]:
                left = self.held_after(best, k, substitute)
            satisfied = complied and self.hurts(g, left) == 0.0
            model.power_list[g].has_pressed(self, k, satisfied)
            cost = 0.0 if satisfied else self.suffer_penalty(g, k, "execute_standing")
            self.record_answer(model.power_list[g], k, cost, satisfied)

    def hurts(self, g: int, shares: Floats) -> float:
        """How much these shares hurt a power: its rivals' shares."""
        return ties.rivals_share(g, shares, self.model.conditions.rivalry)

    def tie_luck_of(self, g: int) -> float:
        """The draw that decides ties between powers."""
        return float(self.model.draws("tie")[self.index, g])

    def sting_of(self, g: int, k: int) -> float:
        """Expected cost of resisting g on issue k."""
        rule = self.model.power_list[g].spec.pressure
        return pressure.sting(rule.execution, rule.severity, self.leverage_of(g, k))

    def price_of_surrender(self, g: int, k: int) -> tuple[float, int, float]:
        """What giving up the standing deal on issue k costs, who replaces it, and at what price."""
        model = self.model
        luck, bids = model.draws("accept")[self.index], model.draws("bid")[self.index]
        case = self.frame(k, np.zeros(len(model.power_list)))
        case.project.pool = 0.0  # what the pool lent beside the deal is not lent again
        for h, power in enumerate(model.power_list):
            mine = case.power[h]
            mine.offers = True
            deal.quote(mine, self.price[k, h], case.project)
            if power.is_open(self, k) and luck[h] < power.chance(self, k):
                mine.open = True
                mine.posted = power.posted(power.scale * power.value(self, k, bids[h]), self, k)
        deal.gather(case)
        loss, substitute = pressure.surrender(g, case, self.held[k], np.empty(len(model.power_list)))
        return loss, substitute, float(case.power[substitute].posted) if substitute != NOBODY else 0.0

    def held_after(self, g: int, k: int, substitute: int) -> Floats:
        """Shares in force on issue k once the deals of g's rivals there are given up."""
        kept: Floats = np.where(self.model.conditions.rivalry[g] > 0.0, 0.0, self.held[k])
        if substitute != NOBODY:
            if self.model.conditions.issues[k].kind == "divisible":
                kept[:] = 0.0
            kept[substitute] = 1.0
        return kept

    def give_up(self, g: int, k: int, substitute: int, post: float) -> None:
        """Cancel what g's rivals hold on issue k; a substitute is booked when the year is settled."""
        model, kept = self.model, self.held_after(g, k, substitute)
        self.add("pressure", -model.conditions.world.sunk)
        for h in places(self.held[k] > kept):
            detail = f"for {model.power_names[g]}"
            model.note("cancelled", self, model.power_list[h], k, self.price[k, h], self.held[k, h], detail)
        shares, prices = np.zeros(len(kept)), np.zeros(len(kept))
        if substitute != NOBODY:
            shares[substitute], prices[substitute] = 1.0, post
        self.given_up.append((k, kept, shares, prices))

    # -- settle --

    def settle(self) -> None:
        """Book what was delivered, and let ties follow the deals in force."""
        model, world = self.model, self.model.conditions.world
        k, kappa = self.issue, self.capacity
        self.add("asks", -len(self.asked) * world.ask_cost / kappa)
        if k != NOBODY:
            self.book_project(k)
        for issue, kept, shares, prices in self.given_up:
            self.book_substitute(issue, kept, shares, prices)
        for due, owed in self.due:
            if due != k or not self.shares.any():
                self.add("shock", -self.cost_of_default(due, owed))
        if self.ally_of != NOBODY:
            self.add("club", model.power_list[self.ally_of].rent)
        self.add("public_goods", model.public_good)
        ties.follow(self.tie, self.held, world.exposure_gain, world.exposure_loss)
        ties.exposures(self.tie, model.conditions.weights, self.exposure)
        total = 0.0
        for g in range(len(self.exposure)):
            total += self.exposure[g]
        for g in range(len(self.exposure)):
            if not model.delivers[g]:
                self.add("shock", -world.abandonment * deal.dependence(self.exposure[g], total))

    def book_project(self, k: int) -> None:
        """Book the year's project: terms, affinity, risk, the costs of sharing and switching, and the deal itself."""
        model, world = self.model, self.model.conditions.world
        shares, placed, squares = self.shares, 0.0, 0.0
        self.flow_flag("refused", bool(self.refusals))
        if not model.power_list:
            return
        for share in shares.tolist():
            placed += share
            squares += share * share
        pool = model.pool(k)
        if pool > 0.0:
            self.add("terms", self.need * model.conditions.issues[k].need * pool * deal.unplaced(placed))
            self.flow["offer_value"] = pool * deal.unplaced(placed)
        if placed <= 0.0:
            return
        incumbent = self.incumbent
        stays = incumbent != NOBODY and shares[incumbent] > 0.0
        if incumbent != NOBODY and not stays:
            self.add("terms", -world.switch_cost)
            new = model.power_list[int(np.argmax(shares))]
            model.note("switched", self, new, k, detail=f"from {model.power_names[incumbent]}")
        prices = np.array([self.price_of(g) if shares[g] > 0.0 else 0.0 for g in range(len(shares))])
        self.book_terms(k, shares, prices)
        self.flow["risk"] = -deal.risk_charge(self.q, self.case)
        self.book_leanings(k, shares)
        for g in places(shares):
            bid = float(self.case.power[g].bid)
            if bid > 0.0:
                self.flow["leverage"] = self.flow.get("leverage", 0.0) + (prices[g] - world.posted_share * bid) / bid
                self.flow["priced"] = self.flow.get("priced", 0.0) + 1.0
        if model.conditions.issues[k].kind == "divisible":
            self.add("duplication", -world.duplication * deal.overlap(placed, squares))
            if deal.contested_split(self.q, self.case):
                self.add("asks", -world.split_cost)
        if self.clause is not None and shares[self.clause[0]] > 0.0:
            payer, rival = self.clause
            self.locked_until[k, rival] = model.year + world.clause_term
            model.note(
                "excluded", self, model.power_list[payer], k, prices[payer], 1.0, detail=model.power_names[rival]
            )
        self.strike(k, shares.copy(), prices, "stays" if stays else "")

    def book_substitute(self, k: int, kept: Floats, shares: Floats, prices: Floats) -> None:
        """End the deals that were given up, and book what takes their place."""
        self.held[k] = np.where(shares > 0.0, 0.0, kept)
        self.expires[k, self.held[k] <= 0.0] = NOBODY
        if shares.any():
            self.strike(k, shares, prices, "substitute")
            self.book_terms(k, shares, prices)
            self.book_leanings(k, shares)

    def book_leanings(self, k: int, shares: Floats) -> None:
        """Affinity of a deal, and what siding with its powers brings on the linked issues if they deliver."""
        for g in places(shares):
            power = self.model.power_list[g]
            self.add("affinity", shares[g] * self.leaning(power))
            if self.model.delivers[g]:
                self.add("terms", shares[g] * self.linked_worth(power, k))

    def book_terms(self, k: int, shares: Floats, prices: Floats) -> None:
        """Terms of a deal, n sum q b of what is delivered; the powers pay what they deliver."""
        model = self.model
        need = self.need * model.conditions.issues[k].need
        for g in places(shares):
            power, part = model.power_list[g], shares[g] * prices[g]
            self.flow["offer_value"] = self.flow.get("offer_value", 0.0) + part
            power.deals += 1
            if model.delivers[g]:
                self.add("terms", need * part)
                power.spent += self.size * part
            else:
                model.note("undelivered", self, power, k, prices[g], shares[g])

    def strike(self, k: int, shares: Floats, prices: Floats, detail: str) -> None:
        """Put a deal in force: it adds to those held on a compatible issue, and replaces them otherwise."""
        issue = self.model.conditions.issues[k]
        if issue.kind == "compatible":
            for g in places(shares):
                self.held[k, g] = max(self.held[k, g], shares[g])
                self.price[k, g] = prices[g]
        else:
            self.held[k] = shares
            self.price[k] = prices
        self.expires[k, self.held[k] <= 0.0] = NOBODY
        for g in places(shares) if issue.term > 0 else ():
            self.expires[k, g] = self.model.year + issue.term
        for g in places(shares):
            self.model.note("accepted", self, self.model.power_list[g], k, prices[g], shares[g], detail)

    def revise_beliefs(self, clients: Mask, neighbours: Floats) -> None:
        """Learn from what was delivered, to itself and to its neighbours.

        Parameters
        ----------
        clients, neighbours : array, shape (N, G)
            Who has deals in force with whom, and the share of each state's neighbours that have.
        """
        model, world = self.model, self.model.conditions.world
        social = world.belief_social if model.network.degree(self.index) else 0.0
        for g in range(len(self.belief)):
            self.belief[g] = ties.observed(
                self.belief[g],
                world.belief_rate,
                social,
                bool(clients[self.index, g]),
                neighbours[self.index, g],
                1.0 if model.delivers[g] else 0.0,
            )

    # -- bookkeeping --

    def add(self, component: str, amount: float) -> None:
        """Add to a component of the payoff."""
        self.flow[component] = self.flow.get(component, 0.0) + float(amount)

    def flow_flag(self, name: str, happened: bool) -> None:
        """Mark whether something happened this year, once."""
        self.flow[name] = float(happened or self.flow.get(name, 0.0) > 0.0)

    @property
    def payoff(self) -> float:
        """Payoff of the year per unit of size: the sum of its components."""
        return self.model.tally_payoff(self.flow)
