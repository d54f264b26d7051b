"""Far ends in processes of their own: subscribers, a command centre, a naive server."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from multiprocessing.connection import Connection
from typing import Any, Self

import grpc

from benchmarks.delivery_box import SPAWN
from edge.rpc import event_pb2, events_pb2, ingest_pb2
from edge.rpc.ingest_pb2_grpc import IngestServicer, add_IngestServicer_to_server

NAIVE = "/fenceline.benchmark/Publish"
OUTSTANDING = 1000
TIMED, COUNTED = True, False  # what subscribers do with events
EVERY = 200  # events from one ack to the next
EVENT_TAG, BATCH_TAG = 0x0A, 0x22  # fields 1 and 4 of SubscribeResponse
SUBSCRIBE = "/fenceline.v1.Events/Subscribe"


class Far:
    """A process that hears events until it has the newest."""

    def __init__(self, target: Callable[..., None], *values: Any) -> None:
        self._pipe, theirs = SPAWN.Pipe()
        self._process = SPAWN.Process(target=target, args=(theirs, *values), daemon=True)

    def __enter__(self) -> Self:
        self._process.start()
        self.port = int(self._pipe.recv())
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()  # it has nothing to lose
        self._process.join()

    def until(self, sequence: int) -> Any:
        """Wait until that has come to all; what was heard."""
        self._pipe.send(sequence)
        return self._pipe.recv()


def subscribers(pipe: Connection, port: int, count: int, timed: bool) -> None:  # noqa: FBT001 - spawned
    """Named consumers of a box; says when each event was heard, or only how long all took."""
    asyncio.run(_subscribers(pipe, port, count, timed=timed))


async def _subscribers(pipe: Connection, port: int, count: int, *, timed: bool) -> None:
    heard = [_Heard(timed=timed) for _ in range(count)]
    tasks = [
        asyncio.create_task(_subscribe(port, f"far{number}", one))
        for number, one in enumerate(heard)
    ]
    await asyncio.gather(*(one.connected.wait() for one in heard))
    pipe.send(port)
    while True:
        sequence = await asyncio.to_thread(pipe.recv)
        while min(one.last for one in heard) < sequence:
            if broken := next((one for one in tasks if one.done()), None):
                broken.result()
            await asyncio.sleep(0.005)
        pipe.send([delay for one in heard for delay in one.delays])


class _Heard:
    def __init__(self, *, timed: bool) -> None:
        self.last, self.delays, self._timed = 0, list[float](), timed
        self.connected, self._since = asyncio.Event(), 0

    def take(self, data: bytes) -> int | None:
        """A response as it came; the sequence to acknowledge, now and then."""
        self.connected.set()
        if self._timed:
            heard = events_pb2.SubscribeResponse.FromString(data)
            events = [heard.event] if heard.HasField("event") else heard.batch.events
            now = time.monotonic_ns()
            self.delays += [(now - int(event.note)) / 1e9 for event in events]
            count = len(events)
        else:
            count = _counted(data)
        self.last += count  # nothing is lost: they come one by one
        self._since += count
        if not count or (not self._timed and self._since < EVERY):
            return None
        self._since = 0
        return self.last


def _counted(data: bytes) -> int:
    """How many events a response has, without reading them: that is not the box's work."""
    if data[0] != BATCH_TAG:
        return int(data[0] == EVENT_TAG)
    count, at = 0, _length(data, 1)[1]
    while at < len(data):
        size, at = _length(data, at + 1)
        count, at = count + 1, at + size
    return count


def _length(data: bytes, at: int) -> tuple[int, int]:
    """A varint, and where it ends."""
    value = shift = 0
    while True:
        value |= (data[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if data[at - 1] < 0x80:
            return value, at


async def _subscribe(port: int, name: str, heard: _Heard) -> None:
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        call: Any = channel.stream_stream(
            SUBSCRIBE,
            request_serializer=events_pb2.SubscribeRequest.SerializeToString,
            response_deserializer=None,
        )()
        start = events_pb2.Start(consumer=name, max_outstanding=OUTSTANDING, max_batch=100)
        await call.write(events_pb2.SubscribeRequest(start=start))
        async for data in call:
            if (sequence := heard.take(data)) is not None:
                ack = events_pb2.Ack(sequence=sequence)
                await call.write(events_pb2.SubscribeRequest(ack=ack))


def centre(pipe: Connection) -> None:
    """A command centre that acknowledges what has come, and stores nothing."""
    asyncio.run(_serve(pipe, _Centre()))


def naive(pipe: Connection) -> None:
    """What a first publisher would report to: one unary call for each event."""
    asyncio.run(_serve(pipe, _Naive()))


async def _serve(pipe: Connection, service: _Centre | _Naive) -> None:
    server = grpc.aio.server()
    service.add_to(server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    pipe.send(port)
    while True:
        sequence = await asyncio.to_thread(pipe.recv)
        while service.last < sequence:  # noqa: ASYNC110 - nothing more to do while it is timed
            await asyncio.sleep(0.002)
        pipe.send(service.delays)


class _Centre(IngestServicer):
    def __init__(self) -> None:
        self.last, self.delays = 0, list[float]()

    def add_to(self, server: grpc.aio.Server) -> None:
        add_IngestServicer_to_server(self, server)

    async def Report(  # noqa: N802 - the contract's name
        self, request_iterator: AsyncIterator[ingest_pb2.ReportRequest], _context: Any
    ) -> AsyncIterator[ingest_pb2.ReportResponse]:
        async for request in request_iterator:
            now = time.monotonic_ns()
            self.delays += [(now - int(event.note)) / 1e9 for event in request.events]
            self.last = request.events[-1].sequence
            yield ingest_pb2.ReportResponse(acked_sequence=self.last)


class _Naive:
    def __init__(self) -> None:
        self.last, self.delays = 0, list[float]()

    def add_to(self, server: grpc.aio.Server) -> None:
        handler: Any = grpc.unary_unary_rpc_method_handler(
            self._publish, request_deserializer=event_pb2.Event.FromString
        )
        service, method = NAIVE.strip("/").split("/")
        server.add_generic_rpc_handlers(
            (grpc.method_handlers_generic_handler(service, {method: handler}),)
        )

    async def _publish(self, event: event_pb2.Event, _context: Any) -> bytes:
        self.delays.append((time.monotonic_ns() - int(event.note)) / 1e9)
        self.last += 1
        return b""
