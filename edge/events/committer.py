"""Commits what the journal hands over, in its order, while the journal goes on."""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import Protocol

import structlog

from edge.errors import OutboxError
from edge.events.draft import Draft
from edge.events.pending import Pending
from edge.rpc import event_pb2 as pb
from edge.types import State

BATCH = 100
MOST = 1000  # events of one transaction
RETRY_S = 0.2  # while the disk takes none


class Log(Protocol):
    """Where events are committed: the outbox, or a replay's transcript."""

    def append(self, events: Sequence[pb.Event]) -> list[pb.Event]:
        """Store all, as they are returned, or with OutboxError none; then they may come again.

        Of none, only see to retention.
        """

    def open_alerts(self) -> list[pb.Event]:
        """The latest event of each alert that is not cleared."""

    def latest(self, alert_id: str) -> pb.Event | None:
        """The latest event of an alert, open or cleared; None where it is not kept."""


class Committer(threading.Thread):
    """While it runs, `put` waits for no disk: one transaction takes all that has come meanwhile.

    Before it is started, and once it is stopped, whoever puts commits. What the log refuses waits
    in memory, up to a bound; see `Pending`. All but `run` is for one thread, the journal's; what
    was committed hears `stored`, on the thread that did.
    """

    def __init__(
        self,
        log: Log,
        most_pending: int,
        stored: Callable[[Sequence[pb.Event]], None] = lambda _events: None,
    ) -> None:
        super().__init__(name="committer", daemon=True)
        self._log, self._most, self._stored = log, most_pending, stored
        self._new = deque[Draft]()  # put by the journal, without a lock
        self._pending = Pending(most_pending)
        self._flying: list[Draft] = []  # being committed now
        self.refused: list[Draft] = []  # given up since somebody asked
        self._gone: set[str] = set()  # alerts of which the journal does not know yet that they are
        self._lock, self._committing = threading.Lock(), threading.Lock()
        self._wake = SimpleQueue[None]()  # unlike an Event, set in one step
        self._running, self._roused, self._untidy = False, False, False
        self._stopping = threading.Event()
        self.failing = ""  # why events can't be stored, for people

    @property
    def pending(self) -> int:
        """Events that are not committed."""
        with self._lock:
            return len(self._new) + len(self._pending) + len(self._flying)

    def put(self, events: Sequence[Draft]) -> None:
        """Have them committed behind all others, those of one call in one transaction."""
        self._new.extend(events)
        if not self._running:
            self.commit(max(BATCH, len(events)))
            return
        if len(self._new) > MOST:  # the disk does not even fail
            with self._lock:
                self._sort_in()
        if not self._roused:
            self._roused = True
            self._wake.put(None)

    def commit(self, batch: int = BATCH) -> None:
        """Store all that waits, on the calling thread; what can't be stored now goes on waiting."""
        with self._committing:
            while events := self._take(batch):
                try:
                    stored = self._log.append(self._worded(events))
                except OutboxError as error:
                    self._fail(str(error))
                    return
                except BaseException:
                    self._put_back()
                    raise
                self._settle(events, stored)
            if self.failing:
                structlog.get_logger().info("events are stored again")
                self.failing = ""

    def given_up(self) -> list[Draft]:
        """What was `refused` since the last call; no more of these alerts will be stored."""
        with self._lock:
            self._sort_in()  # while it is known what is gone
            refused, self.refused = self.refused, []
            self._gone.clear()
        return refused

    def tidy(self) -> None:
        """See to retention, though nothing may happen."""
        self._untidy = True
        if self._running:
            self._wake.put(None)
        else:
            self._tidy()

    def start(self) -> None:
        """Commit what is put from now on, on this thread."""
        self._running = True
        try:
            super().start()
        except BaseException:
            self._running = False
            raise

    def run(self) -> None:
        """Commit what is put, until stopped."""
        try:
            while not self._stopping.is_set():
                self._turn()
        finally:
            self._running = False

    def stop(self) -> None:
        """Ask the thread to end; what is put from then on is committed by whoever puts."""
        self._running = False
        self._stopping.set()
        self._wake.put(None)

    def _turn(self) -> None:
        with contextlib.suppress(Empty):
            self._wake.get(timeout=RETRY_S if self.failing else None)
        self._roused = False
        try:
            self.commit(MOST)
            self._tidy()
        except Exception as error:  # noqa: BLE001 - the top of a loop: what waits is tried again
            structlog.get_logger().exception("events can't be stored", reason=repr(error))
            self.failing = repr(error)
            self._stopping.wait(RETRY_S)

    def _sort_in(self) -> None:
        """What is new joins what waits, but for what belongs to an alert that was given up."""
        while self._new:
            draft = self._new.popleft()
            if draft.alert_id in self._gone:
                self.refused.append(draft)
            else:
                self._pending.add([draft])
        if len(self._pending) > self._most + MOST:
            self._refuse(self._pending.shrink())

    def _take(self, batch: int) -> list[Draft]:
        with self._lock:
            self._sort_in()
            self._flying = self._pending.first(batch)
            self._pending.drop(len(self._flying))
            return self._flying

    def _settle(self, drafts: Sequence[Draft], stored: Sequence[pb.Event]) -> None:
        try:
            self._stored(stored)
        finally:
            for draft in drafts:
                draft.settle()
            with self._lock:
                self._flying = []

    def _worded(self, drafts: Sequence[Draft]) -> list[pb.Event]:
        """Their messages; what can't be worded must not keep all others from being stored."""
        worded = [(draft, draft.tried()) for draft in drafts]
        lost = [draft for draft, message in worded if message is None]
        if not lost:
            return [message for _, message in worded if message is not None]
        gone = {draft.alert_id for draft in lost if draft.state is State.RAISED}
        kept = [(d, m) for d, m in worded if m is not None and d.alert_id not in gone]
        with self._lock:
            self._flying = [draft for draft, _ in kept]
            self._refuse([one for one in drafts if one not in self._flying])
            self._refuse(self._pending.give_up(gone))
        return [message for _, message in kept]

    def _put_back(self) -> None:
        with self._lock:
            self._pending.put_back(self._flying)
            self._flying = []

    def _fail(self, reason: str) -> None:
        if not self.failing:
            structlog.get_logger().error("events can't be stored", reason=reason)
        self.failing = reason
        self._put_back()
        with self._lock:
            self._sort_in()
            self._refuse(self._pending.shrink())

    def _refuse(self, refused: Sequence[Draft]) -> None:
        self.refused += refused
        self._gone |= {event.alert_id for event in refused if event.state is State.RAISED}

    def _tidy(self) -> None:
        if self._untidy:
            self._untidy = False
            with contextlib.suppress(OutboxError):  # the next event says it
                self._log.append(())
