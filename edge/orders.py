"""What people and other systems tell the box: orders, inputs, alarms by hand, acknowledgements."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from edge.errors import Refusal, RefusalError

DAY_S = 86_400.0
MOST_ORDER_S = 7 * DAY_S
MOST_INPUT_S = DAY_S
LEAST_S = 1.0
MOST_NAME = 64  # characters of who orders, and of a request's id
MOST_TEXT = 200  # characters of a reason or a note


class Mode(StrEnum):
    """What rules are ordered to be."""

    ARMED = "armed"
    DISARMED = "disarmed"
    SCHEDULE = "schedule"  # as scheduled: what was ordered before is over


@dataclass(frozen=True, slots=True)
class ArmingRequest:
    """Arm or disarm rules whatever their schedules say; no camera or no rule means all."""

    mode: Mode
    who: str
    camera: str = ""
    rule: str = ""
    ttl_s: float | None = None  # None: until it is withdrawn, which only arming may be
    reason: str = ""
    request_id: str = ""  # repeated with the same, a request does nothing more

    def check(self) -> None:
        """Raise RefusalError where it makes no sense."""
        _check_texts(
            camera=self.camera,
            rule=self.rule,
            who=self.who,
            reason=self.reason,
            request_id=self.request_id,
        )
        if not self.who:
            raise _invalid("NO_WHO", "nobody orders this", "say who in `who`")
        if self.mode is Mode.SCHEDULE:
            if self.ttl_s is not None:
                raise _invalid("BAD_TTL", "the schedule holds for ever", "leave out the ttl")
            return
        if self.mode is Mode.DISARMED and not self.reason:
            raise _invalid("NO_REASON", "nothing is disarmed without a reason", "give a `reason`")
        if self.ttl_s is None and self.mode is Mode.DISARMED:
            raise _invalid("NO_TTL", "nothing is disarmed for ever", "give a ttl of 7 days at most")
        _check_ttl(self.ttl_s, MOST_ORDER_S)


@dataclass(frozen=True, slots=True)
class Order:
    """What was ordered, until when it holds."""

    id: str
    mode: Mode
    camera: str  # empty: all
    rule: str  # empty: all
    until: float | None  # Unix seconds; None: until it is withdrawn
    made: float  # Unix seconds
    who: str
    reason: str = ""

    def covers(self, camera: str, rule: str) -> bool:
        """Whether it is about this rule."""
        return self.camera in ("", camera) and self.rule in ("", rule)

    def holds(self, at: float) -> bool:
        """Whether it is not over yet."""
        return self.until is None or at < self.until


@dataclass(frozen=True, slots=True)
class InputRequest:
    """An external input is active, for so long unless it is said again; or it is not."""

    name: str
    active: bool
    ttl_s: float | None = None
    who: str = ""
    request_id: str = ""

    def check(self) -> None:
        """Raise RefusalError where it makes no sense."""
        _check_texts(name=self.name, who=self.who, request_id=self.request_id)
        if self.active and self.ttl_s is None:
            raise _invalid("NO_TTL", "no input is active for ever", "give a ttl of a day at most")
        _check_ttl(self.ttl_s, MOST_INPUT_S)


@dataclass(frozen=True, slots=True)
class AlarmRequest:
    """Raise the alarm of a rule of type `manual`, or clear it."""

    rule: str
    camera: str = ""  # empty: a rule of no camera
    clear: bool = False
    note: str = ""
    who: str = ""
    request_id: str = ""

    def check(self) -> None:
        """Raise RefusalError where it makes no sense."""
        _check_texts(
            camera=self.camera,
            rule=self.rule,
            who=self.who,
            note=self.note,
            request_id=self.request_id,
        )


@dataclass(frozen=True, slots=True)
class AcknowledgeRequest:
    """Somebody has seen to an alert."""

    alert_id: str
    who: str
    note: str = ""
    request_id: str = ""

    def check(self) -> None:
        """Raise RefusalError where it makes no sense."""
        _check_texts(
            alert_id=self.alert_id, who=self.who, note=self.note, request_id=self.request_id
        )
        if not self.who:
            raise _invalid("NO_WHO", "nobody acknowledges this", "say who in `who`")


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """The first one of an alert."""

    who: str
    note: str
    time: float  # Unix seconds


def _check_texts(**texts: str) -> None:
    for name, text in texts.items():
        most = MOST_TEXT if name in {"reason", "note"} else MOST_NAME
        if len(text) > most or not text.isprintable():
            raise _invalid(
                "BAD_TEXT",
                f"`{name}` is too long or has characters that can't be shown",
                f"use at most {most} characters on one line",
            )


def _check_ttl(ttl_s: float | None, most: float) -> None:
    if ttl_s is not None and not LEAST_S <= ttl_s <= most:  # which NaN is not
        remedy = f"give {LEAST_S:.0f} to {most:.0f} seconds"
        raise _invalid("BAD_TTL", "the ttl is out of bounds", remedy)


def _invalid(reason: str, what: str, remedy: str) -> RefusalError:
    return RefusalError(what, remedy, kind=Refusal.INVALID, reason=reason)
