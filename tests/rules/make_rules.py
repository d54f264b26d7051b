"""Builders: rules over the whole picture, and how to lead tracks past them."""

from __future__ import annotations

import dataclasses
import inspect

from edge.rules import RULES
from edge.rules.plan import Plan
from edge.rules.subjects import Subjects
from edge.rules.view import View
from edge.types import State
from tests.make import frame, tracks

MIDDLE = ((0.5, 0.0), (0.5, 1.0))  # downwards: its left hand is the right half of the picture
RIGHT_HALF = ((0.5, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 1.0))
PERSON = frozenset({0})
AT_ONCE = {  # options with which each rule reports without waiting
    "tripwire": {"line": MIDDLE, "settle_s": 0.0},
    "zone": {"polygon": RIGHT_HALF, "dwell_s": 0.0, "leave_s": 0.0},
}
LEFT, RIGHT = (40, 50), (160, 50)  # whoever goes there makes each rule of AT_ONCE report
BY_TRACKS = [kind for kind in RULES if kind in AT_ONCE]  # the others look at the picture too


FILTERS = {field.name for field in dataclasses.fields(Subjects)}


def built(rule, **options):
    """A rule alone: `options` that say which objects count are put together."""
    subjects = {name: options.pop(name) for name in FILTERS & options.keys()}
    named = {"camera": "gate", "name": "fence", "plan": Plan()}
    if "subjects" in inspect.signature(rule).parameters:
        named["subjects"] = Subjects(**subjects)
    return rule(**named | options)


def make_rule(kind, **options):
    return built(RULES[kind], **AT_ONCE[kind] | options)


def lead(rule, steps, *, first=0, ended=(), **look):
    """Each step maps tracks to feet; ten a second. In the last frame `ended` end."""
    events = []
    for index, feet in enumerate(steps):
        last = index == len(steps) - 1
        seen = tracks(feet, ended=ended if last else (), **look)
        events += rule.update(View(seen, frame(first + index)))
    return events


def told(events):
    return [(event.state, event.reason) for event in events]


def raised(events):
    return [event for event in events if event.state is State.RAISED]
