"""The service's own path over PETS, with one camera: what it raised, whom it followed, its cost."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.fleet import fleet, site_of
from benchmarks.pets import DWELL_S, FPS, HEIGHT, WIDTH, Pets, Point, Run
from benchmarks.sources import Named
from edge.app import detector_for
from edge.config import Loaded
from edge.events.journal import Journal
from edge.events.outbox import Outbox
from edge.rpc import event_pb2 as pb
from edge.scoring import Happening
from edge.stream import source_for
from edge.types import CLASSES, Event, Scene

CAMERA = "pets"
WAYS = {pb.DIRECTION_INWARD: 1, pb.DIRECTION_OUTWARD: -1, pb.DIRECTION_UNSPECIFIED: 0}


class WatchedJournal(Journal):
    """The journal, and a note of the people tracked in each frame."""

    def __init__(self, *arguments: Any, run: Run, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._run = run
        self._last: Scene | None = None

    def record(self, events: Sequence[Event], scene: Scene | None) -> None:
        """See `Journal`."""
        super().record(events, scene)
        if scene is None or scene is self._last:  # the end closes what is open, on the last frame
            return
        self._last, tracks = scene, scene.tracks
        person = tracks.class_id == CLASSES["person"]
        pairs = zip(tracks.id[person].tolist(), tracks.xyxy[person].tolist(), strict=True)
        self._run.tracks += [
            (scene.frame.index + 1, track, x1, y1, x2 - x1, y2 - y1)
            for track, (x1, y1, x2, y2) in pairs
        ]


def run(pets: Pets, *, every: int = 1) -> Run:
    """Analyse every n-th frame; the clock starts when the model is loaded."""
    done = Run()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        loaded = site(pets, folder)
        detector = detector_for(loaded.settings)
        recording = source_for(CAMERA, str(pets.clip), realtime=False, frame_rate=FPS, start=0.0)
        source = Named(CAMERA, recording, every=every)
        journal = partial(WatchedJournal, run=done)
        began = time.process_time()
        with fleet(folder, detector, loaded, {CAMERA: source}, journal=journal) as cameras:
            cameras.finish()
            done.cpu_s = time.process_time() - began
            done.alerts = [_alert(event) for event in _raised(cameras.outbox)]
        done.frames = source.decoded
    return done


def site(pets: Pets, folder: Path) -> Loaded:
    """The clip's lines and zone as a configuration file, read as the service reads it."""
    camera = {
        "name": CAMERA,
        "url": str(pets.clip),
        "frame_rate": FPS,
        "rules": rules_of(pets),
    }
    return site_of(folder, [camera])


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


def _raised(outbox: Outbox) -> list[pb.Event]:
    events: list[pb.Event] = []
    while page := outbox.read(events[-1].sequence if events else 0):
        events += page
    return [event for event in events if event.state == pb.STATE_RAISED]


def _alert(event: pb.Event) -> Happening:
    return Happening(event.rule, WAYS[event.direction], event.capture_time.ToMicroseconds() / 1e6)
