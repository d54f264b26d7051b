"""A person too near to a vehicle."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from edge.rules.alerts import Alerts
from edge.rules.moment import TICK_S
from edge.rules.plan import Corners, Plan
from edge.rules.riding import rides
from edge.rules.subjects import SURE, Subjects
from edge.rules.vehicles import Around, Vehicles
from edge.rules.view import View
from edge.types import Event, Fact, Frame, Kind


@dataclass(slots=True)
class Near:
    """What is known of a person who is near a vehicle; times are pts."""

    since: float
    vehicle: int | None = None  # the nearest one's track; None: it ended
    apart: float | None = None  # seen apart since then
    told: bool = False


class Exclusion:
    """Raise an alert when a person was within distance_m of a vehicle for for_s.

    On the ground plane, so without calibration it does nothing. A person is where he stands. A
    vehicle is along the lower edge of its box, from corner to corner, so that a long truck counts
    where it is nearest. With a `polygon` only persons in it count; with `moving` above 0 only
    vehicles that move so fast beyond doubt, metres per second. Who rides counts nowhere, see
    `edge.rules.riding`.

    Before the alert any sight apart begins anew; it is cleared (`apart`) after clear_s of them. A
    vehicle that is not seen, but has not ended, is neither near nor apart.
    """

    def __init__(  # noqa: PLR0913 - one keyword per setting
        self,
        *,
        camera: str,
        name: str,
        subjects: Subjects,
        vehicles: frozenset[int],
        plan: Plan,
        polygon: Corners | None = None,
        distance_m: float = 5.0,
        moving: float = 0.0,
        for_s: float = 0.5,
        clear_s: float = 2.0,
    ) -> None:
        self._area = None if polygon is None else plan.area(polygon)
        self._subjects, self._vehicles = plan.shared(subjects), plan.shared(Vehicles(vehicles))
        self._distance_m, self._moving = distance_m, moving
        self._for_s, self._clear_s = for_s, clear_s
        self._nears: dict[int, Near] = {}
        self._alerts = Alerts(Kind.EXCLUSION, camera=camera, rule=name)

    def update(self, view: View) -> Iterable[Event]:
        """Who comes too near, and the end of alerts."""
        self._alerts.see(view)
        for old, new in view.tracks.split.items():
            self._rename(old, new)
        persons = self._persons(view) if view.ground is not None else ()
        return self._look(view, persons) if persons or view.ended else ()

    def close(self, frame: Frame, reason: str) -> Iterator[Event]:
        """Clear what is open and forget who was near."""
        self._nears.clear()
        yield from self._alerts.end_all(frame, reason=reason)

    def _look(self, view: View, persons: Sequence[int]) -> Iterator[Event]:
        holds, nears = None if self._area is None else self._area.holds(view), self._nears
        for row in persons:
            inside = holds is None or holds[row]
            if inside:
                vehicles = self._vehicles.among(view)
                near = self._nearest(view, row, vehicles)
                if near is not None and not rides(view, row, vehicles.rows):
                    yield from self._near(view, row, *near)
                    continue
            if view.ids[row] in nears:
                yield from self._apart(view, row, inside=inside)
        for track in view.ended:
            self._rename(track, None)
            yield from self._alerts.end(track, view.frame, reason="track_ended")

    def _persons(self, view: View) -> Sequence[int]:
        """Those that the rule looks at, and who was near, whatever his box looks like now."""
        rows = self._subjects.among(view)
        nears = self._nears
        if not nears:
            return rows
        known = [row for row, track in enumerate(view.ids) if track in nears]
        more = [row for row in known if row not in rows]
        return sorted((*rows, *more)) if more else rows

    def _nearest(self, view: View, row: int, vehicles: Around) -> tuple[float, int] | None:
        """How far the nearest is of the vehicles that count, and its row."""
        if not vehicles.rows:
            return None
        aways = vehicles.apart[row]
        away = min(aways)
        if away > self._distance_m:
            return None
        if not self._moving:
            return away, vehicles.rows[aways.index(away)]
        ways = zip(aways, vehicles.rows, strict=True)
        near = [way for way in ways if way[0] <= self._distance_m and self._moves(view, way[1])]
        return min(near, default=None)

    def _moves(self, view: View, row: int) -> bool:
        motion = view.motion(view.ids[row])
        if motion is None or not motion.on_ground:
            return False
        return motion.speed - SURE * motion.speed_sd >= self._moving

    def _near(self, view: View, row: int, away: float, vehicle: int) -> Iterable[Event]:
        track, pts = view.ids[row], view.pts
        near = self._nears.get(track)
        if near is None:
            near = self._nears[track] = Near(pts)
        near.vehicle, near.apart = view.ids[vehicle], None
        long = pts - near.since >= self._for_s - TICK_S
        if near.told or not long or not self._subjects.moves(view, track):
            return ()
        near.told = True
        begun = self._alerts.begin(
            view,
            row,
            reason="too_near",
            facts=(
                Fact("distance", round(away, 2), "m", most=self._distance_m),
                Fact("duration", round(pts - near.since, 3), "s", least=self._for_s),
                *self._subjects.speed(view, track),
            ),
            margin=1 - away / self._distance_m,
        )
        return (begun,)

    def _apart(self, view: View, row: int, *, inside: bool) -> Iterable[Event]:
        track, pts = view.ids[row], view.pts
        near = self._nears[track]
        if inside and near.vehicle is not None and near.vehicle not in view.ids:
            return ()
        near.apart = pts if near.apart is None else near.apart
        if near.told and pts - near.apart < self._clear_s - TICK_S:
            return ()
        del self._nears[track]
        return self._alerts.end(track, view.frame, reason="apart")

    def _rename(self, old: int, new: int | None) -> None:
        """Who was taken for `old`, person or vehicle, goes on as `new`; or on no more."""
        near = self._nears.pop(old, None)
        if near is not None and new is not None:
            self._nears[new] = near
        for one in self._nears.values():
            if one.vehicle == old:
                one.vehicle = new
