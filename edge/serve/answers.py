"""What the HTTP API answers, as types: the OpenAPI document is made of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from edge.status import BoxStatus
from edge.types import Grade


@dataclass(frozen=True, slots=True)
class Health:
    """The process answers."""

    status: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """How far a sink or a consumer is."""

    name: str
    connected: bool
    backlog: int  # events that it has not acknowledged
    oldest_age_s: float | None  # of the oldest of them


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether frames are really being analysed, and why not; and whether events arrive.

    A sink that is late makes nothing unready: the box watches, and keeps what it has to tell.
    """

    ready: bool
    not_ready: Sequence[str]
    delivery: Sequence[Delivery] = ()


@dataclass(frozen=True, slots=True)
class Status:
    """How the box is, and what time it has."""

    ready: bool
    time: float  # Unix seconds by the box's clock: what the ages of its alerts are counted from
    box: BoxStatus


@dataclass(frozen=True, slots=True)
class Shape:
    """A rule's line or polygon in the picture, 0..1, origin top left."""

    name: str
    type: str
    grade: Grade
    points: Sequence[tuple[float, float]]
    direction: str | None = None  # inward, outward or both; of tripwires only


@dataclass(frozen=True, slots=True)
class Overlay:
    """What to draw over a camera's picture."""

    shapes: Sequence[Shape]


@dataclass(frozen=True, slots=True)
class SeenObject:
    """An object in a picture; box is x1 y1 x2 y2, 0..1."""

    class_name: str
    score: float
    box: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen in one picture, and where that very picture is."""

    frame: str  # the picture's name, as in its ETag
    picture: str  # its address; it is kept for a few pictures more
    session: int
    index: int
    time: float  # Unix seconds
    width: int
    height: int
    objects: Sequence[SeenObject]
