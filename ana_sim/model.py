"""The world in Mesa: one replicate of a scenario, a step a year, in the order in which the year is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ana_sim.agents import POWER_CLASSES, GreatPower, SmallState, mesa
from ana_sim.errors import ScenarioError, suggestion
from ana_sim.luck import luck_of
from ana_sim.network import Network
from ana_sim.population import Population, assign_strategies, population_key, strategies_in
from ana_sim.record import Record
from ana_sim.rules import bloc, pressure, ties
from ana_sim.rules import powers as rules
from ana_sim.rules.deal import NOBODY
from ana_sim.scenario import Scenario
from ana_sim.strategy import Strategy, StrategyError, find_strategy
from ana_sim.tally import COMPONENTS, Tally
from ana_sim.world import Conditions, in_order, pool_of

Floats = NDArray[np.float64]

SEED = 1
"""Seed where none is given."""

ROLES = tuple(POWER_CLASSES)
"""Roles of powers, in the order in which they supply public goods at parity."""

StrategyLike = str | Strategy | type[Strategy]


class AnaModel(mesa.Model):
    """A world of active non-alignment: powers bid for small states, a step a year.

    Parameters
    ----------
    scenario : Scenario or str
        A scenario, the name of a built-in one, or the path of a file.
    overrides : mapping, optional
        Values by dotted path, ``{"power.rising.openness": 0.4, "years": 20}``.
    rng : int, optional
        Seed of the world's luck (1 where none is given). Mesa's own generator is not used for the world.
    replicate : int
        Number of the replicate under that seed.
    play : mapping or strategy, optional
        Strategies of named states, ``{"ECU": "ana"}``, or one strategy for all; the others follow the scenario.
    by_state : bool
        Whether ``counters`` has a row per state instead of one per strategy.
    collect : bool
        Whether to fill ``datacollector`` each year.
    record : bool
        Whether to keep events and deals, for chronicles.

    Attributes
    ----------
    year : int
        Years gone by since the start.
    powers, states : AgentSet
        The two kinds of agents.
    datacollector : DataCollector
        A row a year, and a row per state and year.
    counters : array
        Sums over state-years, a row per strategy or per state (:class:`ana_sim.tally.Tally`).

    Raises
    ------
    ScenarioError
        If the scenario, an override or a name is wrong.
    StrategyError
        If a user's strategy cannot be loaded or breaks the rules.

    Examples
    --------
    >>> model = AnaModel("bipolar", overrides={"years": 20}, rng=1)
    >>> model.step()
    >>> model.year
    1
    """

    conditions: Conditions
    population: Population
    year_scenario: Scenario
    strategies: list[Strategy]
    mix_places: list[int]
    held: Floats
    stakes: Floats
    sides: Floats
    all_capability: float
    all_size: float

    def __init__(
        self,
        scenario: Scenario | str = "latin_america",
        overrides: Mapping[str, Any] | None = None,
        rng: int | None = None,
        replicate: int = 0,
        play: Mapping[str, StrategyLike] | StrategyLike | None = None,
        by_state: bool = False,
        collect: bool = True,
        record: bool = False,
    ) -> None:
        world_seed = SEED if rng is None else int(rng)
        super().__init__(rng=world_seed)
        if isinstance(scenario, str):
            scenario = Scenario.load(scenario)
        self.blueprint = scenario.replace(dict(overrides)) if overrides else scenario
        self.power_names = tuple(self.blueprint.power_names)
        names = self.blueprint.state_names
        self.luck = luck_of(world_seed, replicate, self.blueprint.years, tuple(names), self.power_names)
        self.year = -1
        self._today: dict[str, Floats] = {}
        self._set_conditions(0)
        self.demonstrates = any(
            self.blueprint.at(year).world.demonstration.rate > 0.0 for year in range(self.blueprint.years)
        )
        self._cast(play)

        self.held = self.population.held.copy()
        self.power_list: list[GreatPower] = [
            POWER_CLASSES[power.role](self, g) for g, power in enumerate(self.conditions.powers)
        ]
        self.state_list = [SmallState(self, i) for i in range(len(names))]
        self.powers = self.agents.select(lambda agent: isinstance(agent, GreatPower))
        self.states = self.agents.select(lambda agent: isinstance(agent, SmallState))
        getattr(mesa.Agent, "_ids", {}).pop(self, None)  # Mesa before 3.5 keeps every model alive there
        self.tally = Tally.of(self.blueprint)
        self.counters = self.tally.counters(len(names) if by_state else len(self.strategies))
        self.by_state = by_state
        self.record = Record(self) if record else None
        self.power_rows: list[dict[str, object]] = []
        self.demand = np.zeros((len(self.conditions.issues), len(self.power_list)))
        self.mean_quarrel = 0.0
        self.free_members = self._free_members()
        self._measure_coordination()
        self.datacollector = mesa.DataCollector(
            model_reporters={
                "year": "calendar_year",
                "payoff": lambda model: float(np.mean([state.payoff for state in model.state_list])),
                "pressed": lambda model: float(np.mean([state.flow.get("pressed", 0.0) for state in model.state_list])),
            },
            agenttype_reporters={
                SmallState: {
                    "state": "name",
                    "strategy": lambda state: state.strategy.name,
                    "need": lambda state: float(state.need),
                    "payoff": "payoff",
                }
            },
        )
        self.collects = collect

    # -- the year --

    def step(self) -> None:
        """One year: plan, nature, seek, object, settle, coordinate, learn.

        Raises
        ------
        ScenarioError
            If the scenario's years are over (``running`` is then false).
        """
        if self.year + 1 >= self.blueprint.years:
            raise ScenarioError(f"the run is over after its {self.blueprint.years} years", path="years")
        self.begin_year()
        self.plan()
        self.face_nature()
        self.states.do("seek")
        self.states.do("face_objections")
        self.settle()
        self.coordinate()
        self.learn()
        self.close_year()

    def run(self) -> AnaModel:
        """All the scenario's years."""
        while self.running:
            self.step()
        return self

    def begin_year(self) -> None:
        """Turn the calendar, and let time paths take effect."""
        self.year += 1
        self._today = {}
        if self.year > 0:
            self._set_conditions(self.year)
        self.states.do("begin_year")

    def plan(self) -> None:
        """Capabilities, shares, budgets, clubs, imitation, and who supplies public goods."""
        self.powers.do("clear_the_year")
        self.powers.do("grow")
        self.all_capability = 0.0
        for power in self.power_list:
            self.all_capability += power.counted_capability
        if self.demonstrates:
            self.deal_shares = self._shares_of_deals()
        self.powers.do("plan")
        self._supply_public_goods()

    def face_nature(self) -> None:
        """Who delivers this year, needs and shocks, governments, projects; then the powers bid for the projects."""
        shared = self.draws("delivery_shared") < self.conditions.world.delivery_correlation
        luck = self.draws("delivery")
        self.delivers = [
            bool((self.draws("delivery_common") if shared else luck[g]) < power.spec.reliability)
            for g, power in enumerate(self.power_list)
        ]
        self.states.do("face_the_year")
        self.pull_not_held = self._pull_not_held()
        self.powers.do("bid")

    def settle(self) -> None:
        """Book, revise beliefs, quarrel, and close the powers' accounts."""
        self.states.do("settle")
        self._spread_news()
        self._quarrel()
        self.powers.do("account")

    def coordinate(self) -> None:
        """Let the bloc agree on what to demand next year, and vote on the office."""
        self.free_members = self._free_members()
        self._measure_coordination()
        self._agree_on_demands()
        self._vote()

    def learn(self) -> None:
        """Let states compare themselves with a peer, and copy by the Fermi rule.

        There are as many occasions a year as states, each used with probability ``rate`` by a state drawn by luck, one
        after another: an imitator takes over its model's expectation with its strategy. So the fixation probability is
        that of the pairwise comparison process at any rate (Traulsen, Nowak & Pacheco 2006).
        """
        rule = self.conditions.world.learning
        for state in self.state_list:
            net = state.payoff - state.flow.get("shock", 0.0)
            mean = net if state.smoothed_payoff is None else state.smoothed_payoff
            state.smoothed_payoff = bloc.smoothed(mean, net, rule.smoothing)
        self.revised: dict[int, int] = {}
        if rule.rate <= 0.0:
            return
        present = np.flatnonzero(self.population.present)
        for i in present:
            if self.draws("learn")[i] >= rule.rate:
                continue
            focal = int(present[int(self.draws("learn_focal")[i] * present.size)])
            peer = self.network.peer(focal, self.draws("learn_peer")[i])
            if peer != NOBODY:
                self._imitate(focal, peer, self.draws("imitate")[i], rule.strength)
            if self.draws("mutate")[i] < rule.mutation:
                drawn = int(self.draws("mutant")[i] * len(self.mix_places))
                self.revised[focal] = self.mix_places[drawn]

    def close_year(self) -> None:
        """Count the year, report it, and let revised strategies take effect."""
        for state in self.state_list:
            self._count(state)
        for power in self.power_list:
            self.power_rows.append(self._power_row(power))
        if self.record is not None:
            self.record.close_year()
        if self.collects:
            self.datacollector.collect(self)
        for i, playing in self.revised.items():
            self.playing[i] = playing
        self.running = self.year + 1 < self.blueprint.years

    # -- what agents ask of the world --

    @property
    def calendar_year(self) -> int:
        """Calendar year."""
        return self.blueprint.start + self.year

    def draws(self, purpose: str) -> Floats:
        """Uniforms of the year for a purpose."""
        if purpose not in self._today:
            self._today[purpose] = self.luck.uniform(purpose)[self.year]
        return self._today[purpose]

    def normals(self, purpose: str) -> Floats:
        """Standard normals of the year for a purpose."""
        normals: Floats = self.luck.normal(purpose)[self.year]
        return normals

    def power_index(self, name: str, who: str) -> int:
        """Index of a power by name or role.

        Raises
        ------
        StrategyError
            If there is none.
        """
        found = self.blueprint.roster.find(str(name))
        if found is None:
            raise StrategyError(f"{who}: there is no power {name!r}{suggestion(str(name), self.power_names)}")
        return self.power_names.index(found)

    def turn_of(self, g: int, order: str) -> int:
        """Place of a power in a fixed order of asking: the named rival, then the other, then the rest."""
        first = order.removesuffix("_first")
        role = self.conditions.powers[g].role
        return 0 if role == first else 1 if role in ("hegemon", "rising") else 2

    def pool(self, k: int) -> float:
        """r: what the outside pool pays on an issue."""
        return pool_of(self.conditions.world, self.conditions.issues[k])

    def common_demand(self, state: SmallState, k: int, g: int) -> float:
        """The bloc's floor for a power's offers to a free member."""
        return float(self.demand[k, g]) if self.free_members[state.index] else 0.0

    def note(
        self,
        kind: str,
        state: SmallState,
        power: GreatPower | None = None,
        issue: int = NOBODY,
        offer: float = float("nan"),
        share: float = float("nan"),
        detail: str = "",
    ) -> None:
        """Keep an event, if events are kept."""
        if self.record is not None:
            self.record.event(kind, state, power, issue, offer, share, detail)

    def tally_payoff(self, flow: Mapping[str, float]) -> float:
        """Payoff: the sum of its components, in their order."""
        total = 0.0
        for name in COMPONENTS:
            total += flow.get(name, 0.0)
        return total

    # -- how a world is set up --

    def _set_conditions(self, year: int) -> None:
        """Take over the parameters of a year, and what follows from them."""
        scenario = self.blueprint.at(year)
        self.paths = self.blueprint.changes_at(year)
        if self.year >= 0 and scenario is self.year_scenario:
            return
        before = None if self.year < 0 else population_key(self.year_scenario)
        self.year_scenario = scenario
        self.conditions = Conditions.of(scenario)
        self.sides = np.array([power.side for power in scenario.power], dtype=np.float64)
        links = self.conditions.links
        self.linked = [[int(other) for other in np.flatnonzero(links[:, k])] for k in range(len(links))]
        if population_key(scenario) != before:
            self.population = Population.draw(scenario, self.luck)
            present, member = self.population.present, self.population.member
            taking_part = [int(i) for i in np.flatnonzero(present)]
            self.participants = len(taking_part)
            self.network = Network(
                self.population.names, taking_part, self.conditions.world.network, self.population.regions
            )
            self.all_size = in_order(self.population.size[present])
            self.all_pull = in_order(self.population.pull[present])
            members = in_order(self.population.size[member])
            self.members_part = members / self.all_size if self.all_size > 0.0 else 0.0
        self.stakes = pressure.stakes(self.conditions.stake, self.population.strategic, self.population.excluded)

    def _cast(self, play: Mapping[str, StrategyLike] | StrategyLike | None) -> None:
        """Give each state its strategy."""
        names = list(self.population.names)
        mixed = strategies_in(self.blueprint)
        places = assign_strategies(self.blueprint, self.luck, self.population)
        words: list[StrategyLike] = [mixed[place] for place in places]
        if isinstance(play, Mapping):
            for name, word in play.items():
                words[self._state_index(name, names)] = word
        elif play is not None:
            words = [play] * len(names)
        self.strategies = []
        known: dict[StrategyLike, int] = {}
        for word in (*self.blueprint.strategies.mix, *words):
            if word not in known:
                known[word] = len(self.strategies)
                self.strategies.append(find_strategy(word, self.blueprint))
        self.mix_places = [known[word] for word in self.blueprint.strategies.mix]
        self.playing = np.array([known[word] for word in words], dtype=np.int64)
        self.revised = {}

    def _state_index(self, name: str, names: list[str]) -> int:
        if name not in names:
            raise StrategyError(f"there is no state {name!r}{suggestion(name, names)}")
        return names.index(name)

    # -- parts of the year --

    def _supply_public_goods(self) -> None:
        """The power with the largest sigma supplies the public good of the year."""
        rule = self.conditions.world.public_goods
        best, best_sigma = None, 0.0
        for power in self.power_list:
            status = rule.status if power.spec.role == "rising" else 0.0
            sigma = rules.standing(power.share, power.share_before, status)
            if best is None or (sigma, -ROLES.index(power.spec.role)) > (best_sigma, -ROLES.index(best.spec.role)):
                best, best_sigma = power, sigma
        self.public_good = rules.public_good(rule.scale, best_sigma)
        if best is not None:
            best.public_good = self.public_good

    def _shares_of_deals(self) -> Floats:
        """Each power's share of the deals in force, issue by issue, shape (K, G)."""
        return rules.shares_of_deals(self.population.present, self.held)

    def _pull_not_held(self) -> Floats:
        """Sum of pulls over the states whose exclusive issue a power does not hold, shape (K, G)."""
        return rules.contested_pull(self.population.pull, self.population.present, self.held)

    def _spread_news(self) -> None:
        """Beliefs follow what was delivered to oneself and to one's neighbours."""
        clients: NDArray[np.bool_] = np.any(self.held > 0.0, axis=1)
        neighbours = np.zeros(clients.shape)
        for g in range(clients.shape[1]):
            neighbours[:, g] = self.network.neighbours_mean(clients[:, g])
        for state in self.state_list:
            state.revise_beliefs(clients, neighbours)

    def _quarrel(self) -> None:
        """Governments insult each other and powers, the more the farther apart; insults are returned, and fade."""
        world = self.conditions.world
        n = len(self.state_list)
        with_peers, with_powers = np.zeros(n, dtype=np.bool_), np.zeros((n, len(self.power_list)), dtype=np.bool_)
        if world.insults > 0.0:
            for state in self.state_list:
                self._insult(state, with_peers, with_powers)
        self.mean_quarrel, members = 0.0, 0
        for state in self.state_list:
            i = state.index
            state.quarrel = ties.hostility_after(state.quarrel, world.insult_fade, bool(with_peers[i]))
            for g in range(len(self.power_list)):
                state.hostility[g] = ties.hostility_after(
                    state.hostility[g], world.insult_fade, bool(with_powers[i, g])
                )
            if self.population.member[i]:
                self.mean_quarrel += state.quarrel
                members += 1
        self.mean_quarrel /= max(1, members)

    def _insult(self, state: SmallState, with_peers: NDArray[np.bool_], with_powers: NDArray[np.bool_]) -> None:
        rate, i = self.conditions.world.insults, state.index
        peer = self.network.peer(i, self.draws("insult_peer")[i])
        if peer != NOBODY:
            other = self.state_list[peer]
            if self.draws("insult")[i] < ties.insult_chance(rate, abs(state.lean - other.lean)):
                with_peers[i] = with_peers[peer] = True
                self.note("insult", state, detail=other.name)
        affinities = state.affinity
        for g, power in enumerate(self.power_list):
            distance = ties.estrangement(float(affinities[g]), float(state.cooling[g]))
            if self.draws("insult_power")[i, g] < ties.insult_chance(rate, distance):
                with_powers[i, g] = True
                self.note("insult", state, power)

    def _free_members(self) -> NDArray[np.bool_]:
        """Members of the bloc that are neither captured nor declared allies, if they reach the quorum; else none."""
        allied = np.array([state.ally_of != NOBODY for state in self.state_list], dtype=np.bool_)
        free: NDArray[np.bool_] = self.population.member & ~self.population.captured & ~allied
        members = int(self.population.member.sum())
        if not bloc.has_quorum(int(free.sum()), members, self.conditions.world.bloc.quorum):
            return np.zeros(len(self.state_list), dtype=np.bool_)
        return free

    def _measure_coordination(self) -> None:
        rule = self.conditions.world.bloc
        leans = np.array([state.lean for state in self.state_list if self.population.member[state.index]])
        self.cohesion = bloc.cohesion(rule.ideology_slope, bloc.spread(leans))
        self.coordination = rule.coordination * self.cohesion

    def _agree_on_demands(self) -> None:
        """The best losing bid of each power to a free member, issue by issue, is what all demand next year."""
        self.demand[:] = 0.0
        if self.coordination <= 0.0:
            return
        for state in self.state_list:
            if not self.free_members[state.index] or state.issue == NOBODY:
                continue
            for g in np.flatnonzero(state.heard):
                if state.shares[g] <= 0.0:
                    bid = self.coordination * float(state.case.power[g].bid)
                    self.demand[state.issue, g] = max(self.demand[state.issue, g], bid)

    def _vote(self) -> None:
        """Vote on the office: the hegemon buys what it needs to block the bloc's candidate, if that is worth it."""
        rule, hegemon = self.conditions.world.bloc, self.tally.hegemon
        if rule.office_value <= 0.0 or hegemon is None or self.participants == 0:
            return
        power = self.power_list[hegemon]
        members = [state for state in self.state_list if self.population.member[state.index]]
        free = []
        for state in members:
            i = state.index
            loyal = self.population.captured[i] or state.ally_of == hegemon
            if not loyal and self.draws("dissent")[i] < self.cohesion:
                free.append(state)
        needed = bloc.votes_needed(len(members), rule.quorum)
        votes = bloc.votes_to_buy(len(members), needed, len(members) - len(free))
        cost = bloc.votes_cost(votes, rule.vote_price)
        if cost > rule.office_value or power.spent + cost > power.budget * self.all_size:
            return
        power.office = 1
        power.spent += cost
        power.influence -= cost / self.all_size
        for state in sorted(free, key=lambda state: self.draws("dissent")[state.index])[:votes]:
            state.add("club", rule.vote_price / state.size)

    def _imitate(self, focal: int, peer: int, luck: float, strength: float) -> None:
        own, other = self.state_list[focal], self.state_list[peer]
        assert own.smoothed_payoff is not None
        assert other.smoothed_payoff is not None
        if luck < bloc.copy_chance(strength, own.smoothed_payoff, other.smoothed_payoff):
            self.revised[focal] = self.revised.get(peer, int(self.playing[peer]))
            own.smoothed_payoff = other.smoothed_payoff

    # -- counting --

    def _count(self, state: SmallState) -> None:
        """Add a state's year to the counters; by strategy, only of states that a power deals with."""
        if not self.by_state and not self.population.present[state.index]:
            return
        place, row = self.tally.place, np.zeros(len(self.tally.columns))
        for name, amount in state.flow.items():
            row[place[name]] = amount
        row[place["concentration"]] = ties.herfindahl(state.exposure)
        for g, name in enumerate(self.power_names):
            row[place[f"share_{name}"]] = state.shares[g]
            row[place[f"exposure_{name}"]] = state.exposure[g]
        if state.issue != NOBODY:
            issue = self.tally.issues[state.issue]
            hegemon, rising = self.tally.hegemon, self.tally.rising
            lean = 0.0 if hegemon is None else float(state.shares[hegemon])
            lean -= 0.0 if rising is None else float(state.shares[rising])
            row[place[f"lean_{issue}"]] = lean
            row[place[f"projects_{issue}"]] = 1.0
        row[place["n"]] = 1.0
        self.counters[state.index if self.by_state else int(self.playing[state.index])] += row

    def _power_row(self, power: GreatPower) -> dict[str, object]:
        size = self.all_size if self.all_size > 0.0 else 1.0
        return {
            "year": self.calendar_year,
            "power": power.name,
            "capability": float(power.capability),
            "share": float(power.share),
            "openness": float(power.spec.openness),
            "budget": float(power.budget),
            "spent": float(power.spent / size),
            "club_rent": float(power.rent),
            "public_goods": float(power.public_good),
            "legitimacy": float(power.legitimacy),
            "influence": float(power.influence),
            "deals": power.deals,
            "pressings": power.pressings,
            "force": power.forced,
            "office": power.office,
        }
