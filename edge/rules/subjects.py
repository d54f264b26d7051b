"""Which objects a rule looks at: of its classes, of its size, as sure and as fast as it asks."""

from __future__ import annotations

import math
from dataclasses import dataclass

from edge.rules.view import View
from edge.types import Fact, Motion

SURE = 2.0  # standard deviations that a speed must lie beyond its limit


@dataclass(frozen=True, slots=True)
class Subjects:
    """What a rule looks at.

    Heights are parts of the picture's, widths metres on the ground. Speeds are metres per second
    where the camera is calibrated, else picture heights per second; they count where they are
    sure, and are asked of who would cause an alert only. Widths are not asked where it is not.
    A greatest height of 1 is no limit: what is as tall as the picture may be measured taller.
    """

    classes: frozenset[int] = frozenset({0})
    min_height: float = 0.0
    max_height: float = 1.0
    min_score: float = 0.0
    min_width_m: float = 0.0
    max_width_m: float = math.inf
    min_speed: float = 0.0
    max_speed: float = math.inf

    def among(self, view: View) -> tuple[int, ...]:
        """The rows of those, whatever their speed; the same for rules that ask the same."""
        known = view.memo.get(id(self))
        if known is None:
            known = view.memo[id(self)] = self, self._rows(view)
        found: tuple[int, ...] = known[1]
        return found

    def moves(self, view: View, track: int) -> bool:
        """Whether it is as fast as it should be, beyond doubt."""
        if not self.asks_speed:
            return True
        motion = _known(view, track)
        return motion is not None and self._fits(motion)

    @property
    def asks_speed(self) -> bool:
        """Whether there is a limit to it."""
        return self.min_speed > 0 or self.max_speed < math.inf

    def knows_speed(self, view: View, track: int) -> bool:
        """Whether it can be told how fast it is."""
        return _known(view, track) is not None

    def speed(self, view: View, track: int) -> tuple[Fact, ...]:
        """Its speed, where that was asked."""
        motion = _known(view, track) if self.asks_speed else None
        if motion is None:
            return ()
        unit = "m/s" if motion.on_ground else "heights/s"
        least = self.min_speed or None
        most = None if self.max_speed == math.inf else self.max_speed
        return (Fact("speed", round(motion.speed, 3), unit, least, most),)

    def _fits(self, motion: Motion) -> bool:
        off = SURE * motion.speed_sd
        fast = not self.min_speed or motion.speed - off >= self.min_speed
        return fast and motion.speed + off <= self.max_speed

    def _rows(self, view: View) -> tuple[int, ...]:
        fit, _ = view.of_classes(self.classes)
        least, most = self.min_height, self.max_height
        if least > 0 or most < 1:
            tall, most = view.heights, most if most < 1 else math.inf
            fit = tuple(row for row in fit if least <= tall[row] <= most)
        if self.min_score:
            scores = view.tracks.score.tolist()
            fit = tuple(row for row in fit if scores[row] >= self.min_score)
        if (self.min_width_m or self.max_width_m < math.inf) and view.widths_m is not None:
            wide = view.widths_m
            fit = tuple(row for row in fit if self.min_width_m <= wide[row] <= self.max_width_m)
        return fit


def _known(view: View, track: int) -> Motion | None:
    """How it moves, in the unit that the limits have here; None: it can't be told."""
    motion = view.motion(track)
    return motion if motion and motion.on_ground == (view.ground is not None) else None
