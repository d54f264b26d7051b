"""Events that wait for the outbox in memory, in their order."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice

from edge.events.draft import Draft
from edge.types import State


class Pending:
    """A queue with a bound that keeps the lives of alerts whole.

    Beyond the bound the oldest UPDATED goes first, since the next one says more; without any
    left, the oldest alert that was RAISED here goes whole; never a RAISED without its CLEARED.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._events: deque[Draft] = deque()

    def __len__(self) -> int:
        return len(self._events)

    def add(self, events: Iterable[Draft]) -> None:
        """Queue them behind the others; the bound is held by `shrink`."""
        self._events.extend(events)

    def first(self, count: int) -> list[Draft]:
        """The oldest, at most so many."""
        return list(islice(self._events, count))

    def drop(self, count: int) -> None:
        """Forget the oldest so many: they are stored, or on their way."""
        for _ in range(count):
            self._events.popleft()

    def put_back(self, events: Sequence[Draft]) -> None:
        """Queue them before the others, whence they came."""
        self._events.extendleft(reversed(events))

    def give_up(self, alerts: Collection[str]) -> list[Draft]:
        """Forget all that belongs to these alerts; returns it."""
        refused = [event for event in self._events if event.alert_id in alerts]
        if refused:
            self._events = deque(e for e in self._events if e.alert_id not in alerts)
        return refused

    def shrink(self) -> list[Draft]:
        """Hold the bound; returns what is given up."""
        refused: dict[Draft, None] = {}  # a set that has an order
        groups = self._least()
        while len(self._events) - len(refused) > self._most:
            refused |= dict.fromkeys(next(groups))
        if refused:
            self._events = deque(e for e in self._events if e not in refused)
        return list(refused)

    def _least(self) -> Iterator[list[Draft]]:
        """What belongs together, least important first; an event may come twice."""
        for state in (State.UPDATED, State.RAISED, State.CLEARED):
            for event in self._events:
                if event.state is state:
                    yield self._life(event) if state is State.RAISED else [event]

    def _life(self, raised: Draft) -> list[Draft]:
        return [event for event in self._events if event.alert_id == raised.alert_id]
