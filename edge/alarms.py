"""Alarms that no picture causes: any thread asks for one, the analysis thread raises it."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Protocol

import structlog

from edge.arming import Arming, RuleOf
from edge.errors import Refusal, RefusalError
from edge.inputs import Step
from edge.once import Once
from edge.orders import AlarmRequest
from edge.rules.alarms import Alarm
from edge.rules.lone import Look, Now
from edge.rules.manual import Manual
from edge.rules.ordered import Ordered
from edge.types import Event

MOST_CALLS = 64  # that wait to be heard
AGAIN = "ask again with the same request_id"


class Record(Protocol):
    """Where events are recorded: the journal."""

    @property
    def pending(self) -> int:
        """Events that are not on the disk yet."""

    def alert_id(self, event: Event) -> str | None:
        """Of the open alert that a recorded event belongs to."""

    def retry(self) -> None:
        """Store what is pending, if that is possible now."""


@dataclass(slots=True)
class Call:
    """A request and who waits for its answer, the alert's id."""

    request: AlarmRequest
    future: Future[str] = field(default_factory=Future)
    event: Event | None = None  # that it raised
    alert_id: str = ""  # that it cleared

    def refuse(self, what: str, remedy: str, *, kind: Refusal, reason: str) -> None:
        """Answer that it can't be done."""
        self.future.set_exception(RefusalError(what, remedy, kind=kind, reason=reason))


class Alarms:
    """Rules of types `manual` and `input`, and what is told of orders.

    `ask` is for any thread; the rest is the analysis thread's. What was answered is on the disk.
    """

    def __init__(
        self,
        alarms: Mapping[RuleOf, Alarm],
        arming: Arming,
        *,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._alarms, self._arming, self._ordered = alarms, arming, Ordered()
        self._clock, self._monotonic = clock, monotonic
        self._lock, self._once, self._closed = threading.Lock(), Once[Call](), False
        self._calls: deque[Call] = deque()
        self._heard: list[Call] = []  # not answered yet
        self._ids: dict[RuleOf, str] = {}  # of the requests that raised what is open

    @property
    def rules(self) -> Mapping[RuleOf, Alarm]:
        """By camera (empty: none) and name."""
        return self._alarms

    def ask(self, request: AlarmRequest) -> Future[str]:
        """Have an alarm raised or cleared: its alert's id, once that is stored; empty: none was.

        Raises RefusalError, or the future does.
        """
        request.check()
        with self._lock:
            known = self._once.answer(request.request_id, request)
            if known is not None and not has_failed(known.future):
                return known.future
            self._check(request)
            call = Call(request)
            call.future.set_running_or_notify_cancel()  # who waits no more cancels nothing
            self._once.keep(request.request_id, request, call)
            self._calls.append(call)
        return call.future

    def events(self, record: Record) -> Iterator[Event]:
        """What begins and ends; each is recorded before the next is taken."""
        arming = self._arming
        *before, present = arming.inputs.steps()
        for step in before:
            yield from self._look(step)
        now = Now(present.pts, present.time)
        for _ in range(len(self._calls)):  # what is asked meanwhile is heard in the next turn
            call = self._calls.popleft()
            self._heard.append(call)
            yield from self._hear(call, now, record)
        yield from self._look(present)
        given = arming.given()  # first: what is given meanwhile is among the orders, or comes next
        yield from self._ordered.update(now, arming.orders(), arming.ended, given)

    def answer(self, record: Record) -> None:
        """Tell those who asked what has come of it."""
        heard, self._heard = self._heard, []
        if heard:
            record.retry()
        for call in heard:
            if not call.future.done():
                self._answer(call, record)

    def swap(self, alarms: Mapping[RuleOf, Alarm], reason: str) -> list[Event]:
        """Have these rules from now on; what those that are gone have open is cleared."""
        now = Now(self._monotonic(), self._clock())
        gone = [one for of, one in self._alarms.items() if alarms.get(of) is not one]
        self._alarms = alarms
        return [event for one in gone for event in one.close(now, reason)]

    def close(self) -> None:
        """Nothing is heard any more; whoever waits is told so."""
        with self._lock:
            self._closed = True
            left = [*self._heard, *self._calls]
            self._calls.clear()
        for call in left:
            if not call.future.done():
                call.future.set_exception(stopping())

    def _look(self, step: Step) -> Iterator[Event]:
        """Tell all how the inputs are, or were for a moment."""
        now, inputs = Now(step.pts, step.time), step.active
        for of, alarm in self._alarms.items():
            armed = self._arming.shut(*of, inputs=inputs) is None
            yield from alarm.update(Look(now, armed, inputs, step.expired))

    def _check(self, request: AlarmRequest) -> None:
        if self._closed:
            raise stopping()
        known = [of for of, alarm in self._alarms.items() if isinstance(alarm, Manual)]
        if (request.camera, request.rule) not in known:
            where = f"of camera '{request.camera}'" if request.camera else "of no camera"
            names = ", ".join("/".join(filter(None, of)) for of in known) or "none"
            raise RefusalError(
                f"there is no manual alarm '{request.rule}' {where}",
                f"configured: {names}",
                kind=Refusal.NOT_FOUND,
                reason="NO_SUCH_ALARM",
            )
        if len(self._calls) >= MOST_CALLS:
            raise RefusalError(
                "too many alarms wait", AGAIN, kind=Refusal.FULL, reason="TOO_MANY_CALLS"
            )

    def _hear(self, call: Call, now: Now, record: Record) -> Iterator[Event]:
        request, of = call.request, (call.request.camera, call.request.rule)
        rule, now = self._alarms.get(of), now._replace(who=request.who, note=request.note)
        if not isinstance(rule, Manual):
            call.refuse(
                "the alarm is not configured any more",
                "look at the configuration",
                kind=Refusal.NOT_FOUND,
                reason="NO_SUCH_ALARM",
            )
        elif request.clear:
            call.alert_id = (record.alert_id(rule.last) if rule.last else None) or ""
            yield from rule.close(now, "by_hand")
        elif rule.last is not None and request.request_id and self._ids[of] == request.request_id:
            call.event = rule.last  # raised when it was asked first, but not stored then
            call.alert_id = record.alert_id(rule.last) or ""
        elif self._may(call, of, rule, now):
            call.event = rule.call(now)
            self._ids[of] = request.request_id
            yield call.event
            call.alert_id = record.alert_id(call.event) or ""  # it may be cleared in this turn

    def _may(self, call: Call, of: RuleOf, rule: Manual, now: Now) -> bool:
        """Whether it may be raised now; else the call is refused."""
        shut, cooling_s = self._arming.shut(*of), rule.cooling_s(now)
        if shut is not None:
            call.refuse(
                f"the alarm '{of[1]}' is not armed: {shut}",
                "GetStatus tells until when",
                kind=Refusal.CONFLICT,
                reason="NOT_ARMED",
            )
        elif cooling_s:
            call.refuse(
                f"the alarm '{of[1]}' was raised just now",
                f"its cooldown ends in {cooling_s:.0f} s",
                kind=Refusal.CONFLICT,
                reason="COOLING_DOWN",
            )
        return not call.future.done()

    def _answer(self, call: Call, record: Record) -> None:
        request = call.request
        if record.pending:
            call.refuse("it is not stored yet", AGAIN, kind=Refusal.LATER, reason="STORE_FAILED")
        elif self._given_up(call, record):
            call.refuse("it could not be stored", AGAIN, kind=Refusal.LATER, reason="STORE_FAILED")
        else:
            call.future.set_result(call.alert_id)
            structlog.get_logger().info(
                "alarm by hand",
                camera=request.camera,
                rule=request.rule,
                clear=request.clear,
                who=request.who,
            )

    def _given_up(self, call: Call, record: Record) -> bool:
        """Whether what it raised is gone, as the disk took nothing and the memory was full."""
        event = call.event
        if event is None:
            return False
        rule = self._alarms.get((call.request.camera, call.request.rule))
        last = rule.last if isinstance(rule, Manual) else None
        is_open = last is not None and last.key == event.key
        if isinstance(rule, Manual) and is_open and record.alert_id(event) is None:
            rule.forget()
            return True
        return not call.alert_id


def has_failed(future: Future[Any]) -> bool:
    """Whether it was refused, so that it may be asked again."""
    return future.done() and future.exception() is not None


def stopping() -> RefusalError:
    """The refusal while nothing is heard any more."""
    return RefusalError(
        "the service is stopping", AGAIN, kind=Refusal.LATER, reason="SHUTTING_DOWN"
    )
