"""A gateway: takes what many boxes report, each event once, and acknowledges what is stored."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Protocol, Self

import grpc
import structlog

from edge.errors import ListenError
from edge.rpc import event_pb2
from edge.rpc.ingest_pb2_grpc import add_IngestServicer_to_server
from edge.serve import wire
from edge.serve.intake import Events, Intake, Store, Tally
from edge.serve.ledger import Ledger

__all__ = ["OnThread", "Receiver", "Tally"]

MOST_BOXES = 8192  # calls at once; more are refused with RESOURCE_EXHAUSTED
STOP_S = 0.2
REMEDY = "stop the other process or listen on another port"


class Shelf(Protocol):
    """A store whose methods wait for the disk: see `Store`."""

    def newest(self, box_id: str) -> int:
        """At any time, by any thread."""
        ...

    def add(self, events: Events) -> Sequence[event_pb2.Event]:
        """By one thread."""
        ...

    def tend(self) -> None:
        """By the same thread."""
        ...


class OnThread:
    """A `Store` that keeps a shelf on a thread of its own."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._thread = ThreadPoolExecutor(1, "receive-store")

    async def newest(self, box_id: str) -> int:
        """See `Store`."""
        return self._shelf.newest(box_id)

    async def add(self, events: Events) -> Events:
        """See `Store`."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._shelf.add, events)

    async def tend(self) -> None:
        """See `Store`."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._shelf.tend)

    async def close(self) -> None:
        """Wait for what is being stored; see `Store`."""
        self._thread.shutdown()


class Receiver:
    """Listens while its block runs; port 0 means any free one.

    `on_event` is called once for each event, in order per box, by one thread at a time,
    after the event is stored and before it is acknowledged. Without `store` nothing is kept.
    With `client_ca` a box speaks only for itself: see `identity`.
    """

    def __init__(
        self,
        listen: str,
        *,
        on_event: Callable[[event_pb2.Event], None] | None = None,
        store: Store | None = None,
        cert: Path | None = None,
        key: Path | None = None,
        client_ca: Path | None = None,
    ) -> None:
        self.port = 0  # known while it listens
        self._listen, self._on_event = listen, on_event
        self._tls = (cert, key, client_ca)
        self._teller = ThreadPoolExecutor(1, "receive-tell")
        self._store = store or Ledger()
        self._intake = Intake(self._store, self._tell, certified=client_ca is not None)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop = asyncio.Event()
        self._started: Future[None] = Future()
        self._thread = threading.Thread(target=self._run, name="receive", daemon=True)

    def __enter__(self) -> Self:
        """Listen; raises ListenError."""
        self._thread.start()
        try:
            self._started.result()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended by itself
            if self._loop:
                self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
        self._teller.shutdown()

    @property
    def tally(self) -> Tally:
        """What has arrived since the start."""
        return self._intake.tally

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except Exception as error:  # noqa: BLE001 - the top of a thread; whoever starts it is told
            if self._started.done():
                structlog.get_logger().error("nothing is received any more", reason=str(error))
            else:
                self._started.set_exception(error)

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        options = wire.server_options()
        server = grpc.aio.server(options=options, maximum_concurrent_rpcs=MOST_BOXES)
        add_IngestServicer_to_server(self._intake, server)
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self._store.close)
            stack.push_async_callback(server.stop, 0)
            credentials = wire.server_credentials(*self._tls)
            self.port = wire.listen(server, self._listen, credentials, remedy=REMEDY)
            await server.start()
            storing = asyncio.create_task(self._intake.run())
            stack.push_async_callback(_end, storing)
            self._started.set_result(None)
            await asyncio.wait(
                (storing, asyncio.create_task(self._stop.wait())),
                return_when=asyncio.FIRST_COMPLETED,
            )
            if not storing.done():
                await server.stop(STOP_S)
            elif not self._stop.is_set():
                raise ListenError("storing has ended", str(storing.exception()))

    async def _tell(self, events: Events) -> None:
        if self._on_event is not None and events:
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(self._teller, self._tell_each, events)

    def _tell_each(self, events: Events) -> None:
        assert self._on_event is not None  # noqa: S101 - else nobody asks
        for event in events:
            self._on_event(event)


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait((task,))
