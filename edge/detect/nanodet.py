"""NanoDet-Plus (no paper; github.com/RangiLyu/nanodet), as its repository exports it.

Input `data` [b, 3, H, W]: BGR, stretched to the input's size, ImageNet mean and deviation.
Output `output` [b, N, 112], one row per cell of the grids of stride 8, 16, 32 and 64: 80 classes,
0..1, then how far the box's left, top, right and bottom are from the cell's corner, each as the
logits of 0 to 7 strides (Generalized Focal Loss, arXiv:2006.04388).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from edge.detect.boxes import CLASS_IDS, detections
from edge.detect.grid import cells
from edge.detect.session import Input, Node, Session, expect
from edge.errors import ModelError
from edge.types import Detections, Image

STRIDES = (8, 16, 32, 64)
OVERLAP = 0.6  # of two boxes of one class that are one object
CLASSES = 80
SIDES = 4
STEPS = np.arange(8, dtype=np.float32)  # strides that a side may be away
ROW = CLASSES + SIDES * len(STEPS)


class NanoDet:
    """A NanoDet-Plus network; raises ModelError where the network is another one."""

    INPUT: ClassVar[Input] = Input(
        "data",
        rgb=False,
        mean=(103.53, 116.28, 123.675),
        scale=(0.017429, 0.017507, 0.017125),
    )

    def __init__(self, session: Session, *, score: float) -> None:
        expect(
            session,
            {"data": Node((None, 3, None, None))},
            {"output": Node((None, None, ROW))},
        )
        self._session, self._score = session, score
        self._cells, self._strides = cells(session.size, STRIDES)

    def detect(self, images: Sequence[Image]) -> list[Detections]:
        """See `edge.detect.families.Family`."""
        (output,) = self._session.run(("output",), images)
        wanted = (len(images), len(self._cells), ROW)
        if output.shape != wanted:
            raise ModelError(
                f"the model gives output {output.shape}, not {wanted}: a row for each cell of "
                f"stride {', '.join(map(str, STRIDES))}",
                "bring a NanoDet-Plus; NanoDet of 2020 has other strides",
            )
        return [self._one(rows) for rows in output]

    @np.errstate(all="ignore")  # what overflows is no number, and is left out
    def _one(self, rows: NDArray[np.float32]) -> Detections:
        # Few cells see something: the boxes of the others would cost seven times the rest.
        found = np.flatnonzero((rows[:, CLASS_IDS] >= self._score).any(axis=1))
        away = _distances(rows[found, CLASSES:])
        start = (self._cells[found] - away[:, :2]) * self._strides[found]
        end = (self._cells[found] + away[:, 2:]) * self._strides[found]
        return detections(
            np.hstack((start, end)), rows[found, :CLASSES], score=self._score, overlap=OVERLAP
        )


def _distances(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Expected distance of each side (n, 4), in strides, of logits (n, 32)."""
    bins = logits.reshape(len(logits), SIDES, len(STEPS))
    weights = np.exp(bins - bins.max(axis=2, keepdims=True))
    expected: NDArray[np.float32] = weights @ STEPS / weights.sum(axis=2)
    return expected
