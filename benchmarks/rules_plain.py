"""Lines and zones as one writes them first: each rule asks for itself, track by track."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np

from edge.geometry import inside, segments_meet, side_of, unit_foot_points
from edge.rules.view import View

Corners = Sequence[tuple[float, float]]
Foot = tuple[float, float]
LAST = 1 - 1e-6  # nobody stands outside of the picture, nor quite on its far edges
TICK_S = 1e-6  # times less far apart are equal


class Plain(Protocol):
    """One rule that keeps what it needs by track."""

    def update(self, view: View) -> Iterator[int]:
        """Tracks that it has an alert about."""


class ArrayLine:
    """A line over NumPy arrays."""

    def __init__(self, line: Corners) -> None:
        self._start, self._end = np.array(line, np.float32)
        self._before: dict[int, tuple[float, float]] = {}

    def update(self, view: View) -> Iterator[int]:
        """See `Plain`."""
        feet, ids = unit_foot_points(view.tracks.xyxy, view.size), view.tracks.id.tolist()
        known = [row for row, track in enumerate(ids) if track in self._before]
        if known:
            before = np.array([self._before[ids[row]] for row in known], np.float32)
            now = feet[known]
            sides = side_of(before, self._start, self._end), side_of(now, self._start, self._end)
            met = segments_meet(before, now, self._start, self._end)
            yield from [
                ids[known[row]] for row in np.flatnonzero((sides[0] != sides[1]) & met).tolist()
            ]
        self._before = dict(zip(ids, map(tuple, feet.tolist()), strict=True))


class ArrayZone:
    """A polygon over NumPy arrays."""

    def __init__(self, polygon: Corners, *, dwell_s: float) -> None:
        self._polygon, self._dwell_s = np.array(polygon, np.float32), dwell_s
        self._since: dict[int, float] = {}
        self._told: set[int] = set()

    def update(self, view: View) -> Iterator[int]:
        """See `Plain`."""
        feet = unit_foot_points(view.tracks.xyxy, view.size)
        held = view.tracks.id[inside(feet, self._polygon)].tolist()
        self._since = {track: self._since.get(track, view.pts) for track in held}
        long = view.pts - self._dwell_s + TICK_S
        due = {track for track, since in self._since.items() if since <= long}
        yield from due - self._told
        self._told = due


class PythonLine:
    """A line over numbers."""

    def __init__(self, line: Corners) -> None:
        self._line = (*line[0], *line[1])
        self._before: dict[int, Foot] = {}

    def update(self, view: View) -> Iterator[int]:
        """See `Plain`."""
        now = dict(_feet(view))
        for track, foot in now.items():
            before = self._before.get(track)
            if before is not None and _crosses(before, foot, self._line):
                yield track
        self._before = now


class PythonZone:
    """A polygon over numbers."""

    def __init__(self, polygon: Corners, *, dwell_s: float) -> None:
        self._edges = [*zip(polygon, [*polygon[1:], polygon[0]], strict=True)]
        self._dwell_s = dwell_s
        self._since: dict[int, float] = {}
        self._told: set[int] = set()

    def update(self, view: View) -> Iterator[int]:
        """See `Plain`."""
        held = [track for track, foot in _feet(view) if self._holds(foot)]
        self._since = {track: self._since.get(track, view.pts) for track in held}
        long = view.pts - self._dwell_s + TICK_S
        due = {track for track, since in self._since.items() if since <= long}
        yield from due - self._told
        self._told = due

    def _holds(self, foot: Foot) -> bool:
        x, y = foot
        odd = False
        for (x1, y1), (x2, y2) in self._edges:
            if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
                odd = not odd
        return odd


def _feet(view: View) -> Iterator[tuple[int, Foot]]:
    width, height = view.size
    boxes = zip(view.tracks.id.tolist(), view.tracks.xyxy.tolist(), strict=True)
    for track, (x1, _, x2, y2) in boxes:
        x, y = (x1 + x2) / 2 / width, y2 / height
        yield track, (min(max(x, 0.0), LAST), min(max(y, 0.0), LAST))


def _crosses(p: Foot, q: Foot, line: tuple[float, float, float, float]) -> bool:
    ax, ay, bx, by = line
    one = (bx - ax) * (p[1] - ay) - (by - ay) * (p[0] - ax)
    two = (bx - ax) * (q[1] - ay) - (by - ay) * (q[0] - ax)
    three = (q[0] - p[0]) * (ay - p[1]) - (q[1] - p[1]) * (ax - p[0])
    four = (q[0] - p[0]) * (by - p[1]) - (q[1] - p[1]) * (bx - p[0])
    return one * two < 0 and three * four <= 0
