"""Optimal assignment as compiled loops; see `edge.track.kernel`."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Rows = NDArray[np.int64]


@njit(cache=True, nogil=True)
def match(score: Floats, least: float, taken: Rows, given: Rows, rows: Rows, columns: Rows) -> None:
    """Pair these rows and columns for the best total score, each pair at least `least`.

    `taken[row]` becomes its column, `given[column]` its row. Who has one choice, which is nobody
    else's, is paired at once; where choices meet, a group of rows and columns is solved as a whole.
    """
    choices = np.zeros(len(rows), np.int64)
    choice = np.empty(len(rows), np.int64)
    wanted = np.zeros(score.shape[1], np.int64)
    for i in range(len(rows)):
        for column in columns:
            if score[rows[i], column] >= least:
                choices[i] += 1
                choice[i] = column
                wanted[column] += 1
    rest, count = np.empty(len(rows), np.int64), 0
    for i in range(len(rows)):
        if choices[i] == 1 and wanted[choice[i]] == 1:
            taken[rows[i]], given[choice[i]] = choice[i], rows[i]
        elif choices[i]:
            rest[count] = rows[i]
            count += 1
    if count:
        open_columns = columns[(given[columns] < 0) & (wanted[columns] > 0)]
        _match_groups(score, least, taken, given, rest[:count], open_columns)


@njit(cache=True, nogil=True)
def _match_groups(
    score: Floats, least: float, taken: Rows, given: Rows, rows: Rows, columns: Rows
) -> None:
    group = np.full(len(rows), -1, np.int64)
    members = np.empty(len(rows), np.int64)
    seen = np.zeros(score.shape[1], np.bool_)
    some = np.empty(len(columns), np.int64)
    for first in range(len(rows)):
        if group[first] < 0:
            count, width = _gather(score, least, rows, columns, first, group, members, seen, some)
            _pair(score, least, rows[members[:count]], some[:width], taken, given)


@njit(cache=True, nogil=True)
def _gather(
    score: Floats,
    least: float,
    rows: Rows,
    columns: Rows,
    first: int,
    group: Rows,
    members: Rows,
    seen: Mask,
    some: Rows,
) -> tuple[int, int]:
    """The rows and columns that are bound to this row by likely pairs, directly or not."""
    members[0], group[first] = first, first
    count, width, at = 1, 0, 0
    while at < count:
        row = rows[members[at]]
        at += 1
        for column in columns:
            if seen[column] or score[row, column] < least:
                continue
            seen[column] = True
            some[width] = column
            width += 1
            for other in range(len(rows)):
                if group[other] < 0 and score[rows[other], column] >= least:
                    group[other] = first
                    members[count] = other
                    count += 1
    return count, width


@njit(cache=True, nogil=True)
def _pair(score: Floats, least: float, rows: Rows, columns: Rows, taken: Rows, given: Rows) -> None:
    """Solve one group."""
    if len(columns) == 0:
        return
    if len(rows) == 1 or len(columns) == 1:
        _best(score, rows, columns, taken, given)
        return
    if _no_conflict(score, rows, columns, taken, given):
        return
    upright = len(rows) <= len(columns)
    high, wide = (rows, columns) if upright else (columns, rows)
    cost = np.zeros((len(high), len(wide)))
    for i in range(len(high)):
        for j in range(len(wide)):
            value = score[high[i], wide[j]] if upright else score[wide[j], high[i]]
            cost[i, j] = -value if value >= least else 0.0
    choice = _solve(cost)
    for i in range(len(high)):
        row, column = (high[i], wide[choice[i]]) if upright else (wide[choice[i]], high[i])
        if score[row, column] >= least:
            taken[row], given[column] = column, row


@njit(cache=True, nogil=True)
def _best(score: Floats, rows: Rows, columns: Rows, taken: Rows, given: Rows) -> None:
    """One row or one column: the best of the others."""
    row, column = rows[0], columns[0]
    for i in rows:
        for j in columns:
            if score[i, j] > score[row, column]:
                row, column = i, j
    taken[row], given[column] = column, row


@njit(cache=True, nogil=True)
def _no_conflict(score: Floats, rows: Rows, columns: Rows, taken: Rows, given: Rows) -> bool:
    """Give every row its best column, if no two rows want the same; then nothing is better."""
    for k in range(len(rows)):
        best = columns[0]
        for column in columns:
            if score[rows[k], column] > score[rows[k], best]:
                best = column
        if given[best] >= 0:
            for earlier in range(k):
                given[taken[rows[earlier]]] = -1
                taken[rows[earlier]] = -1
            return False
        taken[rows[k]], given[best] = best, rows[k]
    return True


@njit(cache=True, nogil=True)
def _solve(cost: Floats) -> Rows:
    """The column of each row at least total cost; no more rows than columns.

    Shortest augmenting paths with potentials (Jonker and Volgenant, Computing 38, 1987). Rows and
    columns count from 1; column 0 is where the row stands that is being placed.
    """
    height, width = cost.shape
    up, across = np.zeros(height + 1), np.zeros(width + 1)
    holder, way = np.zeros(width + 1, np.int64), np.zeros(width + 1, np.int64)
    for row in range(1, height + 1):
        holder[0] = row
        column = _free_column(cost, up, across, holder, way)
        while column:
            before = way[column]
            holder[column] = holder[before]
            column = before
    choice = np.empty(height, np.int64)
    for column in range(1, width + 1):
        if holder[column]:
            choice[holder[column] - 1] = column - 1
    return choice


@njit(cache=True, nogil=True)
def _free_column(cost: Floats, up: Floats, across: Floats, holder: Rows, way: Rows) -> int:
    """The nearest column that nobody holds, with the way there in `way`."""
    width = len(across)
    reach, done = np.full(width, np.inf), np.zeros(width, np.bool_)
    column = 0
    while True:
        done[column] = True
        row, nearest, least = holder[column], 0, np.inf
        for j in range(1, width):
            if done[j]:
                continue
            far = cost[row - 1, j - 1] - up[row] - across[j]
            if far < reach[j]:
                reach[j], way[j] = far, column
            if reach[j] < least:
                nearest, least = j, reach[j]
        for j in range(width):
            if done[j]:
                up[holder[j]] += least
                across[j] -= least
            else:
                reach[j] -= least
        column = nearest
        if not holder[column]:
            return column
