"""What has come into a part of the picture and stays there, and how long it has been alone."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from edge.rules.background import Background, Whole
from edge.rules.bystanders import Bystanders
from edge.rules.moment import TICK_S
from edge.rules.spots import Box, Spot, Spots, spots, within
from edge.types import Luma

ATTEND_S = 5.0  # who stays near for so long attends to it, and does not just pass
GONE_S = 3.0  # not seen for so long although nobody stands before it: it is gone
EVERYWHERE = 0.25  # of what is looked at has changed: that is light
MOST = 16  # at once
AROUND = 3  # pixels around it that show it too


@dataclass(slots=True, eq=False)
class Thing:
    """What may have been left; times in seconds of looks."""

    spot: Spot
    distance: float  # of the nearest person who may have brought it, pixels
    tall: float  # and the height of the tallest
    age_s: float = 0.0
    looks: int = 1
    alone_s: float = 0.0
    attended_s: float = 0.0  # without a break
    missing_s: float = 0.0  # the same


class Things:
    """Those in one part (x1, y1, x2, y2) of a small picture of (width, height).

    A thing appears where a person is `near`, pixels, or was a moment ago; what appears otherwise
    is part of the background at once.
    """

    def __init__(self, size: tuple[int, int], part: Box, *, near: float) -> None:
        self.size, self.part, self._near = size, part, near
        self.background = Background()
        self._whole = Whole()
        self._now: list[Thing] = []

    def look(
        self, luma: Luma, bystanders: Bystanders, *, dt: float, left: list[Box]
    ) -> list[Thing]:
        """What is there; nothing else is looked for where something was `left`."""
        free = bystanders.free(self.size)
        if self._whole.look(luma, free=free, dt=dt):
            self.background, self._now = Background(), []
        part, seen = (np.ascontiguousarray(within(one, self.part)) for one in (luma, free))
        changed = self.background.look(part, free=seen, kept=self._kept(seen), dt=dt)
        everywhere = cv2.countNonZero(changed) > EVERYWHERE * cv2.countNonZero(seen)
        if everywhere or not (self._now or bystanders.anybody):
            mask = None if everywhere else changed > 0
            self.background.settle((0, 0, *part.shape[::-1]), mask)
            self._now = []
            return []
        found = [one for one in spots(changed, MOST) if not any(map(one.shares, left))]
        for thing in self._now:
            spot = next((one for one in found if one.shares(thing.spot.box)), None)
            self._see(thing, spot, bystanders, dt)
            found = [one for one in found if one is not spot]
        self._now = [one for one in self._now if one.missing_s < GONE_S - TICK_S]
        self._meet(found, bystanders)
        return [*self._now]

    def settle(self, box: Box) -> None:
        """What is seen there now is usual."""
        self.background.settle(self._grown(box))
        self._now = [one for one in self._now if not one.spot.shares(box)]

    def at(self, box: Box) -> Box:
        """Where that is in the small picture."""
        (x, y, *_), (x1, y1, x2, y2) = self.part, box
        return x1 + x, y1 + y, x2 + x, y2 + y

    def _see(self, thing: Thing, spot: Spot | None, bystanders: Bystanders, dt: float) -> None:
        near = bystanders.nearest(self.at(thing.spot.box)) <= self._near
        thing.age_s += dt
        thing.attended_s = thing.attended_s + dt if near else 0.0
        if thing.attended_s >= ATTEND_S - TICK_S:
            thing.alone_s = 0.0
        if spot is None:
            thing.missing_s += dt if self.background.is_seen(thing.spot) else 0.0
            return
        thing.looks, thing.missing_s = thing.looks + 1, 0.0
        thing.alone_s += 0.0 if near else dt
        if self.background.is_free(thing.spot.box) or spot.mask.size > thing.spot.mask.size:
            thing.spot = spot

    def _meet(self, found: list[Spot], bystanders: Bystanders) -> None:
        for spot in found:
            bringer = bystanders.bringer(self.at(spot.box), self._near)
            if bringer is None:
                self.background.settle(spot.box, spot.mask)
            elif len(self._now) < MOST:
                self._now.append(Thing(spot, *bringer))

    def _kept(self, seen: Spots) -> Spots:
        """Where it must not be forgotten what was there before."""
        kept = np.zeros_like(seen)
        for thing in self._now:
            within(kept, self._grown(thing.spot.box))[:] = 255
        return kept

    def _grown(self, box: Box) -> Box:
        x1, y1, x2, y2 = box
        return max(0, x1 - AROUND), max(0, y1 - AROUND), x2 + AROUND, y2 + AROUND
