"""The last seconds of one camera, small and pixelated; a clip is made of them and what follows."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from edge import privacy
from edge.geometry import rescaled
from edge.types import Boxes, Planes, Scene

MOST_BYTES = 16 * 2**20  # of small pictures, per camera
AT_END = 24  # pictures still to be encoded when a clip ends; of more, every other one or so
AT_ONCE = 4  # pictures encoded per new one, so that the analysis is not held up
LOOK_BACK_S = 1.0  # who is found now was perhaps there, unfound, this long before


class Clip(Protocol):
    """What makes a clip of pictures; raises OSError or ValueError where it can't."""

    media_type: str

    def add(self, planes: Planes, pts: float) -> None:
        """Append a picture."""

    def finish(self) -> bytes:
        """The whole clip."""


@dataclass(slots=True)
class Small:
    """One picture of the reel, people pixelated, and where they are."""

    pts: float
    planes: Planes
    people: Boxes


class Reel:
    """One camera's; at most one clip is being made at a time.

    A clip has what was seen `before_s` before its beginning, and ends `after_s` after it or
    earlier when asked to. `width` is that of the longer side. A new session, or a picture of
    another size, begins with nothing and ends a clip.
    """

    def __init__(
        self,
        new_clip: Callable[[tuple[int, int]], Clip],
        *,
        before_s: float,
        after_s: float,
        width: int,
        fps: float,
        most_bytes: int = MOST_BYTES,
    ) -> None:
        self._new_clip = new_clip
        self._before_s, self._after_s = before_s, after_s
        self._width, self._period = width, 1 / fps
        self._most_bytes = most_bytes
        self._kept: deque[Small] = deque()
        self._waiting: deque[Small] = deque()  # of the clip, not encoded yet
        self._clip: Clip | None = None
        self._ends = 0.0
        self._kind: tuple[int, tuple[int, int]] | None = None  # session and size
        self.dropped = 0  # pictures that were too many bytes

    @property
    def size_bytes(self) -> int:
        """Of the pictures in memory."""
        return sum({id(one): one.planes.nbytes for one in (*self._kept, *self._waiting)}.values())

    @property
    def running(self) -> bool:
        """Whether a clip is being made."""
        return self._clip is not None

    @property
    def is_over(self) -> bool:
        """Whether the clip has all that it may have."""
        return self.running and bool(self._kept) and self._kept[-1].pts >= self._ends

    def see(self, scene: Scene) -> None:
        """Look at a picture, keep it if it is time for one, and encode some."""
        frame = scene.frame
        if self._kind != (frame.session, frame.size):
            self._kind, self._ends = (frame.session, frame.size), float("-inf")
            self._kept.clear()
        size = _size(frame.size, self._width)
        people = rescaled(scene.people, frame.size, size)
        self._cover(people, frame.pts)
        if self._kept and frame.pts - self._kept[-1].pts < 0.9 * self._period:
            return
        planes = privacy.planes(frame.picture.bgr(size=size), people)
        self._kept.append(Small(frame.pts, planes, people))
        if self.running and frame.pts < self._ends:
            self._waiting.append(self._kept[-1])
        self._encode(AT_ONCE, until=frame.pts - LOOK_BACK_S)
        self._trim(frame.pts)

    def begin(self, pts: float) -> None:
        """Begin a clip at this moment, if none is running."""
        if self.running or not self._kept:
            return
        height, width = self._kept[-1].planes.shape
        self._clip = self._new_clip((width, height * 2 // 3))
        self._waiting = deque(one for one in self._kept if pts - one.pts <= self._before_s)
        self._ends = pts + self._after_s

    def finish(self) -> tuple[bytes, str]:
        """End the clip; its content and media type."""
        clip = self._clip
        if clip is None:
            raise ValueError("no clip is running")
        waiting = list(self._waiting)
        self._waiting = deque(waiting[:: 1 + len(waiting) // (AT_END + 1)])
        try:
            self._encode(AT_END, until=float("inf"))
            return clip.finish(), clip.media_type
        finally:
            self.drop()

    def drop(self) -> None:
        """Forget the clip."""
        self._clip = None
        self._waiting.clear()

    def _cover(self, people: Boxes, now: float) -> None:
        """Pixelate somebody in the pictures of a moment ago, where nobody knew of them yet."""
        for small in reversed(self._kept):
            if not len(people) or now - small.pts > LOOK_BACK_S:
                return
            new = privacy.unhidden(people, small.people)
            if len(new):
                privacy.cover(small.planes, new)
                small.people = np.vstack((small.people, new))

    def _encode(self, most: int, *, until: float) -> None:
        for _ in range(most):
            if self._clip is None or not self._waiting or self._waiting[0].pts > until:
                return
            small = self._waiting.popleft()
            self._clip.add(small.planes, small.pts)

    def _trim(self, now: float) -> None:
        horizon = now - max(self._before_s, LOOK_BACK_S)
        while len(self._kept) > 1 and self._kept[0].pts < horizon:
            self._kept.popleft()
        while len(self._kept) > 1 and self.size_bytes > self._most_bytes:
            small = self._kept.popleft()
            self.dropped += 1
            if self._waiting and self._waiting[0] is small:
                self._encode(1, until=small.pts)


def _size(full: tuple[int, int], longer: int) -> tuple[int, int]:
    """Small, with even sides."""
    scale = min(1.0, longer / max(full))
    return max(2, round(full[0] * scale) & ~1), max(2, round(full[1] * scale) & ~1)
