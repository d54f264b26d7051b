"""Crossing a line, with a direction."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from edge.geometry import foot_points, line_distance, side_of, unit_foot_points
from edge.rules.alerts import Alerts
from edge.rules.crossing import Crossing
from edge.rules.sighting import Subjects
from edge.types import Direction, Event, Frame, Kind, Tracks

FAR = 0.25  # of its box's height: a foot point so far over the line is no flicker
WANTED = {
    "inward": {Direction.INWARD},
    "outward": {Direction.OUTWARD},
    "both": set(Direction),
}


class Tripwire:
    """Raise an alert for each crossing; clear it when its track goes back or ends.

    Inward is from the left hand to the right hand of somebody who stands on the line's first
    point and looks at its second. The foot point decides; it has crossed when it stays on the
    other side for settle_s or is clearly over (see `Crossing`), so a box that flickers over the
    line makes one alert or none.
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
        self._line = np.array(line, np.float32)
        self._subjects = Subjects(classes, min_height, max_height)
        self._wanted = WANTED[direction]
        self._crossing = Crossing(self._line, settle_s=settle_s)
        self._alerts = Alerts(Kind.TRIPWIRE, camera=camera, rule=name)

    def update(self, tracks: Tracks, frame: Frame) -> Iterator[Event]:
        """Yield crossings, and the end of alerts."""
        self._alerts.see(tracks, frame)
        feet = unit_foot_points(tracks.xyxy, frame.size)
        sides, ids = side_of(feet, *self._line).tolist(), tracks.id.tolist()
        far = self._far(tracks, frame)
        for old, new in tracks.split.items():
            self._crossing.rename(old, new)
        for row in np.flatnonzero(self._subjects.among(tracks, frame)).tolist():
            if ids[row] in tracks.past:
                yield from self._catch_up(tracks, row, frame)
            if self._crossing.step(ids[row], sides[row], feet[row], frame.pts, far=far[row]):
                yield from self._crossed(tracks, row, frame, side=sides[row])
        for track in tracks.ended.tolist():
            self._crossing.forget(track)
            yield from self._alerts.end(track, frame, reason="track_ended")

    def close(self, frame: Frame, reason: str) -> Iterator[Event]:
        """Clear what is open and forget every track."""
        self._crossing.forget_all()
        for track in self._alerts.tracks:
            yield from self._alerts.end(track, frame, reason=reason)

    def _catch_up(self, tracks: Tracks, row: int, frame: Frame) -> Iterator[Event]:
        """Where the object was before it was confirmed, or before it was known again."""
        track = int(tracks.id[row])
        past = tracks.past[track]
        feet = unit_foot_points(past.xyxy, frame.size)
        sides = side_of(feet, *self._line).tolist()
        for side, foot, pts in zip(sides, feet, past.pts.tolist(), strict=True):
            if self._crossing.step(track, side, foot, pts):
                yield from self._crossed(tracks, row, frame, side=side)

    def _far(self, tracks: Tracks, frame: Frame) -> list[bool]:
        """Which stand farther from the line than a box of their height flickers."""
        away = line_distance(foot_points(tracks.xyxy), *(self._line * np.array(frame.size)))
        height = tracks.xyxy[:, 3] - tracks.xyxy[:, 1]
        return list((away > FAR * height).tolist())

    def _crossed(self, tracks: Tracks, row: int, frame: Frame, *, side: int) -> Iterator[Event]:
        yield from self._alerts.end(int(tracks.id[row]), frame, reason="returned")
        direction = Direction.INWARD if side > 0 else Direction.OUTWARD
        if direction in self._wanted:
            yield self._alerts.begin(tracks, row, frame, reason="crossed", direction=direction)
