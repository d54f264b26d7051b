"""A zone reports each stay once, from its dwell time until it is left."""

from edge.rules.zone import Zone
from edge.types import State
from tests.make import frame, tracks

SQUARE = ((0.25, 0.0), (0.75, 0.0), (0.75, 1.0), (0.25, 1.0))
IN, OUT = (100, 50), (20, 50)


def zone(**options):
    return Zone(camera="gate", name="yard", polygon=SQUARE, classes=frozenset({0}), **options)


def stay(rule, places, *, ended_after=False):
    events = []
    for index, place in enumerate(places):
        seen = tracks({1: place}) if place else tracks()
        events += rule.update(seen, frame(index))
    if ended_after:
        events += rule.update(tracks(ended=[1]), frame(len(places)))
    return events


def told(events):
    return [(e.state, e.reason, round(e.pts, 1)) for e in events]


def test_a_stay_is_raised_after_its_dwell_and_cleared_when_left():
    events = stay(zone(dwell_s=0.5, leave_s=0.2), [IN] * 10 + [OUT] * 5)
    assert told(events) == [(State.RAISED, "entered", 0.5), (State.CLEARED, "left", 1.1)]
    assert events[0].dwell_s == 0.5
    assert events[1].dwell_s == 0.9
    assert events[0].key == events[1].key


def test_without_a_dwell_the_first_sighting_counts():
    assert told(stay(zone(), [OUT, IN])) == [(State.RAISED, "entered", 0.1)]


def test_a_stay_shorter_than_the_dwell_is_not_reported():
    assert stay(zone(dwell_s=0.5), [IN] * 4 + [OUT] * 4, ended_after=True) == []


def test_a_long_stay_is_updated_with_its_dwell():
    events = stay(zone(update_s=0.5), [IN] * 12)
    assert [e.state for e in events] == [State.RAISED, State.UPDATED, State.UPDATED]
    assert [e.dwell_s for e in events] == [0.0, 0.5, 1.0]


def test_flicker_at_the_border_does_not_end_a_stay():
    events = stay(zone(leave_s=0.5), [IN, OUT, IN, OUT, OUT, IN] * 3)
    assert len(events) == 1


def test_a_missed_detection_is_not_outside():
    assert len(stay(zone(leave_s=0.1), [IN] + [None] * 10 + [IN])) == 1


def test_the_end_of_the_track_clears_it():
    events = stay(zone(), [IN, IN], ended_after=True)
    assert told(events)[1][:2] == (State.CLEARED, "track_ended")
    assert events[1].sighting == events[0].sighting


def test_leaving_and_re_entering_are_two_alerts():
    events = stay(zone(leave_s=0.1), [IN, OUT, OUT, OUT, IN])
    assert [e.state for e in events] == [State.RAISED, State.CLEARED, State.RAISED]


def test_closing_clears_what_is_open_and_forgets():
    rule = zone()
    stay(rule, [IN])
    assert [e.reason for e in rule.close(frame(5), "disarmed")] == ["disarmed"]
    assert list(rule.close(frame(6), "disarmed")) == []
    assert [e.state for e in rule.update(tracks({1: IN}), frame(7))] == [State.RAISED]


def test_two_tracks_have_two_alerts():
    events = list(zone().update(tracks({1: IN, 2: IN}), frame(0)))
    assert {e.key for e in events} == {"1", "2"}
