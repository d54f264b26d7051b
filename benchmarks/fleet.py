"""The service's own path over some cameras: all its threads and the outbox.

All of it as `edge.app` puts it together, with the default settings; only the servers, which
nobody would ask anything, are left out.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.result import Cell
from benchmarks.sources import Named
from edge.analysis import Analysis
from edge.app import origin_for
from edge.cameras import attention_for, lane_for
from edge.config import Loaded
from edge.config import load as load_config
from edge.detect import Detector, open_detector
from edge.detect.models import get_model
from edge.errors import FencelineError
from edge.events.evidence import EvidenceStore
from edge.events.exhibits import Exhibits
from edge.events.ids import uuid7
from edge.events.journal import Journal
from edge.events.outbox import Outbox
from edge.grades import grades_for
from edge.metrics import Metrics
from edge.settings import Storage
from edge.stores import clips_for
from edge.stream import Source
from edge.stream.slots import Slots
from edge.stream.supervisor import CameraThread
from edge.trajectories import tracking_for
from edge.watch import Watch

MODEL = "picodet-s-416"
TIMEOUT_S = 1800.0


def default_detector() -> Detector:
    """The default model as the service opens it by default; made first where it is missing."""
    get_model(MODEL)
    return open_detector(MODEL, score=0.1, small=True)


def told(detector: Detector, **more: Cell) -> dict[str, Cell]:
    """What a result says of the detector, among its parameters."""
    return {
        "model": detector.name,
        "provider": detector.provider,
        "precision": detector.precision,
        **more,
    }


def site_of(folder: Path, cameras: Sequence[Mapping[str, object]]) -> Loaded:
    """Cameras as a configuration file has them, read as the service reads it."""
    settings = {
        "site": "benchmark",
        "model": MODEL,
        "cameras": list(cameras),
        "evidence": {"clip": False},  # the scripts it is compared to keep nothing
    }
    path = folder / "site.yaml"  # JSON is YAML
    path.write_text(json.dumps(settings))
    return load_config(path)


@dataclass(frozen=True, slots=True, eq=False)
class Fleet:
    """Cameras that are running."""

    cameras: Mapping[str, CameraThread]
    analysis: Analysis
    slots: Slots
    metrics: Metrics
    outbox: Outbox

    def analysed(self, camera: str) -> int:
        """How many of its frames were."""
        found = self.metrics.registry.get_sample_value("fenceline_frames_total", {"camera": camera})
        return int(found or 0)

    def finish(self) -> None:
        """Wait until the last frame of every recording is analysed."""
        deadline = time.monotonic() + TIMEOUT_S
        for name, one in self.cameras.items():  # asked rarely: what asking costs is measured too
            while one.is_alive() or self.analysed(name) < one.health().frames:
                if self.analysis.failing or time.monotonic() > deadline:
                    reason = self.analysis.failing or "too slow"
                    raise FencelineError(f"the analysis stands still: {reason}")
                one.join(0.2)
                if not one.is_alive():
                    time.sleep(0.02)


@contextmanager
def fleet(
    folder: Path,
    detector: Detector,
    loaded: Loaded,
    sources: Mapping[str, Source],
    *,
    journal: Callable[..., Journal] = Journal,
) -> Iterator[Fleet]:
    """Run the cameras of a site on these sources until the block is left."""
    settings, metrics = loaded.settings, Metrics()
    with _outbox(settings.storage, folder) as outbox:
        slots = Slots(list(sources))
        threads = {
            name: CameraThread(name, Named(name, source), slots, metrics=metrics)
            for name, source in sources.items()
        }
        tracking = tracking_for(settings.track)
        analysis = Analysis(
            slots,
            attention_for(settings, detector),
            _journal(journal, loaded, detector, outbox, folder),
            lanes={one.name: lane_for(one, settings, tracking) for one in settings.cameras},
            follow=tracking.update,
            watch=Watch({name: one.health for name, one in threads.items()}),
            metrics=metrics,
        )
        running: list[CameraThread | Analysis] = [*threads.values(), analysis]
        for thread in reversed(running):
            thread.start()
        try:
            yield Fleet(threads, analysis, slots, metrics, outbox)
        finally:
            for thread in running:
                thread.stop()
            slots.close()
            for thread in running:
                thread.join()


def _outbox(storage: Storage, folder: Path) -> Outbox:
    return Outbox(
        folder / "outbox.db",
        box="benchmark",
        max_rows=storage.max_events,
        max_bytes=storage.max_event_bytes,
        max_age_s=storage.max_event_days * 86_400,
        metrics=Metrics(),
    )


def _journal(
    make: Callable[..., Journal], loaded: Loaded, detector: Detector, outbox: Outbox, folder: Path
) -> Journal:
    storage = loaded.settings.storage
    evidence = EvidenceStore(
        folder / "evidence",
        max_bytes=storage.max_evidence_bytes,
        max_age_s=storage.max_evidence_hours * 3600,
    )
    return make(
        outbox,
        Exhibits(evidence, clips=clips_for(loaded.settings), metrics=Metrics()),
        origin=origin_for(loaded, detector),
        grades=grades_for(loaded.settings),
        clock=time.time,
        new_id=uuid7,
        metrics=Metrics(),
    )
