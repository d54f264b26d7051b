"""That somebody armed or disarmed rules otherwise than scheduled is an alert of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from edge.orders import Mode, Order
from edge.rules.lone import Lone, Now
from edge.types import Event, Fact, Kind

RULE = "arming"


class Ordered:
    """One alert for each order: raised when it is given, cleared when it is over.

    Pure: told the orders that hold, by ids of others the orders that ended them, and those that
    were given since it was told last, so that one that is over by now is an alert all the same.
    """

    def __init__(self) -> None:
        self._open: dict[str, tuple[Order, Lone]] = {}  # by the order's id

    def update(
        self,
        now: Now,
        orders: Sequence[Order],
        ended: Mapping[str, Order],
        given: Sequence[Order] = (),
    ) -> list[Event]:
        """Events as of now; called in every turn."""
        holding = {one.id: one for one in orders if one.mode is not Mode.SCHEDULE}
        gone = [one for one in self._open if one not in holding]
        fresh = [one for one in holding.values() if one.id not in self._open]
        known = holding.keys() | self._open.keys()
        brief = [one for one in given if one.mode is not Mode.SCHEDULE and one.id not in known]
        events = [event for one in gone for event in self._end(now, one, ended.get(one))]
        for one in brief:
            events += [self._begin(one, now), *self._end(now, one.id, ended.get(one.id))]
        return events + [self._begin(one, now) for one in fresh]

    def _begin(self, order: Order, now: Now) -> Event:
        alert = Lone(Kind.ARMING, order.camera, RULE, prefix=f"{order.id}/")
        self._open[order.id] = order, alert
        return alert.begin(now._replace(who=order.who, note=words(order)), str(order.mode))

    def _end(self, now: Now, order_id: str, by: Order | None) -> list[Event]:
        order, alert = self._open.pop(order_id)
        held = Fact("held", round(now.time - order.made, 3), "s")
        if by is None or not order.holds(now.time):
            return alert.end(now._replace(note=words(order)), "expired", held)
        return alert.end(now._replace(who=by.who, note=words(by)), "withdrawn", held)


def words(order: Order) -> str:
    """What was ordered, for people."""
    what = f"rule {order.rule}" if order.rule else "all rules"
    return f"{what}: {order.reason}" if order.reason else what
