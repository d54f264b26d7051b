"""The outbox's tables, and how its database is opened."""

from __future__ import annotations

import fcntl
import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edge.errors import OutboxError

VERSION = 1
TABLES = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS event (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  published REAL NOT NULL,
  size INTEGER NOT NULL,
  body BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS alert (
  alert_id TEXT PRIMARY KEY,
  sequence INTEGER NOT NULL,
  open INTEGER NOT NULL,
  published REAL NOT NULL,
  body BLOB NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS alert_by_open ON alert (open, alert_id);
CREATE TABLE IF NOT EXISTS consumer (name TEXT PRIMARY KEY, sequence INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS dead_letter (
  consumer TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  reason TEXT NOT NULL,
  body BLOB,
  PRIMARY KEY (consumer, sequence)
) STRICT;
"""


@contextmanager
def only_user(path: Path) -> Iterator[None]:
    """Hold the folder's lock; a second process gets OutboxError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = path.with_suffix(".lock").open("a")
    except OSError as error:
        raise OutboxError(
            f"the outbox {path} can't be made: {error.strerror}",
            "choose another storage.dir, or give the service's user the right to write there",
        ) from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise OutboxError(
                f"the outbox {path} is in use by another process",
                "stop the other service, or give this one a storage.dir of its own",
            ) from None
        yield


def connect(path: Path) -> sqlite3.Connection:
    """Open for any thread; the caller sees to it that one at a time uses it."""
    database = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("PRAGMA synchronous = FULL")
    database.execute("PRAGMA journal_size_limit = 1048576")
    return database


def prepare(database: sqlite3.Connection, path: Path, box: str) -> str:
    """Make the tables in a new database; returns the box's identity."""
    (version,) = database.execute("PRAGMA user_version").fetchone()
    if version > VERSION:
        raise OutboxError(
            f"the outbox {path} was written by a newer Fenceline", "install that version again"
        )
    database.executescript(TABLES)
    database.execute(f"PRAGMA user_version = {VERSION}")
    identity = f"{box}-{secrets.token_hex(4)}"
    database.execute("INSERT OR IGNORE INTO meta VALUES ('box_id', ?)", (identity,))
    (found,) = database.execute("SELECT value FROM meta WHERE key = 'box_id'").fetchone()
    return str(found)


@contextmanager
def worded(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into OutboxError."""
    try:
        yield
    except sqlite3.Error as error:
        name = getattr(error, "sqlite_errorname", "")
        raise OutboxError(
            f"the outbox {path} can't be used: {error}", _remedy(name, path)
        ) from None


def _remedy(name: str, path: Path) -> str:
    if name.startswith("SQLITE_FULL") or _is_full(path):
        return "free space on its disk; what could not be stored is kept in memory meanwhile"
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return "it is damaged: move it away and start again; the box then gets a new identity"
    return "check the disk and the rights of the service's user"


def _is_full(path: Path) -> bool:
    try:
        space = os.statvfs(path.parent)
    except OSError:
        return False
    return space.f_bavail * space.f_frsize < 2**18
