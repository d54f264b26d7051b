"""The life of every track: its id, when it was first and last seen, what it is."""

from __future__ import annotations

import numpy as np

from edge.types import CLASSES, Detections, Ids, Mask

TENTATIVE = 0  # the id of a track that has none yet
KINDS = max(CLASSES.values()) + 1


class Lives:
    """One row per track. Ids are given on confirmation, rise by one, and never come twice."""

    def __init__(self, first_id: int) -> None:
        self.next_id = first_id
        self.id = np.zeros(0, np.int64)
        self.class_id = np.zeros(0, np.int64)
        self.born = np.zeros(0)  # pts
        self.seen = np.zeros(0)  # pts
        self._votes = np.zeros((0, KINDS))  # for each class, the scores it was seen with

    @property
    def confirmed(self) -> Mask:
        """Which tracks have an id."""
        return self.id != TENTATIVE

    def start(self, found: Detections, pts: float, born: float) -> None:
        """Add rows for new, tentative tracks."""
        count = len(found)
        votes = np.zeros((count, KINDS))
        votes[np.arange(count), found.class_id] = found.score
        self.id = np.append(self.id, np.full(count, TENTATIVE))
        self.class_id = np.append(self.class_id, found.class_id)
        self.born = np.append(self.born, np.full(count, born))
        self.seen = np.append(self.seen, np.full(count, pts))
        self._votes = np.vstack((self._votes, votes))

    def see(self, rows: Ids, found: Detections, pts: float) -> None:
        """One detection for each of these rows; the tentative among them may change class."""
        self.seen[rows] = pts
        self._votes[rows, found.class_id] += found.score
        young = rows[self.id[rows] == TENTATIVE]
        self.class_id[young] = self._votes[young].argmax(axis=1)

    def confirm(self, rows: Ids, born_by: float) -> None:
        """Give an id to the tentative among these rows that are old enough."""
        ripe = np.sort(rows[(self.id[rows] == TENTATIVE) & (self.born[rows] <= born_by)])
        self.id[ripe] = np.arange(self.next_id, self.next_id + len(ripe))
        self.next_id += len(ripe)

    def keep(self, rows: Mask) -> None:
        """Forget the other rows."""
        self.id, self.class_id = self.id[rows], self.class_id[rows]
        self.born, self.seen = self.born[rows], self.seen[rows]
        self._votes = self._votes[rows]
