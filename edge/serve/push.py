"""Push to a command centre: the box dials out and reports over a stream that stays open."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue

import grpc

from edge.errors import SinkError
from edge.rpc import event_pb2
from edge.rpc import ingest_pb2 as pb
from edge.rpc.ingest_pb2_grpc import IngestStub
from edge.serve import wire
from edge.types import Receipt

KEEPALIVE_S = 60.0  # servers of other makes may refuse more frequent pings
JOIN_S = 1.0
REMEDY = "check the address, the certificates and the network; the events are sent again"


@dataclass(slots=True)
class PushSink:
    """A sink that calls `Ingest.Report`; one thread sends, any thread may close it for good.

    Without `ca` the system's roots are trusted; `insecure` is plain text. After a failure
    the next `send` connects anew.
    """

    name: str
    target: str
    _: KW_ONLY
    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None
    insecure: bool = False
    timeout_s: float = 10.0
    _stream: _Stream | None = field(default=None, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)
    _closed: bool = field(default=False, init=False)

    def send(self, events: Sequence[event_pb2.Event]) -> Receipt:
        """Report at least one event and wait until all are acknowledged, or some and no more.

        Raises SinkError where none is.
        """
        first, last = events[0].sequence, events[-1].sequence
        acked, rejected = first - 1, dict[int, str]()
        try:
            stream = self._connected()
            stream.requests.put(pb.ReportRequest(box_id=events[0].box_id, events=events))
            deadline = time.monotonic() + self.timeout_s
            while acked < last:
                answer = stream.answer(deadline - time.monotonic())
                acked = max(acked, min(answer.acked_sequence, last))
                rejected |= {one.sequence: one.reason for one in answer.rejections}
        except SinkError as error:
            self._drop()
            if acked < first:
                where = f"command centre '{self.name}' at {self.target}"
                raise SinkError(f"{where}: {error.what}", error.remedy or REMEDY) from error
        return Receipt(acked, {s: why for s, why in rejected.items() if first <= s <= acked})

    def tend(self) -> bool:
        """Nothing: the stream is opened with the first event, and its ends keep it alive."""
        return False

    def close(self) -> None:
        """Let go of the connection; a `send` that waits, or comes later, raises SinkError."""
        with self._lock:
            self._closed = True
        self._drop()

    def _connected(self) -> _Stream:
        stream = self._stream
        if stream and stream.ended:  # while there was nothing to send
            self._drop()
        with self._lock:
            if self._closed:
                raise SinkError("closed")
            if self._stream is None:
                self._stream = _Stream(self.name, self._channel())
            return self._stream

    def _drop(self) -> None:
        with self._lock:
            stream, self._stream = self._stream, None
        if stream:
            stream.close()

    def _channel(self) -> grpc.Channel:
        return wire.channel(
            self.target,
            ca=self.ca,
            cert=self.cert,
            key=self.key,
            insecure=self.insecure,
            keepalive_s=KEEPALIVE_S,
        )


class _Stream:
    """One open call, and the thread that hears its answers."""

    def __init__(self, name: str, channel: grpc.Channel) -> None:
        self.requests: SimpleQueue[pb.ReportRequest | None] = SimpleQueue()  # one at a time
        self.ended = False
        self._answers: SimpleQueue[pb.ReportResponse | str] = SimpleQueue()
        self._channel = channel
        self._call = IngestStub(channel).Report(iter(self.requests.get, None))
        self._reader = threading.Thread(target=self._read, name=f"push-{name}", daemon=True)
        self._reader.start()

    def answer(self, timeout_s: float) -> pb.ReportResponse:
        """The next answer; raises SinkError where none comes."""
        try:
            answer = self._answers.get(timeout=max(0.0, timeout_s))
        except Empty:
            raise SinkError("no answer in time") from None
        if isinstance(answer, str):
            raise SinkError(answer)
        return answer

    def close(self) -> None:
        self.requests.put(None)
        self._call.cancel()
        self._channel.close()
        self._reader.join(JOIN_S)

    def _read(self) -> None:
        why = "the command centre has ended the stream"
        try:
            for answer in self._call:
                self._answers.put(answer)
        except grpc.RpcError as error:
            why = wire.words(error)
        self.ended = True
        self._answers.put(why)
