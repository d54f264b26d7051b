"""How grave the alerts of a box are."""

from __future__ import annotations

from edge.rules import degraded, delivery, image_health, offline, ordered
from edge.settings import Config
from edge.types import Grade


def grades_of_rules(settings: Config) -> dict[tuple[str, str], Grade]:
    """How grave the alerts about what a camera sees are: which of them is looked at first."""
    return {(c.name, rule.name): rule.grade for c in settings.cameras for rule in c.rules}


def grades_for(settings: Config) -> dict[tuple[str, str], Grade]:
    """How grave the alerts of each camera's rules are, of the camera itself and of the box."""
    grades = grades_of_rules(settings)
    grades |= {(c.name, offline.RULE): c.offline.grade for c in settings.cameras}
    grades |= {("", rule.name): rule.grade for rule in settings.alarms}
    grades["", degraded.RULE] = settings.degraded.grade
    grades["", delivery.RULE] = settings.delivery.grade
    grades["", delivery.CANARY] = Grade.BLUE
    grades |= dict.fromkeys(
        (("", ordered.RULE), *((c.name, ordered.RULE) for c in settings.cameras)),
        settings.arming.grade,
    )
    health = [(c.name, c.image_health) for c in settings.cameras if c.image_health]
    return grades | {(name, image_health.RULE): wanted.grade for name, wanted in health}
