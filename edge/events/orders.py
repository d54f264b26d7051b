"""Orders to arm and disarm survive a restart in a small database of their own."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager, ExitStack
from dataclasses import astuple, fields, replace
from pathlib import Path
from threading import Lock
from typing import Any, Self

from edge.events.schema import connect, transaction, worded
from edge.orders import DAY_S, Mode, Order

COLUMNS = ", ".join(field.name for field in fields(Order))
# Apart from the outbox, so that its version and its one writer are what they were.
TABLE = """CREATE TABLE IF NOT EXISTS told (
  id TEXT PRIMARY KEY,
  mode TEXT NOT NULL,
  camera TEXT NOT NULL,
  rule TEXT NOT NULL,
  until REAL,
  made REAL NOT NULL,
  who TEXT NOT NULL,
  reason TEXT NOT NULL,
  holds INTEGER NOT NULL
)"""


class OrderStore:
    """On return of `keep` an order survives a power cut; thread-safe.

    What is over is remembered for a day by its id, so that a request that is repeated is known.
    """

    def __init__(self, path: Path, *, clock: Callable[[], float] = time.time) -> None:
        self._path, self._clock = path, clock
        self._lock, self._stack = Lock(), ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack, self._worded():
            self._database = stack.enter_context(connect(self._path))
            self._database.execute(TABLE)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._stack.close()

    def orders(self) -> list[Order]:
        """Those that hold, oldest first."""
        return self._read("holds AND (until IS NULL OR until > ?) ORDER BY rowid", self._clock())

    def find(self, order_id: str) -> Order | None:
        """An order that holds, or was given within the last day."""
        return next(iter(self._read("id = ?", order_id)), None)

    def keep(self, order: Order, holding: Collection[str]) -> None:
        """Add an order; from now on those of these ids hold. Raises OutboxError."""
        with self._lock, self._worded(), transaction(self._database):
            self._database.execute("UPDATE told SET holds = 0")
            values = (*astuple(order), False)
            places = ", ".join("?" * len(values))
            self._database.execute(f"INSERT INTO told VALUES ({places})", values)  # noqa: S608
            ids = [(one,) for one in holding]
            self._database.executemany("UPDATE told SET holds = 1 WHERE id = ?", ids)
            old = self._clock() - DAY_S
            self._database.execute("DELETE FROM told WHERE NOT holds AND made < ?", (old,))

    def _read(self, where: str, value: object) -> list[Order]:
        question = f"SELECT {COLUMNS} FROM told WHERE {where}"  # noqa: S608 - our own words
        with self._lock, self._worded():
            return [_order(row) for row in self._database.execute(question, (value,))]

    def _worded(self) -> AbstractContextManager[None]:
        return worded(self._path, "store of orders", anew="schedules alone decide then")


def _order(row: tuple[Any, ...]) -> Order:
    found = Order(*row)
    return replace(found, mode=Mode(found.mode))
