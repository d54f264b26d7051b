"""What was left is told once, after he has gone; light, noise, people and gaps are not told of."""

import pickle
from copy import deepcopy

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.rules.left_object import ACCEPT_S
from edge.rules.merged import Merged
from edge.rules.view import View
from edge.types import Clock, Fact, Frame, Kind, State
from tests.make import tracks
from tests.rules.make_scenes import SIZE
from tests.rules.make_yard import (
    BARE,
    CAR,
    PERSON,
    SPOT,
    YARD,
    Shown,
    Yard,
    busy,
    come,
    drive,
    go,
    learned,
    put,
    said,
)

LEFT, TAKEN = ("raised", "left_behind"), ("cleared", "taken")
GROUNDS = pytest.mark.parametrize("ground", [YARD, BARE], ids=["rough", "bare"])


def left(**options):
    """A yard in which something was left, and told of."""
    yard = learned(**options)
    yard.leave()
    assert said(yard.show(15)) == [LEFT]
    return yard


@GROUNDS
@pytest.mark.parametrize("size", [(8, 8), (24, 20), (60, 50)])
def test_what_somebody_left_is_told_where_it_is(ground, size):
    yard = learned(ground)
    assert yard.leave(size) == []
    (event,) = yard.show(15)
    assert said([event]) == [LEFT]
    (x, y), (width, height) = SPOT, size
    true = np.divide([x - width / 2, y - height, x + width / 2, y], [*SIZE, *SIZE])
    assert event.sighting.box == pytest.approx(true, abs=0.008)  # two pixels of 270
    assert event.sighting.foot == pytest.approx(np.divide(SPOT, SIZE), abs=0.008)


def test_it_is_no_track_and_of_no_class():
    yard = learned()
    yard.leave()
    (event,) = yard.show(15)
    assert (event.kind, event.key.split("/")[1]) == (Kind.LEFT_OBJECT, "1")
    assert (event.sighting.track, event.sighting.class_id, event.sighting.score) == (0, None, 0.0)
    assert 0 < event.margin <= 1
    assert 0 < event.confidence < 1


def test_the_numbers_that_decided_are_told():
    yard = learned(after_s=5.0)
    yard.leave()
    (event,) = yard.show(15)
    alone, size, distance, newness, likeness = event.facts
    assert alone == Fact("alone", 5.0, "s", least=5.0)
    assert (size.name, size.least, size.most) == ("size", 0.02, 0.3)
    assert size.value == pytest.approx(24 / 270, abs=0.008)
    assert distance == Fact("distance", 0.0, "heights", most=0.1)
    assert newness.value > newness.least
    assert likeness.value < likeness.most
    assert 5.0 <= event.dwell_s < 12


def test_it_is_told_when_it_was_alone_for_after_s():
    """He has gone 27 seconds from the start; it takes a few looks to see it."""
    (early,), (late,) = ([*_left_with(after_s)] for after_s in (5.0, 20.0))
    assert early.pts == pytest.approx(27, abs=5)
    assert late.pts - early.pts == pytest.approx(15, abs=1)


def _left_with(after_s):
    yard = learned(after_s=after_s)
    return [*yard.leave(), *yard.show(30)]


@GROUNDS
def test_when_it_is_taken_the_alert_is_over(ground):
    yard = learned(ground)
    yard.leave()
    (raised,) = yard.show(15)
    (cleared,) = [*yard.take(ground), *yard.show(10)]
    assert said([cleared]) == [TAKEN]
    assert (cleared.key, cleared.sighting) == (raised.key, raised.sighting)
    assert cleared.dwell_s > raised.dwell_s
    assert yard.show(30) == []


def test_it_is_told_once_however_long_it_stays_until_it_belongs_there():
    yard = left()
    assert yard.show(ACCEPT_S - 20, people=lambda at: busy(at) if at < 60 else []) == []
    assert said(yard.show(30)) == [("cleared", "accepted")]
    assert yard.show(20) == []


def test_two_things_are_two_alerts_and_each_ends_alone():
    yard = learned()
    yard.leave(foot=(160, 200))
    one_left = yard.image
    yard.leave(foot=(330, 230), seed=9)
    events = yard.show(15)
    assert said(events) == [LEFT]  # the other was told of while he brought this one
    (cleared,) = [*yard.take(one_left, foot=(330, 230)), *yard.show(10)]
    assert (cleared.key, cleared.reason) == (events[0].key, "taken")
    (last,) = yard.close()
    assert last.key != cleared.key


def test_while_somebody_stays_near_it_is_not_alone():
    yard = learned()
    yard.leave()
    assert yard.show(40, people=[(SPOT[0] + 45, SPOT[1])]) == []
    assert said(yard.show(15)) == [LEFT]


def test_who_only_passes_does_not_make_it_less_alone():
    yard = learned()
    yard.leave()
    assert said(yard.show(30, people=busy)) == [LEFT]


def test_it_is_not_told_while_somebody_stands_before_it():
    yard = learned()
    yard.leave()
    yard.show(4)
    events = yard.show(30, unseen=(), cars=[SPOT])
    assert events == []


@GROUNDS
def test_what_nobody_brought_is_not_told(ground):
    yard = learned(ground)
    yard.image = put(ground, SPOT, (24, 20))
    assert yard.show(40) == []


@GROUNDS
def test_what_was_there_from_the_first_is_not_told(ground):
    yard = Yard(put(ground, SPOT, (24, 20)))
    assert yard.show(15) + yard.show(6, people=come()) + yard.show(30, people=go()) == []


@GROUNDS
def test_what_was_always_there_and_is_taken_is_not_told(ground):
    yard = learned(put(ground, SPOT, (40, 30)))
    assert yard.take(ground) + yard.show(30) == []


@GROUNDS
def test_a_parked_car_that_drives_off_leaves_nothing(ground):
    """Its driver was near."""
    yard = learned(put(ground, SPOT, CAR, seed=5), max_size=0.9)
    yard.show(5, people=come((150, 205)))
    yard.image = ground
    assert yard.show(6, cars=drive(SPOT, 60)) + yard.show(40) == []


@GROUNDS
def test_a_car_that_parks_is_not_left_though_it_is_not_detected_any_more(ground):
    yard = learned(ground, max_size=0.9)
    yard.show(4, cars=drive((SPOT[0] - 240, SPOT[1]), 60))
    yard.image = put(ground, SPOT, CAR, seed=5)
    assert yard.show(6, people=go((300, 205))) + yard.show(40) == []


@GROUNDS
def test_who_stands_still_and_is_not_detected_is_not_left(ground):
    yard = learned(ground, max_size=0.9)
    yard.show(5, people=come())
    assert yard.show(40, unseen=[(SPOT[0] + 5, SPOT[1] + 4)]) == []
    assert yard.show(6, people=go()) + yard.show(30) == []


@GROUNDS
def test_who_stood_there_from_the_first_leaves_nothing(ground):
    yard = learned(put(ground, SPOT, PERSON, seed=1), max_size=0.9)
    yard.show(3, people=[SPOT])
    yard.image = ground
    assert yard.show(6, people=go(SPOT)) + yard.show(30) == []


@pytest.mark.parametrize("size", [(4, 4), (90, 40)])
def test_other_sizes_are_not_told(size):
    """The least is 0.02 of 270 pixels, the most 0.3."""
    yard = learned(BARE)
    assert yard.leave(size) + yard.show(30) == []


def test_what_stands_outside_the_zone_is_not_told():
    """It reaches into it, but its foot point does not."""
    low = ((0, 0), (1, 0), (1, (SPOT[1] - 8) / SIZE[1]), (0, (SPOT[1] - 8) / SIZE[1]))
    yard = learned(polygon=low)
    assert yard.leave() + yard.show(30) == []


def test_a_zone_sees_the_whole_of_what_stands_in_it():
    strip = ((0.4, 0.72), (0.6, 0.72), (0.6, 0.78), (0.4, 0.78))
    yard = learned(polygon=strip)
    yard.leave((30, 60))
    (event,) = yard.show(15)
    assert event.sighting.box[1] == pytest.approx((SPOT[1] - 60) / SIZE[1], abs=0.01)


def shake(pixels):
    def change(image, at):
        x, y = np.random.default_rng(round(10 * at)).uniform(-pixels, pixels, 2)
        way = np.array([[1, 0, x], [0, 1, y]], np.float32)
        return cv2.warpAffine(image, way, SIZE, borderMode=cv2.BORDER_REPLICATE)

    return change


def trees(pixels):
    """A part of the picture sways."""

    def change(image, at):
        out, place = image.copy(), np.s_[40:200, 120:360]
        x = pixels * (np.sin(2 * at) + 0.5 * np.random.default_rng(round(10 * at)).normal())
        out[place] = cv2.warpAffine(image, np.array([[1, 0, x], [0, 1, 0]], np.float32), SIZE)[
            place
        ]
        return out

    return change


def compressed(image, _at):
    _, data = cv2.imencode(".jpg", np.clip(image, 0, 255).astype(np.uint8), [1, 20])
    return cv2.imdecode(data, 0).astype(float)


def cloud(image, at):
    """A soft shadow that wanders over the yard."""
    light = np.ones(image.shape, np.float32)
    light[40:260, max(0, round(3 * at)) : round(3 * at) + 200] = 0.6
    return image * cv2.GaussianBlur(light, (0, 0), 20)


NOISES = {
    "noise": {"grain": 8.0},
    "compression": {"grain": 3.0, "change": compressed},
    "shake": {"change": shake(2)},
}


@GROUNDS
@pytest.mark.parametrize("noise", [*NOISES.values(), {"grain": 20.0}, {"change": shake(4)}])
def test_noise_compression_and_shake_are_not_told(ground, noise):
    yard = Yard(ground)
    assert yard.show(60, people=lambda at: busy(at) if at % 30 > 15 else [], **noise) == []


@GROUNDS
@pytest.mark.parametrize("noise", NOISES.values(), ids=NOISES)
def test_what_is_left_is_told_in_spite_of_them(ground, noise):
    yard = Yard(ground)
    yard.show(15, **noise)
    assert said([*yard.leave(look=noise), *yard.show(18, **noise)]) == [LEFT]


@pytest.mark.parametrize("change", [trees(3), trees(8), cloud], ids=["sway", "storm", "cloud"])
def test_trees_and_clouds_are_not_told(change):
    yard = Yard()
    assert yard.show(90, people=lambda at: busy(at) if at % 30 > 15 else [], change=change) == []


def infrared(image, _at):
    """Another light from another place, in which dark is bright."""
    y, x = np.mgrid[: SIZE[1], : SIZE[0]]
    lamp = np.exp(-((x - 240) ** 2 + (y - 160) ** 2) / 30_000)
    return (255 - image) * 0.5 * lamp + 20


LIGHTS = {
    "darker": lambda image, _at: image * 0.5,
    "dimmer": lambda image, _at: image * 0.7,
    "brighter": lambda image, _at: image * 1.4,
    "dusk": lambda image, at: image * (1 - 0.6 * min(1, at / 20)),
    "dawn": lambda image, at: image * (1 + 0.7 * min(1, at / 20)),
    "haze": lambda image, _at: image * 0.8 + 40,
    "infrared": infrared,
}


@pytest.mark.parametrize("light", LIGHTS.values(), ids=LIGHTS)
def test_another_light_is_not_told(light):
    yard = learned()
    yard.show(10, people=busy)
    assert yard.show(45, people=lambda at: busy(at) if at < 5 else [], change=light) == []


@pytest.mark.parametrize("light", [0.85, 0.6])
def test_a_shadow_that_comes_and_stays_is_not_told(light):
    """With hard edges, on a ground with structure: which is the same as before within it."""

    def shadow(image, _at):
        out = image.copy()
        out[160:200, 220:270] *= light
        return out

    yard = learned()
    yard.show(10, people=come())
    assert yard.show(6, people=go(), change=shadow) + yard.show(40, change=shadow) == []


@pytest.mark.parametrize("light", ["dimmer", "brighter", "infrared"])
def test_what_was_left_is_left_in_another_light_too(light):
    yard = left()
    assert yard.show(60, change=LIGHTS[light]) == []


def test_after_another_light_has_come_it_learns_anew_and_goes_on():
    yard = learned()
    yard.show(30, change=infrared)
    look = {"change": infrared}
    assert said([*yard.leave((40, 30), look=look), *yard.show(20, **look)]) == [LEFT]


def test_a_time_without_pictures_is_not_time_alone():
    yard = learned(after_s=20.0)
    yard.leave()
    yard.show(5)
    yard.skipped_s += 600
    assert yard.show(3) == []
    assert said(yard.show(20)) == [LEFT]


def test_what_comes_in_a_time_without_pictures_is_not_told():
    """Who brought it was not seen."""
    yard = learned()
    yard.show(6, people=come())
    yard.skipped_s += 60
    yard.image = put(YARD, SPOT, (24, 20))
    assert yard.show(40) == []


def test_closing_clears_what_is_open_and_forgets_the_rest():
    yard = left()
    yard.leave(foot=(330, 230), seed=9)
    assert said(yard.close()) == [("cleared", "session_ended")]
    assert yard.close() == []
    assert yard.show(40) == []  # it was there from the first


def test_a_key_does_not_come_again():
    keys = []
    yard = Yard()
    for _ in range(3):
        yard.image = YARD
        yard.show(15)
        events = [*yard.leave(), *yard.show(15), *yard.close()]
        assert said(events) == [LEFT, ("cleared", "session_ended")]
        keys.append(events[0].key)
    assert len(set(keys)) == 3


def test_another_resolution_changes_nothing():
    yard = left()
    yard.size = (SIZE[0] * 2, SIZE[1] * 2)
    assert yard.show(30) == []
    (cleared,) = [*yard.take(YARD), *yard.show(10)]
    assert said([cleared]) == [TAKEN]


def test_another_shape_of_the_picture_begins_anew():
    yard = left()
    yard.size = (360, 270)
    assert said(yard.show(20)) == [("cleared", "superseded")]


def test_it_looks_once_a_second_at_a_small_picture():
    looks = []

    class Counted(Shown):
        def luma(self, width, height):
            looks.append((width, height))
            return super().luma(width, height)

    yard = Yard()
    for index in range(100):
        shown = Counted(YARD.copy, (1920, 1080))
        yard.rule.update(View(tracks(), Frame("gate", index, index / 10, 0.0, shown)))
        list(yard.rule.update(View(tracks(), Frame("gate", index, index / 10, 0.0, shown))))
    assert looks == [SIZE] * 10


def test_an_event_says_where_it_comes_from():
    yard = learned()
    yard.leave()
    events = []
    while not events:
        now = yard.frame()
        other = Frame("gate", 1, now.pts, 9.0, now.picture, Clock.RTCP, clock_offset_s=0.25)
        events = list(yard.rule.update(View(tracks(), other)))
        yard.index += 1
    (event,) = events
    assert (event.camera, event.rule, event.state) == ("gate", "fence", State.RAISED)
    assert (event.time, event.clock, event.clock_offset_s) == (9.0, Clock.RTCP, 0.25)


def test_thousands_of_people_leave_nothing_behind():
    yard = learned()

    def pass_by(seconds):
        yard.show(seconds, people=busy)
        yard.show(15)
        return len(pickle.dumps(yard.rule))

    before = pass_by(20)
    assert pass_by(120) < before + 2000


def test_what_is_left_too_soon_waits_for_the_end_of_the_cool_down():
    yard = learned(rule=lambda rule: Merged(rule, cooldown_s=60))
    yard.leave(foot=(160, 200))
    events = [*yard.leave(foot=(330, 230), seed=9), *yard.show(15)]
    assert said(events) == [LEFT]
    assert said(yard.show(60)) == [LEFT], "it is still there when that is over"
    assert len(yard.close()) == 2


ACTS = {
    "leave": lambda yard: yard.leave(),
    "leave another": lambda yard: yard.leave((30, 24), foot=(330, 230), seed=9),
    "clean up": lambda yard: yard.take(BARE),
    "wait": lambda yard: yard.show(12),
    "walk": lambda yard: yard.show(8, people=busy),
    "light": lambda yard: yard.show(8, change=infrared),
}


@settings(deadline=None, max_examples=15)
@given(st.lists(st.sampled_from(sorted(ACTS)), max_size=6))
def test_whatever_happens_the_alerts_are_in_order(acts):
    """Each is raised once under a key of its own and cleared once."""
    yard, open_now, ever = learned(BARE, after_s=4.0), set(), set()
    events = [event for act in acts for event in ACTS[act](yard)]
    for event in [*events, *yard.close()]:
        if event.state is State.RAISED:
            assert event.key not in ever
            open_now.add(event.key)
            ever.add(event.key)
        else:
            assert event.key in open_now
            open_now.remove(event.key)
    assert open_now == set()


def test_same_pictures_same_events():
    one = learned()
    other = deepcopy(one)
    stories = [[*yard.leave(), *yard.show(15)] for yard in (one, other)]
    assert stories[0] == stories[1] != []
