"""What the parts of the throughput benchmark share: the clip as many cameras see it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from benchmarks import service
from benchmarks.fleet import Fleet, fleet, site_of
from benchmarks.pets import FPS, Pets
from benchmarks.result import Result
from benchmarks.sources import Simulated
from edge.detect import Detector
from edge.stream import Source, source_for
from edge.types import Frame

RATE = 8.0  # frames that are analysed, per camera and second
DECODED = 160  # pictures of the clip that simulated cameras show


@dataclass(slots=True)
class Bench:
    """The clip, the detector, and where the results go."""

    pets: Pets
    detector: Detector
    folder: Path
    result: Result
    rounds: int
    quick: bool
    _frames: list[Frame] = field(default_factory=list)

    def clip(self) -> Source:
        """PETS as a recording that waits for the analysis."""
        return source_for("pets", str(self.pets.clip), realtime=False, frame_rate=FPS, start=0.0)

    def simulated(self, count: int, *, live: bool, pictures: int) -> dict[str, Source]:
        """So many cameras of pictures that are decoded already, each beginning elsewhere."""
        if not self._frames:
            self._frames += islice(self.clip().frames(0), DECODED)
        starts = [37 * number % len(self._frames) for number in range(count)]
        turned = [self._frames[start:] + self._frames[:start] for start in starts]
        return {
            f"c{number}": Simulated(frames, RATE, live=live, count=pictures)
            for number, frames in enumerate(turned)
        }

    @contextmanager
    def running(
        self, sources: Mapping[str, Source], grade: Callable[[str], str] = lambda _: "yellow"
    ) -> Iterator[Fleet]:
        """These cameras, each with the clip's lines and zone, of a grade of its own."""
        rules = service.rules_of(self.pets)
        cameras = [
            {
                "name": name,
                "url": "rtsp://127.0.0.1/unused",
                "rules": [rule | {"grade": grade(name)} for rule in rules],
            }
            for name in sources
        ]
        with tempfile.TemporaryDirectory(dir=self.folder) as name:
            loaded = site_of(Path(name), cameras)
            with fleet(Path(name), self.detector, loaded, sources) as running:
                yield running
