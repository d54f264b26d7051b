"""Rules with other values: what they would have raised, beside what a camera's own do."""

import pytest
from pydantic import TypeAdapter

from edge.cameras import rules_for
from edge.errors import ConfigError
from edge.rules.view import View
from edge.scoring import Happening
from edge.settings import Config
from edge.settings_rules import Rule
from edge.types import CLASSES
from edge.variants import Aside, changed, combinations, loosened, said
from tests.make import frame, tracks
from tests.rules.make_rules import AT_ONCE, LEFT, RIGHT, make_rule, scene

LINE = {"type": "tripwire", "name": "fence", "line": [[0.5, 1], [0.5, 0]]}
POLYGON = [[0.5, 0], [1, 0], [1, 1], [0.5, 1]]
ONE_OF_EACH = [
    LINE,
    {"type": "zone", "polygon": POLYGON, "dwell_s": 5},
    {"type": "loitering", "polygon": POLYGON, "radius_m": 5},
    {"type": "sequence", "steps": [{"polygon": POLYGON}, {"line": [[0, 0], [1, 1]]}]},
    {"type": "wrong_way", "polygon": POLYGON, "course": [[0, 0], [1, 1]]},
    {"type": "stopped", "polygon": POLYGON},
    {"type": "left_object", "polygon": POLYGON},
    {"type": "occupancy", "polygon": POLYGON, "never": 1},
    {"type": "exclusion"},
    {"type": "tailgating", "line": [[0, 0], [1, 1]], "armed": "night"},
    {"type": "manual"},
    {"type": "input", "input": "door"},
]


def rule(**settings):
    return TypeAdapter(Rule).validate_python({"name": "fence"} | settings)


def fence(**more):
    return rule(**LINE | more)


def views(steps):
    for index, feet in enumerate(steps):
        yield View(tracks(feet), frame(index))


def built(*rules):
    camera = {"name": "gate", "url": "rtsp://192.0.2.10/sub"}
    settings = Config.model_validate({"site": "quarry", "cameras": [camera]})
    return rules_for(settings.cameras[0].model_copy(update={"rules": rules}), settings)


@pytest.mark.parametrize("kind", AT_ONCE)
def test_rules_aside_raise_what_they_would_alone_and_tell_nobody(kind):
    aside, alone = Aside([make_rule(kind), make_rule(kind)]), make_rule(kind)
    steps = [{1: LEFT}, {1: LEFT}, {1: RIGHT}, {1: RIGHT}, {1: LEFT}]
    seen = [scene(tracks(feet), frame(index)) for index, feet in enumerate(steps)]
    raised = [event for view in seen for event in alone.update(view)]
    assert [told for view in seen for told in aside.update(view)] == []
    assert [*aside.close(frame(9), "session_ended")] == []
    times = [event.pts for event in raised if event.state == "raised"]
    assert times
    assert [[one.time for one in found] for found in aside.raised] == [times, times]


def test_what_is_raised_aside_has_its_rule_way_and_time():
    aside = Aside(built(fence(settle_s=0)))
    for view in views([{1: LEFT}, {1: RIGHT}, {1: LEFT}]):
        aside.update(view)
    assert aside.raised == [[Happening("fence", 1, 0.1), Happening("fence", -1, 0.2)]]


def test_rules_aside_forget_everybody_when_closed():
    aside = Aside(built(fence(settle_s=0)))
    aside.update(View(tracks({1: LEFT}), frame(0)))
    aside.close(frame(0), "session_ended")
    aside.update(View(tracks({1: RIGHT}), frame(1)))
    assert aside.raised == [[]]


def test_a_rule_with_other_values_is_checked_as_a_configuration_is():
    assert changed(fence(), {"settle_s": "0.5"}) == fence(settle_s=0.5)
    with pytest.raises(ConfigError) as error:
        changed(fence(), {"min_height": 0.5, "max_height": 0.4})
    assert str(error.value) == (
        "rule 'fence' with min_height 0.5, max_height 0.4: "
        "min_height must be smaller than max_height; try others"
    )


def test_combinations_are_all_choices_in_their_order():
    made = combinations(fence(), {"settle_s": ["0", "1"], "direction": ["both", "inward"]})
    assert [(one.settle_s, one.direction) for one in made] == [
        (0, "both"),
        (0, "inward"),
        (1, "both"),
        (1, "inward"),
    ]


def test_each_limit_is_taken_away_alone():
    tight = fence(min_height=0.1, direction="inward", merge_s=0, classes=["car"])
    found = {words: other for _, words, other in loosened(tight)}
    assert [*found] == [
        "classes any instead of car",
        "min_height 0 instead of 0.1",
        "direction both instead of inward",
        "settle_s 0 instead of 0.3",
    ]
    looser = found["min_height 0 instead of 0.1"]
    assert looser == fence(direction="inward", merge_s=0, classes=["car"])


def test_a_rule_that_keeps_nothing_back_has_nothing_to_loosen():
    everything = [*reversed(CLASSES)]
    assert loosened(fence(settle_s=0, merge_s=0, classes=everything)) == []


def test_a_time_that_can_not_be_nothing_is_halved():
    whole = rule(type="loitering", polygon=POLYGON, dwell_s=30)
    words = [words for _, words, _ in loosened(whole)]
    assert "dwell_s 15 instead of 30" in words


def test_without_its_schedule_a_rule_is_armed_always():
    ((_, words, looser),) = loosened(
        fence(settle_s=0, merge_s=0, classes=[*CLASSES], armed="night")
    )
    assert words == "armed always instead of night"
    assert looser.armed is None


@pytest.mark.parametrize("settings", ONE_OF_EACH, ids=lambda one: one["type"])
def test_every_type_of_rule_can_be_loosened(settings):
    whole = rule(**settings)
    for limit, words, looser in loosened(whole):
        assert looser != whole
        assert getattr(looser, limit) != getattr(whole, limit)
        assert words.startswith(f"{limit} ")
        assert " instead of " in words


@pytest.mark.parametrize(
    ("kind", "limits"),
    [
        ("sequence", {"within_s"}),
        ("wrong_way", {"tolerance_deg", "distance", "for_s"}),
        ("stopped", {"after_s", "still", "learn_s"}),
        ("left_object", {"after_s", "min_size", "max_size", "near"}),
        ("exclusion", {"distance_m", "vehicles", "for_s"}),
        ("tailgating", {"within_s", "settle_s", "armed"}),
    ],
)
def test_the_limits_of_its_own_that_a_rule_has_are_tried(kind, limits):
    settings = next(one for one in ONE_OF_EACH if one["type"] == kind)
    narrow = {"vehicles": ["truck"]} if kind == "exclusion" else {}
    assert limits <= {limit for limit, _, _ in loosened(rule(**settings | narrow))}


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.25, "0.25"),
        (3.0, "3"),
        (None, "none"),
        ("both", "both"),
        (("person", "car"), "person+car"),
    ],
)
def test_values_are_said_as_they_are_written(value, words):
    assert said(value) == words
