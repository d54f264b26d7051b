"""A decoded picture: its brightness lies there for nothing, colour is made of what is asked for."""

from __future__ import annotations

import threading
from functools import cache
from typing import Any, cast

import cv2
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import Interpolation, VideoReformatter
from numpy.typing import NDArray

from edge.picture import Still, scaled
from edge.types import Image, Luma, Region

PLANAR = frozenset({"yuv420p", "yuvj420p"})  # what cameras send: 8 bit, colour at half the size
BLACK, WHITE = 16, 235  # brightness in video range (ITU-R BT.601)
FULL_RANGE, BT709 = 2, 1  # AVCOL_RANGE_JPEG, AVCOL_SPC_BT709
KEPT_SCALERS = 4
SAMPLE_LINES = 8


@cache
def to_bgr(colorspace: int, full_range: bool) -> NDArray[np.float32]:  # noqa: FBT001 - a key
    """The matrix (3, 4) from Y, U, V and 1 to blue, green, red (ITU-R BT.601, or BT.709)."""
    red, blue = (0.2126, 0.0722) if colorspace == BT709 else (0.299, 0.114)
    green = 1 - red - blue
    luma, chroma = (1.0, 1.0) if full_range else (255 / 219, 255 / 224)
    black = 0 if full_range else BLACK
    to_blue, to_red = 2 * (1 - blue) * chroma, 2 * (1 - red) * chroma
    rows = np.array(
        [
            [luma, to_blue, 0],
            [luma, -to_blue * blue / green, -to_red * red / green],
            [luma, 0, to_red],
        ]
    )
    shift = -rows @ np.array([black, 128, 128])
    return np.column_stack((rows, shift)).astype(np.float32)


class Scalers(threading.local):
    """The scaling contexts of a session, some for each thread: making one anew costs."""

    def __init__(self) -> None:
        self._by_size: dict[tuple[int, ...], VideoReformatter] = {}

    def bgr(self, frame: VideoFrame, size: tuple[int, int]) -> Image:
        """Convert and scale in one pass, averaging; an array of its own, contiguous, writable."""
        key = (frame.width, frame.height, *size)
        if key not in self._by_size and len(self._by_size) >= KEPT_SCALERS:
            self._by_size.clear()
        scaler = self._by_size.setdefault(key, VideoReformatter())
        made = scaler.reformat(
            frame, *size, format="bgr24", interpolation=Interpolation.AREA, threads=1
        )
        return np.require(made.to_ndarray(), np.uint8, ["C", "W"])


class Decoded:
    """A frame of the decoder as a Picture (see `edge.types`)."""

    def __init__(self, frame: VideoFrame, scalers: Scalers) -> None:
        self._frame, self._scalers = frame, scalers
        self.width, self.height = frame.width, frame.height
        self._whole: Image | None = None
        self._planes: dict[int, Luma] = {}

    def luma(self, width: int, height: int) -> Luma:
        """See `Picture`; black is 0, white 255."""
        if self._frame.format.name not in PLANAR:
            gray = cv2.cvtColor(self.bgr(size=(width, height)), cv2.COLOR_BGR2GRAY)
            return np.asarray(gray, np.uint8)
        small = scaled(self._plane(0), (width, height))
        if self._full_range:
            return small
        scale = 255 / (WHITE - BLACK)
        above = np.maximum(small, BLACK) - BLACK
        return np.asarray(cv2.convertScaleAbs(above, alpha=scale), np.uint8)

    def bgr(self, *, region: Region | None = None, size: tuple[int, int] | None = None) -> Image:
        """See `Picture`."""
        if region is None and size is None:
            if self._whole is None:
                self._whole = self._scalers.bgr(self._frame, (self.width, self.height))
            return self._whole
        if region is None or region == (0, 0, self.width, self.height):
            return self._scalers.bgr(self._frame, size or (self.width, self.height))
        return self._part(region, size)

    def sample(self) -> bytes:
        """Some lines of the brightness (or packed colour), bit by bit."""
        return np.ascontiguousarray(self._plane(0)[::SAMPLE_LINES]).tobytes()

    def _part(self, region: Region, size: tuple[int, int] | None) -> Image:
        x1, y1, x2, y2 = region
        width, height = size or (x2 - x1, y2 - y1)
        if self._frame.format.name not in PLANAR:
            return Still(self.bgr()).bgr(region=region, size=size)
        half = np.s_[y1 // 2 : (y2 + 1) // 2, x1 // 2 : (x2 + 1) // 2]
        luma = scaled(self._plane(0)[y1:y2, x1:x2], (width, height))
        colour = [cv2.resize(self._plane(number)[half], (width, height)) for number in (1, 2)]
        mixed = cv2.transform(
            cv2.merge([luma, *colour]), to_bgr(self._frame.colorspace, self._full_range)
        )
        return np.asarray(mixed, np.uint8)

    def _plane(self, number: int) -> Luma:
        """A view of one plane, without the padding of its lines."""
        if number not in self._planes:
            plane = self._frame.planes[number]
            data = np.frombuffer(cast("Any", plane), np.uint8)  # it has the buffer protocol
            lines = data.reshape(-1, plane.line_size)
            self._planes[number] = np.asarray(lines[: plane.height, : plane.width])
        return self._planes[number]

    @property
    def _full_range(self) -> bool:
        return self._frame.format.name == "yuvj420p" or self._frame.color_range == FULL_RANGE
