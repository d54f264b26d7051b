"""Occupancy reports that there are too many, too few, or just so many as must never be."""

import pickle
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.picture import Still
from edge.rules.occupancy import Occupancy
from edge.rules.view import View
from edge.types import Fact, Frame, Motion, State
from tests.make import frame, tracks
from tests.rules.make_rules import built, lead

SQUARE = ((0.25, 0.0), (0.75, 0.0), (0.75, 1.0), (0.25, 1.0))  # from 50 to 150 of 200 pixels
IN, OUT = (100, 50), (20, 50)
RAISED, UPDATED, CLEARED = State


def room(**options):
    return built(Occupancy, **({"polygon": SQUARE, "for_s": 0.5} | options))


def stay(rule, counts, *, first=0, ended=(), **look):
    """So many are inside, ten pictures a second; the others are outside."""
    most = max((0, *counts))
    steps = [{n: IN if n <= count else OUT for n in range(1, most + 1)} for count in counts]
    return lead(rule, steps, first=first, ended=ended, **look)


def told(events):
    return [(event.state, event.reason, round(event.pts, 1)) for event in events]


def test_too_many_are_reported_when_they_have_been_there_for_long():
    (event,) = stay(room(most=1), [1, 1, *[3] * 7])
    assert told([event]) == [(RAISED, "too_many", 0.7)]
    assert event.facts == (Fact("count", 3, least=2), Fact("duration", 0.5, "s", least=0.5))
    assert event.margin == 0.5


def test_who_came_last_is_shown_of_too_many():
    rule = room(most=1)
    steps = [{7: IN, 3: OUT}, *[{7: IN, 3: (90, 60)}] * 6]
    (event,) = lead(rule, steps)
    assert event.sighting.track == 3
    assert event.sighting.foot == (0.45, 0.6)


def test_a_post_is_unmanned_from_the_moment_it_is_watched():
    (event,) = stay(room(fewest=1), [0] * 8)
    assert told([event]) == [(RAISED, "too_few", 0.5)]
    assert event.facts[0] == Fact("count", 0, most=0)
    assert event.sighting is None


def test_a_post_that_is_left_is_reported_and_cleared_when_it_is_manned_again():
    events = stay(room(fewest=1), [*[1] * 5, *[0] * 10, *[1] * 10])
    assert told(events) == [(RAISED, "too_few", 1.0), (CLEARED, "cleared_up", 2.0)]
    assert events[0].key == events[1].key


def test_two_persons_or_none_but_never_one():
    (event,) = stay(room(never=1), [0] * 9 + [2] * 9 + [1] * 9)
    assert told([event]) == [(RAISED, "forbidden_number", 2.3)]
    assert event.facts[0] == Fact("count", 1, least=1, most=1)
    assert event.sighting is None


def test_what_is_soon_right_again_is_not_reported():
    assert stay(room(most=1), [2] * 5 + [1] * 5) == []


def test_what_was_right_for_a_moment_begins_anew():
    assert told(stay(room(most=1), [*[2] * 4, 1, *[2] * 6])) == [(RAISED, "too_many", 1.0)]


def test_a_moment_in_which_it_is_right_clears_nothing():
    events = stay(room(most=1), [*[2] * 6, *[1] * 5, *[2] * 9])
    assert told(events) == [(RAISED, "too_many", 0.5)]


def test_wrong_in_one_way_and_then_in_another_is_wrong_all_the_time():
    (event,) = stay(room(most=1, fewest=1), [0, 0, 0, 2, 2, 2])
    assert (event.reason, event.facts[1].value) == ("too_many", 0.5)


def test_another_reason_is_told_when_it_lasts():
    events = stay(room(most=1, fewest=1), [*[2] * 6, 0, *[2] * 5, *[0] * 6])
    assert told(events) == [(RAISED, "too_many", 0.5), (UPDATED, "too_few", 1.7)]
    assert events[1].facts[0] == Fact("count", 0, most=0)
    assert events[1].sighting is None


def test_another_count_is_told_when_it_lasts():
    events = stay(room(most=1), [*[2] * 6, 4, *[2] * 5, *[3] * 6])
    assert told(events) == [(RAISED, "too_many", 0.5), (UPDATED, "too_many", 1.7)]
    assert events[1].facts == (
        Fact("count", 3, least=2),
        Fact("duration", 1.7, "s", least=0.5),
    )
    assert events[1].sighting.track == 3


def test_what_goes_on_is_told_now_and_then():
    events = stay(room(most=1, update_s=0.5), [2] * 16)
    assert [(event.state, round(event.pts, 1)) for event in events] == [
        (RAISED, 0.5),
        (UPDATED, 1.0),
        (UPDATED, 1.5),
    ]


def test_a_missed_detection_is_no_absence():
    rule = room(fewest=1, for_s=3.0)
    steps = [{1: IN}, *[{}] * 15] * 6  # seen every 1.6 s
    assert lead(rule, steps) == []


def test_who_is_not_seen_for_long_is_gone():
    assert told(lead(room(fewest=1, for_s=3.0), [{1: IN}, *[{}] * 60])) == [
        (RAISED, "too_few", 5.1)
    ]


def test_where_little_time_is_left_the_unseen_count_for_no_longer():
    assert told(lead(room(fewest=1), [{1: IN}, *[{}] * 20])) == [(RAISED, "too_few", 1.1)]


def test_whose_track_ended_is_gone_at_once():
    rule = room(fewest=1)
    lead(rule, [{1: IN}, {}], ended=[1])
    assert told(lead(rule, [{}] * 9, first=2)) == [(RAISED, "too_few", 0.6)]


@pytest.mark.parametrize("for_s", [0.2, 0.5, 1.0, 3.0, 10.0])
def test_a_track_that_breaks_is_never_two(for_s):
    """Who is 1 is found again as 2, and nobody says that 1 has ended."""
    for unseen in range(4):
        rule = room(most=1, for_s=for_s)
        assert lead(rule, [*[{1: IN}] * 5, *[{}] * unseen, *[{2: IN}] * 150]) == []


def test_who_goes_on_under_another_id_is_the_same():
    rule = room(most=1)
    lead(rule, [{1: IN}] * 3)
    now = replace(tracks({2: IN, 1: OUT}), split={1: 2})
    assert list(rule.update(View(now, frame(3)))) == []
    assert lead(rule, [{2: IN, 1: OUT}] * 9, first=4) == []


def test_under_another_id_he_keeps_his_place_among_those_who_came():
    rule = room(most=1)
    lead(rule, [{1: IN}, {1: IN, 2: IN}])
    now = replace(tracks({5: IN, 2: IN}), split={1: 5})
    assert list(rule.update(View(now, frame(2)))) == []
    (event,) = lead(rule, [{5: IN, 2: IN}] * 5, first=3)
    assert event.sighting.track == 2


def test_under_another_id_he_is_where_he_was_known_to_be():
    rule = room(fewest=1)
    lead(rule, [{1: IN}] * 3)
    border = [(47, 50), (53, 50)]
    now = replace(tracks({2: border[0]}), split={1: 2})
    assert list(rule.update(View(now, frame(3)))) == []
    assert lead(rule, [{2: border[i % 2]} for i in range(20)], first=4) == []


def test_flicker_at_the_border_neither_raises_nor_clears():
    rule = room(most=1)
    border = [(47, 50), (53, 50)]
    flicker = [{1: IN, 2: border[i % 2]} for i in range(30)]
    assert lead(rule, [{1: IN, 2: OUT}, *flicker]) == []
    rule = room(most=1)
    events = lead(rule, [{1: IN, 2: IN}, *flicker])
    assert told(events) == [(RAISED, "too_many", 0.5)]


def test_standing_on_the_border_is_one_or_the_other():
    assert lead(room(most=1), [{1: IN, 2: (150, 50)}] * 50) == []
    events = lead(room(most=1), [{1: IN, 2: (50, 50)}] * 50)
    assert told(events) == [(RAISED, "too_many", 0.8)]


def test_a_dense_group_that_passes_by_outside_changes_nothing():
    rule = room(most=1, fewest=1)
    train = [{n: ((15 * n + 5 * i) % 50, 10 * n) for n in range(2, 10)} for i in range(40)]
    assert lead(rule, [{1: IN} | others for others in train]) == []


def test_a_gap_of_the_pictures_is_time_that_passed():
    rule = room(most=1)
    stay(rule, [2])
    assert told(stay(rule, [2], first=600)) == [(RAISED, "too_many", 60.0)]


def test_who_was_there_before_a_gap_is_not_there_after_it():
    rule = room(most=0)
    stay(rule, [1, 1])
    assert lead(rule, [{}] * 9, first=600) == []


def test_a_change_of_resolution_moves_nobody():
    rule = room(fewest=1)
    stay(rule, [1, 1])
    double = Still(np.zeros((200, 400, 3), np.uint8))
    for index in range(2, 20):
        place = tracks({1: (200, 100)}, width=20, height=40)
        assert list(rule.update(View(place, Frame("gate", index, index / 10, 0, double)))) == []


def test_who_crouches_below_the_size_limit_still_counts():
    rule = room(fewest=1, min_height=0.15)
    stay(rule, [1] * 3, height=20)
    assert stay(rule, [1] * 20, first=3, height=10) == []
    assert told(stay(room(fewest=1, min_height=0.15), [1] * 6, height=10))


def test_who_is_too_large_or_of_another_class_does_not_count():
    assert stay(room(most=0, max_height=0.3), [1] * 9, height=40) == []
    assert stay(room(most=0), [1] * 9, class_id=2) == []


@pytest.mark.parametrize(("speed", "count"), [(0.5, 0), (1.5, 1)])
def test_only_those_count_that_were_as_fast_as_asked(speed, count):
    motion = Motion(speed, 0.1, 270.0, 5.0, on_ground=False)
    rule, events = room(most=0, min_speed=1.0), []
    for index in range(9):
        events += rule.update(View(tracks({1: IN}), frame(index), motion=lambda _: motion))
    assert len(events) == count


def test_who_was_fast_enough_when_he_came_counts_while_he_stands():
    rule, events = room(fewest=1, min_speed=1.0), []
    for index in range(20):
        motion = Motion(2.0 if index < 3 else 0.0, 0.1, 270.0, 5.0, on_ground=False)
        view = View(tracks({1: IN}), frame(index), motion=lambda _, now=motion: now)
        events += rule.update(view)
    assert events == []


def test_of_those_whose_speed_is_known_at_once_who_came_in_last_is_shown():
    """A car that does not count is there, too; 2 came in before 1, then 3, who is known first."""
    rule, events = room(most=2, min_speed=1.0), []
    comes, known = {1: 4, 2: 0, 3: 8}, {1: 21, 2: 21, 3: 20}
    kinds = np.array([0, 0, 0, 2], np.int64)
    for index in range(40):
        people = tracks({**{n: IN if index >= at else OUT for n, at in comes.items()}, 4: OUT})
        moving = {
            n: Motion(2.0 if index >= at else 0.0, 0.1, 270.0, 5.0, on_ground=False)
            for n, at in known.items()
        }
        now = View(replace(people, class_id=kinds), frame(index), motion=moving.get)
        events += rule.update(now)
    assert [event.sighting.track for event in events] == [1]


def test_when_it_is_armed_again_it_counts_anew():
    rule = room(most=1)
    stay(rule, [2] * 6)
    (closed,) = rule.close(frame(6), "disarmed")
    assert told([closed]) == [(CLEARED, "disarmed", 0.6)]
    assert told(stay(rule, [2] * 6, first=9)) == [(RAISED, "too_many", 1.4)]


def test_who_comes_and_goes_all_day_is_not_remembered():
    rule = room(most=1)

    def come_and_go(track):
        lead(rule, [{1: IN, 2: IN, track: IN}, {1: IN, 2: IN}], ended=[track])

    for track in range(300, 400):
        come_and_go(track)
    before = len(pickle.dumps(rule))
    for track in range(400, 1400):
        come_and_go(track)
    assert len(pickle.dumps(rule)) < before + 20


PLACES = st.lists(
    st.lists(st.sampled_from([IN, IN, OUT, None]), min_size=24, max_size=24),
    min_size=1,
    max_size=3,
)


def counts(walks, missed):
    """How many were inside where they were seen last, and that not long ago."""
    found = []
    for index in range(24):
        last = [max((i for i in range(index + 1) if walk[i]), default=None) for walk in walks]
        found.append(
            sum(
                seen is not None and walk[seen] == IN and index - seen <= missed
                for walk, seen in zip(walks, last, strict=True)
            )
        )
    return found


def alerts(counts, wrong, wait, update):
    """The obvious way: look back whether it was wrong, or right, in each picture for so long."""
    found, open_, said = [], False, (0, 0)
    for index, count in enumerate(counts):
        lately = counts[index - wait : index + 1] if index >= wait else []
        if lately and not open_ and all(map(wrong, lately)):
            found.append((RAISED, index, count))
            open_, said = True, (index, count)
        elif lately and open_ and not any(map(wrong, lately)):
            found.append((CLEARED, index, None))
            open_ = False
        elif open_ and wrong(count):
            other = count != said[1] and {*lately} == {count}
            if other or index - said[0] >= update:
                found.append((UPDATED, index, count))
                said = (index, count)
    return found


@settings(max_examples=300, deadline=None)
@given(PLACES, st.integers(0, 4), st.integers(3, 9))
def test_alerts_are_those_of_the_obvious_way(walks, wait, update):
    rule = room(most=1, never=0, for_s=wait / 10, update_s=update / 10)
    steps = [{n: walk[i] for n, walk in enumerate(walks, 1) if walk[i]} for i in range(24)]
    events = [
        (event.state, round(event.pts * 10), event.facts[0].value) for event in lead(rule, steps)
    ]
    expected = alerts(counts(walks, wait), lambda count: count > 1 or count == 0, wait, update)
    assert [(state, at) for state, at, _ in events] == [(state, at) for state, at, _ in expected]
    told = [event for event in events if event[0] is not CLEARED]
    assert told == [event for event in expected if event[0] is not CLEARED]
