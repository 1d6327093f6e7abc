"""Handles: a named tuple passed by its address, with the attributes that it has."""

from __future__ import annotations

import sys
from typing import Any, NamedTuple

import numpy as np
import pytest

from ana_sim.compiled import JIT_ENABLED, compiled, compiled_with_arrays
from ana_sim.handle import handle

ROW = np.dtype((np.record, np.dtype([("count", np.int64), ("amount", float)], align=True)))


class Inner(NamedTuple):
    """A tuple within a tuple."""

    years: int
    rows: Any


class Outer(NamedTuple):
    """All that is handed on: numbers, arrays, records, another tuple."""

    rate: float
    grid: Any
    row: Any
    inner: Inner


class Alike(NamedTuple):
    """Arrays of one type only."""

    one: Any
    other: Any


def outer():
    rows = np.zeros(3, ROW)
    rows["count"], rows["amount"] = [1, 2, 3], [0.5, 0.25, 0.125]
    return Outer(0.75, np.arange(6.0).reshape(2, 3), rows[1], Inner(7, rows))


@compiled
def last_of(parts):
    return parts.grid[1, 2]


@compiled
def fill(parts):
    for n in range(parts.grid.shape[1]):
        parts.grid[0, n] = parts.rate * n
    parts.inner.rows[0].amount = 8.0
    parts.row.count += 40


@compiled
def read_by_handle(parts):
    held = handle(parts)
    shape = held.grid.shape
    return held.rate, shape[0], shape[1], last_of(held), held.row.count, held.inner.years, held.inner.rows[2].amount


@compiled
def write_by_handle(parts):
    fill(handle(parts))


@compiled
def two_at_once(one, other):
    first, second = handle(one), handle(other)
    return last_of(first) - 2.0 * last_of(second)


@compiled
def sum_of_alike(parts):
    held = handle(parts)
    return held.one[2] + held.other[3]


@compiled_with_arrays
def first_of_alike(parts):
    return handle(parts).one


@compiled
def unknown_attribute(parts):
    return handle(parts).tea


@compiled
def handle_on_a_number(number):
    return handle(number)


def test_outside_of_compiled_code_it_is_the_tuple_itself():
    parts = outer()
    assert handle(parts) is parts


def test_attributes_are_read_as_from_the_tuple():
    parts = outer()
    assert read_by_handle(parts) == (0.75, 2, 3, 5.0, 2, 7, 0.125)
    assert read_by_handle(parts)[3] == last_of(parts)


def test_what_is_written_is_written_to_the_tuples_own_arrays():
    parts = outer()
    write_by_handle(parts)
    assert parts.grid.tolist() == [[0.0, 0.75, 1.5], [3.0, 4.0, 5.0]]
    assert parts.inner.rows["amount"].tolist() == [8.0, 0.25, 0.125]
    assert parts.inner.rows["count"].tolist() == [1, 42, 3]


def test_a_tuple_all_of_one_type():
    assert sum_of_alike(Alike(np.arange(3.0), np.arange(4.0))) == 2.0 + 3.0


def test_an_array_read_by_a_handle_may_outlive_it():
    grid = np.arange(6.0)
    before = sys.getrefcount(grid)
    for _ in range(100):
        kept = first_of_alike(Alike(grid, grid))
    assert kept.tolist() == grid.tolist()
    del kept
    assert sys.getrefcount(grid) == before
    assert grid.tolist() == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0]


def test_handles_do_not_get_mixed_up():
    one, other = outer(), outer()
    other.grid[1, 2] = 100.0
    assert two_at_once(one, other) == 5.0 - 200.0
    assert two_at_once(other, one) == 100.0 - 10.0


@pytest.mark.skipif(not JIT_ENABLED, reason="without the compiler a handle is whatever it is made of")
@pytest.mark.parametrize(("function", "argument"), [(unknown_attribute, outer()), (handle_on_a_number, 1.0)])
def test_only_the_attributes_of_named_tuples(function, argument):
    from numba.core.errors import TypingError

    with pytest.raises(TypingError):
        function(argument)
