"""Every error of a configuration at once, each with file, line, key, reason and remedy."""

import json
from pathlib import Path

import jsonschema
import numpy as np
import pytest

from edge.cameras import ground_of
from edge.config import load, read, schema
from edge.errors import ConfigError
from edge.geometry import to_ground

GOOD = """\
site: quarry
cameras:
  - name: gate
    url: rtsp://${USER_}:${PASSWORD_}@192.0.2.10/sub
    rules:
      - {type: tripwire, name: fence, line: [[0.1, 0.7], [0.9, 0.7]]}
"""
GROUND = """\
{at: [0, 1], metres: [-4, 5]}, {at: [1, 1], metres: [4, 5]}, \
{at: [0.55, 0.55], metres: [4, 80]}, {at: [0.45, 0.55], metres: [-4, 80]}"""
ENVIRONMENT = {"USER_": "box", "PASSWORD_": "p@ss/w:rd"}


def problems_of(tmp_path, text, environment=ENVIRONMENT):
    path = tmp_path / "site.yaml"
    path.write_text(text)
    return read(path, environment)[1]


def changed(old, new):
    assert old in GOOD
    return GOOD.replace(old, new)


CASES = {
    "unknown key": (changed("    url:", "    urll: x\n    url:"), 4, "unknown key", "url"),
    "self-crossing polygon": (
        GOOD + "      - {type: zone, name: z, polygon: [[0,0],[1,1],[1,0],[0,1]]}\n",
        7,
        "crosses itself",
        "in order",
    ),
    "coordinate outside 0..1": (changed("0.9, 0.7", "1.9, 0.7"), 6, "less than", "0..1"),
    "not a number": (changed("0.9, 0.7", ".nan, 0.7"), 6, "", "0..1"),
    "too few points of the ground": (
        changed("    rules:", "    ground: [{at: [0, 1], metres: [-4, 5]}]\n    rules:"),
        5,
        "don't tell a plane",
        "four or more",
    ),
    "a point of the ground that is off": (
        changed(
            "    rules:", f"    ground: [{GROUND}, {{at: [0.5, 1], metres: [3, 5]}}]\n    rules:"
        ),
        5,
        "m from where the others put it",
        "measure again",
    ),
    "a place that is none": (
        changed("    rules:", "    ground: [{at: [0, 1], metres: [.inf, 5]}]\n    rules:"),
        5,
        "",
        "",
    ),
    "unknown class": (changed("name: fence,", "name: f, classes: [dog],"), 6, "class", "person"),
    "unknown time zone": (GOOD + "timezone: Europe/Berln\n", 7, "time zone", "Europe/Berlin"),
    "duplicate camera": (GOOD + "  - {name: gate, url: 'rtsp://h/'}\n", 7, "is taken", "another"),
    "duplicate rule": (
        GOOD + "      - {type: tripwire, name: fence, line: [[0, 0], [1, 1]]}\n",
        7,
        "is taken",
        "another",
    ),
    "duplicate key": (GOOD + "site: again\n", 7, "twice", "leave one"),
    "missing file": (
        changed("rtsp://${USER_}:${PASSWORD_}@192.0.2.10/sub", "a.avi"),
        4,
        "no such file",
        "path",
    ),
    "missing certificate": (
        GOOD + "report: [{type: grpc, target: 'h:1', ca: no.pem}]\n",
        7,
        "no such file",
        "path",
    ),
    "unknown schedule": (
        changed("name: fence,", "name: f, armed: night,"),
        6,
        "schedule",
        "add it",
    ),
    "bad schedule": (
        GOOD + "schedules: {night: {daily: '7pm-6am'}}\n",
        7,
        "span of the day",
        "HH:MM",
    ),
    "unknown rule type": (changed("type: tripwire", "type: wire"), 6, "tripwire", ""),
    "rule without type": (changed("type: tripwire, ", ""), 6, "has no type", "add"),
    "missing key": (changed("site: quarry\n", ""), 1, "is missing", "add"),
    "exposed listener": (
        GOOD + "serve: {http: {listen: '0.0.0.0:80'}}\n",
        7,
        "without TLS",
        "allow_insecure",
    ),
    "unknown kind of address": (changed("rtsp://", "rtmp://"), 4, "address", "rtsp"),
    "line without length": (changed("[0.9, 0.7]", "[0.1, 0.7]"), 6, "same point", "different"),
    "not YAML": ("site: [", 1, "not valid YAML", "indentation"),
    "not a mapping": ("- 1\n", 1, "holds no settings", "examples"),
    "heights": (
        changed("name: fence,", "name: f, min_height: 0.5, max_height: 0.1,"),
        6,
        "min_height",
        "",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_an_error_says_file_line_key_reason_and_remedy(tmp_path, name):
    text, line, reason, remedy = CASES[name]
    problems = problems_of(tmp_path, text)
    assert len(problems) == 1, [str(problem) for problem in problems]
    assert problems[0].file.endswith("site.yaml")
    assert problems[0].line == line
    assert reason in problems[0].reason + problems[0].remedy
    assert remedy in problems[0].remedy


def test_all_errors_are_listed_in_the_order_of_their_lines(tmp_path):
    text = changed("site: quarry", "site: quarry\ntimezone: Nowhere").replace("[0.9,", "[7,")
    problems = problems_of(tmp_path, text, {})
    assert [problem.line for problem in problems] == [2, 5, 5, 7]


def test_an_unset_variable_is_named_with_its_line(tmp_path):
    problems = problems_of(tmp_path, GOOD, {"USER_": "box"})
    assert [(p.line, p.key) for p in problems] == [(4, "cameras[0].url")]
    assert "PASSWORD_" in problems[0].reason
    assert "export PASSWORD_" in problems[0].remedy


def test_an_unreadable_file_is_said(tmp_path):
    loaded, problems = read(tmp_path / "none.yaml")
    assert loaded is None
    assert "No such file" in problems[0].reason


def test_a_password_is_put_in_quoted_and_never_shown(tmp_path):
    path = tmp_path / "site.yaml"
    path.write_text(GOOD)
    loaded = load(path, ENVIRONMENT)
    url = loaded.settings.cameras[0].url
    assert url.get_secret_value() == "rtsp://box:p%40ss%2Fw%3Ard@192.0.2.10/sub"
    shown = repr(loaded) + str(loaded.settings.model_dump()) + loaded.settings.model_dump_json()
    assert "p%40ss" not in shown
    assert "p@ss" not in shown


def test_errors_never_repeat_a_secret(tmp_path):
    path = tmp_path / "site.yaml"
    path.write_text(changed("rtsp://", "nonsense://") + "box: ${PASSWORD_}\n")
    with pytest.raises(ConfigError) as caught:
        load(path, ENVIRONMENT)
    assert "p@ss" not in str(caught.value)
    assert "p%40ss" not in str(caught.value)


def test_the_revision_is_the_files_not_the_secrets(tmp_path):
    path = tmp_path / "site.yaml"
    path.write_text(GOOD)
    one, two = (load(path, ENVIRONMENT | {"PASSWORD_": secret}) for secret in ("a", "b"))
    assert one.revision == two.revision
    path.write_text(GOOD + "box: b2\n")
    assert load(path, ENVIRONMENT).revision != one.revision


def test_settings_are_frozen(tmp_path):
    path = tmp_path / "site.yaml"
    path.write_text(GOOD)
    with pytest.raises(ValueError, match="frozen"):
        load(path, ENVIRONMENT).settings.site = "other"


def test_the_schema_accepts_the_examples_and_refuses_unknown_keys():
    from ruamel.yaml import YAML

    made = schema()
    json.dumps(made)
    for example in sorted((Path(__file__).parents[1] / "examples").glob("*.yaml")):
        jsonschema.validate(YAML(typ="safe").load(example.read_text()), made)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"site": "a", "camera": []}, made)


def test_a_camera_is_calibrated_by_points_of_the_ground(tmp_path):
    text = changed("    rules:", f"    ground: [{GROUND}]\n    rules:")
    assert problems_of(tmp_path, text) == []
    (camera,) = read(tmp_path / "site.yaml", ENVIRONMENT)[0].settings.cameras
    plane = ground_of(camera)
    places = to_ground(np.array([(0.5, 1.0), (0.5, 0.55)]), plane)
    assert np.allclose(places, [(0, 5), (0, 80)], atol=1e-6)
    assert ground_of(camera.model_copy(update={"ground": ()})) is None
