"""Staying about in a polygon, leaving it for a moment or not."""

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

SETTLE_S = 1.0  # beyond the radius for so long: a box that jumps is not
Place = Sequence[float]  # metres on the ground, x y


@dataclass(slots=True)
class Stay:
    """One track's stay; times are pts."""

    came: float  # when the dwell began,
    anchor: Place | None  # and where that was; None: not known
    inside: float  # last seen inside
    outside: float | None = None  # seen outside since then, first at
    beyond: float | None = None  # seen beyond the radius, and only there, since
    told: float | None = None  # when its alert last said something; None before it is raised
    due: float = -math.inf  # nothing can be told of it before

    def goes_on(self, pts: float) -> bool:
        """It is seen inside; whether there is something to be told of it."""
        self.inside = pts
        return pts >= self.due

    @property
    def dwell_s(self) -> float:
        """How long it is known to have been about."""
        return round(self.inside - self.came, 3)


class Loitering:
    """Raise an alert once a track has been about for dwell_s; clear it when it has left.

    The dwell is from when it came until it was last seen inside; time outside or unseen in between
    counts if it was no longer than grace_s, else the dwell begins anew. It has left when it was
    seen outside, and only there, for grace_s. An alert once raised waits for that: a detector that
    misses is not somebody who leaves, nor is a gap in the frames an absence.

    With `radius_m` and a calibrated camera, who is seen farther than that from where the dwell
    began, and only there, for a second begins anew where he is, so that it takes somebody who
    stays about a place, not one who walks through a long zone. Without calibration it is ignored.
    Class and size decide who enters; a stay once begun is followed whatever the box looks like.
    """

    def __init__(  # noqa: PLR0913 - one keyword per setting
        self,
        *,
        camera: str,
        name: str,
        polygon: Corners,
        subjects: Subjects,
        plan: Plan,
        dwell_s: float = 60.0,
        grace_s: float = 10.0,
        radius_m: float | None = None,
        update_s: float = 30.0,
    ) -> None:
        self._area, self._subjects = plan.area(polygon), plan.shared(subjects)
        self._dwell_s, self._grace_s, self._update_s = dwell_s, grace_s, update_s
        self._radius_m = radius_m
        self._stays: dict[int, Stay] = {}
        self._before = -math.inf  # pts of the frame before
        self._seen: Seen[Stay] = Seen()
        self._alerts = Alerts(Kind.LOITERING, camera=camera, rule=name)

    def update(self, view: View) -> Iterable[Event]:
        """What begins, goes on and ends."""
        self._alerts.see(view)
        for old, new in view.tracks.split.items():
            if old in self._stays:
                self._stays[new] = self._stays.pop(old)
        rows: Sequence[int] = ()
        if view.ids:
            rows = self._seen.rows(view, self._area.holds(view), self._subjects.among(view))
        else:
            self._seen.forget()  # who is here again was unseen
        if rows or view.ended:
            return self._look(view, rows)
        self._before = view.pts
        return ()

    def close(self, frame: Frame, reason: str) -> Iterator[Event]:
        """Clear what is open and forget every stay."""
        for track in [*self._stays]:
            yield from self._end(track, frame, reason)
        self._seen.forget()

    def _look(self, view: View, rows: Sequence[int]) -> Iterator[Event]:
        holds, fits = self._area.holds(view), self._subjects.among(view)
        for row in rows:
            self._seen.settle(row, held=holds[row])
            stay = self._stays.get(view.ids[row])
            if holds[row] and (stay is not None or row in fits):
                stay = stay or self._begin(view, row)
                self._seen.stays(row, stay)
                yield from self._inside(view, row, stay)
            elif stay is not None:
                yield from self._outside(view, row, stay)
        for track in view.ended:
            yield from self._end(track, view.frame, "track_ended")
        self._before = view.pts

    def _begin(self, view: View, row: int) -> Stay:
        """Since when it is about: also before it had an id, and outside for a moment or not."""
        track, pts = view.ids[row], view.pts
        stay = self._stays[track] = Stay(pts, self._place(view, row), pts)
        past = view.tracks.past.get(track)
        if past is not None:
            before, times = view.earlier(past), past.pts.tolist()
            held = self._area.holds(before)
            for at in reversed(range(len(times))):
                if held[at]:
                    stay.came, stay.anchor = times[at], self._place(before, at)
                elif stay.came - times[at] >= self._grace_s - TICK_S:
                    break
        return stay

    def _inside(self, view: View, row: int, stay: Stay) -> Iterator[Event]:
        track, pts = view.ids[row], view.pts
        missed = stay.inside < self._before and pts - stay.inside > self._grace_s + TICK_S
        if missed and stay.told is None:
            self._anew(view, row, stay)
        stay.inside, stay.outside = pts, None
        if self._radius_m is not None and self._strays(view, row, stay):
            yield from self._alerts.end(track, view.frame, reason="moved_on", dwell_s=stay.dwell_s)
            self._anew(view, row, stay)
        if stay.told is None:
            if self._long(stay) and self._subjects.moves(view, track):
                stay.told = pts
                yield self._raise(view, row, stay)
        elif pts - stay.told >= self._update_s - TICK_S:
            stay.told, facts = pts, self._facts(view, row, stay)
            yield self._alerts.go_on(
                track, view.frame, reason="loitering", dwell_s=stay.dwell_s, facts=facts
            )
        if self._radius_m is None:
            due = stay.came + self._dwell_s if stay.told is None else stay.told + self._update_s
            stay.due = due - 2 * TICK_S  # rather a frame too soon

    def _outside(self, view: View, row: int, stay: Stay) -> Iterator[Event]:
        stay.outside = view.pts if stay.outside is None else stay.outside
        if view.pts - stay.outside >= self._grace_s - TICK_S:
            yield from self._end(view.ids[row], view.frame, "left")
        else:
            self._seen.leaves(row, stay.outside + self._grace_s - TICK_S)

    def _strays(self, view: View, row: int, stay: Stay) -> bool:
        """Whether it has got away from where its dwell began."""
        place = self._place(view, row)
        stay.anchor = stay.anchor or place
        if place is None or stay.anchor is None or self._radius_m is None:
            return False
        if math.dist(place, stay.anchor) <= self._radius_m:
            stay.beyond = None
            return False
        stay.beyond = view.pts if stay.beyond is None else stay.beyond
        return view.pts - stay.beyond >= SETTLE_S - TICK_S

    def _anew(self, view: View, row: int, stay: Stay) -> None:
        stay.came = stay.inside = view.pts
        stay.anchor, stay.beyond, stay.told = self._place(view, row), None, None

    def _long(self, stay: Stay) -> bool:
        dwells = stay.inside - stay.came >= self._dwell_s - TICK_S
        return dwells and stay.beyond is None

    def _place(self, view: View, row: int) -> Place | None:
        if view.places is None:
            return None
        x, y = view.places[row]
        return None if math.isnan(x) else (x, y)

    def _raise(self, view: View, row: int, stay: Stay) -> Event:
        return self._alerts.begin(
            view,
            row,
            reason="loitering",
            dwell_s=stay.dwell_s,
            facts=self._facts(view, row, stay),
            margin=self._area.clearance(view, row),
        )

    def _facts(self, view: View, row: int, stay: Stay) -> tuple[Fact, ...]:
        dwell = Fact("dwell", stay.dwell_s, "s", least=self._dwell_s)
        place, speed = self._place(view, row), self._subjects.speed(view, view.ids[row])
        if place is None or stay.anchor is None:
            return dwell, *speed
        moved = round(math.dist(place, stay.anchor), 2)
        return dwell, Fact("moved", moved, "m", most=self._radius_m), *speed

    def _end(self, track: int, frame: Frame, reason: str) -> Iterator[Event]:
        stay = self._stays.pop(track, None)
        if stay is not None:
            yield from self._alerts.end(track, frame, reason=reason, dwell_s=stay.dwell_s)
