"""How a source is to be read: one value for all kinds, each takes what concerns it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Transport = Literal["tcp", "udp"]
Device = Literal["auto", "cpu", "cuda"]


def never() -> bool:
    """Every picture is needed, always."""
    return False


@dataclass(frozen=True, slots=True)
class Options:
    """A camera's stream settings; what is for files only says so."""

    transport: Transport = "tcp"
    fps: float = 10.0  # most pictures per second given on
    stall_s: float = 6.0  # without a picture before the stream counts as broken
    realtime: bool = True  # files: play at the recorded speed
    loop: bool = False  # files
    frame_rate: float | None = None  # files: of a recording whose header lies
    start: float | None = None  # files: Unix time of the first picture; None: when it is opened
    frozen_s: float = 30.0  # of the same picture before the stream counts as broken; 0: never
    decode: Device = "cpu"
    ca: Path | None = None  # checks the certificate of rtsps:// and https://; None: not checked
    idle: Callable[[], bool] = never  # whether key pictures are enough now; any thread may ask
