"""Which events a sink is sent."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from edge.rpc import event_pb2 as pb
from edge.types import Grade


@dataclass(frozen=True, slots=True)
class Route:
    """Decided by each event's own fields, so that it is the same after a restart.

    An alert's level never falls, so once it has risen to `min_level` all its later events are
    sent. Without grades, rules or cameras, all; an event of no camera is of none of `cameras`.
    A canary goes everywhere.
    """

    grades: Collection[Grade] = ()
    rules: Collection[str] = ()
    cameras: Collection[str] = ()
    min_level: int = 1

    def takes(self, event: pb.Event) -> bool:
        """Whether the sink is sent this event."""
        if event.kind == pb.KIND_CANARY:  # it is there to find out whether anything arrives
            return True
        return (
            (not self.grades or _grade(event) in self.grades)
            and (not self.rules or event.rule in self.rules)
            and (not self.cameras or event.camera in self.cameras)
            and (event.level or 1) >= self.min_level  # an older version wrote no level
        )


def _grade(event: pb.Event) -> str:
    return pb.Grade.Name(event.grade).removeprefix("GRADE_").lower()
