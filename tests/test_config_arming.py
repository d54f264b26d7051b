"""Errors about what arms a rule: each with line, key, reason and remedy."""

import jsonschema
import pytest

from edge.config import read, schema

SITE = """\
site: quarry
timezone: Europe/Berlin
inputs: [drill]
schedules:
  night:
    weekly: {mon-fri: "19:00-06:00", sat-sun: all, holidays: none}
    holidays: ["2026-12-25"]
    exceptions:
      - {from: "2026-10-03 08:00", until: "2026-10-04 08:00", armed: false, reason: fair}
cameras:
  - name: gate
    url: rtsp://192.0.2.10/sub
    rules:
      - {type: zone, name: yard, polygon: [[0, 0], [1, 0], [1, 1]], armed: night}
alarms:
  - {type: manual, name: panic}
  - {type: input, name: door, input: drill}
"""
FROM, UNTIL = 'from: "2026-10-03 08:00"', 'until: "2026-10-04 08:00"'


def problems_of(tmp_path, text):
    path = tmp_path / "site.yaml"
    path.write_text(text)
    return read(path, {})[1]


def test_the_site_is_good(tmp_path):
    assert problems_of(tmp_path, SITE) == []


CASES = {
    "no such day": ("mon-fri:", "mon-frei:", 6, "mon-frei", "no such day", "mon-fri"),
    "a day twice": (
        "sat-sun:",
        "fri-sun:",
        6,
        "weekly",
        "fri is in mon-fri and in fri-sun",
        "once",
    ),
    "no span": ('"19:00-06:00"', '"19-6"', 6, "mon-fri", "not a span", "HH:MM"),
    "25 o'clock": ('"19:00-06:00"', '"19:00-25:00"', 6, "mon-fri", "not a span", "HH:MM"),
    "24 o'clock begins": ('"19:00-06:00"', '"24:00-06:00"', 6, "mon-fri", "not a span", "HH:MM"),
    "an empty span": ('"19:00-06:00"', '"19:00-19:00"', 6, "mon-fri", "the same", "24:00"),
    "an empty week": (
        'weekly: {mon-fri: "19:00-06:00", sat-sun: all, holidays: none}',
        "weekly: {}",
        6,
        "weekly",
        "at least 1",
        "",
    ),
    "both": (
        "    weekly:",
        "    daily: '19:00-06:00'\n    weekly:",
        5,
        "night",
        "daily or weekly",
        "one of the two",
    ),
    "holidays without spans": (
        ", holidays: none",
        "",
        5,
        "night",
        "go together",
        "both or neither",
    ),
    "holidays without dates": (
        '    holidays: ["2026-12-25"]\n',
        "",
        5,
        "night",
        "go together",
        "both or neither",
    ),
    "no date": ('"2026-12-25"', '"25.12.2026"', 7, "[0]", "not a date", "YYYY-MM-DD"),
    "no zone": (
        "    holidays:",
        "    timezone: CEST\n    holidays:",
        7,
        "timezone",
        "time zone",
        "UTC",
    ),
    "no time": (FROM, 'from: "8 am"', 9, "from", "not a local time", "YYYY-MM-DD HH:MM"),
    "another zone": (
        FROM,
        "from: 2026-10-03T08:00:00+02:00",
        9,
        "from",
        "not a local time",
        "HH:MM",
    ),
    "seconds": (FROM, "from: 2026-10-03T08:00:01", 9, "from", "not a local time", "HH:MM"),
    "upside down": (UNTIL, 'until: "2026-10-03 08:00"', 9, "[0]", "not after", "swap"),
    "no reason": (", reason: fair", "", 9, "reason", "is missing", "add"),
    "a time that does not come": (
        FROM,
        'from: "2026-03-29 02:30"',
        9,
        "from",
        "skip this time",
        "after it",
    ),
    "no such schedule": ("armed: night", "armed: nihgt", 14, "armed", "no such schedule", "night"),
    "an alarm's schedule": (
        "name: panic}",
        "name: panic, armed: nihgt}",
        16,
        "armed",
        "no such schedule",
        "night",
    ),
    "no such input": ("input: drill", "input: dril", 17, "input", "no such input", "drill"),
    "no input to wait for": (
        "armed: night",
        "while_input: dril",
        14,
        "while_input",
        "no such input",
        "under inputs",
    ),
    "no input to heed": (
        "armed: night",
        "unless_input: dril",
        14,
        "unless_input",
        "no such input",
        "under inputs",
    ),
    "never armed": (
        "armed: night",
        "while_input: drill, unless_input: drill",
        14,
        "unless_input",
        "never armed",
        "leave one",
    ),
    "an alarm twice": ("name: door", "name: panic", 17, "name", "is taken", "another"),
    "a name of the box's own": ("name: panic", "name: arming", 16, "manual", "own", "another"),
    "an unknown key with a near one": (
        "armed: false",
        "armd: false, armed: false",
        9,
        "armd",
        "unknown key",
        "armed",
    ),
    "from is known": (FROM, f"{FROM}, form: x", 9, "form", "unknown key", "from"),
    "metres": ("armed: night", "min_width_m: 1", 14, "min_width_m", "not calibrated", "ground"),
    "a radius": (
        "type: zone, name: yard,",
        "type: loitering, name: yard, radius_m: 5,",
        14,
        "radius_m",
        "not calibrated",
        "ground",
    ),
    "a distance that is always one": (
        "{type: zone, name: yard, polygon: [[0, 0], [1, 0], [1, 1]], armed: night}",
        "{type: exclusion, name: crane}",
        14,
        "distance_m",
        "not calibrated",
        "ground",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_an_error_says_line_key_reason_and_remedy(tmp_path, name):
    old, new, line, key, reason, remedy = CASES[name]
    assert old in SITE
    problems = problems_of(tmp_path, SITE.replace(old, new, 1))
    assert len(problems) == 1, [str(problem) for problem in problems]
    assert problems[0].line == line
    assert key in problems[0].key
    assert reason in problems[0].reason
    assert remedy in problems[0].remedy


@pytest.mark.parametrize(
    "time", ["2026-10-25 02:30", "2026-03-29 01:59", "2026-03-29 03:00", "2026-03-29"]
)
def test_every_time_that_the_clocks_show_may_be_written(tmp_path, time):
    text = SITE.replace(FROM, f'from: "{time}"').replace(UNTIL, 'until: "2027-01-01 00:00"')
    assert problems_of(tmp_path, text) == []


def test_the_schedule_s_own_zone_says_which_times_are_skipped(tmp_path):
    text = SITE.replace(FROM, 'from: "2026-10-04 02:30"').replace(
        UNTIL, 'until: "2027-01-01 00:00"'
    )
    assert problems_of(tmp_path, text) == []
    own = text.replace("    weekly:", "    timezone: Australia/Sydney\n    weekly:")
    (problem,) = problems_of(tmp_path, own)
    assert "Australia/Sydney" in problem.reason


def test_with_the_ground_metres_are_known(tmp_path):
    ground = (
        "    ground: [{at: [0, 1], metres: [-4, 5]}, {at: [1, 1], metres: [4, 5]}, "
        "{at: [0.55, 0.55], metres: [4, 80]}, {at: [0.45, 0.55], metres: [-4, 80]}]\n    rules:"
    )
    text = SITE.replace("    rules:", ground).replace("armed: night", "min_width_m: 1")
    assert problems_of(tmp_path, text) == []


def test_the_schema_accepts_what_the_box_does(tmp_path):
    from ruamel.yaml import YAML

    jsonschema.validate(YAML(typ="safe").load(SITE), schema())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(YAML(typ="safe").load(SITE.replace("all,", "5,")), schema())
