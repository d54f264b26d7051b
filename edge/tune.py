"""How good a rule is with other values: every combination scored on labelled clips, best first."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from edge.scoring import Happening, Score, score, total
from edge.variants import said

HOUR_S = 3600.0


@dataclass(frozen=True, slots=True)
class Watched:
    """One clip: what happens in it, and what each combination raised."""

    name: str
    seconds: float
    truth: Sequence[Happening]
    raised: Sequence[Sequence[Happening]]


@dataclass(frozen=True, slots=True)
class Result:
    """One combination on some clips."""

    values: Mapping[str, Any]
    score: Score
    hours: float
    now: bool = False  # as it is configured

    @property
    def false_per_hour(self) -> float:
        """Of a camera."""
        return self.score.false / self.hours if self.hours else 0.0

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        found = self.score
        return {
            "settings": {name: _plain(value) for name, value in self.values.items()},
            "now": self.now,
            "precision": round(found.precision, 4),
            "recall": round(found.recall, 4),
            "f1": round(found.f1, 4),
            "right": found.hits,
            "false": found.false,
            "missed": found.missed,
            "delay_s": _rounded(found.delay(0.5)),
            "delay_p95_s": _rounded(found.delay(0.95)),
            "false_per_hour": round(self.false_per_hour, 2),
        }


def results(
    clips: Sequence[Watched],
    combinations: Sequence[Mapping[str, Any]],
    *,
    now: int,
    tolerance_s: float,
) -> list[Result]:
    """Each combination over all clips; `now` is the row of what is configured."""
    hours = sum(clip.seconds for clip in clips) / HOUR_S
    return [
        Result(
            values,
            total(score(clip.raised[row], clip.truth, tolerance_s=tolerance_s) for clip in clips),
            hours,
            row == now,
        )
        for row, values in enumerate(combinations)
    ]


def best_first(found: Sequence[Result]) -> list[int]:
    """Rows by F1, then the fewest false alarms, then the soonest; ties go to what is configured."""

    def key(row: int) -> tuple[float, ...]:
        one = found[row]
        delay = one.score.delay(0.5)
        late = math.inf if delay is None else round(delay, 6)
        return -one.score.f1, one.score.false, late, not one.now, row

    return sorted(range(len(found)), key=key)


def _plain(value: Any) -> Any:
    return said(value) if isinstance(value, tuple) else value


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
