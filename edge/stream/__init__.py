"""Where frames come from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from edge.types import Frame


class Source(Protocol):
    """One camera or file. Opened, read and closed by the thread that iterates."""

    live: bool  # whether the newest frame wins; else none may be dropped

    def frames(self, session: int) -> Iterator[Frame]:
        """Open, yield frames until the stream ends, close; raise StreamError if it breaks."""
