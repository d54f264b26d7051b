"""What really happens at lines and in zones, derived from annotated tracks by one definition."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks import pets
from benchmarks.sequences import PEDESTRIAN, Truth
from edge.geometry import inside, segments_meet, side_of
from edge.scoring import TOLERANCE_S, Happening

Corners = Sequence[tuple[float, float]]
Points = NDArray[np.float64]
SHORT_S = pets.SHORT / pets.FPS  # a stay that is shorter does not count
PERSON_LIKE = {2, 7, 8, 12}  # on a vehicle, static, distractor, reflection: see MOT16's paper
LAST = 1 - 1e-6  # a box that goes on beyond the picture stands on its edge, as in the service
LINES, ZONES = 4, 3  # parts of the picture's width and height between the grid's lines; zones


@dataclass(frozen=True, slots=True)
class Shapes:
    """Lines and zones of a picture by name, 0..1."""

    lines: Mapping[str, Corners]
    zones: Mapping[str, Corners]


def grid() -> Shapes:
    """The same for every picture: nobody chose them for what happens there.

    The six inner lines of a grid of 4 x 4, and the nine cells of one of 3 x 3.
    """
    parts = range(1, LINES)
    upright = {f"x{part}": ((part / LINES, 0.0), (part / LINES, 1.0)) for part in parts}
    level = {f"y{part}": ((0.0, part / LINES), (1.0, part / LINES)) for part in parts}
    cells = [(x, y) for y in range(ZONES) for x in range(ZONES)]
    zones = {f"cell-{x + 1}-{y + 1}": _cell(x / ZONES, y / ZONES, 1 / ZONES) for x, y in cells}
    return Shapes(upright | level, zones)


def happenings(
    truth: Truth, shapes: Shapes, *, size: tuple[int, int], fps: float
) -> Iterator[Happening]:
    """Crossings and stays by the foot points of the annotated tracks, in seconds from the first.

    The definition that PETS09-S2L1's events were derived by: a crossing is in the frame in which
    a foot point is first on the other side, if the step there meets the line; a stay begins in
    the first of the annotated frames in a row with the foot point inside. Stays of less than
    SHORT_S don't count; nor does what somebody does who is none on foot, or what begins so late
    that there is no time left to tell of it.
    """
    start = float(truth.frames[0])
    late = (float(truth.frames[-1]) - start) / fps - TOLERANCE_S
    for rows, counts in _people(truth):
        feet = np.stack((rows[:, 2] + rows[:, 4] / 2, rows[:, 3] + rows[:, 5]), axis=1)
        feet = (feet / np.array(size)).clip(0, LAST)
        times = (rows[:, 0] - start) / fps
        for name, line in shapes.lines.items():
            for index, way in crossings(feet, line):
                time = float(times[index])
                yield Happening(name, way, time, counts and time <= late)
        for name, zone in shapes.zones.items():
            for first, count in stays(feet, zone):
                time, long = float(times[first]), count >= SHORT_S * fps - 0.5
                yield Happening(name, 0, time, counts and long and time <= late)


def crossings(feet: Points, line: Corners) -> Iterator[tuple[int, int]]:
    """Where in a track it is first on the other side of a line, and on which: 1 inward, -1."""
    (start, end), at = np.array(line, np.float64), np.arange(len(feet))
    sides = side_of(feet, start, end)  # type: ignore[arg-type]
    feet, at, sides = feet[sides != 0], at[sides != 0], sides[sides != 0]
    met = segments_meet(feet[:-1], feet[1:], start, end)  # type: ignore[arg-type]
    for index in np.flatnonzero((sides[1:] != sides[:-1]) & met).tolist():
        yield int(at[index + 1]), int(sides[index + 1])


def stays(feet: Points, zone: Corners) -> Iterator[tuple[int, int]]:
    """Where in a track stays begin, and of how many frames they are."""
    held = inside(feet, np.array(zone, np.float64))  # type: ignore[arg-type]
    change = np.diff(np.concatenate(([0], held.astype(np.int64), [0])))
    begins, ends = np.flatnonzero(change > 0), np.flatnonzero(change < 0)
    yield from zip(begins.tolist(), (ends - begins).tolist(), strict=True)


def _people(truth: Truth) -> Iterator[tuple[Points, bool]]:
    """Each annotated person's rows by time, and whether what he does counts."""
    table = truth.table[np.lexsort((truth.table[:, 0], truth.table[:, 1]))]
    if truth.classes:
        table = table[np.isin(table[:, 7], [PEDESTRIAN, *PERSON_LIKE])]
    if not len(table):
        return
    begins = np.flatnonzero(np.diff(table[:, 1])) + 1
    for rows in np.split(table, begins):
        yield rows, not truth.classes or bool((rows[:, [6, 7]] == (1, PEDESTRIAN)).all())


def _cell(x: float, y: float, side: float) -> Corners:
    return (x, y), (x + side, y), (x + side, y + side), (x, y + side)
