"""Who stood where is remembered for as long as it matters, and without ids."""

import math
from dataclasses import replace

import numpy as np
import pytest

from edge.rules.bystanders import PEOPLE_S, STOOD_S, VEHICLES_S, Bystanders
from edge.rules.view import View
from edge.types import CLASSES, Past
from tests.make import HEIGHT, WIDTH, box_at, frame, tracks

SIZE = (WIDTH, HEIGHT)
HERE, NEXT = (100, 50), (108, 36, 112, 40)  # a foot point, and a box 3 pixels beside its box


def seen(*feet, pts=0.0, class_id=0, height=HEIGHT):
    """Bystanders after a look at which these were there."""
    them = Bystanders(height)
    them.see(View(tracks(dict(enumerate(feet, 1)), class_id=class_id), frame(pts=pts)))
    them.look(pts)
    return them


def later(them, pts):
    them.see(View(tracks(), frame(pts=pts)))
    them.look(pts)
    return them


def test_where_somebody_stands_it_is_not_free():
    free = seen(HERE).free(SIZE)
    x1, y1, x2, y2 = box_at(*HERE)
    assert not free[y1 - 4 : y2 + 5, int(x1) - 4 : int(x2) + 5].any()
    assert (free > 0).mean() > 0.95


def test_nobody_leaves_all_of_it_free():
    assert (seen().free(SIZE) == 255).all()


def test_boxes_are_in_pixels_of_the_small_picture():
    free = seen(HERE, height=HEIGHT * 2).free((WIDTH * 2, HEIGHT * 2))
    assert not free[HERE[1] * 2 - 2, HERE[0] * 2]
    assert free[HERE[1] - 2, HERE[0]]


def test_who_stood_there_a_moment_ago_may_be_there_still():
    assert not later(seen(HERE), STOOD_S).free(SIZE).all()
    assert later(seen(HERE), STOOD_S + 0.1).free(SIZE).all()


def test_between_looks_he_is_seen_too():
    them = seen(HERE)
    for step in range(1, 11):
        them.see(View(tracks({1: (100 + 5 * step, 50)}), frame(pts=step / 10)))
    them.look(1.0)
    assert not them.free(SIZE)[45, 100:150].any()


@pytest.mark.parametrize(
    ("box", "away"), [(NEXT, 3), ((100, 40, 104, 44), 0), ((108, 54, 120, 60), 5)]
)
def test_the_nearest_is_as_far_as_the_borders_are(box, away):
    assert seen(HERE, (20, 90)).nearest(box) == pytest.approx(away)


def test_without_people_nobody_is_near():
    assert seen().nearest(NEXT) == math.inf
    assert seen(HERE, class_id=CLASSES["car"]).nearest(NEXT) == math.inf


def test_who_was_near_may_have_brought_it():
    assert seen(HERE).bringer(NEXT, 3.0) == pytest.approx((3.0, 20.0))
    assert seen(HERE).bringer(NEXT, 2.9) is None


def test_he_is_remembered_for_ten_seconds():
    assert later(seen(HERE), PEOPLE_S).bringer(NEXT, 5.0)
    assert later(seen(HERE), PEOPLE_S + 1).bringer(NEXT, 5.0) is None


def test_where_a_vehicle_stood_nobody_brought_anything_for_a_minute():
    them = seen((110, 42), class_id=CLASSES["truck"])
    for pts, brought in ((VEHICLES_S, False), (VEHICLES_S + 1, True)):
        them.see(View(tracks({2: HERE}), frame(pts=pts)))
        them.look(pts)
        assert (them.bringer(NEXT, 5.0) is not None) is brought


def test_who_has_an_id_only_now_was_there_before():
    """He stood here until a moment ago, when he was not confirmed yet."""
    past = Past(np.array([0.0]), np.array([box_at(*HERE)], np.float32))
    now = replace(tracks({1: (160, 90)}), past={1: past})
    them = Bystanders(HEIGHT)
    them.see(View(now, frame(pts=0.1)))
    them.look(0.1)
    assert them.bringer(NEXT, 5.0)


def test_nothing_is_kept_for_longer_than_it_matters():
    them = Bystanders(HEIGHT)
    for step in range(2000):
        them.see(View(tracks({1: HERE}, class_id=2 * (step % 2)), frame(pts=step / 10)))
        if step % 10 == 0:
            them.look(step / 10)
    assert len(them._stood) <= 5 * (PEOPLE_S + 1) + 2
    assert len(them._vehicles) <= VEHICLES_S + 1
