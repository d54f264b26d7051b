"""Goals, and what is in a saved document."""

import json
import re
from datetime import datetime, timedelta

import pytest

from benchmarks.machine import Machine
from benchmarks.report import save
from tests.benchmarks.make_result import MACHINE, document, goal, result


@pytest.mark.parametrize(
    ("value", "against", "at_least", "held"),
    [
        (0.9, 0.8, True, True),
        (0.8, 0.8, True, True),
        (0.79, 0.8, True, False),
        (0.79, 0.8, False, True),
        (0.8, 0.8, False, True),
        (0.81, 0.8, False, False),
        (float("nan"), 0.8, True, False),
        (float("nan"), 0.8, False, False),
    ],
)
def test_a_goal_is_held_on_its_side_of_the_limit(value, against, at_least, held):
    assert goal(value, against=against, at_least=at_least).held is held


def test_a_document_says_what_was_measured_on_what_and_when(tmp_path):
    done = result(
        goals=[goal(2.0, against=1.0), goal(2.0, against=1.0, at_least=False)],
        ratios={"to the peer": 0.5},
        parameters={"rounds": 3},
        skipped={"peer": "not installed"},
        notes=["one note"],
    )
    save(done.document(MACHINE), tmp_path / "new" / "speed.json")
    saved = json.loads((tmp_path / "new" / "speed.json").read_text())
    assert saved["name"] == "speed"
    assert saved["machine"] == {
        "processor": "Some CPU",
        "cores": 2,
        "memory_gib": 3.9,
        "system": "Some Linux",
        "load": 0.5,
    }
    assert saved["metrics"] == [{"path": "ours", "ms": 1.25}]
    assert saved["ratios"] == {"to the peer": 0.5}
    assert saved["parameters"] == {"rounds": 3}
    assert saved["skipped"] == {"peer": "not installed"}
    assert [(one["value"], one["goal"], one["held"]) for one in saved["goals"]] == [
        (2.0, 1.0, True),
        (2.0, 1.0, False),
    ]
    assert saved["notes"] == ["one note"]


def test_a_document_has_date_versions_and_revision():
    made = document()
    assert datetime.fromisoformat(made["date"]).utcoffset() == timedelta(0)
    assert {"python", "fenceline", "numpy", "onnxruntime", "av"} <= made["versions"].keys()
    assert re.fullmatch(r"[0-9a-f]{12}(-dirty)?|unknown", made["revision"])


def test_saving_leaves_no_half_written_file(tmp_path):
    save(document(), tmp_path / "speed.json")
    assert [path.name for path in tmp_path.iterdir()] == ["speed.json"]


def test_this_machine_is_described():
    here = Machine.here()
    assert here.processor
    assert here.cores >= 1
    assert here.memory_gib > 0
    assert here.system
    assert here.load >= 0
