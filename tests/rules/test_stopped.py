"""Stopped reports each stop once, however long it lasts and however often its track is lost."""

import itertools
import pickle
import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.picture import Still
from edge.rules.armed import Armed
from edge.rules.places import MOST
from edge.rules.stopped import Stopped
from edge.rules.view import View
from edge.types import Frame, Motion, Past, State
from tests.make import frame, tracks
from tests.rules.make_rules import built, lead, raised, told

SQUARE = ((0.25, 0.0), (0.75, 0.0), (0.75, 1.0), (0.25, 1.0))
SPOT, OUT = (100, 50), (20, 50)
FOUND, NEAR, ASIDE = (101, 50), (104, 50), (120, 50)  # at rest is within 5 pixels
RAISED, CLEARED = State.RAISED, State.CLEARED
WIDE = {"width": 40, "height": 20}


def stopped(**options):
    return built(Stopped, **({"polygon": SQUARE, "after_s": 10.0, "learn_s": 100.0} | options))


def stand(rule, places, *, track=1, **look):
    """One track's foot points, one a second; None where it is not seen."""
    return lead(rule, [{track: p} if p else {} for p in places], **({"fps": 1.0} | look))


def parked(**options):
    """A rule that has learnt what is on SPOT, which track 1 was until the 200th second."""
    rule = stopped(**options)
    stand(rule, [SPOT] * 150)
    stand(rule, [None], first=200, ended=[1])
    return rule


def when(events):
    return [(event.state, event.reason, event.pts, event.dwell_s) for event in events]


def test_what_is_at_rest_for_after_s_is_raised_and_cleared_when_it_has_moved_on():
    events = stand(stopped(), [SPOT] * 13 + [ASIDE] * 3)
    assert when(events) == [(RAISED, "stopped", 10, 10), (CLEARED, "moved_on", 14, 12)]
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


def test_after_learn_s_it_is_parked_and_nothing_is_told_of_it_again():
    rule = stopped()
    events = stand(rule, [SPOT] * 1000)
    assert when(events) == [(RAISED, "stopped", 10, 10), (CLEARED, "parked", 100, 100)]
    assert stand(rule, [None], first=1000, ended=[1]) == []
    assert stand(rule, [FOUND] * 200, track=2, first=9000) == []


def test_without_learning_it_stays_an_alert():
    rule = stopped(learn_s=0.0)
    assert len(stand(rule, [SPOT] * 1000)) == 1
    assert told(stand(rule, [None], first=1000, ended=[1])) == [(CLEARED, "track_ended")]


def test_what_was_parked_and_comes_back_is_a_stop_of_its_own():
    rule = stopped()
    stand(rule, [SPOT] * 150)
    drive = [ASIDE] * 3 + [OUT] * 3 + [ASIDE] * 3
    assert [event.pts for event in stand(rule, drive + [SPOT] * 12, first=150)] == [170]


def test_what_drives_into_a_place_that_was_parked_in_is_another():
    """The first one went while nobody looked."""
    rule = parked()
    arrival = [OUT, (60, 50), (80, 50), *[SPOT] * 13]
    assert [event.pts for event in stand(rule, arrival, track=2, first=5000)] == [5013]
    stand(rule, [None], first=5016, ended=[2])
    assert len(stand(rule, [SPOT] * 11, track=3, first=5100)) == 1, "2 was not parked"


def test_what_drives_into_a_place_whose_track_is_not_given_up_yet_is_another():
    rule = stopped()
    stand(rule, [SPOT] * 150)
    arrival = [OUT, (60, 50), (80, 50), *[SPOT] * 4]
    assert stand(rule, arrival, track=2, first=300) == []
    assert stand(rule, [SPOT], track=2, first=307, ended=[1]) == []
    assert [event.pts for event in stand(rule, [SPOT] * 9, track=2, first=308)] == [313]


def test_what_drives_in_beside_it_and_over_most_of_it_is_there_in_its_place():
    rule = stopped()
    stand(rule, [SPOT] * 150, **WIDE)
    stand(rule, [None], first=200, ended=[1])
    arrival = [OUT, (60, 50), *[(106, 50)] * 13]  # more than a quarter of its height aside
    assert len(stand(rule, arrival, track=2, first=300, **WIDE)) == 1
    stand(rule, [None], first=400, ended=[2])
    assert len(stand(rule, [SPOT] * 11, track=3, first=500, **WIDE)) == 1


def test_where_something_parked_and_went_another_stop_is_told():
    rule = stopped()
    stand(rule, [SPOT] * 150)
    stand(rule, [ASIDE, ASIDE, OUT, None], first=150, ended=[1])
    assert len(stand(rule, [SPOT] * 11, track=2, first=170)) == 1


def test_what_is_found_for_an_instant_is_parked_as_before():
    rule = parked()
    lead(rule, [{2: SPOT}], first=3000)
    lead(rule, [{}], first=3010, ended=[2])
    assert stand(rule, [SPOT] * 60, track=3, first=4000) == []


def test_half_of_it_is_seen_at_first_and_it_is_what_was_lost_there():
    rule = parked()
    stand(rule, [SPOT] * 4, track=2, first=300, width=10, height=10)
    assert stand(rule, [SPOT] * 60, track=2, first=304) == []


def test_what_was_lost_before_it_was_told_of_is_told_of_when_it_is_found():
    rule = stopped()
    stand(rule, [*[SPOT] * 6, None], ended=[1])
    stand(rule, [SPOT] * 4, track=2, first=8, width=10, height=10)
    assert [event.pts for event in stand(rule, [SPOT] * 60, track=2, first=12)] == [18]


def test_what_was_too_fast_until_it_was_parked_is_not_told_of_later():
    rule = stopped(max_speed=1.0)

    def look(second, speed):
        now = View(
            tracks({1: SPOT}),
            frame(pts=float(second)),
            motion=lambda _track: Motion(speed, 0.1, 0.0, 180.0, on_ground=False),
        )
        return [*rule.update(now)]

    assert [event for second in range(120) for event in look(second, 2.0)] == []
    assert look(120, 0.5) == []


def test_another_size_found_in_the_place_is_another_thing():
    rule = parked()
    assert len(stand(rule, [SPOT] * 11, track=2, first=300, **WIDE)) == 1
    stand(rule, [None], first=400, ended=[2], **WIDE)
    assert len(stand(rule, [SPOT] * 11, track=3, first=500)) == 1, "the first is forgotten"


def test_a_neighbour_is_another_thing():
    rule = parked()
    assert len(stand(rule, [(108, 50)] * 11, track=2, first=300)) == 1
    assert stand(rule, [SPOT] * 30, track=3, first=400) == []


def test_what_is_lost_and_found_goes_on_with_its_time():
    rule = stopped()
    stand(rule, [*[SPOT] * 6, None], ended=[1])
    assert when(stand(rule, [FOUND] * 3, track=2, first=8)) == [(RAISED, "stopped", 10, 10)]


def test_what_is_found_only_much_later_begins_anew():
    rule = stopped()
    stand(rule, [*[SPOT] * 6, None], ended=[1])
    assert [event.pts for event in stand(rule, [SPOT] * 12, track=2, first=90)] == [100]


def test_one_stop_is_one_alert_though_its_track_is_lost():
    rule = stopped()
    events = stand(rule, [*[SPOT] * 12, None], ended=[1])
    assert told(events) == [(RAISED, "stopped"), (CLEARED, "track_ended")]
    assert stand(rule, [SPOT] * 60, track=2, first=30) == []


def test_a_track_that_begins_before_the_other_has_ended_goes_on_with_its_stop():
    rule = stopped()
    stand(rule, [SPOT] * 12)
    assert stand(rule, [SPOT] * 30, track=2, first=13) == [], "told of though 1 may come back"
    assert told(stand(rule, [SPOT], track=2, first=50, ended=[1])) == [(CLEARED, "track_ended")]
    assert stand(rule, [SPOT] * 40, track=2, first=51) == []


def test_who_passes_a_parked_car_and_takes_its_id_along_makes_no_alert():
    rule = stopped()
    stand(rule, [SPOT] * 150)
    passing = [{1: (110, 50)}, {1: (125, 50), 2: SPOT}, {1: (140, 50), 2: SPOT}, {2: SPOT}]
    events = lead(rule, passing, first=150, fps=1)
    events += stand(rule, [SPOT] * 300, track=2, first=154)
    assert events == []


def test_two_who_change_their_ids_beside_a_parked_car_make_no_alert():
    """Track 2 came driving, and is what is parked now."""
    rule = stopped()
    stand(rule, [SPOT] * 150)
    swap = [{1: SPOT, 2: (60, 50)}, {1: SPOT, 2: (85, 50)}]
    swap += [{1: (115, 50), 2: SPOT}, {1: (140, 50), 2: SPOT}, {1: OUT, 2: SPOT}]
    assert lead(rule, swap, first=150, fps=1) == []
    assert stand(rule, [SPOT] * 300, track=2, first=155) == []


def test_cars_that_stop_one_after_another_are_no_stop():
    """Each is lost where it leaves the picture; together they are there for minutes."""
    rule = stopped()
    for car in range(30):
        way = [(60, 50), (85, 50), *[SPOT] * 4, None]
        assert stand(rule, way, track=car, first=8 * car, ended=[car]) == []


@pytest.mark.parametrize(("first", "end"), [(30, "track_ended"), (100, "parked")])
def test_parked_car_through_a_night(first, end):
    """Ten hours; it is lost every few minutes, once for an hour, and jitters all the time."""
    shake, rule, events, index = random.Random(8), stopped(), [], 0  # a frame in two seconds
    for track in range(1, 130):
        until = index + (shake.randrange(60, 200) if index else first)
        for at in range(index, until):
            foot = 100 + shake.gauss(0, 0.7), 50 + shake.gauss(0, 0.7)
            size = {"width": 10 + shake.gauss(0, 0.4), "height": 20 + shake.gauss(0, 0.7)}
            events += rule.update(View(tracks({track: foot}, **size), frame(at, fps=0.5)))
        events += rule.update(View(tracks(ended=[track]), frame(until, fps=0.5)))
        index = until + (1800 if track == 50 else shake.randrange(1, 20))
    assert index > 10 * 1800
    assert told(events) == [(RAISED, "stopped"), (CLEARED, end)]


def test_sessions_leave_nothing_behind_but_what_is_at_rest():
    rule, sizes = stopped(), []
    for session in range(50):
        lead(rule, [{100 * session + n: (20 + n, 50) for n in range(20)}], first=session)
        list(rule.close(frame(session), "session_ended"))
        sizes.append(len(pickle.dumps(rule)))
    assert sizes[-1] <= sizes[1] + 10


def reconnected(rule, places, *, session, track=9):
    """One a second, in a session whose time begins at 0."""
    events = []
    for second, place in enumerate(places):
        seen = tracks({track: place})
        events += rule.update(View(seen, frame(pts=float(second), session=session)))
    return events


def test_a_reconnect_tells_nothing_of_what_is_parked():
    rule = stopped()
    stand(rule, [SPOT] * 150)
    for session in range(1, 6):
        assert list(rule.close(frame(999), "session_ended")) == []
        assert reconnected(rule, [SPOT] * 30, session=session, track=session) == []


def test_a_reconnect_does_not_stop_the_clock_of_a_stop():
    rule = stopped()
    stand(rule, [SPOT] * 7)
    list(rule.close(frame(pts=6.0), "session_ended"))
    assert [event.pts for event in reconnected(rule, [SPOT] * 20, session=1)] == [4]


def test_an_alert_of_a_session_is_cleared_and_not_raised_in_the_next():
    rule = stopped()
    stand(rule, [SPOT] * 12)
    assert when(rule.close(frame(pts=12.0), "session_ended")) == [
        (CLEARED, "session_ended", 12, 11)
    ]
    assert told(reconnected(rule, [SPOT] * 120, session=1)) == []


def test_what_is_parked_is_known_when_it_is_armed_again():
    hours = Armed(stopped(), lambda view: not 1_700_000_200 < view.frame.time < 1_700_030_000)
    stand(hours, [SPOT] * 150)
    stand(hours, [SPOT], first=250)
    assert stand(hours, [SPOT] * 200, first=30_001, track=2) == []
    assert len(stand(hours, [ASIDE] * 11, first=30_301, track=3)) == 1


def test_what_had_stopped_before_it_was_disarmed_is_told_again():
    rule = stopped()
    stand(rule, [SPOT] * 12)
    list(rule.close(frame(pts=12.0), "disarmed"))
    assert [event.pts for event in stand(rule, [SPOT] * 11, first=5000)] == [5010]


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


def park(rule, track, place):
    """It is there for three seconds, and lost in the fourth."""
    look = {"track": track, "width": 4, "height": 4}
    events = stand(rule, [place] * 3, first=4 * track, **look)
    return events + stand(rule, [None], first=4 * track + 3, ended=[track])


def test_only_so_many_places_are_remembered_and_the_oldest_are_forgotten():
    rule, sizes = stopped(after_s=0.0, learn_s=1.0), []
    spots = [(55 + 5 * (n % 18), 10 + 10 * (n // 18)) for n in range(MOST + 20)]
    for number, place in enumerate(spots):
        assert told(park(rule, number, place)) == [(RAISED, "stopped"), (CLEARED, "parked")]
        sizes.append(len(pickle.dumps(rule)))
    assert sizes[-1] <= sizes[MOST] + 200 < 2 * sizes[MOST // 2]
    known = [park(rule, 200 + number, place) == [] for number, place in enumerate(spots[20:])]
    assert known == [True] * MOST
    assert told(park(rule, 400, spots[19])) == [(RAISED, "stopped"), (CLEARED, "parked")]


def test_what_passes_leaves_no_places_behind():
    rule = stopped()
    sizes = []
    for car in range(50):
        way = [*[(x, 50) for x in range(50, 150, 4)], None]
        stand(rule, way, track=car, first=30 * car, ended=[car])
        sizes.append(len(pickle.dumps(rule)))
    assert sizes[-1] <= sizes[1] + 10


STEP = st.sampled_from([SPOT, SPOT, SPOT, SPOT, NEAR, ASIDE, OUT, None])


def stops(places, *, after):
    """The obvious way: in each tenth of a second look at all sightings since it came to rest."""
    found, start, alert = [], None, False
    for now, place in enumerate(places):
        if place is None:
            continue
        if start is not None and far(place, places[start]):
            last = max(at for at in range(start, now) if not far(places[at], places[start]))
            away = [at for at in range(last + 1, now + 1) if places[at]]
            if now - away[0] >= 10:
                found += [(now, "moved_on")] * alert
                start, alert = None, False
        if start is None and place is not OUT:
            start = now
        rests = start is not None and not far(place, places[start])
        if rests and not alert and now - start >= after:
            found.append((now, "stopped"))
            alert = True
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
