"""External inputs that are active, each until it expires."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Mapping
from collections.abc import Set as AbstractSet
from typing import NamedTuple

import structlog

from edge.errors import Refusal, RefusalError
from edge.once import Once
from edge.orders import InputRequest
from edge.status import InputStatus

MOST_STEPS = 1000  # changes that wait for the next turn; the oldest give way


class Step(NamedTuple):
    """How the inputs were from a moment on."""

    pts: float  # monotonic seconds
    time: float  # Unix seconds
    active: AbstractSet[str]
    expired: AbstractSet[str]  # that were active, and were not said to be any more


class Inputs:
    """Thread-safe, and in memory: after a restart none is active until it is said again."""

    def __init__(
        self,
        names: Collection[str],
        *,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock, self._monotonic = clock, monotonic
        self._lock, self._once = threading.Lock(), Once[InputStatus]()
        self._until: Mapping[str, float] = {}  # monotonic; replaced, never changed
        self._steps: list[Step] = []  # since somebody asked for them
        self.configure(names)

    def configure(self, names: Collection[str]) -> None:
        """The inputs that there are; those that stay are as they were."""
        self._names = frozenset(names)

    def set(self, request: InputRequest) -> InputStatus:
        """Do as told; raises RefusalError."""
        request.check()
        if request.name not in self._names:
            known = ", ".join(sorted(self._names)) or "none"
            raise RefusalError(
                f"there is no input '{request.name}'",
                f"configured under `inputs`: {known}",
                kind=Refusal.NOT_FOUND,
                reason="NO_SUCH_INPUT",
            )
        with self._lock:
            status = self._once.answer(request.request_id, request)
            if status is None:
                status = self._set(request)
                self._once.keep(request.request_id, request, status)
        return status

    def active(self, ahead_s: float = 0.0) -> Mapping[str, float]:
        """Those that are active so many seconds from now, as things stand; with their time left."""
        until, now = self._until, self._monotonic() + ahead_s
        if not until:
            return until
        left = {name: end - now for name, end in until.items() if name in self._names}
        return {name: seconds for name, seconds in left.items() if seconds > 0}

    def steps(self) -> list[Step]:
        """How they became what they are, since the last call, and how they are now.

        For one thread: what is active for a shorter time than between two calls is told once.
        """
        with self._lock:
            steps, self._steps = self._steps, []
            return [*steps, self._step()]

    def status(self) -> tuple[InputStatus, ...]:
        """All inputs, by name."""
        now, left = self._clock(), self.active()
        return tuple(
            InputStatus(name, name in left, now + left[name] if name in left else None)
            for name in sorted(self._names)
        )

    def _set(self, request: InputRequest) -> InputStatus:
        was = request.name in self.active()
        if not was and request.name in self._until:
            self._keep(self._step())  # that it has expired
        until = {name: end for name, end in self._until.items() if name != request.name}
        if request.active and request.ttl_s is not None:
            until[request.name] = self._monotonic() + request.ttl_s
        self._until = until
        if was is not request.active:
            self._keep(self._step())
            structlog.get_logger().info(
                "input", name=request.name, active=request.active, who=request.who
            )
        expires = self._clock() + request.ttl_s if request.active and request.ttl_s else None
        return InputStatus(request.name, request.active, expires)

    def _step(self) -> Step:
        now, until = self._monotonic(), self._until
        expired = {name for name, end in until.items() if end <= now}
        return Step(now, self._clock(), self.active().keys(), expired)

    def _keep(self, step: Step) -> None:
        if len(self._steps) >= MOST_STEPS:
            del self._steps[0]
            structlog.get_logger().warning("a change of the inputs is lost", waiting=MOST_STEPS)
        self._steps.append(step)
