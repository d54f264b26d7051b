"""Who crosses a line: each track's confirmed side of it."""

from __future__ import annotations

from dataclasses import dataclass

from edge.rules.plan import Line

TICK_S = 1e-6  # times less far apart are equal
Foot = list[float]  # x y, 0..1


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
    ) -> bool:
        """Whether the track has now crossed to this side; side 0, on the line, tells nothing.

        `far` says that it is too far over for a flicker, `beyond` that it is far enough to count.
        """
        if not side:
            return False
        walker = self._walkers.get(track)
        if walker is None:
            self._walkers[track] = Walker(side, foot)
            return False
        if side == walker.side:
            walker.foot, walker.over_since = foot, None
            return False
        if walker.over_since is None:
            walker.over_since, walker.through = pts, self._line.met(walker.foot, foot)
        settled = pts - walker.over_since >= self._settle_s - TICK_S or far
        crossed = settled and beyond
        if crossed:
            walker.side, walker.foot, walker.over_since = side, foot, None
        return crossed and walker.through

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
