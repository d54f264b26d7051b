"""What can be configured: frozen settings models; past `config.load` every value is known good."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

from edge.geometry import crosses_itself
from edge.types import CLASSES, Grade


def is_loopback(listen: str) -> bool:
    """Whether HOST:PORT can only be reached from this machine."""
    host = listen.rpartition(":")[0].strip("[]")
    return host in {"localhost", "::1"} or host.startswith("127.")


def _name(value: str) -> str:
    if not value.replace("-", "").replace("_", "").isalnum() or not value.isascii():
        raise ValueError("not a name; use letters, digits, '-' and '_' only")
    return value


def _class(value: str) -> str:
    if value not in CLASSES:
        raise ValueError(f"unknown class; choose from {', '.join(CLASSES)}")
    return value


def _timezone(value: str) -> str:
    if value not in available_timezones():
        raise ValueError("unknown time zone; use a name such as Europe/Berlin or UTC")
    return value


def _polygon(value: tuple[tuple[float, float], ...]) -> tuple[tuple[float, float], ...]:
    if len(set(value)) != len(value):
        raise ValueError("a corner is named twice; leave out the repetition, it closes by itself")
    if crosses_itself(value):
        raise ValueError("the polygon crosses itself; list its corners in order along the edge")
    return value


def _line(value: tuple[tuple[float, float], ...]) -> tuple[tuple[float, float], ...]:
    if value[0] == value[1]:
        raise ValueError("both ends are the same point; give two different points")
    return value


def _listen(value: str) -> str:
    host, _, port = value.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:  # noqa: PLR2004 - TCP's last port
        raise ValueError("not an address; write HOST:PORT, for example 127.0.0.1:8080")
    return value


def _url(value: SecretStr) -> SecretStr:
    scheme, found, _ = value.get_secret_value().partition("://")
    if found and scheme not in {"rtsp", "rtsps", "file"}:
        raise ValueError("unknown kind of address; use rtsp://, rtsps:// or the path of a file")
    return value


def _daily(value: str) -> str:
    start, _, end = value.partition("-")
    for part in (start, end):
        hour, _, minute = part.partition(":")
        good = len(part) == len("00:00") and hour.isdecimal() and minute.isdecimal()
        if not good or int(hour) > 23 or int(minute) > 59:  # noqa: PLR2004 - a clock's limits
            raise ValueError(
                'not a span of the day; write "HH:MM-HH:MM", for example "19:00-06:00"'
            )
    if start == end:
        raise ValueError("start and end are the same; leave out `armed` for always")
    return value


Name = Annotated[str, Field(min_length=1, max_length=64), AfterValidator(_name)]
Unit = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Seconds = Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)]
Point = tuple[Unit, Unit]
Polygon = Annotated[tuple[Point, ...], Field(min_length=3, max_length=64), AfterValidator(_polygon)]
Line = Annotated[tuple[Point, Point], AfterValidator(_line)]
ClassName = Annotated[str, AfterValidator(_class)]
Listen = Annotated[str, AfterValidator(_listen)]
TimeZone = Annotated[str, AfterValidator(_timezone)]


class Settings(BaseModel):
    """Frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Schedule(Settings):
    """When rules that name it are armed, in the site's time zone."""

    daily: Annotated[str, AfterValidator(_daily)]


class RuleSettings(Settings):
    """What every rule has: which objects count, how grave an alert is, when it is armed."""

    name: Name
    classes: tuple[ClassName, ...] = Field(("person",), min_length=1)
    min_height: Unit = Field(0.0, description="of the box, as a part of the picture's height")
    max_height: Unit = Field(1.0, description="of the box, as a part of the picture's height")
    grade: Grade = Grade.YELLOW
    armed: Name | None = Field(None, description="name of a schedule; always armed without one")

    @model_validator(mode="after")
    def _heights(self) -> Self:
        if self.min_height >= self.max_height:
            raise ValueError("min_height must be smaller than max_height")
        return self


class TripwireSettings(RuleSettings):
    """Report each crossing of a line."""

    type: Literal["tripwire"]
    line: Line
    direction: Literal["inward", "outward", "both"] = "both"
    settle_s: Seconds = Field(0.3, description="time on the far side before it counts")


class ZoneSettings(RuleSettings):
    """Report each stay in a polygon, from its dwell time on, until it is left."""

    type: Literal["zone"]
    polygon: Polygon
    dwell_s: Seconds = Field(0.0, description="time inside before the alert is raised")
    leave_s: Seconds = Field(1.0, description="time outside before the stay is over")
    update_s: Annotated[Seconds, Field(gt=0)] = Field(10.0, description="between updates")


Rule = Annotated[TripwireSettings | ZoneSettings, Field(discriminator="type")]


class Camera(Settings):
    """One camera, or one file played as if it were one."""

    name: Name
    url: Annotated[SecretStr, AfterValidator(_url)] = Field(
        min_length=1, description="rtsp://..., rtsps://..., or the path of a file"
    )
    transport: Literal["tcp", "udp"] = "tcp"
    fps: float = Field(10.0, gt=0, le=60, description="most frames analysed per second, live only")
    stall_s: float = Field(6.0, ge=1, le=120, description="without a frame before reconnecting")
    realtime: bool = Field(True, description="files: play at the recorded speed")  # noqa: FBT003
    loop: bool = Field(False, description="files: start again at the end")  # noqa: FBT003
    frame_rate: float | None = Field(None, gt=0, le=240, description="files whose header lies")
    masks: tuple[Polygon, ...] = Field((), description="never seen, never stored")
    rules: tuple[Rule, ...] = ()


class Detect(Settings):
    """How the model runs."""

    score: Unit = Field(0.1, description="detections below are ignored; track.score is above it")
    providers: tuple[Literal["cpu", "cuda"], ...] = Field(("cpu",), min_length=1)
    threads: int = Field(1, ge=1, le=64, description="of one detector call")


class Track(Settings):
    """How detections become trajectories."""

    score: Unit = Field(0.5, description="a new track starts at this score or above")
    confirm_s: Seconds = Field(0.2, description="seen this long before it counts")
    lost_s: Seconds = Field(2.0, description="unseen this long before it ends")


class GrpcSinkSettings(Settings):
    """Push to a command centre's `Ingest.Report`."""

    type: Literal["grpc"]
    name: Name = "centre"
    target: Listen
    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None
    insecure: bool = Field(False, description="plain text, for tests and trusted links")  # noqa: FBT003

    @model_validator(mode="after")
    def _keys(self) -> Self:
        if (self.cert is None) != (self.key is None):
            raise ValueError("cert and key go together; give both or neither")
        if self.insecure and self.ca:
            raise ValueError("insecure and ca contradict each other; leave one out")
        return self


class Grpc(Settings):
    """Where the gRPC services listen."""

    listen: Listen = "127.0.0.1:50051"
    cert: Path | None = None
    key: Path | None = None
    client_ca: Path | None = Field(None, description="clients need a certificate signed by it")

    @model_validator(mode="after")
    def _keys(self) -> Self:
        if (self.cert is None) != (self.key is None):
            raise ValueError("cert and key go together; give both or neither")
        if self.client_ca and not self.cert:
            raise ValueError("client_ca needs cert and key too")
        return self


class Http(Settings):
    """Where health, metrics, API and console listen."""

    listen: Listen = "127.0.0.1:8080"


class Serve(Settings):
    """The listeners of the box."""

    grpc: Grpc = Grpc()
    http: Http = Http()
    allow_insecure: bool = Field(
        False,  # noqa: FBT003
        description="listen beyond this machine without TLS, behind a proxy or in a container",
    )

    @model_validator(mode="after")
    def _exposed(self) -> Self:
        plain = [self.http.listen] + ([] if self.grpc.cert else [self.grpc.listen])
        open_ones = [listen for listen in plain if not is_loopback(listen)]
        if open_ones and not self.allow_insecure:
            raise ValueError(
                f"{open_ones[0]} is reachable from other machines without TLS; listen on "
                "127.0.0.1, give cert and key (gRPC), or set allow_insecure: true behind a proxy"
            )
        return self


class Storage(Settings):
    """What is kept on disk, and for how long at most."""

    dir: Path = Field(Path("var"), description="relative to the configuration file")
    max_events: int = Field(100_000, ge=100)
    max_event_bytes: int = Field(256 * 2**20, ge=2**20)
    max_event_days: float = Field(30, gt=0, le=3650)
    max_evidence_bytes: int = Field(2 * 2**30, ge=2**20)
    max_evidence_hours: float = Field(72, gt=0, le=24 * 365)


class Config(Settings):
    """One site's box."""

    site: Name
    box: Name = "box"
    timezone: TimeZone = "UTC"
    model: str = Field("picodet-s-416", description="a name from `fenceline models list`")
    detect: Detect = Detect()
    track: Track = Track()
    schedules: dict[Name, Schedule] = {}
    cameras: tuple[Camera, ...] = Field(min_length=1, max_length=256)
    report: tuple[GrpcSinkSettings, ...] = ()
    serve: Serve = Serve()
    storage: Storage = Storage()

    @property
    def zone(self) -> ZoneInfo:
        """The site's time zone."""
        return ZoneInfo(self.timezone)
