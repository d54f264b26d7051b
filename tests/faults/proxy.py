"""A network that fails: a TCP proxy on loopback, whose faults can be changed while it runs."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading

CHUNK = 4096
GOOD = "good"
AWAY = "away"  # connections are refused: nobody listens
SWALLOW = "swallow"  # connections are accepted and stay open, nothing passes in either direction
DEAF = "deaf"  # what the server says is lost, what the client says passes
RESET = "reset"  # every connection, open or new, is reset
SLOW = "slow"  # each chunk is held back
CUT = "cut"  # each connection ends in the middle of a message, after so many bytes
FAULTS = (AWAY, SWALLOW, DEAF, RESET, SLOW, CUT)


class Proxy:
    """Passes connections on to a port of this machine, as well as `mode` lets it."""

    def __init__(self, to: int = 0, *, slow_s: float = 0.02, cut_bytes: int = 1500) -> None:
        self.to, self.mode = to, GOOD
        self.connections = self.passed = 0
        self._slow_s, self._cut_bytes = slow_s, cut_bytes
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        with socket.create_server(("127.0.0.1", 0)) as taken:
            self.port = taken.getsockname()[1]
        self._server = None

    def __enter__(self):
        self._thread.start()
        self._do(self._listen())
        return self

    def __exit__(self, *_):
        self._do(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def turn(self, mode):
        """Become another network; what is open feels it at once."""
        self._do(self._turn(mode))

    def _do(self, what):
        return asyncio.run_coroutine_threadsafe(what, self._loop).result(10)

    async def _listen(self):
        if self._server is None:
            self._server = await asyncio.start_server(self._begin, "127.0.0.1", self.port)

    async def _turn(self, mode):
        self.mode = mode
        if mode == AWAY:
            await self._stop()
        else:
            await self._listen()
        if mode in {AWAY, RESET, CUT}:
            self._break_all()

    async def _stop(self):
        server, self._server = self._server, None
        if server:
            server.close()

    async def _close(self):
        await self._stop()
        self._break_all()
        while tasks := tuple(self._tasks):  # one may be accepted meanwhile
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await asyncio.sleep(0)

    def _break_all(self):
        for writer in tuple(self._writers):
            _reset(writer)

    def _begin(self, reader, writer):
        task = self._loop.create_task(self._accept(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _accept(self, reader, writer):
        self.connections += 1
        if self.mode == RESET:
            _reset(writer)
            return
        self._writers.add(writer)
        try:
            await self._join(reader, writer)
        finally:
            self._writers.discard(writer)
            _reset(writer)

    async def _join(self, reader, writer):
        while self.mode == SWALLOW:  # noqa: ASYNC110 - accepted, and then nothing
            await asyncio.sleep(0.01)
        try:
            there, server = await asyncio.open_connection("127.0.0.1", self.to)
        except OSError:
            return
        self._writers.add(server)
        left = [self._cut_bytes if self.mode == CUT else None]
        ways = [
            asyncio.create_task(self._pass(reader, server, left, answers=False)),
            asyncio.create_task(self._pass(there, writer, left, answers=True)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:  # also where this is cancelled, which `wait` does not hand on
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            self._writers.discard(server)
            _reset(server)

    def _holds(self, *, answers):
        return self.mode == SWALLOW or (self.mode == DEAF and answers)

    async def _pass(self, reader, writer, left, *, answers):
        with contextlib.suppress(OSError):
            while data := await reader.read(CHUNK):
                while self._holds(answers=answers):  # noqa: ASYNC110 - until the network is another
                    await asyncio.sleep(0.01)
                if self.mode == SLOW:
                    await asyncio.sleep(self._slow_s)
                if left[0] is not None:
                    data = data[: left[0]]
                    left[0] -= len(data)
                writer.write(data)
                await writer.drain()
                self.passed += len(data)
                if left[0] == 0:
                    return


def _reset(writer):
    """Close with RST, as a network that has gone does; what was on the way is lost."""
    with contextlib.suppress(OSError, ValueError):
        sock = writer.get_extra_info("socket")
        if sock is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
