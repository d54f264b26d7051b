"""Keeps one camera streaming: sessions, failures, pauses, and what people are told of them."""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace

import structlog

from edge.errors import StreamError
from edge.metrics import Metrics
from edge.status import CameraHealth, CameraState
from edge.stream import Source
from edge.stream.backoff import Backoff
from edge.stream.faults import StallError
from edge.stream.slots import Slots
from edge.types import Frame

REPEAT_S = 60.0  # an unchanged failure is logged this often


class CameraThread(threading.Thread):
    """Reads one source and leaves its frames in the slots, until stopped or at a file's end.

    A lost camera is asked again and again, after growing pauses; one that refuses, only
    every 30 s, so that no account is locked. Each session that gives frames has its own
    number. A camera keeps its failed state, with the reason, until it streams again.
    """

    def __init__(
        self,
        name: str,
        source: Source,
        slots: Slots,
        *,
        metrics: Metrics,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(name=f"camera-{name}", daemon=True)
        self._camera, self._source, self._slots = name, source, slots
        self._metrics, self._clock = metrics, clock
        self._log = structlog.get_logger().bind(camera=name)
        self._stopping = threading.Event()
        self._backoff = Backoff()
        self._session = 0
        self._counted_damaged = 0
        self._logged = ("", 0.0)  # the last failure's text, and when
        self._health = CameraHealth(name, CameraState.CONNECTING, since=clock())

    def stop(self) -> None:
        """Ask the thread to end: at once in a pause, at the next picture or time-out in a read."""
        self._stopping.set()

    def health(self) -> CameraHealth:
        """The camera's state as of now; `staleness_s` is left to who analyses."""
        dropped = self._slots.dropped(self._camera)
        health, facts = self._health, self._source.facts
        return replace(
            health,
            dropped=dropped,
            frames=max(0, health.frames - dropped),
            codec=facts.codec,
            device=facts.device,
            decode=facts.decode,
            lag_s=facts.lag_s,
            skipped=facts.skipped,
        )

    def run(self) -> None:
        """Hold sessions until stopped, or until a file has ended."""
        while not self._stopping.is_set() and self._health.state is not CameraState.ENDED:
            begun, frames = time.monotonic(), self._health.frames
            error = self._hold_session()
            given = self._health.frames > frames
            self._session += given
            self._count_damaged()
            if self._stopping.is_set():
                break
            if error is None or (given and not self._source.live):
                self._end(error)  # a file that breaks off would break off there again
            else:
                lasted = time.monotonic() - begun if given else 0.0
                self._fail(error)
                self._stopping.wait(self._backoff.after(lasted, refused=error.refused))
                self._count_reconnect()
        if self._health.state is not CameraState.ENDED:
            self._enter(CameraState.STOPPED)

    def _hold_session(self) -> StreamError | None:
        """One session from opening to its end; returns what broke it."""
        try:
            with closing(self._source.frames(self._session, self._stopping)) as frames:
                for frame in frames:
                    self._give(frame)
        except StreamError as error:
            return error
        except Exception as error:  # noqa: BLE001 - the top of a loop: one camera's surprise is its own
            # Its text may hold a URL with a password; where it happened is enough to find it.
            place = traceback.extract_tb(error.__traceback__)[-1]
            kind = type(error).__name__
            return StreamError(
                f"camera '{self._camera}': unexpected {kind} in {place.name}, line {place.lineno}",
                "please report this",
            )
        return None

    def _give(self, frame: Frame) -> None:
        if not self._source.live:
            given = self._slots.put(frame, self._stopping)
        else:
            given = True
            if self._slots.offer(frame):
                self._metrics.dropped.labels(self._camera).inc()
        width, height = frame.size
        frames = self._health.frames + given
        self._health = replace(self._health, frames=frames, width=width, height=height)
        if self._health.state is not CameraState.STREAMING:
            self._enter(CameraState.STREAMING)
            self._logged = ("", 0.0)
            size = f"{width}x{height}"
            facts = self._source.facts
            self._log.info(
                "camera streaming",
                size=size,
                session=frame.session,
                codec=facts.codec,
                device=facts.device,
            )
        self._count_damaged()

    def _fail(self, error: StreamError) -> None:
        state = CameraState.REFUSED if error.refused else CameraState.LOST
        if isinstance(error, StallError):
            state = CameraState.STALLED
        reason = str(error)
        self._enter(state, reason)
        text, when = self._logged
        if reason != text or time.monotonic() - when > REPEAT_S:
            reconnects = self._health.reconnects
            self._log.warning(f"camera {state}", reason=reason, reconnects=reconnects)
            self._logged = (reason, time.monotonic())

    def _end(self, error: StreamError | None) -> None:
        self._enter(CameraState.ENDED, str(error or ""))
        self._log.info("camera ended", frames=self._health.frames, reason=str(error or ""))

    def _enter(self, state: CameraState, reason: str = "") -> None:
        since = self._health.since if state is self._health.state else self._clock()
        self._health = replace(self._health, state=state, reason=reason, since=since)
        self._metrics.streaming.labels(self._camera).set(state is CameraState.STREAMING)

    def _count_reconnect(self) -> None:
        if not self._stopping.is_set():
            self._health = replace(self._health, reconnects=self._health.reconnects + 1)
            self._metrics.reconnects.labels(self._camera).inc()

    def _count_damaged(self) -> None:
        fresh = self._source.damaged - self._counted_damaged
        self._counted_damaged += fresh
        self._metrics.decode_errors.labels(self._camera).inc(fresh)
