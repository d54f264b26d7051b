"""Entering, staying in and leaving a polygon."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from edge.geometry import foot_points, inside
from edge.rules.sighting import counted, scale, sighting
from edge.types import Event, Frame, Kind, Sighting, State, Tracks


@dataclass(slots=True)
class Stay:
    """One track's stay in the zone."""

    entered: float
    inside: float  # when it was last seen inside
    last: Sighting
    told: float | None = None  # when its alert last said something; None before it is raised


class Zone:
    """Raise an alert once a track has stood inside for dwell_s; clear it when it has left.

    A stay goes on through absences shorter than leave_s: a box that flickers over the border,
    a detector that misses.
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
        self._camera, self._name = camera, name
        self._polygon = np.array(polygon, np.float32)
        self._classes, self._heights = classes, (min_height, max_height)
        self._dwell_s, self._leave_s, self._update_s = dwell_s, leave_s, update_s
        self._stays: dict[int, Stay] = {}

    def update(self, tracks: Tracks, frame: Frame) -> Iterator[Event]:
        """Yield what begins, goes on and ends."""
        feet = foot_points(tracks.xyxy)
        within = inside(feet, self._polygon * np.array(scale(frame), np.float32))
        within &= counted(tracks, frame, self._classes, self._heights)
        for row, track in enumerate(tracks.id.tolist()):
            if within[row]:
                yield from self._stay(sighting(tracks, row, frame), frame)
            elif track in self._stays:
                self._stays[track].last = sighting(tracks, row, frame)
                yield from self._away(track, frame)
        for track in tracks.ended.tolist():
            yield from self._leave(track, frame, "track_ended")

    def close(self, frame: Frame, reason: str) -> Iterator[Event]:
        """Clear what is open and forget every stay."""
        for track in list(self._stays):
            yield from self._leave(track, frame, reason)

    def _stay(self, seen: Sighting, frame: Frame) -> Iterator[Event]:
        stay = self._stays.setdefault(seen.track, Stay(frame.pts, frame.pts, seen))
        stay.inside, stay.last = frame.pts, seen
        if stay.told is None:
            if frame.pts - stay.entered >= self._dwell_s - 1e-6:
                stay.told = frame.pts
                yield self._event(stay, frame, State.RAISED, "entered")
        elif frame.pts - stay.told >= self._update_s - 1e-6:
            stay.told = frame.pts
            yield self._event(stay, frame, State.UPDATED, "dwelling")

    def _away(self, track: int, frame: Frame) -> Iterator[Event]:
        stay = self._stays[track]
        if stay.told is None:
            del self._stays[track]
        elif frame.pts - stay.inside >= self._leave_s - 1e-6:
            yield from self._leave(track, frame, "left")

    def _leave(self, track: int, frame: Frame, reason: str) -> Iterator[Event]:
        stay = self._stays.pop(track, None)
        if stay is not None and stay.told is not None:
            yield self._event(stay, frame, State.CLEARED, reason)

    def _event(self, stay: Stay, frame: Frame, state: State, reason: str) -> Event:
        return Event(
            kind=Kind.ZONE,
            camera=self._camera,
            rule=self._name,
            state=state,
            key=str(stay.last.track),
            reason=reason,
            pts=frame.pts,
            time=frame.time,
            sighting=stay.last,
            dwell_s=round(stay.inside - stay.entered, 3),
            clock=frame.clock,
            clock_offset_s=frame.clock_offset_s,
        )
