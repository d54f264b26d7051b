"""A camera that gives no pictures is an alert of its own."""

from __future__ import annotations

from dataclasses import dataclass

from edge.status import CameraHealth, CameraState
from edge.types import Event, Kind, State

RULE = "camera-offline"
WORKING = (CameraState.STREAMING, CameraState.ENDED, CameraState.STOPPED)


@dataclass(slots=True)
class Offline:
    """Raised after so many seconds without the stream, cleared when it is back.

    Pure: told the camera's health and the time, monotonic and Unix. The grace spans all attempts
    to reconnect; the reason is the camera's state (connecting, stalled, lost, refused).
    """

    camera: str
    after_s: float
    _since: float | None = None  # monotonic, of the first moment without the stream
    _raised: bool = False

    def update(self, health: CameraHealth, *, now: float, time: float) -> list[Event]:
        """Events as of now; call a few times a second."""
        if health.state in WORKING:
            self._since = None
            return self._clear(now, time)
        self._since = now if self._since is None else self._since
        if self._raised or now - self._since < self.after_s:
            return []
        self._raised = True
        return [self._event(State.RAISED, str(health.state), now, time)]

    def _clear(self, now: float, time: float) -> list[Event]:
        if not self._raised:
            return []
        self._raised = False
        return [self._event(State.CLEARED, "online", now, time)]

    def _event(self, state: State, reason: str, now: float, time: float) -> Event:
        return Event(
            kind=Kind.CAMERA_OFFLINE,
            camera=self.camera,
            rule=RULE,
            state=state,
            key="offline",
            reason=reason,
            pts=now,
            time=time,
        )
