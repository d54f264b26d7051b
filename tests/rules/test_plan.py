"""Who stands where: what is measured for all rules at once is what each would measure alone."""

from itertools import pairwise
from math import sqrt

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from edge.geometry import inside, side_of
from edge.picture import Still
from edge.rules.plan import Plan
from edge.rules.subjects import Subjects
from edge.rules.view import View
from edge.types import Frame
from tests import reference
from tests.make import tracks

GRID = 8  # lines of a grid that floats hold exactly, each way
WIDE = 2  # times as wide as high
POINT = st.tuples(st.integers(0, GRID), st.integers(0, GRID))
FOOT = st.tuples(st.integers(0, GRID - 1), st.integers(0, GRID - 1))
FEET = st.lists(FOOT, max_size=6)
POLYGON = st.lists(POINT, min_size=3, max_size=7, unique=True)
LINE = st.lists(POINT, min_size=2, max_size=5).filter(
    lambda line: all(one != other for one, other in pairwise(line))
)
ELBOW = [(2, 2), (6, 2), (6, 6)]


def unit(corners):
    return [(x / GRID, y / GRID) for x, y in corners]


def wide(corners):
    """As the picture shows it: whole numbers still."""
    return [(WIDE * x, y) for x, y in corners]


def heights(square):
    """From the square of a distance on the wide grid to parts of the picture's height."""
    return sqrt(square) / GRID


def standing(feet, *, height=4):
    """A view of somebody on each of these points of the grid."""
    image = np.zeros((4 * GRID, 4 * WIDE * GRID, 3), np.uint8)
    where = {index + 1: (4 * WIDE * x, 4 * y) for index, (x, y) in enumerate(feet)}
    seen = tracks(where, height=height, width=4)
    return View(seen, Frame("gate", 0, 0.0, 0.0, Still(image)))


def on_edge(corners, point):
    edges = zip(corners, corners[1:] + corners[:1], strict=True)
    return any(reference.on_segment(point, a, b) for a, b in edges)


@settings(deadline=None, max_examples=300)
@given(st.lists(POLYGON, min_size=1, max_size=4), FEET)
def test_areas_hold_whom_they_would_hold_alone(polygons, feet):
    plan, view = Plan(), standing(feet)
    areas = [plan.area(unit(one)) for one in polygons]
    for area, corners in zip(areas, polygons, strict=True):
        exact = view.feet.astype(np.float64)
        assert area.holds(view) == inside(exact, np.array(unit(corners))).tolist()


@settings(deadline=None, max_examples=300)
@given(st.lists(POLYGON, min_size=1, max_size=4), FOOT)
def test_areas_hold_whom_the_textbook_says(polygons, foot):
    assume(not any(on_edge(corners, foot) for corners in polygons))
    plan, view = Plan(), standing([foot])
    areas = [plan.area(unit(one)) for one in polygons]
    held = [area.holds(view) for area in areas]
    assert held == [[reference.holds(corners, foot)] for corners in polygons]


@settings(deadline=None, max_examples=300)
@given(st.lists(st.tuples(POINT, POINT).filter(lambda line: line[0] != line[1]), min_size=1), FEET)
def test_straight_lines_have_the_sides_that_they_have_alone(lines, feet):
    plan, view = Plan(), standing(feet)
    drawn = [plan.line(unit(line)) for line in lines]
    for one, (start, end) in zip(drawn, lines, strict=True):
        alone = side_of(view.feet, *np.array(unit((start, end)), np.float32))
        told = one.sides(view)
        assert told == alone.tolist() == [reference.turn(start, end, foot) for foot in feet]
        off = [reference.off_line(foot, *wide((start, end))) for foot in wide(feet)]
        assert one.aways(view) == pytest.approx([heights(square) for square in off])


@settings(deadline=None, max_examples=500)
@given(st.lists(LINE, min_size=1, max_size=4), FEET)
@example([ELBOW], [(7, 1), (7, 2), (6, 1), (7, 0), (5, 3), (2, 2), (6, 2)])
def test_a_line_of_many_parts_has_the_side_of_the_nearest(lines, feet):
    plan, view = Plan(), standing(feet)
    drawn = [plan.line(unit(line)) for line in lines]
    for one, line in zip(drawn, lines, strict=True):
        told = one.sides(view), one.aways(view)
        for foot, side, away in zip(wide(feet), *told, strict=True):
            exact = reference.places_by(wide(line), foot)
            assert side in {turn for turn, _ in exact}
            assert away == pytest.approx(heights(exact.pop()[1]))


@pytest.mark.parametrize(
    ("foot", "side"),
    [
        ((7, 0), -1),  # beyond the corner, seen from outside
        ((7, 1), -1),
        ((7, 2), -1),  # straight on from the first part: the second one tells
        ((6, 1), -1),  # straight back from the second part: the first one tells
        ((5, 3), 1),  # within
        ((4, 2), 0),  # on it
        ((6, 4), 0),
    ],
)
def test_the_outside_of_a_corner_is_one_side(foot, side):
    """Right, then down: the right hand is within, the left hand is without."""
    assert Plan().line(unit(ELBOW)).sides(standing([foot])) == [side]


@settings(deadline=None, max_examples=200)
@given(LINE, FOOT, FOOT)
def test_a_step_meets_a_line_where_it_meets_one_of_its_parts(line, before, now):
    met = Plan().line(unit(line)).met(*unit((before, now)))
    assert met == any(reference.segments_meet(before, now, *part) for part in pairwise(line))


@settings(deadline=None, max_examples=200)
@given(POLYGON, FEET)
def test_depth_is_the_distance_from_the_border(corners, feet):
    area, view = Plan().area(unit(corners)), standing(feet)
    closed = wide([*corners, corners[0]])
    for row, foot in enumerate(wide(feet)):
        near = min(reference.off_segment(foot, *edge) for edge in pairwise(closed))
        assert area.depth(view, row) == pytest.approx(heights(near))


@pytest.mark.parametrize("cut", [0.0, 0.2, 0.5, 0.77, 1.0])
def test_the_share_of_a_box_is_known_to_a_sixteenth(cut):
    view = standing([(4, 4)], height=16)  # from 0 to half of the picture's height
    down = cut / 2
    area = Plan().area([(0, 0), (1, 0), (1, down), (0, down + 1e-9)])
    assert area.shares(view) == pytest.approx([cut], abs=1 / 16)


def test_the_share_of_a_box_in_a_slanting_area_is_half():
    view = standing([(4, 4)], height=16)
    assert Plan().area([(0.48, 0), (0.52, 0.5), (0, 1)]).shares(view) == pytest.approx(
        [0.5], abs=0.1
    )


def test_nobody_is_nowhere():
    plan, view = Plan(), standing([])
    area, line, bent = plan.area(unit(ELBOW)), plan.line(unit(ELBOW[:2])), plan.line(unit(ELBOW))
    assert (area.holds(view), area.shares(view)) == ([], [])
    for one in (line, bent):
        assert (one.sides(view), one.aways(view).tolist()) == ([], [])


def test_one_look_is_for_all_rules_of_a_plan():
    plan, view = Plan(), standing([(3, 3)])
    area, line = plan.area(unit(ELBOW)), plan.line(unit(ELBOW))
    assert plan.survey(view) is plan.survey(view)
    assert area.holds(view) is plan.survey(view).held[0]
    assert line.sides(view) is plan.survey(view).side[0]


def test_two_plans_do_not_mix():
    square, elsewhere = [(2, 2), (5, 2), (5, 5), (2, 5)], [(6, 6), (8, 6), (8, 8), (6, 8)]
    view, areas = standing([(3, 3)]), [Plan().area(unit(one)) for one in (square, elsewhere)]
    assert [area.holds(view) for area in areas] == [[True], [False]]


def test_what_is_added_later_is_measured_too():
    plan = Plan()
    first = plan.area(unit([(2, 2), (5, 2), (5, 5), (2, 5)]))
    assert first.holds(standing([(3, 3)])) == [True]
    second = plan.area(unit([(6, 6), (8, 6), (8, 8), (6, 8)]))
    view = standing([(3, 3), (7, 7)])
    assert (first.holds(view), second.holds(view)) == ([True, False], [False, True])


def test_rules_that_ask_the_same_share_the_answer():
    plan = Plan()
    one, other = plan.shared(Subjects()), plan.shared(Subjects())
    assert one is other is not plan.shared(Subjects(min_height=0.5))
