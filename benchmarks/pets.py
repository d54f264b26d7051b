"""PETS09-S2L1: the clip, its lines and zone, what really happens, and what a pass over it gave."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.datasets import dataset
from edge.scoring import Happening

SEQUENCE = "PETS09-S2L1"
WIDTH, HEIGHT, FRAMES, FPS = 768, 576, 795, 7.0
SHORT = 5  # frames: a stay that is shorter does not count
DWELL_S = 0.5  # of the zone rule: such stays take less

Point = tuple[float, float]
Box = tuple[int, int, float, float, float, float]  # frame from 1, track, left, top, width, height


@dataclass(frozen=True, slots=True)
class Pets:
    """Where things are, in pixels of the clip."""

    clip: Path
    ground_truth: Path  # MOT15's gt.txt
    lines: Mapping[str, tuple[Point, Point]]
    zones: Mapping[str, tuple[Point, ...]]
    events: tuple[Happening, ...]


@dataclass(slots=True)
class Run:
    """What one pass over the clip gave."""

    frames: int = 0  # decoded
    cpu_s: float = 0.0  # of all threads, decoding included
    alerts: list[Happening] = field(default_factory=list)
    tracks: list[Box] = field(default_factory=list)  # people

    @property
    def cpu_ms(self) -> float:
        """Per frame of the clip."""
        return 1000 * self.cpu_s / max(1, self.frames)


def load() -> Pets:
    """Read the dataset; raises SkipBenchmark where it is not there."""
    truth = json.loads(dataset("events", "derived_from_mot_gt.json").read_text())
    document = truth[f"MOT15/{SEQUENCE}"]
    return Pets(
        clip=dataset("pets09_s2l1", "vtest.avi"),
        ground_truth=dataset("mot", "gt", "MOT15", SEQUENCE, "gt", "gt.txt"),
        lines={name: (_point(a), _point(b)) for name, (a, b) in document["lines"].items()},
        zones={name: tuple(map(_point, corners)) for name, corners in document["zones"].items()},
        events=tuple(happening(event) for event in document["events"]),
    )


def happening(event: Mapping[str, Any]) -> Happening:
    """An event of the ground truth; its frames count from 1.

    Its `dir` is +1 from the left hand to the right hand of the line, as our `inward`.
    """
    if event["type"] == "line":
        return Happening(event["name"], event["dir"], (event["frame"] - 1) / FPS)
    counts = event["frames"] >= SHORT
    return Happening(event["name"], 0, (event["enter"] - 1) / FPS, counts)


def _point(xy: list[float]) -> Point:
    return xy[0], xy[1]
