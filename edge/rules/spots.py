"""Pixels that differ from what was there before and hang together, and what they may be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.types import Mask

Spots: TypeAlias = NDArray[np.uint8]  # (height, width), 255 where it holds
Means: TypeAlias = NDArray[np.float32]  # (2, height, width), edges across and down
Box: TypeAlias = tuple[int, int, int, int]  # x1 y1 x2 y2, pixels

NONE = 128  # an edge of no strength; the strongest are 128 off
JOIN = 5  # pixels: parts that are nearer are of one thing
RIM = 3  # pixels that an edge is wide
BARE = 12.0  # of 128: edges of a ground that has no structure of its own


class Measured(NamedTuple):
    """What tells a thing from light and from a gap."""

    clear: float  # how much its edges differ from those before, 0..128
    # How much edge there is along its rim, by how much was there before: what came has an outline,
    # what went away had one.
    newness: float
    # How alike its edges are to those before, 0..1: 1 is the same ground in another light. 0 where
    # the ground has none.
    likeness: float
    slimness: float  # how thick it is, by its length, however it lies


@dataclass(frozen=True, slots=True, eq=False)
class Spot:
    """What hangs together."""

    box: Box
    mask: Mask  # (height, width) of the box

    def shares(self, other: Box) -> bool:
        """Whether the smaller of two boxes lies in the other for the greater part."""
        (ax1, ay1, ax2, ay2), (bx1, by1, bx2, by2) = self.box, other
        width, height = min(ax2, bx2) - max(ax1, bx1), min(ay2, by2) - max(ay1, by1)
        smaller = min((ax2 - ax1) * (ay2 - ay1), (bx2 - bx1) * (by2 - by1))
        return min(width, height) > 0 and 2 * width * height > smaller

    def of(self, values: NDArray[Any]) -> NDArray[Any]:
        """What its pixels are in (2, height, width): (2, n)."""
        return within(values, self.box)[:, self.mask]

    def measure(self, now: Means, before: Means) -> Measured:
        """The edges that are there, and those that were."""
        solid = self._solid()
        core = cv2.erode(solid, np.ones((2 * RIM + 1, 2 * RIM + 1), np.uint8))
        all_of_it, rim = (one[RIM:-RIM, RIM:-RIM] > 0 for one in (solid, solid - core))
        strong, weak = (
            float(np.abs(within(means, self.box)[:, rim] - NONE).max(axis=0).sum())
            for means in (now, before)
        )
        new, old = (within(means, self.box)[:, all_of_it] - NONE for means in (now, before))
        bare = float(np.square(old).mean()) < BARE**2
        alike = float((new * old).sum() / np.sqrt(np.square(new).sum() * np.square(old).sum() + 1))
        return Measured(
            clear=float(np.abs(self.of(now) - self.of(before)).max(axis=0).mean()),
            newness=strong / max(weak, 1.0),
            likeness=0.0 if bare else max(alike, 0.0),
            slimness=self._slimness(),
        )

    def _solid(self) -> NDArray[np.uint8]:
        """What its outline holds, 1, with an empty margin of RIM around."""
        solid = cv2.copyMakeBorder(
            self.mask.view(np.uint8), RIM, RIM, RIM, RIM, cv2.BORDER_CONSTANT, value=0
        )
        solid = cv2.dilate(solid, np.ones((3, 3), np.uint8))
        outlines, _ = cv2.findContours(solid, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        return np.asarray(cv2.drawContours(solid, outlines, -1, (1,), cv2.FILLED), np.uint8)

    def _slimness(self) -> float:
        rows, columns = self.mask.nonzero()
        places = np.stack((columns, rows), axis=1).astype(np.float32)
        _, (wide, tall), _ = cv2.minAreaRect(places)
        return (min(wide, tall) + 1) / (max(wide, tall) + 1)


def spots(changed: Spots, most: int) -> list[Spot]:
    """What hangs together: the largest of them, in their order."""
    if not cv2.countNonZero(changed):
        return []
    joined = cv2.dilate(changed, np.ones((JOIN, JOIN), np.uint8))
    half = np.ascontiguousarray(joined[::2, ::2])  # which leaves out none: they are wider by now
    count, labels, stats, _ = cv2.connectedComponentsWithStats(half, connectivity=8)
    order = 1 + np.argsort(-stats[1:count, cv2.CC_STAT_AREA], kind="stable")
    found = []
    for label in order[:most].tolist():
        x, y, width, height = (2 * stats[label, :4]).tolist()
        part = within(changed, (x, y, x + width, y + height)) > 0
        own = within(labels, (x // 2, y // 2, (x + width) // 2, (y + height) // 2)) == label
        mask = own.repeat(2, axis=0).repeat(2, axis=1)[: len(part), : part.shape[1]] & part
        found.append(_tight(mask, x, y))
    return found


def within(values: NDArray[Any], box: Box) -> NDArray[Any]:
    """The part of the last two axes that a box holds."""
    x1, y1, x2, y2 = box
    return values[..., y1:y2, x1:x2]


def _tight(mask: Mask, x: int, y: int) -> Spot:
    """The spot without the empty rim of its box."""
    rows, columns = (np.flatnonzero(mask.any(axis=axis)).tolist() for axis in (1, 0))
    top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    return Spot((x + left, y + top, x + right, y + bottom), mask[top:bottom, left:right])
