"""From a model's boxes and scores to Detections: the part that families share."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.geometry import iou
from edge.types import CLASSES, Boxes, Detections, Ids, Mask

CLASS_IDS = np.array(sorted(CLASSES.values()), np.int64)
FAR = 1e6  # pixels: what reaches farther is no box
MOST = 1000  # candidates that are looked at, best first: time has a bound at any threshold


def detections(
    xyxy: Boxes, scores: NDArray[np.float32], *, score: float, overlap: float
) -> Detections:
    """The watched classes of raw boxes (n, 4) and scores (n, 80); best score first.

    Of two boxes of one class that overlap more than `overlap`, the better one stays
    (greedy non-maximum suppression). Boxes without an area are left out.
    """
    watched = scores[:, CLASS_IDS]
    rows, columns = np.nonzero((watched >= score) & (watched <= 1))
    found = Detections(xyxy[rows], watched[rows, columns], CLASS_IDS[columns])
    found = found[solid(found.xyxy)]
    found = found[np.argsort(-found.score, kind="stable")[:MOST]]
    return found[_kept(found, overlap)]


def solid(xyxy: Boxes) -> Mask:
    """Which boxes have an area, and not an absurd one."""
    near, solid_ones = np.abs(xyxy) < FAR, xyxy[:, 2:] > xyxy[:, :2]
    return np.asarray(near.all(axis=1) & solid_ones.all(axis=1), bool)


def _kept(found: Detections, overlap: float) -> NDArray[np.int64]:
    """Rows that suppression within each class keeps; rows come and go best score first."""
    if not len(found):
        return np.zeros(0, np.int64)
    # OpenCV tells classes apart by moving them away from each other, which needs boxes from 0 on.
    corner = found.xyxy[:, :2] - found.xyxy[:, :2].min()
    kept = cv2.dnn.NMSBoxesBatched(  # its stubs don't know that it takes arrays
        np.hstack((corner, found.xyxy[:, 2:] - found.xyxy[:, :2])),  # type: ignore[arg-type]
        found.score,  # type: ignore[arg-type]
        found.class_id,  # type: ignore[arg-type]
        -1.0,  # the threshold was applied before
        overlap,
    )
    return np.sort(np.asarray(kept, np.int64))


def suppressed(xyxy: Boxes, class_id: Ids, overlap: float) -> Mask:
    """Which of the boxes stay, those in front before those behind them; within each class."""
    kept = np.ones(len(xyxy), bool)
    same = (iou(xyxy, xyxy) > overlap) & (class_id[:, None] == class_id[None, :])
    for row in range(len(xyxy)):
        if kept[row]:
            kept[row + 1 :] &= ~same[row, row + 1 :]
    return kept
