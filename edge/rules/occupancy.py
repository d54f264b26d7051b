"""Too many in a polygon, too few, or just so many as must never be there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from edge.rules.alerts import GROUP, Alerts
from edge.rules.moment import TICK_S
from edge.rules.plan import Corners, Plan
from edge.rules.sighting import sighting
from edge.rules.standing import Standing
from edge.rules.subjects import Subjects
from edge.rules.view import View
from edge.types import Event, Fact, Frame, Kind

SETTLE_S = 0.3  # seen on the other side of the border, and only there, before it counts
MISSED_S = 2.0  # not seen for longer is gone; its track may end sooner


class Fault(NamedTuple):
    """What is wrong with a count."""

    reason: str
    fact: Fact  # the count, with the limit that it is beyond
    off: int  # so many would have to come or go


class Occupancy:
    """Raise one alert while the number of objects that stand inside is wrong.

    It is wrong where there are more than `most`, fewer than `fewest` (a post that must be manned;
    that nobody was seen yet is no excuse), or exactly `never` (1: the two-person rule). The alert
    is raised when it was wrong for for_s without a break, and cleared when it was right so long;
    in between it is updated when the count is another one for for_s, and every update_s.

    Class and size decide who begins to count, speed at any time since he came in; then he counts
    until he is outside (see `Standing`), his track ends, or he is not seen for longer than
    MISSED_S, or than for_s where that is less: so neither a detector that misses nor a track that
    breaks, where somebody is for a moment two, makes an alert. Too many are shown by who came last.
    """

    def __init__(  # noqa: PLR0913 - one keyword per setting
        self,
        *,
        camera: str,
        name: str,
        polygon: Corners,
        subjects: Subjects,
        plan: Plan,
        most: int | None = None,
        fewest: int | None = None,
        never: int | None = None,
        for_s: float = 3.0,
        update_s: float = 30.0,
    ) -> None:
        self._area, self._subjects = plan.area(polygon), plan.shared(subjects)
        self._most, self._fewest, self._never = most, fewest, never
        self._for_s, self._update_s, self._missed_s = for_s, update_s, min(MISSED_S, for_s)
        self._standing = Standing(self._area, settle_s=min(SETTLE_S, for_s))
        self._alerts = Alerts(Kind.OCCUPANCY, camera=camera, rule=name)
        self._begin()

    def update(self, view: View) -> Iterable[Event]:
        """What begins, goes on and ends."""
        tracks, there = view.tracks, self._there
        for old, new in tracks.split.items():
            self._rename(old, new)
        if view.ids:
            self._look(view)
        for track in view.ended:
            self._standing.forget(track)
            there.pop(track, None)
        least = view.pts - self._missed_s - TICK_S
        if there and min(there.values()) < least:
            for track in [track for track, seen in there.items() if seen < least]:
                del there[track]
        return self._judge(view)

    def close(self, frame: Frame, reason: str) -> Iterator[Event]:
        """Clear what is open, and forget who is there."""
        self._standing.forget_all()
        self._begin()
        yield from self._end(frame, reason)

    def _begin(self) -> None:
        self._there: dict[int, float] = {}  # who counts, in the order they came: seen last, pts
        self._count, self._since = -1, 0.0  # so many, since when
        self._fault: Fault | None = None  # of that count
        self._turned: float | None = None  # since when it is wrong without an alert, or right with
        self._wrong = self._told_at = 0.0  # of the open alert: since when, and told when
        self._told = -1  # and of which count; -1: none is open

    def _look(self, view: View) -> None:
        there, rows = self._there, self._subjects.among(view)
        if there and len(rows) < len(view.ids):
            more = (view.rows[one] for one in there if one in view.rows)
            rows = tuple(sorted({*rows, *more}))  # to be the same as in the frame before
        stands = self._standing.look(view, rows)
        if self._standing.quiet:
            inside = [*self._standing.inside]
        else:
            seen = [*zip(rows, stands, strict=True)]
            inside = [row for row, stand in seen if stand.inside]
            for row in (row for row, stand in seen if not stand.inside):
                there.pop(view.ids[row], None)
        for track in (view.ids[row] for row in inside):
            if track in there or self._subjects.moves(view, track):
                there[track] = view.pts

    def _judge(self, view: View) -> Iterable[Event]:
        pts, count, told = view.pts, len(self._there), self._told >= 0
        if count != self._count:
            self._count, self._since, self._fault = count, pts, self._wrong_with(count)
        fault = self._fault
        if (fault is not None) is told:
            self._turned = None
        elif self._turned is None:
            self._turned = pts
        if self._turned is not None and self._long(pts, self._turned):
            return self._turn(view, self._turned)
        if told and fault is not None:
            other = count != self._told and self._long(pts, self._since)
            if other or pts - self._told_at >= self._update_s - TICK_S:
                return (self._go_on(view, fault),)
        return ()

    def _long(self, pts: float, since: float) -> bool:
        return pts - since >= self._for_s - TICK_S

    def _wrong_with(self, count: int) -> Fault | None:
        most, fewest, value = self._most, self._fewest, float(count)
        if most is not None and count > most:
            return Fault("too_many", Fact("count", value, least=most + 1), count - most)
        if fewest is not None and count < fewest:
            return Fault("too_few", Fact("count", value, most=fewest - 1), fewest - count)
        if count == self._never:
            return Fault("forbidden_number", Fact("count", value, least=count, most=count), 1)
        return None

    def _turn(self, view: View, since: float) -> Iterator[Event]:
        self._turned = None
        if self._fault is None:
            self._told = -1
            yield from self._end(view.frame, "cleared_up")
        else:
            self._wrong, self._told, self._told_at = since, self._count, view.pts
            yield self._alerts.begin(
                view,
                self._row(view, self._fault),
                reason=self._fault.reason,
                facts=self._facts(view, self._fault),
                margin=1 - 1 / self._fault.off,
                group=True,
            )

    def _go_on(self, view: View, fault: Fault) -> Event:
        self._told, self._told_at = self._count, view.pts
        facts = self._facts(view, fault)
        event = self._alerts.go_on(GROUP, view.frame, reason=fault.reason, facts=facts)
        row = self._row(view, fault)
        seen = None if row is None else sighting(view.tracks, row, view.size)
        return event.but(sighting=seen)

    def _end(self, frame: Frame, reason: str) -> Iterator[Event]:
        for event in self._alerts.end(GROUP, frame, reason=reason):
            yield event.but(sighting=None)

    def _facts(self, view: View, fault: Fault) -> tuple[Fact, ...]:
        lasted = round(view.pts - self._wrong, 3)
        return fault.fact, Fact("duration", lasted, "s", least=self._for_s)

    def _row(self, view: View, fault: Fault) -> int | None:
        """Of too many, who is seen and came last."""
        if fault.reason != "too_many":
            return None
        return next((view.rows[one] for one in reversed(self._there) if one in view.rows), None)

    def _rename(self, old: int, new: int) -> None:
        """Who was taken for `old` goes on as `new`, and keeps his place."""
        self._standing.rename(old, new)
        self._there = {new if track == old else track: at for track, at in self._there.items()}
