"""Pictures of a recording as frames, each when it is due."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Iterable

from edge.stream.options import Options
from edge.types import Clock, Frame, Picture


def played(
    name: str,
    timed: Iterable[tuple[float, Picture]],
    options: Options,
    *,
    session: int,
    stop: threading.Event | None,
) -> Generator[Frame, None, None]:
    """Every picture with its pts as a frame; with `realtime`, each when its pts has come."""
    stop = stop or threading.Event()
    begun, start = time.monotonic(), options.start or 0.0
    for index, (pts, picture) in enumerate(timed):
        if index == 0:  # it is due now, however long opening took
            begun = time.monotonic()
            start = time.time() if options.start is None else options.start
        if options.realtime:
            stop.wait(max(0.0, begun + pts - time.monotonic()))
        if stop.is_set():
            return
        yield Frame(name, index, pts, start + pts, picture, Clock.FILE, session=session)
