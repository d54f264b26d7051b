"""What moves in front of one camera: a background model of its brightness.

A running mean and a running deviation of every pixel, as in the adaptive background models since
Stauffer and Grimson (CVPR 1999), with one Gaussian: what is learned here only says where to look.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.types import Boxes, Luma

Floats = NDArray[np.float32]

LEAST = np.uint8(14)  # grey levels that a pixel must differ by, however quiet it is
SPREADS = 4.5  # and this many of its usual deviations
SPREAD_MOST = np.float32(
    22
)  # a pixel that always flickers (leaves, rain) still shows a strong change
SPREAD_FIRST = 4.0
LEARN_S = 6.0  # time constants: of the background,
ABSORB_S = 25.0  # of what differs from it: a parked car is background after a minute,
RECOVER_S = 0.4  # of everything, while the whole picture is another one,
SETTLE_S = 1.0  # and so long after that
EVERYWHERE = 0.4  # share of the picture that moves where it is not objects that move
NEIGHBOURS = 3  # of nine pixels that must move with one: raindrops and noise are smaller
GRID = 8  # every so many pixels, along both axes, tell how exposure has changed
CALM, TONE = 12.0, 0.15  # pixels that differ by less grey levels, and this part of them, tell it
BLACK, WHITE = 2.0, 253.0  # at these ends (and in masks) no exposure shows


@dataclass(frozen=True, slots=True, eq=False)
class Moved:
    """What has moved in one picture; boxes in pixels of the brightness."""

    mask: NDArray[np.uint8]  # (height, width), 1 where it moves
    boxes: Boxes
    everywhere: bool  # the picture as a whole: light, shake, another view, or the first one

    def shares(self, xyxy: Boxes) -> Floats:
        """The part of each box, in pixels of the brightness, that moves."""
        height, width = self.mask.shape
        sums = cv2.integral(self.mask)
        low = np.floor(xyxy[:, :2]).clip(0, [width - 1, height - 1]).astype(int)
        high = np.maximum(np.ceil(xyxy[:, 2:]).clip(0, [width, height]).astype(int), low + 1)
        (x1, y1), (x2, y2) = low.T, high.T
        inside = sums[y2, x2] - sums[y1, x2] - sums[y2, x1] + sums[y1, x1]
        return np.asarray(inside / ((x2 - x1) * (y2 - y1)), np.float32)


class Motion:
    """The background of one camera. Pure: time is what the pictures say."""

    def __init__(self) -> None:
        self._mean: Floats | None = None
        self._spread: Floats | None = None
        self._pts, self._settled = 0.0, 0.0

    def update(self, luma: Luma, pts: float) -> Moved:
        """Compare a picture with the background, then learn it.

        `luma` always has one size; another one begins anew.
        """
        now = luma.astype(np.float32)
        if self._mean is None or self._spread is None or self._mean.shape != now.shape:
            return self._begin(now, pts)
        passed, self._pts = max(0.0, pts - self._pts), pts
        expected = _exposed(self._mean, now)
        away = cv2.absdiff(now, expected.clip(0, 255))
        limit = np.maximum(cv2.convertScaleAbs(self._spread, alpha=SPREADS), LEAST)
        moving = np.asarray(cv2.compare(cv2.convertScaleAbs(away), limit, cv2.CMP_GT), np.uint8)
        mask = _clean(moving)
        everywhere = cv2.countNonZero(mask) > EVERYWHERE * mask.size
        if everywhere:
            self._settled = pts + SETTLE_S
        paces = (RECOVER_S, RECOVER_S) if pts < self._settled else (LEARN_S, ABSORB_S)
        self._mean, change = expected, np.minimum(away, SPREAD_MOST)
        for where, span in zip((cv2.bitwise_not(moving), moving), paces, strict=True):
            weight = 1 - math.exp(-passed / span)
            cv2.accumulateWeighted(now, self._mean, weight, where)
            cv2.accumulateWeighted(change, self._spread, weight, where)
        return Moved(mask, np.zeros((0, 4), np.float32) if everywhere else _boxes(mask), everywhere)

    def _begin(self, now: Floats, pts: float) -> Moved:
        self._mean, self._pts, self._settled = now, pts, pts
        self._spread = np.full_like(now, SPREAD_FIRST)
        return Moved(np.ones(now.shape, np.uint8), np.zeros((0, 4), np.float32), everywhere=True)


def _exposed(mean: Floats, now: Floats) -> Floats:
    """The background as the present exposure shows it: gain and offset, from what stands still."""
    old, new = mean[::GRID, ::GRID].ravel(), now[::GRID, ::GRID].ravel()
    least = len(old) // 4
    told = (np.minimum(old, new) > BLACK) & (np.maximum(old, new) < WHITE)
    old, new = old[told], new[told]
    if len(old) < least:
        return mean.copy()
    change = new - old
    middle = len(change) // 2
    still = np.abs(change - np.partition(change, middle)[middle]) < CALM + TONE * old
    x, y = old[still], new[still]
    if len(x) < least:
        return mean.copy()
    centre = float(x.mean())
    x = x - centre
    variance = float(x @ x)
    gain = min(max(float(x @ y) / variance, 0.5), 2.0) if variance > len(x) else 1.0
    expected = np.asarray(cv2.addWeighted(mean, gain, mean, 0, float(y.mean()) - gain * centre))
    black, white = np.maximum(mean, now) <= BLACK, np.minimum(mean, now) >= WHITE
    np.minimum(expected, now, out=expected, where=black)
    return np.maximum(expected, now, out=expected, where=white)


def _clean(moving: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Without pixels that move alone, and without the small gaps in what is left."""
    count = cv2.boxFilter(
        moving // 255, -1, (3, 3), normalize=False, borderType=cv2.BORDER_CONSTANT
    )
    return np.asarray(cv2.dilate((count >= NEIGHBOURS).astype(np.uint8), np.ones((3, 3))), np.uint8)


def _boxes(mask: NDArray[np.uint8]) -> Boxes:
    """What hangs together, on every other pixel: by now it is at least three pixels wide."""
    half = np.ascontiguousarray(mask[::2, ::2])
    count, _, stats, _ = cv2.connectedComponentsWithStats(half, connectivity=8)
    if count == 1:
        return np.zeros((0, 4), np.float32)
    x, y, width, height = stats[1:, :4].T * 2
    return np.stack((x - 1, y - 1, x + width, y + height), axis=1).astype(np.float32)
