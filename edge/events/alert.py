"""An alert while it is open."""

from __future__ import annotations

from dataclasses import dataclass, field

from edge.rpc import event_pb2 as pb


@dataclass(slots=True)
class Alert:
    """What all events of an open alert say."""

    alert_id: str
    evidence: pb.Evidence | None
    more: list[pb.Evidence] = field(default_factory=list)
    last: pb.Event | None = None  # as the rule worded it
    level: int = 1
    acknowledgement: pb.Acknowledgement | None = None

    def mark(self, message: pb.Event) -> None:
        """Have one of its events say how it stands."""
        del message.more_evidence[:]
        message.more_evidence.extend(self.more)
        message.level = self.level
        if self.acknowledgement is not None:
            message.acknowledgement.CopyFrom(self.acknowledgement)

    def become(self, event: pb.Event) -> None:
        """It stands as one of its events says."""
        self.level = event.level
        if event.HasField("acknowledgement"):
            self.acknowledgement = event.acknowledgement
