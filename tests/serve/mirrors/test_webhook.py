"""Webhooks: signed CloudEvents, what each answer means, and where events never go."""

import base64
import hashlib
import hmac
import json
import socket
import ssl
import threading
import time
from email.utils import formatdate

import pytest

from edge.errors import SinkError
from edge.serve.mirrors.webhook import SLOW_S, WebhookSink
from edge.types import Receipt
from tests.events.make_events import eventually, sequences
from tests.events.make_mirrors import SECRET, HttpCentre
from tests.events.sink_contract import batch


@pytest.fixture
def sinks():
    """Makes sinks that are closed in the end."""
    made = []

    def sink(centre, **options):
        made.append(centre.sink(**options))
        return made[-1]

    yield sink
    for one in made:
        one.close()


def answering(hook, status, **headers):
    """What it says from now on."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    hook.answer = lambda _: (status, named)


def test_an_event_is_posted_as_a_signed_cloud_event(hook, sinks):
    (event,) = batch(7, 7)
    began = int(time.time())

    sinks(hook).send([event])

    ((path, headers, body),) = lowered(hook)
    assert path == "/alerts?k=v"
    assert headers["content-type"] == "application/cloudevents+json"
    assert headers["webhook-id"] == event.event_id == json.loads(body)["id"]
    assert began <= int(headers["webhook-timestamp"]) <= time.time()
    signed = f"{event.event_id}.{headers['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    digest = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{digest}"


def test_without_a_secret_nothing_is_signed(hook, sinks):
    sinks(hook, secret=None).send(batch(1, 1))
    assert "webhook-signature" not in lowered(hook)[0][1]


def test_what_is_sent_again_has_the_same_id_and_another_time(hook, sinks):
    now = iter([1000.0, 2000.0])
    sink, events = sinks(hook, clock=lambda: next(now)), batch(1, 1)
    answering(hook, 500)
    for _ in range(2):
        with pytest.raises(SinkError):
            sink.send(events)
    told = [(one["webhook-id"], one["webhook-timestamp"]) for _, one, _ in lowered(hook)]
    assert told == [(events[0].event_id, "1000"), (events[0].event_id, "2000")]


def lowered(hook):
    return [
        (path, {k.lower(): v for k, v in headers.items()}, b) for path, headers, b in hook.requests
    ]


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_2xx_takes_an_event(hook, sinks, status):
    answering(hook, status)
    assert sinks(hook).send(batch(1, 2)) == Receipt(2)


@pytest.mark.parametrize("status", [400, 413, 422])
def test_these_refuse_an_event_for_good(hook, sinks, status):
    answering(hook, status)
    receipt = sinks(hook).send(batch(1, 2))
    assert (receipt.acked, [*receipt.rejected]) == (2, [1, 2])
    assert str(status) in receipt.rejected[1]


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504, 599])
def test_these_are_tried_again_soon(hook, sinks, status):
    answering(hook, status)
    with pytest.raises(SinkError, match=f"'hook' at 127.0.0.1: answered {status}") as raised:
        sinks(hook).send(batch(1, 1))
    assert raised.value.wait_s == 0


@pytest.mark.parametrize("status", [301, 302, 307, 308, 401, 403, 404, 405, 410])
def test_these_are_trouble_of_the_configuration_and_tried_again_slowly(hook, sinks, status):
    answering(hook, status, location="http://127.0.0.1:9/elsewhere")
    with pytest.raises(SinkError, match="correct the address or the credentials") as raised:
        sinks(hook).send(batch(1, 1))
    assert raised.value.wait_s == SLOW_S
    assert len(hook.requests) == 1  # nor was it sent elsewhere


@pytest.mark.parametrize(
    ("asked", "waits"),
    [
        ("7", 7.0),
        (formatdate(2_000_000_042, usegmt=True), 42.0),
        (formatdate(1_900_000_000, usegmt=True), 0.0),
        ("soon", 0.0),
        ("", 0.0),
        ("9" * 40, 999_999_999.0),
    ],
)
def test_retry_after_is_honoured_as_seconds_and_as_a_date(hook, sinks, asked, waits):
    answering(hook, 429, retry_after=asked)
    with pytest.raises(SinkError) as raised:
        sinks(hook, clock=lambda: 2_000_000_000.0).send(batch(1, 1))
    assert raised.value.wait_s == waits


def test_what_was_taken_before_a_failure_is_acknowledged(hook, sinks):
    hook.answer = lambda event: (204 if event.sequence < 3 else 500, {})
    sink = sinks(hook)
    assert sink.send(batch(1, 5)) == Receipt(2)
    with pytest.raises(SinkError):
        sink.send(batch(3, 5))


def test_a_slow_one_tells_its_relay_how_far_it_is(hook, sinks, monkeypatch):
    monkeypatch.setattr("edge.serve.mirrors.webhook.SETTLE_S", 0.0)
    assert sinks(hook).send(batch(1, 5)) == Receipt(1)


def test_many_events_take_one_connection(hook, sinks):
    sinks(hook).send(batch(1, 20))
    assert len(hook.connections) == 1


def test_one_that_never_answers_is_left_in_time(hook, sinks):
    hook.silent = True
    with pytest.raises(SinkError, match="no answer in time"):
        sinks(hook, timeout_s=0.5).send(batch(1, 1))


def test_an_answer_without_an_end_does_not_fill_the_memory(sinks):
    with socket.create_server(("127.0.0.1", 0)) as server:
        sent = []

        def pour():
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(b"HTTP/1.1 422 No\r\n\r\n")
                try:
                    while len(sent) < 10_000:
                        connection.sendall(b"x" * 65536)
                        sent.append(1)
                except OSError:
                    pass

        thread = threading.Thread(target=pour)
        thread.start()
        sink = WebhookSink("hook", f"http://127.0.0.1:{server.getsockname()[1]}/")
        receipt = sink.send(batch(1, 1))
        sink.close()
        thread.join(10)
    assert receipt.rejected[1] == "answered 422 Unprocessable Entity: " + "x" * 120
    assert len(sent) < 1000


def test_no_error_tells_the_address_with_its_secrets(sinks):
    sink = WebhookSink("hook", "http://user:pa55@127.0.0.1:9/t0ken?key=k3y", secret=SECRET)
    with pytest.raises(SinkError) as raised:
        sink.send(batch(1, 1))
    sink.close()
    assert not [one for one in ("pa55", "t0ken", "k3y", SECRET) if one in str(raised.value)]


# --- TLS


@pytest.fixture
def secure(tls, hook):
    """The same far end behind TLS, which asks for a client's certificate."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=tls.ca)
    context.load_cert_chain(*tls.pair("hook"))
    context.verify_mode = ssl.CERT_REQUIRED
    hook._server.socket = context.wrap_socket(hook._server.socket, server_side=True)
    return f"https://127.0.0.1:{hook.port}/"


def test_over_tls_both_are_checked(secure, hook, tls):
    cert, key = tls.pair("box")
    sink = WebhookSink("hook", secure, ca=tls.ca, cert=cert, key=key)
    assert sink.send(batch(1, 2)) == Receipt(2)
    sink.close()
    assert sequences(hook.stored) == [1, 2]


def test_a_far_end_of_another_authority_gets_nothing(secure, hook, stranger, tls):
    cert, key = tls.pair("box")
    sink = WebhookSink("hook", secure, ca=stranger.ca, cert=cert, key=key)
    with pytest.raises(SinkError, match="certificate"):
        sink.send(batch(1, 1))
    sink.close()
    assert hook.requests == []


def test_certificates_that_are_no_certificates_are_said(secure, tmp_path):
    (tmp_path / "ca.pem").write_text("no certificate")
    sink = WebhookSink("hook", secure, ca=tmp_path / "ca.pem")
    with pytest.raises(SinkError, match=r"can't be used.*check ca, cert and key"):
        sink.send(batch(1, 1))
    sink.close()


def test_an_event_that_was_stored_and_not_answered_for_is_sent_again_with_its_identity(sinks):
    hook = HttpCentre()
    try:
        sink = sinks(hook, timeout_s=0.5)
        events = batch(1, 1)
        hook.answer = lambda _: (time.sleep(1), (204, {}))[1]
        with pytest.raises(SinkError):
            sink.send(events)
        eventually(lambda: hook.arrived)
        hook.answer = lambda _: (204, {})
        sink.send(events)
        assert [one.event_id for one in hook.arrived] == [events[0].event_id] * 2
        assert hook.stored == events
    finally:
        hook.end()
