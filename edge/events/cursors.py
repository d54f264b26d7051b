"""How far each consumer of the outbox has read; the one that confirmed longest ago comes first."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

from edge.events.schema import transaction

MOST_CONSUMERS = 1000  # the one that confirmed longest ago is forgotten


def stored(database: sqlite3.Connection) -> dict[str, int]:
    """As they are on the disk."""
    return dict(database.execute("SELECT name, sequence FROM consumer ORDER BY rowid").fetchall())


def moved(
    database: sqlite3.Connection, cursors: Mapping[str, int], consumer: str, sequence: int
) -> dict[str, int]:
    """With this one moved, on the disk too."""
    others = [name for name in cursors if name != consumer]
    forgotten = others[: max(0, len(others) + 1 - MOST_CONSUMERS)]
    with transaction(database):
        database.execute(
            "INSERT OR REPLACE INTO consumer (name, sequence) VALUES (?, ?)", (consumer, sequence)
        )
        names = [(name,) for name in forgotten]
        database.executemany("DELETE FROM consumer WHERE name = ?", names)
    kept = {name: cursors[name] for name in others if name not in forgotten}
    return {**kept, consumer: sequence}
