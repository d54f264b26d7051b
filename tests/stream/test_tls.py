"""Cameras over RTSPS: encrypted always, checked where a certificate authority is given."""

import asyncio
import contextlib
import ssl
import threading

import pytest

from edge.demo.rtsp import RtspServer
from edge.errors import StreamError
from edge.stream import source_for
from tests.serve.make_tls import authority
from tests.stream.make_clip import eventually, first


async def relay(reader, writer):
    with contextlib.suppress(OSError, ssl.SSLError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


class TlsFront:
    """Takes TLS off and passes everything on to a port."""

    def __init__(self, certificate, key, port):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate, key)
        self.behind, self.port = port, None

    def __enter__(self):
        self.thread = threading.Thread(target=lambda: asyncio.run(self.serve()))
        self.thread.start()
        eventually(lambda: self.port)
        return self

    def __exit__(self, *_):
        self.loop.call_soon_threadsafe(self.stop.set)
        self.thread.join()

    async def serve(self):
        self.loop, self.stop = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self.client, "127.0.0.1", 0, ssl=self.context)
        self.port = server.sockets[0].getsockname()[1]
        await self.stop.wait()
        server.close()

    async def client(self, reader, writer):
        behind_reader, behind_writer = await asyncio.open_connection("127.0.0.1", self.behind)
        await asyncio.gather(relay(reader, behind_writer), relay(behind_reader, writer))


@pytest.fixture(scope="module")
def ours(tmp_path_factory):
    return authority(tmp_path_factory.mktemp("tls") / "ours")


@pytest.fixture(scope="module")
def url(ours, h264):
    with contextlib.ExitStack() as stack:
        server = stack.enter_context(RtspServer({"road": h264}, fps=40))
        front = stack.enter_context(TlsFront(*ours.pair("camera"), server.port))
        yield f"rtsps://127.0.0.1:{front.port}/road"


def test_a_camera_is_read_whose_certificate_nobody_checks(url):
    assert len(first(source_for("gate", url).frames(0), 3)) == 3


def test_a_camera_is_read_whose_certificate_the_ca_has_signed(url, ours):
    assert len(first(source_for("gate", url, ca=ours.ca).frames(0), 3)) == 3


def test_a_certificate_of_somebody_else_is_no_camera_of_ours(url, tmp_path):
    other = authority(tmp_path / "other")

    with pytest.raises(StreamError, match="and, with TLS, the certificate"):
        first(source_for("gate", url, ca=other.ca).frames(0), 1)
