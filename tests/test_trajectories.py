"""Trajectories of a recording are whole: also what is told afterwards is where it belongs."""

import numpy as np
import pytest

from edge import trajectories
from edge.trajectories import NOBODY, followed
from edge.types import Past, Tracks
from tests.make import detections, tracks

FPS = 10


def walk(frames, *, every=1, gap=()):
    return [
        (index / FPS, detections([] if index in gap else [(20 + 3 * index, 50)]))
        for index in range(0, frames, every)
    ]


def by_id(found):
    return {
        one: sorted(found.frame[found.id == one].tolist()) for one in np.unique(found.id).tolist()
    }


class Script:
    """A tracker that says what it is told to."""

    def __init__(self, steps):
        self.steps = iter(steps)

    def open(self):
        return self

    def update(self, _found, _pts):
        return next(self.steps)

    def close(self):
        self.steps = None


@pytest.fixture
def says(monkeypatch):
    """Follow frames with a tracker that says these things."""

    def follow(*steps):
        monkeypatch.setattr(trajectories, "tracking_for", lambda _settings: Script(steps))
        return followed(walk(len(steps)))

    return follow


def step(feet, *, past=None, split=None):
    told = tracks(feet)
    columns = (told.id, told.xyxy, told.score, told.class_id, told.velocity, told.ended)
    boxes = {one: Past(np.array(pts), told.xyxy[:1].repeat(len(pts), 0)) for one, pts in past or []}
    return Tracks(*columns, past=boxes, split=split or {})


def test_somebody_who_walks_is_one_trajectory_from_the_first_frame_on():
    (frames,) = by_id(followed(walk(20))).values()
    assert frames == list(range(20))


def test_each_box_is_the_one_that_was_detected_in_its_frame():
    given, found = walk(20), followed(walk(20))
    for frame, box in zip(found.frame, found.xyxy, strict=True):
        assert box.tolist() == given[frame][1].xyxy[0].tolist()


def test_no_detections_are_no_trajectories():
    assert len(followed([])) == 0
    assert len(followed([(0.0, detections())])) == 0


def test_what_was_measured_before_the_id_is_put_into_its_frames(says):
    found = says(step({}), step({}), step({7: (9, 9)}, past=[(7, [0.0, 0.1])]))
    assert by_id(found) == {7: [0, 1, 2]}
    assert sorted(found.told.tolist()) == [NOBODY, NOBODY, 7]


def test_an_id_that_is_taken_back_is_another_object_since_its_last_link(says):
    found = says(
        step({1: (9, 9)}),
        step({}),
        step({1: (9, 9)}, past=[(1, [0.1])]),  # linked
        step({1: (9, 9), 2: (50, 9)}, past=[(1, [0.2])], split={1: 2}),
    )
    assert by_id(found) == {1: [0, 2, 3], 2: [1, 2, 3]}
    assert found.told[found.id == 2].tolist() == [NOBODY, 1, 2]
