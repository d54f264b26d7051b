"""One stream to one consumer: what it was sent, what it acknowledged, where it reads on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeAlias

from google.protobuf.message import DecodeError

from edge.rpc import events_pb2 as pb
from edge.serve.needs import EventLog
from edge.serve.refusals import RefusedError, garbled, invalid

Write: TypeAlias = Callable[[pb.SubscribeResponse], Awaitable[None]]

PAGE = 100  # events read from the disk at once
OUTSTANDING, MOST_OUTSTANDING = 100, 1000
GAP_ALERTS = 500  # told in one message, so that it stays far below the limit on messages


class Subscription:
    """Belongs to one event loop; only what blocks on the disk runs in a thread, one at a time."""

    def __init__(self, log: EventLog, start: pb.Start, *, idle_s: float) -> None:
        self.consumer = f"pull:{start.consumer}" if start.consumer else ""
        self._log, self._start, self._idle_s = log, start, idle_s
        self._window = min(start.max_outstanding or OUTSTANDING, MOST_OUTSTANDING)
        self._sent = 0  # everything up to here was sent, or told to be gone
        self._floor = 0  # the window is counted from here, or from the last ack
        self._acked = 0
        self._stored = 0  # of what was acked
        self._told = False  # that there is nothing more
        self._heard_all = False  # no ack can come any more
        self._refused: RefusedError | None = None
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """Look again: there are new events."""
        self._wake.set()

    def end(self, refused: RefusedError) -> None:
        """Stop sending and let `deliver` raise this."""
        self._refused = self._refused or refused
        self._wake.set()

    async def open(self) -> None:
        """Find where to read; the consumer is heard and told only after this."""
        await asyncio.to_thread(self._find)

    async def take_acks(self, requests: AsyncIterator[pb.SubscribeRequest]) -> None:
        """Hear the consumer until it has nothing more to say."""
        try:
            async for request in requests:
                self._take(request)
        except RefusedError as refused:
            self.end(refused)
        except DecodeError:
            self.end(garbled())
        finally:
            self._heard_all = True
            self._wake.set()

    async def deliver(self, write: Write) -> None:
        """Send events until refused, or until a named consumer has closed its side.

        Whichever way it ends, the acks heard so far are stored.
        """
        try:
            while not self._over():
                self._wake.clear()
                answers = await asyncio.to_thread(self._turn)
                for answer in answers:
                    await self._send(answer, write)
                if not answers:
                    await self._pause()
        finally:
            await asyncio.to_thread(self._store)

    def _take(self, request: pb.SubscribeRequest) -> None:
        if request.WhichOneof("message") != "ack":
            raise invalid("NOT_AN_ACK", "after the start only acks are understood")
        if request.ack.sequence > self._sent:
            what = f"ack {request.ack.sequence} is beyond what was sent, {self._sent}"
            raise invalid("ACK_AHEAD", what, sent_sequence=self._sent)
        self._acked = max(self._acked, request.ack.sequence)
        self._wake.set()

    def _find(self) -> None:
        last = self._log.last_sequence
        if self.consumer:
            self._log.confirm(self.consumer, 0)  # known from now on: its backlog counts
        if self._start.HasField("after_sequence"):
            self._sent = self._start.after_sequence
        elif self.consumer:
            self._sent = self._log.cursor(self.consumer)
        else:
            self._sent = last
        if self._sent > last:  # of another box, or of this one before its store was lost
            what = f"sequence {self._sent} is ahead of the newest event of this box, {last}"
            raise invalid("SEQUENCE_AHEAD", what, last_sequence=last)
        self._floor = self._sent

    def _over(self) -> bool:
        if self._refused:
            raise self._refused
        return self._heard_all and bool(self.consumer)

    def _turn(self) -> list[pb.SubscribeResponse]:
        """Store the acks and find what to say next; nothing means wait."""
        self._store()
        room = self._room()
        if room <= 0:
            return []
        first = self._log.first_sequence  # looked up first: an event committed now is read below
        events = self._log.read(self._sent, limit=min(room, PAGE))
        oldest = events[0].sequence if events else first
        if oldest > self._sent + 1:
            return self._gap(oldest - 1)
        if events or self._told:
            return [pb.SubscribeResponse(event=event) for event in events]
        self._told = True
        return [pb.SubscribeResponse(progress=pb.Progress(last_sequence=self._sent))]

    def _room(self) -> int:
        if self._heard_all and not self.consumer:  # it can't ack and need not: let it just read
            return PAGE
        return self._window - (self._sent - max(self._acked, self._floor))

    def _gap(self, last_missing: int) -> list[pb.SubscribeResponse]:
        alerts = self._log.open_alerts()
        parts = [alerts[at : at + GAP_ALERTS] for at in range(0, len(alerts), GAP_ALERTS)] or [[]]
        first = self._sent + 1
        gaps = [
            pb.Gap(first_missing=first, last_missing=last_missing, open_alerts=p) for p in parts
        ]
        return [pb.SubscribeResponse(gap=gap) for gap in gaps]

    async def _send(self, answer: pb.SubscribeResponse, write: Write) -> None:
        if self._refused:
            raise self._refused
        match answer.WhichOneof("message"):
            case "event":
                self._sent = answer.event.sequence
            case "gap":
                self._sent = self._floor = answer.gap.last_missing
        await write(answer)

    async def _pause(self) -> None:
        try:
            async with asyncio.timeout(self._idle_s):
                await self._wake.wait()
        except TimeoutError:
            self._told = False  # say again that all is well

    def _store(self) -> None:
        if self.consumer and self._acked > self._stored:
            acked = self._acked
            self._log.confirm(self.consumer, acked)
            self._stored = acked
