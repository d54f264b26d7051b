"""The way each track went: in memory only, bounded, gone when the track is."""

from __future__ import annotations

from edge.geometry import foot_points
from edge.types import Frame, PathPoint, Tracks

MOST = 64  # points of one path


class Paths:
    """Foot points of one camera's tracks, 0..1, thinned out as they grow."""

    def __init__(self) -> None:
        self._paths: dict[int, list[PathPoint]] = {}

    def update(self, tracks: Tracks, frame: Frame) -> None:
        """Take in the present points; forget what ended."""
        height, width = frame.image.shape[:2]
        feet = (foot_points(tracks.xyxy) / (width, height)).clip(0, 1).round(4)
        for track, (x, y) in zip(tracks.id.tolist(), feet.tolist(), strict=True):
            path = self._paths.setdefault(track, [])
            path.append(PathPoint(x, y, frame.pts))
            if len(path) > MOST:
                del path[1:-1:2]  # every second one; first and newest stay
        for track in tracks.ended.tolist():
            self._paths.pop(track, None)

    def path(self, track: int) -> tuple[PathPoint, ...]:
        """Oldest first; empty for a track that is not known."""
        return tuple(self._paths.get(track, ()))
