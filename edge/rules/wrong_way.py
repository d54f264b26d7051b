"""Going against the permitted course of a polygon."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from edge.geometry import to_ground
from edge.rules.alerts import Alerts
from edge.rules.moment import TICK_S
from edge.rules.plan import Corners, Plan
from edge.rules.subjects import Subjects
from edge.rules.view import View
from edge.types import Event, Fact, Frame, Homography, Kind

TINY = 1e-6  # distances less far apart are equal
WINDOW_S = 2.0  # over which it is seen which way something goes
FEWEST, MOST = 2, 256  # sightings of a window
LEAST = 0.25  # of its box's height: less far is no going, for a box jitters
STEADY = 0.4  # of the way that half-way may be off an even pace: a jump is off by half of it
LEAVE_S = 1.0  # seen outside, and only there, for so long has left
NOWHERE = (math.nan, math.nan)
Vector = tuple[float, float]
Point = list[float]
Sight = tuple[float, Point, Point | None]  # pts, foot 0..1, and where on the ground, see `View`


@dataclass(slots=True)
class Walk:
    """How one track goes; times are pts."""

    trail: deque[Sight] = field(default_factory=lambda: deque(maxlen=MOST))  # its window
    off: float | None = None  # degrees off the course; None: it goes nowhere
    against: bool | None = None  # whether that is too much,
    since: float = 0.0  # as it has been since then,
    origin: Sequence[float] = (0.0, 0.0)  # when it had come from there, 0..1
    outside: float | None = None  # seen outside, and only there, since
    told: bool = False  # it has an alert


class WrongWay:
    """Raise an alert when a track goes against the course; clear it when it turns or leaves.

    The way that it goes is from the oldest to the newest of its sightings inside of the last two
    seconds, or of the last two sightings, if they are a quarter of its box's height apart and it
    was about half-way in the middle of that time: who stands while his box jitters, or jumps as his
    feet are hidden, goes nowhere. It has gone against the course when that way was more than
    tolerance_deg off it at each sighting for for_s, and it is by then `distance` picture heights
    from where it came (on a calibrated camera, too). When it was less at each sighting for for_s,
    it has turned; who only stops has not.

    Directions are those on the ground where the camera is calibrated, elsewhere those in the
    picture at its true proportions.
    """

    def __init__(  # noqa: PLR0913 - one keyword per setting
        self,
        *,
        camera: str,
        name: str,
        polygon: Corners,
        course: Corners,
        subjects: Subjects,
        plan: Plan,
        tolerance_deg: float = 90.0,
        for_s: float = 0.5,
        distance: float = 0.05,
    ) -> None:
        self._area, self._subjects = plan.area(polygon), plan.shared(subjects)
        self._course = Course(course)
        self._tolerance_deg, self._for_s, self._distance = tolerance_deg, for_s, distance
        self._walks: dict[int, Walk] = {}
        self._alerts = Alerts(Kind.WRONG_WAY, camera=camera, rule=name)

    def update(self, view: View) -> Iterator[Event]:
        """Who goes against the course, turns and leaves."""
        self._alerts.see(view)
        for old, new in view.tracks.split.items():
            self._rename(old, new)
        return self._look(view)

    def close(self, frame: Frame, reason: str) -> Iterator[Event]:
        """Clear what is open and forget every track."""
        for track in [*self._walks]:
            yield from self._end(track, frame, reason)

    def _look(self, view: View) -> Iterator[Event]:
        fits, walks, past = self._subjects.among(view), self._walks, view.tracks.past
        settled = view.pts - self._for_s + TICK_S
        self._course.look(view)
        for row, (track, held) in enumerate(zip(view.ids, self._area.holds(view), strict=True)):
            if held and (track in walks or row in fits):
                if track not in walks:
                    walks[track] = Walk()
                walk = walks[track]
                if track in past:
                    self._catch_up(view, row, walk)
                self._step(walk, view, row, view.pts)
                if walk.against not in (None, walk.told) and walk.since <= settled:
                    yield from self._goes(view, row, walk)
            elif track in walks:
                yield from self._outside(view, track, walks[track])
        for track in view.ended:
            yield from self._end(track, view.frame, "track_ended")

    def _outside(self, view: View, track: int, walk: Walk) -> Iterable[Event]:
        walk.outside = view.pts if walk.outside is None else walk.outside
        over = view.pts - walk.outside >= LEAVE_S - TICK_S
        return self._end(track, view.frame, "left") if over else ()

    def _catch_up(self, view: View, row: int, walk: Walk) -> None:
        """Where it went before it was confirmed, or before it was known again."""
        past = view.tracks.past[view.ids[row]]
        before = view.earlier(past)
        holds, times = self._area.holds(before), past.pts.tolist()
        for at, (held, pts) in enumerate(zip(holds, times, strict=True)):
            if held:
                self._step(walk, before, at, pts)

    def _step(self, walk: Walk, view: View, row: int, pts: float) -> None:
        """It was seen inside, where it is in this row."""
        trail, oldest = walk.trail, pts - WINDOW_S - TICK_S
        place = None if view.places is None else view.places[row]
        trail.append((pts, view.points[row], place))
        while trail[0][0] < oldest and len(trail) > FEWEST:
            trail.popleft()
        walk.outside, walk.off = None, self._course.off(trail, view.heights[row])
        against = None if walk.off is None else walk.off > self._tolerance_deg
        if against != walk.against:
            walk.against, walk.since, walk.origin = against, pts, trail[0][1]

    def _goes(self, view: View, row: int, walk: Walk) -> Iterator[Event]:
        """It has gone for for_s another way than what it was told of."""
        track = view.ids[row]
        if walk.told:
            walk.told = False
            yield from self._alerts.end(track, view.frame, reason="turned")
            return
        (x0, y0), (x, y) = walk.origin, view.points[row]
        moved = math.hypot((x - x0) * view.aspect, y - y0)
        if moved >= self._distance - TINY and self._subjects.moves(view, track):
            walk.told = True
            yield self._raise(view, row, walk, moved)

    def _raise(self, view: View, row: int, walk: Walk, moved: float) -> Event:
        off, most = walk.off or 0.0, self._tolerance_deg
        return self._alerts.begin(
            view,
            row,
            reason="against_course",
            facts=(
                Fact("off", round(off, 1), "deg", least=most),
                Fact("moved", round(moved, 4), "heights", least=self._distance),
                Fact("lasted", round(view.pts - walk.since, 3), "s", least=self._for_s),
                *self._subjects.speed(view, view.ids[row]),
            ),
            margin=(off - most) / (180 - most),
        )

    def _end(self, track: int, frame: Frame, reason: str) -> Iterator[Event]:
        self._walks.pop(track, None)
        yield from self._alerts.end(track, frame, reason=reason)

    def _rename(self, old: int, new: int) -> None:
        """Who was taken for `old` goes on as `new`; the way of `old` was not his."""
        walk = self._walks.pop(old, None)
        if walk is not None:
            self._walks[new] = Walk(told=walk.told)


class Course:
    """The permitted way, from one point of the picture to another, 0..1."""

    def __init__(self, ends: Corners) -> None:
        self._ends = np.array(ends, np.float64)
        self._aspect, self._along = 0.0, NOWHERE  # of the picture, and in it
        self._ground: Homography | None = None
        self._metres: Vector | None = None  # on that ground

    def look(self, view: View) -> None:
        """See its direction in the frames that follow."""
        if view.aspect != self._aspect:
            (x0, y0), (x1, y1) = self._ends.tolist()
            self._aspect, self._along = view.aspect, ((x1 - x0) * view.aspect, y1 - y0)
        if view.ground is not self._ground:
            self._ground, self._metres = view.ground, None
            if view.ground is not None:
                start, end = to_ground(self._ends, view.ground)
                x, y = (end - start).tolist()
                self._metres = None if math.isnan(x) else (x, y)

    def off(self, trail: Sequence[Sight], tall: float) -> float | None:
        """By how many degrees a track of that height is off it; None: it goes nowhere."""
        since, (x0, y0), start = trail[0]
        until, (x1, y1), end = trail[-1]
        dx, dy = (x1 - x0) * self._aspect, y1 - y0
        moved = dx * dx + dy * dy
        if moved < (LEAST * tall) ** 2 or not moved:
            return None
        if len(trail) > FEWEST:
            middle, (x, y), _ = trail[len(trail) // 2]
            part = ((x - x0) * self._aspect * dx + (y - y0) * dy) / moved
            lasted = until - since
            if abs(part * lasted - (middle - since)) > STEADY * lasted + TICK_S:
                return None
        along, aside = self._along
        if self._metres and start and end and not math.isnan(end[0] - start[0]):
            (along, aside), dx, dy = self._metres, end[0] - start[0], end[1] - start[1]
        return math.degrees(math.atan2(abs(along * dy - aside * dx), along * dx + aside * dy))
