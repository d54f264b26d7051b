"""What each part of the tracker is worth: the same tracker without it, on the same data."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np

from benchmarks import ours
from benchmarks.mot import Trails
from benchmarks.sequences import MotSequence
from edge.track import TRACKERS
from edge.trajectories import followed

# What is put in the place of the tracker's numbers (see `edge.track.numbers`) or settings.
ALIKE = np.ones(4)  # sizes are followed and believed as places are
WITHOUT: Mapping[str, Mapping[str, Any]] = {
    "following the camera's own motion": {"STILL": 0.0},
    "growing boxes by what a prediction may be wrong": {"WIDEN": 0.0, "GROW": 0.25},
    "holding surer detections to be more exact": {"MEASURED": 0.1, "UNSURE_MEASURED": 0.0},
    "doubting sizes": {"SHARE": ALIKE, "BELIEVED": ALIKE, "SIZE_SPEED": 1.0},
    "a second look at unsure detections": {"UNSURE": 2.0},
    "links over gaps": {"link_s": 0.0},
}


def contenders() -> dict[str, Callable[[MotSequence], Trails]]:
    """Our tracker without each of its parts, by name."""
    return {f"without {part}": partial(_trails, changed=some) for part, some in WITHOUT.items()}


def _trails(sequence: MotSequence, *, changed: Mapping[str, Any]) -> Trails:
    numbers = {name: value for name, value in changed.items() if name.isupper()}
    settings = {name: value for name, value in changed.items() if name not in numbers}
    tracking = TRACKERS["numpy"](**settings)  # it reads the numbers anew, compiled loops don't
    with _put(numbers):
        found = followed(zip(sequence.times, sequence.found, strict=True), tracking)
    return ours.delivered(found)


@contextmanager
def _put(values: Mapping[str, Any]) -> Iterator[None]:
    """Put these numbers in the place of ours, wherever a module of the tracker has them."""
    before = [
        (module, name, getattr(module, name))
        for key, module in list(sys.modules.items())
        if key.startswith("edge.track")
        for name in values
        if hasattr(module, name)
    ]
    if {name for _, name, _ in before} != set(values):
        raise LookupError(f"the tracker has no numbers {', '.join(values)}")
    try:
        for module, name, _ in before:
            setattr(module, name, values[name])
        yield
    finally:
        for module, name, value in before:
            setattr(module, name, value)
