"""A camera that sends one picture again and again is as good as none."""

from __future__ import annotations

import zlib

from edge.stream.decoded import Decoded

LEAST = 10  # pictures, for a stream of few
MOST_DOUBLINGS = 6


class Frozen:
    """Notices pictures that are the same to the last bit: real ones have noise.

    If a new session does not help, the next one is given twice the time, and so on: a picture
    that is drawn by a machine and stands still is no reason to reconnect for ever.
    """

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s  # 0: never
        self._doublings = 0
        self.begin()

    def begin(self) -> None:
        """A new session starts."""
        self._print: int | None = None
        self._since, self._count = 0.0, 0

    def holds(self, picture: Decoded, pts: float) -> bool:
        """Whether the picture has been the same for too long."""
        if self._limit_s <= 0:
            return False
        found = zlib.crc32(picture.sample())
        if found != self._print:
            if self._count:
                self._doublings = 0
            self._print, self._since, self._count = found, pts, 0
        self._count += 1
        too_long = pts - self._since >= self._limit_s * 2**self._doublings
        if too_long and self._count >= LEAST:
            self._doublings = min(self._doublings + 1, MOST_DOUBLINGS)
            return True
        return False
