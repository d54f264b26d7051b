"""A box as a client sees it: follow its events, ask how it is."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from queue import SimpleQueue

import grpc

from edge.errors import SinkError
from edge.rpc import box_pb2
from edge.rpc import events_pb2 as pb
from edge.rpc.box_pb2_grpc import BoxStub
from edge.rpc.events_pb2_grpc import EventsStub
from edge.serve import wire

LEAVE_S = 1.0
REMEDY = "check the address, the certificates and whether the box runs"


def subscribe(
    target: str,
    *,
    consumer: str = "",
    after: int | None = None,
    ca: Path | None = None,
    cert: Path | None = None,
    key: Path | None = None,
) -> Iterator[pb.SubscribeResponse]:
    """What a box says to a consumer, for ever; raises SinkError where the stream breaks.

    An event counts as taken over when the next one is asked for. Without any of the files
    the link is plain text.
    """
    requests: SimpleQueue[pb.SubscribeRequest | None] = SimpleQueue()
    requests.put(pb.SubscribeRequest(start=pb.Start(consumer=consumer, after_sequence=after)))
    with _channel(target, ca=ca, cert=cert, key=key) as channel:
        call = EventsStub(channel).Subscribe(iter(requests.get, None))
        try:
            for answer in call:
                yield answer
                if (sequence := _taken_over(answer)) is not None:
                    requests.put(pb.SubscribeRequest(ack=pb.Ack(sequence=sequence)))
        finally:
            requests.put(None)
            _leave(call, call.cancel, wait_s=LEAVE_S if consumer else 0)


def get_status(
    target: str,
    *,
    ca: Path | None = None,
    cert: Path | None = None,
    key: Path | None = None,
    timeout_s: float = 5.0,
) -> box_pb2.GetStatusResponse:
    """How a box is; raises SinkError where it doesn't answer."""
    with _channel(target, ca=ca, cert=cert, key=key) as channel:
        return BoxStub(channel).GetStatus(box_pb2.GetStatusRequest(), timeout=timeout_s)


@contextlib.contextmanager
def _channel(
    target: str, *, ca: Path | None, cert: Path | None, key: Path | None
) -> Iterator[grpc.Channel]:
    insecure = not (ca or cert)
    try:
        with wire.channel(target, ca=ca, cert=cert, key=key, insecure=insecure) as channel:
            yield channel
    except grpc.RpcError as error:
        raise SinkError(f"box at {target}: {wire.words(error)}", REMEDY) from error


def _leave(call: Iterable[object], cancel: Callable[[], object], *, wait_s: float) -> None:
    """End the stream; a named consumer waits until the box has stored its last ack."""
    guard = threading.Timer(wait_s, cancel)
    guard.start()
    with contextlib.suppress(grpc.RpcError):
        for _ in call:
            pass
    guard.cancel()


def _taken_over(answer: pb.SubscribeResponse) -> int | None:
    match answer.WhichOneof("message"):
        case "event":
            return answer.event.sequence
        case "gap":
            return None if answer.gap.continues else answer.gap.last_missing
        case _:
            return None
