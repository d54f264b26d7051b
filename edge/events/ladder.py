"""Which alerts nobody has acknowledged for too long; pure."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from edge.rpc import event_pb2 as pb
from edge.types import Grade

MOST = 1000  # alerts that wait; the oldest give way
FIRST = 1


@dataclass(slots=True)
class Waiting:
    """An alert that nobody has acknowledged."""

    since: float  # when it was RAISED, by the ladder's clock
    level: int = FIRST


class Ladder:
    """Alerts of some grades rise to level 2, 3, 4 so long after they were RAISED.

    They rise until they are acknowledged or at the top, also when they are cleared; never those
    of status TEST. The grade when RAISED decides. It follows what is committed: tell it all.
    """

    def __init__(
        self, grades: Collection[Grade], after_s: Sequence[float], *, most: int = MOST
    ) -> None:
        self._grades = {pb.Grade.Value(f"GRADE_{grade.upper()}") for grade in grades}
        self._after_s, self._most = after_s, most
        self._waiting: dict[str, Waiting] = {}  # oldest first
        self._next = math.inf  # before, nothing is due

    def __len__(self) -> int:
        return len(self._waiting)

    def waits(self, raised: pb.Event, latest: pb.Event) -> bool:
        """Whether an alert of which these are the first and the latest event rises still."""
        is_known = latest.HasField("acknowledgement") or latest.level > len(self._after_s)
        return self._covers(raised) and not is_known

    def heed(self, event: pb.Event, since: float) -> int:
        """A committed event; `since` is when its alert was RAISED, where it is the RAISED one.

        Returns how many alerts will not rise, as too many wait.
        """
        waiting = self._waiting.get(event.alert_id)
        if event.HasField("acknowledgement"):
            self.forget(event.alert_id)
        elif event.state == pb.STATE_RAISED and self._covers(event):
            self._waiting[event.alert_id] = Waiting(since)
            self._next = min(self._next, since + self._after_s[0])
            return self._shrink()
        elif waiting is not None:
            waiting.level = max(waiting.level, event.level)
            if waiting.level > len(self._after_s):
                self.forget(event.alert_id)
        return 0

    def due(self, now: float) -> list[tuple[str, int]]:
        """Alerts that rise now, and to which level; again until they are told to have risen."""
        if now < self._next:
            return []
        found = [(alert, self._level(one, now)) for alert, one in self._waiting.items()]
        rising = [(alert, to) for alert, to in found if to > self._waiting[alert].level]
        self._next = now if rising else min(self._times(now), default=math.inf)
        return rising

    def forget(self, alert_id: str) -> None:
        """It rises no more."""
        self._waiting.pop(alert_id, None)

    def _covers(self, event: pb.Event) -> bool:
        return event.grade in self._grades and event.status != pb.STATUS_TEST

    def _level(self, waiting: Waiting, now: float) -> int:
        return FIRST + sum(now >= waiting.since + after_s for after_s in self._after_s)

    def _times(self, now: float) -> Iterator[float]:
        for one in self._waiting.values():
            yield from (at for s in self._after_s if (at := one.since + s) > now)

    def _shrink(self) -> int:
        many = max(0, len(self._waiting) - self._most)
        for alert_id in list(self._waiting)[:many]:
            del self._waiting[alert_id]
        return many
