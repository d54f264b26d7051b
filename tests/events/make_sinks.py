"""Command centres to report to, in memory and over gRPC; and a sink that does as it is told."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field

import grpc

from edge.errors import SinkError
from edge.rpc import event_pb2
from edge.rpc import ingest_pb2 as pb
from edge.rpc.ingest_pb2_grpc import IngestServicer, add_IngestServicer_to_server
from edge.serve.push import PushSink
from edge.types import Receipt

UNWANTED = "no such site"


@dataclass
class Centre:
    """What has arrived, in its order; what is sent again comes again here."""

    arrived: list[event_pb2.Event] = field(default_factory=list)
    unwanted: str = UNWANTED  # the note of an event that it refuses for good
    why: str = UNWANTED  # what it says of that
    silent: bool = False
    heard: int = 0

    @property
    def stored(self):
        """Each identity once, in the order of their first arrival."""
        first = {}
        for one in self.arrived:
            first.setdefault((one.box_id, one.sequence), one)
        return list(first.values())


@dataclass
class MemoryCentre(Centre):
    """A command centre without a wire."""

    reachable: bool = True

    def sink(self):
        return MemorySink("memory", self)

    def down(self):
        self.reachable = False

    def up(self):
        self.reachable = True

    def take(self, events):
        self.heard += 1
        if self.silent:
            return None
        refused = {e.sequence: UNWANTED for e in events if e.note == UNWANTED}
        self.arrived += [e for e in events if e.sequence not in refused]
        return Receipt(events[-1].sequence, refused)


@dataclass
class MemorySink:
    """Waits for a silent centre until it is closed."""

    name: str
    centre: MemoryCentre
    _closed: threading.Event = field(default_factory=threading.Event)

    def send(self, events):
        self.tend()
        receipt = self.centre.take(events)
        if receipt is None:
            self._closed.wait(30)
            raise SinkError(f"sink '{self.name}': closed")
        return receipt

    def tend(self):
        if self._closed.is_set() or not self.centre.reachable:
            raise SinkError(f"sink '{self.name}': nobody there")
        return True

    def close(self):
        self._closed.set()


class GrpcCentre(IngestServicer, MemoryCentre):
    """The same over a real socket."""

    def __init__(self):
        MemoryCentre.__init__(self)
        self.port = 0
        self.up()

    def sink(self):
        return PushSink("centre", f"127.0.0.1:{self.port}", insecure=True, timeout_s=5)

    def up(self):
        self._workers = ThreadPoolExecutor(8)
        self._server = grpc.server(self._workers)
        add_IngestServicer_to_server(self, self._server)
        self.port = self._server.add_insecure_port(f"127.0.0.1:{self.port}")
        self._server.start()

    def down(self):
        self._server.stop(0).wait()
        self._workers.shutdown()

    def Report(self, request_iterator, context):  # noqa: N802 - the contract's name
        with suppress(grpc.RpcError):  # hung up
            for request in request_iterator:
                receipt = self.take(request.events)
                if receipt is not None:
                    pairs = receipt.rejected.items()
                    rejections = [pb.Rejection(sequence=s, reason=why) for s, why in pairs]
                    yield pb.ReportResponse(acked_sequence=receipt.acked, rejections=rejections)


class ScriptedSink:
    """Answers with what `answer` makes of a batch; remembers what it was sent."""

    name = "centre"

    def __init__(self, answer=None, tend=lambda: False):
        self.answer = answer or (lambda events: Receipt(events[-1].sequence))
        self.tend = tend
        self.batches, self.closed = [], 0

    def send(self, events):
        self.batches.append([one.sequence for one in events])
        return self.answer(events)

    def close(self):
        self.closed += 1

    @property
    def sent(self):
        return [sequence for batch in self.batches for sequence in batch]
