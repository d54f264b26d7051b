"""MOTChallenge's files: what is read, what is refused and in which words, what is written."""

import numpy as np
import pytest

from edge.errors import MotFileError
from edge.motchallenge import Line, read_detections, read_sequence_info, reserved, write_tracks

GOOD = "1,-1,10,20,30,60,0.9,-1,-1,-1\n"


def det(tmp_path, text):
    path = tmp_path / "det.txt"
    path.write_text(text) if isinstance(text, str) else path.write_bytes(text)
    return path


def info(tmp_path, text):
    path = tmp_path / "seqinfo.ini"
    path.write_text(text)
    return path


def test_a_line_is_a_person_with_corners(tmp_path):
    found = read_detections(det(tmp_path, GOOD))
    (one,) = found.frames.values()
    assert list(found.frames) == [1]
    assert one.xyxy.tolist() == [[10, 20, 40, 80]]
    assert one.score.tolist() == pytest.approx([0.9])
    assert one.class_id.tolist() == [0]


def test_frames_may_come_in_any_order_and_keep_the_order_of_their_lines(tmp_path):
    lines = ["3,-1,1,0,9,9,.5", "1,-1,2,0,9,9,.5", "3,-1,3,0,9,9,.5", ""]
    found = read_detections(det(tmp_path, "\r\n".join(lines)))
    assert {one: rows.xyxy[:, 0].tolist() for one, rows in found.frames.items()} == {
        1: [2],
        3: [1, 3],
    }
    assert found.last == 3


def test_the_class_is_the_eighth_value_and_what_is_not_watched_is_counted(tmp_path):
    text = "1,-1,0,0,9,9,.5,2\n1,-1,0,0,9,9,.5,16\n1,-1,0,0,9,9,.5,-1\n"
    found = read_detections(det(tmp_path, text))
    assert found.frames[1].class_id.tolist() == [2, 0]
    assert found.foreign == 1


@pytest.mark.parametrize("size", ["0,9", "9,0", "-4,9", "1e-9,9"])
def test_boxes_without_an_area_are_left_out_and_counted(tmp_path, size):
    found = read_detections(det(tmp_path, f"{GOOD}2,-1,5000,0,{size},0.9\n"))
    assert (list(found.frames), found.flat) == ([1], 1)


def test_scores_up_to_100_are_divided_when_told_so(tmp_path):
    path = det(tmp_path, "1,-1,0,0,9,9,80\n")
    assert read_detections(path, scale=100).frames[1].score.tolist() == pytest.approx([0.8])


def test_an_empty_file_is_nothing(tmp_path):
    found = read_detections(det(tmp_path, ""))
    assert (found.frames, found.last) == ({}, 0)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("1,-1,0,0,9,9", "6 values, not 7 or more; write frame,id,left,top,width,height,score"),
        ("1 -1 0 0 9 9 .5", "not numbers with commas between"),
        ("one,-1,0,0,9,9,.5", "not numbers with commas between"),
        ("1,-1,nan,0,9,9,.5", "a value is not finite; correct the line or leave it out"),
        ("1,-1,0,0,9,inf,.5", "a value is not finite"),
        ("1,-1,0,0,9,9,nan", "a value is not finite"),
        ("1,-1,0,0,1e9,9,.5", "a box reaches beyond 1e+06 pixels"),
        ("0,-1,0,0,9,9,.5", "0 is no frame number; count frames from 1"),
        ("1.5,-1,0,0,9,9,.5", "1.5 is no frame number"),
        ("99999999,-1,0,0,9,9,.5", "1e+08 is no frame number"),
        ("1,-1,0,0,9,9,43", "score 43 is not in 0..1; say --scale 100"),
        ("1,-1,0,0,9,9,-0.1", "score -0.1 is not in 0..1"),
    ],
)
def test_a_bad_line_is_one_sentence_with_its_number(tmp_path, line, said):
    path = det(tmp_path, f"{GOOD}\n{line}\n")
    with pytest.raises(MotFileError) as error:
        read_detections(path)
    assert str(error.value).startswith(f"{path}:3: {said}")
    assert len(str(error.value).splitlines()) == 1


def test_what_is_no_text_or_not_there_is_said(tmp_path):
    with pytest.raises(MotFileError, match="not a text file"):
        read_detections(det(tmp_path, b"\xff\xfe\x00"))
    with pytest.raises(MotFileError, match="can't be read: No such file"):
        read_detections(tmp_path / "none.txt")


def test_a_sequence_tells_its_rate_and_length(tmp_path):
    told = read_sequence_info(info(tmp_path, "[Sequence]\nname=A%1\nframeRate=30\nseqLength=9\n"))
    assert (told.name, told.fps, told.length) == ("A%1", 30.0, 9)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "frameRate=30\n",
        "[Sequence]\nseqLength=9\n",
        "[Sequence]\nframeRate=fast\n",
        "[Sequence]\nframeRate=0\n",
        "[Sequence]\nframeRate=nan\n",
        "[Sequence]\nframeRate=30\nseqLength=-1\n",
    ],
)
def test_a_sequence_without_a_rate_is_refused(tmp_path, text):
    path = info(tmp_path, text)
    with pytest.raises(MotFileError, match=f"^{path}: "):
        read_sequence_info(path)


def test_tracks_are_written_by_frame_then_id(tmp_path):
    box = (1.0, 2.0, 4.0, 8.5)
    path = tmp_path / "mot.txt"
    write_tracks(path, [Line(10, 1, box, 1.0), Line(9, 2, box, 0.5), Line(9, 1, box, 0.5)])
    assert path.read_text().splitlines() == [
        "9,1,1.00,2.00,3.00,6.50,0.5000,-1,-1,-1",
        "9,2,1.00,2.00,3.00,6.50,0.5000,-1,-1,-1",
        "10,1,1.00,2.00,3.00,6.50,1.0000,-1,-1,-1",
    ]


def test_what_was_written_is_read_again(tmp_path):
    box = np.array([10.25, 20.5, 40.75, 80.0])
    path = tmp_path / "mot.txt"
    write_tracks(path, [Line(4, 1, tuple(box.tolist()), 0.75)])
    found = read_detections(path)
    assert found.frames[4].xyxy.tolist() == [box.tolist()]
    assert found.frames[4].score.tolist() == [0.75]


def test_an_unfinished_file_is_not_there_and_the_old_one_still_is(tmp_path):
    path = tmp_path / "mot.txt"
    path.write_text("old")

    def fail():
        with reserved(path) as part:
            part.write_text("half")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert [one.name for one in tmp_path.iterdir()] == ["mot.txt"]
    assert path.read_text() == "old"


@pytest.mark.parametrize("where", ["none/mot.txt", ".", "file/mot.txt", "/"])
def test_what_cannot_be_written_is_said_before_anything_is_done(tmp_path, where):
    (tmp_path / "file").write_text("")
    path = tmp_path / where
    with pytest.raises(MotFileError, match=f"^{path}: can't be written: .*; check"), reserved(path):
        pytest.fail("it can't be written")
