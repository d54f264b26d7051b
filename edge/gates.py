"""When the configured rules are armed: settings to gates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from zoneinfo import ZoneInfo

from edge.rules.alarms import ALARMS, Alarm
from edge.rules.armed import Gate
from edge.rules.schedule import DAYS, Exemption, Schedule, Span, parsed
from edge.settings import Config
from edge.settings_rules import AlertSettings, InputSettings, ManualSettings
from edge.settings_schedule import HOLIDAYS, days_of
from edge.settings_schedule import Schedule as ScheduleSettings

GATED = {"type", "grade", "armed", "while_input", "unless_input"}


def schedules_for(settings: Config) -> dict[str, Schedule]:
    """The site's schedules by name."""
    return {name: schedule_for(one, settings) for name, one in settings.schedules.items()}


def schedule_for(wanted: ScheduleSettings, settings: Config) -> Schedule:
    """One schedule; of a local time that comes twice an exception means the first."""
    zone = settings.zone if wanted.timezone is None else ZoneInfo(wanted.timezone)
    days = _days(wanted)
    return Schedule(
        [days.get(day, ()) for day in DAYS],
        zone,
        holidays=wanted.holidays,
        on_holidays=days.get(HOLIDAYS, ()),
        exceptions=[
            Exemption(
                one.since.replace(tzinfo=zone).timestamp(),
                one.until.replace(tzinfo=zone).timestamp(),
                armed=one.armed,
            )
            for one in wanted.exceptions
        ],
    )


def every_rule(settings: Config) -> Iterator[tuple[str, AlertSettings]]:
    """The rules of all cameras, with the camera's name, and those of none."""
    for camera in settings.cameras:
        yield from ((camera.name, rule) for rule in camera.rules)
    yield from (("", rule) for rule in settings.alarms)


def alike(rule: AlertSettings) -> str:
    """The same for settings that differ only in what is changed without making a rule anew."""
    return repr(rule.model_copy(update=dict.fromkeys(GATED - {"type"})))


def gates_for(settings: Config) -> dict[tuple[str, str], Gate]:
    """The gate of each rule, by camera (empty: none) and name."""
    schedules = schedules_for(settings)
    return {(camera, rule.name): gate_for(rule, schedules) for camera, rule in every_rule(settings)}


def gate_for(rule: AlertSettings, schedules: Mapping[str, Schedule]) -> Gate:
    """When a rule is armed."""
    return Gate(
        rule.name,
        None if rule.armed is None else schedules[rule.armed],
        rule.while_input,
        rule.unless_input,
        sees=not isinstance(rule, ManualSettings | InputSettings),
    )


def alarms_for(settings: Config) -> dict[tuple[str, str], Alarm]:
    """The rules that no picture decides about, by camera (empty: none) and name."""
    return {
        (camera, rule.name): ALARMS[rule.type](camera=camera, **rule.model_dump(exclude=GATED))
        for camera, rule in every_rule(settings)
        if isinstance(rule, ManualSettings | InputSettings)
    }


def _days(wanted: ScheduleSettings) -> dict[str, list[Span]]:
    if wanted.daily is not None:
        return {day: [parsed(wanted.daily)] for day in DAYS}
    week = (wanted.weekly or {}).items()
    return {day: [*map(parsed, spans)] for key, spans in week for day in days_of(key)}
