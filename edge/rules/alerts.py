"""The open alerts of one rule: at most one per track, each with a key of its own."""

from __future__ import annotations

from collections.abc import Iterator

from edge.rules.moment import moment
from edge.rules.sighting import sighting
from edge.rules.view import View
from edge.types import Direction, Event, Fact, Frame, Kind, Sighting, State, Tracks

GROUP = 0  # the track of an alert that is about several, or about nobody; no track has this id


class Alerts:
    """Words the events of a rule, and keeps for each open alert where its track was last seen."""

    def __init__(self, kind: Kind, *, camera: str, rule: str) -> None:
        self._kind, self._camera, self._rule = kind, camera, rule
        self._open: dict[int, Event] = {}  # track -> its alert's newest event
        self._seen: dict[int, tuple[Tracks, int, tuple[int, int]]] = {}  # row and picture size
        # Who was there in the newest frame, which is not noted in `_seen` yet, its tracks and size.
        self._ids: list[int] = []
        self._tracks, self._size = Tracks.empty(), (0, 0)
        self._count = self._lost = 0

    @property
    def tracks(self) -> list[int]:
        """Tracks that have an open alert."""
        return list(self._open)

    def has(self, track: int) -> bool:
        """Whether it has an open alert."""
        return track in self._open

    def see(self, view: View) -> None:
        """Call once per frame, first: who goes on under another id, and where all are now."""
        if not self._open:
            return
        if view.ids != self._ids or view.tracks.split:
            self._keep()
            for old, new in view.tracks.split.items():
                self._rename(old, new)
        self._ids, self._tracks, self._size = view.ids, view.tracks, view.size

    def begin(  # noqa: PLR0913 - what an alert tells
        self,
        view: View,
        row: int | None,
        *,
        reason: str,
        direction: Direction | None = None,
        dwell_s: float | None = None,
        facts: tuple[Fact, ...] = (),
        margin: float = 1.0,
        confidence: float | None = None,
        group: bool = False,
        thing: tuple[int, Sighting] | None = None,
    ) -> Event:
        """Open an alert for a track that has none; or one about the `group`, perhaps of nobody.

        Or about a `thing` that is not tracked: a number below 0 of its own, and where it is.
        """
        seen = None if row is None else sighting(view.tracks, row, view.size)
        track = GROUP if group or seen is None else seen.track
        if thing is not None:
            track, seen = thing
        self._count += 1
        self._keep()
        self._ids, self._tracks, self._size = view.ids, view.tracks, view.size
        self._open[track] = event = Event(
            kind=self._kind,
            camera=self._camera,
            rule=self._rule,
            state=State.RAISED,
            key=f"{track}/{self._count}",
            reason=reason,
            sighting=seen,
            direction=direction,
            dwell_s=dwell_s,
            facts=facts,
            margin=min(max(round(margin, 3), 0.0), 1.0),
            confidence=confidence,
            **moment(view.frame),
        )
        return event

    def go_on(
        self,
        track: int,
        frame: Frame,
        *,
        reason: str,
        dwell_s: float | None = None,
        facts: tuple[Fact, ...] | None = None,
    ) -> Event:
        """Tell of an open alert that its cause goes on; without facts these are as they were."""
        event = self._next(State.UPDATED, track, frame, reason=reason, dwell_s=dwell_s)
        if facts is not None:
            self._open[track] = event = event.but(facts=facts)
        return event

    def lose(self, track: int) -> int:
        """Its open alert goes on though nobody is seen: the number below 0 that it is known by."""
        self._keep()
        self._lost -= 1
        self._rename(track, self._lost)
        return self._lost

    def hand_on(self, before: int, track: int, view: View) -> None:
        """An open alert is about this track from now on, which has none; its key stays."""
        self._rename(before, track)
        row = view.rows.get(track)
        if row is not None:
            self._seen[track] = view.tracks, row, view.size

    def end(
        self, track: int, frame: Frame, *, reason: str, dwell_s: float | None = None
    ) -> Iterator[Event]:
        """Clear the track's alert, if it has one."""
        if track in self._open:
            event = self._next(State.CLEARED, track, frame, reason=reason, dwell_s=dwell_s)
            del self._open[track]
            self._seen.pop(track, None)
            yield event

    def end_all(self, frame: Frame, *, reason: str) -> Iterator[Event]:
        """Clear whatever is open."""
        for track in self.tracks:
            yield from self.end(track, frame, reason=reason)

    def _next(
        self, state: State, track: int, frame: Frame, *, reason: str, dwell_s: float | None
    ) -> Event:
        event = self._open[track]
        self._keep()
        return event.but(
            sighting=sighting(*self._seen[track]) if track in self._seen else event.sighting,
            state=state,
            reason=reason,
            dwell_s=dwell_s,
            **moment(frame),
        )

    def _keep(self) -> None:
        """Note where each was in the newest frame."""
        for row, track in enumerate(self._ids):
            if track in self._open:
                self._seen[track] = self._tracks, row, self._size

    def _rename(self, old: int, new: int) -> None:
        """What was raised for `old` is about whoever goes on as `new`; its key stays."""
        if old in self._open:
            self._open[new] = self._open.pop(old)
        if old in self._seen:
            self._seen[new] = self._seen.pop(old)
