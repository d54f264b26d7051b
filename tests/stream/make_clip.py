"""Builders: tiny clips with a square that moves, so that no test needs a dataset."""

import threading
import time
from fractions import Fraction

import av
import numpy as np

PIXELS = {"mjpeg": "yuvj420p"}
WIDTH, HEIGHT, SIDE = 160, 120, 24


def picture(index, *, noise=0):
    image = np.full((HEIGHT, WIDTH, 3), 60, np.uint8)
    if noise:  # makes pictures large enough for many packets each
        image[:] = np.random.default_rng(index).integers(0, noise, image.shape)
    left = 4 * index % (WIDTH - SIDE)
    image[40 : 40 + SIDE, left : left + SIDE] = (0, 0, 255)  # red, in BGR
    return image


def write_clip(path, *, pictures=20, fps=10, codec="mpeg4", options=None, noise=0):
    """A clip of so many pictures; H.264 here has B-frames, as recordings do."""
    with av.open(str(path), "w") as out:
        stream = out.add_stream(codec, rate=Fraction(fps), options=options or {})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, PIXELS.get(codec, "yuv420p")
        for index in range(pictures):
            out.mux(
                stream.encode(
                    av.VideoFrame.from_ndarray(picture(index, noise=noise), format="bgr24")
                )
            )
        out.mux(stream.encode(None))
    return path


def eventually(holds, *, within=20.0):
    """Wait until it holds; a deadline instead of a sleep."""
    deadline = time.monotonic() + within
    while not (value := holds()):
        assert time.monotonic() < deadline, f"not within {within} s"
        threading.Event().wait(0.01)
    return value


def first(frames, count):
    """The next frames of a source; it is closed afterwards."""
    try:
        return [frame for frame, _ in zip(frames, range(count), strict=False)]
    finally:
        frames.close()


def left_of(image):
    """Where the square's left edge is: the picture's number, seen in the picture."""
    red = (image[52, :, 2] > 150) & (image[52, :, 1] < 100)
    return int(np.flatnonzero(red)[0])
