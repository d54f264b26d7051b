"""The script an engineer would write first: OpenCV, onnxruntime on every frame, supervision."""

from __future__ import annotations

import os
import time
import warnings
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from benchmarks.pets import DWELL_S, FPS, FRAMES, Box, Pets, Run
from benchmarks.result import SkipBenchmark
from edge.scoring import Happening
from edge.types import Image

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # before it is loaded, as edge/detect/session.py does
import onnxruntime as ort

SCORE, OVERLAP, SIZE = 0.3, 0.6, 416
MEAN = np.array([0.485, 0.456, 0.406], np.float32)
DEVIATION = np.array([0.229, 0.224, 0.225], np.float32)


def run(pets: Pets, model: Path, *, threads: int | None, every: int = 1) -> Run:
    """Analyse every n-th frame; `threads` None leaves onnxruntime its defaults.

    Raises SkipBenchmark where supervision is not installed.
    """
    sv = _supervision()
    session = _session(model, threads)
    tracker = _tracker(sv, FPS / every)
    watch = Watch(sv, pets)
    done = Run()
    began = time.process_time()
    for index, image in _frames(pets.clip):
        done.frames += 1
        if index % every:
            continue
        people = tracker.update_with_detections(_detect(sv, session, image))
        for track, (x1, y1, x2, y2) in zip(
            people.tracker_id.tolist(), people.xyxy.tolist(), strict=True
        ):
            done.tracks.append((index + 1, track, x1, y1, x2 - x1, y2 - y1))
        done.alerts += watch.alerts(people, index / FPS)
    done.cpu_s = time.process_time() - began
    return done


def careful(pets: Pets, tracks: Sequence[Box]) -> list[Happening]:
    """The alerts of a second version, on the tracks of the first.

    Its lines and zone look at the foot point, and the zone waits for the same dwell time as ours.
    """
    sv = _supervision()
    watch = Watch(sv, pets, anchors=[sv.Position.BOTTOM_CENTER], dwell_s=DWELL_S)
    rows = defaultdict(list)
    for frame, track, x, y, w, h in tracks:
        rows[frame].append((x, y, x + w, y + h, track))
    alerts: list[Happening] = []
    for frame in range(1, FRAMES + 1):
        of_frame = np.array(rows[frame], np.float64).reshape(-1, 5)
        people = sv.Detections(
            xyxy=of_frame[:, :4].astype(np.float32),
            class_id=np.zeros(len(of_frame), int),
            tracker_id=of_frame[:, 4].astype(int),
        )
        alerts += watch.alerts(people, (frame - 1) / FPS)
    return alerts


class Watch:
    """supervision's LineZone and PolygonZone, and who is inside since when.

    `anchors` are what LineZone looks at; its default is all four corners of a box.
    """

    def __init__(
        self, sv: Any, pets: Pets, *, anchors: list[Any] | None = None, dwell_s: float = 0.0
    ) -> None:
        options = {} if anchors is None else {"triggering_anchors": anchors}
        self._lines = {
            name: sv.LineZone(sv.Point(*start), sv.Point(*end), **options)
            for name, (start, end) in pets.lines.items()
        }
        self._zones = {name: sv.PolygonZone(np.array(at)) for name, at in pets.zones.items()}
        self._since: dict[str, dict[int, float]] = {name: {} for name in self._zones}
        self._told: dict[str, set[int]] = {name: set() for name in self._zones}
        self._dwell_s = dwell_s

    def alerts(self, people: Any, now: float) -> Iterator[Happening]:
        """What one frame's tracked people lead to."""
        for name, line in self._lines.items():
            inward, outward = line.trigger(people)
            # supervision's "in" is from the right hand to the left hand of start -> end.
            yield from [Happening(name, -1, now)] * int(inward.sum())
            yield from [Happening(name, 1, now)] * int(outward.sum())
        for name, zone in self._zones.items():
            inside = set(people.tracker_id[zone.trigger(people)].tolist())
            since = {track: self._since[name].get(track, now) for track in inside}
            due = {track for track in inside if now - since[track] >= self._dwell_s - 1e-6}
            yield from [Happening(name, 0, now)] * len(due - self._told[name])
            self._since[name], self._told[name] = since, due


def _supervision() -> Any:
    try:
        import supervision  # noqa: PLC0415 - an extra
    except ImportError:
        raise SkipBenchmark(
            "supervision is not installed; it comes with the extra `bench`"
        ) from None
    return supervision


def _session(model: Path, threads: int | None) -> ort.InferenceSession:
    options = ort.SessionOptions()
    if threads is not None:
        options.intra_op_num_threads = threads
    session = ort.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    session.run(None, {"image": np.zeros((1, 3, SIZE, SIZE), np.float32)})
    return session


def _tracker(sv: Any, frame_rate: float) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it says that its ByteTrack will go
        return sv.ByteTrack(frame_rate=round(frame_rate))


def _frames(clip: Path) -> Iterator[tuple[int, Image]]:
    capture = cv2.VideoCapture(str(clip))
    index = 0
    while (read := capture.read())[0]:
        yield index, np.asarray(read[1], np.uint8)
        index += 1
    capture.release()


def _detect(sv: Any, session: ort.InferenceSession, image: Image) -> Any:
    height, width = image.shape[:2]
    rgb = cv2.cvtColor(cv2.resize(image, (SIZE, SIZE)), cv2.COLOR_BGR2RGB)
    tensor = ((rgb.astype(np.float32) / 255 - MEAN) / DEVIATION).transpose(2, 0, 1)[None]
    boxes, scores = session.run(None, {"image": np.ascontiguousarray(tensor)})
    person = scores[0, 0]
    rows = np.flatnonzero(person > SCORE)
    found = sv.Detections(
        xyxy=boxes[0][rows] * np.array([width / SIZE, height / SIZE] * 2, np.float32),
        confidence=person[rows],
        class_id=np.zeros(len(rows), int),
    )
    return found.with_nms(OVERLAP)
