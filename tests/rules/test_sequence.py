"""A sequence reports who takes all the steps in their order, and nobody else."""

import itertools
import pickle
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.picture import Still
from edge.rules.sequence import Sequence
from edge.rules.steps import Step
from edge.rules.view import View
from edge.types import Direction, Fact, Frame, Motion, Past, State
from tests.make import frame, tracks
from tests.rules.make_rules import built, lead, raised, told


def line(x, direction="inward"):
    """Across the picture at x pixels of 200; to the right is inward."""
    return Step(line=((x / 200, 1.0), (x / 200, 0.0)), direction=direction)


def area(left, right):
    """From x to x, pixels of 200."""
    one, other = left / 200, right / 200
    return Step(polygon=((one, 0.0), (other, 0.0), (other, 1.0), (one, 1.0)))


FENCE, DOOR, YARD, HOUSE = line(60), line(120), area(60, 120), area(120, 200)
OUTER, INNER = area(40, 200), area(120, 160)
STREET, LAWN, HALL = 30, 90, 140  # where somebody may be


def guard(*steps, **options):
    return built(Sequence, **({"steps": steps, "within_s": 2.0} | options))


def walk(rule, xs, *, first=0, y=50, ended=()):
    """One track's foot points, ten a second; None where it is not seen."""
    steps = [{} if x is None else {1: (x, y)} for x in xs]
    return lead(rule, steps, first=first, ended=ended)


def test_one_line_and_then_the_other_is_reported_until_the_track_ends():
    events = walk(guard(FENCE, DOOR), [STREET, *[LAWN] * 5, HALL, None], ended=[1])
    assert told(events) == [(State.RAISED, "completed"), (State.CLEARED, "track_ended")]
    assert events[0].pts == pytest.approx(0.6)
    assert events[0].facts == (Fact("duration", 0.5, "s", most=2.0), Fact("steps", 2, least=2))
    assert events[0].margin == 0.75


@pytest.mark.parametrize("steps", [(FENCE, HOUSE), (YARD, DOOR), (YARD, HOUSE), (FENCE, YARD)])
def test_lines_and_polygons_may_be_mixed(steps):
    assert len(walk(guard(*steps), [STREET, LAWN, HALL])) == 1


def looked_at_always(rule, xs):
    rule._stirred = lambda _view: rule._steps
    return walk(rule, xs)


@pytest.mark.parametrize("settle_s", [0.0, 0.3])
def test_after_an_alert_the_way_begins_anew_though_nothing_changes_in_between(settle_s):
    """Over the line within a polygon, a rest there, and back over it and out in one step."""
    steps = area(0, 200), HOUSE, line(140, "both")
    xs = [STREET, STREET, *[130] * 4, *[145] * 6, *[STREET] * 6]
    rules = [guard(*steps, settle_s=settle_s, within_s=60.0) for _ in range(2)]
    events = walk(rules[0], xs)
    assert [event.reason for event in events] == ["completed", "returned", "completed"]
    assert events == looked_at_always(rules[1], xs)


def test_after_an_alert_in_where_two_polygons_meet_he_may_come_back_to_the_last():
    steps, xs = (area(0, 200), area(100, 160), area(140, 180)), [20] * 5 + [120] * 5 + [150] * 10
    xs = [*xs, *[190] * 40, *[170] * 10]
    rules = [guard(*steps, settle_s=0.3, within_s=60.0) for _ in range(2)]
    events = walk(rules[0], xs)
    assert [event.reason for event in events] == ["completed", "left", "completed"]
    assert events == looked_at_always(rules[1], xs)


def test_the_other_order_is_not_reported():
    for steps in [(DOOR, FENCE), (HOUSE, YARD), (DOOR, YARD), (HOUSE, line(60, "both"))]:
        assert walk(guard(*steps), [STREET, LAWN, HALL, HALL]) == []


def test_one_step_is_not_enough():
    assert walk(guard(FENCE, DOOR), [STREET, LAWN, LAWN]) == []
    assert walk(guard(FENCE, DOOR), [LAWN, HALL, HALL]) == []


def test_the_other_direction_is_no_step():
    assert walk(guard(line(60, "outward"), DOOR), [STREET, LAWN, HALL]) == []
    assert walk(guard(FENCE, line(120, "outward")), [STREET, LAWN, HALL]) == []
    assert len(walk(guard(line(60, "both"), line(120, "both")), [STREET, LAWN, HALL])) == 1


def test_the_last_must_be_soon_after_the_first():
    assert len(walk(guard(FENCE, DOOR), [STREET, *[LAWN] * 20, HALL])) == 1
    assert walk(guard(FENCE, DOOR), [STREET, *[LAWN] * 21, HALL]) == []


def test_who_takes_the_first_step_again_has_time_from_then_on():
    assert len(walk(guard(FENCE, DOOR), [STREET, *[LAWN] * 21, STREET, LAWN, HALL])) == 1


def test_the_first_step_again_does_not_undo_the_second():
    rule = guard(area(0, 40), area(60, 100), area(120, 160))
    assert len(walk(rule, [20, 80, 20, 140])) == 1


def test_time_in_the_first_polygon_is_no_time_lost():
    """Whoever lurks in the outer zone for long, and then goes in, is what layers are for."""
    assert len(walk(guard(YARD, HOUSE), [*[LAWN] * 60, HALL])) == 1
    assert len(walk(guard(OUTER, INNER), [STREET, *[LAWN] * 60, HALL])) == 1


def test_three_steps_are_taken_in_their_order_whatever_is_between():
    rule = guard(FENCE, DOOR, line(160))
    assert len(walk(rule, [STREET, LAWN, HALL, LAWN, HALL, 180])) == 1
    assert walk(guard(FENCE, line(160), DOOR), [STREET, LAWN, HALL, 180]) == []


def test_who_is_first_seen_in_the_inner_of_two_polygons_has_not_come_into_it():
    assert walk(guard(OUTER, INNER), [*[HALL] * 9, LAWN, LAWN]) == []
    assert len(walk(guard(OUTER, INNER), [*[HALL] * 9, LAWN, LAWN, HALL])) == 1


def test_who_was_in_the_later_polygon_before_has_not_come_into_it():
    """From the right: into the later one, and in it on into the first, where they overlap."""
    assert walk(guard(area(80, 120), area(100, 160)), [180, 150, *[110] * 9, 90]) == []


def test_no_time_passes_between_two_polygons_one_in_the_other():
    (event,) = walk(guard(OUTER, INNER), [STREET, LAWN, *[122] * 5])
    assert event.facts[0] == Fact("duration", 0.0, "s", most=2.0)


def test_a_polygon_may_reach_over_the_line_before_it():
    assert len(walk(guard(FENCE, area(40, 100)), [20, *[50] * 9, LAWN])) == 1


def test_both_in_one_stride_are_taken_as_listed():
    assert len(walk(guard(FENCE, DOOR), [STREET, HALL])) == 1
    assert walk(guard(DOOR, FENCE, within_s=9), [HALL, STREET]) == []


def test_two_who_take_a_step_each_are_not_one():
    rule = guard(FENCE, DOOR)
    assert lead(rule, [{1: (STREET, 50), 2: (LAWN, 70)}, {1: (LAWN, 50), 2: (HALL, 70)}]) == []


def test_a_flicker_into_a_polygon_is_no_step():
    """By less than a quarter of the box's height, here five pixels."""
    assert walk(guard(YARD, HOUSE), [*[118, 122] * 9]) == []
    assert walk(guard(area(0, 40), YARD), [20, *[58, 58, 62] * 5]) == []
    assert len(walk(guard(area(0, 40), YARD), [20, 58, *[62] * 4])) == 1


def test_a_flicker_over_a_line_is_no_step():
    assert walk(guard(FENCE, DOOR), [STREET, LAWN, *[118, 121] * 9]) == []


def test_standing_on_the_line_is_no_step():
    assert walk(guard(FENCE, line(100)), [STREET, LAWN, *[100] * 12]) == []


def test_unseen_on_the_way_it_still_counts():
    assert len(walk(guard(FENCE, DOOR), [STREET, None, LAWN, *[None] * 9, HALL])) == 1


def test_who_goes_back_over_the_last_line_has_returned():
    events = walk(guard(FENCE, DOOR), [STREET, LAWN, HALL, LAWN])
    assert told(events) == [(State.RAISED, "completed"), (State.CLEARED, "returned")]
    assert events[0].key == events[1].key


def test_who_is_out_of_the_last_polygon_for_long_has_left():
    rule = guard(FENCE, YARD)
    events = walk(rule, [STREET, LAWN, *[HALL] * 19, LAWN, *[HALL] * 22])
    assert told(events) == [(State.RAISED, "completed"), (State.CLEARED, "left")]
    assert events[1].pts == pytest.approx(4.2)


def test_nobody_leaves_unseen():
    assert len(walk(guard(FENCE, YARD), [STREET, LAWN, HALL, *[None] * 40])) == 1


def test_the_next_alert_needs_all_the_steps_again():
    rule = guard(FENCE, DOOR, within_s=60)
    events = walk(rule, [STREET, LAWN, *[HALL, LAWN] * 4])
    assert len(raised(events)) == 1
    events = walk(rule, [STREET, LAWN, HALL], first=20)
    assert told(events) == [(State.RAISED, "completed")]


def test_while_it_is_told_of_there_is_no_second_alert():
    assert len(walk(guard(OUTER, INNER), [STREET, LAWN, HALL, LAWN, HALL, LAWN, HALL])) == 1


def test_a_new_id_on_the_way_has_taken_nothing():
    rule = guard(FENCE, DOOR)
    walk(rule, [STREET, LAWN])
    assert lead(rule, [{2: (LAWN, 50)}, {2: (HALL, 50)}], ended=[1], first=2) == []


@pytest.mark.parametrize("steps", [(FENCE, DOOR), (YARD, HOUSE), (FENCE, HOUSE)])
def test_steps_go_with_him_to_another_id(steps):
    """He goes on as 2; who is 1 now has taken none of them."""
    rule = guard(*steps)
    walk(rule, [STREET, LAWN])
    now = replace(tracks({1: (HALL, 80), 2: (HALL, 50)}), split={1: 2})
    (event,) = rule.update(View(now, frame(2)))
    assert event.sighting.track == 2
    assert lead(rule, [{1: (180, 80), 2: (HALL, 50)}], first=3) == []


def test_an_alert_goes_with_him_to_another_id():
    rule = guard(FENCE, YARD)
    (event,) = walk(rule, [STREET, LAWN])
    now = replace(tracks({2: (LAWN, 50)}), split={1: 2})
    assert list(rule.update(View(now, frame(2)))) == []
    (cleared,) = lead(rule, [{2: (HALL, 50)}] * 23, first=3)
    assert (cleared.key, cleared.reason) == (event.key, "left")


def test_steps_before_he_had_his_id_count():
    for steps in [(FENCE, DOOR), (YARD, HOUSE), (FENCE, HOUSE)]:
        rule = guard(*steps)
        feet = dict(enumerate((x, 50) for x in (58, 62, 90, 90, 90, 90, 90, 118)))
        past = Past(np.arange(8) / 10, tracks(feet).xyxy)
        now = replace(tracks({1: (HALL, 50)}), past={1: past})
        assert len([*rule.update(View(now, frame(8)))]) == 1


def test_a_gap_of_the_pictures_is_time_that_passed():
    rule = guard(FENCE, DOOR)
    walk(rule, [STREET, LAWN])
    assert walk(rule, [HALL], first=600) == []


def test_a_change_of_resolution_is_no_step():
    rule = guard(FENCE, DOOR)
    walk(rule, [STREET, LAWN])
    double = Frame("gate", 2, 0.2, 0.2, Still(np.zeros((200, 400, 3), np.uint8)))
    for x, count in ((2 * LAWN, 0), (2 * HALL, 1)):
        place = tracks({1: (x, 100)}, width=20, height=40)
        assert len([*rule.update(View(place, double))]) == count


def test_a_dense_group_that_passes_by_takes_no_step():
    train = [{n: (n % 5 * 10, (8 * n + 4 * i) % 100) for n in range(1, 13)} for i in range(40)]
    assert lead(guard(FENCE, DOOR), train) == []
    assert lead(guard(YARD, HOUSE), train) == []


def test_other_classes_are_passed_over():
    places = [{1: (x, 50)} for x in (STREET, LAWN, HALL)]
    assert lead(guard(FENCE, DOOR), places, class_id=2) == []


@pytest.mark.parametrize(("speed", "count"), [(0.5, 0), (1.5, 1)])
def test_only_who_is_as_fast_as_asked_is_reported(speed, count):
    motion = Motion(speed, 0.1, 90.0, 5.0, on_ground=False)
    rule, events = guard(FENCE, DOOR, min_speed=1.0), []
    for index, x in enumerate((STREET, LAWN, HALL)):
        view = View(tracks({1: (x, 50)}), frame(index), motion=lambda _: motion)
        events += rule.update(view)
    assert len(events) == count


def test_when_closed_it_forgets_the_steps():
    rule = guard(FENCE, DOOR)
    walk(rule, [STREET, LAWN])
    assert list(rule.close(frame(2), "disarmed")) == []
    assert walk(rule, [LAWN, HALL], first=3) == []


def test_who_passes_by_all_day_is_not_remembered():
    rule = guard(FENCE, YARD, DOOR)

    def pass_by(track):
        lead(rule, [{track: (STREET, 50)}, {track: (LAWN, 50)}, {}], ended=[track])

    pass_by(300)
    before = len(pickle.dumps(rule))
    for track in range(301, 1301):
        pass_by(track)
    assert len(pickle.dumps(rule)) < before + 20


def test_a_step_that_is_nothing_is_refused():
    with pytest.raises(ValueError, match="a line or a polygon"):
        guard(FENCE, Step())


# Feet stand between multiples of 40 pixels, lines and borders are at these.
FEET = st.lists(st.sampled_from([*range(20, 200, 40), None]), max_size=14)
EDGE = st.sampled_from(range(0, 201, 40))
LINES = st.builds(line, EDGE, st.sampled_from(["inward", "outward", "both"]))
AREAS = st.tuples(EDGE, EDGE).filter(lambda x: x[0] < x[1]).map(lambda x: area(*x))
STEPS = st.lists(LINES | AREAS, min_size=2, max_size=3)


def moments(step, before, xs):
    """When a step is taken: where a line is crossed, while, or as, one is in a polygon."""
    seen = [(index, x) for index, x in enumerate(xs) if x is not None]
    strides = [(index, was, x) for (_, was), (index, x) in itertools.pairwise(seen)]
    if step.line:
        at = step.line[0][0] * 200
        ways = {Direction.INWARD: [], Direction.OUTWARD: []}
        for index, was, x in strides:
            if (was < at) != (x < at):
                ways[Direction.INWARD if x > at else Direction.OUTWARD].append(index)
        wanted = ways if step.direction == "both" else {Direction(step.direction)}
        return [index for way in wanted for index in ways[way]]
    left, right = step.polygon[0][0] * 200, step.polygon[1][0] * 200
    if before and before.polygon:
        return [index for index, was, x in strides if left < x < right and not left < was < right]
    return [index for index, x in seen if left < x < right]


def completed(steps, xs, within):
    """The obvious way: try every choice of a moment for each step."""
    chances = [
        moments(step, before, xs) for before, step in zip((None, *steps), steps, strict=False)
    ]
    chosen = [
        times
        for times in itertools.product(*chances)
        if list(times) == sorted(times) and times[-1] - times[0] <= within
    ]
    return min((times[-1] for times in chosen), default=None)


@settings(max_examples=1000, deadline=None)
@given(STEPS, FEET, st.integers(1, 9))
def test_the_first_alert_is_that_of_the_obvious_way(steps, xs, within):
    events = raised(walk(guard(*steps, settle_s=0, within_s=within / 10), xs))
    expected = completed(tuple(steps), xs, within)
    assert [round(event.pts * 10) for event in events[:1]] == (
        [] if expected is None else [expected]
    )
