"""What a view and a plan measure, in NumPy: the reference of `edge.rules.loops`.

Sums, products and comparisons are the same in the same order, so that both give the same bits.
"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from edge.geometry import to_ground, unit_foot_points
from edge.rules.shapes import CORNER, FLAT, Floats, Foot, Rows
from edge.types import Boxes, Homography, Mask, Points

NAME = "numpy"


def stand(
    xyxy: Boxes, size: tuple[int, int], ground: Homography | None
) -> tuple[Points, NDArray[np.float32], Floats | None]:
    """Feet, 0..1, (n, 2), heights, parts of the picture's and never 0, (n,), and `locate`.

    Without a ground the last is None.
    """
    tall = np.maximum((xyxy[:, 3] - xyxy[:, 1]) / size[1], FLAT)
    feet = unit_foot_points(xyxy, size)
    return feet, tall, None if ground is None else locate(feet, ground)


def survey(
    feet: Points, aspect: float, edges: Floats, bounds: Rows, parts: Floats, starts: Rows
) -> tuple[Mask, Rows, Floats]:
    """`hold` and `divide` at once, of any number of polygons and lines, also of none."""
    none = np.zeros((0, len(feet)))
    held = hold(feet, edges, bounds) if len(edges) else none.astype(np.bool_)
    side, away = (
        divide(feet, aspect, parts, starts) if len(parts) else (none.astype(np.int64), none)
    )
    return held, side, away


def hold(feet: Points, edges: Floats, bounds: Rows) -> Mask:
    """Which feet each polygon holds, even-odd rule (see `edge.geometry.inside`), (polygons, n)."""
    x1, y1, y2, run, rise = edges.T
    x, y = feet[:, :1].astype(np.float64), feet[:, 1:].astype(np.float64)
    over = (y1 > y) != (y2 > y)
    over &= x < run * (y - y1) / rise + x1
    return np.logical_xor.reduceat(over, bounds[:-1], axis=1).T


def divide(feet: Points, aspect: float, parts: Floats, bounds: Rows) -> tuple[Rows, Floats]:
    """By each line the side of each foot, +1, -1 or 0, and how far off it is, (lines, n) each.

    Of a line of several parts the nearest tells; at a corner the one that the foot is off most.
    Distances are from the straight line through that part, picture heights.
    """
    x, y = feet[:, :1] - parts[:, 0], feet[:, 1:] - parts[:, 1]
    dx, dy = parts[:, 2], parts[:, 3]
    across, long = dx * y - dy * x, dx * aspect
    away = np.abs(across) * (aspect / np.sqrt(long * long + dy * dy))
    side = np.sign(across).astype(np.int64)
    if len(parts) >= len(bounds):
        right = x * aspect
        along = np.clip((right * long + y * dy) / (long * long + dy * dy), 0, 1)
        off_x, off_y = right - along * long, y - along * dy
        off = np.sqrt(off_x * off_x + off_y * off_y) - CORNER * away
        nearest = np.empty((len(feet), len(bounds) - 1), np.int64)
        for at, (first, end) in enumerate(pairwise(bounds.tolist())):
            nearest[:, at] = first + off[:, first:end].argmin(axis=1)
        side, away = np.take_along_axis(side, nearest, 1), np.take_along_axis(away, nearest, 1)
    return side.T, away.T


def depth(foot: Foot, aspect: float, edges: Floats) -> float:
    """How far a foot is from the nearest edge of one polygon, picture heights."""
    x, y = foot
    x1, y1, y2, run, _ = edges.T
    along, down, right, below = run * aspect, y2 - y1, (x - x1) * aspect, y - y1
    part = right * along + below * down
    square = along * along + down * down
    part = np.where(part != 0, np.minimum(np.maximum(part / square, 0.0), 1.0), part)
    off_x, off_y = right - part * along, below - part * down
    return math.sqrt((off_x * off_x + off_y * off_y).min())


def locate(feet: Points, ground: Homography) -> Floats:
    """Where feet are on the ground, metres, NaN where they are not, (n, 2)."""
    return to_ground(feet, ground)


def span(xyxy: Boxes, size: tuple[int, int], ground: Homography) -> Floats:
    """Where the lower edge of each box is on the ground: its left end, its right end, (n, 4)."""
    low = xyxy[:, 3] / size[1]
    ends = (np.stack((xyxy[:, x] / size[0], low), axis=1) for x in (0, 2))
    return np.hstack([to_ground(end, ground) for end in ends])


def apart(
    xyxy: Boxes, feet: Points, size: tuple[int, int], ground: Homography, rows: Rows
) -> Floats:
    """How far each foot is on the ground from the boxes of those rows, metres, (n, rows).

    From the nearest point of a box's lower edge; infinity for what is beyond the horizon, and for a
    row from its own box.
    """
    spans, places = span(xyxy[rows], size, ground), locate(feet, ground)
    left, right = spans[:, :2], spans[:, 2:]
    off = places[:, None] - (left + right) / 2
    along = right - left
    square = along[:, 0] * along[:, 0] + along[:, 1] * along[:, 1]
    part = off[..., 0] * along[:, 0] + off[..., 1] * along[:, 1]
    part = np.where(square > 0, part / np.where(square > 0, square, 1), 0)
    part = np.minimum(np.maximum(part, -0.5), 0.5)
    x, y = off[..., 0] - part * along[:, 0], off[..., 1] - part * along[:, 1]
    away = np.sqrt(x * x + y * y)
    away[np.isnan(away)] = away[rows, np.arange(len(rows))] = math.inf
    return away
