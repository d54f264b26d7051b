"""A ByteTrack-class tracker over arrays (arXiv:2110.06864), its lifetimes in seconds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edge.track.assignment import assign, likeness
from edge.track.kalman import Filters, to_centre, to_corners
from edge.types import CLASSES, Boxes, Detections, Ids, Mask, Tracks

FIRST_PASS, SECOND_PASS, YOUNG_PASS = 0.15, 0.3, 0.3  # least likeness of a pair
COUNTS = max(CLASSES.values()) + 1


class ByteTracker:
    """One camera session's trajectories.

    A track starts at a detection of at least `score`, is tentative until it was seen for
    `confirm_s` (and twice), and ends when it was not seen for `lost_s`; a tentative one ends
    when it is missed once. Ids start at `first_id` and rise.
    """

    def __init__(
        self,
        *,
        score: float = 0.5,
        confirm_s: float = 0.2,
        lost_s: float = 2.0,
        first_id: int = 1,
    ) -> None:
        self._score, self._confirm_s, self._lost_s = score, confirm_s, lost_s
        self.next_id = first_id
        self._pts: float | None = None
        self._filters = Filters.start(np.zeros((0, 4)))
        self._id = np.zeros(0, np.int64)  # 0 while tentative
        self._born = np.zeros(0)
        self._seen = np.zeros(0)
        self._votes = np.zeros((0, COUNTS))

    def update(self, detections: Detections, pts: float) -> Tracks:
        """Advance to pts; boxes that are not boxes raise ValueError."""
        _refuse_nonsense(detections)
        self._filters.predict(0.0 if self._pts is None else max(0.0, pts - self._pts))
        self._pts = pts
        row_of = self._associate(detections)  # detection -> track row, -1 for none
        matched = row_of >= 0
        self._take_in(row_of[matched], detections[matched], pts)
        self._confirm(row_of[matched], pts)
        found = matched.copy()
        found[matched] = self._id[row_of[matched]] > 0
        rows, seen = row_of[found], detections[found]
        by_id = np.argsort(self._id[rows], kind="stable")
        rows, seen = rows[by_id], seen[by_id]
        ids, classes, speed = self._id[rows], self._class(rows), self._filters.speed[rows, :2]
        ended = self._end(pts)
        self._start(detections[~matched & (detections.score >= self._score)], pts)
        return Tracks(ids, seen.xyxy, seen.score, classes, speed.astype(np.float32), ended)

    def _associate(self, detections: Detections) -> NDArray[np.int64]:
        row_of = np.full(len(detections), -1, np.int64)
        boxes = to_corners(self._filters.place)
        high = detections.score >= self._score
        known = self._id > 0
        passes = (
            (known, high, FIRST_PASS),
            (known, ~high, SECOND_PASS),
            (~known, high, YOUNG_PASS),
        )
        for rows, columns, least in passes:
            self._pass(row_of, boxes, detections, (rows, columns), least)
        return row_of

    def _pass(
        self,
        row_of: NDArray[np.int64],
        boxes: Boxes,
        detections: Detections,
        which: tuple[Mask, Mask],
        least: float,
    ) -> None:
        taken = np.zeros(len(self._id), bool)
        taken[row_of[row_of >= 0]] = True
        rows = np.flatnonzero(which[0] & ~taken)
        columns = np.flatnonzero(which[1] & (row_of < 0))
        pairs = assign(likeness(boxes[rows], detections.xyxy[columns]), least)
        row_of[columns[pairs[1]]] = rows[pairs[0]]

    def _take_in(self, rows: NDArray[np.int64], detections: Detections, pts: float) -> None:
        self._filters.correct(rows, to_centre(detections.xyxy))
        self._seen[rows] = pts
        self._votes[rows, detections.class_id] += detections.score

    def _confirm(self, rows: NDArray[np.int64], pts: float) -> None:
        old_enough = rows[
            (self._id[rows] == 0) & (pts - self._born[rows] >= self._confirm_s - 1e-6)
        ]
        self._id[np.sort(old_enough)] = np.arange(self.next_id, self.next_id + len(old_enough))
        self.next_id += len(old_enough)

    def _class(self, rows: Ids) -> Ids:
        """What each track is, by the scores it was ever seen with."""
        return self._votes[rows].argmax(axis=1).astype(np.int64)

    def _end(self, pts: float) -> Ids:
        unseen = pts - self._seen
        over = np.where(self._id > 0, unseen > self._lost_s, unseen > 0)
        ended = self._id[over & (self._id > 0)]
        keep = ~over
        self._filters.keep(keep)
        for name in ("_id", "_born", "_seen", "_votes"):
            setattr(self, name, getattr(self, name)[keep])
        return np.sort(ended)

    def _start(self, fresh: Detections, pts: float) -> None:
        count = len(fresh)
        order = np.lexsort((fresh.xyxy[:, 1], fresh.xyxy[:, 0])) if count else np.zeros(0, int)
        fresh = fresh[order]
        self._filters.extend(Filters.start(to_centre(fresh.xyxy)))
        votes = np.zeros((count, COUNTS))
        votes[np.arange(count), fresh.class_id] = fresh.score
        self._id = np.append(self._id, np.zeros(count, np.int64))
        self._born = np.append(self._born, np.full(count, pts))
        self._seen = np.append(self._seen, np.full(count, pts))
        self._votes = np.vstack((self._votes, votes))


def _refuse_nonsense(detections: Detections) -> None:
    xyxy = detections.xyxy
    if not np.isfinite(xyxy).all() or not np.isfinite(detections.score).all():
        raise ValueError("a detection is not finite; the detector must drop it")
    if (xyxy[:, 2:] <= xyxy[:, :2]).any():
        raise ValueError("a detection has no area; the detector must drop it")
