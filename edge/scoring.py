"""Alerts against what really happened: who matches whom, and what that is worth."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from edge.types import Direction

TOLERANCE_S = 1.0
WAYS = {Direction.INWARD: 1, Direction.OUTWARD: -1, None: 0}
SLACK_S = 1e-6  # times are sums of fractions


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened, or was said to have.

    `way` is +1 for inward, -1 for outward, 0 for a zone, or where either will do. What doesn't
    count may be reported or not. What goes on `until` later may be reported until then.
    """

    rule: str
    way: int
    time: float
    counts: bool = True
    until: float | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """How many alerts were right, false and missing; `delays` in seconds, one for each hit."""

    hits: int
    false: int
    missed: int
    delays: tuple[float, ...] = ()

    @property
    def precision(self) -> float:
        """Share of alerts that are right; 1 where there was none."""
        said = self.hits + self.false
        return self.hits / said if said else 1.0

    @property
    def recall(self) -> float:
        """Share of events that were reported; 1 where there was none."""
        real = self.hits + self.missed
        return self.hits / real if real else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of both."""
        total = 2 * self.hits + self.false + self.missed
        return 2 * self.hits / total if total else 1.0

    def delay(self, quantile: float) -> float | None:
        """From event to alert; negative where the alert came first, None without a hit."""
        return float(np.quantile(self.delays, quantile)) if self.delays else None


def score(
    alerts: Sequence[Happening], truth: Sequence[Happening], *, tolerance_s: float = TOLERANCE_S
) -> Score:
    """Match alerts with events of their rule and way within the tolerance, one with one.

    Of all such matchings: one with the most pairs, among these the most pairs that count, among
    these the least sum of gaps. An alert matched with an event that doesn't count is neither
    right nor false.
    """
    hits = false = 0
    delays: list[float] = []
    for rule in sorted({one.rule for one in (*alerts, *truth)}):
        said = [one for one in alerts if one.rule == rule]
        real = [one for one in truth if one.rule == rule]
        pairs = _match(said, real, tolerance_s)
        counted = [said[i].time - real[j].time for i, j in pairs if real[j].counts]
        hits += len(counted)
        false += len(said) - len(pairs)
        delays += counted
    return Score(hits, false, sum(one.counts for one in truth) - hits, tuple(delays))


def verdicts(
    alerts: Sequence[Happening], truth: Sequence[Happening], *, tolerance_s: float = TOLERANCE_S
) -> list[bool | None]:
    """Of each alert whether it is right, by the matching of `score`; None where it is neither."""
    found: list[bool | None] = [False] * len(alerts)
    for rule in sorted({one.rule for one in alerts}):
        rows = [index for index, one in enumerate(alerts) if one.rule == rule]
        real = [one for one in truth if one.rule == rule]
        for i, j in _match([alerts[row] for row in rows], real, tolerance_s):
            found[rows[i]] = True if real[j].counts else None
    return found


def total(scores: Iterable[Score]) -> Score:
    """Those of several clips as one."""
    hits = false = missed = 0
    delays: tuple[float, ...] = ()
    for one in scores:
        hits, false, missed = hits + one.hits, false + one.false, missed + one.missed
        delays += one.delays
    return Score(hits, false, missed, delays)


def _match(
    said: Sequence[Happening], real: Sequence[Happening], tolerance_s: float
) -> list[tuple[int, int]]:
    if not said or not real:
        return []
    times, ways = np.array([one.time for one in said]), np.array([one.way for one in said])
    begun, wanted = np.array([one.time for one in real]), np.array([one.way for one in real])
    over = np.array([one.time if one.until is None else one.until for one in real])
    slack = tolerance_s + SLACK_S
    late = times[:, None] - begun
    near = (late >= -slack) & (times[:, None] - over <= slack)
    near &= (wanted == 0) | (ways[:, None] == wanted)
    counts = np.array([one.counts for one in real])
    # The gaps of all pairs together weigh less than one pair that counts, or one pair more: the
    # events that a matching reaches form a matroid, so that the most pairs can also count most.
    gap = np.abs(late)
    longest = gap[near].max(initial=0.0) or 1.0
    weight = 2 + counts - gap / (2 * longest * min(gap.shape))
    rows, columns = linear_sum_assignment(np.where(near, -weight, 0))
    return [(int(i), int(j)) for i, j in zip(rows, columns, strict=True) if near[i, j]]
