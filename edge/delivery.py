"""Whether what the box tells arrives: late sinks, and the canary."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

import structlog

from edge.errors import OutboxError
from edge.metrics import Metrics
from edge.rpc import event_pb2 as pb
from edge.rules.delivery import Canary, Overdue
from edge.rules.lone import Now
from edge.settings import Delivery as DeliverySettings
from edge.status import ConsumerHealth
from edge.types import Event

LOOK_S = 1.0
PREFIX = "sink:"


class Courier(Protocol):
    """A sink's relay."""

    def health(self) -> ConsumerHealth:
        """How far the sink is."""


class Delivery:
    """Asked in every turn of the analysis thread; looks once a second."""

    def __init__(
        self,
        couriers: Sequence[Courier],
        wanted: DeliverySettings,
        metrics: Metrics,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._couriers, self._metrics = couriers, metrics
        self._overdue = Overdue(wanted.overdue_s)
        self._canary = Canary(wanted.canary_s)
        self._monotonic, self._clock = monotonic, clock
        self._looked = -math.inf
        self._failing = ""

    def events(self) -> list[Event]:
        """What has come to pass since the last look."""
        now = Now(self._monotonic(), self._clock())
        if not self._couriers or now.pts - self._looked < LOOK_S:
            return []
        self._looked = now.pts
        try:
            found = [courier.health() for courier in self._couriers]
        except OutboxError as error:  # which the journal says when it matters
            if str(error) != self._failing:
                structlog.get_logger().warning("can't tell whether events arrive", reason=error)
            self._failing = str(error)
            return []
        self._failing = ""
        sinks = [replace(one, name=one.name.removeprefix(PREFIX)) for one in found]
        for name in self._canary.confirmed(sinks):
            self._metrics.canary.labels(name).set(now.time)
        return [*self._overdue.update(sinks, now), *self._canary.update(sinks, now)]

    def heed(self, events: Sequence[pb.Event]) -> None:
        """Hear what was committed; any thread."""
        for event in events:
            if event.kind == pb.KIND_CANARY and event.state == pb.STATE_RAISED:
                self._canary.stored(event.sequence)
