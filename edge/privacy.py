"""What may be seen of a picture: masks burned in, people pixelated; one file, to be audited."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from threading import Lock

import cv2
import numpy as np

from edge.geometry import within
from edge.types import Boxes, Frame, Image, Luma, Picture, Planes, Points, Region

BLOCKS = 6  # a person is at most this many blocks wide and twice as many high
MARGIN = 0.1  # of the box's width and height, added on every side
HIDDEN = 0.95  # of a person's box that is in blocks already: a head is more than the rest
Draw = Callable[[Image], Image]


class Masked:
    """A picture whose masks are burned into whatever is made of it: the only one analysis gets."""

    def __init__(self, picture: Picture, masks: Sequence[Points]) -> None:
        self._picture, self._masks = picture, masks
        self._whole: Image | None = None
        self._lock = Lock()  # the console's threads look too

    @property
    def width(self) -> int:
        """Pixels."""
        return self._picture.width

    @property
    def height(self) -> int:
        """Pixels."""
        return self._picture.height

    def luma(self, width: int, height: int) -> Luma:
        """See `Picture`; 0 where masked."""
        image = self._picture.luma(width, height)
        _blacken(image, self._masks, outline=1)
        return image

    def bgr(self, *, region: Region | None = None, size: tuple[int, int] | None = None) -> Image:
        """See `Picture`; black where masked."""
        if region is None and size is None:
            with self._lock:
                if self._whole is None:
                    self._whole = burn_masks(self._picture.bgr(), self._masks)
                return self._whole
        image = self._picture.bgr(region=region, size=size)
        _blacken(image, [self._within(mask, region) for mask in self._masks], outline=1)
        return image

    def _within(self, mask: Points, region: Region | None) -> Points:
        """A mask in parts of the region instead of the picture."""
        if region is None:
            return mask
        x1, y1, x2, y2 = region
        whole = np.array([self.width, self.height], np.float32)
        corner, span = np.array([x1, y1], np.float32), np.array([x2 - x1, y2 - y1], np.float32)
        return np.asarray((mask * whole - corner) / span, np.float32)


def masked(frame: Frame, masks: Sequence[Points]) -> Frame:
    """The frame as anything behind its source may see it."""
    return replace(frame, picture=Masked(frame.picture, masks))


def burn_masks(image: Image, masks: Sequence[Points]) -> Image:
    """Blacken polygons (0..1) of a picture, in place, and return it."""
    _blacken(image, masks)
    return image


def _blacken(image: Image | Luma, masks: Sequence[Points], *, outline: int = 0) -> None:
    """Fill polygons; the outline covers what scaling has mixed into the pixels at their edge."""
    if not masks:
        return
    size = np.array([image.shape[1], image.shape[0]], np.float32)
    corners = [np.rint(mask * size).astype(np.int32) for mask in masks]
    cv2.fillPoly(image, corners, (0, 0, 0))
    if outline:
        cv2.polylines(image, corners, isClosed=True, color=(0, 0, 0), thickness=2 * outline)


def pixelate(image: Image, xyxy: Boxes) -> Image:
    """Return a copy in which the boxes, widened by a margin, are coarse blocks."""
    out = image.copy()
    _coarsen(out, xyxy)
    return out


def _coarsen(image: Image | Luma, xyxy: Boxes) -> None:
    """Make coarse blocks of the boxes, widened by a margin, in place."""
    height, width = image.shape[:2]
    grow = (xyxy[:, 2:] - xyxy[:, :2]) * MARGIN
    x1, y1 = np.floor(xyxy[:, :2] - grow).clip(0).astype(int).T
    x2, y2 = np.ceil(xyxy[:, 2:] + grow).astype(int).T
    for left, top, right, bottom in zip(
        x1, y1, x2.clip(max=width), y2.clip(max=height), strict=True
    ):
        if right > left and bottom > top:
            part = image[top:bottom, left:right]
            blocks = (min(BLOCKS, right - left), min(2 * BLOCKS, bottom - top))
            small = cv2.resize(part, blocks, interpolation=cv2.INTER_AREA)
            part[:] = cv2.resize(
                small, (right - left, bottom - top), interpolation=cv2.INTER_NEAREST
            )


def jpeg(image: Image, people: Boxes, *, quality: int = 85, draw: Draw | None = None) -> bytes:
    """Encode a masked picture with its people pixelated: how a still picture leaves memory.

    `draw` gets the pixelated picture, and draws over it.
    """
    shown = _shown(image, people, draw)
    done, data = cv2.imencode(".jpg", shown, (cv2.IMWRITE_JPEG_QUALITY, quality))
    if not done:
        raise ValueError(f"a picture of {image.shape[1]}x{image.shape[0]} can't be encoded as JPEG")
    return data.tobytes()


def planes(image: Image, people: Boxes, *, draw: Draw | None = None) -> Planes:
    """A masked picture with its people pixelated, for a clip: how moving pictures leave memory.

    Width and height are even; `draw` as of `jpeg`.
    """
    shown = _shown(image, people, draw)
    return np.asarray(cv2.cvtColor(shown, cv2.COLOR_BGR2YUV_I420), np.uint8)


def _shown(image: Image, people: Boxes, draw: Draw | None) -> Image:
    blocks = pixelate(image, people)
    return blocks if draw is None else draw(blocks)


def unhidden(people: Boxes, hidden: Boxes) -> Boxes:
    """Those of the people who are not as good as wholly within one of the boxes hidden already."""
    return people[~within(people, hidden, HIDDEN)]


def cover(planes: Planes, people: Boxes) -> None:
    """Pixelate, in place, who was found after the picture was made."""
    width, height = planes.shape[1], planes.shape[0] * 2 // 3
    _coarsen(planes[:height], people)
    for colour in planes[height:].reshape(2, height // 2, width // 2):
        _coarsen(colour, people * np.float32(0.5))
