"""Builders for the servers: a log in memory, a box that is well, a running pair of listeners."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from queue import Empty, SimpleQueue

import grpc
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from edge.rpc import event_pb2
from edge.rpc import events_pb2 as pb
from edge.rpc.events_pb2_grpc import EventsStub
from edge.serve.servers import Servers
from edge.status import BoxStatus, CameraHealth, CameraState, ConsumerHealth

WAIT_S = 10.0
RAISED, CLEARED = event_pb2.STATE_RAISED, event_pb2.STATE_CLEARED


def event(sequence=0, *, box="box-1234abcd", alert=None, state=RAISED, camera="gate", **fields):
    return event_pb2.Event(
        event_id=f"event-{sequence}",
        alert_id=alert or f"alert-{sequence}",
        box_id=box,
        sequence=sequence,
        camera=camera,
        rule="fence",
        state=state,
        **fields,
    )


class MemoryLog:
    """An EventLog that forgets everything but what a test needs."""

    def __init__(self, count=0):
        self.kept, self.last_sequence = [], 0
        self.cursors, self.listeners = {}, []
        self.confirmed, self.letters = [], {}
        self.failing = None
        self.lock = threading.Lock()
        self.append(count)

    @property
    def first_sequence(self):
        return self.kept[0].sequence if self.kept else self.last_sequence + 1

    def append(self, count=1, **fields):
        with self.lock:
            for _ in range(count):
                self.last_sequence += 1
                self.kept.append(event(self.last_sequence, **fields))
        for callback in list(self.listeners):
            callback()

    def forget(self, up_to):
        with self.lock:
            self.kept = [one for one in self.kept if one.sequence > up_to]

    def read(self, after, *, limit=100):
        if self.failing:
            raise self.failing
        with self.lock:
            return [one for one in self.kept if one.sequence > after][:limit]

    def recent(self, after, *, limit=100):
        if after >= self.last_sequence:
            return []
        found = self.read(after, limit=limit)
        at_hand = after % 3 and found and found[0].sequence == after + 1  # nobody may notice
        return found if at_hand else None

    def cursor(self, consumer):
        return self.cursors.get(consumer, 0)

    def dead_letter(self, consumer, sequence, reason):
        if (consumer, sequence) in self.letters:
            return False
        self.letters[consumer, sequence] = reason
        return True

    def confirm(self, consumer, sequence):
        self.confirmed.append((consumer, sequence))
        self.cursors[consumer] = max(sequence, self.cursor(consumer))

    def open_alerts(self):
        return [event(number, alert=f"open-{number}") for number in (1, 2)]

    def alerts(self, *, limit, before, open_only):
        newest_first = [one for one in reversed(self.kept) if one.state == RAISED or not open_only]
        older = [one for one in newest_first if not before or one.sequence < int(before)]
        page = older[:limit]
        return page, str(page[-1].sequence) if len(older) > limit else ""

    def listen(self, callback):
        self.listeners.append(callback)
        return lambda: self.listeners.remove(callback)


class Shelf:
    """An EvidenceShelf over a folder."""

    def __init__(self, folder):
        self.folder = folder

    def path(self, evidence_id):
        path = self.folder / f"{evidence_id}.jpg"
        return path if path.is_file() else None


STATUS = BoxStatus(
    site="quarry",
    box_id="box-1234abcd",
    version="0.1",
    config_revision="r1",
    started=1_700_000_000.25,
    not_ready=("camera 'gate': stalled",),
    degraded=("model 'm' gave no answer for 20 s",),
    load=0.75,
    model="m",
    model_sha256="ab",
    provider="CPUExecutionProvider",
    precision="bf16",
    cameras=(
        CameraHealth("gate", CameraState.STALLED, "no frame for 6 s", 1_700_000_001.0, 7, 2, 1),
        CameraHealth("yard", CameraState.STREAMING, staleness_s=0.25),
    ),
    consumers=(ConsumerHealth("sink:centre", 5, 3, 1.5, connected=False, reason="refused"),),
    last_sequence=8,
    open_alerts=2,
)


class View:
    """A BoxView of a box without pictures."""

    def status(self):
        return replace(STATUS)

    def scene(self, _camera):
        return None

    def overlay(self, _camera):
        return []


async def hello(_scope, _receive, send):
    """The smallest ASGI application."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"hello"})


def servers(log=None, folder=None, **options):
    options = {"grpc_listen": "127.0.0.1:0", "http_listen": "127.0.0.1:0"} | options
    return Servers(
        box=View(),
        log=log or MemoryLog(),
        evidence=Shelf(folder),
        http_app=options.pop("http_app", hello),
        **options,
    )


@contextmanager
def serving(log=None, folder=None, **options):
    """Started servers."""
    made = servers(log, folder, **options)
    made.start()
    try:
        yield made
    finally:
        made.stop()


@contextmanager
def connected(made):
    """A plain channel to started servers."""
    with grpc.insecure_channel(f"127.0.0.1:{made.grpc_port}") as channel:
        yield channel


class Reader:
    """A subscriber that says only what the test tells it to."""

    def __init__(self, channel, *, first=None, deadline_s=None, **start):
        self._requests, self._answers = SimpleQueue(), SimpleQueue()
        self._requests.put(first or pb.SubscribeRequest(start=pb.Start(**start)))
        requests = iter(self._requests.get, None)
        self._call = EventsStub(channel).Subscribe(requests, timeout=deadline_s)
        threading.Thread(target=self._read, daemon=True).start()

    def nack(self, sequence, reason=""):
        self.say(nack=pb.Nack(sequence=sequence, reason=reason))

    def say(self, **message):
        self._requests.put(pb.SubscribeRequest(**message))

    def ack(self, sequence):
        self.say(ack=pb.Ack(sequence=sequence))

    def close(self):
        """Half-close: nothing more will be said."""
        self._requests.put(None)

    def cancel(self):
        self._requests.put(None)
        self._call.cancel()

    def next(self, timeout=WAIT_S):
        answer = self._answers.get(timeout=timeout)
        return getattr(answer, answer.WhichOneof("message")) if answer is not None else None

    def events(self, count):
        """The sequences of the next events; whatever else comes fails the test."""
        return [self.next().sequence for _ in range(count)]

    def hears_nothing(self, seconds=0.2):
        try:
            self.next(timeout=seconds)
        except Empty:
            return True
        return False

    def error(self):
        """How the stream ended, after what was still to be read: code name and reason."""
        while self._answers.get(timeout=WAIT_S) is not None:
            pass
        return reason_of(self._call)

    def _read(self):
        try:
            for answer in self._call:
                self._answers.put(answer)
        except grpc.RpcError:
            pass
        self._answers.put(None)


def reason_of(call):
    """The code's name and the reason of the ErrorInfo, which has our domain."""
    status = rpc_status.from_call(call)
    if status is None:
        return call.code().name, None
    info = error_details_pb2.ErrorInfo()
    status.details[0].Unpack(info)
    assert info.domain == "fenceline"
    return call.code().name, info.reason


def retry_s(call):
    """After how many seconds the same may be asked again; None: it is not said."""
    for detail in rpc_status.from_call(call).details:
        info = error_details_pb2.RetryInfo()
        if detail.Unpack(info):
            return info.retry_delay.ToMilliseconds() / 1000
    return None


def eventually(probe, seconds=WAIT_S):
    """Poll until the probe gives something true."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := probe():
            return found
        time.sleep(0.01)
    raise AssertionError("waited in vain")
