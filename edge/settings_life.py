"""What can be configured of the lives of alerts: how they rise, and where they are sent."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated

from pydantic import AfterValidator, Field

from edge.settings_base import Name, Seconds, Settings
from edge.types import Grade


def _rising(value: tuple[float, ...]) -> tuple[float, ...]:
    if any(one >= other for one, other in pairwise(value)):
        raise ValueError("the times do not rise; each counts from when the alert was raised")
    return value


class Escalation(Settings):
    """Alerts that nobody acknowledges rise from level 1."""

    grades: tuple[Grade, ...] = Field((Grade.YELLOW, Grade.RED), min_length=1)
    after_s: Annotated[tuple[Seconds, ...], AfterValidator(_rising)] = Field(
        (60.0, 300.0, 900.0),
        min_length=1,
        max_length=3,
        description="to level 2, 3 and 4, since the alert was raised",
    )


class Routed(Settings):
    """Which events a sink is sent; without any of these, all."""

    grades: tuple[Grade, ...] = ()
    rules: tuple[Name, ...] = ()
    cameras: tuple[Name, ...] = Field((), description="none of them: events of the box itself too")
    min_level: int = Field(1, ge=1, le=4, description="alerts that have risen so far")
