"""Does confidence order alerts: are right ones told as surer than false ones?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

from benchmarks import courses, pets
from benchmarks.alerts_boxes import OTHERS, PARTS, PUBLIC, SPOILT_FPS, Row
from benchmarks.alerts_contenders import OWN
from benchmarks.alerts_degraded import AS_THEY_ARE, LEVELS, split, worse
from benchmarks.alerts_replay import Guarded, ours, sure
from benchmarks.alerts_static import of
from edge.scoring import verdicts

PATH = "fenceline, confidence"  # no rows about alerts, but about what their confidence is worth
ALL_LEVELS = "all levels together"


@dataclass(frozen=True, slots=True)
class Told:
    """An alert that is right or false, and how sure it was."""

    kind: str  # one of PARTS
    sequence: str
    confidence: float
    right: bool


def rows(
    whole: Sequence[Guarded], slow: Sequence[Guarded], own: Sequence[Guarded]
) -> Iterator[Row]:
    """Public boxes as they are at full rate, and spoilt; our detector's boxes of PETS, spoilt."""
    others = [one for one in whole if one.sequence.name != pets.SEQUENCE]
    for some, boxes, levels in (
        (others, PUBLIC, [AS_THEY_ARE]),
        (slow, f"{PUBLIC}: {ALL_LEVELS}", LEVELS),
        (own, f"{OWN}: {ALL_LEVELS}", LEVELS),
    ):
        told = [one for level in levels for guarded in some for one in _told(guarded, level)]
        if told:
            fps = {round(one.sequence.fps, 1) for one in some}
            about = f"about {SPOILT_FPS:g}" if some is slow else "all"
            yield {
                "data": pets.SEQUENCE if some is own else OTHERS,
                "boxes": boxes,
                "path": PATH,
                "fps": min(fps) if len(fps) == 1 else about,
                **cells(told),
            }


def cells(told: Sequence[Told]) -> Row:
    """Of lines and of zones, all of them and those for tuning and held out."""
    found: Row = {}
    for kind in PARTS:
        some = [one for one in told if one.kind == kind]
        low, high = thirds(some)
        found |= {
            f"{kind}_alerts": len(some),
            f"{kind}_auc": auc(some),
            f"{kind}_false_lowest": low,
            f"{kind}_false_highest": high,
        }
        for part, wanted in (("tuning", True), ("held_out", False)):
            chosen = [one for one in some if (one.sequence in courses.TUNING) is wanted]
            found[f"{kind}_auc_{part}"] = auc(chosen)
    return found


def auc(told: Sequence[Told]) -> float | None:
    """How often a right alert is surer than a false one: 0.5 is chance, None without both.

    The area under the ROC curve; two that are as sure count half.
    """
    right = np.array([one.right for one in told], bool)
    hits, false = int(right.sum()), int((~right).sum())
    if not hits or not false:
        return None
    ranks = rankdata([one.confidence for one in told])
    return float(ranks[right].sum() - hits * (hits + 1) / 2) / (hits * false)


def thirds(told: Iterable[Told]) -> tuple[float | None, float | None]:
    """Which part of the least sure third is false, and which of the surest."""
    order = sorted(told, key=lambda one: one.confidence)
    size = len(order) // 3
    if not size:
        return None, None
    low, high = (sum(not one.right for one in part) for part in (order[:size], order[-size:]))
    return low / size, high / size


def _told(one: Guarded, name: str) -> Iterator[Told]:
    level = LEVELS[name]
    seen = of(one, worse(one.sequence, level))
    tracks = split(ours(seen.sequence), seen.sequence.times, level)
    alerts = sure(seen, tracks)
    judged = verdicts([alert for alert, _ in alerts], seen.events)
    for (alert, confidence), right in zip(alerts, judged, strict=True):
        if right is not None:
            kind = "line" if alert.rule in seen.shapes.lines else "zone"
            yield Told(kind, seen.sequence.name, confidence, right)
