"""What a source tells of the stream it reads, for people."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Facts:
    """As of the last packet; replaced as a whole, so that any thread may look."""

    codec: str = ""
    device: str = ""  # what decodes: cpu or cuda, and why not the wanted one
    decode: str = ""  # all, reference, key: see `economy.Decode`
    lag_s: float = 0.0  # behind the camera, beyond the usual
    skipped: int = 0  # packets not decoded, since the start
