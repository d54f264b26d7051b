"""A TCP link that can be cut the way a NAT does it: no reset, just silence."""

from __future__ import annotations

import contextlib
import socket
import threading


class Wire:
    """Forwards connections to a local port until it is cut."""

    def __init__(self, to_port):
        self._to_port = to_port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._sockets, self._silent = [self._listener], False

    def __enter__(self):
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._silent = True
        for one in self._sockets:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def cut(self):
        """Drop everything on the connections so far; new ones work."""
        self._silent = True

    def mend(self):
        self._silent = False

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = socket.create_connection(("127.0.0.1", self._to_port))
                self._sockets += [near, far]
                for pair in ((near, far), (far, near)):
                    threading.Thread(target=self._forward, args=pair, daemon=True).start()

    def _forward(self, source, sink):
        with contextlib.suppress(OSError):
            while data := source.recv(65_536):
                if not self._silent:
                    sink.sendall(data)
