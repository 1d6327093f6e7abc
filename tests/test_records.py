"""Records: fields by name, as numba sees them too, and sent to another process."""

import copy
import pickle

import numpy as np
import pytest

from ana_sim.compiled import compiled
from ana_sim.records import record

TIE = record({"size": float, "held": np.bool_, "issue": np.int64})


@compiled
def twice(tie):
    tie.size = 2.0 * tie.size
    return tie.size + tie.issue


def test_a_field_is_read_and_set_by_name_where_it_stands():
    ties = np.zeros(3, TIE)
    ties[1].size, ties[1].held, ties[1].issue = 1.5, True, 4
    assert ties["size"].tolist() == [0.0, 1.5, 0.0]
    assert ties["issue"].tolist() == [0, 4, 0]
    assert (ties[1].size, ties[1].held, ties[1].issue) == (1.5, True, 4)
    assert twice(ties[1]) == 7.0
    assert ties["size"].tolist() == [0.0, 3.0, 0.0]
    with pytest.raises(AttributeError):
        ties[0].szie = 1.0


def test_records_are_copied_and_sent_with_their_names():
    ties = np.array([(0.5, True, 2)], TIE)
    for sent in (pickle.loads(pickle.dumps(ties)), copy.deepcopy(ties)):
        assert sent.dtype == TIE
        assert (sent[0].size, sent[0].held, sent[0].issue) == (0.5, True, 2)
        sent[0].size = 1.0
    assert ties[0].size == 0.5
