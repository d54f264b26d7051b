"""The demo camera, spoken to by hand; edge.stream's tests read video from it."""

import socket
import threading
from contextlib import contextmanager

import pytest

from edge.demo.rtsp import RtspServer
from edge.errors import ListenError, StreamError
from edge.stream.encode import encode_h264
from tests.stream.make_clip import eventually, write_clip


@pytest.fixture(scope="module")
def h264(tmp_path_factory):
    folder = tmp_path_factory.mktemp("camera")
    encode_h264(write_clip(folder / "clip.avi"), folder / "clip.h264")
    return folder / "clip.h264"


@contextmanager
def talk(server):
    """A client that sends requests and returns answers as text."""
    with socket.create_connection((server.host, server.port), 10) as connection:
        incoming = connection.makefile("rb")

        def ask(method, mount="road", **headers):
            url = f"rtsp://{server.host}:{server.port}/{mount}"
            lines = [f"{method} {url} RTSP/1.0", "CSeq: 7"]
            lines += [f"{key}: {value}" for key, value in headers.items()]
            connection.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                head += incoming.readline()
            size = int(head.rpartition(b"Content-Length: ")[2])
            return (head + incoming.read(size)).decode()

        yield ask
        incoming.close()


def test_the_methods_of_a_session(h264):
    with RtspServer({"road": h264}) as server, talk(server) as ask:
        assert "DESCRIBE, SETUP, PLAY" in ask("OPTIONS")
        described = ask("DESCRIBE")
        assert "a=rtpmap:96 H264/90000" in described
        assert "packetization-mode=1" in described
        assert "CSeq: 7" in described
        assert "455" in ask("PLAY")  # nothing is set up yet
        assert "461" in ask("SETUP", Transport="RTP/AVP;multicast")
        assert "interleaved=0-1" in ask("SETUP", Transport="RTP/AVP/TCP;unicast;interleaved=0-1")
        assert "200 OK" in ask("GET_PARAMETER")
        assert "501" in ask("RECORD")
        assert "404" in ask("DESCRIBE", mount="none")
        assert "200 OK" in ask("TEARDOWN")


def test_udp_ports_are_an_even_one_and_the_next(h264):
    with RtspServer({"road": h264}) as server, talk(server) as ask:
        answer = ask("SETUP", Transport="RTP/AVP;unicast;client_port=5000-5001")

    rtp, rtcp = answer.partition("server_port=")[2].split("\r\n")[0].split("-")
    assert int(rtp) % 2 == 0
    assert int(rtcp) == int(rtp) + 1


@pytest.mark.parametrize("auth", ["basic", "digest"])
def test_without_a_password_there_is_only_a_challenge(h264, auth):
    with (
        RtspServer({"road": h264}, user="cam", password="right", auth=auth) as server,
        talk(server) as ask,
    ):
        assert f"WWW-Authenticate: {auth.title()} realm=" in ask("DESCRIBE")
        assert "401" in ask("SETUP", Transport="RTP/AVP/TCP", Authorization="Basic bm8=")
        assert "401" in ask("PLAY", Authorization='Digest username="cam", response=""')


def test_a_url_carries_its_login_escaped(h264):
    with RtspServer({"road": h264}, user="cam", password="a/b@c") as server:
        assert server.url("road") == f"rtsp://cam:a%2Fb%40c@127.0.0.1:{server.port}/road"


def test_nonsense_only_ends_its_own_connection(h264):
    with RtspServer({"road": h264}) as server:
        for nonsense in (b"GET\r\n\r\n", b"\xff" * 100_000, b"$\0\0"):
            with socket.create_connection((server.host, server.port), 10) as connection:
                connection.sendall(nonsense)
        with talk(server) as ask:
            assert "200 OK" in ask("OPTIONS")


def test_stopping_leaves_no_thread_and_frees_the_port(h264):
    with RtspServer({"road": h264}) as server, talk(server) as ask:
        ask("SETUP", Transport="RTP/AVP/TCP;unicast")
        ask("PLAY")
        eventually(lambda: server.watching("road") == 1)
        server.__exit__(None, None, None)

    assert "demo-rtsp" not in [thread.name for thread in threading.enumerate()]
    with RtspServer({"road": h264}, port=server.port) as again:
        assert again.port == server.port


def test_a_taken_port_is_told(h264):
    with RtspServer({"road": h264}) as server:
        second = RtspServer({"road": h264}, port=server.port)
        with pytest.raises(ListenError, match=r"can't listen on .*choose another port"):
            second.__enter__()

    assert "demo-rtsp" not in [thread.name for thread in threading.enumerate()]


def test_a_clip_that_is_none_is_told(tmp_path):
    server = RtspServer({"road": tmp_path / "none.avi"})

    with pytest.raises(StreamError, match=r"clip 'none\.avi': there is no such file"):
        server.__enter__()
