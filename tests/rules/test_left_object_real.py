"""On real recordings: nothing is told of people who walk and stand; what is left is."""

from functools import cache

import cv2
import numpy as np
import pytest

from benchmarks.pets import FPS, FRAMES, load
from benchmarks.result import SkipBenchmark
from benchmarks.sequences import read_truth
from edge.motchallenge import corners
from edge.picture import scaled
from edge.rules.left_object import LeftObject
from edge.rules.view import View
from edge.types import Frame, Tracks
from tests.rules.make_rules import built
from tests.rules.make_yard import WHOLE, put, said

pytestmark = pytest.mark.data
SMALL, SIZE = (360, 270), (768, 576)
NOBODY = np.zeros(0, np.int64)


@cache
def pets():
    """Of each frame the brightness, small, and the true boxes of people as tracks."""
    try:
        given = load()
    except SkipBenchmark as reason:
        pytest.skip(str(reason))
    table = read_truth(given.ground_truth, "PETS09-S2L1").table
    video, frames = cv2.VideoCapture(str(given.clip)), []
    for number in range(1, FRAMES + 1):
        _, image = video.read()
        luma = scaled(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), SMALL)
        frames.append((luma, people(table[table[:, 0] == number])))
    video.release()
    return frames


def people(rows):
    count, ids = len(rows), rows[:, 1].astype(np.int64)
    score, still = np.ones(count, np.float32), np.zeros((count, 2), np.float32)
    return Tracks(ids, corners(rows[:, 2:6]), score, np.zeros(count, np.int64), still, NOBODY)


class Small:
    """A picture of SIZE whose brightness was made already."""

    width, height = SIZE

    def __init__(self, luma):
        self._luma = luma

    def luma(self, width, height):
        assert (width, height) == SMALL
        return self._luma


def watched(*, edit=lambda luma, _pts: luma, fps=FPS, **options):
    rule, events = built(LeftObject, polygon=WHOLE, **{"after_s": 10.0} | options), []
    for index, (luma, seen) in enumerate(pets()):
        if index % round(FPS / fps):
            continue
        pts = index / FPS
        shown = Small(edit(luma, pts))
        events += rule.update(View(seen, Frame("pets", index, pts, pts, shown)))
    return events


@pytest.mark.parametrize("after_s", [5.0, 10.0, 30.0])
def test_people_who_walk_about_for_two_minutes_leave_nothing(after_s):
    assert watched(after_s=after_s) == []


@pytest.mark.parametrize(
    ("foot", "size", "since"),
    [((47, 101), (14, 12), 28.3), ((320, 81), (8, 8), 33.1), ((273, 261), (8, 8), 73.7)],
)
def test_what_is_left_where_somebody_walked_is_told_where_it_is(foot, size, since):
    """Put into the recording where one stands just then; people pass by it all the time."""

    def edit(luma, pts):
        return put(luma, foot, size).astype(np.uint8) if pts >= since else luma

    (event,) = watched(edit=edit)
    assert said([event]) == [("raised", "left_behind")]
    assert since + 10 < event.pts < since + 40
    (x, y), (width, height) = foot, size
    true = np.divide([x - width / 2, y - height, x + width / 2, y], [*SMALL, *SMALL])
    assert event.sighting.box == pytest.approx(true, abs=0.01)


def test_what_comes_by_itself_is_not_told():
    """Far from everybody, on the grass."""

    def edit(luma, pts):
        return put(luma, (90, 180), (14, 12)).astype(np.uint8) if pts >= 30 else luma

    assert watched(edit=edit) == []


@pytest.mark.parametrize("fps", [3.5, 1.0])
def test_at_a_low_rate_it_is_told_as_well(fps):
    def edit(luma, pts):
        return put(luma, (47, 101), (14, 12)).astype(np.uint8) if pts >= 28.3 else luma

    assert said(watched(edit=edit, fps=fps)) == [("raised", "left_behind")]
    assert watched(fps=fps) == []
