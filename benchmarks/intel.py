"""The Intel clips, and who is to be seen in them, labelled by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from benchmarks.datasets import dataset

PERSON, CAR = "one-by-one-person-detection", "car-detection"


def path_of(clip: str) -> Path:
    """The clip's file; raises SkipBenchmark where it is not there."""
    return dataset("videos", "intel", f"{clip}.mp4")


def labels_of(clip: str) -> Any:
    """Its entry of hand_labelled.json: fps, frames, tolerance_frames, presence."""
    return json.loads(dataset("events", "hand_labelled.json").read_text())[
        f"videos/intel/{clip}.mp4"
    ]
