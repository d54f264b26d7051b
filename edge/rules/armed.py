"""A rule that is armed only at times, while inputs allow it, or as somebody ordered."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum

from edge.rules import Rule
from edge.rules.view import View
from edge.types import Event, Frame


class Shut(StrEnum):
    """Why a rule is not armed."""

    ORDER = "order"  # somebody disarmed it
    SCHEDULE = "schedule"  # it is not its time
    WHILE_INPUT = "while_input"  # the input that it needs is not active
    UNLESS_INPUT = "unless_input"  # the input that suppresses it is active


@dataclass(frozen=True, slots=True)
class Gate:
    """When one rule is armed: an order goes before its schedule, and inputs before both.

    Pure: told the time, the active inputs, and the order (None: there is none).
    """

    rule: str = ""
    schedule: Callable[[float], bool] | None = None  # of a Unix time; None: always
    while_input: str | None = None
    unless_input: str | None = None
    sees: bool = True  # it is about what is in the picture

    @property
    def is_free(self) -> bool:
        """Whether only an order can shut it."""
        return self.schedule is None and self.while_input is None and self.unless_input is None

    def __call__(self, view: View) -> bool:
        """Whether it is armed in this frame."""
        order = view.orders.get(self.rule) if view.orders else None
        return self.shut(view.frame.time, view.inputs, order=order) is None

    def shut(
        self, at: float, inputs: AbstractSet[str], *, order: bool | None = None
    ) -> Shut | None:
        """Why it is not armed; None: it is."""
        if order is False:
            return Shut.ORDER
        if self.unless_input in inputs:
            return Shut.UNLESS_INPUT
        if self.while_input is not None and self.while_input not in inputs:
            return Shut.WHILE_INPUT
        is_time = order or self.schedule is None or self.schedule(at)
        return None if is_time else Shut.SCHEDULE


class Armed:
    """While its gate is shut the rule is closed once, and sees nothing."""

    def __init__(self, rule: Rule, gate: Callable[[View], bool]) -> None:
        self._rule, self._watching = rule, False
        self.gate = gate

    @property
    def gate(self) -> Callable[[View], bool]:
        """When the rule is armed; can be changed between two frames."""
        return self._gate

    @gate.setter
    def gate(self, gate: Callable[[View], bool]) -> None:
        self._gate = gate
        self._is_free = isinstance(gate, Gate) and gate.is_free

    def update(self, view: View) -> Iterable[Event]:
        """Pass the view on while armed."""
        if (self._is_free and not view.orders) or self._gate(view):
            self._watching = True
            return self._rule.update(view)
        return self.close(view.frame, "disarmed") if self._watching else ()

    def close(self, frame: Frame, reason: str) -> Iterable[Event]:
        """Close the rule."""
        self._watching = False
        return self._rule.close(frame, reason)
