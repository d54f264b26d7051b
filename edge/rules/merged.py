"""One intruder is one alert, however many fragments his track has."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

from edge.rules import Rule
from edge.rules.moment import moment
from edge.rules.view import View
from edge.types import Event, Frame, State

TICK_S = 1e-6  # times less far apart are equal
REACH = 0.5  # box heights that somebody may be from where he was lost,
PACE = 1.5  # and so many more for each second since: a run
LOST = "track_ended"


@dataclass(slots=True)
class Open:
    """An alert that was told of, and where the object that it is about was last seen."""

    last: Event  # as it was told
    track: int | None
    class_id: int = -1
    seen: float = -math.inf  # pts
    foot: tuple[float, float] = (0.0, 0.0)
    tall: float = 0.0
    ended: bool = False  # its track did; somebody may go on with it


class Merged:
    """A rule whose alerts go on where a track was lost and another began.

    If the rule raises an alert for an object of the same class that is where somebody can be by
    now who has an alert and was not seen for `merge_s` at most, that is the same alert: it is
    updated (`continued`), and outlives the lost track. Nobody is two at once: who was seen before
    the other was lost is somebody else. Nor is a crossing the other way the same.
    For `cooldown_s` after an alert was raised others that the rule raises are left out.
    """

    def __init__(self, rule: Rule, *, merge_s: float = 0.0, cooldown_s: float = 0.0) -> None:
        self._rule, self._merge_s, self._cooldown_s = rule, merge_s, cooldown_s
        self._open: dict[str, Open] = {}  # by the key that the rule knows it by
        self._out: set[str] = set()  # keys of alerts that nothing more is told of
        self._since: dict[int, float] = {}  # track -> when it was first seen, pts
        self._ids: list[int] = []  # who was here in the frame before
        self._raised = -math.inf  # pts

    def update(self, view: View) -> Iterator[Event]:
        """The rule's events, merged."""
        self._meet(view)
        if self._open:
            self._see(view)
        for event in self._rule.update(view):
            yield from self._heard(event, view)
        if self._open:
            yield from self._expired(view)
        for track in view.tracks.ended.tolist():
            self._since.pop(track, None)

    def close(self, frame: Frame, reason: str) -> Iterator[Event]:
        """Close the rule, and what is kept open."""
        for event in self._rule.close(frame, reason):
            if event.key in self._open:
                yield replace(event, key=self._open.pop(event.key).last.key)
        for one in self._open.values():
            yield _cleared(one, frame, reason)
        self._open.clear()
        self._out.clear()
        self._since.clear()
        self._ids = []
        self._raised = -math.inf

    def _meet(self, view: View) -> None:
        """Who is here for the first time, and who goes on under another id."""
        since, tracks = self._since, view.tracks
        for old, new in tracks.split.items():
            since[new] = since.get(old, view.pts)
        if view.ids == self._ids:
            return
        self._ids = view.ids
        for track in view.ids:
            if track not in since:
                past = tracks.past.get(track)
                since[track] = view.pts if past is None else float(past.pts.min(initial=view.pts))

    def _see(self, view: View) -> None:
        for one in self._open.values():
            one.track = view.tracks.split.get(one.track or 0, one.track)
            row = None if one.track is None else view.rows.get(one.track)
            if row is not None:
                x, y = view.points[row]
                one.seen, one.foot, one.tall = view.pts, (x, y), view.heights[row]

    def _heard(self, event: Event, view: View) -> Iterator[Event]:
        key = event.key
        if event.state is State.RAISED:
            yield from self._begun(event, view)
        elif key in self._out:
            if event.state is State.CLEARED:
                self._out.discard(key)
        elif event.reason == LOST and self._merges(self._open[key], event.pts):
            self._open[key].ended = True
        else:
            one = self._open[key]
            one.last = replace(event, key=one.last.key)
            if event.state is State.CLEARED:
                del self._open[key]
            yield one.last

    def _begun(self, event: Event, view: View) -> Iterator[Event]:
        before = self._same(event, view)
        if before is not None:
            one = self._open.pop(before)
            if not one.ended:
                self._out.add(before)
            told = replace(event, state=State.UPDATED, reason="continued", key=one.last.key)
        elif event.pts - self._raised < self._cooldown_s - TICK_S:
            self._out.add(event.key)
            return
        else:
            self._raised, told = event.pts, event
        seen = event.sighting
        self._open[event.key] = Open(told, seen.track if seen else None)
        if seen:
            self._open[event.key].class_id = seen.class_id
        self._see(view)
        yield told

    def _same(self, event: Event, view: View) -> str | None:
        """The alert that this one goes on with: of those that can be it the nearest."""
        row = view.rows.get(event.sighting.track) if event.sighting else None
        if row is None or not self._merge_s:
            return None
        near: dict[str, float] = {}
        for key, one in self._open.items():
            if one.class_id != view.kinds[row] or one.last.direction is not event.direction:
                continue
            if self._since.get(view.ids[row], view.pts) <= one.seen + TICK_S:
                continue
            away = _away(one, view, row)
            if self._merges(one, view.pts) and away <= REACH + PACE * (view.pts - one.seen):
                near[key] = away
        return min(near, key=lambda key: near[key], default=None)

    def _merges(self, one: Open, pts: float) -> bool:
        return pts - one.seen < self._merge_s - TICK_S

    def _expired(self, view: View) -> Iterator[Event]:
        over = [
            key for key, one in self._open.items() if one.ended and not self._merges(one, view.pts)
        ]
        for key in over:
            yield _cleared(self._open.pop(key), view.frame, LOST)


def merged(rule: Rule, *, merge_s: float, cooldown_s: float) -> Rule:
    """The rule, wrapped where there is something to merge or to leave out."""
    return Merged(rule, merge_s=merge_s, cooldown_s=cooldown_s) if merge_s or cooldown_s else rule


def _cleared(one: Open, frame: Frame, reason: str) -> Event:
    return replace(one.last, state=State.CLEARED, reason=reason, **moment(frame))


def _away(one: Open, view: View, row: int) -> float:
    """How far a foot is from where that object was last seen, in heights of the taller."""
    x, y = view.points[row]
    tall = max(one.tall, view.heights[row])
    away = math.hypot((x - one.foot[0]) * view.aspect, y - one.foot[1])
    return away / tall if tall else math.inf
