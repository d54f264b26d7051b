"""Who stands in an area: each track's confirmed answer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from edge.rules.calm import Calm
from edge.rules.moment import TICK_S
from edge.rules.plan import FLICKER, Area
from edge.rules.view import View


@dataclass(slots=True)
class Stand:
    """What is known of one track; times are pts."""

    held: bool  # where it was seen last
    since: float  # when it was first seen there, and then only there
    inside: bool | None = None  # where it is confirmed; None: not yet anywhere
    entered: float = -math.inf  # its newest confirmed stay inside: seen there first,
    stayed: float = -math.inf  # and last
    came: bool = False  # to that stay from outside, where it was confirmed


class Standing:
    """Knows who stands inside, and changes its mind only when that is settled.

    A track is inside, or outside, when it was seen there, and only there, for settle_s, or is so
    far from the border that no box flickers so much. Where it was before it had its id counts.
    """

    def __init__(self, area: Area, *, settle_s: float) -> None:
        self._area, self._settle_s = area, settle_s
        self._stands: dict[int, Stand] = {}
        self._calm: Calm[bool] | None = None  # while the tracks are the same
        self._found: list[Stand] = []  # of each row that is looked at
        # Of the frame that was looked at last:
        self.inside: dict[int, Stand] = {}  # by row, of those who are settled there and seen there
        self.quiet = False  # nobody changed anything

    def look(self, view: View, rows: Sequence[int]) -> list[Stand]:
        """Take in where these rows stand; tell what is known of each."""
        if not rows:
            self._calm = None
            self.inside.clear()
            return []
        holds, calm = self._area.holds(view), self._calm
        if calm is None or not calm.goes_on(view, rows):
            self._begin(view, rows, holds)
            return self._found
        open_rows = calm.rows_open(holds)
        self.quiet = not open_rows
        for row in open_rows:
            held = holds[row]
            stand = self._look(view, row, held=held)
            settled = stand.inside is held
            calm.settle(row, held if settled else None)
            if settled and held:
                self.inside[row] = stand
            else:
                self.inside.pop(row, None)
        self.rested(view.pts)
        return self._found

    def _begin(self, view: View, rows: Sequence[int], holds: Sequence[bool]) -> None:
        """Other tracks than before: look at each."""
        self._calm, self.quiet = Calm(view, rows, holds), False
        self._found = [self._look(view, row, held=holds[row]) for row in rows]
        self.inside.clear()
        for row, stand in zip(rows, self._found, strict=True):
            if stand.inside is not holds[row]:
                self._calm.settle(row, None)
            elif stand.inside:
                self.inside[row] = stand

    @property
    def is_settled(self) -> bool:
        """Whether nobody is to be looked at until somebody comes, goes or is another one."""
        return self._calm is not None and self._calm.is_settled

    def rested(self, pts: float) -> None:
        """Until then nothing has changed: whoever was settled inside is still there."""
        for stand in self.inside.values():
            stand.stayed = pts

    def stay(self, track: int) -> Stand | None:
        """What is known of a track that was confirmed inside once; None: it was not."""
        stand = self._stands.get(track)
        return stand if stand is not None and stand.stayed > -math.inf else None

    def outside(self, track: int) -> float | None:
        """Since when it is outside; None: it is not, or nobody knows."""
        stand = self._stands.get(track)
        return stand.since if stand and stand.inside is False and not stand.held else None

    def rename(self, old: int, new: int) -> None:
        """Who was taken for `old` goes on as `new`; of the true `old` nothing is known."""
        self._calm = None
        if old in self._stands:
            self._stands[new] = self._stands.pop(old)

    def forget(self, track: int) -> None:
        """The track ended."""
        self._stands.pop(track, None)
        self._calm = None

    def forget_all(self) -> None:
        """No track goes on."""
        self._stands.clear()
        self._calm = None

    def _look(self, view: View, row: int, *, held: bool) -> Stand:
        track = view.ids[row]
        stand = self._stands.get(track)
        if (
            stand is None
            or stand.held is not held
            or stand.inside is not held
            or track in view.tracks.past
        ):
            return self._step(view, row, held=held)
        if held:
            stand.stayed = view.pts
        return stand

    def _step(self, view: View, row: int, *, held: bool) -> Stand:
        track = view.ids[row]
        if track in view.tracks.past:
            self._catch_up(view, track)
        stand = self._see(track, view.pts, held=held)
        if stand.inside is not held and self._clear(view, row):
            _confirm(stand, view.pts)
        return stand

    def _see(self, track: int, pts: float, *, held: bool) -> Stand:
        stand = self._stands.get(track)
        if stand is None:
            stand = self._stands[track] = Stand(held, pts)
        elif stand.held is not held:
            stand.held, stand.since = held, pts
        if stand.inside is not held and pts - stand.since >= self._settle_s - TICK_S:
            _confirm(stand, pts)
        elif held and stand.inside:
            stand.stayed = pts
        return stand

    def _catch_up(self, view: View, track: int) -> None:
        """Where the object was before it was confirmed, or before it was known again."""
        past = view.tracks.past[track]
        holds = self._area.holds(view.earlier(past))
        for held, pts in zip(holds, past.pts.tolist(), strict=True):
            self._see(track, pts, held=held)

    def _clear(self, view: View, row: int) -> bool:
        return self._area.depth(view, row) > FLICKER * view.heights[row]


def _confirm(stand: Stand, pts: float) -> None:
    if stand.held:
        stand.came, stand.entered, stand.stayed = stand.inside is False, stand.since, pts
    stand.inside = stand.held
