"""Where what moves is never anything."""

import numpy as np
import pytest

from edge.detect.barren import LOOK_S, LULL_S, Barren

HERE = np.array([[0.1, 0.1, 0.3, 0.4]], np.float32)
THERE = np.array([[0.6, 0.5, 0.8, 0.9]], np.float32)
NOBODY = np.zeros((0, 4), np.float32)


def in_vain(one, boxes, *, start=0.0, seconds=2.0, found=False):
    """Looked at every LOOK_S seconds; returns when the last look was."""
    for pts in np.arange(start, start + seconds, LOOK_S).tolist():
        one.looked(boxes, np.full(len(boxes), found), pts)
    return pts


def test_at_first_everything_is_worth_a_look():
    assert Barren(0.6, 1.0).worth(np.vstack((HERE, THERE)), 0.0).all()


@pytest.mark.parametrize(("looks", "worth"), [(2, True), (3, False)])
def test_a_place_is_barren_after_so_many_looks(looks, worth):
    one = Barren(3 * LOOK_S, np.inf)
    last = in_vain(one, HERE, start=5.0, seconds=(looks - 0.5) * LOOK_S)
    assert one.worth(HERE, last + 0.1).tolist() == [worth]


@pytest.mark.parametrize(("dear", "worth"), [(0.0, True), (50.0, False)])
def test_looks_that_cover_much_count_more(dear, worth):
    one = Barren(5 * LOOK_S, np.inf, dear=dear)
    last = in_vain(one, HERE, start=5.0, seconds=1.5 * LOOK_S)
    assert one.worth(HERE, last + 0.1).tolist() == [worth]


def test_a_barren_place_is_looked_at_now_and_then():
    one = Barren(0.6, 1.0)
    last = in_vain(one, HERE, start=5.0)
    one.looked(THERE, np.zeros(1, bool), last + 0.4)  # which is another matter
    assert [bool(one.worth(HERE, last + after)[0]) for after in (0.5, 0.9, 1.0, 1.5)] == [
        False,
        False,
        True,
        True,
    ]


def test_another_place_is_another_matter():
    one = Barren(0.6, np.inf)
    last = in_vain(one, HERE)
    assert one.worth(np.vstack((HERE, THERE)), last).tolist() == [False, True]


@pytest.mark.parametrize(("after", "worth"), [(LULL_S - 1, False), (LULL_S + 1, True)])
def test_a_lull_makes_all_of_it_forgotten(after, worth):
    one = Barren(0.6, np.inf)
    last = in_vain(one, HERE)
    assert one.worth(HERE, last + after).tolist() == [worth]
    one.looked(HERE, np.zeros(1, bool), last + after)
    assert one.worth(HERE, last + after).tolist() == [worth]


def test_what_is_found_there_makes_all_of_it_forgotten():
    one = Barren(0.6, np.inf)
    last = in_vain(one, HERE)
    one.looked(HERE, np.ones(1, bool), last)
    assert one.worth(HERE, last).all()


def test_nothing_moves():
    one = Barren(0.6, 1.0)
    one.looked(NOBODY, np.zeros(0, bool), 1.0)
    assert one.worth(NOBODY, 1.0).shape == (0,)


def test_boxes_beyond_the_picture_lie_at_its_edge():
    one = Barren(0.6, np.inf)
    outside = np.array([[-0.1, 0.2, 0.0, 0.4], [1.0, 0.9, 1.2, 1.1]], np.float32)
    last = in_vain(one, outside)
    assert not one.worth(outside, last).any()
