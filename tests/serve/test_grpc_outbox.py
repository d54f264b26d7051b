"""The servers over the real outbox and the real evidence store, as `app` wires them."""

import hashlib
import threading
from contextlib import ExitStack, contextmanager

import grpc
import numpy as np
import pytest

from edge.events.archive import Archive
from edge.events.evidence import EvidenceStore
from edge.events.ids import uuid7
from edge.events.outbox import Outbox
from edge.events.relay import Relay
from edge.metrics import Metrics
from edge.rpc import event_pb2
from edge.rpc import events_pb2 as pb
from edge.rpc.events_pb2_grpc import EventsStub
from edge.serve.push import PushSink
from edge.serve.receive import OnThread, Receiver
from edge.serve.servers import Servers
from edge.types import Scene, Tracks
from tests.events.make_events import sample
from tests.make import frame
from tests.serve.make_serve import Reader, View, connected, eventually, hello, reason_of


def outbox(folder, **bounds):
    bounds = {"max_rows": 10_000, "max_bytes": 2**30, "max_age_s": 1e6} | bounds
    return Outbox(folder / "outbox.db", box="box", metrics=Metrics(), **bounds)


def alerts(count, *, state=event_pb2.STATE_RAISED):
    return [
        event_pb2.Event(
            event_id=uuid7(1e9 + n), alert_id=uuid7(1e9 + n), camera="gate", state=state
        )
        for n in range(count)
    ]


@contextmanager
def box(folder, **bounds):
    """Outbox, evidence, servers and a channel to them."""
    evidence = EvidenceStore(folder / "evidence", max_bytes=2**30, max_age_s=1e6)
    with ExitStack() as stack:
        log = stack.enter_context(outbox(folder, **bounds))
        servers = Servers(
            box=View(),
            log=log,
            evidence=evidence,
            http_app=hello,
            grpc_listen="127.0.0.1:0",
            http_listen="127.0.0.1:0",
        )
        servers.start()
        stack.callback(servers.stop)
        yield log, evidence, stack.enter_context(connected(servers))


def test_a_consumer_goes_on_where_it_was_after_the_box_restarts(tmp_path):
    with box(tmp_path) as (log, _, channel):
        stored = log.append(alerts(5))
        reader = Reader(channel, consumer="centre")
        assert [reader.next() for _ in range(5)] == stored
        reader.ack(3)
        reader.close()
        assert reader.error() == ("OK", None)
    with box(tmp_path) as (log, _, channel):
        assert log.consumers() == ["pull:centre"]
        log.append(alerts(1))
        reader = Reader(channel, consumer="centre")
        assert reader.events(3) == [4, 5, 6]
        assert reader.next() == pb.Progress(last_sequence=6)


def test_a_refused_event_is_kept_aside_counted_once_and_passed(tmp_path):
    with box(tmp_path) as (log, _, channel):
        stored = log.append(alerts(3))
        reader = Reader(channel, consumer="centre")
        reader.events(3)
        reader.nack(2, "no such zone")
        eventually(lambda: log.rejected("pull:centre"))
        reader.cancel()
        again = Reader(channel, consumer="centre")
        assert again.events(3) == [1, 2, 3]
        again.nack(2, "no such zone")
        again.ack(3)
        eventually(lambda: log.cursor("pull:centre") == 3)
        assert log.rejected("pull:centre") == 1
        assert log.backlog("pull:centre") == (0, None)
        assert sample(log._metrics, "outbox_dead_letters_total", consumer="pull:centre") == 1
        ((reason, body),) = log._store.ask("SELECT reason, body FROM dead_letter")
        assert (reason, event_pb2.Event.FromString(body)) == ("no such zone", stored[1])


def test_what_was_refused_is_listed_page_by_page_newest_first(tmp_path):
    with box(tmp_path) as (log, _, channel):
        stored = log.append(alerts(4))
        for sequence in (1, 3, 2, 4):
            log.dead_letter("pull:centre", sequence, f"no {sequence}")
        log.dead_letter("sink:pager", 1, "")
        log.dead_letter("sink:pager", 99, "long gone")
        events = EventsStub(channel)
        ask = pb.ListDeadLettersRequest(page_size=3, consumer="pull:centre")
        first = events.ListDeadLetters(ask)
        assert [one.event for one in first.dead_letters] == [stored[3], stored[1], stored[2]]
        assert first.dead_letters[0].reason == "no 4"
        assert first.dead_letters[0].refuse_time.ToSeconds() > 1e9
        ask.page_token = first.next_page_token
        rest = events.ListDeadLetters(ask)
        assert ([one.sequence for one in rest.dead_letters], rest.next_page_token) == ([1], "")
        everybody = events.ListDeadLetters(pb.ListDeadLettersRequest()).dead_letters
        assert [one.consumer for one in everybody] == ["sink:pager"] * 2 + ["pull:centre"] * 4
        assert not everybody[0].HasField("event")
        assert not events.ListDeadLetters(pb.ListDeadLettersRequest(consumer="x")).dead_letters


def test_a_consumer_of_one_camera_has_no_backlog_of_the_others(tmp_path):
    with box(tmp_path) as (log, _, channel):
        log.append([*alerts(2), *(event_pb2.Event(alert_id=f"{n}", camera="yard") for n in "abc")])
        reader = Reader(channel, consumer="centre", filter=pb.Filter(cameras=["gate"]))
        assert reader.events(2) == [1, 2]
        assert log.backlog("pull:centre")[0] == 5
        reader.ack(2)
        eventually(lambda: log.backlog("pull:centre") == (0, None))


def test_what_retention_took_from_a_consumer_is_told_with_the_open_alerts(tmp_path):
    with box(tmp_path, max_rows=100) as (log, _, channel):
        (open_one,) = log.append(alerts(1))
        for _ in range(30):
            log.append(alerts(50, state=event_pb2.STATE_CLEARED))
        assert log.first_sequence > 2
        reader = Reader(channel, consumer="centre")
        gap = reader.next()
        assert (gap.first_missing, gap.last_missing) == (1, log.first_sequence - 1)
        assert list(gap.open_alerts) == [open_one]
        assert reader.next().sequence == log.first_sequence


def test_alerts_are_listed_page_by_page(tmp_path):
    with box(tmp_path) as (log, _, channel):
        stored = log.append(alerts(5))
        stub, token, pages = EventsStub(channel), "", []
        while not pages or token:
            page = stub.ListAlerts(pb.ListAlertsRequest(page_size=2, page_token=token))
            pages.append([alert.alert_id for alert in page.alerts])
            token = page.next_page_token
    assert [len(page) for page in pages] == [2, 2, 1]
    newest_first = [event.alert_id for event in reversed(stored)]
    assert [alert for page in pages for alert in page] == newest_first


def test_a_stored_picture_arrives_as_its_digest_says(tmp_path):
    with box(tmp_path) as (_, evidence, channel):
        written = evidence.write(Scene(frame(), Tracks.empty(), np.zeros((0, 4), np.float32)))
        request = pb.GetEvidenceRequest(evidence_id=written.evidence_id)
        picture = b"".join(part.chunk for part in EventsStub(channel).GetEvidence(request))
    assert hashlib.sha256(picture).hexdigest() == written.sha256
    assert len(picture) == written.size_bytes


@pytest.mark.parametrize(
    "evidence_id", ["", "0" * 32, "../outbox", "../outbox.db\0", "/etc/passwd"]
)
def test_nothing_but_pictures_can_be_had(tmp_path, evidence_id):
    with box(tmp_path) as (_, _, channel), pytest.raises(grpc.RpcError) as caught:
        list(EventsStub(channel).GetEvidence(pb.GetEvidenceRequest(evidence_id=evidence_id)))
    assert reason_of(caught.value) == ("NOT_FOUND", "NO_SUCH_EVIDENCE")


def test_a_relay_pushes_everything_once_through_a_centre_that_restarts(tmp_path):
    arrived, path = [], tmp_path / "centre.db"
    with outbox(tmp_path) as log:
        with (
            Archive(path) as store,
            Receiver("127.0.0.1:0", on_event=arrived.append, store=OnThread(store)) as centre,
        ):
            listen = f"127.0.0.1:{centre.port}"
            relay = Relay(log, PushSink("centre", listen, insecure=True), metrics=Metrics())
            relay.start()
            log.append(alerts(250))
            eventually(lambda: log.cursor("sink:centre") == 250)
        log.append(alerts(50))
        with (
            Archive(path) as store,
            Receiver(listen, on_event=arrived.append, store=OnThread(store)),
        ):
            eventually(lambda: log.cursor("sink:centre") == 300)
        relay.stop()
        relay.join(2)
        assert not relay.is_alive()
    assert [event.sequence for event in arrived] == list(range(1, 301))


def test_a_relay_stops_at_once_though_its_centre_does_not_answer(tmp_path):
    silence = threading.Event()
    with (
        outbox(tmp_path) as log,
        Receiver("127.0.0.1:0", on_event=lambda _: silence.wait(5)) as centre,
    ):
        push = PushSink("centre", f"127.0.0.1:{centre.port}", insecure=True)
        relay = Relay(log, push, metrics=Metrics())
        relay.start()
        log.append(alerts(1))
        eventually(lambda: push._stream)
        relay.stop()
        relay.join(1)
        stopped = not relay.is_alive()
        silence.set()
    assert stopped
