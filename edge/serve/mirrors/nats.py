"""NATS JetStream: each event is published to a stream, which knows what it has already."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import KW_ONLY, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from nats.aio.client import Client
from nats.errors import Error, MaxPayloadError
from nats.js.errors import APIError, NoStreamResponseError

from edge.errors import SinkError
from edge.rpc import event_pb2 as pb
from edge.serve.mirrors import tls
from edge.serve.mirrors.loop import Loop
from edge.serve.mirrors.payload import JSON, event_json, kind_of
from edge.serve.mirrors.serially import saying, serially
from edge.types import Receipt

SLOW_S = 30.0  # between attempts where somebody must see to the configuration
PING_S = 20
FAREWELL_S = 0.5
TOO_LARGE = 10054  # JetStream's code: the stream takes no message of that size
ANOTHER_TRY_S = 0.1  # before the next server of the list
REMEDY = "check the address, the login and the network; the event is sent again"
CONFIGURATION = ("authorization violation", "permissions violation", "authentication", "nkey")


@dataclass(slots=True)
class NatsSink:
    """The stream's PubAck ends the box's duty; one thread sends, any thread may close it for good.

    `Nats-Msg-Id` is the event's id, so that a stream drops what it is sent again.
    """

    name: str
    servers: Sequence[str]
    subject: str  # of the box: events are published to SUBJECT.events.KIND
    _: KW_ONLY
    username: str | None = None
    password: str | None = None
    creds: Path | None = None
    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None
    timeout_s: float = 10.0
    _client: Client | None = field(default=None, init=False)
    _complaint: str = field(default="", init=False)
    _loop: Loop = field(init=False)

    def __post_init__(self) -> None:
        self._loop = Loop(f"nats-{self.name}")

    def send(self, events: Sequence[pb.Event]) -> Receipt:
        """Publish them one by one; raises SinkError where the first is not taken."""
        return serially(
            events, lambda event: self._loop.run(partial(self._publish, event)), self._worded
        )

    def tend(self) -> bool:
        """Be connected, so that an unreachable server is known before there is an event."""
        with saying(self._worded):
            self._loop.run(self._see)
        return True

    def close(self) -> None:
        """Let go of the connection; a call that waits, or comes later, raises SinkError."""
        self._loop.close(self._drop)

    async def _publish(self, event: pb.Event) -> str:
        """Why the event is refused for good, or nothing."""
        subject = f"{self.subject}.events.{kind_of(event)}"
        headers = {"Nats-Msg-Id": event.event_id, "Content-Type": JSON}
        try:
            async with asyncio.timeout(self.timeout_s):
                client = await self._connected()
                stream = client.jetstream(timeout=self.timeout_s)
                await stream.publish(subject, event_json(event), headers=headers)
        except MaxPayloadError:
            return "larger than the server takes (max_payload)"
        except NoStreamResponseError:
            raise self._without_stream(subject) from None
        except APIError as error:
            if error.err_code == TOO_LARGE:
                return "larger than the stream takes (max_msg_size)"
            what = f"JetStream answers '{error.description}'"
            raise SinkError(what, "look at the stream's limits; the event is sent again") from error
        except (Error, OSError, TimeoutError) as error:
            raise await self._failed(error) from error
        return ""

    async def _see(self) -> None:
        try:
            async with asyncio.timeout(self.timeout_s):
                await self._connected()
        except (Error, OSError, TimeoutError) as error:
            raise await self._failed(error) from error

    async def _connected(self) -> Client:
        """It never reconnects by itself: what it had sent would be sent out of order."""
        if self._client is not None and not self._client.is_connected:
            await self._drop()
        if self._client is None:
            self._complaint, self._client = "", Client()
            await self._client.connect(
                servers=list(self.servers),
                allow_reconnect=False,
                max_reconnect_attempts=1,
                reconnect_time_wait=ANOTHER_TRY_S,  # type: ignore[arg-type] # it may be a fraction
                ping_interval=PING_S,
                name=f"fenceline {self.subject}",
                error_cb=self._heed,
                **self._login(),
            )
        return self._client

    def _login(self) -> dict[str, Any]:
        told: dict[str, Any] = {"user": self.username, "password": self.password}
        if self.creds:
            told["user_credentials"] = self.creds
        if any(urlsplit(server).scheme == "tls" for server in self.servers):
            told["tls"] = tls.context(self.ca, self.cert, self.key)
        return {key: value for key, value in told.items() if value is not None}

    async def _heed(self, error: Exception) -> None:
        self._complaint = str(error) or self._complaint

    async def _failed(self, error: Exception) -> SinkError:
        """Let go; the next call connects anew."""
        said = self._complaint or str(error)
        await self._drop()
        said = said.removeprefix("nats: ").strip("'") or type(error).__name__
        slow = any(word in said.lower() for word in CONFIGURATION)
        if isinstance(error, TimeoutError) and not self._complaint:
            said = "no answer in time"
        return SinkError(said, REMEDY, wait_s=SLOW_S if slow else 0.0)

    async def _drop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            with suppress(Error, OSError, TimeoutError):  # it is of no use any more
                async with asyncio.timeout(FAREWELL_S):  # it may wait for ever on broken TLS
                    await client.close()

    def _without_stream(self, subject: str) -> SinkError:
        prefix = self.subject.partition(".")[0]
        return SinkError(
            f"no stream takes {subject}, or JetStream is off",
            f"create one: nats stream add {prefix.upper()} --subjects '{prefix}.>' "
            "--storage file --retention limits --dupe-window 1h --defaults",
            wait_s=SLOW_S,
        )

    def _worded(self, error: SinkError) -> SinkError:
        hosts = ", ".join(str(urlsplit(server).hostname) for server in self.servers)
        what = f"NATS '{self.name}' at {hosts}: {error.what}"
        return SinkError(what, error.remedy, wait_s=error.wait_s)
