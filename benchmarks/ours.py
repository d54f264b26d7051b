"""The service's own path over a recording: source, detector, tracker, rules, journal, outbox."""

from __future__ import annotations

import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.mot import Row
from benchmarks.pets import DWELL_S, FPS, HEIGHT, WIDTH, Pets
from benchmarks.scoring import Happening
from edge.app import detector_for, grades_for, lane_for, origin_for
from edge.config import Loaded
from edge.events.evidence import EvidenceStore
from edge.events.ids import uuid7
from edge.events.journal import Journal
from edge.events.outbox import Outbox
from edge.metrics import Metrics
from edge.rpc import event_pb2 as pb
from edge.settings import Config
from edge.stream import source_for
from edge.types import CLASSES, Frame, Tracks

WAYS = {pb.DIRECTION_INWARD: 1, pb.DIRECTION_OUTWARD: -1, pb.DIRECTION_UNSPECIFIED: 0}


@dataclass(slots=True)
class Run:
    """What one pass over the clip gave."""

    frames: int = 0
    cpu_s: float = 0.0  # of all threads, decoding included
    alerts: list[Happening] = field(default_factory=list)
    tracks: list[Row] = field(default_factory=list)

    @property
    def cpu_ms(self) -> float:
        """Per frame of the clip."""
        return 1000 * self.cpu_s / max(1, self.frames)


def run(pets: Pets, *, every: int = 1) -> Run:
    """Analyse every n-th frame, with the service's defaults; every frame is decoded."""
    loaded = settings_for(pets)
    done = Run()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        outbox = stack.enter_context(
            Outbox(
                folder / "outbox.db",
                box="bench",
                max_rows=100_000,
                max_bytes=2**28,
                max_age_s=1e9,
                metrics=Metrics(),
            )
        )
        detector = detector_for(loaded.settings)
        lane = lane_for(loaded.settings.cameras[0], loaded.settings)
        journal = Journal(
            outbox,
            EvidenceStore(folder / "evidence", max_bytes=2**30, max_age_s=1e9),
            origin=origin_for(loaded, detector),
            grades=grades_for(loaded.settings),
            clock=time.time,
            new_id=uuid7,
            metrics=Metrics(),
        )
        source = source_for("pets", str(pets.clip), realtime=False, frame_rate=FPS, start=0.0)
        began = time.process_time()
        for frame in source.frames(0):
            done.frames += 1
            if frame.index % every:
                continue
            step = lane.pipeline.step(frame, detector.detect([frame.image])[0])
            journal.record(step.events, step.scene)
            done.tracks += _rows(frame, step.scene.tracks)
        done.cpu_s = time.process_time() - began
        done.alerts = [_alert(e) for e in outbox.read(0, limit=100_000) if _is_raised(e)]
    return done


def settings_for(pets: Pets) -> Loaded:
    """The clip's lines and zones as a site's configuration; all else is the default."""
    lines = [
        {"type": "tripwire", "name": name, "line": _unit(points)}
        for name, points in pets.lines.items()
    ]
    zones = [
        {"type": "zone", "name": name, "polygon": _unit(points), "dwell_s": DWELL_S}
        for name, points in pets.zones.items()
    ]
    camera = {"name": "pets", "url": str(pets.clip), "frame_rate": FPS, "rules": lines + zones}
    settings = Config.model_validate({"site": "benchmark", "cameras": [camera]})
    return Loaded(settings, pets.clip, "benchmark")


def _unit(points: tuple[tuple[float, float], ...]) -> list[tuple[float, float]]:
    return [(x / WIDTH, y / HEIGHT) for x, y in points]


def _is_raised(event: pb.Event) -> bool:
    return event.state == pb.STATE_RAISED


def _alert(event: pb.Event) -> Happening:
    return Happening(event.rule, WAYS[event.direction], event.capture_time.ToMicroseconds() / 1e6)


def _rows(frame: Frame, tracks: Tracks) -> list[Row]:
    people = tracks.class_id == CLASSES["person"]
    pairs = zip(tracks.id[people].tolist(), tracks.xyxy[people].tolist(), strict=True)
    return [(frame.index + 1, i, x1, y1, x2 - x1, y2 - y1) for i, (x1, y1, x2, y2) in pairs]
