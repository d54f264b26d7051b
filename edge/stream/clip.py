"""Short clips in memory: VP8 in WebM, whose encoder's licence (BSD) and format bind nobody.

H.264 in MP4 too, for players that know nothing else.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import av
from av.video.frame import VideoFrame

from edge.types import Planes

TICKS = 1000  # WebM counts milliseconds
REALTIME = {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0", "crf": "24"}
STEADY = {"cpu-used": "-4"}  # not above 0, where the encoder looks at the clock and hurries
VERYFAST = {"preset": "veryfast", "tune": "zerolatency", "crf": "24"}
SAME = {"fflags": "+bitexact"}  # pictures alone decide: no random ids, no versions
BITS_PER_PIXEL = 0.12  # at most: people in blocks before a still background need less
MOST_BYTES = 4 * 2**20  # of a clip; what comes after it is full is left out


@dataclass(frozen=True, slots=True)
class Format:
    """A container, and what encodes into it."""

    container: str
    codec: Literal["libvpx", "libx264"]
    options: dict[str, str]


FORMATS = {
    "video/webm": Format("webm", "libvpx", REALTIME),
    "video/mp4": Format("mp4", "libx264", VERYFAST),
}


class ClipEncoder:
    """Encodes pictures as they come, each shown until the next one.

    `size` is (width, height), both even; `fps` is what is expected, the pictures' pts decide.
    A `steady` one never hurries: the same pictures are the same bytes, however busy the machine.
    Raises ValueError for what can't be encoded, and for a picture of another size.
    """

    def __init__(
        self,
        size: tuple[int, int],
        *,
        fps: float,
        most_bytes: int = MOST_BYTES,
        media_type: str = "video/webm",
        steady: bool = False,
    ) -> None:
        self.media_type = media_type
        self._size, self._left = size, most_bytes
        self._bytes = io.BytesIO()
        self._first: float | None = None
        self._last = -1
        self.left_out = 0  # pictures that came after it was full
        made = FORMATS[media_type]
        options = made.options | (STEADY if steady and made.codec == "libvpx" else {})
        with _worded():
            self._container = av.open(self._bytes, "w", format=made.container, options=SAME)
            rate = Fraction(max(1, round(fps)))
            self._stream = self._container.add_stream(made.codec, rate=rate, options=options)
            self._stream.width, self._stream.height = size
            self._stream.pix_fmt = "yuv420p"
            self._stream.bit_rate = int(size[0] * size[1] * fps * BITS_PER_PIXEL)
            self._stream.codec_context.thread_count = 1
            self._stream.time_base = self._stream.codec_context.time_base = Fraction(1, TICKS)

    def add(self, planes: Planes, pts: float) -> None:
        """Append a picture (see `privacy.planes`) at its pts, seconds; not before the last one."""
        width, height = planes.shape[1], planes.shape[0] * 2 // 3
        if (width, height) != self._size:
            raise ValueError(f"a picture of {width}x{height} in a clip of another size")
        if self._left <= 0:
            self.left_out += 1
            return
        self._first = pts if self._first is None else self._first
        self._last = max(self._last + 1, round((pts - self._first) * TICKS))
        with _worded():
            frame = VideoFrame.from_ndarray(planes, format="yuv420p")
            frame.pts, frame.time_base = self._last, Fraction(1, TICKS)
            self._write(frame)

    def finish(self) -> bytes:
        """The whole clip; nothing can be added afterwards."""
        with _worded():
            self._write(None)
            self._container.close()
        return self._bytes.getvalue()

    def _write(self, frame: VideoFrame | None) -> None:
        for packet in self._stream.encode(frame):
            self._left -= packet.size
            self._container.mux(packet)


@contextmanager
def _worded() -> Iterator[None]:
    try:
        yield
    except av.FFmpegError as error:
        raise ValueError(f"a clip can't be encoded: {error}") from error
