"""Listening and stopping: ports, TLS, threads."""

import gc
import http.client
import socket
import threading
import time

import grpc
import pytest

from edge.errors import ListenError, SinkError
from edge.rpc import events_pb2 as pb
from edge.serve.client import get_status
from tests.serve.make_serve import (
    MemoryLog,
    Reader,
    connected,
    eventually,
    servers,
    serving,
)
from tests.serve.make_tls import authority
from tests.serve.make_wire import Wire


@pytest.fixture(scope="module")
def ours(tmp_path_factory):
    return authority(tmp_path_factory.mktemp("tls") / "ours")


@pytest.fixture(scope="module")
def theirs(tmp_path_factory):
    return authority(tmp_path_factory.mktemp("tls") / "theirs")


def connection_to(port):
    return socket.create_connection(("127.0.0.1", port))


def get(port):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.request("GET", "/")
    body = connection.getresponse().read()
    return connection, body


def test_both_listen_when_start_returns():
    with serving() as box:
        connection, body = get(box.http_port)
        connection.close()
        assert body == b"hello"
        assert get_status(f"127.0.0.1:{box.grpc_port}").site == "quarry"


@pytest.mark.parametrize("which", ["grpc", "http"])
def test_a_taken_port_is_named_with_the_way_out(which):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        box = servers(**{f"{which}_listen": address})
        with pytest.raises(ListenError, match=f"{address}: address already in use") as caught:
            box.start()
    assert caught.value.remedy == f"stop the other process or change serve.{which}.listen"
    box.stop()


def test_a_grpc_port_that_another_grpc_server_would_share_is_taken():
    other = grpc.server(None, options=[("grpc.so_reuseport", 1)])
    port = other.add_insecure_port("127.0.0.1:0")
    other.start()
    try:
        with pytest.raises(ListenError, match="address already in use"):
            servers(grpc_listen=f"127.0.0.1:{port}").start()
    finally:
        other.stop(0).wait()


def test_two_boxes_never_share_a_port():
    with serving() as first:
        listen = f"127.0.0.1:{first.grpc_port}"
        with pytest.raises(ListenError, match="address already in use"):
            servers(grpc_listen=listen).start()


@pytest.mark.parametrize("which", ["grpc", "http"])
@pytest.mark.parametrize("address", ["192.0.2.1:0", "no-such-host.invalid:0"])
def test_an_address_that_is_not_ours_is_named(which, address):
    with pytest.raises(ListenError, match=f"can't listen on {address}: ") as caught:
        servers(**{f"{which}_listen": address}).start()
    assert "none" not in str(caught.value).lower()


def test_a_port_is_free_again_after_a_failed_start():
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(ListenError):
        servers(grpc_listen=f"127.0.0.1:{taken.getsockname()[1]}").start()
    with serving() as first:
        ports = first.grpc_port, first.http_port
    again = {"grpc_listen": f"127.0.0.1:{ports[0]}", "http_listen": f"127.0.0.1:{ports[1]}"}
    with serving(**again) as second:
        assert (second.grpc_port, second.http_port) == ports


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6 here")
def test_an_ipv6_address_may_be_listened_on():
    with serving(grpc_listen="[::1]:0", http_listen="[::1]:0") as box:
        assert get_status(f"[::1]:{box.grpc_port}").site == "quarry"


def test_stopping_is_quick_with_streams_open_and_leaves_no_thread():
    before = set(threading.enumerate())
    log = MemoryLog(200)
    box = servers(log)
    box.start()
    keep_alive, _ = get(box.http_port)
    with connected(box) as channel:
        readers = [Reader(channel, consumer=name) for name in ("one", "two")]
        assert all(reader.next() for reader in readers)
        started = time.monotonic()
        box.stop()
        assert time.monotonic() - started < 1.5
        assert {reader.error()[1] for reader in readers} == {"SHUTTING_DOWN"}
        del channel, readers
    keep_alive.close()
    gc.collect()
    eventually(lambda: not ours_among(set(threading.enumerate()) - before))


def ours_among(threads):
    """All but those of the test's own channels, which end when gRPC sees fit."""
    return {one.name for one in threads if "(_run)" not in one.name}


def test_stopping_is_quick_though_a_client_reads_nothing():
    log = MemoryLog()
    log.append(1000, alert="x" * 4000)
    box = servers(log)
    box.start()
    with connected(box) as channel:
        stuck = channel.stream_stream("/fenceline.v1.Events/Subscribe")
        start = pb.Start(after_sequence=0, max_outstanding=1000)
        first = pb.SubscribeRequest(start=start).SerializeToString()
        call = stuck(iter([first]))
        eventually(lambda: box._events._subscriptions)
        started = time.monotonic()
        box.stop()
        assert time.monotonic() - started < 1.5
        call.cancel()


def test_stopping_is_quick_though_a_request_hangs():
    async def hang(_scope, receive, _send):
        while (await receive())["type"] != "http.disconnect":
            pass

    with serving(http_app=hang) as box, connection_to(box.http_port) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        started = time.monotonic()
        box.stop()
        assert time.monotonic() - started < 1.5


def test_stop_may_be_called_twice_or_without_start():
    box = servers()
    box.stop()
    with serving() as box:
        box.stop()
        with pytest.raises(OSError):  # noqa: PT011 - nobody listens any more
            connection_to(box.http_port)


def test_tls_lets_in_who_trusts_the_authority_only(ours, theirs):
    cert, key = ours.pair("box")
    with serving(cert=cert, key=key) as box:
        target = f"127.0.0.1:{box.grpc_port}"
        assert get_status(target, ca=ours.ca).site == "quarry"
        with pytest.raises(SinkError, match="UNAVAILABLE"):
            get_status(target, ca=theirs.ca)
        with pytest.raises(SinkError, match="UNAVAILABLE"):
            get_status(target)  # plain text


def test_mutual_tls_lets_in_who_shows_a_certificate_of_the_authority_only(ours, theirs):
    cert, key = ours.pair("box")
    with serving(cert=cert, key=key, client_ca=ours.ca) as box:
        target = f"127.0.0.1:{box.grpc_port}"
        own_cert, own_key = ours.pair("centre")
        assert get_status(target, ca=ours.ca, cert=own_cert, key=own_key).site == "quarry"
        with pytest.raises(SinkError, match="UNAVAILABLE"):
            get_status(target, ca=ours.ca)
        alien_cert, alien_key = theirs.pair("centre")
        with pytest.raises(SinkError, match="UNAVAILABLE"):
            get_status(target, ca=ours.ca, cert=alien_cert, key=alien_key)


@pytest.mark.parametrize("missing", ["cert", "key", "client_ca"])
def test_an_unreadable_tls_file_is_named(ours, tmp_path, missing):
    cert, key = ours.pair("box")
    files = {"cert": cert, "key": key, "client_ca": ours.ca, missing: tmp_path / "gone.pem"}
    with pytest.raises(ListenError, match=r"gone\.pem: no such file or directory; check the path"):
        servers(**files).start()


def test_a_certificate_with_a_strange_key_is_refused(ours):
    cert, _ = ours.pair("box")
    _, key = ours.pair("other")
    with pytest.raises(ListenError, match=r"certificate and key.*belong together"):
        servers(cert=cert, key=key).start()


def test_a_server_that_dies_later_is_logged_not_raised(capsys):
    with serving() as box:
        box._events.drain = None  # whatever breaks the loop from within
        box.stop()
    assert "nothing is served any more" in capsys.readouterr().out


def test_a_client_that_vanished_behind_a_nat_is_forgotten():
    with (
        serving(keepalive_s=0.3) as box,
        Wire(box.grpc_port) as wire,
        grpc.insecure_channel(f"127.0.0.1:{wire.port}") as channel,
    ):
        reader = Reader(channel, consumer="centre")
        reader.next()
        assert box.connected() == {"pull:centre"}
        wire.cut()
        eventually(lambda: box.connected() == set(), seconds=5)
