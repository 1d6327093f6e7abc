"""The procedure of the defaults, on made-up points; and that the record of what holds and fails is current."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ana_sim.compiled import JIT_ENABLED

EXPERIMENTS = Path(__file__).parent.parent / "experiments"


@pytest.fixture(scope="module")
def scripts():
    sys.path.insert(0, str(EXPERIMENTS))
    import calibrate
    import trace_document

    yield calibrate, trace_document
    sys.path.remove(str(EXPERIMENTS))


@pytest.fixture
def points(scripts):
    """400 points, of which those are accepted that post little and fear much; nothing else decides."""
    calibrate, _ = scripts
    table = pd.DataFrame(calibrate.latin_hypercube(400, 1))
    accepted = (table["world.posted_share"] < 0.45) & (table["world.abandonment"] > 1.1)
    return table.assign(**dict.fromkeys([*calibrate.FILTERS, calibrate.RECORD], 1.0), accepted=accepted)


def test_points_lie_in_the_ranges(scripts):
    calibrate, _ = scripts
    points = pd.DataFrame(calibrate.latin_hypercube(50, 1))
    assert set(points) == set(calibrate.ranges()) == set(calibrate.TRIAL)
    for path, (low, high) in calibrate.ranges().items():
        assert points[path].between(low, high).all()
        assert low <= calibrate.TRIAL[path] <= high, path
        assert len(np.unique(np.floor((points[path] - low) / (high - low) * 50))) == 50  # one in each stratum


def test_defaults_move_only_where_the_patterns_speak(scripts, points):
    calibrate, _ = scripts
    found, inside, p = calibrate.earned(points), points[points["accepted"]], calibrate.told(points)
    for path in ("world.posted_share", "world.abandonment"):
        assert p[path] < 0.001
        assert found[path] == float(f"{inside[path].median():.2g}")
    still = [path for path in calibrate.ranges() if p[path] >= 0.05]
    assert len(still) == len(p) - 2
    assert {path: found[path] for path in still} == {path: calibrate.TRIAL[path] for path in still}


def test_a_point_passes_if_no_filter_stops_it(scripts, points):
    calibrate, _ = scripts
    name = calibrate.FILTERS[0]
    points.loc[3, name], points.loc[4, calibrate.RECORD] = -0.01, -0.2
    assert (~calibrate.passes(points).all(axis=1)).to_numpy().nonzero()[0].tolist() == [3, 4]
    text = calibrate.report(points, calibrate.earned(points), {name: 0.5})
    assert f"| `{name}` | 100% |" in text
    assert f"- `{name}`: +0.50" in text


@pytest.mark.skipif(not JIT_ENABLED, reason="takes minutes without the compiler")
def test_margins_are_those_of_the_worst_part(scripts):
    calibrate, _ = scripts
    found = calibrate.margins({"world.posted_share": 0.4}, 2)
    assert set(found) == {*calibrate.FILTERS, calibrate.RECORD}


def test_blocks_are_replaced_between_their_marks(scripts):
    _, document = scripts
    text = "a\n<!-- x: begin -->\nold\n<!-- x: end -->\nb"
    assert document.with_blocks(text, {"x": "new"}) == "a\n<!-- x: begin -->\nnew\n<!-- x: end -->\nb"
    with pytest.raises(ValueError, match="no place for y"):
        document.with_blocks(text, {"y": "new"})


@pytest.mark.slow
def test_what_the_document_says_of_the_card_and_the_record_is_what_the_code_gives(scripts):
    _, document = scripts
    assert document.written() == document.DOCUMENT.read_text(encoding="utf-8")
