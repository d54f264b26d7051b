"""Entering, staying in and leaving a polygon."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from edge.rules.alerts import Alerts
from edge.rules.moment import TICK_S
from edge.rules.plan import Corners, Plan
from edge.rules.stays import Seen
from edge.rules.subjects import Subjects
from edge.rules.view import View
from edge.types import Event, Fact, Frame, Kind

Foot = list[float]  # x y, 0..1
MEASURED = 0.05  # of its box's height: how exactly a detection tells where somebody stands


@dataclass(slots=True)
class Stay:
    """One track's stay in the zone; times are pts."""

    entered: float
    inside: float  # last seen inside
    outside: float | None = None  # seen outside since then, first at
    away: float = 0.0  # seconds of the stay that it was seen outside
    due: float = -math.inf  # nothing can be told of it before
    told: bool = False

    def goes_on(self, pts: float) -> bool:
        """It is seen inside; whether there is something to be told of it."""
        if self.outside is not None:
            self.away, self.outside = self.away + pts - self.outside, None
        self.inside = pts
        return pts >= self.due

    @property
    def dwell_s(self) -> float:
        """From when it came in to when it was last seen inside."""
        return round(self.inside - self.entered, 3)


class Zone:
    """Raise an alert once a track has stood inside for dwell_s; clear it when it has left.

    A stay goes on until its track was seen outside, and only there, for leave_s: a box that
    flickers over the border ends nothing, nor does a detector that misses. Class and size decide
    who enters; a stay once begun is followed whatever the box looks like. It begins where the step
    that led inside met the border, so that a low rate of frames delays nothing. Who comes and goes
    over the border, and is never clearly inside, must have been inside for dwell_s in sum.

    `event` says what is told of: each `stay`; that somebody who was seen outside comes to `enter`;
    that somebody, after such a stay, did `leave` (cleared when he comes back, or his track ends).
    With an `overlap` above 0 it is not the foot that must be inside but that part of the box.
    """

    def __init__(  # noqa: PLR0913 - one keyword per setting
        self,
        *,
        camera: str,
        name: str,
        polygon: Corners,
        subjects: Subjects,
        plan: Plan,
        event: str = "stay",
        overlap: float = 0.0,
        dwell_s: float = 0.0,
        leave_s: float = 1.0,
        update_s: float = 10.0,
    ) -> None:
        self._area, self._overlap = plan.area(polygon), overlap
        self._subjects, self._event = plan.shared(subjects), event
        self._dwell_s, self._leave_s, self._update_s = dwell_s, leave_s, update_s
        self._stays: dict[int, Stay] = {}
        self._came: set[int] = set()  # seen outside: they may enter
        self._before: tuple[float, list[int], list[Foot]] | None = None  # who stood where, and when
        self._seen: Seen[Stay] = Seen()
        self._alerts = Alerts(Kind.ZONE, camera=camera, rule=name)

    def update(self, view: View) -> Iterable[Event]:
        """What begins, goes on and ends."""
        self._alerts.see(view)
        for old, new in view.tracks.split.items():
            self._rename(old, new)
        holds, fits = (self._holds(view), self._subjects.among(view)) if view.ids else ((), ())
        rows = self._seen.rows(view, holds, fits) if view.ids else ()
        if rows or view.ended:
            return self._look(view, rows, holds, fits)
        self._see(view)
        return ()

    def close(self, frame: Frame, reason: str) -> Iterator[Event]:
        """Clear what is open and forget every stay."""
        for track in {**self._stays, **dict.fromkeys(self._alerts.tracks)}:
            yield from self._end(track, frame, reason)
        self._came.clear()
        self._before = None
        self._seen.forget()

    def _see(self, view: View) -> None:
        self._before = (view.pts, view.ids, view.points) if view.ids else None

    def _look(
        self, view: View, rows: Sequence[int], holds: Sequence[bool], fits: Sequence[int]
    ) -> Iterator[Event]:
        stays = self._stays
        for row in rows:
            self._seen.settle(row, held=holds[row])
            if holds[row]:
                yield from self._held(view, row, fits)
            elif view.ids[row] in stays:
                yield from self._outside(view, row, stays[view.ids[row]])
            elif self._event == "enter":
                self._came.add(view.ids[row])
        for track in view.ended:
            yield from self._end(track, view.frame, "track_ended")
        self._see(view)

    def _held(self, view: View, row: int, fits: Sequence[int]) -> Iterator[Event]:
        stay = self._stays.get(view.ids[row])
        if stay is None and row in fits:
            stay = self._enter(view, row)
        if stay is not None:
            self._seen.stays(row, stay)
            if stay.goes_on(view.pts):
                yield from self._inside(view, row, stay)

    def _holds(self, view: View) -> list[bool]:
        if not self._overlap:
            return self._area.holds(view)
        return [share >= self._overlap for share in self._area.shares(view)]

    def _enter(self, view: View, row: int) -> Stay:
        track = view.ids[row]
        stay = self._stays[track] = Stay(self._since(view, row), view.pts)
        if self._event == "stay" or (self._event == "enter" and track in self._came):
            stay.due = stay.entered + self._dwell_s - TICK_S
        elif self._event == "enter":
            stay.due = math.inf
        return stay

    def _since(self, view: View, row: int) -> float:
        """When it came in: perhaps before it had an id, or between two frames."""
        track, since, at = view.ids[row], view.pts, view.points[row]
        past = view.tracks.past.get(track)
        if past is None:
            before, ids, points = self._before or (since, (), ())
            if track not in ids or track in view.tracks.split:
                return since
            return self._met(before, points[ids.index(track)], since, at)
        earlier = view.earlier(past)
        was = zip(past.pts.tolist(), self._holds(earlier), earlier.points, strict=True)
        for pts, held, point in reversed([*was]):
            if not held:
                if self._event == "enter":
                    self._came.add(track)
                return self._met(pts, point, since, at)
            since, at = pts, point
        return since

    def _met(self, before: float, start: Foot, now: float, end: Foot) -> float:
        """When a step met the border last."""
        return before + (now - before) * (1.0 if self._overlap else self._area.entry(start, end))

    def _inside(self, view: View, row: int, stay: Stay) -> Iterator[Event]:
        track, pts = view.ids[row], view.pts
        if self._event == "leave":
            stay.due = math.inf
            yield from self._alerts.end(track, view.frame, reason="returned")
        elif stay.told:
            stay.due = pts + self._update_s - TICK_S
            facts = self._facts(view, row, stay)
            yield self._alerts.go_on(
                track, view.frame, reason="dwelling", dwell_s=stay.dwell_s, facts=facts
            )
        elif self._settled(view, row, stay) and self._subjects.moves(view, track):
            stay.told, stay.due = True, pts + self._update_s - TICK_S
            yield self._begin(view, row, stay, "entered")

    def _outside(self, view: View, row: int, stay: Stay) -> Iterator[Event]:
        track, pts = view.ids[row], view.pts
        stay.outside = pts if stay.outside is None else stay.outside
        if pts - stay.outside < self._leave_s - TICK_S:
            self._seen.leaves(row, stay.outside + self._leave_s - TICK_S)
            return
        if self._event == "enter":
            self._came.add(track)
        yield from self._end(track, view.frame, "left")
        if self._event == "leave" and self._long(stay) and self._subjects.moves(view, track):
            yield self._begin(view, row, stay, "left")

    def _settled(self, view: View, row: int, stay: Stay) -> bool:
        if not stay.away or not self._long(stay):
            return self._long(stay)
        if stay.inside - stay.entered - stay.away >= self._dwell_s - TICK_S:
            return True
        clear = MEASURED * view.heights[row]
        return not self._overlap and self._area.depth(view, row) > clear

    def _long(self, stay: Stay) -> bool:
        return stay.inside - stay.entered >= self._dwell_s - TICK_S

    def _begin(self, view: View, row: int, stay: Stay, reason: str) -> Event:
        return self._alerts.begin(
            view,
            row,
            reason=reason,
            dwell_s=stay.dwell_s,
            facts=self._facts(view, row, stay),
            margin=self._margin(view, row),
        )

    def _facts(self, view: View, row: int, stay: Stay) -> tuple[Fact, ...]:
        dwell = Fact("dwell", stay.dwell_s, "s", least=self._dwell_s)
        speed = self._subjects.speed(view, view.ids[row])
        if not self._overlap or self._event == "leave":
            return dwell, *speed
        share = round(self._area.shares(view)[row], 3)
        return dwell, Fact("overlap", share, least=self._overlap), *speed

    def _margin(self, view: View, row: int) -> float:
        """How clearly it is inside, or outside: 1 where no flicker of the box can change it."""
        if not self._overlap:
            return self._area.clearance(view, row)
        off = abs(self._area.shares(view)[row] - self._overlap)
        return off / max(self._overlap, 1 - self._overlap)

    def _end(self, track: int, frame: Frame, reason: str) -> Iterator[Event]:
        stay = self._stays.pop(track, None)
        if reason == "track_ended":
            self._came.discard(track)
        dwell_s = None if stay is None else stay.dwell_s
        yield from self._alerts.end(track, frame, reason=reason, dwell_s=dwell_s)

    def _rename(self, old: int, new: int) -> None:
        """Who was taken for `old` goes on as `new`."""
        if old in self._stays:
            self._stays[new] = self._stays.pop(old)
        if old in self._came:
            self._came.remove(old)
            self._came.add(new)
