"""What is to be tried, as it is written: all combinations, and every slip of the pen."""

from pathlib import Path

import pytest

from edge.errors import ConfigError
from edge.labels import Clip
from edge.settings import Camera
from edge.tries import MOST, space_of
from tests.make_replay import FENCE, YARD


def clip(camera="gate", *, base=FENCE, **rule):
    owner = Camera.model_validate(
        {"name": camera, "url": "rtsp://192.0.2.10/sub", "rules": [base | rule]}
    )
    return Clip(f"{camera}.mp4", Path(f"{camera}.mp4"), owner, owner.rules[0], ())


def test_every_choice_is_tried_and_what_is_configured_too():
    space = space_of([clip()], ["settle_s=0,0.5", "beyond=0,0.1"])
    assert space.values == [
        {"settle_s": 0, "beyond": 0},
        {"settle_s": 0, "beyond": 0.1},
        {"settle_s": 0.5, "beyond": 0},
        {"settle_s": 0.5, "beyond": 0.1},
        {"settle_s": 0.2, "beyond": 0},
    ]
    assert space.now == 4
    assert [(one.settle_s, one.beyond) for one in space.rules["gate"]] == [
        tuple(values.values()) for values in space.values
    ]


def test_what_is_configured_is_tried_once():
    space = space_of([clip()], ["settle_s=0.1,0.2,0.3"])
    assert (len(space.values), space.now) == (3, 1)


def test_each_camera_tries_with_its_own_rule():
    clips = [clip("gate", beyond=0.1), clip("door", direction="inward")]
    space = space_of(clips, ["settle_s=0,1", "beyond=0"])
    assert [(one.settle_s, one.direction) for one in space.rules["door"]] == [
        (0, "inward"),
        (1, "inward"),
        (0.2, "inward"),
    ]
    assert space.values[space.now] == {"settle_s": 0.2, "beyond": "various"}


def test_a_rule_is_tried_as_if_it_were_always_armed():
    assert [one.armed for one in space_of([clip(armed="night")], ["settle_s=0"]).rules["gate"]] == [
        None,
        None,
    ]


def test_lists_are_joined_with_a_plus_and_nothing_is_none():
    space = space_of([clip()], ["classes=person,person+car", "max_speed=none,3"])
    assert [one.classes for one in space.rules["gate"][::2]] == [("person",), ("person", "car")]
    assert [one.max_speed for one in space.rules["gate"][:2]] == [None, 3]


@pytest.mark.parametrize(
    ("tries", "said"),
    [
        (["settle_s"], "--try settle_s: is no setting with values; write --try settle_s=0.2,0.3"),
        (["=1"], "--try =1: is no setting with values; write"),
        (["beyond=0", "beyond=1"], "--try beyond=1: is given twice; write"),
        (["settl_s=1"], "--try settl_s: a rule of type tripwire has no such setting; did you mean"),
        (["colour=1"], "no such setting; choose from cooldown_s, merge_s, classes"),
        (["line=1"], "--try line: that can't be tried; choose from"),
        (["armed=night"], "--try armed: that can't be tried; choose from"),
        (
            ["settle_s=-1"],
            "rule 'fence' with settle_s -1: input should be greater than or equal to",
        ),
        (["settle_s=soon"], "settle_s soon: input should be a valid number"),
        (["settle_s="], "input should be a valid number"),
        (["direction=up"], "direction up: input should be 'inward', 'outward' or 'both'"),
        (["classes=dog"], "classes dog: unknown class; choose from person, bicycle"),
    ],
)
def test_what_can_not_be_tried_is_told(tries, said):
    with pytest.raises(ConfigError) as error:
        space_of([clip()], tries)
    assert said in str(error.value)
    assert len(str(error.value).splitlines()) == 1


def test_too_many_combinations_are_refused_with_what_to_do():
    values = ",".join(str(one / 100) for one in range(40))
    with pytest.raises(ConfigError, match=f"1600 combinations are more than {MOST}; give fewer"):
        space_of([clip()], [f"settle_s={values}", f"beyond={values}"])


def test_a_zone_has_other_settings_than_a_line():
    with pytest.raises(ConfigError, match="a rule of type zone has no such setting"):
        space_of([clip(base=YARD)], ["settle_s=1"])
