"""What a broker has acknowledged lately: it may die before it has that on its disk."""

from __future__ import annotations

import time
from collections.abc import Callable

from edge.rpc import event_pb2 as pb

UNSURE_S = 5.0  # in which a broker that stores at all has stored what it acknowledged
UNNOTICED_S = 60.0  # a connection may be dead for so long until the keep-alive finds out
MOST = 1000  # events


class Doubt:
    """After each lost connection the last few seconds' events are sent once more, in order.

    A repeated event does no harm, and what is sent here again keeps its identity.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._acked: dict[int, tuple[float, pb.Event]] = {}  # the latest acknowledged last
        self._again: dict[int, pb.Event] = {}

    def acked(self, event: pb.Event) -> None:
        """The broker says that it has it."""
        self._again.pop(event.sequence, None)
        self._acked.pop(event.sequence, None)
        self._acked[event.sequence] = (self._clock(), event)
        while len(self._acked) > MOST:
            del self._acked[next(iter(self._acked))]

    def refused(self, event: pb.Event) -> None:
        """The broker does not want it, so it can't lose it."""
        self._again.pop(event.sequence, None)

    def lost(self) -> None:
        """The connection has ended, and perhaps the broker."""
        if self._acked:
            newest, _ = next(reversed(self._acked.values()))
            since = max(newest - UNSURE_S, self._clock() - UNNOTICED_S)
            unsure = {s: event for s, (at, event) in self._acked.items() if at >= since}
            self._again = dict(sorted((self._again | unsure).items()))

    def again(self) -> list[pb.Event]:
        """What is to be sent before anything else."""
        return list(self._again.values())
