"""The foot points of a track's last second, and the straight line that fits them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from edge.track.numbers import TICK_S

JITTER = 0.02  # of a detected box's foot point, at least: a part of its height


class Step(NamedTuple):
    """Where a track's foot point was measured, 0..1, and how tall its box was, 0..1."""

    pts: float
    x: float
    y: float
    height: float


class Line(NamedTuple):
    """A steady walk: where it is in its middle, 0..1, and how fast, per second."""

    steps: int  # that it goes through
    first: float  # pts of the oldest of them
    pts: float
    spread: float  # of their times: the sum of squares, seconds
    x: float
    y: float
    vx: float
    vy: float

    def at(self, pts: float) -> tuple[float, float]:
        """Where it is then."""
        ahead = pts - self.pts
        return self.x + ahead * self.vx, self.y + ahead * self.vy

    def free(self, pts: float) -> float:
        """How little the line is held by the step of that time, 0..1; 0: it must go through it."""
        pull = (pts - self.pts) ** 2 / self.spread if self.spread else 0.0
        return max(0.0, 1 - 1 / self.steps - pull)


def line_through(steps: Sequence[Step], since: float = -math.inf) -> Line:
    """The line with the least squares through the newest step and those before it, from `since` on.

    Sums are of what lies between a step and the newest: numbers so small that none is lost.
    """
    now, here_x, here_y, _ = steps[-1]
    count, first, times, times_2, xs, ys, times_x, times_y = 0, now, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for pts, step_x, step_y, _ in reversed(steps):
        if pts < since:
            break
        time, x, y = pts - now, step_x - here_x, step_y - here_y
        count, first = count + 1, pts
        times += time
        times_2 += time * time
        xs += x
        ys += y
        times_x += time * x
        times_y += time * y
    count = max(count, 1)
    middle, x, y = now + times / count, here_x + xs / count, here_y + ys / count
    spread = times_2 - times * times / count
    if spread < TICK_S * TICK_S:
        return Line(count, first, middle, 0.0, x, y, 0.0, 0.0)
    vx, vy = (times_x - times * xs / count) / spread, (times_y - times * ys / count) / spread
    return Line(count, first, middle, spread, x, y, vx, vy)
