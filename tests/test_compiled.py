"""The compiled code that is kept: no older than its sources."""

import shutil
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest
from numba import float64

from ana_sim import compiled
from ana_sim.linked import Linked
from ana_sim.rules.powers import standing


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A copy of the sources, which the cache takes for its own."""
    copy = tmp_path / "ana_sim"
    shutil.copytree(Path(compiled.__file__).parent, copy, ignore=shutil.ignore_patterns("data", "__pycache__"))
    monkeypatch.setattr(compiled, "__file__", str(copy / "compiled.py"))
    return copy


@pytest.mark.parametrize(
    ("source", "matters"),
    [
        ("rules/deal.py", True),
        ("kernel/year.py", True),
        ("kernel/layout.py", True),  # constants
        ("handle.py", True),  # how handles are compiled
        ("cli.py", False),
        ("story.py", False),
    ],
)
def test_code_is_compiled_anew_when_what_it_is_made_from_changes(package, source, matters):
    before = compiled.cache_directory.__wrapped__()
    assert before == compiled.cache_directory.__wrapped__()
    with (package / source).open("a", encoding="utf-8") as file:
        file.write("# changed\n")
    assert (compiled.cache_directory.__wrapped__() != before) == matters


@pytest.mark.skipif(not compiled.JIT_ENABLED, reason="nothing is compiled")
def test_what_compiled_code_calls_is_linked_in_and_only_what_python_calls_is_made_into_machine_code():
    options = {"nopython": True, "nogil": True, "error_model": "numpy"}

    def square(x):
        return x * x

    def sum_of_squares(x, y):
        return square(x) + square(x=y)

    square = Linked(square, targetoptions=options)
    total = Linked(sum_of_squares, targetoptions=options)
    assert total(3.0, 4.0) == 25.0
    assert not square.overloads
    assert total(3, 4) == 25  # other types, another part
    assert square(5.0) == 25.0
    assert list(square.overloads) == [(float64,)]


@pytest.mark.skipif(not compiled.JIT_ENABLED, reason="nothing is compiled")
def test_a_compiled_function_can_be_sent_to_another_process():
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        assert pool.submit(standing, 3.0, 2.0, 0.5).result() == standing(3.0, 2.0, 0.5)
