"""What a gateway keeps of what boxes reported: on the disk before it is acknowledged."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import structlog

from edge.errors import OutboxError
from edge.events.schema import DamagedError, connect, is_damage, only_user, transaction, worded
from edge.rpc import event_pb2 as pb

VERSION = 1
MARK = 0x466E6365  # in the file's header: "Fnce"
WHAT = "store"
STEP = 500  # the most events deleted at once
FILES = ("", "-wal", "-shm")
TABLES = (
    """CREATE TABLE box (
      id INTEGER PRIMARY KEY,
      box_id TEXT NOT NULL UNIQUE,
      first INTEGER NOT NULL,  -- sequence with which it began
      newest INTEGER NOT NULL,
      events INTEGER NOT NULL,  -- ever stored; missing are newest - first + 1 - events
      heard REAL NOT NULL
    )""",
    """CREATE TABLE event (
      place INTEGER PRIMARY KEY AUTOINCREMENT,  -- in order of arrival
      box INTEGER NOT NULL REFERENCES box (id),
      sequence INTEGER NOT NULL,
      received REAL NOT NULL,
      size INTEGER NOT NULL,
      body BLOB NOT NULL,
      UNIQUE (box, sequence)
    )""",
    "CREATE INDEX event_by_time ON event (received)",
)
TELL_BOX = (
    "INSERT INTO box VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET "
    "first = excluded.first, newest = excluded.newest, events = excluded.events, "
    "heard = excluded.heard"
)
ADD = "INSERT INTO event (box, sequence, received, size, body) VALUES (?, ?, ?, ?, ?)"
ADD_IF_NEW = ADD.replace("INSERT", "INSERT OR IGNORE")


@dataclass(frozen=True, slots=True)
class BoxRow:
    """One box, as the table has it."""

    id: int
    box_id: str
    first: int
    newest: int
    events: int
    heard: float

    @property
    def missing(self) -> int:
        """How many sequences were passed over: filtered by the box, or past its retention."""
        return max(0, self.newest - self.first + 1 - self.events)


class Archive:
    """Events of many boxes, each once, until they are too old or too many; one thread at a time.

    On return of `add` the events survive a power cut (SQLite WAL, synchronous=FULL). A damaged
    file is set aside, for as long as its events would have been kept, and a new one is begun.
    """

    def __init__(
        self,
        path: Path,
        *,
        max_bytes: int = 2**30,
        max_age_s: float = 3 * 86_400,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.path, self._max_bytes, self._max_age_s = path, max_bytes, max_age_s
        self._clock, self._stack, self._file = clock, ExitStack(), ExitStack()
        self._boxes: dict[str, BoxRow] = {}
        self._bytes, self._is_open = 0, False

    def __enter__(self) -> Self:
        with ExitStack() as stack, self._worded():
            stack.enter_context(only_user(self.path, WHAT, "file"))
            self._open_or_anew()
            stack.callback(self._close)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def boxes(self) -> int:
        """How many boxes have ever reported."""
        return len(self._boxes)

    def newest(self, box_id: str) -> int:
        """The newest sequence this box has reported; 0 where it has not."""
        found = self._boxes.get(box_id)
        return found.newest if found else 0

    def add(self, events: Sequence[pb.Event]) -> list[pb.Event]:
        """Store events, of many boxes, all or none; returns those that were new. OutboxError."""
        try:
            if not self._is_open:  # a disk so full that not even a new one could be begun
                with self._worded():
                    self._open_or_anew()
            return self._add(events)
        except DamagedError:
            with self._worded():
                self._set_aside()
                self._open_or_anew()
            return self._add(events)

    def tend(self) -> None:
        """Forget what is too old or too much; raises OutboxError."""
        while self._forget_some():
            pass
        for path in self._set_aside_files():
            if path.stat().st_mtime < self._clock() - self._max_age_s:
                path.unlink()

    def _add(self, events: Sequence[pb.Event]) -> list[pb.Event]:
        now, told = self._clock(), dict[str, BoxRow]()
        new: list[pb.Event] = []
        with self._worded(), transaction(self._database):
            for event in events:
                box = told.get(event.box_id) or self._boxes.get(event.box_id)
                box = box or self._begun(event, len(self._boxes.keys() | told.keys()))
                told[event.box_id] = replace(box, heard=now)
                if not box.events:
                    self._tell([told[event.box_id]])  # the event's row names it
                if self._insert(event, box, now):
                    new.append(event)
                    newest, first = max(box.newest, event.sequence), min(box.first, event.sequence)
                    told[event.box_id] = replace(
                        box, first=first, newest=newest, events=box.events + 1, heard=now
                    )
            self._tell(told.values())
        self._boxes |= told
        self._bytes += sum(event.ByteSize() for event in new)
        if self._bytes > self._max_bytes:
            self.tend()
        return new

    def _insert(self, event: pb.Event, box: BoxRow, now: float) -> bool:
        body = event.SerializeToString()
        row = (box.id, event.sequence, now, len(body), body)
        if event.sequence > box.newest:
            self._database.execute(ADD, row)
            return True
        return self._database.execute(ADD_IF_NEW, row).rowcount == 1

    def _begun(self, event: pb.Event, known: int) -> BoxRow:
        return BoxRow(known + 1, event.box_id, event.sequence, 0, 0, self._clock())

    def _tell(self, boxes: Iterable[BoxRow]) -> None:
        rows = [(b.id, b.box_id, b.first, b.newest, b.events, b.heard) for b in boxes]
        self._database.executemany(TELL_BOX, rows)

    def _forget_some(self) -> bool:
        """Whether there may be more."""
        old, over = self._clock() - self._max_age_s, self._bytes - self._max_bytes
        with self._worded():
            question = "SELECT place, received, size FROM event ORDER BY place LIMIT ?"
            last, freed = 0, 0
            for place, received, size in self._database.execute(question, (STEP,)).fetchall():
                if received >= old and freed >= over:
                    break
                last, freed = place, freed + size
            if last:
                with transaction(self._database):
                    self._database.execute("DELETE FROM event WHERE place <= ?", (last,))
                self._bytes -= freed
        return bool(last)

    def _open_or_anew(self) -> None:
        """Open the file, or, where it is damaged, a new one in its place."""
        try:
            self._open()
        except (sqlite3.DatabaseError, DamagedError) as error:
            if not is_damage(error):
                raise
            self._set_aside()
            self._open()

    def _open(self) -> None:
        if _is_text(self.path):
            raise _not_ours(self.path)
        with ExitStack() as file:
            self._database = file.enter_context(connect(self.path))
            self._prepare()
            self._database.execute("PRAGMA secure_delete = ON")  # what is forgotten is gone
            boxes = self._database.execute("SELECT * FROM box").fetchall()
            self._boxes = {row[1]: BoxRow(*row) for row in boxes}
            self._bytes = int(self._ask("SELECT total(size) FROM event"))
            self._file, self._is_open = file.pop_all(), True

    def _prepare(self) -> None:
        if self._ask("PRAGMA user_version") == 0 and not self._ask(
            "SELECT count(*) FROM sqlite_master"
        ):
            with transaction(self._database):
                for table in TABLES:
                    self._database.execute(table)
                self._database.execute(f"PRAGMA application_id = {MARK}")
                self._database.execute(f"PRAGMA user_version = {VERSION}")
        if self._ask("PRAGMA application_id") != MARK:
            raise _not_ours(self.path)
        if self._ask("PRAGMA user_version") > VERSION:
            raise OutboxError(
                f"the {WHAT} {self.path} was written by a newer Fenceline",
                "install that version again, or name another file",
            )
        if self._ask("PRAGMA quick_check(1)") != "ok":
            raise DamagedError(f"the {WHAT} {self.path} can't be used: it is damaged")

    def _ask(self, question: str) -> Any:
        return self._database.execute(question).fetchone()[0]

    def _set_aside(self) -> None:
        self._close()
        stamp = datetime.fromtimestamp(self._clock(), UTC).strftime("%Y%m%dT%H%M%S.%f")
        aside = self.path.with_name(f"{self.path.name}.damaged-{stamp}")
        for end in FILES:
            file = self.path.with_name(self.path.name + end)
            if file.exists():
                file.rename(aside.with_name(aside.name + end))
        log = structlog.get_logger()
        log.error("the store is damaged and set aside, a new one is begun", kept_as=str(aside))

    def _close(self) -> None:
        self._file.close()  # whichever is open now
        self._is_open = False

    def _set_aside_files(self) -> list[Path]:
        return sorted(self.path.parent.glob(f"{self.path.name}.damaged-*"))

    def _worded(self) -> AbstractContextManager[None]:
        return worded(self.path, WHAT, anew="it begins anew with what boxes have not delivered yet")


def _is_text(path: Path) -> bool:
    """Somebody's notes, named by mistake: no database of ours, however damaged, looks like that."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        head = file.read(100)
    return (
        bool(head) and not head.startswith(b"SQLite format 3") and head.isascii() and 0 not in head
    )


def _not_ours(path: Path) -> OutboxError:
    what = f"{path} is not a store of a gateway, and is left alone"
    return OutboxError(what, "name another file to keep events in")
