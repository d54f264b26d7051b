"""A zone reports each stay once, from its dwell time until it is left."""

from dataclasses import replace
from itertools import groupby

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from edge.geometry import inside
from edge.rules.plan import Plan
from edge.rules.view import View
from edge.rules.zone import Zone
from edge.types import Fact, Past, State
from tests.make import box_at, frame, tracks
from tests.rules.make_rules import built, lead, raised

SQUARE = ((0.25, 0.0), (0.75, 0.0), (0.75, 1.0), (0.25, 1.0))
IN, OUT = (100, 50), (20, 50)


def zone(**options):
    return built(Zone, **({"name": "yard", "polygon": SQUARE} | options))


def stay(rule, places, *, ended=(), first=0, **look):
    """One track's foot points, ten a second; None where it is not seen."""
    return lead(rule, [{1: p} if p else {} for p in places], ended=ended, first=first, **look)


def stay_of(rule, track, place, *, at):
    return lead(rule, [{track: place}], first=at)


def told(events):
    return [(event.state, event.reason, round(event.pts, 1), event.dwell_s) for event in events]


def test_a_stay_is_raised_after_its_dwell_and_cleared_when_left():
    events = stay(zone(dwell_s=0.5, leave_s=0.2), [IN] * 10 + [OUT] * 5)
    assert told(events) == [
        (State.RAISED, "entered", 0.5, 0.5),
        (State.CLEARED, "left", 1.2, 0.9),
    ]
    assert events[0].key == events[1].key
    assert events[1].sighting.foot == (0.1, 0.5)


def test_without_a_dwell_the_first_sighting_counts():
    assert told(stay(zone(), [IN])) == [(State.RAISED, "entered", 0.0, 0.0)]
    assert told(stay(zone(), [(30, 50), (80, 50)])) == [(State.RAISED, "entered", 0.1, 0.06)]


def test_a_stay_begins_where_the_step_that_led_inside_met_the_border():
    rule = zone(dwell_s=0.7)
    events = [
        event
        for index, x in enumerate([30, 70, 90, 110])  # the border is at 50
        for event in rule.update(View(tracks({1: (x, 50)}), frame(index, fps=2)))
    ]
    assert told(events) == [(State.RAISED, "entered", 1.0, 0.75)]


def test_who_was_not_seen_in_the_frame_before_came_in_when_he_was_seen_inside():
    events = stay(zone(dwell_s=0.2), [OUT, None, IN, IN, IN])
    assert told(events) == [(State.RAISED, "entered", 0.4, 0.2)]


def test_who_walked_in_before_he_had_an_id_came_in_between_two_measurements():
    rule = zone(dwell_s=0.2)
    past = Past(np.array([0.0, 0.1]), tracks({1: (40, 50), 2: (60, 50)}).xyxy)
    first = replace(tracks({9: (70, 50)}), past={9: past})
    events = [*rule.update(View(first, frame(2))), *stay_of(rule, 9, (80, 50), at=3)]
    assert told(events) == [(State.RAISED, "entered", 0.3, 0.25)]


def test_whose_id_was_another_ones_has_not_come_from_where_that_one_was():
    rule = zone(dwell_s=0.2)
    stay(rule, [OUT])
    swapped = replace(tracks({1: IN, 2: OUT}), split={1: 2})
    events = [*rule.update(View(swapped, frame(1)))]
    events += [*stay_of(rule, 1, IN, at=2), *stay_of(rule, 1, IN, at=3)]
    assert told(events) == [(State.RAISED, "entered", 0.3, 0.2)]


def test_a_stay_shorter_than_the_dwell_is_not_reported():
    assert stay(zone(dwell_s=0.5), [IN] * 5 + [OUT] * 20, ended=[1]) == []


def test_a_long_stay_is_updated_with_its_dwell():
    assert told(stay(zone(update_s=0.5), [IN] * 12)) == [
        (State.RAISED, "entered", 0.0, 0.0),
        (State.UPDATED, "dwelling", 0.5, 0.5),
        (State.UPDATED, "dwelling", 1.0, 1.0),
    ]


def test_updates_count_from_the_alert_not_from_the_entry():
    events = stay(zone(dwell_s=0.3, update_s=0.5), [IN] * 10)
    assert [round(event.pts, 1) for event in events] == [0.3, 0.8]


def test_an_update_says_where_it_is_now():
    events = stay(zone(update_s=0.1), [IN, (120, 60)])
    assert [event.sighting.foot for event in events] == [(0.5, 0.5), (0.6, 0.6)]


def test_flicker_at_the_border_does_not_end_a_stay():
    events = stay(zone(leave_s=0.5), [IN, OUT, IN, OUT, OUT, OUT, OUT, OUT, IN] * 3)
    assert [event.state for event in events] == [State.RAISED]


def test_flicker_at_the_border_does_not_interrupt_a_dwell():
    events = stay(zone(dwell_s=0.5, leave_s=0.3), [IN, IN, OUT, OUT, IN, IN, IN])
    assert told(events) == [(State.RAISED, "entered", 0.5, 0.5)]


def test_two_touches_of_the_border_are_no_stay():
    """A foot point is measured to about a twentieth of the box, here one pixel."""
    touch, beside = (50.5, 50), (49.5, 50)
    assert stay(zone(dwell_s=0.5), [touch, *[beside] * 6, touch]) == []
    assert len(stay(zone(dwell_s=0.5), [touch, *[None] * 6, touch])) == 1
    assert len(stay(zone(dwell_s=0.5), [touch, *[beside] * 6, (51.5, 50)])) == 1


def test_who_comes_and_goes_over_the_border_is_reported_once_he_was_inside_for_long_enough():
    places = [(50.5, 50), (50.5, 50), (49.5, 50)] * 9
    assert told(stay(zone(dwell_s=0.5), places)) == [(State.RAISED, "entered", 0.7, 0.7)]


def test_a_dwell_after_leaving_begins_anew():
    events = stay(zone(dwell_s=0.5, leave_s=0.2), [IN] * 4 + [(0, 50)] * 3 + [IN] * 6)
    assert told(events) == [(State.RAISED, "entered", 1.2, 0.55)]


def test_who_is_outside_when_the_dwell_is_over_is_not_reported():
    assert stay(zone(dwell_s=0.5, leave_s=0.4), [IN] * 5 + [OUT] * 3) == []


def test_a_missed_detection_is_not_outside():
    events = stay(zone(leave_s=0.3), [IN, *[None] * 10, OUT, OUT, IN])
    assert [event.state for event in events] == [State.RAISED]


def test_nobody_leaves_unseen():
    assert len(stay(zone(leave_s=0.3), [IN, OUT, *[None] * 10])) == 1


def test_without_patience_the_first_sighting_outside_ends_it():
    assert told(stay(zone(leave_s=0), [IN, OUT]))[-1] == (State.CLEARED, "left", 0.1, 0.0)


def test_the_end_of_the_track_clears_it_with_the_dwell_that_is_known():
    events = stay(zone(), [IN, IN, None, None], ended=[1])
    assert told(events)[1] == (State.CLEARED, "track_ended", 0.3, 0.1)
    assert events[1].sighting == events[0].sighting


def test_leaving_and_re_entering_are_two_alerts():
    events = stay(zone(leave_s=0.1), [IN, OUT, OUT, OUT, IN])
    assert [event.state for event in events] == [State.RAISED, State.CLEARED, State.RAISED]
    assert events[0].key != events[2].key


def test_who_crouches_below_the_size_limit_has_not_left():
    rule = zone(min_height=0.15, leave_s=0.2)
    stay(rule, [IN] * 3, height=20)
    assert stay(rule, [IN] * 20, height=10, first=3) == []
    assert [e.reason for e in stay(rule, [OUT] * 3, height=10, first=23)] == ["left"]


def test_who_stands_in_it_when_it_is_armed_again_is_reported_again():
    rule = zone()
    stay(rule, [IN])
    assert [event.reason for event in rule.close(frame(5), "disarmed")] == ["disarmed"]
    assert told(stay(rule, [IN], first=9)) == [(State.RAISED, "entered", 0.9, 0.0)]


@pytest.mark.parametrize("place", [(100, 100), (100, 104)])
def test_who_is_cut_off_by_the_lower_edge_is_inside_a_zone_that_reaches_it(place):
    assert len(list(zone().update(View(tracks({1: place}), frame(0))))) == 1


@settings(deadline=None, max_examples=200)
@given(st.lists(st.sampled_from([IN, OUT, None]), max_size=30))
def test_without_patience_stays_are_the_runs_of_sightings_inside(places):
    events = stay(zone(leave_s=0), places)
    runs = [place for place, _ in groupby(place for place in places if place)]
    assert len(raised(events)) == runs.count(IN)
    assert len(events) - len(raised(events)) == runs.count(IN) - (runs[-1:] == [IN])


def went(rule, *steps):
    """Places of track 1, ten a second; returns states and reasons."""
    return [(event.state, event.reason) for event in stay(rule, steps)]


ENTERED, LEFT = (State.RAISED, "entered"), (State.RAISED, "left")


def test_who_is_seen_outside_and_then_inside_enters():
    assert went(zone(event="enter"), OUT, IN) == [ENTERED]


def test_who_is_first_seen_inside_did_not_enter():
    assert went(zone(event="enter", leave_s=0.2), *[IN] * 30) == []


def test_who_was_inside_from_the_first_enters_when_he_comes_back():
    steps = [IN, *[OUT] * 4, IN]
    assert went(zone(event="enter", leave_s=0.2), *steps) == [ENTERED]
    assert went(zone(event="enter", leave_s=0.9), *steps) == []  # he never left


def test_an_entry_ends_when_he_has_left():
    rule = zone(event="enter", leave_s=0.1)
    assert went(rule, OUT, IN, OUT, OUT) == [ENTERED, (State.CLEARED, "left")]


def test_who_enters_with_a_dwell_is_told_of_after_it():
    events = stay(zone(event="enter", dwell_s=0.3), [OUT, *[IN] * 5])
    assert told(events) == [(State.RAISED, "entered", 0.4, 0.363)]  # met the border at 0.0375


def test_who_was_outside_before_he_had_an_id_enters():
    rule = zone(event="enter")
    assert went_as_new(rule, [OUT, OUT], IN) == [ENTERED]
    assert went_as_new(zone(event="enter"), [IN, IN], IN) == []


def went_as_new(rule, before, now):
    """What is told as track 1 is given, that was measured at these places before."""
    return [(event.state, event.reason) for event in as_new(rule, before, now)]


def as_new(rule, before, now):
    past = Past(np.arange(len(before)) / 10, np.array([box_at(*p) for p in before], np.float32))
    seen = replace(tracks({1: now}), past={1: past})
    return list(rule.update(View(seen, frame(len(before)))))


def test_a_stay_counts_from_when_it_was_measured_first():
    assert told(as_new(zone(dwell_s=0.3), [IN] * 3, IN)) == [(State.RAISED, "entered", 0.3, 0.3)]


def test_a_stay_counts_from_the_last_coming_in_before_the_id():
    assert as_new(zone(dwell_s=0.3), [IN, OUT, IN], IN) == []
    (event,) = as_new(zone(dwell_s=0.1), [IN, OUT, IN], IN)
    assert event.dwell_s == 0.163  # the step from OUT met the border


def test_leaving_is_told_when_he_has_left():
    events = stay(zone(event="leave", leave_s=0.2), [IN, IN, OUT, OUT, OUT])
    assert told(events) == [(State.RAISED, "left", 0.4, 0.1)]
    assert events[0].sighting.foot == (0.1, 0.5)


def test_leaving_is_over_when_he_comes_back():
    steps = [IN, OUT, OUT, IN, OUT, OUT]
    returned = (State.CLEARED, "returned")
    assert went(zone(event="leave", leave_s=0.1), *steps) == [LEFT, returned, LEFT]


def test_leaving_is_over_when_his_track_ends():
    events = stay(zone(event="leave", leave_s=0), [IN, OUT, None], ended=[1])
    assert told(events)[1:] == [(State.CLEARED, "track_ended", 0.2, None)]


def test_who_was_never_inside_or_not_for_long_does_not_leave():
    rule = zone(event="leave", dwell_s=0.3, leave_s=0)
    assert went(rule, OUT, OUT, IN, IN, OUT, OUT) == []


def test_whose_track_ends_inside_does_not_leave():
    assert stay(zone(event="leave"), [IN, IN, None], ended=[1]) == []


def test_flicker_at_the_border_is_no_leaving():
    assert went(zone(event="leave", leave_s=0.3), *[IN, OUT, OUT] * 5, IN) == []


@pytest.mark.parametrize(("x", "inside"), [(44, False), (50, True)])
def test_of_a_box_that_overlaps_a_part_must_be_inside(x, inside):
    """The zone begins at 50; the box is 20 wide, so 0.2 and 0.5 of it are inside."""
    events = list(zone(overlap=0.4).update(View(tracks({1: (x, 50)}, width=20), frame(0))))
    assert [event.reason for event in events] == ["entered"] * inside


def test_an_overlap_is_told_with_its_limit():
    (event,) = zone(overlap=0.4).update(View(tracks({1: (50, 50)}, width=20), frame(0)))
    assert event.facts == (Fact("dwell", 0, "s", 0.0), Fact("overlap", 0.5, "", 0.4))
    assert event.margin == pytest.approx(0.1 / 0.6, abs=1e-3)


def test_a_dwell_is_told_with_its_limit():
    *_, last = stay(zone(dwell_s=0.2, update_s=0.3), [IN] * 6)
    assert (last.state, last.facts) == (State.UPDATED, (Fact("dwell", 0.5, "s", 0.2),))


def test_the_margin_grows_with_the_depth_of_the_foot():
    """A quarter of the box's height, 5 pixels, from the border is clear."""
    margins = [stay(zone(), [(50 + off, 50)])[0].margin for off in (1, 3, 5, 50)]
    assert margins == pytest.approx([0.2, 0.6, 1, 1])


def test_an_alert_follows_who_goes_on_under_another_id():
    rule = zone(leave_s=0)
    events = lead(rule, [{1: IN}])
    parted = replace(tracks({1: OUT, 2: (110, 50)}), split={1: 2})
    events += rule.update(View(parted, frame(1)))
    events += lead(rule, [{2: (120, 50), 1: OUT}, {1: OUT, 2: OUT}], first=2)
    assert [(e.state, e.sighting.track) for e in events] == [(State.RAISED, 1), (State.CLEARED, 2)]
    assert events[0].key == events[1].key


def test_a_stay_follows_who_goes_on_under_another_id():
    rule = zone(dwell_s=0.3)
    lead(rule, [{1: IN}])
    lead_on = replace(tracks({1: IN, 2: IN}), split={1: 2})
    list(rule.update(View(lead_on, frame(2))))
    (event,) = lead(rule, [{1: IN, 2: IN}], first=3)
    assert (event.sighting.track, event.dwell_s) == (2, 0.3)


def test_who_came_from_outside_may_enter_under_another_id():
    rule = zone(event="enter")
    lead(rule, [{1: OUT}])
    parted = replace(tracks({1: IN, 2: IN}), split={1: 2})
    assert [event.sighting.track for event in rule.update(View(parted, frame(1)))] == [2]


@settings(deadline=None, max_examples=200)
@given(st.lists(st.sampled_from([IN, OUT, None]), max_size=30))
def test_entries_are_stays_that_begin_after_a_sighting_outside(places):
    runs = [place for place, _ in groupby(place for place in places if place)]
    entries = raised(stay(zone(event="enter", leave_s=0), places))
    assert len(entries) == runs.count(IN) - (runs[:1] == [IN])


@settings(deadline=None, max_examples=200)
@given(st.lists(st.sampled_from([IN, OUT, None]), max_size=30))
def test_leavings_are_stays_that_end_with_a_sighting_outside(places):
    runs = [place for place, _ in groupby(place for place in places if place)]
    leavings = raised(stay(zone(event="leave", leave_s=0), places))
    assert len(leavings) == runs.count(IN) - (runs[-1:] == [IN])


PARTS = 4000
ANGLES = st.lists(st.integers(0, 35), min_size=3, max_size=9, unique=True)
RADII = st.lists(st.floats(0.1, 0.4), min_size=9, max_size=9)


def around(angle, radius):
    return 0.5 + radius * np.cos(angle), 0.5 + radius * np.sin(angle)


@settings(deadline=None, max_examples=200)
@given(ANGLES, RADII, st.floats(0, 6.28))
def test_a_step_met_the_border_where_it_came_in_last(angles, radii, direction):
    """The obvious way: take the step in very many parts."""
    corners = [
        around(np.radians(10 * angle), radius)
        for angle, radius in zip(sorted(angles), radii, strict=False)
    ]
    start, end = around(direction, 0.5), np.mean(corners, axis=0)
    way = start + np.arange(PARTS + 1)[:, None] / PARTS * (end - start)
    held = inside(way, np.array(corners))
    assume(held[-1])
    last = 1 + int(np.flatnonzero(~held)[-1])
    assert Plan().area(corners).entry(start, end) == pytest.approx(last / PARTS, abs=1 / PARTS)
