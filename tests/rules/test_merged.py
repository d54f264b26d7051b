"""One intruder is one alert, however many fragments his track has; two intruders are two."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.rules.merged import Merged, merged
from edge.rules.view import View
from edge.types import Direction, Past, State
from tests.make import box_at, frame, tracks
from tests.rules.make_rules import LEFT, RIGHT, make_rule, raised, told

HERE, BESIDE, FAR = (150, 50), (155, 50), (195, 95)  # all in the zone; boxes are 20 pixels tall
ENTERED, CONTINUED = (State.RAISED, "entered"), (State.UPDATED, "continued")
TRACK_ENDED = (State.CLEARED, "track_ended")


def zone(*, merge_s=1.0, cooldown_s=0.0, **options):
    return Merged(make_rule("zone", **options), merge_s=merge_s, cooldown_s=cooldown_s)


def show(rule, feet, index, *, ended=(), split=None, past=None, **look):
    """One frame, ten a second."""
    seen = replace(tracks(feet, ended=ended, **look), split=split or {}, past=past or {})
    return list(rule.update(View(seen, frame(index))))


def handed_on(rule, other=BESIDE, *, pause=2, **look):
    """1 is seen, lost and ended; so many frames later there is 2."""
    events = show(rule, {1: HERE}, 0) + show(rule, {}, 1, ended=[1])
    return events + show(rule, {2: other}, 1 + pause, **look)


def test_a_fragment_goes_on_with_the_alert():
    rule = zone()
    events = handed_on(rule) + show(rule, {}, 4, ended=[2]) + show(rule, {}, 30)
    assert told(events) == [ENTERED, CONTINUED, TRACK_ENDED]
    assert {event.key for event in events} == {events[0].key}
    assert [event.sighting.track for event in events] == [1, 2, 2]


def test_any_number_of_fragments_is_one_alert():
    rule, events = zone(), []
    for track in range(1, 9):
        events += show(rule, {track: HERE}, 5 * track)
        events += show(rule, {}, 5 * track + 1, ended=[track])
    assert told(events) == [ENTERED] + [CONTINUED] * 7
    assert told(show(rule, {}, 99)) == [TRACK_ENDED]


def test_a_lost_track_is_waited_for_as_long_as_one_may_go_on_with_it():
    rule = zone(merge_s=1.0)
    events = show(rule, {1: HERE}, 0) + show(rule, {}, 1, ended=[1])
    events += [event for index in range(2, 30) for event in show(rule, {}, index)]
    assert told(events) == [ENTERED, TRACK_ENDED]
    assert events[1].pts == pytest.approx(1.0)


def test_the_end_that_was_waited_with_tells_what_it_would_have_told():
    rule = zone(update_s=60)
    events = show(rule, {1: HERE}, 0) + show(rule, {1: BESIDE}, 5) + show(rule, {}, 6, ended=[1])
    events += show(rule, {}, 30)
    assert (events[1].dwell_s, events[1].sighting.foot) == (0.5, (0.775, 0.5))


def test_a_track_that_is_long_unseen_when_it_ends_is_over_at_once():
    rule = zone(merge_s=1.0)
    events = show(rule, {1: HERE}, 0) + show(rule, {}, 20, ended=[1])
    assert told(events) == [ENTERED, TRACK_ENDED]


def test_a_fragment_may_begin_before_the_lost_track_ends():
    rule = zone()
    events = show(rule, {1: HERE}, 0) + show(rule, {2: BESIDE}, 2)
    assert told(events) == [ENTERED, CONTINUED]
    assert show(rule, {2: BESIDE}, 20, ended=[1]) == []
    assert told(show(rule, {}, 21, ended=[2]) + show(rule, {}, 40)) == [TRACK_ENDED]


def test_a_second_intruder_far_off_has_his_own_alert():
    assert told(handed_on(zone(), FAR)) == [ENTERED, ENTERED]


def test_how_far_he_may_be_grows_with_the_time_that_he_was_not_seen():
    """Half a box's height, 10 pixels, and 30 pixels for each second."""
    assert told(handed_on(zone(), (174, 50), pause=4)) == [ENTERED, CONTINUED]
    assert told(handed_on(zone(), (174, 50), pause=3)) == [ENTERED, ENTERED]


def test_distance_is_that_of_where_the_fragment_begins():
    rule = zone()
    show(rule, {1: HERE, 2: LEFT}, 0)
    show(rule, {}, 1, ended=[1])
    show(rule, {3: (40, 50)}, 2)
    assert told(show(rule, {3: HERE}, 3)) == [ENTERED]


def test_another_class_has_its_own_alert():
    rule = zone(classes=frozenset({0, 2}))
    assert told(handed_on(rule, class_id=2)) == [ENTERED, ENTERED]


def test_who_was_there_together_with_the_lost_one_is_somebody_else():
    rule = zone()
    show(rule, {1: LEFT, 2: LEFT}, 0)
    assert told(show(rule, {1: HERE, 2: LEFT}, 1)) == [ENTERED]
    assert told(show(rule, {2: BESIDE}, 2)) == [ENTERED]


def test_who_was_measured_before_the_lost_one_was_lost_is_somebody_else():
    """His id is given later, as is that of everybody who is new."""
    rule = zone()
    show(rule, {1: HERE}, 0)
    show(rule, {1: HERE}, 1)
    past = Past(np.array([0.0, 0.1]), np.array([box_at(*BESIDE)] * 2, np.float32))
    assert told(show(rule, {2: BESIDE}, 2, past={2: past})) == [ENTERED]


def test_the_way_back_over_a_line_is_no_fragment_of_the_way_there():
    rule = Merged(make_rule("tripwire"), merge_s=2.0)
    there = show(rule, {1: (102, 50)}, 0) + show(rule, {1: (98, 50)}, 1)
    back = show(rule, {2: (98, 50)}, 2) + show(rule, {2: (102, 50)}, 3)
    assert [event.state for event in there + back] == [State.RAISED, State.RAISED]
    assert (there[0].direction, back[0].direction) == (Direction.INWARD, Direction.OUTWARD)


def test_the_nearest_alert_goes_on():
    rule = zone()
    one, other = show(rule, {1: (140, 50), 2: (150, 50)}, 0)
    assert (one.sighting.track, other.sighting.track) == (1, 2)
    assert [event.key for event in show(rule, {3: (147, 50)}, 1)] == [other.key]


def test_a_lost_track_that_is_seen_again_goes_on_as_if_nothing_had_been():
    rule = zone()
    events = show(rule, {1: HERE}, 0) + show(rule, {}, 5) + show(rule, {1: HERE}, 9)
    events += show(rule, {2: BESIDE, 1: HERE}, 10)
    assert told(events) == [ENTERED, ENTERED]


def test_who_lost_his_alert_to_another_has_one_of_his_own_when_he_is_seen_again():
    rule = zone()
    show(rule, {1: HERE}, 0)
    (went_on,) = show(rule, {2: BESIDE}, 5)
    (again,) = show(rule, {1: HERE, 2: BESIDE}, 6)
    assert (told([again]), again.key == went_on.key) == ([ENTERED], False)
    assert (again.sighting.track, again.pts) == (1, 0.6)
    (left,) = show(rule, {1: HERE, 2: LEFT}, 7)
    assert (left.state, left.key) == (State.CLEARED, went_on.key)
    (left,) = show(rule, {1: LEFT, 2: LEFT}, 8)
    assert (left.state, left.key) == (State.CLEARED, again.key)


def test_who_went_on_with_an_alert_and_lost_it_is_raised_for_what_the_rule_said():
    rule = zone()
    show(rule, {1: HERE}, 0)
    show(rule, {3: HERE}, 1)
    show(rule, {2: HERE}, 2)
    (again,) = show(rule, {2: HERE, 3: HERE}, 3)
    assert (told([again]), again.sighting.track) == ([ENTERED], 3)


def test_an_alert_follows_who_goes_on_under_another_id():
    """1 was taken for 2 wrongly; 2 is lost then, and 3 goes on."""
    rule = zone()
    (first,) = show(rule, {1: HERE}, 0)
    show(rule, {1: LEFT, 2: HERE}, 1, split={1: 2})
    (event,) = show(rule, {1: LEFT, 3: BESIDE}, 3)
    assert (told([event]), event.key) == ([CONTINUED], first.key)


def test_updates_go_on_under_the_first_key():
    rule = zone(update_s=0.2)
    events = handed_on(rule) + show(rule, {2: BESIDE}, 5)
    assert told(events) == [ENTERED, CONTINUED, (State.UPDATED, "dwelling")]
    assert len({event.key for event in events}) == 1


def test_during_the_cool_down_others_are_left_out():
    rule = zone(merge_s=0, cooldown_s=1.0)
    events = show(rule, {1: HERE}, 0) + show(rule, {1: HERE, 2: FAR}, 5)
    events += show(rule, {1: HERE}, 7, ended=[2]) + show(rule, {1: HERE, 3: FAR}, 10)
    assert told(events) == [ENTERED, ENTERED]
    assert [event.sighting.track for event in events] == [1, 3]


def test_what_goes_on_when_the_cool_down_is_over_is_raised_then():
    rule = zone(merge_s=0, cooldown_s=1.0)
    events = show(rule, {1: HERE}, 0) + show(rule, {1: HERE, 2: FAR}, 5)
    events += show(rule, {1: HERE, 2: BESIDE}, 9) + show(rule, {1: HERE, 2: BESIDE}, 10)
    assert told(events) == [ENTERED, ENTERED]
    late = events[1]
    assert (late.sighting.track, late.sighting.foot) == (2, (0.775, 0.5))
    assert (late.pts, late.time, late.dwell_s) == (1.0, frame(10).time, 0.5)
    assert [(f.value, f.unit) for f in late.facts if f.name == "waited"] == [(0.5, "s")]
    (cleared,) = show(rule, {1: HERE}, 11, ended=[2])
    assert (cleared.state, cleared.key) == (State.CLEARED, late.key)


def test_each_that_is_raised_late_begins_a_cool_down_and_the_oldest_comes_first():
    rule = zone(merge_s=0, cooldown_s=1.0)
    events = show(rule, {1: HERE}, 0)
    for index in range(1, 40):
        events += show(rule, {1: HERE, 2: FAR, 3: FAR} | ({4: FAR} if index > 9 else {}), index)
    assert [(event.pts, event.sighting.track) for event in events] == [
        (0, 1),
        (1, 2),
        (2, 3),
        (3, 4),
    ]


def test_who_waits_for_the_cool_down_under_another_id_is_raised_as_he_is_known_then():
    rule = zone(merge_s=0, cooldown_s=1.0)
    show(rule, {1: HERE}, 0)
    show(rule, {1: HERE, 2: FAR}, 5)
    show(rule, {1: HERE, 3: FAR}, 6, split={2: 3})
    (event,) = show(rule, {1: HERE, 3: BESIDE}, 10)
    assert (event.state, event.sighting.track) == (State.RAISED, 3)
    assert event.sighting.foot == (0.775, 0.5)


def test_who_waits_for_the_cool_down_is_closed_unheard():
    rule = zone(merge_s=0, cooldown_s=1.0)
    show(rule, {1: HERE, 2: FAR}, 0)
    assert len(list(rule.close(frame(5), "disarmed"))) == 1
    assert told(show(rule, {2: FAR}, 20)) == [ENTERED]


def test_a_stop_that_is_handed_on_is_merged_as_the_new_track():
    """The rule itself says who goes on with it."""
    rule = Merged(make_rule("stopped"), merge_s=1.0)
    events = show(rule, {1: HERE}, 0) + show(rule, {}, 1, ended=[1])
    events += show(rule, {2: HERE}, 4) + show(rule, {2: HERE, 3: BESIDE}, 6)
    assert told(events) == [(State.RAISED, "stopped"), CONTINUED, (State.RAISED, "stopped")]


def test_a_fragment_goes_on_during_the_cool_down():
    assert told(handed_on(zone(cooldown_s=10))) == [ENTERED, CONTINUED]


def test_a_cool_down_is_over_with_the_session():
    rule = zone(cooldown_s=60)
    show(rule, {1: HERE}, 0)
    assert len(list(rule.close(frame(1), "session_ended"))) == 1
    assert told(show(rule, {2: HERE}, 2)) == [ENTERED]


def test_closing_clears_what_goes_on_and_what_waits_once():
    rule = zone()
    handed_on(rule)
    show(rule, {2: BESIDE, 3: FAR}, 4)
    show(rule, {2: BESIDE}, 5, ended=[3])
    closed = list(rule.close(frame(6), "session_ended"))
    assert told(closed) == [(State.CLEARED, "session_ended")] * 2
    assert {event.key for event in closed} == {"1/1", "3/3"}
    assert list(rule.close(frame(7), "session_ended")) == []


def test_without_time_to_merge_or_to_cool_down_a_rule_stays_as_it_is():
    rule = make_rule("zone")
    assert merged(rule, merge_s=0, cooldown_s=0) is rule
    assert isinstance(merged(rule, merge_s=1, cooldown_s=0), Merged)


def test_ended_tracks_are_forgotten():
    rule = zone()
    for track in range(1, 50):
        show(rule, {track: HERE}, 2 * track)
        show(rule, {}, 2 * track + 1, ended=[track])
    list(show(rule, {}, 200))
    assert (rule._begins, rule._open, rule._out) == ({}, {}, set())


PLACES = st.sampled_from([LEFT, RIGHT, HERE, BESIDE, FAR, (100, 50), (101, 52)])
FRAMES = st.lists(
    st.tuples(st.dictionaries(st.integers(1, 6), PLACES), st.sets(st.integers(1, 6), max_size=1)),
    max_size=40,
)


def played(rule, frames):
    """All events; and where each track was, frame by frame. A track that ended is gone."""
    gone, events, seen = set(), [], []
    for index, (feet, ends) in enumerate(frames):
        known = {track for where in seen for track in where}
        over = (ends & known) - gone
        gone |= over
        seen.append({track: foot for track, foot in feet.items() if track not in gone})
        events += show(rule, seen[-1], index, ended=sorted(over))
    return [*events, *rule.close(frame(len(frames)), "session_ended")], seen


@pytest.mark.parametrize("kind", ["zone", "tripwire"])
@settings(deadline=None, max_examples=150)
@given(FRAMES, st.sampled_from([0.0, 0.3, 2.0]), st.sampled_from([0.0, 0.5]))
def test_each_alert_is_raised_once_and_cleared_once(kind, frames, merge_s, cooldown_s):
    rule = Merged(make_rule(kind), merge_s=merge_s, cooldown_s=cooldown_s)
    open_now, ever = set(), set()
    for event in played(rule, frames)[0]:
        if event.state is State.RAISED:
            assert event.key not in ever
            open_now.add(event.key)
            ever.add(event.key)
        assert event.key in open_now
        if event.state is State.CLEARED:
            open_now.remove(event.key)
    assert not open_now


@pytest.mark.parametrize("kind", ["zone", "tripwire"])
@settings(deadline=None, max_examples=150)
@given(FRAMES)
def test_who_goes_on_with_an_alert_can_be_who_caused_it(kind, frames):
    """He began after the other was seen last, soon enough, and near enough to get there."""
    events, seen = played(Merged(make_rule(kind), merge_s=1.0), frames)
    whose = {}
    for event in events:
        now, track = round(event.pts * 10), event.sighting.track
        if event.reason == "continued":
            before = whose[event.key]
            last = max(at for at in range(now + 1) if before in seen[at])
            first = min(at for at in range(now + 1) if track in seen[at])
            assert last < first <= now < last + 10
            apart = np.subtract(seen[last][before], seen[first][track])
            assert np.hypot(*apart) <= 10 + 3 * (first - last) + 1e-6
        whose[event.key] = track


@pytest.mark.parametrize("kind", ["zone", "tripwire"])
@settings(deadline=None, max_examples=100)
@given(FRAMES)
def test_nobody_is_left_out_without_a_cool_down(kind, frames):
    """Whatever the rule raises is raised, or goes on with another alert."""
    alone, _ = played(make_rule(kind), frames)
    together, _ = played(Merged(make_rule(kind), merge_s=1.0), frames)
    begun = [
        e
        for e in together
        if (e.state is State.RAISED and e.key.count("/") == 1) or e.reason == "continued"
    ]  # without those that are raised again
    assert [(e.pts, e.sighting) for e in begun] == [(e.pts, e.sighting) for e in raised(alone)]


@settings(deadline=None, max_examples=200)
@given(FRAMES, st.sampled_from([0.0, 0.2, 1.0]))
def test_a_cool_down_keeps_the_first_and_later_the_oldest_that_goes_on(frames, cooldown_s):
    alone, _ = played(make_rule("zone"), frames)
    waiting, kept, last = [], [], -np.inf
    for index in range(len(frames)):
        for event in [event for event in alone if event.pts == frame(index).pts]:
            if event.state is State.RAISED and not waiting and index - last >= 10 * cooldown_s:
                kept.append((index, event.key))
                last = index
            elif event.state is State.RAISED:
                waiting.append(event.key)
            elif event.state is State.CLEARED and event.key in waiting:
                waiting.remove(event.key)
        if waiting and index - last >= 10 * cooldown_s:
            kept.append((index, waiting.pop(0)))
            last = index
    cooled, _ = played(Merged(make_rule("zone"), cooldown_s=cooldown_s), frames)
    assert [(round(event.pts * 10), event.key) for event in raised(cooled)] == kept
