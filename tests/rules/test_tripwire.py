"""A tripwire reports each crossing once, with its direction, and nothing else."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from edge.picture import Still
from edge.rules.tripwire import Tripwire
from edge.rules.view import View
from edge.types import Direction, Fact, Frame, Motion, Past, State
from tests import reference
from tests.make import WIDTH, frame, tracks
from tests.rules.make_rules import built, lead, raised, told

LINE = ((0.5, 0.1), (0.5, 0.9))  # downwards: the left hand is the right of the picture
THERE, BACK = list(range(150, 40, -10)), list(range(50, 160, 10))


def wire(**options):
    return built(Tripwire, **({"line": LINE, "settle_s": 0.2} | options))


def walk(rule, xs, *, y=50, ended=()):
    """One track's foot points, ten a second; None where it is not seen."""
    return lead(rule, [{} if x is None else {1: (x, y)} for x in xs], ended=ended)


def test_a_walk_across_is_one_alert_that_ends_with_its_track():
    events = walk(wire(), [*THERE, None], ended=[1])
    assert told(events) == [(State.RAISED, "crossed"), (State.CLEARED, "track_ended")]
    assert events[0].direction is events[1].direction is Direction.INWARD
    assert events[0].key == events[1].key


def test_it_is_reported_when_it_has_stayed_over_for_settle_s():
    (event,) = walk(wire(settle_s=0.3), [110, 99, 98, 97, 96, 95])
    assert event.pts == pytest.approx(0.4)
    assert event.sighting.foot == (0.48, 0.5)


def test_without_a_wait_it_is_reported_at_once():
    (event,) = walk(wire(settle_s=0), [110, 99])
    assert event.pts == 0.1


def test_at_a_low_rate_the_second_sighting_beyond_confirms():
    rule = wire(settle_s=0.3)
    events = [
        event
        for index, x in enumerate([120, 110, 90, 80])
        for event in rule.update(View(tracks({1: (x, 50)}, height=90), frame(index, fps=2)))
    ]
    assert [event.pts for event in events] == [1.5]


def test_who_is_clearly_over_has_crossed_at_once():
    """Neither flicker nor hidden legs are two fifths of the box's height, here 20 pixels."""
    (event,) = walk(wire(settle_s=5), [110, 93, 91])
    assert event.pts == pytest.approx(0.2)
    assert walk(wire(settle_s=5), [110, 93, 92, 93, 92]) == []


def test_far_is_measured_in_pixels_across_a_slanting_line():
    rule = wire(settle_s=5, line=((0.0, 0.0), (1.0, 1.0)))  # 200 x 100 pixels
    beside = [(100, 40), (100, 58), (100, 59)]  # 7.16 and 8.05 pixels over
    events = lead(rule, [{1: foot} for foot in beside])
    assert [event.pts for event in events] == [pytest.approx(0.2)]


@pytest.mark.parametrize(
    ("line", "direction"),
    [
        (((0.5, 0.1), (0.5, 0.9)), Direction.INWARD),  # down: left hand is the picture's right
        (((0.5, 0.9), (0.5, 0.1)), Direction.OUTWARD),
    ],
)
def test_inward_is_from_the_left_hand_to_the_right_hand(line, direction):
    assert [event.direction for event in walk(wire(line=line), THERE)] == [direction]


def test_the_way_back_is_outward_and_clears_the_first():
    events = walk(wire(), THERE + BACK)
    assert told(events) == [
        (State.RAISED, "crossed"),
        (State.CLEARED, "returned"),
        (State.RAISED, "crossed"),
    ]
    assert [event.direction for event in raised(events)] == [Direction.INWARD, Direction.OUTWARD]
    assert events[0].key == events[1].key != events[2].key


def test_only_the_wanted_direction_is_reported_but_the_way_back_clears_it():
    assert walk(wire(direction="outward"), THERE) == []
    events = walk(wire(direction="inward"), THERE + BACK)
    assert told(events) == [(State.RAISED, "crossed"), (State.CLEARED, "returned")]
    assert [event.direction for event in events] == [Direction.INWARD] * 2


def test_who_comes_round_and_crosses_again_makes_two_alerts():
    rule = wire(direction="inward")
    around = [(40, 97), (160, 97), (160, 97), (160, 97), (150, 50)]
    events = lead(rule, [{1: (x, 50)} for x in THERE] + [{1: place} for place in around])
    events += lead(rule, [{1: (x, 50)} for x in THERE], first=30)
    assert told(events) == [
        (State.RAISED, "crossed"),
        (State.CLEARED, "returned"),
        (State.RAISED, "crossed"),
    ]


def test_flicker_over_the_line_is_no_crossing():
    assert walk(wire(), [105, 95] * 10) == []
    assert walk(wire(), [105, 105, 95, 95] * 10) == []


def test_flicker_in_the_midst_of_a_crossing_is_one_crossing():
    assert len(walk(wire(), [120, 105, 95, 105, 95, 94, 93, 92, 90, 80])) == 1


def test_standing_on_the_line_is_no_crossing():
    assert walk(wire(), [120, *[100] * 10, 110, 120]) == []
    assert walk(wire(), [*[100] * 10, 110, 120, 130]) == []


def test_over_the_line_with_a_stop_on_it_is_one_crossing():
    assert len(walk(wire(), [120, *[100] * 10, 90, 80, 70, 60])) == 1


def test_a_stop_on_the_line_does_not_undo_what_was_seen_beyond():
    (event,) = walk(wire(), [120, 96, 100, 96])
    assert event.pts == pytest.approx(0.3)


def test_appearing_beyond_the_line_is_no_crossing():
    assert walk(wire(), [90, 80, 70, 60]) == []


def test_walking_round_the_end_of_the_line_is_no_crossing():
    assert walk(wire(), THERE, y=98) == []
    assert walk(wire(), THERE + BACK, y=3) == []


def test_who_walked_round_the_end_crosses_on_the_way_back():
    rule = wire()
    assert walk(rule, THERE, y=98) == []
    (event,) = lead(rule, [{1: (x, 50)} for x in BACK], first=20)
    assert event.direction is Direction.OUTWARD


def test_it_is_the_step_over_the_line_that_must_meet_it():
    beside = [{1: (110, 95)}, {1: (90, 95)}, {1: (60, 50)}, {1: (20, 10)}]
    assert lead(wire(), beside) == []
    through = [{1: (110, 85)}, {1: (90, 85)}, {1: (80, 99)}, {1: (80, 99)}]
    assert len(lead(wire(), through)) == 1


def test_a_gap_while_crossing_still_counts():
    (event,) = walk(wire(), [130, 110, *[None] * 5, 98, 97, 96, 95])
    assert event.pts == pytest.approx(0.9)


def test_a_new_id_beyond_the_line_is_no_crossing():
    rule = wire()
    lead(rule, [{1: (120, 50)}, {1: (110, 50)}])
    assert lead(rule, [{2: (95, 50)}] * 5, first=2) == []
    assert lead(rule, [{2: (90, 50)}], ended=[1], first=30) == []


def test_two_who_cross_at_once_are_two_alerts():
    steps = [{1: (x, 50), 2: (WIDTH - x, 60)} for x in THERE]
    assert {(event.sighting.track, event.direction) for event in lead(wire(), steps)} == {
        (1, Direction.INWARD),
        (2, Direction.OUTWARD),
    }


def test_an_object_that_grows_into_the_size_limit_on_its_way_is_seen_to_cross():
    rule = wire(min_height=0.2)
    events = []
    for index, x in enumerate(THERE):
        events += rule.update(View(tracks({1: (x, 50)}, height=16 + index), frame(index)))
    assert len(events) == 1


GRID = 32  # coordinates that floats hold exactly
PLACE = st.tuples(st.integers(0, GRID - 1), st.integers(0, GRID - 1))
NEAR = st.tuples(st.integers(14, 18), st.integers(4, 28))
BENT = ((16, 4), (16, 16), (24, 22))
LINES = st.one_of(
    st.just(((16, 8), (16, 24))),
    st.just(BENT),
    st.lists(PLACE, min_size=2, max_size=4).filter(lambda line: line[0] != line[1]),
).filter(lambda line: all(one != other for one, other in pairwise(line)))


def crossings(places, line, *, wait, beyond=0):
    """The obvious way: at each change of side, look ahead whether it stays that way.

    `wait` is in frames; `beyond` is the distance in squares of the grid.
    """
    (sides, aways) = zip(*[min(reference.places_by(line, place)) for place in places], strict=True)
    off = [index for index, side in enumerate(sides) if side]
    found, before = [], off[0] if off else None
    for index in off[1:]:
        if sides[index] == sides[before] or (found and index <= found[-1][0]):
            before = index if sides[index] == sides[before] else before
            continue
        back = next((later for later in off if later > index and sides[later] != sides[index]), 999)
        over = [later for later in off if index + wait <= later < back]
        settled = [later for later in over if aways[later] >= beyond**2]
        if settled:
            step = places[before], places[index]
            met = any(reference.segments_meet(*step, *part) for part in pairwise(line))
            found.append((settled[0], sides[index], met))
            before = settled[0]
    return [(index, side) for index, side, met in found if met]


def walk_on_grid(rule, places):
    """Crossings of track 1: frame and side."""
    image = Still(np.zeros((GRID * 4, GRID * 4, 3), np.uint8))
    events = []
    for index, (x, y) in enumerate(places):
        picture = Frame("gate", index, index / 10, 0.0, image)
        events += rule.update(View(tracks({1: (x * 4, y * 4)}, height=10_000), picture))
    return [
        (round(event.pts * 10), 1 if event.direction is Direction.INWARD else -1)
        for event in raised(events)
    ]


@settings(max_examples=500, deadline=None)
@given(
    st.lists(st.one_of(NEAR, PLACE), min_size=1, max_size=30),
    LINES,
    st.sampled_from([0, 1, 2, 4]),
    st.sampled_from([0, 0, 1, 2]),
)
def test_crossings_are_those_of_the_obvious_way(places, line, wait, beyond):
    assume(all(len(reference.places_by(line, place)) == 1 for place in places))
    unit = tuple((x / GRID, y / GRID) for x, y in line)
    never_far = {"max_height": 1000.0, "settle_s": wait / 10}
    rule = wire(line=unit, beyond=beyond / GRID, **never_far)
    assert walk_on_grid(rule, places) == crossings(places, line, wait=wait, beyond=beyond)


def test_a_line_of_many_parts_is_crossed_in_each():
    """Down, then to the lower right: the left hand is the right of the picture."""
    bent = [(x / GRID, y / GRID) for x, y in BENT]
    through = {"first": [(20, 8), (12, 8)], "second": [(23, 16), (16, 22)]}
    for steps in through.values():
        assert walk_on_grid(wire(line=bent, settle_s=0, max_height=1000.0), steps) == [(1, 1)]
        back = wire(line=bent, settle_s=0, max_height=1000.0)
        assert walk_on_grid(back, steps[::-1]) == [(1, -1)]


def test_walking_along_outside_a_corner_is_no_crossing():
    bent = [(x / GRID, y / GRID) for x, y in BENT]
    outside = [(12, 4), (12, 12), (14, 16), (14, 20), (20, 24), (24, 26)]
    assert walk_on_grid(wire(line=bent, settle_s=0, max_height=1000.0), outside) == []


def test_through_a_corner_and_back_through_another_part_is_two_crossings():
    bent = [(x / GRID, y / GRID) for x, y in BENT]
    steps = [(20, 10), (12, 10), (12, 20), (22, 24), (24, 16)]
    rule = wire(line=bent, settle_s=0, max_height=1000.0)
    assert walk_on_grid(rule, steps) == [(1, 1), (4, -1)]


def test_who_is_not_far_enough_beyond_has_not_crossed_yet():
    """Beyond by a twentieth of the picture's height: 5 pixels."""
    assert walk(wire(beyond=0.05, settle_s=0), [104, *[96] * 20]) == []
    (event,) = walk(wire(beyond=0.05, settle_s=0), [104, *[96] * 20, 95])
    assert event.pts == pytest.approx(2.1)
    assert event.facts == (Fact("beyond", 0.05, "heights", 0.05),)


def test_who_turns_back_before_he_is_far_enough_beyond_has_not_crossed():
    assert walk(wire(beyond=0.05, settle_s=0), [104, 96, 96, 104, 110]) == []


def test_being_far_enough_beyond_does_not_replace_the_wait():
    (event,) = walk(wire(beyond=0.02, settle_s=0.3), [104, 97, 97, 97, 97])
    assert event.pts == pytest.approx(0.4)


def test_the_way_back_must_be_as_far_to_count():
    rule = wire(beyond=0.05, settle_s=0)
    events = walk(rule, [106, 94, 104, 94, 106])
    assert [(round(event.pts, 1), event.state) for event in events] == [
        (0.1, State.RAISED),
        (0.4, State.CLEARED),
        (0.4, State.RAISED),
    ]


def test_what_was_measured_before_the_id_must_be_far_enough_beyond_too():
    seen = tracks(dict(enumerate([(104, 50), (96, 50), (96, 50)]))).xyxy
    past = {1: Past(np.arange(3) / 10, seen)}
    near, far = (replace(tracks({1: (x, 50)}), past=past) for x in (96, 94))
    assert list(wire(beyond=0.05, settle_s=0.1).update(View(near, frame(3)))) == []
    assert len(list(wire(beyond=0.05, settle_s=0.1).update(View(far, frame(3))))) == 1


def test_the_margin_grows_with_the_way_beyond():
    """Two fifths of the box's height, 8 pixels, are clear."""
    margins = [walk(wire(settle_s=0), [104, 100 - off])[0].margin for off in (2, 4, 8, 50)]
    assert margins == pytest.approx([0.25, 0.5, 1, 1])


def test_who_is_too_slow_as_he_crosses_is_passed_over():
    def crossed(speed):
        rule, moved = wire(settle_s=0, min_speed=1.0), Motion(speed, 0.1, 270, 1, on_ground=False)
        steps = [View(tracks({1: (x, 50)}), frame(x), motion=lambda _: moved) for x in (104, 96)]
        return [event for view in steps for event in rule.update(view)]

    assert crossed(1.1) == []
    (event,) = crossed(1.3)
    assert event.facts[1] == Fact("speed", 1.3, "heights/s", 1.0)


def test_an_alert_follows_who_goes_on_under_another_id():
    rule = wire(settle_s=0)
    events = walk(rule, [104, 96])
    parted = replace(tracks({1: (150, 50), 2: (90, 50)}), split={1: 2})
    events += rule.update(View(parted, frame(2)))
    events += lead(rule, [{1: (150, 50)}], first=3, ended=[2])
    assert [(e.reason, e.sighting.track) for e in events] == [("crossed", 1), ("track_ended", 2)]
    assert events[0].key == events[1].key
    assert events[1].sighting.foot == (0.45, 0.5)


def test_who_crosses_as_he_is_first_seen_is_told_when_he_is_confirmed():
    rule, seen = wire(settle_s=0.2), [110, 104, 96]
    past = Past(np.arange(3) / 10, tracks(dict(enumerate((x, 50) for x in seen))).xyxy)
    first = replace(tracks({1: (91, 50)}), past={1: past})
    events = [
        *rule.update(View(first, frame(3))),
        *rule.update(View(tracks({1: (88, 50)}), frame(4))),
    ]
    assert told(events) == [(State.RAISED, "crossed")]
    assert events[0].pts == pytest.approx(0.3)


def test_a_link_that_is_taken_back_takes_the_side_along():
    """He goes on as 2, on the way over; who is 1 now stands on the far side, and did not cross."""
    rule = wire(settle_s=0.2)
    events = walk(rule, [110, 104, 98])
    now = replace(tracks({1: (60, 50), 2: (97, 50)}), split={1: 2})
    events += [*rule.update(View(now, frame(3)))]
    events += [*rule.update(View(tracks({1: (58, 50), 2: (96, 50)}), frame(4)))]
    assert [(event.reason, event.sighting.track) for event in events] == [("crossed", 2)]
