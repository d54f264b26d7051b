"""A recording through the service's own path, as fast as it can: same frames, same events."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path

from edge.analysis import Lane
from edge.app import detector_for, origin_for
from edge.cameras import gaze_for, lane_for, sight_for
from edge.config import Loaded
from edge.detect import Detector
from edge.detect.gaze import Gaze, Glance
from edge.detect.sight import Sight
from edge.errors import ConfigError
from edge.events.codec import to_json
from edge.events.ids import replay_ids
from edge.events.journal import Journal
from edge.grades import grades_for
from edge.metrics import Metrics
from edge.pipeline import Pipeline, Seen, Step
from edge.privacy import masked
from edge.replay_inputs import InputsAt, inputs_of, no_inputs
from edge.rpc import event_pb2 as pb
from edge.rules.view import NOBODY
from edge.settings import Camera, Config
from edge.stream import Source, source_for
from edge.track import Session
from edge.types import Detections, Frame


class Transcript:
    """Stands in for the outbox: gives each event its place and keeps none."""

    box_id = "replay"

    def __init__(self) -> None:
        self.last_sequence = 0
        self._fresh: list[pb.Event] = []

    def append(self, events: Sequence[pb.Event]) -> list[pb.Event]:
        """Number the events; published when they were captured, so that nothing depends on now."""
        for event in events:
            self.last_sequence += 1
            event.box_id, event.sequence = self.box_id, self.last_sequence
            event.publish_time.CopyFrom(event.capture_time)
        self._fresh += events
        return list(events)

    def latest(self, _alert_id: str) -> None:
        """Nobody acknowledges here."""

    def open_alerts(self) -> list[pb.Event]:
        """None: a replay begins with nothing open."""
        return []

    def take(self) -> list[pb.Event]:
        """The events since the last call."""
        fresh, self._fresh = self._fresh, []
        return fresh


class FrameClock:
    """Tells the time of the frame that is being replayed."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """Unix seconds."""
        return self.now


def replay(
    loaded: Loaded,
    video: Path,
    *,
    camera: str | None = None,
    start: float = 0.0,
    inputs: Sequence[str] = (),
) -> Iterator[pb.Event]:
    """Yield the events of a recording seen through one camera's masks and rules.

    `inputs` are active as `inputs_of` says. Deterministic: capture times are `start` (Unix
    seconds) plus the recording's own time, ids come from a counter. Raises ConfigError, ModelError
    or StreamError.
    """
    settings, at = camera_of(loaded, camera), inputs_of(inputs, loaded.settings.inputs)
    detector = detector_for(loaded.settings)
    lane, transcript, clock = lane_for(settings, loaded.settings), Transcript(), FrameClock()
    journal = Journal(
        transcript,
        None,
        origin=origin_for(loaded, detector),
        grades=grades_for(loaded.settings),
        clock=clock,
        new_id=replay_ids(loaded.revision),
        metrics=Metrics(),
    )
    recording = recording_of(settings, video, start=start)
    for step in steps(recording, loaded.settings, detector=detector, lane=lane, inputs=at):
        clock.now = step.scene.frame.time
        journal.record(step.events, step.scene)
        yield from transcript.take()


def lines(
    loaded: Loaded,
    video: Path,
    *,
    camera: str | None = None,
    start: float = 0.0,
    inputs: Sequence[str] = (),
) -> Iterator[str]:
    """Yield the same events, each as a line of JSON."""
    for event in replay(loaded, video, camera=camera, start=start, inputs=inputs):
        yield json.dumps(to_json(event))


def recording_of(camera: Camera, video: Path, *, start: float = 0.0) -> Source:
    """A recording as if it were the camera's, as fast as it can be read."""
    return source_for(
        camera.name, str(video), realtime=False, frame_rate=camera.frame_rate, start=start
    )


def steps(
    source: Source,
    settings: Config,
    *,
    detector: Detector,
    lane: Lane,
    inputs: InputsAt = no_inputs,
) -> Iterator[Step]:
    """What each frame leads to, and behind the last what its end does, with the same scene.

    Raises StreamError.
    """
    gaze, sight = gaze_for(settings, detector), sight_for(settings, detector)
    for frame in source.frames(0):
        seen, active = masked(frame, lane.masks), inputs(frame.pts)
        _, _, step = stepped(seen, gaze, sight, lane.pipeline, inputs=active)
        yield step
    last = lane.pipeline.finish("session_ended")
    if last is not None:
        yield last


def stepped(
    frame: Frame,
    gaze: Gaze,
    sight: Sight,
    pipeline: Pipeline[Session],
    *,
    inputs: AbstractSet[str] = NOBODY,
) -> tuple[Glance, Detections, Step]:
    """One frame of a camera that has the model to itself, from where to look to the rules.

    Returns where it looked, what was to be followed of what was found, and what came of it.
    """
    glance = gaze.look(frame, pipeline.expected(frame))
    (found,) = sight.see([glance])
    objects = gaze.objects(glance, found)
    seen = Seen(found, glance.looked)
    return glance, objects, pipeline.step(frame, objects, seen, inputs=inputs)


def camera_of(loaded: Loaded, name: str | None) -> Camera:
    """The camera of this name, or the first; raises ConfigError."""
    cameras = loaded.settings.cameras
    found = [camera for camera in cameras if name in (None, camera.name)]
    if not found:
        known = ", ".join(camera.name for camera in cameras)
        raise ConfigError(f"{loaded.path} has no camera '{name}'", f"choose from {known}")
    return found[0]
