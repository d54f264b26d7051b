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
TALL = 72.0  # pixels of the input: a taller object is shrunk to it,
SMALL = 24.0  # and a smaller one is enlarged to it, as far as the picture has pixels
ZOOM_LEAST = 0.4


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
    padded, heights = _joined(*_padded(objects, picture))
    return [
        _look(box, _native(scales) if native else _zoom(height * scales[1], scales), scales, most)
        for box, height in zip(padded, heights.tolist(), strict=True)
    ]


def _padded(objects: Boxes, picture: tuple[int, int]) -> tuple[Boxes, NDArray[np.float32]]:
    """The objects with what surrounds them, and the heights of the objects."""
    limit = np.array([*picture, *picture], np.float32)
    size = objects[:, 2:] - objects[:, :2]
    pad = np.maximum(size * PAD, PAD_LEAST)
    grown = np.hstack((objects[:, :2] - pad, objects[:, 2:] + pad)).clip(0, limit)
    inside = (grown[:, 2] > grown[:, 0] + 1) & (grown[:, 3] > grown[:, 1] + 1)
    return np.asarray(grown[inside], np.float32), size[inside, 1]


def _joined(boxes: Boxes, heights: NDArray[np.float32]) -> tuple[Boxes, NDArray[np.float32]]:
    """Join boxes until no two are cheaper as one; a joined one is as tall as its smallest."""
    while len(boxes) > 1:
        x1, y1 = np.minimum(boxes[:, None, :2], boxes[None, :, :2]).transpose(2, 0, 1)
        x2, y2 = np.maximum(boxes[:, None, 2:], boxes[None, :, 2:]).transpose(2, 0, 1)
        own = area(boxes)
        ratio = (x2 - x1) * (y2 - y1) / (own[:, None] + own[None, :])
        np.fill_diagonal(ratio, np.inf)
        one, other = divmod(int(ratio.argmin()), len(boxes))
        if ratio[one, other] > JOIN:
            break
        boxes[one] = x1[one, other], y1[one, other], x2[one, other], y2[one, other]
        heights[one] = min(heights[one], heights[other])
        boxes, heights = np.delete(boxes, other, 0), np.delete(heights, other)
    return boxes, heights


def _native(scales: tuple[float, float]) -> float:
    """The zoom at which the picture's own pixels are kept."""
    return 1 / max(scales)


def _zoom(tall: float, scales: tuple[float, float]) -> float:
    """How much larger than in a whole picture an object is shown that would be so tall there."""
    if tall > TALL:
        return max(TALL / tall, ZOOM_LEAST)
    return min(max(SMALL / max(tall, 1.0), 1.0), max(_native(scales), 1.0))


def _look(
    box: NDArray[np.float32], zoom: float, scales: tuple[float, float], most: tuple[int, int]
) -> Look:
    left, top = int(box[0]) & ~1, int(box[1]) & ~1
    right, bottom = int(np.ceil(box[2])), int(np.ceil(box[3]))
    wide, high = (right - left) * scales[0] * zoom, (bottom - top) * scales[1] * zoom
    fits = min(1.0, most[0] / wide, most[1] / high)
    size = max(2, round(wide * fits)), max(2, round(high * fits))
    return Look((left, top, right, bottom), size)
