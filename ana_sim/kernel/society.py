"""Coordinate, vote, learn: what states do together and take from each other."""

from __future__ import annotations

from ana_sim.compiled import compiled, compiled_inline
from ana_sim.kernel.layout import Floats, Ints, Today
from ana_sim.kernel.settle import peer_of
from ana_sim.rules import bloc, powers
from ana_sim.rules.deal import NOBODY


@compiled_inline
def coordinate(today: Today) -> None:
    """Let the bloc agree on what to demand next year, and vote on the office."""
    gather_free_members(today)
    measure_coordination(today)
    agree_on_demands(today)
    vote(today)


@compiled_inline
def gather_free_members(today: Today) -> None:
    """Members of the bloc that are neither captured nor declared allies, if they reach the quorum; else none."""
    free = 0
    for i in range(today.state.size):
        state, person = today.state[i], today.person[i]
        state.free = person.member and not person.captured and state.ally == NOBODY
        free += state.free
    if not bloc.has_quorum(free, today.people.members, today.world.bloc_quorum):
        for i in range(today.state.size):
            today.state[i].free = False


@compiled_inline
def measure_coordination(today: Today) -> None:
    """How far the members' governments agree."""
    members, mean, squares = today.people.members, 0.0, 0.0
    for i in range(today.state.size):
        if today.person[i].member:
            mean += today.state[i].lean
    mean = powers.part(mean, members)
    for i in range(today.state.size):
        if today.person[i].member:
            squares += (today.state[i].lean - mean) * (today.state[i].lean - mean)
    today.common[0].cohesion = bloc.cohesion(today.world.bloc_ideology_slope, bloc.deviation(squares, members))
    today.common[0].coordination = today.world.bloc_coordination * today.common[0].cohesion


@compiled_inline
def agree_on_demands(today: Today) -> None:
    """The best losing bid of each power to a free member, issue by issue, is what all demand next year."""
    today.demand[:] = 0.0
    coordination = today.common[0].coordination
    if coordination <= 0.0:
        return
    for i in range(today.state.size):
        state = today.state[i]
        if state.free and state.issue != NOBODY:
            for g in range(today.player.size):
                regard = today.regard[i, g]
                if regard.heard and regard.share <= 0.0:
                    bid = coordination * regard.bid
                    today.demand[state.issue, g] = max(today.demand[state.issue, g], bid)


@compiled
def vote(today: Today) -> None:
    """Vote on the office: the hegemon buys what it needs to block the bloc's candidate, if that is worth it."""
    world, hegemon = today.world, today.hegemon
    if world.bloc_office_value <= 0.0 or hegemon == NOBODY or today.people.present == 0:
        return
    power, members, free = today.player[hegemon], today.people.members, 0
    dissent = today.dissent
    for i in range(today.state.size):
        if today.person[i].member and for_the_bloc(today, i):
            dissent[free] = today.draw_state[i].dissent
            free += 1
    needed = bloc.votes_needed(members, world.bloc_quorum)
    votes = bloc.votes_to_buy(members, needed, members - free)
    cost = bloc.votes_cost(votes, world.bloc_vote_price)
    if cost > world.bloc_office_value or power.spent + cost > power.budget * today.people.all_size:
        return
    power.office = 1
    power.spent += cost
    power.influence -= cost / today.people.all_size
    if votes == 0:
        return
    last = nth_least(dissent[:free], votes)
    for i in range(today.state.size):
        if today.person[i].member and for_the_bloc(today, i) and today.draw_state[i].dissent <= last:
            today.flow[i].club += world.bloc_vote_price / today.person[i].y


@compiled
def nth_least(values: Floats, n: int) -> float:
    """The n-th least of some numbers, or the largest if there are fewer; they are reordered (Hoare's quickselect)."""
    low, high, place = 0, values.size - 1, min(n, values.size) - 1
    while low < high:
        pivot, left, right = values[(low + high) // 2], low, high
        while left <= right:
            while values[left] < pivot:
                left += 1
            while values[right] > pivot:
                right -= 1
            if left <= right:
                values[left], values[right] = values[right], values[left]
                left += 1
                right -= 1
        if place <= right:
            high = right
        elif place >= left:
            low = left
        else:
            return float(values[place])
    return float(values[place])


@compiled_inline
def for_the_bloc(today: Today, i: int) -> bool:
    """Whether a member votes with the bloc: neither captured, nor the hegemon's ally, nor a dissenter."""
    loyal = today.person[i].captured or today.state[i].ally == today.hegemon
    return not loyal and today.draw_state[i].dissent < today.common[0].cohesion


@compiled_inline
def learn(today: Today, mix: Ints) -> None:
    """Let states compare themselves with a peer, and copy by the Fermi rule (Traulsen, Nowak & Pacheco 2006)."""
    world = today.world
    for i in range(today.state.size):
        state, net = today.state[i], payoff(today, i) - today.flow[i].shock
        mean = net if today.year == 0 else state.smoothed
        state.smoothed = bloc.smoothed(mean, net, world.learning_smoothing)
        state.revised = NOBODY
    if world.learning_rate <= 0.0:
        return
    n = today.people.present
    for occasion in range(n):
        draw = today.draw_state[today.present[occasion]]
        if draw.learn >= world.learning_rate:
            continue
        focal = today.present[int(draw.learn_focal * n)]
        peer = peer_of(today, focal, draw.learn_peer)
        if peer != NOBODY:
            own, other = today.state[focal], today.state[peer]
            if draw.imitate < bloc.copy_chance(world.learning_strength, own.smoothed, other.smoothed):
                own.revised = other.revised if other.revised != NOBODY else other.playing
                own.smoothed = other.smoothed
        if draw.mutate < world.learning_mutation:
            today.state[focal].revised = mix[int(draw.mutant * mix.size)]


@compiled_inline
def payoff(today: Today, i: int) -> float:
    """Payoff of the year per unit of size: the sum of its components, in their order."""
    flow = today.flow[i]
    return (
        0.0
        + flow.terms
        + flow.affinity
        + flow.club
        + flow.public_goods
        + flow.duplication
        + flow.asks
        + flow.pressure
        + flow.shock
    )
