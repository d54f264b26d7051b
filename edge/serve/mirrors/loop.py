"""An asyncio loop on a thread of its own, for a sink whose library wants one."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from typing import Any, TypeVar

from edge.errors import SinkError

JOIN_S = 1.0
T = TypeVar("T")
Work = Callable[[], Coroutine[Any, Any, T]]


class Loop:
    """One thread runs work on it, and any may close it for good."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._closed = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._running: Future[Any] | None = None

    def run(self, work: Work[T]) -> T:
        """Wait for what the work returns; raises SinkError where the loop is closed meanwhile."""
        with self._lock:
            if self._closed:
                raise SinkError("closed")
            future = asyncio.run_coroutine_threadsafe(work(), self._started())
            self._running = future
        try:
            return future.result()
        except CancelledError:
            raise SinkError("closed") from None

    def close(self, farewell: Work[None]) -> None:
        """End what runs, say farewell, stop; for a second at most."""
        with self._lock:
            if self._closed or self._loop is None or self._thread is None:
                self._closed = True
                return
            self._closed = True
            loop, thread = self._loop, self._thread
        if self._running:
            self._running.cancel()
        with suppress(Exception):  # it is closed either way
            asyncio.run_coroutine_threadsafe(farewell(), loop).result(JOIN_S)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(JOIN_S)

    def _started(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            self._loop = loop = asyncio.new_event_loop()
            self._thread = threading.Thread(target=_run, args=(loop,), name=self._name, daemon=True)
            self._thread.start()
        return self._loop


def _run(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
    finally:
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
