"""The Events service: subscriptions, alerts and their acknowledgement, evidence."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import Any, TypeAlias

import grpc
import structlog

from edge.rpc import events_pb2 as pb
from edge.rpc.events_pb2_grpc import EventsServicer, add_EventsServicer_to_server
from edge.serve.batches import Batches
from edge.serve.confirm import confirmed
from edge.serve.needs import BoxControls, EventLog, EvidenceShelf
from edge.serve.orders import acknowledge_request, acknowledgement_message
from edge.serve.refusals import RefusedError, invalid, may, told_to, unavailable
from edge.serve.subscription import Subscription

Context: TypeAlias = grpc.aio.ServicerContext[Any, Any]

SERVICE = pb.DESCRIPTOR.services_by_name["Events"].full_name
CHUNK_BYTES = 64 * 2**10
PAGE, LARGEST_PAGE = 50, 500
MOST_SUBSCRIBERS = 64
START_S = 10.0  # for the first message of a stream
CONSUMER = re.compile(r"[A-Za-z0-9._-]{0,64}")


class Events(EventsServicer):
    """Lives on one event loop, between `open` and `drain`."""

    def __init__(
        self,
        log: EventLog,
        evidence: EvidenceShelf,
        *,
        controls: BoxControls | None = None,
        anybody: bool = True,
        idle_s: float = 10.0,
    ) -> None:
        self._log, self._evidence, self._idle_s = log, evidence, idle_s
        self._controls, self._anybody = controls, anybody
        self._subscriptions: set[Subscription] = set()
        self._batches = Batches()
        self._draining = False
        self._unlisten: Callable[[], None] = _nothing
        self.readers: frozenset[str] = frozenset()  # consumers that read now; any thread may look

    def add_to(self, server: grpc.aio.Server) -> None:
        """Have a server answer with it; many readers of one batch have it serialized once."""
        handler = grpc.stream_stream_rpc_method_handler(
            self.Subscribe,
            request_deserializer=pb.SubscribeRequest.FromString,
            response_serializer=self._batches.wire,
        )
        add_EventsServicer_to_server(self, server)
        server.add_registered_method_handlers(SERVICE, {"Subscribe": handler})  # instead of its own

    def open(self) -> None:
        """Wake the subscriptions after each commit from now on."""
        loop = asyncio.get_running_loop()

        def committed() -> None:
            # The committing thread must not suffer from a loop that has just been closed.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(self._wake)

        self._unlisten = self._log.listen(committed)

    def drain(self) -> None:
        """Take no new subscriptions and end the open ones, telling them to come back.

        May be called again.
        """
        self._draining = True
        self._unlisten()
        self._unlisten = _nothing
        for subscription in self._subscriptions:
            subscription.end(_shutting_down())

    async def Subscribe(  # type: ignore[override]  # noqa: N802 - a coroutine that writes hears of its cancellation
        self, request_iterator: AsyncIterator[pb.SubscribeRequest], context: Context
    ) -> None:
        """See the contract; ends for a named consumer once it closes its side."""
        async with told_to(context):
            start = await _start_of(request_iterator)
            subscription = Subscription(
                self._log, start, idle_s=self._idle_s, batches=self._batches
            )
            with self._reading(subscription) as older:
                await subscription.open([one.heard() for one in older])
                acks = asyncio.create_task(subscription.take_acks(request_iterator))
                try:
                    await subscription.deliver(context.write)
                finally:
                    acks.cancel()

    async def ListAlerts(  # noqa: N802
        self, request: pb.ListAlertsRequest, context: Context
    ) -> pb.ListAlertsResponse:
        """See the contract."""
        async with told_to(context):
            limit = _limit(request.page_size)
            alerts, token = await asyncio.to_thread(
                self._log.alerts,
                limit=limit,
                before=request.page_token or None,
                open_only=request.open_only,
            )
            return pb.ListAlertsResponse(alerts=alerts, next_page_token=token)

    async def ListDeadLetters(  # noqa: N802
        self, request: pb.ListDeadLettersRequest, context: Context
    ) -> pb.ListDeadLettersResponse:
        """See the contract."""
        async with told_to(context):
            limit = _limit(request.page_size)
            letters, token = await asyncio.to_thread(
                self._log.dead_letters,
                limit=limit,
                before=request.page_token or None,
                consumer=request.consumer,
            )
            return pb.ListDeadLettersResponse(dead_letters=letters, next_page_token=token)

    async def AcknowledgeAlert(  # noqa: N802
        self, request: pb.AcknowledgeAlertRequest, context: Context
    ) -> pb.AcknowledgeAlertResponse:
        """See the contract."""
        async with told_to(context):
            controls = may(self._controls, anybody=self._anybody)
            first = await confirmed(controls.acknowledge(acknowledge_request(request)))
            return pb.AcknowledgeAlertResponse(acknowledgement=acknowledgement_message(first))

    async def GetEvidence(  # noqa: N802
        self, request: pb.GetEvidenceRequest, context: Context
    ) -> AsyncIterator[pb.GetEvidenceResponse]:
        """See the contract."""
        async with told_to(context):
            data = await asyncio.to_thread(self._stored, request.evidence_id)
        for at in range(0, len(data), CHUNK_BYTES):
            yield pb.GetEvidenceResponse(chunk=data[at : at + CHUNK_BYTES])

    def _stored(self, evidence_id: str) -> bytes:
        path = self._evidence.path(evidence_id)
        try:
            if path is not None:
                return path.read_bytes()
        except FileNotFoundError:  # it was swept between the two lines
            pass
        raise RefusedError(
            grpc.StatusCode.NOT_FOUND,
            "NO_SUCH_EVIDENCE",
            "there is no such evidence, or it has expired",
        )

    @contextlib.contextmanager
    def _reading(self, subscription: Subscription) -> Iterator[Sequence[Subscription]]:
        """Admit it, ending an older one of the same name, and forget it at the end."""
        if self._draining:
            raise _shutting_down()
        name = subscription.consumer
        older = [one for one in self._subscriptions if name and one.consumer == name]
        if not older and len(self._subscriptions) >= MOST_SUBSCRIBERS:
            raise unavailable("TOO_MANY_SUBSCRIBERS", "too many subscribers; try again later")
        for one in older:
            one.end(_taken_over())
        self._subscriptions.add(subscription)
        self._look_around()
        log = structlog.get_logger()
        log.info("subscriber came", consumer=name)
        try:
            yield older
        finally:
            self._subscriptions.discard(subscription)
            self._look_around()
            log.info("subscriber went", consumer=name)

    def _look_around(self) -> None:
        self.readers = frozenset(one.consumer for one in self._subscriptions if one.consumer)

    def _wake(self) -> None:
        for subscription in self._subscriptions:
            subscription.wake()


def _limit(page_size: int) -> int:
    if page_size < 0:
        raise invalid("BAD_PAGE_SIZE", "page_size is negative")
    return min(page_size or PAGE, LARGEST_PAGE)


async def _start_of(requests: AsyncIterator[pb.SubscribeRequest]) -> pb.Start:
    try:
        async with asyncio.timeout(START_S):
            request = await anext(requests, pb.SubscribeRequest())
    except TimeoutError:
        request = pb.SubscribeRequest()
    if request.WhichOneof("message") != "start":
        raise invalid("NO_START", "the first message must be a start")
    if not CONSUMER.fullmatch(request.start.consumer):
        raise invalid(
            "BAD_CONSUMER", "a consumer's name is 1 to 64 letters, digits, '-', '_' or '.'"
        )
    return request.start


def _shutting_down() -> RefusedError:
    return unavailable("SHUTTING_DOWN", "the box is shutting down; connect again later")


def _taken_over() -> RefusedError:
    what = "a newer stream reads under this consumer's name"
    return RefusedError(grpc.StatusCode.ABORTED, "TAKEN_OVER", what)


def _nothing() -> None:
    """Nothing was listened to yet."""
