"""How long to go on asking a silent camera."""

from __future__ import annotations

import time


class Patience:
    """Tells a silence that may pass from one that is too long."""

    def __init__(self, read_s: float, stall_s: float) -> None:
        self._read_s, self._stall_s = read_s, stall_s
        self._asked = self._heard = time.monotonic()

    def ask(self) -> None:
        """A read begins."""
        self._asked = time.monotonic()

    def hear(self) -> None:
        """It returned a packet: the camera's, unless its time ran out.

        After a first time-out FFmpeg returns what was left in its parser, and no error.
        """
        if not self.ran_out:
            self._heard = time.monotonic()

    @property
    def ran_out(self) -> bool:
        """Whether the read took all its time."""
        return ran_out(self._asked, self._read_s)

    @property
    def at_end(self) -> bool:
        """Whether the camera has been silent too long."""
        return ran_out(self._heard, self._stall_s)


def ran_out(since: float, limit_s: float) -> bool:
    """Whether a time limit is over, as far as FFmpeg knows: it looks at its clock now and then."""
    return time.monotonic() - since >= limit_s * 0.95
