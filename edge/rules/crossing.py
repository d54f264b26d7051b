"""Who crosses a line: each track's confirmed side of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from edge.rules.plan import Line
from edge.rules.subjects import Subjects
from edge.rules.view import View
from edge.types import Direction

TICK_S = 1e-6  # times less far apart are equal
TINY = 1e-6  # distances less far apart are equal
FAR = 0.25  # of its box's height: a foot point so far over the line is no flicker
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


class Crossings:
    """The crossings of a line by those that a rule looks at, each told once, when it is settled.

    Inward is from the left hand to the right hand of somebody who stands on the line's first
    point and looks along it. The foot point decides; it has crossed when it stays on the other
    side for settle_s or is clearly over (see `Crossing`), and is `beyond` the line by that part of
    the picture's height. Where an object was before it had its id counts too.
    """

    def __init__(
        self, line: Line, subjects: Subjects, *, settle_s: float, beyond: float = 0.0
    ) -> None:
        self._line, self._subjects, self._beyond = line, subjects, beyond
        self._crossing = Crossing(line, settle_s=settle_s)

    def update(self, view: View) -> Iterator[Crossed]:
        """Yield what is settled now; who ended is forgotten."""
        tracks, ids = view.tracks, view.ids
        for old, new in tracks.split.items():
            self._crossing.rename(old, new)
        rows = self._subjects.among(view) if ids else ()
        if rows:
            yield from self._look(view, rows)
        for track in tracks.ended.tolist():
            self._crossing.forget(track)

    def forget_all(self) -> None:
        """No track goes on."""
        self._crossing.forget_all()

    def _look(self, view: View, rows: list[int]) -> Iterator[Crossed]:
        ids, points, heights, past = view.ids, view.points, view.heights, view.tracks.past
        sides, aways = self._line.sides(view)
        step, pts, beyond = self._crossing.step, view.pts, self._beyond - TINY
        for row in rows:
            track, side, away = ids[row], sides[row], aways[row]
            if track in past:
                yield from self._catch_up(view, row)
            far = away > FAR * heights[row] + TINY
            at = step(track, side, points[row], pts=pts, far=far, beyond=away >= beyond)
            if at is not None:
                yield Crossed(row, _direction(side), away, at)

    def _catch_up(self, view: View, row: int) -> Iterator[Crossed]:
        """Where the object was before it was confirmed, or before it was known again."""
        track, past = view.ids[row], view.tracks.past[view.ids[row]]
        before = view.earlier(past)
        sides, aways = self._line.sides(before)
        steps = zip(sides, aways, before.points, past.pts.tolist(), strict=True)
        for side, away, point, pts in steps:
            beyond = away >= self._beyond - TINY
            at = self._crossing.step(track, side, point, pts=pts, beyond=beyond)
            if at is not None:
                yield Crossed(row, _direction(side), away, at)


@dataclass(slots=True)
class Walker:
    """What is known of one track."""

    side: int  # that it is confirmed on: +1 right hand, -1 left hand
    foot: Foot  # where it last stood there
    over_since: float | None = None  # when it was first seen on the other side
    through: bool = False  # it got there through the line, not round its end


class Crossing:
    """Knows the side of each track, and changes its mind only when that is settled.

    A track is on the side where it is first seen. When it is seen on the other side, and only
    there, for settle_s, or so far over that no box flickers so much, it has crossed, if the step
    that took it over met the line.
    """

    def __init__(self, line: Line, *, settle_s: float) -> None:
        self._line, self._settle_s = line, settle_s
        self._walkers: dict[int, Walker] = {}

    def step(
        self,
        track: int,
        side: int,
        foot: Foot,
        *,
        pts: float,
        far: bool = False,
        beyond: bool = True,
    ) -> float | None:
        """Since when it is over, if the track has now crossed to this side.

        Side 0, on the line, tells nothing. `far` says that it is too far over for a flicker,
        `beyond` that it is far enough to count.
        """
        if not side:
            return None
        walker = self._walkers.get(track)
        if walker is None:
            walker = self._walkers[track] = Walker(side, foot)
        if side == walker.side:
            walker.foot, walker.over_since = foot, None
            return None
        if walker.over_since is None:
            walker.over_since, walker.through = pts, self._line.met(walker.foot, foot)
        since = walker.over_since
        settled = pts - since >= self._settle_s - TICK_S or far
        if not (settled and beyond):
            return None
        walker.side, walker.foot, walker.over_since = side, foot, None
        return since if walker.through else None

    def rename(self, old: int, new: int) -> None:
        """Who was taken for `old` goes on as `new`; of the true `old` nothing is known."""
        if old in self._walkers:
            self._walkers[new] = self._walkers.pop(old)

    def forget(self, track: int) -> None:
        """The track ended."""
        self._walkers.pop(track, None)

    def forget_all(self) -> None:
        """No track goes on."""
        self._walkers.clear()


def _direction(side: int) -> Direction:
    return Direction.INWARD if side > 0 else Direction.OUTWARD
