"""Detection transformers: each object once, so that nothing is suppressed afterwards.

RT-DETR (arXiv:2304.08069, 2407.17140) and D-FINE (arXiv:2410.13842), as lyuwenyu/RT-DETR and
Peterande/D-FINE export them, are one family. RF-DETR (arXiv:2511.09554, roboflow/rf-detr) is
another: its classes carry COCO's own numbers, which have gaps.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from edge.detect.boxes import detections
from edge.detect.session import Input, Node, Session, expect
from edge.errors import ModelError
from edge.types import Boxes, Detections, Image

CLASSES = 80
NEVER = 1.0  # no two boxes overlap more than this: none hides another
BOX = 4
NUMBERS = 91  # of COCO's classes: 0 to 90, some without a class
GAPS = (0, 12, 26, 29, 30, 45, 66, 68, 69, 71, 83)
CATEGORIES = np.delete(np.arange(NUMBERS), GAPS)  # COCO's number of each of the 80 classes


class RtDetr:
    """An RT-DETR or D-FINE network; raises ModelError where the network is another one.

    Input `images` [b, 3, H, W]: RGB, 0..1, stretched to the input's size; `orig_target_sizes` [b,
    2]: width and height that the boxes are for. Outputs, best first: `labels` [b, N] (0..79),
    `boxes` [b, N, 4] (x1 y1 x2 y2 in pixels of that size) and `scores` [b, N] (0..1).
    """

    INPUT: ClassVar[Input] = Input(
        "images", rgb=True, mean=(0.0, 0.0, 0.0), scale=(1 / 255,) * 3, side=640
    )

    def __init__(self, session: Session, *, score: float) -> None:
        expect(
            session,
            {
                "images": Node((None, 3, None, None)),
                "orig_target_sizes": Node((None, 2), "int64"),
            },
            {
                "labels": Node((None, None), "int64"),
                "boxes": Node((None, None, BOX)),
                "scores": Node((None, None)),
            },
        )
        self._session, self._score = session, score

    def detect(self, images: Sequence[Image]) -> list[Detections]:
        """See `edge.detect.families.Family`."""
        sizes = np.full((len(images), 2), self._session.size, np.int64)
        labels, boxes, scores = self._session.run(
            ("labels", "boxes", "scores"), images, orig_target_sizes=sizes
        )
        wanted = (len(images), *labels.shape[-1:])
        if (labels.shape, boxes.shape, scores.shape) != (wanted, (*wanted, BOX), wanted):
            raise ModelError(
                f"the model gives labels {labels.shape}, boxes {boxes.shape} and scores "
                f"{scores.shape} for {len(images)} pictures, not of one size",
                "export it again",
            )
        if labels.size and not 0 <= labels.min() <= labels.max() < CLASSES:
            raise ModelError(
                f"the model names classes from {labels.min()} to {labels.max()}, not 0 to 79",
                "bring one that was trained on COCO",
            )
        return [
            detections(xyxy, _table(classes, row), score=self._score, overlap=NEVER)
            for classes, xyxy, row in zip(labels, boxes, scores, strict=True)
        ]


class RfDetr:
    """An RF-DETR network; raises ModelError where the network is another one.

    Input `input` [b, 3, H, W]: RGB, stretched to the input's size, ImageNet mean and deviation.
    Outputs `dets` [b, N, 4] (centre, width and height, 0..1 of the input) and `labels` [b, N, 91]
    (logits, in COCO's own numbers).
    """

    INPUT: ClassVar[Input] = Input(
        "input",
        rgb=True,
        mean=(0.485 * 255, 0.456 * 255, 0.406 * 255),
        scale=(1 / (0.229 * 255), 1 / (0.224 * 255), 1 / (0.225 * 255)),
        side=560,
    )

    def __init__(self, session: Session, *, score: float) -> None:
        expect(
            session,
            {"input": Node((None, 3, None, None))},
            {"dets": Node((None, None, BOX)), "labels": Node((None, None, NUMBERS))},
        )
        self._session, self._score = session, score
        self._scale = np.array([*session.size] * 2, np.float32)

    def detect(self, images: Sequence[Image]) -> list[Detections]:
        """See `edge.detect.families.Family`."""
        dets, labels = self._session.run(("dets", "labels"), images)
        wanted = (len(images), *dets.shape[1:2])
        if (dets.shape, labels.shape) != ((*wanted, BOX), (*wanted, NUMBERS)):
            raise ModelError(
                f"the model gives dets {dets.shape} and labels {labels.shape} for {len(images)} "
                "pictures, not of one size",
                "export it again",
            )
        return [self._one(*rows) for rows in zip(dets, labels, strict=True)]

    @np.errstate(all="ignore")  # what overflows is no number, and is left out
    def _one(self, dets: NDArray[np.float32], labels: NDArray[np.float32]) -> Detections:
        scores = np.asarray(1 / (1 + np.exp(-labels[:, CATEGORIES])), np.float32)
        return detections(_corners(dets) * self._scale, scores, score=self._score, overlap=NEVER)


def _table(classes: NDArray[np.float32], scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scores of every class (n, 80) where a row has one: the others are no number."""
    table = np.full((len(classes), CLASSES), np.nan, np.float32)
    table[np.arange(len(classes)), classes] = scores
    return table


def _corners(boxes: NDArray[np.float32]) -> Boxes:
    """Boxes of centre, width and height as x1 y1 x2 y2."""
    centre, half = boxes[:, :2], boxes[:, 2:] / 2
    return np.hstack((centre - half, centre + half))
