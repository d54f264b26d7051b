"""One camera's frames through tracker and rules: same frames, same events."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from edge.rules import Rule
from edge.track import Tracker
from edge.track.paths import Paths
from edge.types import CLASSES, Boxes, Detections, Event, Frame, Scene, Tracks

ON_FOOT_OR_WHEELS = [CLASSES[name] for name in ("person", "bicycle", "motorcycle")]
REMEMBER_S = 1.0  # where a person was last seen stays pixelated this long


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """What one frame led to."""

    events: list[Event]
    scene: Scene


class Pipeline:
    """One camera's tracker and rules. No clock, no I/O, no threads.

    `new_tracker` makes a tracker whose ids begin at the given one: each session of the camera
    gets a new tracker, and no id comes twice.
    """

    def __init__(self, new_tracker: Callable[[int], Tracker], rules: Sequence[Rule]) -> None:
        self._new_tracker, self._rules = new_tracker, rules
        self._tracker = new_tracker(1)
        self._paths = Paths()
        self._people: dict[int, tuple[float, Boxes]] = {}  # track -> when and where last seen
        self._scene: Scene | None = None

    def step(self, frame: Frame, detections: Detections) -> Step:
        """Advance by one frame, whose masks are burned in already."""
        closed = self._renew(frame)
        tracks = self._tracker.update(detections, frame.pts)
        self._paths.update(replace(tracks, ended=tracks.ended[:0]), frame)
        events = [event for rule in self._rules for event in rule.update(tracks, frame)]
        told = self._with_paths(events)
        self._paths.update(Tracks.empty(tracks.ended), frame)
        self._scene = Scene(frame, tracks, self._hidden(frame, tracks, detections))
        return Step(closed + told, self._scene)

    def finish(self, reason: str) -> Step | None:
        """Close what is open when no frame will follow; None if there never was one."""
        if self._scene is None:
            return None
        return Step(self._close(self._scene.frame, reason), self._scene)

    def _renew(self, frame: Frame) -> list[Event]:
        """Begin anew when the camera did."""
        if self._scene is None or self._scene.frame.session == frame.session:
            return []
        closed = self._close(self._scene.frame, "session_ended")
        self._tracker = self._new_tracker(self._tracker.next_id)
        self._paths = Paths()
        self._people.clear()
        return closed

    def _close(self, frame: Frame, reason: str) -> list[Event]:
        return self._with_paths(
            event for rule in self._rules for event in rule.close(frame, reason)
        )

    def _with_paths(self, events: Iterable[Event]) -> list[Event]:
        return [
            replace(event, path=self._paths.path(event.sighting.track)) if event.sighting else event
            for event in events
        ]

    def _hidden(self, frame: Frame, tracks: Tracks, detections: Detections) -> Boxes:
        """Boxes of people, seen at any score now, or tracked a moment ago."""
        boxes = [detections.xyxy[np.isin(detections.class_id, ON_FOOT_OR_WHEELS)]]
        rows = np.flatnonzero(np.isin(tracks.class_id, ON_FOOT_OR_WHEELS))
        for row in rows.tolist():
            self._people[int(tracks.id[row])] = (frame.pts, tracks.xyxy[row : row + 1])
        for track, (seen, box) in list(self._people.items()):
            if frame.pts - seen > REMEMBER_S:
                del self._people[track]
            elif seen < frame.pts:
                boxes.append(box)
        return np.vstack(boxes)
