"""Never lose an event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from edge.rpc import event_pb2 as pb


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a sink answered: everything up to `acked` is its own affair now."""

    acked: int
    rejected: Mapping[int, str] = field(default_factory=dict)  # sequence -> why


class Sink(Protocol):
    """One command centre. A repeated event must do no harm there."""

    name: str

    def send(self, events: Sequence[pb.Event]) -> Receipt:
        """Deliver a batch in order and wait for the answer; raise SinkError to try again later."""

    def close(self) -> None:
        """Let go of connections."""
