"""Tailgating reports who crosses a line as one too many, and nobody else."""

import itertools
import math
import pickle
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.picture import Still
from edge.rules.tailgating import Tailgating, least_span
from edge.rules.view import View
from edge.types import Direction, Fact, Frame, Motion, Past, State
from tests.make import frame, tracks
from tests.rules.make_rules import built, lead, raised, told

LINE = ((0.5, 0.0), (0.5, 1.0))  # downwards: who goes to the left goes inward
NEAR, OVER = 110, 90


def door(**options):
    return built(Tailgating, **({"line": LINE, "within_s": 2.0} | options))


def cross(rule, overs, *, frames=40, back=(), first=0, **look):
    """Each of `overs`, track to frame, is over the line from then on; `back` until then."""
    until = dict(back)

    def x(track, index):
        return OVER if overs[track] <= index < until.get(track, 999) else NEAR

    steps = [{track: (x(track, i), 10 + 8 * track) for track in overs} for i in range(frames)]
    return lead(rule, steps, first=first, **look)


def whom(events):
    return [(event.sighting.track, round(event.pts, 1)) for event in raised(events)]


def test_who_crosses_soon_behind_another_is_reported():
    (event,) = cross(door(), {1: 3, 2: 15})
    assert (event.reason, event.sighting.track, event.pts) == ("followed", 2, 1.5)
    assert event.direction is Direction.INWARD
    assert event.facts == (Fact("count", 2, least=2), Fact("gap", 1.2, "s", most=2.0))
    assert event.margin == 0.4


def test_who_crosses_alone_is_not():
    assert cross(door(), {1: 3}) == []


def test_the_time_between_two_decides():
    assert whom(cross(door(), {1: 3, 2: 23})) == [(2, 2.3)]
    assert cross(door(), {1: 3, 2: 24}) == []


def test_two_who_cross_at_once_are_two():
    assert whom(cross(door(), {1: 3, 2: 3})) == [(2, 0.3)]


def test_each_who_is_one_too_many_has_an_alert():
    events = cross(door(), {1: 3, 2: 6, 3: 9, 4: 35})
    assert whom(events) == [(2, 0.6), (3, 0.9)]
    assert [event.facts[0].value for event in events] == [2, 3]


def test_so_many_as_are_permitted_may_cross():
    assert cross(door(most=2), {1: 3, 2: 6}) == []
    assert whom(cross(door(most=2), {1: 3, 2: 6, 3: 9})) == [(3, 0.9)]
    assert cross(door(most=2), {1: 3, 2: 6, 3: 24}) == []


def test_there_and_back_and_there_again_is_no_second_object():
    rule = door()
    assert cross(rule, {1: 3}, back={1: 6}, frames=9) == []
    assert cross(rule, {1: 3}, first=9) == []


def test_who_has_gone_back_no_longer_counts():
    assert cross(door(direction="inward"), {1: 3, 2: 8}, back={1: 6}) == []


def test_who_crossed_counts_after_its_track_has_ended():
    rule = door()
    cross(rule, {1: 3}, frames=5, ended=[1])
    assert whom(cross(rule, {2: 3}, first=6)) == [(2, 0.9)]


def test_who_meets_another_follows_nobody():
    events = cross(door(), {1: 3, 2: -9}, back={2: 5})  # 1 goes in, 2 comes out
    assert events == []


def test_only_the_wanted_direction_counts():
    assert cross(door(direction="outward"), {1: 3, 2: 6}) == []
    out = {"overs": {1: -9, 2: -9}, "back": {1: 3, 2: 6}}
    assert cross(door(direction="inward"), **out) == []
    assert [event.direction for event in cross(door(), **out)] == [Direction.OUTWARD]


def test_the_way_back_clears_it():
    events = cross(door(direction="inward"), {1: 3, 2: 6}, back={2: 20})
    assert told(events) == [(State.RAISED, "followed"), (State.CLEARED, "returned")]
    assert events[0].key == events[1].key


def test_the_end_of_its_track_clears_it_and_no_other_s():
    rule = door()
    (first,) = cross(rule, {1: 3, 2: 6}, frames=9)
    assert lead(rule, [{2: (OVER, 50)}], ended=[1], first=10) == []
    (event,) = lead(rule, [{}], ended=[2], first=11)
    assert (event.state, event.reason, event.key) == (State.CLEARED, "track_ended", first.key)


def test_when_closed_it_forgets_who_crossed():
    rule = door()
    cross(rule, {1: 3}, frames=5)
    assert list(rule.close(frame(5), "disarmed")) == []
    assert cross(rule, {2: 3}, first=6) == []


def test_flicker_over_the_line_follows_nobody():
    rule = door(settle_s=0.3)
    cross(rule, {1: 3}, frames=6)
    assert lead(rule, [{2: (x, 50)} for x in [104, 97] * 10], first=6) == []


def test_standing_on_the_line_follows_nobody():
    rule = door()
    cross(rule, {1: 3}, frames=6)
    assert lead(rule, [{2: (x, 50)} for x in [110, *[100] * 10, 110]], first=6) == []


def test_a_dense_group_that_passes_by_changes_nothing():
    rule = door()
    cross(rule, {1: 3}, frames=4)
    train = [
        {1: (OVER, 50)} | {n: (NEAR + n % 3, (8 * n + 4 * i) % 100) for n in range(2, 14)}
        for i in range(15)
    ]
    assert lead(rule, train, first=4) == []


def test_a_gap_of_the_pictures_is_time_that_passed():
    rule = door()
    cross(rule, {1: 3, 2: 99}, frames=5)
    assert lead(rule, [{2: (OVER, 50)}], first=600) == []


def test_unseen_while_crossing_still_counts():
    rule = door()
    cross(rule, {1: 3, 2: 99}, frames=5)
    assert whom(lead(rule, [{}] * 5 + [{2: (OVER, 26)}], first=5)) == [(2, 1.0)]


def test_a_new_id_beyond_the_line_follows_nobody():
    rule = door()
    cross(rule, {1: 3}, frames=5)
    assert lead(rule, [{2: (OVER, 50)}] * 5, ended=[1], first=5) == []


def test_who_is_known_under_another_id_in_the_midst_of_it_is_the_same():
    """The track of who crossed first is his who is 3 now; it is no second crossing."""
    rule = door(settle_s=0.3)
    lead(rule, [{1: (104, 50)}, {1: (97, 50)}])
    now = replace(tracks({3: (97, 50)}), split={1: 3})
    events = [*rule.update(View(now, frame(2)))]
    events += lead(rule, [{3: (97, 50)}] * 3 + [{3: (97, 50), 2: (NEAR, 80)}], first=3)
    events += lead(rule, [{2: (OVER, 80)}], first=7)
    assert whom(events) == [(2, 0.7)]
    assert events[0].facts[1] == Fact("gap", 0.6, "s", most=2.0)


def test_there_and_back_under_another_id_is_no_second_object():
    rule = door()
    cross(rule, {1: 3}, frames=5)
    now = replace(tracks({2: (OVER, 50)}), split={1: 2})
    assert list(rule.update(View(now, frame(5)))) == []
    assert lead(rule, [{2: (x, 50)} for x in (NEAR, NEAR, OVER)], first=6) == []


def test_an_alert_goes_with_its_object_to_another_id():
    rule = door()
    (event,) = cross(rule, {1: 3, 2: 6}, frames=9)
    now = replace(tracks({5: (OVER, 26)}), split={2: 5})
    assert list(rule.update(View(now, frame(9)))) == []
    (cleared,) = lead(rule, [{}], ended=[5], first=10)
    assert cleared.key == event.key


def test_who_crossed_before_he_had_an_id_counts_from_then():
    rule = door(settle_s=0.2)
    cross(rule, {1: 3}, frames=4)
    before = tracks(dict(enumerate((x, 50) for x in (104, 97, 97, 97)))).xyxy
    past = Past(np.array([0.8, 0.9, 1.0, 1.1]), before)
    now = replace(tracks({2: (97, 50)}), past={2: past})
    (event,) = rule.update(View(now, frame(25)))
    assert event.facts[1] == Fact("gap", 0.6, "s", most=2.0)


def test_a_change_of_resolution_is_no_crossing():
    rule = door()
    cross(rule, {1: 3, 2: 99}, frames=5)
    double = Frame("gate", 5, 0.5, 0.5, Still(np.zeros((200, 400, 3), np.uint8)))
    size = {"width": 20, "height": 40}
    assert list(rule.update(View(tracks({2: (2 * NEAR, 52)}, **size), double))) == []
    assert whom(rule.update(View(tracks({2: (2 * OVER, 52)}, **size), double))) == [(2, 0.5)]


def test_other_classes_do_not_count():
    assert cross(door(), {1: 3, 2: 6}, class_id=2) == []


@pytest.mark.parametrize(("speed", "followed"), [(0.5, []), (1.5, [(2, 0.6)])])
def test_only_those_count_that_are_as_fast_as_asked(speed, followed):
    motion = Motion(speed, 0.1, 270.0, 5.0, on_ground=False)
    rule, events = door(min_speed=1.0), []
    for index in range(9):
        places = {1: (NEAR if index < 3 else OVER, 50), 2: (NEAR if index < 6 else OVER, 70)}
        events += rule.update(View(tracks(places), frame(index), motion=lambda _: motion))
    assert whom(events) == followed


def test_a_crowd_that_crosses_all_day_is_not_remembered():
    rule = door(within_s=86_400.0)

    def pass_by(track):
        lead(rule, [{track: (NEAR, 50)}, {track: (OVER, 50)}, {}], ended=[track])

    for track in range(300, 400):
        pass_by(track)
    before = len(pickle.dumps(rule))
    for track in range(400, 1400):
        pass_by(track)
    assert len(pickle.dumps(rule)) < before + 20


TIMES = st.lists(st.integers(0, 20), max_size=7)


@given(TIMES, st.integers(0, 20), st.integers(0, 4))
def test_the_least_span_is_that_of_the_best_choice(others, at, more):
    chosen = [(*some, at) for some in itertools.combinations(others, more)]
    best = min((max(some) - min(some) for some in chosen), default=math.inf)
    assert least_span(others, at, more) == best


WALKS = st.lists(
    st.lists(st.sampled_from([NEAR, OVER, 100, None]), min_size=14, max_size=14),
    min_size=1,
    max_size=4,
)


def followers(walks, most, within):
    """The obvious way: whoever changes sides, if so many others did the same not long before."""
    found, crossed = [], {}
    for index in range(14):
        for track, walk in enumerate(walks, 1):
            was = [x for x in walk[:index] if x in {NEAR, OVER}]
            if walk[index] not in {NEAR, OVER} or not was or was[-1] == walk[index]:
                continue
            crossed[track] = (index, walk[index])
            same = [i for i, side in crossed.values() if side == walk[index]]
            if sum(index - i <= within for i in same) > most:
                found.append((track, index))
    return found


@settings(max_examples=300, deadline=None)
@given(WALKS, st.integers(1, 3), st.integers(1, 6))
def test_followers_are_those_of_the_obvious_way(walks, most, within):
    steps = [
        {track: (walk[i], 20 * track) for track, walk in enumerate(walks, 1) if walk[i]}
        for i in range(14)
    ]
    events = lead(door(settle_s=0, most=most, within_s=within / 10), steps)
    assert [(track, round(pts * 10)) for track, pts in whom(events)] == followers(
        walks, most, within
    )


@pytest.mark.parametrize("fps", [2, 5, 25])
def test_it_is_the_same_at_any_rate(fps):
    rule, events = door(), []
    for index in range(4 * fps):
        at = index / fps
        places = {1: (NEAR if at < 0.5 else OVER, 50), 2: (NEAR if at < 2 else OVER, 70)}
        events += rule.update(View(tracks(places), frame(index, fps=fps)))
    assert whom(events) == [(2, 2.0)]
