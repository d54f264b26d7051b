"""At rest in a polygon for long, one alert for each stop; what is parked is learnt once."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from edge.rules.alerts import Alerts
from edge.rules.moment import TICK_S
from edge.rules.places import AWAY_S, Foot, Place, Places
from edge.rules.plan import Corners, Plan
from edge.rules.subjects import Subjects
from edge.rules.view import View
from edge.types import Event, Fact, Frame, Kind


class Stopped:
    """Raise an alert once something has been at rest for after_s; clear it when it moves on.

    It is at rest while its foot is seen within `still` of its box's height of where it came to
    rest, in the polygon; it moves on when it is seen farther off, and only there, for a second.
    The time at rest and the alert belong to the place, not to the track: what is lost and found
    there under another id goes on (see `Places`), its alert `continued`, so that one stop is one
    alert. It is cleared once nothing can go on with it: nobody was seen there for AGAIN_S, for
    VACATED_S where its track was seen to go, or another thing is there.

    What has been at rest for learn_s is parked: its alert is cleared, and nothing is told of what
    is found in its place until it was seen to go, or another thing came there. Places outlive the
    camera's sessions and the times at which the rule is disarmed, so that a reconnect tells
    nothing of parked cars again; a rule that is made anew, as on a restart, knows none. Class and
    size decide what comes to rest; what is at rest is followed whatever its box looks like.
    """

    def __init__(  # noqa: PLR0913 - one keyword per setting
        self,
        *,
        camera: str,
        name: str,
        polygon: Corners,
        subjects: Subjects,
        plan: Plan,
        after_s: float = 60.0,
        still: float = 0.25,
        learn_s: float = 600.0,
    ) -> None:
        self._area, self._subjects = plan.area(polygon), plan.shared(subjects)
        self._after_s, self._still, self._learn_s = after_s, still, learn_s
        self._places = Places()
        self._origins: dict[int, Foot] = {}  # where each track was first seen without a place
        self._ids: list[int] = []  # of the newest view in which these were noted
        self._session: int | None = None  # of the camera, see `_tell_time`
        self._now, self._shift = 0.0, 0.0
        self._alerts = Alerts(Kind.STOPPED, camera=camera, rule=name)
        self._lost: list[tuple[Place, str]] = []  # with an open alert, and why it would be over

    def update(self, view: View) -> Iterator[Event]:
        """Yield what has stopped, is parked now, and moves on."""
        self._alerts.see(view)
        self._tell_time(view.frame)
        for old, new in view.tracks.split.items():
            self._places.rename(old, new)
        if view.ids:
            yield from self._look(view)
        for track in view.ended:
            yield from self._leave(track, view, "track_ended")
            self._origins.pop(track, None)
            self._ids = []
        if self._lost:
            yield from self._expired(view.frame)

    def close(self, frame: Frame, reason: str) -> Iterator[Event]:
        """Clear what is open; the places stay."""
        self._origins.clear()
        self._ids = []
        for track in self._places.held:
            yield from self._end(track, frame, reason)
        for place, _ in self._lost:
            yield from self._alerts.end(place.alert, frame, reason=reason, dwell_s=place.rest_s)
            place.alert = 0
        self._lost.clear()
        self._places.leave_all(self._now)

    def _tell_time(self, frame: Frame) -> None:
        """Seconds of all sessions, one after the other; what lies between them does not count."""
        if frame.session != self._session:
            self._session, self._shift = frame.session, self._now - frame.pts
        self._now = frame.pts + self._shift

    def _look(self, view: View) -> Iterator[Event]:
        held, now, holds = self._places.held, self._now, self._area.holds(view)
        come: list[int] = []  # rows of what is inside and has no place,
        gone: list[int] = []  # or has moved on
        for row, track in enumerate(view.ids):
            if track in held:
                place, (x, y) = held[track], view.points[row]
                off = math.hypot(x * view.aspect - place.foot[0], y - place.foot[1])
                if off <= place.reach:
                    place.seen, place.away = now, None
                    yield from self._rests(view, row, place, off)
                elif place.away is None:
                    place.away = now
                elif now - place.away >= AWAY_S - TICK_S:
                    gone.append(row)
            elif holds[row]:
                come.append(row)
        if come or gone or view.ids != self._ids:
            yield from self._move(view, come, gone)

    def _move(self, view: View, come: list[int], gone: list[int]) -> Iterator[Event]:
        """What has moved on leaves its place; that, and what came, may be at rest where it is."""
        for track in (view.ids[row] for row in gone):
            yield from self._leave(track, view, "moved_on", vacated=True)
        self._ids = view.ids
        for row, track in enumerate(view.ids):
            if track not in self._origins and track not in self._places.held:
                self._origins[track] = _foot(view, row)
        yield from self._arrive(view, come + gone)

    def _arrive(self, view: View, rows: list[int]) -> Iterator[Event]:
        holds, fits = self._area.holds(view), self._subjects.among(view)
        for row in rows:
            if holds[row] and row in fits:
                track = view.ids[row]
                place = self._place(view, row)
                self._places.take(track, place, self._now)
                yield from self._goes_on(view, track, place)
                yield from self._rests(view, row, place, 0.0)

    def _place(self, view: View, row: int) -> Place:
        """Where it is, and since when: perhaps since before it had an id."""
        foot, reach = _foot(view, row), self._still * view.heights[row]
        place = Place(
            self._now,
            self._now,
            foot,
            origin=self._origins[view.ids[row]],
            box=_box(view, row),
            tall=view.heights[row],
            reach=reach,
        )
        past = view.tracks.past.get(view.ids[row])
        if past is not None:
            before, times = view.earlier(past), past.pts.tolist()
            for at in reversed(range(len(times))):
                if math.dist(foot, _foot(before, at)) > reach:
                    break
                place.since = times[at] + self._shift
        return place

    def _rests(self, view: View, row: int, place: Place, off: float) -> Iterable[Event]:
        """It is seen at rest, so far from where it came to it."""
        track, rest = view.ids[row], place.seen - place.since
        if not place.told and rest >= self._after_s - TICK_S and self._subjects.moves(view, track):
            return self._stops(view, row, place, off)
        if not place.parked and 0 < self._learn_s <= rest + TICK_S:
            place.told = place.parked = True
            return self._end(track, view.frame, "parked")
        return ()

    def _stops(self, view: View, row: int, place: Place, off: float) -> Iterator[Event]:
        place.told, place.box = True, _box(view, row)
        if not self._places.knows(place, self._now):
            yield self._raise(view, row, place, off)
        yield from self._goes_on(view, view.ids[row], place)

    def _raise(self, view: View, row: int, place: Place, off: float) -> Event:
        inside = self._area.clearance(view, row)
        quiet = 1 - off / place.reach if off else 1.0
        return self._alerts.begin(
            view,
            row,
            reason="stopped",
            dwell_s=place.rest_s,
            facts=(
                Fact("rest", place.rest_s, "s", least=self._after_s),
                Fact("moved", round(off, 4), "heights", most=round(place.reach, 4)),
                *self._subjects.speed(view, view.ids[row]),
            ),
            margin=min(inside, quiet),
        )

    def _goes_on(self, view: View, track: int, place: Place) -> Iterator[Event]:
        """What was lost there is found; its alert, if it has one, is told to go on."""
        if not place.alert:
            return
        lost, place.alert = place.alert, 0
        self._lost = [(one, why) for one, why in self._lost if one.alert]
        yield from self._hand_on(lost, track, view, place)

    def _leave(
        self, track: int, view: View, reason: str, *, vacated: bool = False
    ) -> Iterator[Event]:
        """It is not seen there any more; its alert waits for who may be found there."""
        place = self._places.held.get(track)
        heir = self._places.leave(track, self._now, vacated=vacated)
        alarmed = self._alerts.tracks
        if place is None or track not in alarmed:
            return
        if heir is None:
            place.alert = self._alerts.lose(track)
            self._lost.append((place, reason))
        elif heir in alarmed:  # both were there at once, and told of
            yield from self._alerts.end(track, view.frame, reason=reason, dwell_s=place.rest_s)
        else:
            yield from self._hand_on(track, heir, view, self._places.held[heir])

    def _hand_on(self, before: int, track: int, view: View, place: Place) -> Iterator[Event]:
        self._alerts.hand_on(before, track, view)
        yield self._alerts.go_on(track, view.frame, reason="continued", dwell_s=place.rest_s)

    def _expired(self, frame: Frame) -> Iterator[Event]:
        """Nothing that is found now can be what was lost there."""
        lost, self._lost = self._lost, []
        for place, why in lost:
            if self._places.remembers(place, self._now):
                self._lost.append((place, why))
            else:
                dwell_s, alert = place.rest_s, place.alert
                yield from self._alerts.end(alert, frame, reason=why, dwell_s=dwell_s)

    def _end(self, track: int, frame: Frame, reason: str) -> Iterator[Event]:
        place = self._places.held.get(track)
        dwell_s = None if place is None else place.rest_s
        yield from self._alerts.end(track, frame, reason=reason, dwell_s=dwell_s)


def _foot(view: View, row: int) -> Foot:
    """Where it stands, picture heights."""
    x, y = view.points[row]
    return x * view.aspect, y


def _box(view: View, row: int) -> list[float]:
    """Its box, 0..1."""
    width, height = view.size
    x1, y1, x2, y2 = view.tracks.xyxy[row].tolist()
    return [x1 / width, y1 / height, x2 / width, y2 / height]
