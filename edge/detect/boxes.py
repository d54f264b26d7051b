"""From a model's boxes and scores to Detections: the part that families share."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edge.geometry import iou
from edge.types import CLASSES, Boxes, Detections

CLASS_IDS = np.array(sorted(CLASSES.values()), np.int64)
MOST = 300  # candidates of one class that are looked at, best first


def suppress(xyxy: Boxes, scores: NDArray[np.float32], least: float) -> NDArray[np.int64]:
    """Rows that greedy non-maximum suppression keeps, best score first; equals keep their order."""
    order = np.argsort(-scores, kind="stable")[:MOST]
    alike = iou(xyxy[order], xyxy[order]) > least
    kept = np.ones(len(order), bool)
    for row in range(len(order)):
        if kept[row]:
            kept[row + 1 :] &= ~alike[row, row + 1 :]
    return order[kept]


def detections(
    xyxy: Boxes, scores: NDArray[np.float32], *, score: float, overlap: float
) -> Detections:
    """The watched classes of raw boxes (n, 4) and scores (n, 80); best score first."""
    found = [Detections.empty()]
    for class_id in CLASS_IDS:
        of_class = scores[:, class_id]
        rows = np.flatnonzero(of_class >= score)
        rows = rows[suppress(xyxy[rows], of_class[rows], overlap)]
        found.append(Detections(xyxy[rows], of_class[rows], np.full(len(rows), class_id)))
    boxes = np.vstack([one.xyxy for one in found])
    values = np.concatenate([one.score for one in found])
    classes = np.concatenate([one.class_id for one in found])
    order = np.argsort(-values, kind="stable")
    return Detections(boxes[order], values[order], classes[order])


def to_image(found: Detections, model: tuple[int, int], image: tuple[int, int]) -> Detections:
    """From the model's input to the image, both (width, height); cut off at its edges."""
    scale = np.array([image[0] / model[0], image[1] / model[1]] * 2, np.float32)
    limit = np.array([*image, *image], np.float32)
    boxes = (found.xyxy * scale).clip(0, limit).astype(np.float32)
    whole = ((boxes[:, 2:] - boxes[:, :2]) > 0).all(axis=1)
    return Detections(boxes, found.score, found.class_id)[whole]
