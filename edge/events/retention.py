"""How long the outbox keeps events: by rows, bytes and age, the oldest first."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from edge.events.schema import transaction

MOST_DEAD_LETTERS = 1000
BOOT = Path("/proc/sys/kernel/random/boot_id")
STEP_S = 60.0  # what is less is no matter of retention
SHIFT = "UPDATE event SET published = published + ? WHERE sequence > ?"
# The latest event of an open alert outlives its place in the run; a cleared alert goes with it.
KEEP_OPEN = (
    "UPDATE alert SET body = (SELECT body FROM event WHERE event.sequence = alert.sequence) "
    "WHERE open AND sequence BETWEEN ? AND ?"
)
FORGET_CLEARED = "DELETE FROM alert WHERE NOT open AND sequence <= ?"
FORGET_LETTERS = (
    "DELETE FROM dead_letter WHERE time < ? OR rowid <= "
    "(SELECT rowid FROM dead_letter ORDER BY rowid DESC LIMIT 1 OFFSET ?)"
)


@dataclass(frozen=True, slots=True)
class Kept:
    """The run of events that is stored; unbroken, but for what a damaged file has lost."""

    first: int  # one more than the last where none is stored
    last: int  # ever given; what came after a damage begins far behind what was before it
    size_bytes: int
    rows: int


@dataclass(frozen=True, slots=True)
class Limits:
    """What may be stored."""

    rows: int
    size_bytes: int
    age_s: float

    def are_passed(self, kept: Kept, *, age_s: float) -> bool:
        """Whether the oldest event, of this age, has to go."""
        too_much = kept.rows > self.rows or kept.size_bytes > self.size_bytes
        return too_much or age_s > self.age_s


def uptime() -> tuple[str, float]:
    """Which start of the machine it is, and the seconds since, which nobody sets."""
    return _boot(), time.clock_gettime(time.CLOCK_BOOTTIME)


@cache
def _boot() -> str:
    return BOOT.read_text().strip()


class Ages:
    """Keeps events as old as they are while somebody sets the box's clock.

    A machine without a battery starts in 1970: once its clock is set, all that it has stored since
    would be past any retention. What is of an earlier start of the machine is left as it is.
    """

    def __init__(
        self,
        database: sqlite3.Connection,
        clock: Callable[[], float],
        since: Callable[[], tuple[str, float]],
        *,
        last: int,
    ) -> None:
        self._clock, self._since = clock, since
        self._boot, seconds = since()
        self._offset, self._behind = clock() - seconds, last
        told = database.execute("SELECT value FROM meta WHERE key = 'ages'").fetchone()
        boot, offset, behind = str(told[0]).split() if told else ("", "0", "0")
        if boot == self._boot:
            self._offset, self._behind = float(offset), int(behind)
        else:
            self._note(database, self._offset)
        self.keep(database)

    def keep(self, database: sqlite3.Connection) -> None:
        """Shift what is of this start of the machine, in a transaction of its own, if need be."""
        offset = self._clock() - self._since()[1]
        step = offset - self._offset
        if abs(step) > STEP_S:
            with transaction(database):
                database.execute(SHIFT, (step, self._behind))
                self._note(database, offset)
        self._offset = offset

    def _note(self, database: sqlite3.Connection, offset: float) -> None:
        value = f"{self._boot} {offset} {self._behind}"
        database.execute("INSERT OR REPLACE INTO meta VALUES ('ages', ?)", (value,))


def measure(database: sqlite3.Connection) -> Kept:
    """Look at what is stored; reads the whole table, so once at the start."""
    highest = database.execute("SELECT seq FROM sqlite_sequence WHERE name = 'event'").fetchone()
    last = int(highest[0]) if highest else 0
    first, size, rows = database.execute(
        "SELECT min(sequence), total(size), count(*) FROM event"
    ).fetchone()
    return Kept(last + 1 if first is None else first, last, int(size), rows)


def prune(
    database: sqlite3.Connection, kept: Kept, limits: Limits, *, now: float, most: int
) -> Kept:
    """Delete what passes the limits, at most so many events, in the caller's transaction."""
    left = kept
    oldest = database.execute(
        "SELECT sequence, size, published FROM event ORDER BY sequence LIMIT ?", (most,)
    )
    for sequence, size, published in oldest:
        if not limits.are_passed(left, age_s=now - published):
            break
        left = Kept(sequence + 1, left.last, left.size_bytes - size, left.rows - 1)
    oldest.close()
    if left != kept:
        database.execute(KEEP_OPEN, (kept.first, left.first - 1))
        database.execute(FORGET_CLEARED, (left.first - 1,))
        database.execute("DELETE FROM event WHERE sequence < ?", (left.first,))
        (first,) = database.execute("SELECT min(sequence) FROM event").fetchone()
        left = replace(left, first=left.last + 1 if first is None else first)
    return left


def prune_letters(database: sqlite3.Connection, *, before: float) -> None:
    """Delete dead letters that are older, or too many."""
    database.execute(FORGET_LETTERS, (before, MOST_DEAD_LETTERS))


def unsent(before: Kept, after: Kept, cursors: Mapping[str, int]) -> dict[str, int]:
    """How many of the deleted events each consumer had not acknowledged."""
    gone, most = after.first - 1, before.rows - after.rows
    return {
        name: min(most, gone - max(cursor, before.first - 1))
        for name, cursor in cursors.items()
        if cursor < gone and before.first <= gone
    }
