"""One place per camera for its newest frame, between the camera threads and the analysis."""

from __future__ import annotations

import threading
from collections.abc import Container, Sequence

from edge.types import Frame

POLL_S = 0.1  # how late a waiting file may see that it is stopped


class Slots:
    """Nothing queues: a live frame replaces the unread one before it, a file's frame waits."""

    def __init__(self, cameras: Sequence[str]) -> None:
        self._cameras = tuple(cameras)
        self._frames: dict[str, Frame] = {}
        self._dropped = dict.fromkeys(self._cameras, 0)
        self._closed = False
        self.live = False  # whether live frames have come: of files none is dropped
        lock = threading.Lock()
        self._filled, self._freed = threading.Condition(lock), threading.Condition(lock)

    @property
    def closed(self) -> bool:
        """Whether frames are still taken and given."""
        return self._closed

    def offer(self, frame: Frame) -> bool:
        """Leave a live frame; returns whether an unread one was dropped for it."""
        with self._filled:
            self.live = True
            replaced = frame.camera in self._frames
            self._dropped[frame.camera] += replaced
            self._frames[frame.camera] = frame
            self._filled.notify()
            return replaced

    def put(self, frame: Frame, stop: threading.Event) -> bool:
        """Leave a file's frame when its slot is free; False where `stop` or closing came first."""
        with self._freed:
            while frame.camera in self._frames and not (stop.is_set() or self._closed):
                self._freed.wait(POLL_S)
            if stop.is_set() or self._closed:
                return False
            self._frames[frame.camera] = frame
            self._filled.notify()
            return True

    def take(self, timeout: float, *, without: Container[str] = ()) -> list[Frame]:
        """All frames that wait, in the order of the cameras; empty after `timeout` or closing.

        Frames of the cameras in `without` stay where they are.
        """

        def waiting() -> list[str]:
            return [name for name in self._cameras if name in self._frames and name not in without]

        with self._filled:
            self._filled.wait_for(lambda: waiting() or self._closed, timeout)
            if self._closed:
                return []
            frames = [self._frames.pop(name) for name in waiting()]
            self._freed.notify_all()
            return frames

    @property
    def all_dropped(self) -> int:
        """How many frames of all cameras were replaced before they were taken."""
        return sum(self._dropped.values())

    def dropped(self, camera: str) -> int:
        """How many of its frames were replaced before they were taken."""
        return self._dropped[camera]

    def close(self) -> None:
        """Wake everybody who waits; from now on there are no frames."""
        with self._filled:
            self._closed = True
            self._frames.clear()
            self._filled.notify_all()
            self._freed.notify_all()
