"""Rows of the alerts benchmark that need no pictures: true, public and spoilt boxes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from benchmarks import courses, ours, pets
from benchmarks.alerts_degraded import AS_THEY_ARE, JITTERY, LEVELS, Level, split, worse
from benchmarks.alerts_judged import Judged, judged, together
from benchmarks.alerts_replay import Follow, Guarded, alerts
from benchmarks.alerts_replay import ours as our_tracks
from benchmarks.alerts_static import about, every, of, true_boxes
from benchmarks.result import Cell

OTHERS = "other static"  # sequences: all but PETS
TRUE, PUBLIC = "true", "public"  # boxes
RATES = (25.0, 12.0, 8.0, 5.0)  # frames a second, about
SPOILT_FPS = 8.0  # of the sequences whose boxes are spoilt: what a service analyses
PARTS = ("line", "zone")
Row = dict[str, Cell]


def true_rows(some: Sequence[Guarded]) -> Iterator[Row]:
    """The rules' ceiling: annotated boxes at every first, second and third frame."""
    for step in (1, 2, 3):
        found = {one.sequence.name: _judge(every(true_boxes(one), step)) for one in some}
        said: Row = {"boxes": TRUE, "path": ours.NAME, "every": step}
        for one in some:
            name, fps = one.sequence.name, one.sequence.source_fps / step
            yield {"data": name, **said, "fps": fps, **found[name].cells}
        yield from _pooled(found, {**said, "fps": "all" if step == 1 else f"1 in {step}"})


def public_rows(some: Sequence[Guarded], follow: Mapping[str, Follow]) -> Iterator[Row]:
    """Public detections through each tracker: clip by clip, then together at every rate."""
    for one in some:
        for name, tracked in follow.items():
            found = _judge(one, tracked)
            said: Row = {"data": one.sequence.name, "boxes": PUBLIC, "path": name, "every": 1}
            yield {**said, "fps": one.sequence.source_fps, **found.cells}
    for spoilt in (AS_THEY_ARE, JITTERY):
        for fps in RATES:
            fast = [one for one in about(some, fps) if one.sequence.name != pets.SEQUENCE]
            for name, tracked in follow.items():
                pairs = {one.sequence.name: _judge(one, tracked, LEVELS[spoilt]) for one in fast}
                boxes = PUBLIC if spoilt == AS_THEY_ARE else f"{PUBLIC}, {spoilt}"
                yield from _pooled(pairs, {"boxes": boxes, "path": name, "fps": f"about {fps:g}"})


def spoilt_rows(some: Sequence[Guarded], boxes: str) -> Iterator[Row]:
    """How F1 falls with the boxes and tracks, each made worse by so much."""
    for name, level in LEVELS.items():
        found = {one.sequence.name: _judge(one, level=level) for one in some}
        said: Row = {"boxes": f"{boxes}: {name}", "path": ours.NAME}
        if len(some) > 1:
            yield from _pooled(found, {**said, "fps": f"about {SPOILT_FPS:g}"})
        else:
            sequence = some[0].sequence
            yield {"data": sequence.name, **said, "fps": sequence.fps, **_cells(found)}


def _judge(one: Guarded, follow: Follow = our_tracks, level: Level = LEVELS[AS_THEY_ARE]) -> Judged:
    seen = of(one, worse(one.sequence, level))
    tracks = split(follow(seen.sequence), seen.sequence.times, level)
    return judged(
        alerts(seen, tracks),
        seen.events,
        lines=seen.shapes.lines,
        zones=seen.shapes.zones,
        hours=seen.hours,
    )


def _pooled(found: Mapping[str, Judged], said: Row) -> Iterator[Row]:
    """One row of all but PETS; F1 also of those for tuning, and of the others alone."""
    others = {name: one for name, one in found.items() if name != pets.SEQUENCE}
    if others:
        yield {"data": OTHERS, **said, "clips": len(others), **_cells(others)}


def _cells(found: Mapping[str, Judged]) -> Row:
    cells = together(found.values()).cells
    for part, wanted in (("tuning", True), ("held_out", False)):
        some = [one for name, one in found.items() if (name in courses.TUNING) is wanted]
        f1 = together(some).cells if some else {}
        cells |= {f"{kind}_f1_{part}": f1.get(f"{kind}_f1") for kind in PARTS}
    return cells
