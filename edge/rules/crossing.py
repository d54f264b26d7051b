"""Who crosses a segment: each track's confirmed side of it."""

from __future__ import annotations

from dataclasses import dataclass

from edge.geometry import segments_meet
from edge.types import Points

TICK_S = 1e-6  # times less far apart are equal


@dataclass(slots=True)
class Walker:
    """What is known of one track."""

    side: int  # that it is confirmed on: +1 right hand, -1 left hand
    foot: Points  # where it last stood there
    over_since: float | None = None  # when it was first seen on the other side
    through: bool = False  # it got there through the segment, not round its end


class Crossing:
    """Knows the side of each track, and changes its mind only when that is settled.

    A track is on the side where it is first seen. When it is seen on the other side, and only
    there, for settle_s, or so far over that no box flickers so much, it has crossed, if the step
    that took it over met the segment.
    """

    def __init__(self, line: Points, *, settle_s: float) -> None:
        self._start, self._end = line
        self._settle_s = settle_s
        self._walkers: dict[int, Walker] = {}

    def step(self, track: int, side: int, foot: Points, pts: float, *, far: bool = False) -> bool:
        """Whether the track has now crossed to this side; side 0, on the line, tells nothing.

        `far` says that it is too far over for a flicker.
        """
        if not side:
            return False
        walker = self._walkers.setdefault(track, Walker(side, foot))
        if side == walker.side:
            walker.foot, walker.over_since = foot, None
            return False
        if walker.over_since is None:
            walker.over_since, walker.through = pts, self._through(walker.foot, foot)
        if pts - walker.over_since < self._settle_s - TICK_S and not far:
            return False
        walker.side, walker.foot, walker.over_since = side, foot, None
        return walker.through

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

    def _through(self, before: Points, now: Points) -> bool:
        return bool(segments_meet(before[None], now[None], self._start, self._end)[0])
