"""The way each track went: in memory only, bounded, gone when the track is."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import takewhile

import numpy as np
from numpy.typing import NDArray

from edge.geometry import to_ground, unit_foot_points
from edge.track.numbers import TICK_S
from edge.track.pace import motion
from edge.track.steps import JITTER, Line, Step, line_through
from edge.types import Boxes, Frame, Gap, Homography, Ids, Motion, PathPoint, Tracks

MOST = 64  # points of one path
STEP = 0.01  # of the picture; a foot point that moved less is no new point
GAP_S = 0.5  # not seen for longer is a gap
MOST_GAPS = 8
RECENT_S, MOST_RECENT = 1.0, 32  # the steps that speed and heading are made of
SMOOTH_S = 0.3  # and those that a point of the path is
CORNER = 4.0  # times its usual distance from the line: a step that turns, and no jitter
LEARN = 0.1  # so much of what is usual is the newest step's


class Paths:
    """Foot points of one camera session's tracks, 0..1.

    The first and the newest point are always there. Between them is what the shape needs: who
    stands still adds nothing, and of too many points the one goes that is needed least. `ground`
    is where the picture's points are on the ground plane.
    """

    def __init__(self, ground: Homography | None = None) -> None:
        self._ground, self._aspect = ground, 1.0
        self._ways: dict[int, _Way] = {}

    def update(self, tracks: Tracks, frame: Frame) -> None:
        """Take in where the tracks are now, and what is told of before."""
        self._aspect = frame.size[0] / frame.size[1]
        for old, new in tracks.split.items():
            if old in self._ways:
                self._ways[new] = self._ways[old].split()
        now = _steps(tracks.xyxy, np.full(len(tracks), frame.pts), frame)
        for track, step in zip(tracks.id.tolist(), now, strict=True):
            past = tracks.past.get(track)
            before = [] if past is None else [*_steps(past.xyxy, past.pts, frame)]
            way = self._ways.setdefault(track, _Way())
            if past is not None:
                way.link((before or [step])[0].pts)
            for one in (*before, step):
                way.go(one, self._aspect)

    def forget(self, ended: Ids) -> None:
        """Drop the paths of these tracks."""
        for track in ended.tolist():
            self._ways.pop(track, None)

    def path(self, track: int) -> tuple[PathPoint, ...]:
        """Oldest first; empty for a track that is not known."""
        way = self._ways.get(track)
        points = way.path if way else []
        if self._ground is None or not points:
            return tuple(points)
        places = to_ground(np.array([(point.x, point.y) for point in points]), self._ground)
        return tuple(
            point if math.isnan(x) else replace(point, ground=(x, y))
            for point, (x, y) in zip(points, places.tolist(), strict=True)
        )

    def gaps(self, track: int) -> tuple[Gap, ...]:
        """When it was not seen, oldest first."""
        way = self._ways.get(track)
        return tuple(way.gaps) if way else ()

    def motion(self, track: int) -> Motion | None:
        """How it moved when it was seen last; None where that is not known."""
        way = self._ways.get(track)
        return motion([*way.recent], self._aspect, self._ground) if way else None


@dataclass(slots=True, eq=False)
class _Way:
    """One track's path, its gaps, and its steps since the newest of them."""

    path: list[PathPoint] = field(default_factory=list)
    gaps: deque[Gap] = field(default_factory=lambda: deque(maxlen=MOST_GAPS))
    recent: deque[Step] = field(default_factory=lambda: deque(maxlen=MOST_RECENT))
    seen: float = math.nan  # when last, pts seconds
    linked: Gap | None = None  # the newest that was bridged by taking a new track for this one
    corner: float = -math.inf  # when it turned last
    usual: float = JITTER**2  # square of a step's distance from the line, heights

    def link(self, found: float) -> None:
        """What comes next, from `found` on, was taken for new and is this one."""
        if self.path:
            self.linked = Gap(self.seen, found)
            self._miss(self.linked)

    def split(self) -> _Way:
        """What came since the newest link was another's way; give it away."""
        link, before = self.linked, [*self.gaps]
        if link is None:
            return _Way()
        since = [gap for gap in before if gap.lost >= link.found]
        other = _Way(
            path=[point for point in self.path if point.pts >= link.found],
            gaps=deque(since, MOST_GAPS),
            recent=self.recent,
            seen=self.seen,
            corner=self.corner,
            usual=self.usual,
        )
        self.path = [point for point in self.path if point.pts < link.found]
        self.gaps = deque((gap for gap in before if gap.found < link.found), MOST_GAPS)
        self.recent = deque(maxlen=MOST_RECENT)
        self.seen, self.linked, self.corner = link.lost, None, -math.inf
        return other

    def go(self, step: Step, aspect: float) -> None:
        """Take the next step in a picture of this width by its height."""
        if step.pts - self.seen > GAP_S + TICK_S:
            self._miss(Gap(self.seen, step.pts))
        self.seen = step.pts
        self._remember(step)
        near = self._since(max(self.corner, step.pts - SMOOTH_S - TICK_S))
        line = line_through(near)
        if self._turns(step, line, aspect):
            self.corner, near, line = step.pts, [step], line_through([step])
        self._smooth(line, (near[0].pts + step.pts) / 2)
        _extend(self.path, _point(line, step.pts))

    def _miss(self, gap: Gap) -> None:
        self.gaps.append(gap)
        self.recent.clear()
        self.seen = gap.found

    def _remember(self, step: Step) -> None:
        self.recent.append(step)
        while step.pts - self.recent[0].pts > RECENT_S + TICK_S:
            self.recent.popleft()

    def _since(self, pts: float) -> list[Step]:
        return [*takewhile(lambda step: step.pts >= pts, reversed(self.recent))][::-1]

    def _turns(self, step: Step, line: Line, aspect: float) -> bool:
        """Whether the newest step is too far from the line for jitter."""
        free, (x, y) = line.free(step.pts), line.at(step.pts)
        if free < TICK_S:
            return False
        off = ((step.x - x) ** 2 * aspect**2 + (step.y - y) ** 2) / (free * step.height**2)
        most = CORNER**2 * self.usual
        self.usual = max(JITTER**2, self.usual + LEARN * (min(off, most) - self.usual))
        return off > most

    def _smooth(self, line: Line, since: float) -> None:
        """The newest points of the path, now that more is known of where it goes."""
        for index in range(len(self.path) - 1, -1, -1):
            if self.path[index].pts < since:
                break
            self.path[index] = _point(line, self.path[index].pts)


def _steps(xyxy: Boxes, pts: NDArray[np.float64], frame: Frame) -> Iterator[Step]:
    feet = unit_foot_points(xyxy, frame.size)
    height = (xyxy[:, 3] - xyxy[:, 1]) / frame.size[1]
    columns = (pts, feet[:, 0], feet[:, 1], height)
    return map(Step, *(column.tolist() for column in columns))


def _point(line: Line, pts: float) -> PathPoint:
    x, y = line.at(pts)
    return PathPoint(round(min(max(x, 0.0), 1.0), 4), round(min(max(y, 0.0), 1.0), 4), pts)


def _extend(path: list[PathPoint], point: PathPoint) -> None:
    if len(path) > 1 and _distance(path[-2], path[-1]) < STEP:
        path.pop()
    path.append(point)
    if len(path) > MOST:
        del path[_least_needed(path)]


def _distance(a: PathPoint, b: PathPoint) -> float:
    return max(abs(a.x - b.x), abs(a.y - b.y))


def _least_needed(path: list[PathPoint]) -> int:
    """The point without which the path is shortened least; so the place of a turn stays."""
    x, y = np.array([(point.x, point.y) for point in path]).T
    steps = np.hypot(np.diff(x), np.diff(y))
    cuts = np.hypot(x[2:] - x[:-2], y[2:] - y[:-2])
    return 1 + int((steps[:-1] + steps[1:] - cuts).argmin())
