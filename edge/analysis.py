"""The analysis thread: newest frames of all cameras in, events out."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import structlog

from edge.detect import Detector
from edge.errors import FencelineError
from edge.events.journal import Journal
from edge.metrics import Metrics
from edge.pipeline import Pipeline, Step
from edge.privacy import masked
from edge.stream.slots import Slots
from edge.types import Frame, Points, Scene
from edge.watch import Watch

TURN_S = 0.2  # the longest wait for a frame, so that ends and stops are seen
BACK_OFF_S = 1.0


@dataclass(frozen=True, slots=True)
class Lane:
    """What one camera's frames go through."""

    pipeline: Pipeline
    masks: Sequence[Points] = ()


class Analysis(threading.Thread):
    """Serves all cameras from one detector; the only thread that writes events."""

    def __init__(
        self,
        slots: Slots,
        detector: Detector,
        journal: Journal,
        *,
        lanes: Mapping[str, Lane],
        watch: Watch,
        metrics: Metrics,
    ) -> None:
        super().__init__(name="analysis", daemon=True)
        self._slots, self._detector, self._journal = slots, detector, journal
        self._lanes, self._watch, self._metrics = lanes, watch, metrics
        self._scenes: dict[str, Scene] = {}
        self._open = set(lanes)
        self._stopping = threading.Event()
        self.failing = ""  # why frames are not being analysed, for people
        for camera in lanes:  # asked when somebody looks, so that it grows while no frame comes
            metrics.staleness.labels(camera).set_function(partial(self._staleness_or_nan, camera))

    def run(self) -> None:
        """Take, detect, step, record; until stopped."""
        log = structlog.get_logger()
        while not self._stopping.is_set():
            try:
                self._turn()
                self.failing = ""
            except Exception as error:  # the top of a loop: one bad turn is not the end
                reason = str(error) if isinstance(error, FencelineError) else repr(error)
                if reason != self.failing:
                    log.exception("analysis failed", reason=reason)
                self.failing = reason
                self._stopping.wait(BACK_OFF_S)

    def stop(self) -> None:
        """Ask the thread to end after the present turn."""
        self._stopping.set()

    def scene(self, camera: str) -> Scene | None:
        """The newest analysed picture of a camera."""
        return self._scenes.get(camera)

    def staleness_s(self, camera: str) -> float | None:
        """Age of the newest analysed picture; None before the first."""
        scene = self._scenes.get(camera)
        if scene is None:
            return None
        return max(0.0, time.time() - scene.frame.box_time)

    def _staleness_or_nan(self, camera: str) -> float:
        age = self.staleness_s(camera)
        return math.nan if age is None else age

    def _turn(self) -> None:
        if happened := self._watch.events():
            self._journal.record(happened, None)
        frames = self._slots.take(TURN_S)
        if not frames:
            self._journal.retry()
            self._finish_ended()
            return
        frames = [masked(frame, self._lanes[frame.camera].masks) for frame in frames]
        with self._metrics.detect_seconds.time():
            found = self._detector.detect([frame.picture for frame in frames])
        for frame, detections in zip(frames, found, strict=True):
            with self._metrics.step_seconds.time():
                step = self._lanes[frame.camera].pipeline.step(frame, detections)
                self._record(step, frame)

    def _record(self, step: Step, frame: Frame) -> None:
        self._scenes[frame.camera] = step.scene
        self._journal.record(step.events, step.scene)
        self._metrics.frames.labels(frame.camera).inc()

    def _finish_ended(self) -> None:
        """A recording that is over closes what is open."""
        for camera in [camera for camera in self._open if self._watch.ended(camera)]:
            self._open.discard(camera)
            step = self._lanes[camera].pipeline.finish("session_ended")
            if step is not None:
                self._journal.record(step.events, step.scene)
