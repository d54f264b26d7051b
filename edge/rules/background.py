"""What a part of the picture usually shows, and what in it has been another thing for a while.

Two running means of its edges, a slow and a fast one (Porikli, Ivanov and Haga, EURASIP JASP 2008):
what comes and stays is in the fast one first. Edges rather than brightness, and of limited
strength, so that light matters little.
"""

from __future__ import annotations

import math
from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.rules.spots import NONE, Box, Means, Spot, Spots, within
from edge.types import Luma, Mask

Edges: TypeAlias = NDArray[np.uint8]  # (2, height, width), across and down; 128: none

FAST_S, SLOW_S = 3.0, 120.0  # time constants of the two means,
UNREST_S = 20.0  # and of how much a pixel changes from look to look
LEARN_S = 10.0  # so long a pixel is seen before anything is told of it
LEAST = 28.0  # of 128: what differs by less is the same
RESTLESS = 1.5  # times its unrest, and a pixel that is never the same must differ by so much more
NEIGHBOURS = 4  # of nine pixels that must differ with one: noise is smaller
HALF = 0.5
COARSE = 5  # pixels, each way, that are one to tell whether the whole picture is another one
FAINT = 20.0  # of 128: less is no edge there
FEW = 0.06  # of the picture: a large thing has as many edges
ANOTHER = 0.5  # of its edges are not where they were: the picture is another one
TICK_S = 1e-4  # times less far apart are equal


class Background:
    """Of one part of one camera's picture. Pure: time is what it is told."""

    def __init__(self) -> None:
        self.edges: Edges = np.zeros((2, 0, 0), np.uint8)  # of the newest look
        self.free: Spots = self.edges[0]  # where nobody stood in it
        self.fast: Means = np.zeros((2, 0, 0), np.float32)
        self.slow = self.fast
        self._unrest = self._seen_s = self.fast[0]  # how long a pixel was seen, LEARN_S or less
        self._young = self.free  # where that is less

    def look(self, luma: Luma, *, free: Spots, kept: Spots, dt: float) -> Spots:
        """Take in a look, `dt` seconds after the last; returns where something came and stays.

        Nothing is learned but where it is `free` of objects, and slowly nothing where `kept`.
        """
        edges = edges_of(luma)
        if edges.shape != self.edges.shape:
            self._begin(edges)
        moved = _stronger(cv2.absdiff(edges, self.edges))
        cv2.accumulateWeighted(moved, self._unrest, _part(dt, UNREST_S), free & self.free)
        self.edges, self.free = edges, free
        for now, fast, slow in zip(edges, self.fast, self.slow, strict=True):
            cv2.accumulateWeighted(now, fast, _part(dt, FAST_S), free)
            cv2.accumulateWeighted(now, slow, _part(dt, SLOW_S), free & ~kept)
        young = self._young & free
        if cv2.countNonZero(young):
            self._learn(young > 0, max(dt, TICK_S))
        return self._changed() & free & ~self._young

    def settle(self, box: Box, mask: Mask | None = None) -> None:
        """What is there now is usual, in a box or in the pixels of its mask."""
        seen = within(self.free, box) > 0
        seen = seen if mask is None else seen & mask
        for means in (self.fast, self.slow):
            np.copyto(within(means, box), within(self.edges, box), where=seen)

    def is_seen(self, spot: Spot) -> bool:
        """Whether nobody stands before the greater part of it."""
        return bool(np.mean(within(self.free, spot.box)[spot.mask] > 0) > HALF)

    def is_free(self, box: Box) -> bool:
        """Whether nobody stands before any of it."""
        return bool(within(self.free, box).all())

    def _begin(self, edges: Edges) -> None:
        self.edges, self.free = edges, np.zeros(edges.shape[1:], np.uint8)
        self.fast, self.slow = edges.astype(np.float32), edges.astype(np.float32)
        self._unrest, self._seen_s = np.zeros(edges.shape, np.float32)
        self._young = np.full(edges.shape[1:], 255, np.uint8)

    def _learn(self, young: Mask, dt: float) -> None:
        """The plain mean, of pixels that were seen for a short time only."""
        self._seen_s += np.float32(dt) * young
        part = np.divide(dt, self._seen_s, out=np.zeros_like(self._seen_s), where=young)
        for now, fast, slow in zip(self.edges, self.fast, self.slow, strict=True):
            np.add(slow, part * (now - slow), out=slow)
            np.copyto(fast, slow, where=young)
        self._young[self._seen_s > LEARN_S - TICK_S] = 0

    def _changed(self) -> Spots:
        fast, slow = (_rounded(means) for means in (self.fast, self.slow))
        limit = cv2.convertScaleAbs(self._unrest, alpha=RESTLESS, beta=LEAST)
        moved = _over(_stronger(cv2.absdiff(fast, slow)), limit)
        if not cv2.countNonZero(moved):
            return moved
        ones = np.asarray(cv2.boxFilter(moved & np.uint8(1), -1, (3, 3), normalize=False))
        return moved & _over(ones, np.full_like(ones, NEIGHBOURS - 1))


class Whole:
    """Tells when the whole picture has become another one: light, infrared, another view."""

    def __init__(self) -> None:
        self._usual: Means | None = None

    def look(self, luma: Luma, *, free: Spots, dt: float) -> bool:
        """Whether it has, in this look; what is new is usual then."""
        middle = np.s_[COARSE // 2 :: COARSE, COARSE // 2 :: COARSE]
        small = np.ascontiguousarray(np.asarray(cv2.blur(luma, (COARSE, COARSE)), np.uint8)[middle])
        now, seen = edges_of(small).astype(np.float32), free[middle] > 0
        usual, self._usual = self._usual, now
        if usual is None:
            return False
        before, after = usual - NONE, now - NONE
        judged = seen & (np.abs(before) > FAINT)
        lost = judged & (after * before < before * before / 2)
        count = np.count_nonzero(lost)
        if count > FEW * lost.size and count > ANOTHER * np.count_nonzero(judged):
            return True
        part = np.float32(_part(dt, FAST_S)) * seen
        self._usual = np.asarray(usual + part * (now - usual), np.float32)
        return False


def edges_of(luma: Luma) -> Edges:
    """Gradients of the brightness, each 128 and its strength, which is limited."""
    soft, edges = cv2.blur(luma, (3, 3)), np.empty((2, *luma.shape), np.uint8)
    for one, way in zip(edges, ((1, 0), (0, 1)), strict=True):
        cv2.Sobel(soft, -1, *way, dst=one, delta=NONE)
    return edges


def _part(dt: float, span: float) -> float:
    """Of the newest in a running mean of this time constant."""
    return 1 - math.exp(-dt / span)


def _stronger(edges: NDArray[Any]) -> Spots:
    """Of each pixel's two."""
    return np.asarray(cv2.max(edges[0], edges[1]), np.uint8)


def _rounded(means: Means) -> Edges:
    flat = cv2.convertScaleAbs(means.reshape(-1, means.shape[-1]))
    return np.asarray(flat, np.uint8).reshape(means.shape)


def _over(values: NDArray[Any], limit: NDArray[Any]) -> Spots:
    return np.asarray(cv2.compare(values, limit, cv2.CMP_GT), np.uint8)
