"""What measures for the rules: compiled loops where they can be, else NumPy."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from pickle import UnpicklingError
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from edge.compiled import cached
from edge.rules import arrays
from edge.rules.shapes import Floats, Foot, Rows
from edge.types import Boxes, Homography, Mask, Points


class Measures(Protocol):
    """See `edge.rules.arrays`."""

    NAME: str

    def stand(
        self, xyxy: Boxes, size: tuple[int, int], ground: Homography | None
    ) -> tuple[Points, NDArray[np.float32], Floats | None]:
        """Feet and heights, and with a ground where on it the feet are."""

    def survey(
        self,
        feet: Points,
        aspect: float,
        edges: Floats,
        bounds: Rows,
        parts: Floats,
        starts: Rows,
    ) -> tuple[Mask, Rows, Floats]:
        """Which feet each polygon holds; by each line the side of each foot, and how far off."""

    def depth(self, foot: Foot, aspect: float, edges: Floats) -> float:
        """How far a foot is from the nearest edge of one polygon."""

    def span(self, xyxy: Boxes, size: tuple[int, int], ground: Homography) -> Floats:
        """Where the lower edge of each box is on the ground."""

    def apart(
        self, xyxy: Boxes, feet: Points, size: tuple[int, int], ground: Homography, rows: Rows
    ) -> Floats:
        """How far each foot is on the ground from the boxes of those rows."""


@cache
def measures() -> Measures:
    """The fastest that runs here, ready to be used.

    What was compiled before and can't be read is done without: NumPy goes on.
    """
    here = Path(__file__).parent
    try:
        cached([here / "loops.py", here / "shapes.py", here.parent / "geometry.py"])
        from edge.rules import loops  # noqa: PLC0415 - not everywhere

        _try(loops)
    except (ImportError, OSError, EOFError, UnpicklingError):
        return arrays
    return loops


def _try(found: Measures) -> None:
    boxes = np.zeros((1, 4), np.float32)
    feet, _, _ = found.stand(boxes, (1, 1), None)
    found.stand(boxes, (1, 1), np.eye(3))
    table, bounds = np.zeros((1, 5)), np.zeros(2, np.int64)
    found.survey(feet, 1.0, table, bounds, table[:, :4].copy(), bounds)
    found.depth((0.0, 0.0), 1.0, table)
    found.span(boxes, (1, 1), np.eye(3))
    found.apart(boxes, feet, (1, 1), np.eye(3), bounds[:1])
