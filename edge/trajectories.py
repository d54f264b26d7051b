"""Whole trajectories of a recording: what the tracker tells, and what it tells afterwards."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from edge.settings import Track
from edge.track import Tracking
from edge.types import Boxes, Detections, Ids, Past, Scores, Tracks

TICK_S = 1e-6  # times less far apart are equal
NOBODY = 0  # no id


@dataclass(frozen=True, slots=True, eq=False)
class Trajectories:
    """Where every object was: parallel arrays, one row per object and frame, in no order."""

    frame: Ids  # of the frames as given, from 0
    id: Ids
    told: Ids  # the id that was told with the frame itself; NOBODY where none was
    xyxy: Boxes
    score: Scores
    class_id: Ids

    def __len__(self) -> int:
        return len(self.frame)


def tracking_for(settings: Track) -> Tracking:
    """The tracker as a site's settings have it."""
    return Tracking(
        score=settings.score,
        confirm_s=settings.confirm_s,
        lost_s=settings.lost_s,
        link_s=settings.link_s,
    )


def followed(
    frames: Iterable[tuple[float, Detections]], tracking: Tracking | None = None
) -> Trajectories:
    """Track the detections of one recording, each frame's with its pts in seconds."""
    session, told = (tracking or tracking_for(Track())).open(), _Told()
    for pts, found in frames:
        told.take(session.update(found, pts), pts)
    session.close()
    return told.all()


class _Told:
    """What was told so far."""

    def __init__(self) -> None:
        self._times: list[float] = []
        self._begun: dict[int, int] = {}  # id -> the frame in which it, or its last link, begins
        self._parts = [_rows(Tracks.empty(), 0)]

    def take(self, tracks: Tracks, pts: float) -> None:
        now = len(self._times)
        self._times.append(pts)
        for old, new in tracks.split.items():
            self._rename(old, new)
        for track, past in tracks.past.items():
            row = int(np.flatnonzero(tracks.id == track)[0])
            self._parts.append(self._before(track, past, tracks, row))
            self._begun[track] = int(self._parts[-1].frame.min(initial=now))
        self._parts.append(_rows(tracks, now))

    def all(self) -> Trajectories:
        columns = ("frame", "id", "told", "xyxy", "score", "class_id")
        return Trajectories(
            *(np.concatenate([getattr(part, name) for part in self._parts]) for name in columns)
        )

    def _rename(self, old: int, new: int) -> None:
        """Since its last link this was another object."""
        begun = self._begun[new] = self._begun[old]
        for part in self._parts:
            part.id[(part.id == old) & (part.frame >= begun)] = new

    def _before(self, track: int, past: Past, tracks: Tracks, row: int) -> Trajectories:
        """Earlier boxes; no scores are told of them, so they have today's."""
        count = len(past.pts)
        return Trajectories(
            np.array([bisect_left(self._times, at - TICK_S) for at in past.pts], np.int64),
            np.full(count, track, np.int64),
            np.full(count, NOBODY, np.int64),
            past.xyxy,
            np.full(count, tracks.score[row], np.float32),
            np.full(count, tracks.class_id[row], np.int64),
        )


def _rows(tracks: Tracks, frame: int) -> Trajectories:
    """What is told of a frame at once."""
    frames = np.full(len(tracks), frame, np.int64)
    ids = tracks.id.copy()  # it may change
    return Trajectories(frames, ids, tracks.id, tracks.xyxy, tracks.score, tracks.class_id)
