"""HOTA, IDF1, MOTA and what they are made of, by TrackEval, as MOTChallenge scores tracks."""

from __future__ import annotations

import contextlib
import io
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.pets import FRAMES, SEQUENCE, Box
from benchmarks.result import SkipBenchmark
from benchmarks.sequences import Truth, only, read_truth
from edge.types import Boxes, Ids

TRACKER = "tracks"
QUIET = {
    "PRINT_CONFIG": False,
    "PRINT_RESULTS": False,
    "TIME_PROGRESS": False,
    "OUTPUT_SUMMARY": False,
    "OUTPUT_DETAILED": False,
    "PLOT_CURVES": False,
    "LOG_ON_ERROR": None,
}
Judgement = Mapping[str, Mapping[str, Any]]  # of one sequence: TrackEval's results by metric


@dataclass(frozen=True, slots=True, eq=False)
class Trails:
    """What a tracker said of a sequence: parallel arrays, one row per track and frame."""

    frame: Ids  # among those that are scored, from 0
    id: Ids
    xyxy: Boxes


def score(tracks: Sequence[Box], ground_truth: Path, *, every: int = 1) -> dict[str, float]:
    """Percent by metric of tracks on PETS09-S2L1: hota, idf1, mota.

    With `every` above 1 only the frames that were analysed are scored. Raises SkipBenchmark
    where TrackEval is not installed.
    """
    truth = only(read_truth(ground_truth, SEQUENCE), np.arange(1, FRAMES + 1, every))
    table = np.array(tracks, np.float64).reshape(-1, 6)
    table = table[np.isin(table[:, 0], truth.frames)]
    xyxy = np.hstack((table[:, 2:4], table[:, 2:4] + table[:, 4:6])).astype(np.float32)
    frame, ids = table[:, :2].astype(np.int64).T
    found = combined(judge([truth], {SEQUENCE: Trails((frame - 1) // every, ids, xyxy)}))
    return {name: found[name] for name in ("hota", "idf1", "mota")}


def judge(truths: Sequence[Truth], trails: Mapping[str, Trails]) -> dict[str, Judgement]:
    """What TrackEval says of the trails of each sequence, by its name.

    Raises SkipBenchmark where it is not installed.
    """
    found: dict[str, Judgement] = {}
    for benchmark, classes in (("MOT15", False), ("MOT17", True)):
        some = [truth for truth in truths if truth.classes == classes]
        if some:
            with tempfile.TemporaryDirectory() as name:
                _lay_out(Path(name), f"{benchmark}-train", some, trails)
                found |= _evaluate(Path(name), benchmark)
    return found


def combined(judgements: Mapping[str, Judgement]) -> dict[str, float]:
    """Of all these sequences: percent, and counts of id switches and fragments."""
    hota, clear, identity = (
        metric.combine_sequences({name: one[metric.get_name()] for name, one in judgements.items()})
        for metric in _metrics()
    )
    return {
        **{name.lower(): 100 * float(hota[name].mean()) for name in ("HOTA", "AssA", "DetA")},
        "mota": 100 * float(clear["MOTA"]),
        "idf1": 100 * float(identity["IDF1"]),
        "switches": int(clear["IDSW"]),
        "fragments": int(clear["Frag"]),
    }


def _trackeval() -> Any:
    try:
        import trackeval  # noqa: PLC0415 - an extra
    except ImportError:
        raise SkipBenchmark("trackeval is not installed; it comes with the extra `bench`") from None
    return trackeval


def _metrics() -> list[Any]:
    metrics, quiet = _trackeval().metrics, {"PRINT_CONFIG": False}
    return [metrics.HOTA(quiet), metrics.CLEAR(quiet), metrics.Identity(quiet)]


def _lay_out(
    folder: Path, split: str, truths: Sequence[Truth], trails: Mapping[str, Trails]
) -> None:
    """Write the folders that TrackEval reads; frames are numbered anew, without gaps."""
    out = folder / "trackers" / split / TRACKER / "data"
    for made in (out, folder / "gt" / "seqmaps"):
        made.mkdir(parents=True)
    names = "".join(f"{truth.name}\n" for truth in truths)
    (folder / "gt" / "seqmaps" / f"{split}.txt").write_text(f"name\n{names}")
    for truth in truths:
        sequence, trail = folder / "gt" / split / truth.name, trails[truth.name]
        (sequence / "gt").mkdir(parents=True)
        (sequence / "seqinfo.ini").write_text(f"[Sequence]\nseqLength={len(truth.frames)}\n")
        frame = np.searchsorted(truth.frames, truth.table[:, 0]) + 1
        more = [",".join(f"{value:g}" for value in row) for row in truth.table[:, 6:].tolist()]
        lines = _lines(frame, truth.table[:, 1], truth.table[:, 2:6], more)
        (sequence / "gt" / "gt.txt").write_text(lines)
        xywh = np.hstack((trail.xyxy[:, :2], trail.xyxy[:, 2:] - trail.xyxy[:, :2]))
        lines = _lines(trail.frame + 1, trail.id, xywh, ["1,-1,-1,-1"] * len(xywh))
        (out / f"{truth.name}.txt").write_text(lines)


def _lines(frame: Ids, ids: NDArray[Any], xywh: NDArray[Any], more: Iterable[str]) -> str:
    rows = zip(frame.tolist(), ids.astype(int).tolist(), xywh.tolist(), more, strict=True)
    return "".join(
        f"{number},{track},{x:.3f},{y:.3f},{w:.3f},{h:.3f},{rest}\n"
        for number, track, (x, y, w, h), rest in rows
    )


def _evaluate(folder: Path, benchmark: str) -> dict[str, Judgement]:
    trackeval = _trackeval()
    with contextlib.redirect_stdout(io.StringIO()):
        dataset = trackeval.datasets.MotChallenge2DBox(
            {
                "GT_FOLDER": str(folder / "gt"),
                "TRACKERS_FOLDER": str(folder / "trackers"),
                "BENCHMARK": benchmark,
                "SPLIT_TO_EVAL": "train",
                "CLASSES_TO_EVAL": ["pedestrian"],
                "PRINT_CONFIG": False,
            }
        )
        evaluator = trackeval.Evaluator(QUIET | {"USE_PARALLEL": False, "BREAK_ON_ERROR": True})
        found, _ = evaluator.evaluate([dataset], _metrics())
    sequences = found["MotChallenge2DBox"][TRACKER]
    return {name: sequences[name]["pedestrian"] for name in sequences if name != "COMBINED_SEQ"}
