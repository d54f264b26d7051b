"""What many boxes report at once, stored together: one commit for all that has come meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import grpc
import structlog

from edge.errors import FencelineError
from edge.rpc import event_pb2
from edge.rpc import ingest_pb2 as pb
from edge.rpc.ingest_pb2_grpc import IngestServicer
from edge.serve import identity
from edge.serve.refusals import RefusedError, invalid, told_to

MOST_EVENTS = 5000  # of one commit
MOST_WAITING_BYTES = 64 * 2**20  # beyond, boxes are asked to come again
LAST_SEQUENCE = 2**63 - 1
MOST_EVENT_BYTES = 2**18  # as JSON it still fits into a message of NATS
TEND_S = 60.0
SAY_S = 600.0
BOX_ID = re.compile(r"[A-Za-z0-9_-]{1,80}")

Events = Sequence[event_pb2.Event]


class PartlyError(FencelineError):
    """Events of some `boxes` could not be stored; `new` were, of the others."""

    def __init__(self, why: FencelineError, *, boxes: Collection[str], new: Events) -> None:
        super().__init__(why.what, why.remedy)
        self.boxes, self.new = frozenset(boxes), new


class Store(Protocol):
    """What takes the boxes' events over."""

    async def newest(self, box_id: str) -> int:
        """The newest sequence it has of this box; 0: none."""
        ...

    async def add(self, events: Events) -> Events:
        """Take over events of many boxes, and tell those that are new.

        All or none of a box, else FencelineError; PartlyError where it is the trouble of some.
        """
        ...

    async def tend(self) -> None:
        """Called every minute: forget what is to be forgotten. FencelineError."""
        ...

    async def close(self) -> None:
        """Called at the end, when nothing is being added."""
        ...


@dataclass(frozen=True, slots=True)
class Tally:
    """What has arrived since the start."""

    events: int = 0
    duplicates: int = 0
    boxes: int = 0  # that have reported since the start
    gaps: int = 0  # how often sequences were passed over
    commits: int = 0


@dataclass(frozen=True, slots=True)
class _Batch:
    """One box's events that wait to be stored, and who waits for it."""

    events: Events
    size_bytes: int
    stored: asyncio.Future[None]

    @property
    def box_id(self) -> str:
        return self.events[0].box_id


class Intake(IngestServicer):
    """`Ingest` for many boxes; `run` has to run. `told` hears of what is stored, before the acks.

    `certified`: a box speaks only for itself, as its certificate says.
    """

    def __init__(
        self, store: Store, told: Callable[[Events], Awaitable[None]], *, certified: bool
    ) -> None:
        self._store, self._told, self._certified = store, told, certified
        self._waiting: asyncio.Queue[_Batch] = asyncio.Queue()
        self._waiting_bytes = 0
        self._newest: dict[str, int] = {}
        self._said_gap: dict[str, float] = {}
        self._trouble = ""
        self._tally = Tally()
        self._log = structlog.get_logger()

    @property
    def tally(self) -> Tally:
        """What has arrived since the start."""
        return self._tally

    async def Report(  # noqa: N802 - the contract's name
        self,
        request_iterator: AsyncIterator[pb.ReportRequest],
        context: grpc.aio.ServicerContext[Any, Any],
    ) -> AsyncIterator[pb.ReportResponse]:
        """See the contract."""
        async with told_to(context):
            name = identity.name_of(context)
            async for request in request_iterator:
                if self._certified:
                    identity.check(name, request.box_id)
                yield await self._take(request)

    async def run(self) -> None:
        """Store what comes, until it is cancelled."""
        clock = asyncio.get_running_loop().time
        tended = clock()
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(tended + TEND_S):
                    first = await self._waiting.get()
                await self._commit(self._with_others(first))
            if clock() >= tended + TEND_S:
                await self._tend()
                tended = clock()

    async def _take(self, request: pb.ReportRequest) -> pb.ReportResponse:
        box_id = request.box_id
        if request.events and not BOX_ID.fullmatch(box_id):
            raise invalid("GARBLED", "box_id is not 1 to 80 letters, digits, '-' or '_'")
        good = [event for event in request.events if not _flaw(event, box_id)]
        if good:
            await self._stored(good, request.ByteSize())
        if request.events:
            newest = max(event.sequence for event in request.events)
        else:
            newest = await self._store.newest(box_id)
        rejections = [
            pb.Rejection(sequence=event.sequence, reason=why)
            for event in request.events
            if (why := _flaw(event, box_id))
        ]
        return pb.ReportResponse(acked_sequence=newest, rejections=rejections)

    async def _stored(self, events: Events, size_bytes: int) -> None:
        if self._waiting_bytes + size_bytes > MOST_WAITING_BYTES:
            raise RefusedError(
                grpc.StatusCode.RESOURCE_EXHAUSTED,
                "TOO_MANY_CALLS",
                "too much waits to be stored; come again",
            )
        stored = asyncio.get_running_loop().create_future()
        self._waiting_bytes += size_bytes
        self._waiting.put_nowait(_Batch(events, size_bytes, stored))
        await stored

    def _with_others(self, first: _Batch) -> list[_Batch]:
        batches, count = [first], len(first.events)
        while count < MOST_EVENTS and not self._waiting.empty():
            batches.append(self._waiting.get_nowait())
            count += len(batches[-1].events)
        return batches

    async def _commit(self, batches: Sequence[_Batch]) -> None:
        events = [event for batch in batches for event in batch.events]
        failed: list[_Batch] = []
        try:
            before = {box: await self._known(box) for box in {event.box_id for event in events}}
            try:
                new = await self._store.add(events)
            except PartlyError as error:
                new = error.new
                failed = [batch for batch in batches if batch.box_id in error.boxes]
                self._fail(failed, error)
            await self._told(new)
        except Exception as error:  # noqa: BLE001 - whoever waits is told, and sends it again
            self._fail(batches, error)
            return
        finally:
            self._waiting_bytes -= sum(batch.size_bytes for batch in batches)
        if not failed:
            self._recover()
        self._count(new, before, len(events) - sum(len(batch.events) for batch in failed))
        for batch in batches:
            if not batch.stored.done():  # its box may have gone
                batch.stored.set_result(None)

    async def _known(self, box_id: str) -> int:
        if box_id not in self._newest:
            return await self._store.newest(box_id)
        return self._newest[box_id]

    def _count(self, new: Events, before: dict[str, int], came: int) -> None:
        gaps = 0
        for event in new:
            last = before[event.box_id]
            if last and event.sequence > last + 1:
                gaps += 1
                self._say_gap(event, last)
            before[event.box_id] = max(last, event.sequence)
        self._newest |= before
        tally = self._tally
        self._tally = Tally(
            events=tally.events + len(new),
            duplicates=tally.duplicates + came - len(new),
            boxes=len(self._newest),
            gaps=tally.gaps + gaps,
            commits=tally.commits + 1,
        )

    def _say_gap(self, event: event_pb2.Event, last: int) -> None:
        """Once in a while for each box: one whose `report` has a filter passes over many."""
        now = time.monotonic()
        if now - self._said_gap.get(event.box_id, -SAY_S) < SAY_S:
            return
        self._said_gap[event.box_id] = now
        self._log.warning(
            "a box has passed over sequences: its report has a filter, or events were lost there",
            box=event.box_id,
            missing=f"{last + 1}..{event.sequence - 1}",
        )

    async def _tend(self) -> None:
        try:
            await self._store.tend()
        except FencelineError as error:
            self._log.warning("the store can't be tidied", reason=str(error))

    def _fail(self, batches: Sequence[_Batch], error: Exception) -> None:
        known = isinstance(error, FencelineError)
        if not known:
            self._log.error("events can't be stored", reason=repr(error), exc_info=error)
        elif str(error) != self._trouble:
            self._log.error("events can't be stored, and are not acknowledged", reason=str(error))
        self._trouble = str(error) or repr(error)
        for batch in batches:
            if not batch.stored.done():
                failure = error if known else FencelineError("internal error", "see the log")
                batch.stored.set_exception(failure)

    def _recover(self) -> None:
        if self._trouble:
            self._log.info("events are stored again")
        self._trouble = ""


def _flaw(event: event_pb2.Event, box_id: str) -> str:
    """Why an event is refused for good, or nothing."""
    if event.box_id != box_id:
        return "its box_id is not that of the batch"
    if not 1 <= event.sequence <= LAST_SEQUENCE:
        return "its sequence is not 1 to 2^63-1"
    if event.ByteSize() > MOST_EVENT_BYTES:
        return "it is larger than 256 KiB"
    return ""
