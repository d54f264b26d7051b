"""Something new that stays where somebody was, after he has gone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from edge.geometry import rescaled
from edge.rules.alerts import Alerts
from edge.rules.background import Background
from edge.rules.bystanders import Bystanders
from edge.rules.confidence import confidence
from edge.rules.moment import TICK_S
from edge.rules.plan import Corners, Plan
from edge.rules.sighting import sighting
from edge.rules.spots import Box, Means, Measured, Spot
from edge.rules.things import GONE_S, Thing, Things
from edge.rules.view import View
from edge.types import Event, Fact, Frame, Kind

HEIGHT = 270  # of the picture as it is looked at, pixels
LOOK_S = 1.0  # between two looks, at least
GAP_S = 5.0  # a longer time without pictures counts as this long
ACCEPT_S = 600.0  # after so long it belongs there
NEWER = 1.25  # times as much edge along its rim as was there before, or something went away
ALIKE = 0.65  # its edges are those of the ground by so much, or it is the ground in another light
SMALLER = 0.75  # of the height of who brought it, or it is somebody who stands still
SLIM = 0.2  # of its length, or it is the edge of a shadow, a tape, a cable
MUCH = 100.0  # a newness beyond tells no more
CLEAR = 100.0  # of 128: edges that differ by so much can't be missed
MOST = 16  # alerts at once
SPREAD = 1.5  # pixels by which an edge is seen beyond what has it


@dataclass(slots=True, eq=False)
class Left:
    """What was left: its edges, and those that were there before, of its pixels."""

    spot: Spot
    own: Means
    before: Means
    age_s: float
    open_s: float = 0.0
    missing_s: float = 0.0

    def follow(self, background: Background, dt: float) -> str | None:
        """Why it is over, if it is, after another look."""
        self.age_s, self.open_s = self.age_s + dt, self.open_s + dt
        if background.is_seen(self.spot):
            now = self.spot.of(background.edges)
            own, before = (float(np.abs(now - one).mean()) for one in (self.own, self.before))
            gone = before < min(own, float(np.abs(self.own - self.before).mean()) / 2)
            self.missing_s = self.missing_s + dt if gone else 0.0
        if self.missing_s >= GONE_S - TICK_S:
            return "taken"
        return "accepted" if self.open_s >= ACCEPT_S - TICK_S else None


class LeftObject:
    """Raise an alert for what was left; clear it when it is taken, or belongs there by now.

    It looks once a second. What differs from what the zone usually shows, stands on it with its
    foot point, has the size (its longer side) and appeared when a person was `near` or had just
    been, is reported once it was seen still and alone for after_s. It is not alone while somebody
    stays near it; who only passes does not count. Nothing is reported where a vehicle stood, where
    something went away instead, or when the whole picture changes.
    """

    def __init__(  # noqa: PLR0913 - one keyword per setting
        self,
        *,
        camera: str,
        name: str,
        polygon: Corners,
        plan: Plan,
        after_s: float = 30.0,
        min_size: float = 0.02,
        max_size: float = 0.3,
        near: float = 0.1,
    ) -> None:
        self._area, self._after_s, self._near = plan.area(polygon), after_s, near
        self._min_size, self._max_size = min_size, max_size
        self._alerts = Alerts(Kind.LEFT_OBJECT, camera=camera, rule=name)
        self._left: dict[int, Left] = {}  # by number of the alert
        self._count = 0
        self._looked: float | None = None  # pts
        self._bystanders = Bystanders(HEIGHT)
        self._things: Things | None = None

    def update(self, view: View) -> Iterator[Event]:
        """Look, if it is time to, and tell what was left and what was taken."""
        size = max(1, round(HEIGHT * view.aspect)), HEIGHT
        if self._things is None or self._things.size != size:
            yield from self.close(view.frame, "superseded")
            self._things = self._begin(size)
        self._bystanders.see(view)
        if self._looked is None or view.pts - self._looked >= LOOK_S - TICK_S:
            yield from self._look(view, self._things)

    def close(self, frame: Frame, reason: str) -> Iterator[Event]:
        """Clear what is open and forget what the zone usually shows."""
        self._things = None
        self._left.clear()
        yield from self._alerts.end_all(frame, reason=reason)

    def _begin(self, size: tuple[int, int]) -> Things:
        self._looked, self._bystanders = None, Bystanders(HEIGHT)
        return Things(size, self._part(size), near=self._near * HEIGHT)

    def _part(self, size: tuple[int, int]) -> Box:
        """Of the small picture, where what stands in the zone can be seen."""
        corners, most = self._area.corners * size, self._max_size * HEIGHT
        (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
        low = np.floor((left - most / 2, top - most)).clip(0).astype(int).tolist()
        high = np.ceil((right + most / 2, bottom + SPREAD)).clip(0, size).astype(int).tolist()
        return low[0], low[1], high[0], high[1]

    def _look(self, view: View, things: Things) -> Iterator[Event]:
        dt = 0.0 if self._looked is None else min(view.pts - self._looked, GAP_S)
        self._looked = view.pts
        self._bystanders.look(view.pts)
        luma = view.frame.picture.luma(*things.size)
        boxes = [left.spot.box for left in self._left.values()]
        found = things.look(luma, self._bystanders, dt=dt, left=boxes)
        for number, left in [*self._left.items()]:
            over = left.follow(things.background, dt)
            if over:
                del self._left[number]
                things.settle(left.spot.box)
                dwell_s = round(left.age_s, 3)
                yield from self._alerts.end(number, view.frame, reason=over, dwell_s=dwell_s)
        for thing in found:
            alone = thing.alone_s >= self._after_s - TICK_S
            if alone and things.background.is_free(thing.spot.box):
                yield from self._decide(view, things, thing)
                things.settle(thing.spot.box)

    def _decide(self, view: View, things: Things, thing: Thing) -> Iterator[Event]:
        """It was alone for so long: report it, if it is a thing and was brought."""
        spot, now, before = thing.spot, things.background.fast, things.background.slow
        box, measured = _box(things.at(spot.box)), spot.measure(now, before)
        tall = box[3] - box[1]
        size = max(box[2] - box[0], tall) / HEIGHT
        shown = _view(box, view, things.size)
        fits = (
            len(self._left) < MOST
            and self._min_size <= size <= self._max_size
            and self._area.holds(shown)[0]
        )
        if not fits or tall > SMALLER * thing.tall or not _is_thing(measured):
            return
        clear = min(measured.clear / CLEAR, 1.0)
        margin = min(clear, measured.newness / NEWER - 1)
        self._count += 1
        self._left[-self._count] = Left(spot, spot.of(now), spot.of(before), thing.age_s)
        yield self._alerts.begin(
            view,
            None,
            reason="left_behind",
            dwell_s=round(thing.age_s, 3),
            facts=self._facts(thing, size, measured),
            margin=margin,
            confidence=confidence(clear, thing.looks, margin),
            thing=(-self._count, replace(sighting(shown.tracks, 0, view.size), class_id=None)),
        )

    def _facts(self, thing: Thing, size: float, measured: Measured) -> tuple[Fact, ...]:
        apart, newness = thing.distance / HEIGHT, min(measured.newness, MUCH)
        return (
            Fact("alone", round(thing.alone_s, 3), "s", least=self._after_s),
            Fact("size", round(size, 4), "heights", self._min_size, self._max_size),
            Fact("distance", round(apart, 4), "heights", most=self._near),
            Fact("newness", round(newness, 2), least=NEWER),
            Fact("likeness", round(measured.likeness, 2), most=ALIKE),
        )


def _is_thing(measured: Measured) -> bool:
    """No shadow, no gap where something was, no edge of either."""
    new = measured.newness >= NEWER and measured.likeness <= ALIKE
    return new and measured.slimness >= SLIM


def _box(box: Box) -> list[float]:
    """Without what edges are seen beyond it."""
    x1, y1, x2, y2 = box
    across, down = (min(SPREAD, (span - 1) / 2) for span in (x2 - x1, y2 - y1))
    return [x1 + across, y1 + down, x2 - across, y2 - down]


def _view(box: list[float], view: View, size: tuple[int, int]) -> View:
    """It alone, as if it were a track, in the picture as it is."""
    xyxy = rescaled(np.array([box], np.float32), size, view.size)
    return view.of(xyxy)
