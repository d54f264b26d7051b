"""The tracks of all cameras, one row each, in arrays that a camera's rows lie side by side in."""

from __future__ import annotations

import math
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from edge.track.numbers import LEAST_SIZE, SIZE_SPEED
from edge.types import CLASSES, Boxes, Ids, Points, Scores

Number = TypeVar("Number", np.float64, np.int64)
Rows = NDArray[np.int64]
Floats = NDArray[np.float64]
Own = tuple[Floats, Rows]  # a camera's part of `State.table` and `State.marks`

KINDS = max(CLASSES.values()) + 1
KNOWN = sum(1 << kind for kind in CLASSES.values())  # a bit for each class
UNNAMED = 0  # the id of a track that has none yet
FIRST_ROOM = 16  # rows of a camera that begins

# Columns of `table`: a box's centre, width and height, pixels, their speeds per second, and the
# variances of place, of both and of speed, which the four share; since when it counts as seen and
# when it was seen last, pts; for each class, the scores it was seen with.
PLACE, SPEED, MOTION = slice(0, 4), slice(4, 8), slice(0, 11)
VAR_PLACE, VAR_BOTH, VAR_SPEED = 8, 9, 10
BORN, SEEN = 11, 12
VOTES = 13
WIDTH = VOTES + KINDS
ID, CLASS, BIRTH = 0, 1, 2  # of `marks`; BIRTH numbers the tracks of a camera
START, COUNT, ROOM, BIRTHS = 0, 1, 2, 3  # of `spans`; BIRTHS: tracks that the camera ever started
BELIEVED = np.array((1.0, 1.0, SIZE_SPEED, SIZE_SPEED))

Knobs = tuple[float, float, float, float]  # scores of sure and of new, confirm_s, lost_s
Found = tuple[Boxes, Scores, Ids]  # of all cameras of a turn, one camera's behind the other's
Tables = tuple[Floats, Rows, Rows, Floats, Floats]  # table, marks, spans, clocks, grounds

BAD_BOX, BAD_SCORE, BAD_CLASS, BAD_TIME, NO_ROOM = (
    -1,
    -2,
    -3,
    -4,
    -5,
)  # what keeps a turn from being made

ROW, DETECTION, RIPE = 0, 1, 2  # of `Told.tentative`: of the camera both; whether it is due


class Told(NamedTuple):
    """What a turn found out, written into arrays.

    Of each camera the first rows from its first detection on: `counts` has how many objects were
    seen that are confirmed, or are due to be (these come last, in the order of their rows, and
    have no id yet), how many ids ended, and how many tentative tracks were seen. `ended` has no
    gaps between cameras.
    """

    id: Ids
    xyxy: Boxes
    score: Scores
    class_id: Ids
    velocity: Points
    tentative: Rows  # (detections, 3)
    ended: Ids
    counts: Rows  # (cameras, 3)


class State:
    """Every track of the box. A camera has a slot, and its rows the span of that slot.

    A slot that is closed is used again; its rows are not.
    """

    def __init__(self) -> None:
        self.table = np.zeros((0, WIDTH))
        self.marks = np.zeros((0, 3), np.int64)
        self.spans = np.zeros((0, 4), np.int64)
        self.clocks = np.zeros(0)  # pts of each camera's newest frame; NaN before the first
        self.grounds = np.zeros((0, 9))  # homographies from pixels to metres; NaN where unknown
        self._free: list[int] = []

    def open(self) -> int:
        """A slot for a camera session."""
        if not self._free:
            self._free.append(len(self.spans))
            self.spans = np.vstack((self.spans, np.zeros((1, 4), np.int64)))
            self.clocks = np.append(self.clocks, 0.0)
            self.grounds = np.vstack((self.grounds, np.zeros((1, 9))))
        slot = self._free.pop()
        self.spans[slot, COUNT], self.spans[slot, BIRTHS] = 0, 0
        self.clocks[slot], self.grounds[slot] = math.nan, math.nan
        return slot

    def close(self, slot: int) -> None:
        """The session is over."""
        self.spans[slot, COUNT] = 0
        self._free.append(slot)

    def rows(self, slot: int) -> slice:
        """The camera's rows."""
        start, count, *_ = self.spans[slot].tolist()
        return slice(start, start + count)

    def make_room(self, slot: int, more: int) -> None:
        """See that the camera's rows can be so many more."""
        _, count, room, _ = self.spans[slot].tolist()
        if count + more > room:
            self._rebuild(slot, max(FIRST_ROOM, 2 * (count + more)))

    def drop(self, slot: int, gone: Ids) -> None:
        """Forget these rows (counted from the camera's first)."""
        span = self.rows(slot)
        kept = np.delete(np.arange(span.start, span.stop), gone)
        for array in (self.table, self.marks):
            array[span.start : span.start + len(kept)] = array[kept]
        self.spans[slot, COUNT] = len(kept)

    def boxes(self, slot: int, dt: float) -> Boxes:
        """Where the camera's tracks are believed to be in dt seconds, shape (n, 4), corners."""
        motion = self.table[self.rows(slot)]
        place = motion[:, PLACE] + dt * (motion[:, SPEED] * BELIEVED)
        half = np.maximum(place[:, 2:], LEAST_SIZE) / 2
        return np.hstack((place[:, :2] - half, place[:, :2] + half)).astype(np.float32)

    @property
    def tables(self) -> Tables:
        """What a turn works on."""
        return self.table, self.marks, self.spans, self.clocks, self.grounds

    def _rebuild(self, slot: int, room: int) -> None:
        """Lay all spans out anew, this one larger; what closed sessions left is given back."""
        rooms = self.spans[:, ROOM].copy()
        rooms[self._free] = 0
        rooms[slot] = room
        starts = np.concatenate(([0], np.cumsum(rooms)))
        old = np.concatenate([np.arange(s, s + c) for s, c, *_ in self.spans.tolist()])
        new = np.concatenate(
            [np.arange(s, s + c) for s, c in zip(starts, self.spans[:, COUNT], strict=False)]
        )
        self.table = _moved(self.table, int(starts[-1]), old, new)
        self.marks = _moved(self.marks, int(starts[-1]), old, new)
        self.spans[:, START], self.spans[:, ROOM] = starts[:-1], rooms


def _moved(array: NDArray[Number], rows: int, old: Rows, new: Rows) -> NDArray[Number]:
    moved = np.zeros((rows, array.shape[1]), array.dtype)
    moved[new] = array[old]
    return moved
