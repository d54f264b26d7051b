"""One camera's frames through tracker and rules: same frames, same events."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from edge.rules import Rule
from edge.track import Tracker
from edge.track.paths import Paths
from edge.types import CLASSES, Boxes, Detections, Event, Frame, Ids, Mask, Scene, Tracks

ON_FOOT_OR_TWO_WHEELS = [CLASSES[name] for name in ("person", "bicycle", "motorcycle")]
REMEMBER_S = 1.0  # where somebody was last seen stays pixelated this long


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """What one frame led to."""

    events: list[Event]
    scene: Scene


class Pipeline:
    """One camera's tracker and rules. No clock, no I/O, no threads.

    `new_tracker` makes a tracker whose ids begin at the given one: each session of the camera
    gets a new tracker, and no id comes twice. `watches` are rules about the picture itself, which
    live through the camera's sessions.
    """

    def __init__(
        self,
        new_tracker: Callable[[int], Tracker],
        rules: Sequence[Rule],
        watches: Sequence[Rule] = (),
    ) -> None:
        self._new_tracker, self._rules, self._watches = new_tracker, rules, watches
        self._tracker = new_tracker(1)
        self._paths, self._people = Paths(), People()
        self._scene: Scene | None = None

    def step(self, frame: Frame, detections: Detections) -> Step:
        """Advance by one frame, whose masks are burned in already."""
        closed = self._renew(frame)
        tracks = self._tracker.update(detections, frame.pts)
        self._paths.update(tracks, frame)
        rules = (*self._rules, *self._watches)
        happened = [event for rule in rules for event in rule.update(tracks, frame)]
        told = self._with_paths(happened)
        self._paths.forget(tracks.ended)
        self._scene = Scene(frame, tracks, self._people.update(tracks, detections, frame.pts))
        return Step(closed + told, self._scene)

    def finish(self, reason: str) -> Step | None:
        """Close what is open when no frame will follow; None if there never was one."""
        if self._scene is None:
            return None
        frame = self._scene.frame
        watched = [event for watch in self._watches for event in watch.close(frame, reason)]
        return Step(self._close(frame, reason) + watched, self._scene)

    def _renew(self, frame: Frame) -> list[Event]:
        """Begin anew where the camera did; what was open is closed as of its last frame."""
        last = self._scene.frame if self._scene else frame
        if last.session == frame.session:
            return []
        closed = self._close(last, "session_ended")
        self._tracker = self._new_tracker(self._tracker.next_id)
        self._paths, self._people = Paths(), People()
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


class People:
    """What must be pixelated: whoever is seen at any score, or was tracked a moment ago."""

    def __init__(self) -> None:
        self._last: dict[int, tuple[float, Boxes]] = {}  # track -> when and where last seen

    def update(self, tracks: Tracks, detections: Detections, pts: float) -> Boxes:
        """Their boxes, each once."""
        for row in np.flatnonzero(_people(tracks.class_id)).tolist():
            self._last[int(tracks.id[row])] = pts, tracks.xyxy[row]
        self._last = {
            track: (seen, box)
            for track, (seen, box) in self._last.items()
            if pts - seen < REMEMBER_S
        }
        boxes = [box for _, box in self._last.values()]
        seen_now = detections.xyxy[_people(detections.class_id)]
        return np.unique(np.vstack((seen_now, *boxes)), axis=0)


def _people(class_id: Ids) -> Mask:
    return np.isin(class_id, ON_FOOT_OR_TWO_WHEELS)
