"""Who crosses before his speed is known is told of once it is."""

import math
from dataclasses import replace

import pytest

from edge.rules import RULES
from edge.rules.paced import WAIT_S
from edge.rules.steps import Step
from edge.rules.view import View
from edge.types import Motion, State
from tests.make import frame, tracks
from tests.rules.make_rules import MIDDLE, PERSON, RIGHT_HALF, built, raised

RAISED, UPDATED, CLEARED = State
LEFT, RIGHT = (40, 50), (160, 50)
FAST, SLOW = (Motion(speed, 0.1, 90, 1, on_ground=False) for speed in (3.0, 0.2))
LINES = {
    "tripwire": {"line": MIDDLE, "settle_s": 0.0},
    "tailgating": {"line": MIDDLE, "settle_s": 0.0, "most": 0},
    "sequence": {"steps": (Step(polygon=RIGHT_HALF), Step(line=MIDDLE)), "settle_s": 0.0},
}


@pytest.fixture(params=LINES)
def rule(request):
    return built(RULES[request.param], classes=PERSON, min_speed=1.0, **LINES[request.param])


def walk(rule, steps, *, first=0, ended=(), split=None):
    """Each step is where he is and how he is known to move, ten a second."""
    events = []
    for index, (feet, motion) in enumerate(steps, first):
        last = index == first + len(steps) - 1
        people = replace(tracks(feet, ended=ended if last else ()), split=split or {})
        view = View(people, frame(index), motion=lambda _, motion=motion: motion)
        events += rule.update(view)
    return events


def test_he_is_told_of_when_his_speed_is_known(rule):
    crossing = [({1: RIGHT}, None), ({1: LEFT}, None), ({1: LEFT}, None), ({1: LEFT}, FAST)]
    (event,) = walk(rule, crossing)
    assert (event.state, event.pts) == (RAISED, pytest.approx(0.3))
    assert any(fact.name == "speed" and fact.value == 3.0 for fact in event.facts)


def test_who_turns_out_to_be_slow_is_not(rule):
    assert walk(rule, [({1: RIGHT}, None), ({1: LEFT}, None), *[({1: LEFT}, SLOW)] * 30]) == []


def test_nobody_is_waited_for_for_ever(rule):
    count = math.ceil(10 * WAIT_S)
    assert walk(rule, [({1: RIGHT}, None), *[({1: LEFT}, None)] * (count + 1)]) == []
    assert walk(rule, [({1: LEFT}, FAST)] * 3, first=count + 2) == []


def test_whose_track_ends_is_forgotten(rule):
    assert raised(walk(rule, [({1: RIGHT}, None), ({1: LEFT}, None), ({}, None)], ended=[1])) == []
    assert raised(walk(rule, [({1: LEFT}, FAST)], first=3)) == []


def test_who_is_not_seen_meanwhile_is_told_of_when_he_is(rule):
    unseen = [({1: RIGHT}, None), ({1: LEFT}, None), ({}, None), ({1: LEFT}, FAST)]
    assert [event.pts for event in raised(walk(rule, unseen))] == [pytest.approx(0.3)]


def test_when_closed_it_forgets_who_is_waited_for(rule):
    walk(rule, [({1: RIGHT}, None), ({1: LEFT}, None)])
    assert list(rule.close(frame(2), "disarmed")) == []
    assert walk(rule, [({1: LEFT}, FAST)] * 3, first=3) == []


def test_he_goes_on_under_another_id():
    rule = built(RULES["tripwire"], classes=PERSON, min_speed=1.0, **LINES["tripwire"])
    walk(rule, [({1: RIGHT}, None), ({1: LEFT}, None)])
    (event,) = walk(rule, [({1: RIGHT, 2: LEFT}, FAST)], first=2, split={1: 2})
    assert event.sighting.track == 2
