"""Kalman filters of boxes, as loops; see `edge.track.vectors.motion`."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from edge.track import numbers as of
from edge.track.state import VAR_BOTH, VAR_PLACE, VAR_SPEED, Floats, Rows

Singles = NDArray[np.float32]


@njit(cache=True, nogil=True)
def predict(table: Floats, dt: float) -> None:
    """Advance these tracks by dt seconds."""
    for i in range(len(table)):
        height = max(table[i, 3], of.LEAST_SIZE)
        place, both, speed = table[i, VAR_PLACE], table[i, VAR_BOTH], table[i, VAR_SPEED]
        drift, push = of.DRIFT * height, of.PUSH * height
        table[i, VAR_PLACE] = place + 2 * dt * both + dt * dt * speed + dt * (drift * drift)
        table[i, VAR_BOTH] = both + dt * speed
        table[i, VAR_SPEED] = speed + dt * (push * push)
        table[i, 0] += dt * table[i, 4]
        table[i, 1] += dt * table[i, 5]
        table[i, 2] += dt * (of.SIZE_SPEED * table[i, 6])
        table[i, 3] += dt * (of.SIZE_SPEED * table[i, 7])


@njit(cache=True, nogil=True)
def correct(table: Floats, i: int, measured: Floats, j: int, score: float) -> None:
    """Take box j in for track i."""
    noise = (of.MEASURED + of.UNSURE_MEASURED * (1 - score)) * measured[j, 3]
    place, both, speed = table[i, VAR_PLACE], table[i, VAR_BOTH], table[i, VAR_SPEED]
    total = place + noise * noise
    gain, push = place / total, both / total
    for k in range(4):
        share = 1.0 if k < 2 else of.SIZE_GAIN
        surprise = measured[j, k] - table[i, k]
        table[i, k] += gain * share * surprise
        table[i, 4 + k] += push * share * surprise
    table[i, VAR_PLACE], table[i, VAR_BOTH] = (1 - gain) * place, (1 - gain) * both
    table[i, VAR_SPEED] = speed - push * both


@njit(cache=True, nogil=True)
def begin(one: Floats, measured: Floats, score: float) -> None:
    """A track of unknown velocity."""
    height = measured[3]
    one[:4], one[4:8], one[VAR_BOTH] = measured[:4], 0.0, 0.0
    one[VAR_PLACE] = _square((of.MEASURED + of.UNSURE_MEASURED * (1 - score)) * height)
    one[VAR_SPEED] = _square(of.FIRST_SPEED * height)


@njit(cache=True, nogil=True)
def _square(x: float) -> float:
    return x * x


@njit(cache=True, nogil=True)
def centred(xyxy: Singles, order: Rows) -> Floats:
    """Corners of these detections to centre, width, height, and where the foot is."""
    out = np.empty((len(order), 5))
    for i in range(len(order)):
        k = order[i]
        x1, y1 = np.float64(xyxy[k, 0]), np.float64(xyxy[k, 1])
        x2, y2 = np.float64(xyxy[k, 2]), np.float64(xyxy[k, 3])
        out[i, 2], out[i, 3] = x2 - x1, y2 - y1
        out[i, 0], out[i, 1] = x1 + out[i, 2] / 2, y1 + out[i, 3] / 2
        out[i, 4] = out[i, 1] + out[i, 3] / 2
    return out
