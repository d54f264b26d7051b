"""The areas and lines of one camera's rules, and who stands where, measured for all at once.

A call to NumPy costs a microsecond whatever it computes, so ten rules that each ask for their own
polygon pay ten times for the same ten feet.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from itertools import pairwise
from typing import NamedTuple, TypeVar, cast

import numpy as np

from edge.geometry import inside, rescaled
from edge.rules.measures import measures
from edge.rules.shapes import Floats, Rows, edges_of, parts_of
from edge.rules.view import View

T = TypeVar("T", bound=Hashable)
Corners = Sequence[tuple[float, float]]
SAMPLES = (np.arange(8) + 0.5) / 8  # of a box, each way: a part of it is known to 1/16 at worst
FLICKER = 0.25  # of its box's height: a foot point so far from the border is no flicker


class Survey(NamedTuple):
    """Where each row of a view is."""

    held: list[list[bool]]  # for each area, whether it is in it
    side: list[list[int]]  # for each line: +1 right hand, -1 left hand, 0 on it
    # From the straight line through the nearest part, picture heights, shape (lines, n).
    away: Floats


NOTHING = Survey([], [], np.zeros((0, 0)))


class Plan:
    """Rules of a camera share one; a rule alone has one of its own."""

    def __init__(self) -> None:
        self._polygons: list[Floats] = []
        self._lines: list[Floats] = []
        self._tables: tuple[Floats, Rows, Floats, Rows] | None = None  # of all polygons and lines
        self._shared: dict[Hashable, Hashable] = {}
        # The same view is asked about again and again: the memo and the survey of the latest one.
        self.latest: tuple[object, Survey] = (None, NOTHING)

    def area(self, corners: Corners) -> Area:
        """A polygon, 0..1."""
        self._polygons.append(np.array(corners, np.float64))
        self._tables, self.latest = None, (None, NOTHING)
        return Area(self, len(self._polygons) - 1, self._polygons[-1])

    def line(self, corners: Corners) -> Line:
        """A line of two or more points, 0..1."""
        self._lines.append(np.array(corners, np.float64))
        self._tables, self.latest = None, (None, NOTHING)
        return Line(self, len(self._lines) - 1, self._lines[-1])

    def shared(self, wanted: T) -> T:
        """The same for all rules that ask the same, as `Subjects` that they look at."""
        return cast("T", self._shared.setdefault(wanted, wanted))

    def survey(self, view: View) -> Survey:
        """Where everybody is, for all rules that ask."""
        of, latest = self.latest
        if of is view.memo:
            return latest
        known = view.memo.get(id(self))
        if known is None:
            known = view.memo[id(self)] = self, self._measured(view)
        survey: Survey = known[1]
        self.latest = view.memo, survey
        return survey

    def _measured(self, view: View) -> Survey:
        areas, lines = len(self._polygons), len(self._lines)
        if not view.ids:  # as mostly in the night: nothing to be measured
            return Survey([[]] * areas, [[]] * lines, np.zeros((lines, 0)))
        if self._tables is None:
            self._tables = *edges_of(self._polygons), *parts_of(self._lines)
        held, sides, aways = measures().survey(view.feet, view.aspect, *self._tables)
        return Survey(held.tolist(), sides.tolist(), aways)


class Area:
    """A polygon of a plan."""

    def __init__(self, plan: Plan, index: int, corners: Floats) -> None:
        self._plan, self.index, self.corners = plan, index, corners
        points: list[list[float]] = corners.tolist()
        self._edges = [*zip(points, [*points[1:], points[0]], strict=True)]
        self._table, _ = edges_of([corners])

    def holds(self, view: View) -> list[bool]:
        """Which rows stand in it."""
        of, survey = self._plan.latest  # a call less than to ask the plan
        return (survey if of is view.memo else self._plan.survey(view)).held[self.index]

    def clearance(self, view: View, row: int) -> float:
        """How far a foot is from the border, in what its box may flicker by: 1 is beyond doubt."""
        return self.depth(view, row) / (FLICKER * view.heights[row])

    def depth(self, view: View, row: int) -> float:
        """How far a foot is from the border, picture heights."""
        return measures().depth(view.points[row], view.aspect, self._table)

    def entry(self, before: Sequence[float], now: Sequence[float]) -> float:
        """Which part of a step was done when it last met the border; 1 where it did not."""
        (x, y), dx, dy = before, now[0] - before[0], now[1] - before[1]
        last = -1.0
        for (x1, y1), (x2, y2) in self._edges:
            along, down, right, below = x2 - x1, y2 - y1, x1 - x, y1 - y
            turn = dx * down - dy * along
            if turn and 0 <= (right * dy - below * dx) / turn <= 1:
                step = (right * down - below * along) / turn
                last = max(last, step) if step <= 1 else last
        return last if last >= 0 else 1.0

    def shares(self, view: View) -> list[float]:
        """Which part of each box lies in it."""
        xyxy = rescaled(view.tracks.xyxy, view.size, (1, 1))
        across, down = (grid.ravel() for grid in np.meshgrid(SAMPLES, SAMPLES))
        x = xyxy[:, :1] + across * (xyxy[:, 2:3] - xyxy[:, :1])
        y = xyxy[:, 1:2] + down * (xyxy[:, 3:] - xyxy[:, 1:2])
        points = np.stack((x, y), axis=-1, dtype=np.float32).reshape(-1, 2)
        held = inside(points, self.corners.astype(np.float32))
        return held.reshape(len(xyxy), SAMPLES.size**2).mean(axis=1).tolist()


class Line:
    """A line of a plan."""

    def __init__(self, plan: Plan, index: int, corners: Floats) -> None:
        self._plan, self.index, self.corners = plan, index, corners
        self._parts: list[tuple[list[float], list[float]]] = [*pairwise(corners.tolist())]

    def sides(self, view: View) -> list[int]:
        """On which side of it each row stands: +1 right hand, -1 left hand, 0 on it."""
        of, survey = self._plan.latest
        return (survey if of is view.memo else self._plan.survey(view)).side[self.index]

    def aways(self, view: View) -> Floats:
        """How far each row is from it (see `Survey`), shape (n,)."""
        away: Floats = self._plan.survey(view).away[self.index]
        return away

    def met(self, before: Sequence[float], now: Sequence[float]) -> bool:
        """Whether the step from one point to the other meets it."""
        return any(_meet(before, now, start, end) for start, end in self._parts)


def _meet(
    p: Sequence[float], q: Sequence[float], start: Sequence[float], end: Sequence[float]
) -> bool:
    """As `edge.geometry.segments_meet`, of one step: for that numbers are quicker than arrays."""
    (px, py), (qx, qy), (ax, ay), (bx, by) = p, q, start, end
    if max(px, qx) < min(ax, bx) or min(px, qx) > max(ax, bx):
        return False
    if max(py, qy) < min(ay, by) or min(py, qy) > max(ay, by):
        return False
    along, down, dx, dy = bx - ax, by - ay, qx - px, qy - py
    one, two = along * (py - ay) - down * (px - ax), along * (qy - ay) - down * (qx - ax)
    three, four = dx * (ay - py) - dy * (ax - px), dx * (by - py) - dy * (bx - px)
    return min(one, two) <= 0 <= max(one, two) and min(three, four) <= 0 <= max(three, four)
