"""What a year leaves behind: need, exposure, beliefs, hostility, influence."""

from __future__ import annotations

import numpy as np

from ana_sim.compiled import compiled_inline
from ana_sim.rules.deal import Floats, moved


@compiled_inline
def need_after(need: float, mean: float, persistence: float, innovation: float, shock: float, size: float) -> float:
    """Mean-reverting need, max(0, nbar + persistence (n - nbar) + innovation + shock size), shock 0 or 1."""
    return max(0.0, mean + persistence * (need - mean) + innovation + shock * size)


@compiled_inline
def shock_cost(size: float, need: float, mean: float) -> float:
    """What a shock costs, size (n - nbar), in the year that it strikes."""
    return size * (need - mean)


@compiled_inline
def affinity(base: float, side: float, score: float) -> float:
    """A government's affinity to a power, d = base + side score: the hegemon's side 1, the rising power's -1."""
    return base + side * score


@compiled_inline
def lean(affinity: Floats, sides: Floats) -> float:
    """Ideological position: sum of side times affinity over the sum of absolute sides; above 0 to the hegemon."""
    position, weight = 0.0, 0.0
    for g in range(sides.size):
        position += sides[g] * affinity[g]
        weight += abs(sides[g])
    return weighed(position, weight, 0.0)


@compiled_inline
def weighed(total: float, weight: float, otherwise: float) -> float:
    """Weighted mean from its two sums, or ``otherwise`` without weight."""
    return total / weight if weight > 0.0 else otherwise


@compiled_inline
def legitimate(affinity: float, weight: float, legitimacy: float) -> float:
    """Affinity with legitimacy, d + legitimacy_affinity (Lambda - 1/2)."""
    return affinity + weight * (legitimacy - 0.5)


@compiled_inline
def observed(
    belief: float, rate: float, social: float, client: bool, neighbours_clients: float, delivered: float
) -> float:
    """Belief after a year, mu + a (delivered - mu) times the evidence: one's own deals and the neighbours'.

    Parameters
    ----------
    rate, social : float
        a, and the neighbours' part of the evidence (0 for a state without neighbours).
    client : bool
        Whether the state has a deal in force with the power.
    neighbours_clients : float
        The share of its neighbours that have.
    delivered : float
        1 if the power delivered this year, else 0.
    """
    evidence = social * neighbours_clients
    if client:
        evidence += 1.0 - social
    return belief + rate * evidence * (delivered - belief)


@compiled_inline
def estrangement(affinity: float, cooling: float) -> float:
    """Ideological distance of a government from a power: its dislike, or how much cooler it is than the last one.

    Executive-level diplomacy is personal: a government that breaks with its predecessor's friend offends that friend
    though it may still like it well enough (Milei's Cold War Diplomacy 2024).

    Parameters
    ----------
    affinity : float
        d_g of the government, money/size.
    cooling : float
        d_g of the one before it less its own, in the year in which it takes office; else 0.
    """
    return max(0.0, -affinity, cooling)


@compiled_inline
def insult_chance(rate: float, distance: float) -> float:
    """Probability of an insult in a year, rate times ideological distance."""
    return min(1.0, rate * distance)


@compiled_inline
def hostility_after(hostility: float, fade: float, insulted: bool) -> float:
    """Hostility fades by a share a year and is full after an insult, on both sides, since insults are returned."""
    return 1.0 if insulted else (1.0 - fade) * hostility


@compiled_inline
def advantage(g: int, held: Floats) -> float:
    """q_g - max over others q: how far a power is ahead in one deal."""
    other = 0.0
    for h in range(held.size):
        if h != g:
            other = max(other, held[h])
    return lead(held[g], other)


@compiled_inline
def lead(own: float, other: float) -> float:
    """How far a share is ahead of the largest other."""
    return own - other


@compiled_inline
def herfindahl(exposure: Floats) -> float:
    """Concentration of exposure, sum of squared parts; 0 without exposure."""
    total, squares = 0.0, 0.0
    for g in range(exposure.size):
        total += exposure[g]
    if total <= 0.0:
        return 0.0
    for g in range(exposure.size):
        squares += squared_part(exposure[g], total)
    return squares


@compiled_inline
def squared_part(exposure: float, total: float) -> float:
    """A power's term of the Herfindahl index, the square of its part."""
    return (exposure / total) * (exposure / total)


@compiled_inline
def follow(tie: Floats, held: Floats, gain: float, loss: float) -> None:
    """Let exposure follow the shares in force, issue by issue, A_igk += alpha (Q_igk - A_igk); in place.

    Parameters
    ----------
    tie, held : array, shape (K, G)
        A_igk and Q_igk of one state.
    """
    for k in range(tie.shape[0]):
        for g in range(tie.shape[1]):
            tie[k, g] = moved(tie[k, g], held[k, g], gain, loss)


@compiled_inline
def exposures(tie: Floats, weights: Floats, exposure: Floats) -> None:
    """Exposure to each power over all issues, A_g = sum_k w_k A_igk, with w_k the issue's part of all arrivals."""
    for g in range(tie.shape[1]):
        total = 0.0
        for k in range(tie.shape[0]):
            total += weights[k] * tie[k, g]
        exposure[g] = total


@compiled_inline
def project_size(mean: float, sigma: float, normal: float) -> float:
    """Size of a project, lognormal with the given mean: z = mean exp(sigma e - sigma^2 / 2)."""
    return mean * np.exp(sigma * normal - 0.5 * sigma * sigma)


@compiled_inline
def ahead(g: int, size: Floats, stakes: Floats, held: Floats) -> float:
    """How far a power is ahead where it cares, sum over states and issues of y theta (q_g - max over others q).

    Parameters
    ----------
    size : array, shape (N,)
    stakes, held : array, shape (N, K, G)
    """
    total = 0.0
    for i in range(size.size):
        for k in range(held.shape[1]):
            if stakes[i, k, g] > 0.0:
                total += size[i] * stakes[i, k, g] * advantage(g, held[i, k])
    return total


@compiled_inline
def rivals_share(g: int, shares: Floats, rivalry: Floats) -> float:
    """How much shares in force hurt g, sum_h rivalry_gh q_h.

    Parameters
    ----------
    shares : array, shape (G,)
    rivalry : array, shape (G, G)
    """
    total = 0.0
    for h in range(shares.size):
        total += rivalry[g, h] * shares[h]
    return total
