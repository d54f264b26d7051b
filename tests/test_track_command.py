"""`fenceline track`: recordings and detections to trajectories; what it refuses, and leaves."""

import numpy as np
import pytest

from edge import track_command
from edge.errors import FencelineError, ModelError, MotFileError, StreamError
from edge.track_command import Wanted, track
from edge.types import Detections
from tests.stream.make_clip import HEIGHT, SIDE, left_of, write_clip
from tests.test_cli import fenceline

INFO = "[Sequence]\nname=WALK\nframeRate=10\nseqLength=30\n"


def walk(frames, *, class_id=-1):
    """Lines of somebody who walks to the right, 3 pixels a frame."""
    return "".join(f"{one},-1,{20 + 3 * one},30,10,20,0.9,{class_id}\n" for one in frames)


@pytest.fixture
def out(tmp_path):
    return tmp_path / "mot.txt"


@pytest.fixture
def det(tmp_path):
    path = tmp_path / "det.txt"
    path.write_text(walk(range(1, 21)))
    return path


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "walk" / "det").mkdir(parents=True)
    (tmp_path / "walk" / "det" / "det.txt").write_text(walk(range(1, 21)))
    (tmp_path / "walk" / "seqinfo.ini").write_text(INFO)
    return tmp_path / "walk"


class RedSquare:
    """A detector that finds the clip's square, of one class."""

    def __init__(self, class_id=0):
        self.class_id, self.asked = class_id, 0

    def detect(self, pictures):
        self.asked += len(pictures)
        return [self.found(left_of(picture.bgr())) for picture in pictures]

    def found(self, left):
        box = np.array([[left, 40, left + SIDE, 40 + SIDE]], np.float32)
        return Detections(box, np.array([0.9], np.float32), np.array([self.class_id]))


@pytest.fixture
def detector(monkeypatch):
    one = RedSquare()
    monkeypatch.setattr(track_command, "detector_for", lambda _settings: one)
    return one


def rows(path):
    return [tuple(map(float, line.split(","))) for line in path.read_text().splitlines()]


def test_somebody_who_walks_is_one_track_in_every_frame(det, out):
    said = track(det, out, Wanted(fps=10))
    assert said == f"{out}: 20 frames; tracks: 1 person"
    assert [row[:4] for row in rows(out)] == [(one, 1, 20 + 3 * one, 30) for one in range(1, 21)]
    assert {row[4:] for row in rows(out)} == {(10, 20, 0.9, -1, -1, -1)}


def test_each_third_frame_keeps_its_number(det, out):
    said = track(det, out, Wanted(fps=10, every=3))
    assert ": 7 frames; " in said
    assert [row[0] for row in rows(out)] == [1, 4, 7, 10, 13, 16, 19]


def test_a_folder_tells_its_frame_rate_and_its_empty_frames(folder, out):
    assert ": 30 frames; " in track(folder, out, Wanted())
    assert [row[0] for row in rows(out)] == list(range(1, 21))


def test_the_same_input_is_the_same_output(folder, out, tmp_path):
    again = tmp_path / "again.txt"
    track(folder, out, Wanted())
    track(folder, again, Wanted())
    assert again.read_bytes() == out.read_bytes()


def test_only_the_classes_that_are_wanted_are_written(det, out):
    det.write_text(walk(range(1, 21), class_id=2))
    said = track(det, out, Wanted(fps=10))
    assert said.endswith("tracks: 0 person; left out: tracks of 1 car")
    assert out.read_text() == ""
    assert track(det, out, Wanted(("person", "car"), fps=10)).endswith("tracks: 0 person, 1 car")


def test_what_was_left_out_is_told(det, out):
    det.write_text(walk(range(1, 9)) + "1,-1,9,9,0,9,.5\n1,-1,9,9,9,9,.5,16\n")
    said = track(det, out, Wanted(fps=10))
    assert said.endswith("; left out: 1 boxes without an area, 1 of classes not watched")


def test_a_video_is_looked_at_frame_by_frame(tmp_path, out, detector):
    clip = write_clip(tmp_path / "clip.mp4", pictures=20)
    assert track(clip, out, Wanted()) == f"{out}: 20 frames; tracks: 1 person"
    assert [row[:2] for row in rows(out)] == [(one, 1) for one in range(1, 21)]
    assert all(row[3] + row[5] < HEIGHT for row in rows(out))


def test_of_a_video_only_so_many_frames_a_second_are_looked_at(tmp_path, out, detector):
    clip = write_clip(tmp_path / "clip.mp4", pictures=20, fps=10)
    track(clip, out, Wanted(fps=5))
    assert detector.asked == 10
    assert [row[0] for row in rows(out)] == list(range(1, 21, 2))


def test_a_video_that_breaks_off_leaves_no_file(tmp_path, out, detector):
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(b"no video")
    with pytest.raises(StreamError, match=r"'clip\.mp4'"):
        track(clip, out, Wanted())
    assert [one.name for one in tmp_path.iterdir()] == ["clip.mp4"]


def test_an_unknown_model_leaves_no_file(tmp_path, out):
    clip = write_clip(tmp_path / "clip.mp4", pictures=2)
    with pytest.raises(ModelError, match="yolo-9000"):
        track(clip, out, Wanted(model="yolo-9000"))
    assert not list(tmp_path.glob("mot*"))


def test_a_bad_line_leaves_no_file(det, out):
    det.write_text(walk(range(1, 9)) + "9,-1,nan,0,9,9,.5\n")
    with pytest.raises(MotFileError, match=f"{det}:9: a value is not finite"):
        track(det, out, Wanted(fps=10))
    assert not list(out.parent.glob("mot*"))


@pytest.mark.parametrize(
    ("name", "wanted", "said"),
    [
        ("none.txt", Wanted(), "none.txt: no such file or folder; check the path"),
        ("walk/det", Wanted(), "det: no det/det.txt in it"),
        ("det.xyz", Wanted(), "det.xyz: unknown kind of file; give detections (.txt, .csv), a vid"),
        ("det.txt", Wanted(), "det.txt: the frame rate is not known; say --fps"),
        ("det.txt", Wanted(fps=0), "--fps 0 makes no sense; give a number above 0"),
        ("det.txt", Wanted(fps=float("nan")), "--fps nan makes no sense"),
        ("det.txt", Wanted(fps=9, scale=-1), "--scale -1 makes no sense"),
        ("det.txt", Wanted(("dog",)), "unknown class 'dog'; choose from person, bicycle"),
    ],
)
def test_what_makes_no_sense_is_one_sentence(folder, det, out, name, wanted, said):
    (det.parent / "det.xyz").write_text("")
    with pytest.raises(FencelineError) as error:
        track(det.parent / name, out, wanted)
    assert said in str(error.value)
    assert len(str(error.value).splitlines()) == 1
    assert not out.exists()


def test_the_source_is_never_overwritten(folder):
    for source in (folder, folder / "det" / "det.txt"):
        with pytest.raises(MotFileError, match="that is the source itself; write to another"):
            track(source, folder / "det" / "det.txt", Wanted(fps=10))


def test_the_command_line_says_how_much_it_wrote(folder, out):
    done = fenceline("track", str(folder), "--out", str(out), "--classes", "person, car")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.strip() == f"{out}: 30 frames; tracks: 1 person, 0 car"


def test_the_command_line_ends_with_8_and_no_traceback(out, tmp_path):
    done = fenceline("track", str(tmp_path / "none.txt"), "--out", str(out))
    assert done.returncode == 8
    assert (
        done.stderr == f"error: {tmp_path / 'none.txt'}: no such file or folder; check the path\n"
    )


def test_weak_detections_are_left_out_and_counted(det, out):
    det.write_text(det.read_text() + "21,-1,80,30,10,20,0.05,-1\n")
    said = track(det, out, Wanted(fps=10))
    assert "1 of a score below 0.1" in said
    assert len(out.read_text().splitlines()) == 20
    track(det, out, Wanted(fps=10, least=0))
    assert len(out.read_text().splitlines()) == 21
