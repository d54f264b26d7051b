"""Builders: the smallest real values that tests speak in."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from edge.picture import Still
from edge.types import Detections, Frame, Tracks

WIDTH, HEIGHT = 200, 100


def frame(index=0, *, pts=None, camera="gate", session=0, fps=10.0):
    pts = index / fps if pts is None else pts
    image = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    return Frame(camera, index, pts, 1_700_000_000 + pts, Still(image), session=session)


def box_at(x, y, *, width=10, height=20):
    """A box that stands on the point (x, y)."""
    return [x - width / 2, y - height, x + width / 2, y]


def detections(feet: Sequence[tuple[float, float]] = (), *, score=0.9, class_id=0, **size):
    count = len(feet)
    boxes = [box_at(x, y, **size) for x, y in feet]
    return Detections(
        np.array(boxes, np.float32).reshape(-1, 4),
        np.full(count, score, np.float32),
        np.full(count, class_id, np.int64),
    )


def tracks(feet: dict[int, tuple[float, float]] | None = None, *, ended=(), class_id=0, **size):
    feet = feet or {}
    found = detections(list(feet.values()), class_id=class_id, **size)
    return Tracks(
        np.array(list(feet), np.int64),
        found.xyxy,
        found.score,
        found.class_id,
        np.zeros((len(feet), 2), np.float32),
        np.array(ended, np.int64),
    )
