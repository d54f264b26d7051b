"""How well a camera's ground fits is told in words."""

import re

import numpy as np
import pytest

from edge.calibration import fit
from edge.geometry import to_ground
from edge.settings import Camera

# Some metres of ground, seen from above and aside.
PLANE = np.array([[8.0, 0.5, -4], [0.2, -9, 12], [0.05, 1, 0.5]])
CORNERS = [(0.1, 0.9), (0.9, 0.9), (0.7, 0.3), (0.3, 0.3), (0.5, 0.6)]


def camera(metres, picture=CORNERS):
    points = [{"at": at, "metres": tuple(m)} for at, m in zip(picture, metres, strict=True)]
    return Camera.model_validate({"name": "gate", "url": "x.mp4", "ground": points})


def numbers(metres, picture=CORNERS):
    text = fit(camera(metres, picture))
    return [float(one) for one in re.findall(r"\d+(?:\.\d+)?", text)]


def test_without_ground_nothing_is_told():
    assert fit(Camera.model_validate({"name": "gate", "url": "x.mp4"})) is None


def test_points_of_one_plane_agree():
    count, mean, most, condition = numbers(to_ground(np.array(CORNERS), PLANE))
    assert (count, mean, most) == (5, 0, 0)
    assert 1 <= condition < 20


def test_a_point_that_is_off_is_told_in_metres():
    metres = to_ground(np.array(CORNERS), PLANE)
    metres[4] += 0.6
    _, mean, most, _ = numbers(metres)
    assert 0.1 < mean < most < 0.9


@pytest.mark.parametrize(("scale", "origin"), [(1, 500), (10, 0), (0.1, -9)])
def test_the_condition_depends_on_no_origin_and_no_unit(scale, origin):
    metres = to_ground(np.array(CORNERS), PLANE)
    assert numbers(metres * scale + origin)[-1] == numbers(metres)[-1]


def test_points_that_hardly_tell_a_plane_have_a_high_condition():
    """Three of four are nearly on one line."""
    thin = [(0.1, 0.5), (0.5, 0.503), (0.9, 0.5), (0.5, 0.9)]
    assert numbers(to_ground(np.array(thin), PLANE), thin)[-1] > 100


def test_four_points_of_which_three_are_on_one_line_are_refused():
    """Measured along a road, at equal distances, and one behind."""
    along = [(0.2, 0.5), (0.5, 0.5), (0.8, 0.5), (0.5, 0.9)]
    with pytest.raises(ValueError, match="no three on one line"):
        camera([(0, 0), (5, 0), (10, 0), (5, -8)], along)
