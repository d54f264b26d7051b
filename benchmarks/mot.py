"""HOTA, IDF1 and MOTA of tracks on PETS09-S2L1, by TrackEval, as MOTChallenge scores MOT15."""

from __future__ import annotations

import contextlib
import io
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.pets import FRAMES, HEIGHT, SEQUENCE, WIDTH, Box
from benchmarks.result import SkipBenchmark

SPLIT, TRACKER = "MOT15-train", "tracks"
QUIET = {
    "PRINT_CONFIG": False,
    "PRINT_RESULTS": False,
    "TIME_PROGRESS": False,
    "OUTPUT_SUMMARY": False,
    "OUTPUT_DETAILED": False,
    "PLOT_CURVES": False,
    "LOG_ON_ERROR": None,
}


def score(tracks: Sequence[Box], ground_truth: Path, *, every: int = 1) -> dict[str, float]:
    """Percent by metric: hota, idf1, mota.

    With `every` above 1 only the frames that were analysed are scored. Raises SkipBenchmark
    where TrackEval is not installed.
    """
    try:
        import trackeval  # noqa: PLC0415 - an extra
    except ImportError:
        raise SkipBenchmark("trackeval is not installed; it comes with the extra `bench`") from None
    if not tracks:  # TrackEval can't read an empty file
        return {"hota": 0.0, "idf1": 0.0, "mota": 0.0}
    with tempfile.TemporaryDirectory() as name, contextlib.redirect_stdout(io.StringIO()):
        _lay_out(Path(name), tracks, ground_truth, every)
        return _evaluate(trackeval, Path(name))


def renumbered(frame: int, every: int) -> int | None:
    """The number of a frame among those that are analysed, both from 1; None for the others."""
    return (frame - 1) // every + 1 if (frame - 1) % every == 0 else None


def _lay_out(folder: Path, tracks: Sequence[Box], ground_truth: Path, every: int) -> None:
    """Write the folders that TrackEval reads."""
    sequence = folder / "gt" / SPLIT / SEQUENCE
    out = folder / "trackers" / SPLIT / TRACKER / "data"
    for made in (sequence / "gt", out, folder / "gt" / "seqmaps"):
        made.mkdir(parents=True)
    (folder / "gt" / "seqmaps" / f"{SPLIT}.txt").write_text(f"name\n{SEQUENCE}\n")
    (sequence / "seqinfo.ini").write_text(
        f"[Sequence]\nname={SEQUENCE}\nseqLength={(FRAMES - 1) // every + 1}\n"
        f"imWidth={WIDTH}\nimHeight={HEIGHT}\n"
    )
    truth = [line.split(",", 1) for line in ground_truth.read_text().splitlines()]
    (sequence / "gt" / "gt.txt").write_text(
        _numbered([(int(frame), rest) for frame, rest in truth], every)
    )
    boxes = [
        (frame, f"{track},{x:.2f},{y:.2f},{w:.2f},{h:.2f},1,-1,-1,-1")
        for frame, track, x, y, w, h in tracks
    ]
    (out / f"{SEQUENCE}.txt").write_text(_numbered(boxes, every))


def _numbered(lines: Sequence[tuple[int, str]], every: int) -> str:
    kept = [(renumbered(frame, every), rest) for frame, rest in lines]
    return "".join(f"{frame},{rest}\n" for frame, rest in kept if frame is not None)


def _evaluate(trackeval: Any, folder: Path) -> dict[str, float]:
    dataset = trackeval.datasets.MotChallenge2DBox(
        {
            "GT_FOLDER": str(folder / "gt"),
            "TRACKERS_FOLDER": str(folder / "trackers"),
            "BENCHMARK": "MOT15",
            "SPLIT_TO_EVAL": "train",
            "CLASSES_TO_EVAL": ["pedestrian"],
            "PRINT_CONFIG": False,
        }
    )
    evaluator = trackeval.Evaluator(QUIET | {"USE_PARALLEL": False, "BREAK_ON_ERROR": True})
    metrics = [
        trackeval.metrics.HOTA({"PRINT_CONFIG": False}),
        trackeval.metrics.CLEAR({"PRINT_CONFIG": False}),
        trackeval.metrics.Identity({"PRINT_CONFIG": False}),
    ]
    found, _ = evaluator.evaluate([dataset], metrics)
    scores = found["MotChallenge2DBox"][TRACKER][SEQUENCE]["pedestrian"]
    return {
        "hota": 100 * float(scores["HOTA"]["HOTA"].mean()),
        "idf1": 100 * float(scores["Identity"]["IDF1"]),
        "mota": 100 * float(scores["CLEAR"]["MOTA"]),
    }
