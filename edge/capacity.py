"""What this box carries: measured in some seconds, told in cameras of each kind."""

from __future__ import annotations

import math
import os
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from edge.app import detector_for
from edge.cameras import lane_for
from edge.detect import Detector
from edge.detect.gaze import Gaze
from edge.pipeline import Seen, Step
from edge.settings import Config
from edge.stream import source_for
from edge.stream.sample import write_sample
from edge.types import Detections, Frame

SAFE = 0.8  # of the machine: the rest is for bursts, sinks and the console
BUSY, QUIET = 0.40, 0.05  # network inputs per picture: somebody always there, and seldom
CALLS, PICTURES = 20, 60  # that are measured
TURN = 4  # inputs that are asked for at once


@dataclass(frozen=True, slots=True)
class Kind:
    """Cameras of one kind."""

    name: str
    size: tuple[int, int]
    fps: int  # of the stream; all of it is decoded
    analysed: float  # frames a second


KINDS = (
    Kind("768x576, 8 fps", (768, 576), 8, 8),
    Kind("1920x1080, 8 fps", (1920, 1080), 8, 8),
    Kind("1920x1080, 25 fps", (1920, 1080), 25, 8),
)


@dataclass(frozen=True, slots=True)
class Costs:
    """CPU seconds."""

    input_s: float  # one network input
    input_wall_s: float  # the same on the clock, several at once
    decode_s: dict[tuple[int, int], float]  # one picture of each size
    frame_s: float  # everything else about one analysed picture


@dataclass(frozen=True, slots=True)
class Row:
    """How many cameras of a kind."""

    kind: str
    busy: int  # where somebody is always in the picture
    quiet: int  # where somebody seldom is


def measure(settings: Config, detector: Detector) -> Costs:
    """Look at what one camera costs on this machine, now; raises ModelError."""
    input_s, input_wall_s = _inputs(detector)
    sizes = {kind.size for kind in KINDS}
    with tempfile.TemporaryDirectory() as folder:
        clips = {size: Path(folder) / f"{size[0]}.mp4" for size in sizes}
        for size, path in clips.items():
            write_sample(path, size, fps=25, pictures=PICTURES)
        decode_s = {size: _timed(_frames(path)) for size, path in clips.items()}
        frames = list(_frames(clips[KINDS[0].size]))
    return Costs(input_s, input_wall_s, decode_s, _follow(settings, detector, frames))


def rows(costs: Costs) -> list[Row]:
    """How many cameras of each kind fit, at a load that leaves room."""
    return [
        Row(kind.name, carried(costs, kind, BUSY), carried(costs, kind, QUIET)) for kind in KINDS
    ]


def carried(costs: Costs, kind: Kind, inputs: float) -> int:
    """Cameras of a kind that need so many network inputs per picture.

    Two limits: the processor as a whole, and the one thread that looks at all cameras.
    """
    cores = len(os.sched_getaffinity(0))
    looking = costs.frame_s + inputs * costs.input_s
    whole = kind.fps * costs.decode_s[kind.size] + kind.analysed * looking
    thread = kind.analysed * (costs.frame_s + inputs * costs.input_wall_s)
    return math.floor(SAFE * min(cores / whole, 1 / thread))


def _inputs(detector: Detector) -> tuple[float, float]:
    """CPU and clock seconds of one input."""
    width, height = detector.sizes[0]
    images = [np.full((height, width, 3), 114, np.uint8)] * TURN
    detector.infer(images)
    cpu, wall = time.process_time(), time.monotonic()
    for _ in range(CALLS // TURN):
        detector.infer(images)
    count = CALLS // TURN * TURN
    return (time.process_time() - cpu) / count, (time.monotonic() - wall) / count


def _frames(path: Path) -> Iterator[Frame]:
    return source_for("sample", str(path), realtime=False, start=0.0).frames(0)


def _follow(settings: Config, detector: Detector, frames: list[Frame]) -> float:
    """Motion, tracker and rules of the first camera, without the network."""
    gaze, lane = Gaze(detector.fit), lane_for(settings.cameras[0], settings)
    nothing = Detections.empty()

    def step(frame: Frame) -> Step:
        glance = gaze.look(frame, lane.pipeline.expected(frame))
        objects = gaze.objects(glance, nothing)
        return lane.pipeline.step(frame, objects, Seen(nothing, glance.looked))

    return _timed(map(step, frames))


def _timed(work: Iterable[object]) -> float:
    """CPU seconds of each piece of work, which is done as it is asked for."""
    began = time.process_time()
    count = sum(1 for _ in work)
    return (time.process_time() - began) / count


def show(settings: Config) -> None:
    """Measure this box with the configured model, and tell what it carries."""
    detector = detector_for(settings)
    costs = measure(settings, detector)
    console = Console()
    console.print(
        f"{detector.name} on {detector.provider} in {detector.precision}: "
        f"{1000 * costs.input_s:.1f} ms per input, "
        f"{1000 * costs.frame_s:.1f} ms per picture besides",
        highlight=False,
    )
    table = Table("cameras, 8 pictures a second analysed", "always somebody there", "seldom")
    for row in rows(costs):
        table.add_row(row.kind, str(row.busy), str(row.quiet))
    console.print(table)
    console.print(
        f"With {SAFE:.0%} of this machine as it was just now; "
        f"{len(settings.cameras)} are configured.",
        highlight=False,
    )
