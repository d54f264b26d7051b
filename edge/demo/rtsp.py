"""A camera for demos and tests: clips over RTSP, looping, with faults on request."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self
from urllib.parse import quote

from edge.demo.rtp import Clip, read_clip
from edge.demo.rtsp_auth import Lock, Scheme
from edge.demo.rtsp_connection import Connection, Mount
from edge.errors import ListenError
from edge.stream.decoder import GUESSED_FPS
from edge.stream.encode import encode_h264

START_S = 10.0


class RtspServer:
    """Serves each clip under its name from a thread of its own, while the block is entered.

    A clip that does not end in .h264 is encoded on entry. Each client sees a clip from its
    start; with `loop` its timestamps go on rising through the repetitions. Raises
    StreamError for a clip that can't be read, ListenError for a port that is taken.
    """

    def __init__(  # noqa: PLR0913 - what a camera's own settings page has
        self,
        clips: Mapping[str, Path],
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        user: str | None = None,
        password: str | None = None,
        auth: Scheme = "digest",
        fps: float | None = None,
        loop: bool = True,
    ) -> None:
        self._clips, self._fps, self._repeat = dict(clips), fps, loop
        self.host, self.port = host, port
        self._login = "" if user is None else f"{quote(user, '')}:{quote(password or '', '')}@"
        self._lock = None if user is None else Lock(user, password or "", auth)
        self._mounts: dict[str, Mount] = {}
        self._loop: asyncio.AbstractEventLoop
        self._stop: asyncio.Event
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with TemporaryDirectory(prefix="fenceline-rtsp-") as folder:
            ready = {clip: self._load(clip, Path(folder)) for clip in set(self._clips.values())}
        self._mounts = {name: Mount(ready[c], self._repeat) for name, c in self._clips.items()}
        listening: Future[int] = Future()
        thread = threading.Thread(
            target=lambda: asyncio.run(self._serve(listening)), name="demo-rtsp", daemon=True
        )
        thread.start()
        self._stack.callback(thread.join)
        try:
            self.port = listening.result(START_S)
        except OSError as error:
            self._stack.close()
            raise ListenError(
                f"the demo camera can't listen on {self.host}:{self.port} ({error.strerror})",
                "stop what listens there or choose another port",
            ) from None
        self._stack.callback(self._tell, self._stop.set)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def url(self, mount: str) -> str:
        """Where a client finds the mount; with user and password, where it has them."""
        return f"rtsp://{self._login}{self.host}:{self.port}/{mount}"

    def watching(self, mount: str) -> int:
        """How many clients are playing it."""
        return len(self._mounts[mount].connections)

    def drop_clients(self, mount: str) -> None:
        """Break the connections of everybody who watches, as a camera that reboots."""
        for connection in list(self._mounts[mount].connections):
            self._tell(connection.abort)

    def stall(self, mount: str, on: bool) -> None:  # noqa: FBT001 - the verb's own object
        """Send nothing, while connections stay open; or go on."""
        self._mounts[mount].stalled = on

    def lose(self, mount: str, every: int) -> None:
        """Lose every n-th packet, as a bad network does; 0 for none."""
        self._mounts[mount].lose_every = every

    def _load(self, clip: Path, folder: Path) -> Clip:
        if clip.suffix == ".h264":
            return read_clip(clip, fps=self._fps or GUESSED_FPS)
        stream = folder / "clip.h264"
        return read_clip(stream, fps=encode_h264(clip, stream, fps=self._fps))

    async def _serve(self, listening: Future[int]) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        clients: dict[Connection, asyncio.Event] = {}  # and when each is gone

        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            client = Connection(self._mounts, self._lock, (reader, writer))
            clients[client] = asyncio.Event()
            await client.serve()
            clients.pop(client).set()

        try:
            server = await asyncio.start_server(connected, self.host, self.port)
        except OSError as error:
            listening.set_exception(error)
            return
        async with server:
            listening.set_result(server.sockets[0].getsockname()[1])
            await self._stop.wait()
            server.close()
            leaving = list(clients.items())
            for client, _ in leaving:
                client.abort()
            for _, gone in leaving:
                await gone.wait()

    def _tell(self, call: Callable[[], object]) -> None:
        self._loop.call_soon_threadsafe(call)
