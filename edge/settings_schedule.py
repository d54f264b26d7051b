"""What can be configured of when rules are armed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from itertools import islice
from typing import Annotated, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainValidator,
    WithJsonSchema,
    model_validator,
)

from edge.rules.schedule import DAYS
from edge.settings_base import DailySpan, Settings, TimeZone
from edge.types import Grade

HOLIDAYS = "holidays"
WHOLE_DAY = "00:00-24:00"
WORDS = {"all": (WHOLE_DAY,), "none": ()}
RANGE = re.compile(rf"({'|'.join(DAYS)})(?:-({'|'.join(DAYS)}))?")
TEXT = {"type": "string"}


def days_of(key: str) -> list[str]:
    """The days that a key of `weekly` names: mon, mon-fri, fri-mon, holidays."""
    found = RANGE.fullmatch(key)
    if found is None:
        return [HOLIDAYS] if key == HOLIDAYS else []
    first, last = (DAYS.index(day) for day in (found[1], found[2] or found[1]))
    return [*islice((*DAYS, *DAYS), first, last + 1 + (len(DAYS) if last < first else 0))]


def _day_key(key: str) -> str:
    if not days_of(key):
        raise ValueError(
            f"no such day; write {', '.join(DAYS)}, a range such as mon-fri, or {HOLIDAYS}"
        )
    return key


def _spans(value: object) -> object:
    """One span may stand without brackets; `all` is the whole day, `none` nothing of it."""
    if isinstance(value, str):
        return WORDS.get(value, (value,))
    return value


def _date(value: object) -> date:
    try:
        return date.fromisoformat(str(value))  # YAML has read one without quotes already
    except ValueError:
        raise ValueError("not a date; write YYYY-MM-DD, for example 2026-12-25") from None


def _local(value: object) -> datetime:
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        found = None
    if found is None or found.tzinfo is not None or found.second or found.microsecond:
        raise ValueError(
            'not a local time; write "YYYY-MM-DD HH:MM", for example "2026-12-24 14:00"'
        )
    return found


def _each_day_once(week: Mapping[str, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
    named: dict[str, str] = {}
    for key in week:
        for day in days_of(key):
            if named.setdefault(day, key) != key:
                raise ValueError(f"{day} is in {named[day]} and in {key}; name each day once")
    return week


SPANS_SCHEMA = {
    "anyOf": [TEXT, {"type": "array", "items": TEXT, "maxItems": 16}],
    "description": '"HH:MM-HH:MM", a list of such, all or none',
}
Day = Annotated[str, AfterValidator(_day_key)]
Spans = Annotated[
    tuple[DailySpan, ...],
    Field(max_length=16),
    BeforeValidator(_spans),
    WithJsonSchema(SPANS_SCHEMA),
]
Date = Annotated[date, PlainValidator(_date), WithJsonSchema({**TEXT, "format": "date"})]
LocalTime = Annotated[datetime, PlainValidator(_local), WithJsonSchema(TEXT)]
Week = Annotated[dict[Day, Spans], Field(min_length=1), AfterValidator(_each_day_once)]


class Exemption(Settings):
    """Armed or not for a time, whatever the week says; over when the time is."""

    since: LocalTime = Field(alias="from", description='local time, "YYYY-MM-DD HH:MM"')
    until: LocalTime = Field(description="local time; the first moment that it is over")
    armed: bool
    reason: str = Field(min_length=1, max_length=200, description="for people")

    @model_validator(mode="after")
    def _order(self) -> Self:
        if self.until <= self.since:
            raise ValueError("until is not after from; swap them or take the next day")
        return self


class Schedule(Settings):
    """When rules that name it are armed; the local clock decides, daylight saving included."""

    daily: DailySpan | None = Field(None, description="the same every day")
    weekly: Week | None = Field(
        None, description="spans by days: mon, mon-fri, holidays; a day that is not named has none"
    )
    holidays: tuple[Date, ...] = Field(
        (), max_length=1000, description="on these weekly's `holidays` count, not the weekday's"
    )
    timezone: TimeZone | None = Field(None, description="the site's without one")
    exceptions: tuple[Exemption, ...] = Field(
        (), max_length=200, description="of those that overlap the last one counts"
    )

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.daily is None) == (self.weekly is None):
            raise ValueError("a schedule is daily or weekly; give one of the two")
        if bool(self.holidays) != (HOLIDAYS in (self.weekly or {})):
            raise ValueError(
                "the list `holidays` and the spans `holidays` of weekly go together; "
                "give both or neither"
            )
        return self


class Arming(Settings):
    """The alert that somebody has ordered to arm or disarm rules otherwise than scheduled."""

    grade: Grade = Grade.BLUE
