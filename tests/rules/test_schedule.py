"""Rules are armed by the site's own clock: week, holidays, exceptions, daylight saving."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.rules.schedule import DAY, FORESEEN_S, Exemption, Schedule, daily, next_change, parsed

SYDNEY = ZoneInfo("Australia/Sydney")
HOWE = ZoneInfo("Australia/Lord_Howe")  # half an hour of daylight saving
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


# --- the southern half of the earth: clocks go forward in October, back in April


def test_in_sydney_s_spring_the_clock_skips_an_hour_too():
    night = daily("01:30-03:30", SYDNEY)
    assert not night(utc("2026-10-03T15:29"))  # 01:29 AEST
    assert night(utc("2026-10-03T15:30"))
    assert night(utc("2026-10-03T16:29"))  # 03:29 AEDT
    assert not night(utc("2026-10-03T16:30"))
    assert sum(map(daily("02:00-03:00", SYDNEY), minutes(utc("2026-10-03T00:00")))) == 0


def test_in_sydney_s_autumn_the_hour_that_comes_twice_counts_twice():
    assert sum(map(daily("02:00-03:00", SYDNEY), minutes(utc("2026-04-04T00:00")))) == 120


def minutes(start, days=1):
    return [start + 60 * minute for minute in range(days * DAY)]


# --- the week


def week(**days):
    names = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    return [[parsed(span) for span in days.get(name, ())] for name in names]


def test_a_span_belongs_to_the_day_it_begins_on():
    friday_night = Schedule(week(fri=["22:00-06:00"]), BERLIN)
    assert not friday_night(at("2026-06-05T21:59"))  # a Friday
    assert friday_night(at("2026-06-05T22:00"))
    assert friday_night(at("2026-06-06T05:59"))
    assert not friday_night(at("2026-06-06T06:00"))
    assert not friday_night(at("2026-06-06T22:00"))
    assert not friday_night(at("2026-06-05T05:00"))


def test_a_day_may_have_several_spans_or_none_or_be_whole():
    lunch = Schedule(week(mon=["06:00-07:00", "12:00-13:00"], sun=["00:00-24:00"]), BERLIN)
    assert sum(map(lunch, minutes(at("2026-06-01T00:00")))) == 120
    assert sum(map(lunch, minutes(at("2026-06-02T00:00")))) == 0
    assert sum(map(lunch, minutes(at("2026-06-07T00:00")))) == DAY


@pytest.mark.parametrize("spans", [[], ["10:00-11:00"], ["22:00-02:00"]])
def test_on_a_holiday_its_own_spans_count_and_the_night_before_goes_on(spans):
    night = Schedule(
        week(thu=["20:00-06:00"], fri=["20:00-06:00"]),
        BERLIN,
        holidays=[date(2026, 12, 25)],  # a Friday
        on_holidays=[parsed(span) for span in spans],
    )
    assert night(at("2026-12-25T05:59"))  # of Thursday's
    assert night(at("2026-12-25T10:30")) is ("10:00-11:00" in spans)
    assert night(at("2026-12-25T21:00")) is False
    assert night(at("2026-12-26T01:00")) is ("22:00-02:00" in spans)
    assert night(at("2027-01-01T21:00"))


# --- exceptions


def test_an_exception_holds_from_its_beginning_to_its_end_and_is_over_by_itself():
    begin, end = at("2026-06-01T10:00"), at("2026-06-03T12:00")
    night = Schedule(
        [[parsed("19:00-06:00")]] * 7, BERLIN, exceptions=[Exemption(begin, end, False)]
    )
    free = Schedule([[parsed("19:00-06:00")]] * 7, BERLIN)
    for one in minutes(begin - 3600, days=4):
        assert night(one) is (free(one) and not begin <= one < end)


def test_of_exceptions_that_overlap_the_last_counts():
    first, last = Exemption(0, 7200, True), Exemption(3600, 10800, False)
    both = Schedule([[]] * 7, BERLIN, exceptions=[first, last])
    assert [both(hour * 3600) for hour in (0, 1, 2, 3)] == [True, False, False, False]


def test_an_exception_that_ends_in_the_hour_that_comes_twice_does_not_come_back():
    end = at("2026-10-25T02:30")
    off = Schedule([[(0, DAY)]] * 7, BERLIN, exceptions=[Exemption(end - 7200, end, False)])
    told = [off(one) for one in minutes(utc("2026-10-24T22:00"))]
    assert sum(not armed for armed in told) == 120
    assert told.index(False) + 120 == len(told) - told[::-1].index(False)


# --- against a slow, obvious reference

SPANS = st.lists(
    st.tuples(st.integers(0, DAY - 1), st.integers(0, DAY)).filter(lambda s: s[0] != s[1]),
    max_size=3,
)
# An hour on each side of the changes of 2026, and any other time.
CHANGES = [
    utc(f"2026-{day}") for day in ("03-29T01:00", "10-25T01:00", "10-03T16:00", "04-04T16:00")
]
TIMES = st.one_of(
    st.builds(lambda at, off: at + off, st.sampled_from(CHANGES), st.integers(-7200, 7200)),
    st.integers(utc("2026-01-01"), utc("2027-12-31")),
)


def obvious(spans_of, zone, at):
    """Whether the local clock is between the beginning and the end of some span."""
    clock = datetime.fromtimestamp(at, zone).replace(tzinfo=None)
    for back in (0, 1):
        midnight = datetime.combine(clock.date() - timedelta(days=back), time())
        for begin, end in spans_of(midnight.date()):
            length = end - begin if end > begin else end + DAY - begin
            first = midnight + timedelta(minutes=begin)
            if first <= clock < first + timedelta(minutes=length):
                return True
    return False


@given(
    st.lists(SPANS, min_size=7, max_size=7),
    SPANS,
    st.sets(st.dates(date(2026, 1, 1), date(2027, 12, 31)), max_size=3),
    st.sampled_from([BERLIN, SYDNEY, HOWE, ZoneInfo("UTC")]),
    st.lists(TIMES, min_size=1, max_size=20),
)
def test_it_is_what_a_slow_reference_says(days, special, holidays, zone, times):
    schedule = Schedule(days, zone, holidays=holidays, on_holidays=special)
    for one in times:
        spans = lambda day: special if day in holidays else days[day.weekday()]  # noqa: E731
        assert schedule(one) is obvious(spans, zone, one)
        assert schedule(one + 0.999) is schedule(one // 60 * 60)


@given(SPANS, st.sampled_from([BERLIN, SYDNEY]), st.sampled_from(CHANGES))
def test_the_next_change_is_the_first_time_that_it_is_otherwise(spans, zone, near):
    schedule = Schedule([spans] * 7, zone)
    change = next_change(schedule, near)
    if change is None:
        assert len({schedule(one) for one in minutes(near, days=8)}) == 1
        return
    assert near < change <= near + FORESEEN_S
    before = {schedule(one) for one in range(int(near), int(change), 60)}
    assert before == {not schedule(change)}
