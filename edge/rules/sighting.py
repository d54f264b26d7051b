"""One row of tracks as an alert tells it, and which rows a rule looks at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edge.geometry import unit_foot_points
from edge.types import Frame, Mask, Sighting, Tracks

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


@dataclass(frozen=True, slots=True)
class Subjects:
    """What a rule looks at: objects of its classes, of its size."""

    classes: frozenset[int]
    min_height: float  # of the box, as a part of the picture's height
    max_height: float

    def among(self, tracks: Tracks, frame: Frame) -> Mask:
        """Which rows these are, shape (n,)."""
        tall = (tracks.xyxy[:, 3] - tracks.xyxy[:, 1]) / frame.size[1]
        of_class = np.array([one in self.classes for one in tracks.class_id.tolist()], bool)
        return of_class & (tall >= self.min_height) & (tall <= self.max_height)
