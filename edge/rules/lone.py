"""The one alert of a rule that no picture decides about, and what such a rule is told."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import NamedTuple

from edge.types import Event, Fact, Kind, State


class Now(NamedTuple):
    """The two clocks, and who makes it happen, if anybody does, and says what."""

    pts: float  # monotonic seconds
    time: float  # Unix seconds
    who: str = ""
    note: str = ""


class Look(NamedTuple):
    """How things are outside the picture."""

    now: Now
    armed: bool  # the rule that is told
    inputs: AbstractSet[str] = frozenset()  # that are active
    expired: AbstractSet[str] = frozenset()  # that were, and were not said to be any more


@dataclass(slots=True)
class Lone:
    """Words the events of a rule that has one alert at a time, each with a key of its own."""

    kind: Kind
    camera: str
    rule: str
    prefix: str = ""  # of its keys
    last: Event | None = field(default=None, init=False)  # of the open alert
    _count: int = field(default=0, init=False)

    def begin(self, now: Now, reason: str, *facts: Fact) -> Event:
        """Open the alert; or tell of the open one that its cause came again."""
        self._count += self.last is None
        self.last = Event(
            kind=self.kind,
            camera=self.camera,
            rule=self.rule,
            state=State.RAISED if self.last is None else State.UPDATED,
            key=f"{self.prefix}{self._count}",
            reason=reason,
            facts=facts,
            **now._asdict(),
        )
        return self.last

    def end(self, now: Now, reason: str, *facts: Fact) -> list[Event]:
        """Clear the alert, if it is open."""
        if self.last is None:
            return []
        last, self.last = self.last, None
        cleared = last.but(state=State.CLEARED, reason=reason, facts=facts, **now._asdict())
        return [cleared]
