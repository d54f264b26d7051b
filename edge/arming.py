"""Which rules are armed now, and why: one truth for the analysis, decoding and whoever asks."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple, Protocol

import structlog

from edge.errors import Refusal, RefusalError
from edge.inputs import Inputs
from edge.once import reused
from edge.orders import ArmingRequest, Mode, Order
from edge.rules.armed import Gate, Shut
from edge.rules.schedule import next_change
from edge.rules.view import NOBODY
from edge.standing import added, deciding, ordered, settled
from edge.status import RuleStatus

MOST_ORDERS = 100
AGAIN_S = 600.0  # before a schedule without a change in sight is looked through again

RuleOf = tuple[str, str]  # camera (empty: none), rule
When = Callable[[float], bool]


class Store(Protocol):
    """Where orders survive a restart; raises OutboxError."""

    def orders(self) -> list[Order]:
        """Those that are not withdrawn, oldest first."""

    def find(self, order_id: str) -> Order | None:
        """An order of the last day, or one that is not withdrawn."""

    def keep(self, order: Order, holding: Collection[str]) -> None:
        """Add an order; from now on those of these ids hold."""


class Told(NamedTuple):
    """What rules are told of the world outside the picture."""

    inputs: AbstractSet[str] = NOBODY  # that are active
    orders: Mapping[str, Mapping[str, bool]] = {}  # by camera and rule


class Known(NamedTuple):
    """What follows for each rule, from what, and until when."""

    gates: Mapping[RuleOf, Gate]
    orders: Sequence[Order]
    since: float
    until: float
    map: Mapping[str, Mapping[str, bool]]


class Arming:
    """Schedules, orders and inputs together; thread-safe, and never waits for the disk to answer.

    Orders are kept newest last. The newest that covers a rule and is not over decides; when it is
    over the one before decides again.
    """

    def __init__(
        self,
        gates: Mapping[RuleOf, Gate],
        inputs: Inputs,
        store: Store,
        *,
        new_id: Callable[[float], str],
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Raises OutboxError where the orders can't be read."""
        self.inputs = inputs
        self._store, self._new_id, self._clock = store, new_id, clock
        self._lock = threading.Lock()
        self._orders: tuple[Order, ...] = settled(store.orders())  # replaced, never changed
        self._ended: Mapping[str, Order] = {}  # replaced, never changed
        self._given: deque[Order] = deque(maxlen=MOST_ORDERS)
        self._known: Known | None = None
        self._changes: dict[When, tuple[float, float | None]] = {}  # when asked, and what it was
        self.configure(gates)

    def configure(self, gates: Mapping[RuleOf, Gate]) -> None:
        """The rules that there are; orders stay as they are."""
        seeing: dict[str, list[str]] = {}
        for (camera, rule), gate in gates.items():
            seeing.setdefault(camera, []).extend([rule] if gate.sees else [])
        self._gates, self._seeing = dict(gates), seeing  # replaced, never changed
        self._changes = {}

    def told(self) -> Told:
        """What is the case now; asked by one thread, in every turn."""
        gates, orders, now, known = self._gates, self._orders, self._clock(), self._known
        if known is None or known.gates is not gates or known.orders is not orders:
            known = None
        if known is None or not known.since <= now < known.until:
            self._known = known = _found(gates, orders, now)
        return Told(self.inputs.active().keys(), known.map)

    def sees(self, camera: str, at: float) -> bool:
        """Whether any rule that needs pictures is armed at a Unix time near now."""
        return any(self.shut(camera, rule, at) is None for rule in self._seeing.get(camera, ()))

    def shut(
        self,
        camera: str,
        rule: str,
        at: float | None = None,
        *,
        inputs: AbstractSet[str] | None = None,
    ) -> Shut | None:
        """Why a rule is not armed, now or at a Unix time near now; None: it is.

        `inputs` are those that are active, where that is known.
        """
        gate, now = self._gates.get((camera, rule)), self._clock()
        if gate is None:
            return Shut.SCHEDULE
        at = now if at is None else at
        order = deciding(self._orders, camera, rule, at)
        active = self.inputs.active(at - now).keys() if inputs is None else inputs
        return gate.shut(at, active, order=ordered(order))

    def order(self, request: ArmingRequest) -> Order:
        """Do as ordered, on disk before it counts; raises RefusalError or OutboxError."""
        request.check()
        with self._lock:
            known = self._store.find(request.request_id) if request.request_id else None
            if known is not None:
                _check_same(request, known)
                return known
            self._check_known(request)
            order, holding = self._ordered(request)
            ids = {one.id for one in holding}
            self._store.keep(order, ids)
            gone = {one.id: order for one in self._orders if one.id not in ids}
            self._ended = dict([*self._ended.items(), *gone.items()][-MOST_ORDERS:])
            self._orders = holding
            self._given.append(order)
        _log(order)
        return order

    def orders(self) -> tuple[Order, ...]:
        """Those that hold now, oldest first; without those of cameras that are not there now."""
        now, cameras = self._clock(), self._seeing
        return tuple(
            one
            for one in self._orders
            if one.holds(now) and (not one.camera or one.camera in cameras)
        )

    def disarmed(self) -> list[RuleOf]:
        """The rules that somebody has disarmed."""
        orders, now = self._orders, self._clock()
        return [of for of in self._gates if ordered(deciding(orders, *of, now)) is False]

    def given(self) -> list[Order]:
        """The orders that were given since the last call, for one thread; some may be over."""
        return [self._given.popleft() for _ in range(len(self._given))]

    @property
    def ended(self) -> Mapping[str, Order]:
        """The orders that ended others before their time, by the ids of those; the newest."""
        return self._ended

    def rules(self) -> tuple[RuleStatus, ...]:
        """All rules, in the order of the configuration."""
        now, orders, active = self._clock(), self.orders(), self.inputs.active()
        return tuple(
            self._status(of, gate, deciding(orders, *of, now), active, now)
            for of, gate in self._gates.items()
        )

    def _status(
        self,
        of: RuleOf,
        gate: Gate,
        order: Order | None,
        active: Mapping[str, float],
        now: float,
    ) -> RuleStatus:
        shut = gate.shut(now, active.keys(), order=ordered(order))
        until: float | None = None
        reason = "" if shut is None else str(shut)
        if shut is Shut.ORDER or (shut is None and ordered(order)):
            reason, until = "order", order.until if order else None
        elif shut is Shut.UNLESS_INPUT:
            until = now + active[gate.unless_input or ""]
        elif shut is not Shut.WHILE_INPUT and gate.schedule is not None:
            until = self._change(gate.schedule, now)
        return RuleStatus(*of, armed=shut is None, reason=reason, until=until)

    def _change(self, schedule: When, now: float) -> float | None:
        """When the schedule changes; that is looked for once, and known until then."""
        asked, change = self._changes.get(schedule, (0.0, 0.0))
        if not asked <= now < (asked + AGAIN_S if change is None else change):
            change = next_change(schedule, now)
            self._changes[schedule] = now, change
        return change

    def _ordered(self, request: ArmingRequest) -> tuple[Order, tuple[Order, ...]]:
        now = self._clock()
        order = Order(
            id=request.request_id or self._new_id(now),
            mode=request.mode,
            camera=request.camera,
            rule=request.rule,
            until=None if request.ttl_s is None else now + request.ttl_s,
            made=now,
            who=request.who,
            reason=request.reason,
        )
        holding = added([one for one in self._orders if one.holds(now)], order)
        if len(holding) > MOST_ORDERS:
            raise RefusalError(
                f"{MOST_ORDERS} orders hold already",
                "withdraw some with the mode `schedule`",
                kind=Refusal.FULL,
                reason="TOO_MANY_ORDERS",
            )
        return next((one for one in holding if one.id == order.id), order), holding

    def _check_known(self, request: ArmingRequest) -> None:
        cameras = self._seeing.keys() - {""}
        if request.camera and request.camera not in cameras:
            raise _unknown("camera", request.camera, cameras, reason="NO_SUCH_CAMERA")
        rules = {rule for camera, rule in self._gates if request.camera in ("", camera)}
        if request.rule and request.rule not in rules:
            raise _unknown("rule", request.rule, rules, reason="NO_SUCH_RULE")


def _found(gates: Mapping[RuleOf, Gate], orders: Sequence[Order], now: float) -> Known:
    found: dict[str, dict[str, bool]] = {}
    for camera, rule in gates if orders else ():
        value = ordered(deciding(orders, camera, rule, now))
        if value is not None:
            found.setdefault(camera, {})[rule] = value
    ends = [one.until for one in orders if one.until is not None and now < one.until]
    return Known(gates, orders, now, min(ends, default=float("inf")), found)


def _check_same(request: ArmingRequest, order: Order) -> None:
    """Whether the request was answered with this order; its ttl as far as its clock tells."""
    asked = request.mode, request.camera, request.rule, request.who, request.reason
    given = order.mode, order.camera, order.rule, order.who, order.reason
    lasts = None if order.until is None else round(order.until - order.made, 3)
    ttl_s = None if request.ttl_s is None else round(request.ttl_s, 3)
    if asked != given or (order.mode is not Mode.SCHEDULE and lasts != ttl_s):
        raise reused(request.request_id)


def _unknown(what: str, name: str, known: Collection[str], *, reason: str) -> RefusalError:
    return RefusalError(
        f"there is no {what} '{name}'",
        f"choose from {', '.join(sorted(known)) or 'none'}",
        kind=Refusal.NOT_FOUND,
        reason=reason,
    )


def _log(order: Order) -> None:
    log = structlog.get_logger()
    (log.warning if order.mode is Mode.DISARMED else log.info)(
        "rules are ordered",
        mode=str(order.mode),
        camera=order.camera or "all",
        rule=order.rule or "all",
        until=order.until,
        who=order.who,
        reason=order.reason,
    )
