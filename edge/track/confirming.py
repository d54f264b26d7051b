"""Who gets an id: the tentative tracks of one camera session that were seen for long enough."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from edge.track.linking import End, Linker, Lost, Made, New
from edge.track.numbers import SIZE_SPEED
from edge.track.state import (
    BIRTH,
    CLASS,
    ID,
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
        _, marks = self._own
        due, past = [], {}
        for row, detection, ripe in sorted(tentative.tolist()):
            birth = int(marks[row, BIRTH])
            past[birth] = [*self._past.get(birth, ()), (pts, found.xyxy[detection])]
            if ripe:
                due.append((row, detection))
        self._past = past
        return self._confirmed(tracks, due, found, pts) if due else tracks

    @property
    def _own(self) -> tuple[NDArray[np.float64], Rows]:
        """The camera's rows of `State.table` and `State.marks`."""
        span = self._state.rows(self.slot)
        return self._state.table[span], self._state.marks[span]

    def _confirmed(
        self, tracks: Tracks, due: list[tuple[int, int]], found: Detections, pts: float
    ) -> Tracks:
        """These tracks with those in the rows that are due, each with its detection."""
        _, marks = self._own
        split, over = self._name([row for row, _ in due], pts)
        past = {}
        for row, _ in due:
            *before, _ = self._past.pop(int(marks[row, BIRTH]))
            past[int(marks[row, ID])] = _past(before)
        if split:
            ids = [split.get(track, track) for track in tracks.id.tolist()]
            tracks = replace(tracks, id=np.array(ids, np.int64))
        joined = _joined(tracks, self._seen(np.array(due), found), past, split)
        if over:
            self._state.drop(self.slot, np.array(over))
        return joined

    def _name(self, rows: list[int], pts: float) -> tuple[dict[int, int], list[int]]:
        """Give ids to these rows; ids that another row lost by it, and rows that are no more."""
        _, marks = self._own
        split: dict[int, int] = {}
        over: list[int] = []
        links = self._links(rows, pts)
        holders = {track: row for row, track in enumerate(marks[:, ID].tolist())} if links else {}
        for row in rows:
            made = links.get(int(marks[row, BIRTH]))
            if made is None:
                marks[row, ID] = self._new_id()
                continue
            holder = holders[made.lost.id]
            marks[row, ID], marks[row, CLASS] = made.lost.id, marks[holder, CLASS]
            if made.again:
                marks[holder, ID] = split[made.lost.id] = self._new_id()
            else:
                over.append(holder)
        return split, over

    def _new_id(self) -> int:
        self.next_id += 1
        return self.next_id - 1

    def _links(self, rows: list[int], pts: float) -> dict[int, Made]:
        """By BIRTH: which lost track each of these rows goes on for."""
        if self._linker is None:
            return {}
        table, marks = self._own
        ids, seen = marks[:, ID].tolist(), table[:, SEEN].tolist()
        lost = [
            Lost(track, _end(table, row, seen[row], pts))
            for row, track in enumerate(ids)
            if track != UNNAMED and seen[row] < pts
        ]
        if not lost and self._linker.idle:
            return {}
        births = [int(marks[row, BIRTH]) for row in rows]
        new = [
            New(birth, _end(table, row, self._past[birth][0][0], pts), pts)
            for birth, row in zip(births, rows, strict=True)
        ]
        return {made.birth: made for made in self._linker.link(new, lost, set(ids), pts)}

    def _seen(self, due: Rows, found: Detections) -> Tracks:
        """What was just confirmed, as tracks."""
        table, marks = self._own
        rows, seen = due.T
        marks, velocity = marks[rows], table[rows, SPEED][:, :2].astype(np.float32)
        none = np.zeros(0, np.int64)
        return Tracks(
            marks[:, ID], found.xyxy[seen], found.score[seen], marks[:, CLASS], velocity, none
        )


def _end(table: NDArray[np.float64], row: int, pts: float, now: float) -> End:
    """Where the track of this row is believed to have been at pts."""
    x, y, _, height, vx, vy, _, growth = table[row, :8].tolist()
    ago = now - pts
    return End(pts, (x - ago * vx, y - ago * vy), (vx, vy), height - ago * (SIZE_SPEED * growth))


def _past(before: list[tuple[float, NDArray[np.float32]]]) -> Past:
    boxes = np.array([box for _, box in before], np.float32).reshape(-1, 4)
    return Past(np.array([pts for pts, _ in before], np.float64), boxes)


def _joined(one: Tracks, other: Tracks, past: dict[int, Past], split: dict[int, int]) -> Tracks:
    """Both, lowest id first, with what is told of ids given and taken away."""
    ids = np.concatenate((one.id, other.id))
    order = ids.argsort()
    return Tracks(
        ids[order],
        np.concatenate((one.xyxy, other.xyxy))[order],
        np.concatenate((one.score, other.score))[order],
        np.concatenate((one.class_id, other.class_id))[order],
        np.concatenate((one.velocity, other.velocity))[order],
        one.ended,
        past,
        split,
    )
