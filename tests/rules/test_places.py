"""One stop is one alert, however often its track is lost; what is parked is learnt once."""

import pickle
import random

import pytest

from edge.rules.armed import Armed
from edge.rules.places import MOST
from edge.rules.view import View
from edge.types import Motion
from tests.make import frame, tracks
from tests.rules.make_rules import lead, told
from tests.rules.make_stops import (
    ASIDE,
    CLEARED,
    FOUND,
    OUT,
    RAISED,
    SPOT,
    UPDATED,
    WIDE,
    parked,
    stand,
    stopped,
    when,
)


def test_after_learn_s_it_is_parked_and_nothing_is_told_of_it_again():
    rule = stopped()
    events = stand(rule, [SPOT] * 1000)
    assert when(events) == [(RAISED, "stopped", 10, 10), (CLEARED, "parked", 100, 100)]
    assert stand(rule, [None], first=1000, ended=[1]) == []
    assert stand(rule, [FOUND] * 200, track=2, first=9000) == []


def test_without_learning_it_stays_an_alert():
    rule = stopped(learn_s=0.0)
    assert len(stand(rule, [SPOT] * 1000)) == 1
    assert stand(rule, [None], first=1000, ended=[1]) == []
    assert told(stand(rule, [None] * 60, first=1001)) == [(CLEARED, "track_ended")]


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
    assert told(stand(rule, [None], first=5090)) == [(CLEARED, "track_ended")]
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
    assert look(120, 0.1) == []


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


def test_one_stop_is_one_alert_however_often_its_track_is_lost():
    rule = stopped()
    events = stand(rule, [*[SPOT] * 12, None], ended=[1])
    for track in range(2, 6):
        events += stand(rule, [*[FOUND] * 5, None], track=track, first=10 * track, ended=[track])
    assert told(events) == [(RAISED, "stopped")] + [(UPDATED, "continued")] * 4
    assert {event.key for event in events} == {"1/1"}
    assert [event.sighting.track for event in events] == [1, 2, 3, 4, 5]
    assert events[-1].dwell_s == 50
    cleared = stand(rule, [None] * 80, first=56)
    assert when(cleared) == [(CLEARED, "track_ended", 54 + 60, 54)]
    assert (cleared[0].key, cleared[0].sighting.track) == ("1/1", 5)


def test_what_was_lost_and_found_is_cleared_when_it_moves_on():
    rule = stopped()
    events = stand(rule, [*[SPOT] * 12, None], ended=[1])
    events += stand(rule, [FOUND] * 20 + [ASIDE] * 10, track=2, first=40)
    assert when(events) == [
        (RAISED, "stopped", 10, 10),
        (UPDATED, "continued", 40, 40),
        (CLEARED, "moved_on", 63, 59),
    ]


def test_what_was_lost_and_found_is_cleared_when_it_is_parked():
    rule = stopped()
    events = stand(rule, [*[SPOT] * 12, None], ended=[1])
    events += stand(rule, [SPOT] * 300, track=2, first=30)
    assert when(events)[1:] == [(UPDATED, "continued", 30, 30), (CLEARED, "parked", 100, 100)]


def test_what_stands_where_an_alert_is_still_open_is_an_alert_of_its_own():
    """It drove in: the first one is gone, though nobody saw it go."""
    rule = stopped()
    stand(rule, [*[SPOT] * 12, None], ended=[1])
    arrival = [OUT, (60, 50), (80, 50), *[SPOT] * 13]
    events = stand(rule, arrival, track=2, first=20)
    assert told(events) == [(RAISED, "stopped"), (CLEARED, "track_ended")]
    assert [event.key for event in events] == ["2/2", "1/1"]


def test_what_stops_elsewhere_meanwhile_is_an_alert_of_its_own():
    rule = stopped()
    stand(rule, [*[SPOT] * 12, None], ended=[1])
    (event,) = stand(rule, [ASIDE] * 13, track=2, first=20)
    assert (event.state, event.key) == (RAISED, "2/2")


def test_a_track_that_begins_before_the_other_has_ended_goes_on_with_its_stop():
    rule = stopped()
    (begun,) = stand(rule, [SPOT] * 12)
    assert stand(rule, [SPOT] * 30, track=2, first=13) == [], "told of though 1 may come back"
    (event,) = stand(rule, [SPOT], track=2, first=50, ended=[1])
    assert (event.state, event.reason, event.key) == (UPDATED, "continued", begun.key)
    assert (event.sighting.track, event.dwell_s) == (2, 50)
    (cleared,) = stand(rule, [SPOT] * 60, track=2, first=51)
    assert (cleared.reason, cleared.key) == ("parked", begun.key)


def test_two_tracks_of_one_stop_that_are_seen_at_once_have_an_alert_each_to_their_end():
    rule = stopped()
    events = lead(rule, [{1: SPOT, 2: FOUND}] * 12, fps=1)
    assert [event.key for event in events] == ["1/1", "2/2"]
    (cleared,) = stand(rule, [FOUND], track=2, first=12, ended=[1])
    assert (cleared.state, cleared.key) == (CLEARED, "1/1")


@pytest.mark.parametrize("hidden_s", [0, 1])
def test_who_passes_a_stop_and_takes_its_id_along_does_not_end_it(hidden_s):
    rule = stopped()
    (begun,) = stand(rule, [SPOT] * 20)
    hides = [{1: (110, 50)}, {1: (125, 50)}][: 1 + hidden_s]
    events = lead(rule, [*hides, {1: (140, 50), 2: SPOT}], first=20, fps=1)
    events += lead(rule, [{2: SPOT}] * 30, first=21 + len(hides), fps=1)
    assert told(events) == [(UPDATED, "continued")]
    assert (events[0].key, events[0].sighting.track) == (begun.key, 2)


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


@pytest.mark.parametrize("first", [30, 100])
def test_parked_car_through_a_night(first):
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
    assert [one for one in told(events) if one[0] is not UPDATED] == [
        (RAISED, "stopped"),
        (CLEARED, "parked"),
    ]
    assert {event.key for event in events} == {"1/1"}


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


def test_an_alert_whose_track_was_lost_is_cleared_with_the_session():
    rule = stopped()
    stand(rule, [*[SPOT] * 12, None], ended=[1])
    closed = [*rule.close(frame(pts=20.0), "session_ended")]
    assert when(closed) == [(CLEARED, "session_ended", 20, 11)]
    assert [*rule.close(frame(pts=21.0), "session_ended")] == []


def test_an_alert_of_a_session_is_cleared_and_not_raised_in_the_next():
    rule = stopped()
    stand(rule, [SPOT] * 12)
    assert when(rule.close(frame(pts=12.0), "session_ended")) == [
        (CLEARED, "session_ended", 12, 11)
    ]
    assert told(reconnected(rule, [SPOT] * 120, session=1)) == []


def test_what_is_parked_is_known_when_it_is_armed_again():
    hours = Armed(stopped(), lambda view: not 200 < view.pts < 30_000)
    stand(hours, [SPOT] * 150)
    stand(hours, [SPOT], first=250)
    assert stand(hours, [SPOT] * 200, first=30_001, track=2) == []
    assert len(stand(hours, [ASIDE] * 11, first=30_301, track=3)) == 1


def test_what_had_stopped_before_it_was_disarmed_is_told_again():
    rule = stopped()
    stand(rule, [SPOT] * 12)
    list(rule.close(frame(pts=12.0), "disarmed"))
    assert [event.pts for event in stand(rule, [SPOT] * 11, first=5000)] == [5010]


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
