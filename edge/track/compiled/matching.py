"""Optimal assignment, as loops; see `edge.track.vectors.matching`.

Likely pairs are few, and are listed track by track: those of row i are the places starts[i] to
starts[i + 1] of `columns` and `scores`.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from edge.track.state import Floats, Rows
from edge.types import Mask

Pairs = tuple[Rows, Rows, Floats]  # starts, columns, scores


@njit(cache=True, nogil=True)
def match(pairs: Pairs, least: float, may: tuple[Mask, Mask], taken: Rows, given: Rows) -> None:
    """Pair rows and columns that `may` for the best total score, each pair at least `least`.

    `taken[row]` becomes its column, `given[column]` its row; those that have one are left. Who
    has one choice, which is nobody else's, is paired at once; where choices meet, a group of rows
    and columns is solved as a whole.
    """
    starts, columns, scores = pairs
    rows_may, columns_may = may
    choices, choice = np.zeros(len(taken), np.int64), np.empty(len(taken), np.int64)
    wanted = np.zeros(len(given), np.int64)
    for i in range(len(taken)):
        if not rows_may[i] or taken[i] >= 0:
            continue
        for k in range(starts[i], starts[i + 1]):
            j = columns[k]
            if scores[k] >= least and columns_may[j] and given[j] < 0:
                choices[i] += 1
                choice[i] = j
                wanted[j] += 1
    rest, count = np.empty(len(taken), np.int64), 0
    for i in range(len(taken)):
        if choices[i] == 1 and wanted[choice[i]] == 1:
            taken[i], given[choice[i]] = choice[i], i
            wanted[choice[i]] = 0
        elif choices[i] > 0:
            rest[count] = i
            count += 1
    if count:
        _match_groups(pairs, least, rest[:count], wanted, taken, given)


@njit(cache=True, nogil=True)
def _match_groups(
    pairs: Pairs, least: float, rows: Rows, wanted: Rows, taken: Rows, given: Rows
) -> None:
    """Solve each group of these rows and the columns that they could have (`wanted`)."""
    starts, columns, scores = pairs
    firsts = np.zeros(len(wanted) + 1, np.int64)  # of each column's rows in `wanting`
    for j in range(len(wanted)):
        firsts[j + 1] = firsts[j] + wanted[j]
    wanting, filled = np.empty(firsts[-1], np.int64), firsts[:-1].copy()
    for row in rows:
        for k in range(starts[row], starts[row + 1]):
            j = columns[k]
            if wanted[j] and scores[k] >= least:
                wanting[filled[j]] = row
                filled[j] += 1
    row_seen, column_seen = np.zeros(len(taken), np.bool_), np.zeros(len(given), np.bool_)
    some_rows, some_columns = np.empty(len(rows), np.int64), np.empty(len(given), np.int64)
    for first in rows:
        if row_seen[first]:
            continue
        row_seen[first], some_rows[0] = True, first
        high, wide, at = 1, 0, 0
        while at < high:
            row = some_rows[at]
            at += 1
            for k in range(starts[row], starts[row + 1]):
                j = columns[k]
                if column_seen[j] or not wanted[j] or scores[k] < least:
                    continue
                column_seen[j], some_columns[wide] = True, j
                wide += 1
                for other in wanting[firsts[j] : firsts[j + 1]]:
                    if not row_seen[other]:
                        row_seen[other], some_rows[high] = True, other
                        high += 1
        _solve_group(pairs, least, some_rows[:high], some_columns[:wide], taken, given)


@njit(cache=True, nogil=True)
def _solve_group(
    pairs: Pairs, least: float, rows: Rows, columns: Rows, taken: Rows, given: Rows
) -> None:
    starts, all_columns, scores = pairs
    place = np.full(len(given), -1, np.int64)
    for j in range(len(columns)):
        place[columns[j]] = j
    score = np.zeros((len(rows), len(columns)))
    for i in range(len(rows)):
        for k in range(starts[rows[i]], starts[rows[i] + 1]):
            j = place[all_columns[k]]
            if j >= 0 and scores[k] >= least:
                score[i, j] = scores[k]
    best = np.empty(len(rows), np.int64)
    if not _no_conflict(score, best):
        upright = len(rows) <= len(columns)
        choice = _solve(-score if upright else -score.T)
        best[:] = -1
        for i in range(len(choice)):
            if upright:
                best[i] = choice[i]
            else:
                best[choice[i]] = i
    for i in range(len(rows)):
        if best[i] >= 0 and score[i, best[i]] > 0:
            taken[rows[i]], given[columns[best[i]]] = columns[best[i]], rows[i]


@njit(cache=True, nogil=True)
def _no_conflict(score: Floats, best: Rows) -> bool:
    """Find every row's best column; whether no two rows want the same: nothing is better then."""
    used = np.zeros(score.shape[1], np.bool_)
    for i in range(len(score)):
        best[i] = np.argmax(score[i])
        if used[best[i]]:
            return False
        used[best[i]] = True
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
