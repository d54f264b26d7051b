"""One intruder is one alert, however many fragments his track has."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from itertools import chain

from edge.rules import Rule
from edge.rules.fragments import NOBODY, Glance, Open, Place, away, beginning
from edge.rules.moment import TICK_S, moment
from edge.rules.sighting import sighting
from edge.rules.view import View
from edge.types import Event, Fact, Frame, State

REACH = 0.5  # box heights that somebody may be from where he was lost,
PACE = 1.5  # and so many more for each second since: a run,
FARTHEST = 4.0  # up to so many
LOST, CONTINUED = "track_ended", "continued"


class Merged:
    """A rule whose alerts go on where a track was lost and another began.

    If the rule raises an alert for an object of the same class, on the same way over a line, that
    began where somebody can have been by then who has an alert and was not seen since, for
    `merge_s` at most, that is the same alert: it is updated (`continued`), and outlives the lost
    track. Who was there while the other was still seen is somebody else, however near they are.
    If the one who was lost is seen again, both are there: he has an alert of his own again.
    For `cooldown_s` after an alert was raised others that the rule raises wait: what is over by
    then is left out, of what goes on the oldest is raised, and the next `cooldown_s` begins.
    """

    def __init__(self, rule: Rule, *, merge_s: float = 0.0, cooldown_s: float = 0.0) -> None:
        self._rule, self._merge_s, self._cooldown_s = rule, merge_s, cooldown_s
        self._open: dict[str, Open] = {}  # by the key that the rule knows it by
        self._out: set[str] = set()  # keys of alerts that nothing is told of;
        self._given: dict[str, Open] = {}  # of these the ones that others went on with
        self._waiting: dict[str, Open] = {}  # for the end of the cool-down, oldest first
        self._again = 0
        self._raised = -math.inf  # pts
        self._begins: dict[int, Place] = {}  # by track, where merging is wanted
        self._ids: list[int] = []  # who was here in the frame before
        self._newest = NOBODY
        self._lost: set[str] = set()  # keys of open alerts whose track ended

    def update(self, view: View) -> Iterable[Event]:
        """The rule's events, merged."""
        if self._merge_s and (view.ids != self._ids or view.tracks.split):
            self._meet(view)
        if self._open or self._waiting:
            self._see(view)
        events = [*self._rule.update(view)]
        if events or self._waiting or self._given or self._lost or view.ended:
            return self._tell(view, events)
        return ()

    def _tell(self, view: View, events: Iterable[Event]) -> Iterator[Event]:
        for event in events:
            yield from self._heard(event, view)
        if self._waiting and not self._cools(view.pts):
            yield self._waited(view)
        if self._given:
            yield from self._late(view)
        if self._lost:
            yield from self._expired(view)
        for track in view.ended:
            self._begins.pop(track, None)

    def close(self, frame: Frame, reason: str) -> Iterator[Event]:
        """Close the rule, and what is kept open."""
        for event in self._rule.close(frame, reason):
            if event.key in self._open:
                yield event.but(key=self._open.pop(event.key).last.key)
        for one in self._open.values():
            yield _cleared(one, frame, reason)
        self._open.clear()
        self._out.clear()
        self._given.clear()
        self._waiting.clear()
        self._begins.clear()
        self._ids = []
        self._raised = -math.inf

    def _meet(self, view: View) -> None:
        """Where each track begins: with what was measured of it first."""
        begins = self._begins
        for old, new in view.tracks.split.items():
            if old in begins:
                begins[new] = begins[old]  # or later: who is not merged has an alert of his own
        self._ids = view.ids
        for row, track in enumerate(view.ids):
            if track not in begins:
                begins[track] = beginning(view, row)

    def _see(self, view: View) -> None:
        now, split = self._newest, view.tracks.split
        if view.ids == now.ids and not split:
            now.pts, now.points, now.heights = view.pts, view.points, view.heights
            return
        self._newest = Glance(view.pts, view.ids, view.points, view.heights)
        for one in chain(self._open.values(), self._waiting.values()):
            if one.track is not None:
                one.track = split.get(one.track, one.track)
            self._find(one, view)

    def _find(self, one: Open, view: View) -> None:
        row = None if one.track is None else view.rows.get(one.track)
        if row is not None:
            one.seen, one.row = self._newest, row

    def _keep(
        self, kept: dict[str, Open], key: str, told: Event, *, reason: str, view: View
    ) -> None:
        seen = told.sighting
        track, class_id = (seen.track, seen.class_id) if seen else (None, None)
        one = kept[key] = Open(told, reason, track, class_id, told.pts)
        self._see(view)
        self._find(one, view)

    def _heard(self, event: Event, view: View) -> Iterator[Event]:
        key = event.key
        if event.state is State.RAISED:
            yield from self._begun(event, view)
        elif key in self._out or key in self._waiting:
            self._unheard(event, view)
        else:
            one = self._open[key]
            self._follow(one, event, view)
            one.ended = event.reason == LOST and self._merges(one, event.pts)
            if one.ended:
                self._lost.add(key)
            if event.state is State.CLEARED and not one.ended:
                del self._open[key]
            if not one.ended:
                yield one.last

    def _unheard(self, event: Event, view: View) -> None:
        """It is about an alert that nothing is told of, or not yet."""
        if event.state is State.CLEARED:
            self._pass_over(event.key)
            self._waiting.pop(event.key, None)
        elif event.key in self._waiting:
            self._follow(self._waiting[event.key], event, view)

    def _follow(self, one: Open, event: Event, view: View) -> None:
        """The rule tells more of it; perhaps that it is about another track now."""
        key = one.last.key
        one.last = event if event.key == key else event.but(key=key)
        if event.reason == CONTINUED and event.sighting is not None:
            one.track = event.sighting.track
            self._find(one, view)

    def _begun(self, event: Event, view: View) -> Iterator[Event]:
        before = self._same(event, view)
        if before is not None:
            one = self._open.pop(before)
            if not one.ended:
                self._out.add(before)
                self._given[before] = one
            told = event.but(state=State.UPDATED, reason=CONTINUED, key=one.last.key)
        elif self._waiting or self._cools(event.pts):
            self._keep(self._waiting, event.key, event, reason=event.reason, view=view)
            return
        else:
            self._raised, told = event.pts, event
        self._keep(self._open, event.key, told, reason=event.reason, view=view)
        yield told

    def _cools(self, pts: float) -> bool:
        return pts - self._raised < self._cooldown_s - TICK_S

    def _waited(self, view: View) -> Event:
        """The cool-down is over: the oldest that goes on is raised now."""
        key = next(iter(self._waiting))
        one = self._waiting.pop(key)
        last, row = one.last, view.rows.get(one.track) if one.track is not None else None
        told = last.but(
            state=State.RAISED,
            reason=one.reason,
            sighting=last.sighting if row is None else sighting(view.tracks, row, view.size),
            dwell_s=None if last.dwell_s is None else round(last.dwell_s + view.pts - last.pts, 3),
            facts=(*last.facts, Fact("waited", round(view.pts - one.since, 3), "s")),
            **moment(view.frame),
        )
        self._raised = view.pts
        self._keep(self._open, key, told, reason=one.reason, view=view)
        return told

    def _pass_over(self, key: str) -> None:
        self._out.discard(key)
        self._given.pop(key, None)

    def _late(self, view: View) -> Iterator[Event]:
        """Who is seen again is not the one who goes on with his alert."""
        for key, one in [*self._given.items()]:
            track = view.tracks.split.get(one.track or 0, one.track)
            row = None if track is None else view.rows.get(track)
            if row is not None:
                self._pass_over(key)
                self._again += 1
                told = one.last.but(
                    state=State.RAISED,
                    reason=one.reason,
                    key=f"{key}/{self._again}",
                    sighting=sighting(view.tracks, row, view.size),
                    **moment(view.frame),
                )
                self._keep(self._open, key, told, reason=one.reason, view=view)
                yield told

    def _same(self, event: Event, view: View) -> str | None:
        """The alert that this one goes on with: of those that can be it the nearest."""
        begun = self._begins.get(event.sighting.track) if event.sighting else None
        if begun is None or event.sighting is None:
            return None
        near: dict[str, float] = {}
        for key, one in self._open.items():
            alike = (
                one.class_id == event.sighting.class_id and one.last.direction is event.direction
            )
            unseen_s = begun.pts - one.seen.pts
            if alike and unseen_s > TICK_S and self._merges(one, view.pts):
                off = away(one.seen.at(one.row), begun, view.aspect)
                if off <= min(REACH + PACE * unseen_s, FARTHEST):
                    near[key] = off
        return min(near, key=lambda key: near[key], default=None)

    def _merges(self, one: Open, pts: float) -> bool:
        return pts - one.seen.pts < self._merge_s - TICK_S

    def _expired(self, view: View) -> Iterator[Event]:
        self._lost &= self._open.keys()
        over = [key for key in self._open if key in self._lost]
        for key in over:
            if not self._merges(self._open[key], view.pts):
                yield _cleared(self._open.pop(key), view.frame, LOST)


def merged(rule: Rule, *, merge_s: float, cooldown_s: float) -> Rule:
    """The rule, wrapped where there is something to merge or to leave out."""
    return Merged(rule, merge_s=merge_s, cooldown_s=cooldown_s) if merge_s or cooldown_s else rule


def _cleared(one: Open, frame: Frame, reason: str) -> Event:
    return one.last.but(state=State.CLEARED, reason=reason, **moment(frame))
