"""Streams as cameras send them, made from the public clip: upscaled, with a sensor's noise."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import cv2
import numpy as np
from av.video.stream import VideoStream
from numpy.typing import NDArray

FPS = 25
NOISE = 3.0  # standard deviation, of 255
NOISES = 6  # drawn once; shifted from picture to picture
GOP = 50
X264 = {"preset": "veryfast", "profile": "main", "g": str(GOP), "sc_threshold": "0"}
X265 = "keyint=50:bframes=0:log-level=error:pools=2"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of stream."""

    name: str
    codec: str
    size: tuple[int, int]
    bit_rate: int
    options: Mapping[str, str] = field(default_factory=dict)


KINDS = (
    Kind("1080p25 H.264", "libx264", (1920, 1080), 4_000_000, X264 | {"bf": "0"}),
    Kind("1080p25 H.264, 2 B-frames", "libx264", (1920, 1080), 4_000_000, X264 | {"bf": "2"}),
    Kind(
        "1080p25 H.265",
        "libx265",
        (1920, 1080),
        2_400_000,
        {"preset": "ultrafast", "x265-params": X265},
    ),
    Kind("768x576p25 H.264", "libx264", (768, 576), 1_500_000, X264 | {"bf": "0"}),
)


def write_stream(kind: Kind, source: Path, out: Path, *, pictures: int) -> None:
    """Encode the clip's first pictures at 25 a second, so that every one differs."""
    with av.open(str(out), "w", format="mp4") as sink:
        stream = cast(
            "VideoStream",
            sink.add_stream(kind.codec, rate=Fraction(FPS), options=dict(kind.options)),
        )
        stream.width, stream.height = kind.size
        stream.pix_fmt, stream.bit_rate = "yuv420p", kind.bit_rate
        for image in _noisy(source, kind.size, pictures):
            sink.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="yuv420p")))
        sink.mux(stream.encode(None))


def write_pictures(images: Iterable[NDArray[np.uint8]], out: Path, *, fps: int) -> None:
    """Encode BGR pictures of one size as H.264."""
    with av.open(str(out), "w", format="mp4") as sink:
        stream = None
        for image in images:
            if stream is None:
                stream = sink.add_stream(
                    "libx264", rate=Fraction(fps), options={**X264, "bf": "0", "crf": "21"}
                )
                stream.height, stream.width = image.shape[:2]
                stream.pix_fmt = "yuv420p"
            sink.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="bgr24")))
        if stream is not None:
            sink.mux(stream.encode(None))


def _noisy(source: Path, size: tuple[int, int], pictures: int) -> Iterator[NDArray[np.uint8]]:
    """The pictures as planes of Y, U and V, one above the other."""
    random = np.random.default_rng(1)
    shape = (size[1], size[0])
    noises = [random.normal(0, NOISE, shape).astype(np.int16) for _ in range(NOISES)]
    with av.open(str(source)) as container:
        for number, frame in zip(range(pictures), container.decode(video=0), strict=False):
            image = cv2.resize(
                frame.to_ndarray(format="bgr24"), size, interpolation=cv2.INTER_CUBIC
            )
            planes = np.array(cv2.cvtColor(image, cv2.COLOR_BGR2YUV_I420))
            noise = np.roll(noises[number % NOISES], 37 * number, axis=1)
            luma = planes[: size[1]].astype(np.int16) + noise
            planes[: size[1]] = luma.clip(16, 235)
            yield planes.astype(np.uint8, copy=False)
