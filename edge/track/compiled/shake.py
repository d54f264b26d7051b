"""The motion that all objects share, as loops; see `edge.track.vectors.shake`."""

from __future__ import annotations

import numpy as np
from numba import njit

from edge.track import numbers as of
from edge.track.state import Floats, Rows
from edge.types import Mask


@njit(cache=True, nogil=True)
def shared_motion(
    table: Floats, witness: Rows, measured: Floats, sure: Mask
) -> tuple[float, float]:
    """How far the picture moved, as most of what is in it says; see `edge.track.vectors.shake`."""
    voices = np.empty((len(witness) * len(measured), 3))
    owner = np.empty(len(voices), np.int64)
    feet = measured[:, 4]
    count, still = 0, 0
    for k in range(len(witness)):
        x, y, height = table[witness[k], 0], table[witness[k], 1], table[witness[k], 3]
        height = max(height, of.LEAST_SIZE)
        unmoved = False
        reach = (of.UP + (of.SCALE - 1) / 2) * height + 1  # of a foot, of heights that are alike
        foot = y + height / 2
        for j in range(np.searchsorted(feet, foot - reach), len(measured)):
            if feet[j] > foot + reach:
                break
            dx, dy, other = measured[j, 0] - x, measured[j, 1] - y, measured[j, 3]
            if not (abs(dx) < of.ACROSS * height and abs(dy) < of.UP * height and sure[j]):
                continue
            if other >= of.SCALE * height or height >= of.SCALE * other:
                continue
            voices[count, 0], voices[count, 1], voices[count, 2] = dx, dy, of.ALIKE * height
            owner[count] = k
            count += 1
            unmoved = unmoved or max(abs(dx), abs(dy)) < of.ALIKE * height
        still += unmoved
        if still >= of.STILL * len(witness):
            return 0.0, 0.0
    if count < of.TOGETHER:
        return 0.0, 0.0
    best, votes = _loudest(voices[:count], owner[:count])
    if votes < max(of.TOGETHER, 0.5 * len(witness)) or votes < still + of.FEWER:
        return 0.0, 0.0
    near, alike = np.empty((2, count)), 0
    for k in range(count):
        if _agree(voices, best, k):
            near[0, alike], near[1, alike] = voices[k, 0], voices[k, 1]
            alike += 1
    return np.median(near[0, :alike]), np.median(near[1, :alike])


@njit(cache=True, nogil=True)
def _agree(voices: Floats, one: int, other: int) -> bool:
    """Whether these two displacements are one, within what the other's height allows."""
    dx, dy = voices[one, 0] - voices[other, 0], voices[one, 1] - voices[other, 1]
    return max(abs(dx), abs(dy)) < voices[other, 2]


@njit(cache=True, nogil=True)
def _loudest(voices: Floats, owner: Rows) -> tuple[int, int]:
    """The displacement that most objects could have made, the smallest of these."""
    best, most = 0, 0
    for one in range(len(voices)):
        votes, last = 0, -1
        for other in range(len(voices)):
            if owner[other] != last and _agree(voices, one, other):
                votes, last = votes + 1, owner[other]
        less = abs(voices[one, 0]) + abs(voices[one, 1])
        if votes > most or (votes == most and less < abs(voices[best, 0]) + abs(voices[best, 1])):
            best, most = one, votes
    return best, most
