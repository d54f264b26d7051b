"""Boxes, lines and polygons, against slow and obvious references."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.geometry import crosses_itself, foot_points, inside, iou, segments_meet, side_of

COORDINATE = st.integers(0, 20)
POINT = st.tuples(COORDINATE, COORDINATE)


def points(*values):
    return np.array(values, np.float32)


def test_an_object_stands_on_the_bottom_centre_of_its_box():
    assert foot_points(points((10, 20, 30, 60))).tolist() == [[20, 60]]


def test_iou_of_equal_apart_and_half():
    a = points((0, 0, 10, 10))
    b = points((0, 0, 10, 10), (20, 20, 30, 30), (0, 0, 10, 5), (5, 5, 5, 5))
    assert iou(a, b).tolist() == [[1.0, 0.0, 0.5, 0.0]]


def test_the_right_hand_of_a_line_in_a_picture():
    start, end = points((0, 10), (10, 10))  # walking to the right of the picture
    assert side_of(points((5, 15), (5, 5), (5, 10)), start, end).tolist() == [1, -1, 0]


@settings(deadline=None)
@given(POINT, POINT, POINT, POINT)
def test_segments_meet_as_the_textbook_says(p, q, a, b):
    meet = bool(segments_meet(points(p), points(q), points(*a), points(*b))[0])
    assert meet == exact_meet(p, q, a, b)


def exact_meet(p, q, a, b):
    """The orientation test with its special cases, in integers (CLRS 33.1)."""

    def turn(o, u, v):
        return np.sign((u[0] - o[0]) * (v[1] - o[1]) - (u[1] - o[1]) * (v[0] - o[0]))

    def between(o, u, v):
        return min(o[0], u[0]) <= v[0] <= max(o[0], u[0]) and min(o[1], u[1]) <= v[1] <= max(
            o[1], u[1]
        )

    t = turn(p, q, a), turn(p, q, b), turn(a, b, p), turn(a, b, q)
    if t[0] != t[1] and t[2] != t[3]:
        return True
    corners = ((p, q, a, t[0]), (p, q, b, t[1]), (a, b, p, t[2]), (a, b, q, t[3]))
    return any(turned == 0 and between(o, u, v) for o, u, v, turned in corners)


@settings(deadline=None)
@given(st.lists(POINT, min_size=3, max_size=3, unique=True), POINT)
def test_a_point_strictly_inside_a_triangle_is_inside(corners, point):
    a, b, c = corners
    turns = [
        (u[0] - o[0]) * (point[1] - o[1]) - (u[1] - o[1]) * (point[0] - o[0])
        for o, u in ((a, b), (b, c), (c, a))
    ]
    if all(turn > 0 for turn in turns) or all(turn < 0 for turn in turns):
        assert inside(points(point), points(*corners))[0]
    elif min(turns) < 0 < max(turns):
        assert not inside(points(point), points(*corners))[0]


def test_polygons_that_cross_themselves():
    assert crosses_itself([(0, 0), (1, 1), (1, 0), (0, 1)])
    assert not crosses_itself([(0, 0), (1, 0), (1, 1), (0, 1)])
    assert not crosses_itself([(0, 0), (1, 0), (0.5, 1)])
