"""YOLOX (arXiv:2107.08430), as Megvii-BaseDetection/YOLOX exports it, with its raw output.

Input `images` [b, 3, H, W]: BGR, 0..255, the ratio kept, from the top left corner.
Output `output` [b, N, 85], one row per cell of the grids of stride 8, 16 and 32: the box's centre
from the cell's corner, in cells; the logarithm of its width and height, in cells; objectness and 80
classes, 0..1. What `--decode_in_inference` exports looks the same and is another network.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from edge.detect.boxes import detections
from edge.detect.grid import cells
from edge.detect.session import Input, Node, Session, expect
from edge.errors import ModelError
from edge.types import Boxes, Detections, Image

STRIDES = (8, 16, 32)
OVERLAP = 0.65  # of two boxes of one class that are one object, as its authors measure it
BOX, CLASSES = 4, 80


class YoloX:
    """A YOLOX network; raises ModelError where the network is another one."""

    INPUT: ClassVar[Input] = Input(
        "images", rgb=False, mean=(0.0, 0.0, 0.0), scale=(1.0, 1.0, 1.0), letterbox=True
    )

    def __init__(self, session: Session, *, score: float) -> None:
        expect(
            session,
            {"images": Node((None, 3, None, None))},
            {"output": Node((None, None, BOX + 1 + CLASSES))},
        )
        self._session, self._score = session, score
        self._cells, self._strides = cells(session.size, STRIDES)

    def detect(self, images: Sequence[Image]) -> list[Detections]:
        """See `edge.detect.families.Family`."""
        (output,) = self._session.run(("output",), images)
        wanted = (len(images), len(self._cells), BOX + 1 + CLASSES)
        if output.shape != wanted:
            raise ModelError(
                f"the model gives output {output.shape}, not {wanted}: a row for each cell of "
                f"stride {', '.join(map(str, STRIDES))}",
                "export it again, without the fourth stride and without --decode_in_inference",
            )
        return [self._one(rows) for rows in output]

    @np.errstate(all="ignore")  # what overflows is no number, and is left out
    def _one(self, rows: NDArray[np.float32]) -> Detections:
        scores = rows[:, BOX : BOX + 1] * rows[:, BOX + 1 :]
        return detections(self._boxes(rows), scores, score=self._score, overlap=OVERLAP)

    def _boxes(self, rows: NDArray[np.float32]) -> Boxes:
        centre = (rows[:, :2] + self._cells) * self._strides
        half = np.exp(rows[:, 2:BOX]) * self._strides / 2
        return np.hstack((centre - half, centre + half))
