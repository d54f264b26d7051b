"""Speed and heading are those of the walk, and as sure as they are said to be."""

import math

import numpy as np
import pytest

from edge.geometry import to_ground
from edge.track.pace import NO_DIRECTION, motion
from edge.track.steps import JITTER, Step

ASPECT = 16 / 9
HEIGHT = 0.2
# Some metres of ground; the horizon is half a picture height above the top edge.
GROUND = np.array([[8.0, 0.5, -4], [0.2, -9, 12], [0.05, 1, 0.5]])


def still(foot=(0.5, 0.5), *, frames=11, fps=10, jitter=0.0, seed=0):
    return walk((0, 0), foot, frames=frames, fps=fps, jitter=jitter, seed=seed)


def walk(velocity, start=(0.5, 0.5), *, frames=11, fps=10, jitter=0.0, seed=0):
    """Steps at a velocity in picture heights per second, up being up."""
    random = np.random.default_rng(seed)
    return [
        Step(
            100 + index / fps,
            start[0] + (velocity[0] * index / fps + random.normal(0, jitter * HEIGHT)) / ASPECT,
            start[1] - velocity[1] * index / fps + random.normal(0, jitter * HEIGHT),
            HEIGHT,
        )
        for index in range(frames)
    ]


def in_picture(steps):
    return motion(steps, ASPECT, None)


@pytest.mark.parametrize("heading", [0, 45, 90, 135, 180, 225, 270, 315])
def test_a_straight_walk_has_its_speed_and_heading_in_picture_heights(heading):
    way = math.radians(heading)
    found = in_picture(walk((0.3 * math.sin(way), 0.3 * math.cos(way))))
    assert found.speed == pytest.approx(0.3)
    assert (found.heading - heading + 180) % 360 == pytest.approx(180)
    assert not found.on_ground


@pytest.mark.parametrize(
    ("velocity", "heading"), [((0, 1.5), 0), ((1.5, 0), 90), ((-0.9, -1.2), 216.8699)]
)
def test_a_straight_walk_has_its_speed_and_heading_on_the_ground(velocity, heading):
    places = np.array([(0.5, 2.0)]) + np.linspace(0, 1, 11)[:, None] * velocity
    feet = to_ground(places, np.linalg.inv(GROUND))
    assert to_ground(feet, GROUND) == pytest.approx(places)
    steps = [Step(index / 10, x, y, HEIGHT) for index, (x, y) in enumerate(feet.tolist())]
    found = motion(steps, ASPECT, GROUND)
    assert found.on_ground
    assert found.speed == pytest.approx(1.5)
    assert (found.heading - heading + 180) % 360 == pytest.approx(180, abs=1e-4)


def test_who_is_beyond_the_horizon_moves_in_the_picture():
    found = motion(walk((0.1, 0), (0.5, 0.1)), ASPECT, GROUND - np.diag((0, 0, 1)))
    assert not found.on_ground
    assert found.speed == pytest.approx(0.1)


@pytest.mark.parametrize("ground", [None, GROUND])
def test_who_stands_still_has_no_more_speed_than_its_uncertainty_and_no_direction(ground):
    found = [motion(still(jitter=JITTER, seed=seed), ASPECT, ground) for seed in range(200)]
    assert np.mean([one.speed < 2 * one.speed_sd for one in found]) > 0.9
    assert np.mean([one.heading_sd > 45 for one in found]) > 0.9


def test_who_does_not_move_at_all_has_no_direction():
    found = in_picture(still())
    assert (found.speed, found.heading_sd) == (pytest.approx(0), NO_DIRECTION)
    assert found.speed_sd > 0


@pytest.mark.parametrize("fps", [7, 10, 30])
@pytest.mark.parametrize("jitter", [JITTER, 2 * JITTER])
def test_speed_and_heading_are_as_sure_as_they_say(fps, jitter):
    steps = [walk((0.3, 0), frames=fps + 1, fps=fps, jitter=jitter, seed=n) for n in range(300)]
    found = [in_picture(one) for one in steps]
    assert np.mean([abs(one.speed - 0.3) < 2 * one.speed_sd for one in found]) > 0.93
    assert np.mean([abs(one.heading - 90) < 2 * one.heading_sd for one in found]) > 0.93


def test_a_longer_look_is_surer():
    looks = [in_picture(walk((0.3, 0), frames=frames)) for frames in range(4, 12)]
    for sure in ("speed_sd", "heading_sd"):
        told = [getattr(look, sure) for look in looks]
        assert told == sorted(told, reverse=True)
        assert told[-1] < told[0] / 3


def test_more_pictures_in_the_same_time_are_hardly_surer():
    few, many = in_picture(still(frames=6, fps=5)), in_picture(still(frames=31, fps=30))
    assert many.speed_sd == pytest.approx(few.speed_sd, rel=0.2)


def test_a_far_walk_on_the_ground_is_less_sure_than_a_near_one():
    near, far = (motion(still((0.5, y)), ASPECT, GROUND) for y in (0.9, 0.1))
    assert far.speed_sd > 2 * near.speed_sd


@pytest.mark.parametrize(("frames", "fps"), [(0, 10), (2, 2), (3, 10), (9, 30)])
def test_too_short_a_look_tells_nothing(frames, fps):
    assert in_picture(still(frames=frames, fps=fps)) is None
