"""The demo camera's dialogue, with what can be wrong in its answers and in its stream."""

import asyncio
import itertools
import math
import socket
import struct
import time

from edge.demo.rtsp_connection import Connection, Response
from tests.cameras.rtp import Sender

REPORT_S = 1.0
LATE_S = 0.5  # a camera that was held up does not send what it missed
RESET = struct.pack("ii", 1, 0)  # SO_LINGER: closing sends an RST


class FaultyConnection(Connection):
    """One client of a camera that has faults."""

    def abort(self):
        self._writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        super().abort()

    async def _answer(self, request):
        mount = self._mounts.get(request.mount)
        if mount is not None and request.method != "OPTIONS":
            if mount.faults.silent:
                await self._reader.read()  # until the client is gone
                raise EOFError
            if mount.faults.redirect:
                return Response("302 Found", {"Location": request.url})
            if mount.faults.status:
                return Response(mount.faults.status)
        return await super()._answer(request)

    async def _send_pictures(self, mount, carrier):
        sender, now = Sender(mount), asyncio.get_running_loop().time
        start, reported = now(), -math.inf
        for number in itertools.count():
            due = start + number / mount.clip.fps
            await asyncio.sleep(due - now())
            if now() - due > LATE_S:
                start += now() - due
            if mount.faults.stalled or not mount.clip.units:
                continue
            packets = list(sender.picture(number))
            if mount.faults.reports and now() - reported > REPORT_S:
                carrier.control(sender.report(time.time()))
                reported = now()
            for packet in packets:
                carrier.media(packet)
            await self._writer.drain()
