"""How likely a track and a detection are one."""

import numpy as np
import pytest

from edge.track.vectors.likeness import likeness
from edge.track.vectors.motion import begun, centred, predict


def like(a, b, *, sure=True, same=True, waited=0.0):
    track = predict(begun(centred(np.array([a], np.float32)), np.array([0.8])), np.array([waited]))
    box = centred(np.array([b], np.float32))
    return float(likeness(track, box, np.array([sure]), np.array([same]))[0])


def test_the_same_box_is_all_alike():
    assert like((10, 10, 20, 40), (10, 10, 20, 40)) == pytest.approx(1)


def test_boxes_that_just_miss_each_other_are_a_little_alike():
    assert 0 < like((10, 10, 20, 40), (22, 10, 32, 40)) < 0.3


def test_far_apart_is_nothing_alike():
    assert like((10, 10, 20, 40), (90, 10, 100, 40)) == 0
    assert like((10, 10, 20, 40), (10, 41, 20, 71)) == 0  # heights that do not meet


def test_the_longer_unseen_the_farther_off_may_it_be():
    near, far = (10, 10, 20, 40), (30, 10, 40, 40)
    assert like(near, far, waited=0.1) < like(near, far, waited=0.3) < like(near, far, waited=0.5)


def test_boxes_of_unlike_height_are_less_alike_most_where_they_are_sure():
    lower, narrower = (10, 25, 20, 40), (10, 10, 15, 40)
    box = (10, 10, 20, 40)
    assert like(box, lower) < like(box, narrower)
    assert like(box, lower) < like(box, lower, sure=False)


def test_another_class_is_less_alike():
    box = (10, 10, 20, 40)
    assert 0.5 < like(box, box, same=False) < like(box, box)
