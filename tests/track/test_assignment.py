"""Who goes with whom: the best whole, and no bad pair."""

from itertools import permutations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.track.assignment import assign, likeness

SCORES = st.integers(1, 4).flatmap(
    lambda wide: st.lists(
        st.lists(st.floats(0, 1, width=32), min_size=wide, max_size=wide), min_size=1, max_size=4
    )
)


def boxes(*values):
    return np.array(values, np.float32)


def like(a, b, *, classes=(0, 0)):
    return float(likeness(boxes(a), boxes(b), np.array(classes[:1]), np.array(classes[1:]))[0, 0])


def best_total(score, least):
    """Try every way to pair the shorter side."""
    table = np.where(score >= least, score, 0)
    table = table if len(table) <= table.shape[1] else table.T
    rows = range(len(table))
    return max(
        sum(table[row, column] for row, column in zip(rows, columns, strict=True))
        for columns in permutations(range(table.shape[1]), len(table))
    )


@settings(deadline=None)
@given(SCORES, st.sampled_from([0.1, 0.5, 0.9]))
def test_the_pairs_are_the_best_whole_and_none_is_bad(values, least):
    score = np.array(values, np.float32)
    rows, columns = assign(score, least)
    assert len(set(rows.tolist())) == len(set(columns.tolist())) == len(rows)
    assert (score[rows, columns] >= least).all()
    assert np.isclose(score[rows, columns].sum(), best_total(score, least), atol=1e-5)


def test_a_bad_pair_never_costs_a_good_one():
    score = np.array([[0.5, 0.45], [0.45, 0.05]], np.float32)
    assert [pair.tolist() for pair in assign(score, 0.46)] == [[0], [0]]


def test_nobody_goes_with_nobody():
    for shape in ((0, 3), (3, 0), (0, 0)):
        assert [pair.tolist() for pair in assign(np.zeros(shape, np.float32), 0.1)] == [[], []]


def test_the_same_box_is_all_alike():
    assert like((10, 10, 20, 40), (10, 10, 20, 40)) == 1


def test_boxes_that_just_miss_each_other_are_a_little_alike():
    assert 0 < like((10, 10, 20, 40), (22, 10, 32, 40)) < 0.3


def test_far_apart_is_nothing_alike():
    assert like((10, 10, 20, 40), (50, 10, 60, 40)) == 0


def test_boxes_of_unlike_height_are_less_alike():
    lower = like((10, 10, 20, 40), (10, 25, 20, 40))
    narrower = like((10, 10, 20, 40), (10, 10, 15, 40))
    assert lower < narrower


def test_another_class_is_less_alike():
    box = (10, 10, 20, 40)
    assert 0.5 < like(box, box, classes=(0, 1)) < like(box, box, classes=(1, 1))
