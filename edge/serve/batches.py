"""Batches of events as they are sent; readers that are at the same place share them."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock

from edge.rpc import event_pb2
from edge.rpc import events_pb2 as pb

MOST = 32


class Batches:
    """The newest that were made, of one box; any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._made: dict[tuple[int, int], pb.SubscribeResponse] = {}

    def of(self, events: Sequence[event_pb2.Event]) -> pb.SubscribeResponse:
        """The answer with these events, which are an unbroken run; to be read only."""
        run = events[0].sequence, events[-1].sequence
        with self._lock:
            found = self._made.get(run)
        if found is None:
            found = made(events)
            with self._lock:
                self._made[run] = found
                while len(self._made) > MOST:
                    del self._made[next(iter(self._made))]
        return found


def made(events: Sequence[event_pb2.Event]) -> pb.SubscribeResponse:
    """An answer of its own."""
    answer = pb.SubscribeResponse()
    answer.batch.events.extend(events)
    return answer
