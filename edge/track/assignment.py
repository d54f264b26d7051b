"""Which prediction goes with which detection."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from edge.geometry import iou
from edge.types import Boxes

Rows = NDArray[np.int64]
EXPAND = 0.3  # of a box's size, on every side: objects that moved far still overlap (C-BIoU)


def likeness(predicted: Boxes, measured: Boxes, expand: float = EXPAND) -> NDArray[np.float32]:
    """Overlap of expanded boxes times overlap of heights, 0..1, shape (n, m).

    Expansion as in C-BIoU (arXiv:2211.14317), heights as in Hybrid-SORT (arXiv:2308.00783).
    """
    tall = np.minimum(predicted[:, None, 3], measured[None, :, 3]) - np.maximum(
        predicted[:, None, 1], measured[None, :, 1]
    )
    span = np.maximum(predicted[:, None, 3], measured[None, :, 3]) - np.minimum(
        predicted[:, None, 1], measured[None, :, 1]
    )
    height = np.clip(tall / np.maximum(span, 1e-6), 0, 1)
    return iou(_expanded(predicted, expand), _expanded(measured, expand)) * np.sqrt(height)


def assign(score: NDArray[np.float32], least: float) -> tuple[Rows, Rows]:
    """Pairs (row, column) of the best total score, each at least `least`."""
    if not score.size:
        none = np.zeros(0, np.int64)
        return none, none
    rows, columns = linear_sum_assignment(-np.where(score >= least, score, 0))
    good = score[rows, columns] >= least
    return rows[good].astype(np.int64), columns[good].astype(np.int64)


def _expanded(xyxy: Boxes, by: float) -> Boxes:
    grow = (xyxy[:, 2:] - xyxy[:, :2]) * by
    return np.hstack((xyxy[:, :2] - grow, xyxy[:, 2:] + grow))
