"""When a frame was taken, as an event tells it."""

from __future__ import annotations

from typing import TypedDict

from edge.types import Clock, Frame

TICK_S = 1e-6  # times less far apart are equal


class Moment(TypedDict):
    """The fields of an Event that come from its frame's clocks."""

    pts: float
    time: float
    clock: Clock
    clock_offset_s: float
    clock_uncertainty_s: float | None


def moment(frame: Frame) -> Moment:
    """Both clocks of a frame, and how far the second is to be believed."""
    return Moment(
        pts=frame.pts,
        time=frame.time,
        clock=frame.clock,
        clock_offset_s=frame.clock_offset_s,
        clock_uncertainty_s=frame.clock_uncertainty_s,
    )
