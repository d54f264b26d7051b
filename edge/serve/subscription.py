"""One stream to one consumer: what it was sent, what it acknowledged, where it reads on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import NamedTuple, TypeAlias

from google.protobuf.message import DecodeError

from edge.rpc import event_pb2
from edge.rpc import events_pb2 as pb
from edge.serve.batches import Batches, made
from edge.serve.needs import EventLog
from edge.serve.outstanding import Outstanding
from edge.serve.refusals import RefusedError, garbled, invalid
from edge.serve.sieve import sieve_of

Write: TypeAlias = Callable[[pb.SubscribeResponse], Awaitable[None]]

PAGE = 100  # events read at once, and sent in one message at most
OUTSTANDING, MOST_OUTSTANDING = 100, 1000
GATHER_S = 0.005  # from one batch to the next, unless that is full
STORE_S = 0.05  # from storing what was acked to storing it again, while there is something to send
GAP_ALERTS = 500  # told in one message, so that it stays far below the limit on messages
REASON = 200  # characters of a nack's that are kept


class Settled(NamedTuple):
    """What the consumer has said, to be stored."""

    sequence: int  # everything up to here is acked, refused or passed over
    refused: Sequence[tuple[int, str]]  # with the reason
    at_once: bool  # it said something; else when it is next said that there is nothing more


class Turn(NamedTuple):
    """What is to be said next."""

    answers: Sequence[pb.SubscribeResponse] = ()
    looked: int = 0  # everything up to here is among them, or is not for this consumer


class Subscription:
    """Belongs to one event loop; only what needs the disk runs in a thread, one at a time.

    Raises RefusedError where the start makes no sense.
    """

    def __init__(
        self, log: EventLog, start: pb.Start, *, idle_s: float, batches: Batches | None = None
    ) -> None:
        self.consumer = f"pull:{start.consumer}" if start.consumer else ""
        self._log, self._start, self._idle_s = log, start, idle_s
        self._batches = batches or Batches()  # of all who read this log
        self._sieve = sieve_of(start.filter)
        self._window = min(start.max_outstanding or OUTSTANDING, MOST_OUTSTANDING)
        self._batch = min(max(1, start.max_batch), PAGE)
        self._sent = 0  # everything up to here was sent, told to be gone or passed over
        self._outstanding = Outstanding()
        self._nacks: list[tuple[int, str]] = []  # not stored yet
        self._said, self._due = False, 0.0  # something that is not stored yet, and when it is to be
        self._stored = 0  # of what is settled
        self._mark_due = 0.0  # on the monotonic clock: when to say that there is nothing more
        self._heard_all = False  # no ack can come any more
        self._refused: RefusedError | None = None
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """Look again: there are new events."""
        self._wake.set()

    def heard(self) -> Settled:
        """All that the consumer has said so far, whether it is stored or not."""
        return Settled(self._outstanding.settled(self._sent), tuple(self._nacks), at_once=True)

    def end(self, refused: RefusedError) -> None:
        """Stop sending and let `deliver` raise this."""
        self._refused = self._refused or refused
        self._wake.set()

    async def open(self, before: Sequence[Settled] = ()) -> None:
        """Find where to read; the consumer is heard and told only after this.

        `before` is what streams have heard of it whose place this one takes.
        """
        await asyncio.to_thread(self._find, before)

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

        Whichever way it ends, what was heard so far is stored.
        """
        try:
            while not self._over():
                self._wake.clear()
                turn = await self._next_turn()
                for answer in turn.answers:
                    await self._send(answer, write)
                is_news = bool(turn.answers) or turn.looked > self._sent
                self._sent = max(self._sent, turn.looked)
                if not is_news:
                    await self._pause()
                elif self._batch > 1 and self._sent % PAGE:  # what comes in a burst comes together
                    await asyncio.sleep(GATHER_S)
        finally:
            self._said, self._due = True, 0.0
            await self._in_thread(Turn)

    def _take(self, request: pb.SubscribeRequest) -> None:
        match request.WhichOneof("message"):
            case "ack":
                self._take_ack(request.ack.sequence)
            case "nack":
                self._take_nack(request.nack)
            case _:
                raise invalid("NOT_AN_ACK", "after the start only acks and nacks are understood")
        self._said = True
        self._wake.set()

    def _take_ack(self, sequence: int) -> None:
        if sequence > self._sent:
            what = f"ack {sequence} is beyond what was sent, {self._sent}"
            raise invalid("ACK_AHEAD", what, sent_sequence=self._sent)
        self._outstanding.ack(sequence)

    def _take_nack(self, nack: pb.Nack) -> None:
        if not self.consumer:
            raise invalid("NOT_NAMED", "only a consumer with a name can refuse an event for good")
        if not self._outstanding.nack(nack.sequence):
            what = f"nack {nack.sequence}: no such event was sent here that is not acknowledged"
            raise invalid("NOT_OUTSTANDING", what)
        self._nacks.append((nack.sequence, " ".join(nack.reason.split())[:REASON]))

    def _find(self, before: Sequence[Settled]) -> None:
        for one in before:
            self._confirm(one)
        last = self._log.last_sequence
        if self.consumer:
            self._log.confirm(self.consumer, 0)  # known from now on: its backlog counts
            self._stored = self._log.cursor(self.consumer)
        begin = self._stored if self.consumer else last
        if self._start.HasField("after_sequence"):
            begin = self._start.after_sequence
        if begin > last:  # of another box, or of this one before its store was lost
            what = f"sequence {begin} is ahead of the newest event of this box, {last}"
            raise invalid("SEQUENCE_AHEAD", what, last_sequence=last)
        self._outstanding.begin = begin  # first: `heard` may look meanwhile
        self._sent = begin

    def _over(self) -> bool:
        if self._refused:
            raise self._refused
        return self._heard_all and bool(self.consumer)

    async def _next_turn(self) -> Turn:
        """What was committed just now is in memory: whoever keeps up needs no thread."""
        if not self._store_due() and time.monotonic() < self._mark_due:
            room = self._room()
            events = self._log.recent(self._sent, limit=self._limit(room)) if room > 0 else []
            if events is not None:
                return self._tell(events, room) if events else Turn()
        return await self._in_thread(self._turn)

    async def _in_thread(self, then: Callable[[], Turn]) -> Turn:
        """Store what is settled, then look what to say."""
        sequence = self._outstanding.settled(self._sent)
        settled = Settled(sequence, tuple(self._nacks), self._store_due())
        if settled.at_once:
            self._said, self._due = False, time.monotonic() + STORE_S
        turn = await asyncio.to_thread(self._store, settled, then)
        del self._nacks[: len(settled.refused)]
        return turn

    def _store_due(self) -> bool:
        return self._said and time.monotonic() >= self._due

    def _turn(self) -> Turn:
        room = self._room()
        if room <= 0:
            return Turn()
        first = self._log.first_sequence  # looked up first: an event committed now is read below
        events = self._log.read(self._sent, limit=self._limit(room))
        oldest = events[0].sequence if events else first
        if oldest > self._sent + 1:
            return self._gap(oldest - 1)
        return self._tell(events, room) if events else self._mark()

    def _tell(self, events: Sequence[event_pb2.Event], room: int) -> Turn:
        everything = self._sieve.takes_all
        wanted = events if everything else [one for one in events if self._sieve.takes(one)]
        looked = wanted[room].sequence - 1 if len(wanted) > room else events[-1].sequence
        return Turn(self._answers(wanted[:room]), looked)

    def _answers(self, events: Sequence[event_pb2.Event]) -> list[pb.SubscribeResponse]:
        """In batches where they are wanted; kept far below the limit on messages."""
        if self._batch == 1:
            return [pb.SubscribeResponse(event=event) for event in events]
        parts = [events[at : at + self._batch] for at in range(0, len(events), self._batch)]
        return [self._batches.of(part) if self._sieve.takes_all else made(part) for part in parts]

    def _limit(self, room: int) -> int:
        """How many to read; batches end where those of others do, so that they can be shared."""
        if not self._sieve.takes_all:
            return PAGE
        return min(room, PAGE if self._batch == 1 else PAGE - self._sent % PAGE)

    def _room(self) -> int:
        return PAGE if self._just_reads else self._window - self._outstanding.events

    @property
    def _just_reads(self) -> bool:
        """It can't ack any more, and need not."""
        return self._heard_all and not self.consumer

    def _mark(self) -> Turn:
        if time.monotonic() < self._mark_due:
            return Turn()
        self._mark_due = time.monotonic() + self._idle_s
        return Turn([pb.SubscribeResponse(progress=pb.Progress(last_sequence=self._sent))])

    def _gap(self, last_missing: int) -> Turn:
        alerts = [alert for alert in self._log.open_alerts() if self._sieve.takes(alert)]
        parts = [alerts[at : at + GAP_ALERTS] for at in range(0, len(alerts), GAP_ALERTS)] or [[]]
        missing = {"first_missing": self._sent + 1, "last_missing": last_missing}
        gaps = [pb.Gap(**missing, open_alerts=part, continues=True) for part in parts]
        gaps[-1].continues = False
        return Turn([pb.SubscribeResponse(gap=gap) for gap in gaps])

    async def _send(self, answer: pb.SubscribeResponse, write: Write) -> None:
        if self._refused:
            raise self._refused
        match answer.WhichOneof("message"):
            case "event":
                self._sent = answer.event.sequence
            case "batch":
                self._sent = answer.batch.events[-1].sequence
            case "gap":
                self._sent = answer.gap.last_missing
        if not self._just_reads:
            self._outstanding.add(answer)
        await write(answer)

    async def _pause(self) -> None:
        """Until there is something to look at, or to say."""
        now = time.monotonic()
        left_s = self._mark_due - now if self._room() > 0 else self._idle_s
        if self._said:
            left_s = min(left_s, self._due - now)
        try:
            async with asyncio.timeout(max(left_s, 0.001)):
                await self._wake.wait()
        except TimeoutError:
            pass

    def _store(self, settled: Settled, then: Callable[[], Turn]) -> Turn:
        if self.consumer:
            self._confirm(settled)
        return then()

    def _confirm(self, settled: Settled) -> None:
        """The nacks first: what the cursor has passed is not sent again."""
        for sequence, reason in settled.refused:
            self._log.dead_letter(self.consumer, sequence, reason)
        due = settled.at_once or time.monotonic() >= self._mark_due
        if due and settled.sequence > self._stored:
            self._log.confirm(self.consumer, settled.sequence)
            self._stored = settled.sequence
