"""`fenceline track`: a recording, or the detections of one, to a file of its trajectories."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edge.app import detector_for
from edge.errors import FencelineError, MotFileError
from edge.motchallenge import (
    Line,
    read_detections,
    read_sequence_info,
    reserved,
    write_tracks,
)
from edge.settings import Config, Detect
from edge.stream import source_for
from edge.stream.timeline import Gate
from edge.trajectories import Trajectories, followed
from edge.types import CLASSES, Detections

DETECTIONS = "det/det.txt"  # in a sequence's folder
TEXTS = (".txt", ".csv")
VIDEOS = (".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".ts", ".mpg", ".mpeg", ".h264", ".h265")
Numbered = tuple[int, float, Detections]  # a frame's number from 1, its pts in seconds


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be made of a recording."""

    classes: tuple[str, ...] = ("person",)
    model: str = "picodet-s-416"  # videos
    fps: float | None = None  # videos: most frames a second that count; detections: their rate
    every: int = 1  # only each so-manieth frame counts
    scale: float = 1.0  # detections: what their scores are divided by
    least: float = Detect().score  # detections below this score are left out, as in the service


@dataclass(frozen=True, slots=True)
class Input:
    """The frames of a recording, and what was left out of it, in words."""

    frames: Iterable[Numbered]
    left_out: tuple[str, ...] = ()


def track(source: Path, out: Path, wanted: Wanted) -> str:
    """Write the trajectories of a video, a detections file or a sequence folder; a line on them.

    The file is whole or not there. Raises FencelineError.
    """
    _check(source, out, wanted)
    with reserved(out) as part:
        given = _input(source, wanted)
        numbers: list[int] = []
        tracks = followed(_counted(given.frames, numbers))
        lines = list(_lines(tracks, numbers, {CLASSES[name] for name in wanted.classes}))
        write_tracks(part, lines)
    told, others = _counts(tracks, wanted.classes)
    left_out = ", ".join((*others, *given.left_out))
    said = f"{out}: {len(numbers)} frames; tracks: {told}"
    return f"{said}; left out: {left_out}" if left_out else said


def _check(source: Path, out: Path, wanted: Wanted) -> None:
    for name in wanted.classes:
        if name not in CLASSES:
            raise FencelineError(f"unknown class '{name}'", f"choose from {', '.join(CLASSES)}")
    for option, value in (("fps", wanted.fps), ("scale", wanted.scale)):
        if value is not None and not 0 < value < math.inf:
            raise FencelineError(f"--{option} {value:g} makes no sense", "give a number above 0")
    if not source.exists():
        raise MotFileError(f"{source}: no such file or folder", "check the path")
    if out.resolve() in (source.resolve(), (source / DETECTIONS).resolve()):
        raise MotFileError(f"{out}: that is the source itself", "write to another file")


def _input(source: Path, wanted: Wanted) -> Input:
    if source.is_dir():
        return _sequence(source, wanted)
    if source.suffix.lower() in TEXTS:
        return _detections(source, wanted)
    if source.suffix.lower() in VIDEOS:
        return Input(_video(source, wanted))
    raise MotFileError(
        f"{source}: unknown kind of file",
        f"give detections ({', '.join(TEXTS)}), a video ({', '.join(VIDEOS)}) or a folder",
    )


def _sequence(folder: Path, wanted: Wanted) -> Input:
    path, info = folder / DETECTIONS, folder / "seqinfo.ini"
    if not path.is_file():
        raise MotFileError(f"{folder}: no {DETECTIONS} in it", "give a folder as MOTChallenge's")
    if not info.is_file():
        return _detections(path, wanted)
    told = read_sequence_info(info)
    return _detections(path, wanted, fps=told.fps, length=told.length)


def _detections(path: Path, wanted: Wanted, *, fps: float | None = None, length: int = 0) -> Input:
    """All frames up to the last that has detections, or is told of, empty ones too."""
    rate = wanted.fps or fps
    if rate is None:
        raise MotFileError(f"{path}: the frame rate is not known", "say --fps")
    found = read_detections(path, scale=wanted.scale)
    numbers, nothing = range(1, max(length, found.last) + 1, wanted.every), Detections.empty()
    sure = {one: some[some.score >= wanted.least] for one, some in found.frames.items()}
    frames = ((one, (one - 1) / rate, sure.get(one, nothing)) for one in numbers)
    weak = sum(map(len, found.frames.values())) - sum(map(len, sure.values()))
    said = {
        "boxes without an area": found.flat,
        "of classes not watched": found.foreign,
        f"of a score below {wanted.least:g}": weak,
    }
    return Input(frames, tuple(f"{count} {what}" for what, count in said.items() if count))


def _video(path: Path, wanted: Wanted) -> Iterator[Numbered]:
    """Each frame that counts, looked at as a whole."""
    settings = {"site": "track", "model": wanted.model, "detect": {"mode": "full"}}
    camera = {"name": "video", "url": "video"}
    detector = detector_for(Config.model_validate({**settings, "cameras": [camera]}))
    gate = Gate(wanted.fps or math.inf)
    for frame in source_for("video", str(path), realtime=False, start=0.0).frames(0):
        if frame.index % wanted.every == 0 and gate.lets(frame.pts):
            (found,) = detector.detect([frame.picture])
            yield frame.index + 1, frame.pts, found


def _counted(frames: Iterable[Numbered], numbers: list[int]) -> Iterator[tuple[float, Detections]]:
    """The frames as a tracker takes them; their numbers are noted."""
    for number, pts, found in frames:
        numbers.append(number)
        yield pts, found


def _lines(tracks: Trajectories, numbers: list[int], classes: set[int]) -> Iterator[Line]:
    for row in range(len(tracks)):
        if int(tracks.class_id[row]) in classes:
            x1, y1, x2, y2 = tracks.xyxy[row].tolist()
            number, score = numbers[tracks.frame[row]], float(tracks.score[row])
            yield Line(number, int(tracks.id[row]), (x1, y1, x2, y2), score)


def _counts(tracks: Trajectories, classes: tuple[str, ...]) -> tuple[str, list[str]]:
    """How many tracks there are of these classes, and which there are of others."""
    counts = {
        name: len(np.unique(tracks.id[tracks.class_id == one])) for name, one in CLASSES.items()
    }
    others = [name for name, count in counts.items() if count and name not in classes]
    told = ", ".join(f"{counts[name]} {name}" for name in classes)
    return told, [f"tracks of {counts[name]} {name}" for name in others]
