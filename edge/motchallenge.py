"""MOTChallenge's text files: detections and sequences in, tracks out."""

from __future__ import annotations

import configparser
import math
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge.errors import MotFileError
from edge.types import CLASSES, Boxes, Detections
from edge.written import reserved as reserved_for
from edge.written import worded

COLUMNS = "frame,id,left,top,width,height,score"
FEWEST = 7  # columns; the eighth, where there is one, is the class
LAST_FRAME = 10_000_000  # four days at 30 fps: a frame beyond is a slip of the pen
FAR = 1e6  # pixels: what reaches farther is no box

reserved = partial(reserved_for, refused=MotFileError)


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """The detections of a file, and how many lines were left out."""

    frames: Mapping[int, Detections]  # by number, from 1
    flat: int = 0  # boxes without an area
    foreign: int = 0  # classes that are not watched

    @property
    def last(self) -> int:
        """The last frame that has detections; 0 without any."""
        return max(self.frames, default=0)


@dataclass(frozen=True, slots=True)
class SequenceInfo:
    """What a seqinfo.ini tells."""

    name: str
    fps: float
    length: int  # frames; 0 where it is not told


@dataclass(frozen=True, slots=True)
class Line:
    """One box of one track in one frame, numbered from 1."""

    frame: int
    id: int
    xyxy: tuple[float, float, float, float]
    score: float


def read_detections(path: Path, *, scale: float = 1.0) -> Found:
    """Read `frame,id,left,top,width,height,score[,class]`; scores are divided by `scale`.

    The class is COCO's id; a person where it is missing or -1. Raises MotFileError, with the
    line, for what is no detection.
    """
    lines = enumerate(read_text(path).splitlines(), 1)
    rows = [_row(f"{path}:{number}", line, scale) for number, line in lines if line.strip()]
    table = np.array(rows, np.float64).reshape(-1, FEWEST)
    watched = np.isin(table[:, 6], list(CLASSES.values()))
    xyxy = corners(table[:, 1:5])
    solid = (xyxy[:, 2:] > xyxy[:, :2]).all(axis=1)
    kept = watched & solid
    found = Detections(
        xyxy[kept], table[kept, 5].astype(np.float32), table[kept, 6].astype(np.int64)
    )
    frames = by_frame(table[kept, 0].astype(np.int64))
    return Found(
        {frame: found[some] for frame, some in frames.items()},
        int((watched & ~solid).sum()),
        int((~watched).sum()),
    )


def read_sequence_info(path: Path) -> SequenceInfo:
    """Read a seqinfo.ini; raises MotFileError where it does not tell the frame rate."""
    ini = configparser.ConfigParser(interpolation=None)
    try:
        ini.read_string(read_text(path))
        told = ini["Sequence"]
        fps, length = float(told["frameRate"]), int(told.get("seqLength", "0"))
    except (configparser.Error, KeyError, ValueError):
        raise MotFileError(
            f"{path}: no section [Sequence] with frameRate and seqLength as numbers",
            "write them as MOTChallenge does",
        ) from None
    if not 0 < fps < math.inf or not 0 <= length <= LAST_FRAME:
        wrong = f"frameRate {fps:g} with seqLength {length} makes no sense"
        raise MotFileError(f"{path}: {wrong}", "correct it")
    return SequenceInfo(told.get("name", path.parent.name), fps, length)


def write_tracks(path: Path, lines: Iterable[Line]) -> None:
    """Write `frame,id,left,top,width,height,score,-1,-1,-1`, sorted by frame, then id.

    Raises MotFileError.
    """
    ordered = sorted(lines, key=lambda line: (line.frame, line.id))
    with worded(path, MotFileError), path.open("w", encoding="ascii", newline="\n") as file:
        file.writelines(map(_written, ordered))
        file.flush()
        os.fsync(file.fileno())


def by_frame(frames: NDArray[np.int64]) -> dict[int, NDArray[np.int64]]:
    """The rows of each frame number, in their order."""
    order = np.argsort(frames, kind="stable")
    numbers, starts = np.unique(frames[order], return_index=True)
    return (
        dict(zip(numbers.tolist(), np.split(order, starts[1:]), strict=True)) if len(order) else {}
    )


def corners(xywh: NDArray[np.float64]) -> Boxes:
    """Boxes (n, 4) of left, top, width and height as x1 y1 x2 y2."""
    return np.hstack((xywh[:, :2], xywh[:, :2] + xywh[:, 2:])).astype(np.float32)


def read_text(path: Path) -> str:
    """A text file; raises MotFileError."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise MotFileError(f"{path}: not a text file", f"give lines of {COLUMNS}") from None
    except OSError as error:
        raise MotFileError(f"{path}: can't be read: {error.strerror}", "check the path") from None


def numbers(where: str, line: str, *, fewest: int = FEWEST) -> list[float]:
    """The values of a line; raises MotFileError."""
    try:
        values = [float(text) for text in line.split(",")]
    except ValueError:
        what = f"{where}: not numbers with commas between"
        raise MotFileError(what, f"write {COLUMNS}") from None
    if len(values) < fewest:
        what = f"{where}: {len(values)} values, not {fewest} or more"
        raise MotFileError(what, f"write {COLUMNS}")
    if not all(map(math.isfinite, values)):
        raise MotFileError(f"{where}: a value is not finite", "correct the line or leave it out")
    if values[0] != int(values[0]) or not 1 <= values[0] <= LAST_FRAME:
        raise MotFileError(f"{where}: {values[0]:g} is no frame number", "count frames from 1")
    if max(map(abs, values[2:6])) > FAR:
        what = f"{where}: a box reaches beyond {FAR:g} pixels"
        raise MotFileError(what, "correct the line or leave it out")
    return values


def _row(where: str, line: str, scale: float) -> tuple[float, ...]:
    """Frame, left, top, width, height, score and class id of a line."""
    frame, _, left, top, width, height, score, *more = numbers(where, line)
    if not 0 <= score / scale <= 1:
        raise MotFileError(
            f"{where}: score {score / scale:g} is not in 0..1",
            "say --scale 100 where scores go up to 100, or bring them to 0..1",
        )
    class_id = more[0] if more and more[0] != -1 else CLASSES["person"]
    return frame, left, top, width, height, score / scale, class_id


def _written(line: Line) -> str:
    x1, y1, x2, y2 = line.xyxy
    box = f"{x1:.2f},{y1:.2f},{x2 - x1:.2f},{y2 - y1:.2f}"
    return f"{line.frame},{line.id},{box},{line.score:.4f},-1,-1,-1\n"
