"""The way each track went: in memory only, bounded, gone when the track is."""

from __future__ import annotations

import itertools
import math
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from edge.geometry import to_ground, unit_foot_points
from edge.track.numbers import TICK_S
from edge.track.pace import motion
from edge.track.steps import JITTER, Line, Step, line_through
from edge.types import Boxes, Frame, Gap, Homography, Ids, Motion, PathPoint, Tracks

MOST, SPARE = 64, 32  # points of one path as it is told, and more that are kept of it
DIGITS = 4  # a ten-thousandth of the picture is below a pixel
STEP = 0.01 - 5e-5  # of the picture, as rounded; a foot point that moved less is no new point
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
        scores = tracks.score.tolist()
        for track, step, score in zip(tracks.id.tolist(), now, scores, strict=True):
            past = tracks.past.get(track)
            before = [] if past is None else [*_steps(past.xyxy, past.pts, frame)]
            way = self._ways.setdefault(track, _Way())
            if past is not None:
                way.link((before or [step])[0].pts)
            for one in (*before, step):
                way.go(one, self._aspect)
            way.sightings += 1 + len(before)
            way.scores += score * (1 + len(before))

    def forget(self, ended: Ids) -> None:
        """Drop the paths of these tracks."""
        for track in ended.tolist():
            self._ways.pop(track, None)

    def path(self, track: int) -> tuple[PathPoint, ...]:
        """Oldest first; empty for a track that is not known."""
        way = self._ways.get(track)
        if way is None or not way.path:
            return ()
        points = thinned(way.path, MOST)
        places = np.array([(point.x, point.y) for point in points]).clip(0, 1).round(DIGITS)
        on_ground = itertools.repeat(None) if self._ground is None else _on(places, self._ground)
        return tuple(
            PathPoint(x, y, point.pts, ground)
            for point, (x, y), ground in zip(points, places.tolist(), on_ground, strict=False)
        )

    def gaps(self, track: int) -> tuple[Gap, ...]:
        """When it was not seen, oldest first."""
        way = self._ways.get(track)
        return tuple(way.gaps) if way else ()

    def seen(self, track: int) -> tuple[int, float]:
        """How often it was seen, and with which score in the mean; none of one not known."""
        way = self._ways.get(track)
        return (way.sightings, way.scores / way.sightings) if way else (0, 0.0)

    def motion(self, track: int) -> Motion | None:
        """How it moved when it was seen last; None where that is not known."""
        way = self._ways.get(track)
        return motion([*way.recent], self._aspect, self._ground) if way else None


@dataclass(slots=True, eq=False)
class Point:
    """A point of a path, which is moved while more is known of where the path goes."""

    x: float
    y: float
    pts: float

    def near(self, other: Point) -> bool:
        """Whether one of the two says nothing that the other does not."""
        return abs(self.x - other.x) < STEP and abs(self.y - other.y) < STEP


@dataclass(slots=True, eq=False)
class _Way:
    """One track's path, its gaps, and its steps since the newest of them."""

    path: list[Point] = field(default_factory=list)
    gaps: deque[Gap] = field(default_factory=lambda: deque(maxlen=MOST_GAPS))
    recent: deque[Step] = field(default_factory=lambda: deque(maxlen=MOST_RECENT))
    sightings: int = 0
    scores: float = 0.0  # the sum of theirs
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
            sightings=self.sightings,
            scores=self.scores,
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
        pts = step.pts
        if pts - self.seen > GAP_S + TICK_S:
            self._miss(Gap(self.seen, pts))
        self.seen = pts
        self._remember(step)
        line = line_through(self.recent, max(self.corner, pts - SMOOTH_S - TICK_S))
        if self._turns(step, line, aspect):
            self.corner, line = pts, line_through([step])
        self._smooth(line, (line.first + pts) / 2)
        self._extend(Point(*line.at(pts), pts))

    def _miss(self, gap: Gap) -> None:
        self.gaps.append(gap)
        self.recent.clear()
        self.seen = gap.found

    def _remember(self, step: Step) -> None:
        self.recent.append(step)
        while step.pts - self.recent[0].pts > RECENT_S + TICK_S:
            self.recent.popleft()

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
        for point in reversed(self.path):
            if point.pts < since:
                break
            point.x, point.y = line.at(point.pts)

    def _extend(self, point: Point) -> None:
        path = self.path
        if len(path) > 1 and path[-2].near(path[-1]):
            path.pop()
        path.append(point)
        if len(path) > MOST + SPARE:
            self.path = thinned(path, MOST)


def _steps(xyxy: Boxes, pts: NDArray[np.float64], frame: Frame) -> Iterator[Step]:
    feet = unit_foot_points(xyxy, frame.size)
    height = (xyxy[:, 3] - xyxy[:, 1]) / frame.size[1]
    columns = (pts, feet[:, 0], feet[:, 1], height)
    return map(Step, *(column.tolist() for column in columns))


def _on(places: NDArray[np.float64], ground: Homography) -> Iterator[tuple[float, float] | None]:
    for x, y in to_ground(places, ground).tolist():
        yield None if math.isnan(x) else (x, y)


def thinned(path: Sequence[Point], most: int) -> list[Point]:
    """So many points, both ends among them: each that goes shortens the path least."""
    points = [*path]
    inner = zip(points, points[1:], points[2:], strict=False)
    needs = [math.inf, *(_need(*three) for three in inner), math.inf]
    while len(points) > most:
        at = needs.index(min(needs))
        del points[at], needs[at]
        for near in (at - 1, at):
            if 0 < near < len(points) - 1:
                needs[near] = _need(*points[near - 1 : near + 2])
    return points


def _need(before: Point, point: Point, after: Point) -> float:
    """How much shorter the path were without it; so the place of a turn stays."""
    x, y = point.x, point.y
    there = math.hypot(x - before.x, y - before.y) + math.hypot(after.x - x, after.y - y)
    return there - math.hypot(after.x - before.x, after.y - before.y)
