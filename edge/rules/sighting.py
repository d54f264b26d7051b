"""One row of tracks as an alert tells it."""

from __future__ import annotations

from edge.geometry import ALMOST_ONE
from edge.types import Sighting, Tracks

DIGITS = 4  # a ten-thousandth of the picture is below a pixel
LAST = float(ALMOST_ONE)


def sighting(tracks: Tracks, row: int, size: tuple[int, int]) -> Sighting:
    """Everything 0..1 of a picture of (width, height), cut off at its edges."""
    width, height = size
    x1, y1, x2, y2 = tracks.xyxy[row].tolist()
    across, down = (x1 + x2) / 2 / width, y2 / height
    return Sighting(
        track=int(tracks.id[row]),
        class_id=int(tracks.class_id[row]),
        score=round(float(tracks.score[row]), DIGITS),
        box=(_unit(x1 / width), _unit(y1 / height), _unit(x2 / width), _unit(y2 / height)),
        foot=(_unit(across, LAST), _unit(down, LAST)),
    )


def _unit(value: float, most: float = 1.0) -> float:
    if not 0.0 <= value <= most:
        value = most if value > most else 0.0
    return round(value, DIGITS)
