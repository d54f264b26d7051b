"""Where the public datasets are."""

from __future__ import annotations

import os
from pathlib import Path

from benchmarks.machine import ROOT
from benchmarks.result import SkipBenchmark


def dataset(*parts: str) -> Path:
    """A file or folder of the datasets; raises SkipBenchmark where it is not there."""
    folder = Path(os.environ.get("FENCELINE_DATA") or ROOT / ".." / "shared" / "data")
    path = folder.joinpath(*parts)
    if not path.exists():
        raise SkipBenchmark(
            f"{'/'.join(parts)} is not among the datasets; set FENCELINE_DATA to their folder"
        )
    return path
