"""One camera's frames through tracker and rules: same frames, same events."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from edge.geometry import area, overlap
from edge.rules import Rule
from edge.rules.confidence import confidence
from edge.rules.view import NO_ORDERS, NOBODY, View
from edge.track import Tracker
from edge.track.paths import Paths
from edge.types import (
    CLASSES,
    Boxes,
    Detections,
    Event,
    Frame,
    Homography,
    Ids,
    Mask,
    Region,
    Scene,
    Sighting,
    Tracks,
)

ON_FOOT_OR_TWO_WHEELS = {CLASSES[name] for name in ("person", "bicycle", "motorcycle")}
REMEMBER_S = 1.0  # where somebody was last seen stays pixelated this long

T = TypeVar("T", bound=Tracker)


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """All that a detector saw in one frame, and the parts of it that it looked at."""

    found: Detections
    looked: Sequence[Region] | None = None  # None: everything

    def looked_at(self, xyxy: Boxes) -> Mask:
        """Which boxes lie in what was looked at, for the most part."""
        if self.looked is None:
            return np.ones(len(xyxy), bool)
        if not self.looked or not len(xyxy):
            return np.zeros(len(xyxy), bool)
        shared = overlap(xyxy, np.array(self.looked, np.float32)).max(axis=1)
        return np.asarray(shared > area(xyxy) / 2, bool)


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """What one frame led to."""

    events: list[Event]
    scene: Scene


class Pipeline(Generic[T]):
    """One camera's tracker and rules. No clock, no I/O, no threads.

    `new_tracker` makes a tracker whose ids begin at the given one: each session of the camera
    gets a new tracker, and no id comes twice. `watches` are rules about the picture itself, which
    live through the camera's sessions. `ground` is the camera's homography, see
    `edge.geometry.homography`.
    """

    def __init__(
        self,
        new_tracker: Callable[[int], T],
        rules: Sequence[Rule],
        watches: Sequence[Rule] = (),
        *,
        ground: Homography | None = None,
    ) -> None:
        self._new_tracker, self._rules, self._watches = new_tracker, rules, watches
        self._ground = ground
        self._tracker = new_tracker(1)
        self._paths, self._people = Paths(self._ground), People()
        self._scene: Scene | None = None
        self._session: int | None = None  # of the newest frame
        self._closed: list[Event] = []  # by a new session, not told yet

    def tracker(self, frame: Frame) -> T:
        """Who follows the objects of this frame, which the next step is about."""
        if self._session is not None and self._session != frame.session:
            self._renew()
        self._session = frame.session
        if self._ground is not None:
            self._tracker.stand_on(self._ground, frame.size)
        return self._tracker

    def step(
        self,
        frame: Frame,
        detections: Detections,
        seen: Seen | None = None,
        tracks: Tracks | None = None,
        *,
        inputs: AbstractSet[str] = NOBODY,
        orders: Mapping[str, bool] = NO_ORDERS,
    ) -> Step:
        """Advance by one frame, whose masks are burned in already.

        `detections` are followed; `seen` is all that was seen and where it was looked for, where
        that is more or not the whole picture. `tracks` are given where its tracker was asked
        already, together with those of other cameras. `inputs` and `orders` are as in `View`.
        """
        if tracks is None:
            tracks = self.tracker(frame).update(detections, frame.pts)
        self._paths.update(tracks, frame)
        motion, ground = self._paths.motion, self._ground
        view = View(tracks, frame, motion=motion, ground=ground, inputs=inputs, orders=orders)
        rules = (*self._rules, *self._watches)
        happened = [event for rule in rules for event in rule.update(view)]
        told = self._with_paths(happened)
        self._paths.forget(tracks.ended)
        self._scene = Scene(
            frame, tracks, self._people.update(tracks, seen or Seen(detections), frame.pts)
        )
        closed, self._closed = self._closed, []
        return Step(closed + told, self._scene)

    def expected(self, frame: Frame) -> Boxes:
        """Where the objects that are followed should be in this frame; none in a new session."""
        if self._scene is None or self._session != frame.session:
            return np.zeros((0, 4), np.float32)
        return self._tracker.expected(frame.pts)

    @property
    def rules(self) -> Sequence[Rule]:
        """What the tracks are held against."""
        return self._rules

    def swap(self, rules: Sequence[Rule], reason: str) -> Step | None:
        """Hold the tracks against these rules from the next frame on.

        Those that stay keep what they know; what the others have open is closed as of the newest
        frame. None where there was no frame yet.
        """
        gone = [rule for rule in self._rules if not any(rule is one for one in rules)]
        self._rules = rules
        if self._scene is None:
            return None
        frame = self._scene.frame
        events = [event for rule in gone for event in rule.close(frame, reason)]
        return Step(self._with_paths(events), self._scene)

    def finish(self, reason: str) -> Step | None:
        """Close what is open when no frame will follow; None if there never was one."""
        if self._scene is None:
            return None
        frame = self._scene.frame
        watched = [event for watch in self._watches for event in watch.close(frame, reason)]
        closed, self._closed = self._closed, []
        return Step(closed + self._close(frame, reason) + watched, self._scene)

    def _renew(self) -> None:
        """Begin anew where the camera did; what was open is closed as of its last frame."""
        if self._scene is not None:
            self._closed += self._close(self._scene.frame, "session_ended")
        before, self._tracker = self._tracker, self._new_tracker(self._tracker.next_id)
        before.close()
        self._paths, self._people = Paths(self._ground), People()

    def _close(self, frame: Frame, reason: str) -> list[Event]:
        return self._with_paths(
            event for rule in self._rules for event in rule.close(frame, reason)
        )

    def _with_paths(self, events: Iterable[Event]) -> list[Event]:
        return [self._with_path(event, event.sighting) for event in events]

    def _with_path(self, event: Event, seen: Sighting | None) -> Event:
        if seen is None:
            return event
        paths, track = self._paths, seen.track
        sightings, score = paths.seen(track)
        if not sightings:  # its track is forgotten, or it has none
            return event
        return event.but(
            path=paths.path(track),
            gaps=paths.gaps(track),
            motion=paths.motion(track),
            confidence=confidence(score, sightings, event.margin),
        )


class People:
    """What must be pixelated: whoever is seen at any score, or was seen or tracked a moment ago."""

    def __init__(self) -> None:
        # When and where last seen, by track; by track and time where its id is somebody else's now.
        self._last: dict[int | tuple[int, float], tuple[float, Boxes]] = {}
        self._places = np.zeros((0, 4), np.float32)  # seen where nobody has looked since

    def update(self, tracks: Tracks, seen: Seen, pts: float) -> Boxes:
        """Their boxes, each once."""
        for track in {*tracks.past, *tracks.split} & self._last.keys():
            self._last[track, pts] = self._last.pop(track)
        for row in np.flatnonzero(_people(tracks.class_id)).tolist():
            self._last[int(tracks.id[row])] = pts, tracks.xyxy[row]
        self._last = {
            track: (seen, box)
            for track, (seen, box) in self._last.items()
            if pts - seen < REMEMBER_S
        }
        self._look(seen)
        if not self._last:
            return self._places
        boxes = [self._places, *(box[None] for _, box in self._last.values())]
        once = dict.fromkeys(map(tuple, np.vstack(boxes).tolist()))
        return np.array([*once], np.float32)

    def _look(self, seen: Seen) -> None:
        """Put what is seen in the place of what was seen there before; a sweep sees everything."""
        fresh = seen.found.xyxy[_people(seen.found.class_id)]
        self._places = np.vstack((self._places[~seen.looked_at(self._places)], fresh))


def _people(class_id: Ids) -> Mask:
    return np.array([one in ON_FOOT_OR_TWO_WHEELS for one in class_id.tolist()], bool)
