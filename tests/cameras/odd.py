"""Ports where no camera answers: one that is silent, one that speaks SSH, one that is a hole."""

import socket
from contextlib import suppress

BANNER = b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"


async def silent(reader, writer):
    """Accept, read, and never answer."""
    with suppress(OSError):
        while await reader.read(4096):
            pass
    writer.close()


async def ssh(reader, writer):
    """Say what an SSH server says, and hang up when the client has spoken."""
    with suppress(OSError):
        writer.write(BANNER)
        await reader.read(4096)
        writer.write(b"Invalid SSH identification string.\r\n")
        await writer.drain()
    writer.close()


class Hole:
    """A port that drops what knocks: nobody accepts, and the queue of those who wait is full."""

    def __init__(self, host, port):
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind((host, port))
        self._listener.listen(0)
        self._waiting = []
        for _ in range(4):
            client = socket.socket()
            client.setblocking(False)
            client.connect_ex((host, port))
            self._waiting.append(client)
