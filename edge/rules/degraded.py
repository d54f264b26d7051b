"""A box that can't do its work as it should is an alert of its own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from edge.types import Event, Kind, State

RULE = "box-degraded"
CAUSES = (  # the gravest first
    "detector_hangs",
    "detector_failed",
    "outbox_damaged",
    "overloaded",
)


@dataclass(slots=True)
class Degraded:
    """Raised after so many seconds in which there was a cause, cleared after so many without any.

    Pure: told the causes (one word each, with a text for people) and the time, monotonic and Unix.
    The grace spans causes that take turns. The reason is the gravest cause that lasted as long;
    a word that is not in `CAUSES` is the least grave. It is updated when that becomes another.
    """

    after_s: float
    clear_s: float
    _since: dict[str, float] = field(default_factory=dict)  # monotonic, of each present cause
    _ill: float | None = None  # since when there has been any
    _well: float | None = None  # since when there has been none
    _told: str = ""  # the cause that the open alert names; none is open without one

    def update(self, reasons: Mapping[str, str], *, now: float, time: float) -> list[Event]:
        """Events as of now; call a few times a second."""
        self._since = {cause: self._since.get(cause, now) for cause in reasons}
        said = self._suffer(now) if reasons else self._recover(now)
        return [self._event(*said, now, time)] if said else []

    def _suffer(self, now: float) -> tuple[State, str] | None:
        self._well = None
        self._ill = now if self._ill is None else self._ill
        if not self._told and now - self._ill < self.after_s:
            return None
        lasting = [c for c, since in self._since.items() if now - since >= self.after_s]
        if self._told and not lasting:
            return None
        before, self._told = self._told, _gravest(lasting or self._since)
        if self._told == before:
            return None
        return State.UPDATED if before else State.RAISED, self._told

    def _recover(self, now: float) -> tuple[State, str] | None:
        self._ill = None
        self._well = now if self._well is None else self._well
        if not self._told or now - self._well < self.clear_s:
            return None
        self._told = ""
        return State.CLEARED, "restored"

    def _event(self, state: State, reason: str, now: float, time: float) -> Event:
        return Event(
            kind=Kind.DEGRADED,
            camera="",  # the box itself
            rule=RULE,
            state=state,
            key="degraded",
            reason=reason,
            pts=now,
            time=time,
        )


def _gravest(causes: Iterable[str]) -> str:
    return min(causes, key=lambda cause: (*CAUSES, cause).index(cause))
