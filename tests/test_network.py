"""Who hears of whom."""

import numpy as np
import pytest

from ana_sim.errors import ScenarioError
from ana_sim.network import Network

NAMES = ["A", "B", "C", "D", "E"]


def test_complete_network_leaves_out_who_does_not_take_part():
    network = Network(NAMES, [0, 1, 2, 4], "complete", [None] * 5)
    assert [network.degree(i) for i in range(5)] == [3, 3, 3, 0, 3]
    assert network.peer(3, 0.5) == -1
    assert {network.peer(1, luck) for luck in np.linspace(0.01, 0.99, 30)} == {0, 2, 4}


def test_ring_and_regions():
    ring = Network(NAMES, [0, 1, 2, 4], "ring", [None] * 5)
    assert {ring.peer(4, luck) for luck in (0.1, 0.9)} == {0, 2}
    regions = Network(NAMES, list(range(5)), "regions", ["x", "x", "y", "x", None])
    assert [regions.degree(i) for i in range(5)] == [2, 2, 0, 2, 0]


@pytest.mark.parametrize("kind", ["complete", "ring", "regions"])
def test_mean_over_neighbours_is_the_mean_over_neighbours(kind):
    network = Network(NAMES, [0, 1, 2, 4], kind, ["x", "x", "y", "x", "x"])
    marks = np.array([True, False, True, True, False])
    for i, mean in enumerate(network.neighbours_mean(marks)):
        peers = {network.peer(i, luck) for luck in np.linspace(0.001, 0.999, 200)} - {-1}
        assert mean == pytest.approx(np.mean([marks[j] for j in peers]) if peers else 0.0)


def test_edge_list(tmp_path):
    path = tmp_path / "edges.csv"
    path.write_text("from,to\nA,B\nB,C\n")
    network = Network(NAMES, list(range(5)), str(path), [None] * 5)
    assert [network.degree(i) for i in range(5)] == [1, 2, 1, 0, 0]
    path.write_text("A,Z\n")
    with pytest.raises(ScenarioError, match="no state 'Z'"):
        Network(NAMES, list(range(5)), str(path), [None] * 5)
    path.write_text("A\n")
    with pytest.raises(ScenarioError, match="not a pair"):
        Network(NAMES, list(range(5)), str(path), [None] * 5)
