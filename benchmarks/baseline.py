"""The script an engineer would write first: OpenCV, onnxruntime on every frame, supervision."""

from __future__ import annotations

import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

from benchmarks.ours import Run
from benchmarks.pets import FPS, Pets
from benchmarks.report import SkipBenchmark
from benchmarks.scoring import Happening

SCORE, OVERLAP, SIZE = 0.3, 0.6, 416
MEAN = np.array([0.485, 0.456, 0.406], np.float32)
DEVIATION = np.array([0.229, 0.224, 0.225], np.float32)


def run(pets: Pets, model: Path, *, threads: int | None, every: int = 1) -> Run:
    """One pass; `threads` None leaves onnxruntime its default. Raises SkipBenchmark."""
    try:
        import supervision as sv  # noqa: PLC0415 - an extra
    except ImportError:
        raise SkipBenchmark("the extra `bench` (supervision) is not installed") from None
    options = ort.SessionOptions()
    if threads is not None:
        options.intra_op_num_threads = threads
    session = ort.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    session.run(None, {"image": np.zeros((1, 3, SIZE, SIZE), np.float32)})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it says that its ByteTrack will go
        tracker = sv.ByteTrack(frame_rate=max(1, round(FPS / every)))
    lines = {
        name: sv.LineZone(sv.Point(*start), sv.Point(*end))
        for name, (start, end) in pets.lines.items()
    }
    zones = {name: sv.PolygonZone(np.array(points)) for name, points in pets.zones.items()}
    inside: dict[str, set[int]] = {name: set() for name in zones}
    done = Run()
    began = time.process_time()
    for index, image in _frames(pets.clip):
        done.frames += 1
        if index % every:
            continue
        people: Any = tracker.update_with_detections(_detect(sv, session, image))
        for i, box in zip(people.tracker_id, people.xyxy, strict=True):
            x1, y1, x2, y2 = (float(value) for value in box)
            done.tracks.append((index + 1, int(i), x1, y1, x2 - x1, y2 - y1))
        done.alerts += _crossings(lines, people, index / FPS)
        done.alerts += _entries(zones, inside, people, index / FPS)
    done.cpu_s = time.process_time() - began
    return done


def _frames(clip: Path) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    capture = cv2.VideoCapture(str(clip))
    index = 0
    while True:
        good, image = capture.read()
        if not good:
            break
        yield index, image  # type: ignore[misc]
        index += 1
    capture.release()


def _detect(sv: Any, session: ort.InferenceSession, image: NDArray[np.uint8]) -> Any:
    height, width = image.shape[:2]
    rgb = cv2.cvtColor(cv2.resize(image, (SIZE, SIZE)), cv2.COLOR_BGR2RGB)
    tensor = ((rgb.astype(np.float32) / 255 - MEAN) / DEVIATION).transpose(2, 0, 1)[None]
    boxes, scores = session.run(None, {"image": np.ascontiguousarray(tensor)})
    person = scores[0, 0]
    rows = np.flatnonzero(person > SCORE)
    xyxy = boxes[0][rows] * np.array([width / SIZE, height / SIZE] * 2, np.float32)
    found = sv.Detections(
        xyxy=xyxy, confidence=person[rows], class_id=np.zeros(len(rows), dtype=int)
    )
    return found.with_nms(OVERLAP)


def _crossings(lines: dict[str, Any], people: Any, now: float) -> Iterator[Happening]:
    for name, line in lines.items():
        inward, outward = line.trigger(people)
        # What supervision calls "in" is from the right hand to the left hand of the line.
        yield from (Happening(name, -1, now) for _ in range(int(inward.sum())))
        yield from (Happening(name, 1, now) for _ in range(int(outward.sum())))


def _entries(
    zones: dict[str, Any], inside: dict[str, set[int]], people: Any, now: float
) -> Iterator[Happening]:
    for name, zone in zones.items():
        held = {int(i) for i in people.tracker_id[zone.trigger(people)]}
        yield from (Happening(name, 0, now) for _ in held - inside[name])
        inside[name] = held
