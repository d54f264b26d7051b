"""Batches of events as they are sent; readers that are at the same place share them."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock

from edge.rpc import event_pb2
from edge.rpc import events_pb2 as pb

MOST = 32


class Batch:
    """An answer with events, and what it is on the wire once that was asked for."""

    def __init__(self, events: Sequence[event_pb2.Event]) -> None:
        self.answer = made(events)
        self._wire = b""

    def wire(self) -> bytes:
        """The answer serialized, the same bytes for all who read it."""
        wire = self._wire
        if not wire:
            wire = self._wire = self.answer.SerializeToString()
        return wire


class Batches:
    """The newest that were made, of one box; any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._made: dict[tuple[int, int], Batch] = {}

    def of(self, events: Sequence[event_pb2.Event]) -> pb.SubscribeResponse:
        """The answer with these events, which are an unbroken run; to be read only."""
        run = events[0].sequence, events[-1].sequence
        with self._lock:
            found = self._made.get(run)
        if found is None:
            found = Batch(events)
            with self._lock:
                self._made[run] = found
                while len(self._made) > MOST:
                    del self._made[next(iter(self._made))]
        return found.answer

    def wire(self, answer: pb.SubscribeResponse) -> bytes:
        """Any answer serialized; one that is shared only once."""
        events = answer.batch.events
        if events:
            with self._lock:
                found = self._made.get((events[0].sequence, events[-1].sequence))
            if found is not None and found.answer is answer:
                return found.wire()
        return answer.SerializeToString()


def made(events: Sequence[event_pb2.Event]) -> pb.SubscribeResponse:
    """An answer of its own."""
    answer = pb.SubscribeResponse()
    answer.batch.events.extend(events)
    return answer
