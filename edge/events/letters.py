"""Events that somebody refused for good, as the outbox keeps them aside."""

from __future__ import annotations

from edge.events.codec import timestamp
from edge.rpc import event_pb2
from edge.rpc.events_pb2 import DeadLetter

BURY = (
    "INSERT OR IGNORE INTO dead_letter "
    "VALUES (?1, ?2, ?3, ?4, (SELECT body FROM event WHERE sequence = ?2))"
)
COUNT = "SELECT count(*) FROM dead_letter WHERE consumer = ?"
PAGE = (
    "SELECT rowid, consumer, sequence, reason, time, body FROM dead_letter "
    "WHERE rowid < ?1 AND (?2 = '' OR consumer = ?2) ORDER BY rowid DESC LIMIT ?3"
)


def letter(
    consumer: str, sequence: int, reason: str, time: float, body: bytes | None
) -> DeadLetter:
    """A row of the table."""
    event = None if body is None else event_pb2.Event.FromString(body)
    return DeadLetter(
        consumer=consumer,
        sequence=sequence,
        reason=reason,
        refuse_time=timestamp(time),
        event=event,
    )
