"""Stopped reports what is at rest, and nothing that drives, creeps, jitters or jumps."""

import itertools
import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.picture import Still
from edge.rules.view import View
from edge.types import Frame, Past
from tests.make import frame, tracks
from tests.rules.make_rules import lead, raised
from tests.rules.make_stops import (
    ASIDE,
    CLEARED,
    NEAR,
    OUT,
    RAISED,
    SPOT,
    WIDE,
    stand,
    stopped,
    when,
)


def test_what_is_at_rest_for_after_s_is_raised_and_cleared_when_it_has_moved_on():
    events = stand(stopped(), [SPOT] * 13 + [ASIDE] * 5)
    assert when(events) == [(RAISED, "stopped", 10, 10), (CLEARED, "moved_on", 16, 12)]
    assert events[0].key == events[1].key


def test_the_numbers_that_decided_are_told():
    (event,) = stand(stopped(), [SPOT] * 10 + [NEAR])
    assert [(f.name, f.value, f.unit, f.least, f.most) for f in event.facts] == [
        ("rest", 10.0, "s", 10.0, None),
        ("moved", 0.04, "heights", None, 0.05),
    ]
    assert event.margin == pytest.approx(0.2, abs=0.01)


def test_outside_nothing_has_stopped():
    assert stand(stopped(), [OUT] * 30) == []


def test_what_stands_on_the_border_is_at_rest_where_it_was_seen_inside():
    assert len(stand(stopped(), [(52, 50), (49, 50)] * 6)) == 1


def test_what_drives_through_is_not_at_rest():
    assert stand(stopped(after_s=3.0), [(x, 50) for x in range(50, 150, 4)]) == []


def test_a_slowly_creeping_car_is_not_at_rest():
    """A quarter of its height in eight seconds."""
    rule = stopped(still=0.25)
    assert lead(rule, [{1: (50 + index * 0.125, 50)} for index in range(700)], fps=5.0) == []


def test_a_creeping_car_that_is_seen_twice_is_not_at_rest():
    ways = [50 + index * 0.6 for index in range(160)]
    steps = [{1: (x, 50)} | ({2: (x + 1, 50)} if x > 53.5 else {}) for x in ways]
    assert lead(stopped(after_s=5.0), steps, fps=5.0, **WIDE) == []


def test_what_is_seen_in_a_place_for_an_instant_now_and_then_is_not_at_rest():
    rule = stopped()
    for track in range(10):
        assert lead(rule, [{track: SPOT}] * 8, first=150 * track) == []
        assert lead(rule, [{}], first=150 * track + 20, ended=[track]) == []


def test_jitter_is_rest():
    shake = random.Random(5)
    places = [(100 + shake.gauss(0, 0.8), 50 + shake.gauss(0, 0.8)) for _ in range(600)]
    assert len(lead(stopped(), [{1: place} for place in places])) == 1


@pytest.mark.parametrize("frames", [1, 9])
def test_a_box_that_jumps_for_less_than_a_second_restarts_nothing(frames):
    places = [SPOT] * 50 + [ASIDE] * frames + [SPOT] * 60
    events = lead(stopped(), [{1: place} for place in places])
    assert [event.pts for event in events] == [10]


def test_a_box_that_jumps_for_longer_has_moved():
    places = [SPOT] * 50 + [ASIDE] * 11 + [SPOT] * 60
    assert lead(stopped(), [{1: place} for place in places]) == []


def test_a_box_that_jumps_is_not_raised_while_it_is_away():
    assert stand(stopped(after_s=2.0), [SPOT, SPOT, ASIDE]) == []


def test_a_missed_detection_restarts_nothing():
    assert [event.pts for event in stand(stopped(), [SPOT, *[None] * 15, SPOT])] == [16]


def test_it_came_to_rest_before_it_had_an_id():
    feet = dict(enumerate([SPOT, ASIDE, SPOT, NEAR]))
    past = Past(np.arange(4.0), tracks(feet).xyxy)
    rule = stopped()
    first = replace(tracks({1: SPOT}), past={1: past})
    assert list(rule.update(View(first, frame(pts=4.0)))) == []
    assert [event.pts for event in stand(rule, [SPOT] * 9, first=5)] == [12]


def test_a_link_that_is_taken_back_takes_the_stop_along():
    rule = stopped()
    stand(rule, [SPOT] * 5)
    now = replace(tracks({1: ASIDE, 2: SPOT}), split={1: 2})
    events = [*rule.update(View(now, frame(pts=5.0)))]
    events += lead(rule, [{1: ASIDE, 2: SPOT}] * 10, first=6, fps=1)
    assert [(event.sighting.track, event.pts) for event in events] == [(2, 10), (1, 15)]


def test_a_change_of_resolution_is_no_movement():
    rule = stopped()
    stand(rule, [SPOT] * 5)
    double = Still(np.zeros((200, 400, 3), np.uint8))
    events = [
        event
        for pts in range(5, 12)
        for event in rule.update(
            View(
                tracks({1: (200, 100)}, width=20, height=40),
                Frame("gate", pts, float(pts), pts, double),
            )
        )
    ]
    assert [event.pts for event in events] == [10]


STEP = st.sampled_from([SPOT, SPOT, SPOT, SPOT, NEAR, ASIDE, OUT, None])


def stops(places, *, after):
    """The obvious way: in each tenth of a second look at all sightings since it came to rest."""
    found, start, alert, gone = [], None, False, []
    for now, place in enumerate(places):
        if place is not None and start is not None and far(place, places[start]):
            last = max(at for at in range(start, now) if not far(places[at], places[start]))
            away = [at for at in range(last + 1, now + 1) if places[at]]
            if now - away[0] >= 10:
                gone += [(now + 20, places[start])] * alert
                start, alert = None, False
        if place is not None and start is None and place is not OUT:
            start = now
        rests = place is not None and start is not None and not far(place, places[start])
        if rests and not alert and now - start >= after:
            found.append((now, "stopped"))
            alert = True
            gone = [(due if far(there, places[start]) else now, there) for due, there in gone]
        found += [(now, "moved_on") for due, _ in gone if due <= now]
        gone = [one for one in gone if one[0] > now]
    return found


def far(place, start):
    return place is None or (place != start and {place, start} != {SPOT, NEAR})


@settings(deadline=None, max_examples=400)
@given(
    st.lists(st.tuples(STEP, st.integers(1, 12)), max_size=12),
    st.sampled_from([0, 4, 15, 30]),
)
def test_stops_are_those_of_the_obvious_way(runs, after):
    places = [*itertools.chain.from_iterable([place] * times for place, times in runs)]
    rule = stopped(after_s=after / 10, learn_s=0.0)
    events = lead(rule, [{1: place} if place else {} for place in places])
    assert [(round(e.pts * 10), e.reason) for e in events] == stops(places, after=after)


def test_each_of_two_has_a_stop_of_its_own():
    events = lead(stopped(), [{1: SPOT, 2: ASIDE}] * 12, fps=1)
    assert [event.sighting.track for event in raised(events)] == [1, 2]
