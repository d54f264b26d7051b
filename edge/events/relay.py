"""One sink's thread: reads the outbox behind the sink's cursor, sends, confirms what is acked."""

from __future__ import annotations

import random
import threading
from collections.abc import Sequence

import structlog

from edge.errors import FencelineError, SinkError
from edge.events import Sink
from edge.events.outbox import Outbox
from edge.metrics import Metrics
from edge.rpc import event_pb2 as pb
from edge.types import ConsumerHealth, Receipt

BATCH = 100
IDLE_S = 0.5  # the longest wait for news, so that a stop is seen
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 30.0


class Relay(threading.Thread):
    """Delivers at least once, in order; pauses longer and longer while the sink fails."""

    def __init__(self, outbox: Outbox, sink: Sink, *, metrics: Metrics) -> None:
        super().__init__(name=f"sink-{sink.name}", daemon=True)
        self._outbox, self._sink, self._metrics = outbox, sink, metrics
        self._consumer = f"sink:{sink.name}"
        self._log = structlog.get_logger().bind(sink=sink.name)
        self._stopping = threading.Event()
        self._connected = False
        self._reason = "not connected yet"
        self._pause_s = FIRST_PAUSE_S

    def run(self) -> None:
        """Send until stopped."""
        outbox = self._outbox
        outbox.confirm(self._consumer, 0)  # known from now on, so that retention counts for it
        while not self._stopping.is_set():
            try:
                if outbox.wait(outbox.cursor(self._consumer), IDLE_S):
                    self._deliver()
            except Exception as error:  # noqa: BLE001 - the top of a loop: a sink's trouble is its own
                self._fail(str(error) if isinstance(error, FencelineError) else repr(error))
            self._measure()

    def stop(self) -> None:
        """Ask the thread to end; what is not acknowledged is sent after the next start."""
        self._stopping.set()
        self._sink.close()

    def health(self) -> ConsumerHealth:
        """How far the sink is."""
        backlog, age = self._outbox.backlog(self._consumer)
        acked = self._outbox.cursor(self._consumer)
        return ConsumerHealth(self._consumer, acked, backlog, age, self._connected, self._reason)

    def _deliver(self) -> None:
        cursor = self._outbox.cursor(self._consumer)
        events = self._outbox.read(cursor, limit=BATCH)
        if not events:  # past retention; only the cursor is behind
            self._outbox.confirm(self._consumer, self._outbox.first_sequence - 1)
            return
        if events[0].sequence > cursor + 1:
            missing = events[0].sequence - cursor - 1
            self._log.warning("events are gone: past retention", count=missing)
        self._settle(events, self._sink.send(events))

    def _settle(self, events: Sequence[pb.Event], receipt: Receipt) -> None:
        first, last = events[0].sequence, events[-1].sequence
        if not first <= receipt.acked <= last:
            raise SinkError(
                f"sink '{self._sink.name}' acknowledged {receipt.acked}, was sent {first}..{last}",
                "its acks must be cumulative and of what it was sent",
            )
        for sequence, reason in receipt.rejected.items():
            self._outbox.dead_letter(self._consumer, sequence, reason)
            self._metrics.rejected.labels(self._sink.name).inc()
            self._log.warning("event refused for good", sequence=sequence, reason=reason)
        self._outbox.confirm(self._consumer, receipt.acked)
        self._metrics.sent.labels(self._sink.name).inc(receipt.acked - first + 1)
        if not self._connected:
            self._log.info("sink connected")
        self._connected, self._reason, self._pause_s = True, "", FIRST_PAUSE_S

    def _fail(self, reason: str) -> None:
        if self._stopping.is_set():
            return
        if reason != self._reason:
            self._log.warning("sink failed, will try again", reason=reason)
        self._connected, self._reason = False, reason
        self._metrics.sink_errors.labels(self._sink.name).inc()
        self._stopping.wait(self._pause_s * random.uniform(0.8, 1.2))  # noqa: S311 - jitter
        self._pause_s = min(2 * self._pause_s, LONGEST_PAUSE_S)

    def _measure(self) -> None:
        _, age = self._outbox.backlog(self._consumer)
        self._metrics.unsent_age.labels(self._sink.name).set(age or 0.0)
