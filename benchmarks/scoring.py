"""Alerts against what really happened: who matches whom, and what that is worth."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

TOLERANCE_S = 1.0


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened, or was said to have: `way` is +1, -1, or 0 for a zone."""

    rule: str
    way: int
    time: float
    counts: bool = True  # a short stay may be reported or not


@dataclass(frozen=True, slots=True)
class Score:
    """Precision, recall and the delay of what was found."""

    hits: int
    false: int
    missed: int
    delays: tuple[float, ...]

    @property
    def precision(self) -> float:
        """Share of alerts that are right."""
        return self.hits / max(1, self.hits + self.false)

    @property
    def recall(self) -> float:
        """Share of events that are found."""
        return self.hits / max(1, self.hits + self.missed)

    @property
    def f1(self) -> float:
        """Harmonic mean of both."""
        return 2 * self.hits / max(1, 2 * self.hits + self.false + self.missed)

    def delay(self, quantile: float) -> float | None:
        """Seconds from the event to its alert."""
        return float(np.quantile(self.delays, quantile)) if self.delays else None

    @property
    def median_delay(self) -> float | None:
        """The median of the same."""
        return statistics.median(self.delays) if self.delays else None


def score(alerts: Sequence[Happening], truth: Sequence[Happening]) -> Score:
    """Match each alert with at most one event of its rule and way within a second.

    As many as possible are matched, nearest first among those. Events that don't count are
    neither missed nor, when reported, false.
    """
    hits = false = 0
    delays: list[float] = []
    kinds = {(one.rule, one.way) for one in (*alerts, *truth)}
    for kind in sorted(kinds):
        said = [one for one in alerts if (one.rule, one.way) == kind]
        real = [one for one in truth if (one.rule, one.way) == kind]
        pairs = _match(said, real)
        counted = [(i, j) for i, j in pairs if real[j].counts]
        hits += len(counted)
        false += len(said) - len(pairs)
        delays += [said[i].time - real[j].time for i, j in counted]
    wanted = sum(one.counts for one in truth)
    return Score(hits, false, wanted - hits, tuple(delays))


def _match(said: Sequence[Happening], real: Sequence[Happening]) -> list[tuple[int, int]]:
    if not said or not real:
        return []
    gap = np.abs(np.subtract.outer([one.time for one in said], [one.time for one in real]))
    near = gap <= TOLERANCE_S + 1e-9
    # A match is worth more than any closeness, one that counts more than one that does not.
    worth = np.where(near, 100 + 10 * np.array([one.counts for one in real]) - gap, 0)
    rows, columns = linear_sum_assignment(-worth)
    return [(int(i), int(j)) for i, j in zip(rows, columns, strict=True) if near[i, j]]
