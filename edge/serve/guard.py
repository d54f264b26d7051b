"""What holds for every HTTP request: reading only, known hosts, safe headers."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from edge.serve.problems import Problem

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "object-src 'none'"
    ),
    "Cross-Origin-Resource-Policy": "same-origin",  # no other page may show our pictures
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class Guard:
    """ASGI middleware: answers GET and HEAD for known hosts, refuses the rest.

    A page of another site can make a browser send requests to a loopback address under a
    name of its own (DNS rebinding); checking the Host header ends that. No hosts: any.
    """

    def __init__(self, app: ASGIApp, hosts: Collection[str] = ()) -> None:
        self._app, self._hosts = app, frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = self._refusal(scope) or self._app
        reading = {**scope, "method": "GET"}  # HEAD is GET without the body
        await answer(reading, receive, _safe(send, scope))

    def _refusal(self, scope: Scope) -> JSONResponse | None:
        if scope["method"] not in {"GET", "HEAD"}:
            what = f"{scope['method']} is not possible here"
            return Problem(what, "this API only reads; use GET").answer(405, Allow="GET, HEAD")
        host = Headers(scope=scope).get("host", "")
        if self._hosts and _hostname(host) not in self._hosts:
            names = ", ".join(sorted(self._hosts))
            return Problem("this is not a name of this box", f"use one of: {names}").answer(400)
        return None


def _hostname(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:  # a bracket that is not closed
        return ""


def _safe(send: Send, scope: Scope) -> Send:
    """Put in the headers; leave out the body of a HEAD."""
    caching = "no-store" if scope["path"].startswith("/api/") else "no-cache"

    async def safe_send(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers[name] = value
            headers.setdefault("Cache-Control", caching)
        elif scope["method"] == "HEAD":
            message = {**message, "body": b""}
        await send(message)

    return safe_send
