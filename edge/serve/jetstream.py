"""A gateway's store elsewhere: a stream of NATS JetStream, whose PubAck is what boxes wait for."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from contextlib import suppress
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from nats.aio.client import Client
from nats.errors import Error
from nats.js.errors import NoStreamResponseError, NotFoundError, ServiceUnavailableError

from edge.errors import FencelineError, SinkError
from edge.rpc import event_pb2 as pb
from edge.serve.intake import PartlyError
from edge.serve.protojson import to_json

TIMEOUT_S = 5.0
SUBJECT = "fenceline.received"
ID = "Nats-Msg-Id"
FAILURES = (Error, OSError, TimeoutError)
CREATE = "nats stream add FENCELINE --subjects '{}.>' --storage file --dupe-window 1h --defaults"


class JetStream:
    """Publishes each event to SUBJECT.BOX_ID, in order per box, with the id BOX_ID/SEQUENCE.

    The stream drops what it is sent twice; after a restart its last message of a box tells
    how far that box has come. Call it from one event loop.
    """

    def __init__(self, url: str, *, subject: str = SUBJECT, creds: Path | None = None) -> None:
        self._url, self._subject, self._creds = url, subject, creds
        self._client: Client | None = None
        self._connecting = asyncio.Lock()
        self._newest: dict[str, int] = {}

    async def newest(self, box_id: str) -> int:
        """See `Store`."""
        if box_id not in self._newest:
            self._newest[box_id] = await self._last(box_id)
        return self._newest[box_id]

    async def add(self, events: Sequence[pb.Event]) -> list[pb.Event]:
        """See `Store`; a part of them may be in the stream though it raises."""
        by_box = groupby(sorted(events, key=_box), _box)  # sorting keeps each box's order
        adding = {box: self._add(box, list(some)) for box, some in by_box}
        added = await asyncio.gather(*adding.values(), return_exceptions=True)  # none works on
        new, failed = list[pb.Event](), dict[str, FencelineError]()
        for box, one in zip(adding, added, strict=True):
            if isinstance(one, FencelineError):
                failed[box] = one
            elif isinstance(one, BaseException):
                raise one
            else:
                new += one
        if failed:
            raise PartlyError(next(iter(failed.values())), boxes=failed, new=new)
        return new

    async def tend(self) -> None:
        """The stream has limits of its own."""

    async def close(self) -> None:
        """Let go of the connection."""
        client, self._client = self._client, None
        if client is not None:
            with suppress(*FAILURES):  # it may be broken already
                await client.close()

    async def _add(self, box_id: str, events: list[pb.Event]) -> list[pb.Event]:
        newest, new = await self.newest(box_id), list[pb.Event]()
        for event in events:
            if event.sequence > newest:
                await self._publish(event)
                newest = event.sequence
                new.append(event)
        self._newest[box_id] = newest
        return new

    async def _publish(self, event: pb.Event) -> None:
        headers = {ID: f"{event.box_id}/{event.sequence}", "Content-Type": "application/json"}
        client = await self._connected()
        try:
            await client.jetstream(timeout=TIMEOUT_S).publish(
                f"{self._subject}.{event.box_id}",
                json.dumps(to_json(event)).encode(),
                headers=headers,
            )
        except NoStreamResponseError as error:
            raise self._without_stream() from error
        except FAILURES as error:
            raise await self._failed(error) from error

    async def _last(self, box_id: str) -> int:
        client, subject = await self._connected(), f"{self._subject}.{box_id}"
        stream = client.jetstream(timeout=TIMEOUT_S)
        try:
            name = await stream.find_stream_name_by_subject(subject)
        except (NotFoundError, ServiceUnavailableError) as error:
            raise self._without_stream() from error
        except FAILURES as error:
            raise await self._failed(error) from error
        try:
            last = await stream.get_last_msg(name, subject)
        except NotFoundError:
            return 0
        except FAILURES as error:
            raise await self._failed(error) from error
        told = (last.headers or {}).get(ID, "")
        return int(told.rpartition("/")[2] or 0)

    async def _connected(self) -> Client:
        async with self._connecting:
            if self._client is None or not self._client.is_connected:
                await self.close()
                self._client = await self._connect()
            return self._client

    async def _connect(self) -> Client:
        client = Client()
        login: dict[str, Any] = {"user_credentials": self._creds} if self._creds else {}
        try:
            async with asyncio.timeout(TIMEOUT_S):
                # It never reconnects by itself: what waited would be published behind what is not.
                await client.connect(
                    self._url, allow_reconnect=False, connect_timeout=2, error_cb=_ignore, **login
                )
        except FAILURES as error:
            with suppress(*FAILURES):
                await client.close()
            raise self._unreachable(error) from error
        return client

    async def _failed(self, error: Exception) -> SinkError:
        await self.close()
        return self._unreachable(error)

    def _unreachable(self, error: Exception) -> SinkError:
        said = str(error).removeprefix("nats: ") or type(error).__name__
        what = f"NATS at {urlsplit(self._url).hostname}: {said}"
        return SinkError(what, "look at the server, the login and the stream's limits")

    def _without_stream(self) -> SinkError:
        what = f"NATS has no stream for {self._subject}.>, or JetStream is off"
        return SinkError(what, f"create one: {CREATE.format(self._subject)}")


def _box(event: pb.Event) -> str:
    return event.box_id


async def _ignore(_error: Exception) -> None:
    """What fails is raised where it was asked for."""
