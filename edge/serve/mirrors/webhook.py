"""A webhook: each event is one signed CloudEvent, posted to an address that the site names."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import KW_ONLY, dataclass, field
from email.utils import parsedate_to_datetime
from functools import partial
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from edge.errors import SinkError
from edge.rpc import event_pb2 as pb
from edge.serve.mirrors import tls
from edge.serve.mirrors.loop import Loop
from edge.serve.mirrors.payload import CLOUD_EVENT, cloud_event, signature
from edge.types import Receipt

FAREWELL_S = 0.5
SETTLE_S = 1.0  # after so long the relay is told how far it is
REFUSED = frozenset({400, 413, 422})  # this event, for good
LATER = frozenset({408, 425, 429})  # and all of 5xx
SLOW_S = 30.0  # between attempts where somebody must see to the configuration
MOST_ANSWER = 4096  # bytes that are read of an answer
MOST_WORDS = 120  # characters of it that people are shown
REMEDY = "check the address, the certificates and the network; the event is sent again"
SERVER_ERROR = 500


@dataclass(slots=True)
class WebhookSink:
    """A sink that posts; one thread sends, any thread may close it for good.

    2xx takes an event, 400, 413 and 422 refuse it for good; all else is tried again: after what
    `Retry-After` asks for, and slowly where the address or the credentials are wrong.
    """

    name: str
    url: str
    _: KW_ONLY
    secret: str | None = None
    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None
    timeout_s: float = 10.0
    clock: Callable[[], float] = time.time
    _client: httpx.AsyncClient | None = field(default=None, init=False)
    _loop: Loop = field(init=False)

    def __post_init__(self) -> None:
        self._loop = Loop(f"webhook-{self.name}")

    def send(self, events: Sequence[pb.Event]) -> Receipt:
        """Post them one by one; raises SinkError where the first is not taken."""
        acked, rejected = events[0].sequence - 1, dict[int, str]()
        began = time.monotonic()
        try:
            for event in events:
                refusal = self._loop.run(partial(self._post, event))
                if refusal:
                    rejected[event.sequence] = refusal
                acked = event.sequence
                if time.monotonic() - began > SETTLE_S:
                    break
        except SinkError as error:
            if acked < events[0].sequence:
                where = f"webhook '{self.name}' at {urlsplit(self.url).hostname}"
                what = f"{where}: {error.what}"
                raise SinkError(what, error.remedy, wait_s=error.wait_s) from error
        return Receipt(acked, rejected)

    def tend(self) -> bool:
        """Nothing: only an event tells whether it is taken."""
        return False

    def close(self) -> None:
        """Let go of the connection; a `send` that waits, or comes later, raises SinkError."""
        self._loop.close(self._drop)

    async def _post(self, event: pb.Event) -> str:
        """Why the event is refused for good, or nothing."""
        try:
            async with asyncio.timeout(self.timeout_s):
                status, headers, words = await self._ask(event)
        except (httpx.HTTPError, TimeoutError) as error:
            await self._drop()
            raise SinkError(_reason(error), REMEDY) from error
        said = f"answered {status} {_phrase(status)}" + (f": {words}" if words else "")
        if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            return ""
        if status in REFUSED:
            return said
        if status in LATER or status >= SERVER_ERROR:
            wait_s = self._asked(headers.get("retry-after", ""))
            raise SinkError(said, "the event is sent again", wait_s=wait_s)
        raise SinkError(said, "correct the address or the credentials", wait_s=SLOW_S)

    async def _ask(self, event: pb.Event) -> tuple[int, Mapping[str, str], str]:
        body = cloud_event(event)
        async with self._connected().stream(
            "POST", self.url, content=body, headers=self._headers(event.event_id, body)
        ) as answer:
            return answer.status_code, answer.headers, await _words(answer)

    def _connected(self) -> httpx.AsyncClient:
        if self._client is None:
            self._client = httpx.AsyncClient(
                verify=tls.context(self.ca, self.cert, self.key),
                timeout=self.timeout_s,
                follow_redirects=False,  # the events go where the site said, nowhere else
                limits=httpx.Limits(max_connections=1),
            )
        return self._client

    async def _drop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            with suppress(httpx.HTTPError, TimeoutError):  # it is of no use any more
                async with asyncio.timeout(FAREWELL_S):
                    await client.aclose()

    def _headers(self, message_id: str, body: bytes) -> dict[str, str]:
        now = int(self.clock())
        told = {
            "content-type": CLOUD_EVENT,
            "webhook-id": message_id,
            "webhook-timestamp": str(now),
        }
        if self.secret:
            told["webhook-signature"] = signature(
                self.secret, message_id=message_id, timestamp=now, body=body
            )
        return told

    def _asked(self, retry_after: str) -> float:
        """Seconds that the far end asks for, as a number or as a date; 0: none."""
        if retry_after.isdecimal():
            return float(retry_after[:9])
        try:
            return max(0.0, parsedate_to_datetime(retry_after).timestamp() - self.clock())
        except (ValueError, OverflowError):
            return 0.0


async def _words(answer: httpx.Response) -> str:
    """How the answer begins, for people."""
    read = b""
    async for part in answer.aiter_raw():
        read += part
        if len(read) >= MOST_ANSWER:
            break
    text = " ".join(read[:MOST_ANSWER].decode(errors="replace").split())
    return "".join(one for one in text if one.isprintable())[:MOST_WORDS]


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        return "no answer in time"
    return str(error) or type(error).__name__
