"""What a network takes for an object and is none: a sign, a rock, a cone. Background, with expiry.

An object arrives: it moves to where it is. What is found in one place from the first moment on,
where nothing has moved before and nothing moves since, is part of the scene.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.detect.motion import Moved
from edge.geometry import iou
from edge.types import Boxes, Detections, Ids, Mask

SAME = 0.7  # intersection over union of two boxes in one place
NEAR = 0.05  # of two boxes that may be one object on the move
QUIET = 0.1  # share of a box that may move without anything being there
PASSING = 0.3  # share that moves where something passes: then what is found may be that
LEARN_S = 8.0  # found, and nothing moving, for so long
TRAIL_S = 3.0  # what moved so recently may be what is found now
FORGET_S = 60.0  # not found for so long although it was looked for
STRONGER = 0.2  # a score so much above the usual is something else
PACE = 0.1  # of box and score towards what is found


@dataclass(slots=True, eq=False)
class _Places:
    """One row per place where something was found."""

    xyxy: Boxes
    class_id: Ids
    score: NDArray[np.float32]
    quiet: NDArray[np.float64]  # seconds found while nothing moved
    seen: NDArray[np.float64]  # pts
    arrived: Mask  # something moved there before: an object, whatever it does now

    def __getitem__(self, rows: Mask) -> _Places:
        return _Places(
            self.xyxy[rows],
            self.class_id[rows],
            self.score[rows],
            self.quiet[rows],
            self.seen[rows],
            self.arrived[rows],
        )


class Stills:
    """The places of one camera session. Pure: time is what the pictures say."""

    def __init__(self) -> None:
        none = Detections.empty()
        self._places = _Places(
            none.xyxy,
            none.class_id,
            none.score,
            np.zeros(0),
            np.zeros(0),
            np.zeros(0, bool),
        )
        self._trail: NDArray[np.float32] | None = None  # pts of the last motion of every pixel

    def __len__(self) -> int:
        return int(np.count_nonzero(self._places.quiet >= LEARN_S))

    def update(self, found: Detections, boxes: Boxes, moved: Moved, pts: float) -> Mask:
        """Which of the detections are objects; `boxes` are theirs in pixels of the brightness."""
        shares = moved.shares(boxes)
        if moved.everywhere:  # nothing can be told now
            shares = np.ones(len(found), np.float32)
        places, likeness = self._places, self._likeness(found)
        matched = _matches(likeness)
        known = matched >= 0
        rows = matched[known]
        learned = np.zeros(len(found), bool)
        learned[known] = (
            (places.quiet[rows] >= LEARN_S)
            & (shares[known] < PASSING)
            & (found.score[known] < places.score[rows] + STRONGER)
        )
        self._see(rows, found[known], shares[known], pts)
        self._remember(moved, pts)
        self._add(found[~known], boxes[~known], likeness[~known], pts)
        fresh = pts - self._places.seen <= FORGET_S
        if not fresh.all():
            self._places = self._places[fresh]
        return ~learned

    def _likeness(self, found: Detections) -> NDArray[np.float32]:
        """Of every detection to every place: intersection over union, 0 between classes."""
        places = self._places
        likeness = iou(found.xyxy, places.xyxy)
        likeness[found.class_id[:, None] != places.class_id] = 0
        return likeness

    def _see(
        self, rows: NDArray[np.int64], found: Detections, shares: NDArray[np.float32], pts: float
    ) -> None:
        places = self._places
        calm = shares < QUIET
        still = rows[calm]
        passed = np.minimum(pts - places.seen[still], 1.0)  # looked for once a second or less
        places.quiet[still] += np.where(places.arrived[still], 0.0, passed)
        places.xyxy[still] += PACE * (found.xyxy[calm] - places.xyxy[still])
        places.score[still] += PACE * (found.score[calm] - places.score[still])
        places.seen[rows] = pts

    def _add(
        self, found: Detections, boxes: Boxes, likeness: NDArray[np.float32], pts: float
    ) -> None:
        """New places; an object's where it has come from somewhere."""
        if not len(found):
            return
        old, count = self._places, len(found)
        came = ((likeness >= NEAR) & (pts - old.seen <= TRAIL_S)).any(axis=1)
        self._places = _Places(
            np.vstack((old.xyxy, found.xyxy)),
            np.append(old.class_id, found.class_id),
            np.append(old.score, found.score).astype(np.float32),
            np.append(old.quiet, np.zeros(count)),
            np.append(old.seen, np.full(count, pts)),
            np.append(old.arrived, came | self._trodden(boxes, pts)),
        )

    def _trodden(self, boxes: Boxes, pts: float) -> Mask:
        """Where something moves, or moved a moment ago."""
        if self._trail is None:
            return np.zeros(len(boxes), bool)
        recent = (self._trail > pts - TRAIL_S).astype(np.uint8)
        return Moved(recent, boxes, everywhere=False).shares(boxes) >= QUIET

    def _remember(self, moved: Moved, pts: float) -> None:
        if self._trail is None or self._trail.shape != moved.mask.shape:
            self._trail = np.full(moved.mask.shape, -np.inf, np.float32)
        if not moved.everywhere:
            np.copyto(self._trail, pts, where=moved.mask.view(bool))


def _matches(likeness: NDArray[np.float32]) -> NDArray[np.int64]:
    """For each detection the place it was found in before, or -1."""
    if not likeness.size:
        return np.full(len(likeness), -1)
    best = likeness.argmax(axis=1)
    fits = likeness[np.arange(len(likeness)), best] >= SAME
    return np.where(fits, best, -1)
