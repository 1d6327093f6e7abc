"""What states do together and from each other: coordination, the office, learning."""

from __future__ import annotations

import math

import numpy as np

from ana_sim.compiled import compiled_inline
from ana_sim.rules.deal import Floats


@compiled_inline
def cohesion(slope: float, spread: float) -> float:
    """How well governments agree, max(0, 1 - slope sd(ideology))."""
    return max(0.0, 1.0 - slope * spread)


@compiled_inline
def has_quorum(free: int, members: int, quorum: float) -> bool:
    """Whether the free members (not captured, not declared allies) reach the quorum."""
    return members > 0 and free >= quorum * members


@compiled_inline
def votes_needed(members: int, quorum: float) -> int:
    """m, the least number of votes that carries the office, max(1, ceil(quorum N))."""
    return max(1, math.ceil(quorum * members - 1e-12))


@compiled_inline
def votes_to_buy(members: int, needed: int, captured: int) -> int:
    """Votes that must be bought to block m of N when f are captured: max(0, N - m + 1 - f)."""
    return max(0, members - needed + 1 - captured)


@compiled_inline
def votes_cost(votes: int, price: float) -> float:
    """What the bought votes cost; nothing for none, whatever the price."""
    if votes == 0:
        return 0.0
    return votes * price


@compiled_inline
def smoothed(mean: float, payoff: float, smoothing: float) -> float:
    """Exponentially smoothed payoff."""
    return mean + smoothing * (payoff - mean)


@compiled_inline
def copy_chance(strength: float, own: float, other: float) -> float:
    """Fermi rule, 1 / (1 + exp(-strength (pi_j - pi_i))) (Traulsen, Nowak & Pacheco 2006)."""
    return 1.0 / (1.0 + np.exp(-strength * (other - own)))


@compiled_inline
def spread(values: Floats) -> float:
    """Standard deviation of a few numbers (population form); 0 for none."""
    if values.size == 0:
        return 0.0
    mean, squares = 0.0, 0.0
    for value in values:
        mean += value
    mean /= values.size
    for value in values:
        squares += (value - mean) * (value - mean)
    return deviation(squares, values.size)


@compiled_inline
def deviation(squares: float, count: int) -> float:
    """Standard deviation (population form) from the sum of squared deviations; 0 of none."""
    return math.sqrt(squares / count) if count > 0 else 0.0
