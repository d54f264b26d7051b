"""Never lose an event."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from edge.rpc import event_pb2 as pb
from edge.types import Receipt

__all__ = ["Receipt", "Sink"]


class Sink(Protocol):
    """One command centre. A repeated event must do no harm there."""

    name: str

    def send(self, events: Sequence[pb.Event]) -> Receipt:
        """Deliver a batch in order and wait for the answer; raise SinkError to try again later."""

    def tend(self) -> bool:
        """See to the connection while there is nothing to send: at the start, then every 10 s.

        Whether the far end is known to be there; False where only sending tells. Raises SinkError.
        """

    def close(self) -> None:
        """Let go of the connection for good; a call that waits, or comes later, raises SinkError.

        Any thread may call it, also again.
        """
