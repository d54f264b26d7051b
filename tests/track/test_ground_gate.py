"""On the ground plane, in metres: who could have got there."""

import numpy as np
import pytest

from edge.geometry import homography
from edge.track import TRACKERS
from edge.track.vectors.ground import near
from edge.track.vectors.motion import begun, centred, predict
from tests.make import detections
from tests.track.make_track import ids, play

# A road seen along its length: the picture's lower half shows 5 to 80 metres.
PICTURE = ((0.0, 1.0), (1.0, 1.0), (0.55, 0.55), (0.45, 0.55))
METRES = ((-4.0, 5.0), (4.0, 5.0), (4.0, 80.0), (-4.0, 80.0))
SIZE = (1000, 1000)


def pixels():
    return (homography(PICTURE, METRES) / [*SIZE, 1]).ravel()


def could(a, b, *, score=0.9, waited=0.2):
    track = predict(begun(centred(np.array([a], np.float32)), np.array([0.9])), np.array([waited]))
    box = centred(np.array([b], np.float32))
    return bool(near(pixels()[None], track, box, np.array([score]))[0])


def at(x, y, *, width=20, height=50):
    return (x - width / 2, y - height, x + width / 2, y)


def test_the_same_place_is_near():
    assert could(at(500, 900), at(500, 900))


def test_the_same_step_of_pixels_is_possible_near_and_not_far_off():
    assert could(at(500, 950, height=300, width=120), at(500, 905, height=300, width=120))
    assert not could(at(500, 605, height=14, width=6), at(500, 560, height=14, width=6))


def test_beyond_the_horizon_nothing_is_refused():
    assert could(at(500, 480), at(700, 450))


def test_the_longer_unseen_the_farther_may_it_be():
    far = at(500, 605, height=14, width=6), at(500, 590, height=14, width=6)
    assert [could(*far, waited=waited) for waited in (0.05, 2.0)] == [False, True]


@pytest.mark.parametrize("name", TRACKERS)
def test_nobody_jumps_twenty_metres_along_the_road(name):
    """A box far off that rises by its height: a neighbour in the picture, another on the road."""
    steps = [detections([(500, 640)], width=8, height=20)] * 8
    jumped = [detections([(500, 588)], width=8, height=20)] * 8
    bare, calibrated = TRACKERS[name]().open(), TRACKERS[name]().open()
    calibrated.stand_on(homography(PICTURE, METRES), SIZE)
    weak = detections([(500, 625)], width=8, height=20)
    assert ids(play(bare, [*steps, weak], fps=8)) == {1}
    assert ids(play(calibrated, [*steps, *jumped], fps=8)) == {1, 2}


def test_points_that_tell_no_plane_are_refused():
    with pytest.raises(ValueError, match="plane"):
        homography([(0, 0), (0.5, 0.5), (1, 1), (0.2, 0.2)], [(0, 0), (1, 1), (2, 2), (3, 3)])
    with pytest.raises(ValueError, match="plane"):
        homography(PICTURE[:3], METRES[:3])
