"""A video to measure with: texture, a sensor's noise, and something that moves."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.frame import VideoFrame

OPTIONS = {"preset": "veryfast", "profile": "main", "bf": "0", "g": "50", "sc_threshold": "0"}
BITS = 0.08  # per pixel and picture: 4 Mbit/s at 1080p25, as cameras send
NOISE = 3.0  # standard deviation, grey levels


def write_sample(path: Path, size: tuple[int, int], *, fps: int, pictures: int) -> None:
    """Encode it as H.264; width and height are even."""
    width, height = size
    random = np.random.default_rng(1)
    texture = random.integers(40, 200, (height // 16 + 1, width // 16 + 1), np.uint8)
    scene = np.kron(texture, np.ones((16, 16), np.uint8))[:height, :width].astype(np.int16)
    noise = random.normal(0, NOISE, (height, width)).astype(np.int16)
    with av.open(str(path), "w", format="mp4") as sink:
        stream = sink.add_stream("libx264", rate=Fraction(fps), options=dict(OPTIONS))
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.bit_rate = round(BITS * width * height * fps)
        planes = np.full((height * 3 // 2, width), 128, np.uint8)
        for index in range(pictures):
            luma = scene + np.roll(noise, 37 * index, axis=1)
            left = index * 4 % (width - 40)
            luma[height // 2 : height // 2 + 80, left : left + 40] = 230
            planes[:height] = luma.clip(16, 235)
            sink.mux(stream.encode(VideoFrame.from_ndarray(planes, format="yuv420p")))
        sink.mux(stream.encode(None))
