"""The open alerts of one rule: at most one per track, each with a key of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from edge.rules.moment import moment
from edge.rules.sighting import sighting
from edge.types import Direction, Event, Frame, Kind, State, Tracks


class Alerts:
    """Words the events of a rule, and keeps for each open alert where its track was last seen."""

    def __init__(self, kind: Kind, *, camera: str, rule: str) -> None:
        self._kind, self._camera, self._rule = kind, camera, rule
        self._open: dict[int, Event] = {}  # track -> its alert's newest event
        self._seen: dict[int, tuple[Tracks, int, tuple[int, int]]] = {}  # row and picture size
        self._count = 0

    @property
    def tracks(self) -> list[int]:
        """Tracks that have an open alert."""
        return list(self._open)

    def see(self, tracks: Tracks, frame: Frame) -> None:
        """Call once per frame, first: remember where the tracks of open alerts are."""
        if self._open:
            for row, track in enumerate(tracks.id.tolist()):
                if track in self._open:
                    self._seen[track] = tracks, row, frame.size

    def begin(
        self,
        tracks: Tracks,
        row: int,
        frame: Frame,
        *,
        reason: str,
        direction: Direction | None = None,
        dwell_s: float | None = None,
    ) -> Event:
        """Open an alert for a track that has none."""
        seen = sighting(tracks, row, frame.size)
        self._count += 1
        self._open[seen.track] = event = Event(
            kind=self._kind,
            camera=self._camera,
            rule=self._rule,
            state=State.RAISED,
            key=f"{seen.track}/{self._count}",
            reason=reason,
            sighting=seen,
            direction=direction,
            dwell_s=dwell_s,
            **moment(frame),
        )
        return event

    def go_on(self, track: int, frame: Frame, *, reason: str, dwell_s: float | None) -> Event:
        """Tell of an open alert that its cause goes on."""
        return self._next(State.UPDATED, track, frame, reason=reason, dwell_s=dwell_s)

    def end(
        self, track: int, frame: Frame, *, reason: str, dwell_s: float | None = None
    ) -> Iterator[Event]:
        """Clear the track's alert, if it has one."""
        if track in self._open:
            event = self._next(State.CLEARED, track, frame, reason=reason, dwell_s=dwell_s)
            del self._open[track]
            self._seen.pop(track, None)
            yield event

    def _next(
        self, state: State, track: int, frame: Frame, *, reason: str, dwell_s: float | None
    ) -> Event:
        event = self._open[track]
        return replace(
            event,
            sighting=sighting(*self._seen[track]) if track in self._seen else event.sighting,
            state=state,
            reason=reason,
            dwell_s=dwell_s,
            **moment(frame),
        )
