"""Crossing a line, with a direction."""

from __future__ import annotations

from collections.abc import Iterator

from edge.rules.alerts import Alerts
from edge.rules.crossing import Crossing
from edge.rules.plan import Corners, Plan, Sides
from edge.rules.subjects import Subjects
from edge.rules.view import View
from edge.types import Direction, Event, Fact, Frame, Kind

FAR = 0.25  # of its box's height: a foot point so far over the line is no flicker
TINY = 1e-6  # distances less far apart are equal
WANTED = {
    "inward": {Direction.INWARD},
    "outward": {Direction.OUTWARD},
    "both": set(Direction),
}


class Tripwire:
    """Raise an alert for each crossing; clear it when its track goes back or ends.

    Inward is from the left hand to the right hand of somebody who stands on the line's first
    point and looks along it. The foot point decides; it has crossed when it stays on the other
    side for settle_s or is clearly over (see `Crossing`), and is `beyond` the line by that part of
    the picture's height; so a box that flickers over the line makes one alert or none.
    """

    def __init__(  # noqa: PLR0913 - one keyword per setting
        self,
        *,
        camera: str,
        name: str,
        line: Corners,
        subjects: Subjects,
        plan: Plan,
        direction: str = "both",
        settle_s: float = 0.3,
        beyond: float = 0.0,
    ) -> None:
        self._line = plan.line(line)
        self._subjects = plan.subjects(subjects)
        self._wanted, self._beyond = WANTED[direction], beyond
        self._crossing = Crossing(self._line, settle_s=settle_s)
        self._alerts = Alerts(Kind.TRIPWIRE, camera=camera, rule=name)

    def update(self, view: View) -> Iterator[Event]:
        """Yield crossings, and the end of alerts."""
        tracks, ids, points, heights = view.tracks, view.ids, view.points, view.heights
        self._alerts.see(view)
        for old, new in tracks.split.items():
            self._crossing.rename(old, new)
        sides = self._line.sides(view) if ids else Sides([], [])
        step, pts, beyond = self._crossing.step, view.pts, self._beyond
        for row in self._subjects.among(view):
            track, side, away = ids[row], sides.side[row], sides.away[row]
            if track in tracks.past:
                yield from self._catch_up(view, row)
            far = away > FAR * heights[row] + TINY
            if step(track, side, points[row], pts=pts, far=far, beyond=away >= beyond - TINY):
                yield from self._crossed(view, row, side=side, away=away)
        for track in tracks.ended.tolist():
            self._crossing.forget(track)
            yield from self._alerts.end(track, view.frame, reason="track_ended")

    def close(self, frame: Frame, reason: str) -> Iterator[Event]:
        """Clear what is open and forget every track."""
        self._crossing.forget_all()
        yield from self._alerts.end_all(frame, reason=reason)

    def _catch_up(self, view: View, row: int) -> Iterator[Event]:
        """Where the object was before it was confirmed, or before it was known again."""
        track, past = view.ids[row], view.tracks.past[view.ids[row]]
        before = view.earlier(past)
        sides, aways = self._line.sides(before)
        steps = zip(sides, aways, before.points, past.pts.tolist(), strict=True)
        for side, away, point, pts in steps:
            if self._crossing.step(track, side, point, pts=pts, beyond=away >= self._beyond - TINY):
                yield from self._crossed(view, row, side=side, away=away)

    def _crossed(self, view: View, row: int, *, side: int, away: float) -> Iterator[Event]:
        track = view.ids[row]
        yield from self._alerts.end(track, view.frame, reason="returned")
        direction = Direction.INWARD if side > 0 else Direction.OUTWARD
        if direction in self._wanted and self._subjects.moves(view, track):
            yield self._alerts.begin(
                view,
                row,
                reason="crossed",
                direction=direction,
                facts=(
                    Fact("beyond", round(away, 4), "heights", least=self._beyond),
                    *self._subjects.speed(view, track),
                ),
                margin=away / (FAR * view.heights[row]),
            )
