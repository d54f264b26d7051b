"""From what moves and who is expected to the parts of a picture that are worth a look."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.geometry import area
from edge.types import Boxes, Region

PAD = 0.25  # of an object's size on every side: what surrounds it helps the network
PAD_LEAST = 10.0  # pixels of the picture, where the whole picture is looked at unscaled
JOIN = 1.0  # two regions become one where that covers little more than both
UPRIGHT = 1.6  # height to width, from which it looks like somebody on foot
TALL, ZOOM_LEAST = 64.0, 0.4  # pixels of the input: who is taller is shrunk to it, so far at most
BROAD, BROAD_LEAST = 150.0, 1.0  # the same of anything else: a car needs all of them
SMALL = 24.0  # a smaller object is enlarged to it, as far as the picture has pixels


@dataclass(frozen=True, slots=True)
class Look:
    """A part of a picture, in its pixels, and its width and height on the canvas."""

    region: Region
    size: tuple[int, int]

    @property
    def cost(self) -> int:
        """Pixels of the canvas."""
        return self.size[0] * self.size[1]

    def shrunk(self, factor: float) -> Look:
        """The same part, smaller on the canvas."""
        width, height = self.size
        return Look(self.region, (max(2, int(width * factor)), max(2, int(height * factor))))


def looks(
    objects: Boxes,
    picture: tuple[int, int],
    scales: tuple[float, float],
    most: tuple[int, int],
    *,
    native: bool = False,
) -> list[Look]:
    """The parts of a picture of (width, height) that hold all objects (n, 4), in its pixels.

    `scales` bring a whole picture to the network's input, `most` is the size of that input. An
    object that would be too small for the network there is not shrunk as much, one that would be
    larger than needed is shrunk more; with `native` none is shrunk that fits.
    """
    if not len(objects):
        return []
    boxes, zooms = _padded(objects, picture, scales, native=native)
    boxes, zooms = _joined(boxes, zooms)
    return [_look(box, zoom, scales, most) for box, zoom in zip(boxes, zooms.tolist(), strict=True)]


def _padded(
    objects: Boxes, picture: tuple[int, int], scales: tuple[float, float], *, native: bool
) -> tuple[Boxes, NDArray[np.float32]]:
    """The objects with what surrounds them, and how large each should be shown."""
    limit = np.array([*picture, *picture], np.float32)
    size = objects[:, 2:] - objects[:, :2]
    pad = np.maximum(size * PAD, PAD_LEAST)
    grown = np.hstack((objects[:, :2] - pad, objects[:, 2:] + pad)).clip(0, limit)
    inside = (grown[:, 2] > grown[:, 0] + 1) & (grown[:, 3] > grown[:, 1] + 1)
    zooms = np.full(len(objects), 1 / max(scales)) if native else _zooms(size, scales)
    return np.asarray(grown[inside], np.float32), np.asarray(zooms[inside], np.float32)


def _zooms(size: NDArray[np.float32], scales: tuple[float, float]) -> NDArray[np.float32]:
    """How much larger than in a whole picture objects of (width, height) are shown."""
    width, height = np.maximum(size, 1.0).T
    tall = height * np.float32(scales[1])
    upright = height >= UPRIGHT * width
    most, least = np.where(upright, TALL, BROAD), np.where(upright, ZOOM_LEAST, BROAD_LEAST)
    shrunk = np.maximum(most / tall, least)
    enlarged = np.clip(SMALL / tall, 1.0, max(1 / max(scales), 1.0))
    return np.asarray(np.where(tall > most, shrunk, enlarged), np.float32)


def _joined(boxes: Boxes, zooms: NDArray[np.float32]) -> tuple[Boxes, NDArray[np.float32]]:
    """Join boxes until no two are cheaper as one; a joined one is shown as its smallest object."""
    left, own = np.ones(len(boxes), bool), area(boxes)
    growth = _growth(boxes[:, None], boxes, own[:, None] + own)
    np.fill_diagonal(growth, np.inf)
    while growth.size:
        one, other = divmod(int(growth.argmin()), len(boxes))
        if growth[one, other] > JOIN:
            break
        x1, y1 = boxes[one, :2] = np.minimum(boxes[one, :2], boxes[other, :2])
        x2, y2 = boxes[one, 2:] = np.maximum(boxes[one, 2:], boxes[other, 2:])
        own[one], zooms[one] = (x2 - x1) * (y2 - y1), max(zooms[one], zooms[other])
        left[other] = False
        new = np.where(left, _growth(boxes[one], boxes, own[one] + own), np.inf)
        new[one] = np.inf
        growth[one], growth[:, one] = new, new
        growth[other], growth[:, other] = np.inf, np.inf
    return boxes[left], zooms[left]


def _growth(some: Boxes, others: Boxes, both: NDArray[np.float32]) -> NDArray[np.float32]:
    """What covers two boxes, as a part of the area of both."""
    low, high = np.minimum(some, others), np.maximum(some, others)
    return np.asarray((high[..., 2] - low[..., 0]) * (high[..., 3] - low[..., 1]) / both)


def _look(
    box: NDArray[np.float32], zoom: float, scales: tuple[float, float], most: tuple[int, int]
) -> Look:
    left, top = int(box[0]) & ~1, int(box[1]) & ~1
    right, bottom = int(np.ceil(box[2])), int(np.ceil(box[3]))
    wide, high = (right - left) * scales[0] * zoom, (bottom - top) * scales[1] * zoom
    fits = min(1.0, most[0] / wide, most[1] / high)
    size = max(2, round(wide * fits)), max(2, round(high * fits))
    return Look((left, top, right, bottom), size)
