"""What of each rule can be drawn."""

import pytest

from edge.shapes import Shape, shapes_of
from tests.test_variants import ONE_OF_EACH, rule

LINE, POLYGON = ((0.0, 0.0), (1.0, 1.0)), ((0.5, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 1.0))


def of(kind, **more):
    (settings,) = (one for one in ONE_OF_EACH if one["type"] == kind)
    return [*shapes_of(rule(**settings | more))]


def test_a_line_has_the_direction_that_is_told_of():
    assert of("tailgating", direction="outward") == [Shape(LINE, "outward")]


def test_an_area_has_none():
    assert of("zone") == [Shape(POLYGON)]


def test_a_course_goes_along_its_points():
    assert of("wrong_way") == [Shape(LINE, "inward", course=True), Shape(POLYGON)]


def test_the_steps_of_a_sequence_come_in_their_order():
    assert of("sequence") == [Shape(POLYGON), Shape(LINE, "both")]


@pytest.mark.parametrize("kind", ["manual", "input", "exclusion"])
def test_a_rule_about_no_place_has_nothing_to_draw(kind):
    assert of(kind) == []
