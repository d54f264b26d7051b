"""How well the points of a camera's ground agree, for people."""

from __future__ import annotations

import numpy as np

from edge.geometry import homography, plane_condition, to_ground
from edge.settings import Camera


def fit(camera: Camera) -> str | None:
    """How far the points lie from where they are put, and how well they tell a plane.

    Of the condition (see `edge.geometry.plane_condition`) below 10 is good; from 100 on a point
    that is a little off moves far places much. None where the camera has no ground.
    """
    if not camera.ground:
        return None
    picture = np.array([one.at for one in camera.ground])
    metres = np.array([one.metres for one in camera.ground])
    places = to_ground(picture, homography(picture.tolist(), metres.tolist()))
    off = np.hypot(*(places - metres).T)
    condition = plane_condition(picture, metres)
    return (
        f"camera '{camera.name}': ground from {len(off)} points, off by {off.mean():.2f} m in the "
        f"mean and {off.max():.2f} m at most, condition {condition:.0f}"
    )
