"""Settings to gates: which rule is armed when, as the file says."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from edge.config import load
from edge.gates import alarms_for, gates_for
from edge.rules.alarms import ALARMS
from edge.rules.armed import Shut
from edge.settings_schedule import days_of

SITE = """\
site: quarry
timezone: Europe/Berlin
inputs: [drill, door]
schedules:
  night: {daily: "19:00-06:00"}
  sydney: {daily: "08:00-09:00", timezone: Australia/Sydney}
  office:
    weekly:
      mon-fri: ["00:00-07:00", "18:00-24:00"]
      sat-sun: all
      holidays: all
    holidays: [2026-12-25, "2026-12-26"]
    exceptions:
      - {from: "2026-06-02 18:00", until: 2026-06-02T20:00:00, armed: false, reason: drill}
cameras:
  - name: gate
    url: rtsp://192.0.2.10/sub
    rules:
      - {type: tripwire, name: fence, line: [[0, 0], [1, 1]], armed: night}
      - {type: tripwire, name: road, line: [[0, 0], [1, 1]], armed: office, unless_input: drill}
      - {type: manual, name: whistle, clear_s: 60}
alarms:
  - {type: input, name: door, input: door, armed: sydney, cooldown_s: 5}
"""


@pytest.fixture
def settings(tmp_path):
    path = tmp_path / "site.yaml"
    path.write_text(SITE)
    return load(path).settings


def at(text, zone="Europe/Berlin"):
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()


def shut(settings, of, text, inputs=(), zone="Europe/Berlin"):
    return gates_for(settings)[of].shut(at(text, zone), set(inputs))


@pytest.mark.parametrize(
    ("time", "armed"),
    [
        ("2026-06-01T12:00", False),  # a Monday
        ("2026-06-01T18:00", True),
        ("2026-06-06T12:00", True),  # a Saturday
        ("2026-06-02T19:00", False),  # the drill
        ("2026-06-02T20:00", True),
        ("2026-12-25T12:00", True),  # a Friday
        ("2026-12-24T12:00", False),
    ],
)
def test_a_week_with_holidays_and_an_exception_is_as_written(settings, time, armed):
    assert (shut(settings, ("gate", "road"), time) is None) is armed


def test_an_input_suppresses_a_rule_that_names_it(settings):
    why = shut(settings, ("gate", "road"), "2026-06-01T18:00", ["drill"])
    assert why is Shut.UNLESS_INPUT


def test_a_schedule_may_have_a_time_zone_of_its_own(settings):
    for zone, armed in (("Australia/Sydney", True), ("Europe/Berlin", False)):
        found = shut(settings, ("", "door"), "2026-06-01T08:30", zone=zone)
        assert (found is None) is armed


def test_rules_that_share_a_schedule_share_its_gate_s(settings):
    gates = gates_for(settings)
    assert list(gates) == [("gate", "fence"), ("gate", "road"), ("gate", "whistle"), ("", "door")]
    assert [gate.sees for gate in gates.values()] == [True, True, False, False]


def test_alarms_are_made_of_their_settings(settings):
    alarms = alarms_for(settings)
    assert {of: type(alarm) for of, alarm in alarms.items()} == {
        ("gate", "whistle"): ALARMS["manual"],
        ("", "door"): ALARMS["input"],
    }


@pytest.mark.parametrize(
    ("key", "days"),
    [
        ("mon", ["mon"]),
        ("mon-wed", ["mon", "tue", "wed"]),
        ("sat-mon", ["sat", "sun", "mon"]),
        ("mon-mon", ["mon"]),
        ("tue-mon", ["tue", "wed", "thu", "fri", "sat", "sun", "mon"]),
        ("holidays", ["holidays"]),
        ("someday", []),
        ("mon-", []),
    ],
)
def test_days_and_ranges_of_them(key, days):
    assert days_of(key) == days
