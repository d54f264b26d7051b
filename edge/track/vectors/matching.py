"""Which track goes with which detection: the best total over all pairs, camera by camera."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from edge.track.state import Floats, Rows
from edge.types import Mask


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Every track with every detection of its camera, and how likely they are one."""

    row: Rows
    column: Rows
    camera: Rows
    score: Floats


class Matching:
    """The column of each row in `taken`, the row of each column in `given`, -1 for none."""

    def __init__(self, pairs: Pairs, rows: int, columns: int) -> None:
        self._pairs = pairs
        self.taken, self.given = np.full(rows, -1), np.full(columns, -1)

    def match(self, rows: Mask, columns: Mask, least: float) -> None:
        """Pair those of these rows and columns that are free, each pair at least `least`."""
        pairs = self._pairs
        rows, columns = rows & (self.taken < 0), columns & (self.given < 0)
        could = np.flatnonzero(rows[pairs.row] & columns[pairs.column] & (pairs.score >= least))
        row, column = pairs.row[could], pairs.column[could]
        alone = (np.bincount(row, minlength=len(rows))[row] == 1) & (
            np.bincount(column, minlength=len(columns))[column] == 1
        )
        self._take(row[alone], column[alone])
        rest = could[~alone]
        for camera in np.unique(pairs.camera[rest]).tolist():
            self._solve(rest[pairs.camera[rest] == camera])

    def _solve(self, some: Rows) -> None:
        """Pairs of one camera that compete."""
        rows, row = np.unique(self._pairs.row[some], return_inverse=True)
        columns, column = np.unique(self._pairs.column[some], return_inverse=True)
        score = np.zeros((len(rows), len(columns)))
        score[row, column] = self._pairs.score[some]
        one, other = linear_sum_assignment(score, maximize=True)
        good = score[one, other] > 0
        self._take(rows[one[good]], columns[other[good]])

    def _take(self, rows: Rows, columns: Rows) -> None:
        self.taken[rows], self.given[columns] = columns, rows
