"""A recording replays to the same events, bit for bit."""

import json
import subprocess
import sys

import pytest

from tests.e2e.service import camera, write_site

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("model")]


def test_the_second_replay_is_byte_identical_to_the_first(tmp_path, h264):
    options = "frame_rate: 10"
    config = write_site(tmp_path, camera("road", str(h264), options=options, update_s=2))
    command = [sys.executable, "-m", "edge", "replay", str(h264), "--config", str(config)]
    one, two = (subprocess.run(command, capture_output=True, check=True) for _ in range(2))
    assert one.stdout == two.stdout
    events = [json.loads(line) for line in one.stdout.splitlines()]
    assert {event["state"] for event in events} == {"raised", "updated", "cleared"}
    assert len([e for e in events if e["rule"] == "road" and e["state"] == "raised"]) >= 8
