"""Lines and polygons taken in an order."""

from __future__ import annotations

import math
from collections import abc
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from edge.rules.alerts import Alerts
from edge.rules.moment import TICK_S
from edge.rules.plan import Plan
from edge.rules.steps import Into, Over, Step, Taken, made
from edge.rules.subjects import Subjects
from edge.rules.view import View
from edge.types import Event, Fact, Frame, Kind


@dataclass(slots=True)
class Way:
    """The latest way that a track took the first so many steps; pts."""

    first: float  # when it took the first of them: of a polygon, when it was there last
    last: float  # when it took the last of them: of a polygon, when it came there


class Sequence:
    """Raise an alert when a track has taken all steps in their order, and not taken them back.

    In between it may do what it likes, take other steps or the same again; the last is taken at
    most within_s after the first, where of several times that fit the latest counts. A line is
    taken by crossing it (`Crossings`), a polygon by being in it (`Standing`). But a polygon that
    follows a polygon must be come into, after the other was: whoever is first seen in the inner
    one, which may lie in the outer one, did not come through that. What is taken between two
    pictures is taken in the order that is listed.

    The alert is cleared when the last line is crossed again (`returned`), when the last polygon
    was left for some time (`left`), or when the track ends. Until then it has no other.
    """

    def __init__(  # noqa: PLR0913 - one keyword per setting
        self,
        *,
        camera: str,
        name: str,
        steps: tuple[Step, ...],
        subjects: Subjects,
        plan: Plan,
        within_s: float = 60.0,
        settle_s: float = 0.3,
    ) -> None:
        self._subjects, self._within_s = plan.shared(subjects), within_s
        *self._before, self._last = (
            made(step, before, self._subjects, plan, settle_s=settle_s, last=not after)
            for before, step, after in zip((None, *steps), steps, (*steps[1:], None), strict=False)
        )
        self._ways: list[dict[int, Way]] = [{} for _ in self._before]
        first = self._before[0]
        self._first = first if isinstance(first, Into) else None  # whose ways are its stays
        # Who may have taken all steps before each one; None: anybody.
        self._asked: list[Collection[int] | None] = [
            None if not index or (index == 1 and self._first) else self._ways[index - 1]
            for index in range(len(steps))
        ]
        self._leaves = math.inf  # pts, before which nobody has left the last polygon for long
        self._used: dict[int, float] = {}  # stays that were no longer than that, pts, are used up
        self._alerts = Alerts(Kind.SEQUENCE, camera=camera, rule=name)
        # In most frames nobody takes a step, nor could: then they are not looked at one by one.
        self._plan, self._steps = plan, (*self._before, self._last)
        self._areas = [one for one in self._steps if isinstance(one, Into)]
        self._lines = [one for one in self._steps if isinstance(one, Over)]
        # Who is in the last polygon may have an alert once it is known how fast he is.
        self._waits = isinstance(self._last, Into) and self._subjects.asks_speed
        self._ids: list[int] = []  # of the newest view
        self._rows: abc.Sequence[int] = ()
        self._resting: View | None = None  # the newest view, if nothing was looked at in it

    def update(self, view: View) -> Iterable[Event]:
        """Who has taken them all, and the end of alerts."""
        self._alerts.see(view)
        stirred = self._stirred(view)
        if stirred or view.pts >= self._leaves or self._waits:
            return self._look(view, stirred)
        self._resting = view
        return ()

    def _stirred(self, view: View) -> abc.Sequence[Over | Into]:
        """The steps in which there may be something to see."""
        tracks, rows = view.tracks, self._subjects.among(view)
        are_same = rows and rows == self._rows and view.ids == self._ids
        if not are_same or tracks.past or tracks.split or view.ended:
            self._ids, self._rows = view.ids, rows
            return self._steps
        stirred: list[Over | Into] = []
        of, survey = self._plan.latest  # a call less than to ask the plan
        held, side, _ = survey if of is view.memo else self._plan.survey(view)
        for area in self._areas:
            if held[area.index] != area.seen:
                stirred.append(area)  # noqa: PERF401 - a comprehension is a call, and costs more
        for line in self._lines:
            if side[line.index] != line.seen:
                stirred.append(line)  # noqa: PERF401
        return stirred

    def _look(self, view: View, stirred: abc.Sequence[Over | Into]) -> Iterator[Event]:
        self._rest(view, stirred)
        self._see_before(view, stirred)
        last, look = self._last, self._last in stirred
        for taken in last.update(view, self._asked[-1], look=look):
            yield from self._take_last(view, taken)
        if isinstance(last, Into) and (view.pts >= self._leaves or (look and not last.quiet)):
            yield from self._leave(view, last)
        for track in view.ended:
            self._forget(track)
            self._used.pop(track, None)
            yield from self._alerts.end(track, view.frame, reason="track_ended")

    def _rest(self, view: View, stirred: abc.Sequence[Over | Into]) -> None:
        """Tell the steps of the views in which they were not looked at."""
        before, self._resting = self._resting, None
        for step in self._steps:
            if step not in stirred:
                step.rested(view)
            elif before is not None:
                step.rested(before)

    def _see_before(self, view: View, stirred: abc.Sequence[Over | Into]) -> None:
        """Who takes a step before the last one."""
        for old, new in view.tracks.split.items():
            self._rename(old, new)
        for index, step in enumerate(self._before):
            look = step in stirred
            if step is self._first:
                if look:
                    step.look(view)
            elif look or step in self._areas:  # with one before it that was taken it may be, too
                self._take(view, step, index, look=look)

    def close(self, frame: Frame, reason: str) -> Iterator[Event]:
        """Clear what is open and forget every track."""
        self._ids, self._resting = [], None
        for step in self._steps:
            step.forget_all()
        self._used.clear()
        for ways in self._ways:
            ways.clear()
        yield from self._alerts.end_all(frame, reason=reason)

    def _take(self, view: View, step: Over | Into, index: int, *, look: bool) -> None:
        ways = self._ways[index]
        for taken in step.update(view, self._asked[index], look=look):
            track = view.ids[taken.row]
            if taken.wanted and (way := self._way(track, taken, index)):
                ways[track] = way

    def _way(self, track: int, taken: Taken, index: int) -> Way | None:
        """The way that this step makes; None where those before it were not taken before."""
        if not index:
            return Way(taken.until, taken.at)
        before = self._known(track, index - 1)
        if before is None:
            return None
        at = max(taken.at, before.last)
        return Way(min(before.first, at), at) if at <= taken.until + TICK_S else None

    def _known(self, track: int, index: int) -> Way | None:
        """The latest way up to this step."""
        if index or self._first is None:
            return self._ways[index].get(track)
        stay = self._first.stay(track)
        if stay is None or stay.stayed <= self._used.get(track, -math.inf):
            return None
        return Way(stay.stayed, stay.entered)

    def _take_last(self, view: View, taken: Taken) -> Iterator[Event]:
        track = view.ids[taken.row]
        if isinstance(self._last, Over):
            yield from self._alerts.end(track, view.frame, reason="returned")
        if not taken.wanted or self._alerts.has(track):
            return
        way = self._way(track, taken, len(self._before))
        if way is None or way.last - way.first > self._within_s + TICK_S:
            return
        if self._subjects.moves(view, track):
            self._forget(track)
            self._used[track] = view.pts
            self._ids = []  # in the next frame every step is looked at: his ways begin anew
            yield self._begin(view, taken.row, way.last - way.first)

    def _begin(self, view: View, row: int, took: float) -> Event:
        count = len(self._before) + 1
        return self._alerts.begin(
            view,
            row,
            reason="completed",
            facts=(
                Fact("duration", round(took, 3), "s", most=self._within_s),
                Fact("steps", count, least=count),
                *self._subjects.speed(view, view.ids[row]),
            ),
            margin=1 - took / self._within_s,
        )

    def _leave(self, view: View, last: Into) -> Iterator[Event]:
        self._leaves = math.inf
        for track in self._alerts.tracks:
            at = last.leaves(view, track)
            if view.pts >= at:
                yield from self._alerts.end(track, view.frame, reason="left")
            else:
                self._leaves = min(self._leaves, at)

    def _forget(self, track: int) -> None:
        for ways in self._ways:
            ways.pop(track, None)

    def _rename(self, old: int, new: int) -> None:
        """Who was taken for `old` goes on as `new`."""
        if old in self._used:
            self._used[new] = self._used.pop(old)
        for ways in self._ways:
            if old in ways:
                ways[new] = ways.pop(old)
