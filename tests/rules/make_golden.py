"""Builders: real recordings through a site's rules, and what is kept of what they tell.

`python -m tests.rules.make_golden` writes golden/*.json anew, for a person to judge what changed.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from benchmarks.datasets import dataset
from benchmarks.pets import FPS, FRAMES, HEIGHT, SEQUENCE, WIDTH
from benchmarks.stage import table, yard
from edge.app import detector_for
from edge.cameras import lane_for
from edge.config import load
from edge.motchallenge import corners
from edge.picture import Still
from edge.replay import steps
from edge.types import CLASSES, Detections, Event, Frame

GOLDEN = Path(__file__).parent / "golden"
VAN = (653.0, 44.0, 722.0, 100.0)  # parked at the top right all the time; drawn by hand


def annotated():
    """PETS's gt.txt: frame, person, left, top, width, height, 1, and the foot point in metres."""
    path = dataset("mot", "gt", "MOT15", SEQUENCE, "gt", "gt.txt")
    return np.loadtxt(path, delimiter=",")[:, :9]


def told(name: str) -> list[Event]:
    """All events of a site; raises SkipBenchmark without the data, ModelError without a model."""
    loaded = load(GOLDEN / f"{name}.yaml")
    (camera,) = loaded.settings.cameras
    lane = lane_for(camera, loaded.settings)
    if name == "crossroads":
        done = [*_annotated_steps(lane.pipeline)]
    else:
        source = {"table": table, "yard": yard}[name](camera)
        detector = detector_for(loaded.settings)
        done = [*steps(source, loaded.settings, detector=detector, lane=lane)]
    return [event for step in done for event in step.events]


def _annotated_steps(pipeline):
    rows, picture = annotated(), Still(np.zeros((HEIGHT, WIDTH, 3), np.uint8))
    for index in range(FRAMES):
        people = corners(rows[rows[:, 0] == index + 1, 2:6])
        xyxy = np.vstack((people, VAN)).astype(np.float32)
        kinds = np.array([CLASSES["person"]] * len(people) + [CLASSES["car"]], np.int64)
        found = Detections(xyxy, np.ones(len(xyxy), np.float32), kinds)
        yield pipeline.step(Frame("crossroads", index, index / FPS, index / FPS, picture), found)
    yield pipeline.finish("session_ended")


def kept(events, but=()):
    """What the golden file has of each event, by rule: when, what, which way, and where."""
    found = {}
    for event in events:
        if event.rule not in but:
            foot = _foot(event.sighting)
            what = f"{event.state} {event.reason} {event.direction or ''}".strip()
            found.setdefault(event.rule, []).append([round(event.pts, 2), what, *foot])
    return dict(sorted(found.items()))


def _foot(seen):
    """Of whom an alert is about, 0..1; nothing of one about nobody."""
    if seen is None:
        return []
    x1, _, x2, y2 = seen.box
    return [round((x1 + x2) / 2, 2), round(y2, 2)]


def write(name, found):
    """A line for each event."""
    rules = [
        f" {json.dumps(rule)}: [\n" + ",\n".join(f"  {json.dumps(row)}" for row in rows) + "\n ]"
        for rule, rows in found.items()
    ]
    (GOLDEN / f"{name}.json").write_text("{\n" + ",\n".join(rules) + "\n}\n")


def read(name):
    return json.loads((GOLDEN / f"{name}.json").read_text())


if __name__ == "__main__":
    from tests.rules.test_golden import OPEN

    for site in sorted(GOLDEN.glob("*.yaml")):
        write(site.stem, kept(told(site.stem), OPEN.get(site.stem, ())))
