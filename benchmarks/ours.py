"""Our tracker as the track benchmark runs it; nothing else of that benchmark touches it."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.mot import Trails
from benchmarks.sequences import MotSequence
from edge.settings import Track
from edge.track import Session
from edge.trajectories import NOBODY, Trajectories, followed, tracking_for
from edge.types import Detections, Tracks

NAME = "fenceline"


def trails(sequence: MotSequence, *, late: bool = True) -> Trails:
    """The trajectories as delivered; without `late` what was told at once, frame by frame."""
    found = followed(zip(sequence.times, sequence.found, strict=True))
    if late:
        return delivered(found)
    told = found.told != NOBODY
    return Trails(found.frame[told], found.told[told], found.xyxy[told])


def delivered(found: Trajectories) -> Trails:
    """Trajectories as they are at last."""
    return Trails(found.frame, found.id, found.xyxy)


class Cameras:
    """So many cameras, updated in one call, each with its detections of the same time."""

    def __init__(self, count: int) -> None:
        self._tracking = tracking_for(Track())
        self._sessions = [self._tracking.open() for _ in range(count)]

    def given(self, found: Sequence[Detections]) -> list[tuple[Session, Detections]]:
        """The cameras' detections and whose they are."""
        return list(zip(self._sessions, found, strict=True))

    def update(self, given: Sequence[tuple[Session, Detections]], pts: float) -> list[Tracks]:
        """What the tracker answers; this alone is timed."""
        return self._tracking.update([(session, found, pts) for session, found in given])
