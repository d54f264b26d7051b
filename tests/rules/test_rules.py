"""What every rule keeps, and what those about single tracks keep, run over the room's table."""

import functools
import gc
import pickle
import weakref
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.picture import Still
from edge.rules import RULES
from edge.rules.armed import Armed
from edge.rules.calm import Calm
from edge.rules.sequence import Sequence
from edge.rules.steps import Step
from edge.rules.stopped import Stopped
from edge.rules.view import View
from edge.types import Clock, Frame, Kind, State
from tests.make import frame, tracks
from tests.rules import make_rules
from tests.rules.make_rules import (
    BY_TRACKS,
    GROUPS,
    LEFT,
    LEFT_HALF,
    MIDDLE,
    RIGHT,
    RIGHT_HALF,
    make_rule,
    raised,
    scene,
    told,
)

WHOLE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
THREE_QUARTERS = ((0.75, 0.0), (0.75, 1.0))
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
    ("loitering", {"update_s": 0.2}),
    ("loitering", {"dwell_s": 0.3, "grace_s": 0.3, "update_s": 0.3}),
    ("loitering", {"dwell_s": 0.3, "radius_m": 2.0}),
    ("sequence", {"within_s": 0.3, "settle_s": 0.2}),
    ("sequence", {"steps": (Step(line=MIDDLE), Step(polygon=LEFT_HALF), Step(polygon=RIGHT_HALF))}),
    (
        "sequence",
        {"steps": (Step(polygon=WHOLE), Step(polygon=RIGHT_HALF), Step(line=THREE_QUARTERS))},
    ),
    ("wrong_way", {}),
    ("wrong_way", {"for_s": 0.2, "tolerance_deg": 45.0}),
    ("stopped", {"learn_s": 0.3}),
    ("stopped", {"after_s": 0.3, "still": 1.0, "learn_s": 0.9}),
    ("occupancy", {"update_s": 0.2}),
    ("occupancy", {"most": 2, "fewest": 1, "never": 2, "for_s": 0.2, "update_s": 0.3}),
    ("exclusion", {}),
    ("exclusion", {"polygon": RIGHT_HALF, "for_s": 0.2, "clear_s": 0.3}),
    ("tailgating", {"settle_s": 0.2, "direction": "outward"}),
    ("tailgating", {"most": 2, "within_s": 0.5}),
]
OF_PLACES = Stopped  # its alert outlives a track: who is found there may go on with it,
AGAIN = 630  # until this frame
SINGLE = [kind for kind in BY_TRACKS if kind not in GROUPS]
lead = functools.partial(make_rules.lead, view=scene)


@pytest.fixture(params=BY_TRACKS)
def rule(request):
    return make_rule(request.param)


@pytest.fixture(params=SINGLE)
def single(request):
    return make_rule(request.param)


@pytest.fixture(params=sorted(GROUPS))
def group(request):
    return make_rule(request.param)


def there_and_back(rule):
    return lead(rule, [{1: LEFT}, {1: RIGHT}])


@pytest.mark.parametrize("view", [View, scene])
def test_nothing_seen_is_nothing_told(rule, view):
    assert lead(rule, [{}] * 5, view=view) == []


def test_an_event_says_where_it_comes_from(rule):
    other = Frame("gate", 1, 0.1, 9.0, frame().picture, Clock.RTCP, clock_offset_s=0.25)
    lead(rule, [{1: LEFT}])
    (event,) = rule.update(scene(tracks({1: RIGHT}), other))
    assert (event.camera, event.rule, event.state) == ("gate", "fence", State.RAISED)
    assert RULES[event.kind] is type(rule)
    assert (event.pts, event.time) == (0.1, 9.0)
    assert (event.clock, event.clock_offset_s) == (Clock.RTCP, 0.25)


def test_a_sighting_is_0_to_1_and_cut_off_at_the_edges(rule):
    lead(rule, [{3: LEFT}])
    (event,) = rule.update(scene(tracks({3: (198, 104)}, width=20, height=60), frame(1)))
    seen = event.sighting
    assert seen.track == 3
    assert seen.box == (0.94, 0.44, 1, 1)
    assert seen.foot == (0.99, 1)
    assert seen.score == 0.9


def test_the_end_of_a_track_clears_its_alert_where_it_was_last_seen(single):
    there_and_back(single)
    lead(single, [{1: (170, 60)}], first=2)
    events = [*single.update(scene(tracks(ended=[1]), frame(30)))]
    events += lead(single, [{}], first=AGAIN)
    assert told(events) == [(State.CLEARED, "track_ended")]
    assert events[0].sighting.foot == (0.85, 0.6)
    assert events[0].pts == (AGAIN / 10 if isinstance(single, OF_PLACES) else 3.0)


def test_an_ended_track_is_forgotten(rule):
    there_and_back(rule)
    lead(rule, [{}], ended=[1])
    lead(rule, [{}], first=AGAIN)
    assert lead(rule, [{}, {}], first=AGAIN + 1) == []
    assert list(rule.close(frame(AGAIN + 5), "session_ended")) == []


@pytest.mark.parametrize("kind", BY_TRACKS)
def test_an_id_that_is_given_again_at_once_is_somebody_else(kind):
    """The service's own tracks never do, yet no rule may fall over it."""
    rule, steps = make_rule(kind), [{1: RIGHT}, {1: LEFT}, {1: RIGHT}]
    lead(rule, [{1: LEFT}] * 5)
    lead(rule, [{}], first=5, ended=[1])
    again = lead(rule, steps, first=6)
    assert told(again) == told(lead(make_rule(kind), steps, first=6))


def test_thousands_of_tracks_leave_nothing_behind(rule):
    def pass_by(track):
        lead(rule, [{track: LEFT}, {track: RIGHT}, {}], ended=[track])

    for track in range(300, 400):
        pass_by(track)
    before = len(pickle.dumps(rule))
    for track in range(400, 2400):
        pass_by(track)
    assert len(pickle.dumps(rule)) < before + 20


def test_closing_clears_what_is_open_and_forgets_the_rest(rule):
    lead(rule, [{1: LEFT, 2: LEFT}, {1: RIGHT, 2: LEFT}])
    closed = list(rule.close(frame(5), "session_ended"))
    assert told(closed) == [(State.CLEARED, "session_ended")]
    assert list(rule.close(frame(6), "session_ended")) == []
    assert lead(rule, [{}], ended=[1, 2], first=7) == []


def test_two_tracks_have_an_alert_each(single):
    events = lead(single, [{1: LEFT, 2: (30, 90)}, {1: RIGHT, 2: (170, 90)}])
    assert [event.sighting.track for event in events] == [1, 2]
    assert [event.sighting.foot for event in events] == [(0.8, 0.5), (0.85, 0.9)]
    assert events[0].key != events[1].key
    later = [*single.update(scene(tracks({2: (170, 90)}, ended=[1]), frame(2)))]
    later += single.update(scene(tracks({2: (170, 90)}), frame(AGAIN)))
    (cleared,) = (event for event in later if event.state is State.CLEARED)
    assert cleared.key == events[0].key
    (closed,) = single.close(frame(AGAIN + 1), "session_ended")
    assert closed.sighting.track == 2


def test_a_group_has_one_alert_whoever_comes_and_goes(group):
    (event,) = lead(group, [{1: LEFT, 2: (30, 90)}, {1: RIGHT, 2: (170, 90)}])
    later = lead(group, [{2: (170, 90)}, {2: (170, 90), 3: RIGHT}], first=2)
    assert {one.state for one in later} <= {State.UPDATED}
    (cleared,) = lead(group, [{2: (30, 90), 3: LEFT}], first=4)
    assert {one.key for one in (event, *later, cleared)} == {"0/1"}
    assert told([cleared]) == [(State.CLEARED, "cleared_up")]
    assert cleared.sighting is None


def test_who_goes_on_under_another_id_keeps_his_alert(single):
    (event,) = there_and_back(single)
    lead(single, [{1: RIGHT}], first=2)
    now = replace(tracks({1: LEFT, 2: RIGHT}), split={1: 2})
    assert list(single.update(scene(now, frame(3)))) == []
    assert lead(single, [{2: RIGHT}], first=4, ended=[1]) == []
    lost = lead(single, [{}], first=5, ended=[2])
    (cleared,) = lost + lead(single, [{}], first=AGAIN)
    assert (cleared.state, cleared.key) == (State.CLEARED, event.key)
    assert cleared.sighting.track == 2


def test_a_gap_in_time_is_nothing_that_happened(rule):
    assert lead(rule, [{1: LEFT}] * 3, fps=1 / 3600) == []
    assert len(lead(rule, [{1: RIGHT}], fps=1 / 3600, first=3)) == 1


@pytest.mark.parametrize("view", [View, scene])
def test_a_view_is_let_go_with_its_picture(rule, view):
    """No cycle keeps it until the collector comes: a picture is megabytes."""
    seen = view(tracks({1: RIGHT}), frame(0))
    gone = weakref.ref(seen)
    gc.disable()
    try:
        list(rule.update(seen))
        del seen
        assert gone() is None
    finally:
        gc.enable()


@pytest.mark.parametrize("kind", BY_TRACKS)
def test_two_cameras_know_nothing_of_each_other(kind):
    one, other = make_rule(kind, camera="gate"), make_rule(kind, camera="door")
    lead(one, [{1: LEFT}])
    assert lead(other, [{1: LEFT}, {1: LEFT}]) == []
    assert [event.camera for event in lead(one, [{1: RIGHT}], first=1)] == ["gate"]
    assert lead(other, [{1: LEFT}], first=2, ended=[1]) == []


def test_each_time_is_an_alert_of_its_own(rule):
    """Seen there often enough and for so long that every rule takes it for true."""
    events = lead(rule, [{1: LEFT}, {1: LEFT}, {1: RIGHT}, {1: RIGHT}] * 4, fps=0.6)
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
    """Frames are far apart, so that the movement in the end is the newest that there is."""
    lead(rule, [{1: LEFT}, {1: LEFT}])
    double = Frame("gate", 2, 10.0, 10.0, Still(np.zeros((200, 400, 3), np.uint8)))
    half = Frame("gate", 3, 20.0, 20.0, Still(np.zeros((50, 100, 3), np.uint8)))
    assert list(rule.update(scene(tracks({1: (80, 100)}), double))) == []
    assert list(rule.update(scene(tracks({1: (20, 25)}), half))) == []
    (event,) = rule.update(scene(tracks({1: (80, 25)}), half))
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
            scene(
                tracks({i: f for i, f in feet.items() if i not in ends}, ended=sorted(ends)),
                frame(index),
            ),
        )
    ]
    for event in [*events, *rule.close(frame(len(frames)), "session_ended")]:
        track = 0 if kind in GROUPS else event.sighting.track  # a group's alert may show nobody
        lasting = kind == "stopped" and event.state is not State.RAISED  # another may go on with it
        assert event.key.split("/")[0] == str(track) or lasting
        assert event.facts
        assert 0 <= event.margin <= 1
        if event.state is State.RAISED:
            assert event.key not in ever
            assert track not in open_now.values() or kind == "stopped"
            ever.add(event.key)
            open_now[event.key] = track
        else:
            assert event.key in open_now
        if event.state is State.CLEARED:
            del open_now[event.key]
    assert open_now == {}


# Scenes that last for some frames each, as most do: who is where, jittering or not.
LASTING = st.lists(
    st.tuples(st.dictionaries(st.integers(1, 4), PLACES), st.integers(1, 6), st.integers(0, 2)),
    max_size=12,
)


def lasting(rule, scenes, *, first=0):
    """All that is told of these scenes, ten frames a second."""
    events, index = [], first
    for feet, count, jitter in scenes:
        for _ in range(count):
            off = jitter * (index % 3 - 1)
            there = {track: (x + off, y) for track, (x, y) in feet.items()}
            events += rule.update(scene(tracks(there), frame(index)))
            index += 1
    return events


@pytest.mark.parametrize(("kind", "options"), CASES)
@settings(deadline=None, max_examples=60)
@given(LASTING)
def test_looking_only_where_something_changed_misses_nothing(kind, options, scenes):
    told_ = lasting(make_rule(kind, **options), scenes)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Calm, "goes_on", lambda *_: False)
        patch.setattr(Sequence, "_stirred", lambda rule, _view: rule._steps)
        assert lasting(make_rule(kind, **options), scenes) == told_


@pytest.mark.parametrize(("kind", "options"), [case for case in CASES if case[0] != "stopped"])
@settings(deadline=None, max_examples=40)
@given(LASTING, LASTING)
def test_closed_it_is_as_if_it_were_new(kind, options, before, after):
    """`stopped` knows what stood there; its tests say so."""
    used, first = make_rule(kind, **options), sum(count for _, count, _ in before)
    lasting(used, before)
    list(used.close(frame(first), "session_ended"))
    again = lasting(used, after, first=first)
    fresh = lasting(make_rule(kind, **options), after, first=first)
    # Keys go on counting, so that no two alerts share one.
    assert [replace(event, key="") for event in again] == [
        replace(event, key="") for event in fresh
    ]


def test_each_rule_in_the_table_has_a_kind_of_event():
    assert RULES.keys() < set(Kind)
