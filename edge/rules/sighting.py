"""One row of tracks as an alert tells it."""

from __future__ import annotations

import numpy as np

from edge.geometry import unit_foot_points
from edge.types import Sighting, Tracks

DIGITS = 4  # a ten-thousandth of the picture is below a pixel


def sighting(tracks: Tracks, row: int, size: tuple[int, int]) -> Sighting:
    """Everything 0..1 of a picture of (width, height), cut off at its edges."""
    width, height = size
    box = tracks.xyxy[row].astype(np.float64) / (width, height, width, height)
    x1, y1, x2, y2 = box.clip(0, 1).round(DIGITS).tolist()
    foot = unit_foot_points(tracks.xyxy[row : row + 1], size)[0]
    x, y = foot.astype(np.float64).round(DIGITS).tolist()
    return Sighting(
        track=int(tracks.id[row]),
        class_id=int(tracks.class_id[row]),
        score=round(float(tracks.score[row]), DIGITS),
        box=(x1, y1, x2, y2),
        foot=(x, y),
    )
