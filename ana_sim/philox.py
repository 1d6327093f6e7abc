"""Philox4x64-10: random words as a pure function of a counter and a key (Salmon et al. 2011).

A counter-based generator needs no stream: the word at an address is computed from the address alone, in any
order. The words are those of :class:`numpy.random.Philox`, against which they are tested.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import lower_builtin, type_callable
from numpy.typing import NDArray

from ana_sim.compiled import JIT_ENABLED, compiled

F = TypeVar("F", bound=Callable[..., Any])
Words = NDArray[np.uint64]

ROUNDS = 10
WORDS = 4
_MULTIPLIER_0 = np.uint64(0xD2E7470EE14C6C93)
_MULTIPLIER_1 = np.uint64(0xCA5A826395121157)
_WEYL_0 = np.uint64(0x9E3779B97F4A7C15)
_WEYL_1 = np.uint64(0xBB67AE8584CAA73B)
_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)


def high_word(a: Any, b: Any) -> Any:
    """Upper 64 bits of the product of two unsigned 64-bit words, from four 32-bit products; elementwise on arrays."""
    a_low, a_high = a & _LOW, a >> _HALF
    b_low, b_high = b & _LOW, b >> _HALF
    low = a_low * b_low
    middle = a_high * b_low + (low >> _HALF)
    cross = a_low * b_high + (middle & _LOW)
    return a_high * b_high + (middle >> _HALF) + (cross >> _HALF)


def product(a: Any, b: Any) -> tuple[Any, Any]:
    """Upper and lower 64 bits of the product of two unsigned 64-bit words.

    In compiled code, on scalars, one multiplication with a result of 128 bits.
    """
    return high_word(a, b), a * b


@type_callable(product)
def _type_product(_context: Any) -> Callable[[Any, Any], Any]:
    pair = types.UniTuple(types.uint64, 2)  # type: ignore[no-untyped-call]
    return lambda a, b: pair if a == b == types.uint64 else None


@lower_builtin(product, types.uint64, types.uint64)  # type: ignore[no-untyped-call, untyped-decorator]
def _lower_product(context: Any, builder: Any, signature: Any, words: Any) -> Any:
    wide, word = ir.IntType(128), ir.IntType(64)
    whole = builder.mul(*(builder.zext(each, wide) for each in words))
    high = builder.trunc(builder.lshr(whole, ir.Constant(wide, 64)), word)
    return context.make_tuple(builder, signature.return_type, (high, builder.trunc(whole, word)))


def wraps_around(function: F) -> F:
    """Unsigned arithmetic is modulo 2**64 on purpose; without the compiler, NumPy would warn of it."""
    return function if JIT_ENABLED else np.errstate(over="ignore")(function)


@wraps_around
@compiled
def philox(c0: Any, c1: Any, c2: Any, c3: Any, k0: Any, k1: Any) -> tuple[Any, Any, Any, Any]:
    """Four random 64-bit words at counter ``(c0, c1, c2, c3)`` under key ``(k0, k1)``.

    Works on unsigned 64-bit scalars and, without the compiler, elementwise on arrays.
    """
    for _ in range(ROUNDS):
        high_0, low_0 = product(_MULTIPLIER_0, c0)
        high_1, low_1 = product(_MULTIPLIER_1, c2)
        c0, c1, c2, c3 = high_1 ^ c1 ^ k0, low_1, high_0 ^ c3 ^ k1, low_0
        k0 = k0 + _WEYL_0
        k1 = k1 + _WEYL_1
    return c0, c1, c2, c3


@compiled
def _fill(c0: Words, c1: Words, c2: Words, c3: Words, k0: np.uint64, k1: np.uint64, out: Words) -> None:
    for n in range(out.shape[0]):
        out[n, 0], out[n, 1], out[n, 2], out[n, 3] = philox(c0[n], c1[n], c2[n], c3[n], k0, k1)


def words(counter: tuple[Words, Words, Words, Words], key: tuple[int, int]) -> Words:
    """Random words at many counters.

    Parameters
    ----------
    counter : tuple of four arrays of uint64
        The four counter words; they are broadcast against each other.
    key : tuple of two int
        The two key words, each below 2**64.

    Returns
    -------
    array of uint64, shape (..., 4)
        Four words per counter.
    """
    grids = np.broadcast_arrays(*counter)
    shape = grids[0].shape
    flat = [np.ascontiguousarray(grid.reshape(-1), dtype=np.uint64) for grid in grids]
    k0, k1 = np.uint64(key[0]), np.uint64(key[1])
    if JIT_ENABLED:
        out = np.empty((flat[0].size, WORDS), dtype=np.uint64)
        _fill(flat[0], flat[1], flat[2], flat[3], k0, k1, out)
    else:
        out = np.stack(philox(flat[0], flat[1], flat[2], flat[3], k0, k1), axis=-1)
    return out.reshape(*shape, WORDS)
