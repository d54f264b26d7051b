"""Who gets an id: the tentative tracks of one camera session that were seen for long enough."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edge.track.linking import End, Linker, Lost, Made, New
from edge.track.numbers import SIZE_SPEED
from edge.track.state import BIRTH, CLASS, ID, SEEN, UNNAMED, Rows, State
from edge.types import CLASSES, Detections, Ids, Past

PEOPLE, TWO_WHEELS, VEHICLES = 0, 1, 2
KIND_OF = {
    CLASSES["person"]: PEOPLE,
    CLASSES["bicycle"]: TWO_WHEELS,
    CLASSES["motorcycle"]: TWO_WHEELS,
    **dict.fromkeys((CLASSES["car"], CLASSES["bus"], CLASSES["truck"]), VEHICLES),
}


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

    def confirm(
        self, ids: Ids, classes: Ids, tentative: Rows, seen: tuple[Detections, float]
    ) -> tuple[dict[int, Past], dict[int, int]]:
        """Give the ids that are due, in `ids`, whose last ones are; returns `past` and `split`.

        `tentative` has the row of the camera, the detection, and whether it is due; `seen` the
        detections and their pts.
        """
        found, pts = seen
        _, marks = self._own
        due, waiting = [], {}
        for row, detection, ripe in tentative.tolist():
            birth = int(marks[row, BIRTH])
            waiting[birth] = [*self._past.get(birth, ()), (pts, found.xyxy[detection])]
            if ripe:
                due.append(row)
        self._past = waiting
        if not due:
            return {}, {}
        split, over = self._name(due, pts)
        for at, track in enumerate(ids.tolist() if split else ()):
            ids[at] = split.get(track, track)
        past = {}
        for at, row in enumerate(due, len(ids) - len(due)):
            *before, _ = self._past.pop(int(marks[row, BIRTH]))
            ids[at], classes[at] = marks[row, ID], marks[row, CLASS]
            past[int(ids[at])] = _past(before)
        if over:
            self._state.drop(self.slot, np.array(over))
        return past, split

    @property
    def _own(self) -> tuple[NDArray[np.float64], Rows]:
        """The camera's rows of `State.table` and `State.marks`."""
        span = self._state.rows(self.slot)
        return self._state.table[span], self._state.marks[span]

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
            Lost(track, _end(table, row, seen[row], pts), _kind(marks, row))
            for row, track in enumerate(ids)
            if track != UNNAMED and seen[row] < pts
        ]
        if not lost and self._linker.idle:
            return {}
        births = [int(marks[row, BIRTH]) for row in rows]
        new = [
            New(birth, _end(table, row, self._past[birth][0][0], pts), pts, _kind(marks, row))
            for birth, row in zip(births, rows, strict=True)
        ]
        return {made.birth: made for made in self._linker.link(new, lost, set(ids), pts)}


def _kind(marks: Rows, row: int) -> int:
    return KIND_OF[int(marks[row, CLASS])]


def _end(table: NDArray[np.float64], row: int, pts: float, now: float) -> End:
    """Where the track of this row is believed to have been at pts."""
    x, y, _, height, vx, vy, _, growth = table[row, :8].tolist()
    ago = now - pts
    return End(pts, (x - ago * vx, y - ago * vy), (vx, vy), height - ago * (SIZE_SPEED * growth))


def _past(before: list[tuple[float, NDArray[np.float32]]]) -> Past:
    boxes = np.array([box for _, box in before], np.float32).reshape(-1, 4)
    return Past(np.array([pts for pts, _ in before], np.float64), boxes)
