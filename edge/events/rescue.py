"""A damaged outbox is set aside, and what can still be read of it goes on in a new one."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any

from google.protobuf.message import DecodeError

from edge.events.schema import connect, insert, prepare, transaction
from edge.rpc import event_pb2 as pb

SMALLEST = 32  # bytes of the file; no event takes less
LARGEST = 2**53  # a sequence beyond it is damage itself
MOST_TRIED = 200_000  # sequences that are looked up one by one
MOST_ASIDE = 2  # damaged files that are kept, the newest
PAGE = 4096
CHANGES, CHANGES_AT_SIZE = slice(24, 28), slice(92, 96)  # fields of the first page
HIGHEST = (
    "SELECT seq FROM sqlite_sequence WHERE name = 'event'",
    "SELECT max(sequence) FROM event",
    "SELECT max(sequence) FROM alert",
    "SELECT max(sequence) FROM consumer",
)
EVENT = "SELECT sequence, published, body FROM event WHERE sequence"
BACKWARDS = "SELECT sequence FROM event WHERE sequence > ? ORDER BY sequence DESC"
ALERTS = "SELECT raised, alert_id, sequence, open, body FROM alert ORDER BY raised"
LETTERS = "SELECT consumer, sequence, reason, time, body FROM dead_letter ORDER BY rowid"
CURSORS = "SELECT name, sequence FROM consumer ORDER BY rowid"
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """Whose the events are, and how far everybody is."""

    box_id: str
    last: int  # no sequence beyond it was ever given
    cursors: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Rescue:
    """What came of a damaged outbox."""

    aside: Path  # where it is now
    events: int  # that could be read, and are in the new one
    missing: int  # of those between the first and the last that were seen
    same_box: bool  # else the box goes on as a new one

    def __str__(self) -> str:
        who = "" if self.same_box else "; the box goes on as a new one"
        return (
            f"the outbox was damaged and is set aside as {self.aside.name}: {self.events} events "
            f"could still be read, {self.missing} between them could not{who}"
        )


def rescue(path: Path, box: str, known: Known | None, *, let_go: Callable[[], None]) -> Rescue:
    """Put a new database in the place of a damaged one that only this thread uses now.

    `let_go` closes what else has it open: SQLite deletes by name what lies beside a file.

    Sequences go on behind any that was ever given, so what is lost is a gap and no identity comes
    twice; where it can't be read any more whose they were, a new box begins. Raises SQLite's
    errors and OSError, and then the damaged one is where it was.
    """
    fresh, copy = _fresh(path), _copy_of(path)
    _delete(fresh)
    try:
        with connect(fresh) as new:
            prepare(new, fresh, box)
            with closing(_legible(path, copy, new, fresh)) as old:
                found = known or _known(old, path)
                with transaction(new):
                    events, missing = _copy(old, new, found) if found else (0, 0)
    finally:
        _delete(copy)
    let_go()
    aside = _free_name(path)
    _install(path, fresh, aside)
    return Rescue(aside, events, missing, same_box=found is not None)


def readable(body: Any) -> pb.Event | None:
    """A stored event; None for what can't be one any more."""
    if not isinstance(body, bytes):
        return None
    try:
        return pb.Event.FromString(body)
    except DecodeError:
        return None


def run_of(rows: Sequence[tuple[int, bytes]]) -> list[pb.Event]:
    """The first unbroken run of events that can be read."""
    found: list[pb.Event] = []
    for sequence, body in rows:
        event = readable(body)
        if found and (event is None or sequence != found[-1].sequence + 1):
            break
        if event is not None:
            found.append(event)
    return found


def finish(path: Path) -> None:
    """Go on with what a crash has interrupted, before the outbox is opened."""
    fresh = _fresh(path)
    if fresh.exists() and not path.exists():
        asides = _asides(path)
        _install(path, fresh, asides[-1] if asides else _free_name(path))


def forget(path: Path, before: float) -> None:
    """Delete what was set aside before then (Unix seconds), or is too much."""
    asides = _asides(path)
    for at, aside in enumerate(reversed(asides)):
        with suppress(OSError):
            if at >= MOST_ASIDE or aside.stat().st_mtime < before:
                _delete(aside)


def _legible(path: Path, copy: Path, new: sqlite3.Connection, fresh: Path) -> sqlite3.Connection:
    """The damaged file; or, where its first page says nothing of the others, a copy with ours.

    An outbox begins as any other does: its tables are where a new one has them.
    """
    old = sqlite3.connect(path, isolation_level=None)
    if list(_rows(old, HIGHEST[1])) or list(_rows(old, "SELECT min(sequence) FROM event")):
        return old
    old.close()
    new.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for source, target in zip((path, *_beside(path)), (copy, *_beside(copy)), strict=True):
        if source.exists() and not source.name.endswith("-shm"):
            shutil.copyfile(source, target)
    with fresh.open("rb") as good, copy.open("r+b") as file:
        page = bytearray(good.read(PAGE))
        page[CHANGES], page[CHANGES_AT_SIZE] = b"\0\0\0\1", bytes(4)  # so its size is not believed
        file.write(page)
    return sqlite3.connect(copy, isolation_level=None)


def _copy(old: sqlite3.Connection, new: sqlite3.Connection, known: Known) -> tuple[int, int]:
    """How many events there are, and how many are missing between them."""
    new.execute("UPDATE meta SET value = ? WHERE key = 'box_id'", (known.box_id,))
    first = last = count = 0
    for sequence, published, body, event in _events(old, known):
        insert(new, [(event, body, published)])
        first, last, count = first or sequence, sequence, count + 1
    new.execute("DELETE FROM sqlite_sequence WHERE name = 'event'")
    new.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('event', ?)", (known.last,))
    for row in _rows(old, ALERTS):
        _copy_alert(new, *row)
    letters = (row for row in _rows(old, LETTERS) if row[-1] is None or readable(row[-1]))
    new.executemany("INSERT OR IGNORE INTO dead_letter VALUES (?, ?, ?, ?, ?)", letters)
    new.executemany("INSERT OR REPLACE INTO consumer VALUES (?, ?)", known.cursors.items())
    return count, last - first + 1 - count if count else 0


def _copy_alert(
    new: sqlite3.Connection, raised: int, alert_id: str, sequence: int, is_open: int, body: Any
) -> None:
    """It may be known to be over though the event that said so is lost."""
    told = new.execute(
        "UPDATE OR IGNORE alert SET raised = ?, open = min(open, ?) "
        "WHERE alert_id = ? AND sequence <= ?",
        (raised, is_open, alert_id, sequence),
    )
    if not told.rowcount and readable(body):
        row = (raised, alert_id, sequence, is_open, body)
        new.execute("INSERT OR IGNORE INTO alert VALUES (?, ?, ?, ?, ?)", row)


def _known(old: sqlite3.Connection, path: Path) -> Known | None:
    """As far as the file itself still tells."""
    whose = _rows(old, "SELECT value FROM meta WHERE key = 'box_id'")
    bodies = (readable(body) for (body,) in _rows(old, "SELECT body FROM event LIMIT 100"))
    names = chain((name for (name,) in whose), (event.box_id for event in bodies if event))
    box_id = next((name for name in names if isinstance(name, str) and name), None)
    numbers = [n for ask in HIGHEST for (n,) in _rows(old, ask) if _is_sequence(n)]
    if box_id is None or not numbers:
        return None
    # All that were kept were in the file, in one run: none can be further from those that are seen.
    size = sum(file.stat().st_size for file in (path, *_beside(path)) if file.exists())
    cursors = {name: n for name, n in _rows(old, CURSORS) if n == 0 or _is_sequence(n)}
    return Known(box_id, max(numbers) + size // SMALLEST + 1, cursors)


def _events(old: sqlite3.Connection, known: Known) -> Iterator[tuple[int, float, bytes, pb.Event]]:
    """All that can be read, in their order."""
    at = 0
    for row in _all_rows(old, known.last):
        sequence, published, body = row
        event = readable(body)
        if event and at < sequence == event.sequence and event.box_id == known.box_id:
            at = sequence
            yield sequence, float(published), body, event


def _all_rows(old: sqlite3.Connection, last: int) -> Iterator[Row]:
    """From the front up to the damage, what can be found within, and from there to the back."""
    at, rows = 0, _rows(old, f"{EVENT} > 0 ORDER BY sequence")
    for row in rows:
        at = row[0] if _is_sequence(row[0]) else at
        yield row
    back = [n for (n,) in _rows(old, BACKWARDS, at) if _is_sequence(n)]
    end = back[-1] if back else last + 1
    for sequence in chain(range(max(at + 1, end - MOST_TRIED), end), reversed(back)):
        yield from _rows(old, f"{EVENT} = ?", sequence)


def _rows(old: sqlite3.Connection, question: str, *values: object) -> Iterator[Row]:
    """What is answered before the damage is met."""
    with suppress(sqlite3.DatabaseError, UnicodeDecodeError):
        yield from old.execute(question, values)


def _is_sequence(value: Any) -> bool:
    return isinstance(value, int) and 0 < value < LARGEST


def _install(path: Path, fresh: Path, aside: Path) -> None:
    """In this order: whatever a crash leaves is either the old one, or tells `finish` to go on."""
    if path.exists():
        path.rename(aside)
    for file, name in zip(_beside(path), _beside(aside), strict=True):
        if file.exists():
            file.rename(name)
    fresh.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _fresh(path: Path) -> Path:
    return path.with_name(f"{path.name}.new")


def _copy_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.copy")


def _delete(database: Path) -> None:
    for file in (database, *_beside(database)):
        file.unlink(missing_ok=True)


def _beside(path: Path) -> tuple[Path, Path]:
    return path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")


def _asides(path: Path) -> list[Path]:
    """Oldest first."""
    found = path.parent.glob(f"{path.name}.damaged-*")
    return sorted(file for file in found if not file.name.endswith(("-wal", "-shm")))


def _free_name(path: Path) -> Path:
    at = datetime.now(UTC)
    return path.with_name(f"{path.name}.damaged-{at:%Y%m%dT%H%M%S.%fZ}")
