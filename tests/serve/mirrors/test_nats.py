"""NATS JetStream against a real nats-server: what is published, what its answers mean."""

import asyncio

import nats
import pytest

from edge.errors import SinkError
from edge.rpc import event_pb2 as pb
from edge.serve.mirrors.nats import SLOW_S, NatsSink
from edge.types import Receipt
from tests.brokers import free_port, nats_server
from tests.events.make_events import eventually, sequences
from tests.events.make_mirrors import SUBJECT, NatsCentre
from tests.events.sink_contract import batch


@pytest.fixture
def sink(stream):
    made = stream.sink()
    yield made
    made.close()


def made_of(server, **options):
    return NatsSink("stream", [f"nats://127.0.0.1:{server.port}"], SUBJECT, timeout_s=3, **options)


def test_an_event_comes_under_its_kind_with_its_id(stream, sink):
    (event,) = batch(7, 7)
    event.kind = pb.KIND_CAMERA_OFFLINE
    sink.send([event])
    (told,) = stream.messages
    assert told.subject == f"{SUBJECT}.events.camera_offline"
    assert told.headers == {"Nats-Msg-Id": event.event_id, "Content-Type": "application/json"}
    assert stream.arrived == [event]


def test_what_is_sent_again_is_in_the_stream_once(stream, sink):
    events = batch(1, 5)
    for _ in range(3):
        assert sink.send(events) == Receipt(5)
    assert sequences(stream.arrived) == [1, 2, 3, 4, 5]


def test_without_a_stream_it_says_how_to_make_one_and_goes_on_once_it_is_there(tmp_path):
    centre = NatsCentre(tmp_path / "nats", stream=False)
    sink = centre.sink()
    try:
        with pytest.raises(SinkError, match="nats stream add FENCELINE --subjects") as raised:
            sink.send(batch(1, 2))
        assert raised.value.wait_s == SLOW_S
        assert "no stream takes fenceline.quarry.box.events.unspecified" in str(raised.value)
        centre.create()
        assert sink.send(batch(1, 2)) == Receipt(2)
        assert sequences(centre.arrived) == [1, 2]
    finally:
        sink.close()
        centre.end()


def test_a_full_stream_that_takes_nothing_new_is_said_and_nothing_is_lost(tmp_path):
    centre = NatsCentre(tmp_path / "nats", stream=False)
    sink = centre.sink()

    async def limit(most):
        async with await centre._client() as client:
            stream = client.jetstream()
            config = nats.js.api.StreamConfig(
                name="FENCELINE",
                subjects=["fenceline.>"],
                max_msgs=most,
                discard=nats.js.api.DiscardPolicy.NEW,
            )
            await (stream.add_stream if most == 2 else stream.update_stream)(config)

    try:
        asyncio.run(limit(2))
        assert sink.send(batch(1, 4)) == Receipt(2)
        with pytest.raises(SinkError, match="JetStream answers 'maximum messages exceeded'"):
            sink.send(batch(3, 4))
        asyncio.run(limit(9))
        assert sink.send(batch(3, 4)) == Receipt(4)
        assert sequences(centre.arrived) == [1, 2, 3, 4]
    finally:
        sink.close()
        centre.end()


def test_more_than_the_server_takes_is_refused_for_good(tmp_path):
    centre = NatsCentre(tmp_path / "nats", "max_payload: 10000")
    sink, events = centre.sink(), batch(1, 3)
    events[1].note = "x" * 12_000
    try:
        receipt = sink.send(events)
        assert receipt == Receipt(3, {2: "larger than the server takes (max_payload)"})
    finally:
        sink.close()
        centre.end()


USERS = """\
authorization: {
  users: [
    {user: box, password: s3cret}
    {user: mute, password: s3cret, permissions: {publish: "other.>"}}
  ]
}
"""


@pytest.fixture
def guarded(tmp_path):
    made = nats_server(tmp_path / "nats", USERS)
    yield made
    made.kill()


def test_a_wrong_login_is_said_and_tried_again_slowly(guarded):
    sink = made_of(guarded, username="box", password="wr0ng")
    with pytest.raises(SinkError, match=r"(?i)authorization violation") as raised:
        sink.tend()
    sink.close()
    assert raised.value.wait_s == SLOW_S
    assert "wr0ng" not in str(raised.value)


def test_a_login_that_may_not_publish_is_said(guarded):
    sink = made_of(guarded, username="mute", password="s3cret")
    assert sink.tend() is True
    with pytest.raises(SinkError, match=r"(?i)permissions violation for publish") as raised:
        sink.send(batch(1, 1))
    sink.close()
    assert raised.value.wait_s == SLOW_S


def test_a_right_login_is_let_in(guarded):
    sink = made_of(guarded, username="box", password="s3cret")
    assert sink.tend() is True
    sink.close()


def test_the_next_server_of_the_list_is_tried(stream):
    servers = [f"nats://127.0.0.1:{port}" for port in (free_port(), stream.server.port)]
    sink = NatsSink("stream", servers, SUBJECT)
    assert sink.send(batch(1, 1)) == Receipt(1)
    sink.close()


def test_it_comes_back_by_itself_while_there_is_nothing_to_send(stream, sink):
    sink.tend()
    stream.down()
    eventually(lambda: not sink._client.is_connected)
    with pytest.raises(SinkError, match=r"NATS 'stream' at 127.0.0.1"):
        sink.tend()
    stream.up()
    assert sink.tend() is True


# --- TLS


@pytest.fixture
def secure(tmp_path, tls):
    cert, key = tls.pair("server")
    files = f'cert_file: "{cert}", key_file: "{key}", ca_file: "{tls.ca}"'
    made = nats_server(tmp_path / "nats", f"tls: {{{files}, verify: true}}")
    yield made
    made.kill()


def test_over_tls_both_are_checked(secure, tls):
    cert, key = tls.pair("box")
    sink = NatsSink(
        "stream", [f"tls://127.0.0.1:{secure.port}"], SUBJECT, ca=tls.ca, cert=cert, key=key
    )
    assert sink.tend() is True
    sink.close()


def test_a_server_of_another_authority_gets_nothing(secure, tls, stranger):
    cert, key = tls.pair("box")
    sink = NatsSink(
        "stream", [f"tls://127.0.0.1:{secure.port}"], SUBJECT, ca=stranger.ca, cert=cert, key=key
    )
    with pytest.raises(SinkError, match="certificate verify failed"):
        sink.tend()
    sink.close()
