"""Golden traces: years told in numbers, which change only when somebody means them to."""

import difflib

import numpy as np
import pytest
from golden import regenerate
from golden.regenerate import WORLDS

from ana_sim.kernel import engine
from ana_sim.tally import COMPONENTS


@pytest.mark.parametrize("name", WORLDS)
def test_the_trace_is_as_it_was(name):
    kept, now = regenerate.file_of(name).read_text(encoding="utf-8"), regenerate.trace(WORLDS[name])
    difference = difflib.unified_diff(kept.splitlines(), now.splitlines(), "as kept", "as it is now", lineterm="")
    assert kept == now, "\n".join([*difference, "If that is meant: python tests/golden/regenerate.py"])


@pytest.mark.parametrize("name", WORLDS)
def test_the_compiled_engine_has_the_same_totals(name):
    world, text = WORLDS[name], regenerate.file_of(name).read_text(encoding="utf-8")
    ready = engine.engine_of(world.made())
    alone, states = engine.Replicates(ready, ready.luck(world.seed, 0)), ready.scenario.state_names
    counters = ready.counters(1, len(states))
    whose, rows = np.zeros(1, np.int64), np.arange(len(states))[None]
    engine.run(ready, alone, engine.Room(ready), whose, alone.playing, rows, counters)
    sums = {state: counters[0, states.index(state), : len(COMPONENTS)] for state in world.states()}
    assert text.endswith("\n".join(["", *regenerate.totals(sums)]) + "\n")


def test_the_traces_tell_of_everything():
    text = "".join(regenerate.file_of(name).read_text(encoding="utf-8") for name in WORLDS)
    for word in ("asked", "refused", "offered", "excluded", "pressed", "complied", "resisted", "forced", "switched"):
        assert f"\n  {word} " in text
    for word in ("expired", "turnover", "insult", "undelivered", "(substitute)", "(given up)", "(for "):
        assert word in text
