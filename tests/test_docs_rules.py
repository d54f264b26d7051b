"""What docs/rules.md says of rules can be configured as it stands, and is said of each."""

import re
from pathlib import Path
from typing import get_args

import cv2
import pytest
from pydantic import TypeAdapter
from ruamel.yaml import YAML

from edge.config import load
from edge.rules import RULES
from edge.settings import Camera
from edge.settings_rules import Rule
from tools import rule_pictures

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "rules.md").read_text()
PROTO = (ROOT / "proto" / "fenceline" / "v1" / "event.proto").read_text()
PICTURES = ROOT / "docs" / "images" / "rules"
MOST_BYTES = 64 * 1024
KINDS = {
    get_args(model.model_fields["type"].annotation)[0] for model in get_args(get_args(Rule)[0])
}
TABLE = re.findall(r"^\| \[(\w+)\]\((\S+)\) \|.*\| `(KIND_\w+)` \| (.*) \|$", PAGE, re.MULTILINE)


def blocks(what):
    return re.findall(rf"^```yaml {what}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("text", blocks("rule"), ids=lambda text: text[:30])
def test_every_rule_that_is_shown_is_good(text):
    written = YAML(typ="safe").load(text)
    assert TypeAdapter(Rule).validate_python(written).name == written["name"]


def test_a_rule_is_shown_of_every_kind_that_has_a_section():
    shown = {YAML(typ="safe").load(text)["type"] for text in blocks("rule")}
    sections = set(re.findall(r"^## (\w+)$", PAGE, re.MULTILINE))
    assert shown == KINDS - {"manual", "input"} == sections & KINDS


def test_the_calibration_that_is_shown_is_good():
    (text,) = blocks("camera")
    written = YAML(typ="safe").load(text)
    made = Camera.model_validate({"name": "gate", "url": "x.mp4", **written})
    assert len(made.ground) == len(written["ground"])


def test_the_table_has_each_kind_with_the_topic_that_the_contract_tells():
    assert {kind for kind, *_ in TABLE} == KINDS
    for kind, _, name, topic in TABLE:
        assert name == f"KIND_{kind.upper()}"
        comment = re.split(r" = \d+;", PROTO[: PROTO.index(f"  {name} =")])[-1]
        words = " ".join(comment.replace("//", "").split())
        (told,) = re.findall(r"`([^`]+)`", topic)
        assert told in words
        assert topic.startswith("none") == ("ONVIF has none" in words)


@pytest.mark.parametrize("kind", RULES)
def test_each_rule_that_sees_has_a_picture_of_a_real_scene(kind):
    section = re.search(rf"^## {kind}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)[1]
    (shown,) = re.findall(r"^!\[(.*)\]\((.*)\)\n\n\*\S.*\*$", section, re.MULTILINE)
    alt, path = shown
    assert len(alt.split()) > 5
    assert path == f"images/rules/{kind}.jpg"
    picture = ROOT / "docs" / path
    assert picture.stat().st_size <= MOST_BYTES
    assert cv2.imread(str(picture)).shape[1] == 768


def test_there_is_no_picture_that_is_not_shown_and_who_made_the_videos_is_named():
    assert {path.name for path in PICTURES.iterdir()} == {f"{kind}.jpg" for kind in RULES}
    assert "Intel Corporation" in PAGE
    assert "creativecommons.org/licenses/by/4.0" in PAGE


def test_a_tool_makes_each_picture_of_an_alert_of_the_golden_replays():
    assert {*rule_pictures.PICTURES} == {*RULES}
    for site, name, number in rule_pictures.PICTURES.values():
        (camera,) = load(rule_pictures.SITES / f"{site}.yaml").settings.cameras
        assert name in {rule.name for rule in camera.rules}
        assert number >= 1
