"""One turn of the tracker over the frames of some cameras, in NumPy.

Passes by score as in ByteTrack (arXiv:2110.06864): confirmed tracks with sure detections; those
that are left with unsure ones; then tentative tracks with the sure detections that nobody took.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from edge.track import numbers as of
from edge.track.state import (
    BIRTHS,
    BORN,
    CLASS,
    COUNT,
    DETECTION,
    ID,
    MOTION,
    RIPE,
    ROW,
    SEEN,
    SPEED,
    START,
    UNNAMED,
    VOTES,
    WIDTH,
    Floats,
    Found,
    Knobs,
    Rows,
    Tables,
    Told,
)
from edge.track.vectors.border import admitted, check
from edge.track.vectors.ground import near
from edge.track.vectors.likeness import likeness
from edge.track.vectors.matching import Matching, Pairs
from edge.track.vectors.motion import begun, centred, correct, predict
from edge.track.vectors.shake import shared_motion
from edge.types import Mask


def turn(
    batch: Rows,
    pts: Floats,
    knobs: Knobs,
    found: Found,
    tables: Tables,
    told: Told,
) -> int:
    """Advance each camera of the batch; see `edge.track.engines.Turn`."""
    if wrong := check(batch, pts, found, (tables[2], tables[3])):
        return wrong
    seen = _Seen.of(batch, found)
    work = _Work(batch, pts, knobs, tables)
    work.predict()
    given = work.associate(seen)
    work.see(seen, given)
    work.tell(found, seen, told)
    work.go_on(seen, given, told)
    work.store(tables)
    return 0


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """The detections to track, of all cameras of the batch, in the order they are looked at."""

    camera: Rows  # number in the batch
    index: Rows  # among what was found
    measured: Floats
    score: Floats
    kind: Rows

    @classmethod
    def of(cls, batch: Rows, found: Found) -> _Seen:
        boxes, scores, kinds = found
        kept = [
            first + admitted(boxes[first:last], scores[first:last], kinds[first:last])
            for _, first, last in batch.tolist()
        ]
        index = np.concatenate(kept)
        camera = np.repeat(np.arange(len(batch)), [len(some) for some in kept])
        score = scores[index].astype(np.float64)
        return cls(camera, index, centred(boxes[index]), score, kinds[index])


@dataclass(frozen=True, slots=True, eq=False)
class _Own:
    """Tracks of the batch's cameras, camera by camera; see `State` for the columns."""

    camera: Rows  # number in the batch
    table: Floats
    marks: Rows
    taken: Rows  # the detection of a track, a row of `_Seen`; -1 for none
    fresh: Mask  # began with this frame

    def __len__(self) -> int:
        return len(self.camera)

    def __getitem__(self, rows: Mask | Rows) -> _Own:
        return _Own(*(getattr(self, field.name)[rows] for field in fields(self)))

    def with_(self, more: _Own) -> _Own:
        """These and more behind them, camera by camera."""
        names = [field.name for field in fields(self)]
        both = _Own(*(np.concatenate((getattr(self, n), getattr(more, n))) for n in names))
        return both[np.argsort(both.camera, kind="stable")]

    @property
    def named(self) -> Mask:
        return np.asarray(self.marks[:, ID] != UNNAMED)


class _Work:
    """What becomes of the tracks of the batch's cameras."""

    def __init__(self, batch: Rows, pts: Floats, knobs: Knobs, tables: Tables) -> None:
        self._batch, self._now = batch, pts
        self._sure, self._new, self._confirm_s, self._lost_s = knobs
        table, marks, spans, clocks, grounds = tables
        slots = batch[:, 0]
        self._ground = grounds[slots]
        self._before, self._births = clocks[slots], spans[slots, BIRTHS]
        counts = spans[slots, COUNT]
        rows = _ranges(spans[slots, START], counts)
        camera = np.repeat(np.arange(len(batch)), counts)
        nobody, fresh = np.full(len(rows), -1), np.zeros(len(rows), bool)
        self._own = _Own(camera, table[rows], marks[rows], nobody, fresh)
        self._ended: list[_Own] = []

    def predict(self) -> None:
        """Advance the tracks; those that were not seen for long are none any more."""
        own = self._own
        dt = np.where(np.isnan(self._before), 0.0, self._now - self._before)[own.camera]
        own.table[:, MOTION] = predict(own.table[:, MOTION], dt)
        most = max(self._lost_s, of.FREEZE_S) + of.TICK_S
        self._drop(self._now[own.camera] - own.table[:, SEEN] > most)

    def associate(self, seen: _Seen) -> Rows:
        """The row of the track of each detection, -1 for none."""
        own, sure = self._own, seen.score >= self._sure
        self._follow_cameras(seen, sure)
        row, column = _products(own.camera, seen.camera, len(self._batch))
        same = own.marks[row, CLASS] == seen.kind[column]
        score = likeness(own.table[row], seen.measured[column], sure[column], same)
        score = self._on_ground(score, seen, row, column)
        matching = Matching(Pairs(row, column, own.camera[row], score), len(own), len(sure))
        matching.match(own.named, sure, of.SURE)
        matching.match(own.named, ~sure, of.UNSURE)
        matching.match(~own.named, sure, of.TENTATIVE)
        own.taken[:] = matching.taken
        return matching.given

    def _on_ground(self, score: Floats, seen: _Seen, row: Rows, column: Rows) -> Floats:
        """Nothing alike where a camera's ground tells so."""
        own, known = self._own, ~np.isnan(self._ground[:, 0])
        judged = np.flatnonzero(known[self._own.camera[row]] & (score > 0))
        if not len(judged):
            return score
        row, column = row[judged], column[judged]
        ground = self._ground[own.camera[row]]
        possible = near(ground, own.table[row], seen.measured[column], seen.score[column])
        score = score.copy()
        score[judged[~possible]] = 0
        return score

    def _follow_cameras(self, seen: _Seen, sure: Mask) -> None:
        """Move what is expected as the pictures moved."""
        own = self._own
        fresh = own.named & (own.table[:, SEEN] >= self._before[own.camera])
        for camera in np.unique(own.camera[fresh]).tolist():
            witnesses = np.flatnonzero(fresh & (own.camera == camera))[: of.WITNESSES]
            here = seen.camera == camera
            if len(witnesses) >= of.TOGETHER and here.any():
                step = shared_motion(own.table[witnesses], seen.measured[here], sure[here])
                own.table[own.camera == camera, :2] += step

    def see(self, seen: _Seen, given: Rows) -> None:
        """Take in what was measured; the tentative among the tracks may change class."""
        own, columns = self._own, np.flatnonzero(given >= 0)
        rows = given[columns]
        own.table[rows, MOTION] = correct(
            own.table[rows, MOTION], seen.measured[columns], seen.score[columns]
        )
        own.table[rows, SEEN] = self._now[own.camera[rows]]
        own.table[rows, VOTES + seen.kind[columns]] += seen.score[columns]
        young = rows[~own.named[rows]]
        own.marks[young, CLASS] = own.table[young, VOTES:].argmax(axis=1)

    def tell(self, found: Found, seen: _Seen, told: Told) -> None:
        """The confirmed tracks that were seen, lowest id first, and behind them who is due."""
        own = self._own[(self._own.taken >= 0) & (self._own.named | self._due(self._own))]
        own = own[np.lexsort((own.marks[:, ID], ~own.named, own.camera))]
        at = self._batch[own.camera, 1] + _ranks(own.camera)
        index = seen.index[own.taken]
        told.id[at], told.class_id[at] = own.marks[:, ID], own.marks[:, CLASS]
        told.xyxy[at], told.score[at] = found[0][index], found[1][index]
        told.velocity[at] = own.table[:, SPEED][:, :2]
        told.counts[:, 0] = self._per_camera(own.camera)

    def _due(self, own: _Own) -> Mask:
        """Which are to be confirmed now, if they were seen."""
        since = self._now[own.camera] - self._confirm_s + of.TICK_S
        return np.asarray(~own.named & ~own.fresh & (own.table[:, BORN] <= since))

    def go_on(self, seen: _Seen, given: Rows, told: Told) -> None:
        """Forget whose time is over, begin new tracks, note what ended and who is tentative."""
        own = self._own
        unseen = self._now[own.camera] - own.table[:, SEEN] > self._lost_s + of.TICK_S
        self._drop((own.taken < 0) & (~own.named | unseen))
        self._begin(seen, np.flatnonzero((given < 0) & (seen.score >= self._new)))
        over = np.concatenate([some.camera for some in self._ended])
        ids = np.concatenate([some.marks[:, ID] for some in self._ended])
        told.ended[: len(ids)] = ids[np.lexsort((ids, over))]
        told.counts[:, 1] = self._per_camera(over)
        self._note_tentative(seen, told)

    def _note_tentative(self, seen: _Seen, told: Told) -> None:
        own = self._own
        rows = np.flatnonzero((own.taken >= 0) & ~own.named)
        camera = own.camera[rows]
        at = self._batch[camera, 1] + _ranks(camera)
        told.tentative[at, ROW] = rows - np.searchsorted(own.camera, camera)
        told.tentative[at, DETECTION] = seen.index[own.taken[rows]] - self._batch[camera, 1]
        told.tentative[at, RIPE] = self._due(own)[rows]
        told.counts[:, 2] = self._per_camera(camera)

    def store(self, tables: Tables) -> None:
        """Put the rows back."""
        table, marks, spans, clocks, _ = tables
        slots, own = self._batch[:, 0], self._own
        counts = self._per_camera(own.camera)
        rows = _ranges(spans[slots, START], counts)
        table[rows], marks[rows] = own.table, own.marks
        spans[slots, COUNT], spans[slots, BIRTHS] = counts, self._births
        clocks[slots] = self._now

    def _drop(self, gone: Mask) -> None:
        self._ended.append(self._own[gone & self._own.named])
        self._own = self._own[~gone]

    def _begin(self, seen: _Seen, columns: Rows) -> None:
        """New tentative tracks at these detections."""
        camera = seen.camera[columns]
        born = np.where(np.isnan(self._before), self._now - self._confirm_s, self._now)[camera]
        table = np.zeros((len(columns), WIDTH))
        table[:, MOTION] = begun(seen.measured[columns], seen.score[columns])
        table[:, BORN], table[:, SEEN] = born, self._now[camera]
        table[np.arange(len(columns)), VOTES + seen.kind[columns]] = seen.score[columns]
        number = self._births[camera] + 1 + _ranks(camera)
        marks = np.column_stack((np.full(len(columns), UNNAMED), seen.kind[columns], number))
        self._births = self._births + self._per_camera(camera)
        fresh = np.ones(len(columns), bool)
        self._own = self._own.with_(_Own(camera, table, marks, columns, fresh))

    def _per_camera(self, camera: Rows) -> Rows:
        return np.bincount(camera, minlength=len(self._batch))


def _ranges(starts: Rows, counts: Rows) -> Rows:
    """Every range of numbers from a start, one behind the other."""
    before = np.cumsum(counts) - counts
    return np.arange(counts.sum()) + np.repeat(starts - before, counts)


def _ranks(groups: Rows) -> Rows:
    """The number of each among the equal ones before it; equal ones lie side by side."""
    return np.arange(len(groups)) - np.searchsorted(groups, groups)


def _products(one: Rows, other: Rows, cameras: int) -> tuple[Rows, Rows]:
    """Every row of `one` with every row of `other` of the same camera."""
    width = np.bincount(other, minlength=cameras)
    first = np.cumsum(width) - width
    return np.repeat(np.arange(len(one)), width[one]), _ranges(first[one], width[one])
