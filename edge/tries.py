"""Which values of a rule's settings are to be tried, as they are written on the command line."""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from edge.errors import ConfigError
from edge.labels import Clip
from edge.settings_rules import Rule
from edge.variants import changed, combinations

MOST = 1000  # combinations
ALWAYS = {"armed": None, "while_input": None, "unless_input": None}
SHAPES = ("line", "polygon", "steps", "course")
UNTRIED = {"type", "name", "grade", *ALWAYS, *SHAPES}


@dataclass(frozen=True, slots=True)
class Space:
    """All combinations: the rules that they make of each camera's, row by row."""

    values: Sequence[Mapping[str, Any]]
    rules: Mapping[str, Sequence[Rule]]  # by camera
    now: int  # the row of what is configured


def space_of(clips: Sequence[Clip], tries: Sequence[str]) -> Space:
    """Every choice of one value for each setting, and what is configured; raises ConfigError.

    `tries` are texts such as settle_s=0.2,0.3; the rules are armed always.
    """
    owners = {clip.camera.name: clip.rule for clip in clips}
    rules: dict[str, list[Rule]] = {}
    names: list[str] = []
    for camera, rule in owners.items():
        wanted = _tries(tries, rule)
        names = [*wanted]
        bare = {name: value for name, value in ALWAYS.items() if hasattr(rule, name)}
        owners[camera] = always = changed(rule, bare)
        rules[camera] = combinations(always, wanted)
    count = len(next(iter(rules.values())))
    same = (row for row in range(count) if all(rules[one][row] == owners[one] for one in owners))
    now = next(same, count)
    if now == count:
        rules = {camera: [*made, owners[camera]] for camera, made in rules.items()}
    rows = zip(*rules.values(), strict=True)
    values = [
        {name: _common([getattr(one, name) for one in row]) for name in names} for row in rows
    ]
    return Space(values, rules, now)


def _common(values: Sequence[Any]) -> Any:
    """What is configured may differ from camera to camera."""
    return values[0] if all(value == values[0] for value in values) else "various"


def _tries(texts: Sequence[str], rule: Rule) -> dict[str, list[Any]]:
    """Names and values as they are written; raises ConfigError."""
    tries: dict[str, list[Any]] = {}
    for text in texts:
        name, equals, listed = text.partition("=")
        if not equals or not name or name in tries:
            why = "is given twice" if name in tries else "is no setting with values"
            raise ConfigError(f"--try {text}: {why}", "write --try settle_s=0.2,0.3,0.5")
        _check_name(name, rule)
        several = isinstance(getattr(rule, name), tuple)
        tries[name] = [_value(one, several=several) for one in listed.split(",")]
    count = math.prod(map(len, tries.values()))
    if count > MOST:
        what = f"{count} combinations are more than {MOST}"
        raise ConfigError(what, "give fewer values, or tune some settings after the others")
    return tries


def _check_name(name: str, rule: Rule) -> None:
    fields = [field for field in type(rule).model_fields if field not in UNTRIED]
    if name in fields:
        return
    if name in UNTRIED:
        what = f"--try {name}: that can't be tried"
        raise ConfigError(what, f"choose from {', '.join(fields)}")
    near = difflib.get_close_matches(name, fields, n=1)
    remedy = f"did you mean {near[0]}?" if near else f"choose from {', '.join(fields)}"
    raise ConfigError(f"--try {name}: a rule of type {rule.type} has no such setting", remedy)


def _value(text: str, *, several: bool) -> Any:
    """As the settings model takes it: it reads numbers from text."""
    text = text.strip()
    if several:
        return tuple(text.split("+"))
    return None if text in {"none", "null"} else text
