"""What every tracker keeps, run over the room's table."""

import numpy as np
import pytest

from edge.track import TRACKERS
from edge.types import Detections
from tests.make import detections

FPS = 10


@pytest.fixture(params=TRACKERS)
def tracker(request):
    return lambda **options: TRACKERS[request.param](
        **({"score": 0.5, "confirm_s": 0.2, "lost_s": 1.0} | options)
    )


def play(one, frames, *, fps=FPS, start=0.0):
    """Each frame a list of feet, or Detections."""
    out = []
    for index, feet in enumerate(frames):
        found = feet if isinstance(feet, Detections) else detections(feet)
        out.append(one.update(found, start + index / fps))
    return out


def crowd(frames=30):
    return [[(20 + 3 * i, 60), (180 - 3 * i, 90), (100, 30 + i)] for i in range(frames)]


def as_rows(steps):
    return [(s.id.tolist(), s.xyxy.tolist(), s.class_id.tolist(), s.ended.tolist()) for s in steps]


def test_a_walker_keeps_one_id(tracker):
    steps = play(tracker(), [[(20 + 3 * i, 60)] for i in range(30)])
    assert {i for step in steps for i in step.id.tolist()} == {1}
    assert sum(len(step) for step in steps) >= 27


def test_a_box_is_the_measured_one(tracker):
    step = play(tracker(), [[(20 + 3 * i, 60)] for i in range(10)])[-1]
    assert step.xyxy.tolist() == detections([(47, 60)]).xyxy.tolist()


def test_a_ghost_of_one_frame_gets_no_id(tracker):
    steps = play(tracker(), [[], [(50, 50)], [], [], [(50, 50)], []])
    assert all(len(step) == 0 and len(step.ended) == 0 for step in steps)


def test_at_five_frames_a_second_a_walker_keeps_its_id(tracker):
    steps = play(tracker(), [[(10 + 5 * i, 60)] for i in range(20)], fps=5)
    assert {i for step in steps for i in step.id.tolist()} == {1}


def test_a_missed_object_keeps_its_id_within_its_time(tracker):
    feet = [[(20 + 3 * i, 60)] for i in range(30)]
    feet[12:18] = [[]] * 6
    steps = play(tracker(), feet)
    assert {i for step in steps for i in step.id.tolist()} == {1}


def test_weak_detections_keep_a_track_but_start_none(tracker):
    weak = [detections([(50 + i, 60)], score=0.2) for i in range(20)]
    assert all(len(step) == 0 for step in play(tracker(), weak))
    strong = [detections([(50 + i, 60)]) for i in range(10)]
    steps = play(tracker(), strong + weak[10:])
    assert steps[-1].id.tolist() == [1]


def test_an_id_ends_once_and_is_never_used_again(tracker):
    steps = play(tracker(), crowd(20) + [[]] * 30 + crowd(20) + [[]] * 30)
    ended = [i for step in steps for i in step.ended.tolist()]
    seen = {i for step in steps for i in step.id.tolist()}
    assert sorted(ended) == sorted(seen)
    assert len(seen) == 6


def test_ids_begin_where_they_are_told_to(tracker):
    one = tracker(first_id=41)
    steps = play(one, crowd(10))
    assert {i for step in steps for i in step.id.tolist()} == {41, 42, 43}
    assert one.next_id == 44


def test_same_input_same_output(tracker):
    assert as_rows(play(tracker(), crowd())) == as_rows(play(tracker(), crowd()))


def test_the_order_of_detections_is_irrelevant(tracker):
    turned = [list(reversed(feet)) for feet in crowd()]
    one = [sorted(map(tuple, s.xyxy.tolist())) for s in play(tracker(), crowd())]
    two = [sorted(map(tuple, s.xyxy.tolist())) for s in play(tracker(), turned)]
    assert one == two
    assert as_rows(play(tracker(), crowd())) == as_rows(play(tracker(), turned))


def test_a_shift_in_time_or_place_changes_nothing(tracker):
    plain = play(tracker(), crowd())
    later = play(tracker(), crowd(), start=1000.0)
    moved = play(tracker(), [[(x + 512, y + 256) for x, y in feet] for feet in crowd()])
    ids = [step.id.tolist() for step in plain]
    assert ids == [step.id.tolist() for step in later]
    assert ids == [step.id.tolist() for step in moved]


def test_frames_may_come_at_odd_times(tracker):
    one, ids, pts = tracker(), set(), 0.0
    for gap in [0.1, 0.1, 0.1, 0.3, 0.05, 0.5, 0.1, 0.2, 0.4]:
        pts += gap
        ids |= set(one.update(detections([(20 + 30 * pts, 60)]), pts).id.tolist())
    assert ids == {1}


def test_the_class_is_decided_by_all_sightings(tracker):
    one, frames = tracker(), []
    for index in range(12):
        odd = index == 6
        frames.append(detections([(50 + index, 60)], class_id=3 if odd else 1))
    assert {c for step in play(one, frames) for c in step.class_id.tolist()} == {1}


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_boxes_that_are_none_are_refused(tracker, bad):
    found = detections([(50, 50)])
    found.xyxy[0, 0] = bad
    with pytest.raises(ValueError, match="finite"):
        tracker().update(found, 0.0)


def test_a_box_without_area_is_refused(tracker):
    with pytest.raises(ValueError, match="area"):
        tracker().update(detections([(50, 50)], width=0), 0.0)


def test_hundreds_of_objects_are_kept_apart(tracker):
    places = [(30 * (i % 20), 40 * (i // 20) + 40) for i in range(200)]
    steps = play(tracker(), [[(x + t, y) for x, y in places] for t in range(8)])
    assert len(steps[-1]) == 200
    assert len({i for step in steps for i in step.id.tolist()}) == 200
