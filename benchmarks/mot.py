"""HOTA, IDF1 and MOTA of tracks on PETS09-S2L1, by TrackEval, as the MOTChallenge scores."""

from __future__ import annotations

import contextlib
import io
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.pets import HEIGHT, SEQUENCE, WIDTH

Row = tuple[int, int, float, float, float, float]  # frame from 1, id, left, top, width, height


def score(
    rows: Sequence[Row], ground_truth: Path, *, every: int, frames: int
) -> dict[str, float] | None:
    """Percent by metric name; None where TrackEval is not installed.

    With `every` above 1 only those frames are scored, renumbered.
    """
    try:
        import trackeval  # noqa: PLC0415 - an extra
    except ImportError:
        return None
    with tempfile.TemporaryDirectory() as name, contextlib.redirect_stdout(io.StringIO()):
        folder = Path(name)
        _lay_out(folder, rows, ground_truth, every=every, frames=frames)
        return _evaluate(trackeval, folder)


def kept(frame: int, every: int) -> int | None:
    """The new number of a frame (from 1), or None where it is left out."""
    return (frame - 1) // every + 1 if (frame - 1) % every == 0 else None


def _lay_out(
    folder: Path, rows: Sequence[Row], ground_truth: Path, *, every: int, frames: int
) -> None:
    sequence = folder / "gt" / "MOT15-train" / SEQUENCE
    (sequence / "gt").mkdir(parents=True)
    count = (frames - 1) // every + 1
    (sequence / "seqinfo.ini").write_text(
        f"[Sequence]\nname={SEQUENCE}\nseqLength={count}\nimWidth={WIDTH}\nimHeight={HEIGHT}\n"
    )
    lines = []
    for line in ground_truth.read_text().splitlines():
        frame, rest = line.split(",", 1)
        number = kept(int(frame), every)
        if number is not None:
            lines.append(f"{number},{rest}")
    (sequence / "gt" / "gt.txt").write_text("\n".join(lines) + "\n")
    maps = folder / "gt" / "seqmaps"
    maps.mkdir()
    (maps / "MOT15-train.txt").write_text(f"name\n{SEQUENCE}\n")
    out = folder / "trackers" / "MOT15-train" / "fenceline" / "data"
    out.mkdir(parents=True)
    text = [
        f"{kept(frame, every)},{track},{x:.2f},{y:.2f},{w:.2f},{h:.2f},1,-1,-1,-1"
        for frame, track, x, y, w, h in rows
        if kept(frame, every) is not None
    ]
    (out / f"{SEQUENCE}.txt").write_text("\n".join(text) + "\n")


def _evaluate(trackeval: Any, folder: Path) -> dict[str, float]:
    quiet = {"PRINT_RESULTS": False, "PRINT_CONFIG": False, "TIME_PROGRESS": False}
    quiet |= {"OUTPUT_SUMMARY": False, "OUTPUT_DETAILED": False, "PLOT_CURVES": False}
    dataset = trackeval.datasets.MotChallenge2DBox(
        {
            "GT_FOLDER": str(folder / "gt"),
            "TRACKERS_FOLDER": str(folder / "trackers"),
            "BENCHMARK": "MOT15",
            "SPLIT_TO_EVAL": "train",
            "DO_PREPROC": False,
            "PRINT_CONFIG": False,
        }
    )
    metrics = [trackeval.metrics.HOTA(), trackeval.metrics.CLEAR(), trackeval.metrics.Identity()]
    evaluator = trackeval.Evaluator(quiet | {"USE_PARALLEL": False, "BREAK_ON_ERROR": True})
    found, _ = evaluator.evaluate([dataset], metrics)
    shutil.rmtree(folder / "trackers")
    scores = found["MotChallenge2DBox"]["fenceline"][SEQUENCE]["pedestrian"]
    return {
        "HOTA": 100 * float(scores["HOTA"]["HOTA"].mean()),
        "IDF1": 100 * float(scores["Identity"]["IDF1"]),
        "MOTA": 100 * float(scores["CLEAR"]["MOTA"]),
    }
