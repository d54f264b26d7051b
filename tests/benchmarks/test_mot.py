"""TrackEval on tracks that are easy to judge."""

import pytest

from benchmarks.mot import score

pytest.importorskip("trackeval", reason="comes with the extra `bench`")
PEOPLE = {1: 100.0, 2: 400.0}  # id -> x


def boxes(frames, *, ids=(1, 2)):
    return [(frame, i, PEOPLE[i] + frame, 50.0, 40.0, 100.0) for frame in frames for i in ids]


@pytest.fixture
def truth(tmp_path):
    path = tmp_path / "gt.txt"
    rows = (f"{f},{i},{x},{y},{w},{h},1,-1,-1,-1" for f, i, x, y, w, h in boxes(range(1, 11)))
    path.write_text("\n".join(rows) + "\n")
    return path


def test_the_truth_itself_is_perfect(truth):
    assert score(boxes(range(1, 11)), truth) == pytest.approx(
        {"hota": 100, "idf1": 100, "mota": 100}
    )


def test_missing_one_of_two_people_is_half_of_mota(truth):
    found = score(boxes(range(1, 11), ids=[1]), truth)
    assert found["mota"] == pytest.approx(50)
    assert found["idf1"] == pytest.approx(200 / 3)


def test_a_new_id_in_the_middle_costs_identity_but_hardly_mota(truth):
    tracks = [(f, i if f <= 5 else i + 10, *box) for f, i, *box in boxes(range(1, 11))]
    found = score(tracks, truth)
    assert found["mota"] == pytest.approx(90)  # two switches of 20 boxes
    assert found["idf1"] == pytest.approx(50)


def test_only_the_frames_that_were_analysed_are_scored(truth):
    assert score(boxes(range(1, 11, 3)), truth, every=3)["mota"] == pytest.approx(100)
    assert score(boxes(range(1, 11, 3)), truth)["mota"] == pytest.approx(40)


def test_no_track_at_all_is_nothing(truth):
    assert score([], truth) == {"hota": 0.0, "idf1": 0.0, "mota": 0.0}


@pytest.mark.data
def test_the_clips_own_truth_is_perfect(pets):
    rows = [line.split(",") for line in pets.ground_truth.read_text().splitlines()]
    tracks = [(int(f), int(i), *map(float, box[:4])) for f, i, *box in rows if box[4] == "1"]
    assert score(tracks, pets.ground_truth)["hota"] == pytest.approx(100)
