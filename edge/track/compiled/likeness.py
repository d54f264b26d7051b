"""How likely a track and a detection are one, as loops; see `edge.track.vectors.likeness`."""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from edge.track import numbers as of
from edge.track.compiled.ground import near
from edge.track.compiled.matching import Pairs
from edge.track.state import CLASS, VAR_PLACE, Floats, Found, Rows
from edge.types import Mask


@njit(cache=True, nogil=True)
def likely(
    own: tuple[Floats, Rows],
    measured: Floats,
    sure: Mask,
    seen: tuple[Rows, Found],
    ground: Floats,
) -> Pairs:
    """Pairs that are alike at all, track by track; see `edge.track.vectors.likeness`.

    `measured` rises by the foot, so that those above a track's head are not looked at.
    """
    (table, marks), (order, found) = own, seen
    calibrated = not math.isnan(ground[0])
    starts = np.zeros(len(table) + 1, np.int64)
    room, count = 8 * (len(table) + len(measured)), 0
    columns, scores = np.empty(room, np.int64), np.empty(room)
    feet = measured[:, 4]
    for i in range(len(table)):
        height = max(table[i, 3], of.LEAST_SIZE)
        half_w, half_h = max(table[i, 2], of.LEAST_SIZE) / 2, height / 2
        doubt = of.WIDEN * (math.sqrt(table[i, VAR_PLACE]) / height)
        most = 1.01 * (1 + 2 * min(max(of.GROW, of.GROW_UNSURE) + doubt, of.MOST_GROWN))
        cx, bottom = table[i, 0], table[i, 1] + half_h + 1
        for j in range(np.searchsorted(feet, table[i, 1] - half_h - 1), len(measured)):
            # Most are far off, which is seen at once; the slack above and here is for rounding.
            x, y, w, h = measured[j, 0], measured[j, 1], measured[j, 2], measured[j, 3]
            if feet[j] - h > bottom or abs(x - cx) > most * (half_w + w / 2):
                continue
            grow = min((of.GROW if sure[j] else of.GROW_UNSURE) + doubt, of.MOST_GROWN)
            track, box = (cx, table[i, 1], half_w, half_h), (x, y, w / 2, h / 2)
            value = _overlap(track, box, 1 + 2 * grow, sure[j])
            if value <= 0:
                continue
            sureness = np.float64(found[1][order[j]])
            if calibrated and not near(ground, table[i], measured[j], sureness):
                continue
            if count == len(columns):
                columns = np.concatenate((columns, np.empty_like(columns)))
                scores = np.concatenate((scores, np.empty_like(scores)))
            same = marks[i, CLASS] == found[2][order[j]]
            columns[count], scores[count] = j, value if same else of.OTHER_CLASS * value
            count += 1
        starts[i + 1] = count
    return starts, columns, scores


@njit(cache=True, nogil=True)
def _overlap(
    track: tuple[float, float, float, float],
    box: tuple[float, float, float, float],
    factor: float,
    sure: bool,
) -> float:
    (cx, cy, half_w, half_h), (x, y, w, h) = track, box
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
