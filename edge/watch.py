"""Looks at the cameras themselves: who is gone too long is an alert."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

from edge.rules.offline import Offline
from edge.status import CameraHealth, CameraState
from edge.types import Event

LOOK_S = 0.5


class Watch:
    """Asked in every turn of the analysis thread; looks twice a second."""

    def __init__(
        self,
        healths: Mapping[str, Callable[[], CameraHealth]],
        rules: Sequence[Offline] = (),
        *,
        monotonic: Callable[[], float] = time.monotonic,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._healths, self._rules = healths, rules
        self._monotonic, self._clock = monotonic, clock
        self._looked = float("-inf")

    def ended(self, camera: str) -> bool:
        """Whether it was a recording, and is over."""
        return self._healths[camera]().state is CameraState.ENDED

    def events(self) -> list[Event]:
        """What has come to pass since the last look."""
        now = self._monotonic()
        if now - self._looked < LOOK_S:
            return []
        self._looked = now
        return [
            event
            for rule in self._rules
            for event in rule.update(self._healths[rule.camera](), now=now, time=self._clock())
        ]
