"""Who crosses a line: each track's confirmed side of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from edge.rules.calm import Calm
from edge.rules.moment import TICK_S
from edge.rules.plan import Line
from edge.rules.subjects import Subjects
from edge.rules.view import View
from edge.types import Direction

TINY = 1e-6  # distances less far apart are equal
FAR = 0.4  # of its box's height: a foot point so far over the line is no flicker, nor hidden legs
WANTED = {
    "inward": {Direction.INWARD},
    "outward": {Direction.OUTWARD},
    "both": set(Direction),
}
Foot = list[float]  # x y, 0..1


class Crossed(NamedTuple):
    """A crossing that is settled."""

    row: int  # of the view
    direction: Direction
    away: float  # from the line, picture heights
    at: float  # pts when it was first seen beyond the line


@dataclass(slots=True)
class Walker:
    """What is known of one track."""

    side: int  # that it is confirmed on: +1 right hand, -1 left hand
    foot: Foot  # where it last stood there
    over_since: float | None = None  # when it was first seen on the other side
    through: bool = False  # it got there through the line, not round its end


class Crossings:
    """The crossings of a line by those that a rule looks at, each told once, when it is settled.

    Inward is from the left hand to the right hand of somebody who stands on the line's first
    point and looks along it. The foot point decides. A track is on the side where it is first
    seen. When it is seen on the other side, and only there, for settle_s, or so far over that no
    box flickers so much, it has crossed, if it is `beyond` the line by that part of the picture's
    height and the step that took it over met the line. Where people come to stand on the line,
    `beyond` is what keeps them from crossing it all the time. Where an object was before it had
    its id counts too. With settle_s 0 the first sight of it on the other side is a crossing.
    """

    def __init__(
        self, line: Line, subjects: Subjects, *, settle_s: float, beyond: float = 0.0
    ) -> None:
        self._line, self._subjects = line, subjects
        self._settle_s, self._beyond = settle_s - TICK_S, beyond - TINY
        self._walkers: dict[int, Walker] = {}
        self._calm: Calm[int] | None = None  # while the tracks are the same
        self._points: Sequence[Foot] = ()  # of each row of it, where it was last

    def update(self, view: View) -> Sequence[Crossed]:
        """What is settled now; who ended is forgotten."""
        walkers = self._walkers
        if view.tracks.split or view.ended:
            self._stir()
            for old, new in view.tracks.split.items():  # of the true `old` nothing is known
                if old in walkers:
                    walkers[new] = walkers.pop(old)
        rows = self._subjects.among(view) if view.ids else ()
        found = self._look(view, rows) if rows else ()
        for track in view.ended:
            walkers.pop(track, None)
        return found

    @property
    def is_settled(self) -> bool:
        """Whether nobody is to be looked at until somebody changes sides or is another one."""
        return self._calm is not None and self._calm.is_settled

    def rested(self, view: View) -> None:
        """Until this view nothing has changed but where on his side of the line each is."""
        self._points = view.points

    def forget_all(self) -> None:
        """No track goes on."""
        self._walkers.clear()
        self._calm = None

    def _look(self, view: View, rows: Sequence[int]) -> Sequence[Crossed]:
        sides, calm = self._line.sides(view), self._calm
        if calm is not None and calm.goes_on(view, rows):
            rows = calm.rows_open(sides)
            for row in rows:
                if calm.was_settled(row):
                    self._walkers[view.ids[row]].foot = self._points[row]
        else:
            self._stir()
            self._calm = calm = Calm(view, rows, sides)
        self._points = view.points
        return [*self._walk(view, rows, calm)] if rows else ()

    def _stir(self) -> None:
        """Note where each was seen last while nothing happened to him."""
        calm, self._calm = self._calm, None
        if calm is not None:
            for row in filter(calm.was_settled, calm.rows):
                walker = self._walkers.get(calm.ids[row])
                if walker is not None:
                    walker.foot = self._points[row]

    def _walk(self, view: View, rows: Sequence[int], calm: Calm[int]) -> Iterator[Crossed]:
        ids, points, heights, past = view.ids, view.points, view.heights, view.tracks.past
        sides, aways = self._line.sides(view), self._line.aways(view)
        walkers = self._walkers
        for row in rows:
            track, side, foot = ids[row], sides[row], points[row]
            if track in past:
                yield from self._catch_up(view, row)
            walker = walkers.get(track)
            if walker is not None and walker.side == side:
                walker.foot, walker.over_since = foot, None
            elif side:  # on the line, 0, tells nothing
                away = float(aways[row])
                at = self._step(track, side, foot, pts=view.pts, away=away, tall=heights[row])
                if at is not None:
                    yield Crossed(row, _direction(side), away, at)
                walker = walkers[track]
            calm.settle(row, side if walker is not None and walker.side == side else None)

    def _catch_up(self, view: View, row: int) -> Iterator[Crossed]:
        """Where the object was before it was confirmed, or before it was known again."""
        track, past = view.ids[row], view.tracks.past[view.ids[row]]
        before = view.earlier(past)
        sides, aways = self._line.sides(before), self._line.aways(before)
        steps = zip(
            sides, aways.tolist(), before.points, before.heights, past.pts.tolist(), strict=True
        )
        for side, away, foot, tall, pts in steps:
            at = self._step(track, side, foot, pts=pts, away=away, tall=tall) if side else None
            if at is not None:
                yield Crossed(row, _direction(side), away, at)

    def _step(
        self, track: int, side: int, foot: Foot, *, pts: float, away: float, tall: float
    ) -> float | None:
        """Since when it is over, if the track has now crossed to this side."""
        walker = self._walkers.get(track)
        if walker is None:
            walker = self._walkers[track] = Walker(side, foot)
        if side == walker.side:
            walker.foot, walker.over_since = foot, None
            return None
        if walker.over_since is None:
            walker.over_since, walker.through = pts, self._line.met(walker.foot, foot)
        since = walker.over_since
        far = away > FAR * tall + TINY
        if not (far or pts - since >= self._settle_s):
            return None
        if away < self._beyond:
            return None
        walker.side, walker.foot, walker.over_since = side, foot, None
        return since if walker.through else None


def _direction(side: int) -> Direction:
    return Direction.INWARD if side > 0 else Direction.OUTWARD
