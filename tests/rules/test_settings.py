"""A rule's settings are its constructor's arguments: the two cannot drift apart."""

import inspect
from typing import get_args

import numpy as np
import pytest

from edge import settings, settings_rules
from edge.cameras import NOT_THE_RULES, arguments, rules_for, subjects_for, thresholds_for
from edge.gates import GATED
from edge.rules import RULES, degraded, delivery, image_health, offline, ordered
from edge.rules.alarms import ALARMS
from edge.rules.crossing import WANTED
from edge.rules.image_health import Thresholds
from edge.rules.steps import Step
from edge.rules.subjects import Subjects
from edge.rules.view import View
from edge.settings_base import SCHEMES
from edge.settings_rules import RESERVED, RuleSettings, StoppedSettings, TripwireSettings
from edge.stream import SOURCES
from tests.make import frame, tracks

MODELS = {
    get_args(m.model_fields["type"].annotation)[0]: m
    for m in get_args(get_args(settings_rules.Rule)[0])
}
WITHOUT_OBJECTS = {"manual", "input"}  # given by people and wires, not by pictures


def parameters(kind):
    return inspect.signature(RULES[kind]).parameters


def own(kind):
    """The settings that are the rule's own affair: not the box's, not which objects count."""
    fields = MODELS[kind].model_fields
    return {name: field for name, field in fields.items() if name not in NOT_THE_RULES}


def test_every_rule_can_be_configured():
    assert MODELS.keys() - WITHOUT_OBJECTS == RULES.keys()
    assert ALARMS.keys() == WITHOUT_OBJECTS


@pytest.mark.parametrize("kind", ALARMS)
def test_the_settings_of_an_alarm_are_the_constructor_arguments_too(kind):
    fields, taken = MODELS[kind].model_fields, inspect.signature(ALARMS[kind]).parameters
    assert (fields.keys() - GATED) | {"camera"} == taken.keys()
    defaults = {n: p.default for n, p in taken.items() if p.default is not p.empty}
    assert defaults == {name: fields[name].default for name in defaults}


@pytest.mark.parametrize("kind", RULES)
def test_settings_are_the_constructor_arguments(kind):
    subjects = {"subjects"} if issubclass(MODELS[kind], RuleSettings) else set()
    assert own(kind).keys() | {"camera", "plan"} | subjects == parameters(kind).keys()
    assert {p.kind for p in parameters(kind).values()} == {inspect.Parameter.KEYWORD_ONLY}


@pytest.mark.parametrize("kind", RULES)
def test_defaults_are_the_same_in_both(kind):
    defaults = {n: p.default for n, p in parameters(kind).items() if p.default is not p.empty}
    assert defaults
    assert defaults == {name: MODELS[kind].model_fields[name].default for name in defaults}


LINE, POLYGON = ((0, 0), (1, 1)), ((0, 0), (1, 0), (0, 1))
GIVEN = [
    {"type": "sequence", "steps": [{"line": LINE, "direction": "inward"}, {"polygon": POLYGON}]},
    {"type": "occupancy", "polygon": POLYGON, "never": 1},
    {"type": "exclusion", "vehicles": ["truck", "car"], "moving": 1.0},
    {"type": "tailgating", "line": LINE, "most": 2},
]


@pytest.mark.parametrize("given", GIVEN, ids=lambda given: given["type"])
def test_what_is_configured_is_made(given):
    camera = settings.Camera(name="gate", url="clip.mp4", rules=[{"name": "one", **given}])
    (rule,) = rules_for(camera, settings.Config(site="here", cameras=[camera]))
    assert list(rule.update(View(tracks({1: (50, 50)}), frame(), ground=np.eye(3)))) == []


def test_classes_and_steps_are_what_the_rules_speak_of():
    sequence, _, exclusion, _ = (MODELS[one["type"]](name="one", **one) for one in GIVEN)
    assert arguments(exclusion)["vehicles"] == frozenset({2, 7})
    assert arguments(sequence)["steps"] == (
        Step(line=LINE, direction="inward"),
        Step(polygon=POLYGON),
    )


def test_objects_are_chosen_by_the_same_defaults_in_both():
    chosen = subjects_for(MODELS["tripwire"](type="tripwire", name="a", line=((0, 0), (1, 1))))
    assert chosen == Subjects()


def test_every_direction_can_be_configured():
    named = get_args(TripwireSettings.model_fields["direction"].annotation)
    assert WANTED.keys() == set(named)


def test_image_health_has_the_same_defaults_in_both():
    assert thresholds_for(settings.ImageHealth()) == Thresholds()


def test_the_boxs_own_rules_keep_their_names():
    own = {offline.RULE, image_health.RULE, degraded.RULE, ordered.RULE}
    assert own | {delivery.RULE, delivery.CANARY} == RESERVED


def test_every_kind_of_address_that_can_be_read_can_be_configured():
    assert set(SCHEMES) == SOURCES.keys() - {""}


def stopped(**options):
    corners = ((0, 0), (1, 0), (1, 1))
    return StoppedSettings(type="stopped", name="kerb", polygon=corners, **options)


@pytest.mark.parametrize("learn_s", [30.0, 60.0])
def test_nothing_is_parked_before_it_has_stopped(learn_s):
    with pytest.raises(ValueError, match="longer than after_s"):
        stopped(after_s=60.0, learn_s=learn_s)


def test_a_stop_may_be_learnt_a_moment_later_or_never():
    assert [stopped(after_s=60.0, learn_s=learn_s).learn_s for learn_s in (60.1, 0)] == [60.1, 0]
