"""The box as others see it: its state, its pictures, its rules; carries no secret."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace

from edge.alarms import Alarms
from edge.analysis import Analysis
from edge.arming import Arming
from edge.events.journal import Journal, Origin
from edge.events.outbox import Outbox
from edge.events.relay import Relay
from edge.lives import Lives
from edge.orders import (
    Acknowledgement,
    AcknowledgeRequest,
    AlarmRequest,
    ArmingRequest,
    InputRequest,
    Order,
)
from edge.reload import Reload
from edge.settings import Camera, Config
from edge.settings_rules import Rule
from edge.shapes import shapes_of
from edge.status import BoxStatus, CameraHealth, CameraState, ConsumerHealth, InputStatus
from edge.stream.supervisor import CameraThread
from edge.types import Scene

STALE_S = 5.0  # a camera whose newest analysed picture is older is not being watched


@dataclass(slots=True)
class Box:
    """Answers what gRPC, HTTP and the console ask; assembled by `app`."""

    settings: Config
    version: str
    started: float
    origin: Origin
    outbox: Outbox
    journal: Journal
    analysis: Analysis
    arming: Arming
    alarms: Alarms
    lives: Lives
    cameras: Sequence[CameraThread]
    relays: Sequence[Relay]
    second: Sequence[CameraThread] = ()  # their larger streams, for evidence
    connected: Callable[[], set[str]] = field(default=set)  # names of pull consumers now reading
    reload: Reload | None = None  # of the configuration file

    def status(self) -> BoxStatus:
        """How the box is, now."""
        cameras = tuple(self._camera(thread) for thread in self.cameras)
        return BoxStatus(
            site=self.settings.site,
            box_id=self.outbox.box_id,
            version=self.version,
            config_revision=self.origin.config_revision,
            started=self.started,
            not_ready=tuple(self._not_ready(cameras)),
            degraded=(*self.analysis.degraded.values(), *self.outbox.trouble.values()),
            load=self.analysis.load,
            model=self.origin.model,
            model_sha256=self.origin.model_sha256,
            provider=self.origin.provider,
            precision=self.origin.precision,
            cameras=cameras,
            consumers=tuple(self._consumers()),
            last_sequence=self.outbox.last_sequence,
            open_alerts=len(self.outbox.open_alerts()),
            config_problem=self.reload.failing if self.reload else "",
            rules=self.arming.rules(),
            inputs=self.arming.inputs.status(),
            orders=self.arming.orders(),
        )

    def set_arming(self, request: ArmingRequest) -> Order:
        """Arm or disarm rules; raises RefusalError or OutboxError."""
        return self.arming.order(request)

    def set_input(self, request: InputRequest) -> InputStatus:
        """An external input is active, or is not; raises RefusalError."""
        return self.arming.inputs.set(request)

    def raise_alarm(self, request: AlarmRequest) -> Future[str]:
        """Raise or clear an alarm by hand; raises RefusalError, or the future does."""
        return self.alarms.ask(request)

    def acknowledge(self, request: AcknowledgeRequest) -> Future[Acknowledgement]:
        """Say that somebody has seen to an alert; raises RefusalError, or the future does."""
        return self.lives.ask(request)

    def scene(self, camera: str) -> Scene | None:
        """The newest analysed picture of a camera."""
        return self.analysis.scene(camera)

    def overlay(self, camera: str) -> list[dict[str, object]]:
        """The lines and zones of a camera's rules, 0..1; nothing for a camera that is not there."""
        wanted = (one for one in self.settings.cameras if one.name == camera)
        return [shape for one in wanted for shape in _shapes(one)]

    def _camera(self, thread: CameraThread) -> CameraHealth:
        health = thread.health()
        return replace(health, staleness_s=self.analysis.staleness_s(health.name))

    def _not_ready(self, cameras: Sequence[CameraHealth]) -> list[str]:
        reasons = [reason for camera in cameras if (reason := _unwatched(camera))]
        if self.analysis.failing:
            reasons.append(f"analysis fails: {self.analysis.failing}")
        if self.journal.failing:
            reasons.append(f"events can't be stored: {self.journal.failing}")
        return reasons

    def _consumers(self) -> list[ConsumerHealth]:
        reading = self.connected()
        pulls = [name for name in self.outbox.consumers() if name.startswith("pull:")]
        sinks = [relay.health() for relay in self.relays]
        both = sinks + [self._pull(name, connected=name in reading) for name in pulls]
        return [replace(one, rejected=self.outbox.rejected(one.name)) for one in both]

    def _pull(self, name: str, *, connected: bool) -> ConsumerHealth:
        backlog, age = self.outbox.backlog(name)
        return ConsumerHealth(name, self.outbox.cursor(name), backlog, age, connected)


def _unwatched(camera: CameraHealth) -> str:
    """Why nobody watches through this camera, or nothing."""
    if camera.state is CameraState.ENDED:
        why = "the recording is over"
    elif camera.state is not CameraState.STREAMING:
        why = f"{camera.state}, {camera.reason}" if camera.reason else str(camera.state)
    elif camera.staleness_s is None:
        why = "no frame analysed yet"
    elif camera.staleness_s > STALE_S:
        why = f"newest analysed frame is {camera.staleness_s:.0f} s old"
    else:
        return ""
    return f"camera '{camera.name}': {why}"


def _shapes(camera: Camera) -> list[dict[str, object]]:
    return [
        {"name": rule.name, "type": rule.type, "grade": rule.grade, **shape}
        for rule in camera.rules
        for shape in _drawn(rule)
    ]


def _drawn(rule: Rule) -> Iterator[dict[str, object]]:
    """The lines (which have a direction) and areas of a rule."""
    for shape in shapes_of(rule):
        way = {} if shape.direction is None else {"direction": shape.direction}
        yield {"points": shape.points, **way}
