"""What stays when the configuration is changed: rules that are the same, with their gates."""

from types import SimpleNamespace
from unittest.mock import Mock

import pytest

from edge.cameras import rules_for
from edge.config import load
from edge.events.journal import Origin
from edge.gates import alarms_for
from edge.takeover import Takeover
from edge.types import Grade

SITE = """\
site: quarry
schedules: {{night: {{daily: "{night}"}}}}
inputs: [{inputs}]
cameras:
  - name: gate
    url: rtsp://192.0.2.10/sub
    rules:
      - {{type: manual, name: button}}
      - {{type: tripwire, name: fence, line: [[0.1, {y}], [0.9, 0.7]], grade: {grade},
         armed: night}}
      - {{type: zone, name: yard, polygon: [[0, 0], [1, 0], [1, 1]]}}
{more}alarms: [{{type: manual, name: panic, clear_s: {lasts}}}]
"""
AS_IT_WAS = {
    "night": "19:00-06:00",
    "inputs": "",
    "y": 0.7,
    "grade": "yellow",
    "more": "",
    "lasts": 60,
}


@pytest.fixture
def at(tmp_path):
    def loaded(**changed):
        path = tmp_path / "site.yaml"
        path.write_text(SITE.format(**AS_IT_WAS | changed))
        return load(path)

    return loaded


class Running:
    """A box that notes what it is told to take over."""

    def __init__(self, loaded):
        self.settings = loaded.settings
        self.origin = Origin("quarry", loaded.revision, "m", "0" * 64, "cpu")
        self.rules = rules_for(loaded.settings.cameras[0], loaded.settings)
        self.analysis = Mock(rules=lambda _: self.rules)
        self.alarms = SimpleNamespace(rules=alarms_for(loaded.settings))
        self.arming = Mock()
        self.before = self.rules, self.alarms.rules
        self.takeover = Takeover(self, loaded.settings)

    def change(self, loaded):
        self.takeover(loaded)
        change = self.analysis.take_over.call_args.args[0]
        change.apply()
        return change


def test_a_rule_that_is_the_same_goes_on_and_one_that_was_changed_is_made_anew(at):
    box = Running(at())
    change = box.change(at(y=0.6))
    (fence, yard), (old_fence, old_yard) = change.rules["gate"], box.rules
    assert yard is old_yard
    assert fence is not old_fence


def test_another_grade_or_schedule_makes_no_rule_anew(at):
    box = Running(at())
    gates = [rule.gate for rule in box.rules]
    change = box.change(at(night="20:00-05:00", grade="red"))
    assert change.rules["gate"] == box.rules
    assert change.grades["gate", "fence"] is Grade.RED
    evening = 19.5 * 3600  # UTC
    assert (gates[0].schedule(evening), box.rules[0].gate.schedule(evening)) == (True, False)


def test_a_second_change_is_measured_against_the_first(at):
    box = Running(at())
    first = box.change(at(y=0.6)).rules["gate"]
    second = box.change(at(y=0.6, grade="blue")).rules["gate"]
    assert second == first
    assert box.change(at()).rules["gate"][0] not in (first[0], box.rules[0])


def test_alarms_that_are_the_same_go_on(at):
    box = Running(at())
    old = box.alarms.rules
    new = box.change(at(lasts=90)).alarms
    assert new["gate", "button"] is old["gate", "button"]
    assert new["", "panic"] is not old["", "panic"]


def test_rules_come_and_go(at):
    box = Running(at())
    more = "      - {type: zone, name: more, polygon: [[0, 0], [1, 0], [1, 1]]}\n"
    assert len(box.change(at(more=more)).rules["gate"]) == 3
    assert len(box.change(at()).rules["gate"]) == 2


def test_what_others_see_and_what_is_accepted_is_as_configured_now(at):
    box, after = Running(at()), at(inputs="blasting")
    change = box.change(after)
    assert box.settings is after.settings
    assert box.origin.config_revision == change.origin.config_revision == after.revision
    box.arming.inputs.configure.assert_called_with(("blasting",))
    (gates,) = box.arming.configure.call_args.args
    assert gates.keys() == {("gate", "button"), ("gate", "fence"), ("gate", "yard"), ("", "panic")}
