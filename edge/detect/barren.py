"""Where what moves is never anything: rain, leaves, shadows. It is looked at less often there."""

from __future__ import annotations

import numpy as np

from edge.geometry import area
from edge.types import Boxes, Mask

GRID = (16, 9)  # cells of a picture, columns and rows
LULL_S = 5.0  # nothing has moved for so long: what was in vain there is forgotten
LOOK_S = 0.2  # that one look counts for, at most
TICK_S = 1e-6  # times less far apart are equal


class Barren:
    """Of one camera; boxes in parts of the picture, 0..1. Pure: time is what the pictures say.

    Where looks have found nothing for `vain_s`, in most of the cells that something covers, it is
    looked at every `again_s` only, until something is found there or nothing has moved for LULL_S.
    A look counts `dear` times more often for what it covered of the picture.
    """

    def __init__(self, vain_s: float, again_s: float, *, dear: float = 0.0) -> None:
        self._most_s, self._again_s, self._dear = vain_s, again_s, dear
        self._vain_s = np.zeros(GRID[::-1])
        self._seen = np.full(GRID[::-1], -np.inf)  # pts of the last look at what moved there
        self._looked = 0.0  # pts of the last look at what is barren

    def worth(self, moving: Boxes, pts: float) -> Mask:
        """Which of the boxes that move should be looked at now."""
        return (pts - self._looked >= self._again_s) | ~self._barren(moving, pts)

    def looked(self, moving: Boxes, fruitful: Mask, pts: float) -> None:
        """These were looked at, and something was found in some of them."""
        if self._barren(moving, pts).any():
            self._looked = pts
        covered = np.zeros(GRID[::-1], bool)
        found = np.zeros(GRID[::-1], bool)
        for cells, fruit in zip(_cells(moving), fruitful.tolist(), strict=True):
            covered[cells] = True
            found[cells] |= fruit
        weight = 1 + self._dear * min(float(area(moving).sum()), 1.0)
        since = weight * np.minimum(pts - self._seen, LOOK_S)
        before = np.where(pts - self._seen > LULL_S, 0.0, self._vain_s)
        vain = np.where(found, 0.0, before + since)
        self._vain_s = np.where(covered, vain, self._vain_s)
        self._seen[covered] = pts

    def _barren(self, moving: Boxes, pts: float) -> Mask:
        vain = (self._vain_s >= self._most_s - TICK_S) & (pts - self._seen <= LULL_S)
        if not vain.any():
            return np.zeros(len(moving), bool)
        return np.array([vain[cells].mean() >= 0.5 for cells in _cells(moving)], bool)  # noqa: PLR2004 - half


def _cells(boxes: Boxes) -> list[tuple[slice, slice]]:
    """The cells that each box touches, one at least."""
    columns, rows = GRID
    scaled = boxes * np.array([columns, rows, columns, rows], np.float32)
    low = np.floor(scaled[:, :2]).clip(0, [columns - 1, rows - 1]).astype(int)
    high = np.maximum(np.ceil(scaled[:, 2:]).clip(0, [columns, rows]).astype(int), low + 1)
    return [
        (slice(y1, y2), slice(x1, x2))
        for (x1, y1), (x2, y2) in zip(low.tolist(), high.tolist(), strict=True)
    ]
