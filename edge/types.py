"""The vocabulary: the values every room speaks in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from edge.alert_types import (
    Clock,
    Direction,
    Event,
    Fact,
    Gap,
    Grade,
    Kind,
    Motion,
    PathPoint,
    Sighting,
    State,
)

__all__ = [
    "CLASSES",
    "Boxes",
    "Clock",
    "Detections",
    "Direction",
    "Event",
    "Fact",
    "Frame",
    "Gap",
    "Grade",
    "Homography",
    "Ids",
    "Image",
    "Kind",
    "Luma",
    "Mask",
    "Motion",
    "Past",
    "PathPoint",
    "Picture",
    "Planes",
    "Points",
    "Receipt",
    "Region",
    "Scene",
    "Scores",
    "Sighting",
    "State",
    "Tracks",
]

Image: TypeAlias = NDArray[np.uint8]  # (height, width, 3), BGR
Planes: TypeAlias = NDArray[np.uint8]  # (height * 3 / 2, width): Y, then U and V at half the size
Luma: TypeAlias = NDArray[np.uint8]  # (height, width), brightness
Boxes: TypeAlias = NDArray[np.float32]  # (n, 4), x1 y1 x2 y2 in pixels of the frame
Scores: TypeAlias = NDArray[np.float32]  # (n,), 0..1
Ids: TypeAlias = NDArray[np.int64]  # (n,)
Points: TypeAlias = NDArray[np.float32]  # (n, 2), x y
Mask: TypeAlias = NDArray[np.bool_]  # (n,)
Homography: TypeAlias = NDArray[np.float64]  # (3, 3), the picture's 0..1 to metres on the ground
Region: TypeAlias = tuple[int, int, int, int]  # x1 y1 x2 y2 in pixels, within the picture

# People and vehicles are all this product looks for; the ids are COCO's.
CLASSES = {"person": 0, "bicycle": 1, "car": 2, "motorcycle": 3, "bus": 5, "truck": 7}


class Picture(Protocol):
    """One decoded picture; brightness and colour are made when asked for, of what is asked for."""

    @property
    def width(self) -> int:
        """Pixels."""

    @property
    def height(self) -> int:
        """Pixels."""

    def luma(self, width: int, height: int) -> Luma:
        """The brightness alone, averaged to this size; an array of its own."""

    def bgr(self, *, region: Region | None = None, size: tuple[int, int] | None = None) -> Image:
        """A region in colour (all of it without one), scaled to `size` (width, height) in one pass.

        Without a region and a size it is the whole picture, the same array on every call.
        """


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One decoded picture and when it was taken."""

    camera: str
    index: int  # counts the frames of this session, from 0
    pts: float  # monotonic seconds of this session; the only clock of track and rules
    time: float  # Unix seconds, UTC; for people, and for what leaves the box
    picture: Picture
    clock: Clock = Clock.ARRIVAL
    clock_offset_s: float = 0.0  # camera clock minus box clock, where both are known
    session: int = 0  # rises with every reconnect: ids never survive it
    clock_uncertainty_s: float | None = None  # of `time` against its own clock; None: unknown

    @property
    def image(self) -> Image:
        """The whole picture in colour."""
        return self.picture.bgr()

    @property
    def box_time(self) -> float:
        """`time` by the box's clock."""
        return self.time - (self.clock_offset_s if self.clock is Clock.RTCP else 0.0)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height, pixels."""
        return self.picture.width, self.picture.height


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    """What a detector saw in one frame: parallel arrays, one row per object. No ids, ever."""

    xyxy: Boxes
    score: Scores
    class_id: Ids

    def __post_init__(self) -> None:
        _check_rows(len(self.xyxy), score=self.score, class_id=self.class_id)

    def __len__(self) -> int:
        return len(self.xyxy)

    def __getitem__(self, rows: Any) -> Detections:
        return Detections(self.xyxy[rows], self.score[rows], self.class_id[rows])

    @classmethod
    def empty(cls) -> Detections:
        """No objects."""
        return cls(np.zeros((0, 4), np.float32), np.zeros(0, np.float32), np.zeros(0, np.int64))


@dataclass(frozen=True, slots=True, eq=False)
class Past:
    """Where an object was measured before it was confirmed, oldest first."""

    pts: NDArray[np.float64]  # (n,), seconds
    xyxy: Boxes


@dataclass(frozen=True, slots=True, eq=False)
class Tracks:
    """The confirmed objects seen in one frame, and the ids that ended with it.

    A box is the one the detector measured, never a filter's guess; an object that
    is not confirmed yet, or not seen in this frame, is not here at all. An id is
    never reused within a camera session and means nothing outside it. `past` has
    what was measured before an id was given: to a new object, or to one that was
    taken for new after a gap and is the one that was lost. Where that turns out
    wrong soon after, `split` has the id that the object goes on under instead.
    """

    id: Ids
    xyxy: Boxes
    score: Scores
    class_id: Ids  # decided once per track
    velocity: Points  # of the box centre, pixels per second
    ended: Ids  # said exactly once for each id that was ever here
    past: Mapping[int, Past] = field(default_factory=dict)  # by ids given just now
    split: Mapping[int, int] = field(default_factory=dict)  # by ids taken away just now: the new id

    def __post_init__(self) -> None:
        rows = len(self.id)
        if (
            not rows
            == len(self.xyxy)
            == len(self.score)
            == len(self.class_id)
            == len(self.velocity)
        ):
            _check_rows(
                rows,
                xyxy=self.xyxy,
                score=self.score,
                class_id=self.class_id,
                velocity=self.velocity,
            )

    def __len__(self) -> int:
        return len(self.id)

    @classmethod
    def empty(cls, ended: Ids | None = None) -> Tracks:
        """No objects; perhaps some that ended."""
        none = Detections.empty()
        ids = np.zeros(0, np.int64)
        ended = ids if ended is None else ended
        velocity = np.zeros((0, 2), np.float32)
        return cls(ids, none.xyxy, none.score, none.class_id, velocity, ended)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a sink answered: everything up to `acked` is its own affair now."""

    acked: int
    rejected: Mapping[int, str] = field(default_factory=dict)  # sequence -> why


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """The newest analysed picture of a camera, masks burned in, for evidence and console."""

    frame: Frame
    tracks: Tracks
    people: Boxes  # whatever must be pixelated, pixels of the frame


def _check_rows(rows: int, **columns: NDArray[Any]) -> None:
    for name, column in columns.items():
        if len(column) != rows:
            raise ValueError(f"{name} has {len(column)} rows, expected {rows}")
