"""The outbox's database, opened: whole, or made anew of what could be read of a damaged one."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TypeVar

import structlog

from edge.errors import OutboxError
from edge.events import rescue
from edge.events.fair import FairLock
from edge.events.rescue import Known, Rescue
from edge.events.schema import DamagedError, check, connect, is_damage, prepare, worded

AGAIN_S = 10.0  # from one beginning anew, or attempt at it, to the next
T = TypeVar("T")


class Store:
    """Three connections to one file, each used by one thread at a time.

    A file that turns out to be damaged is set aside between two uses of it, and the use is tried
    again on the new one. `known` is asked what the box remembers, `begun` is told what came of it;
    both while nobody uses the file.
    """

    writer: sqlite3.Connection
    ledger: sqlite3.Connection
    reader: sqlite3.Connection
    box_id: str

    def __init__(
        self, path: Path, box: str, *, known: Callable[[], Known], begun: Callable[[Rescue], None]
    ) -> None:
        self._path, self._box, self._known, self._begun = path, box, known, begun
        self._stack = ExitStack()
        self._write_lock, self._read_lock = FairLock(), FairLock()
        self._renewals, self._not_before = 0, 0.0
        self._lost = False  # the damaged file is closed, and no other is open

    def open(self) -> Rescue | None:
        """Read the whole file; what came of it where it was damaged. Raises SQLite's errors."""
        rescue.finish(self._path)
        try:
            self._connect()
        except (sqlite3.Error, UnicodeDecodeError, DamagedError) as error:
            if not is_damage(error):
                raise
            return self._anew(None)
        return None

    def write(self, use: Callable[[], T]) -> T:
        """Use `writer` or `ledger`; raises OutboxError."""
        return self._use(self._write_lock, use)

    def ask(self, question: str, *values: object) -> list[tuple[Any, ...]]:
        """All answers of `reader`; raises OutboxError."""
        return self._use(self._read_lock, lambda: self.reader.execute(question, values).fetchall())

    def close(self) -> None:
        """Let go of the file; everything is refused from now on."""
        with self._write_lock, self._read_lock:
            self._stack.close()

    def _use(self, lock: FairLock, use: Callable[[], T]) -> T:
        renewals = self._renewals
        try:
            return self._used(lock, use)
        except DamagedError:
            if not self._renew(renewals):
                raise
        return self._used(lock, use)

    def _used(self, lock: FairLock, use: Callable[[], T]) -> T:
        with lock, worded(self._path):
            if self._lost:
                raise DamagedError(f"the outbox {self._path} was damaged and can't begin anew")
            return use()

    def _renew(self, renewals: int) -> bool:
        """Whether there is another file now; another thread may have seen to it."""
        with self._write_lock, self._read_lock, worded(self._path):
            if self._renewals != renewals:
                return True
            if time.monotonic() < self._not_before:
                return False
            self._not_before = time.monotonic() + AGAIN_S
            self._begun(self._anew(self._known()))
            self._renewals += 1
            return True

    def _anew(self, known: Known | None) -> Rescue:
        try:
            came = rescue.rescue(self._path, self._box, known, let_go=self._let_go)
        except OSError as error:
            raise OutboxError(
                f"the damaged outbox {self._path} can't be set aside: {error.strerror}",
                "make its folder and disk writable",
            ) from error
        structlog.get_logger().error(
            "the outbox was damaged and has begun anew",
            aside=str(came.aside),
            events=came.events,
            missing=came.missing,
            same_box=came.same_box,
        )
        self._connect()
        return came

    def _let_go(self) -> None:
        self._lost = True
        self._stack.close()

    def _connect(self) -> None:
        with ExitStack() as stack:
            self.writer = stack.enter_context(connect(self._path))
            # A cursor that a power cut sets back only repeats events; waiting for the disk
            # here would keep `append` waiting.
            self.ledger = stack.enter_context(connect(self._path, synchronous="NORMAL"))
            self.reader = stack.enter_context(connect(self._path))
            self.box_id = prepare(self.writer, self._path, self._box)
            check(self.reader, self._path)
            self._stack, self._lost = stack.pop_all(), False
