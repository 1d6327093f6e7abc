"""Luck: every draw of the world at its address, so that two worlds that differ in one thing see the same luck.

An address is (seed, replicate, year, entity's name, purpose[, second entity's name, option]). Draws are computed from
their address alone (:mod:`ana_sim.philox`): adding a power, a state, a year or a purpose shifts no other draw.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ana_sim.compiled import JIT_ENABLED, compiled, compiled_inline, compiled_with_arrays
from ana_sim.normal import standard_normal
from ana_sim.philox import WORDS, Words, philox

Floats = NDArray[np.float64]

PURPOSES: dict[str, tuple[str, ...]] = {
    "start": ("mix_offset",),
    "start_state": (
        *("size", "need_mean", "ideology_start", "diplomatic_capacity"),
        *("risk_aversion", "resources", "strategic", "captured"),
    ),
    "start_state_power": ("exposure_start",),
    "year": ("common_shock", "delivery_shared", "delivery_common"),
    "power": ("delivery",),
    "state": (
        *("need", "own_shock", "turnover", "ideology"),
        *("issue", "project", "dissent", "insult"),
        *("insult_peer", "learn", "learn_focal", "learn_peer"),
        *("imitate", "mutate", "mutant"),
    ),
    "state_power": (
        *("bid", "accept", "press", "execute"),
        *("tie", "press_standing", "execute_standing", "insult_power"),
    ),
}
"""Purposes by the entities that they belong to. Append only: a purpose's place in its list is part of its address."""

_SCOPES = tuple(PURPOSES)
_START = 0xFFFF
_YEAR_SHIFT = np.uint64(16)
_SCOPE_SHIFT = np.uint64(8)
_OPTION_BLOCK = np.uint64(0xFFFF)
NO_HASH = np.uint64(0)
NOBODYS = np.array([NO_HASH])
"""The hash, and the hashes, of no entity."""

_RESOLUTION = np.uint64(12)


@cache
def name_hash(name: str) -> int:
    """64-bit hash of an entity's name (BLAKE2b), the same on every machine."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little")


@compiled
def unit(word: Any) -> Any:
    """Uniform in (0, 1), both ends excluded, from the upper 52 bits of a word."""
    return ((word >> _RESOLUTION) + 0.5) * 2.0**-52


@compiled
def option_luck(year: int, state_hash: Any, code: Any, k0: Any, k1: Any) -> Any:
    """Uniform in (0, 1) for one option of a choice, addressed by what the option is.

    Without the compiler, elementwise on an array of codes.

    Parameters
    ----------
    year : int
        Index of the year.
    state_hash, code : uint64
        Hash of the state's name (:attr:`Luck.state_hashes`) and the option's code
        (:func:`ana_sim.rules.search.option_code`).
    k0, k1 : uint64
        The replicate's key (:attr:`Luck.key`).
    """
    c0 = (np.uint64(year) << _YEAR_SHIFT) | _OPTION_BLOCK
    return unit(philox(c0, state_hash, NO_HASH, code, k0, k1)[0])


@compiled_with_arrays
def _option_lucks(year: int, state_hash: np.uint64, codes: Words, k0: np.uint64, k1: np.uint64) -> Floats:
    out = np.empty(codes.size)
    for n in range(codes.size):
        out[n] = option_luck(year, state_hash, codes[n], k0, k1)
    return out


@compiled_inline
def first_word(year: Any, scope: Any) -> Any:
    """The counter's first word for a year and a scope, without the block."""
    return (np.uint64(year) << _YEAR_SHIFT) | (np.uint64(scope) << _SCOPE_SHIFT)


@compiled_inline
def draw_block(c0: Any, block: int, first: Any, second: Any, k0: Any, k1: Any, out: Floats) -> None:
    """Fill one block of uniforms, at its place in ``out``; the other arguments as for :func:`fill_draws`."""
    at = block * WORDS
    w0, w1, w2, w3 = philox(c0 | np.uint64(block), first, second, NO_HASH, k0, k1)
    out[at] = unit(w0)
    out[at + 1] = unit(w1)
    out[at + 2] = unit(w2)
    out[at + 3] = unit(w3)


@compiled_inline
def fill_draws(c0: Any, first: Words, second: Words, k0: Any, k1: Any, blocks: int, out: Floats) -> None:
    """Fill the first blocks of the draws of a year, or of the start, in one scope.

    Parameters
    ----------
    c0 : uint64
        By :func:`first_word`.
    first, second : array of uint64
        Hashes of the entities and of the second entities, :data:`NOBODYS` for none.
    k0, k1 : uint64
        The replicate's key.
    blocks : int
        How many.
    out : array, shape (entities, second entities, 4 blocks or more)
        Filled with uniforms.
    """
    for i in range(first.size):
        for g in range(second.size):
            for block in range(blocks):
                draw_block(c0, block, first[i], second[g], k0, k1, out[i, g])


@compiled
def _fill_tables(c0: Words, first: Words, second: Words, keys: Words, out: Floats) -> None:
    """Fill the uniforms of some replicates at each year, entity and second entity, shape (R, T, first, second, n)."""
    for r in range(keys.shape[0]):
        for t in range(c0.size):
            fill_draws(c0[t], first, second, keys[r, 0], keys[r, 1], out.shape[-1] // WORDS, out[r, t])


def _fill_elementwise(c0: Words, first: Words, second: Words, keys: Words, out: Floats) -> None:
    """The same as :func:`_fill_tables`, by array operations, for want of a compiler."""
    numbered = c0[:, None, None, None] | np.arange(out.shape[-1] // WORDS, dtype=np.uint64)
    for (k0, k1), mine in zip(keys, out, strict=True):
        words = philox(numbered, first[:, None, None], second[:, None], NO_HASH, k0, k1)
        mine[:] = unit(np.stack(words, axis=-1)).reshape(mine.shape)


@compiled_with_arrays
def _standard_normals(u: Floats) -> Floats:
    out = np.empty(u.size)
    for n in range(u.size):
        out[n] = standard_normal(u[n])
    return out


class Lucks:
    """The luck of some replicates, filled on first use and kept: uniforms and standard normals by purpose.

    Parameters
    ----------
    seed : int
        The experiment's seed.
    replicates : sequence of int
        Numbers of the replicates, from 0; R of them.
    years : int
        Length of the run.
    states, powers : sequence of str
        Names of the entities; a draw depends on its own entity's name only.
    """

    def __init__(
        self, seed: int, replicates: Sequence[int], years: int, states: Sequence[str], powers: Sequence[str]
    ) -> None:
        self.seed, self.replicates, self.years = seed, replicates, years
        self.keys = np.array([(seed % 2**64, number % 2**64) for number in replicates], dtype=np.uint64)
        self.state_hashes = np.array([name_hash(name) for name in states], dtype=np.uint64)
        self.power_hashes = np.array([name_hash(name) for name in powers], dtype=np.uint64)
        self._tables: dict[str, Floats] = {}
        self._normals: dict[str, Floats] = {}

    def fill(self) -> Self:
        """Fill all tables, for threads that are to share them."""
        for scope in PURPOSES:
            self.table(scope)
        return self

    @property
    def size(self) -> int:
        """Bytes of what is filled."""
        return sum(each.nbytes for each in (*self._tables.values(), *self._normals.values()))

    def table(self, scope: str) -> Floats:
        """All uniforms of a scope, filled on first use.

        Returns
        -------
        array, C-contiguous
            A purpose's place in ``PURPOSES[scope]`` is its index on the last axis, whose length is the next multiple
            of 4. Shape by scope, after the replicates: ``start`` (n,), ``start_state`` (N, n), ``start_state_power``
            (N, G, n), ``year`` (T, n), ``power`` (T, G, n), ``state`` (T, N, n), ``state_power`` (T, N, G, n).

        Raises
        ------
        KeyError
            If there is no such scope.
        """
        if scope not in self._tables:
            self._tables[scope] = self._fill(scope)
        return self._tables[scope]

    def uniform(self, purpose: str) -> Floats:
        """Uniforms in (0, 1) for ``purpose``: a view of its place in :meth:`table`.

        Returns
        -------
        array
            Shape by scope, after the replicates: ``start`` (), ``start_state`` (N,), ``start_state_power`` (N, G),
            ``year`` (T,), ``power`` (T, G), ``state`` (T, N), ``state_power`` (T, N, G).

        Raises
        ------
        KeyError
            If there is no such purpose.
        """
        scope, place = _place(purpose)
        return self.table(scope)[..., place]

    def normal(self, purpose: str) -> Floats:
        """Standard normals for ``purpose`` (by inversion), in the shape of :meth:`uniform`."""
        if purpose not in self._normals:
            u = self.uniform(purpose)
            self._normals[purpose] = _standard_normals(u.ravel()).reshape(u.shape)
        return self._normals[purpose]

    def _fill(self, scope: str) -> Floats:
        """Uniforms at a scope's addresses; counter words: (year, scope and block), entity, second entity, option."""
        words = WORDS * -(-len(PURPOSES[scope]) // WORDS)
        starts, pairs = scope.startswith("start"), scope.endswith("state_power")
        alone = scope in ("start", "year")
        years = [_START] if starts else range(self.years)
        c0 = np.array([first_word(year, _SCOPES.index(scope)) for year in years], dtype=np.uint64)
        first = NOBODYS if alone else self.power_hashes if scope == "power" else self.state_hashes
        second = self.power_hashes if pairs else NOBODYS
        full = np.empty((len(self.keys), c0.size, first.size, second.size, words))
        (_fill_tables if JIT_ENABLED else _fill_elementwise)(c0, first, second, self.keys, full)
        kept = (True, not starts, not alone, pairs, True)
        return full.reshape([size for size, keep in zip(full.shape, kept, strict=True) if keep])


class Luck(Lucks):
    """The luck of one replicate: the same, without the axis of replicates.

    Parameters
    ----------
    seed, years, states, powers
        As for :class:`Lucks`.
    replicate : int
        Number of the replicate.
    """

    def __init__(self, seed: int, replicate: int, years: int, states: Sequence[str], powers: Sequence[str]) -> None:
        super().__init__(seed, (replicate,), years, states, powers)
        self.replicate = replicate
        self.key = (self.keys[0, 0], self.keys[0, 1])

    def _fill(self, scope: str) -> Floats:
        only: Floats = super()._fill(scope)[0]
        return only

    def options(self, year: int, state: int, codes: Words) -> Floats:
        """Uniforms for the options of a choice (:func:`option_luck`).

        Parameters
        ----------
        year, state : int
            Indices of the year and the state.
        codes : array of uint64
            A code per option (:func:`ana_sim.rules.search.option_code`).
        """
        many = _option_lucks if JIT_ENABLED else option_luck
        draws: Floats = many(year, self.state_hashes[state], codes, *self.key)
        return draws


@cache
def _place(purpose: str) -> tuple[str, int]:
    for scope, purposes in PURPOSES.items():
        if purpose in purposes:
            return scope, purposes.index(purpose)
    raise KeyError(f"no luck for {purpose!r}")


@lru_cache(maxsize=8)
def luck_of(seed: int, replicate: int, years: int, states: tuple[str, ...], powers: tuple[str, ...]) -> Luck:
    """The luck of a replicate, filled once and shared by all worlds that use it."""
    return Luck(seed, replicate, years, states, powers)
