"""A small command centre: takes what boxes report, each event once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import grpc

from edge.errors import FencelineError
from edge.rpc import event_pb2
from edge.rpc import ingest_pb2 as pb
from edge.rpc.ingest_pb2_grpc import IngestServicer, add_IngestServicer_to_server
from edge.serve import wire
from edge.serve.ledger import Ledger
from edge.serve.refusals import unavailable

MOST_BOXES = 64
STOP_S = 0.2
REMEDY = "stop the other process or listen on another port"


@dataclass(frozen=True, slots=True)
class Tally:
    """What has arrived since the start."""

    events: int = 0
    duplicates: int = 0
    boxes: int = 0  # those known from the store included


class Receiver(IngestServicer):
    """Listens while its block runs; port 0 means any free one.

    `on_event` is called once for each event, in order per box, by one thread at a time,
    after the event is stored and before it is acknowledged.
    """

    def __init__(
        self,
        listen: str,
        *,
        on_event: Callable[[event_pb2.Event], None],
        store: Path | None = None,
        cert: Path | None = None,
        key: Path | None = None,
        client_ca: Path | None = None,
    ) -> None:
        self.port = 0  # known while it listens
        self._listen, self._on_event, self._store = listen, on_event, store
        self._tls = (cert, key, client_ca)
        self._events = self._duplicates = 0
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        """Listen; raises ListenError, or FencelineError where the store is of no use."""
        credentials = wire.server_credentials(*self._tls)
        with ExitStack() as stack:
            self._ledger = stack.enter_context(closing(Ledger(self._store)))
            workers = stack.enter_context(ThreadPoolExecutor(MOST_BOXES, "receive"))
            options = wire.server_options()
            server = grpc.server(workers, options=options, maximum_concurrent_rpcs=MOST_BOXES)
            stack.callback(lambda: server.stop(STOP_S).wait())
            add_IngestServicer_to_server(self, server)
            self.port = wire.listen(server, self._listen, credentials, remedy=REMEDY)
            server.start()
            self._open = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    @property
    def tally(self) -> Tally:
        """What has arrived since the start."""
        with self._lock:
            return Tally(self._events, self._duplicates, self._ledger.boxes)

    def Report(  # noqa: N802 - the contract's name
        self, request_iterator: Iterator[pb.ReportRequest], context: grpc.ServicerContext
    ) -> Iterator[pb.ReportResponse]:
        """See the contract."""
        for request in request_iterator:
            try:
                yield self._take(request)
            except FencelineError as error:  # not stored, so not acknowledged
                context.abort_with_status(unavailable("STORE_FAILED", str(error)).status())

    def _take(self, request: pb.ReportRequest) -> pb.ReportResponse:
        mine = [event for event in request.events if event.box_id == request.box_id]
        alien = [event for event in request.events if event.box_id != request.box_id]
        with self._lock:
            known = self._ledger.newest(request.box_id)
            new = [event for event in mine if event.sequence > known]
            self._ledger.add(new)
            for event in new:
                self._on_event(event)
            self._events += len(new)
            self._duplicates += len(mine) - len(new)
        newest = max((event.sequence for event in request.events), default=known)
        why = "its box_id is not that of the batch"
        rejections = [pb.Rejection(sequence=event.sequence, reason=why) for event in alien]
        return pb.ReportResponse(acked_sequence=newest, rejections=rejections)
