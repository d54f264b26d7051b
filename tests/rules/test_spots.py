"""Spots are what hangs together; they tell a thing from a shadow, a gap and a line."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.rules.background import edges_of
from edge.rules.spots import JOIN, NONE, Spot, spots, within
from tests.rules.make_yard import BARE, YARD, put

MANY = 100
PATCH = (40, 30)  # width, height
FOOT = (240, 200)


def changed(*boxes, size=(90, 120)):
    found = np.zeros(size, np.uint8)
    for box in boxes:
        within(found, box)[:] = 255
    return found


def edges(image):
    return edges_of(np.clip(image, 0, 255).astype(np.uint8)).astype(np.float32)


def measured(now, before):
    """What the part that differs measures, around the place where something is put."""
    one, other = edges(now), edges(before)
    differs = (np.abs(one - other).max(axis=0) > 28).astype(np.uint8) * 255
    (spot, *_) = spots(differs, MANY)
    return spot.measure(one, other)


def test_nothing_is_no_spot():
    assert spots(changed(), MANY) == []


def test_a_spot_is_tight_around_what_differs():
    (spot,) = spots(changed((10, 20, 31, 45)), MANY)
    assert spot.box == (10, 20, 31, 45)
    assert spot.mask.all()


def test_parts_that_are_near_are_one_and_those_that_are_not_are_two():
    near, far = 10 + JOIN - 2, 10 + 3 * JOIN
    assert len(spots(changed((4, 4, 10, 10), (near, 4, near + 6, 10)), MANY)) == 1
    assert len(spots(changed((4, 4, 10, 10), (far, 4, far + 6, 10)), MANY)) == 2


def test_the_largest_come_first_and_no_more_than_asked():
    found = spots(changed((4, 4, 10, 10), (40, 4, 70, 40), (4, 60, 20, 80)), 2)
    assert [spot.box for spot in found] == [(40, 4, 70, 40), (4, 60, 20, 80)]


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 119), st.integers(0, 89)), max_size=12))
def test_every_pixel_is_in_one_spot(places):
    marks = changed(*[(x, y, x + 1, y + 1) for x, y in places])
    covered = np.zeros(marks.shape, int)
    for spot in spots(marks, MANY):
        within(covered, spot.box)[...] += spot.mask
    assert (covered == (marks > 0)).all()


@pytest.mark.parametrize(
    ("other", "shares"),
    [((10, 10, 30, 30), True), ((12, 12, 16, 16), True), ((21, 10, 41, 30), False)],
)
def test_two_boxes_share_a_place_where_the_smaller_is_mostly_in_the_other(other, shares):
    spot = Spot((10, 10, 30, 30), np.ones((20, 20), bool))
    assert spot.shares(other) is shares


@pytest.mark.parametrize("ground", [YARD, BARE], ids=["rough", "bare"])
def test_what_came_has_more_outline_than_what_went_away(ground):
    here = put(ground, FOOT, PATCH)
    assert measured(here, ground).newness > 1.25
    assert measured(ground, here).newness < 1


def test_what_came_is_not_like_the_ground():
    assert measured(put(YARD, FOOT, PATCH), YARD).likeness < 0.4


@pytest.mark.parametrize("light", [0.6, 0.8, 1.4])
def test_the_same_ground_in_another_light_is_like_itself(light):
    lit = YARD.copy()
    lit[160:200, 220:260] *= light
    assert measured(lit, YARD).likeness > 0.65


def test_bare_ground_is_like_nothing():
    assert measured(put(BARE, FOOT, PATCH), BARE).likeness == 0


def test_how_slim_it_is_does_not_depend_on_how_it_lies():
    along, across = np.zeros((60, 60), bool), np.eye(60, dtype=bool)
    along[30:32] = True
    same = np.full((2, 60, 60), NONE, np.float32)
    slim = [Spot((0, 0, 60, 60), mask).measure(same, same).slimness for mask in (along, across)]
    assert max(slim) < 0.06
    assert Spot((0, 0, 60, 60), ~across).measure(same, same).slimness == pytest.approx(1)


def test_a_clear_difference_is_of_strong_edges():
    strong = measured(put(BARE, FOOT, PATCH, level=10), BARE).clear
    weak = measured(put(BARE, FOOT, PATCH, level=85), BARE).clear
    assert strong > 60 > weak > 28
