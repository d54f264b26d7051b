"""Constant-velocity Kalman filters of boxes, all tracks at once, in real seconds.

A box is (centre x, centre y, width, height). Its four coordinates are independent filters of
position and velocity (as in SORT, arXiv:1602.00763). All noise is a part of the box's height, so
the four share one 2x2 covariance, and its algebra can be written out.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edge.types import Boxes, Mask

Rows = NDArray[np.int64]
Floats = NDArray[np.float64]

MEASURED = 0.05  # standard deviation of a measured box, in box heights
DRIFT = 0.3  # of unmodelled motion, in box heights per square root of a second
PUSH = 0.6  # of unmodelled change of velocity, in box heights per second and its square root
FIRST_SPEED = 1.5  # of a new track's velocity, in box heights per second
LEAST_SIZE = 1.0  # pixels; a prediction never shrinks below


class Filters:
    """The motion of every track, one row each."""

    def __init__(self) -> None:
        self.place = np.zeros((0, 4))
        self.speed = np.zeros((0, 4))  # per second
        self._variance = np.zeros((0, 3))  # of place, of both, of speed

    def boxes(self, dt: float = 0.0) -> Boxes:
        """Where every track is believed to be in dt seconds, shape (n, 4), corners."""
        place = self.place + dt * self.speed
        half = np.maximum(place[:, 2:], LEAST_SIZE) / 2
        centre = place[:, :2]
        return np.hstack((centre - half, centre + half)).astype(np.float32)

    def predict(self, dt: float) -> None:
        """Advance every track by dt seconds."""
        place, both, speed = self._variance.T
        height = np.maximum(self.place[:, 3], LEAST_SIZE)
        place += 2 * dt * both + dt**2 * speed + dt * (DRIFT * height) ** 2
        both += dt * speed
        speed += dt * (PUSH * height) ** 2
        self.place += dt * self.speed

    def correct(self, rows: Rows, xyxy: Boxes) -> None:
        """Take in one measured box for each of these rows."""
        measured = _centred(xyxy)
        place, both, speed = self._variance[rows].T
        total = place + (MEASURED * measured[:, 3]) ** 2
        gain, push = place / total, both / total
        surprise = measured - self.place[rows]
        self.place[rows] += gain[:, None] * surprise
        self.speed[rows] += push[:, None] * surprise
        self._variance[rows] = np.column_stack(
            ((1 - gain) * place, (1 - gain) * both, speed - push * both)
        )

    def start(self, xyxy: Boxes) -> None:
        """Add rows for new tracks, of unknown velocity."""
        measured = _centred(xyxy)
        height = measured[:, 3]
        variance = np.column_stack(
            ((MEASURED * height) ** 2, np.zeros_like(height), (FIRST_SPEED * height) ** 2)
        )
        self.place = np.vstack((self.place, measured))
        self.speed = np.vstack((self.speed, np.zeros_like(measured)))
        self._variance = np.vstack((self._variance, variance))

    def keep(self, rows: Mask) -> None:
        """Forget the other rows."""
        self.place, self.speed = self.place[rows], self.speed[rows]
        self._variance = self._variance[rows]


def _centred(xyxy: Boxes) -> Floats:
    """Corners to centre, width and height."""
    boxes = xyxy.astype(np.float64)
    size = boxes[:, 2:] - boxes[:, :2]
    return np.hstack((boxes[:, :2] + size / 2, size))
