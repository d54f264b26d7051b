"""What trackers are scored on: MOTChallenge's sequences among the datasets, or one's own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.datasets import dataset
from benchmarks.result import Result, SkipBenchmark
from benchmarks.sequences import MotSequence, perfect, read_sequence
from edge.errors import MotFileError

MOT17, MOT15, TRUE = "MOT17", "MOT15 static", "MOT17 true boxes"
MOT17_NAMES = tuple(f"MOT17-{number}" for number in ("02", "04", "05", "09", "10", "11", "13"))
MOT15_NAMES = (
    "ADL-Rundle-6",
    "KITTI-17",
    "PETS09-S2L1",
    "TUD-Campus",
    "TUD-Stadtmitte",
    "Venice-2",
)
TUNING = {"MOT17-02", "MOT17-05", "MOT17-10", "PETS09-S2L1", "TUD-Campus", "TUD-Stadtmitte"}
QUICK = {"MOT17-09", "KITTI-17", "TUD-Campus"}


@dataclass(frozen=True, slots=True)
class Course:
    """Sequences that are scored together."""

    name: str
    sequences: Sequence[MotSequence]


def known(result: Result, *, quick: bool) -> Iterator[Course]:
    """The courses of the datasets; what is not here is noted as skipped."""
    try:
        halves = [mot17(name) for name in _some(MOT17_NAMES, quick=quick)]
        yield Course(MOT17, halves)
        yield Course(TRUE, [perfect(half) for half in halves])
    except SkipBenchmark as reason:
        result.skipped[MOT17] = str(reason)
    try:
        yield Course(MOT15, [mot15(name) for name in _some(MOT15_NAMES, quick=quick)])
    except SkipBenchmark as reason:
        result.skipped[MOT15] = str(reason)


def mot17(name: str) -> MotSequence:
    """The second half of a sequence; raises SkipBenchmark where it is not there."""
    found = dataset("mot", "det", "MOT17_yolox_x_ablation", f"{name}.txt")
    return read_sequence(dataset("mot", "gt", "MOT17", name), found, second_half=True)


def mot15(name: str) -> MotSequence:
    """A sequence; raises SkipBenchmark where it is not there."""
    found = dataset("mot", "det", "MOT15_frcnn", name, "det", "det.txt")
    return read_sequence(dataset("mot", "gt", "MOT15", name), found)


def own(folder: Path) -> Course:
    """One sequence in MOTChallenge's layout, or a folder of some; raises MotFileError."""
    marks = [folder / "seqinfo.ini", *sorted(folder.glob("*/seqinfo.ini"))]
    folders = [mark.parent for mark in marks if mark.is_file()]
    if not folders:
        raise MotFileError(
            f"{folder}: no seqinfo.ini there or one folder below",
            "give a folder of sequences, each with seqinfo.ini, gt/gt.txt and det/det.txt",
        )
    return Course(folder.resolve().name, [read_sequence(one) for one in folders])


def _some(names: Sequence[str], *, quick: bool) -> list[str]:
    return [name for name in names if not quick or name in QUICK]
