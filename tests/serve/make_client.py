"""Who asks the HTTP application: a client in this process, and a real server on loopback."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from contextlib import contextmanager

import httpx
import uvicorn


class Client:
    """Asks an ASGI application without a network; a defect in it is answered, not raised."""

    def __init__(self, app):
        self._transport = httpx.ASGITransport(app, raise_app_exceptions=False)

    def get(self, path, **options):
        return self.request("GET", path, **options)

    def request(self, method, path, **options):
        return asyncio.run(self._request(method, path, options))

    async def _request(self, method, path, options):
        async with httpx.AsyncClient(transport=self._transport, base_url="http://box") as client:
            return await client.request(method, path, **options)


@contextmanager
def serving(app):
    """The application on a free port of loopback; gives its address."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        config = uvicorn.Config(app, log_config=None, ws="none", lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listening],), name="serve")
        thread.start()
        try:
            deadline = time.monotonic() + 10
            while not server.started and time.monotonic() < deadline:
                thread.join(0.01)
            assert server.started
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = server.force_exit = True
            thread.join(10)
