"""Boxes, lines and polygons as arrays: pure functions, no state."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.types import Boxes, Homography, Mask, Points

ALMOST_ONE = np.float32(1 - 1e-6)
HORIZON = 1e-3  # of the picture: what is so near to the horizon is taken for it
Point: TypeAlias = tuple[float, float]
LEAST_PAIRS = 4  # that tell a homography
SINGULAR = 1e8  # a homography of this condition number tells nothing


def foot_points(xyxy: Boxes) -> Points:
    """Where each object stands: the bottom centre of its box, shape (n, 2)."""
    return np.stack(((xyxy[:, 0] + xyxy[:, 2]) / 2, xyxy[:, 3]), axis=1)


def unit_foot_points(xyxy: Boxes, size: tuple[int, int]) -> Points:
    """Where each object stands, 0..1 of a picture of (width, height), shape (n, 2); never outside.

    Nor quite on its lower or right edge: an object that the edge cuts off stands inside a polygon
    that reaches the edge.
    """
    feet = np.empty((len(xyxy), 2), np.float32)
    feet[:, 0] = (xyxy[:, 0] + xyxy[:, 2]) / (2 * size[0])
    feet[:, 1] = xyxy[:, 3] / size[1]
    return np.minimum(np.maximum(feet, 0, out=feet), ALMOST_ONE, out=feet)


def to_ground(points: NDArray[np.floating], ground: Homography) -> NDArray[np.float64]:
    """Where points of the picture, 0..1, are on the ground plane, metres, shape (n, 2).

    NaN for what is at the horizon or beyond. `ground` is a `homography`.
    """
    x, y = points[:, 0].astype(np.float64), points[:, 1].astype(np.float64)
    along, aside, depth = (a * x + b * y + c for a, b, c in ground)
    a, b, _ = ground[2]
    seen = depth > HORIZON * math.sqrt(a * a + b * b)
    depth = np.where(seen, depth, np.nan)
    return np.stack((along / depth, aside / depth), axis=1)


def area(xyxy: Boxes) -> NDArray[np.float32]:
    """Area of each box, shape (n,); nothing is negative."""
    width, height = xyxy[:, 2] - xyxy[:, 0], xyxy[:, 3] - xyxy[:, 1]
    return np.asarray(np.maximum(width, 0) * np.maximum(height, 0), np.float32)


def iou(a: Boxes, b: Boxes) -> NDArray[np.float32]:
    """Intersection over union of every a with every b, shape (len(a), len(b))."""
    shared = overlap(a, b)
    union = area(a)[:, None] + area(b)[None, :] - shared
    return np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)


def overlap(a: Boxes, b: Boxes) -> NDArray[np.float32]:
    """Area that every a shares with every b, shape (len(a), len(b))."""
    (ax1, ay1, ax2, ay2), (bx1, by1, bx2, by2) = a.T[:, :, None], b.T[:, None, :]
    width = np.minimum(ax2, bx2) - np.maximum(ax1, bx1)
    height = np.minimum(ay2, by2) - np.maximum(ay1, by1)
    return np.asarray(np.maximum(width, 0) * np.maximum(height, 0), np.float32)


def within(some: Boxes, others: Boxes, part: float = 0.5) -> Mask:
    """Which of some are at least half (or that part) within one of the others, (len(some),)."""
    least = part * area(some)[:, None]
    return np.asarray((overlap(some, others) >= least).any(axis=1), np.bool_)


def rescaled(xyxy: Boxes, size: tuple[int, int], to: tuple[int, int]) -> Boxes:
    """Boxes of a picture of (width, height) in the same picture at another size."""
    return xyxy * np.array([to[0] / size[0], to[1] / size[1]] * 2, np.float32)


def homography(picture: Sequence[Point], metres: Sequence[Point]) -> NDArray[np.float64]:
    """Where the points of a picture, 0..1, lie on the ground plane: shape (3, 3).

    From four or more pairs, by least squares (Hartley and Zisserman, Multiple View Geometry,
    chapter 4). Its third coordinate is positive in front of the camera. Raises ValueError where
    the pairs don't tell a plane.
    """
    one, other = np.array(picture, np.float64), np.array(metres, np.float64)
    found, _ = cv2.findHomography(one, other) if len(one) >= LEAST_PAIRS else (None, None)
    if found is None or not np.isfinite(found).all() or np.linalg.cond(found) > SINGULAR:
        raise ValueError("the points don't tell a plane; give four or more, no three on one line")
    depth = np.column_stack((one, np.ones(len(one)))) @ found[2]
    if not ((depth > 0).all() or (depth < 0).all()):
        raise ValueError("some of the points lie beyond the horizon of the others")
    return found * np.sign(depth[0])


def plane_condition(picture: NDArray[np.float64], metres: NDArray[np.float64]) -> float:
    """How badly pairs of points, (n, 2) each, tell a plane: 1 would be best.

    The condition number of the equations that they make (direct linear transform, Hartley and
    Zisserman, Multiple View Geometry, 4.1), the largest singular value by the smallest that is not
    the solution's; both sets about their means and as large as their spread (4.4), so that it
    depends on no origin and no unit.
    """
    known = np.column_stack((_about_mean(picture), np.ones(len(picture))))
    there, none = _about_mean(metres), np.zeros_like(known)
    x, y = there[:, :1], there[:, 1:]
    rows = np.vstack((np.hstack((known, none, -x * known)), np.hstack((none, known, -y * known))))
    sizes = np.linalg.svd(rows, compute_uv=False)
    return float(sizes[0] / max(float(sizes[7]), np.finfo(float).tiny))


def _about_mean(points: NDArray[np.float64]) -> NDArray[np.float64]:
    away = points - points.mean(axis=0)
    return np.asarray(away * (np.sqrt(2) / np.hypot(*away.T).mean()), np.float64)


def line_distance(points: Points, start: Points, end: Points) -> NDArray[np.float32]:
    """How far each point is from the straight line through start and end, shape (n,)."""
    along, away = end - start, points - start
    across = along[0] * away[:, 1] - along[1] * away[:, 0]
    return np.asarray(np.abs(across) / np.hypot(*along), np.float32)


def side_of(points: Points, start: Points, end: Points) -> NDArray[np.int64]:
    """Which side of the directed line start -> end each point is on, shape (n,).

    In image coordinates (y down): +1 on the right hand, -1 on the left hand, 0 on the line.
    """
    along, away = end - start, points - start
    return np.sign(along[0] * away[:, 1] - along[1] * away[:, 0]).astype(np.int64)


def segments_meet(p: Points, q: Points, start: Points, end: Points) -> Mask:
    """Whether each segment p[i] -> q[i] touches the segment start -> end, shape (n,).

    Each straddles the other's line, and their bounding boxes touch: the second decides where
    all four points are on one line, or a segment is a point.
    """
    across = side_of(p, start, end) * side_of(q, start, end) <= 0
    along, to_start, to_end = q - p, start - p, end - p
    one = np.sign(along[:, 0] * to_start[:, 1] - along[:, 1] * to_start[:, 0])
    two = np.sign(along[:, 0] * to_end[:, 1] - along[:, 1] * to_end[:, 0])
    low, high = np.minimum(start, end), np.maximum(start, end)
    near = (np.minimum(p, q) <= high) & (np.maximum(p, q) >= low)
    return across & (one * two <= 0) & near.all(axis=1)


def inside(points: Points, polygon: Points) -> Mask:
    """Which points the polygon holds (even-odd rule), shape (n,)."""
    x, y = points[:, 0, None], points[:, 1, None]
    x1, y1 = polygon.T
    x2, y2 = np.roll(polygon, -1, axis=0).T
    spans = (y1 > y) != (y2 > y)
    rise = np.where(y2 == y1, 1, y2 - y1)
    return (spans & (x < (x2 - x1) * (y - y1) / rise + x1)).sum(axis=1) % 2 == 1


def crosses_itself(polygon: Sequence[tuple[float, float]]) -> bool:
    """Whether two edges of a closed polygon that are not neighbours meet."""
    corners = np.asarray(polygon, np.float32)
    count = len(corners)
    following = np.roll(corners, -1, axis=0)
    for i in range(count):
        others = [j for j in range(i + 2, count) if (j + 1) % count != i]
        if (
            others
            and segments_meet(corners[others], following[others], corners[i], following[i]).any()
        ):
            return True
    return False
