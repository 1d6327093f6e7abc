"""Luck: every draw of the world at its address, so that two worlds that differ in one thing see the same luck.

An address is (seed, replicate, year, entity's name, purpose[, second entity's name, option]). Draws are computed from
their address alone (:mod:`ana_sim.philox`): adding a power, a state, a year or a purpose shifts no other draw.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from ana_sim.philox import WORDS, words

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
        *("copy", "mutate", "mutant"),
    ),
    "state_power": (
        *("bid", "accept", "press", "execute"),
        *("tie", "press_standing", "execute_standing", "insult_power"),
    ),
}
"""Purposes by the entities that they belong to. Append only: a purpose's place in its list is part of its address."""

_SCOPES = tuple(PURPOSES)
_START = 0xFFFF
_OPTION_BLOCK = 0xFFFF


@cache
def name_hash(name: str) -> int:
    """64-bit hash of an entity's name (BLAKE2b), the same on every machine."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little")


def uniform(word: NDArray[np.uint64]) -> Floats:
    """Uniform in (0, 1), both ends excluded, from the upper 52 bits of a word."""
    return ((word >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52


class Luck:
    """The luck of one replicate, filled on first use and kept: uniforms and standard normals by purpose.

    Parameters
    ----------
    seed : int
        The experiment's seed.
    replicate : int
        Number of the replicate, from 0.
    years : int
        Length of the run.
    states, powers : sequence of str
        Names of the entities; a draw depends on its own entity's name only.
    """

    def __init__(self, seed: int, replicate: int, years: int, states: Sequence[str], powers: Sequence[str]) -> None:
        self.seed, self.replicate, self.years = seed, replicate, years
        self._key = (seed % 2**64, replicate % 2**64)
        self._states = np.array([name_hash(name) for name in states], dtype=np.uint64)
        self._powers = np.array([name_hash(name) for name in powers], dtype=np.uint64)
        self._filled: dict[tuple[str, int], Floats] = {}
        self._normals: dict[str, Floats] = {}

    def uniform(self, purpose: str) -> Floats:
        """Uniforms in (0, 1) for ``purpose``.

        Returns
        -------
        array
            Shape by scope: ``start`` (), ``start_state`` (N,), ``start_state_power`` (N, G), ``year`` (T,),
            ``power`` (T, G), ``state`` (T, N), ``state_power`` (T, N, G).

        Raises
        ------
        KeyError
            If there is no such purpose.
        """
        scope, place = _place(purpose)
        block, word = divmod(place, WORDS)
        if (scope, block) not in self._filled:
            self._filled[scope, block] = uniform(words(self._counter(scope, block), self._key))
        return self._filled[scope, block][..., word]

    def normal(self, purpose: str) -> Floats:
        """Standard normals for ``purpose`` (by inversion), in the shape of :meth:`uniform`."""
        if purpose not in self._normals:
            self._normals[purpose] = np.asarray(ndtri(self.uniform(purpose)))
        return self._normals[purpose]

    def options(self, year: int, state: int, codes: NDArray[np.uint64]) -> Floats:
        """Uniforms for the options of a choice, addressed by what each option is.

        Parameters
        ----------
        year, state : int
            Indices of the year and the state.
        codes : array of uint64
            A code per option (:func:`option_codes`).
        """
        c0 = np.uint64((year << 16) | _OPTION_BLOCK)
        zero = np.zeros_like(codes)
        counter = (zero + c0, zero + self._states[state], zero, codes)
        return uniform(words(counter, self._key)[..., 0])

    def _counter(
        self, scope: str, block: int
    ) -> tuple[NDArray[np.uint64], NDArray[np.uint64], NDArray[np.uint64], NDArray[np.uint64]]:
        """Counter words: (year and block, entity, second entity, option)."""
        starts = scope.startswith("start")
        years = np.array([_START], dtype=np.uint64) if starts else np.arange(self.years, dtype=np.uint64)
        c0 = (years << np.uint64(16)) | np.uint64((_SCOPES.index(scope) << 8) | block)
        nobody = np.zeros(1, dtype=np.uint64)
        first = self._states if "state" in scope else self._powers if scope == "power" else nobody
        second = self._powers if scope.endswith("state_power") else nobody
        grid = (c0[:, None, None], first[None, :, None], second[None, None, :])
        shape = np.broadcast_shapes(*(part.shape for part in grid))
        keep = (not starts, scope not in ("start", "year"), scope.endswith("state_power"))
        squeezed = tuple(size for size, kept in zip(shape, keep, strict=True) if kept)
        c = [np.broadcast_to(part, shape).reshape(squeezed) for part in grid]
        return c[0], c[1], c[2], np.zeros(squeezed, dtype=np.uint64)


@cache
def _place(purpose: str) -> tuple[str, int]:
    for scope, purposes in PURPOSES.items():
        if purpose in purposes:
            return scope, purposes.index(purpose)
    raise KeyError(f"no luck for {purpose!r}")


def option_codes(eighths: NDArray[np.int64], powers: Sequence[str]) -> NDArray[np.uint64]:
    """Code of each option from what it is: the shares, by the powers' names, whatever other powers there are.

    Parameters
    ----------
    eighths : array of int, shape (n, G)
        Shares in eighths.
    powers : sequence of str
        Names of the powers.
    """
    hashes = np.array([name_hash(name) for name in powers], dtype=np.uint64)
    product: NDArray[np.uint64] = eighths.astype(np.uint64) * hashes[None, :]
    codes: NDArray[np.uint64] = product.sum(axis=1, dtype=np.uint64)
    return codes


@lru_cache(maxsize=8)
def luck_of(seed: int, replicate: int, years: int, states: tuple[str, ...], powers: tuple[str, ...]) -> Luck:
    """The luck of a replicate, filled once and shared by all worlds that use it."""
    return Luck(seed, replicate, years, states, powers)
