"""What holds for every HTTP request: known hosts, safe headers, and who may do what."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from edge.serve.problems import Problem
from edge.serve.tokens import Right, Token, refusal

MOST_BYTES = 16 * 1024  # of what it is told
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
        "object-src 'none'; img-src 'self' blob:; media-src 'self' blob:"
    ),
    "Cross-Origin-Resource-Policy": "same-origin",  # no other page may show our pictures
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class Guard:
    """ASGI middleware: answers known hosts: GET and HEAD, and POST where it is `told` something.

    A page of another site can make a browser send requests to a loopback address under a
    name of its own (DNS rebinding); checking the Host header ends that. No hosts: any. Nor can
    such a page send JSON to another origin without asking first, and that is refused, as is
    what names another origin. With `tokens` all but the `open_to_all` needs one of them.
    """

    def __init__(
        self,
        app: ASGIApp,
        hosts: Collection[str] = (),
        told: Collection[str] = (),
        *,
        tokens: Collection[Token] = (),
        open_to_all: Collection[str] = (),
    ) -> None:
        self._app, self._hosts, self._told = app, frozenset(hosts), frozenset(told)
        self._tokens, self._open_to_all = tuple(tokens), frozenset(open_to_all)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = self._refusal(scope) or self._app
        method = "POST" if scope["method"] == "POST" else "GET"  # HEAD is GET without the body
        await answer({**scope, "method": method}, receive, _safe(send, scope))

    def _refusal(self, scope: Scope) -> JSONResponse | None:
        method, headers = scope["method"], Headers(scope=scope)
        telling = method == "POST" and scope["path"] in self._told
        if method not in {"GET", "HEAD"} and not telling:
            what = f"{method} is not possible here"
            return Problem(what, "this only reads; use GET").answer(405, Allow="GET, HEAD")
        host = headers.get("host", "")
        if self._hosts and _hostname(host) not in self._hosts:
            names = ", ".join(sorted(self._hosts))
            return Problem("this is not a name of this box", f"use one of: {names}").answer(400)
        if self._tokens and scope["path"] not in self._open_to_all:
            denied = refusal(self._tokens, headers, Right.CONTROL if telling else Right.READ)
            if denied:
                return denied
        return _from_elsewhere(headers) if telling else None


def _from_elsewhere(headers: Headers) -> JSONResponse | None:
    """Refuse what a page of another site could have made a browser send, and what is too long."""
    if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        return Problem("this is not JSON", "send Content-Type: application/json").answer(415)
    origin = headers.get("origin")
    elsewhere = origin is not None and urlsplit(origin).netloc != headers.get("host")
    if elsewhere or headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}:
        return Problem("this comes from a page of another site", "use the box's own").answer(403)
    length = headers.get("content-length", "")
    if not length.isdecimal() or int(length) > MOST_BYTES:
        return Problem("too long, or of unknown length", f"at most {MOST_BYTES} bytes").answer(413)
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
