"""Errors about how alerts rise and where they are sent: each with line, key, reason and remedy."""

import jsonschema
import pytest

from edge.config import read, schema
from edge.settings_life import Escalation
from edge.types import Grade

SITE = """\
site: quarry
cameras:
  - name: gate
    url: rtsp://192.0.2.10/sub
    rules:
      - {type: zone, name: yard, polygon: [[0, 0], [1, 0], [1, 1]]}
alarms:
  - {type: manual, name: panic}
escalation: {grades: [yellow, red], after_s: [60, 300, 900]}
report:
  - {type: grpc, target: "centre.example:443", name: all}
  - {type: grpc, target: "pager.example:443", name: pager, grades: [red],
     rules: [yard, panic], cameras: [gate], min_level: 2}
  - {type: grpc, target: "ops.example:443", name: ops,
     rules: [camera-offline, image-health, box-degraded, arming, delivery]}
"""


def problems_of(tmp_path, text):
    path = tmp_path / "site.yaml"
    path.write_text(text)
    return read(path, {})[1]


def test_the_site_is_good(tmp_path):
    assert problems_of(tmp_path, SITE) == []


def test_without_the_section_nothing_rises_and_everything_is_sent(tmp_path):
    path = tmp_path / "site.yaml"
    path.write_text(SITE.replace("escalation:", "#"))
    loaded, _ = read(path, {})
    assert loaded.settings.escalation is None
    first = loaded.settings.report[0]
    assert (first.grades, first.rules, first.cameras, first.min_level) == ((), (), (), 1)


def test_the_section_has_defaults():
    assert Escalation() == Escalation(grades=(Grade.YELLOW, Grade.RED), after_s=(60, 300, 900))


@pytest.mark.parametrize(
    ("change", "place", "reason", "remedy"),
    [
        (("[60, 300, 900]", "[60, 60, 900]"), (9, "after_s"), "do not rise", "counts from"),
        (("[60, 300, 900]", "[60, 300, 900, 1800]"), (9, "after_s"), "at most 3", ""),
        (("[60, 300, 900]", "[]"), (9, "after_s"), "at least 1", ""),
        (("[60, 300, 900]", "[-1]"), (9, "after_s"), "greater than or equal to 0", ""),
        (("[yellow, red]", "[orange]"), (9, "grades"), "blue", ""),
        (("[yellow, red]", "[]"), (9, "grades"), "at least 1", ""),
        (("after_s:", "after:"), (9, "after"), "unknown key", "did you mean after_s?"),
        (("[yard, panic]", "[yard, panik]"), (13, "rules[1]"), "no such rule", "yard, panic"),
        (("cameras: [gate]", "cameras: [gat]"), (13, "cameras[0]"), "no such camera", "gate"),
        (("min_level: 2", "min_level: 5"), (13, "min_level"), "less than or equal to 4", ""),
        (("grades: [red]", "grades: red"), (12, "grades"), "list", ""),
    ],
)
def test_a_mistake_is_told(tmp_path, change, place, reason, remedy):
    (problem,) = problems_of(tmp_path, SITE.replace(*change))
    assert problem.line == place[0]
    assert place[1] in problem.key
    assert reason in problem.reason
    assert remedy in problem.remedy


def test_the_schema_knows_it():
    good = {
        "site": "quarry",
        "cameras": [{"name": "gate", "url": "rtsp://192.0.2.10/sub"}],
        "escalation": {"after_s": [60]},
        "report": [{"type": "grpc", "target": "a.example:1", "min_level": 2}],
    }
    jsonschema.validate(good, schema())
    bad = good | {"report": [{"type": "grpc", "target": "a.example:1", "level": 2}]}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(bad, schema())
