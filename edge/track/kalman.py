"""Constant-velocity Kalman filters of boxes, all tracks at once, in real seconds.

A box is (centre x, centre y, width, height); its four coordinates are independent filters of
position and velocity, so the 2x2 algebra is written out (as in SORT, arXiv:1602.00763).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.types import Boxes, Mask

Floats = NDArray[np.float64]  # (n, 4)
MEASURED = 0.05  # noise of a measurement, in box heights
DRIFT = 0.3  # unmodelled motion per square root of a second, in box heights
PUSH = 0.9  # unmodelled change of velocity per square root of a second, in box heights
FIRST_SPEED = 1.0  # of a new track, in box heights per second


def to_centre(xyxy: Boxes) -> Floats:
    """Corners to centre, width and height."""
    boxes = xyxy.astype(np.float64)
    size = boxes[:, 2:] - boxes[:, :2]
    return np.hstack((boxes[:, :2] + size / 2, size))


def to_corners(boxes: Floats) -> Boxes:
    """Centre, width and height to corners."""
    half = np.maximum(boxes[:, 2:], 1.0) / 2
    return np.hstack((boxes[:, :2] - half, boxes[:, :2] + half)).astype(np.float32)


@dataclass(slots=True)
class Filters:
    """The state of every track, one row each."""

    place: Floats
    speed: Floats  # per second
    place_var: Floats
    both_cov: Floats
    speed_var: Floats

    @classmethod
    def start(cls, boxes: Floats) -> Filters:
        """New tracks at measured boxes, of unknown velocity."""
        height = boxes[:, 3:]
        one = np.ones_like(boxes)
        return cls(
            boxes.copy(),
            np.zeros_like(boxes),
            one * (MEASURED * height) ** 2,
            np.zeros_like(boxes),
            one * (FIRST_SPEED * height) ** 2,
        )

    def predict(self, dt: float) -> None:
        """Advance every track by dt seconds."""
        height = np.maximum(self.place[:, 3:], 1.0)
        self.place += self.speed * dt
        self.place_var += 2 * dt * self.both_cov + dt**2 * self.speed_var
        self.place_var += dt * (DRIFT * height) ** 2
        self.both_cov += dt * self.speed_var
        self.speed_var += dt * (PUSH * height) ** 2

    def correct(self, rows: NDArray[np.int64], boxes: Floats) -> None:
        """Take in one measured box for each of these rows."""
        noise = (MEASURED * boxes[:, 3:]) ** 2
        total = self.place_var[rows] + noise
        gain, push = self.place_var[rows] / total, self.both_cov[rows] / total
        surprise = boxes - self.place[rows]
        self.place[rows] += gain * surprise
        self.speed[rows] += push * surprise
        self.speed_var[rows] -= push * self.both_cov[rows]
        self.both_cov[rows] *= 1 - gain
        self.place_var[rows] *= 1 - gain

    def keep(self, mask: Mask) -> None:
        """Forget the other rows."""
        for name in self.__slots__:
            setattr(self, name, getattr(self, name)[mask])

    def extend(self, other: Filters) -> None:
        """Add rows."""
        for name in self.__slots__:
            setattr(self, name, np.vstack((getattr(self, name), getattr(other, name))))
