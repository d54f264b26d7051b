"""Where something is at rest, or was: the memory of the rule `stopped`."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from edge.geometry import iou
from edge.rules.moment import TICK_S

SAME = 0.6  # IoU from which two boxes are of one thing: a detector's jitter leaves 0.7 and more
AWAY_S = 1.0  # seen away, and only there, for so long has moved on: a box that jumps has not
AGAIN_S = 60.0  # lost for so long it is still what will be found there,
KEPT_S = 24 * 3600.0  # once it is parked: a day and a night,
VACATED_S = 2.0  # after its track went: another thing may have gone, taking its id along
MOST = 100  # places without a track that are remembered
Foot = tuple[float, float]  # picture heights


@dataclass(slots=True, eq=False)
class Place:
    """Where one thing is at rest; times are seconds of the rule's own clock."""

    since: float  # at rest
    seen: float  # there, last
    foot: Foot  # where it came to rest
    origin: Foot  # where its track was first seen
    box: list[float]  # 0..1
    tall: float  # its box, picture heights
    reach: float  # how far from there it is still at rest, picture heights
    away: float | None = None  # seen elsewhere, and only there, since
    told: bool = False  # an alert was raised, or none should be
    alert: int = 0  # the number of one that is open while no track is there, see `Alerts.lose`
    parked: bool = False  # it was there for so long that it belongs there
    left_by: int | None = None  # the track that was seen to go from there,
    left: float = 0.0  # and when

    @property
    def rest_s(self) -> float:
        """How long it is known to have been at rest."""
        return round(self.seen - self.since, 3)

    def kept(self, now: float) -> bool:
        """Whether it is still remembered, though nothing is seen there."""
        if self.left_by is not None:
            return now - self.left < VACATED_S - TICK_S
        return now - self.seen < (KEPT_S if self.parked else AGAIN_S) - TICK_S

    def found(self, before: Place) -> bool:
        """Whether its track was first seen there: something that was lost, and did not come."""
        return math.dist(self.origin, before.foot) <= before.tall

    def goes_on_from(self, before: Place) -> None:
        """It is the same thing that was there before."""
        self.since = min(self.since, before.since)
        self.told |= before.told
        self.alert, before.alert = self.alert or before.alert, 0


class Places:
    """The places that tracks are at, and those that were lost there, at most MOST.

    What is at rest in a place with much the same box (IoU of at least SAME) is what was lost there
    if its track was first seen there; what came from elsewhere is not, but where a track has just
    gone: two tracks that meet may change their ids. A place is forgotten when its track was seen
    to go, when another thing is told of there, when nothing was seen there for AGAIN_S, or KEPT_S
    where it is parked, and when there are too many: first the one that was lost first.
    """

    def __init__(self) -> None:
        self.held: dict[int, Place] = {}  # by track
        self._free: list[Place] = []  # oldest first

    def take(self, track: int, place: Place, now: float) -> None:
        """A track is at rest here now; it may be what was here before."""
        self._forget(now)
        lost = [one for one in self._free if place.found(one) or one.left_by is not None]
        before = _same(place, (one for one in lost if one.left_by != track))
        if before is not None:
            self._free.remove(before)
            place.goes_on_from(before)
        self.held[track] = place

    def leave(self, track: int, now: float, *, vacated: bool = False) -> int | None:
        """The track ended, or was seen to go; what is at rest there now may be what it was.

        Returns that one's track, None where there is none.
        """
        place = self.held.pop(track, None)
        if place is None or (not place.told and (vacated or place.rest_s < AWAY_S)):
            return None
        here = (one for one in self.held.values() if now - one.seen <= AWAY_S)
        after = _same(place, (one for one in here if vacated or one.found(place)))
        if after is not None:
            after.goes_on_from(place)
            return next(of for of, one in self.held.items() if one is after)
        place.away, place.left_by, place.left = None, track if vacated else None, now
        self._forget(now)
        self._free = [*self._free, place][-MOST:]
        return None

    def remembers(self, place: Place, now: float) -> bool:
        """Whether what was lost there may still be found."""
        return place.kept(now) and any(one is place for one in self._free)

    def leave_all(self, now: float) -> None:
        """No track goes on."""
        for track in [*self.held]:
            self.leave(track, now)

    def knows(self, place: Place, now: float) -> bool:
        """Whether what is here was told of under another id.

        What was lost where it stands is found with it, or was gone; either way it is forgotten.
        """
        self._forget(now)
        lost = [one for one in self._free if one.left_by is None]
        unseen = [one for one in self.held.values() if one.seen < now]
        before = _same(place, (one for one in (*lost, *unseen) if place.found(one)))
        if before is not None:
            place.goes_on_from(before)
        self._free = [one for one in self._free if _apart(one, place)]
        return before is not None and before.told

    def rename(self, old: int, new: int) -> None:
        """Who was taken for `old` goes on as `new`."""
        if old in self.held:
            self.held[new] = self.held.pop(old)

    def _forget(self, now: float) -> None:
        self._free = [one for one in self._free if one.kept(now)]


def _same(place: Place, others: Iterable[Place]) -> Place | None:
    """Of the others the one whose box is most like its own."""
    places = [*others]
    if not places:
        return None
    box = np.array([place.box], np.float32)
    alike = iou(box, np.array([one.box for one in places], np.float32))[0]
    best = int(alike.argmax())
    return places[best] if alike[best] >= SAME else None


def _apart(one: Place, other: Place) -> bool:
    """Whether both can be there at once: no two things stand on one spot."""
    spot = math.dist(one.foot, other.foot) <= max(one.reach, other.reach)
    return not spot and _same(one, [other]) is None
