"""PETS09-S2L1: the clip, its rules and what really happens in it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from benchmarks.report import SkipBenchmark
from benchmarks.scoring import Happening

SEQUENCE = "PETS09-S2L1"
WIDTH, HEIGHT, FRAMES, FPS = 768, 576, 795, 7.0
SHORT = 5  # frames: a stay that is shorter does not count
DWELL_S = 0.5  # of the zone rule: such stays take less


@dataclass(frozen=True, slots=True)
class Pets:
    """Where things are, pixels of the clip."""

    clip: Path
    ground_truth: Path  # MOT15's gt.txt
    lines: dict[str, tuple[tuple[float, float], tuple[float, float]]]
    zones: dict[str, tuple[tuple[float, float], ...]]
    events: tuple[Happening, ...]

    def of(self, kind: str) -> list[Happening]:
        """The events of lines, or of zones."""
        names = self.lines if kind == "line" else self.zones
        return [event for event in self.events if event.rule in names]


def load(data: Path) -> Pets:
    """Read the dataset; raises SkipBenchmark where it is not there."""
    clip = data / "pets09_s2l1" / "vtest.avi"
    truth = data / "events" / "derived_from_mot_gt.json"
    boxes = data / "mot" / "gt" / "MOT15" / SEQUENCE / "gt" / "gt.txt"
    for path in (clip, truth, boxes):
        if not path.is_file():
            raise SkipBenchmark(f"{path.name} is not among the datasets")
    document = json.loads(truth.read_text())[f"MOT15/{SEQUENCE}"]
    lines = {name: ((a[0], a[1]), (b[0], b[1])) for name, (a, b) in document["lines"].items()}
    zones = {name: tuple((x, y) for x, y in corners) for name, corners in document["zones"].items()}
    events = tuple(_happening(event) for event in document["events"])
    return Pets(clip, boxes, lines, zones, events)


def _happening(event: dict[str, object]) -> Happening:
    """Frames count from 1. `dir` +1 is from the left hand to the right hand: inward."""
    if event["type"] == "line":
        return Happening(str(event["name"]), int(str(event["dir"])), _time(event["frame"]))
    counts = int(str(event["frames"])) >= SHORT
    return Happening(str(event["name"]), 0, _time(event["enter"]), counts)


def _time(frame: object) -> float:
    return (int(str(frame)) - 1) / FPS
