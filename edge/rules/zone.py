"""Entering, staying in and leaving a polygon."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from edge.geometry import inside, unit_foot_points
from edge.rules.alerts import Alerts
from edge.rules.sighting import Subjects
from edge.types import Event, Frame, Kind, Tracks

TICK_S = 1e-6  # times less far apart are equal


@dataclass(slots=True)
class Stay:
    """One track's stay in the zone; times are pts."""

    entered: float
    inside: float  # last seen inside
    outside: float | None = None  # seen outside since then, first at
    told: float | None = None  # when its alert last said something; None before it is raised

    @property
    def dwell_s(self) -> float:
        """How long it is known to have been inside."""
        return round(self.inside - self.entered, 3)


class Zone:
    """Raise an alert once a track has stood inside for dwell_s; clear it when it has left.

    A stay goes on until its track was seen outside, and only there, for leave_s: a box that
    flickers over the border ends nothing, nor does a detector that misses. Class and size decide
    who enters; a stay once begun is followed whatever the box looks like.
    """

    def __init__(  # noqa: PLR0913 - one keyword per setting
        self,
        *,
        camera: str,
        name: str,
        polygon: tuple[tuple[float, float], ...],
        classes: frozenset[int],
        min_height: float = 0.0,
        max_height: float = 1.0,
        dwell_s: float = 0.0,
        leave_s: float = 1.0,
        update_s: float = 10.0,
    ) -> None:
        self._polygon = np.array(polygon, np.float32)
        self._subjects = Subjects(classes, min_height, max_height)
        self._dwell_s, self._leave_s, self._update_s = dwell_s, leave_s, update_s
        self._stays: dict[int, Stay] = {}
        self._alerts = Alerts(Kind.ZONE, camera=camera, rule=name)

    def update(self, tracks: Tracks, frame: Frame) -> Iterator[Event]:
        """Yield what begins, goes on and ends."""
        self._alerts.see(tracks, frame)
        within = inside(unit_foot_points(tracks.xyxy, frame.size), self._polygon)
        may_enter = within & self._subjects.among(tracks, frame)
        for row, track in enumerate(tracks.id.tolist()):
            if may_enter[row]:
                self._stays.setdefault(track, Stay(frame.pts, frame.pts))
            if track in self._stays and within[row]:
                yield from self._inside(tracks, row, frame)
            elif track in self._stays:
                yield from self._outside(track, frame)
        for track in tracks.ended.tolist():
            yield from self._end(track, frame, "track_ended")

    def close(self, frame: Frame, reason: str) -> Iterator[Event]:
        """Clear what is open and forget every stay."""
        for track in list(self._stays):
            yield from self._end(track, frame, reason)

    def _inside(self, tracks: Tracks, row: int, frame: Frame) -> Iterator[Event]:
        track = int(tracks.id[row])
        stay = self._stays[track]
        stay.inside, stay.outside = frame.pts, None
        if stay.told is None:
            if frame.pts - stay.entered >= self._dwell_s - TICK_S:
                stay.told = frame.pts
                yield self._alerts.begin(tracks, row, frame, reason="entered", dwell_s=stay.dwell_s)
        elif frame.pts - stay.told >= self._update_s - TICK_S:
            stay.told = frame.pts
            yield self._alerts.go_on(track, frame, reason="dwelling", dwell_s=stay.dwell_s)

    def _outside(self, track: int, frame: Frame) -> Iterator[Event]:
        stay = self._stays[track]
        if stay.outside is None:
            stay.outside = frame.pts
        if frame.pts - stay.outside >= self._leave_s - TICK_S:
            yield from self._end(track, frame, "left")

    def _end(self, track: int, frame: Frame, reason: str) -> Iterator[Event]:
        stay = self._stays.pop(track, None)
        if stay is not None:
            yield from self._alerts.end(track, frame, reason=reason, dwell_s=stay.dwell_s)
