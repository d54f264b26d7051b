"""A rule's settings are its constructor's arguments: the two cannot drift apart."""

import inspect
from typing import get_args

import pytest

from edge import settings
from edge.cameras import thresholds_for
from edge.rules import RULES, degraded, image_health, offline
from edge.rules.image_health import Thresholds
from edge.rules.tripwire import WANTED
from edge.settings import TripwireSettings, ZoneSettings
from edge.settings_base import SCHEMES
from edge.stream import SOURCES

MODELS = {
    get_args(m.model_fields["type"].annotation)[0]: m for m in get_args(get_args(settings.Rule)[0])
}


def parameters(kind):
    return inspect.signature(RULES[kind]).parameters


def test_every_rule_can_be_configured():
    assert MODELS.keys() == RULES.keys()
    assert set(MODELS.values()) == {TripwireSettings, ZoneSettings}


@pytest.mark.parametrize("kind", RULES)
def test_settings_are_the_constructor_arguments(kind):
    of_the_app = {"type", "grade", "armed"}
    assert (MODELS[kind].model_fields.keys() - of_the_app) | {"camera"} == parameters(kind).keys()
    assert {p.kind for p in parameters(kind).values()} == {inspect.Parameter.KEYWORD_ONLY}


@pytest.mark.parametrize("kind", RULES)
def test_defaults_are_the_same_in_both(kind):
    defaults = {n: p.default for n, p in parameters(kind).items() if p.default is not p.empty}
    assert defaults
    assert defaults == {name: MODELS[kind].model_fields[name].default for name in defaults}


def test_every_direction_can_be_configured():
    named = get_args(TripwireSettings.model_fields["direction"].annotation)
    assert WANTED.keys() == set(named)


def test_image_health_has_the_same_defaults_in_both():
    assert thresholds_for(settings.ImageHealth()) == Thresholds()


def test_the_boxs_own_rules_keep_their_names():
    assert {offline.RULE, image_health.RULE, degraded.RULE} == settings.RESERVED


def test_every_kind_of_address_that_can_be_read_can_be_configured():
    assert set(SCHEMES) == SOURCES.keys() - {""}
