"""Crossing a line, with a direction."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from edge.geometry import foot_points, segments_meet, side_of
from edge.rules.sighting import counted, scale, sighting
from edge.types import Direction, Event, Frame, Kind, Points, Sighting, State, Tracks

WANTED = {
    "inward": {Direction.INWARD},
    "outward": {Direction.OUTWARD},
    "both": {Direction.INWARD, Direction.OUTWARD},
}


@dataclass(slots=True)
class Walker:
    """What is known of one track: the side it is confirmed on, and where it last stood there."""

    side: int
    anchor: Points  # last foot point on that side, 0..1
    since: float | None = None  # on the other side since then
    touched: bool = False  # on its way there it went through the segment
    crossings: int = 0
    open: list[Event] = field(default_factory=list)
    last: Sighting | None = None


class Tripwire:
    """Raise an alert when a track has stood on the other side of the segment for settle_s.

    The side it is confirmed on changes only then, so a box that flickers over the line makes
    no alert. An alert is cleared when its track ends or goes back.
    """

    def __init__(  # noqa: PLR0913 - one keyword per setting
        self,
        *,
        camera: str,
        name: str,
        line: tuple[tuple[float, float], tuple[float, float]],
        classes: frozenset[int],
        direction: str = "both",
        min_height: float = 0.0,
        max_height: float = 1.0,
        settle_s: float = 0.3,
    ) -> None:
        self._camera, self._name = camera, name
        self._line = np.array(line, np.float32)
        self._classes, self._heights = classes, (min_height, max_height)
        self._wanted, self._settle_s = WANTED[direction], settle_s
        self._walkers: dict[int, Walker] = {}

    def update(self, tracks: Tracks, frame: Frame) -> Iterator[Event]:
        """Yield crossings, and the end of alerts."""
        size = np.array(scale(frame), np.float32)
        start, end = self._line * size
        feet = foot_points(tracks.xyxy)
        sides = side_of(feet, start, end)
        for row in np.flatnonzero(counted(tracks, frame, self._classes, self._heights)):
            seen = sighting(tracks, int(row), frame)
            if sides[row]:
                yield from self._step(seen, int(sides[row]), feet[row] / size, frame)
        for track in tracks.ended.tolist():
            yield from self._forget(track, frame, "track_ended")

    def close(self, frame: Frame, reason: str) -> Iterator[Event]:
        """Clear what is open and forget every track."""
        for track in list(self._walkers):
            yield from self._forget(track, frame, reason)

    def _step(self, seen: Sighting, side: int, foot: Points, frame: Frame) -> Iterator[Event]:
        walker = self._walkers.setdefault(seen.track, Walker(side, foot))
        walker.last = seen
        if side == walker.side:
            walker.anchor, walker.since, walker.touched = foot, None, False
            return
        if walker.since is None:
            walker.since = frame.pts
            walker.touched = bool(
                segments_meet(walker.anchor[None], foot[None], self._line[0], self._line[1])[0]
            )
        if frame.pts - walker.since < self._settle_s - 1e-6:
            return
        crossed = walker.touched
        walker.side, walker.anchor, walker.since, walker.touched = side, foot, None, False
        if crossed:
            yield from self._cross(walker, seen, frame)

    def _cross(self, walker: Walker, seen: Sighting, frame: Frame) -> Iterator[Event]:
        yield from self._clear(walker, frame, "returned")
        direction = Direction.INWARD if walker.side > 0 else Direction.OUTWARD
        if direction not in self._wanted:
            return
        walker.crossings += 1
        event = Event(
            kind=Kind.TRIPWIRE,
            camera=self._camera,
            rule=self._name,
            state=State.RAISED,
            key=f"{seen.track}/{walker.crossings}",
            reason="crossed",
            pts=frame.pts,
            time=frame.time,
            sighting=seen,
            direction=direction,
            clock=frame.clock,
            clock_offset_s=frame.clock_offset_s,
        )
        walker.open.append(event)
        yield event

    def _clear(self, walker: Walker, frame: Frame, reason: str) -> Iterator[Event]:
        for event in walker.open:
            yield replace(
                event,
                state=State.CLEARED,
                reason=reason,
                pts=frame.pts,
                time=frame.time,
                sighting=walker.last,
            )
        walker.open.clear()

    def _forget(self, track: int, frame: Frame, reason: str) -> Iterator[Event]:
        walker = self._walkers.pop(track, None)
        if walker is not None:
            yield from self._clear(walker, frame, reason)
