"""Exclusion reports a person who is too near to a vehicle, and nobody who rides."""

import math
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.geometry import homography, to_ground
from edge.picture import Still
from edge.rules.arrays import apart
from edge.rules.exclusion import Exclusion
from edge.rules.riding import rides
from edge.rules.view import View
from edge.types import Fact, Frame, Motion, State, Tracks
from tests.make import box_at, frame
from tests.rules.make_rules import CAR, GROUND, built, raised

BIKE = 1
# On GROUND ten pixels are a metre. The lower edge of the truck is 6 m long.
TRUCK = [100, 10, 160, 40]
NEAR, AWAY = (130, 70), (130, 95)  # 3 m and 5.5 m below it
RAISED, UPDATED, CLEARED = State


def guard(**options):
    given_ = {"vehicles": frozenset({CAR, BIKE}), "distance_m": 4.0, "for_s": 0.3, "clear_s": 0.5}
    return built(Exclusion, **(given_ | options))


def look(  # noqa: PLR0913 - what a test may ask for
    index, people, vehicles, *, kind=CAR, speeds=None, ended=(), split=None, **view
):
    """Persons by their feet, vehicles by their boxes; `speeds` are pixels per second."""
    ids = [*people, *vehicles]
    boxes = [*(box_at(*foot) for foot in people.values()), *vehicles.values()]
    rows = Tracks(
        np.array(ids, np.int64),
        np.array(boxes, np.float32).reshape(-1, 4),
        np.full(len(ids), 0.9, np.float32),
        np.array([0] * len(people) + [kind] * len(vehicles), np.int64),
        np.array([(speeds or {}).get(one, (0, 0)) for one in ids], np.float32).reshape(-1, 2),
        np.array(ended, np.int64),
        split=split or {},
    )
    return View(rows, frame(index), **({"ground": GROUND} | view))


def pass_by(rule, feet, *, boxes=None, first=0, **options):
    """One person's feet and the truck, ten a second; None where not seen."""
    boxes = [TRUCK] * len(feet) if boxes is None else boxes
    return [
        event
        for index, (foot, box) in enumerate(zip(feet, boxes, strict=True), first)
        for event in rule.update(
            look(index, {1: foot} if foot else {}, {9: box} if box else {}, **options)
        )
    ]


def told(events):
    return [(event.state, event.reason, round(event.pts, 1)) for event in events]


def test_who_is_too_near_for_long_is_reported_until_he_is_away():
    events = pass_by(guard(), [AWAY, *[NEAR] * 6, *[AWAY] * 7])
    assert told(events) == [(RAISED, "too_near", 0.4), (CLEARED, "apart", 1.2)]
    assert events[0].facts == (
        Fact("distance", 3.0, "m", most=4.0),
        Fact("duration", 0.3, "s", least=0.3),
    )
    assert events[0].margin == 0.25
    assert events[0].key == events[1].key


def test_an_event_says_nothing_of_which_vehicle_it_is():
    (event,) = pass_by(guard(), [NEAR] * 4)
    assert event.sighting.track == 1
    assert {fact.name for fact in event.facts} == {"distance", "duration"}
    assert event.key == "1/1"


def test_who_passes_by_quickly_is_not_reported():
    assert pass_by(guard(), [AWAY, NEAR, NEAR, NEAR, AWAY, NEAR, NEAR, NEAR, AWAY]) == []


@pytest.mark.parametrize(
    ("foot", "metres"),
    [
        ((105, 60), 2.0),  # below its end
        ((130, 60), 2.0),  # below its middle
        ((115, 60), 2.0),  # and between the two
        ((190, 40), 3.0),  # beside its end
        ((70, 80), 5.0),  # slantwise from it
    ],
)
def test_a_long_truck_counts_where_it_is_nearest(foot, metres):
    (event,) = pass_by(guard(distance_m=9.0, for_s=0.0), [foot])
    assert event.facts[0].value == pytest.approx(metres, abs=0.01)


def seen_from_the_side(top, far):
    """A street 9 m wide, which narrows to 0.4 of the picture at this height, so many metres off."""
    picture = ((0, 1), (1, 1), (0.7, top), (0.3, top))
    return homography(picture, ((0, 0), (9, 0), (9, far), (0, far)))


PERSPECTIVE = seen_from_the_side(0.4, 30)
PLACE = st.floats(0.05, 0.95)


@given(PLACE, PLACE, PLACE, PLACE, PLACE)
def test_the_distance_is_that_of_the_nearest_of_many_points_of_the_edge(x, y, x1, x2, y2):
    size = (1000, 1000)
    boxes = np.array([(x, y, x, y), (x1, 0, x2, y2)], np.float32) * np.float32(1000)
    feet = np.array([(x, y), ((x1 + x2) / 2, y2)], np.float32)
    found, own = apart(boxes, feet, size, PERSPECTIVE, np.array([1]))[:, 0].tolist()
    assert own == math.inf
    edge = np.column_stack((np.linspace(x1, x2, 3000), np.full(3000, y2)))
    off = to_ground(edge, PERSPECTIVE) - to_ground(np.array([[x, y]]), PERSPECTIVE)
    nearest = float(np.hypot(*off.T).min())
    assert found == (math.inf if math.isnan(nearest) else pytest.approx(nearest, abs=0.05))


def test_without_calibration_it_does_nothing():
    assert pass_by(guard(for_s=0), [NEAR] * 9, ground=None) == []


def test_what_is_beyond_the_horizon_is_nowhere():
    ground, beyond = seen_from_the_side(0.8, 9), (130, 20)
    for box in ([100, 5, 160, 10], [100, 70, 160, 90]):
        rule = guard(for_s=0, distance_m=999)
        assert pass_by(rule, [beyond] * 3, boxes=[box] * 3, ground=ground) == []
    assert len(pass_by(rule, [(130, 96)], boxes=[box], ground=ground)) == 1


def test_only_who_stands_in_the_polygon_counts():
    right = ((0.5, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 1.0))
    left = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))
    assert len(pass_by(guard(polygon=right), [NEAR] * 9)) == 1
    assert pass_by(guard(polygon=left), [NEAR] * 9) == []
    events = pass_by(guard(polygon=right), [*[NEAR] * 5, *[(98, 60)] * 6])
    assert told(events)[1] == (CLEARED, "apart", 1.0)


@pytest.mark.parametrize(
    ("motion", "count"),
    [
        (Motion(3.0, 0.4, 0.0, 5.0, on_ground=True), 1),
        (Motion(3.0, 0.6, 0.0, 5.0, on_ground=True), 0),  # perhaps 1.8 m/s only
        (Motion(3.0, 0.1, 0.0, 5.0, on_ground=False), 0),
        (None, 0),
    ],
)
def test_only_vehicles_count_that_move_so_fast_beyond_doubt(motion, count):
    rule = guard(moving=2.0)
    moving = lambda track: motion if track == 9 else None  # noqa: E731
    assert len(pass_by(rule, [NEAR] * 9, motion=moving)) == count


def test_a_vehicle_that_stops_is_no_danger_any_more():
    speed = iter([3.0] * 6 + [0.0] * 9)
    moving = lambda _: Motion(next(speed), 0.1, 0.0, 5.0, on_ground=True)  # noqa: E731
    events = pass_by(guard(moving=2.0), [NEAR] * 12, motion=moving)
    assert told(events) == [(RAISED, "too_near", 0.3), (CLEARED, "apart", 1.1)]


def test_the_nearest_vehicle_counts_and_another_may_take_its_place():
    rule, events = guard(), []
    for index in range(6):
        cars = {8: [100, 10, 160, 40], 9: [100, 30, 160, 60]} if index < 2 else {8: TRUCK}
        events += rule.update(look(index, {1: NEAR}, cars))
    assert told(events) == [(RAISED, "too_near", 0.3)]
    assert events[0].facts[0].value == 3.0


def test_two_persons_have_an_alert_each():
    rule, events = guard(for_s=0), []
    events += rule.update(look(0, {1: NEAR, 2: (105, 60), 3: AWAY}, {9: TRUCK}))
    assert [event.sighting.track for event in events] == [1, 2]
    (cleared,) = rule.update(look(1, {2: (105, 60)}, {9: TRUCK}, ended=[1]))
    assert (cleared.reason, cleared.key) == ("track_ended", events[0].key)


def test_jitter_about_the_limit_neither_raises_nor_clears():
    below, above = (130, 78), (130, 82)
    assert pass_by(guard(), [below, below, above] * 9) == []
    events = pass_by(guard(), [*[below] * 4, *[above, above, below] * 9])
    assert told(events) == [(RAISED, "too_near", 0.3)]


def test_a_vehicle_that_is_not_seen_is_neither_near_nor_apart():
    boxes = [TRUCK, None, None, TRUCK, *[None] * 20]
    events = pass_by(guard(), [NEAR] * 24, boxes=boxes)
    assert told(events) == [(RAISED, "too_near", 0.3)]
    assert pass_by(guard(), [NEAR] * 9, boxes=[TRUCK] + [None] * 8) == []


def test_who_leaves_the_polygon_is_apart_whether_the_vehicle_is_seen_or_not():
    right = ((0.5, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 1.0))
    boxes = [*[TRUCK] * 5, *[None] * 8]
    events = pass_by(guard(polygon=right), [*[NEAR] * 5, *[(98, 60)] * 8], boxes=boxes)
    assert told(events) == [(RAISED, "too_near", 0.3), (CLEARED, "apart", 1.0)]


def test_a_vehicle_whose_track_ended_is_apart():
    rule = guard()
    assert len(pass_by(rule, [NEAR] * 5)) == 1
    assert list(rule.update(look(5, {1: NEAR}, {}, ended=[9]))) == []
    events = pass_by(rule, [NEAR] * 9, boxes=[None] * 9, first=6)
    assert told(events) == [(CLEARED, "apart", 1.1)]


def test_who_is_not_seen_is_neither_near_nor_apart():
    events = pass_by(guard(), [NEAR, None, None, NEAR, *[None] * 20])
    assert told(events) == [(RAISED, "too_near", 0.3)]


def test_he_is_the_same_under_another_id():
    rule = guard()
    pass_by(rule, [NEAR] * 2)
    assert list(rule.update(look(2, {5: NEAR}, {9: TRUCK}, split={1: 5}))) == []
    (event,) = rule.update(look(3, {5: NEAR}, {9: TRUCK}))
    assert (event.sighting.track, event.facts[1].value) == (5, 0.3)


def test_the_vehicle_is_the_same_under_another_id():
    """It is seen far away as 6, so that he is apart, and not only missed."""
    rule = guard()
    pass_by(rule, [NEAR] * 2)
    assert list(rule.update(look(2, {}, {6: TRUCK}, split={9: 6}))) == []
    assert list(rule.update(look(3, {1: AWAY}, {6: TRUCK}))) == []
    assert list(rule.update(look(4, {1: NEAR}, {6: TRUCK}))) == []


def test_a_gap_of_the_pictures_is_time_that_passed():
    rule = guard()
    assert pass_by(rule, [NEAR]) == []
    assert told(pass_by(rule, [NEAR], first=600)) == [(RAISED, "too_near", 60.0)]


def test_a_change_of_resolution_moves_nobody():
    rule, truck = guard(for_s=0), [200, 20, 320, 80]
    assert pass_by(rule, [AWAY] * 3) == []
    double = Frame("gate", 3, 0.3, 0.3, Still(np.zeros((200, 400, 3), np.uint8)))
    for foot, count in (((260, 190), 0), ((260, 140), 1)):
        now = look(3, {1: foot}, {9: truck}).tracks
        assert len([*rule.update(View(now, double, ground=GROUND))]) == count


def test_a_dense_group_that_passes_by_changes_nothing():
    rule = guard(for_s=0)
    for index in range(40):
        train = {n: (3 * (n + index) % 200, 82 + n) for n in range(1, 13)}
        assert list(rule.update(look(index, train, {99: TRUCK}))) == []


def test_only_the_vehicles_asked_for_count():
    assert pass_by(guard(vehicles=frozenset({5, 7}), for_s=0), [NEAR] * 4) == []
    assert pass_by(guard(classes=frozenset({CAR}), for_s=0), [NEAR] * 4) == []


def test_a_vehicle_is_not_near_to_itself():
    """Who asks for vehicles near to vehicles."""
    rule = guard(classes=frozenset({CAR}), for_s=0)
    assert pass_by(rule, [None] * 4) == []
    two = {8: TRUCK, 9: [100, 40, 160, 65]}
    assert len([*rule.update(look(4, {}, two))]) == 2


def test_when_closed_it_forgets_who_was_near():
    rule = guard()
    pass_by(rule, [NEAR] * 3)
    assert list(rule.close(frame(3), "disarmed")) == []
    assert pass_by(rule, [NEAR] * 3, first=4) == []


def test_who_passes_by_all_day_is_not_remembered():
    rule = guard(for_s=0)

    def drive_by(track):
        list(rule.update(look(0, {track: NEAR}, {track + 1: TRUCK})))
        list(rule.update(look(1, {}, {}, ended=[track, track + 1])))

    drive_by(300)
    before = len(pickle.dumps(rule))
    for track in range(302, 2302, 2):
        drive_by(track)
    assert len(pickle.dumps(rule)) < before + 20


BICYCLE = [95, 40, 115, 60]  # its rider's box is 10 by 20 pixels, too
RIDER, BESIDE = (105, 58), (122, 58)


def on(foot, box, *, person=(0, 0), vehicle=(0, 0)):
    speeds = {1: person, 9: vehicle}
    return rides(look(0, {1: foot}, {9: box}, kind=BIKE, speeds=speeds), 0, [1])


def test_who_rides_is_in_the_vehicle_s_box_and_goes_with_it():
    assert on(RIDER, BICYCLE)
    assert on(RIDER, BICYCLE, person=(60, 3), vehicle=(55, 0))
    assert on(RIDER, BICYCLE, person=(300, 0), vehicle=(260, 0))
    assert on((105, 61), BICYCLE)  # his feet may be a little lower than the wheels


def test_who_walks_beside_it_or_before_it_does_not_ride():
    assert not on(BESIDE, BICYCLE)
    assert not on((105, 63), BICYCLE)
    assert not on((105, 45), BICYCLE)  # a quarter of his box


def test_who_is_passed_by_it_does_not_ride():
    assert not on(RIDER, BICYCLE, vehicle=(55, 0))
    assert not on(RIDER, BICYCLE, person=(-20, 0), vehicle=(20, 0))


def test_who_rides_is_not_too_near_to_what_he_rides():
    speeds = {1: (50, 0), 9: (50, 0)}
    bikes = [BICYCLE] * 9
    assert pass_by(guard(), [RIDER] * 9, boxes=bikes, kind=BIKE, speeds=speeds) == []
    assert len(pass_by(guard(), [BESIDE] * 9, boxes=bikes, kind=BIKE, speeds=speeds)) == 1


def test_who_sits_in_one_vehicle_is_not_too_near_to_another():
    rule, driver = guard(for_s=0), (110, 30)
    cars = {8: TRUCK, 9: [100, 40, 160, 65]}
    assert list(rule.update(look(0, {1: driver}, cars))) == []


def test_who_gets_in_is_no_longer_near():
    events = pass_by(guard(), [*[NEAR] * 4, *[(130, 38)] * 9])
    assert told(events) == [(RAISED, "too_near", 0.3), (CLEARED, "apart", 0.9)]


FEET = st.lists(st.sampled_from([NEAR, NEAR, AWAY, None]), max_size=30)


def alerts(feet, wait, clear):
    """The obvious way: look back at the newest sightings until one was otherwise."""
    found, open_ = [], False
    for index, foot in enumerate(feet):
        if foot is None:
            continue
        seen = [(i, place) for i, place in enumerate(feet[: index + 1]) if place]
        since = index
        for i, place in reversed(seen):
            if place != foot:
                break
            since = i
        if foot == NEAR and not open_ and index - since >= wait:
            found.append((RAISED, index))
            open_ = True
        elif foot == AWAY and open_ and index - since >= clear:
            found.append((CLEARED, index))
            open_ = False
    return found


@settings(max_examples=300, deadline=None)
@given(FEET, st.integers(0, 4), st.integers(0, 4))
def test_alerts_are_those_of_the_obvious_way(feet, wait, clear):
    events = pass_by(guard(for_s=wait / 10, clear_s=clear / 10), feet)
    assert [(event.state, round(event.pts * 10)) for event in events] == alerts(feet, wait, clear)
    assert all(event.facts[0].value == 3.0 for event in raised(events))
