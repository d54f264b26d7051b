"""One row of tracks as an alert tells it."""

from __future__ import annotations

import numpy as np

from edge.types import Frame, Mask, Sighting, Tracks


def scale(frame: Frame) -> tuple[int, int]:
    """Width and height of the picture: what 0..1 is multiplied with."""
    height, width = frame.image.shape[:2]
    return width, height


def sighting(tracks: Tracks, row: int, frame: Frame) -> Sighting:
    """Everything 0..1, cut off at the picture's edges."""
    width, height = scale(frame)
    box = tracks.xyxy[row].astype(float) / (width, height, width, height)
    x1, y1, x2, y2 = (round(float(value), 4) for value in box.clip(0, 1))
    return Sighting(
        track=int(tracks.id[row]),
        class_id=int(tracks.class_id[row]),
        score=round(float(tracks.score[row]), 4),
        box=(x1, y1, x2, y2),
        foot=(round((x1 + x2) / 2, 4), y2),
    )


def counted(
    tracks: Tracks, frame: Frame, classes: frozenset[int], heights: tuple[float, float]
) -> Mask:
    """Which rows a rule looks at: of its classes, and of its size."""
    tall = (tracks.xyxy[:, 3] - tracks.xyxy[:, 1]) / scale(frame)[1]
    return np.isin(tracks.class_id, list(classes)) & (tall >= heights[0]) & (tall <= heights[1])
