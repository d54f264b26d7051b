"""Commits what the journal hands over, in its order, while the journal goes on."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Sequence
from typing import Protocol

import structlog

from edge.errors import OutboxError
from edge.events.pending import Pending
from edge.rpc import event_pb2 as pb

BATCH = 100
MOST = 1000  # events of one transaction
RETRY_S = 0.2  # while the disk takes none


class Log(Protocol):
    """Where events are committed: the outbox, or a replay's transcript."""

    def append(self, events: Sequence[pb.Event]) -> list[pb.Event]:
        """Store all or, with OutboxError, none; of none, only see to retention."""

    def open_alerts(self) -> list[pb.Event]:
        """The latest event of each alert that is not cleared."""

    def latest(self, alert_id: str) -> pb.Event | None:
        """The latest event of an alert, open or cleared; None where it is not kept."""


class Committer(threading.Thread):
    """While it runs, `put` waits for no disk: one transaction takes all that has come meanwhile.

    Before it is started, and once it is stopped, whoever puts commits. What the log refuses waits
    in memory, up to a bound; see `Pending`. All but `run` is for one thread, the journal's.
    """

    def __init__(self, log: Log, most_pending: int) -> None:
        super().__init__(name="committer", daemon=True)
        self._log, self._most = log, most_pending
        self._pending = Pending(most_pending)
        self._flying: list[pb.Event] = []  # being committed now
        self._done: list[pb.Event] = []
        self._refused: list[pb.Event] = []
        self._gone: set[str] = set()  # alerts of which the journal does not know yet that they are
        self._lock, self._committing = threading.Lock(), threading.Lock()
        self._wake, self._stopping, self._untidy = threading.Event(), threading.Event(), False
        self.failing = ""  # why events can't be stored, for people

    @property
    def pending(self) -> int:
        """Events that are not committed."""
        with self._lock:
            return len(self._pending) + len(self._flying)

    def put(self, events: Sequence[pb.Event]) -> None:
        """Have them committed behind all others, those of one call in one transaction."""
        if events:
            with self._lock:
                self._refused += [one for one in events if one.alert_id in self._gone]
                self._pending.add([one for one in events if one.alert_id not in self._gone])
                if len(self._pending) > self._most + MOST:  # the disk does not even fail
                    self._shrink()
        if self._runs:
            self._wake.set()
        else:
            self.commit(max(BATCH, len(events)))

    def commit(self, batch: int = BATCH) -> None:
        """Store all that waits, on the calling thread; what can't be stored now goes on waiting."""
        with self._committing:
            while events := self._take(batch):
                try:
                    stored = self._log.append(events)
                except OutboxError as error:
                    self._fail(str(error))
                    return
                except BaseException:
                    self._put_back()
                    raise
                with self._lock:
                    self._done += stored
                    self._flying = []
            if self.failing:
                structlog.get_logger().info("events are stored again")
                self.failing = ""

    def heard(self) -> tuple[list[pb.Event], list[pb.Event]]:
        """What was committed since the last call, as it is stored; and what was given up."""
        with self._lock:
            done, self._done = self._done, []
            refused, self._refused = self._refused, []
            self._gone.clear()
        return done, refused

    def tidy(self) -> None:
        """See to retention, though nothing may happen."""
        self._untidy = True
        if self._runs:
            self._wake.set()
        else:
            self._tidy()

    def run(self) -> None:
        """Commit what is put, until stopped."""
        while not self._stopping.is_set():
            self._wake.wait(RETRY_S if self.failing else None)
            self._wake.clear()
            try:
                self.commit(MOST)
                self._tidy()
            except Exception as error:  # noqa: BLE001 - the top of a loop: what waits is tried again
                structlog.get_logger().exception("events can't be stored", reason=repr(error))
                self.failing = repr(error)
                self._stopping.wait(RETRY_S)

    def stop(self) -> None:
        """Ask the thread to end; what is put from then on is committed by whoever puts."""
        self._stopping.set()
        self._wake.set()

    @property
    def _runs(self) -> bool:
        return self.is_alive() and not self._stopping.is_set()

    def _take(self, batch: int) -> list[pb.Event]:
        with self._lock:
            self._flying = self._pending.first(batch)
            self._pending.drop(len(self._flying))
            return self._flying

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
            self._shrink()

    def _shrink(self) -> None:
        refused = self._pending.shrink()
        self._refused += refused
        self._gone |= {event.alert_id for event in refused if event.state == pb.STATE_RAISED}

    def _tidy(self) -> None:
        if self._untidy:
            self._untidy = False
            with contextlib.suppress(OutboxError):  # the next event says it
                self._log.append(())
