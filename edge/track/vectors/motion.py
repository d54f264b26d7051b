"""Constant-velocity Kalman filters of boxes, all tracks at once, in real seconds.

A box is (centre x, centre y, width, height). Its four coordinates are independent filters of
position and velocity (as in SORT, arXiv:1602.00763). All noise is a part of the box's height, so
the four share one 2x2 covariance, and its algebra can be written out.
"""

from __future__ import annotations

import numpy as np

from edge.track.numbers import (
    DRIFT,
    FIRST_SPEED,
    LEAST_SIZE,
    MEASURED,
    PUSH,
    SIZE_GAIN,
    UNSURE_MEASURED,
)
from edge.track.state import BELIEVED, PLACE, SPEED, VAR_BOTH, VAR_PLACE, VAR_SPEED, Floats
from edge.types import Boxes

SHARE = np.array((1.0, 1.0, SIZE_GAIN, SIZE_GAIN))


def predict(motion: Floats, dt: Floats) -> Floats:
    """These tracks (see `State.motion`), advanced by dt seconds each."""
    ahead = motion.copy()
    height = np.maximum(motion[:, 3], LEAST_SIZE)
    place, both, speed = (motion[:, column] for column in (VAR_PLACE, VAR_BOTH, VAR_SPEED))
    drift, push = DRIFT * height, PUSH * height
    ahead[:, VAR_PLACE] = place + 2 * dt * both + dt * dt * speed + dt * (drift * drift)
    ahead[:, VAR_BOTH] = both + dt * speed
    ahead[:, VAR_SPEED] = speed + dt * (push * push)
    ahead[:, PLACE] += dt[:, None] * (BELIEVED * motion[:, SPEED])
    return ahead


def correct(motion: Floats, measured: Floats, score: Floats) -> Floats:
    """These tracks with one measured box (centre and size) each taken in.

    The less sure it is, the less exact is where it is (as in GIAOTracker, arXiv:2202.11983).
    """
    noise = (MEASURED + UNSURE_MEASURED * (1 - score)) * measured[:, 3]
    place, both, speed = (motion[:, column] for column in (VAR_PLACE, VAR_BOTH, VAR_SPEED))
    total = place + noise * noise
    gain, push = place / total, both / total
    surprise = measured - motion[:, PLACE]
    after = motion.copy()
    after[:, PLACE] += gain[:, None] * SHARE * surprise
    after[:, SPEED] += push[:, None] * SHARE * surprise
    after[:, VAR_PLACE], after[:, VAR_BOTH] = (1 - gain) * place, (1 - gain) * both
    after[:, VAR_SPEED] = speed - push * both
    return after


def begun(measured: Floats, score: Floats) -> Floats:
    """New tracks at these boxes, of unknown velocity."""
    height = measured[:, 3]
    motion = np.zeros((len(measured), 11))
    motion[:, PLACE] = measured
    place, speed = (MEASURED + UNSURE_MEASURED * (1 - score)) * height, FIRST_SPEED * height
    motion[:, VAR_PLACE], motion[:, VAR_SPEED] = place * place, speed * speed
    return motion


def centred(xyxy: Boxes) -> Floats:
    """Corners to centre, width and height."""
    boxes = xyxy.astype(np.float64)
    size = boxes[:, 2:] - boxes[:, :2]
    return np.hstack((boxes[:, :2] + size / 2, size))
