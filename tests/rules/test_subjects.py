"""Which objects a rule looks at: class, size, score, width in metres, speed beyond doubt."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.rules.subjects import Subjects
from edge.rules.view import View
from edge.types import Fact, Motion
from tests.make import frame, tracks

# Ten metres across the picture; the horizon is half way up, where nothing is on the ground.
GROUND = np.array([[10.0, 0, -5], [0, 0, 10], [0, 2, -1]])
FLAT = np.diag((20.0, 10.0, 1.0))  # ten pixels of the 200 x 100 are a metre
SOMEBODY = {1: (100, 80)}


def view(feet=SOMEBODY, *, ground=None, motion=None, scores=None, **look):
    seen = tracks(feet, **look)
    seen = seen if scores is None else replace(seen, score=np.array(scores, np.float32))
    return View(seen, frame(), ground=ground, motion=lambda _track: motion)


def moving(speed, sd=0.0, *, on_ground=False):
    return Motion(speed, sd, 0.0, 1.0, on_ground=on_ground)


def test_people_of_any_size_and_score_are_looked_at():
    seen = view({1: (10, 50), 2: (20, 50)}, scores=[0.01, 1.0])
    assert Subjects().among(seen) == (0, 1)
    assert Subjects().among(view(class_id=2)) == ()


def test_classes_are_the_wanted_ones():
    assert Subjects(classes=frozenset({2, 7})).among(view(class_id=7)) == (0,)
    assert Subjects(classes=frozenset({2, 7})).among(view(class_id=0)) == ()


@pytest.mark.parametrize(("height", "fits"), [(24, False), (25, True), (50, True), (51, False)])
def test_heights_are_parts_of_the_picture_and_both_limits_belong(height, fits):
    wanted = Subjects(min_height=0.25, max_height=0.5)
    assert wanted.among(view(height=height)) == (0,) * fits


def test_a_box_that_the_edge_cuts_off_whole_has_a_height():
    assert view(height=0).heights[0] > 0


def test_scores_below_the_least_are_passed_over():
    seen = view({1: (10, 50), 2: (20, 50), 3: (30, 50)}, scores=[0.49, 0.5, 0.51])
    assert Subjects(min_score=0.5).among(seen) == (1, 2)


@pytest.mark.parametrize(("width", "fits"), [(9, False), (11, True), (29, True), (31, False)])
def test_widths_are_metres_on_the_ground(width, fits):
    wanted = Subjects(min_width_m=1.0, max_width_m=3.0)
    assert wanted.among(view(ground=FLAT, width=width)) == (0,) * fits


def test_the_same_box_is_wider_farther_away():
    """20 pixels are a metre at the picture's lower edge, and five times as far off five metres."""
    seen = view({1: (100, 60), 2: (100, 100)}, ground=GROUND, width=20)
    assert seen.widths_m == pytest.approx([5.0, 1.0])
    assert Subjects(max_width_m=2.0).among(seen) == (1,)


def test_what_is_beyond_the_horizon_has_no_width_and_is_passed_over():
    seen = view({1: (100, 40)}, ground=GROUND, width=20)
    assert math.isnan(seen.widths_m[0])
    assert Subjects(max_width_m=1000).among(seen) == ()


def test_without_a_ground_widths_are_not_asked():
    assert Subjects(min_width_m=1.0, max_width_m=2.0).among(view(width=180)) == (0,)


def test_without_a_limit_who_never_moved_counts():
    assert Subjects().moves(view(motion=None), 1)


@pytest.mark.parametrize(
    ("limits", "speed", "sd", "counts"),
    [
        ({"min_speed": 1.0}, 1.3, 0.1, True),
        ({"min_speed": 1.0}, 1.3, 0.2, False),  # it may be as slow as 0.9
        ({"min_speed": 1.0}, 0.9, 0.0, False),
        ({"max_speed": 1.0}, 0.7, 0.1, True),
        ({"max_speed": 1.0}, 0.9, 0.1, False),  # it may be as fast as 1.1
        ({"max_speed": 1.0}, 0.1, 0.2, True),  # it may stand
        ({"min_speed": 1.0, "max_speed": 2.0}, 1.5, 0.2, True),
        ({"min_speed": 1.0, "max_speed": 2.0}, 1.5, 0.3, False),
    ],
)
def test_a_speed_counts_where_it_is_sure_by_two_deviations(limits, speed, sd, counts):
    assert Subjects(**limits).moves(view(motion=moving(speed, sd)), 1) is counts


@pytest.mark.parametrize("limits", [{"min_speed": 0.1}, {"max_speed": 100.0}])
def test_a_speed_that_is_not_known_is_not_sure(limits):
    assert not Subjects(**limits).moves(view(motion=None), 1)


@pytest.mark.parametrize(("ground", "on_ground"), [(FLAT, False), (None, True)])
def test_a_speed_in_another_unit_than_the_limit_is_not_known(ground, on_ground):
    """On a calibrated camera the limit is in metres; at the horizon the speed is not."""
    seen = view(ground=ground, motion=moving(5.0, on_ground=on_ground))
    assert not Subjects(min_speed=1.0).moves(seen, 1)
    assert Subjects(min_speed=1.0).speed(seen, 1) == ()


def test_a_speed_that_was_asked_is_told_with_its_limits_and_unit():
    on_ground = view(ground=FLAT, motion=moving(1.23456, on_ground=True))
    assert Subjects(min_speed=1.0).speed(on_ground, 1) == (Fact("speed", 1.235, "m/s", 1.0),)
    in_picture = view(motion=moving(0.5))
    wanted = Subjects(max_speed=2.0)
    assert wanted.speed(in_picture, 1) == (Fact("speed", 0.5, "heights/s", None, 2.0),)
    assert Subjects().speed(in_picture, 1) == ()


def test_the_answer_is_found_once_a_frame():
    wanted, seen = Subjects(min_score=0.5), view(scores=[0.6])
    assert wanted.among(seen) is wanted.among(seen) == (0,)
    assert wanted.among(view(scores=[0.4])) == ()


def test_what_is_as_tall_as_the_picture_may_be_measured_taller():
    assert Subjects().among(view(height=101)) == (0,)
    assert Subjects(min_height=0.1).among(view(height=101)) == (0,)
    assert Subjects(max_height=0.99).among(view(height=101)) == ()


def test_classes_are_known_by_row_in_every_frame():
    one, other = (view({1: (10, 50)}, class_id=kind) for kind in (0, 2))
    for _ in range(2):
        assert Subjects().among(one) == (0,)
        assert Subjects().among(other) == ()
        assert Subjects(classes=frozenset()).among(one) == ()


def test_two_that_ask_differently_do_not_mix():
    seen = view({1: (10, 50), 2: (20, 50)}, scores=[0.3, 0.9])
    assert (Subjects(min_score=0.5).among(seen), Subjects().among(seen)) == ((1,), (0, 1))


SIZES = st.lists(st.tuples(st.integers(1, 100), st.sampled_from([0, 2, 7])), max_size=8)


@given(SIZES, st.integers(0, 100), st.integers(0, 100), st.sets(st.sampled_from([0, 2, 7])))
def test_they_are_those_that_pass_each_filter_alone(objects, low, high, classes):
    seen = tracks(dict.fromkeys(range(1, len(objects) + 1), (100, 100)))
    boxes = np.array([[0, 100 - tall, 10, 100] for tall, _ in objects], np.float32).reshape(-1, 4)
    kinds = np.array([kind for _, kind in objects], np.int64)
    now = View(replace(seen, xyxy=boxes, class_id=kinds), frame())
    wanted = Subjects(frozenset(classes), min_height=low / 100 - 1e-3, max_height=high / 100 + 1e-3)
    fit = [kind in classes and low <= tall <= high for tall, kind in objects]
    assert wanted.among(now) == tuple(row for row, fits in enumerate(fit) if fits)
