"""When a rule is armed: spans of the week in a time zone, holidays, and exceptions that end."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

DAY = 24 * 60
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTE_S = 60
FORESEEN_S = 8 * 86_400  # a week and a day: every change of a week that repeats

Span = tuple[int, int]  # minutes of the day; what does not end after it begins ends the next day


@dataclass(frozen=True, slots=True)
class Exemption:
    """Armed or not between two times, whatever the week says; Unix seconds, the end is outside."""

    begin: float
    end: float
    armed: bool


class Schedule:
    """Whether a Unix time lies in the spans of its day; local clock time decides.

    A span belongs to the day it begins on, also where it reaches over midnight. On a holiday the
    spans of `on_holidays` take the place of the weekday's. As the local clock decides, a span
    that daylight saving skips does not come, and an hour that comes twice counts twice. Of
    exceptions that overlap the last one counts.
    """

    def __init__(
        self,
        week: Sequence[Sequence[Span]],
        zone: ZoneInfo,
        *,
        holidays: Collection[date] = (),
        on_holidays: Sequence[Span] = (),
        exceptions: Sequence[Exemption] = (),
    ) -> None:
        """`week` has the spans of Monday to Sunday."""
        self._week, self._zone = [tuple(day) for day in week], zone
        self._holidays, self._on_holidays = frozenset(holidays), tuple(on_holidays)
        self._exceptions = tuple(reversed(exceptions))
        self._known: tuple[int, bool] | None = None  # the minute that was asked about last

    def __call__(self, at: float) -> bool:
        """Whether it is armed; everything begins and ends with a minute."""
        minute = math.floor(at / MINUTE_S)
        known = self._known  # read once: threads share a schedule
        if known is None or known[0] != minute:
            self._known = known = minute, self._armed(minute * MINUTE_S)
        return known[1]

    def _armed(self, at: int) -> bool:
        for one in self._exceptions:
            if one.begin <= at < one.end:
                return one.armed
        now = datetime.fromtimestamp(at, UTC).astimezone(self._zone)
        today, minute = now.date(), now.hour * 60 + now.minute
        if any(begin <= minute < _end(begin, end) for begin, end in self._spans(today)):
            return True
        yesterday = self._spans(today - timedelta(days=1))
        return any(end <= begin and minute < end for begin, end in yesterday)

    def _spans(self, day: date) -> Sequence[Span]:
        return self._on_holidays if day in self._holidays else self._week[day.weekday()]


def daily(span: str, zone: ZoneInfo) -> Schedule:
    """The same "HH:MM-HH:MM" every day."""
    return Schedule([[parsed(span)]] * len(DAYS), zone)


def parsed(span: str) -> Span:
    """The minutes of "HH:MM-HH:MM"."""
    begin, end = (int(part[:2]) * 60 + int(part[3:]) for part in span.split("-"))
    return begin, end


def next_change(armed: Callable[[float], bool], at: float) -> float | None:
    """When it will be otherwise than at `at`, Unix seconds; None: not within eight days.

    Asks about every minute until then, ten thousand at most: not for every frame.
    """
    now, minute = armed(at), math.floor(at / MINUTE_S)
    for ahead in range(minute + 1, minute + FORESEEN_S // MINUTE_S):
        if armed(ahead * MINUTE_S) is not now:
            return float(ahead * MINUTE_S)
    return None


def _end(begin: int, end: int) -> int:
    return end if end > begin else DAY
