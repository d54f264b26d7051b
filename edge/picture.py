"""A picture that is in colour already: from a file of an image, from a test, or masked."""

from __future__ import annotations

import cv2
import numpy as np

from edge.types import Image, Luma, Region


class Still:
    """A BGR array as a Picture."""

    def __init__(self, image: Image) -> None:
        self._image = image

    @property
    def width(self) -> int:
        """Pixels."""
        return int(self._image.shape[1])

    @property
    def height(self) -> int:
        """Pixels."""
        return int(self._image.shape[0])

    def luma(self, width: int, height: int) -> Luma:
        """See `Picture`."""
        gray = cv2.cvtColor(self._image, cv2.COLOR_BGR2GRAY)
        return np.asarray(cv2.resize(gray, (width, height), interpolation=cv2.INTER_AREA))

    def bgr(self, *, region: Region | None = None, size: tuple[int, int] | None = None) -> Image:
        """See `Picture`."""
        if region is None and size is None:
            return self._image
        x1, y1, x2, y2 = region or (0, 0, self.width, self.height)
        part = self._image[y1:y2, x1:x2]
        return part.copy() if size is None else scaled(part, size)


def halved(plane: Luma, size: tuple[int, int]) -> Luma:
    """Averaged two by two while it stays at least this large: ten times as fast as at once."""
    while plane.shape[1] >= 2 * size[0] and plane.shape[0] >= 2 * size[1]:
        height, width = (side & ~1 for side in plane.shape[:2])
        half = (width // 2, height // 2)
        small = cv2.resize(plane[:height, :width], half, interpolation=cv2.INTER_AREA)
        plane = np.asarray(small, np.uint8)
    return plane


def scaled(image: Image, size: tuple[int, int]) -> Image:
    """The image at another size, averaged where it shrinks."""
    shrinks = size[0] < image.shape[1] or size[1] < image.shape[0]
    way = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(image, size, interpolation=way), np.uint8)
