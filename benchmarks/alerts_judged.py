"""What alerts about lines and zones are worth, as cells of a row."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from benchmarks.result import Cell
from edge.scoring import Happening, Score, score, total


@dataclass(frozen=True, slots=True)
class Judged:
    """Lines and zones of one clip, or of several, and how long they are together."""

    line: Score
    zone: Score
    hours: float

    @property
    def cells(self) -> dict[str, Cell]:
        """Precision, recall, F1, counts, delays and false alarms an hour of both kinds."""
        found: dict[str, Cell] = {}
        for kind, one in (("line", self.line), ("zone", self.zone)):
            values = {
                "precision": one.precision,
                "recall": one.recall,
                "f1": one.f1,
                "hits": one.hits,
                "false": one.false,
                "missed": one.missed,
                "delay_s": one.delay(0.5),
                "delay_p95_s": one.delay(0.95),
                "false_per_h": one.false / self.hours,
            }
            found |= {f"{kind}_{name}": value for name, value in values.items()}
        return found


def judged(
    alerts: Sequence[Happening],
    events: Sequence[Happening],
    *,
    lines: Collection[str],
    zones: Collection[str],
    hours: float,
) -> Judged:
    """Alerts against what happened; `lines` and `zones` are their names."""
    line, zone = (
        score(
            [alert for alert in alerts if alert.rule in rules],
            [event for event in events if event.rule in rules],
        )
        for rules in (lines, zones)
    )
    return Judged(line, zone, hours)


def together(some: Iterable[Judged]) -> Judged:
    """All of them as one."""
    parts = list(some)
    return Judged(
        total(one.line for one in parts),
        total(one.zone for one in parts),
        sum(one.hours for one in parts),
    )
