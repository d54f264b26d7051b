"""Cameras that speak HTTP: MJPEG and live HLS, with faults."""

import asyncio
import itertools
import re
import socket
from contextlib import suppress

from tests.cameras.rtsp import RESET

JPEGS_S = 10  # JPEGs a second
WINDOW = 3  # segments of a second in a playlist
BOUNDARY = "picture"
MJPEG = f"multipart/x-mixed-replace; boundary={BOUNDARY}"
PLAYLIST = "application/vnd.apple.mpegurl"


class Web:
    """Answers `mjpeg/NAME.mjpg`, `hls/NAME.m3u8` and `hls/NAME/7.ts`."""

    def __init__(self, mounts, media, lock=None):
        self._mounts, self._media, self._lock = mounts, media, lock
        self._began = asyncio.get_running_loop().time()

    async def connected(self, reader, writer):
        """One connection, one request."""
        with suppress(OSError, EOFError, ValueError, asyncio.LimitOverrunError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin1")
            method, path, version = head.split("\r\n")[0].split(" ", 2)
            client = Client(reader, writer)
            if version.startswith("HTTP/"):
                await self._answer(client, method, path.strip("/"), head)
            else:
                client.head("400 Bad Request")
        writer.close()

    async def _answer(self, client, method, path, head):
        mount = self._mounts.get(re.sub(r"(/\d+\.ts|\.m3u8|\.mjpg)$", "", path))
        authorization = re.search(r"(?im)^authorization: *(.*?)\r$", head)
        if self._lock and not self._lock.opens(method, authorization[1] if authorization else ""):
            client.head("401 Unauthorized", {"WWW-Authenticate": self._lock.challenge})
        elif mount is None:
            client.head("404 Not Found")
        elif mount.faults.status:
            client.head(mount.faults.status)
        elif mount.faults.redirect:
            client.head("302 Found", {"Location": f"/{path}"})
        elif mount.faults.silent:
            await client.gone()
        else:
            await self._show(client, mount, path)

    async def _show(self, client, mount, path):
        mount.connections.add(client)
        try:
            if path.endswith(".mjpg"):
                await self._jpegs(client, mount)
            elif path.endswith(".m3u8"):
                client.body(self._playlist(mount, path), PLAYLIST)
            elif segment := re.search(r"/(\d+)\.ts$", path):
                index = int(segment[1]) % len(self._media.segments)
                client.body(mount.damaged(self._media.segments[index]), "video/mp2t")
            else:
                client.head("404 Not Found")
            await client.drain()
        finally:
            mount.connections.discard(client)

    async def _jpegs(self, client, mount):
        client.head("200 OK", {"Content-Type": MJPEG})
        for number in itertools.count():
            if not mount.faults.stalled:
                index = 0 if mount.faults.frozen else number % len(self._media.jpegs)
                jpeg = mount.damaged(self._media.jpegs[index])
                client.part(jpeg)
            await client.drain()
            await asyncio.sleep(1 / JPEGS_S)

    def _playlist(self, mount, path):
        """What is live now; while it is stalled, what was live then."""
        now = asyncio.get_running_loop().time() - self._began
        if not mount.faults.stalled:
            mount.stalled_at = None
        elif mount.stalled_at is None:
            mount.stalled_at = now
        first = int(now if mount.stalled_at is None else mount.stalled_at)
        name = path.rpartition("/")[2].removesuffix(".m3u8")
        lines = ["#EXTM3U", "#EXT-X-VERSION:3", "#EXT-X-TARGETDURATION:1"]
        lines.append(f"#EXT-X-MEDIA-SEQUENCE:{first}")
        for number in range(first, first + WINDOW):
            again = number > 0 and number % len(self._media.segments) == 0
            lines += ["#EXT-X-DISCONTINUITY"] * again + ["#EXTINF:1.0,", f"{name}/{number}.ts"]
        return ("\n".join(lines) + "\n").encode()


class Client:
    """Who asked."""

    def __init__(self, reader, writer):
        self._reader, self._writer = reader, writer

    def head(self, status, headers=None):
        headers = {"Connection": "close"} | (headers or {})
        if not status.startswith("200"):
            headers["Content-Length"] = "0"
        lines = [f"HTTP/1.1 {status}", *(f"{key}: {headers[key]}" for key in headers)]
        self._writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())

    def body(self, data, kind):
        self.head("200 OK", {"Content-Type": kind, "Content-Length": str(len(data))})
        self._writer.write(data)

    def part(self, jpeg):
        head = f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
        self._writer.write(head.encode() + jpeg + b"\r\n")

    def abort(self):
        self._writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self._writer.transport.abort()

    async def drain(self):
        await self._writer.drain()
        if self._writer.is_closing() or self._reader.at_eof():
            raise EOFError

    async def gone(self):
        await self._reader.read()
