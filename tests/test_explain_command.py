"""`fenceline replay --explain`: words and pictures of a recording, and what was near an alert."""

import av
import cv2
import pytest

from edge import explain_command
from edge.errors import ConfigError, FencelineError
from edge.explain_command import Asked, explained
from tests.make_replay import FENCE, YARD, RedSquares, site, write_walk
from tests.test_cli import fenceline


@pytest.fixture
def detector(monkeypatch):
    one = RedSquares()
    monkeypatch.setattr(explain_command, "detector_for", lambda _settings: one)
    return one


def told(tmp_path, *rules, film=None, folder="explained", **camera):
    clip = write_walk(tmp_path)
    asked = Asked(None, 0.0, tmp_path / folder, film and tmp_path / film)
    return [*explained(site(tmp_path, *rules, **camera), clip, asked)]


def test_each_event_is_told_with_the_numbers_that_decided(tmp_path, detector):
    lines = told(tmp_path, FENCE | {"settle_s": 0.1, "beyond": 0.02})
    raised = lines.index(next(line for line in lines if "raised" in line))
    assert lines[raised].startswith("1.90 s  fence: raised, crossed inward; person, track 1, ")
    assert lines[raised + 1] == (
        "    beyond 0.067 of the picture's height, had to be at least 0.02"
    )
    assert lines[raised + 2].startswith("    margin ")
    assert any(line.startswith("    path ") for line in lines)
    assert any(line.startswith("    moves at ") for line in lines)
    assert any("cleared, session ended" in line for line in lines)


def test_each_alert_has_a_picture(tmp_path, detector):
    lines = told(tmp_path, FENCE, YARD)
    names = sorted(path.name for path in (tmp_path / "explained").iterdir())
    assert names == ["alert-001-fence.jpg", "alert-002-yard.jpg"]
    assert f"    picture {tmp_path / 'explained' / names[0]}" in lines
    assert f"2 pictures in {tmp_path / 'explained'}" in lines
    image = cv2.imread(str(tmp_path / "explained" / names[0]))
    assert image.shape[1] == 640
    assert image.shape[0] > 480


def test_masks_are_black_in_pictures_and_film(tmp_path, detector):
    corner = [[0, 0], [0.2, 0], [0.2, 0.2], [0, 0.2]]
    told(tmp_path, FENCE, film="film.webm", masks=[corner])
    image = cv2.imread(str(tmp_path / "explained" / "alert-001-fence.jpg"))
    with av.open(str(tmp_path / "film.webm")) as film:
        pictures = [image, *(one.to_ndarray(format="bgr24") for one in film.decode(video=0))]
    assert len(pictures) == 31
    assert all(one[:90, :120].max() < 40 < one[200:220, :120].mean() for one in pictures)


def test_the_second_replay_is_the_same_to_the_byte(tmp_path, detector):
    lines, again = (
        told(tmp_path, FENCE, YARD, folder=name, film=f"{name}.webm") for name in ("1st", "2nd")
    )
    assert [line.replace("1st", "2nd") for line in lines] == again
    one, two = (
        [path.read_bytes() for path in sorted((tmp_path / name).iterdir())]
        for name in ("1st", "2nd")
    )
    assert one == two
    assert (tmp_path / "1st.webm").read_bytes() == (tmp_path / "2nd.webm").read_bytes()


def test_pictures_of_an_earlier_replay_go_and_nothing_else_does(tmp_path, detector):
    folder = tmp_path / "explained"
    folder.mkdir()
    for name in ("alert-009-old.jpg", "alert-1.jpg", "mine.jpg"):
        (folder / name).write_bytes(b"")
    told(tmp_path, FENCE)
    assert sorted(path.name for path in folder.iterdir()) == [
        "alert-001-fence.jpg",
        "alert-1.jpg",
        "mine.jpg",
    ]


def test_at_the_end_it_says_which_limit_kept_alerts_back(tmp_path, detector):
    tall = FENCE | {"name": "tall", "min_height": 0.5, "direction": "inward", "merge_s": 0}
    lines = told(tmp_path, FENCE, tall, YARD | {"dwell_s": 60, "name": "camp"})
    assert lines[lines.index("fence (tripwire): 1 alert") + 1] == (
        "    as many without classes, or without settle_s"
    )
    assert lines[lines.index("tall (tripwire): 0 alerts") + 1] == (
        "    1 with min_height 0 instead of 0.5"
    )
    camp = lines.index("camp (zone): 0 alerts")
    assert lines[camp + 1 : camp + 3] == [
        "    1 with dwell_s 0 instead of 60",
        "    as many without classes, or without merge_s",
    ]


def test_of_a_rule_that_keeps_nothing_back_nothing_is_said_to_have_been_tried(tmp_path, detector):
    """Its shape, and how many may be there, are no limits that can be left out."""
    everything = ["person", "bicycle", "car", "motorcycle", "bus", "truck"]
    open_post = {"type": "occupancy", "polygon": YARD["polygon"], "never": 9, "for_s": 0}
    lines = told(tmp_path, open_post | {"name": "post", "classes": everything})
    assert lines == ["post (occupancy): 0 alerts", f"0 pictures in {tmp_path / 'explained'}"]


def test_a_rule_that_was_not_armed_then_is_told_apart(tmp_path, detector):
    clip = write_walk(tmp_path)
    night = FENCE | {"armed": "night"}
    loaded = site(tmp_path, night, schedules={"night": {"daily": "19:00-06:00"}})
    noon, late = (
        [*explained(loaded, clip, Asked("gate", start, tmp_path / "explained"))]
        for start in (12 * 3600.0, 22 * 3600.0)
    )
    assert noon[0] == "fence (tripwire): 0 alerts"
    assert "    1 with armed always instead of night" in noon
    assert "fence (tripwire): 1 alert" in late


def test_a_recording_has_no_inputs_and_a_rule_that_waits_for_one_says_so(tmp_path, detector):
    lines = told(tmp_path, FENCE | {"while_input": "blasting"}, inputs=["blasting"])
    assert "    1 with while_input none instead of blasting" in lines


def test_an_input_that_is_said_to_be_active_is(tmp_path, detector):
    loaded = site(tmp_path, FENCE | {"while_input": "blasting"}, inputs=["blasting"])
    asked = Asked(None, 0.0, tmp_path / "explained", inputs=["blasting@1-"])
    lines = [*explained(loaded, write_walk(tmp_path), asked)]
    assert "fence (tripwire): 1 alert" in lines


def test_a_camera_without_rules_has_nothing_to_tell(tmp_path, detector):
    assert told(tmp_path) == [f"0 pictures in {tmp_path / 'explained'}"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (Asked("door", 0.0, "explained"), "has no camera 'door'; choose from gate"),
        (Asked(None, 0.0, "explained", "film.gif"), "film.gif: unknown kind of video; name it"),
        (Asked(None, 0.0, "file/explained"), "explained: can't be written: .*; check the folder"),
    ],
)
def test_what_can_not_be_done_is_told_before_anything_is(tmp_path, detector, asked, said):
    (tmp_path / "file").write_bytes(b"")
    film = asked.film and tmp_path / asked.film
    asked = Asked(asked.camera, 0.0, tmp_path / asked.pictures, film)
    with pytest.raises(FencelineError, match=said):
        [*explained(site(tmp_path, FENCE), write_walk(tmp_path), asked)]
    assert detector.asked == 0


def test_the_command_line_explains_a_missing_recording_as_ever(tmp_path):
    done = fenceline("replay", str(tmp_path / "none.mp4"), "-c", "site.yaml", "--explain")
    assert done.returncode == 4
    assert done.stderr == f"error: {tmp_path / 'none.mp4'}: no such file; check the path\n"


def test_an_unknown_camera_is_a_configuration_error(tmp_path, detector):
    with pytest.raises(ConfigError):
        [*explained(site(tmp_path), write_walk(tmp_path), Asked("door", 0.0, tmp_path))]
