"""How a command that runs for long is asked to stop."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable

WAKE_S = 0.5  # a signal that another thread takes does not end a plain wait


def on_hangup(ask: Callable[[], None]) -> None:
    """Have it asked, on SIGHUP, that the configuration is read again."""
    signal.signal(signal.SIGHUP, lambda *_: ask())


def stop_signals() -> Callable[[], None]:
    """Listen for SIGTERM and Ctrl-C from now on; returns what waits for the first of them."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())

    def wait() -> None:
        while not stop.wait(WAKE_S):
            pass

    return wait
