"""Who gets an id: the tentative tracks of one camera session that were seen for long enough."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from edge.track.linking import End, Linker, Lost, Made, New
from edge.track.state import (
    BELIEVED,
    BIRTH,
    CLASS,
    ID,
    PLACE,
    SEEN,
    SPEED,
    UNNAMED,
    State,
)
from edge.types import Detections, Past, Tracks

Rows = NDArray[np.int64]


class Confirming:
    """Gives ids, which rise by one and never come twice, and keeps what was measured before."""

    def __init__(self, state: State, first_id: int, link_s: float) -> None:
        self._state, self.next_id, self.slot = state, first_id, -1
        self._past: dict[int, list[tuple[float, NDArray[np.float32]]]] = {}  # by BIRTH
        self._linker = Linker(link_s) if link_s > 0 else None

    @property
    def idle(self) -> bool:
        """Whether nobody was tentative a frame ago."""
        return not self._past

    def confirm(self, tracks: Tracks, tentative: Rows, found: Detections, pts: float) -> Tracks:
        """The tracks of this frame and those that are confirmed with it.

        `tentative` has the row of the camera, the detection, and whether it is due.
        """
        marks = self._state.marks[self._state.rows(self.slot)]
        rows = tentative[np.argsort(tentative[:, 0])]
        births = marks[rows[:, 0], BIRTH].tolist()
        self._past = {
            birth: [*self._past.get(birth, ()), (pts, found.xyxy[detection])]
            for birth, detection in zip(births, rows[:, 1].tolist(), strict=True)
        }
        due = rows[rows[:, 2] > 0]
        if not len(due):
            return tracks
        split, over = self._name(due[:, 0], pts)
        past = {}
        for row in due[:, 0].tolist():
            *before, _ = self._past.pop(int(marks[row, BIRTH]))
            past[int(marks[row, ID])] = _past(before)
        ids = np.array([split.get(track, track) for track in tracks.id.tolist()], np.int64)
        joined = _joined(replace(tracks, id=ids), self._seen(due, found))
        if over:
            self._state.drop(self.slot, np.array(over))
        return replace(joined, past=past, split=split)

    def _name(self, rows: Rows, pts: float) -> tuple[dict[int, int], list[int]]:
        """Give ids to these rows; ids that another row lost by it, and rows that are no more."""
        marks = self._state.marks[self._state.rows(self.slot)]
        row_of = {track: row for row, track in enumerate(marks[:, ID].tolist()) if track}
        split: dict[int, int] = {}
        over: list[int] = []
        links = self._links(rows, pts)
        for row in rows.tolist():
            made = links.get(int(marks[row, BIRTH]))
            if made is None:
                marks[row, ID] = self._new_id()
                continue
            holder = row_of[made.lost.id]
            marks[row, ID], marks[row, CLASS] = made.lost.id, marks[holder, CLASS]
            if made.again:
                marks[holder, ID] = split[made.lost.id] = self._new_id()
            else:
                over.append(holder)
        return split, over

    def _new_id(self) -> int:
        self.next_id += 1
        return self.next_id - 1

    def _links(self, rows: Rows, pts: float) -> dict[int, Made]:
        """By BIRTH: which lost track each of these rows goes on for."""
        if self._linker is None:
            return {}
        span = self._state.rows(self.slot)
        marks, seen = self._state.marks[span], self._state.table[span, SEEN]
        named = marks[:, ID] != UNNAMED
        missing = np.flatnonzero(named & (seen < pts)).tolist()
        if not missing and self._linker.idle:
            return {}
        lost = [Lost(int(marks[row, ID]), self._end(row, float(seen[row]), pts)) for row in missing]
        new = []
        for row in rows.tolist():
            birth = int(marks[row, BIRTH])
            new.append(New(birth, self._end(row, self._past[birth][0][0], pts), pts))
        links = self._linker.link(new, lost, set(marks[named, ID].tolist()), pts)
        return {made.birth: made for made in links}

    def _end(self, row: int, pts: float, now: float) -> End:
        """Where the track of this row is believed to have been at pts."""
        motion = self._state.table[self._state.rows(self.slot)][row]
        speed = motion[SPEED]
        return End(pts, motion[PLACE] - (now - pts) * (BELIEVED * speed), speed[:2].copy())

    def _seen(self, due: Rows, found: Detections) -> Tracks:
        """What was just confirmed, as tracks."""
        span = self._state.rows(self.slot)
        marks, motion = self._state.marks[span][due[:, 0]], self._state.table[span][due[:, 0]]
        seen = due[:, 1]
        velocity = motion[:, SPEED][:, :2].astype(np.float32)
        none = np.zeros(0, np.int64)
        return Tracks(
            marks[:, ID], found.xyxy[seen], found.score[seen], marks[:, CLASS], velocity, none
        )


def _past(before: list[tuple[float, NDArray[np.float32]]]) -> Past:
    boxes = np.array([box for _, box in before], np.float32).reshape(-1, 4)
    return Past(np.array([pts for pts, _ in before], np.float64), boxes)


def _joined(one: Tracks, other: Tracks) -> Tracks:
    """Both, lowest id first."""
    order = np.argsort(np.concatenate((one.id, other.id)))
    return Tracks(
        np.concatenate((one.id, other.id))[order],
        np.concatenate((one.xyxy, other.xyxy))[order],
        np.concatenate((one.score, other.score))[order],
        np.concatenate((one.class_id, other.class_id))[order],
        np.concatenate((one.velocity, other.velocity))[order],
        one.ended,
    )
