"""Orders that hold side by side, oldest first: which of them decides about a rule."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from edge.orders import Mode, Order

VALUES = {Mode.ARMED: True, Mode.DISARMED: False, Mode.SCHEDULE: None}


def added(orders: Sequence[Order], new: Order) -> tuple[Order, ...]:
    """What holds once `new` does: without those that it ends, and those that it outlasts.

    By schedule ends all that it covers, arming ends what it covers that disarms.
    """
    return settled([*(one for one in orders if not (_covers(new, one) and _ends(new, one))), new])


def settled(orders: Sequence[Order]) -> tuple[Order, ...]:
    """By schedule is of use only as long as orders before it would hold."""
    found: list[Order] = []
    for one in orders:
        before = [old.until for old in found if _meets(one, old)]
        if one.mode is not Mode.SCHEDULE:
            found.append(one)
        elif before:
            ends = [until for until in before if until is not None]
            found.append(replace(one, until=max(ends) if ends == before else None))
    return tuple(found)


def deciding(orders: Sequence[Order], camera: str, rule: str, at: float) -> Order | None:
    """The order that decides about a rule; None: its schedule does."""
    for order in reversed(orders):
        if order.covers(camera, rule) and order.holds(at):
            return order
    return None


def ordered(order: Order | None) -> bool | None:
    """Whether it arms or disarms; None: the schedule decides."""
    return None if order is None else VALUES[order.mode]


def _covers(new: Order, old: Order) -> bool:
    return new.camera in ("", old.camera) and new.rule in ("", old.rule)


def _ends(new: Order, old: Order) -> bool:
    if new.mode is Mode.SCHEDULE or (new.mode, old.mode) == (Mode.ARMED, Mode.DISARMED):
        return True
    if new.mode is Mode.DISARMED and old.mode is not Mode.DISARMED:
        return False  # arming may end the new one before its time: then the old one decides again
    return new.until is None or (old.until is not None and old.until <= new.until)


def _meets(new: Order, old: Order) -> bool:
    """Whether there are rules that both cover."""
    same_camera = new.camera == old.camera or "" in (new.camera, old.camera)
    return same_camera and (new.rule == old.rule or "" in (new.rule, old.rule))
