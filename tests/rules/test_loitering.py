"""Loitering reports who stays about, however he goes in and out, and nobody who passes."""

import functools
import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.picture import Still
from edge.rules.loitering import Loitering
from edge.rules.view import View
from edge.types import Frame, Past, State
from tests.make import frame, tracks
from tests.rules.make_rules import built, lead, raised

SQUARE = ((0.25, 0.0), (0.75, 0.0), (0.75, 1.0), (0.25, 1.0))
IN, OUT = (100, 50), (20, 50)
METRES = np.diag((40.0, 20.0, 1.0))  # the picture is 40 m wide and 20 m deep, seen from above
RAISED, UPDATED, CLEARED = State.RAISED, State.UPDATED, State.CLEARED


def loitering(**options):
    return built(Loitering, **({"polygon": SQUARE, "dwell_s": 5.0, "grace_s": 2.0} | options))


def stay(rule, places, *, ground=None, **look):
    """One track's foot points, one a second; None where it is not seen."""
    look = {"fps": 1.0, "view": functools.partial(View, ground=ground)} | look
    return lead(rule, [{1: p} if p else {} for p in places], **look)


def told(events):
    return [(event.state, event.reason, event.pts, event.dwell_s) for event in events]


def test_who_stays_for_dwell_s_is_raised_and_cleared_when_he_has_left():
    events = stay(loitering(), [IN] * 8 + [OUT] * 4)
    assert told(events) == [(RAISED, "loitering", 5, 5), (CLEARED, "left", 10, 7)]
    assert events[0].key == events[1].key


def test_the_numbers_that_decided_are_told():
    (event,) = stay(loitering(), [IN] * 6)
    assert [(f.name, f.value, f.unit, f.least, f.most) for f in event.facts] == [
        ("dwell", 5.0, "s", 5.0, None)
    ]
    assert event.margin == 1
    (event,) = stay(loitering(), [(51, 50)] * 6)  # a pixel from the border; the box is 20 tall
    assert event.margin == pytest.approx(0.2, abs=0.01)


def test_leaving_for_less_than_the_grace_interrupts_nothing_and_counts():
    events = stay(loitering(grace_s=4.0), [IN, IN, OUT, OUT, OUT, IN, IN])
    assert told(events) == [(RAISED, "loitering", 5, 5)]


def test_leaving_for_longer_begins_the_dwell_anew():
    events = stay(loitering(), [IN, IN, IN, OUT, OUT, OUT, *[IN] * 6])
    assert told(events) == [(RAISED, "loitering", 11, 5)]


def test_who_is_outside_when_the_dwell_is_over_is_raised_when_he_is_back():
    rule = loitering(grace_s=4.0)
    assert stay(rule, [IN, IN, IN, OUT, OUT, OUT]) == []
    assert told(stay(rule, [IN], first=6)) == [(RAISED, "loitering", 6, 6)]


def test_after_it_was_closed_the_same_id_is_somebody_new():
    rule = loitering()
    stay(rule, [IN] * 3)
    assert list(rule.close(frame(3), "session_ended")) == []
    assert told(stay(rule, [IN] * 6, first=3)) == [(RAISED, "loitering", 8, 5)]


def test_flicker_at_the_border_neither_ends_nor_interrupts_a_stay():
    events = stay(loitering(), [IN, OUT] * 10)
    assert told(events) == [(RAISED, "loitering", 6, 6)]


def test_who_is_unseen_for_less_than_the_grace_is_still_about():
    assert told(stay(loitering(grace_s=3.0), [IN, None, None, IN, IN, IN])) == [
        (RAISED, "loitering", 5, 5)
    ]


def test_who_is_unseen_for_longer_begins_anew():
    assert told(stay(loitering(), [IN, IN, None, None, *[IN] * 6])) == [(RAISED, "loitering", 9, 5)]


def test_a_detector_that_misses_clears_no_alert():
    rule = loitering(update_s=999.0)
    stay(rule, [IN] * 6)
    assert stay(rule, [*[None] * 30, IN, OUT, IN], first=6) == []
    assert told(stay(rule, [None], first=60, ended=[1])) == [(CLEARED, "track_ended", 60, 32 + 6)]


def test_a_gap_in_the_frames_is_no_absence():
    rule = loitering(grace_s=0.0)
    assert told(stay(rule, [IN] * 3, fps=0.25)) == [(RAISED, "loitering", 8, 8)]


def test_updates_tell_the_dwell():
    events = stay(loitering(update_s=3.0), [IN] * 13)
    assert told(events)[1:] == [
        (UPDATED, "loitering", 8, 8),
        (UPDATED, "loitering", 11, 11),
    ]
    assert [event.facts[0].value for event in events] == [5, 8, 11]


def test_leaving_and_coming_back_are_two_alerts():
    events = stay(loitering(), ([IN] * 6 + [OUT] * 3) * 2)
    assert [event.state for event in events] == [RAISED, CLEARED] * 2
    assert len({event.key for event in events}) == 2


def test_who_walks_through_a_long_zone_is_no_loiterer():
    walk = [(60 + 2 * second, 50) for second in range(40)]  # 0.4 m a second
    assert stay(loitering(radius_m=1.0), walk, ground=METRES) == []
    assert len(raised(stay(loitering(), walk, ground=METRES))) == 1


def test_who_stays_about_a_place_is_one():
    to_and_fro = [(96, 50), (104, 50)] * 3  # 1.6 m
    (event,) = stay(loitering(radius_m=2.0), to_and_fro, ground=METRES)
    moved = event.facts[1]
    assert (moved.name, moved.value, moved.unit, moved.most) == ("moved", 1.6, "m", 2.0)


def test_who_moves_on_begins_anew_where_he_is():
    events = stay(loitering(radius_m=2.0), [IN] * 7 + [(130, 50)] * 8, ground=METRES)
    assert told(events) == [
        (RAISED, "loitering", 5, 5),
        (CLEARED, "moved_on", 8, 8),
        (RAISED, "loitering", 13, 5),
    ]
    assert events[2].facts[1].value == 0


def test_a_box_that_jumps_has_not_moved_on():
    events = stay(loitering(radius_m=2.0), [IN, IN, (130, 50), IN, IN, IN], ground=METRES)
    assert told(events) == [(RAISED, "loitering", 5, 5)]


def test_nobody_is_raised_while_he_may_be_moving_on():
    assert stay(loitering(radius_m=2.0), [*[IN] * 5, (130, 50)], ground=METRES) == []


def test_without_calibration_the_radius_is_ignored():
    (event,) = stay(loitering(radius_m=1.0), [(60 + 10 * second, 50) for second in range(6)])
    assert [fact.name for fact in event.facts] == ["dwell"]


def test_beyond_the_horizon_there_are_no_metres():
    sky = np.array([[1.0, 0, 0], [0, 1, 0], [0, 1, -0.6]])  # the horizon is at 0.6 of the height
    (event,) = stay(loitering(radius_m=1.0), [IN] * 6, ground=sky)
    assert [fact.name for fact in event.facts] == ["dwell"]


def test_who_comes_from_beyond_the_horizon_has_come_where_he_is_first_on_the_ground():
    sky = np.array([[10.0, 0, 0], [0, 10.0, 0], [0, 1, -0.6]])
    way = [(100, 50), (100, 90), (100, 91), *[(140, 90)] * 3]  # 7 m
    assert stay(loitering(radius_m=4.0), way, ground=sky) == []
    assert len(stay(loitering(radius_m=9.0), way, ground=sky)) == 1


def past(*places):
    feet = dict(enumerate(places))
    return Past(np.arange(len(places), dtype=np.float64), tracks(feet).xyxy)


def test_he_came_when_he_was_first_measured_inside():
    rule = loitering()
    first = replace(tracks({1: IN}), past={1: past(OUT, IN, OUT, IN)})
    assert list(rule.update(View(first, frame(pts=4)))) == []
    assert told(stay(rule, [IN, IN], first=5)) == [(RAISED, "loitering", 6, 5)]


def test_the_place_where_he_was_first_measured_is_where_the_dwell_began():
    rule = loitering(radius_m=3.0)
    first = replace(tracks({1: IN}), past={1: past((90, 50), (95, 50))})
    list(rule.update(View(first, frame(pts=2.0), ground=METRES)))
    assert stay(rule, [(110, 50)] * 4, first=3, ground=METRES) == []


def test_who_was_outside_for_long_before_he_was_known_came_after_that():
    rule = loitering()
    first = replace(tracks({1: IN}), past={1: past(IN, OUT, OUT, OUT, IN)})
    list(rule.update(View(first, frame(pts=5))))
    assert [event.pts for event in stay(rule, [IN] * 5, first=6)] == [9]


def test_a_link_that_is_taken_back_takes_the_dwell_along():
    """He goes on as 2; who is 1 now has just come."""
    rule = loitering()
    stay(rule, [IN] * 4)
    now = replace(tracks({1: IN, 2: IN}), split={1: 2})
    events = [*rule.update(View(now, frame(pts=4)))]
    events += lead(rule, [{1: IN, 2: IN}] * 5, first=5, fps=1)
    assert [(event.sighting.track, event.pts) for event in events] == [(2, 5), (1, 9)]


def test_a_change_of_resolution_interrupts_nothing():
    rule = loitering(radius_m=2.0)
    stay(rule, [IN] * 3, ground=METRES)
    double = Still(np.zeros((200, 400, 3), np.uint8))
    events = [
        event
        for pts in (3, 4, 5)
        for event in rule.update(
            View(tracks({1: (200, 100)}), Frame("gate", pts, pts, pts, double), ground=METRES)
        )
    ]
    assert told(events) == [(RAISED, "loitering", 5, 5)]


def test_who_is_about_when_it_is_armed_again_is_reported_again():
    rule = loitering()
    stay(rule, [IN] * 6)
    assert [event.reason for event in rule.close(frame(pts=6), "disarmed")] == ["disarmed"]
    assert told(stay(rule, [IN] * 6, first=100)) == [(RAISED, "loitering", 105, 5)]


def loiterers(places, *, dwell, grace):
    """The obvious way: from each sighting inside look back how far the dwell reaches."""
    found, since, alert = [], 0, False
    for now, place in enumerate(places):
        inside = [at for at in range(since, now + 1) if places[at] is IN]
        if place is OUT and inside:
            outside = [at for at in range(inside[-1], now + 1) if places[at] is OUT]
            if now - outside[0] >= grace:
                found += [(now, "left")] * alert
                since, alert = now, False
        if place is IN and not alert:
            came = now
            for earlier, later in reversed([*itertools.pairwise(inside)]):
                if later - earlier > max(grace, 1):
                    break
                came = earlier
            if now - came >= dwell:
                found.append((now, "loitering"))
                alert = True
    return found


@settings(deadline=None, max_examples=400)
@given(
    st.lists(st.sampled_from([IN, IN, IN, OUT, None]), max_size=40),
    st.sampled_from([0, 2, 5, 9]),
    st.sampled_from([0, 1, 2, 4]),
)
def test_loiterers_are_those_of_the_obvious_way(places, dwell, grace):
    events = stay(loitering(dwell_s=dwell, grace_s=grace, update_s=999), places)
    assert [(event.pts, event.reason) for event in events] == loiterers(
        places, dwell=dwell, grace=grace
    )


def test_a_walk_in_metres_is_a_series_of_dwells_of_the_obvious_way():
    """At each pace: how long one anchor lasts decides whether there is an alert."""
    for pace in range(1, 12):
        walk = [(50 + pace * second, 50) for second in range(100 // pace)]
        metres = [x * 40 / 200 for x, _ in walk]
        lasts = next((n for n, x in enumerate(metres) if x - metres[0] > 2), 99)
        events = raised(stay(loitering(radius_m=2.0), walk, ground=METRES))
        assert bool(events) == (lasts > 5 and len(walk) > 5), pace
