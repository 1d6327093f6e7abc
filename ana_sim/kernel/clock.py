"""A clock for the phases of a year: what each costs, in cycles of the processor's counter, where one asks for it."""

from __future__ import annotations

import time
from typing import Any

from llvmlite import ir
from numba.core import types
from numba.extending import lower_builtin, type_callable

from ana_sim.compiled import compiled_inline
from ana_sim.kernel.layout import Ints

PHASES = ("luck", "plan", "nature", "seek", "object", "settle", "account", "coordinate", "learn", "count")
"""The phases that are clocked; between two of them runs the time of the second."""


def cycles() -> int:
    """The processor's counter; nanoseconds where the compiler is switched off."""
    return time.perf_counter_ns()


@type_callable(cycles)
def _type_of_cycles(context: Any) -> Any:
    return lambda: types.int64


@lower_builtin(cycles)
def _read_cycles(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    word = ir.IntType(64)
    return builder.call(builder.module.declare_intrinsic("llvm.readcyclecounter", (), ir.FunctionType(word, [])), [])


@compiled_inline
def tick(clock: Ints, phase: int) -> None:
    """Add the time since the last tick to a phase, if time is kept.

    Parameters
    ----------
    clock : array of int, shape (len(PHASES) + 1,) or (0,)
        Time by phase, and when the last tick was (0 before the first); empty if no time is kept.
    """
    if clock.size > 0:
        now = cycles()
        if clock[len(PHASES)] > 0:
            clock[phase] += now - clock[len(PHASES)]
        clock[len(PHASES)] = now
