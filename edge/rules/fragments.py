"""Fragments of one way: where each alert's object was last seen, and where each track begins."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from edge.geometry import unit_foot_points
from edge.rules.view import View
from edge.types import Event


class Place(NamedTuple):
    """Where a track was at a moment."""

    pts: float
    foot: Sequence[float]  # x y, 0..1
    tall: float  # picture heights


@dataclass(slots=True)
class Glance:
    """The newest of some frames that show the same tracks; a place is made of it when asked for."""

    pts: float
    ids: Sequence[int]
    points: Sequence[Sequence[float]]  # by row
    heights: Sequence[float]

    def at(self, row: int) -> Place:
        """Where that one was."""
        return Place(self.pts, self.points[row], self.heights[row])


NOBODY = Glance(-math.inf, (), ((0.0, 0.0),), (0.0,))


@dataclass(slots=True)
class Open:
    """An alert that was told of, and where the object that it is about was last seen."""

    last: Event  # as it was told
    reason: str  # that the rule raised it for
    track: int | None
    class_id: int | None
    since: float  # pts
    seen: Glance = field(default_factory=lambda: NOBODY)  # the last time it was,
    row: int = 0  # in this row
    ended: bool = False  # its track did; somebody may go on with it


def _place(view: View, row: int) -> Place:
    return Place(view.pts, view.points[row], view.heights[row])


def beginning(view: View, row: int) -> Place:
    """The first that is known of a track that is new now."""
    past = view.tracks.past.get(view.ids[row])
    if past is None or not len(past.pts):
        return _place(view, row)
    first = past.xyxy[:1]
    (foot,) = unit_foot_points(first, view.size).tolist()
    return Place(float(past.pts[0]), foot, float(first[0, 3] - first[0, 1]) / view.size[1])


def away(one: Place, other: Place, aspect: float) -> float:
    """How far two feet are apart, in heights of the taller."""
    tall = max(one.tall, other.tall)
    (x1, y1), (x2, y2) = one.foot, other.foot
    return math.hypot((x1 - x2) * aspect, y1 - y2) / tall if tall else math.inf
