"""What settings are made of: checked names, numbers, shapes and addresses."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Annotated
from zoneinfo import available_timezones

import numpy as np
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from edge.geometry import crosses_itself, homography, plane_condition, to_ground
from edge.types import CLASSES

MOST_CONDITION = 1e4  # of points of the ground: beyond, three of four are on one line
MOST_OFF_M = 1.0  # by which a measured point of the ground may be off
CLOCK = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")
MIDNIGHT = "24:00"  # at the end of a day
SCHEMES = ("rtsp", "rtsps", "http", "https", "v4l2", "file")


def is_loopback(listen: str) -> bool:
    """Whether HOST:PORT can only be reached from this machine."""
    host = listen.rpartition(":")[0].strip("[]")
    return host in {"localhost", "::1"} or host.startswith("127.")


def needs_both(cert: object, key: object) -> None:
    """A certificate is of no use without its key, nor the other way round."""
    if (cert is None) != (key is None):
        raise ValueError("cert and key go together; give both or neither")


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
    if any(one == other for one, other in pairwise(value)):
        raise ValueError("two neighbours are the same point; give different points")
    return value


def _listen(value: str) -> str:
    host, _, port = value.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:  # noqa: PLR2004 - TCP's last port
        raise ValueError("not an address; write HOST:PORT, for example 127.0.0.1:8080")
    return value


def _url(value: SecretStr) -> SecretStr:
    scheme, found, _ = value.get_secret_value().partition("://")
    if found and scheme.lower() not in SCHEMES:
        known = ", ".join(f"{scheme}://" for scheme in SCHEMES)
        raise ValueError(f"unknown kind of address; use {known} or the path of a file or folder")
    return value


def _daily(value: str) -> str:
    start, _, end = value.partition("-")
    if not CLOCK.fullmatch(start) or not (CLOCK.fullmatch(end) or end == MIDNIGHT):
        raise ValueError('not a span of the day; write "HH:MM-HH:MM", for example "19:00-06:00"')
    if start == end:
        raise ValueError('start and end are the same; write "00:00-24:00" for all day')
    return value


Name = Annotated[str, Field(min_length=1, max_length=64), AfterValidator(_name)]
Unit = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Seconds = Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)]
Point = tuple[Unit, Unit]
Polygon = Annotated[tuple[Point, ...], Field(min_length=3, max_length=64), AfterValidator(_polygon)]
Polyline = Annotated[tuple[Point, ...], Field(min_length=2, max_length=16), AfterValidator(_line)]
Course = Annotated[tuple[Point, Point], AfterValidator(_line)]
Metres = Annotated[float, Field(ge=-10_000, le=10_000)]
ClassName = Annotated[str, AfterValidator(_class)]
Listen = Annotated[str, AfterValidator(_listen)]
Url = Annotated[SecretStr, AfterValidator(_url)]
DailySpan = Annotated[str, AfterValidator(_daily)]
TimeZone = Annotated[str, AfterValidator(_timezone)]


class Settings(BaseModel):
    """Frozen, and an unknown key is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class GroundPoint(Settings):
    """A point of the picture, and where it lies on the ground."""

    at: Point
    metres: tuple[Metres, Metres] = Field(description="along two axes of the site's choice")


def _ground(points: tuple[GroundPoint, ...]) -> tuple[GroundPoint, ...]:
    if not points:
        return points
    picture, metres = [one.at for one in points], [one.metres for one in points]
    plane = homography(picture, metres)
    if plane_condition(np.array(picture), np.array(metres)) > MOST_CONDITION:
        raise ValueError("the points don't tell a plane; give four or more, no three on one line")
    places = to_ground(np.array(picture), plane)
    off = np.hypot(*(places - np.array(metres)).T)
    worst = int(off.argmax())
    if not off[worst] <= MOST_OFF_M:
        raise ValueError(
            f"point {worst + 1} lies {off[worst]:.1f} m from where the others put it; measure again"
        )
    return points


Ground = Annotated[tuple[GroundPoint, ...], Field(max_length=64), AfterValidator(_ground)]
