"""Polygons and lines as tables, side by side: what `edge.rules.arrays` and `loops` measure by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Rows: TypeAlias = NDArray[np.int64]
Foot: TypeAlias = Sequence[float]  # x y, 0..1
FLAT = 1e-6  # of the picture's height: what is less tall, as a box that its edge cuts off whole
CORNER = 1e-9  # decides between two parts of a line that are as near, at the corner they share


def edges_of(polygons: Sequence[Floats]) -> tuple[Floats, Rows]:
    """Each edge's x1, y1, y2, run and rise (1 where it is level), and where polygons begin."""
    if not polygons:
        return np.zeros((0, 5)), _bounds([])
    following = np.concatenate([np.roll(one, -1, axis=0) for one in polygons])
    (x1, y1), (x2, y2) = np.concatenate(polygons).T, following.T
    rise = np.where(y2 == y1, 1, y2 - y1)
    return np.column_stack((x1, y1, y2, x2 - x1, rise)), _bounds([*map(len, polygons)])


def parts_of(lines: Sequence[Floats]) -> tuple[Floats, Rows]:
    """Each straight part's x, y, dx and dy, and where lines begin."""
    if not lines:
        return np.zeros((0, 4)), _bounds([])
    starts = np.concatenate([line[:-1] for line in lines])
    along = np.concatenate([np.diff(line, axis=0) for line in lines])
    return np.hstack((starts, along)), _bounds([len(line) - 1 for line in lines])


def _bounds(counts: Sequence[int]) -> Rows:
    """The first row of each, and the one behind the last."""
    return np.cumsum([0, *counts], dtype=np.int64)
