"""Wrong way reports who goes against the course, and nobody who stands, jitters or jumps."""

import functools
import itertools
import math
import pickle
import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.picture import Still
from edge.rules.view import View
from edge.rules.wrong_way import WrongWay
from edge.types import Frame, Past, State
from tests.make import frame, tracks
from tests.rules.make_rules import WHOLE, built, lead

SQUARE = ((0.25, 0.0), (0.75, 0.0), (0.75, 1.0), (0.25, 1.0))
LEFTWARDS = ((1.0, 0.5), (0.0, 0.5))
RAISED, CLEARED = State.RAISED, State.CLEARED
RIGHT = [(60 + 2 * step, 50) for step in range(20)]  # against, a box height a second
LEFT = [(100 - 2 * step, 50) for step in range(20)]


def wrong_way(**options):
    return built(WrongWay, **({"polygon": SQUARE, "course": LEFTWARDS} | options))


def walk(rule, places, *, ground=None, **look):
    """One track's foot points, ten a second; None where it is not seen."""
    steps = [{1: place} if place else {} for place in places]
    return lead(rule, steps, view=functools.partial(View, ground=ground), **look)


def when(events):
    return [(event.state, event.reason, round(event.pts, 1)) for event in events]


def test_who_goes_against_the_course_is_raised_until_his_track_ends():
    rule = wrong_way()
    assert when(walk(rule, RIGHT)) == [(RAISED, "against_course", 0.8)]
    assert when(walk(rule, [None], first=40, ended=[1])) == [(CLEARED, "track_ended", 4)]


def test_who_goes_with_it_is_not():
    assert walk(wrong_way(), LEFT) == []


def test_the_numbers_that_decided_are_told():
    (event,) = walk(wrong_way(tolerance_deg=60.0), [(60 + 2 * n, 50 - 2 * n) for n in range(9)])
    assert [(f.name, f.value, f.unit, f.least) for f in event.facts] == [
        ("off", 135.0, "deg", 60.0),
        ("moved", pytest.approx(0.198, abs=1e-4), "heights", 0.05),
        ("lasted", 0.5, "s", 0.5),
    ]
    assert event.margin == pytest.approx(75 / 120, abs=1e-3)


@pytest.mark.parametrize(("tolerance", "count"), [(80.0, 1), (90.0, 1), (120.0, 0)])
def test_more_than_the_tolerance_off_is_against(tolerance, count):
    across = [(100 + 0.5 * step, 30 + 2 * step) for step in range(20)]  # 104 degrees off
    assert len(walk(wrong_way(tolerance_deg=tolerance), across)) == count


def test_directions_are_those_of_the_picture_in_its_true_proportions():
    """The course goes down its diagonal, 200 x 100 pixels; 116.6 degrees off that is up."""
    rule = {"course": ((0.0, 0.0), (1.0, 1.0)), "polygon": WHOLE}
    up = [(100, 90 - 2 * step) for step in range(20)]
    assert len(walk(wrong_way(tolerance_deg=116.0, **rule), up)) == 1
    assert walk(wrong_way(tolerance_deg=117.0, **rule), up) == []


def test_on_a_calibrated_camera_directions_are_those_on_the_ground():
    """Far away a little up in the picture is a long way."""
    course = {"course": ((0.5, 0.2), (0.5, 0.8)), "tolerance_deg": 120.0}
    aside = [(80 + step, 50 - 0.2 * step) for step in range(30)]  # 101 degrees off in the picture
    assert walk(wrong_way(**course), aside) == []
    (event,) = walk(wrong_way(**course), aside, ground=np.diag((40.0, 400.0, 1.0)))
    assert event.facts[0].value == pytest.approx(90 + math.degrees(math.atan2(0.8, 0.2)), abs=0.1)


def test_a_ground_that_is_mirrored_or_turned_changes_nothing():
    for ground in (np.diag((-30.0, 30.0, 1.0)), np.array([[0, 9.0, 0], [-9, 0, 0], [0, 0, 1]])):
        assert len(walk(wrong_way(), RIGHT, ground=ground)) == 1
        assert walk(wrong_way(), LEFT, ground=ground) == []


@pytest.mark.parametrize(("course", "foot"), [(0.5, 50), (0.5, 90), (0.9, 50)])
def test_beyond_the_horizon_the_picture_decides(course, foot):
    sky = np.array([[1.0, 0, 0], [0, 1, 0], [0, 1, -0.6]])  # the horizon is at 0.6 of the height
    leftwards = {"course": ((1.0, course), (0.0, course))}
    assert len(walk(wrong_way(**leftwards), [(x, foot) for x, _ in RIGHT], ground=sky)) == 1
    assert walk(wrong_way(**leftwards), [(x, foot) for x, _ in LEFT], ground=sky) == []


def test_who_stands_goes_nowhere_however_his_box_jitters():
    shake = random.Random(3)
    places = [(100 + shake.gauss(0, 1), 50 + shake.gauss(0, 1)) for _ in range(6000)]
    assert walk(wrong_way(distance=0.0), places) == []


@pytest.mark.parametrize("frames", [1, 5, 10, 30])
def test_a_box_that_jumps_goes_nowhere(frames):
    """His feet are hidden for some time: the box ends a third of its height above them."""
    up = {"course": ((0.5, 0.0), (0.5, 1.0)), "distance": 0.0}
    places = ([(100, 50)] * 30 + [(100, 43)] * frames) * 3 + [(100, 50)] * 30
    assert walk(wrong_way(**up), places) == []


def test_a_link_to_somebody_elsewhere_is_seen_through_when_it_is_taken_back():
    """Track 1 was lost on the left, and another, who stands on the right, was taken for it."""
    rule = wrong_way()
    walk(rule, [(60, 50)] * 5)
    assert walk(rule, [(100, 50)], first=15) == []
    now = replace(tracks({1: (60, 50), 2: (100, 50)}), split={1: 2})
    assert [*rule.update(View(now, frame(16)))] == []
    assert lead(rule, [{1: (60, 50), 2: (100, 50)}] * 30, first=17) == []


def test_a_link_that_is_taken_back_takes_the_alert_along():
    rule = wrong_way()
    (event,) = walk(rule, RIGHT)
    now = replace(tracks({1: (60, 50), 2: (100, 50)}), split={1: 2})
    assert [*rule.update(View(now, frame(20)))] == []
    back = lead(rule, [{1: (60, 50), 2: place} for place in LEFT], first=21)
    assert [(e.reason, e.key, e.sighting.track) for e in back] == [("turned", event.key, 2)]


def test_it_must_last_for_s():
    assert when(walk(wrong_way(for_s=1.0), RIGHT)) == [(RAISED, "against_course", 1.3)]
    assert walk(wrong_way(for_s=1.0), RIGHT[:8] + LEFT[13:]) == []


def test_who_stops_on_his_way_begins_anew():
    slow = RIGHT[:5] + [RIGHT[4]] * 30 + [(68 + 2 * step, 50) for step in range(20)]
    assert when(walk(wrong_way(), slow)) == [(RAISED, "against_course", 5.2)]


def test_it_must_be_so_far():
    events = walk(wrong_way(distance=0.25), RIGHT)
    assert when(events) == [(RAISED, "against_course", 1.3)]
    assert events[0].facts[1].value == pytest.approx(0.26)


def test_who_turns_has_turned_after_a_while():
    """When most of the last two seconds was the other way, for half a second."""
    rule = wrong_way()
    walk(rule, RIGHT)
    events = walk(rule, LEFT + [LEFT[-1]] * 30, first=20)
    assert when(events) == [(CLEARED, "turned", 4.1)]


def test_who_turns_and_turns_again_makes_two_alerts():
    to, fro = ([(100 + way * step, 50) for step in range(-30, 30)] for way in (1, -1))
    events = walk(wrong_way(), (to + fro) * 2)
    assert [state for state, *_ in when(events)] == [RAISED, CLEARED, RAISED, CLEARED]
    assert events[0].key == events[1].key != events[2].key


def test_who_only_stops_has_not_turned():
    assert len(walk(wrong_way(), RIGHT + [RIGHT[-1]] * 100)) == 1


def test_who_leaves_the_polygon_has_left_after_a_second():
    out = [(152 + step, 50) for step in range(20)]
    events = walk(wrong_way(), [(110 + 2 * step, 50) for step in range(21)] + out)
    assert when(events) == [(RAISED, "against_course", 0.8), (CLEARED, "left", 3.0)]


def test_flicker_at_the_border_is_no_leaving():
    rule = wrong_way()
    walk(rule, [(110 + 2 * step, 50) for step in range(20)])
    assert walk(rule, [(149, 50), (151, 50), (151, 50)] * 20, first=20) == []


def test_nobody_leaves_unseen():
    rule = wrong_way()
    walk(rule, RIGHT)
    assert walk(rule, [(151, 50), *[None] * 50, (149, 50)], first=20) == []


def test_outside_everybody_may_go_as_he_likes():
    assert walk(wrong_way(), [(160 + step, 50) for step in range(30)]) == []


def test_a_gap_in_the_midst_still_counts():
    events = walk(wrong_way(), RIGHT[:4] + [None] * 10 + RIGHT[14:])
    assert when(events) == [(RAISED, "against_course", 1.4)]


def test_a_long_gap_is_no_way_that_somebody_went():
    rule = wrong_way()
    walk(rule, [(60, 50)] * 3)
    assert walk(rule, [(100, 50)] * 20, first=600) == []


def test_at_a_low_rate_two_sightings_tell_the_way():
    events = walk(wrong_way(), [(60, 50), (80, 50), (100, 50)], fps=0.25)
    assert [event.pts for event in events] == [8]


def test_who_went_against_it_before_he_was_confirmed_is_told_when_he_is():
    rule = wrong_way()
    past = Past(np.arange(8) / 10, tracks(dict(enumerate(RIGHT[:8]))).xyxy)
    first = replace(tracks({1: RIGHT[8]}), past={1: past})
    assert when(rule.update(View(first, frame(8)))) == [(RAISED, "against_course", 0.8)]


def test_where_he_was_outside_before_does_not_count():
    rule = wrong_way()
    outside = [(30 + step, 50) for step in range(0, 16, 2)]
    past = Past(np.arange(8) / 10, tracks(dict(enumerate(outside))).xyxy)
    first = replace(tracks({1: (52, 50)}), past={1: past})
    assert [*rule.update(View(first, frame(8)))] == []


@pytest.mark.parametrize(("width", "height"), [(400, 200), (400, 100), (100, 200)])
def test_a_change_of_resolution_is_no_way(width, height):
    """Nor is one of the picture's proportions, as when a camera is set from 16:9 to 4:3."""
    rule = wrong_way()
    walk(rule, [(60, 50)] * 10)
    other = Still(np.zeros((height, width, 3), np.uint8))
    seen = tracks({1: (0.3 * width, 0.5 * height)})
    frames = [Frame("gate", index, index / 10, 0.0, other) for index in range(10, 40)]
    assert [event for frame in frames for event in rule.update(View(seen, frame))] == []


def test_a_long_stay_takes_no_more_memory():
    rule = wrong_way()
    walk(rule, [(100, 50)] * 300, fps=1000.0)
    before = len(pickle.dumps(rule))
    walk(rule, [(100, 50)] * 2000, fps=1000.0, first=300)
    assert len(pickle.dumps(rule)) < before + 100


def ways(places, *, tolerance):
    """For each sighting: whether the way there is against the course, None where there is none."""
    found = []
    for now, (x, y) in enumerate(places):
        window = [at for at in range(now + 1) if now - at <= 20 or now - at == 1]
        (x0, y0), (xm, ym) = places[window[0]], places[window[len(window) // 2]]
        way = math.hypot(x - x0, y - y0)
        against = None
        if way >= 5:
            off = math.degrees(math.acos(max(-1, min(1, (x0 - x) / way))))
            part = ((xm - x0) * (x - x0) + (ym - y0) * (y - y0)) / way**2
            time = (window[len(window) // 2] - window[0]) / (now - window[0])
            against = off > tolerance if len(window) == 2 or abs(part - time) < 0.4001 else None
        found.append((against, (x0, y0)))
    return found


def wrong_ways(places, *, tolerance, wait, distance):
    """The obvious way: look back how long each sighting's way has been the same."""
    found, alert, way = [], False, ways(places, tolerance=tolerance)
    for now, place in enumerate(places):
        against = way[now][0]
        since = now
        while since and way[since - 1][0] == against:
            since -= 1
        if against is None or now - since < wait:
            continue
        if not against:
            found += [(now, "turned")] * alert
            alert = False
        elif not alert and math.dist(way[since][1], place) >= distance:
            found.append((now, "against_course"))
            alert = True
    return found


PACE = st.tuples(st.integers(-4, 4), st.integers(-2, 2), st.integers(1, 12))


@settings(deadline=None, max_examples=400)
@given(
    st.lists(PACE, max_size=8),
    st.sampled_from([37.0, 90.1, 133.0]),
    st.sampled_from([0, 3, 5]),
    st.sampled_from([0.0, 7.3, 21.9]),
)
def test_wrong_ways_are_those_of_the_obvious_way(paces, tolerance, wait, distance):
    steps = itertools.chain.from_iterable([(dx, dy)] * times for dx, dy, times in paces)
    places = [*itertools.accumulate(steps, lambda p, d: (p[0] + d[0], p[1] + d[1]), initial=(0, 0))]
    shifted = [(x / 4 + 512, y / 4 + 512) for x, y in places]  # floats hold them exactly
    limits = {"tolerance_deg": tolerance, "for_s": wait / 10, "distance": distance / 4096}
    rule = wrong_way(polygon=WHOLE, **limits)
    still, events = Still(np.zeros((1024, 1024, 3), np.uint8)), []
    for index, place in enumerate(shifted):
        seen = tracks({1: place}, width=2.0, height=5.0)
        events += rule.update(View(seen, Frame("gate", index, index / 10, 0.0, still)))
    seen = [(round(event.pts * 10), event.reason) for event in events]
    assert seen == wrong_ways(places, tolerance=tolerance, wait=wait, distance=distance)
