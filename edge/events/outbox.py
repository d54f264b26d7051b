"""The durable log of events: append here first, send from here later."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Condition, Lock
from types import TracebackType
from typing import Any, Self

from edge.events.codec import timestamp
from edge.events.retention import Retention
from edge.events.schema import connect, only_user, prepare, worded
from edge.metrics import Metrics
from edge.rpc import event_pb2 as pb

INSERT = "INSERT INTO event (sequence, published, size, body) VALUES (?, ?, ?, ?)"
TELL = (
    "INSERT INTO alert VALUES (?, ?, ?, ?, ?) ON CONFLICT (alert_id) DO UPDATE SET "
    "sequence = excluded.sequence, open = excluded.open, published = excluded.published, "
    "body = excluded.body"
)
CONFIRM = (
    "INSERT INTO consumer VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET "
    "sequence = max(sequence, excluded.sequence)"
)


class Outbox:
    """Events in the order they happened, and how far each consumer has read.

    Thread-safe. On return of `append` the events survive a power cut (SQLite WAL,
    synchronous=FULL). Bounded by rows, bytes and age: the oldest go first.
    """

    def __init__(  # noqa: PLR0913 - one keyword per bound
        self,
        path: Path,
        *,
        box: str,
        max_rows: int,
        max_bytes: int,
        max_age_s: float,
        metrics: Metrics,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._path, self._box, self._clock, self._metrics = path, box, clock, metrics
        self._retention = Retention(max_rows, max_bytes, max_age_s, metrics=metrics)
        self._lock, self._committed = Lock(), Condition()
        self._listeners: list[Callable[[], None]] = []
        self._stack = ExitStack()
        self._last = 0

    def __enter__(self) -> Self:
        with ExitStack() as stack, worded(self._path):
            stack.enter_context(only_user(self._path))
            self._writer = connect(self._path)
            stack.callback(self._writer.close)
            self.box_id = prepare(self._writer, self._path, self._box)
            self._reader, self._read_lock = connect(self._path), Lock()
            stack.callback(self._reader.close)
            self._last = self._highest()
            self._retention.open(self._writer)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._lock, self._read_lock:
            self._stack.close()

    def append(self, events: Sequence[pb.Event]) -> list[pb.Event]:
        """Store events; returns them with box, sequence and publish time.

        One transaction: all or, with OutboxError, none.
        """
        if not events:
            return []
        now = self._clock()
        with self._lock, worded(self._path):
            stored = [self._numbered(event, i, now) for i, event in enumerate(events, 1)]
            with self._transaction():
                self._insert(stored, now)
            self._last += len(stored)
            self._prune(now)
        self._announce()
        return stored

    def read(self, after: int, *, limit: int = 100) -> list[pb.Event]:
        """The next events behind a sequence."""
        return self._bodies(
            "SELECT body FROM event WHERE sequence > ? ORDER BY sequence LIMIT ?", after, limit
        )

    @property
    def first_sequence(self) -> int:
        """Of the oldest event that is kept; one more than the newest where none is."""
        ((first,),) = self._ask("SELECT min(sequence) FROM event")
        return self._last + 1 if first is None else int(first)

    @property
    def last_sequence(self) -> int:
        """Of the newest event ever stored; 0 where there was none."""
        return self._last

    def cursor(self, consumer: str) -> int:
        """Everything up to here is confirmed by this consumer; 0 for a new one."""
        rows = self._ask("SELECT sequence FROM consumer WHERE name = ?", consumer)
        return int(rows[0][0]) if rows else 0

    def confirm(self, consumer: str, sequence: int) -> None:
        """Remember that the consumer has everything up to here; never goes back."""
        with self._lock, worded(self._path):
            self._writer.execute(CONFIRM, (consumer, min(sequence, self._last)))

    def consumers(self) -> list[str]:
        """Everybody who ever confirmed something."""
        return [str(name) for (name,) in self._ask("SELECT name FROM consumer ORDER BY name")]

    def dead_letter(self, consumer: str, sequence: int, reason: str) -> None:
        """Keep an event aside that the consumer will never take."""
        with self._lock, worded(self._path):
            self._writer.execute(
                "INSERT OR IGNORE INTO dead_letter "
                "VALUES (?, ?, ?, (SELECT body FROM event WHERE sequence = ?))",
                (consumer, sequence, reason, sequence),
            )

    def backlog(self, consumer: str) -> tuple[int, float | None]:
        """How many events the consumer has not confirmed, and the age of the oldest in seconds."""
        cursor = self.cursor(consumer)
        ((count, oldest),) = self._ask(
            "SELECT count(*), min(published) FROM event WHERE sequence > ?", cursor
        )
        return int(count), None if oldest is None else max(0.0, self._clock() - oldest)

    def open_alerts(self) -> list[pb.Event]:
        """The latest event of each alert that is not cleared, oldest alert first."""
        return self._bodies("SELECT body FROM alert WHERE open = 1 ORDER BY alert_id")

    def alerts(
        self, *, limit: int, before: str | None = None, open_only: bool = False
    ) -> tuple[list[pb.Event], str]:
        """Alerts, newest first, each with its latest event; and where the next page begins."""
        found = self._bodies(
            "SELECT body FROM alert WHERE alert_id < ? AND open >= ? "
            "ORDER BY alert_id DESC LIMIT ?",
            before or "~",
            int(open_only),
            limit + 1,
        )
        return found[:limit], found[limit - 1].alert_id if len(found) > limit else ""

    def wait(self, after: int, timeout: float) -> bool:
        """Block until there is an event behind `after`; False when the time is over."""
        with self._committed:
            return self._committed.wait_for(lambda: self._last > after, timeout)

    def listen(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call back after each commit, on the committing thread; returns what ends that."""
        self._listeners.append(callback)
        return lambda: self._listeners.remove(callback)

    def _numbered(self, event: pb.Event, place: int, now: float) -> pb.Event:
        event.box_id, event.sequence = self.box_id, self._last + place
        event.publish_time.CopyFrom(timestamp(now))
        return event

    def _insert(self, events: Sequence[pb.Event], now: float) -> None:
        for event in events:
            body = event.SerializeToString()
            self._writer.execute(INSERT, (event.sequence, now, len(body), body))
            is_open = int(event.state != pb.STATE_CLEARED)
            self._writer.execute(TELL, (event.alert_id, event.sequence, is_open, now, body))

    def _prune(self, now: float) -> None:
        if self._retention.due(self._writer, now):
            with self._transaction():
                self._retention.prune(self._writer, now)

    def _highest(self) -> int:
        rows = self._writer.execute("SELECT seq FROM sqlite_sequence WHERE name = 'event'")
        return int(next(rows, (0,))[0])

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._writer.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._writer.execute("COMMIT")
        except BaseException:
            if self._writer.in_transaction:
                self._writer.execute("ROLLBACK")
            raise

    def _ask(self, question: str, *values: object) -> list[tuple[Any, ...]]:
        with self._read_lock, worded(self._path):
            return self._reader.execute(question, values).fetchall()

    def _bodies(self, question: str, *values: object) -> list[pb.Event]:
        return [pb.Event.FromString(body) for (body,) in self._ask(question, *values)]

    def _announce(self) -> None:
        with self._committed:
            self._committed.notify_all()
        for callback in tuple(self._listeners):
            callback()
