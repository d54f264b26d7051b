"""The Intel clips through the service's own detector, judged by the labels a person gave."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.alerts_judged import Judged
from benchmarks.fleet import site_of
from benchmarks.footage import CLASSES, ZONE
from benchmarks.intel import CAR, PERSON, labels_of, path_of
from benchmarks.result import Cell
from benchmarks.sources import Named
from edge.cameras import gaze_for, lane_for, sight_for
from edge.detect import Detector
from edge.replay import stepped
from edge.rules import RULES
from edge.scoring import WAYS, Happening, score
from edge.settings import Config
from edge.stream import source_for
from edge.types import State

LINE = "line"
# Across the way that they go; all persons leave to the right, cars come from below or above.
LINES = {PERSON: ((0.75, 0.0), (0.75, 1.0)), CAR: ((0.0, 0.5), (1.0, 0.5))}
TO_THE_RIGHT, DOWN, UP = -1, 1, -1  # over these lines
STEPS = (1, 2)


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody in the picture, from when to when as labelled, and which way over the line."""

    first: float  # seconds
    last: float
    way: int


def rows(detector: Detector, *, steps: Sequence[int] = STEPS) -> Iterator[dict[str, Cell]]:
    """Both clips at every n-th frame; raises SkipBenchmark where they are not there."""
    for clip in (PERSON, CAR):
        labels = labels_of(clip)
        fps, slack_s = labels["fps"], labels["tolerance_frames"] / labels["fps"]
        for step in steps:
            alerts = raised(clip, detector, step)
            hours = labels["frames"] / fps / 3600
            found = judged(alerts, visits_of(clip), slack_s=slack_s, hours=hours)
            yield {
                "data": f"Intel, {clip}",
                "boxes": "our detector",
                "path": "fenceline",
                "every": step,
                "fps": fps / step,
                **found.cells,
            }


def visits_of(clip: str) -> list[Visit]:
    """Who comes, by hand_labelled.json."""
    labels = labels_of(clip)
    ways = {"right": TO_THE_RIGHT, "bottom": DOWN, "top": UP}
    return [
        Visit(one["first"] / labels["fps"], one["last"] / labels["fps"], ways[one["exits"]])
        for one in labels["presence"]
    ]


def judged(
    alerts: Sequence[Happening], visits: Sequence[Visit], *, slack_s: float, hours: float
) -> Judged:
    """One alert of the zone and one crossing is right for each visit, while it lasts."""
    there = [Happening(ZONE, 0, one.first, until=one.last) for one in visits]
    across = [Happening(LINE, one.way, one.first, until=one.last) for one in visits]
    zone, line = (
        score([one for one in alerts if one.rule == rule], wanted, tolerance_s=slack_s)
        for rule, wanted in ((ZONE, there), (LINE, across))
    )
    # The labels don't say when the line was crossed.
    return Judged(replace(line, delays=()), zone, hours)


def raised(clip: str, detector: Detector, step: int) -> list[Happening]:
    """What the service raises for every n-th frame of a clip."""
    with tempfile.TemporaryDirectory() as folder:
        settings = _site(clip, Path(folder))
    fps, camera = labels_of(clip)["fps"], settings.cameras[0]
    gaze, sight = gaze_for(settings, detector), sight_for(settings, detector)
    pipeline = lane_for(camera, settings).pipeline
    recording = source_for(
        camera.name, str(path_of(clip)), realtime=False, frame_rate=fps, start=0.0
    )
    events = []
    for frame in Named(camera.name, recording, every=step).frames(0):
        _, _, done = stepped(frame, gaze, sight, pipeline)
        events += [one for one in done.events if one.state is State.RAISED and one.kind in RULES]
    return [Happening(one.rule, WAYS[one.direction], one.pts) for one in events]


def _site(clip: str, folder: Path) -> Config:
    classes = list(CLASSES[clip])
    rules = [
        {"type": "zone", "name": ZONE, "polygon": [(0, 0), (1, 0), (1, 1), (0, 1)]},
        {"type": "tripwire", "name": LINE, "line": list(LINES[clip])},
    ]
    rules = [rule | {"classes": classes} for rule in rules]
    camera = {"name": "yard", "url": str(path_of(clip)), "rules": rules}
    return site_of(folder, [camera]).settings
