"""How a source is to be read: one value for all kinds, each takes what concerns it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Transport = Literal["tcp", "udp"]


@dataclass(frozen=True, slots=True)
class Options:
    """A camera's stream settings; the first three for live streams, the others for files."""

    transport: Transport = "tcp"
    fps: float = 10.0  # most pictures per second given on
    stall_s: float = 6.0  # without a picture before the stream counts as broken
    realtime: bool = True  # play at the recorded speed
    loop: bool = False
    frame_rate: float | None = None  # for a recording whose header lies
    start: float | None = None  # Unix time of the first picture; None: when it is opened
