"""The service's own path over a recording: camera thread, slots, analysis thread, journal, outbox.

All of it as `edge.app` puts it together, with the default settings; only the servers, which
nobody would ask anything, are left out.
"""

from __future__ import annotations

import json
import tempfile
import threading
import time
from collections.abc import Generator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TypeVar

from benchmarks.pets import DWELL_S, FPS, HEIGHT, WIDTH, Pets, Point, Run
from benchmarks.scoring import Happening
from edge.analysis import Analysis
from edge.app import clips_for, detector_for, grades_for, origin_for
from edge.cameras import attention_for, lane_for
from edge.config import Loaded
from edge.config import load as load_config
from edge.detect import Detector
from edge.errors import FencelineError
from edge.events.evidence import EvidenceStore
from edge.events.exhibits import Exhibits
from edge.events.ids import uuid7
from edge.events.journal import Journal
from edge.events.outbox import Outbox
from edge.metrics import Metrics
from edge.rpc import event_pb2 as pb
from edge.settings import Storage
from edge.stream import Source, source_for
from edge.stream.slots import Slots
from edge.stream.supervisor import CameraThread
from edge.types import CLASSES, Event, Frame, Scene
from edge.watch import Watch

MODEL = "picodet-s-416"
CAMERA = "pets"
WAYS = {pb.DIRECTION_INWARD: 1, pb.DIRECTION_OUTWARD: -1, pb.DIRECTION_UNSPECIFIED: 0}
TIMEOUT_S = 1800.0

J = TypeVar("J", bound=Journal)


class EveryNth:
    """Lets every n-th frame of a source through; all are decoded."""

    live = False

    def __init__(self, source: Source, every: int) -> None:
        self._source, self._every = source, every
        self.damaged = self.decoded = 0
        self.facts = source.facts

    def frames(
        self, session: int, stop: threading.Event | None = None
    ) -> Generator[Frame, None, None]:
        """See `edge.stream.Source`."""
        for frame in self._source.frames(session, stop):
            self.decoded += 1
            self.damaged = self._source.damaged
            if frame.index % self._every == 0:
                yield frame


class WatchedJournal(Journal):
    """The journal, and a note of the people tracked in each frame."""

    run: Run
    frames = 0
    _last: Scene | None = None

    def record(self, events: Sequence[Event], scene: Scene | None) -> None:
        """See `Journal`."""
        super().record(events, scene)
        if scene is None or scene is self._last:  # the end closes what is open, on the last frame
            return
        self._last, tracks = scene, scene.tracks
        person = tracks.class_id == CLASSES["person"]
        pairs = zip(tracks.id[person].tolist(), tracks.xyxy[person].tolist(), strict=True)
        self.run.tracks += [
            (scene.frame.index + 1, track, x1, y1, x2 - x1, y2 - y1)
            for track, (x1, y1, x2, y2) in pairs
        ]
        self.frames += 1


def run(pets: Pets, *, every: int = 1) -> Run:
    """Analyse every n-th frame; the clock starts when the model is loaded."""
    done = Run()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        loaded = site(pets, folder)
        detector = detector_for(loaded.settings)
        outbox = stack.enter_context(outbox_for(loaded.settings.storage, folder))
        journal = journal_for(WatchedJournal, loaded, detector, outbox, folder)
        journal.run = done
        recording = source_for(CAMERA, str(pets.clip), realtime=False, frame_rate=FPS, start=0.0)
        source = EveryNth(recording, every)
        began = time.process_time()
        _analyse(loaded, detector, journal, source)
        done.cpu_s = time.process_time() - began
        done.frames = source.decoded
        done.alerts = [_alert(event) for event in _raised(outbox)]
    return done


def site(pets: Pets, folder: Path) -> Loaded:
    """The clip's lines and zone as a configuration file, read as the service reads it."""
    camera = {
        "name": CAMERA,
        "url": str(pets.clip),
        "frame_rate": FPS,
        "rules": rules_of(pets),
    }
    settings = {
        "site": "benchmark",
        "model": MODEL,
        "cameras": [camera],
        "evidence": {"clip": False},  # the scripts it is compared to keep nothing
    }
    path = folder / "site.yaml"  # JSON is YAML
    path.write_text(json.dumps(settings))
    return load_config(path)


def rules_of(pets: Pets) -> list[dict[str, object]]:
    """The clip's lines and zone as a configuration has them."""
    rules: list[dict[str, object]] = [
        {"type": "tripwire", "name": name, "line": _unit(points)}
        for name, points in pets.lines.items()
    ]
    return rules + [
        {"type": "zone", "name": name, "polygon": _unit(corners), "dwell_s": DWELL_S}
        for name, corners in pets.zones.items()
    ]


def _unit(points: Sequence[Point]) -> list[Point]:
    return [(x / WIDTH, y / HEIGHT) for x, y in points]


def outbox_for(storage: Storage, folder: Path) -> Outbox:
    """An outbox in the folder."""
    return Outbox(
        folder / "outbox.db",
        box="benchmark",
        max_rows=storage.max_events,
        max_bytes=storage.max_event_bytes,
        max_age_s=storage.max_event_days * 86_400,
        metrics=Metrics(),
    )


def journal_for(
    kind: type[J], loaded: Loaded, detector: Detector, outbox: Outbox, folder: Path
) -> J:
    """The journal of a site, with its pictures."""
    storage = loaded.settings.storage
    evidence = EvidenceStore(
        folder / "evidence",
        max_bytes=storage.max_evidence_bytes,
        max_age_s=storage.max_evidence_hours * 3600,
    )
    return kind(
        outbox,
        Exhibits(evidence, clips=clips_for(loaded.settings), metrics=Metrics()),
        origin=origin_for(loaded, detector),
        grades=grades_for(loaded.settings),
        clock=time.time,
        new_id=uuid7,
        metrics=Metrics(),
    )


def _analyse(loaded: Loaded, detector: Detector, journal: WatchedJournal, source: EveryNth) -> None:
    """Run the two threads until the last frame is recorded."""
    slots, metrics = Slots([CAMERA]), Metrics()
    camera = CameraThread(CAMERA, source, slots, metrics=metrics)
    analysis = Analysis(
        slots,
        attention_for(loaded.settings, detector),
        journal,
        lanes={CAMERA: lane_for(loaded.settings.cameras[0], loaded.settings)},
        watch=Watch({CAMERA: camera.health}),
        metrics=metrics,
    )
    analysis.start()
    camera.start()
    deadline = time.monotonic() + TIMEOUT_S
    while camera.is_alive() or journal.frames < camera.health().frames:
        if analysis.failing or time.monotonic() > deadline:
            raise FencelineError(f"the analysis stands still: {analysis.failing or 'too slow'}")
        time.sleep(0.02)
    analysis.stop()
    analysis.join()


def _raised(outbox: Outbox) -> list[pb.Event]:
    events: list[pb.Event] = []
    while page := outbox.read(events[-1].sequence if events else 0):
        events += page
    return [event for event in events if event.state == pb.STATE_RAISED]


def _alert(event: pb.Event) -> Happening:
    return Happening(event.rule, WAYS[event.direction], event.capture_time.ToMicroseconds() / 1e6)
