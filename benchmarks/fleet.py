"""The service's own path with many cameras: all its threads and the outbox, no servers."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.service import MODEL, journal_for, outbox_for
from edge.analysis import Analysis
from edge.cameras import attention_for, lane_for
from edge.config import Loaded
from edge.config import load as load_config
from edge.detect import Detector
from edge.errors import FencelineError
from edge.events.journal import Journal
from edge.events.outbox import Outbox
from edge.metrics import Metrics
from edge.stream import Source
from edge.stream.facts import Facts
from edge.stream.slots import Slots
from edge.stream.supervisor import CameraThread
from edge.types import Frame
from edge.watch import Watch

TIMEOUT_S = 1800.0


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
        while any(one.is_alive() for one in self.cameras.values()) or any(
            self.analysed(name) < one.health().frames for name, one in self.cameras.items()
        ):
            if self.analysis.failing or time.monotonic() > deadline:
                reason = self.analysis.failing or "too slow"
                raise FencelineError(f"the analysis stands still: {reason}")
            time.sleep(0.02)


class Simulated:
    """Pictures that are decoded already, again and again, as a live camera or as fast as can be."""

    def __init__(self, frames: Sequence[Frame], fps: float, *, live: bool, count: int) -> None:
        self._frames, self._fps, self._count = frames, fps, count
        self.live, self.damaged, self.facts = live, 0, Facts()

    def frames(
        self, session: int, stop: threading.Event | None = None
    ) -> Generator[Frame, None, None]:
        """See `edge.stream.Source`."""
        began, stop = time.monotonic(), stop or threading.Event()
        for index in range(self._count):
            due = began + index / self._fps
            if self.live and stop.wait(max(0.0, due - time.monotonic())):
                return
            frame = self._frames[index % len(self._frames)]
            yield replace(
                frame, index=index, pts=index / self._fps, time=time.time(), session=session
            )


class Named:
    """Another camera's name on a source's frames."""

    def __init__(self, name: str, source: Source, *, every: int = 1) -> None:
        """Of every so many frames one is analysed; all are decoded."""
        self._name, self._source, self._every = name, source, every
        self.live, self.damaged, self.facts = source.live, 0, source.facts

    def frames(
        self, session: int, stop: threading.Event | None = None
    ) -> Generator[Frame, None, None]:
        """See `edge.stream.Source`."""
        for frame in self._source.frames(session, stop):
            if frame.index % self._every == 0:
                yield replace(frame, camera=self._name)


@contextmanager
def fleet(
    folder: Path,
    detector: Detector,
    sources: Mapping[str, Source],
    *,
    rules: Callable[[str], Sequence[Mapping[str, object]]],
) -> Iterator[Fleet]:
    """Run these cameras, each with its rules, until the block is left."""
    loaded = _site(folder, {name: rules(name) for name in sources})
    settings, metrics = loaded.settings, Metrics()
    with outbox_for(settings.storage, folder) as outbox:
        slots = Slots(list(sources))
        threads = {
            name: CameraThread(name, Named(name, source), slots, metrics=metrics)
            for name, source in sources.items()
        }
        analysis = Analysis(
            slots,
            attention_for(settings, detector),
            journal_for(Journal, loaded, detector, outbox, folder),
            lanes={one.name: lane_for(one, settings) for one in settings.cameras},
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


def _site(folder: Path, rules: Mapping[str, Sequence[Mapping[str, object]]]) -> Loaded:
    cameras = [
        {"name": name, "url": "rtsp://127.0.0.1/unused", "rules": list(of_camera)}
        for name, of_camera in rules.items()
    ]
    settings = {
        "site": "benchmark",
        "model": MODEL,
        "cameras": cameras,
        "evidence": {"clip": False},
    }
    path = folder / "site.yaml"
    path.write_text(json.dumps(settings))
    return load_config(path)
