"""Crossing a line, with a direction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from edge.rules.alerts import Alerts
from edge.rules.crossing import FAR, WANTED, Crossed, Crossings
from edge.rules.paced import paced
from edge.rules.plan import Corners, Plan
from edge.rules.subjects import Subjects
from edge.rules.view import View
from edge.types import Event, Fact, Frame, Kind


class Tripwire:
    """Raise an alert for each crossing; clear it when its track goes back or ends.

    What a crossing is, and which way is inward, says `Crossings`: a box that flickers over the
    line makes one alert or none.
    """

    def __init__(  # noqa: PLR0913 - one keyword per setting
        self,
        *,
        camera: str,
        name: str,
        line: Corners,
        subjects: Subjects,
        plan: Plan,
        direction: str = "both",
        settle_s: float = 0.3,
        beyond: float = 0.0,
    ) -> None:
        self._subjects = plan.shared(subjects)
        self._wanted, self._beyond = WANTED[direction], beyond
        crossings = Crossings(plan.line(line), self._subjects, settle_s=settle_s, beyond=beyond)
        self._crossings = paced(crossings, self._subjects)
        self._alerts = Alerts(Kind.TRIPWIRE, camera=camera, rule=name)

    def update(self, view: View) -> Iterable[Event]:
        """Crossings, and the end of alerts."""
        self._alerts.see(view)
        crossed = self._crossings.update(view)
        return self._tell(view, crossed) if crossed or view.ended else ()

    def close(self, frame: Frame, reason: str) -> Iterator[Event]:
        """Clear what is open and forget every track."""
        self._crossings.forget_all()
        yield from self._alerts.end_all(frame, reason=reason)

    def _tell(self, view: View, crossed: Sequence[Crossed]) -> Iterator[Event]:
        for one in crossed:
            yield from self._crossed(view, one)
        for track in view.ended:
            yield from self._alerts.end(track, view.frame, reason="track_ended")

    def _crossed(self, view: View, crossed: Crossed) -> Iterator[Event]:
        row, direction, away, _ = crossed
        track = view.ids[row]
        yield from self._alerts.end(track, view.frame, reason="returned")
        if direction in self._wanted and self._subjects.moves(view, track):
            yield self._alerts.begin(
                view,
                row,
                reason="crossed",
                direction=direction,
                facts=(
                    Fact("beyond", round(away, 4), "heights", least=self._beyond),
                    *self._subjects.speed(view, track),
                ),
                margin=away / (FAR * view.heights[row]),
            )
