"""One budget for all cameras: who is looked at now, and how busy that keeps the box."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from edge.detect.gaze import Glance

TURN_S = 0.15  # of work at once, so that what is new is never far from its turn
WINDOW_S = 3.0  # load and drops are those of the last seconds
PACE = 0.1  # of the costs towards what was measured
AGE_S = 1.0  # of waiting counts as much as one step of urgency: nobody starves
BUSY = 0.85  # load from which sweeps are made rarer
SLACK_MOST = 4.0  # so much rarer at the most
DROPPED = 0.05  # share of frames that are not looked at from which a box is overloaded


@dataclass(frozen=True, slots=True, eq=False)
class Claim:
    """One camera's wish to be looked at."""

    glance: Glance
    rank: float  # how pressing it is
    waited_s: float  # since the camera was last looked at

    @property
    def priority(self) -> float:
        """The highest is looked at first."""
        return self.rank + self.waited_s / AGE_S


class Budget:
    """Estimates what looking costs, and chooses what fits into a turn. Knows no clock."""

    def __init__(self) -> None:
        self._input_s, self._frame_s = 0.02, 0.002  # until they were measured
        self.load = 0.0  # share of the time that analysis is busy
        self._live = False
        self.dropped = 0.0  # share of the frames that nobody looked at

    @property
    def slack(self) -> float:
        """By how much sweeps should be rarer; files wait, and keep the box busy all the time."""
        if not self._live:
            return 1.0
        return 1 + (SLACK_MOST - 1) * min(max((self.load - BUSY) / (1 - BUSY), 0.0), 1.0)

    @property
    def overloaded(self) -> bool:
        """Whether frames are dropped because there are too many."""
        return self.dropped > DROPPED

    def choose(self, claims: Sequence[Claim], area: int) -> tuple[list[Claim], list[Claim]]:
        """Those that fit into a turn, the most pressing first and at least one; and the others.

        Of files none is left out: their frames wait. `area` is that of one network input, in
        pixels.
        """
        chosen: list[Claim] = []
        left: list[Claim] = []
        spent = 0.0
        for claim in sorted(claims, key=lambda one: -one.priority):
            cost = self._frame_s + self._input_s * claim.glance.cost / area
            if self._live and chosen and spent + cost > TURN_S:
                left.append(claim)
                continue
            spent += cost
            chosen.append(claim)
        return chosen, left

    def looked(self, filled: float, seconds: float) -> None:
        """What it took to look at parts that fill so many network inputs."""
        if filled > 0:
            self._input_s += PACE * (seconds / max(filled, 0.2) - self._input_s)

    def followed(self, frames: int, seconds: float) -> None:
        """What everything else took for so many frames."""
        if frames:
            self._frame_s += PACE * (seconds / frames - self._frame_s)

    def passed(
        self, seconds: float, *, busy_s: float, taken: int, dropped: int, live: bool
    ) -> None:
        """How much of some time was work, and how many frames came and were not looked at."""
        self._live = live
        weight = 1 - math.exp(-seconds / WINDOW_S)
        if seconds > 0:
            self.load += weight * (min(busy_s / seconds, 1.0) - self.load)
        self.dropped += weight * (dropped / max(taken + dropped, 1) - self.dropped)
