"""Where frames come from."""

from __future__ import annotations

import threading
from collections.abc import Generator
from typing import Protocol

from edge.errors import StreamError
from edge.stream.file import FileSource
from edge.stream.options import Options, Transport
from edge.stream.rtsp import RtspSource
from edge.types import Frame


class Source(Protocol):
    """One camera or file. Opened, read and closed by the thread that iterates."""

    live: bool  # whether the newest frame wins; else none may be dropped
    damaged: int  # pictures so far that could not be decoded whole

    def frames(
        self, session: int, stop: threading.Event | None = None
    ) -> Generator[Frame, None, None]:
        """Open, yield frames, close; raise StreamError if the stream breaks.

        Ends when `stop` is set, soon even where no picture comes; a file ends by itself.
        """


# The scheme of an address -> who reads it; a path has none.
SOURCES: dict[str, type[RtspSource | FileSource]] = {
    "rtsp": RtspSource,
    "rtsps": RtspSource,
    "file": FileSource,
    "": FileSource,
}


def source_for(  # noqa: PLR0913 - one keyword per setting of a camera
    name: str,
    url: str,
    *,
    transport: Transport = "tcp",
    fps: float = 10.0,
    stall_s: float = 6.0,
    realtime: bool = True,
    loop: bool = False,
    frame_rate: float | None = None,
    start: float | None = None,
) -> Source:
    """The source behind a camera's address; opens nothing. Options are told in `Options`.

    Raises StreamError for an address of an unknown kind.
    """
    scheme = url.partition("://")[0].lower() if "://" in url else ""
    if scheme not in SOURCES:
        raise StreamError(
            f"camera '{name}': an address that begins with '{scheme}://' can't be read",
            "use rtsp://, rtsps:// or the path of a file",
            refused=True,
        )
    options = Options(transport, fps, stall_s, realtime, loop, frame_rate, start)
    return SOURCES[scheme](name, url, options)
