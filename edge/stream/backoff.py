"""How long to wait before a camera is asked again."""

from __future__ import annotations

import random

FIRST_S, MOST_S = 0.5, 30.0
JITTER = 0.2  # of the pause, so that many cameras behind one switch don't come back at once


class Backoff:
    """Pauses that double, and start anew after a session that lasted longer than its pause."""

    def __init__(self) -> None:
        self._pause = FIRST_S

    def after(self, lasted_s: float, *, refused: bool = False) -> float:
        """Seconds to wait after a session of this length; a refusal waits longest."""
        if refused:
            return _jittered(MOST_S)
        if lasted_s > self._pause:
            self._pause = FIRST_S
        pause, self._pause = self._pause, min(2 * self._pause, MOST_S)
        return _jittered(pause)


def _jittered(pause: float) -> float:
    return min(MOST_S, pause * random.uniform(1 - JITTER, 1 + JITTER))  # noqa: S311 - no secret
