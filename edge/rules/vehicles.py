"""How far people are from vehicles on the ground, for all rules that ask about the same ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from edge.rules.view import Placing, View

Ways = Sequence[tuple[float, int]]  # how far each vehicle is, metres, and its row; nearest first


class Vehicle(NamedTuple):
    """Where the lower edge of a vehicle's box is on the ground, x + yi metres."""

    middle: complex
    along: complex  # from its left end to its right end
    row: int  # of the view


class Around:
    """The vehicles of one view; what nobody asks is not measured."""

    def __init__(self, view: View, rows: Sequence[int]) -> None:
        self.rows = rows
        self._view = view
        self._vehicles: list[Vehicle] | None = None
        self._ways: dict[int, Ways] = {}

    def ways(self, row: int, place: Placing) -> Ways:
        """From where that row stands to the others, along the lower edges of their boxes.

        Not to what is beyond the horizon, nor from there.
        """
        if row in self._ways:
            return self._ways[row]
        if self._vehicles is None:
            self._vehicles = [_vehicle(self._view, one, place) for one in self.rows]
        at = place(*self._view.points[row])
        found = [(distance(at, one), one.row) for one in self._vehicles if one.row != row]
        ways = self._ways[row] = sorted(way for way in found if way[0] >= 0)  # NaN is not
        return ways


@dataclass(frozen=True, slots=True)
class Vehicles:
    """Those of some classes."""

    classes: frozenset[int]

    def among(self, view: View) -> Around:
        """Those that are in the view; the same for rules that ask the same."""
        key = id(self)
        if key not in view.memo:
            rows = [row for row, kind in enumerate(view.kinds) if kind in self.classes]
            view.memo[key] = self, Around(view, rows)
        found: Around = view.memo[key][1]
        return found


def distance(at: complex, vehicle: Vehicle) -> float:
    """From a place on the ground to the nearest of a vehicle, metres."""
    off, along = at - vehicle.middle, vehicle.along
    length = abs(along)
    part = (off * along.conjugate()).real / (length * length) if length else 0.0
    return abs(off - min(max(part, -0.5), 0.5) * along)


def _vehicle(view: View, row: int, place: Placing) -> Vehicle:
    (x1, _, x2, y2), (width, height) = view.boxes[row], view.size
    left, right = place(x1 / width, y2 / height), place(x2 / width, y2 / height)
    return Vehicle((left + right) / 2, right - left, row)
