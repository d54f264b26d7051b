"""When a rule is armed: spans of the day in a time zone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo


def daily(span: str, zone: ZoneInfo) -> Callable[[float], bool]:
    """Whether a Unix time lies in "HH:MM-HH:MM" of the local day; the end is outside.

    A span may reach over midnight. Local clock time decides, so that it follows daylight saving.
    """
    begin, finish = (time.fromisoformat(part) for part in span.split("-"))

    def armed(at: float) -> bool:
        now = datetime.fromtimestamp(at, UTC).astimezone(zone).time()
        if begin < finish:
            return begin <= now < finish
        return now >= begin or now < finish

    return armed
