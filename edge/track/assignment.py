"""Which prediction goes with which detection."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from edge.geometry import iou
from edge.types import Boxes, Ids

Rows = NDArray[np.int64]
Likeness = NDArray[np.float32]  # (tracks, detections), 0..1

EXPAND = 0.25  # of a box's size, on every side: what moved far between two frames still overlaps
OTHER_CLASS = 0.7  # likeness is multiplied by it where the classes differ


def likeness(predicted: Boxes, measured: Boxes, classes: Ids, found: Ids) -> Likeness:
    """Overlap of the expanded boxes times overlap of their heights, less where classes differ.

    Expansion as in C-BIoU (arXiv:2211.14317), heights as in Hybrid-SORT (arXiv:2308.00783).
    """
    overlap = iou(_expanded(predicted), _expanded(measured))
    same = np.where(classes[:, None] == found, np.float32(1), np.float32(OTHER_CLASS))
    return overlap * np.sqrt(_heights(predicted, measured)) * same


def assign(score: Likeness, least: float) -> tuple[Rows, Rows]:
    """Pairs (row, column) of the best total score, each at least `least`."""
    if not score.size:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    rows, columns = linear_sum_assignment(np.where(score >= least, score, 0), maximize=True)
    good = score[rows, columns] >= least
    return rows[good], columns[good]


def _expanded(xyxy: Boxes) -> Boxes:
    grow = (xyxy[:, 2:] - xyxy[:, :2]) * EXPAND
    return np.hstack((xyxy[:, :2] - grow, xyxy[:, 2:] + grow))


def _heights(a: Boxes, b: Boxes) -> Likeness:
    """Intersection over union of the boxes' vertical extents."""
    top, bottom = a[:, None, 1], a[:, None, 3]
    shared = np.minimum(bottom, b[:, 3]) - np.maximum(top, b[:, 1])
    spanned = np.maximum(bottom, b[:, 3]) - np.minimum(top, b[:, 1])
    return np.clip(shared, 0, None) / spanned
