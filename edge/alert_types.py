"""What an alert tells: the vocabulary of events, which `edge.types` has all of."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from operator import attrgetter
from typing import Any


class Clock(StrEnum):
    """Where a frame's wall-clock time comes from."""

    ARRIVAL = "arrival"  # this box's clock when the picture arrived
    RTCP = "rtcp"  # the camera's own clock, from its RTCP sender reports (RFC 3550)
    FILE = "file"  # start of the recording plus the file's presentation time


class Kind(StrEnum):
    """What kind of thing happened: one per rule type, what befalls a camera or the box."""

    TRIPWIRE = "tripwire"
    ZONE = "zone"
    CAMERA_OFFLINE = "camera_offline"
    IMAGE_DARK = "image_dark"
    IMAGE_BRIGHT = "image_bright"
    IMAGE_BLURRED = "image_blurred"
    IMAGE_FROZEN = "image_frozen"
    CAMERA_COVERED = "camera_covered"
    SCENE_CHANGED = "scene_changed"
    DEGRADED = "degraded"
    LOITERING = "loitering"
    SEQUENCE = "sequence"
    WRONG_WAY = "wrong_way"
    STOPPED = "stopped"
    LEFT_OBJECT = "left_object"
    OCCUPANCY = "occupancy"
    EXCLUSION = "exclusion"
    TAILGATING = "tailgating"
    MANUAL = "manual"
    INPUT = "input"
    ARMING = "arming"
    DELIVERY = "delivery"
    CANARY = "canary"


class State(StrEnum):
    """Where an alert is in its life."""

    RAISED = "raised"
    UPDATED = "updated"
    CLEARED = "cleared"


class Direction(StrEnum):
    """Which way a tripwire was crossed, seen from its first point looking at its next."""

    INWARD = "inward"  # from the left hand to the right hand
    OUTWARD = "outward"  # from the right hand to the left hand


class Grade(StrEnum):
    """How grave an alert is."""

    BLUE = "blue"
    YELLOW = "yellow"
    RED = "red"


@dataclass(frozen=True, slots=True)
class Sighting:
    """One object in one frame, as an alert tells it: everything 0..1, origin top left."""

    track: int  # 0: nobody tracks it
    class_id: int | None  # None: a thing of no class that is looked for
    score: float  # the detector's; 0: it did not see it
    box: tuple[float, float, float, float]
    foot: tuple[float, float]


@dataclass(frozen=True, slots=True)
class PathPoint:
    """Where a track's foot point was, 0..1, and when, in pts seconds."""

    x: float
    y: float
    pts: float
    ground: tuple[float, float] | None = None  # metres; None: not calibrated, or not on the ground


@dataclass(frozen=True, slots=True)
class Gap:
    """A track was not seen between these, pts seconds, so that how it went there is a guess.

    It was found again, or somebody who began there was taken for it.
    """

    lost: float
    found: float


@dataclass(frozen=True, slots=True)
class Motion:
    """How a track moved when it was seen last; each `_sd` is one standard deviation.

    The heading is in degrees clockwise. 0 is up in the picture, or +y on the ground.
    """

    speed: float  # metres per second on the ground, else picture heights per second
    speed_sd: float
    heading: float  # 0..360
    heading_sd: float  # 180: no direction, it stands still
    on_ground: bool


@dataclass(frozen=True, slots=True)
class Fact:
    """A number that decided about an alert, and what it had to be."""

    name: str  # one word: dwell, beyond, count, distance, ...
    value: float
    unit: str = ""  # s, m, m/s, deg; empty: a number, or a part of the picture's height
    least: float | None = None  # it had to be that much,
    most: float | None = None  # or no more than that


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened, as a rule words it; its identity is given by the outbox.

    `key` says which of the rule's own alerts this belongs to: RAISED opens it,
    UPDATED goes on, CLEARED closes it.
    """

    kind: Kind
    camera: str  # empty: the box itself
    rule: str
    state: State
    key: str
    reason: str  # one word: crossed, returned, entered, dwelling, left, track_ended, ...
    pts: float
    time: float
    sighting: Sighting | None = None  # None where there is nothing to see, as on a restart
    direction: Direction | None = None
    dwell_s: float | None = None
    clock: Clock = Clock.ARRIVAL
    clock_offset_s: float = 0.0
    clock_uncertainty_s: float | None = None
    path: tuple[PathPoint, ...] = ()  # of the track, oldest first; the pipeline puts it in
    gaps: tuple[Gap, ...] = ()  # of the track, oldest first
    motion: Motion | None = None  # None: seen for too short a time
    facts: tuple[Fact, ...] = ()  # what decided
    margin: float = 1.0  # 0..1: how far beyond its limits that was; 0: it only just decided
    # 0..1, see `edge.rules.confidence`; of what is tracked the pipeline puts it in.
    confidence: float | None = None
    who: str = ""  # a person or a system that caused it by word, as it named itself
    note: str = ""  # what was said

    def but(self, **changes: Any) -> Event:
        """As `dataclasses.replace`, in half the time: that one looks at each field by itself."""
        return Event(**dict(zip(_NAMES, _VALUES(self), strict=True)) | changes)


_NAMES = [one.name for one in fields(Event)]
_VALUES = attrgetter(*_NAMES)
