"""The ground truth, and which way its directions go."""

import numpy as np
import pytest

from benchmarks.datasets import dataset
from benchmarks.pets import FPS, happening, load
from benchmarks.result import SkipBenchmark
from edge.geometry import side_of
from edge.scoring import Happening


def test_an_event_of_the_file_becomes_seconds_from_the_first_frame():
    crossing = {"type": "line", "name": "road", "frame": 8, "track": 1, "dir": -1}
    assert happening(crossing) == Happening("road", -1, 1.0)


@pytest.mark.parametrize(("frames", "counts"), [(4, False), (5, True)])
def test_a_stay_begins_when_the_zone_is_entered_and_counts_from_five_frames_on(frames, counts):
    stay = {"type": "zone", "name": "lawn", "track": 1, "enter": 15, "exit": 99, "frames": frames}
    assert happening(stay) == Happening("lawn", 0, 2.0, counts)


def test_data_that_is_not_there_is_skipped_with_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setenv("FENCELINE_DATA", str(tmp_path))
    with pytest.raises(SkipBenchmark, match="set FENCELINE_DATA"):
        load()
    (tmp_path / "here").mkdir()
    assert dataset("here") == tmp_path / "here"


@pytest.mark.data
def test_pets_has_64_crossings_and_9_stays_that_count(pets):
    lines = [event for event in pets.events if event.rule in pets.lines]
    zones = [event for event in pets.events if event.rule in pets.zones]
    assert len(lines) == 64
    assert [event.counts for event in zones].count(True) == 9
    assert len(zones) == 15


@pytest.mark.data
def test_plus_one_is_from_the_left_hand_to_the_right_hand(pets):
    feet = {}
    for row in pets.ground_truth.read_text().splitlines():
        frame, _, x, y, width, height = (float(value) for value in row.split(",")[:6])
        feet.setdefault(int(frame), []).append((x + width / 2, y + height))
    for event in pets.events:
        if event.way:
            frame = round(event.time * FPS) + 1
            start, end = np.array(pets.lines[event.rule])
            after = side_of(np.array(feet[frame]), start, end)
            assert event.way in after.tolist()
