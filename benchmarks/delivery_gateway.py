"""Thousands of simulated boxes report to one `fenceline receive`, over the contract alone."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Self

import grpc

from benchmarks.delivery_box import CAMERA, GRADES, ORIGIN, RULE, SPAWN, decided
from benchmarks.result import Goal, Result, Row
from edge.events.codec import to_message
from edge.rpc import event_pb2
from edge.rpc import ingest_pb2 as pb
from edge.rpc.ingest_pb2_grpc import IngestStub

BOXES, QUICK_BOXES = 2000, 100
PROCESSES = 2
EVERY_S = 10.0  # from one event of a box to its next
CALM_S, QUICK_CALM_S = 30.0, 5.0
STORED = 50  # events that each box has when it comes back
BATCH = 50
PAUSE_S = (0.5, 1.5)  # before a box that was refused comes again
PATIENCE_S = 60.0  # for a gateway to start, and for all to be acknowledged
CONNECTED_AT_ONCE = 50  # per process: as boxes come back after a power cut, jittered
NOTE = (
    "gateway: {boxes} boxes, each with a connection and a stream of its own, report to one "
    "`fenceline receive` with a store: first one event every {every:g} s each, then all come back "
    "with {stored} events at once; one that is refused comes again, as boxes do. ms: from sending "
    "to the acknowledgement. {cores} cores for "
    "gateway and boxes together."
)


@contextmanager
def gateway(folder: Path) -> Iterator[int]:
    """`fenceline receive` as a process, with a store; its port."""
    command = [sys.executable, "-m", "edge", "receive", "--listen", "127.0.0.1:0"]
    command += ["--store", str(folder / "received")]
    if "--quiet" in _help():
        command += ["--quiet"]
    log = folder / "gateway.log"
    with log.open("w") as out:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=out)
    try:
        yield _port(log, process)
    finally:
        process.kill()
        process.wait()


def measure(result: Result, *, quick: bool) -> None:
    """Add what one gateway does for many boxes."""
    boxes, calm_s = (QUICK_BOXES, QUICK_CALM_S) if quick else (BOXES, CALM_S)
    _raise_limit()
    with tempfile.TemporaryDirectory() as name, gateway(Path(name)) as port, ExitStack() as stack:
        fleets = [
            stack.enter_context(_Fleet(port, number, boxes // PROCESSES))
            for number in range(PROCESSES)
        ]
        for what, command in (("calm", (1, calm_s)), ("all come back", (STORED, 0.0))):
            began = time.monotonic()
            for fleet in fleets:
                fleet.start(*command)
            outcomes = [fleet.outcome() for fleet in fleets]
            result.rows.append(_row(what, outcomes, time.monotonic() - began))
    calm, storm = result.rows[-2:]
    lost = sum(int(row["lost"] or 0) for row in (calm, storm))
    result.goals += [
        Goal("boxes that one gateway served", float(storm["served"] or 0), boxes),
        Goal("events of boxes that were not acknowledged", lost, 0, at_least=False),
    ]
    said = {"boxes": f"{boxes:,}", "every": EVERY_S, "stored": STORED, "cores": os.cpu_count()}
    result.notes = [*result.notes, NOTE.format(**said)]


def _row(what: str, outcomes: list[_Outcome], seconds: float) -> Row:
    delays = [delay for one in outcomes for delay in one[0]]
    sent, served = sum(one[1] for one in outcomes), sum(one[2] for one in outcomes)
    acked = sum(one[3] for one in outcomes)
    return {
        "what": f"gateway, {what}",
        "to": f"{served} boxes served",
        "served": served,
        "events": acked,
        "lost": sent - acked,
        "rate": acked / seconds,
        "seconds": seconds,
        "ms": 1000 * statistics.median(delays) if delays else None,
        "ms_p99": 1000 * sorted(delays)[int(0.99 * len(delays))] if delays else None,
    }


_Outcome = tuple[list[float], int, int, int]  # delays; events sent; boxes served; events acked


class _Fleet:
    """Some of the boxes, in a process."""

    def __init__(self, port: int, number: int, count: int) -> None:
        self._pipe, theirs = SPAWN.Pipe()
        arguments = (theirs, port, number, count)
        self._process = SPAWN.Process(target=_boxes, args=arguments, daemon=True)

    def __enter__(self) -> Self:
        self._process.start()
        self._pipe.recv()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.join()

    def start(self, events: int, spread_s: float) -> None:
        self._pipe.send((events, spread_s))

    def outcome(self) -> _Outcome:
        outcome: _Outcome = self._pipe.recv()
        return outcome


def _boxes(pipe: Connection, port: int, number: int, count: int) -> None:
    asyncio.run(_fleet(pipe, port, [_Reporter(port, f"box{number}-{n}") for n in range(count)]))


async def _fleet(pipe: Connection, _port: int, boxes: list[_Reporter]) -> None:
    pipe.send(len(boxes))
    while True:
        events, spread_s = await asyncio.to_thread(pipe.recv)
        door = asyncio.Semaphore(CONNECTED_AT_ONCE)
        tasks = [
            asyncio.create_task(box.report(events, spread_s, place / len(boxes), door))
            for place, box in enumerate(boxes)
        ]
        done = await asyncio.gather(*tasks)
        pipe.send(
            (
                [delay for delays, _ in done for delay in delays],
                sum(sent for _, sent in done),
                sum(1 for delays, _ in done if delays),
                sum(box.taken() for box in boxes),
            )
        )


class _Reporter:
    """One box: a channel, a stream, and sequences of its own."""

    def __init__(self, port: int, box_id: str) -> None:
        self._port, self._box_id = port, box_id
        self._sequence = self._acked = self._counted = 0
        event = to_message(
            decided(0), origin=ORIGIN, grade=GRADES[CAMERA, RULE], ids=(box_id, box_id)
        )
        event.box_id = box_id
        self._event = event
        self._stub: Any = None
        self._call: Any = None

    def taken(self) -> int:
        """Events acknowledged since the last call."""
        fresh, self._counted = self._acked - self._counted, self._acked
        return fresh

    async def report(
        self, events: int, spread_s: float, place: float, door: asyncio.Semaphore
    ) -> tuple[list[float], int]:
        """So many at once, or one now and then for so long; delays, and how many were sent."""
        times = max(1, int(spread_s / EVERY_S)) if spread_s else 1
        began, delays, sent = time.monotonic(), list[float](), 0
        options = [("grpc.use_local_subchannel_pool", 1)]
        target = f"127.0.0.1:{self._port}"
        async with grpc.aio.insecure_channel(target, options) as channel:
            async with door:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(channel.channel_ready(), PATIENCE_S)
            self._stub, self._call = IngestStub(channel), None
            for turn in range(times):
                due = began + (turn + place) * EVERY_S if spread_s else 0.0
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                sent += events
                try:
                    async with asyncio.timeout(PATIENCE_S):
                        delays.append(await self._send(events))
                except TimeoutError:
                    return delays, sent
            if self._call is not None:
                await self._call.done_writing()
        return delays, sent

    async def _send(self, count: int) -> float:
        """Until all is acknowledged, over as many streams as it takes."""
        began = time.monotonic()
        self._sequence += count
        while True:
            try:
                await self._report()
            except (grpc.RpcError, asyncio.InvalidStateError, EOFError):  # it is told to come again
                self._call = None
                await asyncio.sleep(random.uniform(*PAUSE_S))
            else:
                return time.monotonic() - began

    async def _report(self) -> None:
        if self._call is None:
            self._call = self._stub.Report()
        for first in range(self._acked + 1, self._sequence + 1, BATCH):
            last = min(self._sequence, first + BATCH - 1)
            batch = [self._numbered(sequence) for sequence in range(first, last + 1)]
            await self._call.write(pb.ReportRequest(box_id=self._box_id, events=batch))
        while self._acked < self._sequence:
            answer = await self._call.read()
            if answer is grpc.aio.EOF:
                raise EOFError
            self._acked = max(self._acked, answer.acked_sequence)

    def _numbered(self, sequence: int) -> event_pb2.Event:
        event = event_pb2.Event()
        event.CopyFrom(self._event)
        event.sequence = sequence
        return event


def _help() -> str:
    command = [sys.executable, "-m", "edge", "receive", "--help"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def _port(log: Path, process: subprocess.Popen[bytes]) -> int:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until and process.poll() is None:
        for line in log.read_text().splitlines():
            if line.startswith("listening on "):
                return int(line.rpartition(":")[2])
        time.sleep(0.05)
    raise RuntimeError(f"the gateway does not listen: {log.read_text()}")


def _raise_limit() -> None:
    """A connection is a file."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
