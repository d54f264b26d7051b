"""What a turn tells, as loops; see `edge.track.state.Told`."""

from __future__ import annotations

import numpy as np
from numba import njit

from edge.track.state import (
    CLASS,
    DETECTION,
    ID,
    RIPE,
    ROW,
    UNNAMED,
    Found,
    Own,
    Rows,
    Told,
)


@njit(cache=True, nogil=True)
def over(i: int, own: Own, out: Told) -> None:
    """Say that the track ended, if it had an id."""
    if own[1][i, ID] != UNNAMED:
        out.ended[out.counts[1]] = own[1][i, ID]
        out.counts[1] += 1


@njit(cache=True, nogil=True)
def tell(count: int, taken: Rows, order: Rows, found: Found, own: Own, out: Told) -> None:
    """The confirmed tracks that were seen, lowest id first."""
    marks = own[1]
    rows, told = np.empty(count, np.int64), 0
    for i in range(count):
        if taken[i] >= 0 and marks[i, ID] != UNNAMED:
            at = told
            while at > 0 and marks[rows[at - 1], ID] > marks[i, ID]:
                rows[at] = rows[at - 1]
                at -= 1
            rows[at] = i
            told += 1
    for at in range(told):
        write(at, rows[at], order[taken[rows[at]]], found, own, out)
    out.counts[0] = told


@njit(cache=True, nogil=True)
def write(at: int, i: int, j: int, found: Found, own: Own, out: Told) -> None:
    """Tell of track i, seen as detection j."""
    out.id[at], out.class_id[at] = own[1][i, ID], own[1][i, CLASS]
    out.score[at] = found[1][j]
    for k in range(4):
        out.xyxy[at, k] = found[0][j, k]
    out.velocity[at, 0], out.velocity[at, 1] = own[0][i, 4], own[0][i, 5]


@njit(cache=True, nogil=True)
def note(i: int, j: int, ripe: bool, out: Told) -> None:
    """Say that the track is tentative, and whether it is to be confirmed."""
    at = out.counts[2]
    out.tentative[at, ROW], out.tentative[at, DETECTION] = i, j
    out.tentative[at, RIPE] = 1 if ripe else 0
    out.counts[2] += 1
