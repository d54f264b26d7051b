"""The durable log of events: append here first, send from here later."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from threading import Condition, Lock
from types import TracebackType
from typing import Any, Self

import structlog

from edge.events import letters, retention
from edge.events.codec import timestamp
from edge.events.retention import Kept, Limits
from edge.events.schema import (
    LATEST,
    PAGE,
    SINCE,
    TELL,
    connect,
    only_user,
    prepare,
    transaction,
    worded,
)
from edge.metrics import Metrics
from edge.rpc import event_pb2 as pb
from edge.rpc.events_pb2 import DeadLetter

STEP = 500  # the most events deleted while the lock is held
MOST_CONSUMERS = 1000  # the one that confirmed longest ago is forgotten
NEWEST = 2**63 - 1


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
        self._limits = Limits(max_rows, max_bytes, max_age_s)
        self._kept = Kept(1, 0, 0)
        self._cursors: dict[str, int] = {}  # replaced, never changed: read without the lock
        self._lock, self._read_lock, self._committed = Lock(), Lock(), Condition()
        self._listeners: list[Callable[[], None]] = []
        self._stack, self._closed = ExitStack(), False

    def __enter__(self) -> Self:
        with ExitStack() as stack, worded(self._path):
            stack.enter_context(only_user(self._path))
            self._writer = stack.enter_context(connect(self._path))
            # A cursor that a power cut sets back only repeats events; waiting for the disk
            # here would keep `append` waiting.
            self._ledger = stack.enter_context(connect(self._path, synchronous="NORMAL"))
            self._reader = stack.enter_context(connect(self._path))
            self.box_id = prepare(self._writer, self._path, self._box)
            self._kept = retention.measure(self._writer)
            names = self._writer.execute("SELECT name, sequence FROM consumer ORDER BY rowid")
            self._cursors = dict(names.fetchall())
            self._measure()
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
        with self._committed:
            self._closed = True
            self._committed.notify_all()

    def append(self, events: Sequence[pb.Event]) -> list[pb.Event]:
        """Store events; returns copies with box, sequence and publish time.

        One transaction: all or, with OutboxError, none. Deletes what is past retention,
        also where there are no events to store.
        """
        now = self._clock()
        with self._lock, worded(self._path):
            stored = [self._numbered(event, i, now) for i, event in enumerate(events, 1)]
            with transaction(self._writer):
                grown = self._insert(stored, now)
                most = STEP + len(stored)
                left = retention.prune(self._writer, grown, self._limits, now=now, most=most)
                if not stored:
                    retention.prune_letters(self._writer, before=now - self._limits.age_s)
            self._settle(grown, left)
        if stored:
            self._announce()
        return stored

    def prune(self) -> None:
        """Delete all that is past retention; `append` does so too, in steps."""
        more = True
        while more:
            with self._lock, worded(self._path):
                more = self._prune_step()

    def read(self, after: int, *, limit: int = 100) -> list[pb.Event]:
        """The next events behind a sequence."""
        rows = self._ask(
            "SELECT body FROM event WHERE sequence > ? ORDER BY sequence LIMIT ?", after, limit
        )
        return [pb.Event.FromString(body) for (body,) in rows]

    @property
    def first_sequence(self) -> int:
        """Of the oldest event that is kept; one more than the newest where none is."""
        return self._kept.first

    @property
    def last_sequence(self) -> int:
        """Of the newest event ever stored; 0 where there was none."""
        return self._kept.last

    def cursor(self, consumer: str) -> int:
        """Everything up to here is confirmed by this consumer; 0 for a new one."""
        return self._cursors.get(consumer, 0)

    def confirm(self, consumer: str, sequence: int) -> None:
        """Remember that the consumer has everything up to here; never goes back."""
        with self._lock, worded(self._path):
            sequence = min(sequence, self._kept.last)
            if sequence <= self._cursors.get(consumer, -1):
                return
            others = [name for name in self._cursors if name != consumer]
            forgotten = others[: max(0, len(others) + 1 - MOST_CONSUMERS)]
            with transaction(self._ledger):
                self._ledger.execute(
                    "INSERT OR REPLACE INTO consumer (name, sequence) VALUES (?, ?)",
                    (consumer, sequence),
                )
                names = [(name,) for name in forgotten]
                self._ledger.executemany("DELETE FROM consumer WHERE name = ?", names)
            kept = {name: self._cursors[name] for name in others if name not in forgotten}
            self._cursors = {**kept, consumer: sequence}

    def consumers(self) -> list[str]:
        """Everybody who ever confirmed something."""
        return sorted(self._cursors)

    def dead_letter(self, consumer: str, sequence: int, reason: str) -> bool:
        """Keep an event aside that the consumer will never take; whether that is news."""
        now = self._clock()
        with self._lock, worded(self._path), transaction(self._ledger):
            values = (consumer, sequence, reason, now)
            is_new = letters.bury(self._ledger, values, before=now - self._limits.age_s)
        self._metrics.dead_letters.labels(consumer).inc(is_new)
        return is_new

    def rejected(self, consumer: str) -> int:
        """How many events are kept aside that the consumer will never take."""
        return self._ask(letters.COUNT, consumer)[0][0]

    def dead_letters(
        self, *, limit: int, before: str | None = None, consumer: str = ""
    ) -> tuple[list[DeadLetter], str]:
        """What was kept aside, newest first, of all or one; and where the next page begins."""
        rows = self._ask(letters.PAGE, _place(before), consumer, limit + 1)
        return letters.page(rows, limit)

    def backlog(self, consumer: str) -> tuple[int, float | None]:
        """How many events the consumer has not confirmed, and the age of the oldest in seconds."""
        kept, cursor = self._kept, self.cursor(consumer)
        rows = self._ask(
            "SELECT published FROM event WHERE sequence > ? ORDER BY sequence LIMIT 1", cursor
        )
        count = kept.last - max(cursor, kept.first - 1)
        return (count, max(0.0, self._clock() - rows[0][0])) if rows and count else (0, None)

    def open_alerts(self) -> list[pb.Event]:
        """The latest event of each alert that is not cleared, oldest alert first."""
        rows = self._ask(f"{LATEST} AND open ORDER BY raised", NEWEST)
        return [pb.Event.FromString(body) for _, body in rows]

    def latest(self, alert_id: str) -> pb.Event | None:
        """The latest event of an alert, open or cleared; None where it is not kept."""
        rows = self._ask(f"{LATEST} AND alert_id = ?", NEWEST, alert_id)
        return pb.Event.FromString(rows[0][1]) if rows else None

    def raised_since(
        self, since: float, *, limit: int, before: int = NEWEST
    ) -> list[tuple[pb.Event, pb.Event]]:
        """Alerts whose first event was stored since then (Unix seconds), the newest, oldest first.

        Each with that event and its latest one; `before` is a sequence that the first is below.
        """
        rows = self._ask(SINCE, since, before, limit)
        return [(pb.Event.FromString(a), pb.Event.FromString(b)) for a, b in reversed(rows)]

    def alerts(
        self, *, limit: int, before: str | None = None, open_only: bool = False
    ) -> tuple[list[pb.Event], str]:
        """Alerts, newest first, each with its latest event; and where the next page begins.

        The page behind something that never was such a place is empty.
        """
        wanted = "AND open" if open_only else ""
        rows = self._ask(f"{LATEST} {wanted} {PAGE}", _place(before), limit + 1)
        found = [pb.Event.FromString(body) for _, body in rows[:limit]]
        return found, str(rows[limit - 1][0]) if len(rows) > limit else ""

    def wait(self, after: int, timeout: float) -> bool:
        """Block until there is an event behind `after`; False when the time is over."""
        with self._committed:
            self._committed.wait_for(lambda: self._closed or self._kept.last > after, timeout)
        return self._kept.last > after

    def listen(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call back after each commit, on the committing thread; returns what ends that."""
        self._listeners.append(callback)

        def unlisten() -> None:
            if callback in self._listeners:
                self._listeners.remove(callback)

        return unlisten

    def _numbered(self, event: pb.Event, place: int, now: float) -> pb.Event:
        stored = pb.Event()
        stored.CopyFrom(event)  # the caller's stays as it is, should storing fail
        stored.box_id, stored.sequence = self.box_id, self._kept.last + place
        stored.publish_time.CopyFrom(timestamp(now))
        return stored

    def _insert(self, events: Sequence[pb.Event], now: float) -> Kept:
        size = 0
        for event in events:
            body = event.SerializeToString()
            size += len(body)
            self._writer.execute(
                "INSERT INTO event VALUES (?, ?, ?, ?)", (event.sequence, now, len(body), body)
            )
            is_open = event.state != pb.STATE_CLEARED
            self._writer.execute(TELL, (event.sequence, event.alert_id, is_open))
        kept = self._kept
        return replace(kept, last=kept.last + len(events), size_bytes=kept.size_bytes + size)

    def _prune_step(self) -> bool:
        """Whether there may be more to delete."""
        before, now = self._kept, self._clock()
        with transaction(self._writer):
            left = retention.prune(self._writer, before, self._limits, now=now, most=STEP)
            retention.prune_letters(self._writer, before=now - self._limits.age_s)
        self._settle(before, left)
        return left.first - before.first == STEP

    def _settle(self, before: Kept, left: Kept) -> None:
        """What was committed becomes what is known; nothing here may fail."""
        self._kept = left
        for name, count in retention.unsent(before, left, self._cursors).items():
            self._metrics.pruned_unsent.labels(name).inc(count)
        self._measure()

    def _measure(self) -> None:
        self._metrics.outbox_rows.set(self._kept.rows)
        self._metrics.outbox_bytes.set(self._kept.size_bytes)

    def _ask(self, question: str, *values: object) -> list[tuple[Any, ...]]:
        with self._read_lock, worded(self._path):
            return self._reader.execute(question, values).fetchall()

    def _announce(self) -> None:
        with self._committed:
            self._committed.notify_all()
        for callback in tuple(self._listeners):
            try:
                callback()
            except Exception:  # noqa: BLE001 - committed is committed, whatever a listener makes of it
                structlog.get_logger().exception("a listener of the outbox failed")


def _place(token: str | None) -> int:
    if token is None:
        return NEWEST
    return min(int(token), NEWEST) if token.isdecimal() else 0
