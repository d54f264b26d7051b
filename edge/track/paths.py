"""The way each track went: in memory only, bounded, gone when the track is."""

from __future__ import annotations

import numpy as np

from edge.geometry import unit_foot_points
from edge.types import Frame, Ids, PathPoint, Tracks

MOST = 64  # points of one path
STEP = 0.01  # of the picture; a foot point that moved less is no new point


class Paths:
    """Foot points of one camera session's tracks, 0..1.

    The first and the newest point are always there. Between them is what the shape needs: who
    stands still adds nothing, and of too many points the one goes that is needed least.
    """

    def __init__(self) -> None:
        self._paths: dict[int, list[PathPoint]] = {}

    def update(self, tracks: Tracks, frame: Frame) -> None:
        """Take in where the tracks are now."""
        feet = unit_foot_points(tracks.xyxy, frame.size).astype(np.float64).round(4)
        for track, (x, y) in zip(tracks.id.tolist(), feet.tolist(), strict=True):
            _extend(self._paths.setdefault(track, []), PathPoint(x, y, frame.pts))

    def forget(self, ended: Ids) -> None:
        """Drop the paths of these tracks."""
        for track in ended.tolist():
            self._paths.pop(track, None)

    def path(self, track: int) -> tuple[PathPoint, ...]:
        """Oldest first; empty for a track that is not known."""
        return tuple(self._paths.get(track, ()))


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
