"""What does a decoded frame cost? The service's file source against cv2.VideoCapture."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import cv2

from benchmarks.datasets import dataset
from benchmarks.result import Column, Goal, Result
from edge.errors import FencelineError
from edge.stream import source_for
from edge.stream.encode import encode_h264

ROUNDS = 7
MOST = 1.05  # of OpenCV's cost; the five percent are the noise of equal runs
COLUMNS = (
    Column("clip", ["clip"]),
    Column("reader", ["reader"]),
    Column("CPU ms/frame", ["cpu_ms"]),
    Column("least / most", ["cpu_ms_least", "cpu_ms_most"]),
    Column("ratio to OpenCV", ["ratio"], digits=2),
)
NOTE = (
    "Every picture of the clip, 768x576, to BGR in memory of its own; CPU of all threads "
    "(process_time), median over {rounds} turn(s) of each."
)


def run(*, quick: bool = False) -> Result:
    """Read the clip as it is, and as H.264 as a camera would send it."""
    rounds = 1 if quick else ROUNDS
    original = dataset("pets09_s2l1", "vtest.avi")
    result = Result(
        "decode",
        "What does a decoded frame cost?",
        COLUMNS,
        parameters={"clip": original.name, "rounds": rounds},
        notes=[NOTE.format(rounds=rounds)],
    )
    with tempfile.TemporaryDirectory() as folder:
        h264 = Path(folder) / "clip.h264"
        encode_h264(original, h264)
        for name, clip in (("msmpeg4v3", original), ("H.264", h264)):
            compare(result, name, costs_ms(READERS, clip, rounds=rounds))
    return result


def costs_ms(
    readers: Mapping[str, Callable[[Path], int]], clip: Path, *, rounds: int
) -> dict[str, list[float]]:
    """CPU milliseconds per frame of each reader in each round.

    Raises FencelineError where they don't read the same number of frames.
    """
    costs: dict[str, list[float]] = {name: [] for name in readers}
    counts = set()
    for _ in range(rounds):
        for name, read in readers.items():
            began = time.process_time()
            frames = read(clip)
            costs[name].append(1000 * (time.process_time() - began) / max(1, frames))
            counts.add(frames)
    if len(counts) != 1 or 0 in counts:
        raise FencelineError(f"{clip.name}: the readers give {sorted(counts)} frames, not the same")
    return costs


def compare(result: Result, name: str, costs: Mapping[str, list[float]]) -> None:
    """Add a row for each reader of one clip, by the medians, and the goal."""
    medians = {reader: statistics.median(values) for reader, values in costs.items()}
    for reader, values in costs.items():
        result.rows.append(
            {
                "clip": name,
                "reader": reader,
                "cpu_ms": medians[reader],
                "cpu_ms_least": min(values),
                "cpu_ms_most": max(values),
                "ratio": medians[reader] / medians[OPENCV],
            }
        )
    ratio = medians[OURS] / medians[OPENCV]
    result.ratios[f"{name}, CPU of {OURS} to {OPENCV}"] = ratio
    result.goals.append(Goal(f"{name}, CPU to OpenCV's", ratio, MOST, at_least=False))


def _ours(clip: Path) -> int:
    source = source_for("clip", str(clip), realtime=False, start=0.0)
    return sum(1 for _ in source.frames(0))


def _opencv(clip: Path) -> int:
    capture, frames = cv2.VideoCapture(str(clip)), 0
    while capture.read()[0]:
        frames += 1
    capture.release()
    return frames


OURS, OPENCV = "fenceline", "cv2.VideoCapture"
READERS = {OURS: _ours, OPENCV: _opencv}
