"""Rules that no picture decides about."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from edge.rules.external_input import ExternalInput
from edge.rules.lone import Look, Now
from edge.rules.manual import Manual
from edge.types import Event


class Alarm(Protocol):
    """One rule, of a camera or of none. Pure: no clock, no I/O, no threads."""

    def update(self, look: Look) -> list[Event]:
        """Events as of now; called in every turn."""

    def close(self, now: Now, reason: str) -> list[Event]:
        """Clear what is open."""


ALARMS: dict[str, Callable[..., Alarm]] = {"manual": Manual, "input": ExternalInput}
