"""Decides which cameras' pictures are looked at now, and looks: one budget for all of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

from edge.detect.budget import Budget, Claim
from edge.detect.gaze import Gaze, Glance, Urgency
from edge.detect.sight import Sight
from edge.types import Boxes, Detections, Event, Frame, Grade, State

GRADES = {Grade.BLUE: 0, Grade.YELLOW: 1, Grade.RED: 2}
OPEN = Urgency.TRACK + 1  # the rank of a camera with an open alert, and its grade on top
WATCHED = 0.3  # of a step of urgency for each grade that a camera's rules may raise


class Attention:
    """Used by one thread; `grades` is that of each rule of each camera about what is in sight."""

    def __init__(
        self,
        sight: Sight,
        gazes: Mapping[str, Gaze],
        grades: Mapping[tuple[str, str], Grade],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sight, self._gazes, self._clock = sight, gazes, clock
        self.regrade(grades)
        self._open: dict[str, dict[tuple[str, str], int]] = {camera: {} for camera in gazes}
        self._looked = dict.fromkeys(gazes, clock())
        self.budget = Budget()

    def regrade(self, grades: Mapping[tuple[str, str], Grade]) -> None:
        """Grades have changed; what is open keeps its own."""
        self._grades = grades
        self._gravest = {
            camera: max(
                (GRADES[one] for (name, _), one in grades.items() if name == camera), default=0
            )
            for camera in self._gazes
        }

    @property
    def area(self) -> int:
        """Pixels of one network input."""
        return self._sight.area

    def claim(self, frame: Frame, expected: Boxes) -> Claim:
        """What this frame wants; `expected` is where followed objects should be."""
        gaze = self._gazes[frame.camera]
        glance = gaze.look(frame, expected, slack=self.budget.slack)
        waited = self._clock() - self._looked[frame.camera]
        return Claim(glance, self._rank(frame.camera, glance.urgency), waited)

    def choose(self, claims: Sequence[Claim]) -> tuple[list[Glance], list[Glance]]:
        """What is looked at now, and what is left out."""
        chosen, left = self.budget.choose(claims, self.area)
        return [one.glance for one in chosen], [one.glance for one in left]

    def see(self, glances: Sequence[Glance]) -> list[tuple[Detections, Detections]]:
        """For each glance what is worth following, and all that was seen; raises ModelError."""
        began, before = self._clock(), self._sight.tally.filled
        found = self._sight.see(glances)
        now = self._clock()
        self.budget.looked(self._sight.tally.filled - before, now - began)
        self._looked |= dict.fromkeys((one.frame.camera for one in glances), now)
        return [
            (self._gazes[glance.frame.camera].objects(glance, seen), seen)
            for glance, seen in zip(glances, found, strict=True)
        ]

    def heed(self, events: Sequence[Event]) -> None:
        """Remember which cameras have open alerts."""
        for event in events:
            grade = self._grades.get((event.camera, event.rule))
            if event.state is State.CLEARED:
                self._open[event.camera].pop((event.rule, event.key), None)
            elif grade is not None:
                self._open[event.camera][event.rule, event.key] = GRADES[grade]

    def _rank(self, camera: str, urgency: Urgency) -> float:
        if alerts := self._open[camera]:
            return OPEN + max(alerts.values())
        return urgency + WATCHED * self._gravest[camera]
