"""Tells whoever waits or listens that something was committed."""

from __future__ import annotations

from collections.abc import Callable
from threading import Condition

import structlog


class Bell:
    """Rung by the thread that committed; what it wakes must not keep that waiting."""

    def __init__(self) -> None:
        self._rung, self._closed = Condition(), False
        self._listeners: list[Callable[[], None]] = []

    def listen(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call back at each ring, on the ringing thread; returns what ends that."""
        self._listeners.append(callback)

        def unlisten() -> None:
            if callback in self._listeners:
                self._listeners.remove(callback)

        return unlisten

    def wait(self, until: Callable[[], bool], timeout: float) -> None:
        """Block until that holds, the time is over or there is nothing to wait for any more."""
        with self._rung:
            self._rung.wait_for(lambda: self._closed or until(), timeout)

    def ring(self) -> None:
        """Wake all who wait, tell all who listen."""
        with self._rung:
            self._rung.notify_all()
        for callback in tuple(self._listeners):
            try:
                callback()
            except Exception:  # noqa: BLE001 - committed is committed, whatever a listener makes of it
                structlog.get_logger().exception("a listener of the outbox failed")

    def close(self) -> None:
        """Nothing will ring any more."""
        with self._rung:
            self._closed = True
            self._rung.notify_all()
