"""What becomes of an alert besides its rule: it is acknowledged, or it rises as nobody does."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field
from itertools import islice
from typing import Protocol

import structlog

from edge.alarms import AGAIN, MOST_CALLS, has_failed, stopping
from edge.errors import OutboxError, Refusal, RefusalError
from edge.events.codec import timestamp
from edge.events.ladder import MOST, Ladder
from edge.events.outbox import Outbox
from edge.metrics import Metrics
from edge.once import Once
from edge.orders import DAY_S, Acknowledgement, AcknowledgeRequest
from edge.rpc import event_pb2 as pb
from edge.settings_life import Escalation

PAGE = 200  # alerts that are read at once
MOST_AT_ONCE = 10  # alerts that rise in one turn: each is a transaction of its own


class Record(Protocol):
    """Where events are recorded: the journal. Raises OutboxError."""

    def latest(self, alert_id: str) -> pb.Event | None:
        """The latest event of an alert, open or cleared, with nothing that waits behind it."""

    def tell(self, event: pb.Event) -> None:
        """Store another event of an alert: its latest, with what has become of it."""


@dataclass(slots=True)
class Call:
    """A request and who waits for its answer, the first acknowledgement of the alert."""

    request: AcknowledgeRequest
    future: Future[Acknowledgement] = field(default_factory=Future)

    def refuse(self, what: str, remedy: str, *, kind: Refusal, reason: str) -> None:
        """Answer that it can't be done."""
        self.future.set_exception(RefusalError(what, remedy, kind=kind, reason=reason))


class Lives:
    """Acknowledgements and escalation.

    `ask`, `heed` and `close` are for any thread; the rest is the analysis thread's. What was
    answered is on the disk. Levels rise by a clock that nobody sets; across a restart by the
    box's own.
    """

    def __init__(
        self,
        ladder: Ladder | None,
        *,
        metrics: Metrics,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._ladder, self._metrics = ladder, metrics
        self._clock, self._monotonic = clock, monotonic
        self._lock, self._once, self._closed = threading.Lock(), Once[Call](), False
        self._calls: deque[Call] = deque()
        self._stored: deque[pb.Event] = deque()  # not seen to yet
        self._failing = ""  # why alerts can't rise

    def ask(self, request: AcknowledgeRequest) -> Future[Acknowledgement]:
        """Acknowledge an alert: its first acknowledgement, once that is stored.

        Raises RefusalError, or the future does.
        """
        request.check()
        with self._lock:
            known = self._once.answer(request.request_id, request)
            if known is not None and not has_failed(known.future):
                return known.future
            if self._closed:
                raise stopping()
            if len(self._calls) >= MOST_CALLS:
                what = "too many acknowledgements wait"
                raise RefusalError(what, AGAIN, kind=Refusal.FULL, reason="TOO_MANY_CALLS")
            call = Call(request)
            call.future.set_running_or_notify_cancel()  # who waits no more cancels nothing
            self._once.keep(request.request_id, request, call)
            self._calls.append(call)
        return call.future

    def heed(self, events: Iterable[pb.Event]) -> None:
        """What was committed; it is followed with the next turn."""
        if self._ladder is not None:
            self._stored.extend(events)

    def resume(self, outbox: Outbox) -> None:
        """Go on with the alerts of the last day that were raised before a restart."""
        if self._ladder is not None:
            for raised, latest in _waiting(self._ladder, outbox, self._clock() - DAY_S):
                self._follow(self._ladder, raised)
                self._follow(self._ladder, latest)

    def turn(self, record: Record) -> None:
        """Answer those who asked, and let alerts rise."""
        for _ in range(len(self._calls)):  # what is asked meanwhile is heard in the next turn
            call = self._calls.popleft()
            try:
                self._acknowledge(call, record)
            except OutboxError as error:
                call.refuse(error.what, AGAIN, kind=Refusal.LATER, reason="STORE_FAILED")
        if self._ladder is not None:
            self._rise(self._ladder, record)

    def close(self) -> None:
        """Nothing is heard any more; whoever waits is told so."""
        with self._lock:
            self._closed = True
            left = [*self._calls]
            self._calls.clear()
        for call in left:
            call.future.set_exception(stopping())

    def _acknowledge(self, call: Call, record: Record) -> None:
        request, latest = call.request, record.latest(call.request.alert_id)
        if latest is None:
            call.refuse(
                "there is no such alert",
                "it may be past retention; ListAlerts has those that are kept",
                kind=Refusal.NOT_FOUND,
                reason="NO_SUCH_ALERT",
            )
            return
        if not latest.HasField("acknowledgement"):
            said = latest.acknowledgement
            said.who, said.note = request.who, request.note
            said.time.CopyFrom(timestamp(self._clock()))
            latest.reason = "acknowledged"
            record.tell(latest)
            structlog.get_logger().info(
                "alert acknowledged", alert_id=request.alert_id, who=request.who
            )
        first = latest.acknowledgement
        time_s = first.time.ToMicroseconds() / 1e6
        call.future.set_result(Acknowledgement(first.who, first.note, time_s))

    def _follow(self, ladder: Ladder, event: pb.Event) -> None:
        dropped = ladder.heed(event, self._monotonic() - self._age_s(event))
        self._metrics.escalations_dropped.inc(dropped)

    def _rise(self, ladder: Ladder, record: Record) -> None:
        while self._stored:
            self._follow(ladder, self._stored.popleft())
        try:
            for alert_id, level in islice(ladder.due(self._monotonic()), MOST_AT_ONCE):
                latest = record.latest(alert_id)
                if latest is None or latest.HasField("acknowledgement"):
                    ladder.forget(alert_id)
                    continue
                latest.reason, latest.level = "escalated", level
                record.tell(latest)
            self._failing = ""
        except OutboxError as error:  # they rise once it takes them
            if not self._failing:
                structlog.get_logger().error("alerts can't rise", reason=str(error))
            self._failing = str(error)

    def _age_s(self, event: pb.Event) -> float:
        """How long ago it was; the box's clock may have been set since, by any amount."""
        age_s = self._clock() - event.detect_time.ToMicroseconds() / 1e6
        return min(max(0.0, age_s), DAY_S)


def lives_for(wanted: Escalation | None, outbox: Outbox, metrics: Metrics) -> Lives:
    """Acknowledgements, and escalation where it is wanted, that goes on after a restart."""
    if wanted is None:
        return Lives(None, metrics=metrics)
    lives = Lives(Ladder(wanted.grades, wanted.after_s), metrics=metrics)
    lives.resume(outbox)
    return lives


def _waiting(ladder: Ladder, outbox: Outbox, since: float) -> list[tuple[pb.Event, pb.Event]]:
    """The newest alerts since then that rise still, as many as the ladder takes, oldest first."""
    found: list[tuple[pb.Event, pb.Event]] = []
    page = outbox.raised_since(since, limit=PAGE)
    while page and len(found) < MOST:
        found[:0] = [one for one in page if ladder.waits(*one)]
        page = outbox.raised_since(since, limit=PAGE, before=page[0][0].sequence)
    return found
