"""What is told about the picture of a camera, and what is not."""

from copy import deepcopy
from functools import cache

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.rules.image_health import KINDS, Standing, Thresholds
from edge.rules.view import View
from edge.types import Clock, State, Tracks
from tests.rules.make_scenes import (
    SIZE,
    Gray,
    Watch,
    blurred,
    cleared,
    covered,
    moved,
    picture,
    raised,
    scene,
)

SCENE = scene()
SPOILT = {  # by the alert's key: what is shown
    "dark": SCENE * 0.05,
    "bright": SCENE * 8,
    "blurred": blurred(SCENE),
    "covered": covered(SCENE),
    "moved": moved(SCENE),
}


@cache
def taught(**thresholds):
    watch = Watch(**thresholds)
    assert watch.show(SCENE, 20) == []
    return watch


def learned(**thresholds):
    return deepcopy(taught(**thresholds))


@pytest.mark.parametrize("key", SPOILT)
def test_each_trouble_is_raised_alone_and_cleared_when_it_is_over(key):
    watch = learned()
    assert watch.show(SPOILT[key], 30) == raised(key)
    assert watch.show(SCENE, 15) == cleared(key)
    assert {event.kind for event in watch.events} == {KINDS[key]}


def test_a_picture_that_stays_the_same_to_the_last_bit_is_frozen():
    watch = learned()
    assert watch.show(SCENE, 20, frozen=True) == []
    assert watch.show(SCENE, 5, frozen=True) == raised("frozen")
    assert watch.show(SCENE, 6) == cleared("frozen")


def test_a_black_picture_without_noise_is_dark_not_frozen():
    assert learned().show(SCENE * 0, 30) == raised("dark")


def test_a_bag_over_most_of_the_picture_covers_it():
    assert learned().show(covered(SCENE, 0.75), 30) == raised("covered")


@pytest.mark.parametrize(
    "change",
    [
        lambda image: image * 0.7,
        lambda image: image * 1.2,
        lambda image: covered(image, 0.3),
        lambda image: moved(image, 0.01),
        lambda image: image * 0.5 + 20,
    ],
    ids=["darker", "brighter", "truck", "swaying", "haze"],
)
def test_what_leaves_the_scene_recognisable_raises_nothing(change):
    assert learned().show(change(SCENE), 40) == []


def test_a_night_with_one_lamp_is_not_dark():
    night = SCENE * 0.03
    night[100:170, 200:280] = SCENE[100:170, 200:280]
    assert Watch().show(night, 30) == []


def test_a_short_trouble_raises_nothing():
    watch = learned()
    assert watch.show(SPOILT["dark"], 9) == []
    assert watch.show(SCENE, 1) == []
    assert watch.show(SPOILT["dark"], 9) == []


def test_a_short_recovery_clears_nothing():
    watch = learned()
    watch.show(SPOILT["dark"], 12)
    assert watch.show(SCENE, 4) == []
    assert watch.show(SPOILT["dark"], 12) == []


def test_another_trouble_takes_the_place_of_the_first():
    watch = learned()
    watch.show(SPOILT["covered"], 20)
    assert watch.show(SPOILT["dark"], 12) == cleared("covered", "superseded") + raised("dark")


def test_an_open_alert_outlives_a_reconnect():
    watch = learned()
    watch.show(SPOILT["covered"], 20)
    watch.reconnect()
    assert watch.show(SPOILT["covered"], 20) == []
    assert watch.show(SCENE, 15) == cleared("covered")


def test_times_add_up_over_reconnects():
    watch = learned()
    for _ in range(2):
        assert watch.show(SPOILT["dark"], 5) == []
        watch.reconnect()
    assert watch.show(SPOILT["dark"], 5) == raised("dark")


def test_a_camera_that_comes_back_looking_elsewhere_has_moved():
    watch = learned()
    watch.reconnect()
    assert watch.show(SPOILT["moved"], 30) == raised("moved")


def test_a_new_scene_that_stays_is_accepted_and_becomes_the_usual_one():
    watch = learned(accept_s=60.0)
    watch.show(SPOILT["moved"], 30)
    assert watch.show(SPOILT["moved"], 60) == cleared("moved", "accepted")
    assert watch.show(SPOILT["moved"], 30) == []
    assert watch.show(SCENE, 30) == raised("moved")


def test_a_scene_that_changes_again_is_not_accepted_early():
    watch = learned(accept_s=60.0)
    watch.show(SPOILT["moved"], 50)
    assert watch.show(moved(SCENE, 0.6), 40) == []


def test_what_is_masked_makes_a_scene_neither_dark_nor_covered():
    masked = SCENE.copy()
    masked[:, : int(SIZE[0] * 0.8)] = -100  # 0, whatever the noise
    watch = Watch()
    assert watch.show(masked, 60) == []
    masked[:, int(SIZE[0] * 0.8) :] *= 0.05
    assert watch.show(masked, 12) == raised("dark")


def test_a_soft_camera_is_judged_by_its_own_sharpness():
    soft = blurred(SCENE, 1.0)
    watch = Watch()
    assert watch.show(soft, 60) == []
    assert watch.show(blurred(soft, 6), 30) == raised("blurred")


def test_a_camera_out_of_focus_from_the_start_is_blurred():
    assert Watch().show(blurred(SCENE, 8), 20) == raised("blurred")


def test_spoilt_pictures_are_not_learned():
    watch = learned()
    watch.show(SPOILT["covered"], 120)
    assert watch.show(SCENE, 15) == cleared("covered")
    assert watch.show(SPOILT["covered"], 20) == raised("covered")


@pytest.mark.parametrize("key", SPOILT)
def test_what_is_switched_off_is_not_told_as_something_else(key):
    assert learned(off=frozenset({key})).show(SPOILT[key], 40) == []


def test_an_unknown_trouble_can_not_be_switched_off():
    with pytest.raises(ValueError, match="off: unknown fog; choose from dark"):
        Thresholds(off=frozenset({"fog"}))


def test_it_looks_no_oftener_than_it_must():
    watch, looks = Watch(), []

    class Counted(Gray):
        def luma(self, width, height):
            looks.append((width, height))
            return super().luma(width, height)

    for index in range(100):
        watch.began, watch.index = 0, index / 5  # ten pictures a second
        shown = Counted(np.clip(SCENE, 0, 255).astype(np.uint8))
        watch.rule.update(View(Tracks.empty(), watch.frame(shown)))
    assert looks == [SIZE] * 20


def test_closing_clears_what_is_open_once_and_keeps_the_scene():
    watch = learned()
    watch.show(SPOILT["moved"], 30)
    assert watch.close("stopped") == cleared("moved", "stopped")
    assert watch.close("stopped") == []
    assert watch.show(SPOILT["moved"], 30) == raised("moved")


def test_events_carry_the_frame_s_times():
    watch = learned()
    watch.show(SPOILT["dark"], 12)
    (event,) = watch.events
    assert (event.camera, event.rule, event.clock) == ("gate", "image-health", Clock.ARRIVAL)
    assert (event.pts, event.time, event.sighting) == (30.0, 1e9 + 60, None)


def test_same_pictures_same_events():
    def story():
        watch = learned()
        for image in SPOILT.values():
            watch.show(image, 13)
        return watch.events

    assert story() == story()


def test_it_is_the_same_whatever_the_size_of_the_picture():
    watch = Watch()
    for index in range(80):
        image = SCENE if index < 40 else SPOILT["moved"]
        large = picture(cv2.resize(image, (960, 540)), index)
        watch.events += watch.rule.update(View(Tracks.empty(), watch.frame(large)))
        watch.index += 1
    assert [event.key for event in watch.events] == ["moved"]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([None, *KINDS]), st.integers(1, 40)), max_size=12))
def test_never_two_alerts_are_open_and_each_is_cleared_once(story):
    standing, opened = Standing(Thresholds().patience, clear_s=5.0), []
    for trouble, looks in story:
        for _ in range(looks):
            gone, new = standing.step(trouble, 0.5)
            if gone:
                assert opened == [gone]
                opened = []
            if new:
                assert opened == []
                opened = [new]
    assert standing.reset() == (opened[0] if opened else None)
    assert standing.reset() is None


def test_troubles_that_take_turns_add_up():
    standing = Standing({"blurred": 10.0, "moved": 15.0}, clear_s=5.0)
    told = [standing.step(key, 0.5)[1] for key in ["blurred", "moved"] * 25]
    assert [key for key in told if key] == ["blurred"]


def test_states_alternate_over_a_whole_life():
    watch = learned()
    for image in (*SPOILT.values(), SCENE):
        watch.show(image, 30)
    watch.close("stopped")
    states = [event.state for event in watch.events]
    assert states == [State.RAISED, State.CLEARED] * (len(states) // 2)
    assert len(states) == 2 * len(SPOILT)
