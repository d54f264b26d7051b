"""Annotated sequences of cameras that stand still, with their lines and zones."""

from __future__ import annotations

import configparser
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks import courses, pets
from benchmarks.alerts_replay import Guarded
from benchmarks.alerts_truth import Shapes, grid, happenings
from benchmarks.datasets import dataset
from benchmarks.result import Result, SkipBenchmark
from benchmarks.sequences import MotSequence, perfect, thinned

MOT17_STATIC = ("MOT17-02", "MOT17-04", "MOT17-09")  # of MOT17: the other cameras move
NAMES = (*courses.MOT15_NAMES, *MOT17_STATIC)
CONSIDERED = 6  # column of the ground truth


def static(result: Result, *, quick: bool) -> list[Guarded]:
    """All of them; what is not here is noted as skipped."""
    found = []
    for name in NAMES:
        if quick and name not in {*courses.QUICK, pets.SEQUENCE}:
            continue
        try:
            found.append(guarded(name))
        except SkipBenchmark as reason:
            result.skipped[name] = str(reason)
    return found


def guarded(name: str) -> Guarded:
    """A sequence with its public detections; raises SkipBenchmark where it is not there.

    PETS09-S2L1 has lines, zone and events of its own, the others have the grid's.
    """
    half = name in MOT17_STATIC
    sequence = courses.mot17(name) if half else courses.mot15(name)
    folder = dataset("mot", "gt", "MOT17" if half else "MOT15", name)
    size = size_of(folder / "seqinfo.ini")
    if name == pets.SEQUENCE:
        scene = pets.load()
        return Guarded(sequence, size, shapes_of(scene), scene.events)
    shapes = grid()
    events = happenings(sequence.truth, shapes, size=size, fps=sequence.source_fps)
    return Guarded(sequence, size, shapes, tuple(events))


def shapes_of(scene: pets.Pets) -> Shapes:
    """The clip's lines and zone, 0..1."""
    lines, zones = (
        {name: tuple((x / pets.WIDTH, y / pets.HEIGHT) for x, y in at) for name, at in some.items()}
        for some in (scene.lines, scene.zones)
    )
    return Shapes(lines, zones)


def size_of(path: Path) -> tuple[int, int]:
    """Of the pictures, from a seqinfo.ini."""
    ini = configparser.ConfigParser()
    ini.read_string(path.read_text())
    return int(ini["Sequence"]["imWidth"]), int(ini["Sequence"]["imHeight"])


def true_boxes(one: Guarded) -> Guarded:
    """The same with the annotated boxes, from which its events were derived, as detections."""
    truth = one.sequence.truth
    if not truth.classes:
        table = truth.table.copy()
        table[:, CONSIDERED] = 1  # MOT15's events are derived from all
        truth = replace(truth, table=table)
    return replace(one, sequence=perfect(replace(one.sequence, truth=truth)))


def every(one: Guarded, step: int) -> Guarded:
    """The same with every n-th of its frames; what happens is what it was."""
    return replace(one, sequence=thinned(one.sequence, one.sequence.source_fps / step))


def about(some: Sequence[Guarded], fps: float) -> Iterator[Guarded]:
    """Those that were recorded so fast, with about so many frames a second."""
    for one in some:
        if one.sequence.source_fps >= fps:
            yield replace(one, sequence=thinned(one.sequence, fps))


def of(one: Guarded, sequence: MotSequence) -> Guarded:
    """The same where somebody else detected."""
    return replace(one, sequence=sequence)
