"""Events that somebody refused for good, as the outbox keeps them aside."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

from edge.events.codec import timestamp
from edge.events.retention import prune_letters
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


def bury(
    database: sqlite3.Connection, values: tuple[str, int, str, float], *, before: float
) -> bool:
    """Keep consumer, sequence, reason and time, in the caller's transaction; whether that is news.

    What is older than `before`, or too many, goes.
    """
    is_new = database.execute(BURY, values).rowcount > 0
    prune_letters(database, before=before)
    return is_new


def page(rows: Sequence[tuple[Any, ...]], limit: int) -> tuple[list[DeadLetter], str]:
    """One page of what PAGE gave, asked for one more; and where the next page begins."""
    found = [_letter(*row) for _, *row in rows[:limit]]
    return found, str(rows[limit - 1][0]) if len(rows) > limit else ""


def _letter(
    consumer: str, sequence: int, reason: str, time: float, body: bytes | None
) -> DeadLetter:
    event = None if body is None else event_pb2.Event.FromString(body)
    return DeadLetter(
        consumer=consumer,
        sequence=sequence,
        reason=reason,
        refuse_time=timestamp(time),
        event=event,
    )
