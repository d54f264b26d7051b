"""The steps of a sequence: a line to be crossed, a polygon to be in."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from edge.rules.crossing import WANTED, Crossings
from edge.rules.moment import TICK_S
from edge.rules.paced import paced
from edge.rules.plan import Corners, Plan
from edge.rules.standing import Stand, Standing
from edge.rules.subjects import Subjects
from edge.rules.view import View

LEAVE_S = 2.0  # outside the polygon, and only there, for so long is gone from it


@dataclass(frozen=True, slots=True)
class Step:
    """One of the two; the direction is a line's."""

    line: Corners | None = None
    polygon: Corners | None = None
    direction: str = "both"


@dataclass(slots=True)  # half the time of a frozen one, and of a NamedTuple
class Taken:
    """A step that was taken at some moment from `at` to `until`, pts."""

    row: int  # of the view
    at: float
    until: float
    wanted: bool = True  # not over a line the other way


class Over:
    """A line to be crossed, see `Crossings`; where it `waits` for the speed, see `paced`."""

    def __init__(
        self,
        line: Corners,
        subjects: Subjects,
        plan: Plan,
        *,
        direction: str,
        settle_s: float,
        waits: bool,
    ) -> None:
        shape = plan.line(line)
        self._line, self.index = shape, shape.index
        # On which side each row is, while there is nothing to look at until somebody is on another
        # or is another one; None: there is.
        self.seen: list[int] | None = None
        crossings = Crossings(shape, subjects, settle_s=settle_s)
        self._crossings = paced(crossings, subjects) if waits else crossings
        self._wanted = WANTED[direction]

    def update(
        self, view: View, _asked: Collection[int] | None = None, *, look: bool = True
    ) -> Iterable[Taken]:
        """Who crosses it, when that is settled; who ended is forgotten.

        Where it need not `look`, as all are where they were `seen`, call `rested`.
        """
        if not look:
            return ()
        crossed = self._crossings.update(view)
        self.seen = self._line.sides(view) if self._crossings.is_settled else None
        return [Taken(one.row, one.at, one.at, one.direction in self._wanted) for one in crossed]

    def rested(self, view: View) -> None:
        """Until this view nothing has changed but where on his side of it each is."""
        self._crossings.rested(view)

    def forget_all(self) -> None:
        """No track goes on."""
        self._crossings.forget_all()


class Into:
    """A polygon to be in, see `Standing`: taken at any moment of a stay.

    Or to `come` into: taken when the stay begins, and not by whoever is first seen in it.
    """

    def __init__(
        self, polygon: Corners, subjects: Subjects, plan: Plan, *, come: bool, settle_s: float
    ) -> None:
        self._area, self._subjects, self._come = plan.area(polygon), subjects, come
        self._standing = Standing(self._area, settle_s=settle_s)
        self.index = self._area.index
        self.seen: list[bool] | None = None  # whether each row is in it, see `Over`

    def update(
        self, view: View, asked: Collection[int] | None = None, *, look: bool = True
    ) -> Iterable[Taken]:
        """Who is in it, when that is settled; who ended is forgotten.

        Others than those who are `asked` about may be left out. For `look` see `Over`.
        """
        stands = self.look(view) if look else ()
        if view.tracks.past:
            return self._caught_up(view, stands)
        if not self._standing.inside or (asked is not None and not asked):
            return ()
        return [
            Taken(row, stand.entered, stand.entered if self._come else stand.stayed)
            for row, stand in self._standing.inside.items()
            if (asked is None or view.ids[row] in asked) and (stand.came or not self._come)
        ]

    def _caught_up(self, view: View, stands: Sequence[Stand]) -> Iterator[Taken]:
        """Of some more is known than this moment."""
        for row, stand in zip(self._subjects.among(view), stands, strict=True):
            past = view.tracks.past.get(view.ids[row])
            new = stand.stayed >= (view.pts if past is None else past.pts[0])
            if new and (stand.came or not self._come):
                yield Taken(row, stand.entered, stand.entered if self._come else stand.stayed)

    def look(self, view: View) -> Sequence[Stand]:
        """See who is in it, and tell what is known of each that counts; who ended is forgotten."""
        standing = self._standing
        if view.tracks.split:
            for old, new in view.tracks.split.items():
                standing.rename(old, new)
        rows = self._subjects.among(view) if view.ids else ()
        stands = standing.look(view, rows)
        self.seen = self._area.holds(view) if standing.is_settled else None
        for track in view.ended:
            standing.forget(track)
        return stands

    def stay(self, track: int) -> Stand | None:
        """Its newest stay, as it is known now; None: there was none."""
        return self._standing.stay(track)

    def rested(self, view: View) -> None:
        """See `Over`."""
        self._standing.rested(view.pts)

    @property
    def quiet(self) -> bool:
        """Nobody came or went in the view that was looked at last."""
        return self._standing.quiet

    def leaves(self, view: View, track: int) -> float:
        """When a track that is seen will have been outside for long, pts; inf: it is not."""
        since = self._standing.outside(track) if track in view.rows else None
        return math.inf if since is None else since + LEAVE_S - TICK_S

    def forget_all(self) -> None:
        """No track goes on."""
        self._standing.forget_all()


def made(
    step: Step,
    before: Step | None,
    subjects: Subjects,
    plan: Plan,
    *,
    settle_s: float,
    last: bool,
) -> Over | Into:
    """What watches a step that comes after another, or first; the last one asks for the speed."""
    if step.line is not None:
        way = step.direction
        return Over(step.line, subjects, plan, direction=way, settle_s=settle_s, waits=last)
    if step.polygon is not None:
        come = before is not None and before.polygon is not None
        return Into(step.polygon, subjects, plan, come=come, settle_s=settle_s)
    raise ValueError("a step is a line or a polygon; give one of the two")
