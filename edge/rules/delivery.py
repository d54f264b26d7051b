"""A sink whose events are late is an alert of its own; a canary makes sure that there are some."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from edge.rules.lone import Lone, Now
from edge.status import ConsumerHealth
from edge.types import Event, Fact, Kind

RULE, CANARY = "delivery", "canary"
MOST_NOTE = 200  # characters


@dataclass(slots=True)
class Overdue:
    """One alert for each sink whose oldest unsent event is `after_s` old; cleared when none is.

    Pure: told how the sinks are, and the time.
    """

    after_s: float
    _alerts: dict[str, Lone] = field(default_factory=dict)  # by the sink's name

    def update(self, sinks: Sequence[ConsumerHealth], now: Now) -> Iterator[Event]:
        """Events as of now; call about once a second."""
        for sink in sinks:
            name, age = sink.name, sink.oldest_age_s
            alert = self._alerts.setdefault(name, Lone(Kind.DELIVERY, "", RULE, f"{name}/"))
            if age is None or age < self.after_s:
                yield from alert.end(now, "delivered")
            elif alert.last is None:
                yield alert.begin(now._replace(note=_words(sink)), "overdue", *_facts(self, sink))


@dataclass(slots=True)
class Canary:
    """A test event every so often; confirmed when every sink has acknowledged it.

    What is not confirmed by the next one is cleared as such; that a sink is late says `Overdue`.
    Pure: told how the sinks are, the time, and the sequence that its event was stored under.
    """

    every_s: float | None = None  # without it there is none
    _alert: Lone = field(default_factory=lambda: Lone(Kind.CANARY, "", CANARY))
    _told: float = -math.inf  # when the newest was raised, pts
    _sequence: int | None = None  # of its event; None: not stored yet

    def update(self, sinks: Sequence[ConsumerHealth], now: Now) -> Iterator[Event]:
        """Events as of now; call about once a second."""
        took = Fact("took", round(now.pts - self._told, 3), "s")
        if self._sequence is not None and self.confirmed(sinks) == {sink.name for sink in sinks}:
            self._sequence = None
            yield from self._alert.end(now, "confirmed", took)
        is_due = self.every_s is not None and now.pts - self._told >= self.every_s
        if sinks and is_due:
            yield from self._alert.end(now, "unconfirmed", took)
            self._told, self._sequence = now.pts, None
            yield self._alert.begin(now, "scheduled")

    def stored(self, sequence: int) -> None:
        """Its newest event is in the outbox."""
        self._sequence = sequence

    def confirmed(self, sinks: Sequence[ConsumerHealth]) -> set[str]:
        """Those that have acknowledged the newest event."""
        least = self._sequence
        return set() if least is None else {s.name for s in sinks if s.acked_sequence >= least}


def _words(sink: ConsumerHealth) -> str:
    return f"{sink.name}: {sink.reason or 'it does not acknowledge'}"[:MOST_NOTE]


def _facts(rule: Overdue, sink: ConsumerHealth) -> tuple[Fact, ...]:
    age = Fact("age", round(sink.oldest_age_s or 0.0, 1), "s", least=rule.after_s)
    return age, Fact("backlog", sink.backlog)
