"""What may be seen of a picture: masks burned in, people pixelated; one file, to be audited."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from edge.types import Boxes, Image, Points

BLOCKS = 6  # a person is at most this many blocks wide and twice as many high
MARGIN = 0.1  # of the box's width and height, added on every side


def burn_masks(image: Image, masks: Sequence[Points]) -> Image:
    """Blacken polygons (0..1) of a picture, in place, and return it."""
    if masks:
        size = np.array([image.shape[1], image.shape[0]], np.float32)
        cv2.fillPoly(image, [np.rint(mask * size).astype(np.int32) for mask in masks], (0, 0, 0))
    return image


def pixelate(image: Image, xyxy: Boxes) -> Image:
    """Return a copy in which the boxes, widened by a margin, are coarse blocks."""
    out = image.copy()
    height, width = image.shape[:2]
    grow = (xyxy[:, 2:] - xyxy[:, :2]) * MARGIN
    x1, y1 = np.floor(xyxy[:, :2] - grow).clip(0).astype(int).T
    x2, y2 = np.ceil(xyxy[:, 2:] + grow).astype(int).T
    for left, top, right, bottom in zip(
        x1, y1, x2.clip(max=width), y2.clip(max=height), strict=True
    ):
        if right > left and bottom > top:
            part = out[top:bottom, left:right]
            blocks = (min(BLOCKS, right - left), min(2 * BLOCKS, bottom - top))
            small = cv2.resize(part, blocks, interpolation=cv2.INTER_AREA)
            part[:] = cv2.resize(
                small, (right - left, bottom - top), interpolation=cv2.INTER_NEAREST
            )
    return out


def jpeg(image: Image, people: Boxes, *, quality: int = 85) -> bytes:
    """Encode a masked picture with its people pixelated: the only way a picture leaves memory."""
    done, data = cv2.imencode(".jpg", pixelate(image, people), (cv2.IMWRITE_JPEG_QUALITY, quality))
    if not done:
        raise ValueError(f"a picture of {image.shape[1]}x{image.shape[0]} can't be encoded as JPEG")
    return data.tobytes()
