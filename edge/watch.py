"""Looks at the cameras and the box themselves: gone or unwell for too long is an alert."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

from edge.rules.degraded import Degraded
from edge.rules.offline import Offline
from edge.status import CameraHealth, CameraState
from edge.types import Event

LOOK_S = 0.5


class Watch:
    """Asked in every turn of the analysis thread; looks twice a second."""

    def __init__(  # noqa: PLR0913 - all that is looked at
        self,
        healths: Mapping[str, Callable[[], CameraHealth]],
        rules: Sequence[Offline] = (),
        *,
        degraded: Degraded | None = None,
        reasons: Callable[[], Mapping[str, str]] = dict,
        sinks: Callable[[], Sequence[Event]] = tuple,
        monotonic: Callable[[], float] = time.monotonic,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`reasons` is why the box does less than it should, now: see `Degraded`.

        `sinks` is what comes to pass with those who are told: see `edge.delivery`.
        """
        self._healths, self._rules = healths, rules
        self._degraded, self._reasons, self._sinks = degraded, reasons, sinks
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
        return [*self._of_cameras(now), *self._of_the_box(now), *self._sinks()]

    def _of_cameras(self, now: float) -> list[Event]:
        return [
            event
            for rule in self._rules
            for event in rule.update(self._healths[rule.camera](), now=now, time=self._clock())
        ]

    def _of_the_box(self, now: float) -> list[Event]:
        if self._degraded is None:
            return []
        return self._degraded.update(self._reasons(), now=now, time=self._clock())
