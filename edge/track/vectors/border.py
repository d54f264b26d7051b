"""What the tracker takes in: only what makes sense, in one order, each object once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edge.track.numbers import TWINS
from edge.track.state import (
    BAD_BOX,
    BAD_CLASS,
    BAD_SCORE,
    BAD_TIME,
    COUNT,
    NO_ROOM,
    ROOM,
    Floats,
    Found,
    Rows,
)
from edge.types import CLASSES, Boxes, Ids, Mask, Scores


def check(batch: Rows, pts: Floats, found: Found, cameras: tuple[Rows, Floats]) -> int:
    """What keeps a turn from being made: 0 for nothing.

    BAD_BOX, BAD_SCORE, BAD_CLASS, BAD_TIME, or NO_ROOM for the tracks that may begin.
    """
    xyxy, score, kind = found
    (spans, clocks), slots, more = cameras, batch[:, 0], batch[:, 2] - batch[:, 1]
    wrong = (
        (BAD_BOX, not np.isfinite(xyxy).all() or not (xyxy[:, 2:] > xyxy[:, :2]).all()),
        (BAD_SCORE, not ((score >= 0) & (score <= 1)).all()),
        (BAD_CLASS, not np.isin(kind, [*CLASSES.values()]).all()),
        (BAD_TIME, not np.isfinite(pts).all() or (pts < clocks[slots]).any()),
        (NO_ROOM, (spans[slots, COUNT] + more > spans[slots, ROOM]).any()),
    )
    return next((code for code, is_so in wrong if is_so), 0)


def admitted(xyxy: Boxes, score: Scores, kind: Ids) -> Rows:
    """The detections of one camera to track, by place, so that a detector's order is irrelevant."""
    order = np.lexsort((kind, score, *xyxy.T))
    if not len(kind) or (kind == kind[0]).all():
        return order
    return order[~_twins(xyxy[order].astype(np.float64), score[order], kind[order])]


def _twins(xyxy: NDArray[np.float64], score: Scores, kind: Ids) -> Mask:
    """Of boxes that a detector gave two classes, as car and truck, the less sure one."""
    low = np.maximum(xyxy[:, None, :2], xyxy[:, :2])
    high = np.minimum(xyxy[:, None, 2:], xyxy[:, 2:])
    shared = np.maximum(high - low, 0).prod(axis=2)
    area = (xyxy[:, 2:] - xyxy[:, :2]).prod(axis=1)
    twins = (shared / (area[:, None] + area - shared) > TWINS) & (kind[:, None] != kind)
    row = np.arange(len(kind))
    surer = (score > score[:, None]) | ((score == score[:, None]) & (row > row[:, None]))
    return np.asarray((twins & surer).any(axis=1))
