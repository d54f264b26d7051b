"""Stretches of clips: which pictures, at which times, and what an alert is worth there."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from benchmarks.footage import Events, Footage, Presences, empty, intel, pets_half
from benchmarks.intel import CAR, PERSON
from benchmarks.pets import Pets
from benchmarks.result import SkipBenchmark
from edge.scoring import Happening

PETS = Pets(
    clip=Path("none"),
    ground_truth=Path("none"),
    lines={"fence": ((50.0, 10.0), (50.0, 90.0))},
    zones={"yard": ((100.0, 0.0), (199.0, 0.0), (199.0, 99.0))},
    events=(Happening("fence", 1, 2.0), Happening("fence", 1, 20.0), Happening("yard", 0, 25.0)),
)


def alert(time, rule="all", way=0):
    return Happening(rule, way, time)


@pytest.fixture
def clip(tmp_path):
    """Ten pictures of one brightness each: 0, 20, 40, ..."""
    path = tmp_path / "clip.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10, (64, 48))
    for level in range(0, 200, 20):
        writer.write(np.full((48, 64, 3), level, np.uint8))
    writer.release()
    return Footage("clip", path, 10.0, 2, 8, 2, Presences(()), lambda _: None)


def seen(footage):
    return [(round(pts, 3), round(image.mean() / 20)) for pts, image in footage.pictures()]


def test_every_nth_picture_of_a_stretch_has_the_time_of_the_clip(clip):
    assert seen(clip) == [(0.2, 2), (0.4, 4), (0.6, 6), (0.8, 8)]
    assert clip.interval_s == pytest.approx(0.2)
    assert not clip.empty


def test_an_empty_stretch_is_played_to_and_fro_without_a_break(clip):
    twice = replace(clip, turns=2)
    assert [level for _, level in seen(twice)] == [2, 4, 6, 8, 6, 4] * 2
    assert np.diff([pts for pts, _ in seen(twice)]) == pytest.approx(0.2)
    assert twice.empty


def test_an_alert_outside_of_all_presences_is_false():
    judged = Presences([(1.0, 2.0), (5.0, 6.0)]).judge([alert(1.5), alert(4.9), alert(6.1)])
    assert judged == {"false": 2, "hits": 1, "found": "1/2"}


def test_two_presences_at_once_want_two_alerts():
    both = Presences([(1.0, 3.0), (2.0, 5.0)])
    assert both.judge([alert(2.5), alert(1.5)])["found"] == "2/2"
    assert both.judge([alert(2.5)])["found"] == "1/2"
    assert both.judge([alert(1.2), alert(1.4)]) == {"false": 0, "hits": 1, "found": "1/2"}


def test_where_nobody_is_every_alert_is_false_and_nothing_is_to_be_found():
    assert Presences(()).judge([alert(1.0)]) == {"false": 1, "hits": 0, "found": None}
    assert Presences(()).judge([]) == {"false": 0, "hits": 0, "found": None}


def test_lines_are_told_apart_and_false_alerts_of_lines_and_zones_together():
    said = [alert(20.3, "fence", 1), alert(22.0, "fence", 1), alert(30.0, "yard")]
    judged = Events(PETS, since=10.0, until=40.0).judge(said)
    assert (judged["false"], judged["hits"], judged["found"]) == (2, 1, "1/1")
    assert judged["line_f1"] == pytest.approx(2 / 3)


def test_what_happens_before_the_stretch_is_neither_missed_nor_false():
    truth = Events(PETS, since=10.0, until=22.0)
    assert truth.judge([]) == {"false": 0, "hits": 0, "found": "0/1", "line_f1": 0.0}
    assert truth.judge([alert(2.2, "fence", 1)])["false"] == 0


@pytest.mark.data
def test_the_stretches_lie_in_second_halves_and_the_empty_ones_between_presences(pets):
    try:
        cars, hall = intel(CAR, "cars", first=174), empty(PERSON, "hall", stretch=4, seconds=12)
    except SkipBenchmark as reason:
        pytest.skip(str(reason))
    assert [round(start, 1) for start, _ in cars.truth.spans] == [14.2, 14.8, 24.9]
    assert (hall.first, hall.last) == (878, 916)
    assert 10 <= len(list(hall.pictures())) * hall.interval_s <= 16
    assert pets_half(pets).first == 398


@pytest.mark.data
def test_the_zone_of_the_intel_clips_is_the_whole_picture(tmp_path, pets):
    (camera,) = intel(CAR, "cars").site(tmp_path).settings.cameras
    assert camera.rules[0].polygon == ((0, 0), (1, 0), (1, 1), (0, 1))
    assert set(camera.rules[0].classes) == {"car", "truck", "bus"}
