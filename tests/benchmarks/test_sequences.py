"""Sequences as trackers get them: which frames, at which times, with which boxes."""

import pytest

from benchmarks.sequences import perfect, read_sequence, read_truth, thinned
from edge.errors import MotFileError
from tests.benchmarks.make_sequence import boxes, sequence, write_sequence


def test_each_frame_has_its_boxes_and_its_time(tmp_path):
    one = sequence(tmp_path, frames=3, people=2)
    assert one.times == pytest.approx([0.0, 0.1, 0.2])
    assert boxes(one).tolist() == [2, 2, 2]
    assert one.found[2].xyxy.tolist() == [[106, 50, 146, 150], [206, 50, 246, 150]]


def test_a_second_half_begins_behind_the_first_and_one_more_frame(tmp_path):
    folder = write_sequence(tmp_path / "A", frames=21)
    one = read_sequence(folder, second_half=True)
    assert one.truth.frames.tolist() == list(range(12, 22))
    assert set(one.truth.table[:, 0]) == set(range(12, 22))
    assert one.times[0] == 0.0


@pytest.mark.parametrize(
    ("fps", "wanted", "frames"),
    [(30, 8, [1, 5, 9]), (25, 8, [1, 4, 7, 10]), (7, 8, list(range(1, 11))), (30, 1000, 10)],
)
def test_thinning_keeps_every_nth_frame(tmp_path, fps, wanted, frames):
    one = thinned(sequence(tmp_path, frames=10, fps=fps), wanted)
    expected = frames if isinstance(frames, list) else list(range(1, frames + 1))
    assert one.truth.frames.tolist() == expected
    assert len(one.found) == len(expected)
    assert one.times == pytest.approx([(frame - 1) / fps for frame in expected])
    assert one.fps == pytest.approx(fps / (expected[1] - 1))


def test_what_is_hardly_detected_is_left_out(tmp_path):
    folder = write_sequence(tmp_path / "A", frames=1, people=1)
    with (folder / "det" / "det.txt").open("a") as file:
        file.write("1,-1,5,5,9,9,0.05\n1,-1,5,5,9,9,0.1\n")
    assert boxes(read_sequence(folder)).tolist() == [2]


def test_perfect_detections_are_the_pedestrians_that_count(tmp_path):
    folder = write_sequence(tmp_path / "A", frames=2, people=1)
    with (folder / "gt" / "gt.txt").open("a") as file:
        file.write("1,8,0,0,9,9,0,1,1\n1,9,0,0,9,9,1,3,1\n")
    one = perfect(read_sequence(folder))
    assert boxes(one).tolist() == [1, 1]
    assert one.found[0].score.tolist() == [1.0]


def test_truth_with_nine_columns_tells_classes_and_with_ten_does_not(tmp_path):
    assert sequence(tmp_path, "A").truth.classes
    assert not sequence(tmp_path, "B", classes=False).truth.classes


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("1,1,0,0,9,9,1,1,1", "3: its id is twice in one frame"),
        ("1,-1,0,0,9,9,1,1,1", "3: its id is not a number of 0..1000000"),
        ("1,3,0,0,9,9,1,14,1", "3: its class is not in 1..13"),
        ("1,3,0,0,9,9,1,1", "no lines, or not of one length"),
        ("1,3,0", "3: 3 values, not 8 or more"),
    ],
)
def test_truth_that_cannot_be_scored_is_refused_with_its_line(tmp_path, line, said):
    path = write_sequence(tmp_path / "A", frames=1) / "gt" / "gt.txt"
    with path.open("a") as file:
        file.write(f"{line}\n")
    with pytest.raises(MotFileError) as error:
        read_truth(path, "A")
    assert str(error.value).startswith(f"{path}:")
    assert said in str(error.value)


def test_a_sequence_without_truth_is_refused(tmp_path):
    folder = write_sequence(tmp_path / "A")
    (folder / "gt" / "gt.txt").write_text("")
    with pytest.raises(MotFileError, match="no lines"):
        read_sequence(folder)
