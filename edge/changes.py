"""Another configuration, as the analysis takes it over between two frames."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from edge.arming import RuleOf
from edge.events.journal import Origin
from edge.rules import Rule
from edge.rules.alarms import Alarm
from edge.types import Grade


@dataclass(frozen=True, slots=True)
class Change:
    """Another configuration: the rules of each camera, and what events say from now on."""

    rules: Mapping[str, Sequence[Rule]]
    alarms: Mapping[RuleOf, Alarm]
    origin: Origin
    grades: Mapping[tuple[str, str], Grade]
    urgent: Mapping[tuple[str, str], Grade]  # of the rules about what cameras see
    apply: Callable[[], None] = lambda: None  # has gates and inputs changed in the same moment
