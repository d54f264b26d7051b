"""The durable log of events: append here first, send from here later."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Self

from edge.events import cursors, letters, rescue, retention
from edge.events.bell import Bell
from edge.events.codec import timestamp
from edge.events.pages import Pages
from edge.events.rescue import Known, Rescue, readable, run_of
from edge.events.retention import Ages, Kept, Limits, uptime
from edge.events.schema import (
    LATEST,
    PAGE,
    SINCE,
    insert,
    only_user,
    transaction,
    worded,
)
from edge.events.store import Store
from edge.events.tail import Tail
from edge.metrics import Metrics
from edge.rpc import event_pb2 as pb
from edge.rpc.events_pb2 import DeadLetter

STEP = 500  # the most events deleted while the lock is held
NEWEST = 2**63 - 1
NEXT = "SELECT sequence, body FROM event WHERE sequence > ? ORDER BY sequence LIMIT ?"
TOLD_S = 3600.0  # a damage is trouble for so long


class Outbox:
    """Events in the order they happened, and how far each consumer has read.

    Thread-safe. On return of `append` the events survive a power cut (SQLite WAL,
    synchronous=FULL). Bounded by rows, bytes and age: the oldest go first. A file that is found
    damaged, at the start or later, is set aside, and what can be read of it goes on: see `rescue`.
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
        since: Callable[[], tuple[str, float]] = uptime,
    ) -> None:
        self._path, self._clock, self._metrics = path, clock, metrics
        self._since = since
        self._limits = Limits(max_rows, max_bytes, max_age_s)
        self._store = Store(path, box, known=self._known, begun=self._begin)
        self._kept = Kept(1, 0, 0, 0)
        self._trouble, self._trouble_until = "", 0.0
        self._cursors: dict[str, int] = {}  # replaced, never changed: read without the lock
        self._bell, self._tail, self._stack = Bell(), Tail(), ExitStack()
        self._pages = Pages(self._read)

    def __enter__(self) -> Self:
        with ExitStack() as stack, worded(self._path):
            stack.enter_context(only_user(self._path))
            stack.callback(self._store.close)
            came = self._store.open()
            self.box_id = self._store.box_id
            self._cursors = cursors.stored(self._store.writer)
            self._begin(came)
            self._ages = Ages(self._store.writer, self._clock, self._since, last=self._kept.last)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()
        self._tail, self._pages = Tail(), Pages(self._read)
        self._bell.close()

    def append(self, events: Sequence[pb.Event]) -> list[pb.Event]:
        """Store events; returns them with box, sequence and publish time.

        They are the outbox's from then on, to be read only. One transaction: all or, with
        OutboxError, none. Deletes what is past retention, also where there are no events to store.
        """
        stored = self._store.write(lambda: self._append(events))
        if stored:
            self._bell.ring()
        return stored

    def prune(self) -> None:
        """Delete all that is past retention; `append` does so too, in steps."""
        while self._store.write(self._prune_step):
            pass

    def read(self, after: int, *, limit: int = 100) -> list[pb.Event]:
        """The next events behind a sequence, up to the next one that is missing; to be read only.

        So where one is missing, it is between `after` and the first.
        """
        recent = self.recent(after, limit=limit)
        return self._pages.read(after, limit) if recent is None else recent

    def recent(self, after: int, *, limit: int = 100) -> list[pb.Event] | None:
        """As `read`, of what is in memory; None where the disk has to be asked."""
        if after >= self._kept.last:
            return []
        return self._tail.read(after, limit) or None

    def _read(self, after: int, limit: int) -> list[pb.Event]:
        while rows := self._store.ask(NEXT, after, limit):
            if found := run_of(rows):
                return found
            after = rows[-1][0]
        return []

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
        self._store.write(lambda: self._confirm(consumer, sequence))

    def consumers(self) -> list[str]:
        """Everybody who ever confirmed something."""
        return sorted(self._cursors)

    def dead_letter(self, consumer: str, sequence: int, reason: str) -> bool:
        """Keep an event aside that the consumer will never take; whether that is news."""
        is_new = self._store.write(lambda: self._bury(consumer, sequence, reason))
        self._metrics.dead_letters.labels(consumer).inc(is_new)
        return is_new

    def rejected(self, consumer: str) -> int:
        """How many events are kept aside that the consumer will never take."""
        return self._store.ask(letters.COUNT, consumer)[0][0]

    def dead_letters(
        self, *, limit: int, before: str | None = None, consumer: str = ""
    ) -> tuple[list[DeadLetter], str]:
        """What was kept aside, newest first, of all or one; and where the next page begins."""
        rows = self._store.ask(letters.PAGE, _place(before), consumer, limit + 1)
        return letters.page(rows, limit)

    def backlog(self, consumer: str) -> tuple[int, float | None]:
        """How many events the consumer has not confirmed, and the age of the oldest in seconds."""
        kept, cursor = self._kept, self.cursor(consumer)
        rows = self._store.ask(
            "SELECT published FROM event WHERE sequence > ? ORDER BY sequence LIMIT 1", cursor
        )
        count = min(kept.rows, kept.last - max(cursor, kept.first - 1))
        return (count, max(0.0, self._clock() - rows[0][0])) if rows and count else (0, None)

    def open_alerts(self) -> list[pb.Event]:
        """The latest event of each alert that is not cleared, oldest alert first."""
        rows = self._store.ask(f"{LATEST} AND open ORDER BY raised", NEWEST)
        return [event for _, body in rows if (event := readable(body))]

    def latest(self, alert_id: str) -> pb.Event | None:
        """The latest event of an alert, open or cleared; None where it is not kept."""
        rows = self._store.ask(f"{LATEST} AND alert_id = ?", NEWEST, alert_id)
        return readable(rows[0][1]) if rows else None

    def raised_since(
        self, since: float, *, limit: int, before: int = NEWEST
    ) -> list[tuple[pb.Event, pb.Event]]:
        """Alerts whose first event was stored since then (Unix seconds), the newest, oldest first.

        Each with that event and its latest one; `before` is a sequence that the first is below.
        """
        rows = self._store.ask(SINCE, since, before, limit)
        pairs = ((readable(a), readable(b)) for a, b in reversed(rows))
        return [(first, last) for first, last in pairs if first and last]

    def alerts(
        self, *, limit: int, before: str | None = None, open_only: bool = False
    ) -> tuple[list[pb.Event], str]:
        """Alerts, newest first, each with its latest event; and where the next page begins.

        The page behind something that never was such a place is empty.
        """
        wanted = "AND open" if open_only else ""
        rows = self._store.ask(f"{LATEST} {wanted} {PAGE}", _place(before), limit + 1)
        found = [event for _, body in rows[:limit] if (event := readable(body))]
        return found, str(rows[limit - 1][0]) if len(rows) > limit else ""

    def wait(self, after: int, timeout: float) -> bool:
        """Block until there is an event behind `after`; False when the time is over."""
        self._bell.wait(lambda: self._kept.last > after, timeout)
        return self._kept.last > after

    def listen(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call back after each commit, on the committing thread; returns what ends that."""
        return self._bell.listen(callback)

    @property
    def trouble(self) -> Mapping[str, str]:
        """For an hour after a damage: one word, and words for people."""
        recent = time.monotonic() < self._trouble_until
        return {"outbox_damaged": self._trouble} if recent else {}

    def _append(self, events: Sequence[pb.Event]) -> list[pb.Event]:
        now, writer = self._clock(), self._store.writer
        self._ages.keep(writer)
        stored, published = list(events), timestamp(now)
        for sequence, event in enumerate(stored, self._kept.last + 1):
            event.box_id, event.sequence = self.box_id, sequence
            event.publish_time.CopyFrom(published)
        with transaction(writer):
            grown = self._insert(stored, now)
            most = STEP + len(stored)
            left = retention.prune(writer, grown, self._limits, now=now, most=most)
            if not stored:
                retention.prune_letters(writer, before=now - self._limits.age_s)
        self._settle(grown, left, stored)
        if not stored:
            rescue.forget(self._path, before=now - self._limits.age_s)
        return stored

    def _confirm(self, consumer: str, sequence: int) -> None:
        sequence = min(sequence, self._kept.last)
        if sequence > self._cursors.get(consumer, -1):
            self._cursors = cursors.moved(self._store.ledger, self._cursors, consumer, sequence)

    def _bury(self, consumer: str, sequence: int, reason: str) -> bool:
        now, ledger = self._clock(), self._store.ledger
        with transaction(ledger):
            values = (consumer, sequence, reason, now)
            return letters.bury(ledger, values, before=now - self._limits.age_s)

    def _insert(self, events: Sequence[pb.Event], now: float) -> Kept:
        bodies = [(event, event.SerializeToString(), now) for event in events]
        insert(self._store.writer, bodies)
        size = sum(len(body) for _, body, _ in bodies)
        kept, new = self._kept, len(events)
        return Kept(kept.first, kept.last + new, kept.size_bytes + size, kept.rows + new)

    def _prune_step(self) -> bool:
        """Whether there may be more to delete."""
        before, now = self._kept, self._clock()
        writer = self._store.writer
        self._ages.keep(writer)
        with transaction(writer):
            left = retention.prune(writer, before, self._limits, now=now, most=STEP)
            retention.prune_letters(writer, before=now - self._limits.age_s)
        self._settle(before, left, ())
        return before.rows - left.rows == STEP

    def _settle(self, before: Kept, left: Kept, stored: Sequence[pb.Event]) -> None:
        """What was committed becomes what is known; nothing here may fail."""
        self._tail.add(stored, first=left.first)
        if left.first > before.first:
            self._pages.forget(left.first)
        self._kept = left
        for name, count in retention.unsent(before, left, self._cursors).items():
            self._metrics.pruned_unsent.labels(name).inc(count)
        self._measure()

    def _measure(self) -> None:
        self._metrics.outbox_rows.set(self._kept.rows)
        self._metrics.outbox_bytes.set(self._kept.size_bytes)

    def _known(self) -> Known:
        return Known(self.box_id, self._kept.last, self._cursors)

    def _begin(self, came: Rescue | None) -> None:
        """Look what is kept; cursors and the newest sequence are what they were."""
        if came:
            self._trouble, self._trouble_until = str(came), time.monotonic() + TOLD_S
            self._metrics.outbox_damaged.inc()
        self._kept = retention.measure(self._store.writer)
        self._measure()


def _place(token: str | None) -> int:
    if token is None:
        return NEWEST
    return min(int(token), NEWEST) if token.isdecimal() else 0
