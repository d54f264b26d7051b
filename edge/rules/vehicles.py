"""How far everybody is from vehicles on the ground, for all rules that ask about the same ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from edge.rules.measures import measures
from edge.rules.view import View


class Around(NamedTuple):
    """The vehicles of one view."""

    rows: Sequence[int]
    # How far each row of the view is from each of them, along the lower edge of its box, metres;
    # infinity for what is beyond the horizon, and for one from itself.
    apart: Sequence[Sequence[float]]


@dataclass(frozen=True, slots=True)
class Vehicles:
    """Those of some classes."""

    classes: frozenset[int]

    def among(self, view: View) -> Around:
        """Those that are in the view; none where the camera is not calibrated."""
        known = view.memo.get(id(self))
        if known is None:
            known = view.memo[id(self)] = self, self._around(view)
        found: Around = known[1]
        return found

    def _around(self, view: View) -> Around:
        rows, those = view.of_classes(self.classes)
        if not rows or view.ground is None:
            return Around((), ())
        apart = measures().apart(view.tracks.xyxy, view.feet, view.size, view.ground, those)
        return Around(rows, apart.tolist())
