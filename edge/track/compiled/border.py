"""What the tracker takes in, as loops; see `edge.track.vectors.border`."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from edge.track import numbers as of
from edge.track.state import (
    BAD_BOX,
    BAD_CLASS,
    BAD_SCORE,
    BAD_TIME,
    COUNT,
    KINDS,
    KNOWN,
    NO_ROOM,
    ROOM,
    Floats,
    Found,
    Rows,
)

Singles = NDArray[np.float32]

FEW = 24  # are sorted by insertion


@njit(cache=True, nogil=True)
def check(batch: Rows, pts: Floats, found: Found, cameras: tuple[Rows, Floats]) -> int:
    """See `edge.track.vectors.border.check`."""
    boxes, scores, kinds = found
    for i in range(len(scores)):
        x1, y1, x2, y2 = boxes[i, 0], boxes[i, 1], boxes[i, 2], boxes[i, 3]
        if not (math.isfinite(x1) and math.isfinite(y1) and x2 > x1 and y2 > y1):
            return BAD_BOX
        if not (math.isfinite(x2) and math.isfinite(y2)):
            return BAD_BOX
        if not 0 <= scores[i] <= 1:
            return BAD_SCORE
        kind = kinds[i]
        if kind < 0 or kind >= KINDS or not (KNOWN >> kind) & 1:
            return BAD_CLASS
    spans, clocks = cameras
    for k in range(len(batch)):
        slot, more = batch[k, 0], batch[k, 2] - batch[k, 1]
        if not math.isfinite(pts[k]) or pts[k] < clocks[slot]:
            return BAD_TIME
        if spans[slot, COUNT] + more > spans[slot, ROOM]:
            return NO_ROOM
    return 0


@njit(cache=True, nogil=True)
def admitted(xyxy: Singles, score: Singles, kind: Rows) -> Rows:
    """The detections to track, in an order of their own, each object once."""
    few = len(kind) <= FEW
    order = np.arange(len(kind)) if few else np.argsort(xyxy[:, 3], kind="mergesort")
    for i in range(1, len(order)):
        one, j = order[i], i
        while j > 0 and _before(one, order[j - 1], xyxy, score, kind):
            order[j] = order[j - 1]
            j -= 1
        order[j] = one
    mixed = False
    for i in range(1, len(kind)):
        mixed = mixed or kind[i] != kind[0]
    return _without_twins(order, xyxy, score, kind) if mixed else order


@njit(cache=True, nogil=True)
def _before(a: int, b: int, xyxy: Singles, score: Singles, kind: Rows) -> bool:
    """Whether detection a comes first: by y2, x2, y1, x1, score, class."""
    for column in (3, 2, 1, 0):
        if xyxy[a, column] != xyxy[b, column]:
            return xyxy[a, column] < xyxy[b, column]
    if score[a] != score[b]:
        return score[a] < score[b]
    return kind[a] < kind[b]


@njit(cache=True, nogil=True)
def _without_twins(order: Rows, xyxy: Singles, score: Singles, kind: Rows) -> Rows:
    """Of boxes that a detector gave two classes, as car and truck, the surer one."""
    kept, count = np.empty(len(order), np.int64), 0
    for i in range(len(order)):
        beaten = False
        for j in range(len(order)):
            a, b = order[i], order[j]
            surer = score[b] > score[a] or (score[b] == score[a] and j > i)
            if surer and kind[a] != kind[b] and _iou(xyxy[a], xyxy[b]) > of.TWINS:
                beaten = True
                break
        if not beaten:
            kept[count] = order[i]
            count += 1
    return kept[:count]


@njit(cache=True, nogil=True)
def _iou(one: Singles, other: Singles) -> float:
    a, b = one.astype(np.float64), other.astype(np.float64)
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return shared / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared)
