"""Sinks that are late, and the canary that finds out."""

from edge.rules.delivery import Canary, Overdue
from edge.rules.lone import Now
from edge.status import ConsumerHealth
from edge.types import Kind, State

RAISED, UPDATED, CLEARED = State


def sink(name="centre", *, acked=0, age=None, reason="", backlog=0):
    return ConsumerHealth(name, acked, backlog, age, connected=not reason, reason=reason)


def told(events):
    return [(event.state, event.reason) for event in events]


def at(second):
    return Now(float(second), 1000.0 + second)


def test_a_sink_that_is_late_is_an_alert_until_it_has_everything():
    rule, events = Overdue(300), []
    for second, age in enumerate([None, 0, 299, 300, 301, 900, 299, None]):
        events += rule.update([sink(age=age, backlog=7, reason="refused")], at(second))
    assert told(events) == [(RAISED, "overdue"), (CLEARED, "delivered")]
    raised, cleared = events
    assert (raised.kind, raised.camera, raised.rule) == (Kind.DELIVERY, "", "delivery")
    assert raised.note == "centre: refused"
    assert [(fact.name, fact.value, fact.least) for fact in raised.facts] == [
        ("age", 300, 300),
        ("backlog", 7, None),
    ]
    assert (raised.pts, cleared.pts) == (3, 6)
    assert raised.key == cleared.key


def test_each_sink_has_an_alert_of_its_own_and_each_time_another():
    rule = Overdue(10)
    both = [*rule.update([sink("a", age=10), sink("b", age=11)], at(0))]
    over = [*rule.update([sink("a"), sink("b", age=12)], at(1))]
    again = [*rule.update([sink("a", age=10), sink("b", age=13)], at(2))]
    assert [event.note for event in both] == [
        "a: it does not acknowledge",
        "b: it does not acknowledge",
    ]
    assert told(over) == [(CLEARED, "delivered")]
    assert told(again) == [(RAISED, "overdue")]
    assert len({event.key for event in (*both, *again)}) == 3


def test_a_long_reason_is_cut_to_what_a_note_may_be():
    (event,) = Overdue(1).update([sink(age=1, reason="x" * 500)], at(0))
    assert len(event.note) == 200


def test_a_canary_is_confirmed_when_every_sink_has_it():
    rule = Canary(60)
    (raised,) = rule.update([sink("a"), sink("b")], at(0))
    assert (raised.kind, raised.rule, told([raised])) == (
        Kind.CANARY,
        "canary",
        [(RAISED, "scheduled")],
    )
    assert told(rule.update([sink("a", acked=9), sink("b", acked=9)], at(1))) == []  # not stored
    rule.stored(10)
    assert told(rule.update([sink("a", acked=10), sink("b", acked=9)], at(2))) == []
    assert rule.confirmed([sink("a", acked=10), sink("b", acked=9)]) == {"a"}
    (cleared,) = rule.update([sink("a", acked=10), sink("b", acked=11)], at(3))
    assert told([cleared]) == [(CLEARED, "confirmed")]
    assert [(fact.name, fact.value) for fact in cleared.facts] == [("took", 3)]
    assert cleared.key == raised.key
    assert told(rule.update([sink("a", acked=10)], at(59))) == []
    assert told(rule.update([sink("a", acked=10)], at(60))) == [(RAISED, "scheduled")]


def test_a_canary_that_does_not_arrive_is_cleared_as_such_by_the_next():
    rule = Canary(60)
    assert told(rule.update([sink()], at(0))) == [(RAISED, "scheduled")]
    rule.stored(1)
    assert told(rule.update([sink()], at(60))) == [
        (CLEARED, "unconfirmed"),
        (RAISED, "scheduled"),
    ]
    assert told(rule.update([sink(acked=1)], at(61))) == []  # the newest counts
    rule.stored(3)
    assert told(rule.update([sink(acked=3)], at(62))) == [(CLEARED, "confirmed")]


def test_without_sinks_or_a_schedule_there_is_none():
    assert told(Canary(10).update([], at(0))) == []
    assert told(Canary().update([sink()], at(1e9))) == []
