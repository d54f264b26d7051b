"""What every rule keeps, run over the room's table."""

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.picture import Still
from edge.rules import RULES
from edge.rules.armed import Armed
from edge.rules.view import View
from edge.types import Clock, Frame, Kind, State
from tests.make import frame, tracks
from tests.rules.make_rules import BY_TRACKS, LEFT, RIGHT, lead, make_rule, raised, told

PLACES = st.tuples(st.integers(0, 200), st.integers(0, 100))
# In each frame, some of five tracks are somewhere; a track that ends does not come back.
FRAMES = st.lists(
    st.tuples(st.dictionaries(st.integers(1, 5), PLACES), st.sets(st.integers(1, 5), max_size=1)),
    max_size=40,
)
CASES = [
    ("tripwire", {}),
    ("tripwire", {"settle_s": 0.3, "direction": "inward"}),
    ("zone", {"update_s": 0.2}),
    ("zone", {"dwell_s": 0.3, "leave_s": 0.3, "update_s": 0.3}),
]


@pytest.fixture(params=BY_TRACKS)
def rule(request):
    return make_rule(request.param)


def there_and_back(rule, times=1):
    return lead(rule, [{1: LEFT}, {1: RIGHT}] * times)


def test_nothing_seen_is_nothing_told(rule):
    assert lead(rule, [{}] * 5) == []


def test_an_event_says_where_it_comes_from(rule):
    other = Frame("gate", 1, 0.1, 9.0, frame().picture, Clock.RTCP, clock_offset_s=0.25)
    lead(rule, [{1: LEFT}])
    (event,) = rule.update(View(tracks({1: RIGHT}), other))
    assert (event.camera, event.rule, event.state) == ("gate", "fence", State.RAISED)
    assert RULES[event.kind] is type(rule)
    assert (event.pts, event.time) == (0.1, 9.0)
    assert (event.clock, event.clock_offset_s) == (Clock.RTCP, 0.25)


def test_a_sighting_is_0_to_1_and_cut_off_at_the_edges(rule):
    lead(rule, [{3: LEFT}])
    (event,) = rule.update(View(tracks({3: (198, 104)}, width=20, height=60), frame(1)))
    seen = event.sighting
    assert seen.track == 3
    assert seen.box == (0.94, 0.44, 1, 1)
    assert seen.foot == (0.99, 1)
    assert seen.score == 0.9


def test_the_end_of_a_track_clears_its_alert_where_it_was_last_seen(rule):
    there_and_back(rule)
    lead(rule, [{1: (170, 60)}], first=2)
    (event,) = rule.update(View(tracks(ended=[1]), frame(30)))
    assert told([event]) == [(State.CLEARED, "track_ended")]
    assert event.sighting.foot == (0.85, 0.6)
    assert event.pts == 3.0


def test_an_ended_track_is_forgotten(rule):
    there_and_back(rule)
    lead(rule, [{}], ended=[1])
    assert lead(rule, [{}, {}], first=5) == []
    assert list(rule.close(frame(9), "session_ended")) == []


def test_thousands_of_tracks_leave_nothing_behind(rule):
    def pass_by(track):
        lead(rule, [{track: LEFT}, {track: RIGHT}, {}], ended=[track])

    pass_by(1)
    before = len(pickle.dumps(rule))
    for track in range(2, 2000):
        pass_by(track)
    assert len(pickle.dumps(rule)) < before + 20


def test_closing_clears_what_is_open_and_forgets_the_rest(rule):
    lead(rule, [{1: LEFT, 2: LEFT}, {1: RIGHT, 2: LEFT}])
    closed = list(rule.close(frame(5), "session_ended"))
    assert told(closed) == [(State.CLEARED, "session_ended")]
    assert closed[0].sighting.track == 1
    assert list(rule.close(frame(6), "session_ended")) == []
    assert lead(rule, [{}], ended=[1, 2], first=7) == []


def test_two_tracks_have_an_alert_each(rule):
    events = lead(rule, [{1: LEFT, 2: (30, 90)}, {1: RIGHT, 2: (170, 90)}])
    assert [event.sighting.track for event in events] == [1, 2]
    assert [event.sighting.foot for event in events] == [(0.8, 0.5), (0.85, 0.9)]
    assert events[0].key != events[1].key
    (cleared,) = rule.update(View(tracks({2: (170, 90)}, ended=[1]), frame(2)))
    assert cleared.key == events[0].key


def test_each_time_is_an_alert_of_its_own(rule):
    events = there_and_back(rule, times=4)
    keys = [event.key for event in raised(events)]
    assert len(keys) == len(set(keys)) >= 4


def test_other_classes_are_passed_over(rule):
    assert lead(rule, [{1: LEFT}, {1: RIGHT}], class_id=2) == []


@pytest.mark.parametrize("height", [9, 41])
@pytest.mark.parametrize("kind", BY_TRACKS)
def test_other_sizes_are_passed_over(kind, height):
    rule = make_rule(kind, min_height=0.1, max_height=0.4)
    assert lead(rule, [{1: LEFT}, {1: RIGHT}], height=height) == []


@pytest.mark.parametrize("height", [10, 40])
@pytest.mark.parametrize("kind", BY_TRACKS)
def test_sizes_within_the_limits_count(kind, height):
    rule = make_rule(kind, min_height=0.0999, max_height=0.4001)
    assert len(lead(rule, [{1: LEFT}, {1: RIGHT}], height=height)) == 1


def test_a_change_of_resolution_is_no_movement(rule):
    lead(rule, [{1: LEFT}, {1: LEFT}])
    double = Frame("gate", 2, 0.2, 0.2, Still(np.zeros((200, 400, 3), np.uint8)))
    half = Frame("gate", 3, 0.3, 0.3, Still(np.zeros((50, 100, 3), np.uint8)))
    assert list(rule.update(View(tracks({1: (80, 100)}), double))) == []
    assert list(rule.update(View(tracks({1: (20, 25)}), half))) == []
    (event,) = rule.update(View(tracks({1: (80, 25)}), half))
    assert event.sighting.foot == (0.8, 0.5)


@pytest.mark.parametrize("disarm", [False, True])
@pytest.mark.parametrize(("kind", "options"), CASES)
@settings(deadline=None, max_examples=80)
@given(FRAMES)
def test_whatever_happens_the_alerts_are_in_order(kind, options, disarm, frames):
    """Each is raised once under a key of its own, lives under it, and is cleared once."""
    rule, watch = make_rule(kind, **options), iter([True, True, True, False] * len(frames))
    rule = Armed(rule, lambda _: next(watch)) if disarm else rule
    open_now, ever, gone = {}, set(), set()
    steps = [
        ({i: f for i, f in feet.items() if i not in gone}, ends - gone, gone.update(ends))[:2]
        for feet, ends in frames
    ]
    events = [
        event
        for index, (feet, ends) in enumerate(steps)
        for event in rule.update(
            View(
                tracks({i: f for i, f in feet.items() if i not in ends}, ended=sorted(ends)),
                frame(index),
            ),
        )
    ]
    for event in [*events, *rule.close(frame(len(frames)), "session_ended")]:
        track = event.sighting.track
        assert event.key.split("/")[0] == str(track)
        if event.state is State.RAISED:
            assert event.key not in ever
            assert track not in open_now
            ever.add(event.key)
            open_now[track] = event.key
        else:
            assert open_now[track] == event.key
        if event.state is State.CLEARED:
            del open_now[track]
    assert open_now == {}


def test_each_rule_in_the_table_has_a_kind_of_event():
    assert RULES.keys() < set(Kind)
