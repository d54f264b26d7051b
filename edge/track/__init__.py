"""Which detection is which object."""

from __future__ import annotations

from typing import Protocol

from edge.track.byte import ByteTracker
from edge.types import Detections, Tracks


class Tracker(Protocol):
    """One camera session's trajectories."""

    next_id: int  # the id that the next confirmed track will get

    def update(self, detections: Detections, pts: float) -> Tracks:
        """Advance to pts; call once per frame, also when nothing was detected."""


TRACKERS = {"byte": ByteTracker}
