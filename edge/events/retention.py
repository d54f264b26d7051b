"""How long the outbox keeps events: by rows, bytes and age, the oldest first."""

from __future__ import annotations

import sqlite3

from edge.metrics import Metrics

STEP = 500  # rows deleted at once
EVERY_S = 60.0  # between looks at ages
SPARE_ALERTS = 1000  # cleared alerts that are listed even when all their events are gone


class Retention:
    """Keeps count of what is stored and deletes what is too much."""

    def __init__(
        self, max_rows: int, max_bytes: int, max_age_s: float, *, metrics: Metrics
    ) -> None:
        self._max_rows, self._max_bytes, self._max_age_s = max_rows, max_bytes, max_age_s
        self._metrics = metrics
        self._looked = 0.0

    def open(self, database: sqlite3.Connection) -> None:
        """Read what is there."""
        self._measure(database)

    def due(self, database: sqlite3.Connection, now: float) -> bool:
        """Whether there is something to delete."""
        rows, size = self._measure(database)
        if rows > self._max_rows or size > self._max_bytes:
            return True
        if 0 <= now - self._looked < EVERY_S:
            return False
        self._looked = now
        (oldest,) = database.execute("SELECT min(published) FROM event").fetchone()
        return oldest is not None and oldest < now - self._max_age_s

    def prune(self, database: sqlite3.Connection, now: float) -> None:
        """Delete one step of the oldest, in the caller's transaction."""
        rows, size = self._measure(database)
        oldest = database.execute(
            "SELECT sequence, size, published FROM event ORDER BY sequence LIMIT ?", (STEP,)
        )
        last = 0
        for sequence, bytes_, published in oldest.fetchall():
            old = published < now - self._max_age_s
            if rows <= self._max_rows and size <= self._max_bytes and not old:
                break
            last, rows, size = sequence, rows - 1, size - bytes_
        self._count_unsent(database, last)
        database.execute("DELETE FROM event WHERE sequence <= ?", (last,))
        database.execute(
            "DELETE FROM alert WHERE open = 0 AND sequence <= ? AND alert_id NOT IN "
            "(SELECT alert_id FROM alert ORDER BY alert_id DESC LIMIT ?)",
            (last, SPARE_ALERTS),
        )

    def _count_unsent(self, database: sqlite3.Connection, last: int) -> None:
        question = (
            "SELECT name, (SELECT count(*) FROM event WHERE event.sequence <= ?1 "
            "AND event.sequence > consumer.sequence) FROM consumer WHERE sequence < ?1"
        )
        for name, unsent in database.execute(question, (last,)).fetchall():
            self._metrics.pruned_unsent.labels(name).inc(unsent)

    def _measure(self, database: sqlite3.Connection) -> tuple[int, int]:
        rows, size = database.execute("SELECT count(*), total(size) FROM event").fetchone()
        self._metrics.outbox_rows.set(rows)
        self._metrics.outbox_bytes.set(size)
        return rows, int(size)
