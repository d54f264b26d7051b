"""One client of the demo camera: its requests (RTSP 1.0, RFC 2326) and the stream it gets."""

from __future__ import annotations

import asyncio
import re
import secrets
import struct
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol, cast
from urllib.parse import urlsplit

from edge.demo.rtp import Clip, Sender
from edge.demo.rtsp_auth import Lock

REPORT_S = 2.0  # between RTCP sender reports
PAIR_TRIES = 20
METHODS = "OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, TEARDOWN"


@dataclass(slots=True)
class Mount:
    """A clip under its name, who watches it, and the faults it plays."""

    clip: Clip
    loop: bool = True
    stalled: bool = False
    lose_every: int = 0  # every n-th packet is lost; 0: none
    connections: set[Connection] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Request:
    """One RTSP request."""

    method: str
    url: str
    headers: dict[str, str]

    @property
    def mount(self) -> str:
        """The mount it speaks of."""
        return urlsplit(self.url).path.strip("/").removesuffix("/track0")


@dataclass(frozen=True, slots=True)
class Response:
    """What is answered."""

    status: str = "200 OK"
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""


class Carrier(Protocol):
    """How packets reach the client."""

    def media(self, packet: bytes) -> None: ...  # noqa: D102 - RTP
    def control(self, packet: bytes) -> None: ...  # noqa: D102 - RTCP
    def close(self) -> None: ...  # noqa: D102


class Interleaved:
    """Packets within the RTSP connection (RFC 2326 10.12)."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer

    def media(self, packet: bytes) -> None:  # noqa: D102
        self._send(0, packet)

    def control(self, packet: bytes) -> None:  # noqa: D102
        self._send(1, packet)

    def close(self) -> None:
        """Nothing: the connection has an owner."""

    def _send(self, channel: int, packet: bytes) -> None:
        if not self._writer.is_closing():
            self._writer.write(struct.pack(">BBH", 0x24, channel, len(packet)) + packet)


class Datagrams:
    """Packets over UDP, from an even port and the next one."""

    def __init__(
        self,
        sockets: tuple[asyncio.DatagramTransport, asyncio.DatagramTransport],
        client: tuple[str, int],
    ) -> None:
        self._rtp, self._rtcp = sockets
        self._host, self._port = client

    @classmethod
    async def open(cls, host: str, client: tuple[str, int]) -> Datagrams:
        """Bind a pair of ports; raises OSError where there is none."""
        for _ in range(PAIR_TRIES):
            rtp = await _bind(host, 0)
            port = rtp.get_extra_info("sockname")[1]
            if port % 2 == 0:
                with suppress(OSError):
                    return cls((rtp, await _bind(host, port + 1)), client)
            rtp.close()
        raise OSError("no free pair of UDP ports")

    @property
    def port(self) -> int:
        """The even one."""
        return int(self._rtp.get_extra_info("sockname")[1])

    def media(self, packet: bytes) -> None:  # noqa: D102
        self._rtp.sendto(packet, (self._host, self._port))

    def control(self, packet: bytes) -> None:  # noqa: D102
        self._rtcp.sendto(packet, (self._host, self._port + 1))

    def close(self) -> None:  # noqa: D102
        self._rtp.close()
        self._rtcp.close()


class Connection:
    """Answers one client until it leaves."""

    def __init__(
        self,
        mounts: dict[str, Mount],
        lock: Lock | None,
        streams: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    ) -> None:
        self._mounts, self._lock = mounts, lock
        self._reader, self._writer = streams
        self._session = secrets.token_hex(8)
        self._carrier: Carrier | None = None
        self._player: asyncio.Task[None] | None = None

    async def serve(self) -> None:
        """Read requests and answer them; returns when the client is gone."""
        try:
            while (request := await _read_request(self._reader)) is not None:
                response = await self._answer(request)
                self._write(request, response)
                await self._writer.drain()
                if request.method == "TEARDOWN":
                    break
        except (OSError, EOFError, ValueError, asyncio.LimitOverrunError):
            pass  # gone, or it does not speak RTSP
        finally:
            self._leave()

    def abort(self) -> None:
        """Break the connection, as a camera that loses its power."""
        self._writer.transport.abort()

    async def _answer(self, request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(headers={"Public": METHODS})
        authorization = request.headers.get("authorization", "")
        if self._lock and not self._lock.opens(request.method, authorization):
            return Response("401 Unauthorized", {"WWW-Authenticate": self._lock.challenge})
        mount = self._mounts.get(request.mount)
        if mount is None:
            return Response("404 Not Found")
        return await self._perform(request, mount)

    async def _perform(self, request: Request, mount: Mount) -> Response:
        response = Response()
        match request.method:
            case "DESCRIBE":
                response = self._describe(request, mount)
            case "SETUP":
                response = await self._setup(request)
            case "PLAY":
                response = self._play(mount)
            case "GET_PARAMETER" | "TEARDOWN":
                pass
            case _:
                response = Response("501 Not Implemented")
        return response

    def _describe(self, request: Request, mount: Mount) -> Response:
        headers = {"Content-Base": f"{request.url}/", "Content-Type": "application/sdp"}
        return Response(headers=headers, body=mount.clip.describe(self._local[0]))

    async def _setup(self, request: Request) -> Response:
        wanted = request.headers.get("transport", "")
        if self._carrier is not None:
            return Response("455 Method Not Valid in This State")
        if "RTP/AVP/TCP" in wanted:
            self._carrier = Interleaved(self._writer)
            return Response(headers={"Transport": "RTP/AVP/TCP;unicast;interleaved=0-1"})
        ports = re.search(r"client_port=(\d+)", wanted)
        if ports is None:
            return Response("461 Unsupported Transport")
        port = int(ports[1])
        peer = self._writer.get_extra_info("peername")[0]
        self._carrier = carrier = await Datagrams.open(self._local[0], (peer, port))
        pair = f"client_port={port}-{port + 1};server_port={carrier.port}-{carrier.port + 1}"
        return Response(headers={"Transport": f"RTP/AVP;unicast;{pair}"})

    def _play(self, mount: Mount) -> Response:
        if self._carrier is None:
            return Response("455 Method Not Valid in This State")
        if self._player is None:
            mount.connections.add(self)
            self._player = asyncio.create_task(self._stream(mount, self._carrier))
        return Response(headers={"Range": "npt=now-"})

    async def _stream(self, mount: Mount, carrier: Carrier) -> None:
        """Play until the client is gone, or once."""
        with suppress(OSError):
            await self._send_pictures(mount, carrier)
            self._writer.close()

    async def _send_pictures(self, mount: Mount, carrier: Carrier) -> None:
        """Send pictures at their times; the clip starts with the client."""
        sender, clock = Sender(mount.clip), asyncio.get_running_loop().time
        start = reported = clock()
        number = sent = 0
        while mount.loop or number < len(mount.clip.pictures):
            await asyncio.sleep(start + number / mount.clip.fps - clock())
            if not mount.stalled:
                if number == 0 or clock() - reported > REPORT_S:
                    carrier.control(sender.report(number, time.time()))
                    reported = clock()
                for packet in sender.picture(number):
                    sent += 1
                    if mount.lose_every == 0 or sent % mount.lose_every:
                        carrier.media(packet)
                await self._writer.drain()
            number += 1
        carrier.control(sender.goodbye())

    def _write(self, request: Request, response: Response) -> None:
        headers = {
            "CSeq": request.headers.get("cseq", "0"),
            "Session": f"{self._session};timeout=60",
            **response.headers,
            "Content-Length": str(len(response.body)),
        }
        lines = [f"RTSP/1.0 {response.status}", *(f"{key}: {headers[key]}" for key in headers)]
        self._writer.write(("\r\n".join(lines) + "\r\n\r\n" + response.body).encode())

    def _leave(self) -> None:
        if self._player:
            self._player.cancel()
        if self._carrier:
            self._carrier.close()
        for mount in self._mounts.values():
            mount.connections.discard(self)
        self._writer.close()

    @property
    def _local(self) -> tuple[str, int]:
        return cast("tuple[str, int]", self._writer.get_extra_info("sockname"))


async def _bind(host: str, port: int) -> asyncio.DatagramTransport:
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(
        asyncio.DatagramProtocol, local_addr=(host, port)
    )
    return transport


async def _read_request(reader: asyncio.StreamReader) -> Request | None:
    """The next request; None at the end. The client's own RTCP is passed over."""
    while (first := await reader.read(1)) == b"$":
        _, size = struct.unpack(">BH", await reader.readexactly(3))
        await reader.readexactly(size)
    if not first:
        return None
    head = (first + await reader.readuntil(b"\r\n\r\n")).decode("latin1")
    line, *rest = head.rstrip().split("\r\n")
    method, url, _ = line.split(" ", 2)
    pairs = (one.partition(":") for one in rest)
    headers = {key.strip().lower(): value.strip() for key, _, value in pairs}
    await reader.readexactly(int(headers.get("content-length", 0)))
    return Request(method, url, headers)
