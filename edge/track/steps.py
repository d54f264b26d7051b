"""The foot points of a track's last second, and the straight line that fits them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from edge.track.numbers import TICK_S

JITTER = 0.02  # of a detected box's foot point, at least: a part of its height


@dataclass(frozen=True, slots=True)
class Step:
    """Where a track's foot point was measured, 0..1, and how tall its box was, 0..1."""

    pts: float
    x: float
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Line:
    """A steady walk: where it is in its middle, 0..1, and how fast, per second."""

    count: int  # steps that it goes through
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
        return max(0.0, 1 - 1 / self.count - pull)


def line_through(steps: Sequence[Step]) -> Line:
    """The line with the least squares."""
    count = len(steps)
    pts = sum([step.pts for step in steps]) / count
    x = sum([step.x for step in steps]) / count
    y = sum([step.y for step in steps]) / count
    times = [step.pts - pts for step in steps]
    spread = sum([time * time for time in times])
    if spread < TICK_S * TICK_S:
        return Line(count, pts, 0.0, x, y, 0.0, 0.0)
    vx = sum([time * step.x for time, step in zip(times, steps, strict=True)]) / spread
    vy = sum([time * step.y for time, step in zip(times, steps, strict=True)]) / spread
    return Line(count, pts, spread, x, y, vx, vy)
