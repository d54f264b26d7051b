"""Crossings of those whose speed is asked: told once it is known."""

from __future__ import annotations

from collections.abc import Sequence

from edge.rules.crossing import Crossed, Crossings
from edge.rules.moment import TICK_S
from edge.rules.subjects import Subjects
from edge.rules.view import View

WAIT_S = 1.0  # nobody's speed is unknown for longer while he is seen


class Paced:
    """See `Crossings`. Who crosses just after he was found has no speed yet: he is waited for.

    Of two crossings in that time the newer one counts. Whose speed is not known by then is told
    of all the same: the rule decides what that means.
    """

    def __init__(self, crossings: Crossings, subjects: Subjects) -> None:
        self._crossings, self._subjects = crossings, subjects
        self._waiting: dict[int, tuple[Crossed, float]] = {}  # by track, and since when

    def update(self, view: View) -> Sequence[Crossed]:
        """What is settled now, and known; who ended is forgotten."""
        found = self._crossings.update(view)
        if not (found or self._waiting):
            return found
        split = view.tracks.split
        self._waiting = {split.get(track, track): one for track, one in self._waiting.items()}
        self._waiting |= {view.ids[one.row]: (one, view.pts) for one in found}
        told = [track for track in self._waiting if self._is_ripe(view, track)]
        ripe = [self._waiting.pop(track)[0]._replace(row=view.rows[track]) for track in told]
        for track in view.ended:
            self._waiting.pop(track, None)
        return ripe

    @property
    def is_settled(self) -> bool:
        """See `Crossings`; and nobody is waited for."""
        return not self._waiting and self._crossings.is_settled

    def rested(self, view: View) -> None:
        """See `Crossings`."""
        self._crossings.rested(view)

    def forget_all(self) -> None:
        """No track goes on."""
        self._crossings.forget_all()
        self._waiting.clear()

    def _is_ripe(self, view: View, track: int) -> bool:
        long = view.pts - self._waiting[track][1] >= WAIT_S - TICK_S
        return track in view.rows and (long or self._subjects.knows_speed(view, track))


def paced(crossings: Crossings, subjects: Subjects) -> Paced | Crossings:
    """Where no speed is asked, nobody is waited for."""
    return Paced(crossings, subjects) if subjects.asks_speed else crossings
