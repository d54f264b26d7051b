"""An external input that is active: a door contact, a detector of another maker."""

from __future__ import annotations

import math

from edge.rules.lone import Lone, Look, Now
from edge.rules.moment import TICK_S
from edge.types import Event, Fact, Kind


class ExternalInput:
    """Raised while the input is active; cleared when it is said not to be, or expires.

    Pure: told the time and the inputs.
    """

    def __init__(self, *, camera: str, name: str, input: str, cooldown_s: float = 0.0) -> None:  # noqa: A002 - the setting's name
        self._alert = Lone(Kind.INPUT, camera, name)
        self._input, self._cooldown_s = input, cooldown_s
        self._began = -math.inf  # the newest alert

    def update(self, look: Look) -> list[Event]:
        """What begins and ends; called in every turn."""
        if not look.armed:
            return self.close(look.now, "disarmed")
        if self._input not in look.inputs:
            reason = "expired" if self._input in look.expired else "inactive"
            return self.close(look.now, reason)
        cooled = look.now.pts - self._began >= self._cooldown_s - TICK_S
        if self._alert.last is not None or not cooled:
            return []
        self._began = look.now.pts
        return [self._alert.begin(look.now, "active")]

    def close(self, now: Now, reason: str) -> list[Event]:
        """Clear what is open."""
        return self._alert.end(now, reason, Fact("active", round(now.pts - self._began, 3), "s"))
