"""Crossing a line too soon behind another."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

from edge.rules.alerts import Alerts
from edge.rules.crossing import WANTED, Crossed, Crossings
from edge.rules.moment import TICK_S
from edge.rules.paced import paced
from edge.rules.plan import Corners, Plan
from edge.rules.subjects import Subjects
from edge.rules.view import View
from edge.types import Direction, Event, Fact, Frame, Kind

SPARE = 32  # crossings that are remembered beyond those that are permitted


class Tailgating:
    """Raise an alert for who crosses a line as one too many; clear it when he goes back or ends.

    More than `most` objects cross it the same way within within_s: whose crossing is settled last
    is the one too many. What a crossing is says `Crossings`. An object counts once, at its newest
    crossing, and no longer when it has gone back; after its track has ended it still counts.
    Where the direction is both, each way counts for itself: who meets another follows nobody.
    """

    def __init__(  # noqa: PLR0913 - one keyword per setting
        self,
        *,
        camera: str,
        name: str,
        line: Corners,
        subjects: Subjects,
        plan: Plan,
        direction: str = "both",
        settle_s: float = 0.3,
        most: int = 1,
        within_s: float = 5.0,
    ) -> None:
        self._subjects = plan.shared(subjects)
        crossings = Crossings(plan.line(line), self._subjects, settle_s=settle_s)
        self._crossings = paced(crossings, self._subjects)
        self._wanted, self._most, self._within_s = WANTED[direction], most, within_s
        self._went: dict[int, tuple[Direction, float]] = {}  # newest crossings, oldest first
        self._alerts = Alerts(Kind.TAILGATING, camera=camera, rule=name)

    def update(self, view: View) -> Iterable[Event]:
        """Who follows too soon, and the end of alerts."""
        self._alerts.see(view)
        if split := view.tracks.split:
            self._went = {split.get(track, track): went for track, went in self._went.items()}
        crossed = self._crossings.update(view)
        return self._tell(view, crossed) if crossed or view.ended else ()

    def close(self, frame: Frame, reason: str) -> Iterator[Event]:
        """Clear what is open and forget every track and crossing."""
        self._crossings.forget_all()
        self._went.clear()
        yield from self._alerts.end_all(frame, reason=reason)

    def _tell(self, view: View, crossed: Sequence[Crossed]) -> Iterator[Event]:
        for one in crossed:
            yield from self._crossed(view, one)
        for track in view.ended:
            yield from self._alerts.end(track, view.frame, reason="track_ended")

    def _crossed(self, view: View, crossed: Crossed) -> Iterator[Event]:
        track, direction, at = view.ids[crossed.row], crossed.direction, crossed.at
        yield from self._alerts.end(track, view.frame, reason="returned")
        self._went.pop(track, None)
        if direction not in self._wanted or not self._subjects.moves(view, track):
            return
        others = [before for way, before in self._went.values() if way is direction]
        self._went[track] = direction, at
        if len(self._went) > self._most + SPARE:
            del self._went[next(iter(self._went))]
        span = least_span(others, at, self._most)
        if span <= self._within_s + TICK_S:
            yield self._alerts.begin(
                view,
                crossed.row,
                reason="followed",
                direction=direction,
                facts=(*self._facts(others, at), *self._subjects.speed(view, track)),
                margin=1 - span / self._within_s,
            )

    def _facts(self, others: Sequence[float], at: float) -> Iterator[Fact]:
        gaps = sorted(abs(at - other) for other in others)
        count = 1 + sum(gap <= self._within_s + TICK_S for gap in gaps)
        yield Fact("count", count, least=self._most + 1)
        for gap in gaps[:1]:  # to the one before; to nobody where none is permitted
            yield Fact("gap", round(gap, 3), "s", most=self._within_s)


def least_span(others: Sequence[float], at: float, more: int) -> float:
    """The least time in which `at` and so many `more` of the others lie; inf: they are too few."""
    times = sorted((*others, at))
    spans = zip(times, times[more:], strict=False)
    return min((last - first for first, last in spans if first <= at <= last), default=math.inf)
