"""How the box and its cameras are, as people are told."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from edge.orders import Order


class CameraState(StrEnum):
    """What a camera's supervisor is doing."""

    CONNECTING = "connecting"
    STREAMING = "streaming"
    STALLED = "stalled"
    LOST = "lost"
    REFUSED = "refused"
    ENDED = "ended"  # a file was read to its end
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class CameraHealth:
    """A camera's state as people see it; carries no secret."""

    name: str
    state: CameraState
    reason: str = ""
    since: float = 0.0  # Unix seconds
    frames: int = 0  # given to analysis
    dropped: int = 0  # replaced by a newer frame before analysis took them
    reconnects: int = 0
    width: int = 0
    height: int = 0
    codec: str = ""
    device: str = ""  # what decodes: cpu or cuda
    decode: str = ""  # how much of it: all, reference, key
    lag_s: float = 0.0  # how far reading is behind the camera, beyond the usual
    skipped: int = 0  # packets that were not worth decoding
    staleness_s: float | None = None  # age of the newest analysed frame; None before the first


@dataclass(frozen=True, slots=True)
class ConsumerHealth:
    """How far one reader of the outbox is: a push sink or a pull consumer."""

    name: str
    acked_sequence: int
    backlog: int
    oldest_age_s: float | None = None  # of the oldest event it has not acknowledged
    connected: bool = False
    reason: str = ""
    rejected: int = 0  # events it refused for good, kept aside


@dataclass(frozen=True, slots=True)
class RuleStatus:
    """Whether a rule is armed now, and why not."""

    camera: str  # empty: a rule of no camera
    rule: str
    armed: bool
    reason: str = ""  # why not: order, schedule, while_input, unless_input; order: why it is
    until: float | None = None  # Unix seconds, as far as is known now; None: not known, or for ever


@dataclass(frozen=True, slots=True)
class InputStatus:
    """Whether an external input is active now."""

    name: str
    active: bool
    until: float | None = None  # Unix seconds


@dataclass(frozen=True, slots=True)
class BoxStatus:
    """How the box is, for its gRPC, HTTP and console; carries no secret."""

    site: str
    box_id: str
    version: str
    config_revision: str
    started: float  # Unix seconds
    not_ready: tuple[str, ...]  # why frames are not being analysed; empty when they are
    degraded: tuple[str, ...]  # why the box does less than it should; empty when it does not
    load: float  # share of the time that analysis is busy, 0..1, over the last seconds
    model: str
    model_sha256: str
    provider: str
    precision: str
    cameras: tuple[CameraHealth, ...]
    consumers: tuple[ConsumerHealth, ...]
    last_sequence: int
    open_alerts: int
    config_problem: str = ""  # why the file that is there now is not in force; empty when it is
    rules: tuple[RuleStatus, ...] = ()
    inputs: tuple[InputStatus, ...] = ()
    orders: tuple[Order, ...] = ()  # that hold now

    @property
    def ready(self) -> bool:
        """Whether frames are really being analysed."""
        return not self.not_ready
