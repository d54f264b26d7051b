"""What does a decoded frame cost? The service's file source against cv2.VideoCapture."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import cv2

from benchmarks.pets import load
from benchmarks.report import Goal, Result, data_folder
from edge.stream import source_for
from edge.stream.encode import encode_h264

REPEATS = 5
COLUMNS = ("clip", "reader", "CPU ms/frame (median)", "least", "most", "ratio to OpenCV")
SLACK = 1.1  # of the noise that remains on a shared machine


def run() -> Result:
    """Read the clip as it is, and as H.264 from a camera; in turns, to BGR."""
    pets = load(data_folder())
    result = Result("decode", "CPU per decoded 768x576 frame, to BGR, all threads", COLUMNS)
    result.parameters = {"repeats": REPEATS}
    with tempfile.TemporaryDirectory() as folder:
        h264 = Path(folder) / "clip.h264"
        encode_h264(pets.clip, h264)
        for name, clip in (("msmpeg4v3", pets.clip), ("H.264", h264)):
            _compare(result, name, clip)
    return result


def _compare(result: Result, name: str, clip: Path) -> None:
    readers = {"fenceline": _ours, "cv2.VideoCapture": _opencv}
    costs: dict[str, list[float]] = {reader: [] for reader in readers}
    for _ in range(REPEATS):
        for reader, read in readers.items():
            costs[reader].append(_cost_ms(read, clip))
    base = statistics.median(costs["cv2.VideoCapture"])
    for reader, values in costs.items():
        median = statistics.median(values)
        result.rows.append([name, reader, median, min(values), max(values), median / base])
        result.metrics[f"{name}, {reader}: CPU ms/frame"] = median
    ratio = statistics.median(costs["fenceline"]) / base
    result.ratios[f"{name}: to OpenCV"] = ratio
    result.goals.append(
        Goal(f"{name}: CPU, ratio to OpenCV with noise", ratio, SLACK, at_least=False)
    )


def _cost_ms(read: Callable[[Path], int], clip: Path) -> float:
    began = time.process_time()
    frames = read(clip)
    return 1000 * (time.process_time() - began) / frames


def _ours(clip: Path) -> int:
    source = source_for("bench", str(clip), realtime=False, start=0.0)
    return sum(1 for _ in source.frames(0))


def _opencv(clip: Path) -> int:
    capture, frames = cv2.VideoCapture(str(clip)), 0
    while capture.read()[0]:
        frames += 1
    capture.release()
    return frames
