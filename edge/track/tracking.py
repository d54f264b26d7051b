"""The trajectories of all cameras of the box: one state, one call for the frames of a turn."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import accumulate
from pickle import UnpicklingError
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.track.confirming import Confirming
from edge.track.engines import NUMPY, engine
from edge.track.numbers import NEW
from edge.track.state import (
    BAD_BOX,
    BAD_CLASS,
    BAD_SCORE,
    BAD_TIME,
    NO_ROOM,
    Found,
    Rows,
    State,
    Told,
)
from edge.types import Boxes, Detections, Ids, Past, Tracks

NOTHING: Mapping[int, Any] = MappingProxyType({})
NOBODY: Ids = np.zeros(0, np.int64)
WRONG = {
    BAD_BOX: "a detected box is not finite or has no area",
    BAD_SCORE: "a detection's score is not in 0..1",
    BAD_CLASS: "a detection's class is not one of CLASSES",
}

Step = tuple["Session", Detections, float]  # a camera, what was detected, pts


class Tracking:
    """Every camera's trajectories, in one state.

    A track starts at a detection 0.05 surer than `score`, and goes on with weaker ones. It is
    tentative, and has no id, until it was seen for `confirm_s` and at least twice; what is there
    in a session's first frame needs to be seen twice only. A tentative track ends when it is
    missed, a confirmed one when it was not seen for `lost_s`. A gap of up to `link_s` (0: none)
    may be bridged, see `edge.track.linking`. `using` names the engine, see `edge.track.engines`.
    """

    def __init__(
        self,
        *,
        score: float = 0.5,
        confirm_s: float = 0.2,
        lost_s: float = 2.0,
        link_s: float = 1.5,
        using: str | None = None,
    ) -> None:
        self._engine = engine(using)
        sure, new = float(np.float32(score)), float(np.float32(min(score + NEW, 1.0)))
        self._knobs = sure, new, float(confirm_s), float(lost_s)
        self._link_s = link_s
        self._state = State()

    @property
    def engine(self) -> str:
        """What computes: compiled or numpy."""
        return self._engine.name

    def prepare(self) -> str:
        """Load what computes, compiling it where that was never done; returns its name.

        What was compiled and can't be read, or not be kept, is done without: NumPy goes on.
        """
        session = self.open()
        try:
            session.update(Detections.empty(), 0.0)
        except (OSError, EOFError, UnpicklingError):
            self._engine = engine(NUMPY)
        session.close()
        return self._engine.name

    def open(self, first_id: int = 1) -> Session:
        """A camera session, whose ids start at `first_id` and rise by one."""
        return Session(self, self._state, first_id, self._link_s)

    def update(self, turn: Sequence[Step]) -> list[Tracks]:
        """Advance each camera to its pts; call once per frame, also when nothing was detected.

        Raises ValueError for what is no box, no score, no class or no time, and for a session that
        comes twice; then nobody was advanced.
        """
        if not turn:
            return []
        batch, pts, found = _arrays(turn)
        state = self._state
        count = len(found[1])
        told = Told(
            np.empty(count, np.int64),
            np.empty((count, 4), np.float32),
            np.empty(count, np.float32),
            np.empty(count, np.int64),
            np.empty((count, 2), np.float32),
            np.empty((count, 3), np.int64),
            np.empty(len(state.marks), np.int64),
            np.empty((len(turn), 3), np.int64),
        )
        advance, knobs = self._engine.turn, self._knobs
        while wrong := advance(batch, pts, knobs, found, state.tables, told):
            if wrong == BAD_TIME:
                for session, _, now in turn:
                    session.check(now)
            if wrong != NO_ROOM:
                raise ValueError(f"{WRONG[wrong]}; the detector must drop it")
            for slot, first, last in batch.tolist():
                state.make_room(slot, last - first)
        return _told(turn, told)


class Session:
    """One camera session's trajectories: a `Tracker`."""

    def __init__(self, tracking: Tracking, state: State, first_id: int, link_s: float) -> None:
        self._tracking, self._state = tracking, state
        self._confirming = Confirming(state, first_id, link_s)
        self.slot = self._confirming.slot = state.open()
        self.waits = False  # whether somebody was tentative a frame ago
        self._size = (0, 0)  # of the frames that the ground is known for

    @property
    def next_id(self) -> int:
        """The id that the next confirmed track will get."""
        return self._confirming.next_id

    def update(self, detections: Detections, pts: float) -> Tracks:
        """Advance this camera alone; see `Tracking.update`."""
        return self._tracking.update([(self, detections, pts)])[0]

    def expected(self, pts: float) -> Boxes:
        """See `edge.track.Tracker`."""
        before = float(self._state.clocks[self.slot])
        return self._state.boxes(self.slot, 0.0 if math.isnan(before) else max(0.0, pts - before))

    def stand_on(self, ground: NDArray[np.float64] | None, size: tuple[int, int]) -> None:
        """Tell where the picture's points lie on the ground, for frames of this size.

        `ground` is a homography (3, 3) from the picture, 0..1, to metres; None: not known.
        """
        if ground is None:
            self._state.grounds[self.slot], self._size = math.nan, (0, 0)
        elif size != self._size:
            self._state.grounds[self.slot] = (ground / [*size, 1]).ravel()
            self._size = size

    def close(self) -> None:
        """The session is over; what it held is given back."""
        if self.slot >= 0:
            self._state.close(self.slot)
            self.slot = -1

    def check(self, pts: float) -> None:
        """Raise ValueError for a frame at a time that can't be."""
        before = float(self._state.clocks[self.slot])
        if not math.isfinite(pts) or pts < before:
            raise ValueError(f"a frame at {pts} s can't follow one at {before} s")

    def confirm(
        self, ids: Ids, classes: Ids, tentative: Rows, seen: tuple[Detections, float]
    ) -> tuple[Mapping[int, Past], Mapping[int, int]]:
        """Give the ids that are due; see `Confirming`."""
        told = self._confirming.confirm(ids, classes, tentative, seen)
        self.waits = not self._confirming.idle
        return told


def _arrays(turn: Sequence[Step]) -> tuple[Rows, NDArray[np.float64], Found]:
    """The turn for an engine; raises ValueError for a session that is over or comes twice."""
    slots = [session.slot for session, _, _ in turn]
    if min(slots) < 0:
        raise ValueError("this camera session is closed; open another")
    if len(slots) > 1 and len({*slots}) < len(slots):
        raise ValueError("a session comes twice in one turn; a turn has one frame of a camera")
    scores = [found.score for _, found, _ in turn]
    ends = [*accumulate(map(len, scores))]
    batch = np.array((slots, [0, *ends[:-1]], ends), np.int64).T
    found_all = (
        _joined([found.xyxy for _, found, _ in turn], np.float32),
        _joined(scores, np.float32),
        _joined([found.class_id for _, found, _ in turn], np.int64),
    )
    times = np.array([pts for _, _, pts in turn], np.float64)
    return np.ascontiguousarray(batch), times, found_all


def _joined(parts: Sequence[NDArray[Any]], kind: type[np.generic]) -> NDArray[Any]:
    return np.ascontiguousarray(parts[0] if len(parts) == 1 else np.concatenate(parts), kind)


def _told(turn: Sequence[Step], told: Told) -> list[Tracks]:
    """What the turn found out, camera by camera."""
    ids, xyxy, score, class_id, velocity, marks, gone, counts = told
    first = over = 0
    tracks = []
    for (session, found, pts), (seen, ended, tentative) in zip(turn, counts.tolist(), strict=True):
        own, past, split = slice(first, first + seen), NOTHING, NOTHING
        if tentative or session.waits:
            rows = marks[first : first + tentative]
            past, split = session.confirm(ids[own], class_id[own], rows, (found, pts))
        over += ended
        over_now = gone[over - ended : over] if ended else NOBODY
        one = Tracks(
            ids[own], xyxy[own], score[own], class_id[own], velocity[own], over_now, past, split
        )
        tracks.append(_sorted(one) if past else one)
        first += len(found.score)
    return tracks


def _sorted(tracks: Tracks) -> Tracks:
    """Lowest id first, also where a link has brought an old one."""
    order = tracks.id.argsort()
    return replace(
        tracks,
        id=tracks.id[order],
        xyxy=tracks.xyxy[order],
        score=tracks.score[order],
        class_id=tracks.class_id[order],
        velocity=tracks.velocity[order],
    )
