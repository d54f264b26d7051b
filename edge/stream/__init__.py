"""Where frames come from."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Protocol

from edge.errors import StreamError
from edge.stream.facts import Facts
from edge.stream.file import FileSource, path_of
from edge.stream.folder import FolderSource
from edge.stream.live import LiveSource
from edge.stream.options import Device, Options, Transport, never
from edge.types import Frame


class Source(Protocol):
    """One camera or file. Opened, read and closed by the thread that iterates."""

    live: bool  # whether the newest frame wins; else none may be dropped
    damaged: int  # pictures so far that could not be decoded whole
    facts: Facts  # of the stream that is read now, or was last

    def frames(
        self, session: int, stop: threading.Event | None = None
    ) -> Generator[Frame, None, None]:
        """Open, yield frames, close; raise StreamError if the stream breaks.

        Ends when `stop` is set, soon even where no picture comes; a file ends by itself.
        """


# The scheme of an address -> who reads it; a path has none.
SOURCES: dict[str, type[LiveSource | FileSource]] = {
    "rtsp": LiveSource,
    "rtsps": LiveSource,
    "http": LiveSource,
    "https": LiveSource,
    "v4l2": LiveSource,
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
    frozen_s: float = 30.0,
    decode: Device = "cpu",
    ca: Path | None = None,
    idle: Callable[[], bool] = never,
) -> Source:
    """The source behind a camera's address; opens nothing. Options are told in `Options`.

    Raises StreamError for an address of an unknown kind.
    """
    scheme = url.partition("://")[0].lower() if "://" in url else ""
    if scheme not in SOURCES:
        raise StreamError(
            f"camera '{name}': an address that begins with '{scheme}://' can't be read",
            f"use {', '.join(f'{known}://' for known in SOURCES if known)} or a path",
            refused=True,
        )
    options = Options(
        transport, fps, stall_s, realtime, loop, frame_rate, start, frozen_s, decode, ca, idle
    )
    if SOURCES[scheme] is FileSource and Path(path_of(url)).is_dir():
        return FolderSource(name, url, options)
    return SOURCES[scheme](name, url, options)
