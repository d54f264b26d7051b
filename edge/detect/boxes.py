"""From a model's boxes and scores to Detections: the part that families share."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.types import CLASSES, Boxes, Detections

CLASS_IDS = np.array(sorted(CLASSES.values()), np.int64)


def detections(
    xyxy: Boxes, scores: NDArray[np.float32], *, score: float, overlap: float
) -> Detections:
    """The watched classes of raw boxes (n, 4) and scores (n, 80); best score first.

    Of two boxes of one class that overlap more than `overlap`, the better one stays
    (greedy non-maximum suppression).
    """
    watched = scores[:, CLASS_IDS]
    rows, columns = np.nonzero(watched >= score)
    if not len(rows):
        return Detections.empty()
    boxes, values, classes = xyxy[rows], watched[rows, columns], CLASS_IDS[columns]
    left_top_size = np.hstack((boxes[:, :2], boxes[:, 2:] - boxes[:, :2]))
    kept = cv2.dnn.NMSBoxesBatched(  # its stubs don't know that it takes arrays
        left_top_size,  # type: ignore[arg-type]
        values,  # type: ignore[arg-type]
        classes,  # type: ignore[arg-type]
        score,
        overlap,
    )
    order = np.sort(np.asarray(kept, np.int64))
    order = order[np.argsort(-values[order], kind="stable")]
    return Detections(boxes[order], values[order], classes[order])


def to_image(found: Detections, model: tuple[int, int], image: tuple[int, int]) -> Detections:
    """From the model's input to the image, both (width, height); cut off at its edges."""
    scale = np.array([image[0] / model[0], image[1] / model[1]] * 2, np.float32)
    limit = np.array([*image, *image], np.float32)
    boxes = (found.xyxy * scale).clip(0, limit).astype(np.float32)
    whole = ((boxes[:, 2:] - boxes[:, :2]) > 0).all(axis=1)
    return Detections(boxes, found.score, found.class_id)[whole]
