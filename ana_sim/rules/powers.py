"""What a power can offer in a year: capability, budget, bids, club rent, public goods."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ana_sim.compiled import compiled_inline, compiled_with_arrays

Floats = NDArray[np.float64]


@compiled_inline
def grown(capability: float, growth: float, ceiling: float) -> float:
    """Logistic growth, C + growth C (1 - C / ceiling)."""
    return max(0.0, capability + growth * capability * (1.0 - capability / ceiling))


@compiled_inline
def retrenchment(inward_turn: float, share: float, share_at_start: float) -> float:
    """How far a power keeps up its engagement, f = max(0, 1 + inward_turn (s - s0) / s0); 1 without a share.

    It multiplies generosity and acceptance, once; never openness.
    """
    if share_at_start <= 0.0:
        return 1.0
    return max(0.0, 1.0 + inward_turn * (share - share_at_start) / share_at_start)


@compiled_inline
def budget(openness: float, generosity: float, engagement: float, capability: float) -> float:
    """Offerable budget per unit of size, B = omega beta f C."""
    return openness * generosity * engagement * capability


@compiled_inline
def pooled_capability(capability: float, coordination: float, hostility: float, members: float) -> float:
    """Capability of the states' own pool: coordination (1 - mean hostility) times the members' part of all size."""
    return capability * coordination * (1.0 - hostility) * members


@compiled_inline
def attraction(resources: float, size: float, size_pull: float) -> float:
    """What draws bids to a state, c = resources y**size_pull (gravity; Friedman 1958 on what buys influence)."""
    return resources * size**size_pull


@compiled_inline
def bid_weight(pull: float, size: float, all_size: float, pull_contested: float) -> float:
    """Weight of a state in a power's bids per unit of size, w = (c / y) (sum y) / (sum of c over those contested).

    Over all states it is relative: bids of weight w spend one budget. On an exclusive issue the sum runs over the
    states that the power does not hold, so that the price of the last holdouts rises.
    """
    if pull_contested <= 0.0:
        return 0.0
    return (pull / size) * all_size / pull_contested


@compiled_with_arrays
def attractions(resources: Floats, size: Floats, size_pull: float) -> Floats:
    """:func:`attraction` of each state, shape (N,), or (R, N) of several replicates."""
    pull = np.empty(size.shape)
    for i in range(size.size):
        pull.flat[i] = attraction(resources.flat[i], size.flat[i], size_pull)
    return pull


@compiled_with_arrays
def bid_weights(pull: Floats, size: Floats, all_size: Floats, pull_contested: Floats) -> Floats:
    """:func:`bid_weight` of each state, shape (R, N), from sums over the states of each replicate, shape (R,)."""
    weight = np.empty(size.shape)
    for r in range(size.shape[0]):
        for i in range(size.shape[1]):
            weight[r, i] = bid_weight(pull[r, i], size[r, i], all_size[r], pull_contested[r])
    return weight


@compiled_inline
def eagerness(spread: float, luck: float) -> float:
    """Idiosyncratic part of a bid, xi = 1 - spread + spread u with u uniform in (0, 1)."""
    return 1.0 - spread + spread * luck


@compiled_inline
def valuation(
    bidding_share: float, budget: float, weight: float, interest: float, demonstration: float, xi: float
) -> float:
    """What a project is worth to a power per unit of the state's size, V = (1 - lambda') B w v (1 + x) xi."""
    return bidding_share * budget * weight * interest * (1.0 + demonstration) * xi


@compiled_inline
def budget_scale(available: float, claims: float) -> float:
    """Factor on all of a power's bids of the year, min(1, available / claims): spending never exceeds the budget."""
    if claims <= available:
        return 1.0
    return available / claims


@compiled_inline
def club_rent(cap: float, club_share: float, budget: float, all_size: float, allied_size: float) -> float:
    """Rent of a declared ally per unit of size, min(cap, lambda (B / 2) sum y / allies' y)."""
    if allied_size <= 0.0:
        return 0.0
    return min(cap, club_share * (budget / 2.0) * all_size / allied_size)


@compiled_inline
def club_outlay(rent: float, budget: float, all_size: float, allied_size: float) -> float:
    """Part of the budget that the club really costs, lambda' = rent allies' y / (B sum y); the rest bids."""
    if budget <= 0.0 or all_size <= 0.0:
        return 0.0
    return rent * allied_size / (budget * all_size)


@compiled_inline
def excess(own_share: float, best_other_share: float, trigger: float) -> float:
    """How far a power is outdone beyond the trigger, E = max(0, gap in shares of deals in force - trigger)."""
    return max(0.0, best_other_share - own_share - trigger)


@compiled_inline
def demonstrated(response: float, rate: float, excess_then: float) -> float:
    """Demonstration effect, x + eta (E[t - lag] - x): imitation of the successful rival (Zeitz 2021)."""
    return response + rate * (excess_then - response)


@compiled_inline
def standing(share: float, share_before: float, status: float) -> float:
    """Reason to supply public goods, sigma = s + status ds/dt; status is 0 for all but the rising power."""
    return share + status * (share - share_before)


@compiled_inline
def public_good(scale: float, sigma: float) -> float:
    """Public good per unit of size, kappa_G sigma of the power with the largest sigma (Kindleberger; Snidal 1985)."""
    return max(0.0, scale * sigma)


@compiled_inline
def acceptance(chance: float, engagement: float, channel: float, hostility: float) -> float:
    """Probability that a power accepts to bid, min(1, p f) (1 - (1 - chi) hostility)."""
    return min(1.0, chance * engagement) * (1.0 - (1.0 - channel) * hostility)


@compiled_with_arrays
def contested_pull(pull: Floats, present: NDArray[np.bool_], held: Floats) -> Floats:
    """Sum of the pulls of the states whose issue k a power does not hold, shape (K, G): its exclusive prizes.

    Parameters
    ----------
    pull, present : array, shape (N,)
    held : array, shape (N, K, G)
    """
    total = np.zeros((held.shape[1], held.shape[2]))
    for i in range(pull.size):
        if present[i]:
            for k in range(held.shape[1]):
                for g in range(held.shape[2]):
                    if held[i, k, g] <= 0.0:
                        total[k, g] += pull[i]
    return total


@compiled_with_arrays
def shares_of_deals(present: NDArray[np.bool_], held: Floats) -> Floats:
    """Each power's share of the deals in force, issue by issue, shape (K, G); 0 without deals.

    Parameters
    ----------
    present : array, shape (N,)
    held : array, shape (N, K, G)
    """
    shares = np.zeros((held.shape[1], held.shape[2]))
    for i in range(held.shape[0]):
        if present[i]:
            for k in range(held.shape[1]):
                for g in range(held.shape[2]):
                    shares[k, g] += held[i, k, g]
    for k in range(held.shape[1]):
        total = 0.0
        for g in range(held.shape[2]):
            total += shares[k, g]
        for g in range(held.shape[2]):
            shares[k, g] = part(shares[k, g], total)
    return shares


@compiled_inline
def part(amount: float, total: float) -> float:
    """Part of a total; 0 of nothing."""
    return amount / total if total > 0.0 else 0.0
