"""A rule with other values: each tried one, and those without which it would have said more."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from edge.config import wrong
from edge.errors import ConfigError
from edge.orders import DAY_S
from edge.rules import Rule
from edge.rules.view import View
from edge.scoring import WAYS, Happening
from edge.settings_rules import VEHICLES, AlertSettings
from edge.types import CLASSES, Event, Frame, State

R = TypeVar("R", bound=AlertSettings)
# Each limit that is tried, and the value with which it keeps nothing back, or as little as it can.
# Shapes, counts, and times for which one may be away are none.
LOOSEST: dict[str, Any] = {
    "classes": tuple(CLASSES),
    "min_height": 0.0,
    "max_height": 1.0,
    "min_score": 0.0,
    "min_width_m": 0.0,
    "max_width_m": None,
    "min_speed": 0.0,
    "max_speed": None,
    "direction": "both",
    "settle_s": 0.0,
    "beyond": 0.0,
    "dwell_s": 0.0,
    "after_s": 0.0,
    "for_s": 0.0,
    "within_s": DAY_S,
    "tolerance_deg": 10.0,
    "distance": 0.0,
    "still": 1.0,
    "learn_s": 0.0,
    "radius_m": None,
    "vehicles": VEHICLES,
    "distance_m": 1000.0,
    "moving": 0.0,
    "min_size": 0.0,
    "max_size": 1.0,
    "near": 1.0,
    "merge_s": 0.0,
    "cooldown_s": 0.0,
    "armed": None,
    "while_input": None,
    "unless_input": None,
}


class Aside:
    """Rules that see what a camera's own see; what they raise is noted and told to nobody."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = rules
        self.raised: list[list[Happening]] = [[] for _ in rules]

    def update(self, view: View) -> Iterable[Event]:
        """Show it to all; tells of nothing."""
        for rule, raised in zip(self._rules, self.raised, strict=True):
            for event in rule.update(view):
                if event.state is State.RAISED:
                    raised.append(Happening(event.rule, WAYS[event.direction], event.pts))
        return ()

    def close(self, frame: Frame, reason: str) -> Iterable[Event]:
        """Close all."""
        for rule in self._rules:
            for _ in rule.close(frame, reason):
                pass
        return ()


def changed(rule: R, values: Mapping[str, Any]) -> R:
    """The rule with these values; raises ConfigError where that is no rule."""
    made = {**rule.model_dump(), **values}
    if problem := wrong(type(rule), made):
        what = ", ".join(f"{name} {said(value)}" for name, value in values.items())
        reason, remedy = problem
        raise ConfigError(f"rule '{rule.name}' with {what}: {reason}", remedy or "try others")
    return type(rule).model_validate(made)


def combinations(rule: R, tries: Mapping[str, Sequence[Any]]) -> list[R]:
    """The rule with each choice of one value for every name; raises ConfigError."""
    choices = itertools.product(*tries.values())
    return [changed(rule, dict(zip(tries, choice, strict=True))) for choice in choices]


def loosened(rule: R) -> list[tuple[str, str, R]]:
    """The rule without one of its limits, for each; its name, and in words what that is.

    A time that can't be 0 is halved instead.
    """
    found: list[tuple[str, str, R]] = []
    for name, value in LOOSEST.items():
        now = getattr(rule, name, value)
        if now != value and set_of(now) != set_of(value):
            half = (now / 2,) if isinstance(now, float) else ()
            found += [(name, *one) for one in _first(rule, name, (value, *half))]
    return found


def _first(rule: R, name: str, values: Sequence[Any]) -> Iterator[tuple[str, R]]:
    """With the first of these values that the rule can have."""
    for value in values:
        if wrong(type(rule), rule.model_dump() | {name: value}) is None:
            without = "always" if name == "armed" else said(value)
            words = f"{name} {without} instead of {said(getattr(rule, name))}"
            yield words, changed(rule, {name: value})
            return


def set_of(value: Any) -> Any:
    """A list without its order."""
    return frozenset(value) if isinstance(value, tuple) else value


def said(value: Any) -> str:
    """A setting's value in the words of a configuration."""
    if isinstance(value, tuple):
        return "any" if set_of(value) == frozenset(CLASSES) else "+".join(map(said, value))
    if isinstance(value, float):
        return f"{value:g}"
    return "none" if value is None else str(value)
