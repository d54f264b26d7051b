"""The life of alerts: gives events their identities and commits them; loses none on a full disk."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import structlog

from edge.errors import OutboxError
from edge.events.codec import Origin, timestamp, to_message
from edge.metrics import Metrics
from edge.rpc import event_pb2 as pb
from edge.types import Event, Grade, Scene, State

__all__ = ["Journal", "Log", "Origin", "Pictures"]
MOST_PENDING = 10_000  # events kept in memory while the disk takes none
BATCH = 500

Key = tuple[str, str, str]  # camera, rule, the rule's own key


class Log(Protocol):
    """Where events are committed: the outbox, or a replay's transcript."""

    def append(self, events: Sequence[pb.Event]) -> list[pb.Event]:
        """Store all or, with OutboxError, none."""

    def open_alerts(self) -> list[pb.Event]:
        """The latest event of each alert that is not cleared."""


class Pictures(Protocol):
    """Where evidence is kept."""

    def write(self, scene: Scene) -> pb.Evidence:
        """Store a picture; raises OSError."""


class Journal:
    """Turns rules' events into committed ones; used by one thread.

    RAISED opens an alert under (camera, rule, key), UPDATED goes on, CLEARED closes it. While the
    outbox takes nothing, events wait here in their order; beyond a bound, the oldest UPDATED
    goes first, since the next one says more.
    """

    def __init__(  # noqa: PLR0913 - everything an identity is made of
        self,
        log: Log,
        pictures: Pictures | None,
        *,
        origin: Origin,
        grades: Mapping[tuple[str, str], Grade],
        clock: Callable[[], float],
        new_id: Callable[[float], str],
        metrics: Metrics,
    ) -> None:
        self._log, self._pictures = log, pictures
        self._origin, self._grades = origin, grades
        self._clock, self._new_id, self._metrics = clock, new_id, metrics
        self._open: dict[Key, tuple[str, pb.Evidence | None]] = {}
        self._pending: deque[pb.Event] = deque()
        self._picturing = True  # whether the last picture could be stored
        self.failing = ""  # why events can't be stored, for people

    def reconcile(self) -> None:
        """Clear what the last run left open, before the first record; raises OutboxError."""
        cleared = []
        for last in self._log.open_alerts():
            event = pb.Event()
            event.CopyFrom(last)
            event.event_id = self._new_id(self._clock())
            event.state, event.reason = pb.STATE_CLEARED, "restart"
            for time in (event.capture_time, event.detect_time):
                time.CopyFrom(timestamp(self._clock()))
            event.clock_source = pb.CLOCK_SOURCE_ARRIVAL
            event.ClearField("clock_offset")
            cleared.append(event)
        self._log.append(cleared)

    def record(self, events: Sequence[Event], scene: Scene) -> None:
        """Commit what a frame led to, in one transaction, with what is still pending."""
        for event in events:
            self._pending += self._messages(event, scene)
        self.retry()

    def retry(self) -> None:
        """Commit what is pending, if the outbox takes it now."""
        try:
            while self._pending:
                batch = [self._pending[i] for i in range(min(BATCH, len(self._pending)))]
                for event in self._log.append(batch):
                    self._pending.popleft()
                    state = pb.State.Name(event.state).removeprefix("STATE_").lower()
                    self._metrics.events.labels(event.camera, event.rule, state).inc()
        except OutboxError as error:
            self._fail(str(error))
        else:
            if self.failing:
                structlog.get_logger().info("events are stored again")
            self.failing = ""

    def _messages(self, event: Event, scene: Scene) -> list[pb.Event]:
        key = (event.camera, event.rule, event.key)
        if event.state is State.RAISED:
            self._open[key] = (self._new_id(event.time), self._picture(scene))
        if key not in self._open:
            return []  # its RAISED was never seen: nothing to go on with
        alert_id, evidence = self._open[key]
        if event.state is State.CLEARED:
            del self._open[key]
        grade = self._grades[event.camera, event.rule]
        ids = (self._new_id(event.time), alert_id)
        message = to_message(event, origin=self._origin, grade=grade, ids=ids)
        message.detect_time.CopyFrom(timestamp(self._clock()))
        if evidence is not None:
            message.evidence.CopyFrom(evidence)
        return [message]

    def _picture(self, scene: Scene) -> pb.Evidence | None:
        if self._pictures is None:
            return None
        try:
            evidence = self._pictures.write(scene)
        except OSError as error:
            if self._picturing:
                structlog.get_logger().warning("no picture stored", reason=error.strerror)
            self._picturing = False
            self._metrics.evidence_errors.inc()
            return None
        self._picturing = True
        return evidence

    def _fail(self, reason: str) -> None:
        if not self.failing:
            structlog.get_logger().error("events can't be stored", reason=reason)
        self.failing = reason
        while len(self._pending) > MOST_PENDING:
            updated = (i for i, e in enumerate(self._pending) if e.state == pb.STATE_UPDATED)
            del self._pending[next(updated, 0)]
            self._metrics.events_refused.inc()
