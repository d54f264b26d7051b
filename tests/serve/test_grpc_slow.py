"""A consumer that never reads slows nobody; over real sockets, with the real outbox."""

import threading
from contextlib import contextmanager
from queue import SimpleQueue

import grpc
import pytest

from edge.events.outbox import Outbox
from edge.metrics import Metrics
from edge.rpc import event_pb2
from edge.rpc import events_pb2 as pb
from edge.rpc.events_pb2_grpc import EventsStub
from tests.serve.make_serve import Reader, connected, eventually, serving

EVENTS, BATCH = 3000, 100
BIG = "x" * 20_000  # 60 MB of events in all


@pytest.fixture
def log(tmp_path):
    bounds = {"max_rows": 100_000, "max_bytes": 2**30, "max_age_s": 1e6}
    with Outbox(tmp_path / "outbox.db", box="box", metrics=Metrics(), **bounds) as made:
        yield made


def append(log, count=EVENTS):
    for _ in range(0, count, BATCH):
        log.append([event_pb2.Event(alert_id=f"a{n}", note=BIG) for n in range(BATCH)])


@contextmanager
def dead(box, **start):
    """A consumer that says its start and never reads; without a name it closes its side too."""
    requests = SimpleQueue()
    requests.put(pb.SubscribeRequest(start=pb.Start(**start)))
    if not start.get("consumer"):
        requests.put(None)
    with grpc.insecure_channel(f"127.0.0.1:{box.grpc_port}") as channel:
        call = EventsStub(channel).Subscribe(iter(requests.get, None))
        eventually(lambda: box._events._subscriptions)
        try:
            yield
        finally:
            requests.put(None)
            call.cancel()


@pytest.mark.parametrize("start", [{"consumer": "dead", "max_outstanding": 1000}, {}])
def test_others_get_all_while_one_never_reads(log, start):
    with serving(log) as box, dead(box, after_sequence=0, **start):
        (stuck,) = box._events._subscriptions
        append(log)
        with connected(box) as channel:
            reader = Reader(channel, consumer="lives", max_outstanding=1000)
            got = []
            while len(got) < EVENTS:
                got += [reader.next().sequence]
                reader.ack(got[-1])
            assert got == list(range(1, EVENTS + 1))
            eventually(lambda: log.cursor("pull:lives") == EVENTS)
        assert stuck._sent <= 1000  # the network's buffers are full, and nothing more is read
        assert stuck._outstanding.events <= stuck._sent


def test_the_window_holds_back_what_the_network_would_take(log):
    with serving(log) as box, dead(box, consumer="dead", max_outstanding=5):
        (stuck,) = box._events._subscriptions
        append(log, BATCH)
        eventually(lambda: stuck._sent == 5)
        append(log, BATCH)
        assert stuck._sent == 5
        assert log.backlog("pull:dead")[0] == 2 * BATCH


def test_events_are_committed_while_every_place_is_taken_by_the_dead(log):
    from edge.serve.events import MOST_SUBSCRIBERS

    with serving(log) as box, grpc.insecure_channel(f"127.0.0.1:{box.grpc_port}") as channel:
        calls = []
        never = threading.Event()
        for n in range(MOST_SUBSCRIBERS):
            start = pb.SubscribeRequest(start=pb.Start(consumer=f"dead-{n}"))
            calls.append(EventsStub(channel).Subscribe(_once(start, never)))
        eventually(lambda: len(box.connected()) == MOST_SUBSCRIBERS)
        append(log, 500)
        assert log.last_sequence == 500
        never.set()
        for call in calls:
            call.cancel()


def _once(start, never):
    yield start
    never.wait()
