"""The stays in one area: of which there may be something to tell in a frame, and of which not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Generic, Protocol, TypeVar

from edge.rules.calm import Calm
from edge.rules.moment import TICK_S
from edge.rules.view import View


class Stay(Protocol):
    """One track's stay."""

    def goes_on(self, pts: float) -> bool:
        """It is seen inside; whether there is something to be told of it."""


S = TypeVar("S", bound=Stay)


class Seen(Generic[S]):
    """Who is seen inside and who outside, while the tracks are the same (see `Calm`)."""

    def __init__(self) -> None:
        self._calm: Calm[bool] | None = None
        self._inside: dict[int, S] = {}  # by row
        self._gone: dict[int, float] = {}  # by row of those who are outside, when they have left

    def rows(self, view: View, holds: Sequence[bool], fits: Sequence[int]) -> Sequence[int]:
        """Whom to look at; who is inside and is not among them is seen to go on.

        `holds` is who is inside, `fits` are those who may enter.
        """
        inside, gone, pts = self._inside, self._gone, view.pts
        if self._calm is None or not self._calm.goes_on(view, fits):
            self._calm = Calm(view, fits, holds, every=True)
            inside.clear()
            gone.clear()
            return range(len(view.ids))
        rows = self._calm.rows_open(holds)
        for row in rows:
            inside.pop(row, None)
        due = [row for row, stay in inside.items() if stay.goes_on(pts)]
        if gone:
            due += [row for row, at in gone.items() if pts >= at]
        return sorted({*rows, *due}) if due else rows

    def settle(self, row: int, *, held: bool) -> None:
        """It was looked at."""
        self._gone.pop(row, None)
        if self._calm is not None:
            self._calm.settle(row, held)

    def stays(self, row: int, stay: S) -> None:
        """It is inside."""
        self._inside[row] = stay

    def leaves(self, row: int, at: float) -> None:
        """It is outside, and has left if it still is at that time, pts."""
        self._gone[row] = at - TICK_S  # rather a frame too soon

    def forget(self) -> None:
        """The next frame is another run."""
        self._calm = None
