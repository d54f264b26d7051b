"""Sources as benchmarks need them: under another name, thinned out, or decoded beforehand."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Sequence
from dataclasses import replace

from edge.stream import Source
from edge.stream.facts import Facts
from edge.types import Frame


class Simulated:
    """Pictures that are decoded already, again and again, as a live camera or as fast as can be."""

    def __init__(self, frames: Sequence[Frame], fps: float, *, live: bool, count: int) -> None:
        self._frames, self._fps, self._count = frames, fps, count
        self.live, self.damaged, self.facts = live, 0, Facts()

    def frames(
        self, session: int, stop: threading.Event | None = None
    ) -> Generator[Frame, None, None]:
        """See `edge.stream.Source`."""
        began, stop = time.monotonic(), stop or threading.Event()
        for index in range(self._count):
            due = began + index / self._fps
            if self.live and stop.wait(max(0.0, due - time.monotonic())):
                return
            frame = self._frames[index % len(self._frames)]
            yield replace(
                frame, index=index, pts=index / self._fps, time=time.time(), session=session
            )


class Named:
    """A source as another camera's, of whose frames every n-th is let through; all are decoded."""

    def __init__(self, name: str, source: Source, *, every: int = 1) -> None:
        self._name, self._source, self._every = name, source, every
        self.live, self.facts = source.live, source.facts
        self.damaged = self.decoded = 0

    def frames(
        self, session: int, stop: threading.Event | None = None
    ) -> Generator[Frame, None, None]:
        """See `edge.stream.Source`."""
        for frame in self._source.frames(session, stop):
            self.decoded += 1
            self.damaged = self._source.damaged
            if frame.index % self._every == 0:
                yield replace(frame, camera=self._name)
