"""Rules are armed by the site's own clock, daylight saving included."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from edge.rules.armed import Armed
from edge.rules.schedule import daily
from edge.rules.zone import Zone
from edge.types import State
from tests.make import frame, tracks

BERLIN = ZoneInfo("Europe/Berlin")


def at(text, zone=BERLIN):
    return datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()


@pytest.mark.parametrize(
    ("time", "armed"),
    [("18:59", False), ("19:00", True), ("23:59", True), ("05:59", True), ("06:00", False)],
)
def test_a_span_may_reach_over_midnight(time, armed):
    assert daily("19:00-06:00", BERLIN)(at(f"2026-06-01T{time}")) is armed


def test_daylight_saving_begins_and_the_local_clock_decides():
    night = daily("01:30-03:30", BERLIN)
    before = at("2026-03-29T01:59")
    assert night(before)
    assert night(before + 60)  # the clock goes to 03:00
    assert not night(before + 60 + 30 * 60)  # 03:30


def test_daylight_saving_ends_and_the_hour_that_comes_twice_counts_twice():
    hour = daily("02:00-03:00", BERLIN)
    first = datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN, fold=0).timestamp()
    assert hour(first)
    assert hour(first + 3600)
    assert not hour(first + 2 * 3600)


def test_outside_its_times_a_rule_is_closed_once_and_sees_nothing():
    inner = Zone(camera="gate", name="z", polygon=((0, 0), (1, 0), (1, 1)), classes=frozenset({0}))
    switch = iter([True, False, False, True])
    rule = Armed(inner, lambda _: next(switch))
    events = [e for i in range(4) for e in rule.update(tracks({1: (150, 50)}), frame(i))]
    assert [(e.state, e.reason) for e in events] == [
        (State.RAISED, "entered"),
        (State.CLEARED, "disarmed"),
        (State.RAISED, "entered"),
    ]
