"""Frames in which hardly anything changes, which most are: who is to be looked at in the next."""

from __future__ import annotations

from collections.abc import Container, Sequence
from itertools import compress, count
from operator import ne
from typing import Generic, TypeVar

from edge.rules.view import View

A = TypeVar("A")  # an answer about one row: the side of a line, whether it is inside
NOBODY: Sequence[int] = ()


class Calm(Generic[A]):
    """A run of frames with the same tracks, of which a rule looks at the same rows.

    A row is settled while its answer is the one that its track is confirmed with; there is nothing
    to look at then. With `every` row it is looked at all, and `rows` is only to be the same.
    """

    def __init__(
        self, view: View, rows: Sequence[int], answers: Sequence[A], *, every: bool = False
    ) -> None:
        self.ids, self.rows = view.ids, rows
        self._settled = [*answers]  # by row of the view
        self._asked: Container[int] = range(len(view.ids)) if every else frozenset(rows)
        self._open: set[int] = set()  # rows that are not settled

    def goes_on(self, view: View, rows: Sequence[int]) -> bool:
        """Whether this frame belongs to the run, too."""
        return view.ids == self.ids and rows == self.rows and not view.tracks.past

    def rows_open(self, answers: Sequence[A]) -> Sequence[int]:
        """Rows to look at: not settled before, or not any more."""
        if answers == self._settled:
            return sorted(self._open) if self._open else NOBODY
        asked, differ = self._asked, map(ne, answers, self._settled)
        changed = [row for row in compress(count(), differ) if row in asked]
        return sorted({*changed, *self._open}) if self._open else changed

    @property
    def is_settled(self) -> bool:
        """Whether every row that is looked at is."""
        return not self._open

    def was_settled(self, row: int) -> bool:
        """Whether it was so in the frame before."""
        return row not in self._open

    def settle(self, row: int, answer: A | None) -> None:
        """It is confirmed with this answer, and that is its answer now; None: it is not."""
        if answer is None:
            self._open.add(row)
        else:
            self._open.discard(row)
            self._settled[row] = answer
