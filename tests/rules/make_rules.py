"""Builders: rules over the whole picture, and how to lead tracks past them."""

from __future__ import annotations

import dataclasses
import inspect

import numpy as np

from edge.rules import RULES
from edge.rules.plan import Plan
from edge.rules.steps import Step
from edge.rules.subjects import Subjects
from edge.rules.view import View
from edge.types import State, Tracks
from tests.make import frame, tracks

MIDDLE = ((0.5, 0.0), (0.5, 1.0))  # downwards: its left hand is the right half of the picture
LEFT_HALF = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))
RIGHT_HALF = ((0.5, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 1.0))
WHOLE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
PERSON = frozenset({0})
CAR = 2
GROUND = np.diag([20.0, 10.0, 1.0])  # the picture is seen from above, ten pixels to the metre
PARKED = 99  # the track of a car that stands in the right half
AT_ONCE = {  # options with which each rule reports without waiting
    "tripwire": {"line": MIDDLE, "settle_s": 0.0},
    "zone": {"polygon": RIGHT_HALF, "dwell_s": 0.0, "leave_s": 0.0},
    "loitering": {"polygon": RIGHT_HALF, "dwell_s": 0.0, "grace_s": 0.0},
    "sequence": {
        "steps": (Step(polygon=LEFT_HALF), Step(line=MIDDLE)),
        "within_s": 86_400.0,
        "settle_s": 0.0,
    },
    "wrong_way": {"polygon": WHOLE, "course": ((1.0, 0.5), (0.0, 0.5)), "for_s": 0.0},
    "stopped": {"polygon": RIGHT_HALF, "after_s": 0.0},
    "occupancy": {"polygon": RIGHT_HALF, "most": 0, "for_s": 0.0},
    "exclusion": {
        "vehicles": frozenset({CAR}),
        "distance_m": 4.0,
        "for_s": 0.0,
        "clear_s": 0.0,
    },
    "tailgating": {"line": MIDDLE, "settle_s": 0.0, "most": 0},
}
LEFT, RIGHT = (40, 50), (160, 50)  # whoever goes there makes each rule of AT_ONCE report
BY_TRACKS = [kind for kind in RULES if kind in AT_ONCE]  # the others look at the picture too
GROUPS = {"occupancy"}  # have one alert about all objects; the others one about each


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


def scene(people, picture, **view):
    """A view of these tracks, and of a parked car; the camera is calibrated."""
    width, height = picture.size
    box = np.array([[0.75, 0.65, 0.95, 0.75]], np.float32) * (width, height, width, height)
    car = Tracks(
        np.append(people.id, PARKED),
        np.vstack((people.xyxy, box.astype(np.float32))),
        np.append(people.score, np.float32(0.9)),
        np.append(people.class_id, CAR),
        np.vstack((people.velocity, np.zeros((1, 2), np.float32))),
        people.ended,
        people.past,
        people.split,
    )
    return View(car, picture, ground=GROUND, **view)


def lead(rule, steps, *, first=0, fps=10.0, ended=(), view=View, **look):
    """Each step maps tracks to feet; ten a second. In the last frame `ended` end."""
    events = []
    for index, feet in enumerate(steps):
        last = index == len(steps) - 1
        people = tracks(feet, ended=ended if last else (), **look)
        events += rule.update(view(people, frame(first + index, fps=fps)))
    return events


def told(events):
    return [(event.state, event.reason) for event in events]


def raised(events):
    return [event for event in events if event.state is State.RAISED]
