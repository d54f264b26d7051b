"""Which detection is which object."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from edge.track.engines import COMPILED, NUMPY
from edge.track.tracking import Session, Step, Tracking
from edge.types import Boxes, Detections, Tracks

__all__ = ["TRACKERS", "Follow", "Session", "Tracker", "Tracking"]

Follow = Callable[[Sequence[Step]], list[Tracks]]  # `Tracking.update`


class Tracker(Protocol):
    """One camera session's trajectories. Pure: no clock, no I/O, no threads."""

    @property
    def next_id(self) -> int:
        """The id that the next confirmed track will get."""

    def expected(self, pts: float) -> Boxes:
        """Where every object that is followed should be at pts, the unsure and lost ones too."""

    def update(self, detections: Detections, pts: float) -> Tracks:
        """Advance to pts; call once per frame, also when nothing was detected."""

    def stand_on(self, ground: NDArray[np.float64] | None, size: tuple[int, int]) -> None:
        """Where pictures of this size show the ground: a homography from 0..1 to metres."""

    def close(self) -> None:
        """The session is over."""


# All give the same results; without a name, `Tracking` takes the fastest that runs here.
TRACKERS: dict[str, Callable[..., Tracking]] = {
    name: partial(Tracking, using=name) for name in (COMPILED, NUMPY)
}
