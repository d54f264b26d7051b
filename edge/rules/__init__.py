"""What matters about the tracks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from edge.rules.exclusion import Exclusion
from edge.rules.left_object import LeftObject
from edge.rules.loitering import Loitering
from edge.rules.occupancy import Occupancy
from edge.rules.sequence import Sequence
from edge.rules.stopped import Stopped
from edge.rules.tailgating import Tailgating
from edge.rules.tripwire import Tripwire
from edge.rules.view import View
from edge.rules.wrong_way import WrongWay
from edge.rules.zone import Zone
from edge.types import Event, Frame


class Rule(Protocol):
    """One rule of one camera. Pure: no clock, no I/O, no threads."""

    def update(self, view: View) -> Iterable[Event]:
        """Events that this frame completes; forget the tracks that ended."""

    def close(self, frame: Frame, reason: str) -> Iterable[Event]:
        """Clear what is open and forget everything: the session ended, or the rule is disarmed."""


RULES: dict[str, Callable[..., Rule]] = {
    "tripwire": Tripwire,
    "zone": Zone,
    "loitering": Loitering,
    "sequence": Sequence,
    "wrong_way": WrongWay,
    "stopped": Stopped,
    "occupancy": Occupancy,
    "exclusion": Exclusion,
    "tailgating": Tailgating,
    "left_object": LeftObject,
}
