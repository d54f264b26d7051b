"""Kalman filters of boxes, as loops; see `edge.track.vectors.motion`."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from edge.track import numbers as of
from edge.track.state import VAR_BOTH, VAR_PLACE, VAR_SPEED

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Rows = NDArray[np.int64]
Mask = NDArray[np.bool_]


@njit(cache=True, nogil=True)
def predict(motion: Floats, dt: float) -> None:
    """Advance these tracks by dt seconds."""
    for i in range(len(motion)):
        one = motion[i]
        height = max(one[3], of.LEAST_SIZE)
        place, both, speed = one[VAR_PLACE], one[VAR_BOTH], one[VAR_SPEED]
        one[VAR_PLACE] = place + 2 * dt * both + dt * dt * speed + dt * _square(of.DRIFT * height)
        one[VAR_BOTH] = both + dt * speed
        one[VAR_SPEED] = speed + dt * _square(of.PUSH * height)
        one[0] += dt * one[4]
        one[1] += dt * one[5]
        one[2] += dt * (of.SIZE_SPEED * one[6])
        one[3] += dt * (of.SIZE_SPEED * one[7])


@njit(cache=True, nogil=True)
def correct(one: Floats, measured: Floats, score: float) -> None:
    """Take in one measured box."""
    noise = (of.MEASURED + of.UNSURE_MEASURED * (1 - np.float64(score))) * measured[3]
    place, both, speed = one[VAR_PLACE], one[VAR_BOTH], one[VAR_SPEED]
    total = place + noise * noise
    gain, push = place / total, both / total
    for k in range(4):
        share = 1.0 if k < 2 else of.SIZE_GAIN
        surprise = measured[k] - one[k]
        one[k] += gain * share * surprise
        one[4 + k] += push * share * surprise
    one[VAR_PLACE], one[VAR_BOTH] = (1 - gain) * place, (1 - gain) * both
    one[VAR_SPEED] = speed - push * both


@njit(cache=True, nogil=True)
def begin(one: Floats, measured: Floats, score: float) -> None:
    """A track of unknown velocity."""
    height = measured[3]
    one[:4], one[4:8], one[VAR_BOTH] = measured, 0.0, 0.0
    one[VAR_PLACE] = _square((of.MEASURED + of.UNSURE_MEASURED * (1 - np.float64(score))) * height)
    one[VAR_SPEED] = _square(of.FIRST_SPEED * height)


@njit(cache=True, nogil=True)
def _square(x: float) -> float:
    return x * x


@njit(cache=True, nogil=True)
def centred(xyxy: Singles, order: Rows) -> Floats:
    """Corners of these detections to centre, width and height."""
    out = np.empty((len(order), 4))
    for i in range(len(order)):
        x1, y1, x2, y2 = xyxy[order[i]].astype(np.float64)
        out[i, 2], out[i, 3] = x2 - x1, y2 - y1
        out[i, 0], out[i, 1] = x1 + out[i, 2] / 2, y1 + out[i, 3] / 2
    return out
