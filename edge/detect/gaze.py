"""Where to look in the pictures of one camera, and what is worth reporting of what was found."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

import numpy as np

from edge.detect.motion import Motion, Moved
from edge.detect.regions import Look, looks
from edge.detect.stills import Stills
from edge.detect.whole import Fit
from edge.geometry import area, overlap, rescaled
from edge.types import Boxes, Detections, Frame, Region

WIDE, NARROW = 320, 160  # pixels of the brightness that motion is looked for in, most and least
SHRINK = 4  # of the picture, between them
VAIN_S = 2.0  # of looks at what moves that found nothing: rain, leaves, shadows
BARREN_S = 1.0  # then it is looked at this often only, until something is found,
LULL_S = 5.0  # or nothing has moved for so long
LOOK_S = 0.2  # that one look counts for, at most
STORM_S = 1.0  # while the whole picture moves it is looked at as a whole this often, no more
FRUIT = 0.5  # the score from which a detection is something found: such start tracks
SURE = 0.3  # the score from which a detection may be taken for part of the scene
FULL = 0.8  # of a whole picture's cost: parts that cost as much are not worth their trouble,
MANY = 64  # nor are those of so many objects: joining them takes longer than looking
LEAST_FOR_ALL = {"full": 0, "motion": 1, "tiles": math.inf, "canvas": MANY}  # objects, by mode


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
    expected: Boxes | None = None  # where followed objects should be; given where more moves

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
        self._vain_s = 0.0  # for so long looks at what moves have found nothing
        self._swept = self._tried = -math.inf  # pts
        self._begin(0)

    def look(self, frame: Frame, expected: Boxes, *, slack: float = 1.0) -> Glance:
        """Decide what to look at; `expected` (n, 4) is where followed objects should be.

        With `slack` above 1 sweeps are so much rarer.
        """
        if frame.session != self._session:
            self._begin(frame.session)
        moved = self._motion.update(frame.picture.luma(*self._luma(frame)), frame.pts)
        moving = self._moving(frame, moved)
        glance = self._glance(frame, moved, expected, moving, slack=slack)
        if len(_elsewhere(moving, expected)):
            return replace(glance, expected=expected)
        return glance

    def objects(self, glance: Glance, found: Detections) -> Detections:
        """What of the detections of a glance, which was looked at, is worth following."""
        frame = glance.frame
        if glance.whole:
            self._swept = frame.pts
        sure = np.flatnonzero(found.score >= SURE)  # what is less sure starts no track
        boxes = rescaled(found.xyxy[sure], frame.size, self._luma(frame))
        kept = np.ones(len(found), bool)
        kept[sure] = self._stills.update(found[sure], boxes, glance.moved, frame.pts)
        if glance.expected is not None:
            fruit = kept & (found.score >= FRUIT)
            new = _elsewhere(found.xyxy[fruit], glance.expected)
            since = frame.pts - self._tried
            before = 0.0 if since > LULL_S else self._vain_s
            self._vain_s = 0.0 if len(new) else before + min(since, LOOK_S)
            self._tried = frame.pts
        return found[kept]

    @property
    def learned(self) -> int:
        """How many things that are no objects are known."""
        return len(self._stills)

    def _begin(self, session: int) -> None:
        self._session = session
        self._motion, self._stills = Motion(), Stills()
        self._swept = self._tried = -math.inf
        self._vain_s = 0.0

    def _moving(self, frame: Frame, moved: Moved) -> Boxes:
        """What moves, in pixels of the frame; nothing while that has been in vain too often."""
        if self._vain_s >= VAIN_S and frame.pts - self._tried < BARREN_S:
            return np.zeros((0, 4), np.float32)
        return rescaled(moved.boxes, self._luma(frame), frame.size)

    def _glance(
        self, frame: Frame, moved: Moved, expected: Boxes, moving: Boxes, *, slack: float
    ) -> Glance:
        objects = np.asarray(np.vstack((expected, moving)), np.float32)
        urgency = Urgency.TRACK if len(expected) else Urgency.MOTION if len(moving) else Urgency(0)
        if self._due(frame.pts, slack, everywhere=moved.everywhere):
            return self._all(frame, moved, max(urgency, Urgency.SWEEP))
        if len(objects) >= LEAST_FOR_ALL[self._mode]:
            return self._all(frame, moved, urgency)
        scales, native = self._fit.scales(*frame.size), self._mode == "tiles"
        parts = looks(objects, frame.size, scales, self._fit.size, native=native)
        if not native and sum(part.cost for part in parts) > FULL * self._whole(frame).cost:
            return self._all(frame, moved, urgency)
        return Glance(frame, parts, urgency, moved, whole=False)

    def _due(self, pts: float, slack: float, *, everywhere: bool) -> bool:
        """Whether all of the picture must be looked at again."""
        since = pts - self._swept
        return since >= self._sweep_s * slack or (everywhere and since >= STORM_S)

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


def _elsewhere(boxes: Boxes, expected: Boxes) -> Boxes:
    """Those that are not, for the most part, where an object is expected."""
    if not len(boxes) or not len(expected):
        return boxes
    shared = overlap(boxes, expected).max(axis=1)
    return np.asarray(boxes[shared < area(boxes) / 2], np.float32)
