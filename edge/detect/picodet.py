"""PicoDet (arXiv:2111.00902), as PaddleDetection exports it, with its raw outputs.

Input `image` [b, 3, H, W]: RGB, stretched to the input's size, ImageNet mean and deviation.
Outputs `boxes` [b, N, 4] (x1 y1 x2 y2 in pixels of the input) and `scores` [b, 80, N] (0..1).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from edge.detect.boxes import detections
from edge.detect.session import Input, Node, Session, expect
from edge.errors import ModelError
from edge.types import Detections, Image

OVERLAP = 0.6  # of two boxes of one class that are one object
CLASSES = 80


class PicoDet:
    """A PicoDet network; raises ModelError where the network is another one."""

    INPUT: ClassVar[Input] = Input(
        "image",
        rgb=True,
        mean=(0.485 * 255, 0.456 * 255, 0.406 * 255),
        scale=(1 / (0.229 * 255), 1 / (0.224 * 255), 1 / (0.225 * 255)),
    )

    def __init__(self, session: Session, *, score: float) -> None:
        expect(
            session,
            {"image": Node((None, 3, None, None))},
            {"boxes": Node((None, None, 4)), "scores": Node((None, CLASSES, None))},
        )
        self._session, self._score = session, score

    def detect(self, images: Sequence[Image]) -> list[Detections]:
        """See `edge.detect.families.Family`."""
        boxes, scores = self._session.run(("boxes", "scores"), images)
        count = boxes.shape[1:2]
        wanted = (len(images), *count, 4), (len(images), CLASSES, *count)
        if (boxes.shape, scores.shape) != wanted:
            raise ModelError(
                f"the model gives boxes {boxes.shape} and scores {scores.shape}, not of one size",
                "export it again",
            )
        return [
            detections(xyxy, table.T, score=self._score, overlap=OVERLAP)
            for xyxy, table in zip(boxes, scores, strict=True)
        ]
