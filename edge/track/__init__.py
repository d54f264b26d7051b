"""Which detection is which object."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from edge.track.byte import ByteTracker
from edge.types import Boxes, Detections, Tracks


class Tracker(Protocol):
    """One camera session's trajectories. Pure: no clock, no I/O, no threads."""

    @property
    def next_id(self) -> int:
        """The id that the next confirmed track will get."""

    def expected(self, pts: float) -> Boxes:
        """Where every object that is followed should be at pts, the unsure and lost ones too."""

    def update(self, detections: Detections, pts: float) -> Tracks:
        """Advance to pts; call once per frame, also when nothing was detected."""


TRACKERS: dict[str, Callable[..., Tracker]] = {"byte": ByteTracker}
