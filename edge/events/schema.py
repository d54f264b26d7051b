"""The outbox's database: its tables, what they are asked, how it is opened, what errors mean."""

from __future__ import annotations

import fcntl
import os
import secrets
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from itertools import chain
from pathlib import Path
from typing import Literal

from edge.errors import OutboxError
from edge.rpc import event_pb2 as pb

VERSION = 1
BUSY_S = 0.25  # for another program that holds the file; cameras wait as long
CHECKPOINT_PAGES = 200  # keeps the write-ahead log under a megabyte
FULL_BYTES = 2**18  # a disk with less free space is full, whatever the error says
TABLES = (
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)",
    """CREATE TABLE event (
      sequence INTEGER PRIMARY KEY AUTOINCREMENT,  -- one unbroken run, never reused
      published REAL NOT NULL,
      size INTEGER NOT NULL,
      body BLOB NOT NULL
    )""",
    """CREATE TABLE alert (
      raised INTEGER PRIMARY KEY,  -- sequence of its first event
      alert_id TEXT NOT NULL UNIQUE,
      sequence INTEGER NOT NULL,  -- of its latest event
      open INTEGER NOT NULL,
      body BLOB  -- its latest event, once retention has taken that from the other table
    )""",
    "CREATE INDEX alert_by_sequence ON alert (sequence)",
    "CREATE INDEX alert_open ON alert (raised) WHERE open",
    # Written with REPLACE: its rows lie in the order of their last confirmation.
    "CREATE TABLE consumer (name TEXT PRIMARY KEY, sequence INTEGER NOT NULL)",
    """CREATE TABLE dead_letter (
      consumer TEXT NOT NULL,
      sequence INTEGER NOT NULL,
      reason TEXT NOT NULL,
      time REAL NOT NULL,
      body BLOB,
      PRIMARY KEY (consumer, sequence)
    )""",
)
KEEP = "INSERT INTO event (sequence, published, size, body) VALUES {rows}"
TELL = (
    "INSERT INTO alert (raised, alert_id, sequence, open) VALUES {rows} ON CONFLICT (alert_id) "
    "DO UPDATE SET sequence = excluded.sequence, open = excluded.open, body = NULL"
)
ROWS = 100  # of one statement
LATEST = (
    "SELECT alert.raised, coalesce(alert.body, event.body) "
    "FROM alert LEFT JOIN event ON event.sequence = alert.sequence WHERE raised < ? "
)
SINCE = (
    "SELECT first.body, last.body FROM alert JOIN event first ON first.sequence = alert.raised "
    "JOIN event last ON last.sequence = alert.sequence "
    "WHERE first.published >= ? AND raised < ? ORDER BY raised DESC LIMIT ?"
)
PAGE = "ORDER BY raised DESC LIMIT ?"
HEAD_BYTES = 100
HEAD = (  # of every file that we make
    (slice(0, 16), {b"SQLite format 3\0"}),
    (slice(18, 20), {b"\1\1", b"\2\2"}),
    (slice(44, 48), {bytes(4), b"\0\0\0\4"}),
    (slice(56, 60), {bytes(4), b"\0\0\0\1"}),
)
UNREADABLE = "Could not decode"  # Python's words for a text that is none
DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
# SQLite's primary result code -> what is wrong, what to do.
MEANINGS = {
    sqlite3.SQLITE_FULL: ("the disk is full", "free space on it"),
    sqlite3.SQLITE_READONLY: ("it can't be written", "make its folder and disk writable"),
    sqlite3.SQLITE_CANTOPEN: ("it can't be opened", "make its folder and disk writable"),
    sqlite3.SQLITE_BUSY: ("another program holds it", "end that program"),
    sqlite3.SQLITE_IOERR: ("the disk fails", "look for disk errors in the system's log"),
    sqlite3.SQLITE_CORRUPT: ("it is damaged", "move it away: {anew}"),
    sqlite3.SQLITE_NOTADB: ("it is damaged", "move it away: {anew}"),
}


def code_of(error: BaseException | None) -> int:
    """SQLite's primary result code; a text that is none is damage, too."""
    if isinstance(error, UnicodeDecodeError) or str(error).startswith(UNREADABLE):
        return sqlite3.SQLITE_CORRUPT
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


class DamagedError(OutboxError):
    """The file is no database any more, or not a whole one."""


def is_damage(error: BaseException) -> bool:
    """Whether it says that the file is damaged: SQLite's word, or ours."""
    return isinstance(error, DamagedError) or code_of(error) in DAMAGE


@contextmanager
def only_user(path: Path, what: str = "outbox", where: str = "storage.dir") -> Iterator[None]:
    """Hold the outbox for this process; any other one gets OutboxError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = path.with_suffix(".lock").open("a+")
    except OSError as error:
        raise OutboxError(
            f"the {what} {path} can't be made: {error.strerror}",
            f"choose another {where}, or give the service's user the right to write there",
        ) from None
    with lock:
        _lock(lock.fileno(), f"the {what} {path}", where)
        yield


@contextmanager
def connect(
    path: Path, *, synchronous: Literal["FULL", "NORMAL"] = "FULL"
) -> Iterator[sqlite3.Connection]:
    """Open for any thread; the caller sees to it that one at a time uses it."""
    _check_head(path)
    with ExitStack() as stack:
        database = sqlite3.connect(
            path, isolation_level=None, check_same_thread=False, timeout=BUSY_S
        )
        stack.callback(database.close)
        (mode,) = database.execute("PRAGMA journal_mode = WAL").fetchone()
        if mode != "wal":
            raise OutboxError(
                f"the disk of the outbox {path} can't keep a write-ahead log", "use a local disk"
            )
        database.execute(f"PRAGMA synchronous = {synchronous}")
        database.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
        database.execute("PRAGMA journal_size_limit = 1048576")
        yield database


def prepare(database: sqlite3.Connection, path: Path, box: str) -> str:
    """Make the tables in a new database; returns the box's identity."""
    (version,) = database.execute("PRAGMA user_version").fetchone()
    if version > VERSION:
        raise OutboxError(
            f"the outbox {path} was written by a newer Fenceline", "install that version again"
        )
    if version < VERSION:
        if database.execute("SELECT 1 FROM sqlite_schema").fetchone():
            raise DamagedError(f"the outbox {path} can't be used: it is damaged")
        with transaction(database):
            for table in TABLES:
                database.execute(table)
            identity = f"{box}-{secrets.token_hex(4)}"
            database.execute("INSERT INTO meta VALUES ('box_id', ?)", (identity,))
            database.execute(f"PRAGMA user_version = {VERSION}")
    found = database.execute("SELECT value FROM meta WHERE key = 'box_id'").fetchone()
    if found is None:
        raise DamagedError(f"the outbox {path} can't be used: it has lost who it is of")
    return str(found[0])


def check(database: sqlite3.Connection, path: Path) -> None:
    """Read the whole file, quickly; raises DamagedError, or SQLite's own."""
    (found,) = database.execute("PRAGMA quick_check(1)").fetchone()
    tables = {sql for (sql,) in database.execute("SELECT sql FROM sqlite_schema")}
    if found != "ok" or not tables.issuperset(TABLES):
        raise DamagedError(f"the outbox {path} can't be used: it is damaged")


@contextmanager
def transaction(database: sqlite3.Connection) -> Iterator[None]:
    """All of it or nothing, and on the disk when the block is left."""
    if database.in_transaction:  # the last one could not even be rolled back
        database.execute("ROLLBACK")
    database.execute("BEGIN IMMEDIATE")
    try:
        yield
        database.execute("COMMIT")
    except BaseException:
        if database.in_transaction:  # some errors have rolled back already
            database.execute("ROLLBACK")
        raise


def insert(database: sqlite3.Connection, events: Sequence[tuple[pb.Event, bytes, float]]) -> None:
    """Store events with their bodies and when they were published, in the caller's transaction.

    Many in a statement: between two of them another thread may keep the interpreter.
    """
    for at in range(0, len(events), ROWS):
        some = events[at : at + ROWS]
        rows = ", ".join(["(?, ?, ?, ?)"] * len(some))
        kept = [(one.sequence, published, len(body), body) for one, body, published in some]
        told = [(e.sequence, e.alert_id, e.sequence, e.state != pb.STATE_CLEARED) for e, *_ in some]
        database.execute(KEEP.format(rows=rows), list(chain.from_iterable(kept)))
        database.execute(TELL.format(rows=rows), list(chain.from_iterable(told)))


@contextmanager
def worded(
    path: Path, what: str = "outbox", *, anew: str = "the box starts anew as a new box"
) -> Iterator[None]:
    """Turn SQLite's errors into OutboxError; `anew` is what comes of an empty file."""
    try:
        yield
    except (sqlite3.Error, UnicodeDecodeError) as error:
        code = code_of(error)
        if code == sqlite3.SQLITE_IOERR and _is_full(path):
            code = sqlite3.SQLITE_FULL
        why, remedy = MEANINGS.get(code, (str(error), "restart the service"))
        remedy = remedy.replace("{anew}", anew)
        made = DamagedError if code in DAMAGE else OutboxError
        raise made(f"the {what} {path} can't be used: {why}", remedy) from error


def _check_head(path: Path) -> None:
    """SQLite takes some damage here for a newer format of its own, and refuses it as such."""
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError:  # there is none yet, or SQLite says why it can't be read
        return
    if len(head) == HEAD_BYTES and any(head[place] not in good for place, good in HEAD):
        error = sqlite3.DatabaseError("file is not a database")
        error.sqlite_errorcode = sqlite3.SQLITE_NOTADB
        raise error


def _lock(file: int, what: str, where: str) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        owner = os.pread(file, 20, 0).decode().strip()
        raise OutboxError(
            f"{what} is in use by process {owner or 'unknown'}",
            f"stop the other service, or give this one a {where} of its own",
        ) from None
    with suppress(OSError):  # a courtesy to the next one; a full disk is said later
        os.ftruncate(file, 0)
        os.write(file, f"{os.getpid()}\n".encode())


def _is_full(path: Path) -> bool:
    try:
        space = os.statvfs(path.parent)
    except OSError:
        return False
    return space.f_bavail * space.f_frsize < FULL_BYTES
