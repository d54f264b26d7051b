"""Reading a gateway's store, also while it is written: by time and box, in order of arrival."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from edge.errors import OutboxError
from edge.events.archive import MARK, WHAT, BoxRow
from edge.events.schema import worded
from edge.rpc import event_pb2 as pb

PAGE = 500
ENDS = 2**62
READ = (
    "SELECT place, received, body FROM event JOIN box ON box.id = event.box "
    "WHERE place > ? AND received >= ? AND received < ? AND (box_id = ? OR ?) "
    "ORDER BY place LIMIT ?"
)


@dataclass(frozen=True, slots=True)
class Received:
    """An event, and when it arrived, in seconds since 1970."""

    time: float
    event: pb.Event


def boxes(path: Path) -> list[BoxRow]:
    """The boxes that have ever reported, in the order in which they first did; OutboxError."""
    with _opened(path) as database:
        return [BoxRow(*row) for row in database.execute("SELECT * FROM box ORDER BY id")]


def events(
    path: Path, *, box_id: str | None = None, since: float = 0.0, until: float = ENDS
) -> Iterator[Received]:
    """What arrived from then on and before that, of a box or of all; raises OutboxError.

    It reads page by page, so that the gateway is not kept from tidying up.
    """
    with _opened(path) as database:
        place, rows = 0, [(0, 0.0, b"")]
        while rows:
            asked = (place, since, until, box_id, box_id is None, PAGE)
            rows = database.execute(READ, asked).fetchall()
            for place, received, body in rows:  # noqa: B007 - where the next page begins
                yield Received(received, pb.Event.FromString(body))


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    if not path.is_file():
        raise OutboxError(f"there is no {WHAT} {path}", "check the path")
    damaged = "its gateway sets it aside and begins anew"
    with (
        worded(path, WHAT, anew=damaged),
        closing(sqlite3.connect(path, isolation_level=None)) as database,
    ):
        database.execute("PRAGMA query_only = ON")
        if database.execute("PRAGMA application_id").fetchone()[0] != MARK:
            raise OutboxError(f"{path} is not a {WHAT} of a gateway", "check the path")
        yield database
