"""What was read from the disk lately: readers that lag behind together share it."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

from edge.rpc import event_pb2 as pb

MOST = 16


class Pages:
    """Runs of events by where and how many were asked for; any thread."""

    def __init__(self, load: Callable[[int, int], list[pb.Event]]) -> None:
        self._load = load
        self._lock = Lock()
        self._kept: dict[tuple[int, int], list[pb.Event]] = {}

    def read(self, after: int, limit: int) -> list[pb.Event]:
        """As `load` gives it, which is asked by one thread at a time; to be read only."""
        with self._lock:
            page = self._kept.pop((after, limit), None) or self._load(after, limit)
            if page:
                self._kept[after, limit] = page
                while len(self._kept) > MOST:
                    del self._kept[next(iter(self._kept))]
            return page

    def forget(self, before: int) -> None:
        """Pages with an event of a sequence below this: it is not kept any more."""
        with self._lock:
            self._kept = {at: page for at, page in self._kept.items() if page[0].sequence >= before}
