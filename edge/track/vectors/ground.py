"""The gate on the ground plane, of cameras whose homography is known."""

from __future__ import annotations

import numpy as np

from edge.track.numbers import (
    FOOT,
    GROUND_GATE,
    GROUND_SD,
    HORIZON,
    LEAST_SIZE,
    MEASURED,
    UNSURE_MEASURED,
)
from edge.track.state import VAR_PLACE, Floats
from edge.types import Mask


def near(ground: Floats, motion: Floats, measured: Floats, score: Floats) -> Mask:
    """Which pairs of a track and a box (centre and size) may be one, as they stand on the ground.

    `ground` has the nine numbers of each pair's homography, pixels to metres (Hartley and
    Zisserman, Multiple View Geometry, ch. 2). The squared Mahalanobis distance of the two foot
    points, metres, is held against chi-squared of two degrees of freedom; what both may be wrong
    by in the picture is carried over by the homography's derivative. Beyond the horizon, and
    without a homography (NaN), nothing is refused.
    """
    h = ground.T
    height = np.maximum(motion[:, 3], LEAST_SIZE)
    with np.errstate(all="ignore"):
        u, v = motion[:, 0], motion[:, 1] + height / 2
        w = h[6] * u + h[7] * v + h[8]
        x, y = (h[0] * u + h[1] * v + h[2]) / w, (h[3] * u + h[4] * v + h[5]) / w
        u, v = measured[:, 0], measured[:, 1] + measured[:, 3] / 2
        w2 = h[6] * u + h[7] * v + h[8]
        dx = (h[0] * u + h[1] * v + h[2]) / w2 - x
        dy = (h[3] * u + h[4] * v + h[5]) / w2 - y
        a, b = (h[0] - x * h[6]) / w, (h[1] - x * h[7]) / w
        c, d = (h[3] - y * h[6]) / w, (h[4] - y * h[7]) / w
        noise = (MEASURED + UNSURE_MEASURED * (1 - score)) * measured[:, 3]
        wrong = FOOT * (motion[:, VAR_PLACE] + noise * noise)
        xx = wrong * (a * a + b * b) + GROUND_SD * GROUND_SD
        yy = wrong * (c * c + d * d) + GROUND_SD * GROUND_SD
        xy = wrong * (a * c + b * d)
        far = (yy * dx * dx - 2 * xy * dx * dy + xx * dy * dy) / (xx * yy - xy * xy)
        return np.asarray(~((w > HORIZON) & (w2 > HORIZON) & (far > GROUND_GATE)))
