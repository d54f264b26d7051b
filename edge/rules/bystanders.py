"""Who stood where a moment ago, in the small picture that a rule about the picture looks at."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable
from itertools import chain
from typing import NamedTuple

import cv2
import numpy as np

from edge.rules.spots import Box, Spots
from edge.rules.view import View
from edge.types import CLASSES, Boxes, Ids

STOOD_S = 1.5  # where somebody was so recently, parts of him may still be
PEOPLE_S, VEHICLES_S = 10.0, 60.0  # who was there so recently is remembered
NOTE_S, TICK_S = 0.2, 1e-6  # he does not get out of that border sooner:
AROUND = 0.1  # of a box's height around it, and so many
LEAST = 2  # pixels: his shadow, what he carries, what the detector cut off
PERSON = CLASSES["person"]


class Stood(NamedTuple):
    """Boxes of one moment, in pixels of the small picture."""

    pts: float
    people: Boxes
    vehicles: Boxes


class Bystanders:
    """Tracked objects of all classes, without their ids; bounded by time."""

    def __init__(self, height: int) -> None:
        self._height = height  # of the small picture
        self._stood: deque[Stood] = deque()  # a few a second, for PEOPLE_S
        self._vehicles: deque[tuple[float, Boxes]] = deque()  # of each look, for VEHICLES_S
        self._noted = self._now = -math.inf  # pts

    def see(self, view: View) -> None:
        """Call once per frame."""
        tracks, scale = view.tracks, self._height / view.size[1]
        if not view.ids or (view.pts - self._noted < NOTE_S - TICK_S and not tracks.past):
            return
        self._noted = view.pts
        self._note(view.pts, tracks.xyxy * scale, tracks.class_id)
        for track, past in tracks.past.items():
            kind = tracks.class_id[view.rows[track]]
            self._note(view.pts, past.xyxy * scale, np.full(len(past.xyxy), kind))

    def look(self, pts: float) -> None:
        """Call once per look, after `see`."""
        self._now = pts
        recent = [one.vehicles for one in self._stood if pts - one.pts <= STOOD_S]
        if recent and len(recent[-1]):
            self._vehicles.append((pts, recent[-1]))
        while self._stood and pts - self._stood[0].pts > PEOPLE_S:
            self._stood.popleft()
        while self._vehicles and pts - self._vehicles[0][0] > VEHICLES_S:
            self._vehicles.popleft()

    def free(self, size: tuple[int, int]) -> Spots:
        """Where nobody is or was a moment ago: 255, in a small picture of (width, height)."""
        free = np.full(size[::-1], 255, np.uint8)
        boxes = chain.from_iterable(one[1:] for one in self._recent())
        for x1, y1, x2, y2 in _grown(_together(boxes)).astype(int).tolist():
            cv2.rectangle(free, (x1, y1), (x2, y2), 0, cv2.FILLED)
        return free

    @property
    def anybody(self) -> bool:
        """Whether there were people of late."""
        return any(len(one.people) for one in self._stood)

    def nearest(self, box: Box) -> float:
        """How far the nearest person is from the box, or was a moment ago, pixels."""
        people = _together(one.people for one in self._recent())
        return float(_apart(people, box).min(initial=np.inf))

    def bringer(self, box: Box, near: float) -> tuple[float, float] | None:
        """Of the people who were so near of late, the least distance and the greatest height.

        None: nobody was, or it was a vehicle that stood there.
        """
        people = _together(one.people for one in self._stood)
        vehicles = _grown(_together(boxes for _, boxes in self._vehicles))
        apart = _apart(people, box)
        close = apart <= near
        if not close.any() or (_apart(vehicles, box) <= 0).any():
            return None
        tall = people[close, 3] - people[close, 1]
        return float(apart.min()), float(tall.max())

    def _recent(self) -> list[Stood]:
        return [one for one in self._stood if self._now - one.pts <= STOOD_S]

    def _note(self, pts: float, xyxy: Boxes, kinds: Ids) -> None:
        people = kinds == PERSON
        self._stood.append(Stood(pts, xyxy[people], xyxy[~people]))


def _together(boxes: Iterable[Boxes]) -> Boxes:
    return np.concatenate([np.zeros((0, 4), np.float32), *boxes])


def _grown(xyxy: Boxes) -> Boxes:
    more = AROUND * (xyxy[:, 3:] - xyxy[:, 1:2]) + LEAST
    return np.hstack((xyxy[:, :2] - more, xyxy[:, 2:] + more))


def _apart(xyxy: Boxes, box: Box) -> Boxes:
    """From the edge of each to that of the box, shape (n,); 0 where they touch."""
    x1, y1, x2, y2 = box
    across = np.maximum(0, np.maximum(xyxy[:, 0] - x2, x1 - xyxy[:, 2]))
    down = np.maximum(0, np.maximum(xyxy[:, 1] - y2, y1 - xyxy[:, 3]))
    return np.hypot(across, down)
