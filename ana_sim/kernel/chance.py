"""Chance: the luck of a year, drawn when the year comes, where no other world shares it."""

from __future__ import annotations

from typing import Any

from ana_sim.compiled import compiled
from ana_sim.kernel.layout import Draws, Words
from ana_sim.luck import NO_HASH, NOBODYS, PURPOSES, draw_block, fill_draws, first_word
from ana_sim.philox import WORDS

YEAR, POWER, STATE, PAIR = (tuple(PURPOSES).index(scope) for scope in ("year", "power", "state", "state_power"))
OF_NEIGHBOURS, OF_LEARNERS = (PURPOSES["state"].index(purpose) // WORDS for purpose in ("insult_peer", "imitate"))
"""The block of a state's draws from which on they serve insults and learning, and the one that only learners read."""


@compiled
def draw_luck(year: int, r: int, world: Any, draws: Draws, words: Words) -> None:
    """Fill the draws of a year of replicate `r`, but for those that nothing reads.

    Parameters
    ----------
    world : record
        The parameters of the year.
    draws, words : Draws, Words
        Room for the draws of one year, by purpose and as numbers.
    """
    k0, k1, learning = draws.key[r, 0], draws.key[r, 1], world.learning_rate > 0.0
    fill_draws(first_word(year, YEAR), NOBODYS, NOBODYS, k0, k1, 1, words.year)
    fill_draws(first_word(year, POWER), draws.power_hash, NOBODYS, k0, k1, 1, words.power)
    fill_draws(first_word(year, PAIR), draws.state_hash, draws.power_hash, k0, k1, 2, words.pair)
    own, blocks = first_word(year, STATE), OF_LEARNERS if learning or world.insults > 0.0 else OF_NEIGHBOURS
    fill_draws(own, draws.state_hash, NOBODYS, k0, k1, blocks, words.state)
    for i in range(draws.state_hash.size if learning else 0):
        if draws.state[0, 0, i].learn < world.learning_rate:
            draw_block(own, OF_LEARNERS, draws.state_hash[i], NO_HASH, k0, k1, words.state[i, 0])
