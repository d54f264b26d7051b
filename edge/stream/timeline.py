"""The clock of a live session: from the stream's timestamps while they make sense."""

from __future__ import annotations

import threading
import time

LEAD_S = 5.0  # a camera may send what it had buffered at once
LAG_S = 10.0  # and may fall behind on a slow network
TICK_S = 0.001


class Timeline:
    """Gives each picture its pts: seconds since the first one, always rising.

    `interval` is the stream's own 1/fps, or 0 where it does not say: FFmpeg has no
    timestamp for the first picture, so the step to the second one must be taken from it.
    """

    def __init__(self, interval: float = 0.0) -> None:
        self._interval = interval
        self._start: float | None = None
        self._now = self._pts = 0.0
        self._anchor: tuple[float, float] | None = None  # a stream time and the pts it was given

    def advance(self, stream_time: float | None, now: float) -> float:
        """The pts of the next picture, from its own time and the monotonic time of arrival."""
        if self._start is None:
            self._start = now
        else:
            pts = self._expected(stream_time, now)
            elapsed = now - self._start
            if not (self._pts < pts and elapsed - LAG_S <= pts <= elapsed + LEAD_S):
                pts = self._pts + max(now - self._now, TICK_S)  # the stream's clock jumped or lies
            self._pts = pts
        self._now = now
        if stream_time is not None:
            self._anchor = stream_time, self._pts
        return self._pts

    def _expected(self, stream_time: float | None, now: float) -> float:
        if stream_time is None:
            return self._pts + (now - self._now)
        if self._anchor is None:
            return self._pts + (self._interval or now - self._now)
        anchor, pts = self._anchor
        return pts + (stream_time - anchor)


class Gate:
    """Lets at most so many pictures a second through, evenly, by their pts."""

    def __init__(self, fps: float) -> None:
        self._period = 1 / fps
        self._due = 0.0

    def lets(self, pts: float) -> bool:
        """Whether this picture is wanted; call once per picture."""
        if pts < self._due - self._period / 4:  # timestamps jitter; a stream at fps loses none
            return False
        self._due = max(self._due, pts - self._period / 2) + self._period  # no burst after a gap
        return True


class Pace:
    """Holds pictures back that arrive many at once, until each is due by its own time."""

    def __init__(self, stop: threading.Event, *, on: bool) -> None:
        self._stop, self._on = stop, on
        self._start: float | None = None  # monotonic time minus stream time

    def wait(self, stream_time: float | None) -> None:
        """Until the picture is due, or stopped; nothing where no pace is kept."""
        if not self._on or stream_time is None:
            return
        now = time.monotonic()
        early = 0.0 if self._start is None else self._start + stream_time - now
        if self._start is None or not -LAG_S < early < LAG_S:
            self._start, early = now - stream_time, 0.0
        if early > 0:
            self._stop.wait(early)


class Playback:
    """The clock of a recording: each picture's pts, rising through all repetitions.

    With a frame rate it is picture number / frame rate; else the recording's own
    timestamps, where these rise.
    """

    def __init__(self, frame_rate: float | None = None) -> None:
        self._frame_rate = frame_rate
        self._interval = 0.0
        self._number = 0  # of the next picture, over all repetitions
        self._pts = 0.0
        self._shift: float | None = None  # pts minus timestamp, in this repetition

    def begin(self, interval: float) -> None:
        """The recording starts (again); `interval` is its 1/fps."""
        self._interval, self._shift = interval, None

    def advance(self, stream_time: float | None) -> float:
        """The pts of the next picture."""
        number, self._number = self._number, self._number + 1
        if self._frame_rate:
            return number / self._frame_rate
        due = self._pts + self._interval if number else 0.0
        if stream_time is not None:
            if self._shift is None:
                self._shift = due - stream_time
            pts = self._shift + stream_time
            due = pts if pts > self._pts or not number else due
        self._pts = due
        return due
