"""How fast a track moves and which way, and how sure that is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.geometry import to_ground
from edge.track.numbers import TICK_S
from edge.track.steps import JITTER, Step
from edge.types import Homography, Motion

FEWEST = 3  # steps
LEAST_S = 0.3  # from the first to the last
INDEPENDENT = 5  # steps a second that err each in its own way, as measured; more say no more
MOVES = 2  # standard deviations of the speed: below, it may as well be the other way
NO_DIRECTION = 180.0  # degrees

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Walk:
    """Steps on a plane whose second axis is up in the picture, or the ground's +y."""

    pts: Floats  # (n,), seconds
    places: Floats  # (n, 2)
    jitter: Floats  # (2, 2), the least that their covariance can be


def motion(steps: Sequence[Step], aspect: float, ground: Homography | None) -> Motion | None:
    """How these steps go on, by least squares; None where they are too few.

    `aspect` is the picture's width by its height.
    """
    if len(steps) < FEWEST or steps[-1].pts - steps[0].pts < LEAST_S - TICK_S:
        return None
    table = np.array([(step.pts, step.x, step.y, step.height) for step in steps])
    if ground is not None:
        walk = _on_ground(table, aspect, ground)
        if np.isfinite(walk.places).all() and np.isfinite(walk.jitter).all():
            return _motion(walk, on_ground=True)
    return _motion(_in_picture(table, aspect), on_ground=False)


def _in_picture(table: Floats, aspect: float) -> Walk:
    """In picture heights."""
    jitter = np.eye(2) * (JITTER * table[:, 3].mean()) ** 2
    return Walk(table[:, 0], table[:, 1:3] * (aspect, -1), jitter)


def _on_ground(table: Floats, aspect: float, ground: Homography) -> Walk:
    """In metres; the jitter is that of the picture as the ground has it there."""
    feet, off = table[:, 1:3], JITTER * table[:, 3:]
    places = to_ground(feet, ground)
    aside = to_ground(feet + off * (1 / aspect, 0), ground) - places
    nearer = to_ground(feet + off * (0, 1), ground) - places
    return Walk(table[:, 0], places, (aside.T @ aside + nearer.T @ nearer) / len(table))


def _motion(walk: Walk, *, on_ground: bool) -> Motion:
    time, places = walk.pts - walk.pts.mean(), walk.places - walk.places.mean(axis=0)
    spread = float(time @ time)
    velocity = time @ places / spread
    off = places - np.outer(time, velocity)
    seen = off.T @ off / (len(time) - 2)
    alike = max(1.0, len(time) / (1 + INDEPENDENT * float(time[-1] - time[0])))
    speed = math.hypot(*velocity)
    along = velocity / speed if speed else np.array((0.0, 1.0))
    ahead, aside = (
        float(max(way @ seen @ way, way @ walk.jitter @ way)) * alike / spread
        for way in (along, along[::-1] * (1, -1))
    )
    return Motion(
        speed=speed,
        speed_sd=math.sqrt(ahead),
        heading=math.degrees(math.atan2(*velocity)) % 360,
        heading_sd=_heading_sd(speed, ahead, aside),
        on_ground=on_ground,
    )


def _heading_sd(speed: float, ahead: float, aside: float) -> float:
    """Degrees, from the variances of the velocity; the speed is partly made by them."""
    moved = speed * speed - ahead - aside
    if moved <= 0 or speed < MOVES * math.sqrt(ahead):
        return NO_DIRECTION
    return min(NO_DIRECTION, math.degrees(math.sqrt(aside / moved)))
