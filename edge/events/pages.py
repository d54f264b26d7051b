"""What was read from the disk lately: readers that lag behind together share it."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

from edge.rpc import event_pb2 as pb

MOST = 16


class Pages:
    """Runs of events by where and how many were asked for; any thread.

    `load` may take its time, or want a lock that whoever calls `forget` holds: that waits for none.
    """

    def __init__(self, load: Callable[[int, int], list[pb.Event]]) -> None:
        self._load, self._loading = load, Lock()
        self._lock = Lock()  # of the two below, for a moment
        self._kept: dict[tuple[int, int], list[pb.Event]] = {}
        self._first = 0  # what is older is not kept any more

    def read(self, after: int, limit: int) -> list[pb.Event]:
        """As `load` gives it, which is asked by one thread at a time; to be read only."""
        if page := self._known(after, limit):
            return page
        with self._loading:
            page = self._known(after, limit)  # another one may have asked the same meanwhile
            if not page:
                page = self._load(after, limit)
                self._keep(after, limit, page)
            return page

    def forget(self, before: int) -> None:
        """Pages with an event of a sequence below this: it is not kept any more."""
        with self._lock:
            self._first = before
            self._kept = {at: page for at, page in self._kept.items() if page[0].sequence >= before}

    def _known(self, after: int, limit: int) -> list[pb.Event]:
        with self._lock:
            page = self._kept.pop((after, limit), [])
            if page:
                self._kept[after, limit] = page  # now the newest
            return page

    def _keep(self, after: int, limit: int, page: list[pb.Event]) -> None:
        with self._lock:
            is_whole = len(page) == limit  # else there may be more of it by the next time
            if is_whole and page[0].sequence >= self._first:
                self._kept[after, limit] = page
                while len(self._kept) > MOST:
                    del self._kept[next(iter(self._kept))]
