"""Boxes, lines and polygons, against slow and obvious references."""

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from edge.geometry import (
    area,
    crosses_itself,
    foot_points,
    inside,
    iou,
    segments_meet,
    side_of,
    to_ground,
    unit_foot_points,
    within,
)
from tests import reference

COORDINATE = st.integers(0, 6)  # small, so that points often share lines
POINT = st.tuples(COORDINATE, COORDINATE)
POLYGON = st.lists(POINT, min_size=3, max_size=8, unique=True)
BOX = st.tuples(COORDINATE, COORDINATE, st.integers(1, 6), st.integers(1, 6)).map(
    lambda b: (b[0], b[1], b[0] + b[2], b[1] + b[3])
)


def points(*values):
    return np.array(values, np.float32)


def cells(box):
    """The unit squares that a box of integers covers."""
    return {(x, y) for x in range(box[0], box[2]) for y in range(box[1], box[3])}


def test_an_object_stands_on_the_bottom_centre_of_its_box():
    assert foot_points(points((10, 20, 30, 60))).tolist() == [[20, 60]]


def test_foot_points_of_a_picture_are_0_to_1():
    size = (200, 100)
    feet = unit_foot_points(points((10, 20, 30, 60), (-30, 0, -10, 50)), size)
    assert np.allclose(feet, [[0.1, 0.6], [0, 0.5]])


def test_who_is_cut_off_by_the_lower_edge_stands_in_a_zone_that_reaches_it():
    size = (200, 100)
    cut_off = points((90, 50, 110, 100), (190, 50, 230, 104))
    assert inside(unit_foot_points(cut_off, size), points((0, 0), (1, 0), (1, 1), (0, 1))).all()


def test_the_area_of_a_box_is_never_negative():
    assert area(points((0, 0, 4, 5), (4, 5, 0, 9), (3, 3, 3, 9))).tolist() == [20, 0, 0]


@settings(deadline=None)
@given(BOX, BOX)
def test_iou_counts_shared_cells(a, b):
    shared, all_cells = cells(a) & cells(b), cells(a) | cells(b)
    assert np.isclose(iou(points(a), points(b))[0, 0], len(shared) / len(all_cells))


def test_a_box_is_half_within_another_from_half_of_its_area_on():
    some = np.array([[0, 0, 10, 10], [0, 0, 8, 8], [50, 50, 60, 60]], np.float32)
    others = np.array([[5, 0, 30, 30], [200, 200, 300, 300]], np.float32)
    assert within(some, others).tolist() == [True, False, False]
    assert within(some, others[:0]).tolist() == [False] * 3


def test_iou_without_any_area_is_nothing():
    empty = points((5, 5, 5, 5))
    assert iou(empty, empty).tolist() == [[0.0]]
    assert iou(np.zeros((0, 4), np.float32), empty).shape == (0, 1)


def test_the_right_hand_of_a_line_in_a_picture():
    start, end = points((0, 10), (10, 10))  # walking to the right of the picture
    assert side_of(points((5, 15), (5, 5), (5, 10)), start, end).tolist() == [1, -1, 0]


@settings(deadline=None)
@given(POINT, POINT, POINT)
def test_sides_are_those_of_the_textbook(a, b, c):
    assert side_of(points(c), points(*[a])[0], points(*[b])[0]) == reference.turn(a, b, c)


@settings(deadline=None, max_examples=400)
@given(POINT, POINT, POINT, POINT)
@example((0, 0), (1, 0), (2, 0), (3, 0))  # on one line, apart
@example((4, 0), (4, 0), (0, 0), (3, 0))  # a point on the line, off the segment
def test_segments_meet_as_the_textbook_says(p, q, a, b):
    meet = bool(segments_meet(points(p), points(q), *points(a, b))[0])
    assert meet == reference.segments_meet(p, q, a, b)


@settings(deadline=None, max_examples=400)
@given(POLYGON, POINT)
def test_inside_is_an_odd_winding(corners, point):
    edges = zip(corners, corners[1:] + corners[:1], strict=True)
    assume(not any(reference.on_segment(point, a, b) for a, b in edges))
    assert bool(inside(points(point), points(*corners))[0]) == reference.holds(corners, point)


@settings(deadline=None, max_examples=200)
@given(POLYGON)
def test_a_polygon_crosses_itself_where_two_edges_meet(corners):
    assert crosses_itself(corners) == reference.crosses_itself(corners)


@pytest.mark.parametrize(
    ("corners", "crosses"),
    [
        ([(0, 0), (1, 1), (1, 0), (0, 1)], True),
        ([(0, 0), (1, 0), (1, 1), (0, 1)], False),
        ([(0, 0), (1, 0), (0.5, 1)], False),
        ([(0, 0), (3, 0), (3, 3), (2, 3), (2, 1), (1, 1), (1, 3), (0, 3)], False),  # a U
    ],
)
def test_polygons_that_people_draw(corners, crosses):
    assert crosses_itself(corners) is crosses


# The horizon is one picture height above the top edge, at y = -1.
SLANTED = np.array([[10.0, 0, -5], [0, 0, 20], [0, 1, 1]])


def test_a_point_of_the_picture_is_on_the_ground_in_metres():
    found = to_ground(points((0.5, 1), (1, 1), (0, 0)), SLANTED)
    assert found.tolist() == [[0, 10], [2.5, 10], [-5, 20]]


def test_what_is_at_the_horizon_or_beyond_is_not_on_the_ground():
    found = to_ground(points((0.5, -0.9995), (0.5, -1), (0.5, -2), (0.5, 0)), SLANTED)
    assert np.isnan(found).all(axis=1).tolist() == [True, True, True, False]


def test_no_points_are_nowhere_on_the_ground():
    assert to_ground(points().reshape(0, 2), SLANTED).shape == (0, 2)
