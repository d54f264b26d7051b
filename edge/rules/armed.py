"""A rule that is armed only at times."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from edge.rules import Rule
from edge.rules.view import View
from edge.types import Event, Frame


class Armed:
    """Outside its times the rule is closed once, and sees nothing."""

    def __init__(self, rule: Rule, armed: Callable[[float], bool]) -> None:
        self._rule, self._armed = rule, armed
        self._watching = False

    def update(self, view: View) -> Iterator[Event]:
        """Pass the view on while armed; `armed` is asked with the frame's Unix time."""
        if self._armed(view.frame.time):
            self._watching = True
            yield from self._rule.update(view)
        elif self._watching:
            yield from self.close(view.frame, "disarmed")

    def close(self, frame: Frame, reason: str) -> Iterable[Event]:
        """Close the rule."""
        self._watching = False
        return self._rule.close(frame, reason)
