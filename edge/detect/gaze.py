"""Where to look in the pictures of one camera, and what is worth reporting of what was found."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum

import numpy as np

from edge.detect.barren import Barren
from edge.detect.motion import Motion, Moved
from edge.detect.regions import UPRIGHT, Look, looks
from edge.detect.stills import Stills
from edge.detect.whole import Fit
from edge.geometry import area, overlap, rescaled
from edge.types import Boxes, Detections, Frame, Mask, Region

WIDE, NARROW = 320, 160  # pixels of the brightness that motion is looked for in, most and least
SHRINK = 4  # of the picture, between them
STORM_S = 1.0  # while the whole picture moves it is looked at as a whole this often, no more
FRUIT = 0.5  # the score from which a detection is something found: such start tracks
VAIN_S = 2.0  # of looks at what moves in one place found nothing there (rain, leaves, shadows),
DEAR = 20.0  # and so much less where they cover more: a tenth of the picture counts three times
BARREN_S = 1.0  # then it is looked at this often only, until something is found
LARGE = 0.2  # of the picture, in width or height: what is so large and not upright is told by all
LARGE_S = 0.3  # that surrounds it: the whole picture is looked at this often while it moves, until
LARGE_VAIN_S = 0.6  # that was in vain;
FRESH_S = 0.5  # when it is found, all the time until it is followed
SURE = 0.3  # the score from which a detection may be taken for part of the scene
FULL = 0.8  # of a whole picture's cost: parts that cost as much are not worth their trouble,
MANY = 64  # nor are those of so many objects: joining them takes longer than looking
TICK_S = 1e-6  # times less far apart are equal
LEAST_FOR_ALL = {"full": 0, "motion": 1, "tiles": math.inf, "canvas": MANY}  # objects, by mode


def _nothing() -> Boxes:
    return np.zeros((0, 4), np.float32)


class Urgency(IntEnum):
    """Why a picture is looked at, the least pressing first."""

    NOTHING = 0
    SWEEP = 1
    MOTION = 2
    TRACK = 3


@dataclass(frozen=True, slots=True, eq=False)
class Glance:
    """One picture and the parts of it that are worth a look."""

    frame: Frame
    looks: Sequence[Look]
    urgency: Urgency
    moved: Moved
    whole: bool  # all of it is looked at
    expected: Boxes = field(default_factory=_nothing)  # where followed objects should be
    tried: Boxes = field(default_factory=_nothing)  # of what moves, what is not followed;
    strange: Boxes = field(default_factory=_nothing)  # of that, what is large and holds nobody

    @property
    def cost(self) -> int:
        """Pixels of the canvas."""
        return sum(look.cost for look in self.looks)

    @property
    def looked(self) -> list[Region] | None:
        """The parts that are looked at; None: all of the picture."""
        return None if self.whole else [look.region for look in self.looks]


class Gaze:
    """One camera's attention: motion, objects that are followed, and all of it now and then.

    What the motion gate misses is found by the sweep, at most `sweep_s` later.
    """

    def __init__(self, fit: Fit, *, mode: str = "canvas", sweep_s: float = 4.0) -> None:
        self._fit, self._mode, self._sweep_s = fit, mode, sweep_s
        self._begin(0)

    def look(self, frame: Frame, expected: Boxes, *, slack: float = 1.0) -> Glance:
        """Decide what to look at; `expected` (n, 4) is where followed objects should be.

        With `slack` above 1 sweeps are so much rarer.
        """
        if frame.session != self._session:
            self._begin(frame.session)
        moved = self._motion.update(frame.picture.luma(*self._luma(frame)), frame.pts)
        moving, tried = self._moving(frame, moved, expected)
        strange = tried[_large(tried, frame.size) & ~_holding(tried, expected)]
        pressing = bool(self._strange.worth(_places(strange, frame), frame.pts).any())
        whole = self._due(frame.pts, slack, moved, strange=pressing)
        glance = self._glance(frame, moved, expected, moving, whole=whole)
        return replace(glance, expected=expected, tried=tried, strange=strange)

    def objects(self, glance: Glance, found: Detections) -> Detections:
        """What of the detections of a glance, which was looked at, is worth following."""
        frame = glance.frame
        if glance.whole:
            self._swept = frame.pts
        sure = np.flatnonzero(found.score >= SURE)  # what is less sure starts no track
        boxes = rescaled(found.xyxy[sure], frame.size, self._luma(frame))
        kept = np.ones(len(found), bool)
        kept[sure] = self._stills.update(found[sure], boxes, glance.moved, frame.pts)
        self._learn(glance, found.xyxy[kept & (found.score >= FRUIT)])
        return found[kept]

    @property
    def learned(self) -> int:
        """How many things that are no objects are known."""
        return len(self._stills)

    def _begin(self, session: int) -> None:
        self._session = session
        self._motion, self._stills = Motion(), Stills()
        self._barren = Barren(VAIN_S, BARREN_S, dear=DEAR)
        self._strange = Barren(LARGE_VAIN_S, math.inf)  # the sweep looks there again
        self._swept = self._fresh = -math.inf

    def _learn(self, glance: Glance, fruit: Boxes) -> None:
        """Where what moves is something and where it is not."""
        frame, tried, strange = glance.frame, glance.tried, glance.strange
        big = fruit[_large(fruit, frame.size)]
        if _elsewhere(big, glance.expected).any():
            self._fresh = frame.pts
        if len(tried):
            self._barren.looked(_places(tried, frame), _holding(tried, fruit), frame.pts)
        if glance.whole and len(strange):
            self._strange.looked(_places(strange, frame), _holding(strange, big), frame.pts)

    def _moving(self, frame: Frame, moved: Moved, expected: Boxes) -> tuple[Boxes, Boxes]:
        """What moves and is worth a look, pixels of the frame; what of it is not followed."""
        moving = rescaled(moved.boxes, self._luma(frame), frame.size)
        if not len(moving):
            return moving, moving
        free = _elsewhere(moving, expected)
        worth = self._barren.worth(_places(moving, frame), frame.pts)
        return moving[worth | ~free], moving[worth & free]

    def _glance(
        self, frame: Frame, moved: Moved, expected: Boxes, moving: Boxes, *, whole: bool
    ) -> Glance:
        objects = np.asarray(np.vstack((expected, moving)), np.float32)
        urgency = Urgency.TRACK if len(expected) else Urgency.MOTION if len(moving) else Urgency(0)
        if whole:
            return self._all(frame, moved, max(urgency, Urgency.SWEEP))
        if len(objects) >= LEAST_FOR_ALL[self._mode]:
            return self._all(frame, moved, urgency)
        scales, native = self._fit.scales(*frame.size), self._mode == "tiles"
        parts = looks(objects, frame.size, scales, self._fit.size, native=native)
        if not native and sum(part.cost for part in parts) > FULL * self._whole(frame).cost:
            return self._all(frame, moved, urgency)
        return Glance(frame, parts, urgency, moved, whole=False)

    def _due(self, pts: float, slack: float, moved: Moved, *, strange: bool) -> bool:
        """Whether all of the picture must be looked at again."""
        since = pts - self._swept
        return (
            since >= self._sweep_s * slack
            or (moved.everywhere and since >= STORM_S)
            or (strange and since >= LARGE_S - TICK_S)
            or pts - self._fresh <= FRESH_S
        )

    def _all(self, frame: Frame, moved: Moved, urgency: Urgency) -> Glance:
        return Glance(frame, [self._whole(frame)], urgency, moved, whole=True)

    def _whole(self, frame: Frame) -> Look:
        width, height = frame.size
        x, y = self._fit.scales(width, height)
        return Look((0, 0, width, height), (max(1, round(width * x)), max(1, round(height * y))))

    @staticmethod
    def _luma(frame: Frame) -> tuple[int, int]:
        """Width and height of the brightness, of the picture's own shape."""
        width = min(max(frame.size[0] // SHRINK, NARROW), WIDE)
        return width, max(1, round(width * frame.size[1] / frame.size[0]))


def _places(boxes: Boxes, frame: Frame) -> Boxes:
    """Boxes in pixels of a frame as parts of it, 0..1."""
    return rescaled(boxes, frame.size, (1, 1))


def _elsewhere(boxes: Boxes, expected: Boxes) -> Mask:
    """Which are not, for the most part, where objects are expected."""
    return np.asarray(overlap(boxes, expected).sum(axis=1) < area(boxes) / 2, bool)


def _holding(boxes: Boxes, found: Boxes) -> Mask:
    """Which have most of something that was found, or lie for the most part in it."""
    if not len(found):
        return np.zeros(len(boxes), bool)
    least = np.minimum(area(boxes)[:, None], area(found)) / 2
    return np.asarray((overlap(boxes, found) >= least).any(axis=1), bool)


def _large(boxes: Boxes, picture: tuple[int, int]) -> Mask:
    """Which are large in a picture of (width, height), and not upright."""
    width, height = (boxes[:, 2:] - boxes[:, :2]).T
    large = (width >= LARGE * picture[0]) | (height >= LARGE * picture[1])
    return np.asarray(large & (height < UPRIGHT * width), bool)
