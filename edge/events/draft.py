"""An event on its way to the outbox, worded only when it is stored."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import structlog

from edge.rpc import event_pb2 as pb
from edge.types import State


class Draft:
    """What a queue must know of an event, and how to word it: that costs more than all the rest.

    Any thread may word it, but for the id of the event to the same message.
    """

    __slots__ = ("_message", "_parts", "_word", "alert_id", "state")

    def __init__(
        self, alert_id: str, state: State, word: Callable[..., pb.Event], parts: tuple[Any, ...]
    ) -> None:
        self.alert_id, self.state = alert_id, state
        self._word, self._parts = word, parts
        self._message: pb.Event | None = None

    @classmethod
    def of(cls, message: pb.Event) -> Draft:
        """One that is worded already."""
        state = pb.State.Name(message.state).removeprefix("STATE_").lower()
        return cls(message.alert_id, State(state), _same, (message,))

    def message(self) -> pb.Event:
        """The same one until it is settled, but see above; to be read only by others."""
        message = self._message
        if message is None:
            message = self._message = self._word(*self._parts)
        return message

    def tried(self) -> pb.Event | None:
        """The same; None, and logged, where a defect keeps it from being worded."""
        try:
            return self.message()
        except Exception as error:  # noqa: BLE001 - of this one event
            structlog.get_logger().exception("an event can't be worded", reason=repr(error))
            return None

    def settle(self) -> None:
        """It is stored: its message need not be kept."""
        self._message = None


def _same(message: pb.Event) -> pb.Event:
    return message
