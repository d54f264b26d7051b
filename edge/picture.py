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
        return scaled(np.asarray(gray, np.uint8), (width, height))

    def bgr(self, *, region: Region | None = None, size: tuple[int, int] | None = None) -> Image:
        """See `Picture`."""
        if region is None and size is None:
            return self._image
        x1, y1, x2, y2 = region or (0, 0, self.width, self.height)
        part = self._image[y1:y2, x1:x2]
        return part.copy() if size is None else scaled(part, size)


def scaled(image: Image, size: tuple[int, int]) -> Image:
    """The image at another size, averaged where it shrinks."""
    width, height = size
    if width > image.shape[1] or height > image.shape[0]:
        shrinks = width < image.shape[1] or height < image.shape[0]
        way = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
        return np.asarray(cv2.resize(image, size, interpolation=way), np.uint8)
    return np.asarray(averaged(image, size), np.uint8)


def averaged(plane: Luma, size: tuple[int, int]) -> Luma:
    """A plane, or all planes of an image, no larger than it is; each pixel is a mean of its area.

    Two by two while that goes, and what is left as the mean of four samples between the pixels:
    a half to a fifth of the time that areas of uneven borders take, and within a grey level.
    """
    width, height = size
    while (wide := plane.shape[1] >= 2 * width) | (high := plane.shape[0] >= 2 * height):
        plane = _halved(plane, wide=wide, high=high)
    if plane.shape[1::-1] == size:
        return plane.copy()
    between = cv2.resize(plane, (2 * width, 2 * height), interpolation=cv2.INTER_LINEAR)
    return _halved(np.asarray(between, np.uint8), wide=True, high=True)


def _halved(plane: Luma, *, wide: bool, high: bool) -> Luma:
    """Half as wide, half as high, or both; an odd last column or row is left out."""
    width, height = plane.shape[1] >> wide, plane.shape[0] >> high
    even = plane[: height << high, : width << wide]
    if high and not wide:  # the same, in a tenth of the time
        return np.asarray(cv2.addWeighted(even[0::2], 0.5, even[1::2], 0.5, 0), np.uint8)
    return np.asarray(cv2.resize(even, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
