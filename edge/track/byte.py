"""A ByteTrack-class tracker over arrays (arXiv:2110.06864), its lifetimes in seconds."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from edge.track.assignment import Likeness, Rows, assign, likeness
from edge.track.border import admitted
from edge.track.kalman import Filters
from edge.track.lives import Lives
from edge.types import Boxes, Detections, Ids, Mask, Tracks

# The least likeness of a pair: confirmed tracks with sure detections, confirmed tracks with
# unsure ones, tentative tracks with the sure detections that are left.
SURE, UNSURE, TENTATIVE = 0.15, 0.5, 0.3
FREEZE_S = 1.0  # frames less far apart are neighbours, however short lost_s is
TICK_S = 1e-6  # times less far apart are equal


class ByteTracker:
    """One camera session's trajectories.

    A track starts at a detection of at least `score`. It is tentative, and has no id, until it
    was seen for `confirm_s` and at least twice; what is there in the session's first frame needs
    to be seen twice only. A tentative track ends when it is missed, a confirmed one when it was
    not seen for `lost_s`. Ids start at `first_id` and rise by one.
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
        self._filters, self._lives = Filters(), Lives(first_id)
        self._pts: float | None = None

    @property
    def next_id(self) -> int:
        """The id that the next confirmed track will get."""
        return self._lives.next_id

    def expected(self, pts: float) -> Boxes:
        """See `edge.track.Tracker`."""
        return self._filters.boxes(0.0 if self._pts is None else max(0.0, pts - self._pts))

    def update(self, detections: Detections, pts: float) -> Tracks:
        """Advance to pts; raises ValueError for what is no box, no score, no class or no time."""
        if not len(detections) and not len(self._lives.id) and self._pts is not None:
            self._advance(pts)
            return Tracks.empty()
        found = admitted(detections)
        born = self._advance(pts)
        frozen = self._end(pts - self._lives.seen > max(self._lost_s, FREEZE_S) + TICK_S)
        rows, columns = self._associate(found)
        self._filters.correct(rows, found.xyxy[columns])
        self._lives.see(rows, found[columns], pts)
        self._lives.confirm(rows, pts - self._confirm_s + TICK_S)
        over = self._over(rows, pts)
        ended = np.sort(np.append(frozen, self._lives.id[over & self._lives.confirmed]))
        tracks = self._tracks(rows, found[columns], ended)
        self._end(over)
        self._start(found, columns, pts, born)
        return tracks

    def _advance(self, pts: float) -> float:
        """Predict up to pts; return since when the tracks that start now count as seen."""
        before = self._pts
        if not math.isfinite(pts) or (before is not None and pts < before):
            raise ValueError(f"a frame at {pts} s can't follow one at {before} s")
        self._pts = pts
        if before is None:
            return pts - self._confirm_s
        self._filters.predict(pts - before)
        return pts

    def _associate(self, found: Detections) -> tuple[Rows, Rows]:
        """Pairs of track row and detection row, in three passes, the surest first."""
        score = likeness(self._filters.boxes(), found.xyxy, self._lives.class_id, found.class_id)
        known, sure = self._lives.confirmed, found.score >= self._score
        return _passes(
            score, ((known, sure, SURE), (known, ~sure, UNSURE), (~known, sure, TENTATIVE))
        )

    def _over(self, rows: Rows, pts: float) -> Mask:
        """Which tracks end now: unseen for too long, or tentative and missed."""
        missed = np.ones(len(self._lives.id), bool)
        missed[rows] = False
        return missed & (~self._lives.confirmed | (pts - self._lives.seen > self._lost_s + TICK_S))

    def _tracks(self, rows: Rows, seen: Detections, ended: Ids) -> Tracks:
        """The confirmed among the rows just seen, lowest id first."""
        ids = self._lives.id[rows]
        order = np.argsort(ids)[np.count_nonzero(ids == 0) :]
        rows, seen = rows[order], seen[order]
        velocity = self._filters.speed[rows, :2].astype(np.float32)
        return Tracks(
            ids[order], seen.xyxy, seen.score, self._lives.class_id[rows], velocity, ended
        )

    def _end(self, over: Mask) -> Ids:
        """Forget these tracks; return the ids of those that had one."""
        ended = self._lives.id[over & self._lives.confirmed]
        if over.any():
            self._filters.keep(~over)
            self._lives.keep(~over)
        return ended

    def _start(self, found: Detections, taken: Rows, pts: float, born: float) -> None:
        """New tentative tracks for the sure detections that no track took."""
        free = found.score >= self._score
        free[taken] = False
        if free.any():
            self._filters.start(found.xyxy[free])
            self._lives.start(found[free], pts, born)


def _passes(score: Likeness, passes: Iterable[tuple[Mask, Mask, float]]) -> tuple[Rows, Rows]:
    """Assign in turn: each pass takes some rows, some columns and the least score of a pair."""
    rows, columns = np.zeros(0, np.int64), np.zeros(0, np.int64)
    free_rows, free_columns = (np.ones(size, bool) for size in score.shape)
    for some_rows, some_columns, least in passes:
        left = np.flatnonzero(some_rows & free_rows)
        right = np.flatnonzero(some_columns & free_columns)
        pairs = assign(score[left[:, None], right], least)
        rows, columns = np.append(rows, left[pairs[0]]), np.append(columns, right[pairs[1]])
        free_rows[rows], free_columns[columns] = False, False
    return rows, columns
