"""Sequences in MOTChallenge's layout: true boxes, detections and frame rate of what is tracked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge.errors import MotFileError
from edge.motchallenge import (
    by_frame,
    corners,
    numbers,
    read_detections,
    read_sequence_info,
    read_text,
)
from edge.types import Detections, Ids, Mask

LEAST = 0.1  # detections below are left out for every tracker: a detector's usual threshold
PEDESTRIAN, LAST_CLASS = 1, 13  # of MOTChallenge's classes
LAST_ID = 1_000_000
COLUMNS = 8  # of ground truth: frame, id, left, top, width, height, considered, class
WITH_CLASSES = 9  # columns of MOT16 and later; MOT15's has ten, places in metres among them


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """Whose box is where, in the frames that are scored."""

    name: str
    frames: Ids  # that are scored, numbered as in the file, rising
    table: NDArray[np.float64]  # (n, COLUMNS), of these frames
    classes: bool  # it tells who is no pedestrian, and these are neither right nor wrong


@dataclass(frozen=True, slots=True, eq=False)
class MotSequence:
    """One sequence as a tracker gets it."""

    truth: Truth
    found: Sequence[Detections]  # of each frame
    source_fps: float
    step: int = 1  # of the source's frames, each so-manieth

    @property
    def name(self) -> str:
        """As MOTChallenge has it."""
        return self.truth.name

    @property
    def fps(self) -> float:
        """Of the frames that are tracked."""
        return self.source_fps / self.step

    @property
    def times(self) -> list[float]:
        """Of each frame, seconds since the first."""
        frames = self.truth.frames
        return ((frames - frames[:1]) / self.source_fps).tolist()


def read_sequence(
    folder: Path, detections: Path | None = None, *, second_half: bool = False
) -> MotSequence:
    """Read seqinfo.ini, gt/gt.txt and det/det.txt; raises MotFileError.

    `second_half`: only the frames after the first half and one more, as ByteTrack's ablation.
    """
    info = read_sequence_info(folder / "seqinfo.ini")
    truth = read_truth(folder / "gt" / "gt.txt", folder.name)
    seen = read_detections(detections or folder / "det" / "det.txt").frames
    last = info.length or max([*seen, *truth.frames.tolist()], default=0)
    frames = np.arange(info.length // 2 + 2 if second_half else 1, last + 1)
    nothing = Detections.empty()
    found = [seen.get(frame, nothing) for frame in frames.tolist()]
    sure = [one[one.score >= LEAST] for one in found]
    return MotSequence(only(truth, frames), sure, info.fps)


def read_truth(path: Path, name: str) -> Truth:
    """Read a gt.txt; raises MotFileError, with the line."""
    lines = [(at, line) for at, line in enumerate(read_text(path).splitlines(), 1) if line.strip()]
    rows = [numbers(f"{path}:{at}", line, fewest=COLUMNS) for at, line in lines]
    widths = {len(row) for row in rows}
    if len(widths) != 1:
        raise MotFileError(f"{path}: no lines, or not of one length", "write them as MOT17 does")
    table = np.array([row[:COLUMNS] for row in rows], np.float64)
    classes = widths == {WITH_CLASSES}
    for wrong, what in _wrong(table, classes=classes):
        if wrong.any():
            at, _ = lines[int(wrong.argmax())]
            raise MotFileError(f"{path}:{at}: {what}", "correct the line")
    return Truth(name, np.unique(table[:, 0]).astype(np.int64), table, classes)


def _wrong(table: NDArray[np.float64], *, classes: bool) -> Iterator[tuple[Mask, str]]:
    """Which lines can't be scored, and why."""
    ids, kinds = table[:, 1], table[:, 7]
    yield (ids < 0) | (ids > LAST_ID) | (ids % 1 != 0), f"its id is not a number of 0..{LAST_ID}"
    _, first = np.unique(table[:, :2], axis=0, return_index=True)
    again = np.ones(len(table), bool)
    again[first] = False
    yield again, "its id is twice in one frame"
    if classes:
        yield ~np.isin(kinds, range(1, LAST_CLASS + 1)), f"its class is not in 1..{LAST_CLASS}"


def only(truth: Truth, frames: Ids) -> Truth:
    """What is true in these frames alone."""
    return replace(truth, frames=frames, table=truth.table[np.isin(truth.table[:, 0], frames)])


def thinned(sequence: MotSequence, fps: float) -> MotSequence:
    """So many of its frames that they are about `fps` a second."""
    step = max(1, round(sequence.source_fps / fps))
    truth = only(sequence.truth, sequence.truth.frames[::step])
    return MotSequence(truth, sequence.found[::step], sequence.source_fps, step)


def perfect(sequence: MotSequence) -> MotSequence:
    """The same with the boxes of the pedestrians that count as detections, all of score 1."""
    table = sequence.truth.table
    if sequence.truth.classes:
        table = table[table[:, 7] == PEDESTRIAN]
    table = table[table[:, 6] != 0]
    xyxy, rows = corners(table[:, 2:6]), by_frame(table[:, 0].astype(np.int64))
    of_frame = [rows.get(one, np.zeros(0, np.int64)) for one in sequence.truth.frames.tolist()]
    found = [
        Detections(xyxy[some], np.ones(len(some), np.float32), np.zeros(len(some), np.int64))
        for some in of_frame
    ]
    return replace(sequence, found=found)
