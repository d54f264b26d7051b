"""An alert while it is open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from edge.events.draft import Draft
from edge.rpc import event_pb2 as pb


class Mark(NamedTuple):
    """What all events of an alert say at one moment; never changed."""

    evidence: pb.Evidence | None
    more: Sequence[pb.Evidence] = ()
    level: int = 1
    acknowledgement: pb.Acknowledgement | None = None

    def put_on(self, message: pb.Event) -> None:
        """Have an event say so."""
        if self.evidence is not None:
            message.evidence.CopyFrom(self.evidence)
        del message.more_evidence[:]
        message.more_evidence.extend(self.more)
        message.level = self.level
        if self.acknowledgement is not None:
            message.acknowledgement.CopyFrom(self.acknowledgement)


@dataclass(slots=True)
class Alert:
    """It, and what its events say from now on."""

    alert_id: str
    mark: Mark
    last: Draft | None = None  # as the rule worded it

    def show(self, more: Sequence[pb.Evidence]) -> None:
        """There is more to see of it."""
        self.mark = self.mark._replace(more=(*self.mark.more, *more))

    def become(self, event: pb.Event) -> None:
        """It stands as one of its events says."""
        said = event.acknowledgement if event.HasField("acknowledgement") else None
        self.mark = self.mark._replace(
            level=event.level, acknowledgement=said or self.mark.acknowledgement
        )
