"""What can be configured: frozen settings models; past `config.load` every value is known good."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from edge.settings_base import (
    Ground,
    Name,
    Polygon,
    Seconds,
    Settings,
    TimeZone,
    Unit,
    Url,
)
from edge.settings_life import Escalation
from edge.settings_report import MqttBroker, Sink
from edge.settings_rules import InputSettings, ManualSettings, Rule
from edge.settings_schedule import Arming, Schedule
from edge.settings_serve import Serve
from edge.types import Grade

Alarm = Annotated[ManualSettings | InputSettings, Field(discriminator="type")]


class Offline(Settings):
    """The alert that a camera gives no pictures."""

    after_s: Seconds = Field(10.0, description="without the stream before the alert is raised")
    grade: Grade = Grade.YELLOW


class ImageHealth(Settings):
    """Alerts about the picture itself; see `edge.rules.image_health.Thresholds`."""

    grade: Grade = Grade.BLUE
    off: tuple[Literal["dark", "bright", "frozen", "blurred", "covered", "moved"], ...] = ()
    after_s: Seconds = Field(10.0, description="dark, bright, blurred or covered for so long")
    frozen_s: Seconds = Field(20.0, description="identical pictures for so long")
    moved_s: Seconds = Field(15.0, description="another scene for so long")
    clear_s: Seconds = Field(5.0, description="healthy for so long clears")
    dark_level: float = Field(28.0, ge=0, le=255, description="brightness that 2 % must exceed")
    bright_share: Unit = Field(0.6, description="of the picture, overexposed")
    blurred_share: Unit = Field(0.45, description="of the usual sharpness")
    kept_share: Unit = Field(0.55, description="of the picture that must be where it was")


class Camera(Settings):
    """One camera, or one file played as if it were one."""

    name: Name
    url: Url = Field(
        min_length=1,
        description="rtsp(s)://, http(s):// (Motion JPEG; HLS where it ends in .m3u8), "
        "v4l2:///dev/video0, or the path of a file or of a folder of images",
    )
    evidence_url: Url | None = Field(
        None, description="a larger stream of the same view, for pictures of alerts; live only"
    )
    transport: Literal["tcp", "udp"] = "tcp"
    ca: Path | None = Field(None, description="checks the certificate of rtsps:// and https://")
    decode: Literal["auto", "cpu", "cuda"] = Field("auto", description="what decodes the video")
    when_disarmed: Literal["key", "all"] = Field(
        "key", description="pictures decoded while no rule is armed: key pictures or all"
    )
    fps: float = Field(10.0, gt=0, le=60, description="most frames analysed per second, live only")
    stall_s: float = Field(6.0, ge=1, le=120, description="without a frame before reconnecting")
    frozen_s: float = Field(
        30, ge=0, le=3600, description="of the same picture before reconnecting; 0: never"
    )
    offline: Offline = Offline()
    image_health: ImageHealth | None = Field(ImageHealth(), description="null: none")
    realtime: bool = Field(True, description="files: play at the recorded speed")  # noqa: FBT003
    loop: bool = Field(False, description="files: start again at the end")  # noqa: FBT003
    frame_rate: float | None = Field(None, gt=0, le=240, description="files whose header lies")
    masks: tuple[Polygon, ...] = Field((), description="never seen, never stored")
    ground: Ground = Field((), description="four or more points, for metres; none: the picture")
    rules: tuple[Rule, ...] = ()

    @model_validator(mode="after")
    def _live_evidence(self) -> Self:
        if self.evidence_url is None:
            return self
        scheme, found, _ = self.evidence_url.get_secret_value().partition("://")
        if not found or scheme.lower() == "file":
            raise ValueError("evidence_url is not a live stream; give the camera's larger stream")
        return self


class Detect(Settings):
    """How the model runs."""

    score: Unit = Field(0.1, description="detections below are ignored; track.score is above it")
    providers: tuple[Literal["auto", "openvino", "cpu", "cuda", "tensorrt"], ...] = Field(
        ("auto",), min_length=1, description="best first; auto: the fastest of this processor"
    )
    require: bool = Field(False, description="the first provider or none")  # noqa: FBT003
    precision: Literal["auto", "fp32", "bf16", "fp16"] = Field(
        "auto", description="auto: the fastest within half a point of AP on the watched classes"
    )
    threads: int | None = Field(
        None, ge=1, le=64, description="without one: the cores that decoding leaves"
    )
    mode: Literal["canvas", "full", "motion", "tiles"] = Field(
        "canvas",
        description="what is looked at: parts of all cameras' pictures packed together; all of "
        "each picture; that, where something moves; parts one by one, unscaled",
    )
    sweep_s: float = Field(
        4.0, ge=0.5, le=60, description="all of each picture is looked at at least so often"
    )


class Track(Settings):
    """How detections become trajectories."""

    score: Unit = Field(
        0.5, description="detections from here on are sure; a track starts 0.05 above"
    )
    confirm_s: Seconds = Field(0.2, description="seen this long before it counts")
    lost_s: Seconds = Field(2.0, description="unseen this long before it ends")
    link_s: Seconds = Field(
        1.5, description="the longest gap over which somebody new may be somebody lost; 0: none"
    )


class Degraded(Settings):
    """The alert that the box can't do its work as it should: overload, a detector that fails."""

    after_s: Seconds = Field(5.0, description="for so long before the alert is raised")
    clear_s: Seconds = Field(10.0, description="well for so long clears it")
    grade: Grade = Grade.YELLOW


class Delivery(Settings):
    """What tells that alerts don't arrive."""

    overdue_s: float = Field(
        300, ge=5, le=86_400, description="a sink's oldest unsent event is so old: an alert"
    )
    grade: Grade = Grade.YELLOW
    canary_s: float | None = Field(
        None, ge=10, le=7 * 86_400, description="a test event so often; without it none"
    )


class Storage(Settings):
    """What is kept on disk, and for how long at most."""

    dir: Path = Field(Path("var"), description="relative to the configuration file")
    max_events: int = Field(100_000, ge=100)
    max_event_bytes: int = Field(256 * 2**20, ge=2**20)
    max_event_days: float = Field(30, gt=0, le=3650)
    max_evidence_bytes: int = Field(2 * 2**30, ge=2**20)
    max_evidence_hours: float = Field(72, gt=0, le=24 * 365)


class Evidence(Settings):
    """What is kept of an alert besides the picture of its moment."""

    clip: bool = Field(True, description="a short clip, small, people in blocks")  # noqa: FBT003
    before_s: float = Field(4.0, ge=0, le=10, description="of the clip, before the alert")
    after_s: float = Field(8.0, ge=1, le=30, description="of the clip, after the alert")
    width: int = Field(480, ge=160, le=960, description="of the clip, pixels, at most")
    fps: float = Field(5.0, ge=1, le=15, description="of the clip, at most")


class Config(Settings):
    """One site's box."""

    site: Name
    box: Name = "box"
    timezone: TimeZone = "UTC"
    model: str = Field("picodet-s-416", description="a name from `fenceline models list`")
    detect: Detect = Detect()
    track: Track = Track()
    evidence: Evidence = Evidence()
    degraded: Degraded = Degraded()
    delivery: Delivery = Delivery()
    schedules: dict[Name, Schedule] = Field(default_factory=dict)
    inputs: tuple[Name, ...] = Field(
        (), max_length=256, description="external inputs that rules may name"
    )
    mqtt_inputs: MqttBroker | None = Field(
        None, description="a broker that inputs are heard from, under PREFIX/SITE/BOX/inputs"
    )
    arming: Arming = Arming()
    cameras: tuple[Camera, ...] = Field(min_length=1, max_length=256)
    alarms: tuple[Alarm, ...] = Field((), description="rules of no camera: buttons and inputs")
    escalation: Escalation | None = Field(None, description="without it no alert rises")
    report: tuple[Sink, ...] = ()
    serve: Serve = Serve()
    storage: Storage = Storage()

    @property
    def zone(self) -> ZoneInfo:
        """The site's time zone."""
        return ZoneInfo(self.timezone)
