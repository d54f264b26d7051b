"""What a view and a plan measure, as compiled loops: `edge.rules.arrays`, number by number.

`edge.rules.measures` alone imports it, where numba is installed.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from edge.geometry import ALMOST_ONE, HORIZON
from edge.rules.shapes import CORNER, FLAT, Floats, Foot, Rows
from edge.types import Boxes, Homography, Mask, Points

NAME = "compiled"
loop: Any = njit(cache=True, nogil=True, error_model="numpy")  # which divides by zero as NumPy does


def stand(
    xyxy: Boxes, size: tuple[int, int], ground: Homography | None
) -> tuple[Points, NDArray[np.float32], Floats | None]:
    """See `edge.rules.arrays`, as for the others."""
    rows = len(xyxy)
    feet, heights = np.empty((rows, 2), np.float32), np.empty(rows, np.float32)
    if ground is None:
        _stand(xyxy, size[0], size[1], feet, heights)
        return feet, heights, None
    places = np.empty((rows, 2))
    _stand_there(xyxy, size[0], size[1], ground, feet, heights, places)
    return feet, heights, places


def survey(
    feet: Points, aspect: float, edges: Floats, bounds: Rows, parts: Floats, starts: Rows
) -> tuple[Mask, Rows, Floats]:
    """Both at once: each call from Python costs more than all that it computes."""
    rows = len(feet)
    held, shape = np.empty((len(bounds) - 1, rows), np.bool_), (len(starts) - 1, rows)
    side, away = np.empty(shape, np.int64), np.empty(shape)
    _survey(feet, aspect, edges, bounds, parts, starts, held, side, away)
    return held, side, away


def span(xyxy: Boxes, size: tuple[int, int], ground: Homography) -> Floats:
    """Where the lower edge of each box is on the ground."""
    ends = np.empty((len(xyxy), 4))
    _span(xyxy, size[0], size[1], ground, ends)
    return ends


def apart(
    xyxy: Boxes, feet: Points, size: tuple[int, int], ground: Homography, rows: Rows
) -> Floats:
    """How far each foot is on the ground from the boxes of those rows."""
    away = np.empty((len(feet), len(rows)))
    _apart(xyxy, feet, size[0], size[1], ground, rows, away)
    return away


def depth(foot: Foot, aspect: float, edges: Floats) -> float:
    """How far a foot is from the nearest edge."""
    near: float = _depth(foot[0], foot[1], aspect, edges)
    return near


@loop
def _depth(x: float, y: float, aspect: float, edges: Floats) -> float:
    nearest = math.inf
    for edge in range(len(edges)):
        x1, y1 = edges[edge, 0], edges[edge, 1]
        along, down = edges[edge, 3] * aspect, edges[edge, 2] - y1
        right, below = (x - x1) * aspect, y - y1
        part = right * along + below * down
        if part != 0:
            part = min(max(part / (along * along + down * down), 0.0), 1.0)
        off_x, off_y = right - part * along, below - part * down
        nearest = min(nearest, off_x * off_x + off_y * off_y)
    return math.sqrt(nearest)


@loop
def _stand(
    xyxy: Boxes, width: int, height: int, feet: Points, heights: NDArray[np.float32]
) -> None:
    twice, tall = np.float32(2 * width), np.float32(height)
    nothing, flat = np.float32(0), np.float32(FLAT)
    for i in range(len(xyxy)):
        x, y = (xyxy[i, 0] + xyxy[i, 2]) / twice, xyxy[i, 3] / tall
        feet[i, 0], feet[i, 1] = (
            min(max(x, nothing), ALMOST_ONE),
            min(max(y, nothing), ALMOST_ONE),
        )
        heights[i] = max((xyxy[i, 3] - xyxy[i, 1]) / tall, flat)


@loop
def _stand_there(
    xyxy: Boxes,
    width: int,
    height: int,
    ground: Homography,
    feet: Points,
    heights: NDArray[np.float32],
    places: Floats,
) -> None:
    _stand(xyxy, width, height, feet, heights)
    _locate(feet, ground, places)


@loop
def _survey(
    feet: Points,
    aspect: float,
    edges: Floats,
    bounds: Rows,
    parts: Floats,
    starts: Rows,
    held: Mask,
    side: Rows,
    away: Floats,
) -> None:
    _hold(feet, edges, bounds, held)
    _divide(feet, aspect, parts, starts, side, away)


@loop
def _hold(feet: Points, edges: Floats, bounds: Rows, held: Mask) -> None:
    for i in range(len(feet)):
        x, y = np.float64(feet[i, 0]), np.float64(feet[i, 1])
        for polygon in range(len(bounds) - 1):
            odd = False
            for edge in range(bounds[polygon], bounds[polygon + 1]):
                y1 = edges[edge, 1]
                if (y1 > y) != (edges[edge, 2] > y):
                    odd ^= x < edges[edge, 3] * (y - y1) / edges[edge, 4] + edges[edge, 0]
            held[polygon, i] = odd


@loop
def _divide(
    feet: Points, aspect: float, parts: Floats, bounds: Rows, side: Rows, away: Floats
) -> None:
    for line in range(len(bounds) - 1):
        first, end = bounds[line], bounds[line + 1]
        for i in range(len(feet)):
            least = math.inf
            for part in range(first, end):
                x, y = feet[i, 0] - parts[part, 0], feet[i, 1] - parts[part, 1]
                dx, dy = parts[part, 2], parts[part, 3]
                across, long = dx * y - dy * x, dx * aspect
                square = long * long + dy * dy
                off = abs(across) * (aspect / math.sqrt(square))
                near = 0.0
                if end > first + 1:
                    right = x * aspect
                    along = min(max((right * long + y * dy) / square, 0.0), 1.0)
                    off_x, off_y = right - along * long, y - along * dy
                    near = math.sqrt(off_x * off_x + off_y * off_y) - CORNER * off
                if near < least:
                    least, away[line, i] = near, off
                    side[line, i] = (across > 0) - (across < 0)


@loop
def _locate(feet: Points, ground: Homography, places: Floats) -> None:
    for i in range(len(feet)):
        _place(feet[i, 0], feet[i, 1], ground, places[i])


@loop
def _span(xyxy: Boxes, width: int, height: int, ground: Homography, ends: Floats) -> None:
    wide, tall = np.float32(width), np.float32(height)
    for i in range(len(xyxy)):
        low = xyxy[i, 3] / tall
        _place(xyxy[i, 0] / wide, low, ground, ends[i, :2])
        _place(xyxy[i, 2] / wide, low, ground, ends[i, 2:])


@loop
def _place(right: float, down: float, ground: Homography, place: Floats) -> None:
    a, b = ground[2, 0], ground[2, 1]
    x, y = np.float64(right), np.float64(down)
    depth = a * x + b * y + ground[2, 2]
    seen = depth > HORIZON * math.sqrt(a * a + b * b)
    for k in range(2):
        there = (ground[k, 0] * x + ground[k, 1] * y + ground[k, 2]) / depth
        place[k] = there if seen else math.nan


@loop
def _apart(
    xyxy: Boxes,
    feet: Points,
    width: int,
    height: int,
    ground: Homography,
    rows: Rows,
    away: Floats,
) -> None:
    wide, tall = np.float32(width), np.float32(height)
    ends, place = np.empty(4), np.empty(2)
    for j in range(len(rows)):
        box = xyxy[rows[j]]
        low = box[3] / tall
        _place(box[0] / wide, low, ground, ends[:2])
        _place(box[2] / wide, low, ground, ends[2:])
        middle_x, middle_y = (ends[0] + ends[2]) / 2, (ends[1] + ends[3]) / 2
        along_x, along_y = ends[2] - ends[0], ends[3] - ends[1]
        square = along_x * along_x + along_y * along_y
        for i in range(len(feet)):
            _place(feet[i, 0], feet[i, 1], ground, place)
            off_x, off_y = place[0] - middle_x, place[1] - middle_y
            part = 0.0
            if square > 0:
                part = min(max((off_x * along_x + off_y * along_y) / square, -0.5), 0.5)
            x, y = off_x - part * along_x, off_y - part * along_y
            off = math.sqrt(x * x + y * y)
            away[i, j] = math.inf if i == rows[j] or math.isnan(off) else off
