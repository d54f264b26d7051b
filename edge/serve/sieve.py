"""Which events a subscription is sent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from edge.rpc import event_pb2
from edge.rpc import events_pb2 as pb
from edge.serve.refusals import invalid

MOST_CAMERAS = 1000


@dataclass(frozen=True, slots=True)
class Sieve:
    """Decided by each event's own fields; what is empty lets all through."""

    cameras: frozenset[str] = frozenset()
    kinds: frozenset[int] = frozenset()
    grades: frozenset[int] = frozenset()
    min_grade: int = 0
    statuses: frozenset[int] = frozenset()

    @property
    def takes_all(self) -> bool:
        """Whether nothing is held back."""
        return self == EVERYTHING

    def takes(self, event: event_pb2.Event) -> bool:
        """Whether the event is let through."""
        return (
            (not self.cameras or event.camera in self.cameras)
            and (not self.kinds or event.kind in self.kinds)
            and (not self.grades or event.grade in self.grades)
            and event.grade >= self.min_grade
            and (not self.statuses or event.status in self.statuses)
        )


EVERYTHING = Sieve()


def sieve_of(wanted: pb.Filter) -> Sieve:
    """As a consumer asks for it; raises RefusedError where this box does not know what that is."""
    if len(wanted.cameras) > MOST_CAMERAS:
        raise invalid("BAD_FILTER", f"a filter names at most {MOST_CAMERAS} cameras")
    return Sieve(
        frozenset(wanted.cameras),
        _known("kind", event_pb2.Kind, wanted.kinds),
        _known("grade", event_pb2.Grade, wanted.grades),
        max(_known("grade", event_pb2.Grade, filter(None, [wanted.min_grade])), default=0),
        _known("status", event_pb2.Status, wanted.statuses),
    )


def _known(what: str, words: Any, numbers: Iterable[int]) -> frozenset[int]:
    """One that the box never sends would hold back everything, without a word."""
    asked = frozenset(numbers)
    if strange := asked - set(words.values()) | asked & {0}:
        raise invalid("BAD_FILTER", f"this box sends no {what} {min(strange)}; leave it out")
    return asked
