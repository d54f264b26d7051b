"""What the servers need of the rest of the box, in their own words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Protocol

from edge.orders import (
    Acknowledgement,
    AcknowledgeRequest,
    AlarmRequest,
    ArmingRequest,
    InputRequest,
    Order,
)
from edge.rpc import event_pb2 as pb
from edge.rpc.events_pb2 import DeadLetter
from edge.status import BoxStatus, InputStatus
from edge.types import Scene


class EventLog(Protocol):
    """The durable events of the box and the cursors of their readers; safe from any thread.

    Every method but `recent` may block on the disk and raise OutboxError.
    """

    @property
    def first_sequence(self) -> int:
        """The oldest kept sequence; `last_sequence` + 1 where nothing is kept."""

    @property
    def last_sequence(self) -> int:
        """The newest sequence ever given; 0 where there is none."""

    def read(self, after: int, *, limit: int = 100) -> list[pb.Event]:
        """The next events behind a sequence."""

    def recent(self, after: int, *, limit: int = 100) -> list[pb.Event] | None:
        """As `read`, of what is in memory; None where the disk has to be asked."""

    def cursor(self, consumer: str) -> int:
        """What this reader has acknowledged; 0 where it has never."""

    def confirm(self, consumer: str, sequence: int) -> None:
        """Remember that this reader has taken over everything up to here; never goes back."""

    def dead_letter(self, consumer: str, sequence: int, reason: str) -> bool:
        """Keep an event aside that this reader will never take; whether that is news."""

    def dead_letters(
        self, *, limit: int, before: str | None, consumer: str
    ) -> tuple[list[DeadLetter], str]:
        """What was kept aside, newest first, of all or one, and the next page's token."""

    def open_alerts(self) -> list[pb.Event]:
        """The latest event of each alert that is not cleared."""

    def alerts(
        self, *, limit: int, before: str | None, open_only: bool
    ) -> tuple[list[pb.Event], str]:
        """The latest event of each alert, newest alert first, and the next page's token."""

    def listen(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call back after each commit, from any thread; returns what ends it."""


class EvidenceShelf(Protocol):
    """The stored pictures and clips of alerts."""

    def path(self, evidence_id: str) -> Path | None:
        """Its file, .jpg or .webm; None where it is unknown or expired."""


class BoxView(Protocol):
    """How the box is and what it sees."""

    def status(self) -> BoxStatus:
        """The box, its cameras and its consumers, now."""

    def scene(self, camera: str) -> Scene | None:
        """The newest analysed picture of a camera; None before the first."""

    def overlay(self, camera: str) -> Sequence[dict[str, Any]]:
        """The rules' shapes: name, type, grade, points (0..1), and direction of a tripwire."""


class BoxControls(Protocol):
    """What the box can be told; every method raises RefusalError, safe from any thread."""

    def set_arming(self, request: ArmingRequest) -> Order:
        """Arm or disarm rules; may block on the disk and raise OutboxError."""

    def set_input(self, request: InputRequest) -> InputStatus:
        """An external input is active, or is not."""

    def raise_alarm(self, request: AlarmRequest) -> Future[str]:
        """Raise or clear an alarm by hand: its alert's id once that is stored, or RefusalError."""

    def acknowledge(self, request: AcknowledgeRequest) -> Future[Acknowledgement]:
        """Somebody has seen to an alert: the first who had, once stored, or RefusalError."""
