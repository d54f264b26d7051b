"""Scores at every rate, goals, own sequences; what happens where something is absent."""

import sys
from functools import partial

import numpy as np
import pytest

from benchmarks import courses, ours, peers, track, walkers
from benchmarks.courses import MOT15, MOT17, TRUE, Course, own
from benchmarks.mot import Trails
from benchmarks.trackgoals import AT_ONCE, LEAST, UPDATE, goals
from edge.errors import MotFileError
from tests.benchmarks.make_result import result
from tests.benchmarks.make_sequence import sequence, write_sequence


def truth(sequence, *, until=None):
    """Trails that are the truth; from a frame on everybody has another id."""
    table, frames = sequence.truth.table, sequence.truth.frames
    ids = table[:, 1].astype(int)
    if until is not None:
        ids[table[:, 0] > until] += 100
    xyxy = np.hstack((table[:, 2:4], table[:, 2:4] + table[:, 4:6])).astype(np.float32)
    return Trails(np.searchsorted(frames, table[:, 0]), ids, xyxy)


def row(tracker, *, data=MOT17, fps="full", **values):
    return {"data": data, "fps": fps, "tracker": tracker, **values}


def costs(us):
    return dict.fromkeys(walkers.CROWDS, us)


def told(rows, **options):
    return {goal.name: (goal.value, goal.goal, goal.held) for goal in goals(rows, **options)}


@pytest.fixture
def trackeval():
    return pytest.importorskip("trackeval", reason="comes with the extra `bench`")


@pytest.mark.parametrize("classes", [True, False])
def test_the_truth_is_perfect_at_every_rate(tmp_path, trackeval, classes):
    course = Course("A", [sequence(tmp_path, fps=30, classes=classes)])
    found = list(track.rows(course, {"truth": truth}))
    assert [one["fps"] for one in found] == ["full", "8", "5"]
    for one in found:
        assert (one["hota"], one["idf1"], one["mota"]) == pytest.approx((100, 100, 100))
        assert (one["switches"], one["fragments"]) == (0, 0)


def test_new_ids_are_switches_and_cost_association_not_detection(tmp_path, trackeval):
    course = Course("A", [sequence(tmp_path, people=3)])
    one, *_ = track.rows(course, {"other": partial(truth, until=10)})
    assert one["switches"] == 3
    assert one["deta"] == pytest.approx(100)
    assert one["assa"] == pytest.approx(50)


def test_tuning_sequences_and_the_others_are_told_apart(tmp_path, trackeval):
    names = ("TUD-Campus", "KITTI-17")
    course = Course("A", [sequence(tmp_path, name) for name in names])

    def follow(one):
        return truth(one, until=10 if one.name == "KITTI-17" else None)

    one, *_ = track.rows(course, {"one": follow})
    assert one["idf1_tuning"] == pytest.approx(100)
    assert one["idf1_held_out"] == pytest.approx(50)
    assert one["idf1"] == pytest.approx(75)


def test_own_sequences_are_scored_without_goals_or_clock(tmp_path, trackeval, monkeypatch):
    monkeypatch.setattr(peers, "PEERS", {})
    monkeypatch.setattr(peers, "VARIANTS", {})
    write_sequence(tmp_path / "yard" / "A")
    write_sequence(tmp_path / "yard" / "B", classes=False)
    done = track.run(data=tmp_path / "yard")
    assert {one["data"] for one in done.rows} == {"yard"}
    assert {one["tracker"] for one in done.rows} == {ours.NAME, AT_ONCE}
    assert done.rows[0]["hota"] == pytest.approx(100)
    assert (done.goals, done.ratios) == ([], {})


def test_one_sequence_is_a_course_of_its_own(tmp_path):
    folder = write_sequence(tmp_path / "A")
    assert [one.name for one in own(folder).sequences] == ["A"]


def test_a_folder_without_sequences_is_refused(tmp_path):
    with pytest.raises(MotFileError, match=r"no seqinfo\.ini there or one folder below; give"):
        own(tmp_path)


def test_without_the_datasets_and_trackeval_there_is_a_reason(monkeypatch, tmp_path):
    monkeypatch.setenv("FENCELINE_DATA", str(tmp_path))
    done = result(rows=[])
    assert list(courses.known(done, quick=True)) == []
    assert all("set FENCELINE_DATA" in done.skipped[name] for name in (MOT17, MOT15))
    monkeypatch.setitem(sys.modules, "trackeval", None)
    monkeypatch.setattr(peers, "PEERS", {})
    monkeypatch.setattr(peers, "VARIANTS", {})
    done = track.run(data=write_sequence(tmp_path / "A"))
    assert "extra `bench`" in done.skipped["scores"]
    assert done.rows == []


def test_each_rate_has_its_least_scores():
    hota, idf1 = LEAST[MOT17, "8"]
    mine = row(ours.NAME, fps="8", hota=hota, idf1=idf1 - 0.1)
    assert told([mine]) == {
        "HOTA, MOT17, 8 fps": (hota, hota, True),
        "IDF1, MOT17, 8 fps": (idf1 - 0.1, idf1, False),
    }
    assert told([mine], absolute=False) == {}


def test_no_peer_may_be_better_but_our_own_other_row_may():
    rows = [
        row(ours.NAME, hota=60, idf1=70),
        row(AT_ONCE, hota=60, idf1=90),
        row("one", hota=60, idf1=70.5),
        row("other", hota=99, idf1=60),
    ]
    name = "IDF1, MOT17, full rate, no less than the best peer's (one)"
    assert told(rows, absolute=False) == {name: (70, 70.5, False)}


def test_half_of_byte_tracks_switches_are_allowed():
    rows = [row(ours.NAME, data=TRUE, switches=3), row(peers.BYTE, data=TRUE, switches=5)]
    name = f"id switches, {TRUE}, full rate, to half of ByteTrack's"
    assert told(rows) == {name: (3, 2.5, False)}
    assert told(rows[:1]) == {}


def test_costs_have_limits():
    mine = {"data": UPDATE, "tracker": ours.NAME, **costs(15.0)}
    assert {name: held for name, (*_, held) in told([mine]).items()} == {
        "us of an update, 20 people": True,
        "us of an update, 60 people": True,
        "us of an update, 64 cameras of 10": False,
    }
