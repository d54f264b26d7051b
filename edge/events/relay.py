"""One sink's thread: reads the outbox behind the sink's cursor, sends, confirms what is acked."""

from __future__ import annotations

import math
import random
import threading
from collections.abc import Sequence

import structlog

from edge.errors import FencelineError, OutboxError, SinkError
from edge.events import Sink
from edge.events.outbox import Outbox
from edge.events.route import Route
from edge.metrics import Metrics
from edge.rpc import event_pb2 as pb
from edge.status import ConsumerHealth
from edge.types import Receipt

BATCH = 100
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 30.0
LONGEST_WAIT_S = 300.0  # however long the far end asks for
TEND_S = 10.0
EVERYTHING = Route()
JITTER = 0.2  # of the pause, so that many boxes don't come back to one centre at once


class Relay(threading.Thread):
    """Delivers at least once, in order; pauses longer and longer while the sink fails.

    What is not for the sink its cursor passes over, once all before it is acknowledged: so the
    oldest event behind the cursor is always one that the sink is to have.
    """

    def __init__(
        self, outbox: Outbox, sink: Sink, *, route: Route = EVERYTHING, metrics: Metrics
    ) -> None:
        super().__init__(name=f"sink-{sink.name}", daemon=True)
        self._outbox, self._sink, self._metrics = outbox, sink, metrics
        self._route = route
        self._consumer = f"sink:{sink.name}"
        self._log = structlog.get_logger().bind(sink=sink.name)
        self._stopping, self._wake = threading.Event(), threading.Event()
        self._connected, self._failed, self._reason = False, False, "nothing sent yet"
        self._rejection = ""  # the last reason that was logged
        self._pause_s = FIRST_PAUSE_S
        # Asked when somebody looks, so that it grows even while a sink keeps this thread waiting.
        metrics.unsent_age.labels(sink.name).set_function(lambda: self._behind()[1] or 0.0)
        metrics.sink_backlog.labels(sink.name).set_function(lambda: self._behind()[0])
        metrics.sink_connected.labels(sink.name).set_function(lambda: self._connected)

    def run(self) -> None:
        """Send until stopped."""
        unlisten = self._outbox.listen(self._wake.set)
        try:
            while not self._stopping.is_set():
                self._turn()
        finally:
            unlisten()
            self._sink.close()

    def stop(self) -> None:
        """Ask the thread to end; what is not acknowledged is sent after the next start."""
        self._stopping.set()
        self._wake.set()
        self._sink.close()

    def health(self) -> ConsumerHealth:
        """How far the sink is."""
        backlog, age = self._outbox.backlog(self._consumer)
        acked = self._outbox.cursor(self._consumer)
        return ConsumerHealth(self._consumer, acked, backlog, age, self._connected, self._reason)

    def _turn(self) -> None:
        """Send one batch, or wait for events, or for better times."""
        self._wake.clear()
        try:
            self._enrol()
            if not self._deliver() and not self._stopping.is_set():
                if self._sink.tend():
                    self._recover()
                self._wake.wait(TEND_S)
        except SinkError as error:
            self._fail(str(error), error.wait_s)
        except Exception as error:  # noqa: BLE001 - the top of a loop: a sink's trouble is its own
            self._fail(str(error) if isinstance(error, FencelineError) else repr(error))

    def _enrol(self) -> None:
        """A new sink begins with the oldest kept event; from then on retention counts for it."""
        if self._consumer not in self._outbox.consumers():
            self._outbox.confirm(self._consumer, self._outbox.first_sequence - 1)

    def _deliver(self) -> bool:
        """Whether there was anything to send."""
        cursor = self._outbox.cursor(self._consumer)
        events = self._outbox.read(cursor, limit=BATCH)
        if not events:
            return self._skip(cursor)
        if events[0].sequence > cursor + 1:
            cursor = self._skip_to(events[0].sequence - 1, cursor)
        wanted = [event for event in events if self._route.takes(event)]
        self._advance(cursor, wanted[0].sequence - 1 if wanted else events[-1].sequence, wanted)
        if wanted:
            self._settle(wanted, self._sink.send(wanted))
        return True

    def _skip(self, cursor: int) -> bool:
        """Nothing to read: pass what retention has deleted to the last."""
        gone = self._outbox.first_sequence - 1
        if cursor < gone:
            self._skip_to(gone, cursor)
        return cursor < gone

    def _skip_to(self, gone: int, cursor: int) -> int:
        self._outbox.confirm(self._consumer, gone)
        self._log.warning("events are gone: past retention", count=gone - cursor)
        return gone

    def _advance(self, cursor: int, to: int, wanted: Sequence[pb.Event]) -> None:
        """Move the cursor; what lies between is taken, as it was wanted, or passed over."""
        if to > cursor:
            self._outbox.confirm(self._consumer, to)
            taken = sum(cursor < event.sequence <= to for event in wanted)
            self._metrics.filtered.labels(self._sink.name).inc(to - cursor - taken)

    def _settle(self, events: Sequence[pb.Event], receipt: Receipt) -> None:
        first, last = events[0].sequence, events[-1].sequence
        if not first <= receipt.acked <= last:
            raise SinkError(
                f"sink '{self._sink.name}' acknowledged {receipt.acked}, was sent {first}..{last}",
                "its acks must be cumulative and of what it was sent",
            )
        sent = {event.sequence for event in events}
        rejected = {s: why for s, why in receipt.rejected.items() if s in sent}
        self._bury(rejected)
        self._advance(first - 1, receipt.acked, events)
        taken = [e for e in events if e.sequence <= receipt.acked and e.sequence not in rejected]
        self._metrics.sent.labels(self._sink.name).inc(len(taken))
        self._recover()

    def _bury(self, rejected: dict[int, str]) -> None:
        for sequence, reason in sorted(rejected.items()):
            if self._outbox.dead_letter(self._consumer, sequence, reason):
                self._metrics.rejected.labels(self._sink.name).inc()
            if reason != self._rejection:
                self._log.warning("event refused for good", sequence=sequence, reason=reason)
                self._rejection = reason

    def _recover(self) -> None:
        if not self._connected:
            self._log.info("sink connected")
            self._metrics.sink_reconnects.labels(self._sink.name).inc(self._failed)
            self._failed = False
        self._connected, self._reason, self._pause_s = True, "", FIRST_PAUSE_S

    def _fail(self, reason: str, wait_s: float = 0.0) -> None:
        if self._stopping.is_set():
            return
        if reason != self._reason:
            self._log.warning("sink failed, will try again", reason=reason)
        self._connected, self._failed, self._reason = False, True, reason
        self._metrics.sink_errors.labels(self._sink.name).inc()
        early, late = (random.uniform(0, JITTER) for _ in range(2))  # noqa: S311 - no secret
        pause = min(LONGEST_PAUSE_S, self._pause_s * (1 - early + late))
        self._stopping.wait(max(pause, min(wait_s, LONGEST_WAIT_S) * (1 + late)))
        self._pause_s = min(2 * self._pause_s, LONGEST_PAUSE_S)

    def _behind(self) -> tuple[float, float | None]:
        """The backlog and the age of its oldest event, seconds; NaN where they can't be read."""
        try:
            return self._outbox.backlog(self._consumer)
        except OutboxError:
            return math.nan, math.nan
