"""How likely a track and a detection are one, as loops; see `edge.track.vectors.likeness`."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from edge.track import numbers as of
from edge.track.compiled.ground import near
from edge.track.state import CLASS, VAR_PLACE, Found

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
Mask = NDArray[np.bool_]


@njit(cache=True, nogil=True)
def likeness(
    table: Floats,
    marks: Rows,
    measured: Floats,
    sure: Mask,
    seen: tuple[Rows, Found],
    ground: Floats,
) -> Floats:
    """Of every track with every detection, 0..1; see `edge.track.vectors.likeness`."""
    order, found = seen
    calibrated = not math.isnan(ground[0])
    score = np.zeros((len(table), len(measured)))
    for i in range(len(table)):
        height = max(table[i, 3], of.LEAST_SIZE)
        half_w, half_h = max(table[i, 2], of.LEAST_SIZE) / 2, height / 2
        doubt = of.WIDEN * (math.sqrt(table[i, VAR_PLACE]) / height)
        most = 1 + 2 * min(max(of.GROW, of.GROW_UNSURE) + doubt, of.MOST_GROWN)
        for j in range(len(measured)):
            # Most pairs are far apart, which is seen at once; the slack is for rounding.
            if abs(measured[j, 0] - table[i, 0]) > 1.01 * most * (half_w + measured[j, 2] / 2):
                continue
            if abs(measured[j, 1] - table[i, 1]) > half_h + measured[j, 3] / 2 + 1:
                continue
            same = marks[i, CLASS] == found[2][order[j]]
            grow = min((of.GROW if sure[j] else of.GROW_UNSURE) + doubt, of.MOST_GROWN)
            value = _overlap(table[i], half_w, half_h, measured[j], 1 + 2 * grow, sure[j])
            sureness = np.float64(found[1][order[j]])
            if value > 0 and calibrated and not near(ground, table[i], measured[j], sureness):
                continue
            score[i, j] = value if same else of.OTHER_CLASS * value
    return score


@njit(cache=True, nogil=True)
def _overlap(
    track: Floats, half_w: float, half_h: float, box: Floats, factor: float, sure: bool
) -> float:
    cx, cy, x, y, w, h = track[0], track[1], box[0], box[1], box[2] / 2, box[3] / 2
    a_w, a_h, b_w, b_h = half_w * factor, half_h * factor, w * factor, h * factor
    across = min(cx + a_w, x + b_w) - max(cx - a_w, x - b_w)
    down = min(cy + a_h, y + b_h) - max(cy - a_h, y - b_h)
    shared = min(cy + half_h, y + h) - max(cy - half_h, y - h)
    if across <= 0 or down <= 0 or shared <= 0:
        return 0.0
    spanned = max(cy + half_h, y + h) - min(cy - half_h, y - h)
    both = across * down
    tall = shared / spanned
    power = tall * math.sqrt(tall) if sure else tall
    return both / (4 * (a_w * a_h) + 4 * (b_w * b_h) - both) * power
