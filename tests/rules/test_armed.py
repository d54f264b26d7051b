"""Rules are armed by the site's own clock, daylight saving included."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.rules.armed import Armed
from edge.rules.schedule import daily
from edge.rules.view import View
from edge.types import State
from tests.make import frame, tracks
from tests.rules.make_rules import BY_TRACKS, LEFT, RIGHT, make_rule, told

BERLIN = ZoneInfo("Europe/Berlin")


def at(text, zone=BERLIN):
    return datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()


def utc(text):
    return at(text, UTC)


@pytest.mark.parametrize(
    ("time", "armed"),
    [
        ("18:59:59", False),
        ("19:00", True),
        ("23:59", True),
        ("00:00", True),
        ("05:59", True),
        ("06:00", False),
        ("12:00", False),
    ],
)
def test_a_span_may_reach_over_midnight(time, armed):
    assert daily("19:00-06:00", BERLIN)(at(f"2026-06-01T{time}")) is armed


@pytest.mark.parametrize(("time", "armed"), [("07:59", False), ("08:00", True), ("17:00", False)])
def test_a_span_within_a_day(time, armed):
    assert daily("08:00-17:00", BERLIN)(at(f"2026-06-01T{time}")) is armed


def test_the_site_s_own_clock_decides():
    night, noon = "19:00-06:00", utc("2026-06-01T12:00")
    assert not daily(night, BERLIN)(noon)
    assert daily(night, ZoneInfo("Asia/Shanghai"))(noon)


def test_in_spring_the_clock_skips_an_hour_and_the_span_follows_it():
    night = daily("01:30-03:30", BERLIN)
    assert not night(utc("2026-03-29T00:29"))  # 01:29 CET
    assert night(utc("2026-03-29T00:30"))
    assert night(utc("2026-03-29T00:59"))  # 01:59 CET
    assert night(utc("2026-03-29T01:29"))  # 03:29 CEST
    assert not night(utc("2026-03-29T01:30"))


def test_in_spring_a_span_within_the_skipped_hour_does_not_come():
    skipped = daily("02:10-02:50", BERLIN)
    day = utc("2026-03-29T00:00")
    assert not any(skipped(day + minute * 60) for minute in range(24 * 60))


def test_in_autumn_the_hour_that_comes_twice_counts_twice():
    hour = daily("02:00-03:00", BERLIN)
    assert not hour(utc("2026-10-24T23:59"))  # 01:59 CEST
    assert hour(utc("2026-10-25T00:00"))  # 02:00 CEST
    assert hour(utc("2026-10-25T01:00"))  # 02:00 CET
    assert hour(utc("2026-10-25T01:59"))
    assert not hour(utc("2026-10-25T02:00"))


def test_in_autumn_a_night_is_an_hour_longer():
    night = daily("19:00-06:00", BERLIN)
    minutes = [night(utc("2026-10-24T12:00") + 60 * minute) for minute in range(24 * 60)]
    assert sum(minutes) == 12 * 60


@given(st.integers(0, 2**31), st.integers(0, 1439), st.integers(0, 1439))
def test_a_span_and_its_opposite_are_the_whole_day(time, one, two):
    begin, finish = (f"{minutes // 60:02}:{minutes % 60:02}" for minutes in (one, two))
    if begin != finish:
        span, rest = (daily(f"{a}-{b}", BERLIN) for a, b in ((begin, finish), (finish, begin)))
        assert span(time) is not rest(time)


@pytest.fixture(params=BY_TRACKS)
def rule(request):
    return make_rule(request.param)


def test_outside_its_times_a_rule_is_closed_once_and_sees_nothing(rule):
    switch = [True, True, False, False, False]
    armed = Armed(rule, lambda time: switch[round((time - frame().time) * 10)])
    places = [LEFT, RIGHT, RIGHT, LEFT, RIGHT]
    events = [e for i, p in enumerate(places) for e in armed.update(View(tracks({1: p}), frame(i)))]
    assert told(events) == [(State.RAISED, events[0].reason), (State.CLEARED, "disarmed")]


def test_it_is_closed_once_however_long_it_is_disarmed():
    class Counted:
        closed = 0

        def update(self, view):
            return []

        def close(self, frame, reason):
            self.closed += 1
            return []

    inner, switch = Counted(), iter([True, False, False, True])
    armed = Armed(inner, lambda _: next(switch))
    assert not [event for i in range(3) for event in armed.update(View(tracks(), frame(i)))]
    assert inner.closed == 1


def test_what_happens_while_it_is_disarmed_is_not_made_up_for(rule):
    switch = iter([False, False, True])
    armed = Armed(rule, lambda _: next(switch))
    places = [LEFT, RIGHT, LEFT]
    assert not [
        e for i, p in enumerate(places) for e in armed.update(View(tracks({1: p}), frame(i)))
    ]


def test_a_key_does_not_come_again_after_arming_again(rule):
    switch = iter([True, True, False, True, True])
    armed = Armed(rule, lambda _: next(switch))
    places = [LEFT, RIGHT, RIGHT, LEFT, RIGHT]
    events = [e for i, p in enumerate(places) for e in armed.update(View(tracks({1: p}), frame(i)))]
    keys = [event.key for event in events if event.state is State.RAISED]
    assert len(set(keys)) == len(keys) == 2


def test_closing_an_armed_rule_closes_it(rule):
    armed = Armed(rule, lambda _: True)
    for index, place in enumerate([LEFT, RIGHT]):
        list(armed.update(View(tracks({1: place}), frame(index))))
    assert told(armed.close(frame(2), "session_ended")) == [(State.CLEARED, "session_ended")]
    assert list(armed.close(frame(3), "session_ended")) == []
