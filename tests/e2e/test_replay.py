"""A recording replays to the same events, bit for bit."""

import json
import subprocess
import sys
from datetime import datetime

import pytest

from tests.e2e.service import camera, write_site

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("model")]


def fenceline(*arguments):
    command = [sys.executable, "-m", "edge", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=True)


def test_the_second_replay_is_byte_identical_to_the_first(tmp_path, h264):
    options = "frame_rate: 10"
    config = write_site(tmp_path, camera("road", str(h264), options=options, update_s=2))
    one, two = (fenceline("replay", h264, "--config", config) for _ in range(2))
    assert one.stdout == two.stdout
    events = [json.loads(line) for line in one.stdout.splitlines()]
    assert {event["state"] for event in events} == {"raised", "updated", "cleared"}
    assert len([e for e in events if e["rule"] == "road" and e["state"] == "raised"]) >= 8


def test_an_explained_replay_is_the_same_to_the_byte_pictures_and_film_too(tmp_path, h264):
    config = write_site(tmp_path, camera("road", str(h264), options="frame_rate: 10"))
    told = []
    for name in ("1st", "2nd"):
        drawn = ["--pictures", tmp_path / name, "--video", tmp_path / f"{name}.webm"]
        done = fenceline("replay", h264, "--config", config, "--explain", *drawn)
        assert done.stderr == ""
        pictures = {path.name: path.read_bytes() for path in (tmp_path / name).iterdir()}
        film = (tmp_path / f"{name}.webm").read_bytes()
        told.append((done.stdout.replace(name, ""), pictures, film))
    one, two = told
    assert one == two
    said, pictures, film = one
    assert said.count(": raised, ") == len(pictures) > 10
    assert "    margin " in said
    assert len(film) > 100_000


def test_what_a_replay_raises_tune_finds_right_with_the_same_settings(tmp_path, h264):
    config = write_site(tmp_path, camera("road", str(h264), options="frame_rate: 10"))
    replayed = fenceline("replay", h264, "--config", config).stdout
    events = [json.loads(line) for line in replayed.splitlines()]
    raised = [one for one in events if (one["rule"], one["state"]) == ("road", "raised")]
    labels = [
        {"rule": "road", "at": seconds(one["capture_time"]), "direction": one["direction"]}
        for one in raised
    ]
    (tmp_path / "labels.yaml").write_text(json.dumps([{"clip": str(h264), "events": labels}]))
    files = ["--config", config, "--clips", tmp_path / "labels.yaml"]
    tries = ["--try", "settle_s=0.3,3", "--try", "min_height=0,0.9", "--tolerance", "0.01"]
    done = fenceline("tune", "road", *files, *tries, "--json")
    best, *others = json.loads(done.stdout)["combinations"]
    assert (best["now"], best["f1"], best["right"]) == (True, 1.0, len(raised))
    assert best["settings"] == {"settle_s": 0.3, "min_height": 0.0}
    assert all(one["f1"] < 1 for one in others)


def seconds(capture_time):
    """Of a recording that began at Unix time 0."""
    return round(datetime.fromisoformat(capture_time).timestamp(), 3)
