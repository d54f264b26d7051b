"""An alarm that a person gives: the panic button, the guard who sees what no camera sees."""

from __future__ import annotations

import math

from edge.rules.lone import Lone, Look, Now
from edge.rules.moment import TICK_S
from edge.types import Event, Fact, Kind


class Manual:
    """Raised and cleared by hand; cleared by itself `clear_s` after it was last raised.

    Pure: told the time. Raised again while it is open, it is updated.
    """

    def __init__(
        self, *, camera: str, name: str, clear_s: float = 3600.0, cooldown_s: float = 0.0
    ) -> None:
        self._alert = Lone(Kind.MANUAL, camera, name)
        self._clear_s, self._cooldown_s = clear_s, cooldown_s
        self._began = -math.inf  # the newest alert
        self._told = -math.inf  # when it was last raised, or raised again

    @property
    def last(self) -> Event | None:
        """The newest event of the open alert; None: it is not open."""
        return self._alert.last

    def cooling_s(self, now: Now) -> float:
        """How long it can't be raised yet; 0: it can."""
        left = self._began + self._cooldown_s - now.pts
        return left if self.last is None and left > TICK_S else 0.0

    def call(self, now: Now) -> Event:
        """Raise it."""
        if self.last is None:
            self._began = now.pts
        self._told = now.pts
        return self._alert.begin(now, "by_hand")

    def update(self, look: Look) -> list[Event]:
        """Clear what is over; called in every turn."""
        if self.last is None:
            return []
        if not look.armed:
            return self.close(look.now, "disarmed")
        open_s = look.now.pts - self._told
        if open_s < self._clear_s - TICK_S:
            return []
        fact = Fact("open", round(open_s, 3), "s", least=self._clear_s)
        return self._alert.end(look.now, "expired", fact)

    def close(self, now: Now, reason: str) -> list[Event]:
        """Clear what is open."""
        return self._alert.end(now, reason)

    def forget(self) -> None:
        """Nothing is open: what was raised never came to be."""
        self._alert.last, self._began = None, -math.inf
