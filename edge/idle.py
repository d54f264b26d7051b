"""When nothing is armed on a camera: then its key pictures are enough."""

from __future__ import annotations

from collections.abc import Callable, Sequence

MARGIN_S = 75.0  # armed this much earlier and later: cameras' clocks may be a minute off
STEP_S = 25.0  # a schedule's shortest span is longer
ASKED_S = 1.0  # an answer is good for so long


class Idle:
    """Asked per packet, by one camera's thread; looks at the schedules once a second."""

    def __init__(
        self, armed: Sequence[Callable[[float], bool]], clock: Callable[[], float]
    ) -> None:
        self._armed, self._clock = armed, clock
        self._asked, self._answer = float("-inf"), False

    def __call__(self) -> bool:
        """Whether no rule is armed, nor will be or was in the next or last minute."""
        now = self._clock()
        if not 0 <= now - self._asked < ASKED_S:
            steps = int(MARGIN_S / STEP_S)
            times = [now + step * STEP_S for step in range(-steps, steps + 1)]
            self._asked = now
            self._answer = not any(armed(at) for armed in self._armed for at in times)
        return self._answer
