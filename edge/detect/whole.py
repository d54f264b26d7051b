"""A whole picture as a network's input, and what is found there back in the picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from edge.detect.boxes import solid
from edge.types import Detections, Image, Picture

PADDING = 114  # grey, as YOLOX was trained


def blank_image(size: tuple[int, int]) -> Image:
    """An image of (width, height) with nothing in it."""
    return np.full((size[1], size[0], 3), PADDING, np.uint8)


@dataclass(frozen=True, slots=True)
class Fit:
    """How pictures come to the size of a network's input."""

    size: tuple[int, int]  # width and height of the input
    letterbox: bool  # the ratio is kept, or the picture is stretched

    def scales(self, width: int, height: int) -> tuple[float, float]:
        """Pixels of the input per pixel of a whole picture, along x and y."""
        x, y = self.size[0] / width, self.size[1] / height
        return (min(x, y), min(x, y)) if self.letterbox else (x, y)

    def image(self, picture: Picture) -> Image:
        """The whole picture, from the input's top left corner."""
        if not self.letterbox:
            return picture.bgr(size=self.size)
        width, height = self._inner(picture)
        image = blank_image(self.size)
        image[:height, :width] = picture.bgr(size=(width, height))
        return image

    def to_picture(self, found: Detections, picture: Picture) -> Detections:
        """Detections of the input in pixels of the picture, cut off at its edges."""
        inner = self._inner(picture) if self.letterbox else self.size
        back = np.array([picture.width / inner[0], picture.height / inner[1]] * 2, np.float32)
        limit = np.array([picture.width, picture.height] * 2, np.float32)
        boxes = np.asarray((found.xyxy * back).clip(0, limit), np.float32)
        return Detections(boxes, found.score, found.class_id)[solid(boxes)]

    def _inner(self, picture: Picture) -> tuple[int, int]:
        x, y = self.scales(picture.width, picture.height)
        return max(1, round(picture.width * x)), max(1, round(picture.height * y))


def detected(
    infer: Callable[[Sequence[Image]], list[Detections]], fit: Fit, pictures: Sequence[Picture]
) -> list[Detections]:
    """The detections of whole pictures, in pixels of each."""
    found = infer([fit.image(picture) for picture in pictures])
    return [fit.to_picture(one, picture) for one, picture in zip(found, pictures, strict=True)]
