"""Does anything grow? Eight hours of one camera through the service's path, as fast as it can."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from benchmarks.datasets import dataset
from benchmarks.machine import held
from benchmarks.result import Column, Goal, Result
from edge.analysis import Lane
from edge.cameras import lane_for
from edge.config import Loaded
from edge.config import load as load_config
from edge.events.codec import Origin
from edge.events.ids import replay_ids
from edge.events.journal import Journal
from edge.events.outbox import Outbox
from edge.metrics import Metrics
from edge.replay import FrameClock
from edge.stream import source_for
from edge.stream.encode import encode_h264
from edge.types import CLASSES, Detections, Frame, Grade

HOURS, QUICK_HOURS = 8.0, 0.1
FPS, SIZE, CLIP_S = 8, (160, 120), 60
LOOKS = 24  # at memory and descriptors
GROWTH_MOST_MIB = 4.0  # of the last quarter's peak over the second quarter's
STAY_S = 12.0  # somebody walks through every so often
COLUMNS = (
    Column("stream hours", ["hours"], digits=2),
    Column("frames", ["frames"], digits=0),
    Column("events", ["events"], digits=0),
    Column("RSS MiB", ["rss_mib"], digits=1),
    Column("descriptors", ["descriptors"], digits=0),
)
NOTE = (
    "One looped clip of 160x120, {fps} frames a second: decoding, tracker, tripwire and zone, "
    "outbox with its retention; somebody walks through every {stay:g} s (boxes by script, no "
    "model). RSS and descriptors of the whole process."
)


def run(*, quick: bool = False) -> Result:
    """Replay, look now and then, and compare the last quarter with the second."""
    hours = QUICK_HOURS if quick else HOURS
    result = Result(
        "soak",
        "Does anything grow in eight hours of stream time?",
        COLUMNS,
        parameters={"hours": hours, "fps": FPS, "size": "x".join(map(str, SIZE))},
        notes=[NOTE.format(fps=FPS, stay=STAY_S)],
    )
    original = dataset("pets09_s2l1", "vtest.avi")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        encode_h264(original, folder / "clip.h264", fps=FPS, size=SIZE, seconds=CLIP_S)
        began = time.monotonic()
        looks = replay(stack, folder, hours)
        result.ratios["stream time to time taken"] = hours * 3600 / (time.monotonic() - began)
    result.rows += looks
    growth, more = (_grown(looks, key) for key in ("rss_mib", "descriptors"))
    result.goals += [
        Goal("MiB grown, second quarter to last", growth, GROWTH_MOST_MIB, at_least=False),
        Goal("descriptors grown", more, 0.0, at_least=False),
    ]
    return result


def replay(stack: ExitStack, folder: Path, hours: float) -> list[dict[str, float]]:
    """What was seen at each look."""
    loaded = _site(folder)
    camera = loaded.settings.cameras[0]
    lane, clock = lane_for(camera, loaded.settings), FrameClock()
    outbox = stack.enter_context(_outbox(folder))
    journal = _journal(loaded, outbox, clock)
    source = source_for(
        camera.name, str(folder / "clip.h264"), realtime=False, loop=True, frame_rate=FPS, start=0.0
    )
    frames = source.frames(0)
    stack.callback(frames.close)
    total = int(hours * 3600 * FPS)
    looks: list[dict[str, float]] = []
    for number, frame in zip(range(1, total + 1), frames, strict=False):
        clock.now = frame.time
        _analyse(lane, journal, frame)
        if number % max(1, total // LOOKS) == 0:
            looks.append(_look(frame, outbox))
    return looks


def _analyse(lane: Lane, journal: Journal, frame: Frame) -> None:
    step = lane.pipeline.step(frame, walker(frame))
    journal.record(step.events, step.scene)


def walker(frame: Frame) -> Detections:
    """Somebody crosses the picture from left to right, and again."""
    at = frame.pts % STAY_S / STAY_S
    x, foot = at * 1.2 * SIZE[0] - 0.1 * SIZE[0], 0.8 * SIZE[1]
    box = np.array([[x - 6, foot - 30, x + 6, foot]], np.float32)
    if box[0, 2] < 0 or box[0, 0] > SIZE[0]:
        return Detections.empty()
    return Detections(box, np.array([0.9], np.float32), np.array([CLASSES["person"]], np.int64))


def _look(frame: Frame, outbox: Outbox) -> dict[str, float]:
    rss_mib, descriptors = held()
    return {
        "hours": (frame.pts + 1 / FPS) / 3600,
        "frames": frame.index + 1,
        "events": outbox.last_sequence,
        "rss_mib": rss_mib,
        "descriptors": descriptors,
    }


def _site(folder: Path) -> Loaded:
    rules = [
        {"type": "tripwire", "name": "fence", "line": [[0.5, 0.1], [0.5, 1.0]]},
        {
            "type": "zone",
            "name": "yard",
            "polygon": [[0.6, 0.1], [0.9, 0.1], [0.9, 1.0], [0.6, 1.0]],
        },
    ]
    camera = {"name": "soak", "url": "clip.h264", "rules": rules}
    path = folder / "site.yaml"  # JSON is YAML
    path.write_text(json.dumps({"site": "benchmark", "cameras": [camera]}))
    return load_config(path)


def _outbox(folder: Path) -> Outbox:
    return Outbox(
        folder / "outbox.db",
        box="benchmark",
        max_rows=1000,
        max_bytes=2**22,
        max_age_s=1e9,
        metrics=Metrics(),
    )


def _journal(loaded: Loaded, outbox: Outbox, clock: FrameClock) -> Journal:
    return Journal(
        outbox,
        None,
        origin=Origin("benchmark", loaded.revision, "none", "", "none"),
        grades={("soak", rule): Grade.BLUE for rule in ("fence", "yard")},
        clock=clock,
        new_id=replay_ids(loaded.revision),
        metrics=Metrics(),
    )


def _grown(looks: Sequence[Mapping[str, float]], key: str) -> float:
    """The last quarter's most less the second quarter's."""
    quarter = len(looks) // 4
    return max(look[key] for look in looks[-quarter:]) - max(
        look[key] for look in looks[quarter : 2 * quarter]
    )
