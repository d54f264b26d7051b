"""What was sent to a consumer and is neither acked nor nacked."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field

from edge.rpc import events_pb2 as pb


@dataclass(slots=True)
class Outstanding:
    """Of one stream that reads from behind `begin`.

    A gap has to be acked as an event is, but takes no place in the window.
    """

    begin: int = 0
    _events: list[int] = field(default_factory=list)  # in order
    _gap: tuple[int, int] | None = None  # from the first that is not acked to the end of the newest
    _acked: int = 0

    @property
    def events(self) -> int:
        """How many events there are."""
        return len(self._events)

    def add(self, sent: pb.SubscribeResponse) -> None:
        """It is sent."""
        match sent.WhichOneof("message"):
            case "event":
                self._events.append(sent.event.sequence)
            case "batch":
                events = sent.batch.events
                first, last = events[0].sequence, events[-1].sequence
                is_run = last - first + 1 == len(events)
                self._events += range(first, last + 1) if is_run else [e.sequence for e in events]
            case "gap":
                first = self._gap[0] if self._gap else sent.gap.first_missing
                self._gap = first, sent.gap.last_missing

    def ack(self, sequence: int) -> None:
        """Everything up to here is taken over."""
        self._acked = max(self._acked, sequence)
        del self._events[: bisect_left(self._events, sequence + 1)]
        if self._gap and self._gap[1] <= sequence:
            self._gap = None

    def nack(self, sequence: int) -> bool:
        """This one is refused; whether it was there."""
        at = bisect_left(self._events, sequence)
        found = self._events[at : at + 1] == [sequence]
        del self._events[at : at + found]
        return found

    def settled(self, sent: int) -> int:
        """Up to where nothing is left to be acked, where all up to `sent` was sent or passed over.

        0 where the consumer has not said so of what it began behind.
        """
        first = min([sent + 1, *self._events[:1], *(self._gap or ())[:1]])
        return max(self._acked, first - 1 if first - 1 > self.begin else 0)
