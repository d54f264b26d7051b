"""How well the points of a camera's ground agree, for people."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edge.geometry import homography, to_ground
from edge.settings import Camera


def fit(camera: Camera) -> str | None:
    """How far the points lie from where they are put, and how well they tell a plane.

    The condition number is that of the equations that the points make (direct linear transform,
    Hartley and Zisserman, Multiple View Geometry, 4.1), both sets about their means and as large
    as their spread (4.4), so that it depends on no origin and no unit: below 10 is good, from 100
    on a point that is a little off moves far places much. None where the camera has no ground.
    """
    if not camera.ground:
        return None
    picture = np.array([one.at for one in camera.ground])
    metres = np.array([one.metres for one in camera.ground])
    places = to_ground(picture, homography(picture.tolist(), metres.tolist()))
    off = np.hypot(*(places - metres).T)
    condition = _condition(_about_mean(picture), _about_mean(metres))
    return (
        f"camera '{camera.name}': ground from {len(off)} points, off by {off.mean():.2f} m in the "
        f"mean and {off.max():.2f} m at most, condition {condition:.0f}"
    )


def _about_mean(points: NDArray[np.float64]) -> NDArray[np.float64]:
    away = points - points.mean(axis=0)
    return np.asarray(away * (np.sqrt(2) / np.hypot(*away.T).mean()), np.float64)


def _condition(picture: NDArray[np.float64], metres: NDArray[np.float64]) -> float:
    """The largest singular value of the equations by the smallest that is not the solution's."""
    known = np.column_stack((picture, np.ones(len(picture))))
    none = np.zeros_like(known)
    x, y = metres[:, :1], metres[:, 1:]
    rows = np.vstack((np.hstack((known, none, -x * known)), np.hstack((none, known, -y * known))))
    sizes = np.linalg.svd(rows, compute_uv=False)
    return float(sizes[0] / sizes[7])
