"""What the tracker takes in: only what makes sense, in one order, each object once."""

from __future__ import annotations

import numpy as np

from edge.geometry import iou
from edge.types import CLASSES, Detections

TWINS = 0.85  # overlap from which two boxes of different classes are one object


def admitted(found: Detections) -> Detections:
    """The detections to track; raises ValueError where one is no box, no score or no class."""
    _refuse_nonsense(found)
    order = np.lexsort((found.class_id, found.score, *found.xyxy.T))
    return _without_twins(found[order])  # sorted: a detector's order changes nothing


def _refuse_nonsense(found: Detections) -> None:
    xyxy, score, known = found.xyxy, found.score, np.array(list(CLASSES.values()))
    if not np.isfinite(xyxy).all() or not (xyxy[:, 2:] > xyxy[:, :2]).all():
        raise ValueError("a detected box is not finite or has no area; the detector must drop it")
    if not ((score >= 0) & (score <= 1)).all():
        raise ValueError("a detection's score is not in 0..1; the detector must drop it")
    if not (found.class_id[:, None] == known).any(axis=1).all():
        raise ValueError("a detection's class is not one of CLASSES; the detector must drop it")


def _without_twins(found: Detections) -> Detections:
    """Of boxes that a detector gave two classes, as car and truck, the surer one."""
    kind, score = found.class_id, found.score
    if not len(kind) or (kind == kind[0]).all():
        return found
    twins = (iou(found.xyxy, found.xyxy) > TWINS) & (kind[:, None] != kind)
    row = np.arange(len(kind))
    beaten = (score > score[:, None]) | ((score == score[:, None]) & (row < row[:, None]))
    return found[~(twins & beaten).any(axis=1)]
